/*
 * What kept a program from its work, as one line for its operator: lower case, English, with the path
 * or address, the system's reason, and the setting that governs it. Customers never see it; it holds
 * no personal data and no secret.
 */
#ifndef SYS_FAULT_H
#define SYS_FAULT_H

#include <stdbool.h>

#define FAULT_SIZE 512

struct fault {
    char text[FAULT_SIZE]; /* "" if nothing was written */
    bool is_setting;       /* the settings are wrong, so that starting again cannot help */
};

/* Writes the line, cut at FAULT_SIZE and free of line breaks. `out` NULL: nothing is kept. */
void fault_write(struct fault *out, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The same for a fault of the settings. */
void fault_write_setting(struct fault *out, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
