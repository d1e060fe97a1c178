#include "payment/transfer.h"

#include "base/check.h"
#include "base/str.h"
#include "base/text.h"
#include "ledger/recipe.h"
#include "payment/payee.h"
#include "payment/payment_store.h"

#include <string.h>

/* --- prepare -------------------------------------------------------------------------------------
 */

static bool text_is_fine(const char *text, size_t points_max)
{
    CHECK(text != NULL);
    return text_refused(text) == TEXT_ALL_TAKEN && str_length_utf8(text) <= points_max;
}

static enum err check_fields(const struct transfer_request *request, const char **out_field)
{
    *out_field = "instructedAmount";
    if (request->amount.minor <= 0) {
        return ERR_INVALID_FIELD;
    }
    if (request->amount.minor > PAYMENT_AMOUNT_MAX) {
        return ERR_OVERFLOW;
    }
    *out_field = "creditorName";
    if (request->creditor_name == NULL || request->creditor_name[0] == '\0' ||
        strlen(request->creditor_name) >= CUSTOMER_NAME_SIZE ||
        !text_is_fine(request->creditor_name, CUSTOMER_NAME_SIZE)) {
        return ERR_INVALID_FIELD;
    }
    *out_field = "remittanceInformationUnstructured";
    if (request->text != NULL && !text_is_fine(request->text, PAYMENT_TEXT_MAX)) {
        return ERR_INVALID_FIELD;
    }
    *out_field = "creditorPhone";
    return (request->creditor_phone == NULL) == (request->creditor_number == NULL)
               ? ERR_INVALID_FIELD
               : ERR_OK;
}

enum err transfer_prepare(const struct customer_room *room, struct db_conn *conn,
                          const struct transfer_request *request, struct transfer_order *out,
                          const char **out_field)
{
    enum err err = check_fields(request, out_field);
    if (err != ERR_OK) {
        return err;
    }
    struct payee_search found;
    err = request->creditor_number != NULL
              ? payee_find_number(conn, request->customer, request->creditor_number, &found)
              : payee_find(room, conn, request->customer, request->creditor_phone, &found);
    if (err != ERR_OK) {
        return err;
    }
    *out = (struct transfer_order){.customer = request->customer,
                                   .debtor_account = request->debtor_account,
                                   .amount_minor = request->amount.minor,
                                   .ccy = request->amount.ccy,
                                   .stepped_up = request->stepped_up,
                                   .strength = request->strength,
                                   .proof = request->proof};
    payment_text_set(out->debtor_name, sizeof out->debtor_name, found.payer.name);
    payment_text_set(out->text, sizeof out->text, request->text);
    if (found.err != ERR_OK) {
        out->payee_err = ERR_PAYEE_UNKNOWN;
        return found.err == ERR_NOT_FOUND ? ERR_OK : found.err;
    }
    out->creditor_customer = found.payee.id;
    out->creditor_account = found.account.id;
    out->own = found.payee.id.value == request->customer.value;
    payment_text_set(out->creditor_name, sizeof out->creditor_name, found.payee.name);
    if (payee_compare(request->creditor_name, found.payee.name) != PAYEE_MATCH) {
        out->payee_err = ERR_PAYEE_NAME_MISMATCH;
    }
    return ERR_OK;
}

/* --- post: decide ----------------------------------------------------------------------------- */

/* Everything but limits and money, in the order of the header. The payer's account comes before the
 * payee, so that nobody learns of payees through an account that is not theirs. */
static enum err decide_parties(const struct catalogue_edition *edition,
                               const struct transfer_order *order,
                               const struct account_flow_state *state)
{
    CHECK(order->amount_minor > 0);
    if (state->debtor.customer.value != order->customer.value) {
        return ERR_NOT_FOUND;
    }
    enum err err = account_decide_debit(state->debtor.state);
    if (err != ERR_OK) {
        return err;
    }
    if (order->payee_err != ERR_OK) {
        return order->payee_err;
    }
    if (order->debtor_account.value == order->creditor_account.value) {
        return ERR_SAME_ACCOUNT;
    }
    if (!ccy_equal(order->ccy, state->debtor.ccy) || !ccy_equal(order->ccy, state->creditor.ccy)) {
        return ERR_CURRENCY_MISMATCH;
    }
    if (account_decide_credit(state->creditor.state) != ERR_OK) {
        return ERR_PAYEE_UNKNOWN;
    }
    if ((err = account_decide_class(edition, order->own)) != ERR_OK) {
        return err;
    }
    bool needs_step_up = !order->own && !order->stepped_up &&
                         !limit_is_small(edition, order->amount_minor, state->small.day_minor);
    return needs_step_up ? ERR_STEP_UP_REQUIRED : ERR_OK;
}

/* What leaves a payment account for somebody else counts in the person's tier. */
static enum err decide_tier(struct uow *uow, const struct catalogue_edition *edition,
                            const struct transfer_order *order,
                            const struct account_flow_state *state, struct transfer_result *out)
{
    CHECK(order->amount_minor > 0);
    if (order->own || state->debtor.class != ACCOUNT_CLASS_PAYMENT) {
        return ERR_OK;
    }
    enum auth_strength strength = order->stepped_up ? order->strength : AUTH_ONE_FACTOR;
    return tier_reserve(uow, edition, order->customer, strength, order->amount_minor, &out->limit);
}

