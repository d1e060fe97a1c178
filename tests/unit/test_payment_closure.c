/* Closing an account with a payout, for every answer of the channel at any time; both engines. */
#include "payment_fixture.h"

#include "db/outbox.h"
#include "payment/closure.h"

struct ending {
    struct closure_request request;
    struct closure_result result;
};

static enum err closure_work(struct uow *uow, void *context)
{
    struct ending *e = context;
    return closure_begin(uow, bank.catalogue, &e->request, &e->result);
}

static struct ending ending_of(const struct owner *owner)
{
    return (struct ending){.request = {.customer = owner->account.customer,
                                       .account = owner->account.id,
                                       .card = owner->card.id,
                                       .stepped_up = true,
                                       .proof = {PAYMENT_BY_SESSION, 1, FACTOR_PASSCODE},
                                       .customer_name = "Ada Payer"}};
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

struct applying {
    struct payment_id id;
    struct channel_answer answer;
    struct payment payment;
};

static enum err apply_work(struct uow *uow, void *context)
{
    struct applying *a = context;
    return payment_apply_outcome(uow, a->id, &a->answer, 0, &a->payment);
}

static struct payment apply(struct payment_id id, enum payment_event event)
{
    struct applying a = {.id = id, .answer = {.event = event, .reason = "AM04"}};
    assert_ok(engine_run(bank.engine, apply_work, &a));
    return a.payment;
}

/* EVIDENCE: REQ-KYC-06 */
static void test_payment_closure__pays_out_then_closes(void **state)
{
    (void)state;
    struct owner owner = owner_of(1, 5000);
    struct ending e = ending_of(&owner);
    e.request.stepped_up = false;
    assert_err(ERR_STEP_UP_REQUIRED, engine_run(bank.engine, closure_work, &e));
    e.request.stepped_up = true;
    e.request.customer = bank_person(2);
    assert_err(ERR_NOT_FOUND, engine_run(bank.engine, closure_work, &e));
    e = ending_of(&owner);
    e.request.card.value = 0;
    assert_err(ERR_CLOSURE_TARGET, engine_run(bank.engine, closure_work, &e));
    e = ending_of(&owner);
    assert_ok(engine_run(bank.engine, closure_work, &e));
    assert_true(e.result.has_attempt);
    assert_int_equal(ACCOUNT_CLOSING, e.result.account.state);
    struct payment_id payout = e.result.payment;
    /* A repetition shows the same, and moves nothing. */
    struct ending twice = ending_of(&owner);
    assert_ok(engine_run(bank.engine, closure_work, &twice));
    assert_false(twice.result.has_attempt);
    assert_int_equal(payout.value, twice.result.payment.value);
    /* Nothing else goes out or comes in. */
    struct account rich = bank_account(&bank, 3, ACCOUNT_CLASS_I, 100);
    struct transfer in = transfer_of(&rich, &owner.account, 10);
    assert_err(ERR_PAYEE_UNKNOWN, engine_run(bank.engine, transfer_work, &in));
    assert_err(ERR_ACCOUNT_NOT_ACTIVE, pay(&owner.account, &rich, 1));
    /* No answer, then the answer to a query. */
    struct fake_channel fake = fake_of(PAYMENT_EVENT_UNKNOWN, PAYMENT_EVENT_ACCEPTED);
    struct payment p;
    assert_ok(quickpay_attempt(bank.engine, &fake.channel, &e.result.begun, &p));
    assert_int_equal(PAYMENT_PDNG, p.status);
    assert_int_equal(ACCOUNT_CLOSING, account_now(owner.account.id).state);
    assert_int_equal(5000, bank_state(&bank, owner.account.id).debits_pending);
    assert_int_equal(PAYMENT_ACSC, apply(payout, PAYMENT_EVENT_ACCEPTED).status);
    assert_int_equal(ACCOUNT_CLOSED, account_now(owner.account.id).state);
    assert_int_equal(1, bank_state(&bank, owner.account.id).closed);
    assert_int_equal(0, bank_balance(&bank, owner.account.id));
    apply(payout, PAYMENT_EVENT_ACCEPTED); /* said twice */
    assert_err(ERR_ACCOUNT_STATE, engine_run(bank.engine, closure_work, &e));
}

static void test_payment_closure__failure_gives_the_account_back(void **state)
{
    (void)state;
    struct owner owner = owner_of(4, 5000);
    static const enum payment_event ends[] = {PAYMENT_EVENT_REJECTED, PAYMENT_EVENT_VOID};
    for (int i = 0; i < 2; i++) {
        struct ending e = ending_of(&owner);
        assert_ok(engine_run(bank.engine, closure_work, &e));
        assert_int_equal(PAYMENT_RJCT, apply(e.result.payment, ends[i]).status);
        assert_int_equal(ACCOUNT_ACTIVE, account_now(owner.account.id).state);
        assert_int_equal(5000, bank_balance(&bank, owner.account.id));
        assert_int_equal(0, bank_state(&bank, owner.account.id).debits_pending);
    }
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

static void test_payment_closure__freeze_stops_it(void **state)
{
    (void)state;
    struct owner owner = owner_of(5, 5000);
    struct ending e = ending_of(&owner);
    assert_ok(engine_run(bank.engine, closure_work, &e));
    struct freezing f = {.order = {.account = owner.account.id, .reason = "court"}};
    snprintf(f.order.legal_ground, sizeof f.order.legal_ground, "CPL art. 253, order 7");
    assert_ok(engine_run(bank.engine, freeze_work, &f));
    apply(e.result.payment, PAYMENT_EVENT_REJECTED);
    assert_int_equal(ACCOUNT_FROZEN, account_now(owner.account.id).state);
    assert_err(ERR_ACCOUNT_NOT_ACTIVE, engine_run(bank.engine, closure_work, &e));
}

static void test_payment_closure__goes_to_an_own_account_at_once(void **state)
{
    (void)state;
    struct account from = bank_account(&bank, 6, ACCOUNT_CLASS_II, 300000);
    struct account to = bank_account(&bank, 6, ACCOUNT_CLASS_I, 0);
    struct account small = bank_account(&bank, 6, ACCOUNT_CLASS_III, 0);
    struct account other = bank_account(&bank, 7, ACCOUNT_CLASS_I, 0);
    struct ending e = {.request = {.customer = from.customer,
                                   .account = from.id,
                                   .to_account = other.id,
                                   .stepped_up = true,
                                   .proof = {PAYMENT_BY_SESSION, 1, FACTOR_PASSCODE},
                                   .customer_name = "Ada Payer"}};
    assert_err(ERR_CLOSURE_TARGET, engine_run(bank.engine, closure_work, &e));
    e.request.to_account = from.id;
    assert_err(ERR_SAME_ACCOUNT, engine_run(bank.engine, closure_work, &e));
    e.request.to_account = small.id;
    assert_err(ERR_LIMIT_EXCEEDED, engine_run(bank.engine, closure_work, &e));
    assert_int_equal(LIMIT_BALANCE_MAX, e.result.limit.name);
    assert_int_equal(ACCOUNT_ACTIVE, account_now(from.id).state);
    e.request.to_account = to.id;
    assert_ok(engine_run(bank.engine, closure_work, &e));
    assert_int_equal(ACCOUNT_CLOSED, account_now(from.id).state);
    assert_false(e.result.has_attempt);
    assert_int_equal(PAYMENT_ACSC, loaded(e.result.payment).status);
    assert_int_equal(300000, bank_balance(&bank, to.id));
    e.request.account = to.id;
    e.request.to_account = other.id;
    struct ending empty = {.request = {.customer = small.customer,
                                       .account = small.id,
                                       .stepped_up = true,
                                       .proof = {PAYMENT_BY_SESSION, 1, FACTOR_PASSCODE}}};
    assert_ok(engine_run(bank.engine, closure_work, &empty)); /* nothing in it: nowhere to send */
    assert_int_equal(0, empty.result.payment.value);
    assert_int_equal(ACCOUNT_CLOSED, account_now(small.id).state);
}

/* A pending top-up keeps the account open; one that arrives while it is closing is paid out too. */
static void test_payment_closure__what_comes_late_is_paid_out(void **state)
{
    (void)state;
    struct owner owner = owner_of(8, 5000);
    struct ending e = ending_of(&owner);
    assert_ok(engine_run(bank.engine, closure_work, &e));
    struct bank_opening late = {.bank = &bank, .account = owner.account, .amount_minor = 70};
    assert_ok(engine_run(bank.engine, bank_credit_work, &late));
    apply(e.result.payment, PAYMENT_EVENT_ACCEPTED);
    assert_int_equal(ACCOUNT_CLOSING, account_now(owner.account.id).state);
    assert_int_equal(70, bank_state(&bank, owner.account.id).debits_pending);
    struct ending again = ending_of(&owner);
    assert_ok(engine_run(bank.engine, closure_work, &again));
    assert_true(again.result.payment.value != e.result.payment.value);
    /* The process died before the attempt: the outbox makes it. */
    struct fake_channel fake = fake_of(PAYMENT_EVENT_ACCEPTED, PAYMENT_EVENT_UNKNOWN);
    assert_ok(payment_outbox_channel(bank.engine, &fake.channel, again.result.payment));
    assert_int_equal(1, fake.instructs);
    assert_int_equal(ACCOUNT_CLOSED, account_now(owner.account.id).state);
}

struct closer {
    struct thread thread;
    struct ending ending;
    enum err err;
};

static void closer_run(void *argument)
{
    struct closer *c = argument;
    c->err = engine_run(bank.engine, closure_work, &c->ending);
}

static void test_payment_closure__eight_at_once_send_the_money_once(void **state)
{
    (void)state;
    struct owner owner = owner_of(9, 5000);
    struct closer closers[8];
    int attempts = 0;
    int64_t payment = 0;
    for (int i = 0; i < 8; i++) {
        closers[i].ending = ending_of(&owner);
        assert_ok(thread_start(&closers[i].thread, "closer", closer_run, &closers[i]));
    }
    for (int i = 0; i < 8; i++) {
        thread_join(&closers[i].thread);
        assert_ok(closers[i].err);
        attempts += closers[i].ending.result.has_attempt;
        payment = payment == 0 ? closers[i].ending.result.payment.value : payment;
        assert_int_equal(payment, closers[i].ending.result.payment.value);
    }
    assert_int_equal(1, attempts);
    assert_int_equal(5000, bank_state(&bank, owner.account.id).debits_pending);
}

/* --- the early rule set, switched while the bank runs ------------------------------------------------- */

struct switching {
    int64_t value;
};

static enum err switch_work(struct uow *uow, void *context)
{
    const struct switching *s = context;
    int32_t version;
    struct catalogue_change change = {.name = "policy.phaseOne",
                                      .value = s->value,
                                      .effective_date = limit_day(uow),
                                      .staff = {9},
                                      .source_en = "Decision of the board",
                                      .source_zh = "董事会决定"};
    return catalogue_parameter_set(bank.catalogue, uow, &change, &version);
}

static void set_phase_one(bool on)
{
    struct switching s = {.value = on};
    struct db_conn *conn;
    bool changed = false;
    assert_ok(engine_run(bank.engine, switch_work, &s));
    assert_ok(engine_read_begin(bank.engine, &conn));
    assert_ok(catalogue_refresh(bank.catalogue, conn, &changed));
    engine_read_end(bank.engine, conn);
    assert_true(changed);
}

/* EVIDENCE: REQ-KYC-04 */
static void test_payment_closure__early_rules_are_a_switch(void **state)
{
    (void)state;
    struct account from = bank_account(&bank, 20, ACCOUNT_CLASS_II, 10000);
    struct account own = bank_account(&bank, 20, ACCOUNT_CLASS_I, 0);
    struct account other = bank_account(&bank, 21, ACCOUNT_CLASS_II, 0);
    struct transfer before = transfer_of(&from, &other, 10);
    assert_ok(engine_run(bank.engine, transfer_work, &before));
    for (int round = 0; round < 2; round++) {
        set_phase_one(true);
        assert_err(ERR_CLASS_REFUSED, pay(&from, &other, 10));
        assert_ok(pay(&from, &own, 10)); /* between accounts of one name */
        set_phase_one(false);
        assert_ok(pay(&from, &other, 10));
    }
    /* What was decided keeps the edition that it was decided under. */
    struct payment p = loaded(before.result.payment.id);
    const struct catalogue_edition *e = catalogue_of_version(bank.catalogue, p.rule_version);
    assert_int_equal(p.rule_version, e->version);
    assert_true(catalogue_on(bank.catalogue, bank_date(2026, 11, 21))->version > e->version);
}

static int run(enum db_engine engine)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_payment_closure__pays_out_then_closes),
        cmocka_unit_test(test_payment_closure__failure_gives_the_account_back),
        cmocka_unit_test(test_payment_closure__freeze_stops_it),
        cmocka_unit_test(test_payment_closure__goes_to_an_own_account_at_once),
        cmocka_unit_test(test_payment_closure__what_comes_late_is_paid_out),
        cmocka_unit_test(test_payment_closure__early_rules_are_a_switch),
        cmocka_unit_test(test_payment_closure__eight_at_once_send_the_money_once),
    };
    bank_open(&bank, engine, "test_payment_closure");
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    bank_close(&bank);
    return failed;
}

int main(void)
{
    return fixture_run(run);
}
