/* Services of the room on both engines: opening, freeze and close, limits, cards, interest. */
#include "bank_fixture.h"

#include "account/account_store.h"
#include "sys/thread.h"

static struct bank bank;

static enum err refusal_open(int person, enum account_class class)
{
    struct bank_opening o = {.bank = &bank, .customer = bank_person(person), .class = class};
    return engine_run(bank.engine, bank_open_work, &o);
}

static void test_account_services__opens_up_to_the_limit(void **state)
{
    (void)state;
    struct account first = bank_account(&bank, 1, ACCOUNT_CLASS_II, 0);
    assert_true(account_number_is_valid(first.number));
    clock_manual_set(&bank.clock,
                     BANK_NOW + 1000); /* ids of several workers rise with time alone */
    for (int i = 0; i < 4; i++) {
        bank_account(&bank, 1, ACCOUNT_CLASS_II, 0);
    }
    assert_err(ERR_ACCOUNT_COUNT, refusal_open(1, ACCOUNT_CLASS_II));
    assert_ok(refusal_open(1, ACCOUNT_CLASS_I));
    assert_err(ERR_ACCOUNT_COUNT, refusal_open(1, ACCOUNT_CLASS_I));
    assert_ok(refusal_open(1, ACCOUNT_CLASS_III));
    struct db_conn *conn;
    struct account found, all[ACCOUNT_PER_PERSON_MAX];
    size_t count = 0;
    assert_ok(engine_read_begin(bank.engine, &conn));
    assert_ok(account_find_by_number(conn, first.number, &found));
    assert_int_equal(first.id.value, found.id.value);
    assert_err(ERR_NOT_FOUND, account_find_by_number(conn, "8812000000000000", &found));
    assert_ok(account_list(conn, bank_person(1), all, ACCOUNT_PER_PERSON_MAX, &count));
    assert_int_equal(7, count);
    assert_err(ERR_NOT_FOUND, account_load_own(conn, bank_person(2), first.id, &found));
    assert_ok(account_receiving(conn, bank_person(1), &found));
    assert_int_equal(first.id.value, found.id.value);
    assert_ok(account_report_count(conn, (int64_t[]){0}));
    engine_read_end(bank.engine, conn);
    clock_manual_set(&bank.clock, BANK_NOW);
}

static enum err close_account_work(struct uow *uow, void *context)
{
    return account_close(uow, *(struct account_id *)context);
}

/* Closed accounts stay in the tables: however many there are, the open ones are counted and found. */
static void test_account_services__closed_accounts_count_for_nothing(void **state)
{
    (void)state;
    struct account kept = bank_account(&bank, 46, ACCOUNT_CLASS_III, 0);
    for (int i = 0; i < 20; i++) {
        clock_manual_advance(&bank.clock, 1000);
        struct account account = bank_account(&bank, 46, ACCOUNT_CLASS_III, 0);
        assert_ok(engine_run(bank.engine, close_account_work, &account.id));
    }
    clock_manual_advance(&bank.clock, 1000);
    for (int i = 0; i < 4; i++) {
        assert_ok(refusal_open(46, ACCOUNT_CLASS_III));
    }
    assert_err(ERR_ACCOUNT_COUNT, refusal_open(46, ACCOUNT_CLASS_III));
    struct db_conn *conn;
    struct account all[ACCOUNT_PER_PERSON_MAX];
    size_t count = 0;
    int open = 0;
    bool has_kept = false;
    assert_ok(engine_read_begin(bank.engine, &conn));
    assert_ok(account_list(conn, bank_person(46), all, ACCOUNT_PER_PERSON_MAX, &count));
    engine_read_end(bank.engine, conn);
    assert_int_equal(ACCOUNT_PER_PERSON_MAX, count);
    for (size_t i = 0; i < count; i++) {
        open += all[i].state != ACCOUNT_CLOSED;
        has_kept |= all[i].id.value == kept.id.value;
        assert_true(i == 0 || all[i - 1].id.value < all[i].id.value);
    }
    assert_int_equal(5, open);
    assert_true(has_kept);
    clock_manual_set(&bank.clock, BANK_NOW);
}

struct opener {
    struct thread thread;
    int person;
    enum err err;
};

static void opener_run(void *argument)
{
    struct opener *opener = argument;
    opener->err = refusal_open(opener->person, ACCOUNT_CLASS_II);
}

