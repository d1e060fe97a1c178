/* sycee payments: asks the clearing house what it has done since an instant, for a bank that is not being
 * served: after a restore. */
#include "cli/cli.h"
#include "command/command.h"
#include "command/terminal.h"

#include "payment/payment.h"
#include "server/rooms.h"

#include <inttypes.h>
#include <stdio.h>
#include <sysexits.h>

enum { OPT_SINCE = 256 };

struct options {
    struct settings settings;
    int64_t since_us;
    bool has_since;
};

static const struct argp_option option_rows[] = {
    {"since", OPT_SINCE, "INSTANT", 0,
     "RFC 3339, as 2026-11-30T00:00:00Z: what arrived there from then on", 1},
    {0}};

static error_t parse_option(int key, char *arg, struct argp_state *state, void *own)
{
    struct options *options = own;
    switch (key) {
    case OPT_SINCE:
        options->has_since = true;
        if (instant_parse(arg, &options->since_us) != ERR_OK) {
            argp_error(state, "\"%s\" is not an instant such as 2026-11-30T00:00:00Z", arg);
        }
        return 0;
    case ARGP_KEY_END:
        if (!options->has_since) {
            argp_error(state, "--since is missing");
        }
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* One line for each instruction that the bank has no payment of; ids and amounts, no person. */
static void print_missing(const struct channel_listed *listed, void *context)
{
    char amount[MONEY_TEXT_SIZE];
    (void)context;
    money_format(listed->instruction.amount, amount);
    printf("missing %" PRId64 " %s %s %s %s\n", listed->instruction.id.value,
           payment_kind_name(listed->instruction.kind), amount, listed->instruction.amount.ccy.code,
           payment_event_name(listed->answer.event));
}

static int payments_reconcile(struct house *house, const void *own)
{
    const struct options *options = own;
    struct reconcile_counts counts = {0};
    enum err err = payment_reconcile(house->engine, payment_channel_of(house), options->since_us,
                                     print_missing, NULL, &counts);
    printf("%" PRId64 " instructions, %" PRId64 " payments brought to their end, %" PRId64
           " missing\n",
           counts.seen, counts.changed, counts.missing);
    return err ? terminal_fail("clearing house", err) : counts.missing > 0 ? EX_DATAERR : 0;
}

static int payments_do_query(int argc, char **argv)
{
    static const struct command command = {
        .text =
            "Asks the clearing house for every instruction since an instant and applies what it "
            "answers to the payments of the bank, as a query would. Payments that the bank has "
            "lost are listed, one a line; then the exit code is 65. The bank must not be serving.",
        .options = option_rows,
        .parse = parse_option,
        .run_rooms = payments_reconcile};
    struct options options = {.has_since = false};
    return command_run(&command, &options, argc, argv);
}

int cli_payments(int argc, char **argv)
{
    static const struct terminal_command commands[] = {
        {"query", payments_do_query, "query the clearing house for payments since an instant"},
        {NULL, NULL, NULL}};
    return terminal_dispatch("sycee payments", "Payments through the clearing house.", commands,
                             argc, argv);
}
