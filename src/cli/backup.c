/* sycee backup: copies of an embedded bank while it serves, each whole and read again. */
#include "cli/cli.h"
#include "cli/copies.h"
#include "command/command.h"
#include "command/terminal.h"

#include "base/date.h"
#include "base/str.h"
#include "sys/clock.h"
#include "sys/file.h"
#include "sys/process.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OPT_EVERY = 256, OPT_KEEP };

#define COPY_HEAD  "bank-"
#define COPY_TAIL  ".db"
#define COPIES_MAX 10000 /* files of a folder that are looked at */

struct options {
    struct settings settings;
    const char *output;
    const char *folder;
    int64_t every_s, keep;
};

static const struct argp_option option_rows[] = {
    {"output", 'o', "FILE", 0, "write one copy to a new file, created once it is complete", 1},
    {"folder", 'f', "DIR", 0, "write copies named by their instant into a folder", 1},
    {"every", OPT_EVERY, "SECONDS", 0, "repeat at this interval until stopped", 1},
    {"keep", OPT_KEEP, "N", 0, "keep the newest N copies of the folder (default 96)", 1},
    {0}};

static error_t parse_option(int key, char *arg, struct argp_state *state, void *own)
{
    struct options *options = own;
    switch (key) {
    case 'o':
        options->output = arg;
        return 0;
    case 'f':
        options->folder = arg;
        return 0;
    case OPT_EVERY:
        if (!str_to_int(arg, &options->every_s) || options->every_s < 1 ||
            options->every_s > 86400) {
            argp_error(state, "\"%s\" is not a number of seconds from 1 to 86400", arg);
        }
        return 0;
    case OPT_KEEP:
        if (!str_to_int(arg, &options->keep) || options->keep < 1 || options->keep > COPIES_MAX) {
            argp_error(state, "\"%s\" is not a number from 1 to %d", arg, COPIES_MAX);
        }
        return 0;
    case ARGP_KEY_END:
        if ((options->output == NULL) == (options->folder == NULL)) {
            argp_error(state, "give --output or --folder");
        }
        if (options->every_s != 0 && options->folder == NULL) {
            argp_error(state, "--every needs --folder");
        }
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* Under another name until it has been read again. */
static enum err write_copy(struct db *db, const char *path, struct fault *out_fault)
{
    char part[FILE_PATH_MAX + 8];
    struct copy_state state = {0};
    snprintf(part, sizeof part, "%s.part", path);
    if (file_exists(path)) {
        fault_write(out_fault, "%s: exists already", path);
        return ERR_EXISTS;
    }
    (void)remove(part); /* of a run that was stopped */
    enum err err = db_copy(db, part);
    if (err) {
        fault_write(out_fault, "%s", db_open_message(db));
        return err;
    }
    err = copy_verify(part, &state, out_fault);
    if (!err && rename(part, path) != 0) {
        fault_write(out_fault, "%s: could not be renamed: %s", part, strerror(errno));
        err = ERR_IO;
    }
    if (err) {
        (void)remove(part);
        return err;
    }
    printf("%s: %" PRId64 " bytes, mark %" PRId64 ", every table and index whole\n", path,
           state.bytes, state.mark);
    fflush(stdout);
    return ERR_OK;
}

static bool is_copy_name(const char *name)
{
    size_t size = strlen(name);
    size_t head = strlen(COPY_HEAD), tail = strlen(COPY_TAIL);
    return size > head + tail && strncmp(name, COPY_HEAD, head) == 0 &&
           strcmp(name + size - tail, COPY_TAIL) == 0;
}

/* Names rise with time. The newest stay. */
static enum err drop_old_copies(const char *folder, int64_t keep)
{
    struct file_list list;
    enum err err = file_list(folder, COPIES_MAX, &list);
    if (err) {
        return err;
    }
    int64_t count = 0;
    for (size_t i = 0; i < list.count; i++) {
        count += is_copy_name(list.names[i]) ? 1 : 0;
    }
    for (size_t i = 0; i < list.count && count > keep; i++) {
        char path[FILE_PATH_MAX];
        if (is_copy_name(list.names[i]) && file_join(folder, list.names[i], path) == ERR_OK) {
            (void)file_remove(path);
            count--;
        }
    }
    file_list_release(&list);
    return ERR_OK;
}

static enum err copy_into_folder(struct db *db, const struct options *options,
                                 struct fault *out_fault)
{
    char instant[INSTANT_TEXT_SIZE];
    char name[64], path[FILE_PATH_MAX];
    size_t size = 0;
    instant_format(clock_now_us(clock_system()), instant);
    for (const char *c = instant; *c != '\0' && *c != '.'; c++) { /* to the second, without marks */
        if (*c != '-' && *c != ':') {
            instant[size++] = *c;
        }
    }
    snprintf(name, sizeof name, COPY_HEAD "%.*sZ" COPY_TAIL, (int)size, instant);
    enum err err = file_make_folder(options->folder, 0700);
    err = err ? err : file_join(options->folder, name, path);
    if (err) {
        fault_write(out_fault, "%s: could not be made: %s", options->folder, strerror(errno));
        return err;
    }
    err = write_copy(db, path, out_fault);
    return err ? err : drop_old_copies(options->folder, options->keep);
}

/* A failed copy is reported on stderr; the next one is tried all the same. */
static enum err copy_repeatedly(struct db *db, const struct options *options)
{
    enum err err = process_init();
    while (!err && !process_is_stopping()) {
        struct fault fault = {0};
        enum err failed = copy_into_folder(db, options, &fault);
        if (failed) {
            (void)terminal_fault(&fault, failed);
        }
        (void)process_wait_stop(options->every_s * 1000000);
    }
    return err;
}

static int make_copies(const struct config *config, const void *own)
{
    const struct options *options = own;
    struct db *db;
    struct fault fault = {0};
    enum err err = command_database(config_string(config, "database", "url"), &db, &fault);
    if (err) {
        return terminal_fault(&fault, err);
    }
    if (options->every_s != 0) {
        err = copy_repeatedly(db, options);
    } else if (options->folder != NULL) {
        err = copy_into_folder(db, options, &fault);
    } else {
        err = write_copy(db, options->output, &fault);
    }
    db_close(db);
    return err ? terminal_fault(&fault, err) : 0;
}

int cli_backup(int argc, char **argv)
{
    static const struct command command = {
        .text =
            "Copies an embedded bank's database as of one moment, while it serves; each copy has "
            "mode 0600 and is verified page by page before it gets its final name. A PostgreSQL "
            "database is copied by its server's tools. The key file is not part of a copy: keep it "
            "separately.",
        .options = option_rows,
        .parse = parse_option,
        .run = make_copies};
    struct options options = {.keep = 96};
    return command_run(&command, &options, argc, argv);
}
