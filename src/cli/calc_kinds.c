#include "calc_kinds.h"

#include "base/daycount.h"
#include "base/decimal.h"
#include "base/fx.h"
#include "base/int128.h"
#include "base/rate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATH_SIZE           512
#define WEIGHTS_MAX         1024
#define BUSINESS_DAYS_MAX   20000
#define MONTHS_MAX          3600
#define FRACTION_DIGITS_MAX 18

enum err calc_at(struct calc *calc, const char *field, enum err err)
{
    if (err != ERR_OK) {
        calc->field = field;
    }
    return err;
}

enum err calc_put(json_t *out, const char *name, json_t *value)
{
    return value == NULL || json_object_set_new(out, name, value) != 0 ? ERR_NO_MEMORY : ERR_OK;
}

static enum err calc_put_date(json_t *out, const char *name, struct date date)
{
    char text[DATE_TEXT_SIZE];
    date_format(date, text);
    return calc_put(out, name, json_string(text));
}

static bool is_calendar_name(const char *name)
{
    size_t size = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-");
    return size > 0 && size < CALC_NAME_SIZE && name[size] == '\0';
}

/* share/calendars/<name>. ERR_INVALID_FIELD for a name that cannot be one, ERR_NOT_FOUND. */
static enum err calc_load_calendar(struct calc *calc, const char *name, const struct calendar **out)
{
    char path[PATH_SIZE];
    if (!is_calendar_name(name)) {
        return ERR_INVALID_FIELD;
    }
    for (int i = 0; i < calc->calendar_count; i++) {
        if (strcmp(calc->calendars[i].name, name) == 0) {
            *out = calc->calendars[i].calendar;
            return ERR_OK;
        }
    }
    int size = snprintf(path, sizeof path, "%s/calendars/%s", calc->share, name);
    if (size < 0 || (size_t)size >= sizeof path || calc->calendar_count == CALC_CALENDARS_MAX) {
        return ERR_NOT_FOUND;
    }
    struct calc_calendar *slot = &calc->calendars[calc->calendar_count];
    enum err err = calendar_load(path, &slot->calendar);
    if (err != ERR_OK) {
        return err;
    }
    snprintf(slot->name, sizeof slot->name, "%s", name);
    calc->calendar_count++;
    *out = slot->calendar;
    return ERR_OK;
}

/* "rounding" of the line, half-even if it has none. */
static enum err calc_get_rounding(struct calc *calc, const json_t *in, enum rounding *out)
{
    const char *text = NULL;
    if (!json_has(in, "rounding")) {
        *out = ROUNDING_HALF_EVEN;
        return ERR_OK;
    }
    enum err err = json_get_text(in, "rounding", &text);
    return calc_at(calc, "rounding", err != ERR_OK ? err : rounding_parse(text, out));
}

static enum err get_ccy(struct calc *calc, const json_t *in, const char *name, struct ccy *out)
{
    const char *text = NULL;
    enum err err = json_get_text(in, name, &text);
    return calc_at(calc, name, err != ERR_OK ? err : ccy_parse(text, out));
}

static enum err get_rate(struct calc *calc, const json_t *in, const char *name, struct rate *out)
{
    const char *text = NULL;
    enum err err = json_get_text(in, name, &text);
    return calc_at(calc, name, err != ERR_OK ? err : rate_parse(text, out));
}

static enum err get_date(struct calc *calc, const json_t *in, const char *name, struct date *out)
{
    return calc_at(calc, name, json_get_date(in, name, out));
}

static enum err get_int_between(struct calc *calc, const json_t *in, const char *name, int min,
                                int max, int *out)
{
    int64_t value = 0;
    enum err err = json_get_int(in, name, &value);
    if (err == ERR_OK && (value < min || value > max)) {
        err = ERR_INVALID_FIELD;
    }
    if (err == ERR_OK) {
        *out = (int)value;
    }
    return calc_at(calc, name, err);
}

static enum err get_calendar(struct calc *calc, const json_t *in, const struct calendar **out)
{
    const char *name = NULL;
    enum err err = json_get_text(in, "calendar", &name);
    return calc_at(calc, "calendar", err != ERR_OK ? err : calc_load_calendar(calc, name, out));
}

/* --- daycount --------------------------------------------------------------------------------- */

