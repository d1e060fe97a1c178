#include "payment/quickpay.h"

#include "base/check.h"
#include "db/outbox.h"
#include "ledger/recipe.h"
#include "payment/closure.h"
#include "payment/payment_store.h"

#include <string.h>

#define DUE_MAX 256

/* Reason codes of our own rejections (ISO 20022 external status reasons). */
#define REASON_NEVER_ARRIVED "AB06" /* timed out at the instructed agent */
#define REASON_NOT_SENT      "AB08" /* the instructed agent is offline */
#define REASON_ACCOUNT_GONE  "AC04"

static bool is_open(const struct payment *p)
{
    return p->status == PAYMENT_RCVD || p->status == PAYMENT_PDNG;
}

/* --- begin ------------------------------------------------------------------------------------ */

static enum err load_parties(struct uow *uow, const struct quickpay_request *request,
                             enum payment_kind kind, struct account *out_account,
                             struct card *out_card)
{
    CHECK(kind == PAYMENT_TOP_UP || kind == PAYMENT_WITHDRAWAL);
    if (request->amount.minor <= 0) {
        return ERR_INVALID_AMOUNT;
    }
    if (request->amount.minor > PAYMENT_AMOUNT_MAX) {
        return ERR_OVERFLOW;
    }
    enum err err = account_load_own(uow->conn, request->customer, request->account, out_account);
    if (err != ERR_OK) {
        return err;
    }
    err = kind == PAYMENT_TOP_UP ? account_decide_credit(out_account->state)
                                 : account_may_withdraw(uow->conn, out_account);
    if (err != ERR_OK) {
        return err;
    }
    err = card_load_own(uow->conn, request->customer, request->card, out_card);
    if (err != ERR_OK || out_card->state != CARD_BOUND) {
        return err == ERR_OK || err == ERR_NOT_FOUND ? ERR_CARD_UNKNOWN : err;
    }
    return ccy_equal(request->amount.ccy, out_account->ccy) ? ERR_OK : ERR_CURRENCY_MISMATCH;
}

static void fill(struct uow *uow, const struct catalogue_edition *edition,
                 const struct quickpay_request *request, enum payment_kind kind,
                 const struct account *account, const struct card *card, struct payment *p)
{
    CHECK(kind == PAYMENT_TOP_UP || kind == PAYMENT_WITHDRAWAL);
    CHECK(card->state == CARD_BOUND);
    memset(p, 0, sizeof *p);
    bool in = kind == PAYMENT_TOP_UP;
    p->id.value = uow_id(uow, id_bucket(request->customer.value));
    p->kind = kind;
    p->status = PAYMENT_PDNG;
    p->debtor_customer = request->customer;
    p->creditor_customer = request->customer;
    p->debtor_account.value = in ? 0 : account->id.value;
    p->creditor_account.value = in ? account->id.value : 0;
    p->card = card->id;
    p->amount = request->amount;
    p->rule_version = edition->version;
    p->created_at = uow->now_us;
    p->attempt_count = 1;
    p->next_query_at = uow->now_us + QUICKPAY_FIRST_QUERY_US;
    p->version = 1;
    p->proof = request->proof;
    payment_salt_make(p->salt);
    payment_text_set(p->debtor_name, sizeof p->debtor_name, request->customer_name);
    payment_text_set(p->creditor_name, sizeof p->creditor_name, request->customer_name);
    char masked[ACCOUNT_NUMBER_SIZE];
    account_mask_number(account->number, masked);
    payment_text_set(p->debtor_masked, sizeof p->debtor_masked, in ? card->masked_pan : masked);
    payment_text_set(p->creditor_masked, sizeof p->creditor_masked, in ? masked : card->masked_pan);
    payment_end_to_end_make(p->id, p->end_to_end);
}

