/* The pure decisions of the ledger: tables of input and wanted outcome. */
#include "ledger/ledger_rules.h"
#include "ledger/recipe.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define MAX INT64_MAX
#define CNY 1
#define USD 2

/* Accounts: debits posted, credits posted, debits pending, credits pending, floor, ccy, closed. */
static struct ledger_account account(int64_t dp, int64_t cp, int64_t dn, int64_t cn,
                                     enum ledger_floor floor, int ccy, int closed)
{
    return (struct ledger_account){.debits_posted = dp,
                                   .credits_posted = cp,
                                   .debits_pending = dn,
                                   .credits_pending = cn,
                                   .floor = (uint8_t)floor,
                                   .ccy_number = (uint16_t)ccy,
                                   .closed = (uint8_t)closed};
}

#define FREE(ccy)         account(0, 0, 0, 0, LEDGER_FLOOR_NONE, ccy, 0)
#define RICH(amount)      account(0, amount, 0, 0, LEDGER_FLOOR_CREDIT, CNY, 0)
#define HELD(amount, has) account(0, has, amount, 0, LEDGER_FLOOR_CREDIT, CNY, 0)
#define SHUT(ccy)         account(0, 0, 0, 0, LEDGER_FLOOR_CREDIT, ccy, 1)

static void test_ledger_rules__decides_one_transfer(void **state)
{
    (void)state;
    const struct {
        const char *what;
        struct ledger_account debit, credit;
        enum ledger_kind kind;
        int64_t amount;
        enum err wanted;
    } rows[] = {
        {"pays what it has", RICH(100), FREE(CNY), LEDGER_POST, 100, ERR_OK},
        {"pays more", RICH(100), FREE(CNY), LEDGER_POST, 101, ERR_INSUFFICIENT_FUNDS},
        {"holds what it has", RICH(100), FREE(CNY), LEDGER_HOLD, 100, ERR_OK},
        {"holds more", RICH(100), FREE(CNY), LEDGER_HOLD, 101, ERR_INSUFFICIENT_FUNDS},
        {"pays beside a hold", HELD(40, 100), FREE(CNY), LEDGER_POST, 60, ERR_OK},
        {"pays into a hold", HELD(40, 100), FREE(CNY), LEDGER_POST, 61, ERR_INSUFFICIENT_FUNDS},
        {"a floor of the other side", account(0, 0, 0, 0, LEDGER_FLOOR_DEBIT, CNY, 0), FREE(CNY),
         LEDGER_POST, 5, ERR_OK},
        {"credits above debits", FREE(CNY), account(4, 0, 0, 0, LEDGER_FLOOR_DEBIT, CNY, 0),
         LEDGER_POST, 5, ERR_INSUFFICIENT_FUNDS},
        {"captures its hold", HELD(40, 40), account(0, 0, 0, 40, 0, CNY, 0), LEDGER_CAPTURE, 40,
         ERR_OK},
        {"closed debit", SHUT(CNY), FREE(CNY), LEDGER_POST, 1, ERR_ACCOUNT_CLOSED},
        {"closed credit", FREE(CNY), SHUT(CNY), LEDGER_POST, 1, ERR_ACCOUNT_CLOSED},
        {"closed takes a hold", FREE(CNY), SHUT(CNY), LEDGER_HOLD, 1, ERR_ACCOUNT_CLOSED},
        {"closed still gives back", account(0, 0, 5, 0, 0, CNY, 1), account(0, 0, 0, 5, 0, CNY, 1),
         LEDGER_RELEASE, 5, ERR_OK},
        {"closed still expires", account(0, 0, 5, 0, 0, CNY, 1), account(0, 0, 0, 5, 0, CNY, 1),
         LEDGER_EXPIRE, 5, ERR_OK},
        {"two currencies", FREE(CNY), FREE(USD), LEDGER_POST, 1, ERR_CURRENCY_MISMATCH},
        {"the last minor unit", account(MAX - 1, 0, 0, 0, 0, CNY, 0), FREE(CNY), LEDGER_POST, 1,
         ERR_OK},
        {"one too many debits", account(MAX, 0, 0, 0, 0, CNY, 0), FREE(CNY), LEDGER_POST, 1,
         ERR_OVERFLOW},
        {"one too many credits", FREE(CNY), account(0, MAX, 0, 0, 0, CNY, 0), LEDGER_POST, 1,
         ERR_OVERFLOW},
        {"posted and pending together", account(MAX - 5, 0, 5, 0, 0, CNY, 0), FREE(CNY),
         LEDGER_HOLD, 1, ERR_OVERFLOW},
        /* precedence: closed, currency, overflow, funds */
        {"closed before currency", SHUT(CNY), FREE(USD), LEDGER_POST, 1, ERR_ACCOUNT_CLOSED},
        {"closed before overflow", account(MAX, 0, 0, 0, 0, CNY, 1), FREE(CNY), LEDGER_POST, 1,
         ERR_ACCOUNT_CLOSED},
        {"currency before overflow", account(MAX, 0, 0, 0, 0, CNY, 0), FREE(USD), LEDGER_POST, 1,
         ERR_CURRENCY_MISMATCH},
        {"currency before funds", RICH(0), FREE(USD), LEDGER_POST, 1, ERR_CURRENCY_MISMATCH},
        {"overflow before funds", RICH(0), account(0, MAX, 0, 0, 0, CNY, 0), LEDGER_POST, 1,
         ERR_OVERFLOW},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct ledger_account pair[2] = {rows[i].debit, rows[i].credit};
        struct ledger_leg leg = {.debit = 0, .credit = 1, .amount_minor = rows[i].amount};
        struct ledger_leg_result result;
        enum err err = journal_decide(pair, 2, &leg, 1, rows[i].kind, ID_STEP, &result);
        if (err != rows[i].wanted) {
            fail_msg("%s: %s", rows[i].what, err_slug(err));
        }
    }
}