static enum err get_terms(struct calc *calc, const json_t *in, struct daycount_terms *out)
{
    enum err err = ERR_OK;
    out->has_period = json_has(in, "periodStart") || json_has(in, "periodEnd");
    out->has_maturity = json_has(in, "maturity");
    if (out->has_period) {
        err = get_date(calc, in, "periodStart", &out->period_start);
        if (err == ERR_OK) {
            err = get_date(calc, in, "periodEnd", &out->period_end);
        }
    }
    if (err == ERR_OK && out->has_maturity) {
        err = get_date(calc, in, "maturity", &out->maturity);
    }
    if (err == ERR_OK && json_has(in, "frequency")) {
        err = get_int_between(calc, in, "frequency", 1, 12, &out->frequency);
    }
    if (err == ERR_OK && json_has(in, "calendar")) {
        err = get_calendar(calc, in, &out->calendar);
    }
    return err;
}

/* The term that a convention needs and the line does not have. */
static const char *missing_term(enum daycount daycount, const struct daycount_terms *terms)
{
    if (daycount == DAYCOUNT_BUS_252) {
        return "calendar";
    }
    return terms->has_period ? "frequency" : "periodStart";
}

static enum err put_interest(struct calc *calc, const json_t *in, struct daycount_fraction fraction,
                             json_t *out)
{
    struct money principal;
    struct rate rate;
    enum rounding rounding;
    int64_t minor = 0;
    enum err err = calc_at(calc, "principal", json_get_money(in, "principal", &principal));
    if (err == ERR_OK) {
        err = get_rate(calc, in, "rate", &rate);
    }
    if (err == ERR_OK) {
        err = calc_get_rounding(calc, in, &rounding);
    }
    if (err == ERR_OK) {
        err = rate_interest(principal.minor, rate, fraction.numerator, fraction.denominator,
                            rounding, &minor);
    }
    if (err != ERR_OK) {
        return err;
    }
    return calc_put(out, "interest",
                    json_from_money((struct money){.minor = minor, .ccy = principal.ccy}));
}

enum err calc_daycount(struct calc *calc, const json_t *in, json_t *out)
{
    const char *convention = NULL;
    enum daycount daycount;
    struct date start;
    struct date end;
    struct daycount_terms terms = {0};
    struct daycount_fraction fraction = {0};

    enum err err = json_get_text(in, "convention", &convention);
    err = err == ERR_OK ? daycount_parse(convention, &daycount) : err;
    if (err != ERR_OK) {
        return calc_at(calc, "convention", err);
    }
    err = get_date(calc, in, "start", &start);
    if (err == ERR_OK) {
        err = get_date(calc, in, "end", &end);
    }
    if (err == ERR_OK) {
        err = get_terms(calc, in, &terms);
    }
    if (err != ERR_OK) {
        return err;
    }
    err = daycount_between(daycount, start, end, &terms, &fraction);
    if (err != ERR_OK) {
        return calc_at(calc, err == ERR_INVALID_PERIOD ? "end" : missing_term(daycount, &terms),
                       err);
    }
    err = calc_put(out, "convention", json_string(daycount_name(daycount)));
    if (err == ERR_OK) {
        err = calc_put(out, "days", json_integer(fraction.days));
    }
    if (err == ERR_OK) {
        err = calc_put(out, "numerator", json_integer(fraction.numerator));
    }
    if (err == ERR_OK) {
        err = calc_put(out, "denominator", json_integer(fraction.denominator));
    }
    bool wants_interest = json_has(in, "principal") || json_has(in, "rate");
    return err == ERR_OK && wants_interest ? put_interest(calc, in, fraction, out) : err;
}

/* --- round, split ----------------------------------------------------------------------------- */

/* Any number of digits after the point up to 18, brought to the currency's. */
static enum err round_amount(const char *text, struct ccy ccy, enum rounding rounding,
                             struct money *out)
{
    size_t whole_size = strcspn(text, ".");
    const char *fraction = text + whole_size + (text[whole_size] == '.' ? 1 : 0);
    size_t digits = strlen(fraction);
    bool has_point = text[whole_size] == '.';
    int64_t whole = 0;
    enum err err = decimal_parse(text, whole_size, 0, ERR_INVALID_AMOUNT, &whole);
    if (err != ERR_OK || (has_point && digits == 0) || digits > FRACTION_DIGITS_MAX ||
        strspn(fraction, "0123456789") != digits) {
        return err != ERR_OK ? err : ERR_INVALID_AMOUNT;
    }
    /* 37 digits at most: 128 bits hold them. */
    int128 value = whole;
    for (size_t i = 0; i < digits; i++) {
        int digit = fraction[i] - '0';
        value = value * 10 + (text[0] == '-' ? -digit : digit);
    }
    int shift = ccy_digits(ccy) - (int)digits;
    if (shift > 0) {
        value *= decimal_power_of_ten(shift);
    }
    err = int128_divide(value, decimal_power_of_ten(shift < 0 ? -shift : 0), rounding, &out->minor);
    if (err == ERR_OK) {
        out->ccy = ccy;
    }
    return err;
}

