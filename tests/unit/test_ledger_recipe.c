/* Chart and recipes, and the page that tells them: docs/LEDGER.md. Run from the root of the tree. */
#include "ledger_fixture.h"

#include "ledger/recipe_rules.h"

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
    struct ledger_line lines[LEDGER_LEGS_MAX];
    size_t count;
};
static enum err post_event(struct ledger_unit *unit, void *context)
{
    struct posting *posting = context;
    struct journal_result result;
    enum err err = recipe_post(unit, &posting->event, &result);
    return err ? err : ledger_journal_read(unit, result.id, posting->lines, &posting->count);
}

static void side_text(const struct recipe_event *event, struct account_id account, char out[24])
{
    snprintf(out, 24, "%lld", (long long)(account.value >> (CCY_NUMBER_BITS + 10)));
    for (int role = ROLE_NONE + 1; role < ROLE_BANK; role++) {
        if (account.value == event->accounts[role].value) {
            snprintf(out, 24, "%s", role_name((enum role)role));
            return;
        }
    }
    assert_int_equal(id_bucket(event->accounts[ROLE_CUSTOMER].value), id_bucket(account.value));
}

static bool names_role(const struct recipe_leg *leg, enum role role)
{
    return leg->debit.role == role || leg->credit.role == role;
}

/* An event with each role and slot that the recipe names: the customer always, since the bank's
 * accounts are of its bucket; a total is the sum of what the legs' slots were given. */
static struct recipe_event event_of(const struct recipe_row *row)
{
    struct recipe_event event = {.recipe = row->recipe,
                                 .accounts = {[ROLE_CUSTOMER] = books_account(3)},
                                 .booking_date = {20000},
                                 .ref_id = 77,
                                 .bucket = -1};
    int64_t total = 0;
    for (size_t i = 0; i < LEDGER_LEGS_MAX && row->legs[i].slot != SLOT_NONE; i++) {
        for (int role = ROLE_CUSTOMER; role < ROLE_BANK; role++) {
            if (names_role(&row->legs[i], (enum role)role)) {
                event.accounts[role] = books_account(2 + role);
            }
        }
        struct money *amount = &event.amounts[row->legs[i].slot];
        total += row->legs[i].slot == row->total || amount->minor ? 0 : 5 + (int64_t)i;
        *amount = (struct money){5 + (int64_t)i, CCY_CNY};
    }
    if (row->total != SLOT_NONE) {
        event.amounts[row->total] = (struct money){total, CCY_CNY};
    }
    return event;
}

/* The row of one leg on the page: "*" behind a slot whose leg is left out at zero, "=" before a
 * total. */
static void assert_printed(const char *page, const struct recipe_row *row, const char *debit,
                           const char *credit, const char *slot)
{
    char text[320];
    snprintf(text, sizeof text, "| %d | %s | %s | %s | %s | %s | %s |\n", row->recipe, row->name,
             debit, credit, slot, recipe_text(row->recipe, LANG_EN),
             recipe_text(row->recipe, LANG_ZH));
    if (strstr(page, text) == NULL) {
        fail_msg(PAGE " lacks: %s", text);
    }
}

static int assert_posted_as_printed(struct books *b, const char *page, const struct recipe_row *row)
{
    struct posting posting = {.event = event_of(row)};
    assert_ok(books_run(b, post_event, &posting));
    for (size_t i = 0; i < posting.count; i++) {
        const struct ledger_line *line = &posting.lines[i];
        char debit[24];
        char credit[24];
        char slot[24];
        side_text(&posting.event, line->debit, debit);
        side_text(&posting.event, line->credit, credit);
        snprintf(slot, sizeof slot, "%s%s", slot_name(row->legs[i].slot),
                 row->legs[i].may_be_zero ? "*" : "");
        assert_printed(page, row, debit, credit, slot);
        assert_int_equal(posting.event.amounts[row->legs[i].slot].minor, line->amount_minor);
        assert_int_equal(row->recipe, line->recipe);
        assert_int_equal(row->version, line->recipe_version);
        assert_int_equal(77, line->ref_id);
        assert_int_equal(20000, line->value_date.days);
    }
    if (row->total != SLOT_NONE) {
        char total[24];
        snprintf(total, sizeof total, "=%s", slot_name(row->total));
        assert_printed(page, row, "-", "-", total);
    }
    return (int)posting.count + (row->total != SLOT_NONE);
}

