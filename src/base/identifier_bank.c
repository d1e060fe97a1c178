/* Numbers of the banking trade: cards, IBAN, BIC, LEI, and the phone that names a customer. */
#include "identifier.h"
#include "identifier_text.h"

#include <string.h>

static bool is_letter(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_alphanumeric(char c)
{
    return is_letter(c) || identifier_is_digit(c);
}

static bool all_alphanumeric(const char *text)
{
    while (is_alphanumeric(*text)) {
        text++;
    }
    return *text == '\0';
}

/* --- countries -------------------------------------------------------------------------------- */

struct iban_country {
    char code[3];
    unsigned char length;
};

/* IBAN registry of ISO 13616-2 (SWIFT), total lengths. */
static const struct iban_country iban_countries[] = {
    {"AD", 24}, {"AE", 23}, {"AL", 28}, {"AT", 20}, {"AZ", 28}, {"BA", 20}, {"BE", 16}, {"BG", 22},
    {"BH", 22}, {"BI", 27}, {"BR", 29}, {"BY", 28}, {"CH", 21}, {"CR", 22}, {"CY", 28}, {"CZ", 24},
    {"DE", 22}, {"DJ", 27}, {"DK", 18}, {"DO", 28}, {"EE", 20}, {"EG", 29}, {"ES", 24}, {"FI", 18},
    {"FK", 18}, {"FO", 18}, {"FR", 27}, {"GB", 22}, {"GE", 22}, {"GI", 23}, {"GL", 18}, {"GR", 27},
    {"GT", 28}, {"HN", 28}, {"HR", 21}, {"HU", 28}, {"IE", 22}, {"IL", 23}, {"IQ", 23}, {"IS", 26},
    {"IT", 27}, {"JO", 30}, {"KW", 30}, {"KZ", 20}, {"LB", 28}, {"LC", 32}, {"LI", 21}, {"LT", 20},
    {"LU", 20}, {"LV", 21}, {"LY", 25}, {"MC", 27}, {"MD", 24}, {"ME", 22}, {"MK", 19}, {"MN", 20},
    {"MR", 27}, {"MT", 31}, {"MU", 30}, {"NI", 28}, {"NL", 18}, {"NO", 15}, {"OM", 23}, {"PK", 24},
    {"PL", 28}, {"PS", 29}, {"PT", 25}, {"QA", 29}, {"RO", 24}, {"RS", 22}, {"RU", 33}, {"SA", 24},
    {"SC", 31}, {"SD", 18}, {"SE", 24}, {"SI", 19}, {"SK", 24}, {"SM", 27}, {"SO", 23}, {"ST", 25},
    {"SV", 28}, {"TL", 23}, {"TN", 24}, {"TR", 26}, {"UA", 29}, {"VA", 22}, {"VG", 24}, {"XK", 20},
    {"YE", 30},
};

/* ISO 3166-1 alpha-2, and XK (Kosovo), which BIC and IBAN use. */
static const char country_codes[] =
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR "
    "BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ "
    "EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW "
    "GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY "
    "KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV "
    "MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY "
    "QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG "
    "TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA "
    "ZM ZW ";

static bool is_country(const char *code)
{
    for (const char *at = country_codes; *at != '\0'; at += 3) {
        if (at[0] == code[0] && at[1] == code[1]) {
            return true;
        }
    }
    return false;
}

/* ISO 7064 MOD 97-10 over digits and letters (A is 10): the remainder. */
static int mod_97(const char *text, int remainder)
{
    for (; *text != '\0'; text++) {
        int value = identifier_is_digit(*text) ? *text - '0' : *text - 'A' + 10;
        remainder = (value < 10 ? remainder * 10 + value : remainder * 100 + value) % 97;
    }
    return remainder;
}

/* --- IBAN, BIC, LEI --------------------------------------------------------------------------- */

static size_t iban_length(const char *country)
{
    for (size_t i = 0; i < sizeof iban_countries / sizeof iban_countries[0]; i++) {
        if (memcmp(iban_countries[i].code, country, 2) == 0) {
            return iban_countries[i].length;
        }
    }
    return 0;
}

enum identifier_reason identifier_parse_iban(const char *text, struct iban *out)
{
    struct iban iban = {0};
    size_t size = identifier_compact(text, " ", iban.number, sizeof iban.number);
    if (size == 0) {
        return IDENTIFIER_EMPTY;
    }
    if (size < 5 || size == sizeof iban.number) {
        return IDENTIFIER_WRONG_LENGTH;
    }
    const char *number = iban.number;
    if (!is_letter(number[0]) || !is_letter(number[1]) || !identifier_is_digit(number[2]) ||
        !identifier_is_digit(number[3]) || !all_alphanumeric(number + 4)) {
        return IDENTIFIER_WRONG_CHARACTER;
    }
    size_t length = iban_length(number);
    if (length == 0) {
        return IDENTIFIER_UNKNOWN_COUNTRY;
    }
    if (size != length) {
        return IDENTIFIER_WRONG_LENGTH;
    }
    char head[5];
    memcpy(head, number, 4);
    head[4] = '\0';
    int check = (number[2] - '0') * 10 + number[3] - '0';
    /* 00, 01 and 99 are congruent to 97, 98 and 02, and never issued */
    if (check < 2 || check > 98 || mod_97(head, mod_97(number + 4, 0)) != 1) {
        return IDENTIFIER_WRONG_CHECK;
    }
    *out = iban;
    return IDENTIFIER_VALID;
}

enum identifier_reason identifier_parse_bic(const char *text, struct bic *out)
{
    struct bic bic = {0};
    size_t size = identifier_compact(text, "", bic.code, sizeof bic.code);
    if (size == 0) {
        return IDENTIFIER_EMPTY;
    }
    if (size != 8 && size != 11) {
        return IDENTIFIER_WRONG_LENGTH;
    }
    if (!all_alphanumeric(bic.code) || !is_letter(bic.code[4]) || !is_letter(bic.code[5])) {
        return IDENTIFIER_WRONG_CHARACTER;
    }
    if (!is_country(bic.code + 4)) {
        return IDENTIFIER_UNKNOWN_COUNTRY;
    }
    *out = bic;
    return IDENTIFIER_VALID;
}

enum identifier_reason identifier_parse_lei(const char *text, struct lei *out)
{
    struct lei lei = {0};
    size_t size = identifier_compact(text, "", lei.code, sizeof lei.code);
    if (size == 0) {
        return IDENTIFIER_EMPTY;
    }
    if (size != sizeof lei.code - 1) {
        return IDENTIFIER_WRONG_LENGTH;
    }
    if (!all_alphanumeric(lei.code) || !identifier_is_digit(lei.code[18]) ||
        !identifier_is_digit(lei.code[19])) {
        return IDENTIFIER_WRONG_CHARACTER;
    }
    if (mod_97(lei.code, 0) != 1) {
        return IDENTIFIER_WRONG_CHECK;
    }
    *out = lei;
    return IDENTIFIER_VALID;
}

/* --- cards ------------------------------------------------------------------------------------ */

static bool all_digits(const char *text)
{
    while (identifier_is_digit(*text)) {
        text++;
    }
    return *text == '\0';
}

/* Every second digit from the right doubled, its digits summed; the sum ends in 0. */
static bool luhn_fits(const char *number, size_t size)
{
    int sum = 0;
    for (size_t i = 0; i < size; i++) {
        int digit = number[size - 1 - i] - '0';
        if (i % 2 == 1) {
            digit = digit > 4 ? digit * 2 - 9 : digit * 2;
        }
        sum += digit;
    }
    return sum % 10 == 0;
}

enum identifier_reason identifier_parse_card_number(const struct bins *bins, const char *text,
                                                    struct card_number *out)
{
    struct card_number card = {0};
    size_t size = identifier_compact(text, " -", card.number, sizeof card.number);
    if (size == 0) {
        return IDENTIFIER_EMPTY;
    }
    if (size < 12 || size == sizeof card.number) {
        return IDENTIFIER_WRONG_LENGTH;
    }
    if (!all_digits(card.number)) {
        return IDENTIFIER_WRONG_CHARACTER;
    }
    card.bin = bins_find(bins, card.number);
    if (card.bin != NULL &&
        (size < (size_t)card.bin->length_min || size > (size_t)card.bin->length_max)) {
        return IDENTIFIER_WRONG_LENGTH;
    }
    if (!luhn_fits(card.number, size)) {
        return IDENTIFIER_WRONG_CHECK;
    }
    *out = card;
    return IDENTIFIER_VALID;
}

/* --- phones ----------------------------------------------------------------------------------- */

#define E164_DIGITS_MIN 7
#define E164_DIGITS_MAX 15

/* The text without separators and with "+" in front: of "00", and of bare mainland mobiles. */
static size_t international_form(const char *text, char *out, size_t out_size)
{
    char compact[32];
    size_t size = identifier_compact(text, " -", compact, sizeof compact);
    const char *rest = compact;
    const char *prefix = "";
    if (size == sizeof compact) {
        return out_size;
    }
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
    if (phone.number[0] != '+') {
        return all_digits(phone.number) ? IDENTIFIER_WRONG_LENGTH : IDENTIFIER_WRONG_CHARACTER;
    }
    if (!all_digits(phone.number + 1) || phone.number[1] == '0') {
        return IDENTIFIER_WRONG_CHARACTER;
    }
    if (size - 1 < E164_DIGITS_MIN || size - 1 > E164_DIGITS_MAX) {
        return IDENTIFIER_WRONG_LENGTH;
    }
    if (strncmp(phone.number, "+861", 4) == 0) {
        /* Beijing's landlines, +86 10 and 8 digits, have neither */
        bool has_mobile_range = phone.number[4] >= '3';
        bool has_mobile_length = size == strlen("+8613800138000");
        if (has_mobile_range != has_mobile_length) {
            return has_mobile_length ? IDENTIFIER_NOT_A_MOBILE : IDENTIFIER_WRONG_LENGTH;
        }
        phone.is_china_mobile = has_mobile_range;
    }
    *out = phone;
    return IDENTIFIER_VALID;
}
