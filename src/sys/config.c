#include "sys/config.h"

#include "base/check.h"
#include "base/str.h"

#include <ctype.h>
#include <errno.h>
#include <ini.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define ENVIRONMENT_PREFIX "SYCEE_"
#define NAME_MAX_SIZE      128

struct setting {
    const struct config_option *option;
    char *text; /* malloc'd */
    int64_t number;
};

struct config {
    size_t count;
    struct setting settings[CONFIG_OPTIONS_MAX];
};

static bool parse_bool(const char *text, int64_t *out)
{
    static const char *const words[2][4] = {{"false", "no", "off", "0"},
                                            {"true", "yes", "on", "1"}};
    for (int value = 0; value < 2; value++) {
        for (int i = 0; i < 4; i++) {
            if (strcasecmp(text, words[value][i]) == 0) {
                *out = value;
                return true;
            }
        }
    }
    return false;
}

/* A whole number and one of the units; false on overflow and on anything else. */
static bool parse_unit(const char *text, const char *const *units, const int64_t *factors,
                       size_t count, int64_t *out)
{
    char digits[32];
    size_t size = strspn(text, "-0123456789");
    if (size == 0 || size >= sizeof digits) {
        return false;
    }
    memcpy(digits, text, size);
    digits[size] = 0;
    int64_t number = 0;
    if (!str_to_int(digits, &number)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (strcasecmp(text + size, units[i]) == 0) {
            return !__builtin_mul_overflow(number, factors[i], out);
        }
    }
    return false;
}

static bool parse_number(enum config_type type, const char *text, int64_t *out)
{
    static const char *const sizes[] = {"", "k", "m", "g"};
    static const int64_t size_factors[] = {1, 1024, 1048576, 1073741824};
    static const char *const times[] = {"ms", "s", "m", "h"};
    static const int64_t time_factors[] = {1, 1000, 60000, 3600000};
    switch (type) {
    case CONFIG_INT:
        return parse_unit(text, sizes, size_factors, 4, out);
    case CONFIG_MS:
        return parse_unit(text, times, time_factors, 4, out);
    case CONFIG_BOOL:
        return parse_bool(text, out);
    case CONFIG_STRING:
        break;
    }
    *out = 0;
    return true;
}

static const char *type_words(enum config_type type)
{
    switch (type) {
    case CONFIG_INT:
        return "a whole number";
    case CONFIG_MS:
        return "a duration such as 250ms, 30s, 5m or 2h";
    case CONFIG_BOOL:
        return "true or false";
    case CONFIG_STRING:
        break;
    }
    return "a text";
}

/* On failure `what` holds the reason. */
static enum err setting_assign(struct setting *setting, const char *text, struct str *what)
{
    const struct config_option *option = setting->option;
    int64_t number = 0;
    if (strlen(text) > CONFIG_VALUE_MAX) {
        str_printf(what, "%s.%s is too long", option->section, option->key);
        return ERR_INVALID_FIELD;
    }
    if (!parse_number(option->type, text, &number)) {
        str_printf(what, "%s.%s must be %s", option->section, option->key,
                   type_words(option->type));
        return ERR_INVALID_FIELD;
    }
    bool is_ranged = option->type == CONFIG_INT || option->type == CONFIG_MS;
    if (is_ranged && (number < option->min || number > option->max)) {
        str_printf(what, "%s.%s must lie between %" PRId64 " and %" PRId64 "%s", option->section,
                   option->key, option->min, option->max, option->type == CONFIG_MS ? " ms" : "");
        return ERR_INVALID_FIELD;
    }
    char *copy = strdup(text);
    if (copy == NULL) {
        return ERR_NO_MEMORY;
    }
    free(setting->text);
    setting->text = copy;
    setting->number = number;
    return ERR_OK;
}

static struct setting *setting_find(const struct config *config, const char *section,
                                    const char *key)
{
    for (size_t i = 0; i < config->count; i++) {
        const struct config_option *option = config->settings[i].option;
        if (strcmp(option->section, section) == 0 && strcmp(option->key, key) == 0) {
            return (struct setting *)(uintptr_t)&config->settings[i];
        }
    }
    return NULL;
}

struct reading {
    struct config *config;
    FILE *file;
    bool seen[CONFIG_OPTIONS_MAX];
    enum err err;
    int line; /* of the last line read */
    struct str what;
};

/* libinih's reader. It would take the rest of a line that is longer than its buffer for a line of
 * its own, so such a line is refused here. */
static char *next_line(char *out, int size, void *pointer)
{
    struct reading *reading = pointer;
    if (reading->err != ERR_OK || fgets(out, size, reading->file) == NULL) {
        return NULL;
    }
    reading->line++;
    size_t got = strlen(out);
    if (got + 1 == (size_t)size && out[got - 1] != '\n' && !feof(reading->file)) {
        reading->err = ERR_INVALID_FIELD;
        str_append(&reading->what, "the line is too long");
        return NULL;
    }
    return out;
}

