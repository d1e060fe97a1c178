#include "base/fx.h"
#include "base/int128.h"
#include "base/rate.h"
#include "base_fixture.h"

#include <string.h>

static struct ccy ccy(const char *code)
{
    struct ccy ccy = {""};
    assert_int_equal(ccy_parse(code, &ccy), ERR_OK);
    return ccy;
}

static void test_base_rate__parses_percent_and_fraction(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum err wanted;
        int64_t ppb;
        const char *again;
    } rows[] = {
        {"0.35%", ERR_OK, 3500000, "0.35%"},
        {"0.0035", ERR_OK, 3500000, "0.35%"},
        {"3.65%", ERR_OK, 36500000, "3.65%"},
        {"100%", ERR_OK, 1000000000, "100.00%"},
        {"1", ERR_OK, 1000000000, "100.00%"},
        {"-0.5%", ERR_OK, -5000000, "-0.50%"},
        {"0.0000001%", ERR_OK, 1, "0.0000001%"},
        {"0.000000001", ERR_OK, 1, "0.0000001%"},
        {"0%", ERR_OK, 0, "0.00%"},
        {"922337203685.4775807%", ERR_OK, INT64_MAX, "922337203685.4775807%"},
        {"-922337203685.4775808%", ERR_OK, INT64_MIN, "-922337203685.4775808%"},
        {"922337203685.4775808%", ERR_OVERFLOW, 0, NULL},
        {"0.00000001%", ERR_INVALID_RATE, 0, NULL},
        {"0.0000000001", ERR_INVALID_RATE, 0, NULL},
        {"%", ERR_INVALID_RATE, 0, NULL},
        {"", ERR_INVALID_RATE, 0, NULL},
        {"3.65 %", ERR_INVALID_RATE, 0, NULL},
        {"3.65%%", ERR_INVALID_RATE, 0, NULL},
        {"1e-3", ERR_INVALID_RATE, 0, NULL},
    };
    UNIT_ROWS(rows, row)
    {
        struct rate rate = {0};
        char text[RATE_TEXT_SIZE];
        UNIT_SAY("%s", row->text);
        assert_int_equal(rate_parse(row->text, &rate), row->wanted);
        assert_int_equal(rate.ppb, row->ppb);
        if (row->wanted == ERR_OK) {
            rate_format(rate, text);
            assert_string_equal(text, row->again);
        }
    }
}

static void test_base_rate__accrues_exactly(void **state)
{
    (void)state;
    static const struct {
        int64_t balance, ppb, days, basis, wanted_micro;
        enum err wanted;
    } rows[] = {
        {1000000, 36500000, 1, 365, 100000000, ERR_OK}, /* 10,000.00 at 3.65 %: 1.00 a day */
        {1000000, 3500000, 1, 360, 9722222, ERR_OK},    /* 9.7222... */
        {1, 3500000, 1, 360, 10, ERR_OK},               /* 9.72 millionths */
        {-1000000, 36500000, 1, 365, -100000000, ERR_OK},
        {0, 36500000, 1, 365, 0, ERR_OK},
        {1, 500, 1, 1000, 0, ERR_OK}, /* half of a millionth: to even */
        {3, 500, 1, 1000, 0, ERR_OK}, /* 0.0015 */
        {INT64_MAX, 3500000, 1, 360, 0, ERR_OVERFLOW},
        {INT64_MAX, INT64_MAX, INT64_MAX, 1, 0, ERR_OVERFLOW},
    };
    UNIT_ROWS(rows, row)
    {
        int64_t micro = 0;
        UNIT_SAY("balance %ld", (long)row->balance);
        assert_int_equal(
            rate_accrue(row->balance, (struct rate){row->ppb}, row->days, row->basis, &micro),
            row->wanted);
        assert_int_equal(micro, row->wanted_micro);
    }
    assert_int_equal(rate_capitalise(1500000, ROUNDING_HALF_EVEN), 2);
    assert_int_equal(rate_capitalise(2500000, ROUNDING_HALF_EVEN), 2);
    assert_int_equal(rate_capitalise(2500000, ROUNDING_HALF_UP), 3);
    assert_int_equal(rate_capitalise(-2500000, ROUNDING_FLOOR), -3);
    assert_int_equal(rate_capitalise(INT64_MIN, ROUNDING_UP), -9223372036855);
}

