/* Quick pay with a scripted channel, activity, settlement and reports of staff, on both engines; races
 * and faults. */
#include "payment_fixture.h"

/* --- quick pay ------------------------------------------------------------------------------------------ */

struct order {
    struct quickpay_request request;
    enum payment_kind kind;
    struct quickpay_result result;
};

static enum err begin_work(struct uow *uow, void *context)
{
    struct order *o = context;
    return o->kind == PAYMENT_TOP_UP
               ? topup_begin(uow, bank.catalogue, &o->request, &o->result)
               : withdrawal_begin(uow, bank.catalogue, &o->request, &o->result);
}

static struct order order_of(const struct owner *owner, enum payment_kind kind, int64_t amount)
{
    return (struct order){.kind = kind,
                          .request = {.customer = owner->account.customer,
                                      .account = owner->account.id,
                                      .card = owner->card.id,
                                      .amount = {amount, CCY_CNY},
                                      .stepped_up = true,
                                      .proof = {PAYMENT_BY_SESSION, 1, FACTOR_PASSCODE},
                                      .customer_name = "Ada Payer"}};
}

static struct order begun(const struct owner *owner, enum payment_kind kind, int64_t amount)
{
    struct order o = order_of(owner, kind, amount);
    assert_ok(engine_run(bank.engine, begin_work, &o));
    assert_int_equal(PAYMENT_PDNG, o.result.payment.status);
    return o;
}

struct applying {
    struct payment_id id;
    struct channel_answer answer;
    int32_t attempt;
    struct payment payment;
};

static enum err apply_work(struct uow *uow, void *context)
{
    struct applying *a = context;
    return payment_apply_outcome(uow, a->id, &a->answer, a->attempt, &a->payment);
}

static struct payment apply(struct payment_id id, enum payment_event event, int32_t attempt)
{
    struct applying a = {
        .id = id, .answer = {.event = event, .reason = "AM04"}, .attempt = attempt};
    assert_ok(engine_run(bank.engine, apply_work, &a));
    return a.payment;
}

static bool count_alert(const struct payment_alert *alert, void *context)
{
    int64_t *wanted = context;
    wanted[1] += alert->payment.value == wanted[0];
    return true;
}

static int alerts_of(struct payment_id id)
{
    struct db_conn *conn;
    int64_t wanted[2] = {id.value, 0};
    assert_ok(engine_read_begin(bank.engine, &conn));
    assert_ok(payment_report_alerts(conn, false, 0, 1000, count_alert, wanted));
    engine_read_end(bank.engine, conn);
    return (int)wanted[1];
}

/* Every order of three answers, to a top-up and to a withdrawal: money moves once or not at all, the
 * first final answer stands, and a late one is never lost. */
/* EVIDENCE: REQ-PAY-02 */
static void test_payment_quickpay__any_order_of_answers_gives_one_end(void **state)
{
    (void)state;
    struct owner owner = owner_of(30, 900000);
    int bucket = id_bucket(owner.account.id.value);
    struct account_id suspense = ledger_internal_account(GL_SUSPENSE, CCY_CNY, bucket);
    int64_t balance = 900000, in_suspense = 0;
    for (int kind = PAYMENT_TOP_UP; kind <= PAYMENT_WITHDRAWAL; kind++) {
        for (int i = 0; i < 216; i++) {
            enum payment_event events[3] = {(enum payment_event)(1 + i / 36),
                                            (enum payment_event)(1 + i / 6 % 6),
                                            (enum payment_event)(1 + i % 6)};
            struct order o = begun(&owner, (enum payment_kind)kind, 7);
            enum payment_status ended = PAYMENT_PDNG;
            bool late = false, contradicted = false;
            for (int k = 0; k < 3; k++) {
                bool accepted = events[k] == PAYMENT_EVENT_ACCEPTED;
                bool refused = events[k] == PAYMENT_EVENT_REJECTED ||
                               events[k] == PAYMENT_EVENT_VOID ||
                               (events[k] == PAYMENT_EVENT_NOT_SENT && ended == PAYMENT_PDNG);
                late |= ended == PAYMENT_RJCT && accepted;
                contradicted |= ended == PAYMENT_ACSC && refused;
                if (ended == PAYMENT_PDNG && (accepted || refused)) {
                    ended = accepted ? PAYMENT_ACSC : PAYMENT_RJCT;
                }
                struct payment p = apply(o.result.payment.id, events[k], 1);
                assert_int_equal(ended, p.status);
                assert_int_equal(ended == PAYMENT_PDNG, p.next_query_at != 0);
            }
            if (ended == PAYMENT_ACSC) {
                balance += kind == PAYMENT_TOP_UP ? 7 : -7;
            }
            in_suspense += late && kind == PAYMENT_TOP_UP ? 7 : 0;
            assert_int_equal(late + contradicted, alerts_of(o.result.payment.id));
            if (ended == PAYMENT_PDNG) { /* end it, so that the sums can be compared */
                apply(o.result.payment.id, PAYMENT_EVENT_VOID, 0);
            }
            assert_int_equal(balance, bank_balance(&bank, owner.account.id));
        }
    }
    assert_int_equal(0, bank_state(&bank, owner.account.id).debits_pending);
    assert_int_equal(in_suspense, bank_balance(&bank, suspense));
    assert_true(in_suspense > 0);
}