/* Returns 0 on failure, as libinih requires. */
static int take_value(void *pointer, const char *section, const char *name, const char *value)
{
    struct reading *reading = pointer;
    if (reading->err != ERR_OK) {
        return 0;
    }
    struct setting *setting = setting_find(reading->config, section, name);
    if (setting == NULL) {
        reading->err = ERR_INVALID_FIELD;
        str_printf(&reading->what, "there is no option \"%s\" in section [%s]", name, section);
        return 0;
    }
    size_t index = (size_t)(setting - reading->config->settings);
    if (reading->seen[index]) {
        reading->err = ERR_INVALID_FIELD;
        str_printf(&reading->what, "%s.%s is set twice", section, name);
        return 0;
    }
    reading->seen[index] = true;
    reading->err = setting_assign(setting, value == NULL ? "" : value, &reading->what);
    return reading->err == ERR_OK;
}

static void write_fault(char out[CONFIG_FAULT_SIZE], const char *where, int line,
                        const struct str *what)
{
    const char *text = what->bytes != NULL && what->size > 0 ? what->bytes : "not understood";
    if (line > 0) {
        snprintf(out, CONFIG_FAULT_SIZE, "%s:%d: %s", where, line, text);
    } else {
        snprintf(out, CONFIG_FAULT_SIZE, "%s: %s", where, text);
    }
}

static enum err read_file(struct config *config, const char *path,
                          char out_fault[CONFIG_FAULT_SIZE])
{
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        int number = errno;
        snprintf(out_fault, CONFIG_FAULT_SIZE, "%s: could not be opened: %s", path,
                 strerror(number));
        return number == ENOENT ? ERR_NOT_FOUND : ERR_IO;
    }
    struct reading reading = {.config = config, .file = file};
    str_init(&reading.what, CONFIG_FAULT_SIZE);
    int result = ini_parse_stream(next_line, &reading, take_value, &reading);
    bool is_broken = ferror(file) != 0;
    fclose(file);
    /* libinih reads on after a line it does not understand: the first fault counts. */
    bool is_syntax = result > 0 && (reading.err == ERR_OK || result < reading.line);
    if (is_syntax) {
        reading.err = ERR_INVALID_FIELD;
        reading.line = result;
        str_clear(&reading.what);
        str_append(&reading.what, "neither a [section] nor key = value");
    } else if (reading.err == ERR_OK && (is_broken || result < 0)) {
        reading.err = ERR_IO;
        str_append(&reading.what, "could not be read");
    }
    if (reading.err != ERR_OK) {
        write_fault(out_fault, path, reading.line, &reading.what);
    }
    str_release(&reading.what);
    return reading.err;
}

static void environment_name(const struct config_option *option, char out[NAME_MAX_SIZE])
{
    snprintf(out, NAME_MAX_SIZE, ENVIRONMENT_PREFIX "%s_%s", option->section, option->key);
    for (char *c = out; *c != 0; c++) {
        *c = (char)toupper((unsigned char)*c);
    }
}

/* Variables of our prefix that are no settings: those of the tools and tests, and the models'. */
static const char *const other_variables[] = {
    "SYCEE_TEST_", "SYCEE_KEEP_", "SYCEE_GOLDEN_",   "SYCEE_BROWSER_",         "SYCEE_MODELS=",
    "SYCEE_VAR=",  "SYCEE_PORT=", "SYCEE_BINARIES=", "SYCEE_MODELS_PACKAGES=",
};

static bool is_other_variable(const char *variable)
{
    for (size_t i = 0; i < sizeof other_variables / sizeof other_variables[0]; i++) {
        if (strncmp(variable, other_variables[i], strlen(other_variables[i])) == 0) {
            return true;
        }
    }
    return false;
}

static struct setting *setting_of_variable(struct config *config, const char *variable)
{
    for (size_t i = 0; i < config->count; i++) {
        char name[NAME_MAX_SIZE];
        environment_name(config->settings[i].option, name);
        size_t size = strlen(name);
        if (strncmp(variable, name, size) == 0 && variable[size] == '=') {
            return &config->settings[i];
        }
    }
    return NULL;
}

/* A variable of our prefix that names no option is refused, as in the file: a misspelt limit must not
 * be ignored. */
