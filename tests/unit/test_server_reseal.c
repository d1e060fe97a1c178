/* Stored fields are sealed anew under a newer master key: in steps, after a stop, without omissions. */
#include "server/reseal.h"

#include "unit/db_fixture.h"

#include <ctype.h>

#define VALUES 70 /* of each table: more than one step */

static enum db_engine engine;
static struct db_fixture fixture;
static struct db_conn *conn;
static char key_path[160];
static struct vault *vault; /* the newest key seals */

DB_STMT(
    test_binding_insert,
    "INSERT INTO account_card_bindings (bucket, id, customer_id, state, issuer, issuer_name_en, "
    "issuer_name_zh, masked_pan, pan, pan_hash, kind, created_at, expires_at, tries_left, card_id) "
    "VALUES ($1, $2, 1, 1, '', '', '', '', $3, $3, 0, 1, 1, 0, 0)");
DB_STMT(test_binding_list, "SELECT bucket, id, pan FROM account_card_bindings WHERE bucket >= $1 "
                           "ORDER BY bucket, id");
DB_STMT(test_template_insert,
        "INSERT INTO kyc_templates (bucket, customer_id, kind, sealed, version, sequence, at) "
        "VALUES ($1, $2, $3, $4, 'v', 1, 1)");
DB_STMT(test_template_list, "SELECT bucket, customer_id, kind, sealed FROM kyc_templates "
                            "WHERE bucket >= $1 ORDER BY bucket, customer_id, kind");
DB_STMT(test_binding_break,
        "UPDATE account_card_bindings SET pan = $1 WHERE bucket = $2 AND id = $3");

static const char *const template_fields[] = {NULL, "kyc.template.card", "kyc.template.registry",
                                              "kyc.template.pending", "kyc.template.accepted"};

/* --- fixture ---------------------------------------------------------------------------------- */

static size_t seal_text(struct vault_place place, int64_t number, uint8_t out[128])
{
    char text[40];
    snprintf(text, sizeof text, "value %lld", (long long)number);
    vault_seal(vault, place, text, strlen(text), out);
    return strlen(text) + VAULT_OVERHEAD;
}

static void store_values(void)
{
    uint8_t sealed[128];
    assert_ok(db_begin(conn));
    for (int64_t i = 1; i <= VALUES; i++) {
        int64_t bucket = i % 5;
        size_t size = seal_text((struct vault_place){(int)bucket, i, "account.binding"}, i, sealed);
        assert_ok(db_exec(conn, &test_binding_insert,
                          DB_ARGS(db_int(bucket), db_int(i), db_blob(sealed, size)), NULL));
        int64_t kind = 1 + i % 4;
        size = seal_text((struct vault_place){(int)bucket, i, template_fields[kind]}, i, sealed);
        assert_ok(db_exec(conn, &test_template_insert,
                          DB_ARGS(db_int(bucket), db_int(i), db_int(kind), db_blob(sealed, size)),
                          NULL));
    }
    assert_ok(db_commit(conn));
}

static void add_key(void)
{
    assert_ok(vault_add_key(vault, key_path));
    vault_close(vault);
    assert_ok(vault_open(key_path, entropy_system(), &vault));
}

static int setup(void **state)
{
    (void)state;
    fixture_open(&fixture, engine, "sycee_test_reseal");
    conn = fixture.conn;
    char folder[] = "/tmp/sycee-reseal-XXXXXX";
    assert_non_null(mkdtemp(folder));
    snprintf(key_path, sizeof key_path, "%s/keys", folder);
    assert_ok(vault_make(key_path, entropy_system()));
    assert_ok(vault_open(key_path, entropy_system(), &vault));
    store_values();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    vault_close(vault);
    unlink(key_path);
    *strrchr(key_path, '/') = '\0';
    rmdir(key_path);
    fixture_close(&fixture);
    return 0;
}

static struct reseal_count left(void)
{
    struct reseal_count count = {-1, -1};
    assert_ok(reseal_left(conn, vault, &count));
    return count;
}

static enum err step(struct sealed_walk *walk)
{
    struct sealed_walk next = {0};
    enum err err = reseal_step(conn, vault, walk, &next);
    *walk = err ? *walk : next;
    return err;
}