static void test_payment_quickpay__rejected_top_up_gives_its_limit_back(void **state)
{
    (void)state;
    struct owner owner = owner_of(31, 0);
    struct order big = order_of(&owner, PAYMENT_TOP_UP, 5000001);
    assert_err(ERR_LIMIT_EXCEEDED, engine_run(bank.engine, begin_work, &big));
    assert_int_equal(LIMIT_TOP_UP_PAYMENT, big.result.limit.name);
    struct payment_id ids[4];
    for (int i = 0; i < 4; i++) {
        ids[i] = begun(&owner, PAYMENT_TOP_UP, 5000000).result.payment.id;
    }
    struct order one = order_of(&owner, PAYMENT_TOP_UP, 1);
    assert_err(ERR_LIMIT_EXCEEDED, engine_run(bank.engine, begin_work, &one));
    assert_int_equal(LIMIT_TOP_UP_DAY, one.result.limit.name);
    apply(ids[0], PAYMENT_EVENT_REJECTED, 1);
    apply(ids[0], PAYMENT_EVENT_REJECTED, 1); /* said twice, given back once */
    assert_int_equal(15000000, bank_usage(&bank, owner.card.id.value, LIMIT_KIND_TOP_UP).day_minor);
    assert_ok(engine_run(bank.engine, begin_work, &one));
    apply(one.result.payment.id, PAYMENT_EVENT_ACCEPTED, 1);
    assert_int_equal(1, bank_balance(&bank, owner.account.id));
    struct payment p = loaded(ids[0]);
    assert_string_equal("AM04", p.reason);
}

static int64_t used_of_day(const struct owner *owner, int days_later)
{
    struct db_conn *conn = NULL;
    struct limit_report reports[LIMIT_NAME_COUNT];
    size_t count = 0;
    int64_t used = -1;
    assert_ok(engine_read_begin(bank.engine, &conn));
    assert_ok(account_limits_of(
        conn, bank.catalogue, &owner->account, 0,
        engine_civil_date(bank.engine, BANK_NOW + days_later * INT64_C(86400) * 1000000),
        AUTH_ONE_FACTOR, reports, &count));
    engine_read_end(bank.engine, conn);
    for (size_t i = 0; i < count; i++) {
        used = reports[i].name == LIMIT_TOP_UP_DAY ? reports[i].used_minor : used;
    }
    return used;
}

/* The limit belongs to the card number: unbound and bound again on the same day, it is the same card. */
static void test_payment_quickpay__a_card_bound_again_has_used_its_day(void **state)
{
    (void)state;
    struct owner owner = owner_of(53, 0), other = owner_of(54, 0);
    const char *pan = "6228480000000000053";
    struct payment_id ids[4];
    for (int i = 0; i < 4; i++) {
        ids[i] = begun(&owner, PAYMENT_TOP_UP, 5000000).result.payment.id;
        assert_ok(engine_run(bank.engine, unbind_work, &owner));
        bind_number(&owner, pan);
    }
    struct order one = order_of(&owner, PAYMENT_TOP_UP, 1);
    assert_err(ERR_LIMIT_EXCEEDED, engine_run(bank.engine, begin_work, &one));
    assert_int_equal(LIMIT_TOP_UP_DAY, one.result.limit.name);
    assert_int_equal(20000000, one.result.limit.used_minor);
    assert_int_equal(20000000, used_of_day(&owner, 0));
    apply(ids[3], PAYMENT_EVENT_REJECTED, 1); /* gives the unbound card's back */
    assert_int_equal(15000000, used_of_day(&owner, 0));
    ids[3] = begun(&owner, PAYMENT_TOP_UP, 5000000).result.payment.id;
    assert_err(ERR_LIMIT_EXCEEDED, engine_run(bank.engine, begin_work, &one));
    assert_int_equal(0, used_of_day(&other, 0));
    assert_int_equal(0, used_of_day(&owner, 1));
    for (int i = 0; i < 4; i++) {
        apply(ids[i], PAYMENT_EVENT_REJECTED, 1);
    }
}

/* The cap of a class is reserved when a top-up begins, so that money on its way never passes it. */
static void test_payment_quickpay__top_ups_on_their_way_keep_the_cap(void **state)
{
    (void)state;
    struct owner owner = owner_of(59, 0);
    struct account other = bank_account(&bank, 60, ACCOUNT_CLASS_II, 1000000);
    owner.account = bank_account(&bank, 59, ACCOUNT_CLASS_III, 0);
    struct order first = begun(&owner, PAYMENT_TOP_UP, 150044);
    struct order second = order_of(&owner, PAYMENT_TOP_UP, 150044);
    for (int i = 0; i < 2; i++) {
        assert_err(ERR_LIMIT_EXCEEDED, engine_run(bank.engine, begin_work, &second));
        assert_int_equal(LIMIT_BALANCE_MAX, second.result.limit.name);
        assert_int_equal(200000 - 150044, second.result.limit.left_minor);
    }
    assert_err(ERR_LIMIT_EXCEEDED, pay(&other, &owner.account, 200000 - 150044 + 1));
    assert_ok(pay(&other, &owner.account, 200000 - 150044));
    struct order one = order_of(&owner, PAYMENT_TOP_UP, 1);
    assert_err(ERR_LIMIT_EXCEEDED, engine_run(bank.engine, begin_work, &one));
    apply(first.result.payment.id, PAYMENT_EVENT_REJECTED, 1);
    assert_ok(engine_run(bank.engine, begin_work, &one));
    apply(one.result.payment.id, PAYMENT_EVENT_ACCEPTED, 1);
    apply(one.result.payment.id, PAYMENT_EVENT_REJECTED, 0); /* gives nothing back */
    assert_int_equal(49957, bank_balance(&bank, owner.account.id));
    assert_int_equal(0, bank_usage(&bank, owner.account.id.value, LIMIT_KIND_INCOMING).year_minor);
    begun(&owner, PAYMENT_TOP_UP, 200000 - 49957);
    assert_int_equal(200000 - 49957,
                     bank_usage(&bank, owner.account.id.value, LIMIT_KIND_INCOMING).year_minor);
}

