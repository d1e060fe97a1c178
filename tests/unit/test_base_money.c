#include "base/decimal.h"
#include "base/int128.h"
#include "base/money.h"
#include "base_fixture.h"

#include <stdlib.h>
#include <string.h>
#include <unicode/ucurr.h>
#include <unicode/uenum.h>

static struct ccy ccy(const char *code)
{
    struct ccy ccy = {""};
    assert_int_equal(ccy_parse(code, &ccy), ERR_OK);
    return ccy;
}

static void test_base_money__parses_plain_decimals_only(void **state)
{
    (void)state;
    static const struct {
        const char *text, *ccy;
        enum err wanted;
        int64_t minor;
    } rows[] = {
        {"12.30", "CNY", ERR_OK, 1230},
        {"12.3", "CNY", ERR_OK, 1230},
        {"12", "CNY", ERR_OK, 1200},
        {"0", "CNY", ERR_OK, 0},
        {"0.01", "CNY", ERR_OK, 1},
        {"-0.01", "CNY", ERR_OK, -1},
        {"-0", "CNY", ERR_OK, 0},
        {"12", "JPY", ERR_OK, 12},
        {"12.345", "BHD", ERR_OK, 12345},
        {"92233720368547758.07", "CNY", ERR_OK, INT64_MAX},
        {"-92233720368547758.08", "CNY", ERR_OK, INT64_MIN},
        {"92233720368547758.08", "CNY", ERR_OVERFLOW, 0},
        {"-92233720368547758.09", "CNY", ERR_OVERFLOW, 0},
        {"9223372036854775807", "CNY", ERR_OVERFLOW, 0},
        {"99999999999999999999999999", "JPY", ERR_OVERFLOW, 0},
        {"12.345", "CNY", ERR_INVALID_AMOUNT, 0},
        {"12.0", "JPY", ERR_INVALID_AMOUNT, 0},
        {"", "CNY", ERR_INVALID_AMOUNT, 0},
        {"-", "CNY", ERR_INVALID_AMOUNT, 0},
        {"+1", "CNY", ERR_INVALID_AMOUNT, 0},
        {"--1", "CNY", ERR_INVALID_AMOUNT, 0},
        {"01", "CNY", ERR_INVALID_AMOUNT, 0},
        {"00", "CNY", ERR_INVALID_AMOUNT, 0},
        {".5", "CNY", ERR_INVALID_AMOUNT, 0},
        {"5.", "CNY", ERR_INVALID_AMOUNT, 0},
        {"1e3", "CNY", ERR_INVALID_AMOUNT, 0},
        {"1,000", "CNY", ERR_INVALID_AMOUNT, 0},
        {" 1", "CNY", ERR_INVALID_AMOUNT, 0},
        {"1 ", "CNY", ERR_INVALID_AMOUNT, 0},
        {"1.2.3", "CNY", ERR_INVALID_AMOUNT, 0},
        {"１", "CNY", ERR_INVALID_AMOUNT, 0},
    };
    UNIT_ROWS(rows, row)
    {
        struct money money = {.minor = 77};
        UNIT_SAY("%s %s", row->text, row->ccy);
        assert_int_equal(money_parse(row->text, ccy(row->ccy), &money), row->wanted);
        assert_int_equal(money.minor, row->wanted == ERR_OK ? row->minor : 77);
    }
}

static void test_base_money__formats_all_digits(void **state)
{
    (void)state;
    static const struct {
        int64_t minor;
        const char *ccy, *wanted;
    } rows[] = {
        {1230, "CNY", "12.30"},
        {0, "CNY", "0.00"},
        {5, "CNY", "0.05"},
        {-5, "CNY", "-0.05"},
        {-100, "CNY", "-1.00"},
        {0, "JPY", "0"},
        {-12, "JPY", "-12"},
        {1, "KWD", "0.001"},
        {INT64_MAX, "CNY", "92233720368547758.07"},
        {INT64_MIN, "CNY", "-92233720368547758.08"},
        {INT64_MIN, "JPY", "-9223372036854775808"},
    };
    UNIT_ROWS(rows, row)
    {
        char text[MONEY_TEXT_SIZE];
        money_format((struct money){.minor = row->minor, .ccy = ccy(row->ccy)}, text);
        assert_string_equal(text, row->wanted);
    }
}

