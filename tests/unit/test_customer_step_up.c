/* The factors required by an action, by the basis of the proof: the table, row by row.
 * EVIDENCE: REQ-KYC-03 */
#include "customer/security.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define P FACTOR_PASSCODE
#define F FACTOR_FACE
#define K FACTOR_PASSKEY
#define T FACTOR_TOTP

/* Signals: what the customer has, then what is odd. */
#define HAS(face, passkey, totp) .has_face = face, .has_passkey = passkey, .has_totp = totp
#define NEW                      .device_is_new = true
#define UNKNOWN                  .device_is_unknown = true
#define DERIVED                  .passcode_is_derived = true
#define LIMITED                  .session_is_limited = true

static void test_customer_step_up__asks_by_risk(void **state)
{
    (void)state;
    static const struct {
        enum step_up_action action;
        struct step_up_signals signals;
        unsigned factors, any, reasons; /* reasons beside REASON_SENSITIVE */
    } ROWS[] = {
        /* A session based on a text code reads no data. */
        {ACTION_VIEW, {NEW}, 0, 0, 0},
        {ACTION_VIEW, {LIMITED}, P, 0, 0},
        {ACTION_VIEW, {LIMITED, DERIVED}, 0, F, REASON_PASSCODE_RESET},
        {ACTION_VIEW, {HAS(true, true, true), LIMITED, DERIVED}, 0, F | K, REASON_PASSCODE_RESET},
        /* The pass code is enough on a known device, and for urgent actions. */
        {ACTION_PAYMENT, {HAS(true, true, true), NEW}, P, 0, 0},
        {ACTION_REMOVE_DEVICE, {HAS(true, true, true), NEW}, P, 0, 0},
        {ACTION_CHANGE_PASSCODE, {HAS(true, true, true), UNKNOWN}, P, 0, 0},
        {ACTION_BIND_CARD, {HAS(true, true, true), NEW}, P, 0, 0},
        {ACTION_PAYMENT_LARGE, {HAS(true, true, true)}, P, 0, 0},
        {ACTION_PAYMENT_LARGE, {HAS(true, false, false), NEW}, P, F, REASON_NEW_DEVICE},
        {ACTION_PAYMENT_LARGE, {HAS(true, true, true), NEW}, P, F | K | T, REASON_NEW_DEVICE},
        {ACTION_PAYMENT_LARGE, {HAS(false, false, false), NEW}, P, 0, 0},
        /* Without a device key the device is new. */
        {ACTION_PAYMENT_LARGE, {HAS(true, false, false), UNKNOWN}, P, F, REASON_UNKNOWN_DEVICE},
        {ACTION_EXPORT_ALL, {HAS(true, false, false), UNKNOWN}, P, F, REASON_UNKNOWN_DEVICE},
        {ACTION_CLOSE_ACCOUNT, {HAS(true, false, false)}, P, 0, 0},
        {ACTION_CLOSE_ACCOUNT, {HAS(true, false, true)}, P, F | T, REASON_STRONG_SET},
        {ACTION_REMOVE_FACE, {HAS(true, true, false)}, P, 0, 0},
        {ACTION_REMOVE_FACE, {HAS(true, true, false), NEW}, P, F | K, REASON_NEW_DEVICE},
        /* A factor is added or removed with an equally strong one, on every device. */
        {ACTION_ADD_PASSKEY, {HAS(false, false, false)}, P, 0, 0},
        {ACTION_ADD_PASSKEY, {HAS(true, false, true)}, P, F, REASON_FACTOR},
        {ACTION_ADD_PASSKEY, {HAS(false, false, true)}, P, T, REASON_FACTOR},
        {ACTION_ADD_TOTP, {HAS(true, true, false)}, P, F | K, REASON_FACTOR},
        {ACTION_CHANGE_PHONE, {HAS(true, false, false)}, P, F, REASON_FACTOR},
        {ACTION_CHANGE_PHONE, {HAS(true, true, true), NEW}, P, F | K, REASON_FACTOR},
        {ACTION_REMOVE_PASSKEY, {HAS(false, true, true)}, P, F | K, REASON_FACTOR},
        {ACTION_REMOVE_TOTP, {HAS(false, false, true)}, P, F | T, REASON_FACTOR},
        {ACTION_COMPANY_ALONE, {HAS(true, false, false)}, P, F, REASON_FACTOR},
        {ACTION_COMPANY_USERS, {HAS(true, false, false)}, P, 0, 0},
        {ACTION_COMPANY_APPROVE, {HAS(true, true, false)}, P, F | K, REASON_STRONG_SET},
        /* A pass code made by a text code: a factor that existed before is needed for every action. A
         * time code may be on the same phone. */
        {ACTION_PAYMENT, {HAS(true, false, true), DERIVED}, P, F, REASON_PASSCODE_RESET},
        {ACTION_PAYMENT, {HAS(true, true, true), DERIVED}, P, F | K, REASON_PASSCODE_RESET},
        {ACTION_PAYMENT, {HAS(false, false, true), DERIVED}, P, F, REASON_PASSCODE_RESET},
        {ACTION_REMOVE_DEVICE, {HAS(false, false, false), DERIVED}, P, F, REASON_PASSCODE_RESET},
        {ACTION_REMOVE_TOTP,
         {HAS(false, false, true), DERIVED},
         P,
         F,
         REASON_FACTOR | REASON_PASSCODE_RESET},
        {ACTION_ADD_PASSKEY,
         {HAS(false, false, true), DERIVED},
         P,
         F,
         REASON_FACTOR | REASON_PASSCODE_RESET},
    };
    for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
        struct step_up_needs needs = step_up_needs_of(ROWS[i].action, &ROWS[i].signals);
        unsigned reasons = needs.reasons & ~(unsigned)REASON_SENSITIVE;
        if (needs.factors != ROWS[i].factors || needs.any != ROWS[i].any ||
            reasons != ROWS[i].reasons) {
            fail_msg("row %zu: factors %u, any of %u, reasons %u", i, needs.factors, needs.any,
                     needs.reasons);
        }
    }
}