struct capped {
    struct thread thread;
    const struct owner *owner;
    const struct account *from;
    enum err err;
};

static void capped_run(void *argument)
{
    struct capped *capped = argument;
    struct order o = order_of(capped->owner, PAYMENT_TOP_UP, 60000);
    capped->err = capped->from ? pay(capped->from, &capped->owner->account, 60000)
                               : engine_run(bank.engine, begin_work, &o);
}

/* Top-ups and transfers at once, from others and from an own account: three of eight fit. */
static void test_payment_quickpay__a_cap_holds_in_a_race(void **state)
{
    (void)state;
    struct owner owner = owner_of(20, 0);
    struct account other = bank_account(&bank, 21, ACCOUNT_CLASS_II, 1000000);
    struct account own = bank_account(&bank, 20, ACCOUNT_CLASS_I, 1000000);
    owner.account = bank_account(&bank, 20, ACCOUNT_CLASS_III, 0);
    const struct account *const sources[] = {NULL, &other, &own, NULL, &own, NULL, &other, &own};
    struct capped tries[8];
    int taken = 0;
    for (int i = 0; i < 8; i++) {
        tries[i] = (struct capped){.owner = &owner, .from = sources[i]};
        assert_ok(thread_start(&tries[i].thread, "capped", capped_run, &tries[i]));
    }
    for (int i = 0; i < 8; i++) {
        thread_join(&tries[i].thread);
        assert_true(tries[i].err == ERR_OK || tries[i].err == ERR_LIMIT_EXCEEDED);
        taken += tries[i].err == ERR_OK;
    }
    assert_int_equal(3, taken);
}

static void test_payment_quickpay__withdrawal_holds_until_known(void **state)
{
    (void)state;
    struct owner owner = owner_of(32, 10000);
    struct order o = begun(&owner, PAYMENT_WITHDRAWAL, 6000);
    assert_int_equal(10000, bank_balance(&bank, owner.account.id));
    struct order more = order_of(&owner, PAYMENT_WITHDRAWAL, 4001);
    assert_err(ERR_INSUFFICIENT_FUNDS, engine_run(bank.engine, begin_work, &more));
    apply(o.result.payment.id, PAYMENT_EVENT_UNKNOWN, 1);
    assert_err(ERR_INSUFFICIENT_FUNDS, engine_run(bank.engine, begin_work, &more));
    apply(o.result.payment.id, PAYMENT_EVENT_REJECTED, 0);
    assert_ok(engine_run(bank.engine, begin_work, &more));
    apply(more.result.payment.id, PAYMENT_EVENT_ACCEPTED, 1);
    assert_int_equal(5999, bank_balance(&bank, owner.account.id));
    more.request.stepped_up = false;
    more.request.amount.minor = 20001;
    assert_err(ERR_STEP_UP_REQUIRED, engine_run(bank.engine, begin_work, &more));
    more.request.card.value += ID_STEP;
    assert_err(ERR_CARD_UNKNOWN, engine_run(bank.engine, begin_work, &more));
    more.request.customer = bank_person(1);
    assert_err(ERR_NOT_FOUND, engine_run(bank.engine, begin_work, &more));
}

static void test_payment_quickpay__unknown_is_asked_not_guessed(void **state)
{
    (void)state;
    struct owner owner = owner_of(33, 0);
    struct order o = begun(&owner, PAYMENT_TOP_UP, 100);
    struct fake_channel fake = fake_of(PAYMENT_EVENT_UNKNOWN, PAYMENT_EVENT_UNKNOWN);
    struct payment p;
    bool asked = true;
    assert_ok(quickpay_attempt(bank.engine, &fake.channel, &o.result, &p));
    assert_int_equal(PAYMENT_PDNG, p.status);
    assert_int_equal(BANK_NOW + PAYMENT_GRACE_US, p.next_query_at);
    /* Within the grace period neither the customer nor the job sends a query. */
    clock_manual_set(&bank.clock, BANK_NOW + PAYMENT_GRACE_US - 1);
    assert_ok(payment_query(bank.engine, &fake.channel, p.id, &p, &asked));
    assert_false(asked);
    size_t count = 9;
    assert_ok(payment_query_due(bank.engine, &fake.channel, 100, &count));
    assert_int_equal(0, fake.queries);
    clock_manual_set(&bank.clock, BANK_NOW + PAYMENT_GRACE_US);
    assert_ok(payment_query_due(bank.engine, &fake.channel, 100, &count));
    assert_int_equal(1, fake.queries);
    p = loaded(p.id);
    assert_int_equal(1, p.query_count);
    /* Found at the clearing house, then settled. */
    fake.query_event = PAYMENT_EVENT_PENDING;
    clock_manual_advance(&bank.clock, 5000000);
    assert_ok(payment_query(bank.engine, &fake.channel, p.id, &p, &asked));
    assert_true(asked);
    assert_true(p.answered);
    fake.query_event = PAYMENT_EVENT_ACCEPTED;
    clock_manual_advance(&bank.clock, 1999999);
    assert_ok(payment_query(bank.engine, &fake.channel, p.id, &p, &asked));
    assert_false(asked);
    clock_manual_advance(&bank.clock, 1);
    assert_ok(payment_query(bank.engine, &fake.channel, p.id, &p, &asked));
    assert_true(asked);
    assert_int_equal(PAYMENT_ACSC, p.status);
    assert_int_equal(100, bank_balance(&bank, owner.account.id));
    assert_ok(payment_query(bank.engine, &fake.channel, p.id, &p, &asked));
    assert_false(asked);
    assert_int_equal(3, fake.queries);
    clock_manual_set(&bank.clock, BANK_NOW);
}

