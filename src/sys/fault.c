#include "sys/fault.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

static void fault_format(struct fault *out, bool is_setting, const char *format, va_list args)
{
    if (out == NULL) {
        return;
    }
    (void)vsnprintf(out->text, sizeof out->text, format, args);
    for (char *c = out->text; *c != '\0'; c++) {
        if (*c == '\n' || *c == '\r') {
            *c = ' ';
        }
    }
    out->is_setting = is_setting;
}

void fault_write(struct fault *out, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fault_format(out, false, format, args);
    va_end(args);
}

void fault_write_setting(struct fault *out, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fault_format(out, true, format, args);
    va_end(args);
}
