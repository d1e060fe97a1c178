/*
 * The privacy room over kyc_fixture.h: a person with identity, face, location, card, account and money,
 * and a clearing house with scripted answers. Include once per program.
 */
#ifndef TESTS_UNIT_PRIVACY_FIXTURE_H
#define TESTS_UNIT_PRIVACY_FIXTURE_H

#define FIXTURE_ROOMS &CUSTOMER_PARTS, &KYC_PARTS, &ACCOUNT_PARTS, &PAYMENT_PARTS

#include "account/parameters.h"
#include "ledger/recipe.h"
#include "privacy/retention.h"
#include "unit/kyc_fixture.h"

/* Rooms above privacy, each with a comma. */
#ifndef FIXTURE_ABOVE
#define FIXTURE_ABOVE
#endif

#define LEAVER_NAME "独孤明月"

/* A room above, which may keep a customer. */
static bool is_kept;
static inline enum err find_kept(const struct house *house, struct uow *uow,
                                 struct customer_id customer, bool *out_found)
{
    (void)house, (void)uow;
    *out_found = is_kept && customer.value != 0;
    return ERR_OK;
}
static const struct obstacle_row kept_obstacles[] = {
    {30, "keptByTest", {"Kept.", "保留。"}, find_kept}, {0}};
static const struct room_parts KEEPING = {.name = "keeping", .obstacles = kept_obstacles};
static const struct room_parts *const HOUSE_ROOMS[] = {FIXTURE_ROOMS, &PRIVACY_PARTS,
                                                       FIXTURE_ABOVE &KEEPING, NULL};
static struct house house;

/* The rooms of the fixtures take their places in the house: the state of each begins with its room. */
static inline void house_seat(const struct room_parts *parts, void **seat)
{
    size_t i = 0;
    while (HOUSE_ROOMS[i] != parts) {
        i++;
    }
    house.states[i] = seat;
}

static inline int privacy_suite_open(void **state)
{
    kyc_suite_open(state);
    static void *customer_seat, *kyc_seat;
    house = (struct house){.rooms = HOUSE_ROOMS, .engine = bank.engine, .catalogue = catalogue};
    customer_seat = room;
    kyc_seat = kyc;
    house_seat(&CUSTOMER_PARTS, &customer_seat);
    house_seat(&KYC_PARTS, &kyc_seat);
    return 0;
}

static inline int privacy_suite_close(void **state)
{
    return kyc_suite_close(state);
}

struct leaver {
    struct person person;
    char phone[PHONE_TEXT_SIZE];
    struct card_id card;
    struct account account;
    struct card_answer answer;
    int64_t binding_id, amount_minor;
    char pan[CARD_PAN_SIZE];
    struct leaving_result result; /* of leave */
    struct leaving leaving;       /* of follow */
};

static inline enum err do_bind_begin(struct uow *uow, void *context)
{
    struct leaver *l = context;
    struct card_binding binding;
    struct card_binding_request request = {
        .customer = l->person.id, .pan = l->pan, .kind = CARD_DEBIT};
    enum err err = card_binding_begin(uow, catalogue, bank.vault, &request, &binding);
    l->binding_id = binding.id;
    return err;
}

static inline enum err do_bind_signed(struct uow *uow, void *context)
{
    struct leaver *l = context;
    struct card_binding binding;
    enum err refusal;
    return card_binding_signed(uow, l->person.id, l->binding_id, &l->answer, &binding, &refusal);
}

static inline enum err do_bind(struct uow *uow, void *context)
{
    struct leaver *l = context;
    struct card_bound bound = {.account = &l->account};
    enum err err =
        card_bind(uow, catalogue, bank.vault, l->person.id, l->binding_id, &l->answer, &bound);
    l->card = bound.card.id;
    return err ? err : customer_activate(room, uow, l->person.id);
}

/* Credits money without a source. */
static inline enum err do_credit(struct uow *uow, void *context)
{
    struct leaver *l = context;
    struct journal_result unused;
    struct recipe_event event = {.recipe = RECIPE_TOP_UP,
                                 .accounts = {[ROLE_CUSTOMER] = l->account.id},
                                 .amounts = {[SLOT_AMOUNT] = {l->amount_minor, CCY_CNY}},
                                 .booking_date = uow->business_date,
                                 .bucket = -1};
    return recipe_post(uow->ledger, &event, &unused);
}