/* An answer about another instruction or amount settles nothing and is reported to staff, once; a
 * payment undecided for a day is reported too. */
static void test_payment_quickpay__what_names_another_is_unknown_and_alerts(void **state)
{
    (void)state;
    struct owner owner = owner_of(57, 5000);
    struct order o = begun(&owner, PAYMENT_WITHDRAWAL, 1000);
    struct fake_channel fake = fake_of(PAYMENT_EVENT_UNKNOWN, PAYMENT_EVENT_UNKNOWN);
    struct payment p;
    bool asked = false;
    assert_ok(quickpay_attempt(bank.engine, &fake.channel, &o.result, &p));
    assert_int_equal(0, alerts_of(p.id));
    fake.is_other = true;
    for (int i = 1; i <= 3; i++) {
        clock_manual_advance(&bank.clock, 5000000);
        assert_ok(payment_query(bank.engine, &fake.channel, p.id, &p, &asked));
        assert_true(asked);
        assert_int_equal(PAYMENT_PDNG, p.status);
        assert_int_equal(1, alerts_of(p.id));
    }
    assert_int_equal(1000, bank_state(&bank, owner.account.id).debits_pending);
    fake.is_other = false;
    clock_manual_set(&bank.clock, BANK_NOW + PAYMENT_LONG_US);
    assert_ok(payment_query(bank.engine, &fake.channel, p.id, &p, &asked));
    assert_true(asked);
    assert_int_equal(2, alerts_of(p.id));
    fake.query_event = PAYMENT_EVENT_ACCEPTED;
    clock_manual_advance(&bank.clock, 5000000);
    assert_ok(payment_query(bank.engine, &fake.channel, p.id, &p, &asked));
    assert_int_equal(PAYMENT_ACSC, p.status);
    assert_int_equal(4000, bank_balance(&bank, owner.account.id));
    clock_manual_set(&bank.clock, BANK_NOW);
}

/* The clock steps back an hour while payments are on their way: they are asked about all the same. */
static void test_payment_quickpay__clock_back_holds_no_query_up(void **state)
{
    (void)state;
    struct owner owner = owner_of(58, 0);
    clock_manual_set(&bank.clock, BANK_NOW + 3600 * INT64_C(1000000));
    struct order o = begun(&owner, PAYMENT_TOP_UP, 100);
    struct fake_channel fake = fake_of(PAYMENT_EVENT_UNKNOWN, PAYMENT_EVENT_ACCEPTED);
    struct payment p;
    size_t count = 0;
    assert_ok(quickpay_attempt(bank.engine, &fake.channel, &o.result, &p));
    clock_manual_set(&bank.clock, BANK_NOW);
    assert_ok(payment_query_due(bank.engine, &fake.channel, 100, &count));
    assert_int_equal(PAYMENT_ACSC, loaded(p.id).status);
    assert_int_equal(100, bank_balance(&bank, owner.account.id));
}

DB_STMT(test_spoil_hold,
        "UPDATE payment_payments SET hold_id = 4096 WHERE bucket = $1 AND id = $2");
static enum err spoil_work(struct uow *uow, void *context)
{
    const struct payment_id *id = context;
    return db_exec(uow->conn, &test_spoil_hold,
                   DB_ARGS(db_int(id_bucket(id->value)), db_int(id->value)), NULL);
}

/* A payment whose answer cannot be applied, here because its hold is missing, does not delay the
 * others. */
static void test_payment_quickpay__one_that_fails_holds_up_no_other(void **state)
{
    (void)state;
    struct owner owner = owner_of(23, 5000);
    struct order bad = begun(&owner, PAYMENT_WITHDRAWAL, 1000);
    clock_manual_advance(&bank.clock, 1000);
    struct order good = begun(&owner, PAYMENT_WITHDRAWAL, 1000);
    struct fake_channel fake = fake_of(PAYMENT_EVENT_ACCEPTED, PAYMENT_EVENT_ACCEPTED);
    size_t count = 0;
    assert_ok(engine_run(bank.engine, spoil_work, &bad.result.payment.id));
    clock_manual_set(&bank.clock, BANK_NOW + 2 * QUICKPAY_FIRST_QUERY_US);
    assert_true(payment_query_due(bank.engine, &fake.channel, 100, &count) != ERR_OK);
    assert_int_equal(PAYMENT_PDNG, loaded(bad.result.payment.id).status);
    assert_int_equal(PAYMENT_ACSC, loaded(good.result.payment.id).status);
    clock_manual_set(&bank.clock, BANK_NOW);
}

/* --- what the clearing house has done meanwhile ------------------------------------------------- */

struct lister {
    struct channel channel;
    struct channel_listed rows[250];
    size_t count;
    int calls;
};

