/* The pure rules of the room: life cycle, classes, limits at one fen on either side, cards. */
#include "account/account.h"
#include "account/account_store.h"
#include "account/card_store.h"

#include "db_fixture.h"

static void set_figure(struct catalogue_edition *edition, enum account_parameter parameter,
                       int64_t value)
{
    edition->settings[parameter].value = value; /* the first list, the only one */
}

static struct catalogue_edition edition(void)
{
    static const struct parameter_list *const lists[] = {&ACCOUNT_PARAMETER_LIST, NULL};
    struct catalogue_edition e = {.version = 3, .lists = lists};
    for (int i = 0; i < CATALOGUE_PARAMETERS_MAX; i++) {
        e.settings[i] = (struct catalogue_setting){
            .value = CATALOGUE_NO_LIMIT, .source_en = "law", .source_zh = "法规"};
    }
    set_figure(&e, PARAMETER_CLASS_II_OUTFLOW_DAY_MAX, 1000000);
    set_figure(&e, PARAMETER_CLASS_II_OUTFLOW_YEAR_MAX, 20000000);
    set_figure(&e, PARAMETER_CLASS_II_INFLOW_DAY_MAX, 1000000);
    set_figure(&e, PARAMETER_CLASS_II_INFLOW_YEAR_MAX, 20000000);
    set_figure(&e, PARAMETER_CLASS_III_OUTFLOW_DAY_MAX, 200000);
    set_figure(&e, PARAMETER_CLASS_III_OUTFLOW_YEAR_MAX, 5000000);
    set_figure(&e, PARAMETER_CLASS_III_INFLOW_DAY_MAX, 500000);
    set_figure(&e, PARAMETER_CLASS_III_INFLOW_YEAR_MAX, 10000000);
    set_figure(&e, PARAMETER_CLASS_III_BALANCE_MAX, 200000);
    set_figure(&e, PARAMETER_SMALL_PAYMENT_MAX, 20000);
    set_figure(&e, PARAMETER_SMALL_PAYMENT_DAY_MAX, 100000);
    set_figure(&e, PARAMETER_CARDS_MAX, 10);
    set_figure(&e, PARAMETER_PHASE_ONE, 0);
    return e;
}

/* EVIDENCE: REQ-KYC-04 */
static void test_account_rules__limits_hold_to_the_fen(void **state)
{
    (void)state;
    struct catalogue_edition e = edition();
    static const struct {
        enum account_class class;
        enum limit_kind kind;
        int64_t day_max, year_max; /* -1: none */
    } rows[] = {
        {ACCOUNT_CLASS_I, LIMIT_KIND_OUTFLOW, -1, -1},
        {ACCOUNT_CLASS_I, LIMIT_KIND_INFLOW, -1, -1},
        {ACCOUNT_CLASS_II, LIMIT_KIND_OUTFLOW, 1000000, 20000000},
        {ACCOUNT_CLASS_II, LIMIT_KIND_INFLOW, 1000000, 20000000},
        {ACCOUNT_CLASS_III, LIMIT_KIND_OUTFLOW, 200000, 5000000},
        {ACCOUNT_CLASS_III, LIMIT_KIND_INFLOW, 500000, 10000000},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (int64_t delta = -1; delta <= 1; delta++) {
            int64_t day_max = rows[i].day_max, year_max = rows[i].year_max;
            struct limit_report report = {0};
            struct limit_usage at_day = {
                .day_minor = (day_max < 0 ? INT64_MAX - 1 : day_max) + delta, .year_minor = 1};
            bool passed = day_max >= 0 && delta > 0;
            assert_err(passed ? ERR_LIMIT_EXCEEDED : ERR_OK,
                       limit_decide(&e, rows[i].class, rows[i].kind, &at_day, 10, &report));
            if (passed) {
                bool out = rows[i].kind == LIMIT_KIND_OUTFLOW;
                assert_int_equal(report.name,
                                 out ? LIMIT_OUTFLOW_NON_BOUND_DAY : LIMIT_INFLOW_NON_BOUND_DAY);
                assert_int_equal(report.max_minor, day_max);
                assert_int_equal(report.used_minor, day_max + 1 - 10);
                assert_int_equal(report.left_minor, 9);
                assert_int_equal(report.rule_version, 3);
            }
            struct limit_usage at_year = {
                .day_minor = 1, .year_minor = (year_max < 0 ? INT64_MAX - 1 : year_max) + delta};
            assert_err(year_max >= 0 && delta > 0 ? ERR_LIMIT_EXCEEDED : ERR_OK,
                       limit_decide(&e, rows[i].class, rows[i].kind, &at_year, 10, &report));
        }
    }
}

