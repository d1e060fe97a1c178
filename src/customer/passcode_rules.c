/* Which pass codes are too easy to guess. Pure. */
#include "customer/customer_rules.h"

#include <stdio.h>
#include <string.h>

#define PASSCODE_DIGITS 6

/* Favourites of published counts that no rule below catches. */
static const char *const COMMON[] = {
    "123321", "112233", "332211", "123654", "147258", "258369", "369258", "147852", "258147",
    "159357", "357159", "159753", "753951", "951753", "741852", "852963", "963852", "789456",
    "456123", "321654", "456852", "147896", "789632", "520131", "521131", "131420", "201314",
    "520520", "521521", "518518", "168168", "666888", "888666", "188188", "102030", "100200",
    "314159", "271828", "110120", "110119", "123789", "123987", "987123", "789123", "456789",
    "987456", "654123", "159951", "258852", "147741", "369963", "142536", "152535", "136913",
    "110110", "120120", "119119", "116116", "234432", "345543", "456654", "567765", "678876",
    "789987", "131452", "521314", "110520", "520110", "987321", "321987", "159263", "357951",
    "753159", "951357", "852456", "456258", "654852", "142857", "246810", "101010", "131313",
    "198800", "888168", "168888", "518888", "668899", "147369", "369147", "741963", "963741",
    "201888", "202020", "202121", "202222", "202323", "202424", "202525", "202626",
};

static bool has_few_digits(const char *code)
{
    unsigned seen = 0;
    for (int i = 0; i < PASSCODE_DIGITS; i++) {
        seen |= 1U << (code[i] - '0');
    }
    return __builtin_popcount(seen) <= 2;
}

/* 123456, 654321, 135791, 890123: each digit the same step from the last, around ten. */
static bool has_equal_steps(const char *code)
{
    int step = (code[1] - code[0] + 10) % 10;
    for (int i = 2; i < PASSCODE_DIGITS; i++) {
        if ((code[i] - code[i - 1] + 10) % 10 != step) {
            return false;
        }
    }
    return true;
}

/* 138831, 112233, 448855: read backwards the same, or three pairs. */
static bool is_mirrored_or_paired(const char *code)
{
    bool is_mirrored = code[0] == code[5] && code[1] == code[4] && code[2] == code[3];
    bool is_paired = code[0] == code[1] && code[2] == code[3] && code[4] == code[5];
    return is_mirrored || is_paired;
}

/* 123123, 121212. */
static bool repeats(const char *code)
{
    return memcmp(code, code + 3, 3) == 0 ||
           (memcmp(code, code + 2, 2) == 0 && memcmp(code, code + 4, 2) == 0);
}

static bool is_common(const char *code)
{
    for (size_t i = 0; i < sizeof(COMMON) / sizeof(COMMON[0]); i++) {
        if (strcmp(code, COMMON[i]) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_of_birth_date(const char *code, struct date birth_date)
{
    struct date_parts parts = date_parts(birth_date);
    char spellings[4][48];
    snprintf(spellings[0], sizeof(spellings[0]), "%04d%02d%02d", parts.year, parts.month,
             parts.day);
    snprintf(spellings[1], sizeof(spellings[1]), "%02d%02d%04d", parts.month, parts.day,
             parts.year);
    snprintf(spellings[2], sizeof(spellings[2]), "%02d%02d%04d", parts.day, parts.month,
             parts.year);
    snprintf(spellings[3], sizeof(spellings[3]), "%02d%02d%02d %02d%02d%02d %04d%d%d", parts.month,
             parts.day, parts.year % 100, parts.day, parts.month, parts.year % 100, parts.year,
             parts.month, parts.day);
    for (int i = 0; i < 4; i++) {
        if (strstr(spellings[i], code)) {
            return true;
        }
    }
    return false;
}

enum err passcode_decide(const char *passcode, const struct passcode_context *context)
{
    if (strlen(passcode) != PASSCODE_DIGITS || strspn(passcode, "0123456789") != PASSCODE_DIGITS) {
        return ERR_INVALID_FIELD;
    }
    bool is_weak = has_few_digits(passcode) || has_equal_steps(passcode) || repeats(passcode) ||
                   is_mirrored_or_paired(passcode) || is_common(passcode) ||
                   (context->phone && strstr(context->phone, passcode)) ||
                   (context->id_number && strstr(context->id_number, passcode)) ||
                   (context->has_birth_date && is_of_birth_date(passcode, context->birth_date));
    return is_weak ? ERR_PASSCODE_WEAK : ERR_OK;
}
