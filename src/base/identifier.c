#include "identifier.h"

#include "check.h"
#include "identifier_text.h"
#include "text.h"

#include <string.h>

#define RESIDENT_ID_SIZE     18
#define RESIDENT_ID_OLD_SIZE 15
#define USCC_SIZE            18

struct identifier_row {
    const char *slug;
    const char *text[2];
};

static const struct identifier_row identifier_rows[IDENTIFIER_REASON_COUNT] = {
    [IDENTIFIER_VALID] = {"valid", {"The number is well formed.", "号码格式正确。"}},
    [IDENTIFIER_EMPTY] = {"empty", {"The number is missing.", "号码为空。"}},
    [IDENTIFIER_OLD_FORM] = {"old-form",
                             {"This is the old 15-digit number; enter the 18-digit one.",
                              "这是旧的15位号码，请输入18位号码。"}},
    [IDENTIFIER_WRONG_LENGTH] = {"wrong-length",
                                 {"The number has too few or too many characters.",
                                  "号码位数不对。"}},
    [IDENTIFIER_WRONG_CHARACTER] = {"wrong-character",
                                    {"The number contains a character that does not belong there.",
                                     "号码中有不允许的字符。"}},
    [IDENTIFIER_UNKNOWN_AUTHORITY] = {"unknown-authority",
                                      {"No registration authority has this first character.",
                                       "首位字符不对应任何登记管理部门。"}},
    [IDENTIFIER_UNKNOWN_COUNTRY] = {"unknown-country",
                                    {"The country code is not known.", "国家或地区代码不存在。"}},
    [IDENTIFIER_UNKNOWN_REGION] = {"unknown-region",
                                   {"The region code is not known.", "行政区划代码不存在。"}},
    [IDENTIFIER_NO_SUCH_DATE] = {"no-such-date",
                                 {"The birth date in the number does not exist.",
                                  "号码中的出生日期不存在。"}},
    [IDENTIFIER_BORN_TOO_EARLY] = {"born-too-early",
                                   {"The birth date in the number lies before 1900.",
                                    "号码中的出生日期早于1900年。"}},
    [IDENTIFIER_BORN_IN_FUTURE] = {"born-in-future",
                                   {"The birth date in the number lies in the future.",
                                    "号码中的出生日期晚于今天。"}},
    [IDENTIFIER_NOT_A_MOBILE] = {"not-a-mobile",
                                 {"This is not a mainland mobile number (1[3-9] and 9 digits).",
                                  "这不是中国大陆手机号码（1开头、第二位3至9，共11位）。"}},
    [IDENTIFIER_TRUNK_ZERO] = {"trunk-zero",
                               {"After the country code comes no 0; leave it out.",
                                "国家或地区代码之后不能有0，请去掉。"}},
    [IDENTIFIER_WRONG_CHECK] = {"wrong-check",
                                {"The check character does not fit; look for a typing error.",
                                 "校验位不符，请检查是否输入有误。"}},
};

const char *identifier_slug(enum identifier_reason reason)
{
    CHECK((unsigned)reason < IDENTIFIER_REASON_COUNT);
    return identifier_rows[reason].slug;
}

const char *identifier_text(enum identifier_reason reason, enum lang lang)
{
    CHECK((unsigned)reason < IDENTIFIER_REASON_COUNT);
    return identifier_rows[reason].text[lang == LANG_ZH ? 1 : 0];
}

bool identifier_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool identifier_is_digits(const char *text, size_t size_min, size_t size_max)
{
    size_t size = 0;
    while (identifier_is_digit(text[size])) {
        size++;
    }
    return text[size] == '\0' && size >= size_min && size <= size_max;
}

static char identifier_upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

size_t identifier_compact(const char *text, const char *dropped, char *out, size_t out_size)
{
    struct text_points points;
    size_t size = 0;
    if (!text_fold(text, &points)) {
        return out_size;
    }
    for (size_t i = 0; i < points.count; i++) {
        uint32_t point = points.at[i];
        enum text_kind kind = text_kind_of(point);
        bool is_ascii = point > 0 && point < 0x80;
        if (kind == TEXT_SPACE || kind == TEXT_DASH || kind == TEXT_DOT ||
            (is_ascii && strchr(dropped, (int)point) != NULL)) {
            continue;
        }
        if (size + 1 == out_size) {
            return out_size;
        }
        out[size++] = is_ascii ? identifier_upper((char)point) : '?';
    }
    out[size] = '\0';
    return size;
}

bool identifier_tidy(const char *text, char *out, size_t out_size)
{
    return identifier_compact(text, "", out, out_size) < out_size;
}

static const struct region *province_of(const struct regions *regions, const char *code)
{
    char province[7] = {code[0], code[1], '0', '0', '0', '0', '\0'};
    return regions_find(regions, province);
}

static const struct region *region_of(const struct regions *regions, const char *code)
{
    char county[7];
    memcpy(county, code, 6);
    county[6] = '\0';
    return regions_find(regions, county);
}

/* --- resident ID ------------------------------------------------------------------------------ */

char identifier_check_of(const char *digits)
{
    /* ISO 7064 as a recurrence: P = (P + digit) * 2 mod 11, then the check makes the sum 1 */
    int product = 0;
    for (int i = 0; i < RESIDENT_ID_SIZE - 1; i++) {
        product = (product + (digits[i] - '0')) * 2 % 11;
    }
    return "0123456789X"[(12 - product) % 11];
}

static int number_at(const char *digits, int count)
{
    int value = 0;
    for (int i = 0; i < count; i++) {
        value = value * 10 + (digits[i] - '0');
    }
    return value;
}