static void test_base_money__round_trips_any_amount(void **state)
{
    (void)state;
    uint64_t seed = 1;
    for (int i = 0; i < 20000; i++) {
        struct money money = {.minor = (int64_t)unit_random(&seed), .ccy = CCY_CNY};
        struct money again;
        char text[MONEY_TEXT_SIZE];
        money.minor >>= i % 63;
        money_format(money, text);
        assert_int_equal(money_parse(text, CCY_CNY, &again), ERR_OK);
        assert_int_equal(again.minor, money.minor);
    }
}

static void test_base_money__knows_currencies(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum err wanted;
        int digits;
    } rows[] = {
        {"CNY", ERR_OK, 2},
        {"JPY", ERR_OK, 0},
        {"BHD", ERR_OK, 3},
        {"cny", ERR_UNKNOWN_CURRENCY, 0},
        {"CN", ERR_UNKNOWN_CURRENCY, 0},
        {"CNYX", ERR_UNKNOWN_CURRENCY, 0},
        {"", ERR_UNKNOWN_CURRENCY, 0},
        {"XXX", ERR_UNKNOWN_CURRENCY, 0},
    };
    UNIT_ROWS(rows, row)
    {
        struct ccy found;
        UNIT_SAY("%s", row->text);
        assert_int_equal(ccy_parse(row->text, &found), row->wanted);
        if (row->wanted == ERR_OK) {
            assert_int_equal(ccy_digits(found), row->digits);
            assert_true(ccy_equal(ccy_from_number(ccy_number(found)), found));
        }
    }
    /* the books keep these numbers for ever */
    assert_int_equal(ccy_number(CCY_CNY), 156);
    assert_int_equal(ccy_number(ccy("USD")), 840);
    assert_int_equal(ccy_number(ccy("JPY")), 392);
    assert_int_equal(ccy_number(ccy("ALL")), 8);
    assert_int_equal(ccy_number((struct ccy){"QQQ"}), 0);
    assert_false(ccy_number_is_known(0));
    assert_false(ccy_number_is_known(-1));
    assert_false(ccy_number_is_known(1));
    assert_false(ccy_number_is_known(CCY_NUMBER_MAX));
    assert_false(ccy_number_is_known(CCY_NUMBER_MAX + 1));
    assert_true(ccy_number_is_known(156));
    assert_true(ccy_count() + 200 <= CCY_COUNT_MAX);
}

/* The table against the one of ICU, which comes from ISO 4217 by another way. */
static void test_base_money__numbers_are_those_of_iso_4217(void **state)
{
    (void)state;
    int compared = 0;
    for (int place = 0; place < ccy_count(); place++) {
        struct ccy found = ccy_at(place);
        UChar code[4] = {(UChar)found.code[0], (UChar)found.code[1], (UChar)found.code[2], 0};
        UNIT_SAY("%s", found.code);
        assert_int_equal(ccy_place(found), place);
        assert_true(ccy_equal(ccy_from_number(ccy_number(found)), found));
        int32_t number = ucurr_getNumericCode(code);
        if (number != 0) { /* ICU's edition may be older than a currency */
            assert_int_equal(ccy_number(found), number);
            compared++;
        }
    }
    assert_true(compared >= 155);
}

/* Every currency that ICU knows as money of today is in the table. */
static void test_base_money__lacks_no_currency(void **state)
{
    (void)state;
    /* withdrawn since, or without minor units (metals, baskets, tests) */
    static const char *const left_out[] = {"ANG", "BGN", "CUC", "HRK", "SLL", "ZWL", "VEF", "XAG",
                                           "XAU", "XBA", "XBB", "XBC", "XBD", "XDR", "XPD", "XPT",
                                           "XSU", "XTS", "XUA", "XXX", "MRO", "STD", "BYR"};
    const UDate TODAY_MS = 1767225600000.0; /* the first day of 2026 */
    UErrorCode status = U_ZERO_ERROR;
    UEnumeration *all = ucurr_openISOCurrencies(UCURR_ALL | UCURR_NON_DEPRECATED, &status);
    assert_true(U_SUCCESS(status));
    int seen = 0;
    for (const char *code; (code = uenum_next(all, NULL, &status)) != NULL;) {
        UChar wide[4] = {(UChar)code[0], (UChar)code[1], (UChar)code[2], 0};
        struct ccy found;
        bool skipped = ucurr_getNumericCode(wide) == 0 || /* never in ISO 4217 */
                       !ucurr_isAvailable(wide, TODAY_MS, TODAY_MS, &status);
        for (size_t i = 0; i < sizeof left_out / sizeof left_out[0]; i++) {
            skipped = skipped || strcmp(left_out[i], code) == 0;
        }
        UNIT_SAY("%s", code);
        if (!skipped) {
            assert_int_equal(ccy_parse(code, &found), ERR_OK);
            seen++;
        }
    }
    uenum_close(all);
    assert_true(seen > 145);
}