static void test_account_services__eight_openings_at_once_give_five(void **state)
{
    (void)state;
    struct opener openers[8];
    int opened = 0;
    for (int i = 0; i < 8; i++) {
        openers[i].person = 2;
        assert_ok(thread_start(&openers[i].thread, "opener", opener_run, &openers[i]));
    }
    for (int i = 0; i < 8; i++) {
        thread_join(&openers[i].thread);
        assert_true(openers[i].err == ERR_OK || openers[i].err == ERR_ACCOUNT_COUNT);
        opened += openers[i].err == ERR_OK;
    }
    assert_int_equal(5, opened);
}

static void test_account_services__catalogue_has_its_editions(void **state)
{
    (void)state;
    static const struct {
        int year, month, day;
        int version;
        int64_t class_iii_balance_max, class_ii_year_max;
    } rows[] = {{2010, 1, 1, 1, 100000, -1},        {2016, 11, 30, 1, 100000, -1},
                {2016, 12, 1, 2, 100000, 20000000}, {2018, 1, 9, 2, 100000, 20000000},
                {2018, 1, 10, 3, 200000, 20000000}, {2026, 11, 21, 3, 200000, 20000000}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct date date = bank_date(rows[i].year, rows[i].month, rows[i].day);
        const struct catalogue_edition *e = catalogue_on(bank.catalogue, date);
        assert_int_equal(rows[i].version, e->version);
        assert_int_equal(rows[i].class_iii_balance_max,
                         account_figure(e, PARAMETER_CLASS_III_BALANCE_MAX));
        assert_int_equal(rows[i].class_ii_year_max,
                         account_figure(e, PARAMETER_CLASS_II_OUTFLOW_YEAR_MAX));
        assert_ptr_equal(e, catalogue_of_version(bank.catalogue, rows[i].version));
    }
    char text[CATALOGUE_VERSION_SIZE];
    catalogue_version_format(catalogue_of_version(bank.catalogue, 3), text);
    assert_string_equal("2018-01-10/3", text);
    assert_null(catalogue_product(bank.catalogue, 99));
}

/* --- limits ------------------------------------------------------------------------------------- */

static void test_account_services__usage_starts_anew_with_day_and_year(void **state)
{
    (void)state;
    struct account account = bank_account(&bank, 3, ACCOUNT_CLASS_II, 0);
    struct bank_usage u = {.owner_id = account.id.value, .kind = LIMIT_KIND_OUTFLOW};
    static const struct {
        int64_t at_us; /* after BANK_NOW */
        int64_t amount, day, count, year;
    } rows[] = {
        {0, 100, 100, 1, 100},
        {1, 50, 150, 2, 150},
        {14 * INT64_C(3600000000) - 1, 1, 151, 3, 151}, /* 23:59:59.999999 in the bank */
        {14 * INT64_C(3600000000), 7, 7, 1, 158},       /* midnight */
        {0, 1, 8, 2, 159},                              /* a clock that stepped back */
        {41 * DAY_US, 5, 5, 1, 5},                      /* 2027-01-01 */
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        clock_manual_set(&bank.clock, BANK_NOW + rows[i].at_us);
        u.amount_minor = rows[i].amount;
        assert_ok(engine_run(bank.engine, bank_reserve_work, &u));
        assert_int_equal(rows[i].day, u.usage.day_minor);
        assert_int_equal(rows[i].count, u.usage.day_count);
        assert_int_equal(rows[i].year, u.usage.year_minor);
    }
    /* A release of an older day and year changes nothing; of this one, its amount. */
    u.amount_minor = 3;
    u.day = bank_date(2026, 11, 22);
    assert_ok(engine_run(bank.engine, bank_release_work, &u));
    assert_int_equal(5, bank_usage(&bank, account.id.value, LIMIT_KIND_OUTFLOW).day_minor);
    u.day = bank_date(2027, 1, 1);
    assert_ok(engine_run(bank.engine, bank_release_work, &u));
    struct limit_usage usage = bank_usage(&bank, account.id.value, LIMIT_KIND_OUTFLOW);
    assert_int_equal(2, usage.day_minor);
    assert_int_equal(0, usage.day_count);
    assert_int_equal(2, usage.year_minor);
    clock_manual_set(&bank.clock, BANK_NOW);
}