enum err calc_round(struct calc *calc, const json_t *in, json_t *out)
{
    const char *amount = NULL;
    struct ccy ccy;
    enum rounding rounding;
    struct money rounded;

    enum err err = calc_at(calc, "amount", json_get_text(in, "amount", &amount));
    if (err == ERR_OK) {
        err = get_ccy(calc, in, "currency", &ccy);
    }
    if (err == ERR_OK) {
        err = calc_get_rounding(calc, in, &rounding);
    }
    if (err == ERR_OK) {
        err = calc_at(calc, "amount", round_amount(amount, ccy, rounding, &rounded));
    }
    return err == ERR_OK ? calc_put(out, "rounded", json_from_money(rounded)) : err;
}

static enum err get_weights(const json_t *in, int64_t *weights, size_t *out_count)
{
    json_t *array = NULL;
    int64_t sum = 0;
    enum err err = json_get_array(in, "weights", &array);
    if (err != ERR_OK) {
        return err;
    }
    size_t count = json_array_size(array);
    if (count > WEIGHTS_MAX) {
        return ERR_INVALID_FIELD;
    }
    for (size_t i = 0; i < count; i++) {
        const json_t *weight = json_array_get(array, i);
        if (!json_is_integer(weight) || json_integer_value(weight) < 0) {
            return ERR_INVALID_FIELD;
        }
        weights[i] = json_integer_value(weight);
        if (__builtin_add_overflow(sum, weights[i], &sum)) {
            return ERR_OVERFLOW;
        }
    }
    *out_count = count;
    return sum > 0 ? ERR_OK : ERR_INVALID_FIELD;
}

enum err calc_split(struct calc *calc, const json_t *in, json_t *out)
{
    int64_t weights[WEIGHTS_MAX];
    int64_t parts[WEIGHTS_MAX];
    size_t count = 0;
    const char *amount = NULL;
    struct ccy ccy;
    struct money total;

    enum err err = calc_at(calc, "amount", json_get_text(in, "amount", &amount));
    if (err == ERR_OK) {
        err = get_ccy(calc, in, "currency", &ccy);
    }
    if (err == ERR_OK) {
        err = calc_at(calc, "amount", money_parse(amount, ccy, &total));
    }
    if (err == ERR_OK) {
        err = calc_at(calc, "weights", get_weights(in, weights, &count));
    }
    if (err == ERR_OK) {
        err = money_split(total.minor, weights, count, parts);
    }
    if (err != ERR_OK) {
        return err;
    }
    json_t *array = json_array();
    for (size_t i = 0; i < count; i++) {
        struct money part = {.minor = parts[i], .ccy = ccy};
        if (array == NULL || json_array_append_new(array, json_from_money(part)) != 0) {
            json_decref(array);
            return ERR_NO_MEMORY;
        }
    }
    return calc_put(out, "parts", array);
}

/* --- calendar --------------------------------------------------------------------------------- */

static const char *day_text(enum calendar_day day)
{
    static const char *const texts[] = {
        [CALENDAR_DAY_WORKDAY] = "workday",
        [CALENDAR_DAY_WEEKEND] = "weekend",
        [CALENDAR_DAY_HOLIDAY] = "holiday",
        [CALENDAR_DAY_MAKE_UP] = "make-up",
    };
    return texts[day];
}

static enum err put_day(const struct calendar *calendar, struct date date, json_t *out)
{
    enum err err =
        calc_put(out, "businessDay", json_boolean(calendar_is_business_day(calendar, date)));
    if (err == ERR_OK) {
        err = calc_put(out, "day", json_string(day_text(calendar_day(calendar, date))));
    }
    if (err == ERR_OK) {
        bool is_known = calendar_knows_year(calendar, date_parts(date).year);
        err = calc_put(out, "knownYear", json_boolean(is_known));
    }
    const char *name_zh = calendar_name(calendar, date, LANG_ZH);
    if (err == ERR_OK && name_zh[0] != '\0') {
        err = calc_put(
            out, "holiday",
            json_pack("{s:s, s:s}", "en", calendar_name(calendar, date, LANG_EN), "zh", name_zh));
    }
    return err;
}

static enum err get_roll(struct calc *calc, const json_t *in, enum roll *out)
{
    const char *text = NULL;
    *out = ROLL_NONE;
    if (!json_has(in, "roll")) {
        return ERR_OK;
    }
    enum err err = json_get_text(in, "roll", &text);
    return calc_at(calc, "roll", err != ERR_OK ? err : calendar_parse_roll(text, out));
}

