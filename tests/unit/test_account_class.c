/* Classes changed by staff, and the review of accounts: rules row by row, services on both engines. */
#include "bank_fixture.h"

#include "account/account_store.h"
#include "account/class.h"
#include "account/review.h"
#include "sys/thread.h"

static struct bank bank;
static struct customer_room *room;

static struct catalogue_edition edition(void)
{
    return *catalogue_on(bank.catalogue, bank_date(2026, 11, 21));
}

/* EVIDENCE: REQ-KYC-04 */
static void test_account_class__rules(void **state)
{
    (void)state;
    const enum account_class I = ACCOUNT_CLASS_I, II = ACCOUNT_CLASS_II, III = ACCOUNT_CLASS_III,
                             PAYMENT = ACCOUNT_CLASS_PAYMENT;
    struct catalogue_edition e = edition();
    const struct {
        struct account_class_facts facts; /* state, from, verified, seen, card, held, balance */
        enum account_class to;
        enum err wanted;
    } rows[] = {
        {{1, II, true, true, true, {0}, 0}, II, ERR_CLASS_CHANGE},
        {{1, PAYMENT, true, true, true, {0}, 0}, II, ERR_CLASS_CHANGE},
        {{1, II, true, true, true, {0}, 0}, PAYMENT, ERR_CLASS_CHANGE},
        {{2, II, true, true, true, {0}, 0}, I, ERR_ACCOUNT_STATE},
        {{4, II, true, true, true, {0}, 0}, I, ERR_ACCOUNT_STATE},
        {{1, II, true, false, true, {0}, 0}, I, ERR_CLASS_EVIDENCE},
        {{1, II, false, true, true, {0}, 0}, I, ERR_CLASS_EVIDENCE},
        {{1, II, true, true, false, {0}, 9}, I, ERR_OK},
        {{1, III, true, true, true, {0, 1}, 9}, I, ERR_OK}, /* the other goes down */
        {{1, III, true, true, true, {0, 1, 5}, 9}, I, ERR_ACCOUNT_COUNT},
        {{1, III, true, false, true, {0}, 0}, II, ERR_OK},
        {{1, III, false, false, true, {0}, 0}, II, ERR_CLASS_EVIDENCE},
        {{1, III, true, false, false, {0}, 0}, II, ERR_CLASS_EVIDENCE},
        {{1, III, true, false, true, {0, 0, 5}, 0}, II, ERR_ACCOUNT_COUNT},
        {{1, I, false, false, false, {0}, INT64_MAX}, II, ERR_OK},
        {{1, I, false, false, false, {0, 0, 5}, 0}, II, ERR_ACCOUNT_COUNT},
        {{1, II, false, false, false, {0}, 200000}, III, ERR_OK},
        {{1, II, false, false, false, {0}, 200001}, III, ERR_LIMIT_EXCEEDED},
        {{1, II, false, false, false, {0, 0, 0, 5}, 0}, III, ERR_ACCOUNT_COUNT},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_err(rows[i].wanted, account_class_decide(&e, &rows[i].facts, rows[i].to));
    }
}

struct changing {
    struct account_class_order order;
    struct account_class_view before, after;
};

static enum err change_work(struct uow *uow, void *context)
{
    struct changing *c = context;
    return account_class_change(room, uow, bank.catalogue, &c->order, &c->before, &c->after);
}

static enum err seen_work(struct uow *uow, void *context)
{
    struct customer_id id = *(struct customer_id *)context;
    enum err err = customer_add_channel(uow, id, CHANNEL_COUNTER, "");
    for (int layer = LAYER_PICTURES; !err && layer <= LAYER_PLACE; layer++) {
        err = customer_set_layer(uow, id, (enum identity_layer)layer, LAYER_PASSED);
    }
    return err;
}

static struct account account_now(struct account_id id)
{
    struct db_conn *conn;
    struct account account;
    assert_ok(engine_read_begin(bank.engine, &conn));
    assert_ok(account_load(conn, id, &account));
    engine_read_end(bank.engine, conn);
    return account;
}

