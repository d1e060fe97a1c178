/* Tables of the objects that only staff see. Where staff see more of a customer's object, its rows
 * are repeated here: a table cannot take in another. */
#include "desk/desk_schemas.h"

#include "account/account_api.h"
#include "customer/customer_api.h"
#include "payment/payment_api.h"

#include <stddef.h>

#define SCHEMA_WHOLE_LIST(variable, item, name_)                                                   \
    static const struct field variable##_fields[] = {                                              \
        FIELD_MUST("items", FIELD_LIST, .schema = &(item), .text = "all of them"), FIELD_END};     \
    const struct schema variable = {name_, variable##_fields, "A list that comes whole."}

const char *const values_recipe[] = {
    "transfer", "topUp",    "withdrawal",    "settleIn", "settleOut",   "interestAccrual",
    "interest", "reversal", "capitalPaidIn", "bulk",     "topUpReturn", NULL};

static const char *const values_customer_state[] = {"onboarding", "active", "suspended", "closed",
                                                    NULL};
static const char *const values_class[] = {"I", "II", "III", "payment", NULL};
static const char *const values_account_state[] = {"active", "frozen", "closed", "closing", NULL};
static const char *const values_check[] = {"format", "region",   "birthDate", "checkDigit",
                                           "age",    "registry", NULL};
static const char *const values_check_result[] = {"passed", "failed", "unavailable", NULL};
static const char *const values_gl_class[] = {"asset",  "liability", "equity",
                                              "income", "expense",   NULL};
static const char *const values_side[] = {"debit", "credit", NULL};
static const char *const values_day_state[] = {"open", "running", "done", NULL};
static const char *const values_step_state[] = {"open", "running", "done", "failed", NULL};

/* --- Staff ------------------------------------------------------------------------------------ */

/* --- Dashboard -------------------------------------------------------------------------------- */

static const struct field customer_figures_fields[] = {
    FIELD_MUST("total", FIELD_INT), FIELD_MUST("active", FIELD_INT),
    FIELD_MUST("newToday", FIELD_INT, .text = "signed up since midnight of the bank's civil time"),
    FIELD_END};
static const struct schema customer_figures = {"CustomerFigures", customer_figures_fields,
                                               "How many customers there are."};

static const struct field account_figures_fields[] = {
    FIELD_MUST("total", FIELD_INT, .text = "not closed"), FIELD_END};
static const struct schema account_figures = {"AccountFigures", account_figures_fields,
                                              "How many accounts there are."};

static const struct field payments_today_fields[] = {FIELD_MUST("count", FIELD_INT),
                                                     FIELD_MUST("amount", FIELD_MONEY), FIELD_END};
static const struct schema payments_today = {
    "PaymentsToday", payments_today_fields,
    "Payments made since midnight, without those that were rejected."};

static const struct field status_figures_fields[] = {
    FIELD_MUST("RCVD", FIELD_INT), FIELD_MUST("PDNG", FIELD_INT), FIELD_MUST("ACSC", FIELD_INT),
    FIELD_MUST("RJCT", FIELD_INT), FIELD_END};
static const struct schema status_figures = {"StatusFigures", status_figures_fields,
                                             "Payments made since midnight by their status."};

static const struct field payment_figures_fields[] = {
    FIELD_MUST("today", FIELD_OBJECT, .schema = &payments_today),
    FIELD_MUST("byStatus", FIELD_OBJECT, .schema = &status_figures), FIELD_END};
static const struct schema payment_figures = {"PaymentFigures", payment_figures_fields,
                                              "Payments of today."};

static const struct field outbox_figures_fields[] = {
    FIELD_MUST("due", FIELD_INT, .text = "waiting for delivery"),
    FIELD_MUST("dead", FIELD_INT, .text = "given up after the last attempt"), FIELD_END};
static const struct schema outbox_figures = {"OutboxFigures", outbox_figures_fields,
                                             "News on its way out of the bank."};

static const struct field hour_fields[] = {
    FIELD_MUST("hour", FIELD_INSTANT, .text = "its beginning"), FIELD_MUST("count", FIELD_INT),
    FIELD_MUST("amount", FIELD_MONEY), FIELD_END};
static const struct schema hour_figures = {"Hour", hour_fields, "Payments settled in an hour."};

static const char *const values_clock[] = {"steady", "jumped", "unsure", NULL};

static const struct field shortage_fields[] = {FIELD_MUST("shortage", FIELD_MONEY), FIELD_END};
static const struct schema shortage = {"ReserveShortage", shortage_fields,
                                       "Customers' money that the reserve does not cover."};

static const struct field failed_job_fields[] = {
    FIELD_MUST("job", FIELD_TEXT), FIELD_MUST("error", FIELD_TEXT, .text = "of its last run"),
    FIELD_END};
static const struct schema failed_job = {"FailedJob", failed_job_fields,
                                         "A job whose last run failed."};

static const struct field health_fields[] = {
    FIELD_MUST("clock", FIELD_ENUM, .values = values_clock,
               .text = "jumped: the wall clock was set and is not followed; unsure: the bank was "
                       "out of service for so long that nobody knows whether it is right"),
    FIELD_MUST("clockAheadSeconds", FIELD_INT, .text = "wall clock less the bank's time"),
    FIELD_MUST("unfinishedDates", FIELD_INT, .text = "closed dates whose steps are owed"),
    FIELD_MUST("oldestUnfinishedDate", FIELD_DATE, .nullable = true),
    FIELD_MUST("endOfDayError", FIELD_TEXT, .nullable = true, .text = "of the oldest date owed"),
    FIELD_MUST("reserveShortages", FIELD_LIST, .schema = &shortage, .text = "by currency"),
    FIELD_MUST("failedJobs", FIELD_LIST, .schema = &failed_job),
    FIELD_END};
static const struct schema health = {"Health", health_fields,
                                     "What the bank's staff must look after."};

static const struct field dashboard_fields[] = {
    FIELD_MUST("businessDate", FIELD_DATE),
    FIELD_MUST("customers", FIELD_OBJECT, .schema = &customer_figures),
    FIELD_MUST("accounts", FIELD_OBJECT, .schema = &account_figures),
    FIELD_MUST("customerFunds", FIELD_MONEY, .text = "what the bank owes its customers"),
    FIELD_MUST("reserve", FIELD_MONEY, .text = "what it keeps for them at the central bank"),
    FIELD_MUST("inClearing", FIELD_MONEY,
               .text =
                   "what the clearing house is still to settle into the reserve, less what it is "
                   "still to take out of it; below zero where that is more"),
    FIELD_MUST("capital", FIELD_MONEY, .text = "the bank's own money, part of the reserve"),
    FIELD_MUST("health", FIELD_OBJECT, .schema = &health),
    FIELD_MUST("payments", FIELD_OBJECT, .schema = &payment_figures),
    FIELD_MUST("outbox", FIELD_OBJECT, .schema = &outbox_figures),
    FIELD_MUST("hourly", FIELD_LIST, .schema = &hour_figures,
               .text = "the last 24 hours, this one included, oldest first"),
    FIELD_END};
const struct schema schema_dashboard = {"Dashboard", dashboard_fields, "The bank at a glance."};

/* --- Customers -------------------------------------------------------------------------------- */

static const struct field customer_row_fields[] = {
    FIELD_MUST("customerId", FIELD_ID),
    FIELD_MUST("name", FIELD_TEXT, .nullable = true, .text = "null until the identity is checked"),
    FIELD_MUST("maskedPhone", FIELD_TEXT),
    FIELD_MUST("maskedIdNumber", FIELD_TEXT, .nullable = true),
    FIELD_MUST("state", FIELD_ENUM, .values = values_customer_state),
    FIELD_MUST("createdAt", FIELD_INSTANT),
    FIELD_END};
const struct schema schema_customer_row = {"CustomerRow", customer_row_fields,
                                           "A customer as a list shows them."};

static const struct field check_row_fields[] = {
    FIELD_MUST("check", FIELD_ENUM, .values = values_check),
    FIELD_MUST("result", FIELD_ENUM, .values = values_check_result),
    FIELD_MAY("score", FIELD_INT),
    FIELD_MUST("version", FIELD_TEXT, .text = "of the rule or registry that decided"),
    FIELD_MUST("at", FIELD_INSTANT),
    FIELD_MUST("evidenceHash", FIELD_TEXT,
               .text = "keyed hash of what was looked at, in hexadecimal"),
    FIELD_END};
static const struct schema check_row = {"CheckRow", check_row_fields,
                                        "A check of a customer's identity, kept as evidence."};

static const struct field customer_file_fields[] = {
    FIELD_MUST("customer", FIELD_OBJECT, .schema = &schema_customer),
    FIELD_MUST("accounts", FIELD_LIST, .schema = &schema_account),
    FIELD_MUST("cards", FIELD_LIST, .schema = &schema_card,
               .text = "unbound ones too, newest first"),
    FIELD_MUST("consents", FIELD_LIST, .schema = &schema_consent),
    FIELD_MUST("checks", FIELD_LIST, .schema = &check_row, .text = "newest first"),
    FIELD_MUST("sessions", FIELD_LIST, .schema = &schema_session),
    FIELD_END};
const struct schema schema_customer_file = {"CustomerFile", customer_file_fields,
                                            "All about a customer, personal data masked."};

static const struct field reveal_fields[] = {FIELD_MUST("value", FIELD_TEXT, .text = "in full"),
                                             FIELD_END};
const struct schema schema_reveal = {"Reveal", reveal_fields, "What was behind a mask."};

static const struct field staff_account_fields[] = {
    FIELD_MUST("accountId", FIELD_ID),
    FIELD_MUST("accountNumber", FIELD_TEXT, .min = 16, .max = 16),
    FIELD_MUST("class", FIELD_ENUM, .values = values_class),
    FIELD_MUST("currency", FIELD_TEXT, .min = 3, .max = 3),
    FIELD_MUST("state", FIELD_ENUM, .values = values_account_state),
    FIELD_MUST("openedAt", FIELD_INSTANT),
    FIELD_MUST("product", FIELD_OBJECT, .schema = &schema_product),
    FIELD_MUST("balances", FIELD_LIST, .schema = &schema_balance, .text = "one of each type"),
    FIELD_MUST("accruedInterest", FIELD_TEXT, .text = "not yet credited, in major units"),
    FIELD_MUST("owner", FIELD_OBJECT, .schema = &schema_customer_row),
    FIELD_END};
const struct schema schema_staff_account = {"StaffAccount", staff_account_fields,
                                            "An account and whose it is."};

static const struct field staff_transaction_fields[] = {
    FIELD_MUST("transactionId", FIELD_ID, .text = "of its journal"),
    FIELD_MUST("bookingDate", FIELD_DATE),
    FIELD_MUST("valueDate", FIELD_DATE),
    FIELD_MUST("bookedAt", FIELD_INSTANT),
    FIELD_MUST("kind", FIELD_ENUM, .values = values_activity_kind),
    FIELD_MUST("direction", FIELD_ENUM, .values = values_direction),
    FIELD_MUST("transactionAmount", FIELD_MONEY),
    FIELD_MUST("balanceAfter", FIELD_MONEY),
    FIELD_MUST("counterpartyName", FIELD_TEXT, .text = "empty where there is no other party"),
    FIELD_MAY("counterpartyAccount", FIELD_TEXT, .text = "masked"),
    FIELD_MAY("remittanceInformationUnstructured", FIELD_TEXT),
    FIELD_MAY("paymentId", FIELD_ID),
    FIELD_MUST("transactionStatus", FIELD_ENUM, .values = values_payment_status),
    FIELD_MUST("recipe", FIELD_ENUM, .values = values_recipe,
               .text = "product event of its journal"),
    FIELD_END};
const struct schema schema_staff_transaction = {"StaffTransaction", staff_transaction_fields,
                                                "A line of an account with its posting recipe."};

/* --- The books -------------------------------------------------------------------------------- */

static const struct field posting_fields[] = {
    FIELD_MUST("accountId", FIELD_ID),
    FIELD_MUST("glCode", FIELD_TEXT),
    FIELD_MUST("glName", FIELD_BILINGUAL),
    FIELD_MUST("side", FIELD_ENUM, .values = values_side),
    FIELD_MUST("amount", FIELD_MONEY),
    FIELD_MUST("balanceAfter", FIELD_MONEY, .text = "of the account, on its normal side"),
    FIELD_END};
static const struct schema posting = {"Posting", posting_fields, "One line of a journal."};

static const struct field journal_fields[] = {
    FIELD_MUST("journalId", FIELD_ID),
    FIELD_MUST("kind", FIELD_ENUM, .values = values_recipe, .text = "product event"),
    FIELD_MUST("recipeVersion", FIELD_TEXT),
    FIELD_MUST("bookingDate", FIELD_DATE),
    FIELD_MUST("valueDate", FIELD_DATE),
    FIELD_MUST("createdAt", FIELD_INSTANT),
    FIELD_MUST("reference", FIELD_TEXT, .text = "id of what it was posted for, empty for none"),
    FIELD_MAY("reversalOf", FIELD_ID, .text = "the journal that this one reverses"),
    FIELD_MUST("postings", FIELD_LIST, .schema = &posting,
               .text = "debit and credit of each transfer"),
    FIELD_END};
const struct schema schema_journal = {"Journal", journal_fields, "A balanced entry in the books."};

static const struct field gl_account_fields[] = {
    FIELD_MUST("code", FIELD_TEXT),
    FIELD_MUST("name", FIELD_BILINGUAL),
    FIELD_MUST("class", FIELD_ENUM, .values = values_gl_class),
    FIELD_MUST("normalSide", FIELD_ENUM, .values = values_side),
    FIELD_MUST("currency", FIELD_TEXT, .min = 3, .max = 3),
    FIELD_MUST("balance", FIELD_MONEY, .text = "of all its accounts together, never below zero"),
    FIELD_MUST("side", FIELD_ENUM, .values = values_side, .text = "on which the balance is"),
    FIELD_MUST("accountCount", FIELD_INT),
    FIELD_END};
static const struct schema gl_account_schema = {"GlAccount", gl_account_fields,
                                                "An account of the general ledger."};
SCHEMA_WHOLE_LIST(schema_gl_account_list, gl_account_schema, "GlAccountList");

static const struct field trial_row_fields[] = {
    FIELD_MUST("code", FIELD_TEXT),
    FIELD_MUST("name", FIELD_BILINGUAL),
    FIELD_MUST("class", FIELD_ENUM, .values = values_gl_class),
    FIELD_MUST("openingDebit", FIELD_DECIMAL),
    FIELD_MUST("openingCredit", FIELD_DECIMAL),
    FIELD_MUST("debitTurnover", FIELD_DECIMAL),
    FIELD_MUST("creditTurnover", FIELD_DECIMAL),
    FIELD_MUST("closingDebit", FIELD_DECIMAL),
    FIELD_MUST("closingCredit", FIELD_DECIMAL),
    FIELD_END};
static const struct schema trial_row = {"TrialRow", trial_row_fields,
                                        "A general ledger account over a day."};

static const struct field trial_totals_fields[] = {FIELD_MUST("openingDebit", FIELD_DECIMAL),
                                                   FIELD_MUST("openingCredit", FIELD_DECIMAL),
                                                   FIELD_MUST("debitTurnover", FIELD_DECIMAL),
                                                   FIELD_MUST("creditTurnover", FIELD_DECIMAL),
                                                   FIELD_MUST("closingDebit", FIELD_DECIMAL),
                                                   FIELD_MUST("closingCredit", FIELD_DECIMAL),
                                                   FIELD_END};
static const struct schema trial_totals = {"TrialTotals", trial_totals_fields,
                                           "Sums of the columns."};

static const struct field trial_balance_fields[] = {
    FIELD_MUST("date", FIELD_DATE),
    FIELD_MUST("currency", FIELD_TEXT, .min = 3, .max = 3),
    FIELD_MUST("rows", FIELD_LIST, .schema = &trial_row, .text = "the whole chart, by code"),
    FIELD_MUST("totals", FIELD_OBJECT, .schema = &trial_totals),
    FIELD_MUST("balanced", FIELD_BOOL,
               .text = "debits equal credits in all three pairs of columns"),
    FIELD_END};
const struct schema schema_trial_balance = {"TrialBalance", trial_balance_fields,
                                            "The books of a date."};

static const struct field seal_fields[] = {
    FIELD_MUST("sealId", FIELD_TEXT, .text = "its number; with its bucket where each has a chain"),
    FIELD_MUST("at", FIELD_INSTANT),
    FIELD_MUST("firstTransferId", FIELD_ID),
    FIELD_MUST("lastTransferId", FIELD_ID),
    FIELD_MUST("count", FIELD_INT, .text = "transfers under it"),
    FIELD_MUST("hash", FIELD_TEXT, .text = "over them and the seal before, in hexadecimal"),
    FIELD_END};
const struct schema schema_seal = {"Seal", seal_fields, "A link of the ledger's hash chain."};

/* --- Payments --------------------------------------------------------------------------------- */

/* All members of Payment, and who is behind the two sides. */
#define STAFF_PAYMENT_ROWS                                                                         \
    FIELD_MUST("paymentId", FIELD_ID),                                                             \
        FIELD_MUST("kind", FIELD_ENUM, .values = values_payment_kind),                             \
        FIELD_MUST("transactionStatus", FIELD_ENUM, .values = values_payment_status),              \
        FIELD_MUST("instructedAmount", FIELD_MONEY), FIELD_MUST("debtorName", FIELD_TEXT),         \
        FIELD_MUST("debtorAccount", FIELD_TEXT, .text = "masked account or card"),                 \
        FIELD_MUST("creditorName", FIELD_TEXT),                                                    \
        FIELD_MUST("creditorAccount", FIELD_TEXT, .text = "masked account or card"),               \
        FIELD_MAY("card", FIELD_OBJECT, .schema = &schema_payment_card),                           \
        FIELD_MAY("remittanceInformationUnstructured", FIELD_TEXT),                                \
        FIELD_MUST("createdAt", FIELD_INSTANT),                                                    \
        FIELD_MAY("settledAt", FIELD_INSTANT, .text = "when it was settled or rejected"),          \
        FIELD_MAY("reasonCode", FIELD_TEXT, .text = "ISO 20022 reason of a rejection"),            \
        FIELD_MAY("statusReason", FIELD_BILINGUAL),                                                \
        FIELD_MUST("endToEndIdentification", FIELD_TEXT), FIELD_MUST("journalIds", FIELD_LIST),    \
        FIELD_MUST("ruleVersion", FIELD_TEXT), FIELD_MUST("channelQueries", FIELD_INT),            \
        FIELD_MUST("debtorCustomerId", FIELD_ID, .nullable = true),                                \
        FIELD_MUST("creditorCustomerId", FIELD_ID, .nullable = true)

static const struct field staff_payment_fields[] = {STAFF_PAYMENT_ROWS, FIELD_END};
const struct schema schema_staff_payment = {"StaffPayment", staff_payment_fields,
                                            "A payment and the customers on both sides."};

static const struct field trail_fields[] = {
    FIELD_MUST("at", FIELD_INSTANT),
    FIELD_MUST("event", FIELD_TEXT,
               .text = "begun, attempt, pending, unknown, settled, rejected, …"),
    FIELD_MUST("detail", FIELD_TEXT), FIELD_END};
static const struct schema trail = {"PaymentEvent", trail_fields,
                                    "A step in the life of a payment."};

static const struct field payment_file_fields[] = {
    STAFF_PAYMENT_ROWS, FIELD_MUST("trail", FIELD_LIST, .schema = &trail, .text = "oldest first"),
    FIELD_MUST("journals", FIELD_LIST, .schema = &schema_journal), FIELD_END};
const struct schema schema_payment_file = {"PaymentFile", payment_file_fields,
                                           "A payment with its trail and its journals."};

/* --- Operation -------------------------------------------------------------------------------- */

static const struct field job_fields[] = {
    FIELD_MUST("job", FIELD_TEXT),
    FIELD_MUST("schedule", FIELD_TEXT, .text = "when it runs, for people"),
    FIELD_MUST("lastRunAt", FIELD_INSTANT, .nullable = true),
    FIELD_MUST("lastResult", FIELD_TEXT, .nullable = true,
               .text = "ok, or the error; null before a run"),
    FIELD_MUST("nextRunAt", FIELD_INSTANT, .nullable = true),
    FIELD_MUST("runCount", FIELD_INT, .text = "since the server started"),
    FIELD_END};
static const struct schema job = {"Job", job_fields, "Work that the bank does by itself."};
SCHEMA_WHOLE_LIST(schema_job_list, job, "JobList");

static const struct field eod_step_fields[] = {
    FIELD_MUST("step", FIELD_TEXT),
    FIELD_MUST("state", FIELD_ENUM, .values = values_step_state),
    FIELD_MUST("done", FIELD_INT),
    FIELD_MUST("total", FIELD_INT),
    FIELD_MUST("startedAt", FIELD_INSTANT, .nullable = true),
    FIELD_MUST("endedAt", FIELD_INSTANT, .nullable = true),
    FIELD_END};
static const struct schema eod_step = {"EndOfDayStep", eod_step_fields,
                                       "A step of the end of day."};

static const struct field end_of_day_fields[] = {
    FIELD_MUST("state", FIELD_ENUM, .values = values_day_state,
               .text = "open: none has run since the server started, or one stopped on the way"),
    FIELD_MUST("steps", FIELD_LIST, .schema = &eod_step, .text = "of the run, or of the last one"),
    FIELD_END};
static const struct schema end_of_day = {"EndOfDay", end_of_day_fields,
                                         "The end of day that runs, or the last that ran."};

static const struct field business_date_fields[] = {
    FIELD_MUST("businessDate", FIELD_DATE),
    FIELD_MUST("endOfDay", FIELD_OBJECT, .schema = &end_of_day), FIELD_END};
const struct schema schema_business_date = {"BusinessDate", business_date_fields,
                                            "The day that the bank's books are on."};

static const struct field end_of_day_run_fields[] = {FIELD_MUST("businessDate", FIELD_DATE),
                                                     FIELD_MUST("dryRun", FIELD_BOOL), FIELD_END};
const struct schema schema_end_of_day_run = {
    "EndOfDayRun", end_of_day_run_fields,
    "An end of day that was started; GET /v1/staff/business-date shows how far it is."};

static const struct field outbox_message_fields[] = {
    FIELD_MUST("messageId", FIELD_ID),
    FIELD_MUST("topic", FIELD_TEXT),
    FIELD_MUST("attempts", FIELD_INT),
    FIELD_MUST("createdAt", FIELD_INSTANT),
    FIELD_MUST("nextAt", FIELD_INSTANT, .nullable = true, .text = "null: given up"),
    FIELD_MAY("lastError", FIELD_TEXT),
    FIELD_END};
const struct schema schema_outbox_message = {"OutboxMessage", outbox_message_fields,
                                             "News that is not yet delivered."};
