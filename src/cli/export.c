/* sycee export: the books as text for hledger, Ledger or Beancount, or the bank's trial balance. */
#include "cli/cli.h"
#include "command/command.h"
#include "command/open_bank.h"
#include "command/terminal.h"

#include "base/str.h"
#include "report/report.h"
#include "sys/progress.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

enum { OPT_FROM = 256, OPT_TO, OPT_CURRENCY };

static const char export_doc[] =
    "Writes the books of a bank as plain text that hledger, ledger or bean-check reads, with an "
    "assertion of every balance at the end; or the bank's own trial balance as CSV. Reads only: "
    "the bank may be open.";

struct options {
    struct settings settings;
    enum report_books_format format;
    bool has_format, trial_balance;
    bool has_from, has_to;
    struct date from, to;
    struct ccy ccy;
    const char *output;
};

static const struct argp_option option_rows[] = {
    {"format", 'f', "FORMAT", 0, "hledger, ledger, beancount, or trial-balance (CSV)", 1},
    {"from", OPT_FROM, "YYYY-MM-DD", 0,
     "first booking date; earlier bookings become opening balances", 1},
    {"to", OPT_TO, "YYYY-MM-DD", 0, "last booking date", 1},
    {"currency", OPT_CURRENCY, "CODE", 0, "of the trial balance (default CNY)", 1},
    {"output", 'o', "FILE", 0, "write to a file, created once it is complete", 1},
    {0}};

static void parse_date(struct argp_state *state, const char *text, struct date *out, bool *out_has)
{
    if (date_parse(text, out) != ERR_OK) {
        argp_error(state, "\"%s\" is not a date (YYYY-MM-DD)", text);
    }
    *out_has = true;
}

static void parse_format(struct argp_state *state, const char *text, struct options *options)
{
    options->has_format = true;
    options->trial_balance = strcmp(text, "trial-balance") == 0;
    if (!options->trial_balance && report_books_format_parse(text, &options->format) != ERR_OK) {
        argp_error(state, "\"%s\" is none of hledger, ledger, beancount, trial-balance", text);
    }
}

