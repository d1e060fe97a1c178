/*
 * Payments for tests: a small bank (bank_fixture.h) and transfers in it. Include once per program.
 */
#ifndef TESTS_UNIT_PAYMENT_FIXTURE_H
#define TESTS_UNIT_PAYMENT_FIXTURE_H

#include "bank_fixture.h"

#include "db/db_fault.h"
#include "payment/payment.h"
#include "sys/thread.h"

static struct bank bank;

/* --- transfers -------------------------------------------------------------------------------------- */

struct transfer {
    struct transfer_order order;
    struct transfer_result result;
};

static inline enum err transfer_work(struct uow *uow, void *context)
{
    struct transfer *t = context;
    return transfer_post(uow, bank.catalogue, &t->order, &t->result);
}

static inline struct transfer transfer_of(const struct account *from, const struct account *to,
                                          int64_t amount_minor)
{
    struct transfer t = {.order = {.customer = from->customer,
                                   .debtor_account = from->id,
                                   .creditor_customer = to->customer,
                                   .creditor_account = to->id,
                                   .amount_minor = amount_minor,
                                   .ccy = CCY_CNY,
                                   .stepped_up = true,
                                   .proof = {PAYMENT_BY_SESSION, 1, FACTOR_PASSCODE},
                                   .own = from->customer.value == to->customer.value}};
    snprintf(t.order.debtor_name, sizeof t.order.debtor_name, "Ada Payer");
    snprintf(t.order.creditor_name, sizeof t.order.creditor_name, "Ben Payee");
    snprintf(t.order.text, sizeof t.order.text, "lunch 午饭");
    return t;
}

static inline enum err pay(const struct account *from, const struct account *to,
                           int64_t amount_minor)
{
    struct transfer t = transfer_of(from, to, amount_minor);
    return engine_run(bank.engine, transfer_work, &t);
}

static inline struct payment loaded(struct payment_id id)
{
    struct db_conn *conn;
    struct payment p;
    assert_ok(engine_read_begin(bank.engine, &conn));
    assert_ok(payment_load(conn, id, &p));
    engine_read_end(bank.engine, conn);
    return p;
}

static inline enum err close_work(struct uow *uow, void *context)
{
    return account_close(uow, *(struct account_id *)context);
}

/* --- people with a bound card ------------------------------------------------------------------------ */

/* A clearing house with scripted answers. */
struct fake_channel {
    struct channel channel;
    enum payment_event instruct_event;
    enum payment_event query_event;
    bool is_other; /* queries are answered about another instruction */
    int instructs;
    int queries;
};

static inline void fake_instruct(struct channel *channel,
                                 const struct channel_instruction *instruction,
                                 struct channel_answer *out)
{
    struct fake_channel *fake = (struct fake_channel *)channel;
    fake->instructs++;
    assert_true(instruction->id.value > 0);
    assert_string_equal("7000000000000017", instruction->agreement);
    *out = (struct channel_answer){.event = fake->instruct_event, .reason = "AM04"};
}

static inline void fake_query(struct channel *channel,
                              const struct channel_instruction *instruction,
                              struct channel_answer *out)
{
    struct fake_channel *fake = (struct fake_channel *)channel;
    fake->queries++;
    assert_true(instruction->id.value > 0);
    assert_string_equal("7000000000000017", instruction->agreement);
    *out = (struct channel_answer){
        .event = fake->query_event, .reason = "AM04", .is_other = fake->is_other};
}

static inline struct fake_channel fake_of(enum payment_event instruct_event,
                                          enum payment_event query_event)
{
    return (struct fake_channel){.channel = {.instruct = fake_instruct, .query = fake_query},
                                 .instruct_event = instruct_event,
                                 .query_event = query_event};
}

struct owner {
    struct account account;
    struct card card;
};

struct binding {
    struct owner *owner;
    const char *pan;
    int64_t id;
    struct card_answer answer;
};

static inline enum err bind_begin_work(struct uow *uow, void *context)
{
    struct binding *b = context;
    struct card_binding binding;
    struct card_binding_request request = {
        .customer = b->owner->account.customer, .pan = b->pan, .kind = CARD_DEBIT};
    enum err err = card_binding_begin(uow, bank.catalogue, bank.vault, &request, &binding);
    b->id = binding.id;
    return err;
}

static inline enum err bind_signed_work(struct uow *uow, void *context)
{
    struct binding *b = context;
    struct card_binding binding;
    enum err refusal;
    return card_binding_signed(uow, b->owner->account.customer, b->id, &b->answer, &binding,
                               &refusal);
}

static inline enum err bind_work(struct uow *uow, void *context)
{
    struct binding *b = context;
    struct card_bound bound = {.account = &b->owner->account};
    enum err err = card_bind(uow, bank.catalogue, bank.vault, b->owner->account.customer, b->id,
                             &b->answer, &bound);
    b->owner->card = bound.card;
    return err;
}

/* Binds a card for its owner. */
static inline void bind_number(struct owner *owner, const char *pan)
{
    struct binding b = {.owner = owner, .pan = pan};
    assert_ok(engine_run(bank.engine, bind_begin_work, &b));
    b.answer = (struct card_answer){.kind = CARD_ANSWER_OK,
                                    .issuer = {"SAB", "Sandbox Agricultural Bank", "沙盒农业银行"},
                                    .card_kind = CARD_DEBIT};
    assert_ok(engine_run(bank.engine, bind_signed_work, &b));
    snprintf(b.answer.agreement, sizeof b.answer.agreement, "7000000000000017");
    snprintf(b.answer.account_class, sizeof b.answer.account_class, "I");
    assert_ok(engine_run(bank.engine, bind_work, &b));
}

static inline enum err unbind_work(struct uow *uow, void *context)
{
    struct owner *owner = context;
    struct card unbound;
    return card_unbind(uow, owner->account.customer, owner->card.id, &unbound);
}

/* A person with a card, the account opened by it, and a balance. */
static inline struct owner owner_of(int person, int64_t amount_minor)
{
    struct owner owner = {.account = {.customer = bank_person(person)}};
    char pan[CARD_PAN_SIZE];
    snprintf(pan, sizeof pan, "622848%013d", person);
    bind_number(&owner, pan);
    if (amount_minor > 0) {
        struct account rich = bank_account(&bank, person, ACCOUNT_CLASS_I, amount_minor);
        assert_ok(pay(&rich, &owner.account, amount_minor));
    }
    return owner;
}

#endif