static void test_base_money__adds_within_range_and_currency(void **state)
{
    (void)state;
    struct money max = {INT64_MAX, CCY_CNY};
    struct money min = {INT64_MIN, CCY_CNY};
    struct money one = {1, CCY_CNY};
    struct money yen = {1, ccy("JPY")};
    struct money out = {42, CCY_CNY};

    assert_int_equal(money_add(max, one, &out), ERR_OVERFLOW);
    assert_int_equal(money_sub(min, one, &out), ERR_OVERFLOW);
    assert_int_equal(money_negate(min, &out), ERR_OVERFLOW);
    assert_int_equal(money_add(one, yen, &out), ERR_CURRENCY_MISMATCH);
    assert_int_equal(money_sub(one, yen, &out), ERR_CURRENCY_MISMATCH);
    assert_int_equal(out.minor, 42);
    assert_int_equal(money_add(min, max, &out), ERR_OK);
    assert_int_equal(out.minor, -1);
    assert_int_equal(money_sub(one, max, &out), ERR_OK);
    assert_int_equal(out.minor, -INT64_MAX + 1);
    assert_int_equal(money_negate(max, &out), ERR_OK);
    assert_int_equal(out.minor, -INT64_MAX);
}

static void test_base_money__rounds_by_every_mode(void **state)
{
    (void)state;
    static const enum rounding modes[] = {ROUNDING_HALF_EVEN, ROUNDING_HALF_UP, ROUNDING_HALF_DOWN,
                                          ROUNDING_DOWN,      ROUNDING_UP,      ROUNDING_FLOOR,
                                          ROUNDING_CEILING};
    static const char *const names[] = {"half-even", "half-up", "half-down", "down",
                                        "up",        "floor",   "ceiling"};
    /* tenths, and what each mode makes of them */
    static const struct {
        int64_t tenths, wanted[7];
    } rows[] = {
        {55, {6, 6, 5, 5, 6, 5, 6}},         {25, {2, 3, 2, 2, 3, 2, 3}},
        {16, {2, 2, 2, 1, 2, 1, 2}},         {11, {1, 1, 1, 1, 2, 1, 2}},
        {10, {1, 1, 1, 1, 1, 1, 1}},         {-10, {-1, -1, -1, -1, -1, -1, -1}},
        {-11, {-1, -1, -1, -1, -2, -2, -1}}, {-16, {-2, -2, -2, -1, -2, -2, -1}},
        {-25, {-2, -3, -2, -2, -3, -3, -2}}, {-55, {-6, -6, -5, -5, -6, -6, -5}},
        {5, {0, 1, 0, 0, 1, 0, 1}},          {-5, {0, -1, 0, 0, -1, -1, 0}},
    };
    UNIT_ROWS(rows, row)
    {
        for (int i = 0; i < 7; i++) {
            int64_t out;
            enum rounding parsed;
            UNIT_SAY("%ld tenths %s", (long)row->tenths, names[i]);
            assert_int_equal(money_scale(row->tenths, 1, 10, modes[i], &out), ERR_OK);
            assert_int_equal(out, row->wanted[i]);
            assert_int_equal(rounding_parse(names[i], &parsed), ERR_OK);
            assert_int_equal(parsed, modes[i]);
        }
    }
    enum rounding unused;
    assert_int_equal(rounding_parse("nearest", &unused), ERR_INVALID_FIELD);
}

static void test_base_money__scales_through_128_bits(void **state)
{
    (void)state;
    int64_t out = 0;
    assert_int_equal(money_scale(INT64_MAX, INT64_MAX, INT64_MAX, ROUNDING_UP, &out), ERR_OK);
    assert_int_equal(out, INT64_MAX);
    assert_int_equal(money_scale(INT64_MIN, INT64_MAX, INT64_MAX, ROUNDING_UP, &out), ERR_OK);
    assert_int_equal(out, INT64_MIN);
    assert_int_equal(money_scale(INT64_MAX, 2, 1, ROUNDING_DOWN, &out), ERR_OVERFLOW);
    assert_int_equal(out, INT64_MIN);
}

