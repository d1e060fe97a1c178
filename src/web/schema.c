#include "web/schema.h"

#include <string.h>

bool schema_is_six_digits(const char *text)
{
    return strspn(text, "0123456789") == 6 && text[6] == '\0';
}
