/* The books as plain text, of a bank with several days and two currencies. The tools themselves read
 * them in tests/export/run, which asks this program to keep them (SYCEE_KEEP_BOOKS=FOLDER). */
#include "bank_fixture.h"

#include "report/report.h"

static struct bank bank;
static struct account ada, ben;

static enum err event_work(struct uow *uow, void *context)
{
    struct journal_result unused = {0};
    return recipe_post(uow->ledger, context, &unused);
}

static void book(enum recipe recipe, int64_t amount_minor, struct date booked, struct date valued)
{
    struct recipe_event event = {.recipe = recipe,
                                 .accounts = {[ROLE_CUSTOMER] = ada.id},
                                 .amounts = {[SLOT_AMOUNT] = {amount_minor, CCY_CNY}},
                                 .booking_date = booked,
                                 .value_date = valued,
                                 .bucket = -1,
                                 .ref_id = 77};
    if (recipe == RECIPE_TRANSFER) {
        event.accounts[ROLE_PAYEE] = ben.id;
    }
    assert_ok(engine_run(bank.engine, event_work, &event));
    clock_manual_advance(&bank.clock, 1000000);
}

/* Two currencies; an account that the account room does not know; a hold, which must not show. */
static enum err other_work(struct uow *uow, void *context)
{
    (void)context;
    struct ccy jpy;
    assert_int_equal(ERR_OK, ccy_parse("JPY", &jpy));
    struct account_id loose = {uow_id(uow, 5)};
    struct ledger_account_spec spec = {.id = loose, .ccy = jpy, .gl_code = GL_DEPOSITS_DEMAND};
    enum err err = ledger_account_open(uow->ledger, &spec);
    struct ledger_transfer transfer = {ledger_internal_account(GL_CLEARING_RECEIVABLE, jpy, 5),
                                       loose, 1500};
    struct journal_draft draft = {.recipe = RECIPE_TOP_UP,
                                  .recipe_version = 1,
                                  .booking_date = bank_date(2026, 11, 3),
                                  .value_date = bank_date(2026, 11, 3),
                                  .transfers = &transfer,
                                  .count = 1};
    struct journal_result unused = {0};
    err = err ? err : ledger_post(uow->ledger, &draft, &unused);
    struct recipe_event held = {.recipe = RECIPE_WITHDRAWAL,
                                .accounts = {[ROLE_CUSTOMER] = ada.id},
                                .amounts = {[SLOT_AMOUNT] = {4321, CCY_CNY}},
                                .booking_date = bank_date(2026, 11, 3),
                                .bucket = -1};
    struct journal_result hold = {0};
    return err ? err : recipe_hold(uow->ledger, &held, 0, &hold);
}

static bool append(const char *bytes, size_t size, void *context)
{
    str_append_bytes(context, bytes, size);
    return true;
}

static bool refuse(const char *bytes, size_t size, void *context)
{
    (void)bytes;
    (void)size;
    (void)context;
    return false;
}

static enum err write_books(struct report_books_order order, bool carried, struct str *out)
{
    struct db_conn *conn;
    str_init(out, 1 << 20);
    order.write = append;
    order.context = out;
    assert_ok(engine_read_begin(bank.engine, &conn));
    enum err err = report_books(carried ? engine_ledger(bank.engine) : NULL, conn, &order);
    engine_read_end(bank.engine, conn);
    return err;
}

static void keep(const char *name, const struct str *out)
{
    const char *folder = getenv("SYCEE_KEEP_BOOKS");
    char path[256];
    if (folder == NULL) {
        return;
    }
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(out->size, fwrite(out->bytes, 1, out->size, file));
    fclose(file);
}

static size_t count_of(const char *text, const char *what)
{
    size_t count = 0;
    for (const char *at = strstr(text, what); at != NULL; at = strstr(at + 1, what)) {
        count++;
    }
    return count;
}

static const char *const format_names[] = {"hledger", "ledger", "beancount"};

static struct date day(int day_of_november)
{
    return bank_date(2026, 11, day_of_november);
}

/* Carried balances and sums of transfers make the same text. */
static void test_report_books__whole(void **state)
{
    (void)state;
    for (int format = REPORT_HLEDGER; format <= REPORT_BEANCOUNT; format++) {
        struct report_books_order order = {.format = (enum report_books_format)format};
        struct str carried, summed;
        assert_ok(write_books(order, true, &carried));
        assert_ok(write_books(order, false, &summed));
        assert_string_equal(carried.bytes, summed.bytes);
        keep(format_names[format], &carried);
        assert_int_equal(0, count_of(carried.bytes, "43.21"));
        assert_int_equal(1, count_of(carried.bytes, "  -1500 JPY\n"));
        assert_int_equal(1, count_of(carried.bytes, "valued: "));
        char name[64];
        snprintf(name, sizeof name, "Liabilities:Deposits:%s  ", ada.number);
        assert_true(count_of(carried.bytes, name) >= 5);
        str_release(&carried);
        str_release(&summed);
    }
}