static void test_account_class__one_class_one_a_person(void **state)
{
    (void)state;
    struct customer_id person = bank_person(1);
    struct account old = bank_account(&bank, 1, ACCOUNT_CLASS_I, 100);
    struct account new = bank_account(&bank, 1, ACCOUNT_CLASS_III, 100);
    struct changing c = {.order = {.account = new.id, .class = ACCOUNT_CLASS_I, .staff = {7}}};
    assert_err(ERR_CLASS_EVIDENCE, engine_run(bank.engine, change_work, &c));
    assert_ok(engine_run(bank.engine, seen_work, &person));
    struct db_conn *conn;
    assert_ok(engine_read_begin(bank.engine, &conn));
    assert_ok(account_class_look(room, engine_ledger(bank.engine), conn, bank.catalogue,
                                 bank_date(2026, 11, 21), &c.order, &c.before, &c.after));
    engine_read_end(bank.engine, conn);
    assert_int_equal(ACCOUNT_CLASS_III, c.before.class);
    assert_int_equal(ACCOUNT_CLASS_I, c.after.class);
    assert_int_equal(old.id.value, c.after.surplus.value);
    assert_int_equal(ACCOUNT_CLASS_III, account_now(new.id).class); /* a review without findings
                                                                     * changes nothing */
    assert_ok(engine_run(bank.engine, change_work, &c));
    assert_int_equal(ACCOUNT_CLASS_I, account_now(new.id).class);
    assert_int_equal(1, account_now(new.id).product);
    assert_int_equal(new.version + 1, account_now(new.id).version);
    assert_int_equal(ACCOUNT_CLASS_II, account_now(old.id).class);
    assert_err(ERR_CLASS_CHANGE, engine_run(bank.engine, change_work, &c));
    c.order.account.value = 12345;
    assert_err(ERR_NOT_FOUND, engine_run(bank.engine, change_work, &c));
}

struct changer {
    struct thread thread;
    struct changing changing;
    enum err err;
};

static void changer_run(void *argument)
{
    struct changer *c = argument;
    c->err = engine_run(bank.engine, change_work, &c->changing);
}

static void test_account_class__raced_changes_leave_one_class_one(void **state)
{
    (void)state;
    struct customer_id person = bank_person(2);
    assert_ok(engine_run(bank.engine, seen_work, &person));
    struct changer changers[4];
    for (int i = 0; i < 4; i++) {
        struct account account = bank_account(&bank, 2, ACCOUNT_CLASS_III, 0);
        changers[i].changing =
            (struct changing){.order = {.account = account.id, .class = ACCOUNT_CLASS_I}};
    }
    for (int i = 0; i < 4; i++) {
        assert_ok(thread_start(&changers[i].thread, "changer", changer_run, &changers[i]));
    }
    int first = 0;
    for (int i = 0; i < 4; i++) {
        thread_join(&changers[i].thread);
        assert_ok(changers[i].err);
    }
    for (int i = 0; i < 4; i++) {
        first += account_now(changers[i].changing.order.account).class == ACCOUNT_CLASS_I;
    }
    assert_int_equal(1, first);
}

/* --- review ----------------------------------------------------------------------------------------- */

