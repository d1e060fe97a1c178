/*
 * Character work that the readers of identifiers share; inside base/ only. ASCII alone counts:
 * no locale changes what a letter is.
 */
#ifndef BASE_IDENTIFIER_TEXT_H
#define BASE_IDENTIFIER_TEXT_H

#include <stdbool.h>
#include <stddef.h>

bool identifier_is_digit(char c);
/* Digits alone, and that many. */
bool identifier_is_digits(const char *text, size_t size_min, size_t size_max);
char identifier_upper(char c);
/* Upper-cased copy without the characters of `dropped`. Returns its size; out_size where it does
 * not fit, and then `out` is not to be read. */
size_t identifier_compact(const char *text, const char *dropped, char *out, size_t out_size);

#endif
