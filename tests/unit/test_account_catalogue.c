/* Figures that change while the bank runs: ranges, versions, refresh under readers, both engines. */
#include "bank_fixture.h"

#include "sys/thread.h"

#include <stdatomic.h>

static struct bank bank;

struct setting {
    struct catalogue_change change;
    int32_t version;
};

static enum err set_work(struct uow *uow, void *context)
{
    struct setting *s = context;
    return catalogue_parameter_set(bank.catalogue, uow, &s->change, &s->version);
}

static struct setting setting_of(const char *name, int64_t value, struct date date)
{
    return (struct setting){.change = {.name = name,
                                       .value = value,
                                       .effective_date = date,
                                       .staff = {77},
                                       .source_en = "Decision of the board",
                                       .source_zh = "董事会决定"}};
}

static enum err set(const char *name, int64_t value, struct date date)
{
    struct setting s = setting_of(name, value, date);
    return engine_run(bank.engine, set_work, &s);
}

static bool refresh(void)
{
    struct db_conn *conn;
    bool changed = false;
    assert_ok(engine_read_begin(bank.engine, &conn));
    assert_ok(catalogue_refresh(bank.catalogue, conn, &changed));
    engine_read_end(bank.engine, conn);
    return changed;
}

static void test_account_catalogue__each_figure_has_a_range(void **state)
{
    (void)state;
    const struct catalogue_edition *e = catalogue_on(bank.catalogue, bank_date(2026, 11, 21));
    for (size_t i = 0; i < catalogue_parameter_count(bank.catalogue); i++) {
        const struct parameter_row *row = catalogue_parameter(bank.catalogue, i);
        size_t found = 0;
        assert_ok(catalogue_parameter_find(bank.catalogue, row->name, &found));
        assert_int_equal(i, found);
        assert_true(row->least <= row->most);
        assert_ok(parameter_decide(row, e->settings[i].value)); /* the program's own are in range */
        assert_ok(parameter_decide(row, row->least));
        assert_ok(parameter_decide(row, row->most));
        assert_err(ERR_PARAMETER_RANGE, parameter_decide(row, row->least - 1));
        assert_err(ERR_PARAMETER_RANGE, parameter_decide(row, row->most + 1));
        assert_true(parameter_unit_name(row->unit)[0] != '\0');
    }
}

static void test_account_catalogue__refuses_what_cannot_be(void **state)
{
    (void)state;
    struct date today = bank_date(2026, 11, 21);
    assert_err(ERR_NOT_FOUND, set("classIV.countMax", 1, today));
    assert_err(ERR_PARAMETER_RANGE, set("policy.phaseOne", 2, today));
    assert_err(ERR_PARAMETER_RANGE, set("cards.countMax", 0, today));
    assert_err(ERR_INVALID_DATE, set("cards.countMax", 9, bank_date(2026, 11, 20)));
    assert_err(ERR_INVALID_DATE, set("cards.countMax", 9, bank_date(2037, 11, 20)));
    struct setting s = setting_of("cards.countMax", 9, today);
    s.change.source_zh = "";
    assert_err(ERR_INVALID_FIELD, engine_run(bank.engine, set_work, &s));
    char text[CATALOGUE_SOURCE_MAX + 2];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    s.change.source_zh = text;
    assert_err(ERR_INVALID_FIELD, engine_run(bank.engine, set_work, &s));
    assert_false(refresh());
}

static struct catalogue_figure figure_of(const char *name, struct date date)
{
    struct catalogue_figure figure;
    size_t number = 0;
    assert_ok(catalogue_parameter_find(bank.catalogue, name, &number));
    catalogue_figure(bank.catalogue, number, date, &figure);
    return figure;
}

/* A decision keeps the number of its edition, whatever is set later, even on the same day, and even for
 * a day before an announced one. */