static void test_ledger_rules__moves_the_counters(void **state)
{
    (void)state;
    const struct {
        enum ledger_kind kind;
        int64_t posted, pending; /* of either side after it, from 50 and 30 */
    } rows[] = {
        {LEDGER_POST, 60, 30},    {LEDGER_HOLD, 50, 40},   {LEDGER_CAPTURE, 60, 20},
        {LEDGER_RELEASE, 50, 20}, {LEDGER_EXPIRE, 50, 20},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct ledger_account pair[2] = {account(50, 7, 30, 0, 0, CNY, 0),
                                         account(3, 50, 0, 30, 0, CNY, 0)};
        struct ledger_leg leg = {.debit = 0, .credit = 1, .amount_minor = 10};
        struct ledger_leg_result result;
        pair[0].newest_id = 111;
        pair[1].newest_id = 222;
        pair[0].posting_count = 4;
        assert_int_equal(ERR_OK,
                         journal_decide(pair, 2, &leg, 1, rows[i].kind, 5 * ID_STEP, &result));
        assert_int_equal(rows[i].posted, pair[0].debits_posted);
        assert_int_equal(rows[i].posted, pair[1].credits_posted);
        assert_int_equal(rows[i].pending, pair[0].debits_pending);
        assert_int_equal(rows[i].pending, pair[1].credits_pending);
        assert_int_equal(111, result.debit_prev_id);
        assert_int_equal(222, result.credit_prev_id);
        assert_int_equal(7 - rows[i].posted, result.debit_net_minor);
        assert_int_equal(rows[i].posted - 3, result.credit_net_minor);
        assert_int_equal(5 * ID_STEP, pair[0].newest_id);
        assert_int_equal(5, pair[0].posting_count);
    }
}

static void test_ledger_rules__looks_at_floors_after_all_legs(void **state)
{
    (void)state;
    struct ledger_account three[3] = {RICH(0), RICH(0), RICH(50)};
    const struct ledger_leg through[2] = {{0, 1, 50, 0}, {2, 0, 50, 0}};
    struct ledger_leg_result results[2];
    assert_int_equal(ERR_OK, journal_decide(three, 3, through, 2, LEDGER_POST, ID_STEP, results));
    assert_int_equal(-50, results[0].debit_net_minor);
    assert_int_equal(0, results[1].credit_net_minor);
    assert_int_equal(ID_STEP, results[1].credit_prev_id); /* the leg before touched it */
    struct ledger_account again[3] = {RICH(0), RICH(0), RICH(49)};
    assert_int_equal(ERR_INSUFFICIENT_FUNDS,
                     journal_decide(again, 3, through, 2, LEDGER_POST, ID_STEP, results));
}