static enum err lister_list(struct channel *channel, int64_t since_us, int64_t *cursor,
                            struct channel_listed out[CHANNEL_LIST_MAX], size_t *out_count)
{
    struct lister *lister = (struct lister *)channel;
    assert_int_equal(BANK_NOW, since_us);
    lister->calls++;
    size_t left = lister->count - (size_t)*cursor;
    *out_count = left < CHANNEL_LIST_MAX ? left : CHANNEL_LIST_MAX;
    memcpy(out, lister->rows + *cursor, *out_count * sizeof *out);
    *cursor += (int64_t)*out_count;
    return ERR_OK;
}

static void count_missing(const struct channel_listed *listed, void *context)
{
    assert_int_equal(77, listed->instruction.id.value);
    ++*(int *)context;
}

static struct channel_listed listed_of(const struct order *o, enum payment_event event,
                                       int64_t amount)
{
    return (struct channel_listed){
        .instruction = {.kind = o->kind, .id = o->result.payment.id, .amount = {amount, CCY_CNY}},
        .answer = {.event = event, .reason = "AM04"}};
}

/* After a restore: every instruction there is applied like the answer to a query, over several pages,
 * once; another amount raises an alert, a missing payment is listed. */
static void test_payment_quickpay__reconciles_with_the_clearing_house(void **state)
{
    (void)state;
    static struct lister lister = {.channel = {.list = lister_list}};
    struct owner owner = owner_of(24, 100000);
    struct order in = begun(&owner, PAYMENT_TOP_UP, 500);
    struct order out = begun(&owner, PAYMENT_WITHDRAWAL, 700);
    struct order refused = begun(&owner, PAYMENT_WITHDRAWAL, 900);
    struct order spoilt = begun(&owner, PAYMENT_WITHDRAWAL, 1100);
    int missing = 0;
    lister.count = 0;
    lister.calls = 0;
    lister.rows[lister.count++] = listed_of(&in, PAYMENT_EVENT_ACCEPTED, 500);
    lister.rows[lister.count++] = listed_of(&refused, PAYMENT_EVENT_REJECTED, 900);
    lister.rows[lister.count++] = listed_of(&spoilt, PAYMENT_EVENT_ACCEPTED, 1);
    lister.rows[lister.count] = listed_of(&in, PAYMENT_EVENT_ACCEPTED, 500);
    lister.rows[lister.count++].instruction.id.value = 77;
    while (lister.count < 200) {
        lister.rows[lister.count++] = listed_of(&in, PAYMENT_EVENT_ACCEPTED, 500);
    }
    lister.rows[lister.count++] = listed_of(&out, PAYMENT_EVENT_ACCEPTED, 700);
    for (int run = 0; run < 2; run++) {
        struct reconcile_counts counts;
        assert_ok(payment_reconcile(bank.engine, &lister.channel, BANK_NOW, count_missing, &missing,
                                    &counts));
        assert_int_equal(201, counts.seen);
        assert_int_equal(run == 0 ? 3 : 0, counts.changed);
        assert_int_equal(1, counts.missing);
        assert_int_equal(run + 1, missing);
        assert_int_equal(3 * (run + 1), lister.calls);
        assert_int_equal(100000 + 500 - 700, bank_balance(&bank, owner.account.id));
        assert_int_equal(1100, bank_state(&bank, owner.account.id).debits_pending);
        assert_int_equal(1, alerts_of(spoilt.result.payment.id));
    }
    apply(spoilt.result.payment.id, PAYMENT_EVENT_REJECTED, 0);
}

/* What has not ended is listed for its customer alone, newest first, in pages. */
static void test_payment_quickpay__open_payments_are_listed(void **state)
{
    (void)state;
    struct owner owner = owner_of(55, 0);
    struct owner other = owner_of(56, 0);
    /* A worker that made ids under an earlier test's clock never goes back behind them. */
    clock_manual_set(&bank.clock, BANK_NOW + 3600 * INT64_C(1000000));
    struct order first = begun(&owner, PAYMENT_TOP_UP, 100);
    /* Ids of two workers follow the clock, not each other within its millisecond. */
    clock_manual_advance(&bank.clock, 1000000);
    struct order second = begun(&owner, PAYMENT_TOP_UP, 200);
    begun(&other, PAYMENT_TOP_UP, 300);
    struct payment found[4];
    size_t count = 9;
    struct db_conn *conn;
    assert_ok(engine_read_begin(bank.engine, &conn));
    assert_ok(payment_open_list(conn, owner.account.customer, 0, found, 4, &count));
    engine_read_end(bank.engine, conn);
    assert_int_equal(2, count);
    assert_int_equal(second.result.payment.id.value, found[0].id.value);
    assert_int_equal(first.result.payment.id.value, found[1].id.value);
    apply(second.result.payment.id, PAYMENT_EVENT_ACCEPTED, 1);
    assert_ok(engine_read_begin(bank.engine, &conn));
    assert_ok(payment_open_list(conn, owner.account.customer, 0, found, 4, &count));
    assert_int_equal(1, count);
    assert_ok(payment_open_list(conn, owner.account.customer, first.result.payment.id.value, found,
                                4, &count));
    engine_read_end(bank.engine, conn);
    assert_int_equal(0, count);
    clock_manual_set(&bank.clock, BANK_NOW);
}