static void test_base_money__splits_by_largest_remainder(void **state)
{
    (void)state;
    static const struct {
        int64_t total, weights[4], wanted[4];
    } rows[] = {
        {100, {1, 1, 1, 0}, {34, 33, 33, 0}},
        {-100, {1, 1, 1, 0}, {-34, -33, -33, 0}},
        {2, {1, 1, 1, 1}, {1, 1, 0, 0}},
        {10, {1, 2, 3, 4}, {1, 2, 3, 4}},
        {101, {50, 30, 20, 0}, {51, 30, 20, 0}},    /* 50.5, 30.3, 20.2 */
        {100, {335, 333, 332, 0}, {34, 33, 33, 0}}, /* 33.5, 33.3, 33.2 */
        {7, {0, 0, 5, 0}, {0, 0, 7, 0}},
        {0, {1, 2, 3, 4}, {0, 0, 0, 0}},
        {INT64_MIN, {1, 0, 0, 0}, {INT64_MIN, 0, 0, 0}},
        {INT64_MAX, {INT64_MAX, 0, 0, 0}, {INT64_MAX, 0, 0, 0}},
    };
    UNIT_ROWS(rows, row)
    {
        int64_t parts[4];
        assert_int_equal(money_split(row->total, row->weights, 4, parts), ERR_OK);
        for (int i = 0; i < 4; i++) {
            UNIT_SAY("%ld part %d", (long)row->total, i);
            assert_int_equal(parts[i], row->wanted[i]);
        }
    }
    static const int64_t too_heavy[] = {INT64_MAX, 1};
    int64_t parts[2];
    assert_int_equal(money_split(1, too_heavy, 2, parts), ERR_OVERFLOW);
}

/* The parts sum to the total, each within one of its exact share, none beyond a zero weight. */
static void test_base_money__split_always_sums(void **state)
{
    (void)state;
    uint64_t seed = 20261121;
    for (int round = 0; round < 20000; round++) {
        int64_t weights[16];
        int64_t parts[16];
        size_t count = 1 + (size_t)(unit_random(&seed) % 16);
        int128 sum = 0;
        int128 weight_sum = 0;
        int64_t total = (int64_t)unit_random(&seed) >> (round % 64);
        for (size_t i = 0; i < count; i++) {
            weights[i] = (int64_t)(unit_random(&seed) >> (5 + round % 58));
            weight_sum += weights[i];
        }
        weights[0] += weight_sum == 0 ? 1 : 0;
        weight_sum += weight_sum == 0 ? 1 : 0;
        assert_int_equal(money_split(total, weights, count, parts), ERR_OK);
        for (size_t i = 0; i < count; i++) {
            sum += parts[i];
            int128 off = (int128)parts[i] * weight_sum - (int128)total * weights[i];
            assert_true(off < weight_sum && off > -weight_sum);
            assert_true(weights[i] > 0 || parts[i] == 0);
        }
        assert_true(sum == total);
    }
}

static void test_base_decimal__trims_and_scales(void **state)
{
    (void)state;
    char text[DECIMAL_TEXT_SIZE];
    size_t size = decimal_format(20123456000, 9, text);
    assert_string_equal(text, "20.123456000");
    assert_int_equal(decimal_trim(text, size, 0), 9);
    assert_string_equal(text, "20.123456");
    size = decimal_format(20000000000, 9, text);
    decimal_trim(text, size, 0);
    assert_string_equal(text, "20");
    size = decimal_format(100, 0, text);
    decimal_trim(text, size, 0);
    assert_string_equal(text, "100");
    assert_int_equal(decimal_power_of_ten(18), INT64_C(1000000000000000000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT_TEST(test_base_money__parses_plain_decimals_only),
        UNIT_TEST(test_base_money__formats_all_digits),
        UNIT_TEST(test_base_money__round_trips_any_amount),
        UNIT_TEST(test_base_money__knows_currencies),
        UNIT_TEST(test_base_money__numbers_are_those_of_iso_4217),
        UNIT_TEST(test_base_money__lacks_no_currency),
        UNIT_TEST(test_base_money__adds_within_range_and_currency),
        UNIT_TEST(test_base_money__rounds_by_every_mode),
        UNIT_TEST(test_base_money__scales_through_128_bits),
        UNIT_TEST(test_base_money__splits_by_largest_remainder),
        UNIT_TEST(test_base_money__split_always_sums),
        UNIT_TEST(test_base_decimal__trims_and_scales),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
