#include "account/card.h"

#include "account/account.h"
#include "account/account_store.h"
#include "account/card_store.h"
#include "account/message_rows.h"
#include "base/check.h"
#include "customer/customer.h"
#include "db/directory.h"

#include <string.h>

static struct directory_name pan_name(const uint8_t *pan_hash)
{
    return (struct directory_name){
        .kind = DIRECTORY_CARD, .hash = pan_hash, .hash_size = VAULT_HASH_SIZE};
}

enum err card_binding_begin(struct uow *uow, const struct catalogue *catalogue,
                            const struct vault *vault, const struct card_binding_request *request,
                            struct card_binding *out)
{
    struct card_secret secret;
    size_t size = strlen(request->pan);
    CHECK(size >= 12 && size < CARD_PAN_SIZE);
    memcpy(secret.pan, request->pan, size + 1);
    vault_lookup_hash(vault, "card", secret.pan, secret.pan_hash);
    struct card_facts facts;
    const struct catalogue_edition *edition = catalogue_on(catalogue, limit_day(uow));
    enum err err = card_facts_load(uow, request->customer, secret.pan_hash, &facts);
    facts.face_checked = card_face_is_fresh(
        request->face_until, account_figure(edition, PARAMETER_FACE_CARD_MINUTES), uow->now_us);
    if (err == ERR_OK) {
        err = card_decide_binding(edition, request->kind, &facts);
    }
    if (err == ERR_OK) {
        struct card_binding binding = {.id = uow_id(uow, id_bucket(request->customer.value)),
                                       .customer = request->customer,
                                       .state = BINDING_ASKED,
                                       .kind = request->kind,
                                       .created_at = uow->now_us,
                                       .expires_at = uow->now_us + CARD_BINDING_LIFE_US,
                                       .tries_left = CARD_CODE_TRIES,
                                       .first = !facts.has_account,
                                       .face_checked = facts.face_checked};
        card_mask_pan(secret.pan, binding.masked_pan);
        err = card_binding_store(uow, vault, &binding, &secret);
        if (err == ERR_OK) {
            *out = binding;
        }
    }
    vault_wipe(&secret, sizeof secret);
    return err;
}

/* What the clearing house's answer makes of a binding that was asked. */
static enum err decide_signing(const struct card_answer *answer, struct card_binding *binding)
{
    if (answer->kind == CARD_ANSWER_UNAVAILABLE) {
        return ERR_UNAVAILABLE;
    }
    if (answer->kind == CARD_ANSWER_REFUSED) {
        binding->state = BINDING_ENDED;
        return ERR_CARD_REFUSED;
    }
    binding->issuer = answer->issuer;
    binding->kind = answer->card_kind;
    if (answer->masked_pan[0] != '\0') {
        memcpy(binding->masked_pan, answer->masked_pan, sizeof binding->masked_pan);
    }
    if (answer->expires_at > 0) {
        binding->expires_at = answer->expires_at;
    }
    if (answer->card_kind != CARD_DEBIT) {
        binding->state = BINDING_ENDED;
        return ERR_CARD_KIND_REFUSED;
    }
    binding->state = BINDING_SIGNED;
    return ERR_OK;
}

enum err card_binding_signed(struct uow *uow, struct customer_id customer, int64_t binding_id,
                             const struct card_answer *answer, struct card_binding *out,
                             enum err *out_refusal)
{
    struct card_binding binding;
    enum err err = card_binding_lock(uow, NULL, customer, binding_id, &binding, NULL);
    if (err != ERR_OK) {
        return err;
    }
    enum err refusal = ERR_OK;
    if (binding.state == BINDING_ASKED) {
        refusal = decide_signing(answer, &binding);
        err = card_binding_update(uow, &binding);
    } else if (binding.state == BINDING_ENDED) {
        refusal = ERR_CARD_REFUSED;
    }
    if (err == ERR_OK) {
        *out = binding;
        *out_refusal = refusal;
    }
    return err;
}

/* --- bind ------------------------------------------------------------------------------------- */

static enum err news(struct uow *uow, struct customer_id customer, const struct message_row *kind,
                     const char *card, const char *account)
{
    struct message_params params = {.card = card, .account = account};
    return message_add(uow, customer, kind, &params, 0);
}

/* The deposit account of the person, opened if there is none. */
static enum err bind_account(struct uow *uow, const struct catalogue *catalogue,
                             struct customer_id customer, struct card_bound *out)
{
    enum err err = account_receiving(uow->conn, customer, out->account);
    bool is_deposit = err == ERR_OK && out->account->class != ACCOUNT_CLASS_PAYMENT;
    if (is_deposit || (err != ERR_OK && err != ERR_NOT_FOUND)) {
        return err;
    }
    err = account_open(uow, catalogue, customer, ACCOUNT_CLASS_II, out->account);
    if (err != ERR_OK) {
        return err;
    }
    out->opened = true;
    char masked[ACCOUNT_NUMBER_SIZE];
    account_mask_number(out->account->number, masked);
    return news(uow, customer, &MESSAGE_ACCOUNT_OPENED, NULL, masked);
}

