/*
 * What the recogniser read becomes a field only if it has the field's exact form; the forms of GA 490
 * and GB 11643 are tight enough to throw out most misreadings.
 */
#include "card_private.h"

#include <stdio.h>
#include <string.h>

#define NAME_RUNES_MIN    2
#define NAME_RUNES_MAX    30
#define ADDRESS_RUNES_MIN 5
#define ISSUER_RUNES_MIN  5
#define BIRTH_YEAR_MIN    1900

static const char *const nations[] = {
    "汉",     "蒙古",   "回",       "藏",     "维吾尔",   "苗",   "彝",     "壮",
    "布依",   "朝鲜",   "满",       "侗",     "瑶",       "白",   "土家",   "哈尼",
    "哈萨克", "傣",     "黎",       "傈僳",   "佤",       "畲",   "高山",   "拉祜",
    "水",     "东乡",   "纳西",     "景颇",   "柯尔克孜", "土",   "达斡尔", "仫佬",
    "羌",     "布朗",   "撒拉",     "毛南",   "仡佬",     "锡伯", "阿昌",   "普米",
    "塔吉克", "怒",     "乌孜别克", "俄罗斯", "鄂温克",   "德昂", "保安",   "裕固",
    "京",     "塔塔尔", "独龙",     "鄂伦春", "赫哲",     "门巴", "珞巴",   "基诺",
};

/* One code point and its length in bytes; 0 at the end and for what is no UTF-8. */
static uint32_t rune_at(const char *text, size_t *out_size)
{
    const unsigned char *p = (const unsigned char *)text;
    size_t size = p[0] < 0x80 ? 1 : p[0] >= 0xF0 ? 4 : p[0] >= 0xE0 ? 3 : p[0] >= 0xC0 ? 2 : 0;
    *out_size = size;
    if (size <= 1) {
        return size == 1 ? p[0] : 0;
    }
    uint32_t rune = p[0] & (0xFFU >> (size + 1));
    for (size_t i = 1; i < size; i++) {
        if ((p[i] & 0xC0) != 0x80) {
            return 0;
        }
        rune = rune << 6 | (p[i] & 0x3FU);
    }
    return rune;
}

static bool is_chinese(uint32_t rune)
{
    return (rune >= 0x3400 && rune <= 0x9FFF) || (rune >= 0x20000 && rune <= 0x323AF);
}

static bool is_middle_dot(uint32_t rune)
{
    return rune == 0xB7 || rune == 0x2022 || rune == 0x30FB || rune == 0xFF0E || rune == '.';
}

bool card_parse_name(const char *text, char out[CARD_NAME_SIZE])
{
    char name[CARD_NAME_SIZE] = "";
    size_t length = 0, size;
    int runes = 0;
    bool was_dot = true; /* none at the start, none at the end, no two */
    for (uint32_t rune; (rune = rune_at(text, &size)) != 0; text += size) {
        bool is_dot = is_middle_dot(rune);
        if ((!is_dot && !is_chinese(rune)) || (is_dot && was_dot) || ++runes > NAME_RUNES_MAX) {
            return false;
        }
        length += (size_t)snprintf(name + length, sizeof name - length, "%.*s",
                                   is_dot ? 2 : (int)size, is_dot ? "·" : text);
        was_dot = is_dot;
    }
    if (*text != '\0' || runes < NAME_RUNES_MIN || was_dot) {
        return false;
    }
    memcpy(out, name, length + 1);
    return true;
}

bool card_parse_nation(const char *text, char out[25])
{
    for (size_t i = 0; i < sizeof nations / sizeof *nations; i++) {
        if (strcmp(nations[i], text) == 0) {
            snprintf(out, 25, "%s", text);
            return true;
        }
    }
    return false;
}

/* Digits, at least `min` and at most `max`, no leading zero unless `is_padded`; moves *text on. */
static bool take_number(const char **text, size_t min, size_t max, bool is_padded, int *out)
{
    size_t count = strspn(*text, "0123456789");
    if (count < min || count > max || (!is_padded && **text == '0')) {
        return false;
    }
    *out = 0;
    for (size_t i = 0; i < count; i++) {
        *out = *out * 10 + (*text)[i] - '0';
    }
    *text += count;
    return true;
}

static bool take_text(const char **text, const char *wanted)
{
    size_t size = strlen(wanted);
    bool is_there = strncmp(*text, wanted, size) == 0;
    *text += is_there ? size : 0;
    return is_there;
}

bool card_parse_birth(const char *text, struct date *out)
{
    int year, month, day;
    return take_number(&text, 4, 4, false, &year) && take_text(&text, "年") &&
           take_number(&text, 1, 2, false, &month) && take_text(&text, "月") &&
           take_number(&text, 1, 2, false, &day) && take_text(&text, "日") && *text == '\0' &&
           year >= BIRTH_YEAR_MIN && date_from_parts(year, month, day, out) == ERR_OK;
}

