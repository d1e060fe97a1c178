/*
 * Inside of the room: rows of cards and bindings.
 */
#ifndef ACCOUNT_CARD_STORE_H
#define ACCOUNT_CARD_STORE_H

#include "account/card.h"

/* A card number in clear for as long as a binding needs it; wiped by its owner. */
struct card_secret {
    char pan[CARD_PAN_SIZE];
    uint8_t pan_hash[VAULT_HASH_SIZE];
};

enum err card_store(struct uow *uow, const struct vault *vault, const struct card *card,
                    const struct card_secret *secret);
enum err card_load(struct db_conn *conn, struct card_id id, struct card *out);
enum err card_store_unbound(struct uow *uow, struct card_id id);
enum err card_hash_load(struct db_conn *conn, struct card_id id, uint8_t out[VAULT_HASH_SIZE]);
/* What card_decide_binding wants to know. */
enum err card_facts_load(struct uow *uow, struct customer_id customer,
                         const uint8_t pan_hash[VAULT_HASH_SIZE], struct card_facts *out);

enum err card_binding_store(struct uow *uow, const struct vault *vault,
                            const struct card_binding *binding, const struct card_secret *secret);
/* Holds the row against others until the transaction ends; the secret if wanted. */
enum err card_binding_lock(struct uow *uow, const struct vault *vault, struct customer_id customer,
                           int64_t binding_id, struct card_binding *out,
                           struct card_secret *out_secret);
enum err card_binding_update(struct uow *uow, const struct card_binding *binding);

/* Pure: what a confirmation's answer means; ERR_OK: bind. */
enum err card_decide_confirmation(const struct card_answer *answer, int32_t tries_left,
                                  int32_t *out_tries_left);

#endif
