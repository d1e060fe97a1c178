#include "store.h"

#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define SCHEMA_VERSION "1"
#define BUSY_MS        5000

static const char schema_sql[] =
    "CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;"
    "CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;"
    /* Residents of people.tsv. */
    "CREATE TABLE IF NOT EXISTS people (id_number TEXT PRIMARY KEY, name TEXT NOT NULL,"
    " name_latin TEXT NOT NULL, phone TEXT NOT NULL) STRICT;"
    /* Answers of the registry, for repetitions. */
    "CREATE TABLE IF NOT EXISTS checks (request_id TEXT PRIMARY KEY, name TEXT NOT NULL,"
    " id_number TEXT NOT NULL, result TEXT NOT NULL, checked_at INTEGER NOT NULL) STRICT;"
    "CREATE TABLE IF NOT EXISTS portrait_checks (request_id TEXT PRIMARY KEY, name TEXT NOT NULL,"
    " id_number TEXT NOT NULL, checked_at INTEGER NOT NULL) STRICT;"
    /* The phone operators: answers for repetitions, and strangers' numbers with their first
     * holder. */
    "CREATE TABLE IF NOT EXISTS operator_checks (request_id TEXT PRIMARY KEY, phone TEXT NOT NULL,"
    " name TEXT NOT NULL, id_number TEXT NOT NULL, result TEXT NOT NULL) STRICT;"
    "CREATE TABLE IF NOT EXISTS operator_phones (phone TEXT PRIMARY KEY, name TEXT NOT NULL,"
    " id_number TEXT NOT NULL) STRICT;"
    /* The business registry: answers for repetitions, and registrations changed by the control
     * call. */
    "CREATE TABLE IF NOT EXISTS business_checks (request_id TEXT PRIMARY KEY, uscc TEXT NOT NULL,"
    " name TEXT NOT NULL, answer TEXT NOT NULL) STRICT;"
    "CREATE TABLE IF NOT EXISTS business_states (uscc TEXT PRIMARY KEY, state TEXT NOT NULL) "
    "STRICT;"
    /* Addresses moved by the control call; region "" is unknown. */
    "CREATE TABLE IF NOT EXISTS places (ip TEXT PRIMARY KEY, country TEXT NOT NULL,"
    " region TEXT NOT NULL, is_proxy INTEGER NOT NULL) STRICT;"
    "CREATE TABLE IF NOT EXISTS messages (seq INTEGER PRIMARY KEY, message_id TEXT NOT NULL,"
    " phone TEXT NOT NULL, content TEXT NOT NULL, accepted_at INTEGER NOT NULL) STRICT;"
    "CREATE INDEX IF NOT EXISTS messages_by_id ON messages (message_id);"
    "CREATE INDEX IF NOT EXISTS messages_by_phone ON messages (phone, seq);"
    /* One row for each card account with a holder. */
    "CREATE TABLE IF NOT EXISTS cards (card_number TEXT PRIMARY KEY, name TEXT NOT NULL,"
    " id_number TEXT NOT NULL, phone TEXT NOT NULL, class TEXT NOT NULL,"
    " balance_minor INTEGER NOT NULL CHECK (balance_minor >= 0), is_lost INTEGER NOT NULL,"
    " is_resident INTEGER NOT NULL, seq INTEGER NOT NULL) STRICT;"
    "CREATE TABLE IF NOT EXISTS card_days (card_number TEXT NOT NULL, day INTEGER NOT NULL,"
    " debited_minor INTEGER NOT NULL, PRIMARY KEY (card_number, day)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS signings (signing_id TEXT PRIMARY KEY, card_number TEXT NOT NULL,"
    " name TEXT NOT NULL, id_number TEXT NOT NULL, phone TEXT NOT NULL, code TEXT NOT NULL,"
    " tries_left INTEGER NOT NULL, expires_at INTEGER NOT NULL, agreement_number TEXT) STRICT;"
    "CREATE TABLE IF NOT EXISTS agreements (agreement_number TEXT PRIMARY KEY,"
    " card_number TEXT NOT NULL, is_closed INTEGER NOT NULL) STRICT;"
    /* state VOID: a query was answered 404. file_copies, file_extra_minor: faults of the file. */
    "CREATE TABLE IF NOT EXISTS instructions (instruction_id TEXT PRIMARY KEY, kind TEXT NOT NULL,"
    " agreement_number TEXT NOT NULL, original_id TEXT NOT NULL, amount_minor INTEGER NOT NULL,"
    " ccy TEXT NOT NULL, purpose TEXT NOT NULL, state TEXT NOT NULL, reason TEXT NOT NULL,"
    " arrived_at INTEGER NOT NULL, settled_at INTEGER, clearing_day INTEGER, sequence INTEGER,"
    " query_count INTEGER NOT NULL, settle_on_query INTEGER NOT NULL, settle_at INTEGER,"
    " pending_reason TEXT NOT NULL, file_copies INTEGER NOT NULL,"
    " file_extra_minor INTEGER NOT NULL, refunded_minor INTEGER NOT NULL) STRICT;"
    "CREATE INDEX IF NOT EXISTS instructions_by_day ON instructions (clearing_day, sequence);"
    "CREATE INDEX IF NOT EXISTS instructions_by_time ON instructions (arrived_at);"
    "CREATE INDEX IF NOT EXISTS instructions_due ON instructions (settle_at)"
    " WHERE settle_at IS NOT NULL;"
    "CREATE TABLE IF NOT EXISTS reserve (one INTEGER PRIMARY KEY CHECK (one = 1),"
    " balance_minor INTEGER NOT NULL) STRICT;"
    "INSERT INTO reserve VALUES (1, 0) ON CONFLICT DO NOTHING;"
    "CREATE TABLE IF NOT EXISTS faults (fault_id INTEGER PRIMARY KEY, party TEXT NOT NULL,"
    " operation TEXT NOT NULL, match TEXT NOT NULL, action INTEGER NOT NULL,"
    " delay_ms INTEGER NOT NULL, reason TEXT NOT NULL, settle_on_query INTEGER NOT NULL,"
    " settle_after_ms INTEGER NOT NULL, times INTEGER NOT NULL, times_left INTEGER NOT NULL)"
    " STRICT;"
    "CREATE INDEX IF NOT EXISTS faults_active ON faults (fault_id) WHERE times_left > 0;";

