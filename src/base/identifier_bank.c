/* Identifiers of banking: cards, IBAN, BIC, LEI. */
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
    char structure[13]; /* of the BBAN: counts of n digits, a capitals, c both */
};

/* IBAN registry of ISO 13616-2 (SWIFT, release 102 of 2026-06, compared row by row); adjacent fields of
 * one kind are merged. */
static const struct iban_country iban_countries[] = {
    {"AD", "8n12c"},    {"AE", "19n"},      {"AL", "8n16c"},    {"AT", "16n"},
    {"AZ", "4a20c"},    {"BA", "16n"},      {"BE", "12n"},      {"BG", "4a6n8c"},
    {"BH", "4a14c"},    {"BI", "23n"},      {"BR", "23n1a1c"},  {"BY", "4c4n16c"},
    {"CH", "5n12c"},    {"CR", "18n"},      {"CY", "8n16c"},    {"CZ", "20n"},
    {"DE", "18n"},      {"DJ", "23n"},      {"DK", "14n"},      {"DO", "4c20n"},
    {"EE", "16n"},      {"EG", "25n"},      {"ES", "20n"},      {"FI", "14n"},
    {"FK", "2a12n"},    {"FO", "14n"},      {"FR", "10n11c2n"}, {"GB", "4a14n"},
    {"GE", "2a16n"},    {"GI", "4a15c"},    {"GL", "14n"},      {"GR", "7n16c"},
    {"GT", "24c"},      {"HN", "4a20n"},    {"HR", "17n"},      {"HU", "24n"},
    {"IE", "4a14n"},    {"IL", "19n"},      {"IQ", "4a15n"},    {"IS", "22n"},
    {"IT", "1a10n12c"}, {"JO", "4a4n18c"},  {"KW", "4a22c"},    {"KZ", "3n13c"},
    {"LB", "4n20c"},    {"LC", "4a24c"},    {"LI", "5n12c"},    {"LT", "16n"},
    {"LU", "3n13c"},    {"LV", "4a13c"},    {"LY", "21n"},      {"MC", "10n11c2n"},
    {"MD", "20c"},      {"ME", "18n"},      {"MK", "3n10c2n"},  {"MN", "16n"},
    {"MR", "23n"},      {"MT", "4a5n18c"},  {"MU", "4a19n3a"},  {"NI", "4a20n"},
    {"NL", "4a10n"},    {"NO", "11n"},      {"OM", "3n16c"},    {"PK", "4a16c"},
    {"PL", "24n"},      {"PS", "4a21c"},    {"PT", "21n"},      {"QA", "4a21c"},
    {"RO", "4a16c"},    {"RS", "18n"},      {"RU", "14n15c"},   {"SA", "2n18c"},
    {"SC", "4a20n3a"},  {"SD", "14n"},      {"SE", "20n"},      {"SI", "15n"},
    {"SK", "20n"},      {"SM", "1a10n12c"}, {"SO", "19n"},      {"ST", "21n"},
    {"SV", "4a20n"},    {"TL", "19n"},      {"TN", "20n"},      {"TR", "6n16c"},
    {"UA", "6n19c"},    {"VA", "18n"},      {"VG", "4a16n"},    {"XK", "16n"},
    {"YE", "4a4n18c"}};