/* A year of daily accruals stays within a millionth a day of the year's interest in one step. */
static void test_base_rate__daily_accrual_sums_to_the_year(void **state)
{
    (void)state;
    uint64_t seed = 7;
    for (int i = 0; i < 20000; i++) {
        int64_t balance = (int64_t)(unit_random(&seed) % 1000000000000);
        struct rate rate = {(int64_t)(unit_random(&seed) % 240000000)};
        int64_t daily = 0;
        int64_t yearly = 0;
        assert_int_equal(rate_accrue(balance, rate, 1, 365, &daily), ERR_OK);
        assert_int_equal(rate_accrue(balance, rate, 365, 365, &yearly), ERR_OK);
        int64_t off = daily * 365 - yearly;
        assert_true(off <= 183 && off >= -183);
    }
}

static void test_base_fx__converts_between_digits(void **state)
{
    (void)state;
    static const struct {
        const char *amount, *from, *to, *rate;
        enum rounding rounding;
        const char *wanted; /* NULL: overflow */
    } rows[] = {
        {"100.00", "CNY", "JPY", "20.123456", ROUNDING_HALF_UP, "2012"},
        {"100.00", "CNY", "JPY", "20.125", ROUNDING_HALF_UP, "2013"},
        {"100.00", "CNY", "JPY", "20.125", ROUNDING_HALF_EVEN, "2012"},
        {"2012", "JPY", "CNY", "0.049693254", ROUNDING_HALF_UP, "99.98"},
        {"1.00", "CNY", "BHD", "0.0529", ROUNDING_DOWN, "0.052"},
        {"1.000", "BHD", "JPY", "389.5", ROUNDING_HALF_EVEN, "390"},
        {"-100.00", "CNY", "USD", "0.14", ROUNDING_FLOOR, "-14.00"},
        {"0.01", "CNY", "USD", "0.14", ROUNDING_CEILING, "0.01"},
        {"0.01", "CNY", "USD", "0.14", ROUNDING_DOWN, "0.00"},
        {"92233720368547758.07", "CNY", "USD", "1", ROUNDING_DOWN, "92233720368547758.07"},
        {"92233720368547758.07", "CNY", "USD", "1.000000001", ROUNDING_DOWN, NULL},
        {"92233720368547758.07", "CNY", "BHD", "9000000000", ROUNDING_DOWN, NULL},
    };
    UNIT_ROWS(rows, row)
    {
        struct fx_rate rate;
        struct money amount;
        char text[MONEY_TEXT_SIZE];
        UNIT_SAY("%s %s at %s", row->amount, row->from, row->rate);
        assert_int_equal(fx_rate_parse(row->rate, ccy(row->from), ccy(row->to), &rate), ERR_OK);
        assert_int_equal(money_parse(row->amount, ccy(row->from), &amount), ERR_OK);
        assert_int_equal(fx_convert(amount, rate, row->rounding, &amount),
                         row->wanted == NULL ? ERR_OVERFLOW : ERR_OK);
        if (row->wanted != NULL) {
            money_format(amount, text);
            assert_string_equal(text, row->wanted);
            assert_true(ccy_equal(amount.ccy, ccy(row->to)));
        }
    }
}

