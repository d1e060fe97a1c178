/*
 * Settings as commands take them: --config FILE, --database URL, --set section.key=value, on top of
 * defaults and environment.
 */
#ifndef COMMAND_SETTINGS_H
#define COMMAND_SETTINGS_H

#include "sys/config.h"

#include <argp.h>

#define SETTINGS_SET_MAX 32

struct settings {
    const char *file;
    const char *database;
    const char *sets[SETTINGS_SET_MAX];
    size_t set_count;
};

/* A child parser for argp: its input is the `struct settings`. */
extern const struct argp settings_argp;

/* Loads the configuration; prints what is wrong and gives an exit code, or 0. */
int settings_load(const struct settings *settings, struct config **out);

#endif