static enum err decide_limits(struct uow *uow, const struct catalogue_edition *edition,
                              const struct transfer_order *order,
                              const struct account_flow_state *state, struct transfer_result *out)
{
    CHECK(order->amount_minor > 0);
    enum err err = ERR_OK;
    if (!order->own) {
        err = limit_decide(edition, state->debtor.class, LIMIT_KIND_OUTFLOW, &state->outflow,
                           order->amount_minor, &out->limit);
        if (err != ERR_OK) {
            return err;
        }
        err = limit_decide(edition, state->creditor.class, LIMIT_KIND_INFLOW, &state->inflow,
                           order->amount_minor, &out->limit);
    }
    if (err == ERR_OK) {
        err = account_cap_reserve(uow, edition, &state->creditor, order->amount_minor, false,
                                  &out->limit);
    }
    if (err == ERR_LIMIT_EXCEEDED && !order->own) {
        out->limit_is_payees = true;
        out->limit.used_minor = 0;
        out->limit.left_minor = 0;
    }
    return err;
}

/* --- post: store ------------------------------------------------------------------------------ */

static void fill(struct uow *uow, const struct catalogue_edition *edition,
                 const struct transfer_order *order, const struct account_flow_state *state,
                 struct payment *p)
{
    CHECK(order->payee_err == ERR_OK);
    CHECK(state->debtor.customer.value == order->customer.value);
    memset(p, 0, sizeof *p);
    p->id.value = uow_id(uow, id_bucket(order->customer.value));
    p->kind = PAYMENT_TRANSFER;
    p->status = PAYMENT_ACSC;
    p->debtor_customer = order->customer;
    p->creditor_customer = order->creditor_customer;
    p->debtor_account = order->debtor_account;
    p->creditor_account = order->creditor_account;
    p->amount = (struct money){order->amount_minor, order->ccy};
    p->rule_version = edition->version;
    p->created_at = uow->now_us;
    p->settled_at = uow->now_us;
    p->counted_small = !order->stepped_up && !order->own;
    p->version = 1;
    p->proof = order->proof;
    payment_salt_make(p->salt);
    payment_text_set(p->debtor_name, sizeof p->debtor_name, order->debtor_name);
    payment_text_set(p->creditor_name, sizeof p->creditor_name, order->creditor_name);
    payment_text_set(p->text, sizeof p->text, order->text);
    account_mask_number(state->debtor.number, p->debtor_masked);
    account_mask_number(state->creditor.number, p->creditor_masked);
    payment_end_to_end_make(p->id, p->end_to_end);
}

static enum err book(struct uow *uow, struct payment *p)
{
    CHECK(p->journal.value == 0);
    CHECK(p->kind == PAYMENT_TRANSFER && p->status == PAYMENT_ACSC);
    struct journal_result journal;
    struct recipe_event event = {
        .recipe = RECIPE_TRANSFER,
        .accounts = {[ROLE_CUSTOMER] = p->debtor_account, [ROLE_PAYEE] = p->creditor_account},
        .amounts = {[SLOT_AMOUNT] = p->amount},
        .booking_date = uow->business_date,
        .ref_id = p->id.value,
        .bucket = -1,
        .order = payment_order_hash(p, p->settled_at)};
    enum err err = recipe_post(uow->ledger, &event, &journal);
    if (err == ERR_OK) {
        p->journal = journal.id;
        CHECK(p->journal.value > 0 && !journal.replayed);
    }
    return err;
}

enum err transfer_post(struct uow *uow, const struct catalogue *catalogue,
                       const struct transfer_order *order, struct transfer_result *out)
{
    CHECK(order->amount_minor > 0);
    CHECK(order->customer.value > 0);
    const struct catalogue_edition *edition = catalogue_on(catalogue, limit_day(uow));
    bool counts = !order->own && order->payee_err == ERR_OK;
    struct account_flow flow = {.debtor = order->debtor_account,
                                .creditor = order->creditor_account,
                                .payer = order->customer,
                                .amount_minor = order->amount_minor,
                                .non_bound = counts,
                                .small = counts && !order->stepped_up};
    struct account_flow_state state;
    out->limit_is_payees = false;
    enum err err = account_flow_reserve(uow, &flow, &state);
    if (err != ERR_OK || (err = decide_parties(edition, order, &state)) != ERR_OK ||
        (err = decide_tier(uow, edition, order, &state, out)) != ERR_OK ||
        (err = decide_limits(uow, edition, order, &state, out)) != ERR_OK) {
        return err;
    }
    fill(uow, edition, order, &state, &out->payment);
    if ((err = book(uow, &out->payment)) != ERR_OK ||
        (err = payment_store(uow, &out->payment)) != ERR_OK) {
        return err;
    }
    return payment_announce(uow, &out->payment);
}
