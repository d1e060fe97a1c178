/*
 * Pure rules about a request's head, inside sys/ only: what the server refuses before anyone sees
 * it, and how a target becomes a path and parameters. Sources: RFC 9110, RFC 9112 (sections 3.2,
 * 5.1, 6.1 to 6.3), RFC 3986.
 */
#ifndef SYS_HTTP_GUARD_H
#define SYS_HTTP_GUARD_H

#include "sys/http_server.h"

/* Errors in the order tested: ERR_BAD_REQUEST (name, value, Content-Length, Transfer-Encoding,
 * Host), ERR_LENGTH_REQUIRED (a body in chunks). */
enum err http_guard_headers(const struct http_param *headers, size_t count, bool is_http_1_0);
/* HTTP_METHOD_COUNT where the method is unknown. Methods are case-sensitive. */
enum http_method http_guard_method(const char *name);
/* Cuts a raw target (origin or absolute form, modified) into a decoded path and a raw query.
 * ERR_BAD_REQUEST. */
enum err http_guard_target(char *target, const char **out_path, const char **out_query);
/* Decoded parameters of a query; it is modified. ERR_BAD_REQUEST (escape, more than `max`). */
enum err http_guard_query(char *query, struct http_param *out_params, size_t max,
                          size_t *out_count);
/* Digits only, at most 18. */
bool http_guard_length(const char *text, uint64_t *out);

#endif
