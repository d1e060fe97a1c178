/*
 * The recogniser's text becomes a field only if it has the field's form; the forms of GA 490 and
 * GB 11643 are strict enough to exclude most misreadings. In names and places a character that cannot
 * occur is CARD_UNREAD: the customer fills it in, and the rest of the field stays.
 */
#include "card_private.h"

#include "base/text.h"

#include <stdio.h>
#include <string.h>

#define NAME_RUNES_MIN    2
#define NAME_RUNES_MAX    30
#define ADDRESS_RUNES_MIN 5
#define ISSUER_RUNES_MIN  5
#define BIRTH_YEAR_MIN    1900
#define UNREAD_SHARE      3 /* at most one character in this many may be unread */
#define MIDDLE_DOT        0xB7U

static const char *const nations[] = {
    "汉",     "蒙古",   "回",       "藏",     "维吾尔",   "苗",   "彝",     "壮",
    "布依",   "朝鲜",   "满",       "侗",     "瑶",       "白",   "土家",   "哈尼",
    "哈萨克", "傣",     "黎",       "傈僳",   "佤",       "畲",   "高山",   "拉祜",
    "水",     "东乡",   "纳西",     "景颇",   "柯尔克孜", "土",   "达斡尔", "仫佬",
    "羌",     "布朗",   "撒拉",     "毛南",   "仡佬",     "锡伯", "阿昌",   "普米",
    "塔吉克", "怒",     "乌孜别克", "俄罗斯", "鄂温克",   "德昂", "保安",   "裕固",
    "京",     "塔塔尔", "独龙",     "鄂伦春", "赫哲",     "门巴", "珞巴",   "基诺",
};

/* A text under construction: at most `size` bytes with its NUL. */
struct field_draft {
    char *bytes;
    size_t size, used;
    int runes, unread;
    bool is_full;
};

static void draft_add(struct field_draft *draft, uint32_t point)
{
    char piece[4];
    size_t size = text_put(point, piece);
    if (draft->used + size >= draft->size) {
        draft->is_full = true;
        return;
    }
    memcpy(draft->bytes + draft->used, piece, size);
    draft->used += size;
    draft->bytes[draft->used] = '\0';
    draft->runes++;
    draft->unread += point == CARD_UNREAD;
}

/* Complete, with at most one character in UNREAD_SHARE left to the customer. */
static bool draft_is_good(const struct field_draft *draft, int runes_min)
{
    return !draft->is_full && draft->runes >= runes_min &&
           draft->unread * UNREAD_SHARE <= draft->runes;
}

static bool is_chinese(uint32_t point)
{
    return text_kind_of(point) == TEXT_HAN;
}

bool card_parse_name(const char *text, char out[CARD_NAME_SIZE])
{
    char name[CARD_NAME_SIZE] = "";
    struct field_draft draft = {.bytes = name, .size = sizeof name};
    struct text_points points;
    bool was_dot = true; /* none at the start, none at the end, no two adjacent */
    if (!text_fold(text, &points)) {
        return false;
    }
    for (size_t i = 0; i < points.count; i++) {
        uint32_t point = points.at[i];
        bool is_dot = text_kind_of(point) == TEXT_DOT;
        if (point == ' ') {
            continue;
        }
        if (is_dot && was_dot) {
            return false;
        }
        draft_add(&draft, is_dot ? MIDDLE_DOT : is_chinese(point) ? point : CARD_UNREAD);
        was_dot = is_dot;
    }
    if (!draft_is_good(&draft, NAME_RUNES_MIN) || draft.runes > NAME_RUNES_MAX || was_dot) {
        return false;
    }
    memcpy(out, name, draft.used + 1);
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

/* Letters and marks of addresses besides Chinese characters. */
static bool is_address_point(uint32_t point)
{
    bool is_alphanumeric = (point >= '0' && point <= '9') || (point >= 'A' && point <= 'Z') ||
                           (point >= 'a' && point <= 'z');
    return is_chinese(point) || is_alphanumeric || text_kind_of(point) == TEXT_DASH ||
           text_kind_of(point) == TEXT_DOT ||
           (point > ' ' && point < 0x80 && strchr("#()/,:", (int)point));
}

/* "II" for a Roman numeral of one sign; 0: the point is no such numeral. */
static int roman_value(uint32_t point)
{
    return point >= 0x2160 && point <= 0x216B ? (int)(point - 0x2160) + 1 : 0;
}

static void add_roman(struct field_draft *draft, int value)
{
    static const char *const numerals[] = {"",    "I",    "II", "III", "IV", "V",  "VI",
                                           "VII", "VIII", "IX", "X",   "XI", "XII"};
    for (const char *c = numerals[value]; *c != '\0'; c++) {
        draft_add(draft, (uint32_t)*c);
    }
}

bool card_parse_address(const char *text, char out[CARD_ADDRESS_SIZE])
{
    char address[CARD_ADDRESS_SIZE] = "";
    struct field_draft draft = {.bytes = address, .size = sizeof address};
    struct text_points points;
    int chinese = 0;
    if (!text_fold(text, &points) || points.count == 0 || !is_chinese(points.at[0])) {
        return false;
    }
    for (size_t i = 0; i < points.count; i++) {
        uint32_t point = points.at[i];
        if (point == ' ') {
            continue;
        }
        chinese += is_chinese(point);
        if (roman_value(point) != 0) {
            add_roman(&draft, roman_value(point));
        } else {
            draft_add(&draft, is_address_point(point) ? point : CARD_UNREAD);
        }
    }
    if (!draft_is_good(&draft, ADDRESS_RUNES_MIN) || chinese * 2 < draft.runes) {
        return false;
    }
    memcpy(out, address, draft.used + 1);
    return true;
}

bool card_parse_issuer(const char *text, char out[CARD_AUTHORITY_SIZE])
{
    char issuer[CARD_AUTHORITY_SIZE] = "";
    struct field_draft draft = {.bytes = issuer, .size = sizeof issuer};
    struct text_points points;
    const char *const ending = "局", *const police = "公安";
    if (!text_fold(text, &points)) {
        return false;
    }
    for (size_t i = 0; i < points.count; i++) {
        if (points.at[i] != ' ') {
            draft_add(&draft, is_chinese(points.at[i]) ? points.at[i] : CARD_UNREAD);
        }
    }
    if (!draft_is_good(&draft, ISSUER_RUNES_MIN) || strstr(issuer, police) == NULL ||
        strncmp(issuer, police, strlen(police)) == 0 ||
        strcmp(issuer + draft.used - strlen(ending), ending) != 0) {
        return false;
    }
    memcpy(out, issuer, draft.used + 1);
    return true;
}

static bool take_date(const char **text, struct date_parts *parts, struct date *out)
{
    return take_number(text, 4, 4, false, &parts->year) && take_text(text, ".") &&
           take_number(text, 2, 2, true, &parts->month) && take_text(text, ".") &&
           take_number(text, 2, 2, true, &parts->day) &&
           date_from_parts(parts->year, parts->month, parts->day, out) == ERR_OK;
}

/* Cards are valid for 5, 10 or 20 years to the day; 29 February may end on an adjacent day. */
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
