#include "account/account_schemas.h"

#include "account/account_routes.h"
#include "account/card.h"
#include "web/member.h"

static const char *const values_card_kind[] = {"debit", "credit", NULL};
static const char *const values_card_state[] = {"bound", "unbound", NULL};
static const char *const values_class[] = {"I", "II", "III", "payment", NULL};
static const char *const values_account_state[] = {"active", "frozen", "closed", "closing", NULL};
static const char *const values_balance_type[] = {"interimBooked", "interimAvailable", NULL};
static const char *const values_limit[] = {"outflowNonBoundDay",
                                           "outflowNonBoundYear",
                                           "inflowNonBoundDay",
                                           "inflowNonBoundYear",
                                           "balanceMax",
                                           "paymentsSmallDay",
                                           "topUpPayment",
                                           "topUpDay",
                                           "tierTotal",
                                           "tierYear",
                                           "tierDay",
                                           NULL};

static const struct field issuer_fields[] = {
    FIELD_MUST("code", MEMBER_TEXT(struct card_issuer, code)),
    FIELD_MUST("name", MEMBER_TWO_TEXTS(struct card_issuer, name_en, name_zh)), FIELD_END};
const struct schema schema_issuer = {"Issuer", issuer_fields, "The bank that issued a card."};

static const struct field card_fields[] = {
    FIELD_MUST("cardId", FIELD_ID),
    FIELD_MUST("issuer", FIELD_OBJECT, .schema = &schema_issuer),
    FIELD_MUST("maskedPan", FIELD_TEXT),
    FIELD_MUST("cardKind", FIELD_ENUM, .values = values_card_kind),
    FIELD_MUST("accountClass", FIELD_ENUM, .values = values_class,
               .text = "of the account behind the card"),
    FIELD_MUST("state", FIELD_ENUM, .values = values_card_state),
    FIELD_MUST("boundAt", FIELD_INSTANT),
    FIELD_MUST("perPaymentLimit", FIELD_MONEY),
    FIELD_MUST("perDayLimit", FIELD_MONEY),
    FIELD_END};
const struct schema schema_card = {"Card", card_fields,
                                   "A debit card of another bank in the customer's name."};
SCHEMA_WHOLE_LIST(schema_card_list, schema_card, "CardList");

static const struct field card_binding_fields[] = {
    FIELD_MUST("cardBindingId", FIELD_ID),
    FIELD_MUST("issuer", FIELD_OBJECT, .schema = &schema_issuer),
    FIELD_MUST("maskedPan", FIELD_TEXT),
    FIELD_MUST("cardKind", FIELD_ENUM, .values = values_card_kind),
    FIELD_MUST("expiresAt", FIELD_INSTANT, .text = "of the issuer's code"),
    FIELD_END};
const struct schema schema_card_binding = {"CardBinding", card_binding_fields,
                                           "A card whose issuer has sent a code."};

static const struct field card_bound_fields[] = {
    FIELD_MUST("card", FIELD_OBJECT, .schema = &schema_card),
    FIELD_MUST("account", FIELD_OBJECT, .schema = &schema_account,
               .text = "opened by the customer's first card"),
    FIELD_END};
const struct schema schema_card_bound = {"CardBound", card_bound_fields,
                                         "A card just bound, and the account it goes with."};

static const struct field product_fields[] = {
    FIELD_MUST("name", FIELD_BILINGUAL), FIELD_MUST("interestRate", FIELD_TEXT, .text = "0.35%"),
    FIELD_MUST("ruleVersion", FIELD_TEXT, .text = "edition of the bank's rules: 2018-01-10/2"),
    FIELD_END};
const struct schema schema_product = {"Product", product_fields, "What an account is."};

static const struct field balance_fields[] = {
    FIELD_MUST("balanceType", FIELD_ENUM, .values = values_balance_type,
               .text = "booked, or booked less what is held"),
    FIELD_MUST("balanceAmount", FIELD_MONEY), FIELD_END};
const struct schema schema_balance = {"Balance", balance_fields, "A balance."};

static const struct field account_fields[] = {
    FIELD_MUST("accountId", FIELD_ID),
    FIELD_MUST("accountNumber", FIELD_TEXT, .min = 16, .max = 16),
    FIELD_MUST("class", FIELD_ENUM, .values = values_class),
    FIELD_MUST("currency", FIELD_TEXT, .min = 3, .max = 3),
    FIELD_MUST("state", FIELD_ENUM, .values = values_account_state),
    FIELD_MUST("openedAt", FIELD_INSTANT),
    FIELD_MUST("product", FIELD_OBJECT, .schema = &schema_product),
    FIELD_MUST("balances", FIELD_LIST, .schema = &schema_balance, .text = "one of each type"),
    FIELD_MUST("accruedInterest", FIELD_TEXT,
               .text = "not yet credited, in major units with six or more digits: 0.012345"),
    FIELD_END};
const struct schema schema_account = {"Account", account_fields, "A customer's account."};
SCHEMA_WHOLE_LIST(schema_account_list, schema_account, "AccountList");

static const struct field balances_fields[] = {
    FIELD_MUST("balances", FIELD_LIST, .schema = &schema_balance,
               .text = "booked and available now; booked only at an instant that has passed"),
    FIELD_MUST("asOf", FIELD_INSTANT), FIELD_END};
const struct schema schema_balances = {"Balances", balances_fields, "Balances at an instant."};

static const struct field limit_fields[] = {
    FIELD_MUST("limit", FIELD_ENUM, .values = values_limit),
    FIELD_MUST("max", FIELD_MONEY, .nullable = true, .text = "null: there is no limit"),
    FIELD_MUST("used", FIELD_MONEY),
    FIELD_MUST("left", FIELD_MONEY, .nullable = true, .text = "null: there is no limit"),
    FIELD_MUST("ruleVersion", FIELD_TEXT),
    FIELD_MUST("source", FIELD_BILINGUAL, .text = "the law or contract that sets it"),
    FIELD_END};
const struct schema schema_limit = {"Limit", limit_fields,
                                    "A limit, what is used of it and what is left."};
SCHEMA_WHOLE_LIST(schema_limit_list, schema_limit, "LimitList");

static const struct field hold_fields[] = {FIELD_MUST("holdId", FIELD_ID),
                                           FIELD_MUST("amount", FIELD_MONEY),
                                           FIELD_MUST("purpose", FIELD_TEXT, .text = "withdrawal"),
                                           FIELD_MAY("paymentId", FIELD_ID),
                                           FIELD_MAY("expiresAt", FIELD_INSTANT),
                                           FIELD_END};
const struct schema schema_hold = {"Hold", hold_fields, "Money set aside for a payment."};
SCHEMA_WHOLE_LIST(schema_hold_list, schema_hold, "HoldList");

/* Of limit-exceeded. */
const struct problem_members account_problems[] = {
    {10, "\"limit\":{\"type\":\"string\",\"description\":\"name of the limit that would "
         "be passed\"},\"max\":{\"$ref\":\"#/components/schemas/Money\"},"
         "\"left\":{\"$ref\":\"#/components/schemas/Money\"}"},
    {0}};
