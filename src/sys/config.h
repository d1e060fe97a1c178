/*
 * Settings: defaults, then an INI file, then the environment (SYCEE_<SECTION>_<KEY>), the later one
 * wins. Only options of a table are known; anything else is refused with its line number, so that a
 * misspelt limit is never silently ignored.
 * A loaded config does not change: threads may read it freely. Getters of an option that the table
 * does not hold, or of another type, are our own mistake (CHECK).
 */
#ifndef SYS_CONFIG_H
#define SYS_CONFIG_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define CONFIG_VALUE_MAX   4096 /* a line of the file has at most 198 bytes */
#define CONFIG_OPTIONS_MAX 256
#define CONFIG_FAULT_SIZE  256

enum config_type {
    CONFIG_STRING,
    CONFIG_INT,  /* decimal; suffix k, m, g multiplies by 1024, 1024^2, 1024^3 */
    CONFIG_BOOL, /* true, false, yes, no, on, off, 1, 0 */
    CONFIG_MS    /* whole number with unit: 250ms, 30s, 5m, 2h; kept in milliseconds */
};

struct config_option {
    const char *section;
    const char *key;
    enum config_type type;
    const char *fallback; /* as written in the file; "" for an empty string */
    int64_t min, max;     /* for numbers, inclusive */
    const char *help_en;
    const char *help_zh;
};

/* The bank's own table. */
extern const struct config_option CONFIG_OPTIONS[];
extern const size_t CONFIG_OPTION_COUNT;

struct config;

/* Reads defaults, the file (`path` NULL: none), then `environment` ("NAME=value" strings ended by
 * NULL; NULL: none). On failure `out_fault` holds one line "file:line: what" for a person.
 * Errors: ERR_NOT_FOUND (no such file), ERR_IO, ERR_INVALID_FIELD (syntax, unknown option, bad
 * value), ERR_NO_MEMORY. The table must outlive the config. */
enum err config_load(const struct config_option *options, size_t count, const char *path,
                     const char *const *environment, struct config **out,
                     char out_fault[CONFIG_FAULT_SIZE]);
void config_release(struct config *config);

/* Whether the table has such an option. */
bool config_has(const struct config *config, const char *section, const char *key);
const char *config_string(const struct config *config, const char *section, const char *key);
int64_t config_int(const struct config *config, const char *section, const char *key);
bool config_bool(const struct config *config, const char *section, const char *key);
int64_t config_ms(const struct config *config, const char *section, const char *key);

/* Sets one option as a command line would ("section.key=value"). ERR_INVALID_FIELD with a fault
 * line. Before threads start. */
enum err config_override(struct config *config, const char *assignment,
                         char out_fault[CONFIG_FAULT_SIZE]);
/* The table as a commented INI file that config_load accepts. */
void config_print_template(const struct config_option *options, size_t count, enum lang lang,
                           FILE *out);

#endif
