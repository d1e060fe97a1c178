#include "privacy/privacy_schemas.h"

#include "account/account_api.h"
#include "privacy/privacy_routes.h"

static const char *const values_leaving_state[] = {"closing", "closed", "failed", NULL};

static const struct field leaving_fields[] = {
    FIELD_MUST("state", FIELD_ENUM, .values = values_leaving_state,
               .text =
                   "closing: a pay-out is on its way; failed: one was refused, and the customer "
                   "stays"),
    FIELD_MUST("accounts", FIELD_LIST, .schema = &schema_account),
    FIELD_MUST("eraseAfter", FIELD_DATE, .text = "what identifies the customer is erased then"),
    FIELD_END};
const struct schema schema_leaving = {"Leaving", leaving_fields, "A customer who leaves the bank."};

static const struct field retention_fields[] = {
    FIELD_MUST("kind", FIELD_TEXT), FIELD_MUST("name", FIELD_BILINGUAL),
    FIELD_MUST("keptFor", FIELD_TEXT, .text = "ISO 8601 duration: P180D"),
    FIELD_MUST("ground", FIELD_BILINGUAL, .text = "the law, and from when it counts"), FIELD_END};
static const struct schema schema_retention = {"Retention", retention_fields,
                                               "How long something is kept, and why."};

static const struct field retention_list_fields[] = {
    FIELD_MUST("items", FIELD_LIST, .schema = &schema_retention, .text = "all of them"), FIELD_END};
const struct schema schema_retention_list = {"RetentionList", retention_list_fields,
                                             "A list that comes whole."};

/* Of leaving-blocked. */
const struct problem_members privacy_problems[] = {
    {40, "\"reasons\":{\"type\":\"array\",\"description\":\"of leaving-blocked: what stands "
         "in the way\",\"items\":{\"type\":\"object\",\"properties\":{\"code\":{\"type\":"
         "\"string\"},\"text\":{\"$ref\":\"#/components/schemas/Bilingual\"}},"
         "\"required\":[\"code\",\"text\"],\"additionalProperties\":false}}"},
    {0}};
