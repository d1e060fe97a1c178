/*
 * Numbers of people, companies, cards, accounts and phones: read, converted to their
 * written form, and either valid or refused with the reason. Width, blanks, dashes, dots and
 * invisible characters are not part of a number and are dropped first (text.h). Pure over tables loaded
 * once and read-only thereafter; any thread. A valid number is well formed; only its issuer can confirm
 * that it was issued.
 */
#ifndef BASE_IDENTIFIER_H
#define BASE_IDENTIFIER_H

#include "bins.h"
#include "date.h"
#include "err.h"
#include "regions.h"

#include <stdbool.h>
#include <stddef.h>

/* Tested in this order; the first fault is the result. */
enum identifier_reason {
    IDENTIFIER_VALID = 0,
    IDENTIFIER_EMPTY,
    IDENTIFIER_OLD_FORM, /* a resident ID of 15 digits (before 1999) */
    IDENTIFIER_WRONG_LENGTH,
    IDENTIFIER_WRONG_CHARACTER,
    IDENTIFIER_UNKNOWN_AUTHORITY, /* first character of a credit code */
    IDENTIFIER_UNKNOWN_COUNTRY,
    IDENTIFIER_UNKNOWN_REGION,
    IDENTIFIER_NO_SUCH_DATE,
    IDENTIFIER_BORN_TOO_EARLY, /* before 1900 */
    IDENTIFIER_BORN_IN_FUTURE,
    IDENTIFIER_NOT_A_MOBILE,
    IDENTIFIER_TRUNK_ZERO, /* +86 0138…: a zero between country code and number */
    IDENTIFIER_WRONG_CHECK,
    IDENTIFIER_REASON_COUNT
};

/* "wrong-check"; "valid" if there is none. */
const char *identifier_slug(enum identifier_reason reason);
/* One sentence for the user: the fault and the part to check. */
const char *identifier_text(enum identifier_reason reason, enum lang lang);

/* The number without blanks, dashes, dots, width and invisible characters, upper case, not validated.
 * False: too long, or not UTF-8. */
bool identifier_tidy(const char *text, char *out, size_t out_size);

/* --- resident ID: GB 11643-1999, regions of GB/T 2260 ----------------------------------------- */

enum sex { SEX_FEMALE, SEX_MALE };

enum resident_id_kind {
    RESIDENT_ID_CITIZEN,
    RESIDENT_ID_PERMANENT, /* foreign permanent residents' card (GA 2102-2023): 9, province, country,
                              birth date, number, check */
};

struct resident_id {
    enum resident_id_kind kind;
    char number[19]; /* a lower-case x becomes X */
    struct date birth_date;
    enum sex sex;
    const struct region *province;
    const struct region *county; /* NULL: the code is not, or no longer, in the table */
    char country[4];             /* RESIDENT_ID_PERMANENT: ISO 3166-1 numeric, else "" */
};

/* `today` by the bank's clock. *out is written only if valid. */
enum identifier_reason identifier_parse_resident_id(const struct regions *regions, const char *text,
                                                    struct date today, struct resident_id *out);
/* ISO 7064 MOD 11-2 over 17 digits: '0'..'9' or 'X'. */
char identifier_check_of(const char *digits);
/* Whole years of age on the day. */
int identifier_age(struct date birth_date, struct date today);

/* --- unified social credit code: GB 32100-2015 ------------------------------------------------ */

struct uscc {
    char number[19];
    const struct region *province; /* NULL for bodies registered with the State (region 10) */
};
/* Lower case is accepted and converted to upper case. */
enum identifier_reason identifier_parse_uscc(const struct regions *regions, const char *text,
                                             struct uscc *out);

/* --- card number: ISO/IEC 7812-1, 12 to 19 digits, Luhn --------------------------------------- */

struct card_number {
    char number[20];
    const struct bin *bin; /* longest match; NULL: unknown issuer */
};
enum identifier_reason identifier_parse_card_number(const struct bins *bins, const char *text,
                                                    struct card_number *out);

/* --- IBAN (ISO 13616), BIC (ISO 9362), LEI (ISO 17442) ---------------------------------------- */

struct iban {
    char number[35]; /* without spaces, upper case */
};
struct bic {
    char code[12]; /* 8 or 11 characters, upper case */
};
struct lei {
    char code[21];
};
enum identifier_reason identifier_parse_iban(const char *text, struct iban *out);
enum identifier_reason identifier_parse_bic(const char *text, struct bic *out);
enum identifier_reason identifier_parse_lei(const char *text, struct lei *out);

/* --- phone: ITU-T E.164 ----------------------------------------------------------------------- */

struct phone {
    char number[17];      /* "+8613800138000" */
    bool is_china_mobile; /* mainland: 11 digits, 1[3-9] */
};
/* "+86 138 0013 8000", "(+86) 138…", "+86 (0)138…", "0086…" or, for the mainland, the bare 11 digits;
 * parentheses and slashes are dropped (E.123). IDENTIFIER_UNKNOWN_COUNTRY: a code that the ITU has not
 * assigned. IDENTIFIER_NOT_A_MOBILE: 11 digits starting with 1 but in no mobile range. */
enum identifier_reason identifier_parse_phone(const char *text, struct phone *out);

#endif
