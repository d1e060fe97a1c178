/*
 * Members with a place in a C struct: one row of a table has name, type, bounds and place, and from it
 * come the schema of the document, the validation, reading a request into the struct and writing an
 * answer from it. A row names the struct and its member (`id.value` of a struct within it too); a member
 * of another C type does not compile.
 *
 *     static const struct field fields[] = {
 *         FIELD_MUST("paymentId", MEMBER_ID(struct payment, id.value)),
 *         FIELD_MAY("settledAt", MEMBER_AT(struct payment, settled_at), .text = "…"), FIELD_END};
 */
#ifndef WEB_MEMBER_H
#define WEB_MEMBER_H

#include "base/date.h"
#include "base/money.h"
#include "web/call.h"
#include "web/schema.h"

#include <stddef.h>

/* Of member `m` of `s`, without evaluating anything. */
#define MEMBER_ADDRESS(s, m) &((s *)0)->m

/* FIELD_ID, FIELD_INSTANT: int64_t; 0 is none. */
#define MEMBER_ID(s, m)                                                                            \
    .type = FIELD_ID, .member = {.kind = _Generic(MEMBER_ADDRESS(s, m), int64_t *                  \
                                                  : MEMBER_INT64),                                 \
                                 .struct_size = sizeof(s),                                         \
                                 .offset = offsetof(s, m)}
#define MEMBER_AT(s, m)                                                                            \
    .type = FIELD_INSTANT, .member = {.kind = _Generic(MEMBER_ADDRESS(s, m), int64_t *             \
                                                       : MEMBER_INT64),                            \
                                      .struct_size = sizeof(s),                                    \
                                      .offset = offsetof(s, m)}
/* FIELD_TEXT: char[] (answers) or const char *; "" and NULL are none. A request's pointer is good as long as
 * the call. */
#define MEMBER_TEXT(s, m)                                                                          \
    .type = FIELD_TEXT,                                                                            \
    .member = {.kind = _Generic(&(*(MEMBER_ADDRESS(s, m)))[0],                                     \
                                char *: MEMBER_CHARS,                                              \
                                const char *: MEMBER_POINTER),                                     \
               .struct_size = sizeof(s), .offset = offsetof(s, m)}
/* FIELD_INT: int64_t or int32_t. */
#define MEMBER_INT(s, m)                                                                           \
    .type = FIELD_INT, .member = {.kind = _Generic(MEMBER_ADDRESS(s, m), int64_t *                 \
                                                   : MEMBER_INT64, int32_t *                       \
                                                   : MEMBER_INT32),                                \
                                  .struct_size = sizeof(s),                                        \
                                  .offset = offsetof(s, m)}
#define MEMBER_FLAG(s, m)                                                                          \
    .type = FIELD_BOOL,                                                                            \
    .member = {.kind = _Generic(MEMBER_ADDRESS(s, m), bool *: MEMBER_BOOL),                        \
               .struct_size = sizeof(s), .offset = offsetof(s, m)}
/* FIELD_MONEY; one without a currency is none. */
#define MEMBER_AMOUNT(s, m)                                                                        \
    .type = FIELD_MONEY, .member = {.kind = _Generic(MEMBER_ADDRESS(s, m), struct money *          \
                                                     : MEMBER_MONEY),                              \
                                    .struct_size = sizeof(s),                                      \
                                    .offset = offsetof(s, m)}
#define MEMBER_DAY(s, m)                                                                           \
    .type = FIELD_DATE, .member = {.kind = _Generic(MEMBER_ADDRESS(s, m), struct date *            \
                                                    : MEMBER_DATE),                                \
                                   .struct_size = sizeof(s),                                       \
                                   .offset = offsetof(s, m)}
/* FIELD_ENUM of answers: an enum (unsigned to the compiler), whose texts `names` gives. */
#define MEMBER_NAMED(s, m, names)                                                                  \
    .type = FIELD_ENUM,                                                                            \
    .member = {.kind = _Generic(MEMBER_ADDRESS(s, m), unsigned *: MEMBER_ENUM),                    \
               .struct_size = sizeof(s), .offset = offsetof(s, m), .name_of = (names)}
/* FIELD_BILINGUAL of answers: two char[]. */
#define MEMBER_TWO_TEXTS(s, en, zh)                                                                \
    .type = FIELD_BILINGUAL,                                                                       \
    .member = {.kind = _Generic(&(MEMBER_ADDRESS(s, en))[0][0],                                    \
                                char *: _Generic(&(MEMBER_ADDRESS(s, zh))[0][0],                   \
                                                 char *: MEMBER_BILINGUAL)),                       \
               .struct_size = sizeof(s), .offset = offsetof(s, en), .offset_zh = offsetof(s, zh)}
/* FIELD_OBJECT of answers: a struct within the struct, all of whose own rows have a place in `inner`. */
#define MEMBER_STRUCT(s, m, inner, schema_)                                                        \
    .type = FIELD_OBJECT, .schema = (schema_),                                                     \
    .member = {.kind = _Generic(MEMBER_ADDRESS(s, m), inner *                                      \
                                : MEMBER_OBJECT),                                                  \
               .struct_size = sizeof(s),                                                           \
               .offset = offsetof(s, m)}
/* The same, there where `present`, a bool of `s`, is true. */
#define MEMBER_STRUCT_IF(s, m, inner, schema_, present)                                            \
    .type = FIELD_OBJECT, .schema = (schema_),                                                     \
    .member = {.kind = _Generic(MEMBER_ADDRESS(s, m), inner *: MEMBER_OBJECT),                     \
               .struct_size = sizeof(s), .offset = offsetof(s, m),                                 \
               .flag = _Generic(MEMBER_ADDRESS(s, present), bool *: offsetof(s, present) + 1)}
/* FIELD_LIST of answers: structs one after another, all of whose own rows have a place in the schema. */
struct member_rows {
    const void *items; /* of the size that the schema's rows have */
    size_t count;
};
#define MEMBER_ROWS(s, m, schema_)                                                                 \
    .type = FIELD_LIST, .schema = (schema_),                                                       \
    .member = {.kind = _Generic(MEMBER_ADDRESS(s, m), struct member_rows *                         \
                                : MEMBER_LIST),                                                    \
               .struct_size = sizeof(s),                                                           \
               .offset = offsetof(s, m)}
/* What no member holds as it is: `writer` gets the whole struct. */
#define MEMBER_BY(s, type_, writer)                                                                \
    .type = (type_), .member = {.kind = MEMBER_WRITTEN, .struct_size = sizeof(s), .write = (writer)}

/* Writes the members of an answer from a struct, in the order of the table, between the caller's out_open and
 * out_close. One that is none is null where it may be, else left out where it is optional, else written as it
 * is. CHECK: each row has a place in a struct of that size. */
#define OUT_MEMBERS(call, fields, from) out_members(call, fields, from, sizeof *(from))
void out_members(struct call *call, const struct field *fields, const void *from, size_t size);
/* A whole object of a schema. */
#define OUT_OBJECT(call, name, schema, from) out_object(call, name, schema, from, sizeof *(from))
void out_object(struct call *call, const char *name, const struct schema *schema, const void *from,
                size_t size);
/* Reads the checked body into a struct; what is absent is left as it was. CHECK: each row of the route's body
 * has a place in a struct of that size. */
#define CALL_READ_BODY(call, to) call_read_body(call, to, sizeof *(to))
void call_read_body(const struct call *call, void *to, size_t size);

#endif
