/*
 * Character work that the readers of identifiers share; inside base/ only. Text comes through the
 * door (text.h); after it ASCII alone counts, and no locale changes what a letter is.
 */
#ifndef BASE_IDENTIFIER_TEXT_H
#define BASE_IDENTIFIER_TEXT_H

#include <stdbool.h>
#include <stddef.h>

bool identifier_is_digit(char c);
/* Digits alone, and that many. */
bool identifier_is_digits(const char *text, size_t size_min, size_t size_max);
char identifier_upper(char c);
/* The number without what is no part of it: folded by text_fold, then without blanks, dashes, dots
 * and the characters of `dropped`, ASCII letters upper case; any other character is '?'. Returns its
 * size; out_size if it does not fit, and then `out` must not be read. */
size_t identifier_compact(const char *text, const char *dropped, char *out, size_t out_size);
/* ISO 3166-1 numeric code of a country; false: no such code. */
bool identifier_is_country_number(const char digits[3]);

#endif