static void test_payment_quickpay__job_takes_over_a_dead_request(void **state)
{
    (void)state;
    struct owner owner = owner_of(34, 0);
    struct fake_channel fake = fake_of(PAYMENT_EVENT_ACCEPTED, PAYMENT_EVENT_ACCEPTED);
    struct order dead = begun(&owner, PAYMENT_TOP_UP, 100);
    assert_ok(payment_outbox_channel(bank.engine, &fake.channel, dead.result.payment.id));
    assert_int_equal(1, fake.instructs);
    assert_int_equal(100, bank_balance(&bank, owner.account.id));
    /* The request was executed after all: its answer changes nothing more. */
    apply(dead.result.payment.id, PAYMENT_EVENT_ACCEPTED, 1);
    apply(dead.result.payment.id, PAYMENT_EVENT_NOT_SENT, 1);
    assert_int_equal(100, bank_balance(&bank, owner.account.id));
    assert_ok(payment_outbox_channel(bank.engine, &fake.channel, dead.result.payment.id));
    assert_int_equal(1, fake.instructs);
    /* After an "unknown" answer the query continues, not the job. */
    struct order heard = begun(&owner, PAYMENT_TOP_UP, 50);
    apply(heard.result.payment.id, PAYMENT_EVENT_UNKNOWN, 1);
    assert_ok(payment_outbox_channel(bank.engine, &fake.channel, heard.result.payment.id));
    assert_int_equal(1, fake.instructs);
    /* Two attempts: that one was not sent does not decide the other. */
    struct order twice = begun(&owner, PAYMENT_TOP_UP, 50);
    fake.instruct_event = PAYMENT_EVENT_UNKNOWN;
    assert_ok(payment_outbox_channel(bank.engine, &fake.channel, twice.result.payment.id));
    assert_int_equal(PAYMENT_PDNG,
                     apply(twice.result.payment.id, PAYMENT_EVENT_NOT_SENT, 1).status);
    /* A single attempt that was not sent is a final refusal. */
    struct order once = begun(&owner, PAYMENT_TOP_UP, 50);
    fake.instruct_event = PAYMENT_EVENT_NOT_SENT;
    struct payment p;
    assert_ok(quickpay_attempt(bank.engine, &fake.channel, &once.result, &p));
    assert_int_equal(PAYMENT_RJCT, p.status);
    assert_string_equal("AB08", p.reason);
    assert_ok(payment_outbox_channel(bank.engine, &fake.channel,
                                     (struct payment_id){once.result.payment.id.value + ID_STEP}));
}

struct settler {
    struct thread thread;
    struct payment_id id;
    enum payment_event event;
};

static void settler_run(void *argument)
{
    struct settler *settler = argument;
    apply(settler->id, settler->event, 0);
}

static void test_payment_quickpay__answers_that_race_settle_once(void **state)
{
    (void)state;
    struct owner owner = owner_of(35, 0);
    for (int round = 1; round <= 5; round++) {
        struct order o = begun(&owner, PAYMENT_TOP_UP, 10);
        struct settler settlers[8];
        for (int i = 0; i < 8; i++) {
            settlers[i].id = o.result.payment.id;
            settlers[i].event = i % 2 ? PAYMENT_EVENT_ACCEPTED : PAYMENT_EVENT_UNKNOWN;
            assert_ok(thread_start(&settlers[i].thread, "settler", settler_run, &settlers[i]));
        }
        for (int i = 0; i < 8; i++) {
            thread_join(&settlers[i].thread);
        }
        assert_int_equal(10 * round, bank_balance(&bank, owner.account.id));
    }
}

static void test_payment_quickpay__money_for_a_closed_account_waits_in_suspense(void **state)
{
    (void)state;
    struct owner owner = owner_of(36, 0);
    struct order o = begun(&owner, PAYMENT_TOP_UP, 10);
    assert_ok(engine_run(bank.engine, close_work, &owner.account.id));
    struct payment p = apply(o.result.payment.id, PAYMENT_EVENT_ACCEPTED, 1);
    assert_int_equal(PAYMENT_RJCT, p.status);
    assert_string_equal("AC04", p.reason);
    assert_int_equal(1, alerts_of(p.id));
    struct account_id suspense =
        ledger_internal_account(GL_SUSPENSE, CCY_CNY, id_bucket(owner.account.id.value));
    assert_int_equal(10, bank_balance(&bank, suspense));
}

/* --- activity and settlement --------------------------------------------------------------------------- */

struct seen {
    int count;
    int64_t amounts[64];
    char other[64][32];
};

static bool see(const struct activity_line *line, void *context)
{
    struct seen *seen = context;
    seen->amounts[seen->count] = line->line.amount_minor;
    snprintf(seen->other[seen->count++], 32, "%.31s", line->other_name);
    return true;
}

static struct seen search(const struct account *account, const struct activity_filter *filter,
                          size_t limit)
{
    struct seen seen = {0};
    struct db_conn *conn;
    int64_t cursor = 0;
    assert_ok(engine_read_begin(bank.engine, &conn));
    do {
        int before = seen.count;
        assert_ok(activity_each(engine_ledger(bank.engine), conn, account->id, filter, cursor,
                                limit, see, &seen, &cursor));
        assert_true(seen.count - before <= (int)limit);
    } while (cursor != 0);
    engine_read_end(bank.engine, conn);
    return seen;
}