static void test_account_catalogue__a_switch_goes_both_ways_on_one_day(void **state)
{
    (void)state;
    struct date today = bank_date(2026, 11, 21), later = bank_date(2027, 1, 1);
    int32_t before = catalogue_on(bank.catalogue, today)->version;
    assert_ok(set("cards.countMax", 8, later));
    assert_int_equal(10, account_figure(catalogue_on(bank.catalogue, later), PARAMETER_CARDS_MAX));
    assert_true(refresh());
    assert_int_equal(8, account_figure(catalogue_on(bank.catalogue, later), PARAMETER_CARDS_MAX));
    assert_int_equal(before, catalogue_on(bank.catalogue, today)->version);
    assert_ok(set("policy.phaseOne", 1, today));
    assert_true(refresh());
    int32_t on = catalogue_on(bank.catalogue, today)->version;
    int32_t announced = catalogue_on(bank.catalogue, later)->version;
    assert_int_equal(before + 1, announced);
    assert_int_equal(before + 2, on);
    assert_int_equal(1, account_figure(catalogue_on(bank.catalogue, today), PARAMETER_PHASE_ONE));
    assert_ok(set("policy.phaseOne", 0, today));
    assert_true(refresh());
    assert_false(refresh());
    assert_int_equal(0, account_figure(catalogue_on(bank.catalogue, today), PARAMETER_PHASE_ONE));
    assert_int_equal(before + 3, catalogue_on(bank.catalogue, today)->version);
    /* An announced edition keeps its number, whatever is set before it. */
    assert_int_equal(announced, catalogue_on(bank.catalogue, later)->version);
    assert_int_equal(
        8, account_figure(catalogue_of_version(bank.catalogue, announced), PARAMETER_CARDS_MAX));
    assert_null(catalogue_of_version(bank.catalogue, before + 4));
    /* A decision under the switch is shown with the switch on. */
    const struct catalogue_edition *kept = catalogue_of_version(bank.catalogue, on);
    assert_int_equal(1, account_figure(kept, PARAMETER_PHASE_ONE));
    assert_int_equal(10, account_figure(kept, PARAMETER_CARDS_MAX));
    assert_int_equal(
        0, account_figure(catalogue_of_version(bank.catalogue, before), PARAMETER_PHASE_ONE));
    struct catalogue_figure figure = figure_of("cards.countMax", today);
    assert_int_equal(10, figure.value);
    assert_true(figure.has_next);
    assert_int_equal(8, figure.next_value);
    assert_int_equal(later.days, figure.next_date.days);
    assert_int_equal(16892, figure.effective_date.days);
    figure = figure_of("policy.phaseOne", today);
    assert_false(figure.has_next);
    assert_int_equal(today.days, figure.effective_date.days);
    assert_string_equal("Decision of the board", figure.source_en);
    assert_string_equal("switch", parameter_unit_name(figure.row->unit));
}

struct setter {
    struct thread thread;
    struct setting setting;
    enum err err;
};

static void setter_run(void *argument)
{
    struct setter *setter = argument;
    setter->err = engine_run(bank.engine, set_work, &setter->setting);
}

/* Changes at once, of different figures: each gets a number of its own. */
static void test_account_catalogue__changes_at_once_have_numbers_of_their_own(void **state)
{
    (void)state;
    static const char *const names[] = {"cards.countMax", "classI.countMax", "classII.countMax",
                                        "classIII.countMax"};
    struct setter setters[4];
    struct date date = bank_date(2027, 3, 1);
    for (int i = 0; i < 4; i++) {
        setters[i] = (struct setter){.setting = setting_of(names[i], 5, date)};
        assert_ok(thread_start(&setters[i].thread, "setter", setter_run, &setters[i]));
    }
    for (int i = 0; i < 4; i++) {
        thread_join(&setters[i].thread);
        assert_ok(setters[i].err);
        for (int k = 0; k < i; k++) {
            assert_int_not_equal(setters[k].setting.version, setters[i].setting.version);
        }
    }
    assert_true(refresh());
    for (int i = 0; i < 4; i++) {
        assert_non_null(catalogue_of_version(bank.catalogue, setters[i].setting.version));
    }
}

/* --- readers while figures change ---------------------------------------------------------------- */

#define CHANGES 40 /* fewer than are kept: a slow reader may outlast them all */

static atomic_bool stopping;

struct reader {
    struct thread thread;
    int64_t looks, wrong;
};

static void reader_run(void *argument)
{
    struct reader *reader = argument;
    while (!atomic_load(&stopping)) {
        const struct catalogue_edition *e = catalogue_on(bank.catalogue, bank_date(2026, 11, 21));
        int64_t max = account_figure(e, PARAMETER_CLASS_II_COUNT_MAX);
        reader->wrong += max < 5 || max >= 5 + CHANGES;
        reader->wrong +=
            !strstr(account_setting(e, PARAMETER_CLASS_II_COUNT_MAX)->source_en, "of the b");
        reader->looks++;
    }
}

static void test_account_catalogue__readers_see_whole_editions(void **state)
{
    (void)state;
    struct reader readers[2] = {{.looks = 0}};
    atomic_store(&stopping, false);
    for (int i = 0; i < 2; i++) {
        assert_ok(thread_start(&readers[i].thread, "reader", reader_run, &readers[i]));
    }
    for (int i = 0; i < CHANGES; i++) {
        assert_ok(set("classII.countMax", 5 + i, bank_date(2026, 11, 21)));
        assert_true(refresh());
    }
    atomic_store(&stopping, true);
    for (int i = 0; i < 2; i++) {
        thread_join(&readers[i].thread);
        assert_true(readers[i].looks > 0);
        assert_int_equal(0, readers[i].wrong);
    }
}

static int run(enum db_engine engine)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_account_catalogue__each_figure_has_a_range),
        cmocka_unit_test(test_account_catalogue__refuses_what_cannot_be),
        cmocka_unit_test(test_account_catalogue__a_switch_goes_both_ways_on_one_day),
        cmocka_unit_test(test_account_catalogue__changes_at_once_have_numbers_of_their_own),
        cmocka_unit_test(test_account_catalogue__readers_see_whole_editions),
    };
    bank_open(&bank, engine, "test_account_catalogue");
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    bank_close(&bank);
    return failed;
}

int main(void)
{
    return fixture_run(run);
}
