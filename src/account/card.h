/*
 * Bound cards: debit cards of other banks, of the customer's own name, that money may come from and
 * go to without the limits of non-bound flow. A binding is signed with the issuer through the
 * clearing house and confirmed with the issuer's own code.
 *
 * Order of a binding (API):
 *   card_binding_begin   in a transaction   asks nothing outside, mints the signing id
 *   card_channel sign    outside of one     the issuer sends a code to the reserved phone
 *   card_binding_signed  in a transaction   keeps the issuer's answer
 *   card_channel confirm outside of one     with the code; may be repeated
 *   card_bind            in a transaction   the card, and the first time the Class II account
 * A crash between any two leaves a binding that expires; nothing outside has moved.
 */
#ifndef ACCOUNT_CARD_H
#define ACCOUNT_CARD_H

#include "account/limit.h"
#include "account/parameters.h"
#include "base/bins.h"
#include "base/id.h"
#include "engine/engine.h"
#include "sys/partner.h"
#include "sys/vault.h"

#define CARD_PAN_SIZE         20 /* 19 digits and a NUL */
#define CARD_ISSUER_SIZE      16
#define CARD_ISSUER_NAME_SIZE 121
#define CARD_AGREEMENT_SIZE   33
#define CARD_CODE_SIZE        48
#define CARD_CODE_TRIES       5
#define CARD_BINDING_LIFE_US  INT64_C(300000000) /* of the issuer's code */
#define CARD_PER_PERSON_MAX   32 /* in lists: all that are bound, then the newest unbound ones */

/* enum card_kind (debit, credit): base/bins.h */
enum card_state { CARD_BOUND = 1, CARD_UNBOUND = 2 };
const char *card_kind_name(enum card_kind kind);    /* "debit" */
const char *card_state_name(enum card_state state); /* "bound" */

struct card_issuer {
    char code[CARD_ISSUER_SIZE]; /* "SAB" */
    char name_en[CARD_ISSUER_NAME_SIZE];
    char name_zh[CARD_ISSUER_NAME_SIZE];
};

struct card {
    struct card_id id;
    struct customer_id customer;
    struct card_issuer issuer;
    char masked_pan[CARD_PAN_SIZE];
    char agreement[CARD_AGREEMENT_SIZE]; /* number of the agreement at the issuer */
    enum account_class account_class;    /* of the account behind the card, from the issuer */
    enum card_kind kind;
    enum card_state state;
    int64_t payment_max_minor; /* of the agreement, by one quick payment */
    int64_t day_max_minor;
    int64_t bound_at;
    int64_t unbound_at; /* 0: bound */
};

/* ERR_NOT_FOUND, also if it is another customer's. */
enum err card_load_own(struct db_conn *conn, struct customer_id customer, struct card_id id,
                       struct card *out);
/* read: adds what the same number used on that day as a card that was unbound: each binding makes a
 * card of its own. */
enum err card_usage_add_former(struct db_conn *conn, struct card_id id, struct date day,
                               struct limit_usage *usage);
/* Newest first, at most `max`. */
enum err card_list(struct db_conn *conn, struct customer_id customer, struct card *out, size_t max,
                   size_t *out_count);

/* --- Binding ------------------------------------------------------------------------------------
 */

/*                signed          bind
 *   ASKED ───────────► SIGNED ─────────► DONE
 *     └── refused ──► ENDED ◄── expired, code exhausted ── SIGNED */
enum card_binding_state {
    BINDING_ASKED = 1,
    BINDING_SIGNED = 2,
    BINDING_DONE = 3,
    BINDING_ENDED = 4
};

struct card_binding {
    int64_t id; /* also the signing id at the clearing house */
    struct customer_id customer;
    enum card_binding_state state;
    struct card_issuer issuer; /* from SIGNED on */
    char masked_pan[CARD_PAN_SIZE];
    enum card_kind kind;
    int64_t created_at;
    int64_t expires_at;
    int32_t tries_left;
    struct card_id card; /* in DONE */
    bool first;          /* opens the account */
    bool face_checked;   /* when it was begun */
};

struct card_binding_request {
    struct customer_id customer;
    const char *pan;     /* digits, as identifier_parse_card_number gave them */
    enum card_kind kind; /* by the table of BINs; CARD_CREDIT is refused */
    int64_t face_until;  /* of the session: a face check passed (principal.face_until); 0: none */
};
/* ERR_CARD_KIND_REFUSED, ERR_CARD_BOUND (bound by this customer already), ERR_CARD_TAKEN (by
 * another), ERR_FACE_CHECK_REQUIRED (the person has an account, this card is not one bound before,
 * and no face check of the last face.cardCheckMinutes), ERR_CARD_COUNT. The caller has asked
 * customer_may_open_account. */
enum err card_binding_begin(struct uow *uow, const struct catalogue *catalogue,
                            const struct vault *vault, const struct card_binding_request *request,
                            struct card_binding *out);

