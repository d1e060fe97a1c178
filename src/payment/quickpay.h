/*
 * Quick pay: money from a bound card (top-up) and to it (withdrawal) through the clearing house,
 * whose answer may be late, lost or doubled.
 *
 *   begin    in a transaction: payment PDNG, limits reserved (top-up) or money held (withdrawal),
 *            outbox row "channel.debit" / "channel.credit", due in 30 s: the job takes over only
 *            where the request's own attempt died
 *   attempt  outside of one: the signed call, instruction id = payment id, idempotent over there
 *   apply    in a transaction: what the channel said -> next state, journal, release (life cycle:
 *            payment_rules.h); any order and number of answers gives one end
 *   query    as attempt, for a payment that is still PDNG; an instruction unknown to the clearing
 *            house is void there for ever, so "unknown" is a final no
 */
#ifndef PAYMENT_QUICKPAY_H
#define PAYMENT_QUICKPAY_H

#include "payment/payment.h"
#include "payment/payment_rules.h"
#include "sys/partner.h"

#define QUICKPAY_TOPIC_DEBIT    "channel.debit"
#define QUICKPAY_TOPIC_CREDIT   "channel.credit"
#define QUICKPAY_TAKEOVER_US    INT64_C(30000000) /* the job's first attempt after begin */
#define QUICKPAY_FIRST_QUERY_US INT64_C(60000000) /* after begin, where nobody said anything */
#define CHANNEL_REFERENCE_SIZE  40

/* What goes out. */
struct channel_instruction {
    enum payment_kind kind; /* PAYMENT_TOP_UP: debit of the card; PAYMENT_WITHDRAWAL: credit */
    struct payment_id id;
    char agreement[CARD_AGREEMENT_SIZE];
    struct money amount;
};
/* What came back. */
struct channel_answer {
    enum payment_event event;         /* PAYMENT_EVENT_… of payment_rules.h */
    char reason[PAYMENT_REASON_SIZE]; /* of a rejection */
    char reference[CHANNEL_REFERENCE_SIZE];
    bool
        is_other; /* it names another instruction, amount, currency or agreement: unknown, and an alert */
};
/* An instruction as the clearing house lists it. */
struct channel_listed {
    struct channel_instruction instruction;
    struct channel_answer answer;
};
#define CHANNEL_LIST_MAX 100 /* of one page */
/* The clearing house as this room needs it; quickpay_channel_init gives the one over HTTP. Blocks:
 * never inside a transaction. Any thread. An answer is compared with the instruction, also that of a query:
 * what names anything else is PAYMENT_EVENT_UNKNOWN. */
struct channel {
    void (*instruct)(struct channel *channel, const struct channel_instruction *instruction,
                     struct channel_answer *out);
    void (*query)(struct channel *channel, const struct channel_instruction *instruction,
                  struct channel_answer *out);
    /* A page of what arrived there at or after an instant, in order of arrival. *cursor is 0 at
     * first and then as the call left it. ERR_UNAVAILABLE: no answer that counts. */
    enum err (*list)(struct channel *channel, int64_t since_us, int64_t *cursor,
                     struct channel_listed out[CHANNEL_LIST_MAX], size_t *out_count);
};
struct partner_channel {
    struct channel channel;
    const struct partner *partner;
};
void quickpay_channel_init(struct partner_channel *out, const struct partner *partner);

struct quickpay_request {
    struct customer_id customer;
    struct account_id account;
    struct card_id card;
    struct money amount;
    bool stepped_up;
    struct payment_proof proof;
    const char *customer_name; /* for the payment row */
};
struct quickpay_result {
    struct payment payment;
    struct channel_instruction instruction; /* for the attempt */
    struct limit_report limit;              /* with ERR_LIMIT_EXCEEDED */
};
/* Errors in the order decided: ERR_INVALID_AMOUNT (<= 0), ERR_OVERFLOW, ERR_NOT_FOUND (account),
 * ERR_ACCOUNT_NOT_ACTIVE, ERR_CARD_UNKNOWN (not the customer's, or not bound),
 * ERR_CURRENCY_MISMATCH, ERR_LIMIT_EXCEEDED (agreement's payment, day; balance cap of the class).
 */
enum err topup_begin(struct uow *uow, const struct catalogue *catalogue,
                     const struct quickpay_request *request, struct quickpay_result *out);
/* The same, then ERR_STEP_UP_REQUIRED (above the small-payment limits), ERR_INSUFFICIENT_FUNDS. */
enum err withdrawal_begin(struct uow *uow, const struct catalogue *catalogue,
                          const struct quickpay_request *request, struct quickpay_result *out);

/* One more withdrawal like one that has ended, for what is left in an account that is closing; its
 * attempt is made by the outbox at once. ERR_INSUFFICIENT_FUNDS. */
enum err withdrawal_again(struct uow *uow, const struct payment *ended, int64_t amount_minor,
                          struct payment_id *out);

/* Applies one answer. `attempt` is the attempt_count that the answer belongs to, 0 for a query.
 * Always ERR_OK for a payment that there is, whatever its state; *out is the payment afterwards.
 * ERR_NOT_FOUND, errors of db. */
enum err payment_apply_outcome(struct uow *uow, struct payment_id id,
                               const struct channel_answer *answer, int32_t attempt,
                               struct payment *out);

/* --- For worker threads: the call and its apply together -------------------------------------- */

/* The attempt that begin announced. The payment as it stands afterwards; an unknown outcome is no
 * error. */
enum err quickpay_attempt(struct engine *engine, struct channel *channel,
                          const struct quickpay_result *begun, struct payment *out);
/* Asks the channel about a payment now. No call where it has ended, where the newest contact is
 * less than PAYMENT_QUERY_GAP_US ago, or where its instruction may still be on the way
 * (PAYMENT_GRACE_US): then *out is the payment as it stands and *out_asked false. */
enum err payment_query(struct engine *engine, struct channel *channel, struct payment_id id,
                       struct payment *out, bool *out_asked);

/* Asks for all that arrived at the clearing house since an instant and applies it as queries would:
 * after a restore, or whenever doubt is left. `missing` is called for each debit and credit that the
 * bank has no payment of. Repeated, it changes nothing more. ERR_UNAVAILABLE, errors of db. */
struct reconcile_counts {
    int64_t seen, changed, missing;
};
typedef void reconcile_visit(const struct channel_listed *listed, void *context);
enum err payment_reconcile(struct engine *engine, struct channel *channel, int64_t since_us,
                           reconcile_visit *missing, void *context, struct reconcile_counts *out);

/* --- Jobs ------------------------------------------------------------------------------------- */

/* Queries up to `limit` payments whose next_query_at has come. *out_count: asked. One that cannot be asked or
 * whose answer cannot be applied holds up no other; the first error is given at the end. */
enum err payment_query_due(struct engine *engine, struct channel *channel, size_t limit,
                           size_t *out_count);
/* Delivers an outbox row of the two topics: takes the attempt over where the payment is still PDNG
 * and nobody heard an answer. ERR_OK: the row is done with (also after an unknown outcome, which is
 * the query's business from then on); another error: try the row again. */
enum err payment_outbox_channel(struct engine *engine, struct channel *channel,
                                struct payment_id id);

#endif