/* ISO 3166-1 alpha-2 and numeric, and XK (Kosovo), which BIC and IBAN use and which has no number. */
#define COUNTRY_STEP 6
static const char country_codes[] =
    "AD020 AE784 AF004 AG028 AI660 AL008 AM051 AO024 AQ010 AR032 AS016 AT040 AU036 AW533 "
    "AX248 AZ031 BA070 BB052 BD050 BE056 BF854 BG100 BH048 BI108 BJ204 BL652 BM060 BN096 "
    "BO068 BQ535 BR076 BS044 BT064 BV074 BW072 BY112 BZ084 CA124 CC166 CD180 CF140 CG178 "
    "CH756 CI384 CK184 CL152 CM120 CN156 CO170 CR188 CU192 CV132 CW531 CX162 CY196 CZ203 "
    "DE276 DJ262 DK208 DM212 DO214 DZ012 EC218 EE233 EG818 EH732 ER232 ES724 ET231 FI246 "
    "FJ242 FK238 FM583 FO234 FR250 GA266 GB826 GD308 GE268 GF254 GG831 GH288 GI292 GL304 "
    "GM270 GN324 GP312 GQ226 GR300 GS239 GT320 GU316 GW624 GY328 HK344 HM334 HN340 HR191 "
    "HT332 HU348 ID360 IE372 IL376 IM833 IN356 IO086 IQ368 IR364 IS352 IT380 JE832 JM388 "
    "JO400 JP392 KE404 KG417 KH116 KI296 KM174 KN659 KP408 KR410 KW414 KY136 KZ398 LA418 "
    "LB422 LC662 LI438 LK144 LR430 LS426 LT440 LU442 LV428 LY434 MA504 MC492 MD498 ME499 "
    "MF663 MG450 MH584 MK807 ML466 MM104 MN496 MO446 MP580 MQ474 MR478 MS500 MT470 MU480 "
    "MV462 MW454 MX484 MY458 MZ508 NA516 NC540 NE562 NF574 NG566 NI558 NL528 NO578 NP524 "
    "NR520 NU570 NZ554 OM512 PA591 PE604 PF258 PG598 PH608 PK586 PL616 PM666 PN612 PR630 "
    "PS275 PT620 PW585 PY600 QA634 RE638 RO642 RS688 RU643 RW646 SA682 SB090 SC690 SD729 "
    "SE752 SG702 SH654 SI705 SJ744 SK703 SL694 SM674 SN686 SO706 SR740 SS728 ST678 SV222 "
    "SX534 SY760 SZ748 TC796 TD148 TF260 TG768 TH764 TJ762 TK772 TL626 TM795 TN788 TO776 "
    "TR792 TT780 TV798 TW158 TZ834 UA804 UG800 UM581 US840 UY858 UZ860 VA336 VC670 VE862 "
    "VG092 VI850 VN704 VU548 WF876 WS882 XK--- YE887 YT175 ZA710 ZM894 ZW716 ";

static bool is_country(const char *code)
{
    for (const char *at = country_codes; *at != '\0'; at += COUNTRY_STEP) {
        if (memcmp(at, code, 2) == 0) {
            return true;
        }
    }
    return false;
}

bool identifier_is_country_number(const char digits[3])
{
    for (const char *at = country_codes; *at != '\0'; at += COUNTRY_STEP) {
        if (memcmp(at + 2, digits, 3) == 0) {
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

static const struct iban_country *iban_country(const char *code)
{
    for (size_t i = 0; i < sizeof iban_countries / sizeof iban_countries[0]; i++) {
        if (memcmp(iban_countries[i].code, code, 2) == 0) {
            return &iban_countries[i];
        }
    }
    return NULL;
}

/* The next field of a structure; moves *at on. */
static size_t take_field(const char **at, char *out_kind)
{
    size_t count = 0;
    while (identifier_is_digit(**at)) {
        count = count * 10 + (size_t)(*(*at)++ - '0');
    }
    *out_kind = *(*at)++;
    return count;
}

static size_t structure_length(const char *structure)
{
    size_t length = 0;
    for (char kind; *structure != '\0';) {
        length += take_field(&structure, &kind);
    }
    return length;
}

/* `bban` has the structure's length. */
static bool structure_fits(const char *structure, const char *bban)
{
    while (*structure != '\0') {
        char kind;
        for (size_t left = take_field(&structure, &kind); left > 0; left--, bban++) {
            if ((kind == 'n' && !identifier_is_digit(*bban)) ||
                (kind == 'a' && !is_letter(*bban))) {
                return false;
            }
        }
    }
    return true;
}

enum identifier_reason identifier_parse_iban(const char *text, struct iban *out)
{
    struct iban iban = {0};
    size_t size = identifier_compact(text, "", iban.number, sizeof iban.number);
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
    const struct iban_country *country = iban_country(number);
    if (country == NULL) {
        return IDENTIFIER_UNKNOWN_COUNTRY;
    }
    if (size != 4 + structure_length(country->structure)) {
        return IDENTIFIER_WRONG_LENGTH;
    }
    if (!structure_fits(country->structure, number + 4)) {
        return IDENTIFIER_WRONG_CHARACTER;
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

/* Every second digit from the right is doubled and its digits summed; the sum must end in 0. */
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
    size_t size = identifier_compact(text, "", card.number, sizeof card.number);
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
