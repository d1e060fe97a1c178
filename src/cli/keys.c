/* sycee keys: the master keys that seal stored fields. */
#include "cli/cli.h"
#include "command/command.h"
#include "command/terminal.h"

#include "db/db.h"
#include "db/facts.h"
#include "server/keys.h"
#include "server/reseal.h"
#include "sys/clock.h"

#include <stdio.h>

/* The file first, then the database's check value: a stop in between leaves a key that the database has
 * not recorded, which the next opening records. */
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

/* One step a transaction: a stop loses one step, and the next run goes on with what is left. */
static enum err reseal_all(const struct config *config, struct db_conn *conn,
                           struct fault *out_fault)
{
    const char *path = config_string(config, "security", "key_file");
    struct vault *vault = NULL;
    struct sealed_walk walk = {0};
    enum err err = keys_open_or_make(conn, path, clock_now_us(clock_system()), &vault, out_fault);
    if (err) {
        return err;
    }
    while (!err && !reseal_is_done(&walk)) {
        struct sealed_walk next = {0};
        err = db_begin(conn);
        err = err ? err : reseal_step(conn, vault, &walk, &next);
        if (err) {
            db_rollback(conn);
            break;
        }
        err = db_commit(conn);
        walk = err ? walk : next;
    }
    if (err) {
        fault_write(out_fault, "database: %s: after %lld values; run it again", db_message(conn),
                    (long long)walk.resealed);
    } else {
        printf("%lld values sealed anew under key %d\n", (long long)walk.resealed,
               vault_version(vault));
    }
    if (!err && walk.broken > 0) {
        fault_write(out_fault, "%lld values cannot be opened by any key of the file and stay",
                    (long long)walk.broken);
        err = ERR_VAULT_SEAL;
    }
    vault_close(vault);
    return err;
}

/* The database's check values first: a stop in between leaves a file with more keys than the database has
 * recorded, which is harmless, never the reverse. */
static enum err drop_keys(struct db_conn *conn, const char *path, const struct vault *vault,
                          struct fault *out_fault)
{
    enum err err = db_begin(conn);
    err = err ? err : db_key_checks_drop(conn, vault_version(vault));
    err = err ? err : db_commit(conn);
    if (err) {
        fault_write(out_fault, "database: %s", db_message(conn));
        db_rollback(conn);
        return err;
    }
    err = vault_drop_old_keys(vault, path);
    if (err) {
        fault_write(out_fault,
                    "key file %s: older keys could not be taken out: %s "
                    "(security.key_file)",
                    path, err_slug(err));
    }
    return err;
}

static enum err retire_keys(const struct config *config, struct db_conn *conn,
                            struct fault *out_fault)
{
    const char *path = config_string(config, "security", "key_file");
    struct vault *vault = NULL;
    struct reseal_count count;
    enum err err = keys_open_or_make(conn, path, clock_now_us(clock_system()), &vault, out_fault);
    if (err) {
        return err;
    }
    err = reseal_may_retire(conn, vault, &count);
    if (err == ERR_VAULT_IN_USE) {
        fault_write(out_fault,
                    "%lld values are sealed under older keys (sycee keys reseal) and %lld kept "
                    "answers or waiting messages, which go by themselves within two days",
                    (long long)count.left, (long long)count.passing);
    } else if (err) {
        fault_write(out_fault, "database: %s", db_message(conn));
    } else {
        err = drop_keys(conn, path, vault, out_fault);
    }
    if (!err) {
        printf("key %d alone is left; keep older copies of the key file as long as the copies of "
               "the database that they open\n",
               vault_version(vault));
    }
    vault_close(vault);
    return err;
}

static int run_add(const struct config *config, const void *own)
{
    struct fault fault = {0};
    (void)own;
    enum err err = command_alone(config, add_key, &fault);
    return err ? terminal_fault(&fault, err) : 0;
}

static int run_reseal(const struct config *config, const void *own)
{
    struct fault fault = {0};
    (void)own;
    enum err err = command_alone(config, reseal_all, &fault);
    return err ? terminal_fault(&fault, err) : 0;
}

static int run_retire(const struct config *config, const void *own)
{
    struct fault fault = {0};
    (void)own;
    enum err err = command_alone(config, retire_keys, &fault);
    return err ? terminal_fault(&fault, err) : 0;
}

static int keys_run(int argc, char **argv, const struct command *command)
{
    struct settings settings = {.set_count = 0};
    return command_run(command, &settings, argc, argv);
}

static int keys_add(int argc, char **argv)
{
    static const struct command command = {
        .text = "Adds a master key to the bank's key file: it seals from the next start on, "
                "while what older keys sealed stays readable. No process of the bank may be "
                "running.",
        .run = run_add};
    return keys_run(argc, argv, &command);
}

static int keys_reseal(int argc, char **argv)
{
    static const struct command command = {
        .text = "Seals every stored field anew under the newest master key, in small "
                "transactions; stopped at any place, it goes on with what is left. A serving "
                "bank does the same by itself; here no process of the bank may be running.",
        .run = run_reseal};
    return keys_run(argc, argv, &command);
}

static int keys_retire(int argc, char **argv)
{
    static const struct command command = {
        .text = "Takes all master keys but the newest out of the key file. Refused while "
                "anything is sealed under an older one. No process of the bank may be running.",
        .run = run_retire};
    return keys_run(argc, argv, &command);
}

int cli_keys(int argc, char **argv)
{
    static const struct terminal_command commands[] = {
        {"add", keys_add, "add a master key, which seals from then on"},
        {"reseal", keys_reseal, "seal every stored field anew under the newest key"},
        {"retire", keys_retire, "remove the older keys, once no value is sealed with them"},
        {NULL, NULL, NULL},
    };
    return terminal_dispatch("sycee keys", "the keys that seal stored fields", commands, argc,
                             argv);
}