static void test_payment_quickpay__activity_is_searched(void **state)
{
    (void)state;
    /* Later than any instant of the tests before: ids of all workers rise from here on. */
    clock_manual_set(&bank.clock, BANK_NOW + 3 * DAY_US);
    struct owner owner = owner_of(37, 1000);
    struct account b = bank_account(&bank, 38, ACCOUNT_CLASS_II, 5000);
    for (int i = 1; i <= 40; i++) {
        clock_manual_advance(&bank.clock, 1000000); /* ids of several workers rise with time */
        assert_ok(i % 4 ? pay(&owner.account, &b, i) : pay(&b, &owner.account, 100 + i));
    }
    clock_manual_advance(&bank.clock, 1000000);
    struct order o = begun(&owner, PAYMENT_WITHDRAWAL, 333);
    clock_manual_advance(&bank.clock, 1000000);
    apply(o.result.payment.id, PAYMENT_EVENT_ACCEPTED, 1);
    struct activity_filter all = {0};
    for (size_t limit = 1; limit <= 50; limit += 7) {
        struct seen seen = search(&owner.account, &all, limit);
        assert_int_equal(42, seen.count); /* the hold itself is no line */
        assert_int_equal(333, seen.amounts[0]);
        assert_int_equal(140, seen.amounts[1]);
        assert_int_equal(1000, seen.amounts[41]);
    }
    struct activity_filter in = {.side = LEDGER_CREDIT, .kind = ACTIVITY_TRANSFER};
    assert_int_equal(11, search(&owner.account, &in, 5).count);
    struct activity_filter withdrawals = {.kind = ACTIVITY_WITHDRAWAL};
    assert_int_equal(1, search(&owner.account, &withdrawals, 5).count);
    struct activity_filter between = {.min_minor = 10, .max_minor = 20, .side = LEDGER_DEBIT};
    assert_int_equal(8, search(&owner.account, &between, 3).count);
    struct activity_filter text = {.text = "LUNCH"};
    assert_int_equal(41, search(&owner.account, &text, 10).count);
    text.text = "ben pay";
    assert_int_equal(30, search(&owner.account, &text, 10).count);
    text.text = "3.33";
    assert_int_equal(1, search(&owner.account, &text, 10).count);
    text.text = "nothing like it";
    assert_int_equal(0, search(&owner.account, &text, 10).count);
    struct date today = engine_business_date(bank.engine);
    struct activity_filter dates = {.has_from = true, .from = date_add_days(today, 1)};
    assert_int_equal(0, search(&owner.account, &dates, 10).count);
    dates.from = today;
    assert_int_equal(42, search(&owner.account, &dates, 10).count);
}

static void test_payment_quickpay__settlement_meets_the_reserve(void **state)
{
    (void)state;
    struct owner owner = owner_of(39, 0);
    int bucket = id_bucket(owner.account.id.value);
    struct order in = begun(&owner, PAYMENT_TOP_UP, 1000);
    apply(in.result.payment.id, PAYMENT_EVENT_ACCEPTED, 1);
    struct order out = begun(&owner, PAYMENT_WITHDRAWAL, 300);
    apply(out.result.payment.id, PAYMENT_EVENT_ACCEPTED, 1);
    struct date date = engine_business_date(bank.engine);
    bank_set_date(&bank, date_add_days(date, 1));
    struct order tomorrow = begun(&owner, PAYMENT_TOP_UP, 50);
    apply(tomorrow.result.payment.id, PAYMENT_EVENT_ACCEPTED, 1);
    int64_t moved = 0;
    struct account_id reserve = ledger_internal_account(GL_RESERVE, CCY_CNY, bucket);
    assert_ok(payment_eod_settle(bank.engine, date, bucket, &moved));
    assert_int_equal(1300, moved);
    assert_int_equal(700, bank_balance(&bank, reserve));
    assert_ok(payment_eod_settle(bank.engine, date, bucket, &moved));
    assert_int_equal(0, moved);
    assert_err(ERR_INVALID_DATE,
               payment_eod_settle(bank.engine, date_add_days(date, 1), bucket, &moved));
    bank_set_date(&bank, date_add_days(date, 2));
    assert_ok(payment_eod_settle(bank.engine, date_add_days(date, 1), bucket, &moved));
    assert_int_equal(50, moved);
    assert_int_equal(bank_balance(&bank, owner.account.id), bank_balance(&bank, reserve));
    assert_ok(payment_eod_settle(bank.engine, date, 1023, &moved)); /* a bucket without accounts */
    assert_int_equal(0, moved);
    bank_set_date(&bank, date);
}

static void test_payment_quickpay__staff_lists_and_sums(void **state)
{
    (void)state;
    struct db_conn *conn;
    struct payment *page = calloc(50, sizeof *page);
    size_t count = 0, total = 0;
    int64_t cursor = INT64_MAX;
    struct payment_filter filter = {.kind = PAYMENT_WITHDRAWAL, .status = PAYMENT_RJCT};
    assert_ok(engine_read_begin(bank.engine, &conn));
    do {
        assert_ok(payment_report_list(conn, &filter, page, 50, &count));
        for (size_t i = 0; i < count; i++) {
            assert_true(page[i].id.value < cursor);
            assert_int_equal(PAYMENT_RJCT, page[i].status);
            assert_int_equal(PAYMENT_WITHDRAWAL, page[i].kind);
            cursor = page[i].id.value;
        }
        total += count;
        filter.before_id = cursor;
    } while (count == 50);
    assert_true(total > 50);
    struct payment_report_row rows[4];
    assert_ok(
        payment_report_by_status(conn, BANK_NOW - DAY_US, BANK_NOW + 3 * DAY_US, rows, &count));
    assert_true(count >= 2);
    assert_ok(
        payment_report_by_status(conn, BANK_NOW - 2 * DAY_US, BANK_NOW - DAY_US, rows, &count));
    assert_int_equal(0, count);
    engine_read_end(bank.engine, conn);
    free(page);
}