static void test_account_class__review_rules(void **state)
{
    (void)state;
    struct catalogue_edition on = edition(), off = edition();
    edition_set(&off, &CUSTOMER_PARAMETER_LIST, PARAMETER_IDENTITY_LAYERS, 0);
    static const int64_t day = DAY_US;
    const struct {
        struct review_facts facts; /* state, class, by review, verified, card, class I card,
                                      document, found, now, today */
        enum review_action wanted, wanted_off;
        const char *reason;
    } rows[] = {
        {{1, 2, false, true, true, true, {0}, 0, day, {100}}, REVIEW_NOTHING, REVIEW_NOTHING, NULL},
        {{1, 2, false, false, true, true, {0}, 0, day, {100}}, REVIEW_NOTE, REVIEW_NOTHING, NULL},
        {{1, 2, false, true, true, false, {0}, 0, day, {100}}, REVIEW_NOTE, REVIEW_NOTE, NULL},
        {{1, 1, false, true, true, false, {0}, 0, day, {100}},
         REVIEW_NOTHING,
         REVIEW_NOTHING,
         NULL},
        {{1, 2, false, false, true, true, {0}, day, 31 * day, {100}},
         REVIEW_NOTHING,
         REVIEW_FORGET,
         NULL},
        {{1, 2, false, false, true, true, {0}, day, 31 * day + 1, {100}},
         REVIEW_SUSPEND,
         REVIEW_FORGET,
         "unverified"},
        {{1, 2, false, true, true, true, {0}, day, 31 * day + 1, {100}},
         REVIEW_FORGET,
         REVIEW_FORGET,
         NULL},
        {{1, 2, false, true, true, true, {100}, 0, day, {190}},
         REVIEW_NOTHING,
         REVIEW_NOTHING,
         NULL},
        {{1, 2, false, true, true, true, {100}, 0, day, {191}},
         REVIEW_SUSPEND,
         REVIEW_SUSPEND,
         "documentExpired"},
        {{2, 2, true, false, true, true, {0}, day, 40 * day, {100}},
         REVIEW_NOTHING,
         REVIEW_LIFT,
         NULL},
        {{2, 2, true, true, true, true, {100}, 0, day, {191}},
         REVIEW_NOTHING,
         REVIEW_NOTHING,
         NULL},
        {{2, 2, true, true, true, true, {300}, 0, day, {191}}, REVIEW_LIFT, REVIEW_LIFT, NULL},
        {{2, 2, false, true, true, true, {0}, 0, day, {191}},
         REVIEW_NOTHING,
         REVIEW_NOTHING,
         NULL}, /* a court's */
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *reason = NULL;
        assert_int_equal(rows[i].wanted, account_review_decide(&on, &rows[i].facts, &reason));
        if (rows[i].reason != NULL) {
            assert_string_equal(rows[i].reason, reason);
            assert_true(account_freeze_is_soft(reason));
        }
        assert_int_equal(rows[i].wanted_off, account_review_decide(&off, &rows[i].facts, &reason));
    }
    assert_false(account_freeze_is_soft("court"));
    assert_false(account_review_reminds(&on, (struct date){0}, (struct date){100}));
    assert_false(account_review_reminds(&on, (struct date){131}, (struct date){100}));
    assert_true(account_review_reminds(&on, (struct date){130}, (struct date){100}));
    assert_true(account_review_reminds(&on, (struct date){100}, (struct date){100}));
    assert_false(account_review_reminds(&on, (struct date){99}, (struct date){100}));
}

static struct review_count review_of(int person, enum review_scope scope)
{
    struct review_count count = {.seen = 0};
    assert_ok(account_review_bucket(bank.engine, room, bank.catalogue,
                                    id_bucket(bank_person(person).value), scope, &count));
    return count;
}

static struct review_count review(int person)
{
    return review_of(person, REVIEW_ALL);
}

struct document {
    struct customer_id customer;
    struct date until;
};

static enum err document_work(struct uow *uow, void *context)
{
    const struct document *d = context;
    return customer_set_document(uow, d->customer, d->until);
}

struct freezing {
    struct account_freeze_order order;
};

static enum err freeze_work(struct uow *uow, void *context)
{
    const struct freezing *f = context;
    int64_t id;
    return account_freeze(uow, &f->order, &id);
}

static enum err may_withdraw(struct account_id id)
{
    struct db_conn *conn;
    struct account account;
    assert_ok(engine_read_begin(bank.engine, &conn));
    assert_ok(account_load(conn, id, &account));
    enum err err = account_may_withdraw(conn, &account);
    engine_read_end(bank.engine, conn);
    return err;
}

