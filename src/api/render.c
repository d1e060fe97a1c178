#include "api/render.h"

#include "customer/customer_api.h"
#include "ledger/recipe.h"

#include <string.h>

/* --- Customers -------------------------------------------------------------------------------- */

static const char *text_or_null(const char *text)
{
    return text[0] != '\0' ? text : NULL;
}

static void optional_text(struct call *call, const char *name, const char *value)
{
    if (value != NULL && value[0] != '\0') {
        out_text(call, name, value);
    }
}

static void optional_id(struct call *call, const char *name, int64_t value)
{
    if (value != 0) {
        out_id(call, name, value);
    }
}

static void optional_instant(struct call *call, const char *name, int64_t value_us)
{
    if (value_us != 0) {
        out_instant(call, name, value_us);
    }
}

static void render_onboarding(struct call *call, const char *name,
                              const struct onboarding *onboarding)
{
    out_open(call, name, '{');
    out_text(call, "next", onboarding_step_name(onboarding->next));
    out_open(call, "steps", '[');
    for (int step = 0; step < ONBOARDING_STEP_COUNT; step++) {
        out_open(call, NULL, '{');
        out_text(call, "step", onboarding_step_name((enum onboarding_step)step));
        out_text(call, "state", step_state_name(onboarding->steps[step].state));
        optional_instant(call, "at",
                         customer_of(call)->is_limited ? 0 : onboarding->steps[step].at);
        out_close(call, '}');
    }
    out_close(call, ']');
    out_close(call, '}');
}

void render_customer_members(struct call *call, const struct customer *customer,
                             const struct onboarding *onboarding)
{
    bool is_limited = customer_of(call)->is_limited;
    optional_id(call, "customerId", is_limited ? 0 : customer->id.value);
    out_text(call, "phone", customer->masked_phone);
    out_text(call, "name", text_or_null(customer->name));
    out_text(call, "maskedIdNumber", is_limited ? NULL : text_or_null(customer->masked_id_number));
    out_text(call, "language", customer->language == LANG_ZH ? "zh" : "en");
    out_text(call, "state", customer_state_name(customer->state));
    optional_instant(call, "createdAt", is_limited ? 0 : customer->created_at);
    render_onboarding(call, "onboarding", onboarding);
}

void render_customer(struct call *call, const char *name, const struct customer *customer,
                     const struct onboarding *onboarding)
{
    out_open(call, name, '{');
    render_customer_members(call, customer, onboarding);
    out_close(call, '}');
}

enum err render_customer_of(struct call *call, const char *name, struct db_conn *conn,
                            struct customer_id id, struct customer *out)
{
    struct customer customer;
    struct onboarding onboarding;
    const struct customer_room *room = customer_room_of(call_house(call));
    enum err err = customer_load(room, conn, id, &customer);
    err = err ? err
              : onboarding_load(room, conn, &customer,
                                engine_civil_date(call_engine(call), call->now_us), &onboarding);
    if (err) {
        return err;
    }
    if (customer_of(call)->is_limited && customer.has_identity) {
        char masked[CUSTOMER_NAME_SIZE];
        customer_mask_name(customer.name, masked);
        memcpy(customer.name, masked, sizeof customer.name);
    }
    render_customer(call, name, &customer, &onboarding);
    if (out != NULL) {
        *out = customer;
    }
    return ERR_OK;
}

void render_phone_code(struct call *call, const struct customer_phone *phone,
                       const struct phone_code_sent *sent)
{
    char masked[PHONE_TEXT_SIZE];
    phone_mask(phone->text, masked);
    out_open(call, NULL, '{');
    out_id(call, "phoneCodeId", sent->phone_code_id);
    out_text(call, "phone", masked);
    out_instant(call, "expiresAt", sent->expires_at);
    out_instant(call, "resendAt", sent->resend_at);
    out_close(call, '}');
}