#ifdef SYCEE_FAULTS
/* Runs `work` with the nth call failing, for every n; `check` gets whether it was done. */
static void fault_loop(engine_work *work, void *context, void (*check)(void *context, bool done))
{
    bool done = false;
    for (int64_t nth = 1; !done; nth++) {
        assert_true(nth < 200);
        db_fault_arm_all(nth, ERR_DB_FULL);
        done = engine_run(bank.engine, work, context) == ERR_OK;
        bool fired = db_fault_fired_all();
        db_fault_arm_all(0, ERR_OK);
        assert_true(fired || done);
        check(context, done);
    }
}

struct faulty {
    struct owner owner;
    struct applying applying;
    struct order order;
    int64_t balance, balance_done; /* before and after */
    int64_t pending, pending_done;
    int64_t used, used_done; /* of the card's limit */
};

static void check_faulty(struct faulty *f, bool done)
{
    struct ledger_account state = bank_state(&bank, f->owner.account.id);
    struct limit_usage usage = bank_usage(&bank, f->owner.card.id.value, LIMIT_KIND_TOP_UP);
    assert_int_equal(done ? f->balance_done : f->balance, ledger_balance(&state));
    assert_int_equal(done ? f->pending_done : f->pending, state.debits_pending);
    assert_int_equal(done ? f->used_done : f->used, usage.day_minor);
}

static void check_applied(void *context, bool done)
{
    struct faulty *f = (struct faulty *)((char *)context - offsetof(struct faulty, applying));
    check_faulty(f, done);
    struct payment p = loaded(f->applying.id);
    assert_int_equal(!done, p.status == PAYMENT_PDNG);
}

static void check_begun(void *context, bool done)
{
    check_faulty((struct faulty *)((char *)context - offsetof(struct faulty, order)), done);
}

static void test_payment_quickpay__quick_pay_survives_every_fault(void **state)
{
    (void)state;
    struct faulty f = {.owner = owner_of(52, 500)};
    static const struct {
        enum payment_kind kind;
        enum payment_event event;
        int64_t balance, used; /* after it has ended */
    } rows[] = {
        {PAYMENT_TOP_UP, PAYMENT_EVENT_ACCEPTED, 100, 100},
        {PAYMENT_TOP_UP, PAYMENT_EVENT_REJECTED, 0, 0},
        {PAYMENT_WITHDRAWAL, PAYMENT_EVENT_ACCEPTED, -100, 0},
        {PAYMENT_WITHDRAWAL, PAYMENT_EVENT_VOID, 0, 0},
    };
    f.balance = f.balance_done = 500;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        bool in = rows[i].kind == PAYMENT_TOP_UP;
        f.order = order_of(&f.owner, rows[i].kind, 100);
        f.pending = 0;
        f.pending_done = in ? 0 : 100;
        f.used_done = f.used + (in ? 100 : 0);
        fault_loop(begin_work, &f.order, check_begun);
        int64_t used = f.used;
        f.pending = f.pending_done;
        f.pending_done = 0;
        f.used = f.used_done;
        f.used_done = used + rows[i].used;
        f.balance_done = f.balance + rows[i].balance;
        f.applying = (struct applying){.id = f.order.result.payment.id,
                                       .answer = {.event = rows[i].event, .reason = "AM04"},
                                       .attempt = 1};
        fault_loop(apply_work, &f.applying, check_applied);
        f.balance = f.balance_done;
        f.used = f.used_done;
    }
}
#endif

static int run(enum db_engine engine)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_payment_quickpay__any_order_of_answers_gives_one_end),
        cmocka_unit_test(test_payment_quickpay__rejected_top_up_gives_its_limit_back),
        cmocka_unit_test(test_payment_quickpay__a_card_bound_again_has_used_its_day),
        cmocka_unit_test(test_payment_quickpay__top_ups_on_their_way_keep_the_cap),
        cmocka_unit_test(test_payment_quickpay__a_cap_holds_in_a_race),
        cmocka_unit_test(test_payment_quickpay__withdrawal_holds_until_known),
        cmocka_unit_test(test_payment_quickpay__unknown_is_asked_not_guessed),
        cmocka_unit_test(test_payment_quickpay__open_payments_are_listed),
        cmocka_unit_test(test_payment_quickpay__what_names_another_is_unknown_and_alerts),
        cmocka_unit_test(test_payment_quickpay__clock_back_holds_no_query_up),
        cmocka_unit_test(test_payment_quickpay__one_that_fails_holds_up_no_other),
        cmocka_unit_test(test_payment_quickpay__reconciles_with_the_clearing_house),
        cmocka_unit_test(test_payment_quickpay__job_takes_over_a_dead_request),
        cmocka_unit_test(test_payment_quickpay__answers_that_race_settle_once),
        cmocka_unit_test(test_payment_quickpay__money_for_a_closed_account_waits_in_suspense),
        cmocka_unit_test(test_payment_quickpay__activity_is_searched),
        cmocka_unit_test(test_payment_quickpay__settlement_meets_the_reserve),
        cmocka_unit_test(test_payment_quickpay__staff_lists_and_sums),
#ifdef SYCEE_FAULTS
        cmocka_unit_test(test_payment_quickpay__quick_pay_survives_every_fault),
#endif
    };
    bank_open(&bank, engine, "test_payment_quickpay");
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    bank_close(&bank);
    return failed;
}

int main(void)
{
    return fixture_run(run);
}
