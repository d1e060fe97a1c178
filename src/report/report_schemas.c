#include "report/report_schemas.h"

#include "payment/payment_api.h"

static const struct field statement_account_fields[] = {
    FIELD_MUST("accountId", FIELD_ID),
    FIELD_MUST("accountNumber", FIELD_TEXT, .min = 16, .max = 16),
    FIELD_MUST("currency", FIELD_TEXT, .min = 3, .max = 3), FIELD_END};
static const struct schema schema_statement_account = {"StatementAccount", statement_account_fields,
                                                       "The account of a statement."};

static const struct field statement_fields[] = {
    FIELD_MUST("account", FIELD_OBJECT, .schema = &schema_statement_account),
    FIELD_MUST("holderName", FIELD_TEXT),
    FIELD_MUST("from", FIELD_DATE),
    FIELD_MUST("to", FIELD_DATE),
    FIELD_MUST("opening", FIELD_MONEY, .text = "booked balance before the first day"),
    FIELD_MUST("closing", FIELD_MONEY, .text = "booked balance after the last day"),
    FIELD_MUST("debits", FIELD_MONEY, .text = "all that went out"),
    FIELD_MUST("credits", FIELD_MONEY, .text = "all that came in"),
    FIELD_MUST("checkCode", FIELD_TEXT,
               .text = "over all facts of the statement: the same on every print of it"),
    FIELD_MUST("createdAt", FIELD_INSTANT),
    FIELD_MUST("items", FIELD_LIST, .schema = &schema_transaction,
               .text = "by booking date, oldest first"),
    FIELD_END};
const struct schema schema_statement = {"Statement", statement_fields,
                                        "An account over some days."};