static void test_customer_step_up__counts_what_is_proven(void **state)
{
    (void)state;
    static const struct {
        struct principal who;
        unsigned missing, any;
    } ROWS[] = {
        {{.step_up_until = 0}, P, F | K},
        {{.step_up_until = 101}, 0, F | K},
        {{.step_up_until = 100}, P, F | K}, /* until 100 is over at 100 */
        {{.face_until = 101}, P, 0},
        {{.passkey_until = 101}, P, 0},
        {{.totp_until = 101}, P, F | K}, /* none of those that are asked for */
        {{.step_up_until = 101, .face_until = 101}, 0, 0},
        {{.step_up_until = 101, .face_until = 100, .passkey_until = 100}, 0, F | K},
    };
    for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
        struct step_up_needs needs = {.factors = P, .any = F | K};
        struct step_up_missing missing = step_up_missing(&ROWS[i].who, needs, 100);
        assert_int_equal(missing.factors, ROWS[i].missing);
        assert_int_equal(missing.any, ROWS[i].any);
    }
}

static void test_customer_step_up__names_go_both_ways(void **state)
{
    (void)state;
    enum step_up_action action;
    for (int i = ACTION_VIEW; i < STEP_UP_ACTION_COUNT; i++) {
        assert_int_equal(step_up_action_parse(step_up_action_name((enum step_up_action)i), &action),
                         ERR_OK);
        assert_int_equal(action, i);
    }
    assert_int_equal(step_up_action_parse("everything", &action), ERR_INVALID_FIELD);
    for (int i = 0; i < STEP_UP_REASON_COUNT; i++) {
        enum step_up_reason reason = (enum step_up_reason)(1 << i);
        assert_true(strlen(step_up_reason_name(reason)) > 3);
        assert_true(strlen(step_up_reason_text(reason, LANG_ZH)) > 10);
        assert_true(strlen(step_up_reason_text(reason, LANG_EN)) > 10);
    }
}

/* --- Every path of somebody who should not be here ------------------------------------------------
 * A search over all that an attacker can hold. What is held: means outside of the bank (the number, the
 * phone, the pass code as the owner set it, a time code, a live session), and what the bank gives for them.
 * The moves are those of the routes, each asking the table above. */

enum {
    HOLDS_NUMBER = 1,   /* text codes arrive here */
    HOLDS_PHONE = 2,    /* with the key of a known device */
    HOLDS_PASSCODE = 4, /* the owner's */
    HOLDS_TOTP = 8,     /* the authenticator app of the stolen phone */
    HOLDS_PASSKEY = 16, /* one added by the attacker, or the owner's with its user verification */
    HOLDS_FACE = 32,
    IN_LIMITED = 64,       /* a session that rests on a text code */
    IN_FULL = 128,         /* any other session */
    PASSCODE_DERIVED = 256 /* the pass code that stands was set by a text code, and is known */
};

static bool passes(unsigned held, enum step_up_action action, struct step_up_signals signals)
{
    struct principal who = {0};
    signals.passcode_is_derived = (held & PASSCODE_DERIVED) != 0;
    signals.session_is_limited = (held & IN_FULL) == 0;
    signals.device_is_new = (held & HOLDS_PHONE) == 0;
    who.step_up_until = held & (HOLDS_PASSCODE | PASSCODE_DERIVED) ? 2 : 0;
    who.face_until = held & HOLDS_FACE ? 2 : 0;
    who.passkey_until = held & HOLDS_PASSKEY ? 2 : 0;
    who.totp_until = held & HOLDS_TOTP ? 2 : 0;
    struct step_up_missing missing = step_up_missing(&who, step_up_needs_of(action, &signals), 1);
    return (held & (IN_LIMITED | IN_FULL)) != 0 && (missing.factors | missing.any) == 0;
}