static error_t parse_option(int key, char *arg, struct argp_state *state, void *own)
{
    struct options *options = own;
    switch (key) {
    case 'f':
        parse_format(state, arg, options);
        return 0;
    case OPT_FROM:
        parse_date(state, arg, &options->from, &options->has_from);
        return 0;
    case OPT_TO:
        parse_date(state, arg, &options->to, &options->has_to);
        return 0;
    case OPT_CURRENCY:
        if (ccy_parse(arg, &options->ccy) != ERR_OK) {
            argp_error(state, "\"%s\" is not a currency", arg);
        }
        return 0;
    case 'o':
        options->output = arg;
        return 0;
    case ARGP_KEY_END:
        if (!options->has_format) {
            argp_error(state, "--format is missing");
        }
        if (options->trial_balance && options->has_from) {
            argp_error(state, "a trial balance has one date: --to");
        }
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* --- output ------------------------------------------------------------------------------------
 */

struct sink {
    FILE *file;
    char part[4096]; /* name until it is whole */
    struct progress progress;
};

static bool sink_open(struct sink *sink, const char *path)
{
    sink->part[0] = '\0';
    sink->file = stdout;
    if (path != NULL) {
        int size = snprintf(sink->part, sizeof sink->part, "%s.part", path);
        sink->file = size < (int)sizeof sink->part ? fopen(sink->part, "wb") : NULL;
    }
    return sink->file != NULL;
}

/* False where something was not written, or did not reach its name. */
static bool sink_close(struct sink *sink, const char *path, bool whole)
{
    bool well = fflush(sink->file) == 0 && !ferror(sink->file);
    if (path == NULL) {
        return well;
    }
    well = fsync(fileno(sink->file)) == 0 && well;
    well = fclose(sink->file) == 0 && well;
    if (!whole || !well) {
        remove(sink->part);
        return well;
    }
    return rename(sink->part, path) == 0;
}

static bool write_bytes(const char *bytes, size_t size, void *context)
{
    struct sink *sink = context;
    return fwrite(bytes, 1, size, sink->file) == size;
}

static void export_show(int64_t done, void *context)
{
    struct sink *sink = context;
    progress_update(&sink->progress, done);
}

/* --- books -------------------------------------------------------------------------------------
 */

static enum err export_books(const struct options *options, struct open_bank *bank,
                             struct sink *sink)
{
    struct report_books_order order = {.format = options->format,
                                       .has_from = options->has_from,
                                       .has_to = options->has_to,
                                       .from = options->from,
                                       .to = options->to,
                                       .write = write_bytes,
                                       .progress = export_show,
                                       .context = sink};
    /* Only the embedded engine gives one snapshot to accounts and transfers alike. */
    struct ledger *ledger = NULL;
    bool snapshot = db_engine_of(bank->db) == DB_SQLITE;
    enum err err = snapshot ? ledger_start(bank->conn, &ledger) : ERR_OK;
    if (!err) {
        progress_start(&sink->progress, "export", 0, terminal_lang());
        err = report_books(ledger, bank->conn, &order);
        progress_finish(&sink->progress);
    }
    if (ledger != NULL) {
        ledger_stop(ledger);
    }
    return err;
}

/* --- trial balance -----------------------------------------------------------------------------
 */

static bool newest_date(const struct ledger_line *line, void *context)
{
    struct date *newest = context;
    *newest = line->booking_date;
    return false;
}

static void put_amount(struct str *out, int64_t minor, struct ccy ccy)
{
    char text[MONEY_TEXT_SIZE];
    money_format((struct money){minor, ccy}, text);
    str_printf(out, ",%s", text);
}

/* A balance in two columns, debit and credit. */
static void put_balance(struct str *out, int64_t minor, struct ccy ccy)
{
    put_amount(out, minor > 0 ? minor : 0, ccy);
    put_amount(out, minor < 0 ? -minor : 0, ccy);
}

static void put_row(struct str *out, const struct report_gl_row *row, struct ccy ccy)
{
    char name[REPORT_BOOKS_NAME_SIZE];
    report_books_name(row->gl->code, name);
    str_printf(out, "%d,%s,", row->gl->code, name);
    str_append_csv(out, terminal_lang() == LANG_ZH ? row->gl->name_zh : row->gl->name_en);
    put_balance(out, row->opening_minor, ccy);
    put_amount(out, row->debit_minor, ccy);
    put_amount(out, row->credit_minor, ccy);
    put_balance(out, row->closing_minor, ccy);
    str_append(out, "\r\n");
}

static enum err export_trial_balance(const struct options *options, struct open_bank *bank,
                                     struct sink *sink)
{
    struct report_trial_balance balance;
    struct date date = options->to;
    enum err err =
        options->has_to ? ERR_OK : ledger_transfers_before(bank->conn, 0, newest_date, &date);
    if (!err) {
        err = report_trial_balance(NULL, bank->conn, date, options->ccy, &balance);
    }
    if (err) {
        return err;
    }
    struct str out;
    str_init(&out, 1 << 20);
    str_append(&out, "code,account,name,openingDebit,openingCredit,debitTurnover,creditTurnover,"
                     "closingDebit,closingCredit\r\n");
    for (size_t i = 0; i < balance.count; i++) {
        put_row(&out, &balance.rows[i], options->ccy);
    }
    str_append(&out, ",,Total");
    put_amount(&out, balance.opening_debit_minor, options->ccy);
    put_amount(&out, balance.opening_credit_minor, options->ccy);
    put_amount(&out, balance.debit_minor, options->ccy);
    put_amount(&out, balance.credit_minor, options->ccy);
    put_amount(&out, balance.closing_debit_minor, options->ccy);
    put_amount(&out, balance.closing_credit_minor, options->ccy);
    str_append(&out, "\r\n");
    err = out.failed ? ERR_NO_MEMORY : ERR_OK;
    if (!err && !write_bytes(out.bytes, out.size, sink)) {
        err = ERR_IO;
    }
    str_release(&out);
    return err;
}

/* --- command -----------------------------------------------------------------------------------
 */

static int write_export(const struct config *config, const void *own)
{
    const struct options *options = own;
    struct open_bank bank;
    struct fault fault = {0};
    if (options->has_from && options->has_to && date_compare(options->from, options->to) > 0) {
        terminal_fail("export", ERR_REPORT_PERIOD);
        return EX_USAGE;
    }
    enum err err = open_bank(config, &bank, &fault);
    if (err) {
        return terminal_fault(&fault, err);
    }
    struct sink sink = {0};
    if (!sink_open(&sink, options->output)) {
        fprintf(stderr, "sycee: export: could not write \"%s\": %s\n", options->output,
                strerror(errno));
        close_bank(&bank);
        return EX_CANTCREAT;
    }
    err = options->trial_balance ? export_trial_balance(options, &bank, &sink)
                                 : export_books(options, &bank, &sink);
    close_bank(&bank);
    if (!sink_close(&sink, options->output, !err) && !err) {
        err = ERR_IO;
    }
    if (err == ERR_IO) {
        fprintf(stderr, "sycee: export: could not write: %s\n", strerror(errno));
        return EX_IOERR;
    }
    return err ? terminal_fail("export", err) : 0;
}

int cli_export(int argc, char **argv)
{
    static const struct command command = {
        .text = export_doc, .options = option_rows, .parse = parse_option, .run = write_export};
    struct options options = {.ccy = CCY_CNY};
    return command_run(&command, &options, argc, argv);
}