static enum err read_environment(struct config *config, const char *const *environment,
                                 char out_fault[CONFIG_FAULT_SIZE])
{
    for (size_t i = 0; environment != NULL && environment[i] != NULL; i++) {
        const char *variable = environment[i];
        if (strncmp(variable, ENVIRONMENT_PREFIX, strlen(ENVIRONMENT_PREFIX)) != 0) {
            continue;
        }
        struct setting *setting = setting_of_variable(config, variable);
        int name_size = (int)strcspn(variable, "=");
        if (setting == NULL && is_other_variable(variable)) {
            continue;
        }
        if (setting == NULL) {
            snprintf(out_fault, CONFIG_FAULT_SIZE, "%.*s: no option has this name",
                     name_size < 100 ? name_size : 100, variable);
            return ERR_INVALID_FIELD;
        }
        struct str what;
        str_init(&what, CONFIG_FAULT_SIZE);
        enum err err = setting_assign(setting, variable + name_size + 1, &what);
        if (err != ERR_OK) {
            char name[NAME_MAX_SIZE];
            snprintf(name, sizeof name, "%.*s", name_size, variable);
            write_fault(out_fault, name, 0, &what);
        }
        str_release(&what);
        if (err != ERR_OK) {
            return err;
        }
    }
    return ERR_OK;
}

static enum err set_defaults(struct config *config)
{
    struct str what;
    enum err err = ERR_OK;
    str_init(&what, CONFIG_FAULT_SIZE);
    for (size_t i = 0; i < config->count && err == ERR_OK; i++) {
        err = setting_assign(&config->settings[i], config->settings[i].option->fallback, &what);
        CHECK(err == ERR_OK || err == ERR_NO_MEMORY);
    }
    str_release(&what);
    return err;
}

enum err config_load(const struct config_option *options, size_t count, const char *path,
                     const char *const *environment, struct config **out,
                     char out_fault[CONFIG_FAULT_SIZE])
{
    CHECK(count <= CONFIG_OPTIONS_MAX);
    out_fault[0] = 0;
    struct config *config = calloc(1, sizeof *config);
    if (config == NULL) {
        return ERR_NO_MEMORY;
    }
    config->count = count;
    for (size_t i = 0; i < count; i++) {
        config->settings[i].option = &options[i];
    }
    enum err err = set_defaults(config);
    if (err == ERR_OK && path != NULL) {
        err = read_file(config, path, out_fault);
    }
    if (err == ERR_OK) {
        err = read_environment(config, environment, out_fault);
    }
    if (err != ERR_OK) {
        config_release(config);
        return err;
    }
    *out = config;
    return ERR_OK;
}

void config_release(struct config *config)
{
    if (config == NULL) {
        return;
    }
    for (size_t i = 0; i < config->count; i++) {
        free(config->settings[i].text);
    }
    free(config);
}

static const struct setting *setting_get(const struct config *config, const char *section,
                                         const char *key, enum config_type type)
{
    const struct setting *setting = setting_find(config, section, key);
    CHECK(setting != NULL && setting->option->type == type);
    return setting;
}

bool config_has(const struct config *config, const char *section, const char *key)
{
    return setting_find(config, section, key) != NULL;
}

const char *config_string(const struct config *config, const char *section, const char *key)
{
    return setting_get(config, section, key, CONFIG_STRING)->text;
}

int64_t config_int(const struct config *config, const char *section, const char *key)
{
    return setting_get(config, section, key, CONFIG_INT)->number;
}

bool config_bool(const struct config *config, const char *section, const char *key)
{
    return setting_get(config, section, key, CONFIG_BOOL)->number != 0;
}

int64_t config_ms(const struct config *config, const char *section, const char *key)
{
    return setting_get(config, section, key, CONFIG_MS)->number;
}

enum err config_override(struct config *config, const char *assignment,
                         char out_fault[CONFIG_FAULT_SIZE])
{
    char name[NAME_MAX_SIZE];
    const char *equals = strchr(assignment, '=');
    out_fault[0] = 0;
    if (equals == NULL || (size_t)(equals - assignment) >= sizeof name) {
        snprintf(out_fault, CONFIG_FAULT_SIZE, "expected section.key=value");
        return ERR_INVALID_FIELD;
    }
    memcpy(name, assignment, (size_t)(equals - assignment));
    name[equals - assignment] = 0;
    char *dot = strchr(name, '.');
    struct setting *setting = NULL;
    if (dot != NULL) {
        *dot = 0;
        setting = setting_find(config, name, dot + 1);
        *dot = '.';
    }
    if (setting == NULL) {
        snprintf(out_fault, CONFIG_FAULT_SIZE, "there is no option \"%s\"", name);
        return ERR_INVALID_FIELD;
    }
    struct str what;
    str_init(&what, CONFIG_FAULT_SIZE);
    enum err err = setting_assign(setting, equals + 1, &what);
    if (err != ERR_OK) {
        write_fault(out_fault, name, 0, &what);
    }
    str_release(&what);
    return err;
}

void config_print_template(const struct config_option *options, size_t count, enum lang lang,
                           FILE *out)
{
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || strcmp(options[i].section, options[i - 1].section) != 0) {
            fprintf(out, "%s[%s]\n", i == 0 ? "" : "\n", options[i].section);
        }
        fprintf(out, "; %s\n%s = %s\n", lang == LANG_ZH ? options[i].help_zh : options[i].help_en,
                options[i].key, options[i].fallback);
    }
}