static enum err store_begun(struct uow *uow, const struct card *card, struct quickpay_result *out)
{
    CHECK(out->payment.status == PAYMENT_PDNG);
    CHECK((out->payment.kind == PAYMENT_WITHDRAWAL) == (out->payment.hold.value != 0));
    struct payment *p = &out->payment;
    struct outbox_message message = {.id = uow_id(uow, id_bucket(p->id.value)),
                                     .topic = p->kind == PAYMENT_TOP_UP ? QUICKPAY_TOPIC_DEBIT
                                                                        : QUICKPAY_TOPIC_CREDIT,
                                     .ref_id = p->id.value,
                                     .body = "{}",
                                     .created_at = uow->now_us,
                                     .next_at = uow->now_us + QUICKPAY_TAKEOVER_US};
    enum err err = payment_store(uow, p);
    if (err == ERR_OK) {
        err = payment_event_add(uow, p, "begun", "");
    }
    if (err == ERR_OK) {
        err = outbox_put(uow->conn, &message);
    }
    out->instruction =
        (struct channel_instruction){.kind = p->kind, .id = p->id, .amount = p->amount};
    memcpy(out->instruction.agreement, card->agreement, sizeof card->agreement);
    return err;
}

enum err topup_begin(struct uow *uow, const struct catalogue *catalogue,
                     const struct quickpay_request *request, struct quickpay_result *out)
{
    CHECK(request->customer.value > 0 && request->account.value > 0);
    const struct catalogue_edition *edition = catalogue_on(catalogue, limit_day(uow));
    struct account account;
    struct card card;
    struct limit_usage usage;
    int64_t amount = request->amount.minor;
    enum err err = load_parties(uow, request, PAYMENT_TOP_UP, &account, &card);
    if (err != ERR_OK ||
        (err = limit_reserve(uow, card.id.value, LIMIT_KIND_TOP_UP, amount, &usage)) != ERR_OK ||
        (err = card_usage_add_former(uow->conn, card.id, limit_day(uow), &usage)) != ERR_OK ||
        (err = limit_decide_top_up(edition, card.payment_max_minor, card.day_max_minor, &usage,
                                   amount, &out->limit)) != ERR_OK ||
        (err = account_cap_reserve(uow, edition, &account, amount, true, &out->limit)) != ERR_OK) {
        return err;
    }
    fill(uow, edition, request, PAYMENT_TOP_UP, &account, &card, &out->payment);
    return store_begun(uow, &card, out);
}

/* The money is held for as long as the channel's answer is not known: the hold never expires. */
static enum err hold(struct uow *uow, struct payment *p)
{
    CHECK(p->kind == PAYMENT_WITHDRAWAL && p->status == PAYMENT_PDNG);
    CHECK(p->debtor_account.value != 0);
    struct journal_result result;
    struct recipe_event event = {.recipe = RECIPE_WITHDRAWAL,
                                 .accounts = {[ROLE_CUSTOMER] = p->debtor_account},
                                 .amounts = {[SLOT_AMOUNT] = p->amount},
                                 .booking_date = uow->business_date,
                                 .ref_id = p->id.value,
                                 .bucket = -1,
                                 .order = payment_order_hash(p, 0)};
    enum err err = recipe_hold(uow->ledger, &event, 0, &result);
    if (err == ERR_OK) {
        p->hold.value = result.id.value;
        CHECK(p->hold.value != 0 && !result.replayed);
    }
    return err;
}

enum err withdrawal_begin(struct uow *uow, const struct catalogue *catalogue,
                          const struct quickpay_request *request, struct quickpay_result *out)
{
    CHECK(request->customer.value > 0 && request->account.value > 0);
    const struct catalogue_edition *edition = catalogue_on(catalogue, limit_day(uow));
    struct account account;
    struct card card;
    int64_t amount = request->amount.minor;
    enum err err = load_parties(uow, request, PAYMENT_WITHDRAWAL, &account, &card);
    if (err != ERR_OK) {
        return err;
    }
    if (!request->stepped_up) {
        struct limit_usage usage;
        err = limit_reserve(uow, request->customer.value, LIMIT_KIND_SMALL, amount, &usage);
        if (err != ERR_OK || !limit_is_small(edition, amount, usage.day_minor)) {
            return err != ERR_OK ? err : ERR_STEP_UP_REQUIRED;
        }
    }
    fill(uow, edition, request, PAYMENT_WITHDRAWAL, &account, &card, &out->payment);
    out->payment.counted_small = !request->stepped_up;
    err = hold(uow, &out->payment);
    return err != ERR_OK ? err : store_begun(uow, &card, out);
}