static void test_account_services__limits_are_listed(void **state)
{
    (void)state;
    struct account account = bank_account(&bank, 4, ACCOUNT_CLASS_II, 12345);
    struct bank_usage u = {
        .owner_id = account.id.value, .kind = LIMIT_KIND_OUTFLOW, .amount_minor = 400};
    assert_ok(engine_run(bank.engine, bank_reserve_work, &u));
    struct db_conn *conn;
    struct limit_report reports[LIMIT_NAME_COUNT];
    size_t count = 0;
    assert_ok(engine_read_begin(bank.engine, &conn));
    assert_ok(account_limits(conn, bank.catalogue, &account, 12345, bank_date(2026, 11, 21),
                             reports, &count));
    engine_read_end(bank.engine, conn);
    assert_int_equal(6, count); /* no card: no limits of a card */
    assert_string_equal("outflowNonBoundDay", limit_name(reports[0].name));
    assert_int_equal(1000000, reports[0].max_minor);
    assert_int_equal(400, reports[0].used_minor);
    assert_int_equal(999600, reports[0].left_minor);
    assert_int_equal(CATALOGUE_NO_LIMIT, reports[4].max_minor);
    assert_int_equal(12345, reports[4].used_minor);
}

/* --- freeze and close ------------------------------------------------------------------------------ */

struct change {
    struct account_freeze_order order;
    enum account_event event;
    size_t count;
    int64_t minor;
};

static enum err change_work(struct uow *uow, void *context)
{
    struct change *c = context;
    int64_t id;
    switch (c->event) {
    case ACCOUNT_FREEZE:
        return account_freeze(uow, &c->order, &id);
    case ACCOUNT_UNFREEZE:
        return account_unfreeze(uow, c->order.account, (struct staff_id){5});
    case ACCOUNT_CLOSE:
        return account_close(uow, c->order.account);
    case ACCOUNT_END:
    case ACCOUNT_RESUME:
        break;
    }
    return ERR_INTERNAL;
}

static enum err due_work(struct uow *uow, void *context)
{
    return account_unfreeze_due(uow, 100, context);
}

static struct account loaded(struct account_id id)
{
    struct db_conn *conn;
    struct account account;
    assert_ok(engine_read_begin(bank.engine, &conn));
    assert_ok(account_load(conn, id, &account));
    engine_read_end(bank.engine, conn);
    return account;
}

static void test_account_services__freeze_has_ground_and_end(void **state)
{
    (void)state;
    struct account account = bank_account(&bank, 5, ACCOUNT_CLASS_II, 0);
    struct change c = {.event = ACCOUNT_FREEZE,
                       .order = {.account = account.id, .reason = "court"}};
    assert_err(ERR_INVALID_FIELD, engine_run(bank.engine, change_work, &c)); /* no ground */
    snprintf(c.order.legal_ground, sizeof c.order.legal_ground, "CPL art. 253, order 1");
    c.order.ends_at = BANK_NOW;
    assert_err(ERR_INVALID_FIELD, engine_run(bank.engine, change_work, &c)); /* over already */
    c.order.ends_at = BANK_NOW + 10;
    assert_ok(engine_run(bank.engine, change_work, &c));
    assert_int_equal(ACCOUNT_FROZEN, loaded(account.id).state);
    assert_int_equal(2, loaded(account.id).version);
    assert_err(ERR_ACCOUNT_STATE, engine_run(bank.engine, change_work, &c));
    size_t count = 9;
    assert_ok(engine_run(bank.engine, due_work, &count));
    assert_int_equal(0, count);
    clock_manual_set(&bank.clock, BANK_NOW + 10);
    assert_ok(engine_run(bank.engine, due_work, &count));
    assert_int_equal(1, count);
    assert_int_equal(ACCOUNT_ACTIVE, loaded(account.id).state);
    c.event = ACCOUNT_UNFREEZE;
    assert_err(ERR_ACCOUNT_STATE, engine_run(bank.engine, change_work, &c));
    clock_manual_set(&bank.clock, BANK_NOW);
}

static void test_account_services__closes_only_empty(void **state)
{
    (void)state;
    struct account full = bank_account(&bank, 6, ACCOUNT_CLASS_II, 1);
    struct account empty = bank_account(&bank, 7, ACCOUNT_CLASS_II, 0);
    struct change c = {.event = ACCOUNT_CLOSE, .order = {.account = full.id}};
    assert_err(ERR_ACCOUNT_NOT_EMPTY, engine_run(bank.engine, change_work, &c));
    assert_int_equal(ACCOUNT_ACTIVE, loaded(full.id).state);
    c.order.account = empty.id;
    assert_ok(engine_run(bank.engine, change_work, &c));
    assert_int_equal(ACCOUNT_CLOSED, loaded(empty.id).state);
    assert_int_equal(1, bank_state(&bank, empty.id).closed);
    assert_err(ERR_ACCOUNT_STATE, engine_run(bank.engine, change_work, &c));
    c.order.account.value++;
    assert_err(ERR_NOT_FOUND, engine_run(bank.engine, change_work, &c));
}

