/* auditor: recomputes a bank's books from its journal. README.md lists its checks. */
#include "audit.h"

#include "base/check.h"
#include "base/date.h"
#include "base/id.h"
#include "base/str.h"

#include <argp.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#define DATABASE_DEFAULT "sqlite:var/sycee.db"
#define EXIT_FOUND       1

const char *argp_program_version = "auditor " SYCEE_VERSION;

enum { OPT_SINCE = 256, OPT_ZONE };

struct options {
    const char *url;
    const char *since;
    const char *zone;
    bool as_json;
};

static const struct argp_option option_rows[] = {
    {"database", 'd', "URL", 0,
     "sqlite:PATH or postgresql://… (default: $SYCEE_DATABASE_URL, else " DATABASE_DEFAULT ")", 0},
    {"json", 'j', NULL, 0, "print one JSON object", 0},
    {"since", OPT_SINCE, "YYYY-MM-DD", 0,
     "trust seals, client ids and payments from before that day; balances are always "
     "recomputed from the start",
     0},
    {"zone", OPT_ZONE, "NAME", 0, "time zone of the bank's dates (default: " ZONE_DEFAULT ")", 0},
    {0}};

static bool is_url(const char *url)
{
    return strncmp(url, "sqlite:", 7) == 0 || strncmp(url, "postgresql://", 13) == 0 ||
           strncmp(url, "postgres://", 11) == 0 || strncmp(url, "host=", 5) == 0;
}

static error_t audit_option(int key, char *arg, struct argp_state *state)
{
    struct options *options = state->input;
    struct date date;
    switch (key) {
    case 'd':
        options->url = arg;
        return 0;
    case 'j':
        options->as_json = true;
        return 0;
    case OPT_SINCE:
        if (date_parse(arg, &date) != ERR_OK) {
            argp_error(state, "\"%s\" is not a date", arg);
        }
        options->since = arg;
        return 0;
    case OPT_ZONE:
        options->zone = arg;
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "unexpected argument \"%s\"", arg);
        return 0;
    case ARGP_KEY_END:
        if (!is_url(options->url)) {
            argp_error(state, "\"%s\" is not the URL of a database", options->url);
        }
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static enum lang terminal_lang(void)
{
    static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *value = getenv(names[i]);
        if (value != NULL && value[0] != '\0') {
            return strncmp(value, "zh", 2) == 0 ? LANG_ZH : LANG_EN;
        }
    }
    return LANG_EN;
}

/* The bank may be stopped, or run on a clock of its own: its time is that of its newest row. */
static void find_now(struct audit *audit)
{
    int64_t newest = reader_number(audit->reader, "SELECT max(id) FROM ledger_transfers", 0, 0, 0);
    int64_t sealed =
        reader_number(audit->reader, "SELECT max(sealed_at) FROM ledger_seals", 0, 0, 0);
    audit->bank_now_us = newest ? id_instant_us(newest) : 0;
    audit->bank_now_us = sealed > audit->bank_now_us ? sealed : audit->bank_now_us;
    int64_t kept =
        reader_number(audit->reader, "SELECT max(largest_at) FROM engine_clocks", 0, 0, 0);
    audit->bank_now_us = kept > audit->bank_now_us ? kept : audit->bank_now_us;
    audit->is_bare =
        reader_number(audit->reader,
                      "SELECT (SELECT count(*) FROM account_accounts) + (SELECT count(*) FROM"
                      " payment_payments) + (SELECT count(*) FROM customer_customers)",
                      0, 0, 0) == 0;
}

static void audit_run(struct audit *audit)
{
    find_now(audit);
    books_load(audit);
    interest_begin(audit);
    gl_begin(audit);
    seals_begin(audit);
    if (!audit->is_pg) {
        checkpoints_begin(audit);
    }
    scan_transfers(audit);
    seals_end(audit);
    if (audit->is_pg) {
        books_postings(audit);
        summarise(&audit->findings, CHECK_CHECKPOINTS, "none on PostgreSQL", "PostgreSQL 无检查点");
    } else {
        checkpoints_end(audit);
    }
    books_end(audit);
    gl_end(audit);
    holds_end(audit);
    reversals_end(audit);
    client_ids_check(audit);
    accounts_check(audit);
    accounts_facts_check(audit);
    payments_check(audit);
    orders_check(audit);
    proofs_check(audit);
    people_check(audit);
    limits_check(audit);
    interest_end(audit);
    settlement_check(audit);
    staff_check(audit);
    roles_check(audit);
    office_check(audit);
    texts_check(audit);
}

static void audit_release(struct audit *audit)
{
    struct map *maps[] = {&audit->book_map, &audit->gl_map, &audit->settled_map, &audit->hold_map,
                          &audit->interest_map};
    for (size_t i = 0; i < sizeof maps / sizeof maps[0]; i++) {
        map_release(maps[i]);
    }
    free(audit->books);
    free(audit->slots);
    free(audit->chunks);
    free(audit->gl_days);
    free(audit->settled);
    free(audit->holds);
    free(audit->interests);
    reader_close(audit->reader);
}

int main(int argc, char **argv)
{
    static const struct argp argp = {
        option_rows,
        audit_option,
        NULL,
        "Recomputes a bank's books from its journal with independent code and lists every fault. "
        "Reads one snapshot, also while the bank serves, and changes nothing.\vExit code: 0 in "
        "order, 1 faults found, 64 wrong usage, 66 no readable database, 69 the server does not "
        "answer.",
        NULL,
        NULL,
        NULL};
    static struct audit audit;
    const char *stated = getenv("SYCEE_DATABASE_URL");
    struct options options = {.url = stated && stated[0] ? stated : DATABASE_DEFAULT,
                              .zone = ZONE_DEFAULT};
    argp_err_exit_status = EX_USAGE;
    argp_parse(&argp, argc, argv, 0, NULL, &options);
    CHECK(sodium_init() >= 0);
    audit.reader = reader_open(options.url, options.as_json);
    audit.findings.lang = terminal_lang();
    audit.is_pg = reader_is_postgresql(audit.reader);
    audit.shows_progress = isatty(STDERR_FILENO);
    if (zone_load(options.zone, &audit.zone) != ERR_OK) {
        fprintf(stderr, "auditor: \"%s\" is not a time zone\n", options.zone);
        return EX_USAGE;
    }
    struct date since;
    if (options.since && date_parse(options.since, &since) == ERR_OK) {
        audit.since_id = id_first_at(zone_start_us(&audit.zone, since));
    }
    audit_run(&audit);
    bool is_bad = findings_any(&audit.findings);
    if (options.as_json) {
        findings_print_json(&audit.findings, audit.is_pg ? "postgresql" : "sqlite");
    } else {
        findings_print(&audit.findings);
    }
    audit_release(&audit);
    return fflush(stdout) != 0 || ferror(stdout) ? EX_IOERR : is_bad ? EXIT_FOUND : 0;
}