enum err withdrawal_again(struct uow *uow, const struct payment *ended, int64_t amount_minor,
                          struct payment_id *out)
{
    CHECK(ended->kind == PAYMENT_WITHDRAWAL && ended->status == PAYMENT_ACSC);
    CHECK(amount_minor > 0);
    struct payment p = *ended;
    p.id.value = uow_id(uow, id_bucket(ended->id.value));
    p.status = PAYMENT_PDNG;
    p.amount.minor = amount_minor;
    p.reason[0] = '\0';
    p.journal.value = 0;
    p.created_at = uow->now_us;
    p.settled_at = 0;
    p.query_count = 0;
    p.attempt_count = 1;
    p.asked_at = 0;
    p.next_query_at = uow->now_us + QUICKPAY_FIRST_QUERY_US;
    p.answered = false;
    p.counted_small = false;
    p.version = 1;
    p.proof = (struct payment_proof){.source = PAYMENT_BY_BANK, .source_id = ended->id.value};
    payment_salt_make(p.salt);
    payment_end_to_end_make(p.id, p.end_to_end);
    struct outbox_message message = {.id = uow_id(uow, id_bucket(p.id.value)),
                                     .topic = QUICKPAY_TOPIC_CREDIT,
                                     .ref_id = p.id.value,
                                     .body = "{}",
                                     .created_at = uow->now_us,
                                     .next_at = uow->now_us};
    enum err err = hold(uow, &p);
    err = err ? err : payment_store(uow, &p);
    err = err ? err : payment_event_add(uow, &p, "begun", "");
    err = err ? err : outbox_put(uow->conn, &message);
    if (err == ERR_OK) {
        *out = p.id;
    }
    return err;
}

/* --- apply ------------------------------------------------------------------------------------ */

static enum err end(struct uow *uow, struct payment *p, enum payment_status status,
                    const char *reason)
{
    CHECK(is_open(p));
    CHECK(status == PAYMENT_ACSC || status == PAYMENT_RJCT);
    p->status = status;
    p->settled_at = uow->now_us;
    p->next_query_at = 0;
    payment_text_set(p->reason, sizeof p->reason, reason);
    return payment_announce(uow, p);
}

/* The end of a withdrawal's hold, as `end` is about to store it. */
static struct recipe_end hold_ending(const struct uow *uow, const struct payment *p)
{
    CHECK(p->kind == PAYMENT_WITHDRAWAL);
    CHECK(p->hold.value != 0);
    return (struct recipe_end){.recipe = RECIPE_WITHDRAWAL,
                               .hold = p->hold,
                               .booking_date = uow->business_date,
                               .ref_id = p->id.value,
                               .order = payment_order_hash(p, uow->now_us)};
}

/* Money that the clearing house has taken from a card and that cannot go where it should. */
static enum err to_suspense(struct uow *uow, const struct payment *p, const char *alert)
{
    CHECK(p->status == PAYMENT_RJCT || is_open(p));
    bool raised = false;
    enum err err = payment_alert_raise(uow, p->id, alert, &raised);
    if (err != ERR_OK || !raised || p->kind != PAYMENT_TOP_UP) {
        return err;
    }
    struct journal_result unused;
    struct recipe_event event = {.recipe = RECIPE_TOP_UP_RETURN,
                                 .amounts = {[SLOT_AMOUNT] = p->amount},
                                 .booking_date = uow->business_date,
                                 .ref_id = p->id.value,
                                 .bucket = id_bucket(p->id.value)};
    return recipe_post(uow->ledger, &event, &unused);
}

static enum err settle_top_up(struct uow *uow, struct payment *p)
{
    CHECK(p->kind == PAYMENT_TOP_UP && is_open(p));
    CHECK(p->creditor_account.value != 0);
    struct ledger_account ledger;
    enum err err = limit_incoming_release(uow, p->creditor_account.value, p->amount.minor);
    err = err ? err : ledger_account_read(uow->ledger, p->creditor_account, &ledger);
    if (err != ERR_OK) {
        return err;
    }
    if (ledger.closed) {
        err = to_suspense(uow, p, PAYMENT_ALERT_ACCOUNT_CLOSED);
        return err != ERR_OK ? err : end(uow, p, PAYMENT_RJCT, REASON_ACCOUNT_GONE);
    }
    struct journal_result journal;
    struct recipe_event event = {.recipe = RECIPE_TOP_UP,
                                 .accounts = {[ROLE_CUSTOMER] = p->creditor_account},
                                 .amounts = {[SLOT_AMOUNT] = p->amount},
                                 .booking_date = uow->business_date,
                                 .ref_id = p->id.value,
                                 .bucket = -1,
                                 .order = payment_order_hash(p, uow->now_us)};
    err = recipe_post(uow->ledger, &event, &journal);
    if (err != ERR_OK) {
        return err;
    }
    p->journal = journal.id;
    return end(uow, p, PAYMENT_ACSC, "");
}

