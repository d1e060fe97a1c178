/* The pure rules of the room: the life cycle of channel payments, back-off, names of payees. */
#include "payment/payment.h"

#include "db_fixture.h"

/* EVIDENCE: REQ-PAY-02 */
static void test_payment_rules__all_states_and_events(void **state)
{
    (void)state;
    static const struct {
        enum payment_event event;
        struct payment_step open, open_sole, settled, rejected;
    } rows[] = {
#define WAIT {PAYMENT_PDNG, PAYMENT_WAIT}
#define END                                                                                        \
    {                                                                                              \
        PAYMENT_RJCT, PAYMENT_REJECT                                                               \
    }
#define BOOK                                                                                       \
    {                                                                                              \
        PAYMENT_ACSC, PAYMENT_SETTLE                                                               \
    }
        {PAYMENT_EVENT_ACCEPTED,
         BOOK,
         BOOK,
         {PAYMENT_ACSC, PAYMENT_NOTHING},
         {PAYMENT_RJCT, PAYMENT_SUSPENSE}},
        {PAYMENT_EVENT_REJECTED,
         END,
         END,
         {PAYMENT_ACSC, PAYMENT_ALERT},
         {PAYMENT_RJCT, PAYMENT_NOTHING}},
        {PAYMENT_EVENT_PENDING,
         WAIT,
         WAIT,
         {PAYMENT_ACSC, PAYMENT_NOTHING},
         {PAYMENT_RJCT, PAYMENT_NOTHING}},
        {PAYMENT_EVENT_UNKNOWN,
         WAIT,
         WAIT,
         {PAYMENT_ACSC, PAYMENT_NOTHING},
         {PAYMENT_RJCT, PAYMENT_NOTHING}},
        {PAYMENT_EVENT_NOT_SENT,
         WAIT,
         END,
         {PAYMENT_ACSC, PAYMENT_NOTHING},
         {PAYMENT_RJCT, PAYMENT_NOTHING}},
        {PAYMENT_EVENT_VOID,
         END,
         END,
         {PAYMENT_ACSC, PAYMENT_ALERT},
         {PAYMENT_RJCT, PAYMENT_NOTHING}},
    };
    assert_int_equal(PAYMENT_EVENT_COUNT, sizeof rows / sizeof rows[0]);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (int status = PAYMENT_RCVD; status <= PAYMENT_RJCT; status++) {
            for (int sole = 0; sole < 2; sole++) {
                struct payment_step step =
                    payment_next((enum payment_status)status, rows[i].event, sole);
                const struct payment_step *wanted = status == PAYMENT_ACSC   ? &rows[i].settled
                                                    : status == PAYMENT_RJCT ? &rows[i].rejected
                                                    : sole                   ? &rows[i].open_sole
                                                                             : &rows[i].open;
                assert_int_equal(wanted->status, step.status);
                assert_int_equal(wanted->action, step.action);
            }
        }
    }
}

static void test_payment_rules__ended_stays_ended(void **state)
{
    (void)state;
    for (int event = 1; event <= PAYMENT_EVENT_COUNT; event++) {
        for (int sole = 0; sole < 2; sole++) {
            assert_int_equal(PAYMENT_ACSC,
                             payment_next(PAYMENT_ACSC, (enum payment_event)event, sole).status);
            assert_int_equal(PAYMENT_RJCT,
                             payment_next(PAYMENT_RJCT, (enum payment_event)event, sole).status);
        }
    }
}

static void test_payment_rules__back_off(void **state)
{
    (void)state;
    static const int64_t known[] = {2, 5, 15, 60, 300, 900, 900};
    static const int64_t unknown[] = {5, 5, 15, 60, 300, 900, 900};
    for (int32_t i = 0; i < 7; i++) {
        assert_int_equal(7 + known[i] * 1000000, payment_next_query_at(7, i, true));
        assert_int_equal(7 + unknown[i] * 1000000, payment_next_query_at(7, i, false));
    }
    assert_int_equal(900000000, payment_next_query_at(0, INT32_MAX, true));
    assert_false(payment_may_query(1999999, 0, true));
    assert_true(payment_may_query(2000000, 0, true));
    assert_false(payment_may_query(4999999, 0, false));
    assert_true(payment_may_query(5000000, 0, false));
    assert_false(payment_may_query(0, PAYMENT_GRACE_US, false));
    assert_true(payment_may_query(0, PAYMENT_GRACE_US + 1, false));
    assert_true(payment_may_query(0, 3600 * INT64_C(1000000), true));
    assert_int_equal(PAYMENT_PAUSE_MAX_US, payment_next_query_at(0, INT32_MAX, true));
}

