/* Pure decisions of the customer room, as rows. EVIDENCE: REQ-KYC-01 */
#include "base/date.h"
#include "customer/customer_rules.h"
#include "customer/identity_rules.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define SECOND       INT64_C(1000000)

static void test_customer_rules__state_never_leaves_closed(void **state)
{
    (void)state;
    for (int from = CUSTOMER_ONBOARDING; from <= CUSTOMER_CLOSED; from++) {
        for (int to = CUSTOMER_ONBOARDING; to <= CUSTOMER_CLOSED; to++) {
            bool wanted = from != to && from != CUSTOMER_CLOSED && to != CUSTOMER_ONBOARDING &&
                          !(from == CUSTOMER_ONBOARDING && to == CUSTOMER_SUSPENDED);
            assert_int_equal(
                customer_state_may_become((enum customer_state)from, (enum customer_state)to),
                wanted);
        }
    }
}

static void test_customer_rules__limits_tries_in_each_window(void **state)
{
    (void)state;
    const struct retry_window windows[] = {
        {1, 60 * SECOND}, {3, 3600 * SECOND}, {5, 86400 * SECOND}};
    const int64_t now = 1000000 * SECOND;
    static const struct {
        const char *what;
        int64_t ages_s[6]; /* newest first, -1 ends */
        int64_t retry_s;   /* from now; 0: allowed */
    } rows[] = {
        {"first", {-1}, 0},
        {"a second ago", {1, -1}, 59},
        {"59 s ago", {59, -1}, 1},
        {"60 s ago", {60, -1}, 0},
        {"third in an hour", {60, 120, 3599, -1}, 1},
        {"third just left the hour", {60, 120, 3600, -1}, 0},
        {"two windows: the later counts", {10, 20, 30, -1}, 3570},
        {"fifth in a day", {4000, 8000, 12000, 16000, 86399, -1}, 1},
        {"fifth left the day", {4000, 8000, 12000, 16000, 86400, -1}, 0},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        int64_t newest[6], retry_at = -1;
        size_t count = 0;
        while (rows[i].ages_s[count] >= 0) {
            newest[count] = now - rows[i].ages_s[count] * SECOND;
            count++;
        }
        enum err err = customer_retry_decide(newest, count, windows, 3, now, &retry_at);
        if (err != (rows[i].retry_s ? ERR_TOO_MANY_REQUESTS : ERR_OK) ||
            retry_at != (rows[i].retry_s ? now + rows[i].retry_s * SECOND : 0)) {
            fail_msg("%s: %s, retry %lld", rows[i].what, err_slug(err),
                     (long long)((retry_at - now) / SECOND));
        }
    }
}

/* Three codes in the hour before a clock was set back by that hour: the day's count includes them. */
static void test_customer_rules__forgives_a_clock_that_steps_back(void **state)
{
    (void)state;
    const struct retry_window windows[] = {
        {1, 60 * SECOND}, {3, 3600 * SECOND}, {5, 86400 * SECOND}};
    const int64_t now = 1000000 * SECOND;
    int64_t newest[5] = {now + 3599 * SECOND, now + 3000 * SECOND, now + 1 * SECOND};
    int64_t retry_at = -1;
    assert_int_equal(customer_retry_decide(newest, 3, windows, 3, now, &retry_at), ERR_OK);
    newest[3] = now - 30 * SECOND; /* one of this hour counts as ever */
    assert_int_equal(customer_retry_decide(newest, 4, windows, 3, now, &retry_at),
                     ERR_TOO_MANY_REQUESTS);
    assert_int_equal(retry_at, now + 30 * SECOND);
    newest[3] = now + 1;
    newest[4] = now + 1; /* five in a day, all ahead: never longer than the window from now */
    assert_int_equal(customer_retry_decide(newest, 5, windows, 3, now, &retry_at),
                     ERR_TOO_MANY_REQUESTS);
    assert_int_equal(retry_at, now + 86400 * SECOND);
}