STORE_STMT(stmt_begin, "BEGIN IMMEDIATE");
STORE_STMT(stmt_commit, "COMMIT");
STORE_STMT(stmt_count, "INSERT INTO counters (name, value) VALUES (?1, 1)"
                       " ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value");
STORE_STMT(stmt_setting_put, "INSERT INTO settings (name, value) VALUES (?1, ?2)"
                             " ON CONFLICT (name) DO NOTHING");
STORE_STMT(stmt_setting_get, "SELECT value FROM settings WHERE name = ?1");

static void store_fail(struct store *store)
{
    if (!store->failed)
        fprintf(stderr, "sandbox: state file: %s\n", sqlite3_errmsg(store->db));
    store->failed = true;
}

/* The setting's value, after storing `value` if there was none. */
static bool setting_agrees(struct store *store, const char *name, const char *value)
{
    store_run(store, &stmt_setting_put, "tt", name, value);
    sqlite3_stmt *rows = store_query(store, &stmt_setting_get, "t", name);
    bool agrees = store_next(store, rows) && strcmp(store_text(rows, 0), value) == 0;
    if (!agrees && !store->failed)
        fprintf(stderr, "sandbox: the state file was made with %s %s, not %s\n", name,
                store_text(rows, 0), value);
    store_done(rows);
    return agrees;
}

