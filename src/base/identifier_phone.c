/* Phone numbers of ITU-T E.164 in the notation of E.123. */
#include "identifier.h"
#include "identifier_text.h"

#include <string.h>

#define E164_DIGITS_MIN 7
#define E164_DIGITS_MAX 15
#define COMPACT_SIZE    40

/* Assigned country codes and global services of ITU-T E.164; no code is a prefix of another. */
static const char country_codes[] =
    " 1 20 211 212 213 216 218 220 221 222 223 224 225 226 227 228 229 230 231 232 233 234 235 236"
    " 237 238 239 240 241 242 243 244 245 246 247 248 249 250 251 252 253 254 255 256 257 258 260"
    " 261 262 263 264 265 266 267 268 269 27 290 291 297 298 299 30 31 32 33 34 350 351 352 353 354"
    " 355 356 357 358 359 36 370 371 372 373 374 375 376 377 378 379 380 381 382 383 385 386 387"
    " 389 39 40 41 420 421 423 43 44 45 46 47 48 49 500 501 502 503 504 505 506 507 508 509 51 52"
    " 53 54 55 56 57 58 590 591 592 593 594 595 596 597 598 599 60 61 62 63 64 65 66 670 672 673"
    " 674 675 676 677 678 679 680 681 682 683 685 686 687 688 689 690 691 692 7 800 808 81 82 84"
    " 850 852 853 855 856 86 870 878 880 881 882 883 886 90 91 92 93 94 95 960 961 962 963 964 965"
    " 966 967 968 970 971 972 973 974 975 976 977 979 98 992 993 994 995 996 998 ";

/* Codes after which a number may begin with 0: it is part of the number (Italy, San Marino, Vatican,
 * Côte d'Ivoire, Burkina Faso, Benin, Gabon, Congo, Tajikistan) or the code is a global service.
 * Freephone numbers that begin with 0 (Botswana, Niger, …) cannot be dialled from abroad. */
static const char zero_codes[] =
    " 39 378 379 225 226 229 241 242 800 808 870 878 881 882 883 979 992 ";

/* Whether the first `size` digits are a word of the list. */
static bool is_listed(const char *list, const char *digits, size_t size)
{
    for (const char *at = list; at[1] != '\0'; at = strchr(at + 1, ' ')) {
        if (strncmp(at + 1, digits, size) == 0 && at[1 + size] == ' ') {
            return true;
        }
    }
    return false;
}

/* Digits of the country code; 0: not assigned. */
static size_t code_size(const char *digits)
{
    for (size_t size = 1; size <= 3 && digits[size - 1] != '\0'; size++) {
        if (is_listed(country_codes, digits, size)) {
            return size;
        }
    }
    return 0;
}

/* Removes "(0)", which E.123 writes for a trunk zero, then the other parentheses. */
static size_t without_parentheses(char *text)
{
    size_t size = 0;
    for (const char *at = text; *at != '\0'; at++) {
        if (size > 0 && strncmp(at, "(0)", 3) == 0) {
            at += 2;
        } else if (*at != '(' && *at != ')') {
            text[size++] = *at;
        }
    }
    text[size] = '\0';
    return size;
}

/* The text without separators and with a leading "+", also for "00" and bare mainland mobiles. */
static size_t international_form(const char *text, char *out, size_t out_size)
{
    char compact[COMPACT_SIZE];
    const char *rest = compact;
    const char *prefix = "";
    if (identifier_compact(text, "/", compact, sizeof compact) == sizeof compact) {
        return out_size;
    }
    size_t size = without_parentheses(compact);
    if (strncmp(rest, "00", 2) == 0) {
        rest += 2;
        prefix = "+";
    } else if (size == 11 && rest[0] == '1') {
        prefix = "+86";
    } else if (size == 13 && strncmp(rest, "861", 3) == 0) {
        prefix = "+";
    }
    size_t prefix_size = strlen(prefix);
    size_t rest_size = strlen(rest);
    if (prefix_size + rest_size + 1 > out_size) {
        return out_size;
    }
    memcpy(out, prefix, prefix_size);
    memcpy(out + prefix_size, rest, rest_size + 1);
    return prefix_size + rest_size;
}

static enum identifier_reason mainland_reason(const char *number, bool *out_is_mobile)
{
    /* Beijing's landlines, +86 10 and 8 digits, lack both */
    bool has_mobile_range = number[4] >= '3';
    bool has_mobile_length = strlen(number) == strlen("+8613800138000");
    if (has_mobile_range != has_mobile_length) {
        return has_mobile_length ? IDENTIFIER_NOT_A_MOBILE : IDENTIFIER_WRONG_LENGTH;
    }
    *out_is_mobile = has_mobile_range;
    return IDENTIFIER_VALID;
}

enum identifier_reason identifier_parse_phone(const char *text, struct phone *out)
{
    struct phone phone = {0};
    size_t size = international_form(text, phone.number, sizeof phone.number);
    if (size == 0) {
        return IDENTIFIER_EMPTY;
    }
    if (size == sizeof phone.number) {
        return IDENTIFIER_WRONG_LENGTH;
    }
    const char *digits = phone.number + 1;
    if (phone.number[0] != '+') {
        return identifier_is_digits(phone.number, 1, sizeof phone.number)
                   ? IDENTIFIER_WRONG_LENGTH
                   : IDENTIFIER_WRONG_CHARACTER;
    }
    if (!identifier_is_digits(digits, 0, sizeof phone.number) || digits[0] == '0') {
        return IDENTIFIER_WRONG_CHARACTER;
    }
    if (size - 1 < E164_DIGITS_MIN || size - 1 > E164_DIGITS_MAX) {
        return IDENTIFIER_WRONG_LENGTH;
    }
    size_t code = code_size(digits);
    if (code == 0) {
        return IDENTIFIER_UNKNOWN_COUNTRY;
    }
    if (digits[code] == '0' && !is_listed(zero_codes, digits, code)) {
        return IDENTIFIER_TRUNK_ZERO;
    }
    enum identifier_reason reason = strncmp(digits, "861", 3) == 0
                                        ? mainland_reason(phone.number, &phone.is_china_mobile)
                                        : IDENTIFIER_VALID;
    if (reason == IDENTIFIER_VALID) {
        *out = phone;
    }
    return reason;
}