/* --- cards -------------------------------------------------------------------------------------------- */

struct binding {
    struct customer_id customer;
    const char *pan;
    struct card_answer answer;
    struct card_binding binding;
    enum err refusal;
    struct account account;
    struct card_bound bound;
    struct card_id card;
    struct card unbound;
    int64_t face_until;
};

static enum err begin_work(struct uow *uow, void *context)
{
    struct binding *b = context;
    struct card_binding_request request = {
        .customer = b->customer, .pan = b->pan, .kind = CARD_DEBIT, .face_until = b->face_until};
    return card_binding_begin(uow, bank.catalogue, bank.vault, &request, &b->binding);
}

static enum err signed_work(struct uow *uow, void *context)
{
    struct binding *b = context;
    return card_binding_signed(uow, b->customer, b->binding.id, &b->answer, &b->binding,
                               &b->refusal);
}

static enum err bind_work(struct uow *uow, void *context)
{
    struct binding *b = context;
    b->bound.account = &b->account;
    return card_bind(uow, bank.catalogue, bank.vault, b->customer, b->binding.id, &b->answer,
                     &b->bound);
}

static enum err unbind_work(struct uow *uow, void *context)
{
    struct binding *b = context;
    return card_unbind(uow, b->customer, b->card, &b->unbound);
}

static struct card_answer signing_answer(void)
{
    return (struct card_answer){.kind = CARD_ANSWER_OK,
                                .issuer = {"SAB", "Sandbox Agricultural Bank", "沙盒农业银行"},
                                .masked_pan = "622848*********0018",
                                .card_kind = CARD_DEBIT,
                                .expires_at = BANK_NOW + 1};
}

static struct card_answer confirmation_answer(const char *class)
{
    struct card_answer answer = {.kind = CARD_ANSWER_OK, .tries_left = -1};
    snprintf(answer.agreement, sizeof answer.agreement, "7000000000000017");
    snprintf(answer.account_class, sizeof answer.account_class, "%s", class);
    return answer;
}

static void bind_until_signed(struct binding *b, int person, const char *pan)
{
    *b = (struct binding){.customer = bank_person(person), .pan = pan};
    assert_ok(engine_run(bank.engine, begin_work, b));
    b->answer = signing_answer();
    assert_ok(engine_run(bank.engine, signed_work, b));
    assert_ok(b->refusal);
    assert_int_equal(BINDING_SIGNED, b->binding.state);
}

/* EVIDENCE: REQ-KYC-03 */
static void test_account_services__first_card_opens_the_account(void **state)
{
    (void)state;
    struct binding b;
    bind_until_signed(&b, 20, "6228480000000000018");
    /* The binding is invisible to other customers. */
    struct binding stranger = b;
    stranger.customer = bank_person(21);
    assert_err(ERR_NOT_FOUND, engine_run(bank.engine, bind_work, &stranger));
    /* A wrong code is counted. */
    b.answer =
        (struct card_answer){.kind = CARD_ANSWER_REFUSED, .code = "codeWrong", .tries_left = 4};
    assert_ok(engine_run(bank.engine, bind_work, &b));
    assert_err(ERR_CODE_WRONG, b.bound.refusal);
    assert_int_equal(4, b.bound.tries_left);
    /* No answer changes nothing. */
    b.answer = (struct card_answer){.kind = CARD_ANSWER_UNAVAILABLE};
    assert_ok(engine_run(bank.engine, bind_work, &b));
    assert_err(ERR_UNAVAILABLE, b.bound.refusal);
    b.answer = confirmation_answer("I");
    assert_ok(engine_run(bank.engine, bind_work, &b));
    assert_ok(b.bound.refusal);
    assert_true(b.bound.opened);
    assert_int_equal(ACCOUNT_CLASS_II, b.account.class);
    assert_string_equal("7000000000000017", b.bound.card.agreement);
    assert_int_equal(5000000, b.bound.card.payment_max_minor);
    int64_t card = b.bound.card.id.value, account = b.account.id.value;
    /* Again: the same answer, nothing new. */
    assert_ok(engine_run(bank.engine, bind_work, &b));
    assert_int_equal(card, b.bound.card.id.value);
    assert_int_equal(account, b.account.id.value);
    assert_false(b.bound.opened);
    /* The same card again, another card, and the card for another customer. */
    struct binding other = {.customer = bank_person(20), .pan = "6228480000000000018"};
    assert_err(ERR_CARD_BOUND, engine_run(bank.engine, begin_work, &other));
    other.pan = "6228480000000000026";
    assert_err(ERR_FACE_CHECK_REQUIRED, engine_run(bank.engine, begin_work, &other));
    other = (struct binding){.customer = bank_person(21), .pan = "6228480000000000018"};
    assert_err(ERR_CARD_TAKEN, engine_run(bank.engine, begin_work, &other));
}

