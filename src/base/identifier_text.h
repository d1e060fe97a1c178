/*
 * Character functions shared by the parsers of identifiers; inside base/ only. The text has been
 * folded by text.h; from then on only ASCII counts, independent of the locale.
 */
#ifndef BASE_IDENTIFIER_TEXT_H
#define BASE_IDENTIFIER_TEXT_H

#include <stdbool.h>
#include <stddef.h>

bool identifier_is_digit(char c);
/* Exactly that many digits. */
bool identifier_is_digits(const char *text, size_t size_min, size_t size_max);
/* The number alone: folded by text_fold, then without blanks, dashes, dots and the characters of
 * `dropped`, ASCII letters in upper case; any other character becomes '?'. Returns its size; out_size
 * if it does not fit, and then `out` must not be read. */
size_t identifier_compact(const char *text, const char *dropped, char *out, size_t out_size);
/* ISO 3166-1 numeric code of a country; false: no such code. */
bool identifier_is_country_number(const char digits[3]);

#endif
