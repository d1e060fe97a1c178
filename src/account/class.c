#include "account/class.h"

#include "account/account_store.h"
#include "account/message_rows.h"
#include "base/check.h"

DB_STMT(account_class_store,
        "UPDATE account_accounts SET class = $1, product = $2, version = version + 1 "
        "WHERE bucket = $3 AND id = $4 AND class = $5");

struct change {
    struct account account;
    struct account_class_facts facts;
    struct account surplus; /* id 0: none */
};

static enum err facts_of_person(const struct customer_room *room, struct db_conn *conn,
                                struct customer_id id, struct account_class_facts *facts)
{
    struct customer customer;
    struct identity_channel channels[CHANNELS_MAX];
    struct card cards[CARD_PER_PERSON_MAX];
    size_t channel_count = 0, card_count = 0;
    enum err err = customer_load(room, conn, id, &customer);
    err = err ? err : customer_channels(conn, id, channels, &channel_count);
    err = err ? err : card_list(conn, id, cards, CARD_PER_PERSON_MAX, &card_count);
    if (err != ERR_OK) {
        return err;
    }
    facts->is_verified = customer.layers.verified_at != 0;
    for (size_t i = 0; i < channel_count; i++) {
        facts->was_seen |= channels[i].kind == CHANNEL_COUNTER;
    }
    for (size_t i = 0; i < card_count; i++) {
        facts->has_card |=
            cards[i].state == CARD_BOUND && cards[i].account_class == ACCOUNT_CLASS_I;
    }
    return ERR_OK;
}

/* All facts but the balance. */
static enum err change_load(const struct customer_room *room, struct db_conn *conn,
                            struct account_id id, struct change *out)
{
    struct account accounts[ACCOUNT_PER_PERSON_MAX];
    size_t count = 0;
    *out = (struct change){.surplus = {.id = {0}}};
    enum err err = account_load(conn, id, &out->account);
    if (err == ERR_OK && out->account.product == PRODUCT_CORPORATE) {
        return ERR_CLASS_CHANGE;
    }
    err = err ? err
              : account_list(conn, out->account.customer, accounts, ACCOUNT_PER_PERSON_MAX, &count);
    err = err ? err : facts_of_person(room, conn, out->account.customer, &out->facts);
    for (size_t i = 0; err == ERR_OK && i < count; i++) {
        if (accounts[i].id.value == id.value || accounts[i].state == ACCOUNT_CLOSED) {
            continue;
        }
        out->facts.held[accounts[i].class]++;
        if (accounts[i].class == ACCOUNT_CLASS_I) {
            out->surplus = accounts[i];
        }
    }
    out->facts.state = out->account.state;
    out->facts.from = out->account.class;
    return err;
}

static void set_balance(const struct ledger_account *ledger, struct change *change)
{
    change->facts.balance_minor = ledger_balance(ledger) + ledger->credits_pending;
}

static void set_views(const struct change *change, enum account_class to,
                      struct account_class_view *out_before, struct account_class_view *out_after)
{
    bool swaps = to == ACCOUNT_CLASS_I && change->surplus.id.value != 0;
    *out_before = (struct account_class_view){.class = change->account.class,
                                              .surplus_class = ACCOUNT_CLASS_I};
    *out_after = (struct account_class_view){.class = to, .surplus_class = ACCOUNT_CLASS_II};
    if (swaps) {
        out_before->surplus = change->surplus.id;
        out_after->surplus = change->surplus.id;
    }
}

enum err account_class_look(const struct customer_room *room, struct ledger *ledger,
                            struct db_conn *conn, const struct catalogue *catalogue,
                            struct date day, const struct account_class_order *order,
                            struct account_class_view *out_before,
                            struct account_class_view *out_after)
{
    struct change change;
    struct ledger_account state;
    enum err err = change_load(room, conn, order->account, &change);
    err = err ? err : ledger_account_load(ledger, conn, order->account, &state);
    if (err != ERR_OK) {
        return err;
    }
    set_balance(&state, &change);
    err = account_class_decide(catalogue_on(catalogue, day), &change.facts, order->class);
    if (err == ERR_OK) {
        set_views(&change, order->class, out_before, out_after);
    }
    return err;
}

static enum err store(struct uow *uow, const struct catalogue *catalogue,
                      const struct account *account, enum account_class to)
{
    const struct catalogue_product *product = catalogue_product_of(catalogue, to);
    CHECK(product != NULL);
    char masked[ACCOUNT_NUMBER_SIZE];
    account_mask_number(account->number, masked);
    struct message_params params = {.account = masked, .name = account_class_name(to)};
    enum err err =
        db_defer(uow->conn, &account_class_store,
                 DB_ARGS(db_int(to), db_int(product->id), db_int(id_bucket(account->id.value)),
                         db_int(account->id.value), db_int(account->class)),
                 1);
    err = err ? err : account_note_change(uow, account->id);
    return err ? err : message_add(uow, account->customer, &MESSAGE_ACCOUNT_CLASS, &params, 0);
}

enum err account_class_change(const struct customer_room *room, struct uow *uow,
                              const struct catalogue *catalogue,
                              const struct account_class_order *order,
                              struct account_class_view *out_before,
                              struct account_class_view *out_after)
{
    struct change change;
    struct ledger_account state;
    struct account account;
    enum err err = account_load(uow->conn, order->account, &account);
    err = err ? err : account_person_lock(uow, account.customer);
    err = err ? err : account_lock(uow, order->account, &account);
    err = err ? err : change_load(room, uow->conn, order->account, &change);
    err = err ? err : ledger_account_read(uow->ledger, order->account, &state);
    if (err != ERR_OK) {
        return err;
    }
    set_balance(&state, &change);
    const struct catalogue_edition *edition = catalogue_on(catalogue, limit_day(uow));
    err = account_class_decide(edition, &change.facts, order->class);
    if (err != ERR_OK) {
        return err;
    }
    set_views(&change, order->class, out_before, out_after);
    if (out_after->surplus.value != 0) {
        err = store(uow, catalogue, &change.surplus, ACCOUNT_CLASS_II);
    }
    return err ? err : store(uow, catalogue, &change.account, order->class);
}