/* Letters and marks that addresses hold besides Chinese characters and digits. */
static bool is_address_mark(uint32_t rune)
{
    return rune < 0x80 ? rune > ' ' && strchr("-#()/.,", (int)rune) != NULL
                       : rune == 0xFF08 || rune == 0xFF09 || rune == 0x3001 || rune == 0x2014 ||
                             rune == 0xB7;
}

static bool is_address_rune(uint32_t rune)
{
    return is_chinese(rune) || (rune >= '0' && rune <= '9') || (rune >= 'A' && rune <= 'Z') ||
           (rune >= 'a' && rune <= 'z') || is_address_mark(rune);
}

bool card_parse_address(const char *text, char out[CARD_ADDRESS_SIZE])
{
    size_t size, length = strlen(text);
    int runes = 0, chinese = 0;
    const char *at = text;
    for (uint32_t rune; (rune = rune_at(at, &size)) != 0; at += size) {
        if (!is_address_rune(rune)) {
            return false;
        }
        runes++;
        chinese += is_chinese(rune);
    }
    uint32_t first = rune_at(text, &size);
    if (*at != '\0' || runes < ADDRESS_RUNES_MIN || chinese * 2 < runes || !is_chinese(first) ||
        length >= CARD_ADDRESS_SIZE) {
        return false;
    }
    memcpy(out, text, length + 1);
    return true;
}

bool card_parse_issuer(const char *text, char out[CARD_AUTHORITY_SIZE])
{
    size_t size, length = strlen(text);
    int runes = 0;
    const char *at = text;
    for (uint32_t rune; (rune = rune_at(at, &size)) != 0; at += size) {
        if (!is_chinese(rune)) {
            return false;
        }
        runes++;
    }
    const char *ending = "局";
    if (*at != '\0' || runes < ISSUER_RUNES_MIN || length >= CARD_AUTHORITY_SIZE ||
        strstr(text, "公安") == NULL || strncmp(text, "公安", strlen("公安")) == 0 ||
        strcmp(text + length - strlen(ending), ending) != 0) {
        return false;
    }
    memcpy(out, text, length + 1);
    return true;
}

static bool take_date(const char **text, struct date_parts *parts, struct date *out)
{
    return take_number(text, 4, 4, false, &parts->year) && take_text(text, ".") &&
           take_number(text, 2, 2, true, &parts->month) && take_text(text, ".") &&
           take_number(text, 2, 2, true, &parts->day) &&
           date_from_parts(parts->year, parts->month, parts->day, out) == ERR_OK;
}

/* Cards are valid for 5, 10 or 20 years to the day; 29 February may end on a neighbour. */
static bool is_term(const struct date_parts *from, const struct date_parts *until)
{
    int years = until->year - from->year;
    bool is_same_day = from->month == until->month && from->day == until->day;
    bool is_leap_day =
        from->month == 2 && from->day == 29 &&
        ((until->month == 2 && until->day == 28) || (until->month == 3 && until->day == 1));
    return (years == 5 || years == 10 || years == 20) && (is_same_day || is_leap_day);
}

bool card_parse_validity(const char *text, struct date *out_from, struct date *out_until,
                         bool *out_is_long_term)
{
    struct date_parts from_parts, until_parts;
    struct date from, until = {0};
    if (!take_date(&text, &from_parts, &from) || !take_text(&text, "-")) {
        return false;
    }
    bool is_long_term = take_text(&text, "长期");
    if (!is_long_term &&
        (!take_date(&text, &until_parts, &until) || !is_term(&from_parts, &until_parts))) {
        return false;
    }
    if (*text != '\0') {
        return false;
    }
    *out_from = from;
    *out_until = until;
    *out_is_long_term = is_long_term;
    return true;
}

/* --- The number ------------------------------------------------------------------------------- */

bool card_parse_number(const char *text, char out[19])
{
    size_t digits = strspn(text, "0123456789");
    if (strlen(text) != 18 || digits < 17 || (digits == 17 && text[17] != 'X')) {
        return false;
    }
    memcpy(out, text, 19);
    return true;
}

static bool number_birth(const char *number, struct date *out)
{
    int parts[3] = {0};
    for (int i = 6; i < 14; i++) {
        int *part = &parts[i < 10 ? 0 : i < 12 ? 1 : 2];
        *part = *part * 10 + number[i] - '0';
    }
    return date_from_parts(parts[0], parts[1], parts[2], out) == ERR_OK;
}

/* ISO 7064 MOD 11-2. */
bool card_number_holds(const char *number)
{
    char copy[19];
    struct date birth;
    if (!card_parse_number(number, copy) || number[0] == '0' || !number_birth(number, &birth)) {
        return false;
    }
    int sum = 0;
    for (int i = 0; i < 17; i++) {
        sum = (sum + number[i] - '0') * 2 % 11;
    }
    return number[17] == "0123456789X"[(12 - sum) % 11];
}

struct date card_number_birth(const char *number)
{
    struct date birth = {0};
    number_birth(number, &birth);
    return birth;
}

int card_number_sex(const char *number)
{
    return (number[16] - '0') % 2;
}