#define FACE_FRESH (BANK_NOW + SESSION_FACE_LIFE_US) /* checked this instant */

static void bind_with_face(struct binding *b, int person, const char *pan)
{
    *b = (struct binding){.customer = bank_person(person), .pan = pan, .face_until = FACE_FRESH};
    assert_ok(engine_run(bank.engine, begin_work, b));
    b->answer = signing_answer();
    assert_ok(engine_run(bank.engine, signed_work, b));
    assert_ok(b->refusal);
    b->answer = confirmation_answer("I");
}

/* A customer may bind and unbind cards any number of times: all cards bound now are counted and listed. */
static void test_account_services__cards_of_a_life_are_counted(void **state)
{
    (void)state;
    struct binding b = {.customer = bank_person(47)};
    char pan[CARD_PAN_SIZE];
    int64_t first_card = 0;
    for (int i = 0; i < 34; i++) {
        clock_manual_advance(&bank.clock, 1000);
        snprintf(pan, sizeof pan, "622848%013d", 47000 + i);
        bind_with_face(&b, 47, pan);
        assert_ok(engine_run(bank.engine, bind_work, &b));
        assert_ok(b.bound.refusal);
        b.card = b.bound.card.id;
        if (i == 0) {
            first_card = b.card.value;
        } else {
            assert_ok(engine_run(bank.engine, unbind_work, &b));
        }
    }
    for (int i = 1; i < 10; i++) {
        clock_manual_advance(&bank.clock, 1000);
        snprintf(pan, sizeof pan, "622848%013d", 47100 + i);
        bind_with_face(&b, 47, pan);
        assert_ok(engine_run(bank.engine, bind_work, &b));
        assert_ok(b.bound.refusal);
    }
    struct binding more = {.customer = bank_person(47), .pan = pan, .face_until = FACE_FRESH};
    assert_err(ERR_CARD_BOUND, engine_run(bank.engine, begin_work, &more));
    more.pan = "6228480000000047200";
    assert_err(ERR_CARD_COUNT, engine_run(bank.engine, begin_work, &more));
    struct db_conn *conn;
    struct card cards[CARD_PER_PERSON_MAX];
    size_t count = 0, bound = 0;
    bool has_first = false;
    assert_ok(engine_read_begin(bank.engine, &conn));
    assert_ok(card_list(conn, bank_person(47), cards, CARD_PER_PERSON_MAX, &count));
    engine_read_end(bank.engine, conn);
    assert_int_equal(CARD_PER_PERSON_MAX, count);
    for (size_t i = 0; i < count; i++) {
        bound += cards[i].state == CARD_BOUND;
        has_first |= cards[i].id.value == first_card;
    }
    assert_int_equal(10, bound);
    assert_true(has_first);
    clock_manual_set(&bank.clock, BANK_NOW);
}

/* A further card needs a face check within the last ten minutes of its start; each bank counts once
 * among the channels of the person. */
/* EVIDENCE: REQ-KYC-03 */
static void test_account_services__further_card_needs_a_face(void **state)
{
    (void)state;
    struct binding first, second = {.customer = bank_person(43), .pan = "6228480000000004305"};
    bind_until_signed(&first, 43, "6228480000000004301");
    first.answer = confirmation_answer("I");
    assert_ok(engine_run(bank.engine, bind_work, &first));
    static const int64_t stale[] = {0, BANK_NOW, BANK_NOW - 1};
    for (size_t i = 0; i < sizeof stale / sizeof stale[0]; i++) {
        second.face_until = stale[i];
        assert_err(ERR_FACE_CHECK_REQUIRED, engine_run(bank.engine, begin_work, &second));
    }
    bind_with_face(&second, 43, "6228480000000004305");
    assert_ok(engine_run(bank.engine, bind_work, &second)); /* though the minutes may be over now */
    assert_ok(second.bound.refusal);
    assert_false(second.bound.opened);
    assert_int_equal(first.account.id.value, second.account.id.value);
    struct identity_channel channels[CHANNELS_MAX];
    struct db_conn *conn;
    size_t count = 0;
    assert_ok(engine_read_begin(bank.engine, &conn));
    assert_ok(customer_channels(conn, bank_person(43), channels, &count));
    engine_read_end(bank.engine, conn);
    assert_int_equal(1, count);
    assert_int_equal(CHANNEL_ISSUER, channels[0].kind);
    assert_string_equal("SAB", channels[0].detail);
    assert_true(card_face_is_fresh(FACE_FRESH, 10, BANK_NOW + SESSION_FACE_LIFE_US - 1));
    assert_false(card_face_is_fresh(FACE_FRESH, 10, BANK_NOW + SESSION_FACE_LIFE_US));
    assert_true(card_face_is_fresh(FACE_FRESH, 1, BANK_NOW + 59999999));
    assert_false(card_face_is_fresh(FACE_FRESH, 1, BANK_NOW + 60000000)); /* a stricter figure */
}