static void test_ledger_recipe__page_prints_the_recipes(void **state)
{
    (void)state;
    struct books b;
    struct books_opening opening = {3, 3};
    char *page = read_page();
    int known = 0;
    books_open(&b, DB_SQLITE, "ledger_recipe");
    assert_ok(books_run(&b, books_open_some, &opening));
    for (int i = 3; i < 6; i++) {
        struct books_transfer rich = books_pay(books_reserve(), books_account(i), 1000000);
        assert_ok(books_run(&b, books_post, &rich));
    }
    for (size_t i = 0; i < recipe_row_count; i++) {
        const struct recipe_row *row = &recipe_rows[i];
        assert_ptr_equal(row, recipe_find(row->recipe)); /* no number twice */
        assert_string_equal(row->name, recipe_name(row->recipe));
        assert_int_equal(row->version, recipe_version(row->recipe));
        if (row->recipe == RECIPE_REVERSAL) {
            assert_printed(page, row, "-", "-", "-");
            known++;
        } else {
            known += assert_posted_as_printed(&b, page, row);
        }
    }
    assert_int_equal(known, count_rows(page, "## Posting recipes"));
    assert_string_equal("unknown", recipe_name(RECIPE_COUNT_MAX));
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
                                        .accounts = {[ROLE_CUSTOMER] = books_account(3)},
                                        .amounts = {[SLOT_AMOUNT] = {40, CCY_CNY}},
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

/* The journals of today's recipes, as docs/LEDGER.md numbered them before recipes had legs: one
 * transfer each. 'c' is the customer, 'p' the payee; a number is a code of the chart. */
struct pinned {
    enum recipe recipe;
    uint8_t version;
    int debit, credit;
    bool by_hold;
};
static const struct pinned pinned[] = {
    {RECIPE_TRANSFER, 1, 'c', 'p', false},           {RECIPE_TOP_UP, 1, 1011, 'c', false},
    {RECIPE_WITHDRAWAL, 1, 'c', 2011, false},        {RECIPE_WITHDRAWAL, 1, 'c', 2011, true},
    {RECIPE_SETTLE_IN, 1, 1001, 1011, false},        {RECIPE_SETTLE_OUT, 1, 2011, 1001, false},
    {RECIPE_INTEREST_ACCRUAL, 1, 5001, 2101, false}, {RECIPE_INTEREST_CREDIT, 1, 2101, 'c', false},
    {RECIPE_CAPITAL_PAID_IN, 1, 1001, 3001, false},  {RECIPE_BULK, 1, 'c', 'p', false},
    {RECIPE_TOP_UP_RETURN, 1, 1011, 2901, false},
};
#define PINNED_COUNT (sizeof pinned / sizeof pinned[0])
/* BLAKE2b over the canonical bytes of all their transfers, by hold, capture and release too, as the
 * program of 1 December 2026 wrote them. */
#define PINNED_HASH "5cc3251d5c45f96b2577f3b1d89be1da7849a2c59f022aeba09b163d1f89d67b"

static int64_t pinned_account(int side, int bucket)
{
    return side == 'c'   ? books_account(3).value
           : side == 'p' ? books_account(4).value
                         : ((int64_t)side << 11 | 156) << 10 | bucket;
}

static struct recipe_event pinned_event(const struct pinned *row, int number)
{
    struct recipe_event event = {.recipe = row->recipe,
                                 .accounts = {[ROLE_CUSTOMER] = books_account(3)},
                                 .amounts = {[SLOT_AMOUNT] = {100 + number, CCY_CNY}},
                                 .booking_date = {20000 + number},
                                 .value_date = {number % 2 ? 20003 + number : 0},
                                 .ref_id = 700 + number,
                                 .bucket = number % 3 ? -1 : number,
                                 .order = {{(uint8_t)number, 7}}};
    if (row->credit == 'p') {
        event.accounts[ROLE_PAYEE] = books_account(4);
    }
    return event;
}

struct pinning {
    int number;
    struct hash_stream *stream;
};

/* The journal's only transfer, compared and added to the hash. */
static enum err pin_journal(struct ledger_unit *unit, const struct pinning *p,
                            struct journal_id journal, enum ledger_kind kind)
{
    const struct pinned *row = &pinned[p->number];
    struct recipe_event event = pinned_event(row, p->number);
    struct ledger_line lines[LEDGER_LEGS_MAX];
    uint8_t bytes[LEDGER_CANONICAL_SIZE];
    size_t count = 0;
    enum err err = ledger_journal_read(unit, journal, lines, &count);
    int bucket = event.bucket >= 0 ? event.bucket : id_bucket(books_account(3).value);
    assert_ok(err);
    assert_int_equal(1, count);
    assert_int_equal(kind, lines[0].kind);
    assert_int_equal(row->recipe, lines[0].recipe);
    assert_int_equal(row->version, lines[0].recipe_version);
    assert_int_equal(pinned_account(row->debit, bucket), lines[0].debit.value);
    assert_int_equal(pinned_account(row->credit, bucket), lines[0].credit.value);
    ledger_canonical(&lines[0], 0, bytes);
    hash_stream_add(p->stream, bytes, sizeof bytes);
    return err;
}

static enum err pin_one(struct ledger_unit *unit, void *context)
{
    const struct pinning *p = context;
    const struct pinned *row = &pinned[p->number];
    struct recipe_event event = pinned_event(row, p->number);
    struct journal_result result;
    if (!row->by_hold) {
        assert_ok(recipe_post(unit, &event, &result));
        return pin_journal(unit, p, result.id, LEDGER_POST);
    }
    for (int i = 0; i < 2; i++) {
        struct recipe_end end = {.recipe = row->recipe,
                                 .booking_date = event.booking_date,
                                 .ref_id = event.ref_id,
                                 .order = event.order};
        assert_ok(recipe_hold(unit, &event, 0, &result));
        assert_ok(pin_journal(unit, p, result.id, LEDGER_HOLD));
        end.hold.value = result.id.value;
        assert_ok(i ? recipe_release(unit, &end, &result) : recipe_capture(unit, &end, &result));
        assert_ok(pin_journal(unit, p, result.id, i ? LEDGER_RELEASE : LEDGER_CAPTURE));
    }
    return ERR_OK;
}

static void pin_journals(enum db_engine engine)
{
    struct books b;
    struct books_opening opening = {3, 2};
    struct hash_stream stream;
    char hex[2 * HASH_SIZE + 1];
    books_open(&b, engine, "ledger_recipe");
    assert_ok(books_run(&b, books_open_some, &opening));
    struct books_transfer rich = books_pay(books_reserve(), books_account(3), 1000000);
    assert_ok(books_run(&b, books_post, &rich));
    hash_stream_init(&stream);
    for (size_t i = 0; i < PINNED_COUNT; i++) {
        struct pinning p = {.number = (int)i, .stream = &stream};
        assert_ok(books_run(&b, pin_one, &p));
    }
    struct hash hash = hash_stream_final(&stream);
    for (size_t i = 0; i < HASH_SIZE; i++) {
        snprintf(hex + 2 * i, 3, "%02x", hash.bytes[i]);
    }
    assert_string_equal(PINNED_HASH, hex);
    books_close(&b);
}

static void test_ledger_recipe__journals_are_as_before_legs(void **state)
{
    (void)state;
    const char *server = getenv("SYCEE_TEST_PG_URL");
    pin_journals(DB_SQLITE);
    if (server != NULL && server[0] != '\0') {
        pin_journals(DB_POSTGRESQL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ledger_recipe__page_prints_the_chart),
        cmocka_unit_test(test_ledger_recipe__page_prints_the_recipes),
        cmocka_unit_test(test_ledger_recipe__withdrawal_holds_then_captures),
        cmocka_unit_test(test_ledger_recipe__journals_are_as_before_legs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