static void test_customer_rules__a_number_is_recycled_by_the_operators_word(void **state)
{
    (void)state;
    static const struct {
        bool was_confirmed, is_denied, wanted;
        int64_t unseen_days;
    } rows[] = {
        {true, true, true, 0},    {true, false, false, 365}, /* still theirs, or nobody can say */
        {false, true, false, 89},                            /* in a relative's name */
        {false, true, true, 90},  {false, false, false, 365},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        int64_t now = 1000 * DAY_US;
        struct phone_holder holder = {.was_confirmed = rows[i].was_confirmed,
                                      .last_seen_at = now - rows[i].unseen_days * DAY_US};
        assert_int_equal(phone_is_recycled(&holder, rows[i].is_denied, now), rows[i].wanted);
    }
}

static void test_customer_rules__judges_codes_in_order(void **state)
{
    (void)state;
    static const struct {
        struct code_facts facts;
        enum err wanted;
    } rows[] = {
        {{.is_found = true, .expires_at = 101, .matches = true}, ERR_OK},
        {{.is_found = true, .expires_at = 100, .matches = true}, ERR_CODE_EXPIRED},
        {{.is_found = true, .expires_at = 101, .matches = false}, ERR_CODE_WRONG},
        {{.is_found = true, .expires_at = 101, .tries = 4, .matches = true}, ERR_OK},
        {{.is_found = true, .expires_at = 101, .tries = 5, .matches = true}, ERR_CODE_EXHAUSTED},
        {{.is_found = true, .expires_at = 99, .tries = 5, .matches = true}, ERR_CODE_EXHAUSTED},
        {{.is_found = true, .is_used = true, .expires_at = 101, .matches = true}, ERR_CODE_EXPIRED},
        {{.is_found = false, .expires_at = 101, .matches = true}, ERR_CODE_EXPIRED},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_string_equal(err_slug(customer_code_decide(&rows[i].facts, 5, 100)),
                            err_slug(rows[i].wanted));
    }
}

static void test_customer_rules__locks_after_five(void **state)
{
    (void)state;
    struct failures failures = {0, 0};
    for (int left = 4; left >= 1; left--) {
        struct verdict verdict =
            customer_failures_decide(&failures, false, 5, 900, ERR_SIGN_IN_FAILED, 1000);
        assert_int_equal(verdict.refusal, ERR_SIGN_IN_FAILED);
        assert_int_equal(verdict.tries_left, left);
    }
    struct verdict verdict =
        customer_failures_decide(&failures, false, 5, 900, ERR_SIGN_IN_FAILED, 1000);
    assert_int_equal(verdict.refusal, ERR_SIGN_IN_LOCKED);
    assert_int_equal(verdict.retry_at, 1900);
    /* A right one does not open a lock, and does not lengthen it. */
    verdict = customer_failures_decide(&failures, true, 5, 900, ERR_SIGN_IN_FAILED, 1899);
    assert_int_equal(verdict.refusal, ERR_SIGN_IN_LOCKED);
    assert_int_equal(failures.locked_until, 1900);
    verdict = customer_failures_decide(&failures, true, 5, 900, ERR_SIGN_IN_FAILED, 1900);
    assert_int_equal(verdict.refusal, ERR_OK);
    /* Each lock in a row is twice as long, at most a day. */
    static const int64_t MINUTES[] = {15, 30, 60, 120, 240, 480, 960, 1440, 1440};
    int64_t at = 0;
    failures = (struct failures){0, 0};
    for (size_t i = 0; i < COUNT(MINUTES); i++) {
        for (int k = 0; k < 5; k++) {
            verdict =
                customer_failures_decide(&failures, false, 5, 900 * SECOND, ERR_SIGN_IN_FAILED, at);
            assert_int_equal(verdict.tries_left, 4 - k);
        }
        assert_int_equal(verdict.retry_at, at + MINUTES[i] * 60 * SECOND);
        at = verdict.retry_at;
    }
    /* A clock that is set back does not lock anybody for the years that it jumped. */
    failures = (struct failures){5, at + 86401 * SECOND};
    verdict = customer_failures_decide(&failures, true, 5, 900 * SECOND, ERR_SIGN_IN_FAILED, at);
    assert_int_equal(verdict.retry_at, at + 900 * SECOND);
    /* A right one forgets the wrong ones before it. */
    failures = (struct failures){4, 0};
    (void)customer_failures_decide(&failures, true, 5, 900, ERR_SIGN_IN_FAILED, 2000);
    assert_int_equal(failures.count, 0);
}