void render_session(struct call *call, const char *name, const struct session *session,
                    struct session_id current)
{
    out_open(call, name, '{');
    out_id(call, "sessionId", session->id.value);
    out_text(call, "deviceName", session->device_name);
    out_instant(call, "createdAt", session->created_at);
    out_instant(call, "lastSeenAt", session->last_seen_at);
    out_bool(call, "current", session->id.value == current.value);
    out_instant(call, "stepUpUntil", session->step_up_until);
    if (session->device.value != 0) {
        out_id(call, "deviceId", session->device.value);
    }
    out_close(call, '}');
}

void render_consent(struct call *call, const char *name, const struct consent *consent)
{
    out_open(call, name, '{');
    out_text(call, "purpose", consent->purpose);
    out_text(call, "textVersion", consent->version);
    out_bool(call, "granted", consent->granted);
    out_instant(call, "at", consent->at);
    out_close(call, '}');
}

void render_identity_checks(struct call *call, const char *name,
                            const struct identity_evidence *evidence)
{
    out_open(call, name, '[');
    for (size_t i = 0; i < evidence->count; i++) {
        const struct check_outcome *check = &evidence->checks[i];
        out_open(call, NULL, '{');
        out_text(call, "check", identity_check_name(check->check));
        out_text(call, "result", check_result_name(check->result));
        if (check->result != CHECK_PASSED) {
            out_bilingual(call, "reason", check->reason_en, check->reason_zh);
        }
        out_close(call, '}');
    }
    out_close(call, ']');
}

void render_message(struct call *call, const char *name, const struct message *message)
{
    out_open(call, name, '{');
    out_id(call, "messageId", message->id);
    out_text(call, "kind", message_kind_name(message->kind));
    out_bilingual(call, "title", message->title[LANG_EN], message->title[LANG_ZH]);
    out_bilingual(call, "text", message->text[LANG_EN], message->text[LANG_ZH]);
    out_instant(call, "createdAt", message->created_at);
    optional_instant(call, "readAt", message->read_at);
    optional_id(call, "paymentId", message->payment_id);
    out_close(call, '}');
}

/* --- Cards ------------------------------------------------------------------------------------ */

void render_issuer(struct call *call, const char *name, const struct card_issuer *issuer)
{
    out_open(call, name, '{');
    out_text(call, "code", issuer->code);
    out_bilingual(call, "name", issuer->name_en, issuer->name_zh);
    out_close(call, '}');
}

void render_card(struct call *call, const char *name, const struct card *card)
{
    out_open(call, name, '{');
    out_id(call, "cardId", card->id.value);
    render_issuer(call, "issuer", &card->issuer);
    out_text(call, "maskedPan", card->masked_pan);
    out_text(call, "cardKind", card_kind_name(card->kind));
    out_text(call, "accountClass", account_class_name(card->account_class));
    out_text(call, "state", card_state_name(card->state));
    out_instant(call, "boundAt", card->bound_at);
    out_money(call, "perPaymentLimit", (struct money){card->payment_max_minor, CCY_CNY});
    out_money(call, "perDayLimit", (struct money){card->day_max_minor, CCY_CNY});
    out_close(call, '}');
}

/* --- Accounts --------------------------------------------------------------------------------- */

enum err render_account_load(struct call *call, struct db_conn *conn, const struct account *account,
                             struct account_view *out)
{
    struct account_view view = {.account = *account};
    struct ledger *ledger = engine_ledger(call_engine(call));
    enum err err = ledger_account_load(ledger, conn, account->id, &view.state);
    err = err ? err : interest_accrued(conn, account->id, &view.accrued_micro);
    if (err == ERR_OK) {
        *out = view;
    }
    return err;
}

enum err render_account_read(struct uow *uow, const struct account *account,
                             struct account_view *out)
{
    struct account_view view = {.account = *account};
    enum err err = ledger_account_read(uow->ledger, account->id, &view.state);
    err = err ? err : interest_accrued(uow->conn, account->id, &view.accrued_micro);
    if (err == ERR_OK) {
        *out = view;
    }
    return err;
}