static void test_base_fx__derives_rates(void **state)
{
    (void)state;
    struct fx_rate eur_usd;
    struct fx_rate usd_cny;
    struct fx_rate out;
    struct money yen = {100, ccy("JPY")};
    char text[FX_RATE_TEXT_SIZE];

    assert_int_equal(fx_rate_parse("1.1", ccy("EUR"), ccy("USD"), &eur_usd), ERR_OK);
    assert_int_equal(fx_rate_parse("7.2", ccy("USD"), ccy("CNY"), &usd_cny), ERR_OK);
    assert_int_equal(fx_cross(eur_usd, usd_cny, ROUNDING_HALF_EVEN, &out), ERR_OK);
    fx_rate_format(out, text);
    assert_string_equal(text, "7.92");
    assert_true(ccy_equal(out.from, ccy("EUR")) && ccy_equal(out.to, CCY_CNY));
    assert_int_equal(fx_cross(usd_cny, eur_usd, ROUNDING_HALF_EVEN, &out), ERR_CURRENCY_MISMATCH);
    assert_int_equal(fx_convert(yen, eur_usd, ROUNDING_DOWN, &yen), ERR_CURRENCY_MISMATCH);

    assert_int_equal(fx_inverse(usd_cny, ROUNDING_HALF_EVEN, &out), ERR_OK);
    fx_rate_format(out, text);
    assert_string_equal(text, "0.138888889");
    assert_true(ccy_equal(out.from, CCY_CNY));

    assert_int_equal(fx_spread(usd_cny, (struct rate){5000000}, ROUNDING_DOWN, &out), ERR_OK);
    fx_rate_format(out, text);
    assert_string_equal(text, "7.164");
    assert_int_equal(fx_spread(usd_cny, (struct rate){-5000000}, ROUNDING_DOWN, &out), ERR_OK);
    fx_rate_format(out, text);
    assert_string_equal(text, "7.236");
    assert_int_equal(fx_spread(usd_cny, (struct rate){RATE_ONE_PPB}, ROUNDING_DOWN, &out),
                     ERR_INVALID_RATE);
    out = (struct fx_rate){usd_cny.from, usd_cny.to, INT64_MAX};
    assert_int_equal(fx_inverse(out, ROUNDING_DOWN, &out), ERR_INVALID_RATE);
    assert_int_equal(fx_rate_parse("0", CCY_CNY, CCY_CNY, &out), ERR_INVALID_RATE);
    assert_int_equal(fx_rate_parse("-1", CCY_CNY, CCY_CNY, &out), ERR_INVALID_RATE);
    assert_int_equal(fx_rate_parse("1.0000000001", CCY_CNY, CCY_CNY, &out), ERR_INVALID_RATE);
    assert_int_equal(fx_rate_parse("9223372037", CCY_CNY, CCY_CNY, &out), ERR_OVERFLOW);
}

/* There and back, always rounding down, never makes money. */
static void test_base_fx__round_trips_never_gain(void **state)
{
    (void)state;
    uint64_t seed = 99;
    for (int i = 0; i < 20000; i++) {
        struct money start = {(int64_t)(unit_random(&seed) % 100000000000), CCY_CNY};
        struct fx_rate there = {CCY_CNY, ccy(i % 2 == 0 ? "JPY" : "BHD"),
                                1 + (int64_t)(unit_random(&seed) % 100000000000)};
        struct fx_rate back;
        struct money middle;
        struct money end;
        if (fx_inverse(there, ROUNDING_DOWN, &back) != ERR_OK) {
            continue;
        }
        assert_int_equal(fx_convert(start, there, ROUNDING_DOWN, &middle), ERR_OK);
        assert_int_equal(fx_convert(middle, back, ROUNDING_DOWN, &end), ERR_OK);
        assert_true(end.minor <= start.minor);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT_TEST(test_base_rate__parses_percent_and_fraction),
        UNIT_TEST(test_base_rate__accrues_exactly),
        UNIT_TEST(test_base_rate__daily_accrual_sums_to_the_year),
        UNIT_TEST(test_base_fx__converts_between_digits),
        UNIT_TEST(test_base_fx__derives_rates),
        UNIT_TEST(test_base_fx__round_trips_never_gain),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
