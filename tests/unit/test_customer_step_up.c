/* What an action asks for, by its risk: the table, row by row. EVIDENCE: REQ-KYC-03 */
#include "customer/security.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define P FACTOR_PASSCODE
#define F FACTOR_FACE
#define S FACTOR_STRONG

static void test_customer_step_up__asks_by_risk(void **state)
{
    (void)state;
    static const struct {
        enum step_up_action action;
        struct step_up_signals signals; /* face, strong, new, unknown */
        unsigned factors;
        unsigned reasons;
    } ROWS[] = {
        /* Nobody is asked for what they do not have. */
        {ACTION_CHANGE_PHONE, {false, false, true, false}, P, REASON_SENSITIVE},
        {ACTION_CHANGE_PHONE, {true, false, false, false}, P, REASON_SENSITIVE},
        {ACTION_CHANGE_PHONE,
         {true, false, true, false},
         P | F,
         REASON_SENSITIVE | REASON_NEW_DEVICE},
        {ACTION_CHANGE_PHONE,
         {true, false, false, true},
         P | F,
         REASON_SENSITIVE | REASON_UNKNOWN_DEVICE},
        {ACTION_CHANGE_PHONE,
         {false, true, false, false},
         P | S,
         REASON_SENSITIVE | REASON_STRONG_SET},
        {ACTION_CHANGE_PHONE,
         {true, true, true, false},
         P | F | S,
         REASON_SENSITIVE | REASON_STRONG_SET | REASON_NEW_DEVICE},
        {ACTION_CHANGE_PASSCODE, {true, true, true, false}, P, REASON_SENSITIVE},
        {ACTION_ADD_PASSKEY, {true, true, false, false}, P, REASON_SENSITIVE},
        {ACTION_ADD_PASSKEY,
         {true, true, true, false},
         P | F,
         REASON_SENSITIVE | REASON_NEW_DEVICE},
        {ACTION_REMOVE_PASSKEY,
         {true, true, false, true},
         P | F,
         REASON_SENSITIVE | REASON_UNKNOWN_DEVICE},
        {ACTION_ADD_TOTP, {false, false, true, false}, P, REASON_SENSITIVE},
        {ACTION_REMOVE_TOTP,
         {true, true, true, false},
         P | F,
         REASON_SENSITIVE | REASON_NEW_DEVICE},
        {ACTION_REMOVE_DEVICE, {true, true, true, false}, P, REASON_SENSITIVE},
        {ACTION_CLOSE_ACCOUNT,
         {true, true, false, true},
         P | S,
         REASON_SENSITIVE | REASON_STRONG_SET},
        {ACTION_CLOSE_ACCOUNT,
         {true, false, true, false},
         P | F,
         REASON_SENSITIVE | REASON_NEW_DEVICE},
        {ACTION_EXPORT_ALL, {true, false, false, true}, P, REASON_SENSITIVE},
        {ACTION_BIND_CARD, {true, true, true, false}, P, REASON_SENSITIVE},
        {ACTION_PAYMENT, {true, true, true, false}, P, REASON_SENSITIVE},
        {ACTION_PAYMENT_LARGE, {true, true, false, true}, P, REASON_SENSITIVE},
        /* Face or passkey: the passkey where there is one. */
        {ACTION_PAYMENT_LARGE,
         {true, false, true, false},
         P | F,
         REASON_SENSITIVE | REASON_NEW_DEVICE},
        {ACTION_PAYMENT_LARGE,
         {true, true, true, false},
         P | S,
         REASON_SENSITIVE | REASON_NEW_DEVICE},
        {ACTION_PAYMENT_LARGE, {false, false, true, false}, P, REASON_SENSITIVE},
    };
    for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
        struct step_up_needs needs = step_up_needs_of(ROWS[i].action, &ROWS[i].signals);
        if (needs.factors != ROWS[i].factors || needs.reasons != ROWS[i].reasons) {
            fail_msg("row %zu: factors %u, reasons %u", i, needs.factors, needs.reasons);
        }
    }
}

static void test_customer_step_up__counts_what_is_proven(void **state)
{
    (void)state;
    static const struct {
        struct principal who;
        unsigned missing;
    } ROWS[] = {
        {{.step_up_until = 0}, P | F | S},
        {{.step_up_until = 101}, F | S},
        {{.step_up_until = 100}, P | F | S}, /* until 100 is over at 100 */
        {{.face_until = 101}, P | S},
        {{.passkey_until = 101}, P | F},
        {{.totp_until = 101}, P | F},
        {{.step_up_until = 101, .face_until = 101, .totp_until = 101}, 0},
        {{.step_up_until = 101, .face_until = 100, .passkey_until = 100, .totp_until = 99}, F | S},
    };
    for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
        struct step_up_needs needs = {.factors = P | F | S};
        assert_int_equal(step_up_missing(&ROWS[i].who, needs, 100), ROWS[i].missing);
    }
    struct principal nobody = {0};
    assert_int_equal(step_up_missing(&nobody, (struct step_up_needs){.factors = P}, 100), P);
}

static void test_customer_step_up__names_go_both_ways(void **state)
{
    (void)state;
    enum step_up_action action;
    for (int i = ACTION_CHANGE_PHONE; i < STEP_UP_ACTION_COUNT; i++) {
        assert_int_equal(step_up_action_parse(step_up_action_name((enum step_up_action)i), &action),
                         ERR_OK);
        assert_int_equal(action, i);
    }
    assert_int_equal(step_up_action_parse("everything", &action), ERR_INVALID_FIELD);
    assert_string_equal(step_up_factor_name(FACTOR_STRONG), "passkeyOrTotp");
    for (int i = 0; i < STEP_UP_REASON_COUNT; i++) {
        enum step_up_reason reason = (enum step_up_reason)(1 << i);
        assert_true(strlen(step_up_reason_text(reason, LANG_ZH)) > 10);
        assert_true(strlen(step_up_reason_text(reason, LANG_EN)) > 10);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_customer_step_up__asks_by_risk),
        cmocka_unit_test(test_customer_step_up__counts_what_is_proven),
        cmocka_unit_test(test_customer_step_up__names_go_both_ways),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
