#include "identity.h"

#include "base/date.h"

#include <stdio.h>
#include <string.h>

#define ID_DIGITS 17

bool identity_has_id_shape(const char *number)
{
    return strspn(number, "0123456789") >= ID_DIGITS && strlen(number) == ID_DIGITS + 1 &&
           strchr("0123456789X", number[ID_DIGITS]);
}

static int number_of(const char *digits, int count)
{
    int value = 0;
    for (int i = 0; i < count; i++)
        value = value * 10 + (digits[i] - '0');
    return value;
}

bool identity_is_valid_id(const char *number)
{
    if (!identity_has_id_shape(number))
        return false;
    int sum = 0;
    for (int i = 0; i < ID_DIGITS; i++)
        sum = (sum + (number[i] - '0')) * 2 % 11;
    int check = (12 - sum) % 11;
    char wanted = check == 10 ? 'X' : (char)('0' + check);
    struct date birth;
    return number[ID_DIGITS] == wanted &&
           date_from_parts(number_of(number + 6, 4), number_of(number + 10, 2),
                           number_of(number + 12, 2), &birth) == ERR_OK;
}

bool identity_is_luhn(const char *digits)
{
    size_t size = strlen(digits);
    int sum = 0;
    for (size_t i = 0; i < size; i++) {
        if (digits[i] < '0' || digits[i] > '9')
            return false;
        int digit = digits[i] - '0';
        if ((size - i) % 2 == 0)
            digit = digit * 2 > 9 ? digit * 2 - 9 : digit * 2;
        sum += digit;
    }
    return size > 1 && sum % 10 == 0;
}

bool identity_is_card(const char *number)
{
    size_t size = strlen(number);
    return size >= 16 && size <= 19 && identity_is_luhn(number);
}

bool identity_phone(const char *text, char out[PHONE_SIZE])
{
    bool has_country = text[0] == '+';
    const char *digits = has_country ? text + 1 : text;
    size_t size = strlen(digits);
    if (strspn(digits, "0123456789") != size || size > 15 || size < (has_country ? 8U : 11U))
        return false;
    snprintf(out, PHONE_SIZE, "+%s%s", has_country ? "" : "86", digits);
    return true;
}
