/* sycee staff: the first people of a bank that is not being served. */
#include "cli/cli.h"
#include "command/command.h"
#include "command/terminal.h"
#include "db/facts.h"
#include "ledger/recipe.h"
#include "server/settings_rules.h"
#include "staff/credential.h"

#include <liboath/oath.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

struct options {
    struct settings settings;
    const char *login;
    const char *password;
    const char *totp_secret;
    struct money capital;
};

#define TOWN_CAPITAL_MINOR INT64_C(100000000) /* covers the interest of customers */

static const struct argp_option town_rows[] = {
    {"password", 'p', "TEXT", 0, "password of all of them", 1},
    {"totp-secret", 't', "BASE32", 0, "TOTP secret of all of them (20 bytes)", 1},
    {"capital", 'k', "AMOUNT", 0, "the bank's own money in CNY (default 1000000.00; 0: none)", 1},
    {0}};
static const struct argp_option recover_rows[] = {
    {"login", 'l', "LOGIN", 0, "whose credentials are lost", 1}, {0}};

static error_t parse_option(int key, char *arg, struct argp_state *state, void *own)
{
    struct options *options = own;
    switch (key) {
    case 'k':
        if (money_parse(arg, CCY_CNY, &options->capital) != ERR_OK || options->capital.minor < 0) {
            argp_error(state, "\"%s\" is not an amount such as 1000.00", arg);
        }
        return 0;
    case 'l':
        options->login = arg;
        return 0;
    case 'p':
        options->password = arg;
        return 0;
    case 't':
        options->totp_secret = arg;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* --- first admin ------------------------------------------------------------------------------ */

struct first {
    const struct staff_room *room;
    const char *login;
    struct staff_invitation invitation;
};

static enum err make_first(struct uow *uow, void *context)
{
    struct first *first = context;
    return staff_bootstrap(first->room, uow, &first->invitation);
}

static enum err make_again(struct uow *uow, void *context)
{
    struct first *first = context;
    return staff_recover(first->room, uow, first->login, &first->invitation);
}

/* Nobody but the invited person learns a password or a secret: both are made when the link is opened. */
static enum err staff_do_invite(struct house *house, engine_work *work, const char *login)
{
    struct first first = {.room = staff_room_of(house), .login = login};
    enum err err = engine_run(house->engine, work, &first);
    if (!err) {
        const char *origin = config_string(house->config, "security", "origin");
        printf("login  %s\nlink   %s/console/invitation#%s\ncode   %s\n", login, origin,
               first.invitation.link, first.invitation.code);
        printf("This is shown once. Open the link %swithin three days.\n",
               origin[0] != '\0' ? "" : "on the bank's address ");
    }
    vault_wipe(&first, sizeof first);
    return err;
}

static enum err staff_do_bootstrap(struct house *house, const struct options *options)
{
    (void)options;
    return staff_do_invite(house, make_first, STAFF_FIRST_LOGIN);
}

static enum err staff_do_recover(struct house *house, const struct options *options)
{
    return options->login == NULL ? ERR_INVALID_FIELD
                                  : staff_do_invite(house, make_again, options->login);
}

/* --- the invented town's staff ---------------------------------------------------------------- */

struct town {
    const struct staff_room *room;
    char hash[STAFF_HASH_SIZE];
    uint8_t secret[STAFF_TOTP_BYTES];
    struct money capital;
};

static enum err make_town(struct uow *uow, void *context)
{
    struct town *town = context;
    struct recipe_event capital = {.recipe = RECIPE_CAPITAL_PAID_IN,
                                   .amounts = {[SLOT_AMOUNT] = town->capital},
                                   .booking_date = uow->business_date,
                                   .bucket = 0};
    struct journal_result unused;
    enum err err = staff_town(town->room, uow, town->hash, town->secret);
    err = err ? err : db_fact_store(uow->conn, FACT_TOWN, 1, uow->now_us);
    return err || town->capital.minor == 0 ? err : recipe_post(uow->ledger, &capital, &unused);
}

static enum err staff_do_town(struct house *house, const struct options *options)
{
    struct town town = {.room = staff_room_of(house), .capital = options->capital};
    char *secret = NULL;
    size_t size = 0;
    if (settings_is_production(house->config)) {
        fprintf(stderr, "sycee: staff town: is for development (outside.is_sandbox=true)\n");
        return ERR_POLICY_REFUSED;
    }
    if (options->password == NULL || options->totp_secret == NULL ||
        oath_base32_decode(options->totp_secret, strlen(options->totp_secret), &secret, &size) !=
            OATH_OK ||
        size != STAFF_TOTP_BYTES) {
        free(secret);
        return ERR_INVALID_FIELD;
    }
    memcpy(town.secret, secret, STAFF_TOTP_BYTES);
    free(secret);
    enum err err = staff_password_hash(staff_room_of(house), options->password, town.hash);
    return err ? err : engine_run(house->engine, make_town, &town);
}

/* --- commands --------------------------------------------------------------------------------- */

/* What an operator can do about it; other errors have their name. */
static void staff_explain(enum err err, struct fault *out)
{
    static const struct {
        enum err err;
        const char *text;
    } lines[] = {
        {ERR_EXISTS,
         "somebody has credentials already: invite others in the console, or sycee staff "
         "recover --login LOGIN"},
        {ERR_NOT_FOUND, "no member of staff with this login"},
        {ERR_FOUR_EYES, "two admins are left who decide a reset together: use the console"},
        {ERR_INVALID_FIELD, "an option is missing or wrong: see --help"},
    };
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        if (lines[i].err == err) {
            fault_write(out, "staff: %s", lines[i].text);
            return;
        }
    }
    fault_write(out, "staff: %s", err_slug(err));
}

/* The rest of each command: its error in words. */
static int report_error(enum err err)
{
    struct fault fault = {0};
    if (err) {
        staff_explain(err, &fault);
    }
    return err ? terminal_fault(&fault, err) : 0;
}

static int run_bootstrap(struct house *house, const void *own)
{
    return report_error(staff_do_bootstrap(house, own));
}

static int run_recover(struct house *house, const void *own)
{
    return report_error(staff_do_recover(house, own));
}

static int run_town(struct house *house, const void *own)
{
    return report_error(staff_do_town(house, own));
}

static int run_staff(const struct command *command, int argc, char **argv)
{
    struct options options = {.capital = {TOWN_CAPITAL_MINOR, CCY_CNY}};
    return command_run(command, &options, argc, argv);
}

static int cli_bootstrap(int argc, char **argv)
{
    static const struct command command = {
        .text =
            "Makes the first admin of a bank where nobody has credentials and prints the link and "
            "the code of the invitation once. The admin chooses the password and takes the "
            "time-code secret there.",
        .run_rooms = run_bootstrap};
    return run_staff(&command, argc, argv);
}

static int cli_recover(int argc, char **argv)
{
    static const struct command command = {
        .text =
            "Takes the credentials of a member of staff away and prints a new invitation, where "
            "the bank has fewer than two other admins who could decide a reset together.",
        .options = recover_rows,
        .parse = parse_option,
        .run_rooms = run_recover};
    return run_staff(&command, argc, argv);
}

static int cli_town(int argc, char **argv)
{
    static const struct command command = {
        .text =
            "Makes the invented town's staff (teller, accountant, operator, auditor, admin) with "
            "the password and TOTP secret given. For development: never on a bank with real "
            "customers.",
        .options = town_rows,
        .parse = parse_option,
        .run_rooms = run_town};
    return run_staff(&command, argc, argv);
}

int cli_staff(int argc, char **argv)
{
    static const struct terminal_command commands[] = {
        {"bootstrap", cli_bootstrap, "invite the first admin"},
        {"recover", cli_recover,
         "new invitation after lost credentials, if fewer than two admins are left"},
        {"town", cli_town, "make the invented town's staff (development)"},
        {NULL, NULL, NULL},
    };
    return terminal_dispatch("sycee staff", "the first people of a bank that is not being served",
                             commands, argc, argv);
}