static void test_customer_rules__refuses_weak_pass_codes(void **state)
{
    (void)state;
    struct passcode_context context = {
        .phone = "+8619912837465", .id_number = "11010119900307847X", .has_birth_date = true};
    assert_int_equal(date_from_parts(1990, 3, 7, &context.birth_date), ERR_OK);
    static const char *const weak[] = {
        "111111", "000000", "112112", "121212", "123456", "654321", "890123", "210987", "135791",
        "246802", "123123", "484848", "112211", "777778", "147258", "138831", "448855", "903309",
        "521314", "142857", "246810", "520131", "168168", "199128", "128374", "837465", "900307",
        "199003", "030790", "070390", "030719", "071990", "110101", "307847",
    };
    static const char *const strong[] = {"283915", "905172", "604938", "770351", "138462"};
    static const char *const not_codes[] = {"",       "12345",  "1234567",          "12345a",
                                            " 83915", "-83915", "28391\xef\xbc\x95"};
    for (size_t i = 0; i < COUNT(weak); i++) {
        if (passcode_decide(weak[i], &context) != ERR_PASSCODE_WEAK) {
            fail_msg("%s is weak", weak[i]);
        }
    }
    for (size_t i = 0; i < COUNT(strong); i++) {
        if (passcode_decide(strong[i], &context) != ERR_OK) {
            fail_msg("%s is strong", strong[i]);
        }
    }
    for (size_t i = 0; i < COUNT(not_codes); i++) {
        assert_int_equal(passcode_decide(not_codes[i], &context), ERR_INVALID_FIELD);
    }
    /* Without knowledge of the person the same code passes. */
    assert_int_equal(passcode_decide("837465", &(struct passcode_context){0}), ERR_OK);
}

static void test_customer_rules__reads_names(void **state)
{
    (void)state;
    static const struct {
        const char *text, *wanted; /* NULL: refused */
    } rows[] = {
        {"林若溪", "林若溪"},
        {"  林若溪 ", "林若溪"},
        {"李明", "李明"},
        {"阿依古丽·买买提", "阿依古丽·买买提"},
        {"阿依古丽•买买提", "阿依古丽·买买提"},
        {"𠮷田", "𠮷田"},
        {"John Smith", "John Smith"},
        {"Mary-Jane O'Neil Jr.", "Mary-Jane O'Neil Jr."},
        {"José Núñez", "José Núñez"},
        {"Nguyễn", "Nguyễn"},
        {"林", NULL},
        {"", NULL},
        {"  ", NULL},
        {"林若溪2", NULL},
        {"John2", NULL},
        {"林Smith", NULL},
        {"·林若溪", NULL},
        {"林若溪·", NULL},
        {"林··溪", NULL},
        {"John  Smith", "John Smith"},
        {"-John", NULL},
        {"John-", NULL},
        {"林 若溪", "林若溪"}, /* alignment, as forms print it */
        {"<script>", NULL},
        {"John\nSmith", "John Smith"},
        {"林若\xE6", NULL},
        {"ааа", NULL},
        {"一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十"
         "一二三四五六七八九十一",
         NULL},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        char out[CUSTOMER_NAME_SIZE];
        enum err err = name_parse(rows[i].text, out);
        if (err != (rows[i].wanted ? ERR_OK : ERR_INVALID_FIELD) ||
            (rows[i].wanted && strcmp(out, rows[i].wanted) != 0)) {
            fail_msg("\"%s\": %s", rows[i].text, err_slug(err));
        }
    }
}

static void test_customer_rules__masks(void **state)
{
    (void)state;
    static const char *const names[][2] = {{"林若溪", "林**"},
                                           {"李明", "李*"},
                                           {"John Smith", "J*** S****"},
                                           {"Mary-J O'N", "M***-* O'*"},
                                           {"阿依·买", "阿*·*"}};
    char out[CUSTOMER_NAME_SIZE];
    for (size_t i = 0; i < COUNT(names); i++) {
        customer_mask_name(names[i][0], out);
        assert_string_equal(out, names[i][1]);
    }
    char phone[PHONE_TEXT_SIZE], number[ID_NUMBER_SIZE];
    phone_mask("+8613800000000", phone);
    assert_string_equal(phone, "+86138****0000");
    name_mask_id_number("11010119900307847X", number);
    assert_string_equal(number, "11**************7X");
}