static void test_report_books__period_begins_with_balances(void **state)
{
    (void)state;
    for (int format = REPORT_HLEDGER; format <= REPORT_BEANCOUNT; format++) {
        struct str out;
        char name[32];
        struct report_books_order order = {.format = (enum report_books_format)format,
                                           .has_from = true,
                                           .has_to = true,
                                           .from = day(3),
                                           .to = day(5)};
        assert_ok(write_books(order, false, &out));
        assert_int_equal(1, count_of(out.bytes, "2026-11-03 * Opening balances") +
                                count_of(out.bytes, "2026-11-03 * \"Opening balances\""));
        /* Opening 900.00 - 12.34, then 0.07 of the 4th; the 6th is left out. */
        assert_int_equal(0, count_of(out.bytes, "66.66"));
        snprintf(name, sizeof name, "%s-period", format_names[format]);
        keep(name, &out);
        str_release(&out);
        order.has_to = false;
        assert_ok(write_books(order, true, &out));
        snprintf(name, sizeof name, "%s-from", format_names[format]);
        keep(name, &out);
        str_release(&out);
        order.has_from = false;
        order.has_to = true;
        order.to = day(2);
        assert_ok(write_books(order, true, &out));
        snprintf(name, sizeof name, "%s-to", format_names[format]);
        keep(name, &out);
        str_release(&out);
    }
}

static void test_report_books__refusals(void **state)
{
    (void)state;
    struct str out;
    struct db_conn *conn;
    struct report_books_order backwards = {
        .has_from = true, .has_to = true, .from = day(3), .to = day(2)};
    assert_err(ERR_REPORT_PERIOD, write_books(backwards, false, &out));
    assert_int_equal(0, out.size);
    str_release(&out);
    struct report_books_order full = {.write = refuse};
    assert_ok(engine_read_begin(bank.engine, &conn));
    assert_err(ERR_IO, report_books(NULL, conn, &full));
    engine_read_end(bank.engine, conn);
    enum report_books_format format;
    assert_ok(report_books_format_parse("ledger", &format));
    assert_int_equal(REPORT_LEDGER, format);
    assert_err(ERR_INVALID_FIELD, report_books_format_parse("gnucash", &format));
}

/* Every code of the chart has a name of its own, and it is a name in all three tools. */
static void test_report_books__names(void **state)
{
    (void)state;
    for (size_t i = 0; i < chart_count; i++) {
        char a[REPORT_BOOKS_NAME_SIZE];
        report_books_name(chart[i].code, a);
        assert_int_equal(strlen(a), strspn(a, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                              "0123456789:"));
        for (size_t k = 0; k < i; k++) {
            char b[REPORT_BOOKS_NAME_SIZE];
            report_books_name(chart[k].code, b);
            assert_string_not_equal(a, b);
        }
    }
}

static enum db_engine engine_of_run;

static int open_bank(void **state)
{
    (void)state;
    bank_open(&bank, engine_of_run, "report_books");
    bank_set_date(&bank, day(1));
    ada = bank_account(&bank, 1, ACCOUNT_CLASS_II, 90000);
    clock_manual_advance(&bank.clock, 1000000);
    ben = bank_account(&bank, 2, ACCOUNT_CLASS_II, 0);
    clock_manual_advance(&bank.clock, 1000000);
    book(RECIPE_TRANSFER, 1234, day(2), day(2));
    book(RECIPE_SETTLE_IN, 90000, day(2), day(3));
    book(RECIPE_TRANSFER, 6666, day(6), day(6));
    book(RECIPE_INTEREST_ACCRUAL, 7, day(3), day(3));
    book(RECIPE_INTEREST_CREDIT, 7, day(4), day(4)); /* booked behind the 6th */
    assert_ok(engine_run(bank.engine, other_work, NULL));
    return 0;
}

static int close_bank(void **state)
{
    (void)state;
    bank_close(&bank);
    return 0;
}

static int run(enum db_engine engine)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_report_books__whole),
        cmocka_unit_test(test_report_books__period_begins_with_balances),
        cmocka_unit_test(test_report_books__refusals),
        cmocka_unit_test(test_report_books__names),
    };
    engine_of_run = engine;
    return cmocka_run_group_tests_name(engine == DB_SQLITE ? "report_books sqlite"
                                                           : "report_books postgresql",
                                       tests, open_bank, close_bank);
}

int main(void)
{
    return fixture_run(run);
}
