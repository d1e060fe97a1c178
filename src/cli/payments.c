/* sycee payments: asks the clearing house what it has done since an instant, for a bank that is not being
 * served: after a restore. */
#include "cli/cli.h"
#include "cli/settings.h"

#include "server/rooms.h"

#include <argp.h>
#include <inttypes.h>
#include <stdio.h>
#include <sysexits.h>

struct options {
    struct settings settings;
    const char *since;
};

static const struct argp_option option_rows[] = {
    {"since", 's', "INSTANT", 0,
     "RFC 3339, as 2026-11-30T00:00:00Z: what arrived there from then on", 1},
    {0}};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct options *options = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &options->settings;
        return 0;
    case 's':
        options->since = arg;
        return 0;
    case ARGP_KEY_END:
        if (options->since == NULL) {
            argp_error(state, "--since is missing");
        }
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "unexpected argument \"%s\"", arg);
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

static int query(int argc, char **argv)
{
    static const struct argp_child children[] = {{&settings_argp, 0, "Settings:", 0}, {0}};
    static const struct argp argp = {option_rows,
                                     parse,
                                     NULL,
                                     "Asks the clearing house for every instruction since an "
                                     "instant and applies what it answers to the "
                                     "payments of the bank, as a query would. Payments that the "
                                     "bank has lost are listed, one a line; "
                                     "then the exit code is 65.",
                                     children,
                                     NULL,
                                     NULL};
    struct options options = {0};
    struct config *config;
    argp_err_exit_status = EX_USAGE;
    argp_parse(&argp, argc, argv, 0, NULL, &options);
    int64_t since_us = 0;
    enum err err = instant_parse(options.since, &since_us);
    if (err) {
        return cli_fail("since", err);
    }
    int code = settings_load(&options.settings, &config);
    if (code != 0) {
        return code;
    }
    struct rooms rooms;
    struct fault fault = {0};
    err = rooms_open(config, &rooms, &fault);
    if (err) {
        config_release(config);
        return cli_fault(&fault, err);
    }
    struct reconcile_counts counts = {0};
    err = payment_reconcile(rooms.engine, &rooms.channel.channel, since_us, print_missing, NULL,
                            &counts);
    printf("%" PRId64 " instructions, %" PRId64 " payments brought to their end, %" PRId64
           " missing\n",
           counts.seen, counts.changed, counts.missing);
    rooms_close(&rooms);
    config_release(config);
    return err ? cli_fail("clearing house", err) : counts.missing > 0 ? EX_DATAERR : 0;
}

int cli_payments(int argc, char **argv)
{
    static const struct cli_command commands[] = {
        {"query", query, "ask the clearing house what happened since an instant"},
        {NULL, NULL, NULL}};
    return cli_dispatch("sycee payments", "Payments through the clearing house.", commands, argc,
                        argv);
}