static void test_customer_rules__cleans_device_names(void **state)
{
    (void)state;
    static const char *const rows[][2] = {{"iPhone 林", "iPhone 林"},
                                          {"", "?"},
                                          {"a\nb\x7f", "a b "},
                                          {"\xff\xfe", "?"},
                                          {"a\xc2\x85z", "a z"}};
    char out[DEVICE_NAME_SIZE];
    for (size_t i = 0; i < COUNT(rows); i++) {
        name_clean_device(rows[i][0], out);
        assert_string_equal(out, rows[i][1]);
    }
    char longest[4 * 60 + 1] = "";
    for (int i = 0; i < 60; i++) {
        strcat(longest, "林");
    }
    name_clean_device(longest, out);
    assert_int_equal(strlen(out), 3 * 40);
}

static void test_customer_rules__onboarding_follows_the_facts(void **state)
{
    (void)state;
    static const struct {
        struct onboarding_facts facts;
        const char *next;
        enum step_state face;
    } rows[] = {
        {{.phone_at = 1}, "consents", STEP_NOT_REQUIRED},
        {{.phone_at = 1, .consents_at = 2, .passcode_at = 3}, "identity", STEP_NOT_REQUIRED},
        {{.phone_at = 1, .identity_at = 2}, "consents", STEP_NOT_REQUIRED},
        {{.phone_at = 1, .identity_at = 2, .consents_at = 3}, "passCode", STEP_NOT_REQUIRED},
        {{1, 2, 3, 4, 0, false, {{0}, {0}, 0, {0}}}, "card", STEP_NOT_REQUIRED},
        {{1, 2, 3, 4, 5, false, {{0}, {0}, 0, {0}}}, "done", STEP_NOT_REQUIRED},
        {{1, 0, 3, 0, 0, true, {{0}, {0}, 0, {0}}}, "idPictures", STEP_TODO},
        {{1, 2, 3, 4, 0, true, {{0, 2, 0, 0}, {0}, 0, {0}}}, "face", STEP_TODO},
        {{1, 2, 3, 4, 0, true, {{0, 2, 3, 0}, {0}, 0, {0}}}, "face", STEP_REFUSED},
        {{1, 2, 3, 4, 0, true, {{0, 2, 1, 0}, {0}, 0, {0}}}, "place", STEP_REVIEW},
        {{1, 2, 3, 4, 0, true, {{0, 2, 2, 2}, {0}, 0, {0}}}, "card", STEP_DONE},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct onboarding onboarding = onboarding_of(&rows[i].facts);
        assert_string_equal(onboarding_step_name(onboarding.next), rows[i].next);
        assert_int_equal(onboarding.steps[STEP_FACE].state, rows[i].face);
        assert_int_equal(onboarding.waits, rows[i].face == STEP_REVIEW);
    }
}

/* --- Identity ------------------------------------------------------------------------------------ */

static struct regions *regions;

static int load_regions(void **state)
{
    (void)state;
    return regions_load("share/regions.tsv", &regions) == ERR_OK ? 0 : -1;
}

static int release_regions(void **state)
{
    (void)state;
    regions_release(regions);
    return 0;
}

static void number_of(const char *digits, char out[ID_NUMBER_SIZE])
{
    snprintf(out, ID_NUMBER_SIZE, "%s%c", digits, identifier_check_of(digits));
}