static inline void bind_card(struct leaver *l)
{
    snprintf(l->pan, sizeof l->pan, "622848%013u", (unsigned)(l->person.id.value % 1000000000));
    assert_ok(engine_run(bank.engine, do_bind_begin, l));
    l->answer = (struct card_answer){.kind = CARD_ANSWER_OK,
                                     .issuer = {"SAB", "Sandbox Bank", "沙盒银行"},
                                     .card_kind = CARD_DEBIT};
    snprintf(l->answer.masked_pan, sizeof l->answer.masked_pan, "622848*********0017");
    assert_ok(engine_run(bank.engine, do_bind_signed, l));
    snprintf(l->answer.agreement, sizeof l->answer.agreement, "7000000000000017");
    snprintf(l->answer.account_class, sizeof l->answer.account_class, "I");
    assert_ok(engine_run(bank.engine, do_bind, l));
}

/* A verified person of this name, with a card, an account and a balance. */
static inline struct leaver leaver_of(const char *name, int face, int64_t amount_minor)
{
    struct leaver l = {.person = new_person(face, 2), .amount_minor = amount_minor};
    struct db_conn *conn = NULL;
    static const char *const required[] = {"terms", "privacy"};
    for (size_t i = 0; i < 2; i++) {
        agree(l.person.id, required[i], true);
    }
    snprintf(cards[2].name, sizeof cards[2].name, "%s", name);
    struct kyc_fields fields = fields_of(&l.person);
    give_cards(&l.person);
    assert_err(ERR_OK, confirm(&l.person, &fields, NULL));
    set_passcode(l.person.session.token, "258036", NULL);
    assert_int_equal(FACE_STATE_ACCEPTED, show_face(&l.person, FACE_OPENING, face).state);
    clock_manual_advance(&bank.clock, 61 * SECOND);
    say_place(l.person.id, "31.230416", "121.473701", 35);
    bind_card(&l);
    if (amount_minor > 0) {
        assert_ok(engine_run(bank.engine, do_credit, &l));
    }
    assert_ok(engine_read_begin(bank.engine, &conn));
    assert_ok(customer_reveal_phone(room, conn, l.person.id, l.phone));
    engine_read_end(bank.engine, conn);
    return l;
}

static inline enum err do_leave(struct uow *uow, void *context)
{
    struct leaver *l = context;
    struct leaving_request request = {.customer = l->person.id,
                                      .card = l->card,
                                      .proof = {PAYMENT_BY_SESSION, 1, FACTOR_PASSCODE}};
    return leaving_begin(&house, uow, &request, &l->result);
}

static inline enum err do_follow(struct uow *uow, void *context)
{
    struct leaver *l = context;
    return leaving_follow(&house, uow, l->person.id, &l->leaving);
}

struct outcome {
    struct payment_id id;
    struct channel_answer answer;
    struct payment payment;
};

static inline enum err do_outcome(struct uow *uow, void *context)
{
    struct outcome *o = context;
    return payment_apply_outcome(uow, o->id, &o->answer, 0, &o->payment);
}

static inline void channel_says(struct payment_id id, enum payment_event event)
{
    struct outcome o = {.id = id, .answer = {.event = event, .reason = "AM04"}};
    assert_ok(engine_run(bank.engine, do_outcome, &o));
}

static inline struct account account_of(const struct leaver *l)
{
    struct db_conn *conn = NULL;
    struct account account;
    assert_ok(engine_read_begin(bank.engine, &conn));
    assert_ok(account_load(conn, l->account.id, &account));
    engine_read_end(bank.engine, conn);
    return account;
}

/* Five years and a day later, erased. */
static inline void let_time_erase(const struct leaver *l)
{
    struct retention_count count = {.persons = 0};
    clock_manual_advance(&bank.clock, (10 * 366) * DAY_US);
    assert_ok(retention_run(&house, id_bucket(l->person.id.value), &count));
    assert_int_equal(1, count.persons);
}

#endif
