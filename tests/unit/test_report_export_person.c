/* The export of a person: complete, as PDF and as JSON. */
#include "report/export_person.h"

#define FIXTURE_ABOVE &COMPANY_PARTS,

#include "base/json.h"
#include "company/company.h"
#include "unit/privacy_fixture.h"

#include <sqlite3.h>

/* What all rooms state of their tables. */
static size_t list_tables(const struct export_table *out[128])
{
    size_t count = 0;
    for (size_t i = 0; house.rooms[i] != NULL; i++) {
        const struct export_table *row = house.rooms[i]->export_tables;
        for (; row != NULL && row->table != NULL; row++) {
            assert_true(count < 128);
            out[count++] = row;
        }
    }
    return count;
}

static struct str export_of(const struct leaver *l, enum report_format format, enum lang lang)
{
    struct str out;
    struct export_order order = {.house = &house,
                                 .customers = room,
                                 .kyc = kyc,
                                 .customer = l->person.id,
                                 .format = format,
                                 .lang = lang,
                                 .now_us = now(),
                                 .zone = engine_zone(bank.engine)};
    str_init(&out, EXPORT_SIZE_MAX);
    assert_ok(export_person(bank.engine, &order, &out));
    return out;
}

/* EVIDENCE: REQ-KYC-06 */
static void test_report_export_person__tells_everything(void **state)
{
    (void)state;
    struct leaver l = leaver_of("林若溪", 2100, 5000);
    struct str out = export_of(&l, REPORT_JSON, LANG_ZH);
    json_t *json = json_loadb(out.bytes, out.size, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(json);
    const json_t *customer = json_object_get(json, "customer");
    assert_string_equal("林若溪", json_string_value(json_object_get(customer, "name")));
    assert_string_equal(l.phone, json_string_value(json_object_get(customer, "phone")));
    assert_string_equal(l.person.number, json_string_value(json_object_get(customer, "idNumber")));
    const struct export_table *tables[128];
    size_t table_count = list_tables(tables);
    for (size_t i = 0; i < table_count; i++) {
        if (tables[i]->section != NULL) {
            assert_non_null(json_object_get(json, tables[i]->section));
        }
    }
    static const char *const filled[] = {"channels", "checks",   "attempts",       "pictures",
                                         "places",   "consents", "securityEvents", "cards",
                                         "accounts", "messages", "sessions"};
    for (size_t i = 0; i < sizeof filled / sizeof filled[0]; i++) {
        assert_true(json_array_size(json_object_get(json, filled[i])) > 0);
    }
    const json_t *account = json_array_get(json_object_get(json, "accounts"), 0);
    assert_int_equal(1, json_array_size(json_object_get(account, "transactions")));
    const json_t *picture = json_array_get(json_object_get(json, "pictures"), 0);
    assert_int_equal(64, json_string_length(json_object_get(picture, "hash")));
    assert_true(json_string_length(json_object_get(picture, "jpeg")) > FAKE_JPEG);
    json_decref(json);
    str_release(&out);
}

static void test_report_export_person__on_paper(void **state)
{
    (void)state;
    struct leaver l = leaver_of("林若溪", 2200, 5000);
    for (int lang = 0; lang < 2; lang++) {
        struct str out = export_of(&l, REPORT_PDF, (enum lang)lang);
        assert_true(out.size > 5000);
        assert_memory_equal("%PDF-", out.bytes, 5);
        str_release(&out);
    }
}

/* --- Every table -------------------------------------------------------------------------------- */

static bool is_listed(const char *table)
{
    const struct export_table *tables[128];
    size_t table_count = list_tables(tables);
    for (size_t i = 0; i < table_count; i++) {
        if (strcmp(tables[i]->table, table) == 0) {
            return true;
        }
    }
    return false;
}

/* Reads the schema: a new table with a customer in it must be listed with its treatment. */
static void test_report_export_person__no_table_is_forgotten(void **state)
{
    (void)state;
    sqlite3 *db = NULL;
    sqlite3_stmt *stmt = NULL;
    size_t missing = 0;
    size_t seen = 0;
    if (which != DB_SQLITE || strncmp(bank.database.url, "sqlite:", 7) != 0) {
        return; /* one schema for both engines */
    }
    assert_int_equal(SQLITE_OK,
                     sqlite3_open_v2(bank.database.url + 7, &db, SQLITE_OPEN_READONLY, NULL));
    assert_int_equal(SQLITE_OK,
                     sqlite3_prepare_v2(db,
                                        "SELECT DISTINCT m.name FROM sqlite_master m,"
                                        " pragma_table_info(m.name) c WHERE m.type = 'table'"
                                        " AND (c.name LIKE '%customer_id'"
                                        " OR m.name = 'customer_customers')",
                                        -1, &stmt, NULL));
    while (sqlite3_step(stmt) == SQLITE_ROW) {
        const char *table = (const char *)sqlite3_column_text(stmt, 0);
        seen++;
        if (!is_listed(table)) {
            print_error("%s is neither in the export nor left out with a reason\n", table);
            missing++;
        }
    }
    sqlite3_finalize(stmt);
    sqlite3_close(db);
    assert_int_equal(0, missing);
    const struct export_table *tables[128];
    size_t table_count = list_tables(tables);
    assert_int_equal(table_count, seen); /* and none is listed that there is not */
    for (size_t i = 0; i < table_count; i++) {
        assert_true((tables[i]->section == NULL) != (tables[i]->reason == NULL));
    }
}

static int run(enum db_engine engine)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_report_export_person__tells_everything, kyc_fresh),
        cmocka_unit_test_setup(test_report_export_person__on_paper, kyc_fresh),
        cmocka_unit_test_setup(test_report_export_person__no_table_is_forgotten, kyc_fresh),
    };
    which = engine;
    return cmocka_run_group_tests_name(engine == DB_SQLITE ? "sqlite" : "postgresql", tests,
                                       privacy_suite_open, privacy_suite_close);
}

int main(void)
{
    return room_fixture_run(run);
}