/* Two first cards started in parallel: the second was started without a face check. */
static void test_account_services__two_first_cards_are_one_and_a_further(void **state)
{
    (void)state;
    struct binding a, b;
    bind_until_signed(&a, 44, "6228480000000004401");
    bind_until_signed(&b, 44, "6228480000000004402");
    a.answer = confirmation_answer("I");
    b.answer = confirmation_answer("I");
    assert_ok(engine_run(bank.engine, bind_work, &a));
    assert_err(ERR_FACE_CHECK_REQUIRED, engine_run(bank.engine, bind_work, &b));
}

struct binder {
    struct thread thread;
    struct binding binding;
    char pan[32];
    enum err err;
};

static void binder_run(void *argument)
{
    struct binder *binder = argument;
    binder->err = engine_run(bank.engine, bind_work, &binder->binding);
}

static void test_account_services__twenty_cards_at_once_give_ten(void **state)
{
    (void)state;
    struct binder binders[20];
    int bound = 0;
    for (int i = 0; i < 20; i++) {
        snprintf(binders[i].pan, sizeof binders[i].pan, "622848000000045%02d", i);
        bind_with_face(&binders[i].binding, 45, binders[i].pan);
    }
    for (int i = 0; i < 20; i++) {
        assert_ok(thread_start(&binders[i].thread, "binder", binder_run, &binders[i]));
    }
    for (int i = 0; i < 20; i++) {
        thread_join(&binders[i].thread);
        assert_true(binders[i].err == ERR_OK || binders[i].err == ERR_CARD_COUNT);
        bound += binders[i].err == ERR_OK;
    }
    assert_int_equal(10, bound);
    struct db_conn *conn;
    struct account accounts[ACCOUNT_PER_PERSON_MAX];
    size_t count = 0;
    assert_ok(engine_read_begin(bank.engine, &conn));
    assert_ok(account_list(conn, bank_person(45), accounts, ACCOUNT_PER_PERSON_MAX, &count));
    engine_read_end(bank.engine, conn);
    assert_int_equal(1, count);
}

static void test_account_services__card_class_and_refusals_end_a_binding(void **state)
{
    (void)state;
    struct binding b;
    bind_until_signed(&b, 22, "6222020000000000011");
    b.answer = confirmation_answer("II");
    assert_ok(engine_run(bank.engine, bind_work, &b));
    assert_err(ERR_CARD_CLASS_REFUSED, b.bound.refusal);
    b.answer = confirmation_answer("I");
    assert_ok(engine_run(bank.engine, bind_work, &b));
    assert_err(ERR_CODE_EXPIRED, b.bound.refusal); /* it has ended */
    b = (struct binding){.customer = bank_person(22), .pan = "6222020000000000011"};
    assert_ok(engine_run(bank.engine, begin_work, &b));
    b.answer = (struct card_answer){.kind = CARD_ANSWER_REFUSED, .code = "nameMismatch"};
    assert_ok(engine_run(bank.engine, signed_work, &b));
    assert_err(ERR_CARD_REFUSED, b.refusal);
    assert_string_equal("持卡人姓名不符。", card_refusal_text("nameMismatch", LANG_ZH));
}

static void test_account_services__two_bindings_of_one_card_at_once_give_one(void **state)
{
    (void)state;
    struct binding a, b;
    bind_until_signed(&a, 23, "6217000000000000012");
    bind_until_signed(&b, 24, "6217000000000000012");
    a.answer = confirmation_answer("I");
    b.answer = confirmation_answer("I");
    assert_ok(engine_run(bank.engine, bind_work, &a));
    assert_err(ERR_CARD_TAKEN, engine_run(bank.engine, bind_work, &b));
}

