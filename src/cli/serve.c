/* sycee serve: the bank. */
#include "cli/cli.h"
#include "command/command.h"
#include "command/migrate.h"
#include "command/terminal.h"

#include "server/server.h"
#include "server/settings_rules.h"
#include "sys/log.h"
#include "sys/process.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

enum { OPT_MIGRATE = 256, OPT_PRINT_CONFIG };

struct options {
    struct settings settings;
    bool migrate, print_config;
};

static const struct argp_option option_rows[] = {
    {"migrate", OPT_MIGRATE, NULL, 0, "bring the bank's database to this program's schema first",
     1},
    {"print-config", OPT_PRINT_CONFIG, NULL, 0, "print every setting with its default, and stop",
     1},
    {0}};

static error_t parse_option(int key, char *arg, struct argp_state *state, void *own)
{
    struct options *options = own;
    (void)arg, (void)state;
    switch (key) {
    case OPT_MIGRATE:
        options->migrate = true;
        return 0;
    case OPT_PRINT_CONFIG:
        options->print_config = true;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* Browsers make no passkeys at an address of digits, so this machine is called by its name. */
static void serve_announce(void *context, const char *base_url)
{
    static const char LOOPBACK[] = "http://127.0.0.1:";
    char named[64];
    (void)context;
    if (strncmp(base_url, LOOPBACK, sizeof LOOPBACK - 1) == 0) {
        snprintf(named, sizeof named, "http://localhost:%s", base_url + sizeof LOOPBACK - 1);
        base_url = named;
    }
    printf("customer app  %s/app/\nstaff console %s/console/\nAPI           %s/docs\n", base_url,
           base_url, base_url);
    fflush(stdout);
}

static void start_log(const struct config *config)
{
    struct log_options log = {.fd = 2, .level_min = LOG_INFO};
    (void)log_level_parse(config_string(config, "log", "level"), &log.level_min);
    log_init(&log);
}

/* Every finding is a line of its own, so that one start shows them all. */
static bool settings_are_sound(const struct config *config)
{
    static struct settings_findings findings;
    settings_judge(config, &findings);
    for (size_t i = 0; i < findings.count; i++) {
        fprintf(stderr, "sycee: %s\n", findings.rows[i].text);
    }
    return findings.count == 0;
}

static int serve_run(const struct config *config, const void *own)
{
    const struct options *options = own;
    struct fault fault = {0};
    if (!settings_are_sound(config)) {
        return EX_CONFIG;
    }
    start_log(config);
    if (!settings_is_production(config)) {
        log_event(LOG_INFO, "development_mode", log_string("setting", "outside.is_sandbox=true"),
                  log_string("meaning", "not for real customers"));
    }
    enum err err = process_init();
    if (!err && options->migrate) {
        int applied;
        err = migrate_database(config_string(config, "database", "url"), false, &applied, &fault);
    }
    err = err ? err : server_run(config, serve_announce, NULL, &fault);
    return err ? terminal_fault(&fault, err) : 0;
}

static bool print_config(const void *own)
{
    const struct options *options = own;
    if (options->print_config) {
        config_print_template(CONFIG_OPTIONS, CONFIG_OPTION_COUNT, terminal_lang(), stdout);
    }
    return options->print_config;
}

int cli_serve(int argc, char **argv)
{
    static const struct command command = {
        .text =
            "Serves the bank until Ctrl-C: HTTP API, customer app, staff console, jobs and end of "
            "day.",
        .options = option_rows,
        .parse = parse_option,
        .without_settings = print_config,
        .run = serve_run};
    struct options options = {.migrate = false};
    return command_run(&command, &options, argc, argv);
}