static enum identifier_reason birth_date_of(const char *digits, struct date today, struct date *out)
{
    int year = number_at(digits, 4);
    int month = number_at(digits + 4, 2);
    int day = number_at(digits + 6, 2);
    if (month < 1 || month > 12 || day < 1 || day > date_days_in_month(year, month)) {
        return IDENTIFIER_NO_SUCH_DATE;
    }
    if (year < 1900) {
        return IDENTIFIER_BORN_TOO_EARLY;
    }
    struct date date;
    if (date_from_parts(year, month, day, &date) != ERR_OK || date_compare(date, today) > 0) {
        return IDENTIFIER_BORN_IN_FUTURE;
    }
    *out = date;
    return IDENTIFIER_VALID;
}

static size_t digit_run(const char *text)
{
    size_t run = 0;
    while (identifier_is_digit(text[run])) {
        run++;
    }
    return run;
}

/* Region and country in the first six characters. */
static enum identifier_reason origin_of(const struct regions *regions, struct resident_id *id)
{
    /* GA 2102-2023: 9, province, country; GB 11643: province, prefecture, county */
    bool is_permanent = id->number[0] == '9';
    id->province = province_of(regions, id->number + (is_permanent ? 1 : 0));
    if (id->province == NULL) {
        return IDENTIFIER_UNKNOWN_REGION;
    }
    if (!is_permanent) {
        id->county = region_of(regions, id->number);
        return IDENTIFIER_VALID;
    }
    id->kind = RESIDENT_ID_PERMANENT;
    memcpy(id->country, id->number + 3, 3);
    return identifier_is_country_number(id->country) ? IDENTIFIER_VALID
                                                     : IDENTIFIER_UNKNOWN_COUNTRY;
}

enum identifier_reason identifier_parse_resident_id(const struct regions *regions, const char *text,
                                                    struct date today, struct resident_id *out)
{
    struct resident_id id = {.kind = RESIDENT_ID_CITIZEN};
    size_t size = identifier_compact(text, "", id.number, sizeof id.number);
    if (size == 0) {
        return IDENTIFIER_EMPTY;
    }
    if (size == sizeof id.number) {
        return IDENTIFIER_WRONG_LENGTH;
    }
    size_t run = digit_run(id.number);
    if (size == RESIDENT_ID_OLD_SIZE && run == size) {
        return IDENTIFIER_OLD_FORM;
    }
    if (size != RESIDENT_ID_SIZE) {
        return IDENTIFIER_WRONG_LENGTH;
    }
    if (run < size - 1 || (run == size - 1 && id.number[run] != 'X')) {
        return IDENTIFIER_WRONG_CHARACTER;
    }
    enum identifier_reason reason = origin_of(regions, &id);
    if (reason == IDENTIFIER_VALID) {
        reason = birth_date_of(id.number + 6, today, &id.birth_date);
    }
    if (reason != IDENTIFIER_VALID) {
        return reason;
    }
    if (id.number[RESIDENT_ID_SIZE - 1] != identifier_check_of(id.number)) {
        return IDENTIFIER_WRONG_CHECK;
    }
    id.sex = (id.number[16] - '0') % 2 == 1 ? SEX_MALE : SEX_FEMALE;
    *out = id;
    return IDENTIFIER_VALID;
}

int identifier_age(struct date birth_date, struct date today)
{
    struct date_parts born = date_parts(birth_date);
    struct date_parts now = date_parts(today);
    bool had_birthday = now.month > born.month || (now.month == born.month && now.day >= born.day);
    return now.year - born.year - (had_birthday ? 0 : 1);
}

/* --- unified social credit code --------------------------------------------------------------- */

/* Digits and capitals without I, O, S, V, Z, which are easily confused; the index is the value. */
static const char uscc_alphabet[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";
#define USCC_MODULUS 31

static int uscc_value(char c)
{
    const char *at = strchr(uscc_alphabet, c);
    return c == '\0' || at == NULL ? -1 : (int)(at - uscc_alphabet);
}

static bool uscc_check_fits(const char *number)
{
    int sum = 0;
    int weight = 1; /* 3^i mod 31 */
    for (int i = 0; i < USCC_SIZE - 1; i++) {
        sum += uscc_value(number[i]) * weight;
        weight = weight * 3 % USCC_MODULUS;
    }
    return uscc_value(number[USCC_SIZE - 1]) == (USCC_MODULUS - sum % USCC_MODULUS) % USCC_MODULUS;
}

enum identifier_reason identifier_parse_uscc(const struct regions *regions, const char *text,
                                             struct uscc *out)
{
    struct uscc uscc = {0};
    size_t size = identifier_compact(text, "", uscc.number, sizeof uscc.number);
    if (size == 0) {
        return IDENTIFIER_EMPTY;
    }
    if (size != USCC_SIZE) {
        return IDENTIFIER_WRONG_LENGTH;
    }
    for (int i = 0; i < USCC_SIZE; i++) {
        bool is_region = i >= 2 && i < 8;
        if (uscc_value(uscc.number[i]) < 0 || (is_region && !identifier_is_digit(uscc.number[i]))) {
            return IDENTIFIER_WRONG_CHARACTER;
        }
    }
    /* authorities of GB 32100, table 1, and those added later by the registry */
    if (strchr("123456789ANY", uscc.number[0]) == NULL) {
        return IDENTIFIER_UNKNOWN_AUTHORITY;
    }
    uscc.province = province_of(regions, uscc.number + 2);
    if (uscc.province == NULL && memcmp(uscc.number + 2, "10", 2) != 0) {
        return IDENTIFIER_UNKNOWN_REGION;
    }
    if (!uscc_check_fits(uscc.number)) {
        return IDENTIFIER_WRONG_CHECK;
    }
    *out = uscc;
    return IDENTIFIER_VALID;
}