static void test_ledger_rules__checks_the_form(void **state)
{
    (void)state;
    struct ledger_transfer legs[LEDGER_LEGS_MAX + 1];
    for (int i = 0; i <= LEDGER_LEGS_MAX; i++) {
        legs[i] = (struct ledger_transfer){{1}, {2}, 1};
    }
    assert_int_equal(ERR_LEDGER_DRAFT, journal_check_form(legs, 0));
    assert_int_equal(ERR_OK, journal_check_form(legs, LEDGER_LEGS_MAX));
    assert_int_equal(ERR_LEDGER_DRAFT, journal_check_form(legs, LEDGER_LEGS_MAX + 1));
    legs[3].amount_minor = 0;
    assert_int_equal(ERR_LEDGER_DRAFT, journal_check_form(legs, 4));
    assert_int_equal(ERR_OK, journal_check_form(legs, 3));
    legs[3].amount_minor = -1;
    assert_int_equal(ERR_LEDGER_DRAFT, journal_check_form(legs, 4));
    legs[3] = (struct ledger_transfer){{2}, {2}, 1};
    assert_int_equal(ERR_LEDGER_DRAFT, journal_check_form(legs, 4));
}

static void test_ledger_rules__decides_ends_of_holds(void **state)
{
    (void)state;
    const struct {
        const char *what;
        enum hold_state before;
        int64_t captured, expires_at;
        enum ledger_kind kind;
        int64_t amount;
        bool last;
        enum err wanted;
        int64_t capture, release;
        enum hold_state after;
    } rows[] = {
        /* of 100, now is 1000 */
        {"part", HOLD_OPEN, 0, 0, LEDGER_CAPTURE, 30, false, ERR_OK, 30, 0, HOLD_OPEN},
        {"all", HOLD_OPEN, 0, 0, LEDGER_CAPTURE, 0, false, ERR_OK, 100, 0, HOLD_CAPTURED},
        {"exactly all", HOLD_OPEN, 0, 0, LEDGER_CAPTURE, 100, false, ERR_OK, 100, 0, HOLD_CAPTURED},
        {"the rest", HOLD_OPEN, 30, 0, LEDGER_CAPTURE, 0, false, ERR_OK, 70, 0, HOLD_CAPTURED},
        {"exactly the rest", HOLD_OPEN, 30, 0, LEDGER_CAPTURE, 70, false, ERR_OK, 70, 0,
         HOLD_CAPTURED},
        {"more than is left", HOLD_OPEN, 30, 0, LEDGER_CAPTURE, 71, false, ERR_HOLD_AMOUNT, 0, 0,
         HOLD_OPEN},
        {"less than nothing", HOLD_OPEN, 0, 0, LEDGER_CAPTURE, -1, false, ERR_HOLD_AMOUNT, 0, 0,
         HOLD_OPEN},
        {"the last part", HOLD_OPEN, 30, 0, LEDGER_CAPTURE, 20, true, ERR_OK, 20, 50,
         HOLD_CAPTURED},
        {"the last of all", HOLD_OPEN, 30, 0, LEDGER_CAPTURE, 0, true, ERR_OK, 70, 0,
         HOLD_CAPTURED},
        {"release", HOLD_OPEN, 30, 0, LEDGER_RELEASE, 0, false, ERR_OK, 0, 70, HOLD_RELEASED},
        {"expire without deadline", HOLD_OPEN, 0, 0, LEDGER_EXPIRE, 0, false, ERR_HOLD_ENDED, 0, 0,
         HOLD_OPEN},
        {"expire too early", HOLD_OPEN, 0, 1001, LEDGER_EXPIRE, 0, false, ERR_HOLD_ENDED, 0, 0,
         HOLD_OPEN},
        {"expire in time", HOLD_OPEN, 30, 1000, LEDGER_EXPIRE, 0, false, ERR_OK, 0, 70,
         HOLD_EXPIRED},
        {"capture in time", HOLD_OPEN, 0, 1001, LEDGER_CAPTURE, 0, false, ERR_OK, 100, 0,
         HOLD_CAPTURED},
        {"capture at the deadline", HOLD_OPEN, 0, 1000, LEDGER_CAPTURE, 0, false, ERR_HOLD_ENDED, 0,
         0, HOLD_OPEN},
        {"release at the deadline", HOLD_OPEN, 0, 1000, LEDGER_RELEASE, 0, false, ERR_OK, 0, 100,
         HOLD_RELEASED},
        {"ended before too much", HOLD_CAPTURED, 100, 0, LEDGER_CAPTURE, 200, false, ERR_HOLD_ENDED,
         0, 0, HOLD_CAPTURED},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct ledger_hold_row hold = {.amount_minor = 100,
                                       .captured_minor = rows[i].captured,
                                       .state = rows[i].before,
                                       .expires_at = rows[i].expires_at};
        struct hold_decision got = {.state = rows[i].after};
        enum err err = hold_decide(&hold, rows[i].kind, rows[i].amount, rows[i].last, 1000, &got);
        if (err != rows[i].wanted || got.capture_minor != rows[i].capture ||
            got.release_minor != rows[i].release || got.state != rows[i].after) {
            fail_msg("%s: %s, %lld captured, %lld given back, state %d", rows[i].what,
                     err_slug(err), (long long)got.capture_minor, (long long)got.release_minor,
                     (int)got.state);
        }
    }
    static const enum ledger_kind kinds[] = {LEDGER_CAPTURE, LEDGER_RELEASE, LEDGER_EXPIRE};
    for (int ended = HOLD_CAPTURED; ended <= HOLD_EXPIRED; ended++) {
        for (size_t k = 0; k < 3; k++) {
            struct ledger_hold_row hold = {
                .amount_minor = 100, .state = (enum hold_state)ended, .expires_at = 1};
            struct hold_decision got;
            assert_int_equal(ERR_HOLD_ENDED, hold_decide(&hold, kinds[k], 0, false, 1000, &got));
        }
    }
}