/* The clearing house's answer to a signing or a confirmation. */
enum card_answer_kind {
    CARD_ANSWER_OK = 1,
    CARD_ANSWER_REFUSED,    /* see `code` */
    CARD_ANSWER_UNAVAILABLE /* no answer: nothing is known, may be repeated */
};
struct card_answer {
    enum card_answer_kind kind;
    char code[CARD_CODE_SIZE]; /* "nameMismatch", "codeWrong", … */
    int32_t tries_left;        /* with codeWrong, else -1 */
    struct card_issuer issuer; /* of a signing */
    char masked_pan[CARD_PAN_SIZE];
    enum card_kind card_kind;
    int64_t expires_at;
    char agreement[CARD_AGREEMENT_SIZE]; /* of a confirmation */
    char account_class[8];               /* "I", "II", "credit" */
};
/* What a signing needs; personal data, wiped by the caller. */
struct card_signing {
    int64_t binding_id;
    const char *pan;
    const char *name;
    const char *id_number;
    const char *reserved_phone;
};
#define CARD_LANE_CLEARING "clearing" /* of calls to the clearing house */
/* Outbox row for each card that its issuer must hear of; ref_id is the card, the body {"agreement"}. */
#define CARD_TOPIC_UNSIGN "card.unsign"
/* The clearing house as this room needs it; card_channel_init gives the one over HTTP. Blocks:
 * never inside a transaction. Any thread. */
struct card_channel {
    void (*sign)(struct card_channel *channel, const struct card_signing *signing,
                 struct card_answer *out);
    void (*confirm)(struct card_channel *channel, int64_t binding_id, const char *code,
                    struct card_answer *out);
    void (*unsign)(struct card_channel *channel, const char *agreement, struct card_answer *out);
};
struct card_partner_channel {
    struct card_channel channel;
    const struct partner *partner; /* base path /clearing/v1 is added here */
};
void card_channel_init(struct card_partner_channel *out, const struct partner *partner);
/* The clearing house of an open house (frame/room.h). */
struct house;
struct card_channel *card_channel_of(const struct house *house);

/* Keeps the answer to a signing. A refusal ends the binding and is remembered: the call gives
 * ERR_OK, and *out_refusal is ERR_CARD_REFUSED, ERR_CARD_KIND_REFUSED or ERR_UNAVAILABLE (ERR_OK:
 * signed). ERR_NOT_FOUND. card_refusal_text gives the reason in words. */
enum err card_binding_signed(struct uow *uow, struct customer_id customer, int64_t binding_id,
                             const struct card_answer *answer, struct card_binding *out,
                             enum err *out_refusal);
/* A sentence for the customer to a code of the clearing house. */
const char *card_refusal_text(const char *code, enum lang lang);
/* ERR_NOT_FOUND, also if it is another customer's. */
enum err card_binding_load(struct db_conn *conn, struct customer_id customer, int64_t binding_id,
                           struct card_binding *out);

struct account; /* account/account.h */
struct card_bound {
    enum err refusal; /* remembered: ERR_CODE_WRONG, ERR_CODE_EXHAUSTED, ERR_CODE_EXPIRED,
                         ERR_CARD_CLASS_REFUSED, ERR_CARD_REFUSED, ERR_UNAVAILABLE; ERR_OK: bound */
    int32_t tries_left;
    struct card card;
    struct account *account; /* of the caller; filled */
    bool opened;             /* the account was opened by this */
};
/* Keeps the answer to a confirmation. A card bound makes its issuer one of the parties that confirmed
 * the identity (customer_add_channel). A binding that is done already gives the same card and
 * account again. Does not call customer_activate: the caller does if out->opened. ERR_NOT_FOUND,
 * ERR_CARD_BOUND, ERR_CARD_TAKEN (bound meanwhile), ERR_ACCOUNT_COUNT. */
enum err card_bind(struct uow *uow, const struct catalogue *catalogue, const struct vault *vault,
                   struct customer_id customer, int64_t binding_id,
                   const struct card_answer *answer, struct card_bound *out);

/* Ends the binding; the caller informs the issuer afterwards (channel->unsign with out->agreement).
 * ERR_NOT_FOUND, ERR_LAST_CARD while an account of the customer has money or a hold. */
enum err card_unbind(struct uow *uow, struct customer_id customer, struct card_id id,
                     struct card *out);

/* --- Pure rules (card_rules.c) -------------------------------------------------------------------
 */

struct card_facts {
    bool has_account;     /* the person has, or had, an account */
    bool known;           /* this very card was bound by this person before */
    bool bound_here;      /* … and is bound now */
    bool bound_elsewhere; /* another customer has it bound */
    bool face_checked;    /* in the last minutes before the binding was begun */
    int32_t bound_count;  /* cards bound now */
};
/* Order of refusals: kind, bound, taken, face check, count. */
enum err card_decide_binding(const struct catalogue_edition *edition, enum card_kind kind,
                             const struct card_facts *facts);
/* Pure: did a face check that counts until `face_until` pass in the last `minutes`? */
bool card_face_is_fresh(int64_t face_until, int64_t minutes, int64_t now_us);
/* "622848*********0018": first six and last four. */
void card_mask_pan(const char *pan, char out[CARD_PAN_SIZE]);

#endif