static enum err settle(struct uow *uow, struct payment *p)
{
    CHECK(is_open(p));
    CHECK(p->journal.value == 0);
    if (p->kind == PAYMENT_TOP_UP) {
        return settle_top_up(uow, p);
    }
    struct journal_result journal;
    struct recipe_end ending = hold_ending(uow, p);
    enum err err = recipe_capture(uow->ledger, &ending, &journal);
    if (err != ERR_OK) {
        return err;
    }
    p->journal = journal.id;
    err = end(uow, p, PAYMENT_ACSC, "");
    return err != ERR_OK ? err : closure_follow(uow, p);
}

static const char *reason_of(const struct channel_answer *answer)
{
    CHECK(answer->event >= PAYMENT_EVENT_ACCEPTED && answer->event <= PAYMENT_EVENT_VOID);
    switch (answer->event) {
    case PAYMENT_EVENT_NOT_SENT:
        return REASON_NOT_SENT;
    case PAYMENT_EVENT_VOID:
        return REASON_NEVER_ARRIVED;
    case PAYMENT_EVENT_ACCEPTED:
    case PAYMENT_EVENT_REJECTED:
    case PAYMENT_EVENT_PENDING:
    case PAYMENT_EVENT_UNKNOWN:
        break;
    }
    return answer->reason;
}

static enum err reject(struct uow *uow, struct payment *p, const char *reason)
{
    CHECK(is_open(p));
    CHECK(p->journal.value == 0);
    struct date day = engine_civil_date(uow->engine, p->created_at);
    enum err err = ERR_OK;
    if (p->kind == PAYMENT_TOP_UP) {
        err = limit_release(uow, p->card.value, LIMIT_KIND_TOP_UP, p->amount.minor, day);
        err = err ? err : limit_incoming_release(uow, p->creditor_account.value, p->amount.minor);
    } else {
        struct journal_result unused;
        struct recipe_end ending = hold_ending(uow, p);
        err = recipe_release(uow->ledger, &ending, &unused);
        if (err == ERR_OK && p->counted_small) {
            err = limit_release(uow, p->debtor_customer.value, LIMIT_KIND_SMALL, p->amount.minor,
                                day);
        }
    }
    err = err != ERR_OK ? err : end(uow, p, PAYMENT_RJCT, reason);
    return err != ERR_OK || p->kind == PAYMENT_TOP_UP ? err : closure_follow(uow, p);
}

static enum err act(struct uow *uow, struct payment *p, struct payment_step step,
                    const struct channel_answer *answer)
{
    CHECK(p->id.value > 0);
    bool raised = false;
    switch (step.action) {
    case PAYMENT_SETTLE:
        return settle(uow, p);
    case PAYMENT_REJECT:
        return reject(uow, p, reason_of(answer));
    case PAYMENT_WAIT:
        p->status = step.status;
        p->answered |= answer->event == PAYMENT_EVENT_PENDING;
        p->next_query_at = payment_next_query_at(uow->now_us, p->query_count, p->answered);
        return uow->now_us - p->created_at < PAYMENT_LONG_US
                   ? ERR_OK
                   : payment_alert_raise(uow, p->id, PAYMENT_ALERT_LONG, &raised);
    case PAYMENT_SUSPENSE:
        return to_suspense(uow, p, PAYMENT_ALERT_SETTLED_LATE);
    case PAYMENT_ALERT:
        return payment_alert_raise(uow, p->id, PAYMENT_ALERT_REJECTED_LATE, &raised);
    case PAYMENT_NOTHING:
        break;
    }
    return ERR_OK;
}