void render_rule_version(struct call *call, const char *name, int32_t version)
{
    char text[CATALOGUE_VERSION_SIZE];
    const struct catalogue_edition *edition =
        catalogue_of_version(call_house(call)->catalogue, version);
    if (edition != NULL) {
        catalogue_version_format(edition, text);
    } else {
        snprintf(text, sizeof text, "%d", (int)version); /* another process's, seconds old */
    }
    out_text(call, name, text);
}

void render_balance(struct call *call, const char *type, int64_t minor, struct ccy ccy)
{
    out_open(call, NULL, '{');
    out_text(call, "balanceType", type);
    out_money(call, "balanceAmount", (struct money){minor, ccy});
    out_close(call, '}');
}

static void render_product(struct call *call, const struct account *account)
{
    const struct catalogue *catalogue = call_house(call)->catalogue;
    const struct catalogue_product *product = catalogue_product(catalogue, account->product);
    const struct catalogue_edition *edition =
        catalogue_on(catalogue, engine_business_date(call_engine(call)));
    char rate[RATE_TEXT_SIZE];
    bool is_deposit = account->class != ACCOUNT_CLASS_PAYMENT; /* the others bear no interest */
    rate_format((struct rate){is_deposit ? account_figure(edition, PARAMETER_DEMAND_RATE_PPB) : 0},
                rate);
    out_open(call, "product", '{');
    out_bilingual(call, "name", product->name_en, product->name_zh);
    out_text(call, "interestRate", rate);
    render_rule_version(call, "ruleVersion", edition->version);
    out_close(call, '}');
}

void render_account_members(struct call *call, const struct account_view *view)
{
    const struct account *account = &view->account;
    char accrued[INTEREST_TEXT_SIZE];
    interest_format(view->accrued_micro, accrued);
    out_id(call, "accountId", account->id.value);
    out_text(call, "accountNumber", account->number);
    out_text(call, "class", account_class_name(account->class));
    out_text(call, "currency", account->ccy.code);
    out_text(call, "state", account_state_name(account->state));
    out_instant(call, "openedAt", account->opened_at);
    render_product(call, account);
    out_open(call, "balances", '[');
    render_balance(call, "interimBooked", ledger_balance(&view->state), account->ccy);
    render_balance(call, "interimAvailable", ledger_available(&view->state), account->ccy);
    out_close(call, ']');
    out_text(call, "accruedInterest", accrued);
}

void render_account(struct call *call, const char *name, const struct account_view *view)
{
    out_open(call, name, '{');
    render_account_members(call, view);
    out_close(call, '}');
}

void render_limit(struct call *call, const char *name, const struct limit_report *limit,
                  struct ccy ccy)
{
    bool is_bounded = limit->max_minor != CATALOGUE_NO_LIMIT;
    out_open(call, name, '{');
    out_text(call, "limit", limit_name(limit->name));
    if (is_bounded) {
        out_money(call, "max", (struct money){limit->max_minor, ccy});
    } else {
        out_text(call, "max", NULL);
    }
    out_money(call, "used", (struct money){limit->used_minor, ccy});
    if (is_bounded) {
        out_money(call, "left", (struct money){limit->left_minor, ccy});
    } else {
        out_text(call, "left", NULL);
    }
    render_rule_version(call, "ruleVersion", limit->rule_version);
    out_bilingual(call, "source", limit->source_en, limit->source_zh);
    out_close(call, '}');
}

void render_limit_problem(struct call *call, const struct limit_report *limit, struct ccy ccy)
{
    call_member_text(call, "limit", limit_name(limit->name));
    call_member_money(call, "max", (struct money){limit->max_minor, ccy});
    call_member_money(call, "left", (struct money){limit->left_minor, ccy});
}

void render_hold(struct call *call, const char *name, const struct ledger_hold_row *hold,
                 struct ccy ccy)
{
    int64_t left_minor = hold->amount_minor - hold->captured_minor;
    out_open(call, name, '{');
    out_id(call, "holdId", hold->id);
    out_money(call, "amount", (struct money){left_minor, ccy});
    out_text(call, "purpose", recipe_name((enum recipe)hold->recipe));
    optional_id(call, "paymentId", hold->ref_id);
    optional_instant(call, "expiresAt", hold->expires_at);
    out_close(call, '}');
}

