#include "command/settings.h"

#include "command/terminal.h"
#include "sys/file.h"
#include "sys/process.h"

#include <stdio.h>
#include <sysexits.h>

#define FILE_DEFAULT "sycee.conf"

static const struct argp_option option_rows[] = {
    {"config", 'c', "FILE", 0, "configuration file (default sycee.conf if it exists)", 10},
    {"database", 'd', "URL", 0, "sqlite:PATH or postgresql://…", 10},
    {"set", 's', "SECTION.KEY=VALUE", 0, "one setting; may be repeated", 10},
    {0}};

static error_t settings_parse(int key, char *arg, struct argp_state *state)
{
    struct settings *settings = state->input;
    switch (key) {
    case 'c':
        settings->file = arg;
        return 0;
    case 'd':
        settings->database = arg;
        return 0;
    case 's':
        if (settings->set_count == SETTINGS_SET_MAX) {
            argp_error(state, "too many --set");
        }
        settings->sets[settings->set_count++] = arg;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

const struct argp settings_argp = {option_rows, settings_parse, NULL, NULL, NULL, NULL, NULL};

static enum err override_settings(const struct settings *settings, struct config *config,
                                  char fault[CONFIG_FAULT_SIZE])
{
    char assignment[CONFIG_VALUE_MAX];
    enum err err = ERR_OK;
    if (settings->database != NULL) {
        snprintf(assignment, sizeof assignment, "database.url=%s", settings->database);
        err = config_override(config, assignment, fault);
    }
    for (size_t i = 0; !err && i < settings->set_count; i++) {
        err = config_override(config, settings->sets[i], fault);
    }
    return err;
}

int settings_load(const struct settings *settings, struct config **out)
{
    char fault[CONFIG_FAULT_SIZE] = "";
    const char *file = settings->file;
    if (file == NULL && file_exists(FILE_DEFAULT)) {
        file = FILE_DEFAULT;
    }
    enum err err =
        config_load(CONFIG_OPTIONS, CONFIG_OPTION_COUNT, file, process_environment(), out, fault);
    if (!err) {
        err = override_settings(settings, *out, fault);
        if (err) {
            config_release(*out);
        }
    }
    if (err) {
        fprintf(stderr, "sycee: settings: %s\n", fault[0] ? fault : err_text(err, terminal_lang()));
        return EX_CONFIG;
    }
    return 0;
}