bool store_open(struct store *store, const char *path, int64_t seed)
{
    *store = (struct store){.seed = seed};
    pthread_mutex_init(&store->lock, NULL);
    /* Our own lock is always held, so SQLite needs no locking. */
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    if (sqlite3_open_v2(path, &store->db, flags, NULL) != SQLITE_OK) {
        fprintf(stderr, "sandbox: cannot open the state file: %s\n",
                store->db ? sqlite3_errmsg(store->db) : "no memory");
        return false;
    }
    sqlite3_busy_timeout(store->db, BUSY_MS);
    const char *start =
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
        "PRAGMA wal_autocheckpoint=8000; PRAGMA cache_size=-32768; PRAGMA trusted_schema=OFF;";
    if (sqlite3_exec(store->db, start, NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_exec(store->db, schema_sql, NULL, NULL, NULL) != SQLITE_OK) {
        store_fail(store);
        return false;
    }
    char seed_text[24];
    snprintf(seed_text, sizeof seed_text, "%lld", (long long)seed);
    store_begin(store);
    bool agrees =
        setting_agrees(store, "schema", SCHEMA_VERSION) && setting_agrees(store, "seed", seed_text);
    return store_end(store) && agrees;
}

void store_close(struct store *store)
{
    if (!store->db)
        return;
    for (sqlite3_stmt *stmt; (stmt = sqlite3_next_stmt(store->db, NULL));)
        sqlite3_finalize(stmt);
    sqlite3_close(store->db);
    pthread_mutex_destroy(&store->lock);
    store->db = NULL;
}

static sqlite3_stmt *store_prepared(struct store *store, struct store_stmt *stmt)
{
    if (!stmt->prepared && sqlite3_prepare_v3(store->db, stmt->sql, -1, SQLITE_PREPARE_PERSISTENT,
                                              &stmt->prepared, NULL) != SQLITE_OK)
        store_fail(store);
    return stmt->prepared;
}

static sqlite3_stmt *store_bind(struct store *store, struct store_stmt *stmt, const char *types,
                                va_list args)
{
    sqlite3_stmt *rows = store_prepared(store, stmt);
    for (int i = 0; rows && types[i]; i++) {
        int rc = types[i] == 'i' ? sqlite3_bind_int64(rows, i + 1, va_arg(args, int64_t))
                                 : sqlite3_bind_text(rows, i + 1, va_arg(args, const char *), -1,
                                                     SQLITE_TRANSIENT);
        if (rc != SQLITE_OK)
            store_fail(store);
    }
    return rows;
}

void store_begin(struct store *store)
{
    pthread_mutex_lock(&store->lock);
    store->failed = false;
    store_run(store, &stmt_begin, "");
}

bool store_end(struct store *store)
{
    if (!store->failed)
        store_run(store, &stmt_commit, "");
    bool is_done = !store->failed;
    if (!sqlite3_get_autocommit(store->db))
        sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
    pthread_mutex_unlock(&store->lock);
    return is_done;
}

void store_run(struct store *store, struct store_stmt *stmt, const char *types, ...)
{
    va_list args;
    va_start(args, types);
    sqlite3_stmt *rows = store_bind(store, stmt, types, args);
    va_end(args);
    while (store_next(store, rows))
        ;
    store_done(rows);
}

sqlite3_stmt *store_query(struct store *store, struct store_stmt *stmt, const char *types, ...)
{
    va_list args;
    va_start(args, types);
    sqlite3_stmt *rows = store_bind(store, stmt, types, args);
    va_end(args);
    return rows;
}

bool store_next(struct store *store, sqlite3_stmt *rows)
{
    if (!rows || store->failed)
        return false;
    int rc = sqlite3_step(rows);
    if (rc != SQLITE_ROW && rc != SQLITE_DONE)
        store_fail(store);
    return rc == SQLITE_ROW;
}

void store_done(sqlite3_stmt *rows)
{
    if (rows) {
        sqlite3_reset(rows);
        sqlite3_clear_bindings(rows);
    }
}

int64_t store_int(sqlite3_stmt *rows, int column)
{
    return sqlite3_column_int64(rows, column);
}

const char *store_text(sqlite3_stmt *rows, int column)
{
    const char *text = (const char *)sqlite3_column_text(rows, column);
    return text ? text : "";
}

int64_t store_count(struct store *store, const char *name)
{
    sqlite3_stmt *rows = store_query(store, &stmt_count, "t", name);
    int64_t value = store_next(store, rows) ? store_int(rows, 0) : 0;
    store_done(rows);
    return value;
}

uint64_t store_random(const struct store *store, const char *text)
{
    unsigned char key[crypto_shorthash_KEYBYTES] = {0};
    unsigned char hash[crypto_shorthash_BYTES];
    memcpy(key, &store->seed, sizeof store->seed);
    crypto_shorthash(hash, (const unsigned char *)text, strlen(text), key);
    uint64_t value;
    memcpy(&value, hash, sizeof value);
    return value;
}