static void test_account_rules__day_comes_before_year(void **state)
{
    (void)state;
    struct catalogue_edition e = edition();
    struct limit_report report;
    struct limit_usage both = {.day_minor = 1000001, .year_minor = 20000001};
    assert_err(ERR_LIMIT_EXCEEDED,
               limit_decide(&e, ACCOUNT_CLASS_II, LIMIT_KIND_OUTFLOW, &both, 1, &report));
    assert_string_equal("outflowNonBoundDay", limit_name(report.name));
}

static void test_account_rules__balance_cap_is_class_three_alone(void **state)
{
    (void)state;
    struct catalogue_edition e = edition();
    struct limit_report report;
    assert_ok(limit_decide_balance(&e, ACCOUNT_CLASS_I, INT64_MAX, 1, &report));
    assert_ok(limit_decide_balance(&e, ACCOUNT_CLASS_II, INT64_MAX, 1, &report));
    assert_ok(limit_decide_balance(&e, ACCOUNT_CLASS_III, 199999, 1, &report));
    assert_ok(limit_decide_balance(&e, ACCOUNT_CLASS_III, 200000, 1, &report));
    assert_err(ERR_LIMIT_EXCEEDED, limit_decide_balance(&e, ACCOUNT_CLASS_III, 200001, 1, &report));
    assert_int_equal(report.left_minor, 0);
    assert_string_equal("balanceMax", limit_name(report.name));
}

static void test_account_rules__small_payment_at_its_edges(void **state)
{
    (void)state;
    struct catalogue_edition e = edition();
    static const struct {
        int64_t amount, day_after;
        bool small;
    } rows[] = {{1, 1, true},           {19999, 19999, true}, {20000, 20000, true},
                {20001, 20001, false},  {20000, 99999, true}, {20000, 100000, true},
                {20000, 100001, false}, {1, 100001, false},   {20001, 100001, false}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(rows[i].small, limit_is_small(&e, rows[i].amount, rows[i].day_after));
    }
}

static void test_account_rules__top_up_at_the_agreements_edges(void **state)
{
    (void)state;
    struct catalogue_edition e = edition();
    struct limit_report report;
    struct limit_usage usage = {.day_minor = 20000000};
    assert_ok(limit_decide_top_up(&e, 5000000, 20000000, &usage, 5000000, &report));
    assert_err(ERR_LIMIT_EXCEEDED,
               limit_decide_top_up(&e, 5000000, 20000000, &usage, 5000001, &report));
    assert_string_equal("topUpPayment", limit_name(report.name));
    usage.day_minor = 20000001;
    assert_err(ERR_LIMIT_EXCEEDED,
               limit_decide_top_up(&e, 5000000, 20000000, &usage, 100, &report));
    assert_string_equal("topUpDay", limit_name(report.name));
    assert_int_equal(report.left_minor, 99);
}

