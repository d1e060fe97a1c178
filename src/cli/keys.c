/* sycee keys: the master keys that seal stored fields. */
#include "cli/cli.h"
#include "cli/command.h"

#include "server/keys.h"
#include "sys/clock.h"

#include <stdio.h>

/* The file first, then the database's check value: a stop in between leaves a file that has more than
 * the database knows, which the next opening records. */
static enum err add_key(const struct config *config, struct db_conn *conn, struct fault *out_fault)
{
    const char *path = config_string(config, "security", "key_file");
    struct vault *vault = NULL;
    int64_t now_us = clock_now_us(clock_system());
    enum err err = keys_open_or_make(conn, path, now_us, &vault, out_fault);
    if (err) {
        return err;
    }
    err = vault_add_key(vault, path);
    vault_close(vault);
    if (err) {
        fault_write(out_fault, "key file %s: no key could be added: %s (security.key_file)", path,
                    err == ERR_OVERFLOW ? "it is full"
                    : err == ERR_VAULT_KEY
                        ? "a credential is not this command's to write; name the "
                          "original file"
                        : err_slug(err));
        return err;
    }
    err = keys_open_or_make(conn, path, now_us, &vault, out_fault);
    if (!err) {
        printf("key %d seals from now on; what older keys sealed stays readable\n"
               "copy the key file anew: copies of before lack key %d\n",
               vault_version(vault), vault_version(vault));
        vault_close(vault);
    }
    return err;
}

static int open_and_add(const struct config *config, const void *own)
{
    struct fault fault = {0};
    (void)own;
    enum err err = command_alone(config, add_key, &fault);
    return err ? cli_fault(&fault, err) : 0;
}

static int keys_add(int argc, char **argv)
{
    static const struct command command = {
        .text =
            "Adds a master key to the bank's key file: it seals from the next start on, while what "
            "older keys sealed stays readable. No process of the bank may be running.",
        .run = open_and_add};
    struct settings settings = {.set_count = 0};
    return command_run(&command, &settings, argc, argv);
}

int cli_keys(int argc, char **argv)
{
    static const struct cli_command commands[] = {
        {"add", keys_add, "add a master key, which seals from then on"},
        {NULL, NULL, NULL},
    };
    return cli_dispatch("sycee keys", "the keys that seal stored fields", commands, argc, argv);
}