static void test_customer_identity__stops_at_the_first_failure(void **state)
{
    (void)state;
    static const struct {
        const char *name, *digits;  /* 17, the check character is added */
        enum identity_check failed; /* CHECK_REGISTRY: none before it */
    } rows[] = {
        {"林若溪", "11010119900307847", CHECK_REGISTRY},
        {"林2", "11010119900307847", CHECK_FORMAT},
        {"林若溪", "1101011990030784a", CHECK_FORMAT},
        {"林若溪", "99010119900307847", CHECK_REGION},
        {"林若溪", "11010119900230847", CHECK_BIRTH_DATE},
        {"林若溪", "11010120300101847", CHECK_BIRTH_DATE},
        {"林若溪", "11010120101122847", CHECK_AGE},
        {"林若溪", "11010120101121847", CHECK_REGISTRY},
    };
    struct date today;
    assert_int_equal(date_from_parts(2026, 11, 21, &today), ERR_OK);
    for (size_t i = 0; i < COUNT(rows); i++) {
        char number[ID_NUMBER_SIZE];
        struct identity_evidence evidence;
        if (strlen(rows[i].digits) != 17 || strspn(rows[i].digits, "0123456789") == 17) {
            number_of(rows[i].digits, number);
        } else {
            snprintf(number, sizeof(number), "%s0", rows[i].digits);
        }
        bool is_plausible =
            identity_decide(regions, rows[i].name, number, today, 16, 18, &evidence);
        assert_int_equal(is_plausible, rows[i].failed == CHECK_REGISTRY);
        assert_int_equal(evidence.count, is_plausible ? CHECK_AGE : rows[i].failed);
        struct check_outcome *last = &evidence.checks[evidence.count - 1];
        assert_int_equal(last->result, is_plausible ? CHECK_PASSED : CHECK_FAILED);
        assert_true(is_plausible == (last->reason_zh[0] == '\0'));
        assert_false(identity_is_proven(&evidence));
    }
}

static void test_customer_identity__knows_the_wrong_check_digit(void **state)
{
    (void)state;
    char number[ID_NUMBER_SIZE];
    struct identity_evidence evidence;
    struct date today;
    assert_int_equal(date_from_parts(2026, 11, 21, &today), ERR_OK);
    number_of("11010119900307847", number);
    number[17] = number[17] == '1' ? '2' : '1';
    assert_false(identity_decide(regions, "林若溪", number, today, 16, 18, &evidence));
    assert_int_equal(evidence.checks[evidence.count - 1].check, CHECK_CHECK_DIGIT);
    assert_true(evidence.number_refused);
    assert_false(evidence.name_refused);
}

static void test_customer_identity__takes_the_registry_at_its_word(void **state)
{
    (void)state;
    static const struct {
        enum registry_result result;
        bool is_proven, name_refused, number_refused;
    } rows[] = {{REGISTRY_MATCH, true, false, false},
                {REGISTRY_MISMATCH, false, true, false},
                {REGISTRY_NOT_FOUND, false, false, true},
                {REGISTRY_UNAVAILABLE, false, false, false}};
    struct date today;
    assert_int_equal(date_from_parts(2026, 11, 21, &today), ERR_OK);
    for (size_t i = 0; i < COUNT(rows); i++) {
        char number[ID_NUMBER_SIZE];
        struct identity_evidence evidence;
        number_of("11010120091121847", number);
        assert_true(identity_decide(regions, "林若溪", number, today, 16, 18, &evidence));
        assert_true(evidence.is_minor); /* 17 */
        identity_add_registry(&evidence, rows[i].result);
        assert_int_equal(identity_is_proven(&evidence), rows[i].is_proven);
        assert_int_equal(evidence.name_refused, rows[i].name_refused);
        assert_int_equal(evidence.number_refused, rows[i].number_refused);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_customer_rules__state_never_leaves_closed),
        cmocka_unit_test(test_customer_rules__limits_tries_in_each_window),
        cmocka_unit_test(test_customer_rules__forgives_a_clock_that_steps_back),
        cmocka_unit_test(test_customer_rules__a_number_is_recycled_by_the_operators_word),
        cmocka_unit_test(test_customer_rules__judges_codes_in_order),
        cmocka_unit_test(test_customer_rules__locks_after_five),
        cmocka_unit_test(test_customer_rules__refuses_weak_pass_codes),
        cmocka_unit_test(test_customer_rules__reads_names),
        cmocka_unit_test(test_customer_rules__masks),
        cmocka_unit_test(test_customer_rules__cleans_device_names),
        cmocka_unit_test(test_customer_rules__onboarding_follows_the_facts),
        cmocka_unit_test(test_customer_identity__stops_at_the_first_failure),
        cmocka_unit_test(test_customer_identity__knows_the_wrong_check_digit),
        cmocka_unit_test(test_customer_identity__takes_the_registry_at_its_word),
    };
    return cmocka_run_group_tests(tests, load_regions, release_regions);
}
