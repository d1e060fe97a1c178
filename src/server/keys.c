#include "server/keys.h"

#include "db/facts.h"

#include <errno.h>
#include <string.h>

static void explain_key_file(const char *path, enum err err, struct fault *out)
{
    switch ((int)err) {
    case ERR_VAULT_ABSENT:
        fault_write_setting(out,
                            "key file %s: is missing (security.key_file); without the bank's own "
                            "key no sealed field can be read: put back its copy",
                            path);
        return;
    case ERR_VAULT_KEY:
        fault_write_setting(out,
                            "key file %s: must be a key file that its owner alone may read: "
                            "chmod 600 (security.key_file)",
                            path);
        return;
    case ERR_NOT_FOUND:
        fault_write_setting(out, "key file %s: its folder is missing (security.key_file)", path);
        return;
    default:
        fault_write(out, "key file %s: %s: %s (security.key_file)", path, err_slug(err),
                    strerror(errno));
        return;
    }
}

static enum err compare_keys(const struct vault *vault, const struct db_key_check *checks,
                             size_t count, const char *path, struct fault *out_fault)
{
    for (size_t i = 0; i < count; i++) {
        uint8_t value[VAULT_HASH_SIZE];
        bool is_there = vault_key_check(vault, checks[i].version, value);
        if (!is_there) {
            fault_write_setting(out_fault,
                                "key file %s: lacks key %d, with which this bank's fields are "
                                "sealed (security.key_file)",
                                path, checks[i].version);
            return ERR_VAULT_FOREIGN;
        }
        if (!vault_equal(value, checks[i].value, sizeof value)) {
            fault_write_setting(out_fault,
                                "key file %s: belongs to another bank (security.key_file): its key "
                                "%d is not the one of this database",
                                path, checks[i].version);
            return ERR_VAULT_FOREIGN;
        }
    }
    return ERR_OK;
}

_Static_assert(VAULT_HASH_SIZE == KEY_CHECK_SIZE, "one size of check values");

enum err keys_open(struct db_conn *conn, const char *path, struct vault **out, bool *out_is_new,
                   struct fault *out_fault)
{
    struct db_key_check checks[KEY_CHECKS_MAX];
    size_t count = 0;
    *out = NULL;
    enum err err = db_key_checks_load(conn, checks, &count);
    if (err) {
        fault_write(out_fault, "database: %s", db_message(conn));
        return err;
    }
    *out_is_new = count == 0;
    err = vault_open(path, entropy_system(), out);
    if (err) {
        explain_key_file(path, err, out_fault);
        return err;
    }
    err = compare_keys(*out, checks, count, path, out_fault);
    if (err) {
        vault_close(*out);
        *out = NULL;
    }
    return err;
}

/* The look-up key under 0, and every master key of the file. */
static enum err record_keys(struct db_conn *conn, const struct vault *vault, int64_t now_us)
{
    enum err err = db_begin(conn);
    for (int version = 0; !err && version <= vault_version(vault); version++) {
        struct db_key_check check = {.version = version};
        if (vault_key_check(vault, version, check.value)) {
            err = db_key_check_store(conn, &check, now_us);
        }
    }
    if (err) {
        db_rollback(conn);
        return err;
    }
    return db_commit(conn);
}

enum err keys_open_or_make(struct db_conn *conn, const char *path, int64_t now_us,
                           struct vault **out, struct fault *out_fault)
{
    bool is_new = false;
    enum err err = keys_open(conn, path, out, &is_new, out_fault);
    if (err == ERR_VAULT_ABSENT && is_new) {
        err = vault_make(path, entropy_system());
        if (err) {
            explain_key_file(path, err, out_fault);
            return err;
        }
        err = keys_open(conn, path, out, &is_new, out_fault);
    }
    if (err) {
        return err;
    }
    err = record_keys(conn, *out, now_us);
    if (err) {
        fault_write(out_fault, "database: %s", db_message(conn));
        vault_close(*out);
        *out = NULL;
        return err;
    }
    vault_close(*out); /* of two first starts at once, what was recorded first counts */
    return keys_open(conn, path, out, &is_new, out_fault);
}