/* Notified, then suspended, then reopened automatically; a second run does nothing. */
static void test_account_class__review_suspends_and_lifts(void **state)
{
    (void)state;
    struct account account = bank_account(&bank, 10, ACCOUNT_CLASS_II, 100);
    assert_int_equal(0, review_of(10, REVIEW_PENDING).seen); /* no finding yet, so no read */
    struct review_count count = review(10);
    assert_int_equal(1, count.seen);
    assert_int_equal(1, count.noted);
    count = review(10);
    assert_int_equal(0, count.noted + count.suspended + count.lifted + count.reminded);
    clock_manual_set(&bank.clock, BANK_NOW + 30 * DAY_US + 1);
    assert_int_equal(1, review(10).suspended);
    assert_int_equal(0, review(10).suspended);
    assert_int_equal(ACCOUNT_FROZEN, account_now(account.id).state);
    assert_ok(account_decide_credit(ACCOUNT_FROZEN)); /* money still comes in */
    assert_ok(may_withdraw(account.id));              /* and goes to the own card */
    /* An order of a court takes precedence and stays when the review finds nothing. */
    struct freezing f = {.order = {.account = account.id, .reason = "court"}};
    snprintf(f.order.legal_ground, sizeof f.order.legal_ground, "CPL art. 253, order 9");
    assert_ok(engine_run(bank.engine, freeze_work, &f));
    assert_err(ERR_ACCOUNT_NOT_ACTIVE, may_withdraw(account.id));
    assert_err(ERR_ACCOUNT_STATE, engine_run(bank.engine, freeze_work, &f));
    struct customer_id person = bank_person(10);
    assert_ok(engine_run(bank.engine, seen_work, &person));
    assert_int_equal(0, review(10).lifted);
    clock_manual_set(&bank.clock, BANK_NOW);
    /* Another person, corrected. */
    struct account second = bank_account(&bank, 11, ACCOUNT_CLASS_II, 100);
    person = bank_person(11);
    review(11);
    clock_manual_set(&bank.clock, BANK_NOW + 31 * DAY_US);
    assert_int_equal(1, review(11).suspended);
    assert_ok(engine_run(bank.engine, seen_work, &person));
    assert_int_equal(1,
                     review_of(11, REVIEW_PENDING).lifted); /* without waiting for the next day */
    assert_int_equal(ACCOUNT_ACTIVE, account_now(second.id).state);
    assert_int_equal(0, review(11).lifted);
    /* The ID card: a reminder once, then the grace, then a new card. */
    struct date today = date_of_instant(BANK_NOW + 31 * DAY_US, 480);
    struct document d = {.customer = person, .until = date_add_days(today, 30)};
    assert_ok(engine_run(bank.engine, document_work, &d));
    assert_int_equal(1, review(11).reminded);
    assert_int_equal(0, review(11).reminded);
    clock_manual_set(&bank.clock, BANK_NOW + (31 + 30 + 90) * DAY_US);
    assert_int_equal(0, review(11).suspended);
    clock_manual_set(&bank.clock, BANK_NOW + (31 + 30 + 91) * DAY_US);
    assert_int_equal(1, review(11).suspended);
    d.until = (struct date){0};
    assert_ok(engine_run(bank.engine, document_work, &d));
    assert_int_equal(1,
                     review_of(11, REVIEW_PENDING).lifted); /* without waiting for the next day */
    clock_manual_set(&bank.clock, BANK_NOW);
}

static void open_room(void)
{
    struct customer_room_options options = {.vault = bank.vault, .catalogue = bank.catalogue};
    assert_ok(customer_room_open(&options, &room));
}

static int run(enum db_engine engine)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_account_class__rules),
        cmocka_unit_test(test_account_class__one_class_one_a_person),
        cmocka_unit_test(test_account_class__raced_changes_leave_one_class_one),
        cmocka_unit_test(test_account_class__review_rules),
        cmocka_unit_test(test_account_class__review_suspends_and_lifts),
    };
    bank_open(&bank, engine, "test_account_class");
    open_room();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    customer_room_close(room);
    bank_close(&bank);
    return failed;
}

int main(void)
{
    return fixture_run(run);
}
