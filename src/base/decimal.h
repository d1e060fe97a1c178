/*
 * Plain decimal text as a whole number of its smallest unit. Shared by money, rates and exchange
 * rates inside base/, so that all use one grammar: optional minus, no plus, no exponent, no
 * superfluous leading zeros, at least one digit on either side of a point.
 */
#ifndef BASE_DECIMAL_H
#define BASE_DECIMAL_H

#include "err.h"

#include <stddef.h>
#include <stdint.h>

#define DECIMAL_TEXT_SIZE 24 /* sign, 19 digits, point, a leading zero, NUL */

/* The first `size` bytes scaled by 10^digits: ("0.5", 2) is 50. `malformed` is the error for text that
 * is not such a decimal; ERR_OVERFLOW if it exceeds int64_t. */
enum err decimal_parse(const char *text, size_t size, int digits, enum err malformed, int64_t *out);
/* The reverse, with all digits. Returns the size without the NUL. */
size_t decimal_format(int64_t value, int digits, char out[DECIMAL_TEXT_SIZE]);
/* Drops trailing zeros, down to `digits_min` after the point. Returns the new size. */
size_t decimal_trim(char *text, size_t size, int digits_min);
int64_t decimal_power_of_ten(int digits); /* 0..18 */

#endif