enum err payment_apply_outcome(struct uow *uow, struct payment_id id,
                               const struct channel_answer *answer, int32_t attempt,
                               struct payment *out)
{
    CHECK(attempt >= 0);
    CHECK(answer->event >= PAYMENT_EVENT_ACCEPTED && answer->event <= PAYMENT_EVENT_VOID);
    enum err err = payment_lock(uow, id, out);
    if (err != ERR_OK) {
        return err;
    }
    if (out->kind == PAYMENT_TRANSFER) {
        return ERR_NOT_FOUND;
    }
    CHECK(out->id.value == id.value);
    bool sole = attempt == 1 && out->attempt_count == 1 && out->query_count == 0;
    struct payment_step step = payment_next(out->status, answer->event, sole);
    bool raised = false;
    if (answer->is_other) {
        err = payment_alert_raise(uow, id, PAYMENT_ALERT_OTHER, &raised);
    }
    if (err != ERR_OK || step.action == PAYMENT_NOTHING) {
        return err;
    }
    if (attempt > 0) {
        out->asked_at = uow->now_us;
    }
    const char *detail =
        answer->event == PAYMENT_EVENT_ACCEPTED ? answer->reference : reason_of(answer);
    if ((err = act(uow, out, step, answer)) != ERR_OK ||
        (err = payment_event_add(uow, out, payment_event_name(answer->event), detail)) != ERR_OK) {
        return err;
    }
    return payment_update(uow, out);
}

/* --- call and apply --------------------------------------------------------------------------- */

struct apply {
    struct payment_id id;
    struct channel_answer answer;
    int32_t attempt;
    struct payment *out;
};

static enum err apply_work(struct uow *uow, void *context)
{
    struct apply *apply = context;
    CHECK(apply->id.value > 0);
    return payment_apply_outcome(uow, apply->id, &apply->answer, apply->attempt, apply->out);
}

static enum err instruct(struct engine *engine, struct channel *channel,
                         const struct channel_instruction *instruction, int32_t attempt,
                         struct payment *out)
{
    CHECK(attempt >= 1);
    struct apply apply = {.id = instruction->id, .attempt = attempt, .out = out};
    channel->instruct(channel, instruction, &apply.answer);
    return engine_run(engine, apply_work, &apply);
}

enum err quickpay_attempt(struct engine *engine, struct channel *channel,
                          const struct quickpay_result *begun, struct payment *out)
{
    CHECK(begun->payment.attempt_count >= 1);
    CHECK(begun->instruction.id.value == begun->payment.id.value);
    return instruct(engine, channel, &begun->instruction, begun->payment.attempt_count, out);
}

/* What was ordered over there, as it is told and asked about. */
static enum err instruction_of(struct uow *uow, const struct payment *p,
                               struct channel_instruction *out)
{
    CHECK(is_open(p));
    struct card card;
    enum err err = card_load_own(uow->conn, p->debtor_customer, p->card, &card);
    if (err == ERR_OK) {
        *out = (struct channel_instruction){.kind = p->kind, .id = p->id, .amount = p->amount};
        memcpy(out->agreement, card.agreement, sizeof card.agreement);
    }
    return err;
}

struct query {
    struct payment_id id;
    struct payment *out;
    bool ask;
    struct channel_instruction instruction;
};

/* Takes the query upon us before it is sent: another asker waits for its next turn, and a death
 * between here and the answer leaves the payment due again. */
static enum err query_work(struct uow *uow, void *context)
{
    struct query *query = context;
    CHECK(query->out != NULL);
    struct payment *p = query->out;
    query->ask = false;
    enum err err = payment_lock(uow, query->id, p);
    if (err != ERR_OK || !is_open(p)) {
        return err;
    }
    int64_t contact = p->asked_at > p->created_at ? p->asked_at : p->created_at;
    if (!payment_may_query(uow->now_us, contact, p->answered)) {
        return ERR_OK;
    }
    err = instruction_of(uow, p, &query->instruction);
    if (err != ERR_OK) {
        return err;
    }
    CHECK(query->instruction.id.value == p->id.value);
    query->ask = true;
    p->query_count++;
    p->asked_at = uow->now_us;
    p->next_query_at = payment_next_query_at(uow->now_us, p->query_count, p->answered);
    return payment_update(uow, p);
}

