/* sycee eod: closes a business date of a bank that is not being served. */
#include "cli/cli.h"
#include "command/command.h"
#include "command/terminal.h"

#include "base/str.h"
#include "server/jobs.h"
#include "sys/progress.h"

#include <stdio.h>
#include <string.h>

enum { OPT_DRY = 256 };

struct options {
    struct settings settings;
    struct date date;
    bool has_date;
    int64_t days;
    bool dry;
};

static const struct argp_option option_rows[] = {
    {"date", 't', "YYYY-MM-DD", 0, "the date to close (default: the business date)", 1},
    {"days", 'n', "N", 0, "number of dates to close, one after another (default 1)", 1},
    {"dry-run", OPT_DRY, NULL, 0, "print what would be done and change nothing", 1},
    {0}};

static error_t parse_option(int key, char *arg, struct argp_state *state, void *own)
{
    struct options *options = own;
    switch (key) {
    case 't':
        options->has_date = true;
        if (date_parse(arg, &options->date) != ERR_OK) {
            argp_error(state, "\"%s\" is not a date (YYYY-MM-DD)", arg);
        }
        return 0;
    case 'n':
        if (!str_to_int(arg, &options->days) || options->days < 1 || options->days > 3660) {
            argp_error(state, "\"%s\" is not a number of days from 1 to 3660", arg);
        }
        return 0;
    case OPT_DRY:
        options->dry = true;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

struct shown {
    struct progress progress;
    char step[32];
};

static void show_progress(void *context, const struct eod_progress *progress)
{
    struct shown *shown = context;
    if (strcmp(shown->step, progress->step) != 0) {
        snprintf(shown->step, sizeof shown->step, "%.31s", progress->step);
        progress_start(&shown->progress, shown->step, progress->total, terminal_lang());
    }
    progress_update(&shown->progress, progress->done);
    if (progress->ended_at) {
        progress_finish(&shown->progress);
    }
}

static enum err close_dates(struct eod *eod, const struct options *options, struct date date)
{
    enum err err = ERR_OK;
    for (int64_t i = 0; !err && i < options->days; i++) {
        struct shown shown = {.step = ""};
        char text[DATE_TEXT_SIZE];
        date_format(date, text);
        err = eod_run(eod, date, options->dry, show_progress, &shown);
        if (!err) {
            printf("%s %s\n", text, options->dry ? "could be closed" : "closed");
        }
        date = date_add_days(date, 1);
    }
    return err;
}

/* PostgreSQL: no job seals after this program, and what waits long for its seal looks like damage. */
static enum err seal_books(struct uow *uow, void *context)
{
    (void)context;
    return ledger_seal_due(engine_ledger(uow->engine), uow->conn, uow->now_us);
}

static int close_days(struct house *house, const void *own)
{
    const struct options *options = own;
    enum err err =
        close_dates(jobs_eod(house), options,
                    options->has_date ? options->date : engine_business_date(house->engine));
    if (!err && !options->dry) {
        err = engine_run(house->engine, seal_books, NULL);
    }
    return err ? terminal_fail("end of day", err) : 0;
}

int cli_eod(int argc, char **argv)
{
    static const struct command command = {
        .text =
            "Closes a business date: interest, settlement, totals. An interrupted run is continued "
            "by the next one; a repeated run changes nothing. A serving bank closes its days "
            "automatically, or from the console.",
        .options = option_rows,
        .parse = parse_option,
        .run_rooms = close_days};
    struct options options = {.days = 1};
    return command_run(&command, &options, argc, argv);
}
