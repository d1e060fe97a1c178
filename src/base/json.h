/*
 * Strict parsing of JSON objects, over jansson: UTF-8, no duplicate name, bounded in size and depth,
 * nothing after the object. Getters return ERR_INVALID_FIELD (or the error of the type) if a
 * member is missing or of another type; texts remain the object's own.
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "date.h"
#include "err.h"
#include "money.h"

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#define JSON_DEPTH_MAX 32

/* The caller releases the object with json_decref. ERR_INVALID_JSON (also above size_max or
 * JSON_DEPTH_MAX), ERR_NO_MEMORY. */
enum err json_parse_object(const char *bytes, size_t size, size_t size_max, json_t **out);

bool json_has(const json_t *object, const char *name); /* present and not null */
enum err json_get_text(const json_t *object, const char *name, const char **out);
/* A JSON number without fraction or exponent. */
enum err json_get_int(const json_t *object, const char *name, int64_t *out);
enum err json_get_bool(const json_t *object, const char *name, bool *out);
enum err json_get_object(const json_t *object, const char *name, json_t **out);
enum err json_get_array(const json_t *object, const char *name, json_t **out);
/* A decimal string, as ids are written. ERR_INVALID_FIELD, ERR_INVALID_ID. */
enum err json_get_id(const json_t *object, const char *name, int64_t *out);
/* "YYYY-MM-DD". ERR_INVALID_FIELD, ERR_INVALID_DATE. */
enum err json_get_date(const json_t *object, const char *name, struct date *out);
/* {"amount": "12.34", "currency": "CNY"} and no other member. ERR_INVALID_FIELD,
 * ERR_UNKNOWN_CURRENCY, ERR_INVALID_AMOUNT, ERR_OVERFLOW. */
enum err json_get_money(const json_t *object, const char *name, struct money *out);
/* Creates the same shape; NULL if memory runs out. */
json_t *json_from_money(struct money amount);
/* The first member whose name is not in the list; NULL if all are. */
const char *json_unknown_member(const json_t *object, const char *const *names, size_t count);

#endif
