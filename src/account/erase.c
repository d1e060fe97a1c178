#include "account/erase.h"

#include "account/account_store.h"
#include "db/outbox.h"

#include <stdio.h>

DB_STMT(account_erase_cards,
        "UPDATE account_cards SET masked_pan = '', pan = $1, pan_hash = $2, agreement_number = '' "
        "WHERE bucket = $3 AND customer_id = $4 AND state = 2");
DB_STMT(account_erase_bindings,
        "DELETE FROM account_card_bindings WHERE bucket = $1 AND customer_id = $2");
DB_STMT(account_erase_reminders,
        "DELETE FROM account_reminders WHERE bucket = $1 AND customer_id = $2");
DB_STMT(account_sweep_bindings,
        "DELETE FROM account_card_bindings WHERE bucket = $1 AND id IN (SELECT id FROM "
        "account_card_bindings WHERE bucket = $1 AND created_at < $2 ORDER BY id LIMIT $3)");

enum err account_list_hold(struct uow *uow, struct customer_id customer, struct account *out,
                           size_t max, size_t *out_count)
{
    enum err err = account_person_lock(uow, customer);
    return err ? err : account_list(uow->conn, customer, out, max, out_count);
}

enum err account_erase(struct uow *uow, struct customer_id customer)
{
    static const uint8_t nobody[VAULT_HASH_SIZE] = {0};
    int bucket = id_bucket(customer.value);
    enum err err = db_defer(uow->conn, &account_erase_cards,
                            DB_ARGS(db_blob("", 0), db_blob(nobody, sizeof nobody), db_int(bucket),
                                    db_int(customer.value)),
                            -1);
    err = err ? err
              : db_defer(uow->conn, &account_erase_bindings,
                         DB_ARGS(db_int(bucket), db_int(customer.value)), -1);
    return err ? err
               : db_defer(uow->conn, &account_erase_reminders,
                          DB_ARGS(db_int(bucket), db_int(customer.value)), -1);
}

enum err card_bindings_sweep(struct uow *uow, int bucket, int64_t before_us, int limit,
                             int64_t *out_count)
{
    return db_exec(uow->conn, &account_sweep_bindings,
                   DB_ARGS(db_int(bucket), db_int(before_us), db_int(limit)), out_count);
}

/* The outbox notifies the issuers and retries until delivered. */
enum err card_unbind_all(struct uow *uow, struct customer_id customer)
{
    struct card cards[CARD_PER_PERSON_MAX];
    size_t count = 0;
    enum err err = card_list(uow->conn, customer, cards, CARD_PER_PERSON_MAX, &count);
    for (size_t i = 0; err == ERR_OK && i < count; i++) {
        struct card card;
        char body[CARD_AGREEMENT_SIZE + 32];
        if (cards[i].state != CARD_BOUND) {
            continue;
        }
        err = card_unbind(uow, customer, cards[i].id, &card);
        snprintf(body, sizeof body, "{\"agreement\":\"%s\"}", cards[i].agreement);
        struct outbox_message message = {.id = uow_id(uow, id_bucket(customer.value)),
                                         .topic = CARD_TOPIC_UNSIGN,
                                         .ref_id = cards[i].id.value,
                                         .body = body,
                                         .created_at = uow->now_us};
        err = err ? err : outbox_put(uow->conn, &message);
    }
    return err;
}
