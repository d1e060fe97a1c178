/* Chart and recipes, and the page that tells them: docs/LEDGER.md. Run from the root of the tree. */
#include "ledger_fixture.h"

#define PAGE "docs/LEDGER.md"

static char *read_page(void)
{
    FILE *file = fopen(PAGE, "re");
    assert_non_null(file);
    char *text = calloc(1, 65536);
    assert_non_null(text);
    size_t size = fread(text, 1, 65535, file);
    assert_true(size > 0 && size < 65535);
    fclose(file);
    return text;
}

static int count_rows(const char *page, const char *heading)
{
    const char *at = strstr(page, heading);
    assert_non_null(at);
    at = strstr(at, "| ---");
    assert_non_null(at);
    int rows = 0;
    while ((at = strchr(at, '\n')) != NULL && at[1] == '|') {
        rows++;
        at++;
    }
    return rows;
}

static const char *class_name(enum ledger_class class)
{
    static const char *const names[] = {"", "asset", "liability", "equity", "income", "expense"};
    return names[class];
}

static void test_ledger_recipe__page_prints_the_chart(void **state)
{
    (void)state;
    static const char *const floors[] = {"none", "credit", "debit"};
    char *page = read_page();
    for (size_t i = 0; i < chart_count; i++) {
        char row[256];
        snprintf(row, sizeof row, "| %d | %s | %s | %s | %s |\n", chart[i].code,
                 class_name(chart[i].class), floors[chart[i].floor], chart[i].name_en,
                 chart[i].name_zh);
        if (strstr(page, row) == NULL) {
            fail_msg(PAGE " lacks: %s", row);
        }
        assert_int_equal(chart[i].code / 1000, chart[i].class);
        assert_ptr_equal(&chart[i], chart_find(chart[i].code));
    }
    assert_int_equal(chart_count, count_rows(page, "## Chart of accounts"));
    assert_null(chart_find(1234));
    free(page);
}

/* The sides of a recipe as the page writes them, by posting it between known accounts. */
struct posting {
    struct recipe_event event;
    struct ledger_line line;
};
static enum err post_event(struct ledger_unit *unit, void *context)
{
    struct posting *posting = context;
    struct journal_result result;
    size_t count = 0;
    struct ledger_line lines[LEDGER_LEGS_MAX];
    enum err err = recipe_post(unit, &posting->event, &result);
    err = err ? err : ledger_journal_read(unit, result.id, lines, &count);
    posting->line = lines[0];
    return err;
}

static void side_text(const struct recipe_event *event, struct account_id account, char out[24])
{
    if (account.value == event->customer.value) {
        snprintf(out, 24, "customer");
    } else if (account.value == event->payee.value) {
        snprintf(out, 24, "payee");
    } else {
        assert_int_equal(id_bucket(event->customer.value), id_bucket(account.value));
        snprintf(out, 24, "%lld", (long long)(account.value >> (CCY_NUMBER_BITS + 10)));
    }
}

static void test_ledger_recipe__page_prints_the_recipes(void **state)
{
    (void)state;
    struct books b;
    struct books_opening opening = {3, 2};
    char *page = read_page();
    int known = 0;
    books_open(&b, DB_SQLITE, "ledger_recipe");
    assert_ok(books_run(&b, books_open_some, &opening));
    struct books_transfer rich = books_pay(books_reserve(), books_account(3), 1000000);
    assert_ok(books_run(&b, books_post, &rich));
    for (int number = 1; number < RECIPE_COUNT_MAX; number++) {
        enum recipe recipe = (enum recipe)number;
        char row[256];
        char debit[24] = "-";
        char credit[24] = "-";
        if (strcmp(recipe_name(recipe), "unknown") == 0) {
            continue;
        }
        struct posting posting = {.event = {.recipe = recipe,
                                            .customer = books_account(3),
                                            .payee = books_account(4),
                                            .amount_minor = 5,
                                            .ccy = CCY_CNY,
                                            .booking_date = {20000},
                                            .ref_id = 77,
                                            .bucket = -1}};
        if (recipe != RECIPE_REVERSAL) {
            assert_ok(books_run(&b, post_event, &posting));
            side_text(&posting.event, posting.line.debit, debit);
            side_text(&posting.event, posting.line.credit, credit);
            assert_int_equal(number, posting.line.recipe);
            assert_int_equal(recipe_version(recipe), posting.line.recipe_version);
            assert_int_equal(77, posting.line.ref_id);
            assert_int_equal(20000, posting.line.value_date.days);
        }
        snprintf(row, sizeof row, "| %d | %s | %s | %s | %s | %s |\n", number, recipe_name(recipe),
                 debit, credit, recipe_text(recipe, LANG_EN), recipe_text(recipe, LANG_ZH));
        if (strstr(page, row) == NULL) {
            fail_msg(PAGE " lacks: %s", row);
        }
        known++;
    }
    assert_int_equal(known, count_rows(page, "## Posting recipes"));
    books_close(&b);
    free(page);
}

/* Hold and its two ends by recipe. */
struct two_steps {
    struct recipe_event event;
    struct journal_result hold;
    bool capture;
};
static enum err place(struct ledger_unit *unit, void *context)
{
    struct two_steps *t = context;
    return recipe_hold(unit, &t->event, 0, &t->hold);
}
static enum err finish(struct ledger_unit *unit, void *context)
{
    struct two_steps *t = context;
    struct journal_result result;
    struct recipe_end end = {.recipe = RECIPE_WITHDRAWAL,
                             .hold = {t->hold.id.value},
                             .booking_date = t->event.booking_date,
                             .ref_id = 1};
    return t->capture ? recipe_capture(unit, &end, &result) : recipe_release(unit, &end, &result);
}

static void withdrawal(enum db_engine engine)
{
    struct books b;
    struct books_opening opening = {3, 1};
    books_open(&b, engine, "ledger_recipe");
    assert_ok(books_run(&b, books_open_some, &opening));
    struct books_transfer rich = books_pay(books_reserve(), books_account(3), 100);
    assert_ok(books_run(&b, books_post, &rich));
    for (int i = 0; i < 2; i++) {
        struct two_steps t = {.event = {.recipe = RECIPE_WITHDRAWAL,
                                        .customer = books_account(3),
                                        .amount_minor = 40,
                                        .ccy = CCY_CNY,
                                        .booking_date = {20000},
                                        .bucket = -1},
                              .capture = i == 1};
        assert_ok(books_run(&b, place, &t));
        struct ledger_account held = books_state(&b, books_account(3));
        assert_int_equal(100, ledger_balance(&held));
        assert_int_equal(60, ledger_available(&held));
        assert_ok(books_run(&b, finish, &t));
        assert_err(ERR_HOLD_ENDED, books_run(&b, finish, &t));
        struct ledger_account after = books_state(&b, books_account(3));
        assert_int_equal(t.capture ? 60 : 100, ledger_balance(&after));
        assert_int_equal(t.capture ? 60 : 100, ledger_available(&after));
    }
    books_close(&b);
}

static void test_ledger_recipe__withdrawal_holds_then_captures(void **state)
{
    (void)state;
    withdrawal(DB_SQLITE);
    const char *server = getenv("SYCEE_TEST_PG_URL");
    if (server != NULL && server[0] != '\0') {
        withdrawal(DB_POSTGRESQL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ledger_recipe__page_prints_the_chart),
        cmocka_unit_test(test_ledger_recipe__page_prints_the_recipes),
        cmocka_unit_test(test_ledger_recipe__withdrawal_holds_then_captures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