static void test_account_services__last_card_stays_while_there_is_money(void **state)
{
    (void)state;
    struct binding b;
    bind_until_signed(&b, 25, "6225880000000000016");
    b.answer = confirmation_answer("I");
    assert_ok(engine_run(bank.engine, bind_work, &b));
    b.card = b.bound.card.id;
    bank_account(&bank, 25, ACCOUNT_CLASS_II, 5);
    assert_err(ERR_LAST_CARD, engine_run(bank.engine, unbind_work, &b));
    /* An empty account closes, and the same card may be bound again without a face check. */
    struct binding c;
    bind_until_signed(&c, 27, "6225880000000000024");
    c.answer = confirmation_answer("I");
    assert_ok(engine_run(bank.engine, bind_work, &c));
    c.card = c.bound.card.id;
    assert_ok(engine_run(bank.engine, unbind_work, &c));
    assert_int_equal(CARD_UNBOUND, c.unbound.state);
    assert_err(ERR_NOT_FOUND, engine_run(bank.engine, unbind_work, &c));
    bind_until_signed(&c, 27, "6225880000000000024");
    c.answer = confirmation_answer("I");
    assert_ok(engine_run(bank.engine, bind_work, &c));
    assert_ok(c.bound.refusal);
    assert_false(c.bound.opened);
}

/* --- interest ------------------------------------------------------------------------------------------ */

static int64_t accrued(struct account_id id)
{
    struct db_conn *conn;
    int64_t micro = 0;
    assert_ok(engine_read_begin(bank.engine, &conn));
    assert_ok(interest_accrued(conn, id, &micro));
    engine_read_end(bank.engine, conn);
    return micro;
}

static int64_t gl_balance(uint16_t code, int bucket)
{
    return bank_balance(&bank, ledger_internal_account(code, CCY_CNY, bucket));
}

struct pay_in {
    struct account_id account;
    int64_t amount_minor;
};

static enum err pay_in_work(struct uow *uow, void *context)
{
    const struct pay_in *in = context;
    struct journal_result unused;
    struct recipe_event event = {.recipe = RECIPE_TOP_UP,
                                 .accounts = {[ROLE_CUSTOMER] = in->account},
                                 .amounts = {[SLOT_AMOUNT] = {in->amount_minor, CCY_CNY}},
                                 .booking_date = uow->business_date,
                                 .bucket = -1};
    return recipe_post(uow->ledger, &event, &unused);
}

/* EVIDENCE: REQ-ACC-01 REQ-EOD-01 */
static void test_account_services__interest_of_a_quarter(void **state)
{
    (void)state;
    bank_set_date(&bank, bank_date(2026, 12, 1));
    struct account account = bank_account(&bank, 40, ACCOUNT_CLASS_II, 10000000);
    int bucket = id_bucket(account.id.value);
    size_t count = 0;
    int64_t wanted = 0;
    for (int day = 1; day <= 20; day++) {
        struct date date = bank_date(2026, 12, day);
        assert_err(ERR_INVALID_DATE, account_eod_accrue(bank.engine, bank.catalogue, date, bucket,
                                                        &count)); /* not closed yet */
        bank_set_date(&bank, date_add_days(date, 1));
        if (day == 10) { /* booked on the 11th: no part of the 10th's balance */
            struct pay_in in = {account.id, 5000000};
            assert_ok(engine_run(bank.engine, pay_in_work, &in));
        }
        assert_ok(account_eod_accrue(bank.engine, bank.catalogue, date, bucket, &count));
        assert_int_equal(1, count);
        /* 100,000.00 x 0.10 % / 360 = 27.777778 fen a day; 150,000.00: 41.666667 */
        wanted += day <= 10 ? 27777778 : 41666667;
        assert_int_equal(wanted, accrued(account.id));
        assert_ok(account_eod_accrue(bank.engine, bank.catalogue, date, bucket, &count));
        assert_int_equal(0, count); /* a run too many */
        assert_int_equal(wanted, accrued(account.id));
        assert_int_equal(wanted / 1000000, gl_balance(GL_INTEREST_PAYABLE, bucket));
        assert_ok(account_eod_capitalise(bank.engine, bank.catalogue, date, bucket, &count));
        assert_int_equal(day == 20, count);
    }
    /* 694.444450 fen: 694 are credited, the rest stays. */
    assert_int_equal(15000000 + 694, bank_balance(&bank, account.id));
    assert_int_equal(444450, accrued(account.id));
    assert_int_equal(0, gl_balance(GL_INTEREST_PAYABLE, bucket));
    assert_int_equal(694, gl_balance(GL_INTEREST_EXPENSE, bucket));
    struct date settlement = bank_date(2026, 12, 20);
    assert_ok(account_eod_capitalise(bank.engine, bank.catalogue, settlement, bucket, &count));
    assert_int_equal(0, count);
    assert_int_equal(15000000 + 694, bank_balance(&bank, account.id));
}