static void walk_to_end(struct sealed_walk *walk)
{
    while (!reseal_is_done(walk)) {
        assert_ok(db_begin(conn));
        assert_ok(step(walk));
        assert_ok(db_commit(conn));
    }
}

/* Each value opens in its place, under the newest key. */
static void check_values(struct db_stmt *stmt, int keys)
{
    struct db_rows rows;
    int count = 0;
    assert_ok(db_query(conn, stmt, DB_ARGS(db_int(0)), &rows));
    for (; db_rows_next(&rows); count++) {
        char text[64], wanted[64];
        size_t size = 0;
        const uint8_t *sealed = db_rows_blob(&rows, keys, &size);
        int64_t id = db_rows_int(&rows, 1);
        struct vault_place place = {(int)db_rows_int(&rows, 0), id,
                                    keys == 2 ? "account.binding"
                                              : template_fields[db_rows_int(&rows, 2)]};
        assert_int_equal(vault_version(vault), sealed[0]);
        assert_ok(vault_unseal_text(vault, place, sealed, size, text, sizeof text));
        snprintf(wanted, sizeof wanted, "value %lld", (long long)id);
        assert_string_equal(wanted, text);
    }
    assert_ok(db_rows_close(&rows));
    assert_int_equal(VALUES, count);
}

/* --- tests ------------------------------------------------------------------------------------ */

static void test_server_reseal__every_value_once(void **state)
{
    (void)state;
    struct sealed_walk walk = {0};
    assert_int_equal(0, left().left);
    walk_to_end(&walk);
    assert_int_equal(0, walk.resealed); /* nothing is old */
    add_key();
    assert_int_equal(2 * VALUES, left().left);
    struct reseal_count count;
    assert_err(ERR_VAULT_IN_USE, reseal_may_retire(conn, vault, &count));
    assert_int_equal(2 * VALUES, count.left);
    walk = (struct sealed_walk){0};
    walk_to_end(&walk);
    assert_int_equal(2 * VALUES, walk.resealed);
    assert_int_equal(0, walk.broken);
    assert_ok(reseal_may_retire(conn, vault, &count));
    assert_int_equal(0, count.left);
    check_values(&test_binding_list, 2);
    check_values(&test_template_list, 3);
    walk = (struct sealed_walk){0};
    walk_to_end(&walk);
    assert_int_equal(0, walk.resealed);
}

static void test_server_reseal__a_stop_loses_one_step(void **state)
{
    (void)state;
    add_key();
    struct sealed_walk walk = {0};
    while (walk.resealed == 0) {
        assert_ok(db_begin(conn));
        assert_ok(step(&walk));
        assert_ok(db_commit(conn));
    }
    int64_t kept = walk.resealed;
    assert_true(kept <= SEALED_ROWS_MAX);
    assert_ok(db_begin(conn));
    assert_ok(step(&walk));
    db_rollback(conn); /* the process died before its commit */
    assert_int_equal(2 * VALUES - kept, left().left);
    walk = (struct sealed_walk){0}; /* the next process begins anew */
    walk_to_end(&walk);
    assert_int_equal(2 * VALUES - kept, walk.resealed);
    check_values(&test_binding_list, 2);
    check_values(&test_template_list, 3);
}

static void test_server_reseal__what_no_key_opens_stays(void **state)
{
    (void)state;
    uint8_t broken[64] = {1, 2, 3};
    assert_ok(db_begin(conn));
    assert_ok(db_exec(conn, &test_binding_break,
                      DB_ARGS(db_blob(broken, sizeof broken), db_int(3), db_int(3)), NULL));
    assert_ok(db_commit(conn));
    add_key();
    struct sealed_walk walk = {0};
    walk_to_end(&walk);
    assert_int_equal(1, walk.broken);
    assert_int_equal(2 * VALUES - 1, walk.resealed);
    assert_int_equal(1, left().left); /* so that its key is not retired */
}

