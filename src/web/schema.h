/*
 * Members and objects of requests and answers, as tables. From them come the validation of a request,
 * its fingerprint and the components of the OpenAPI document.
 */
#ifndef WEB_SCHEMA_H
#define WEB_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum field_type {
    FIELD_TEXT, /* min..max characters; pattern is prose for the document */
    FIELD_INT,  /* min..max */
    FIELD_BOOL,
    FIELD_ID,        /* decimal string, 1..2^63-1 */
    FIELD_MONEY,     /* {"amount","currency"}; in requests positive */
    FIELD_DATE,      /* YYYY-MM-DD */
    FIELD_INSTANT,   /* RFC 3339 */
    FIELD_DECIMAL,   /* decimal string, as amounts of reports */
    FIELD_ENUM,      /* one of values */
    FIELD_BILINGUAL, /* {"en","zh"}; answers only */
    FIELD_OBJECT,    /* of `schema`'s fields */
    FIELD_LIST,      /* of objects of `schema`, or of texts where schema is NULL */
    FIELD_INT_LIST,  /* answers only: whole numbers */
    FIELD_ANY        /* an object that the description does not go into */
};

/* What a FIELD_TEXT is, so that it is brought to its written form (base/text.h) before its bounds are
 * judged; min and max count characters of the written form. */
enum field_form {
    FORM_TEXT,   /* composed (NFC) */
    FORM_NAME,   /* of a person: name_parse */
    FORM_NUMBER, /* digits and capitals without blanks, dashes, dots, width */
    FORM_PHONE   /* "+8613800138000" if it is a phone number, else FORM_NUMBER's */
};
#define FIELD_TYPED_MAX 200 /* characters as typed, of every form but FORM_TEXT */

struct call;
struct schema;

/* Place of a member in a C struct: web/member.h, whose macros alone make one. */
enum member_kind {
    MEMBER_NONE, /* it has no place: handlers read and write it themselves */
    MEMBER_CHARS,
    MEMBER_POINTER,
    MEMBER_INT64,
    MEMBER_INT32,
    MEMBER_BOOL,
    MEMBER_ENUM,
    MEMBER_MONEY,
    MEMBER_DATE,
    MEMBER_BILINGUAL,
    MEMBER_OBJECT,
    MEMBER_LIST,
    MEMBER_WRITTEN
};
typedef void member_write(struct call *call, const char *name, const void *from);
struct member {
    enum member_kind kind;
    size_t struct_size; /* of the struct that has it */
    size_t offset;
    size_t offset_zh; /* MEMBER_BILINGUAL: of the Chinese text */
    size_t flag;      /* offset of the bool that shows whether it is there, 1 more; 0: none */
    const char *(*name_of)(int value); /* MEMBER_ENUM */
    member_write *write;               /* MEMBER_WRITTEN: writes it, or leaves it out */
};

/* One member of a body, an answer, or one query parameter. A table ends with a NULL name. */
struct field {
    const char *name;
    enum field_type type;
    bool required;             /* requests: must be there; answers: is always there */
    bool nullable;             /* may be null; in a request that is as if it were left out */
    long long min, max;        /* characters, value, or items; max 0: no bound of its own */
    enum field_form form;      /* FIELD_TEXT of requests */
    const char *const *values; /* FIELD_ENUM: NULL-terminated */
    const char *pattern; /* FIELD_TEXT: ECMA 262 regular expression, "" none; see field_check */
    bool (*check)(const char *text); /* FIELD_TEXT: what `pattern` says, in code; NULL: none */
    const struct schema *schema;     /* FIELD_OBJECT, FIELD_LIST */
    const char *text;                /* what it is, in English, for the document */
    struct member member;
};

/* A named object of the document's components. */
struct schema {
    const char *name;
    const struct field *fields;
    const char *text;
};

/* One row of a table: name, type (the member after the name), and what is special about it. MUST:
 * always there, MAY: optional. */
#define FIELD_MUST(...)                                                                            \
    {                                                                                              \
        .required = true, .name = __VA_ARGS__                                                      \
    }
#define FIELD_MAY(...)                                                                             \
    {                                                                                              \
        .name = __VA_ARGS__                                                                        \
    }
/* The last row. */
#define FIELD_END                                                                                  \
    {                                                                                              \
        .name = NULL                                                                               \
    }

/* Texts that many bodies hold. */
#define FIELD_PHONE(name_)                                                                         \
    FIELD_MUST(name_, FIELD_TEXT, .form = FORM_PHONE, .min = 11, .max = 20,                        \
               .text = "mobile number of mainland China, with or without +86")
#define FIELD_SIX_DIGITS(...)                                                                      \
    {                                                                                              \
        .type = FIELD_TEXT, .form = FORM_NUMBER, .min = 6, .max = 6,                               \
        .check = schema_is_six_digits, __VA_ARGS__                                                 \
    }
bool schema_is_six_digits(const char *text);

/* A list that comes whole, without pages: {"items": […]}. */
#define SCHEMA_WHOLE_LIST(variable, item, name_)                                                   \
    static const struct field variable##_fields[] = {                                              \
        FIELD_MUST("items", FIELD_LIST, .schema = &(item), .text = "all of them"), FIELD_END};     \
    const struct schema variable = {name_, variable##_fields, "A list that comes whole."}

#endif
