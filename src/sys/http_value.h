/*
 * Values of headers, by RFC 9110: white space around a value is no part of it (5.5), lists (5.6.1),
 * weights (12.4.2), media types (8.3.1), credentials (11.4). Pure; for any thread.
 */
#ifndef SYS_HTTP_VALUE_H
#define SYS_HTTP_VALUE_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

#define HTTP_WEIGHT_MAX 1000 /* of "q=1": weights are in thousandths */

/* A part of a text that is not its own. */
struct http_part {
    const char *text;
    size_t size;
};

/* Blanks and tabs at both ends do not count. */
struct http_part http_part_trim(const char *text, size_t size);
/* Equal but for the case of ASCII letters. */
bool http_part_is(struct http_part part, const char *text);

/* The next element of a list, trimmed; empty ones are left out. A comma inside of quotes is none. Begin
 * with *at = the value; false at its end. */
bool http_list_next(const char **at, struct http_part *out);
/* Value of a parameter ("charset") behind a media type or an element of a Forwarded list, quotes and
 * their escapes taken off, cut to `size`. False where absent or too long. */
bool http_parameter(struct http_part element, const char *name, char *out, size_t size);

/* Is the content of this media type? Parameters do not count, but for a charset: it must be UTF-8. */
bool http_media_type_is(const char *content_type, const char *type);
/* May an answer have this content coding ("gzip")? NULL and "identity" aside, only what is named with a
 * weight above zero. */
bool http_accepts_coding(const char *accept_encoding, const char *coding);
/* Language of an answer: that of zh and en with the larger weight, of two equal ones the first; "*"
 * stands for what is not named. The bank's own, zh, where neither is wanted or refused. */
enum lang http_language(const char *accept_language);
/* Token of "Bearer TOKEN"; NULL where the scheme is another or the token is none (RFC 6750). */
const char *http_bearer(const char *authorization);
/* Does one of the entity tags of an If-Match or If-None-Match list equal this one, with its quotes?
 * Strongly: weak tags match nothing. "*" matches. */
bool http_tags_match(const char *tags, const char *tag, bool strongly);
/* Is the origin ("https://bank.example") that of the authority (a Host header) under this scheme? Case
 * and the scheme's own port do not count. */
bool http_origin_is(const char *origin, bool is_tls, const char *host);

#endif