static enum err bind_card(struct uow *uow, const struct catalogue *catalogue,
                          const struct vault *vault, struct card_binding *binding,
                          const struct card_secret *secret, const struct card_answer *answer,
                          struct card_bound *out)
{
    const struct catalogue_edition *edition = catalogue_on(catalogue, limit_day(uow));
    struct card_facts facts;
    enum err err = account_person_lock(uow, binding->customer);
    err = err ? err : card_facts_load(uow, binding->customer, secret->pan_hash, &facts);
    facts.face_checked = binding->face_checked;
    err = err ? err : card_decide_binding(edition, binding->kind, &facts);
    if (err != ERR_OK) {
        return err;
    }
    struct card card = {.id = {uow_id(uow, id_bucket(binding->customer.value))},
                        .customer = binding->customer,
                        .issuer = binding->issuer,
                        .account_class = ACCOUNT_CLASS_I,
                        .kind = binding->kind,
                        .state = CARD_BOUND,
                        .payment_max_minor =
                            account_figure(edition, PARAMETER_QUICK_PAY_PAYMENT_MAX),
                        .day_max_minor = account_figure(edition, PARAMETER_QUICK_PAY_DAY_MAX),
                        .bound_at = uow->now_us};
    memcpy(card.masked_pan, binding->masked_pan, sizeof card.masked_pan);
    memcpy(card.agreement, answer->agreement, sizeof card.agreement);
    struct directory_name name = pan_name(secret->pan_hash);
    int64_t owner = 0;
    err = directory_claim(uow->conn, &name, card.id.value, &owner);
    if (err != ERR_OK) {
        return err == ERR_EXISTS ? ERR_CARD_TAKEN : err;
    }
    binding->state = BINDING_DONE;
    binding->card = card.id;
    if ((err = card_store(uow, vault, &card, secret)) != ERR_OK ||
        (err = card_binding_update(uow, binding)) != ERR_OK ||
        (err = news(uow, card.customer, &MESSAGE_CARD_BOUND, card.masked_pan, NULL)) != ERR_OK ||
        (err = customer_add_channel(uow, card.customer, CHANNEL_ISSUER, card.issuer.code)) !=
            ERR_OK) {
        return err;
    }
    out->card = card;
    return bind_account(uow, catalogue, binding->customer, out);
}

/* Done before: the same answer again. */
static enum err bound_before(struct uow *uow, const struct card_binding *binding,
                             struct card_bound *out)
{
    enum err err = card_load(uow->conn, binding->card, &out->card);
    return err != ERR_OK ? err : account_receiving(uow->conn, binding->customer, out->account);
}

/* Keeps a refusal; wrong codes leave the binding open. */
static enum err keep_refusal(struct uow *uow, struct card_binding *binding, enum err refusal)
{
    if (refusal == ERR_UNAVAILABLE) {
        return ERR_OK;
    }
    if (refusal != ERR_CODE_WRONG) {
        binding->state = BINDING_ENDED;
    }
    return card_binding_update(uow, binding);
}

enum err card_bind(struct uow *uow, const struct catalogue *catalogue, const struct vault *vault,
                   struct customer_id customer, int64_t binding_id,
                   const struct card_answer *answer, struct card_bound *out)
{
    struct account *account = out->account;
    *out = (struct card_bound){.account = account, .tries_left = -1};
    struct card_binding binding;
    struct card_secret secret;
    enum err err = card_binding_lock(uow, vault, customer, binding_id, &binding, &secret);
    if (err != ERR_OK) {
        return err;
    }
    if (binding.state == BINDING_DONE) {
        err = bound_before(uow, &binding, out);
    } else if (binding.state == BINDING_ENDED) {
        out->refusal = ERR_CODE_EXPIRED;
    } else if (binding.state == BINDING_ASKED) {
        err = ERR_NOT_FOUND;
    } else {
        out->refusal = card_decide_confirmation(answer, binding.tries_left, &binding.tries_left);
        out->tries_left = binding.tries_left;
        memcpy(out->card.agreement, answer->agreement, sizeof out->card.agreement);
        err = out->refusal == ERR_OK
                  ? bind_card(uow, catalogue, vault, &binding, &secret, answer, out)
                  : keep_refusal(uow, &binding, out->refusal);
    }
    vault_wipe(&secret, sizeof secret);
    return err;
}

enum err card_unbind(struct uow *uow, struct customer_id customer, struct card_id id,
                     struct card *out)
{
    struct card cards[CARD_PER_PERSON_MAX];
    size_t count = 0, bound_count = 0;
    const struct card *card = NULL;
    enum err err = account_person_lock(uow, customer);
    if (err == ERR_OK) {
        err = card_list(uow->conn, customer, cards, CARD_PER_PERSON_MAX, &count);
    }
    for (size_t i = 0; err == ERR_OK && i < count; i++) {
        bool bound = cards[i].state == CARD_BOUND;
        bound_count += bound;
        if (bound && cards[i].id.value == id.value) {
            card = &cards[i];
        }
    }
    if (err != ERR_OK || card == NULL) {
        return err != ERR_OK ? err : ERR_NOT_FOUND;
    }
    bool money = false;
    if (bound_count == 1 && (err = account_has_money(uow, customer, &money)) != ERR_OK) {
        return err;
    }
    if (money) {
        return ERR_LAST_CARD;
    }
    uint8_t pan_hash[VAULT_HASH_SIZE];
    if ((err = card_hash_load(uow->conn, id, pan_hash)) != ERR_OK ||
        (err = card_store_unbound(uow, id)) != ERR_OK) {
        return err;
    }
    struct directory_name name = pan_name(pan_hash);
    if ((err = directory_release(uow->conn, &name, id.value)) != ERR_OK ||
        (err = news(uow, customer, &MESSAGE_CARD_UNBOUND, card->masked_pan, NULL)) != ERR_OK) {
        return err;
    }
    *out = *card;
    out->state = CARD_UNBOUND;
    out->unbound_at = uow->now_us;
    return ERR_OK;
}