/* All that can be held next. */
static unsigned move(unsigned held, struct step_up_signals signals)
{
    unsigned next = held;
    bool knows = (held & (HOLDS_PASSCODE | PASSCODE_DERIVED)) != 0;
    bool can_sign_in = knows && (held & (HOLDS_NUMBER | HOLDS_PHONE)) != 0;
    if (can_sign_in) { /* pass code and known device, or pass code and text code */
        next |= held & PASSCODE_DERIVED ? IN_LIMITED : IN_FULL;
    }
    if (held & HOLDS_NUMBER) { /* reset code: a session, and a pass code made from it */
        next |= IN_LIMITED | PASSCODE_DERIVED;
        next &= ~(unsigned)HOLDS_PASSCODE; /* the owner's is gone with it */
    }
    if (passes(held, ACTION_VIEW, signals) || held & HOLDS_FACE ||
        (held & HOLDS_PASSKEY && held & IN_LIMITED)) {
        next |= held & (IN_LIMITED | IN_FULL) ? IN_FULL : 0U;
    }
    if (held & (HOLDS_FACE | HOLDS_PASSKEY) && held & PASSCODE_DERIVED) {
        next = (next | HOLDS_PASSCODE) & ~(unsigned)PASSCODE_DERIVED; /* vouched for */
    }
    if (passes(held, ACTION_ADD_PASSKEY, signals)) {
        next |= HOLDS_PASSKEY;
    }
    if (passes(held, ACTION_ADD_TOTP, signals)) {
        next |= HOLDS_TOTP;
    }
    if (passes(held, ACTION_CHANGE_PHONE, signals)) {
        next |= HOLDS_NUMBER;
    }
    return next;
}

/* States are sets; from each the whole closure is walked, every move also left out. */
static void walk(unsigned held, struct step_up_signals signals, bool seen[512])
{
    if (seen[held]) {
        return;
    }
    seen[held] = true;
    unsigned next = move(held, signals);
    walk(next, signals, seen);
    for (unsigned bit = 1; bit < 512; bit <<= 1) { /* one gain at a time */
        if (next & bit && !(held & bit)) {
            walk(held | bit, signals, seen);
        }
    }
}

static bool reaches(unsigned start, enum step_up_action action, struct step_up_signals signals)
{
    bool seen[512] = {false};
    walk(start, signals, seen);
    for (unsigned held = 0; held < 512; held++) {
        if (seen[held] && passes(held, action, signals)) {
            return true;
        }
    }
    return false;
}

static void test_customer_step_up__no_path_leads_from_a_stolen_thing_to_money(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        unsigned start;
    } THIEVES[] = {
        {"SIM only", HOLDS_NUMBER},
        {"stolen unlocked phone", HOLDS_NUMBER | HOLDS_PHONE | HOLDS_TOTP | IN_FULL},
        {"pass code seen", HOLDS_PASSCODE},
        {"session stolen", IN_FULL},
    };
    static const enum step_up_action FORBIDDEN[] = {
        ACTION_PAYMENT,      ACTION_PAYMENT_LARGE, ACTION_CHANGE_PHONE,  ACTION_ADD_PASSKEY,
        ACTION_ADD_TOTP,     ACTION_REMOVE_TOTP,   ACTION_REMOVE_FACE,   ACTION_REMOVE_PASSKEY,
        ACTION_EXPORT_ALL,   ACTION_CLOSE_ACCOUNT, ACTION_COMPANY_USERS, ACTION_COMPANY_APPROVE,
        ACTION_COMPANY_ALONE};
    /* Every customer: with and without a face, a passkey, time codes. */
    for (unsigned has = 0; has < 8; has++) {
        struct step_up_signals signals = {
            .has_face = has & 1, .has_passkey = has & 2, .has_totp = has & 4};
        for (size_t t = 0; t < sizeof(THIEVES) / sizeof(THIEVES[0]); t++) {
            for (size_t a = 0; a < sizeof(FORBIDDEN) / sizeof(FORBIDDEN[0]); a++) {
                if (reaches(THIEVES[t].start, FORBIDDEN[a], signals)) {
                    fail_msg("%s: reaches %s (has %u)", THIEVES[t].what,
                             step_up_action_name(FORBIDDEN[a]), has);
                }
            }
        }
        /* A number alone sees nothing; the walk would find a way if there were one. */
        assert_false(reaches(HOLDS_NUMBER, ACTION_VIEW, signals));
        assert_true(reaches(HOLDS_NUMBER | HOLDS_FACE, ACTION_PAYMENT, signals));
        assert_true(reaches(HOLDS_PASSCODE | HOLDS_PHONE, ACTION_PAYMENT, signals));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_customer_step_up__asks_by_risk),
        cmocka_unit_test(test_customer_step_up__counts_what_is_proven),
        cmocka_unit_test(test_customer_step_up__names_go_both_ways),
        cmocka_unit_test(test_customer_step_up__no_path_leads_from_a_stolen_thing_to_money),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
