/* Tables of what a customer sees of their tier, and of an account that ends. */
#include "api/schemas_account.h"

#include "api/schemas.h"

static const char *const values_tier[] = {"I", "II", "III", NULL};
static const char *const values_channel[] = {"registry", "operator", "issuer", "counter", NULL};

static const struct field channel_fields[] = {
    FIELD_MUST("channel", FIELD_ENUM, .values = values_channel),
    FIELD_MAY("detail", FIELD_TEXT, .text = "of an issuer: its code"),
    FIELD_MUST("at", FIELD_INSTANT), FIELD_END};
static const struct schema schema_channel = {
    "Channel", channel_fields, "An independent party that confirmed who the customer is."};

static const struct field next_fields[] = {
    FIELD_MUST("tier", FIELD_ENUM, .values = values_tier),
    FIELD_MUST("channelsMin", FIELD_INT, .text = "so many channels it takes"),
    FIELD_MUST("text", FIELD_BILINGUAL, .text = "how to get there"), FIELD_END};
static const struct schema schema_next_tier = {"NextTier", next_fields, "The tier above."};

static const struct field tier_fields[] = {
    FIELD_MUST("tier", FIELD_ENUM, .nullable = true, .values = values_tier,
               .text = "of payment accounts; null: no channel yet"),
    FIELD_MUST("channels", FIELD_LIST, .schema = &schema_channel, .text = "oldest first"),
    FIELD_MUST("count", FIELD_INT),
    FIELD_MUST("investment", FIELD_BOOL, .text = "may the balance buy investment products?"),
    FIELD_MAY("next", FIELD_OBJECT, .schema = &schema_next_tier),
    FIELD_END};
const struct schema schema_tier = {"Tier", tier_fields,
                                   "What payment accounts of the customer may do, and why."};

static const struct field closure_fields[] = {
    FIELD_MUST("account", FIELD_OBJECT, .schema = &schema_account,
               .text = "closed, or closing while the payment's end is not known"),
    FIELD_MAY("payment", FIELD_OBJECT, .schema = &schema_payment, .text = "of what was in it"),
    FIELD_END};
const struct schema schema_closure = {"Closure", closure_fields, "An account that ends."};