/* At the end of time a further business day is the same date again. */
static bool holds_business_days(const struct calendar *calendar, struct date date, int count)
{
    int nearer = count > 0 ? count - 1 : count + 1;
    return count == 0 || date_compare(calendar_add_business_days(calendar, date, count),
                                      calendar_add_business_days(calendar, date, nearer)) != 0;
}

static enum err put_later(struct calc *calc, const json_t *in, const struct calendar *calendar,
                          struct date date, enum roll roll, json_t *out)
{
    int count = 0;
    bool end_of_month = false;
    enum err err = ERR_OK;
    if (json_has(in, "addBusinessDays")) {
        err = get_int_between(calc, in, "addBusinessDays", -BUSINESS_DAYS_MAX, BUSINESS_DAYS_MAX,
                              &count);
        if (err == ERR_OK && !holds_business_days(calendar, date, count)) {
            err = calc_at(calc, "addBusinessDays", ERR_INVALID_DATE);
        }
        if (err == ERR_OK) {
            err = calc_put_date(out, "afterBusinessDays",
                                calendar_add_business_days(calendar, date, count));
        }
    }
    if (err == ERR_OK && json_has(in, "endOfMonth")) {
        err = calc_at(calc, "endOfMonth", json_get_bool(in, "endOfMonth", &end_of_month));
    }
    if (err == ERR_OK && json_has(in, "addMonths")) {
        err = get_int_between(calc, in, "addMonths", -MONTHS_MAX, MONTHS_MAX, &count);
        if (err == ERR_OK && !date_holds_months(date, count)) {
            err = calc_at(calc, "addMonths", ERR_INVALID_DATE);
        }
        if (err == ERR_OK) {
            err = calc_put_date(out, "afterMonths",
                                calendar_add_months(calendar, date, count, roll, end_of_month));
        }
    }
    return err;
}

enum err calc_calendar(struct calc *calc, const json_t *in, json_t *out)
{
    const struct calendar *calendar = NULL;
    struct date date = {0};
    enum roll roll = ROLL_NONE;

    enum err err = get_calendar(calc, in, &calendar);
    if (err == ERR_OK) {
        err = get_date(calc, in, "date", &date);
    }
    if (err == ERR_OK) {
        err = get_roll(calc, in, &roll);
    }
    if (err == ERR_OK) {
        err = put_day(calendar, date, out);
    }
    if (err == ERR_OK && json_has(in, "roll")) {
        err = calc_put_date(out, "rolled", calendar_roll(calendar, date, roll));
    }
    return err == ERR_OK ? put_later(calc, in, calendar, date, roll, out) : err;
}

/* --- fx --------------------------------------------------------------------------------------- */

static enum err get_fx_rate(struct calc *calc, const json_t *in, enum rounding rounding,
                            struct fx_rate *out)
{
    struct ccy from;
    struct ccy to;
    const char *text = NULL;
    struct rate spread;

    enum err err = get_ccy(calc, in, "from", &from);
    if (err == ERR_OK) {
        err = get_ccy(calc, in, "to", &to);
    }
    if (err == ERR_OK) {
        err = calc_at(calc, "rate", json_get_text(in, "rate", &text));
    }
    if (err == ERR_OK) {
        err = calc_at(calc, "rate", fx_rate_parse(text, from, to, out));
    }
    if (err == ERR_OK && json_has(in, "spread")) {
        err = get_rate(calc, in, "spread", &spread);
        if (err == ERR_OK) {
            err = calc_at(calc, "spread", fx_spread(*out, spread, rounding, out));
        }
    }
    return err;
}

enum err calc_fx(struct calc *calc, const json_t *in, json_t *out)
{
    char rate_text[FX_RATE_TEXT_SIZE];
    enum rounding rounding;
    struct fx_rate rate;
    const char *text = NULL;
    struct money amount;

    enum err err = calc_get_rounding(calc, in, &rounding);
    if (err == ERR_OK) {
        err = get_fx_rate(calc, in, rounding, &rate);
    }
    if (err == ERR_OK) {
        err = calc_at(calc, "amount", json_get_text(in, "amount", &text));
    }
    if (err == ERR_OK) {
        err = calc_at(calc, "amount", money_parse(text, rate.from, &amount));
    }
    if (err == ERR_OK) {
        err = calc_at(calc, "amount", fx_convert(amount, rate, rounding, &amount));
    }
    if (err == ERR_OK) {
        err = calc_put(out, "amount", json_from_money(amount));
    }
    if (err != ERR_OK) {
        return err;
    }
    fx_rate_format(rate, rate_text);
    return calc_put(out, "rate", json_string(rate_text));
}
