/*
 * Numbers that name people, companies, cards, accounts and phones: read, brought to their one
 * written form, and either valid or refused with the reason. Pure over tables loaded once and
 * read-only thereafter; any thread. Passing says that a number is well formed, never that it was
 * issued.
 */
#ifndef BASE_IDENTIFIER_H
#define BASE_IDENTIFIER_H

#include "bins.h"
#include "date.h"
#include "err.h"
#include "regions.h"

/* Tested in this order; the first that holds is the answer. */
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
    IDENTIFIER_WRONG_CHECK,
    IDENTIFIER_REASON_COUNT
};

/* "wrong-check"; "valid" for none. */
const char *identifier_slug(enum identifier_reason reason);
/* One sentence for a person: what is wrong and what to look at. */
const char *identifier_text(enum identifier_reason reason, enum lang lang);

/* --- resident ID: GB 11643-1999, regions of GB/T 2260 ----------------------------------------- */

enum sex { SEX_FEMALE, SEX_MALE };

struct resident_id {
    char number[19]; /* a lower-case x is written X */
    struct date birth_date;
    enum sex sex;
    const struct region *province;
    const struct region *county; /* NULL where the code is not, or no longer, in the table */
};

/* `today` by the bank's clock. *out is written only where valid. */
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
/* Lower case is accepted and written upper case. */
enum identifier_reason identifier_parse_uscc(const struct regions *regions, const char *text,
                                             struct uscc *out);

/* --- card number: ISO/IEC 7812-1, 12 to 19 digits, Luhn --------------------------------------- */

struct card_number {
    char number[20];
    const struct bin *bin; /* longest that fits; NULL where no issuer is known */
};
/* Spaces and hyphens between digits are dropped. */
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
/* "+86 138 0013 8000", "0086…" or, for the mainland, the bare 11 digits; spaces and hyphens are
 * dropped. IDENTIFIER_NOT_A_MOBILE where 11 digits begin with 1 but no mobile range does. */
enum identifier_reason identifier_parse_phone(const char *text, struct phone *out);

#endif