enum err payment_query(struct engine *engine, struct channel *channel, struct payment_id id,
                       struct payment *out, bool *out_asked)
{
    CHECK(id.value > 0);
    struct query query = {.id = id, .out = out};
    enum err err = engine_run(engine, query_work, &query);
    if (err != ERR_OK) {
        return err;
    }
    *out_asked = query.ask;
    if (!query.ask) {
        return ERR_OK;
    }
    struct apply apply = {.id = id, .attempt = 0, .out = out};
    channel->query(channel, &query.instruction, &apply.answer);
    return engine_run(engine, apply_work, &apply);
}

/* --- jobs ------------------------------------------------------------------------------------- */

enum err payment_query_due(struct engine *engine, struct channel *channel, size_t limit,
                           size_t *out_count)
{
    CHECK(limit > 0);
    struct payment_id due[DUE_MAX];
    size_t count = 0;
    struct db_conn *conn;
    enum err err = engine_read_begin(engine, &conn);
    if (err != ERR_OK) {
        return err;
    }
    err = payment_due_list(conn, clock_now_us(engine_clock(engine)), due,
                           limit < DUE_MAX ? limit : DUE_MAX, &count);
    engine_read_end(engine, conn);
    *out_count = 0;
    for (size_t i = 0; i < count; i++) {
        struct payment payment;
        bool asked = false;
        enum err one = payment_query(engine, channel, due[i], &payment, &asked);
        *out_count += asked;
        err = err != ERR_OK ? err : one;
    }
    return err;
}

struct takeover {
    struct payment_id id;
    bool take;
    struct payment payment;
    struct channel_instruction instruction;
};

/* Where nobody has heard anything and nobody has asked: the request died on its way. */
static enum err takeover_work(struct uow *uow, void *context)
{
    struct takeover *takeover = context;
    CHECK(takeover->id.value > 0);
    struct payment *p = &takeover->payment;
    takeover->take = false;
    enum err err = payment_lock(uow, takeover->id, p);
    if (err != ERR_OK || !is_open(p) || p->asked_at != 0) {
        return err == ERR_NOT_FOUND ? ERR_OK : err;
    }
    err = instruction_of(uow, p, &takeover->instruction);
    if (err != ERR_OK) {
        return err;
    }
    CHECK(takeover->instruction.id.value == p->id.value && p->attempt_count >= 1);
    takeover->take = true;
    p->attempt_count++;
    p->asked_at = uow->now_us;
    err = payment_event_add(uow, p, "takeover", "");
    return err != ERR_OK ? err : payment_update(uow, p);
}

enum err payment_outbox_channel(struct engine *engine, struct channel *channel,
                                struct payment_id id)
{
    CHECK(id.value > 0);
    struct takeover takeover = {.id = id};
    enum err err = engine_run(engine, takeover_work, &takeover);
    if (err != ERR_OK || !takeover.take) {
        return err;
    }
    return instruct(engine, channel, &takeover.instruction, takeover.payment.attempt_count,
                    &takeover.payment);
}

/* --- words ------------------------------------------------------------------------------------ */

static const struct {
    const char *reason;
    const char *text[2];
} reasons[] = {
    {"AB06",
     {"The issuing bank did not answer in time; no money moved.",
      "发卡行超时未应答，资金未变动。"}},
    {"AB08",
     {"The clearing house could not be reached; no money moved.",
      "清算机构暂不可用，资金未变动。"}},
    {"AC04",
     {"The account was closed meanwhile; we will return the money.", "账户已销户，款项将退回。"}},
    {"AC06", {"The card is blocked or reported lost.", "该卡已冻结或挂失。"}},
    {"AM03", {"The issuing bank does not take this currency.", "发卡行不支持该币种。"}},
    {"AM04", {"The card's balance is too low.", "银行卡余额不足。"}},
    {"AM14", {"The payment passes a limit of the issuing bank.", "超过发卡行限额。"}},
    {"MD01",
     {"The card's agreement is no longer valid; please bind it again.",
      "银行卡协议已失效，请重新绑定。"}},
};

const char *payment_reason_text(const char *reason, enum lang lang)
{
    CHECK(reason != NULL);
    if (reason[0] == '\0') {
        return NULL;
    }
    int column = lang == LANG_ZH ? 1 : 0;
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
        if (strcmp(reasons[i].reason, reason) == 0) {
            return reasons[i].text[column];
        }
    }
    return column ? "发卡行拒绝了该笔交易。" : "The issuing bank refused the payment.";
}
