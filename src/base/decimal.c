#include "decimal.h"

#include "check.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Subtracts a decimal digit from a negative accumulator: only a negative one reaches INT64_MIN. */
static bool shift_in_digit(int64_t *negative, int digit)
{
    return !__builtin_mul_overflow(*negative, INT64_C(10), negative) &&
           !__builtin_sub_overflow(*negative, (int64_t)digit, negative);
}

/* Number of digits at the start. */
static size_t digit_run(const char *text, size_t size)
{
    size_t run = 0;
    while (run < size && is_digit(text[run])) {
        run++;
    }
    return run;
}

static bool has_shape(const char *text, size_t size, size_t digits_max)
{
    size_t whole = digit_run(text, size);
    if (whole == 0 || (whole > 1 && text[0] == '0')) {
        return false;
    }
    if (whole == size) {
        return true;
    }
    size_t fraction = size - whole - 1;
    return text[whole] == '.' && fraction >= 1 && fraction <= digits_max &&
           digit_run(text + whole + 1, fraction) == fraction;
}

enum err decimal_parse(const char *text, size_t size, int digits, enum err malformed, int64_t *out)
{
    bool is_negative = size > 0 && text[0] == '-';
    bool is_fraction = false;
    int64_t negative = 0;

    text += is_negative ? 1 : 0;
    size -= is_negative ? 1 : 0;
    if (!has_shape(text, size, (size_t)digits)) {
        return malformed;
    }
    for (size_t i = 0; i < size; i++) {
        if (text[i] == '.') {
            is_fraction = true;
            continue;
        }
        if (!shift_in_digit(&negative, text[i] - '0')) {
            return ERR_OVERFLOW;
        }
        digits -= is_fraction ? 1 : 0;
    }
    for (; digits > 0; digits--) {
        if (!shift_in_digit(&negative, 0)) {
            return ERR_OVERFLOW;
        }
    }
    if (!is_negative && negative == INT64_MIN) {
        return ERR_OVERFLOW;
    }
    *out = is_negative ? negative : -negative;
    return ERR_OK;
}

size_t decimal_format(int64_t value, int digits, char out[DECIMAL_TEXT_SIZE])
{
    char reversed[DECIMAL_TEXT_SIZE];
    size_t size = 0;
    uint64_t rest = value < 0 ? UINT64_C(0) - (uint64_t)value : (uint64_t)value;

    CHECK(digits >= 0 && digits <= 18);
    for (int place = 0; rest != 0 || place <= digits; place++) {
        if (digits > 0 && place == digits) {
            reversed[size++] = '.';
        }
        reversed[size++] = (char)('0' + rest % 10);
        rest /= 10;
    }
    if (value < 0) {
        reversed[size++] = '-';
    }
    for (size_t i = 0; i < size; i++) {
        out[i] = reversed[size - 1 - i];
    }
    out[size] = '\0';
    return size;
}

size_t decimal_trim(char *text, size_t size, int digits_min)
{
    size_t point = 0;
    while (point < size && text[point] != '.') {
        point++;
    }
    size_t size_min = digits_min == 0 ? point : point + 1 + (size_t)digits_min;
    while (size > size_min && (text[size - 1] == '0' || text[size - 1] == '.')) {
        size--;
    }
    text[size] = '\0';
    return size;
}

int64_t decimal_power_of_ten(int digits)
{
    int64_t power = 1;
    CHECK(digits >= 0 && digits <= 18);
    for (int i = 0; i < digits; i++) {
        power *= 10;
    }
    return power;
}
