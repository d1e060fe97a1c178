/* Occurrences of a name: in the documented columns while it is kept, and nowhere after the erasure. */
#include "base/str.h"
#include "unit/privacy_fixture.h"

#include <sqlite3.h>

/* Columns of docs/SECURITY.md that hold a name in plain. */
static const char *const NAMED[] = {"customer_customers.name", "customer_messages.params",
                                    "payment_payments.debtor_name",
                                    "payment_payments.creditor_name"};

static bool is_documented(const char *column)
{
    for (size_t i = 0; i < sizeof NAMED / sizeof NAMED[0]; i++) {
        if (strcmp(NAMED[i], column) == 0) {
            return true;
        }
    }
    return false;
}

/* How many values of the column hold the bytes. */
static int count_in(sqlite3 *db, const char *table, const char *column, const char *text)
{
    char sql[400];
    sqlite3_stmt *stmt = NULL;
    snprintf(sql, sizeof sql,
             "SELECT COUNT(*) FROM \"%s\" WHERE instr(CAST(\"%s\" AS BLOB), CAST(?1 AS BLOB)) > 0",
             table, column);
    assert_int_equal(SQLITE_OK, sqlite3_prepare_v2(db, sql, -1, &stmt, NULL));
    sqlite3_bind_text(stmt, 1, text, -1, SQLITE_STATIC);
    assert_int_equal(SQLITE_ROW, sqlite3_step(stmt));
    int count = sqlite3_column_int(stmt, 0);
    sqlite3_finalize(stmt);
    return count;
}

/* Columns of the whole database that contain the text; each must be documented if `may_stand`. */
static int columns_with(const char *text, bool may_stand)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *stmt = NULL;
    int found = 0;
    assert_int_equal(SQLITE_OK,
                     sqlite3_open_v2(bank.database.url + 7, &db, SQLITE_OPEN_READONLY, NULL));
    assert_int_equal(SQLITE_OK,
                     sqlite3_prepare_v2(db,
                                        "SELECT m.name, c.name FROM sqlite_master m,"
                                        " pragma_table_info(m.name) c WHERE m.type = 'table'",
                                        -1, &stmt, NULL));
    while (sqlite3_step(stmt) == SQLITE_ROW) {
        const char *table = (const char *)sqlite3_column_text(stmt, 0);
        const char *column = (const char *)sqlite3_column_text(stmt, 1);
        char name[200];
        snprintf(name, sizeof name, "%s.%s", table, column);
        if (count_in(db, table, column, text) > 0) {
            found++;
            if (!may_stand || !is_documented(name)) {
                print_error("%s holds it\n", name);
                assert_true(false);
            }
        }
    }
    sqlite3_finalize(stmt);
    sqlite3_close(db);
    return found;
}

/* The bytes of the file itself: deleted data are overwritten (SQLite's secure_delete). */
static bool file_holds(const char *text)
{
    sqlite3 *db = NULL;
    struct str bytes;
    char part[65536];
    size_t got;
    assert_int_equal(SQLITE_OK,
                     sqlite3_open_v2(bank.database.url + 7, &db, SQLITE_OPEN_READWRITE, NULL));
    sqlite3_busy_timeout(db, 5000);
    /* A connection that has read nothing does not know of the log. */
    assert_int_equal(SQLITE_OK,
                     sqlite3_exec(db, "SELECT COUNT(*) FROM sqlite_master", NULL, NULL, NULL));
    assert_int_equal(SQLITE_OK,
                     sqlite3_wal_checkpoint_v2(db, NULL, SQLITE_CHECKPOINT_FULL, NULL, NULL));
    sqlite3_close(db);
    FILE *file = fopen(bank.database.url + 7, "rb");
    assert_non_null(file);
    str_init(&bytes, 256u << 20);
    while ((got = fread(part, 1, sizeof part, file)) > 0) {
        str_append_bytes(&bytes, part, got);
    }
    fclose(file);
    assert_false(bytes.failed);
    bool found = memmem(bytes.bytes, bytes.size, text, strlen(text)) != NULL;
    str_release(&bytes);
    return found;
}

/* EVIDENCE: REQ-KYC-06 */
static void test_privacy_erase__leaves_no_name_anywhere(void **state)
{
    (void)state;
    if (which != DB_SQLITE || strncmp(bank.database.url, "sqlite:", 7) != 0) {
        return; /* one schema for both engines */
    }
    struct leaver l = leaver_of(LEAVER_NAME, 3100, 5000);
    const char *phone = l.phone + 3;
    assert_true(columns_with(LEAVER_NAME, true) > 0);
    columns_with(phone, false);
    columns_with(l.person.number, false);
    columns_with(l.pan, false);
    assert_true(file_holds(LEAVER_NAME)); /* so that looking can find */
    assert_ok(engine_run(bank.engine, do_leave, &l));
    channel_says(l.result.attempts[0].payment.id, PAYMENT_EVENT_ACCEPTED);
    assert_ok(engine_run(bank.engine, do_follow, &l));
    assert_int_equal(LEAVING_CLOSED, l.leaving.state);
    assert_true(columns_with(LEAVER_NAME, true) > 0);
    let_time_erase(&l);
    columns_with(LEAVER_NAME, false);
    columns_with(phone, false);
    columns_with(l.person.number, false);
    assert_false(file_holds(LEAVER_NAME));
    assert_false(file_holds(phone));
    assert_false(file_holds(l.person.number));
}

static int run(enum db_engine engine)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_privacy_erase__leaves_no_name_anywhere, kyc_fresh),
    };
    which = engine;
    return cmocka_run_group_tests_name(engine == DB_SQLITE ? "sqlite" : "postgresql", tests,
                                       privacy_suite_open, privacy_suite_close);
}

int main(void)
{
    return room_fixture_run(run);
}