static enum err interest_pay_work(struct uow *uow, void *context)
{
    struct change *c = context;
    return interest_pay(uow, c->order.account, &c->minor);
}

static void test_account_services__missed_days_are_made_up(void **state)
{
    (void)state;
    bank_set_date(&bank, bank_date(2027, 1, 4));
    struct account account = bank_account(&bank, 41, ACCOUNT_CLASS_II, 9000000);
    int bucket = id_bucket(account.id.value);
    size_t count = 0;
    bank_set_date(&bank, bank_date(2027, 1, 8));
    assert_ok(
        account_eod_accrue(bank.engine, bank.catalogue, bank_date(2027, 1, 7), bucket, &count));
    assert_int_equal(4 * 25000000, accrued(account.id));
    /* Interest that rounds to a minor unit keeps an account from closing until it is paid. */
    struct change c = {.event = ACCOUNT_CLOSE, .order = {.account = account.id}};
    assert_ok(engine_run(bank.engine, interest_pay_work, &c));
    assert_int_equal(100, c.minor);
    assert_int_equal(9000100, bank_balance(&bank, account.id));
    assert_int_equal(0, accrued(account.id));
}

static void test_account_services__rounding_up_is_paid_from_expense(void **state)
{
    (void)state;
    bank_set_date(&bank, bank_date(2027, 3, 20));
    struct account account = bank_account(&bank, 42, ACCOUNT_CLASS_II, 180000);
    int bucket = id_bucket(account.id.value);
    size_t count = 0;
    struct date date = bank_date(2027, 3, 20);
    bank_set_date(&bank, date_add_days(date, 1));
    assert_ok(account_eod_accrue(bank.engine, bank.catalogue, date, bucket, &count));
    assert_int_equal(500000, accrued(account.id));
    assert_ok(account_eod_capitalise(bank.engine, bank.catalogue, date, bucket, &count));
    assert_int_equal(1, count);
    assert_int_equal(180001, bank_balance(&bank, account.id));
    assert_int_equal(-500000, accrued(account.id));
    assert_int_equal(0, gl_balance(GL_INTEREST_PAYABLE, bucket));
    assert_int_equal(1, gl_balance(GL_INTEREST_EXPENSE, bucket));
}

static int run(enum db_engine engine)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_account_services__opens_up_to_the_limit),
        cmocka_unit_test(test_account_services__closed_accounts_count_for_nothing),
        cmocka_unit_test(test_account_services__eight_openings_at_once_give_five),
        cmocka_unit_test(test_account_services__catalogue_has_its_editions),
        cmocka_unit_test(test_account_services__usage_starts_anew_with_day_and_year),
        cmocka_unit_test(test_account_services__limits_are_listed),
        cmocka_unit_test(test_account_services__freeze_has_ground_and_end),
        cmocka_unit_test(test_account_services__closes_only_empty),
        cmocka_unit_test(test_account_services__first_card_opens_the_account),
        cmocka_unit_test(test_account_services__cards_of_a_life_are_counted),
        cmocka_unit_test(test_account_services__further_card_needs_a_face),
        cmocka_unit_test(test_account_services__two_first_cards_are_one_and_a_further),
        cmocka_unit_test(test_account_services__twenty_cards_at_once_give_ten),
        cmocka_unit_test(test_account_services__card_class_and_refusals_end_a_binding),
        cmocka_unit_test(test_account_services__two_bindings_of_one_card_at_once_give_one),
        cmocka_unit_test(test_account_services__last_card_stays_while_there_is_money),
        cmocka_unit_test(test_account_services__interest_of_a_quarter),
        cmocka_unit_test(test_account_services__missed_days_are_made_up),
        cmocka_unit_test(test_account_services__rounding_up_is_paid_from_expense),
    };
    bank_open(&bank, engine, "test_account_services");
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    bank_close(&bank);
    return failed;
}

int main(void)
{
    return fixture_run(run);
}