void render_transaction_members(struct call *call, const struct activity_line *line, struct ccy ccy)
{
    const struct ledger_line *entry = &line->line;
    out_id(call, "transactionId", entry->journal.value);
    out_date(call, "bookingDate", entry->booking_date);
    out_date(call, "valueDate", entry->value_date);
    out_instant(call, "bookedAt", entry->created_at);
    out_text(call, "kind", activity_kind_name(line->kind));
    out_text(call, "direction", entry->side == LEDGER_CREDIT ? "in" : "out");
    out_money(call, "transactionAmount", (struct money){entry->amount_minor, ccy});
    out_money(call, "balanceAfter", (struct money){entry->balance_minor, ccy});
    out_text(call, "counterpartyName", line->other_name);
    optional_text(call, "counterpartyAccount", line->other_masked);
    if (line->has_payment) {
        optional_text(call, "remittanceInformationUnstructured", line->payment.text);
        out_id(call, "paymentId", line->payment.id.value);
    }
    /* What is in the books is settled; the rest are holds. */
    out_text(call, "transactionStatus", payment_status_name(PAYMENT_ACSC));
}

void render_transaction(struct call *call, const char *name, const struct activity_line *line,
                        struct ccy ccy)
{
    out_open(call, name, '{');
    render_transaction_members(call, line, ccy);
    out_close(call, '}');
}

/* --- Payments --------------------------------------------------------------------------------- */

enum err render_payment_load(struct db_conn *conn, struct payment_view *view)
{
    const struct payment *payment = &view->payment;
    view->has_card = payment->card.value != 0;
    if (!view->has_card) {
        return ERR_OK;
    }
    struct customer_id holder =
        payment->kind == PAYMENT_TOP_UP ? payment->debtor_customer : payment->creditor_customer;
    return card_load_own(conn, holder, payment->card, &view->card);
}

static void render_outcome(struct call *call, const struct payment *payment)
{
    optional_instant(call, "settledAt", payment->settled_at);
    if (payment->reason[0] == '\0') {
        return;
    }
    out_text(call, "reasonCode", payment->reason);
    const char *en = payment_reason_text(payment->reason, LANG_EN);
    const char *zh = payment_reason_text(payment->reason, LANG_ZH);
    if (en != NULL && zh != NULL) {
        out_bilingual(call, "statusReason", en, zh);
    }
}

void render_payment_members(struct call *call, const struct payment_view *view)
{
    const struct payment *payment = &view->payment;
    out_id(call, "paymentId", payment->id.value);
    out_text(call, "kind", payment_kind_name(payment->kind));
    out_text(call, "transactionStatus", payment_status_name(payment->status));
    out_money(call, "instructedAmount", payment->amount);
    out_text(call, "debtorName", payment->debtor_name);
    out_text(call, "debtorAccount", payment->debtor_masked);
    out_text(call, "creditorName", payment->creditor_name);
    out_text(call, "creditorAccount", payment->creditor_masked);
    if (view->has_card) {
        out_open(call, "card", '{');
        out_id(call, "cardId", view->card.id.value);
        render_issuer(call, "issuer", &view->card.issuer);
        out_text(call, "maskedPan", view->card.masked_pan);
        out_close(call, '}');
    }
    optional_text(call, "remittanceInformationUnstructured", payment->text);
    out_instant(call, "createdAt", payment->created_at);
    render_outcome(call, payment);
    out_text(call, "endToEndIdentification", payment->end_to_end);
    out_open(call, "journalIds", '[');
    if (payment->journal.value != 0) {
        out_id(call, NULL, payment->journal.value);
    }
    out_close(call, ']');
    render_rule_version(call, "ruleVersion", payment->rule_version);
    out_int(call, "channelQueries", payment->query_count);
}

void render_payment(struct call *call, const char *name, const struct payment_view *view)
{
    out_open(call, name, '{');
    render_payment_members(call, view);
    out_close(call, '}');
}