static void test_payment_rules__names_of_payees(void **state)
{
    (void)state;
    static const struct {
        const char *typed, *real;
        enum payee_match wanted;
    } rows[] = {
        {"林若溪", "林若溪", PAYEE_MATCH},
        {" 林 若溪 ", "林若溪", PAYEE_MATCH},
        {"阿凡提·买买提", "阿凡提买买提", PAYEE_MATCH},
        {"阿凡提•买买提", "阿凡提·买买提", PAYEE_MATCH},
        {"林若西", "林若溪", PAYEE_CLOSE_MATCH},
        {"林若", "林若溪", PAYEE_NO_MATCH},
        {"张三", "张四", PAYEE_NO_MATCH},
        {"张伟", "王伟", PAYEE_NO_MATCH},
        {"王若西", "林若溪", PAYEE_NO_MATCH},
        {"john smith", "John Smith", PAYEE_MATCH},
        {"ＪＯＨＮ　ＳＭＩＴＨ", "John Smith", PAYEE_MATCH},
        {"Smith John", "John Smith", PAYEE_CLOSE_MATCH},
        {"John Smyth", "John Smith", PAYEE_CLOSE_MATCH},
        {"Jhon Smith", "John Smith", PAYEE_CLOSE_MATCH},
        {"John Smit", "John Smith", PAYEE_CLOSE_MATCH},
        {"John Smithh", "John Smith", PAYEE_CLOSE_MATCH},
        {"Jon Smyth", "John Smith", PAYEE_NO_MATCH},
        {"STRASSE", "Straße", PAYEE_MATCH},
        {"José", "Jose\xcc\x81", PAYEE_MATCH},
        {"陳靜怡", "陈静怡", PAYEE_CLOSE_MATCH},
        {"Jose Maria", "José María", PAYEE_CLOSE_MATCH},
        {"Lukasz Ostergard", "Łukasz Østergård", PAYEE_CLOSE_MATCH},
        {"Ann Ali", "Anna Li", PAYEE_CLOSE_MATCH},
        {"AnnaLi", "Anna Li", PAYEE_CLOSE_MATCH},
        {"Mary Jane Li", "Mary-Jane Li", PAYEE_MATCH},
        {"O\u2019Neil Sean", "O'Neil Sean", PAYEE_MATCH},
        {"\u202E林若溪\u202C", "林若溪", PAYEE_MATCH},
        {"张\uF92C静", "张郎静", PAYEE_MATCH},
        {"古丽米热.艾比布力", "古丽米热·艾比布力", PAYEE_MATCH},
        {"艾比布力·古丽米热", "古丽米热·艾比布力", PAYEE_CLOSE_MATCH},
        {"Jose Mario", "José María", PAYEE_CLOSE_MATCH},
        {"Josa Mario", "José María", PAYEE_NO_MATCH},
        {"", "John", PAYEE_NO_MATCH},
        {"···", "John", PAYEE_NO_MATCH},
        {"\xff\xfe", "John", PAYEE_NO_MATCH},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (payee_compare(rows[i].typed, rows[i].real) != rows[i].wanted) {
            fail_msg("'%s' against '%s'", rows[i].typed, rows[i].real);
        }
        if (payee_compare(rows[i].real, rows[i].typed) != rows[i].wanted) {
            fail_msg("'%s' against '%s', turned round", rows[i].real, rows[i].typed);
        }
    }
}

static void test_payment_rules__names_of_values(void **state)
{
    (void)state;
    for (int i = PAYMENT_TRANSFER; i <= PAYMENT_WITHDRAWAL; i++) {
        enum payment_kind kind;
        assert_ok(payment_kind_parse(payment_kind_name((enum payment_kind)i), &kind));
        assert_int_equal(i, kind);
    }
    for (int i = PAYMENT_RCVD; i <= PAYMENT_RJCT; i++) {
        enum payment_status status;
        assert_ok(payment_status_parse(payment_status_name((enum payment_status)i), &status));
        assert_int_equal(i, status);
    }
    for (int i = ACTIVITY_TRANSFER; i <= ACTIVITY_OTHER; i++) {
        enum activity_kind kind;
        assert_ok(activity_kind_parse(activity_kind_name((enum activity_kind)i), &kind));
        assert_int_equal(i, kind);
    }
    enum payment_kind kind;
    assert_err(ERR_INVALID_FIELD, payment_kind_parse("topup", &kind));
    assert_null(payment_reason_text("", LANG_EN));
    assert_non_null(payment_reason_text("XX99", LANG_ZH));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_payment_rules__all_states_and_events),
        cmocka_unit_test(test_payment_rules__ended_stays_ended),
        cmocka_unit_test(test_payment_rules__back_off),
        cmocka_unit_test(test_payment_rules__names_of_payees),
        cmocka_unit_test(test_payment_rules__names_of_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