static void test_server_reseal__a_key_of_another_bank_changes_nothing(void **state)
{
    (void)state;
    struct vault *own = vault;
    char other[200];
    snprintf(other, sizeof other, "%s.other", key_path);
    assert_ok(vault_make(other, entropy_system()));
    assert_ok(vault_open(other, entropy_system(), &vault));
    assert_ok(vault_add_key(vault, other));
    vault_close(vault);
    assert_ok(vault_open(other, entropy_system(), &vault));
    struct sealed_walk walk = {0};
    walk_to_end(&walk);
    assert_int_equal(0, walk.resealed);
    assert_int_equal(2 * VALUES, walk.broken);
    vault_close(vault);
    unlink(other);
    vault = own;
    check_values(&test_binding_list, 2);
    check_values(&test_template_list, 3);
}

/* Bytes of the schema that the vault has not sealed: hashes, random numbers, public keys. */
static const char *const plain_bytes[] = {
    "account_cards.pan_hash", "account_card_bindings.pan_hash", "company_checks.evidence_hash",
    "customer_customers.phone_hash", "customer_phones.phone_hash",
    "customer_phone_codes.phone_hash", "customer_phone_codes.code_hash",
    "customer_phone_codes.requester", "customer_sessions.token_hash",
    "customer_checks.evidence_hash", "customer_evidence.content_hash",
    "customer_device_keys.key_hash", "customer_devices.key_hash", "customer_challenges.challenge",
    "customer_passkeys.credential_id", "customer_passkeys.public_key", "db_idempotency.fingerprint",
    "db_directory.name_hash", "db_key_checks.check_value", "kyc_uploads.hash",
    "kyc_checks.evidence_hash", "payment_payments.order_salt", "payment_events.hash",
    "privacy_leavings.number_hash", "staff_sessions.token_hash", "staff_audit.prev_hash",
    "staff_audit.hash", "staff_audit_head.hash", "staff_invitations.link_hash",
    "staff_invitations.code_hash", "staff_browsers.token_hash", "ledger_transfers.order_hash",
    "ledger_balance_chunks.checksum", "ledger_balance_chunks.states", "ledger_client_ids.client_id",
    "ledger_client_answers.client_id", "ledger_seals.hash", "ledger_seals.members",
    /* Sealed, and gone within two days: counted by sealed_count_passing. */
    "db_idempotency.response"};

static bool is_listed(const char *table, const char *column)
{
    const struct sealed_column *columns[RESEAL_COLUMNS_MAX];
    size_t count = reseal_columns(columns);
    char name[128];
    snprintf(name, sizeof name, "%s.%s", table, column);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(columns[i]->table, table) == 0 && strcmp(columns[i]->column, column) == 0) {
            return true;
        }
    }
    for (size_t i = 0; i < sizeof plain_bytes / sizeof plain_bytes[0]; i++) {
        if (strcmp(plain_bytes[i], name) == 0) {
            return true;
        }
    }
    return false;
}

static void test_server_reseal__no_column_of_bytes_is_forgotten(void **state)
{
    (void)state;
    size_t seen = 0;
    for (size_t i = 0; i < db_migration_count; i++) {
        char table[64] = "";
        for (const char *line = db_migrations[i].sql; line != NULL && *line != '\0';) {
            char column[64], type[16];
            (void)sscanf(line, "CREATE TABLE %63s", table);
            if (isspace((unsigned char)*line) &&
                sscanf(line, " %63[a-z_] %15[A-Z]", column, type) == 2 &&
                strcmp(type, "BLOB") == 0) {
                seen++;
                if (!is_listed(table, column)) {
                    fail_msg("%s.%s: is it sealed? then its room's sealed.c lists it", table,
                             column);
                }
            }
            line = strchr(line, '\n');
            line = line == NULL ? NULL : line + 1;
        }
    }
    assert_true(seen > 50);
}

static int run(enum db_engine on)
{
    engine = on;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_server_reseal__every_value_once, setup, teardown),
        cmocka_unit_test_setup_teardown(test_server_reseal__a_stop_loses_one_step, setup, teardown),
        cmocka_unit_test_setup_teardown(test_server_reseal__what_no_key_opens_stays, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_server_reseal__a_key_of_another_bank_changes_nothing,
                                        setup, teardown),
        cmocka_unit_test(test_server_reseal__no_column_of_bytes_is_forgotten),
    };
    return cmocka_run_group_tests_name(
        on == DB_SQLITE ? "server_reseal sqlite" : "server_reseal postgresql", tests, NULL, NULL);
}

int main(void)
{
    return fixture_run(run);
}