static void test_account_rules__life_cycle_of_all_pairs(void **state)
{
    (void)state;
    static const struct {
        enum account_state from;
        enum account_event event;
        enum account_state to; /* 0: refused */
    } rows[] = {
        {ACCOUNT_ACTIVE, ACCOUNT_FREEZE, ACCOUNT_FROZEN},
        {ACCOUNT_ACTIVE, ACCOUNT_UNFREEZE, 0},
        {ACCOUNT_ACTIVE, ACCOUNT_CLOSE, ACCOUNT_CLOSED},
        {ACCOUNT_FROZEN, ACCOUNT_FREEZE, 0},
        {ACCOUNT_FROZEN, ACCOUNT_UNFREEZE, ACCOUNT_ACTIVE},
        {ACCOUNT_FROZEN, ACCOUNT_CLOSE, 0},
        {ACCOUNT_CLOSED, ACCOUNT_FREEZE, 0},
        {ACCOUNT_CLOSED, ACCOUNT_UNFREEZE, 0},
        {ACCOUNT_CLOSED, ACCOUNT_CLOSE, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        enum account_state to = 0;
        assert_err(rows[i].to ? ERR_OK : ERR_ACCOUNT_STATE,
                   account_next_state(rows[i].from, rows[i].event, &to));
        assert_int_equal(rows[i].to, to);
    }
    assert_ok(account_decide_debit(ACCOUNT_ACTIVE));
    assert_err(ERR_ACCOUNT_NOT_ACTIVE, account_decide_debit(ACCOUNT_FROZEN));
    assert_err(ERR_ACCOUNT_NOT_ACTIVE, account_decide_debit(ACCOUNT_CLOSED));
    assert_ok(account_decide_credit(ACCOUNT_FROZEN));
    assert_err(ERR_ACCOUNT_NOT_ACTIVE, account_decide_credit(ACCOUNT_CLOSED));
}

static void test_account_rules__phase_one_keeps_money_with_its_owner(void **state)
{
    (void)state;
    struct catalogue_edition e = edition();
    assert_ok(account_decide_class(&e, false));
    set_figure(&e, PARAMETER_PHASE_ONE, 1);
    assert_ok(account_decide_class(&e, true));
    assert_err(ERR_CLASS_REFUSED, account_decide_class(&e, false));
}

static void test_account_rules__number_has_a_check_digit(void **state)
{
    (void)state;
    char number[ACCOUNT_NUMBER_SIZE], masked[ACCOUNT_NUMBER_SIZE];
    for (uint64_t seed = 1; seed < 2000; seed += 7) {
        account_number_make(seed * UINT64_C(0x9e3779b97f4a7c15), number);
        assert_true(account_number_is_valid(number));
        for (int i = 4; i < 16; i++) {
            char kept = number[i];
            number[i] = kept == '9' ? '0' : (char)(kept + 1);
            assert_false(account_number_is_valid(number));
            number[i] = kept;
        }
    }
    account_mask_number(number, masked);
    assert_memory_equal(masked, "8812********", 12);
    assert_memory_equal(masked + 12, number + 12, 5);
    assert_false(account_number_is_valid("8812"));
    assert_false(account_number_is_valid("88120000000000000"));
    assert_false(account_number_is_valid("881200000000000x"));
}

static void test_account_rules__card_refusals_in_order(void **state)
{
    (void)state;
    struct catalogue_edition e = edition();
    struct card_facts facts = {0};
    assert_ok(card_decide_binding(&e, CARD_DEBIT, &facts));
    facts.bound_count = 9;
    assert_ok(card_decide_binding(&e, CARD_DEBIT, &facts));
    facts.bound_count = 10;
    assert_err(ERR_CARD_COUNT, card_decide_binding(&e, CARD_DEBIT, &facts));
    facts.has_account = true;
    assert_err(ERR_FACE_CHECK_REQUIRED, card_decide_binding(&e, CARD_DEBIT, &facts));
    facts.bound_elsewhere = true;
    assert_err(ERR_CARD_TAKEN, card_decide_binding(&e, CARD_DEBIT, &facts));
    facts.bound_here = true;
    assert_err(ERR_CARD_BOUND, card_decide_binding(&e, CARD_DEBIT, &facts));
    assert_err(ERR_CARD_KIND_REFUSED, card_decide_binding(&e, CARD_CREDIT, &facts));
    facts = (struct card_facts){.has_account = true, .known = true};
    assert_ok(card_decide_binding(&e, CARD_DEBIT, &facts));
}

static void test_account_rules__confirmation_answers(void **state)
{
    (void)state;
    static const struct {
        struct card_answer answer;
        enum err wanted;
        int32_t tries_left;
    } rows[] = {
        {{.kind = CARD_ANSWER_OK, .account_class = "I"}, ERR_OK, 3},
        {{.kind = CARD_ANSWER_OK, .account_class = "II"}, ERR_CARD_CLASS_REFUSED, 3},
        {{.kind = CARD_ANSWER_OK, .account_class = "credit"}, ERR_CARD_KIND_REFUSED, 3},
        {{.kind = CARD_ANSWER_OK, .account_class = ""}, ERR_CARD_CLASS_REFUSED, 3},
        {{.kind = CARD_ANSWER_UNAVAILABLE}, ERR_UNAVAILABLE, 3},
        {{.kind = CARD_ANSWER_REFUSED, .code = "codeWrong", .tries_left = 2}, ERR_CODE_WRONG, 2},
        {{.kind = CARD_ANSWER_REFUSED, .code = "codeWrong", .tries_left = -1}, ERR_CODE_WRONG, 2},
        {{.kind = CARD_ANSWER_REFUSED, .code = "codeWrong", .tries_left = 0},
         ERR_CODE_EXHAUSTED,
         0},
        {{.kind = CARD_ANSWER_REFUSED, .code = "codeExhausted"}, ERR_CODE_EXHAUSTED, 0},
        {{.kind = CARD_ANSWER_REFUSED, .code = "codeExpired"}, ERR_CODE_EXPIRED, 3},
        {{.kind = CARD_ANSWER_REFUSED, .code = "signingUnknown"}, ERR_CODE_EXPIRED, 3},
        {{.kind = CARD_ANSWER_REFUSED, .code = "nonsense"}, ERR_CARD_REFUSED, 3},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int32_t tries = -9;
        assert_err(rows[i].wanted, card_decide_confirmation(&rows[i].answer, 3, &tries));
        assert_int_equal(rows[i].tries_left, tries);
    }
}

static void test_account_rules__interest_text(void **state)
{
    (void)state;
    char text[INTEREST_TEXT_SIZE];
    interest_format(1234567, text);
    assert_string_equal("0.012345", text);
    interest_format(0, text);
    assert_string_equal("0.000000", text);
    interest_format(-400000, text);
    assert_string_equal("-0.004000", text);
    interest_format(INT64_C(12345678900000), text);
    assert_string_equal("123456.789000", text);
}

static void test_account_rules__pan_mask(void **state)
{
    (void)state;
    char masked[CARD_PAN_SIZE];
    card_mask_pan("6228480000000000018", masked);
    assert_string_equal("622848*********0018", masked);
    card_mask_pan("6228481234567890", masked);
    assert_string_equal("622848******7890", masked);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_account_rules__limits_hold_to_the_fen),
        cmocka_unit_test(test_account_rules__day_comes_before_year),
        cmocka_unit_test(test_account_rules__balance_cap_is_class_three_alone),
        cmocka_unit_test(test_account_rules__small_payment_at_its_edges),
        cmocka_unit_test(test_account_rules__top_up_at_the_agreements_edges),
        cmocka_unit_test(test_account_rules__life_cycle_of_all_pairs),
        cmocka_unit_test(test_account_rules__phase_one_keeps_money_with_its_owner),
        cmocka_unit_test(test_account_rules__number_has_a_check_digit),
        cmocka_unit_test(test_account_rules__card_refusals_in_order),
        cmocka_unit_test(test_account_rules__confirmation_answers),
        cmocka_unit_test(test_account_rules__interest_text),
        cmocka_unit_test(test_account_rules__pan_mask),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