static void test_ledger_rules__body_hash_tells_bodies_apart(void **state)
{
    (void)state;
    struct ledger_transfer legs[2] = {{{1}, {2}, 3}, {{4}, {5}, 6}};
    struct journal_draft base = {.recipe = 1, .ref_id = 7, .transfers = legs, .count = 2};
    int64_t hash = journal_body_hash(&base, LEDGER_POST, 0);
    assert_true(hash > 0);
    assert_int_equal(hash, journal_body_hash(&base, LEDGER_POST, 0));
    struct journal_draft later = base;
    later.booking_date.days = 9; /* a repetition may come a day later */
    assert_int_equal(hash, journal_body_hash(&later, LEDGER_POST, 0));
    struct journal_draft other = base;
    other.recipe = 2;
    assert_int_not_equal(hash, journal_body_hash(&other, LEDGER_POST, 0));
    other = base;
    other.ref_id = 8;
    assert_int_not_equal(hash, journal_body_hash(&other, LEDGER_POST, 0));
    other = base;
    other.of_id = 1;
    assert_int_not_equal(hash, journal_body_hash(&other, LEDGER_POST, 0));
    other = base;
    other.count = 1;
    assert_int_not_equal(hash, journal_body_hash(&other, LEDGER_POST, 0));
    assert_int_not_equal(hash, journal_body_hash(&base, LEDGER_HOLD, 0));
    assert_int_not_equal(hash, journal_body_hash(&base, LEDGER_POST, 1));
    legs[1].amount_minor = 7;
    assert_int_not_equal(hash, journal_body_hash(&base, LEDGER_POST, 0));
}

static void test_ledger_rules__canonical_layout(void **state)
{
    (void)state;
    const struct ledger_line line = {.id = 0x0102030405060708,
                                     .kind = LEDGER_CAPTURE,
                                     .debit = {0x11},
                                     .credit = {0x22},
                                     .amount_minor = 0x33,
                                     .recipe = 0x44,
                                     .recipe_version = 0x55,
                                     .booking_date = {0x66},
                                     .value_date = {0x65},
                                     .ref_id = 0x77,
                                     .of_id = 0x88,
                                     .order = {{0x99, [15] = 0xaa}}};
    uint8_t got[LEDGER_CANONICAL_SIZE];
    static const uint8_t wanted[LEDGER_CANONICAL_SIZE] = {
        8,    7,    6,    5,    4,    3, 2, 1, 0x11, 0, 0, 0, 0, 0, 0,    0, 0x22, 0, 0, 0,
        0,    0,    0,    0,    0x33, 0, 0, 0, 0,    0, 0, 0, 3, 2, 0x55, 0, 0x44, 0, 0, 0,
        0xff, 0xff, 0xff, 0xff, 0x66, 0, 0, 0, 0x77, 0, 0, 0, 0, 0, 0,    0, 0x88, 0, 0, 0,
        0,    0,    0,    0,    0x99, 0, 0, 0, 0,    0, 0, 0, 0, 0, 0,    0, 0,    0, 0, 0xaa};
    ledger_canonical(&line, 3, got);
    assert_memory_equal(wanted, got, sizeof got);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ledger_rules__decides_one_transfer),
        cmocka_unit_test(test_ledger_rules__moves_the_counters),
        cmocka_unit_test(test_ledger_rules__looks_at_floors_after_all_legs),
        cmocka_unit_test(test_ledger_rules__checks_the_form),
        cmocka_unit_test(test_ledger_rules__decides_ends_of_holds),
        cmocka_unit_test(test_ledger_rules__body_hash_tells_bodies_apart),
        cmocka_unit_test(test_ledger_rules__canonical_layout),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
