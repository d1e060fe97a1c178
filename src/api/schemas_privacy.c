/* Tables of what the bank keeps of a customer, and of the end. */
#include "api/schemas_privacy.h"

#include "api/schemas.h"

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

/* The export: its members' members stand in docs/EXPORT.md. */
static const struct field any_fields[] = {FIELD_END};
static const struct schema schema_exported = {
    "Exported", any_fields, "A row of the export: its members are described in docs/EXPORT.md."};
static const struct field export_fields[] = {
    FIELD_MUST("format", FIELD_TEXT, .text = "sycee-person/1"),
    FIELD_MUST("madeAt", FIELD_INSTANT),
    FIELD_MUST("customer", FIELD_ANY, .text = "who they are, in full"),
    FIELD_MUST("verification", FIELD_ANY, .text = "level, layers, the newest case"),
    FIELD_MUST("channels", FIELD_LIST, .schema = &schema_exported),
    FIELD_MUST("checks", FIELD_LIST, .schema = &schema_exported),
    FIELD_MUST("attempts", FIELD_LIST, .schema = &schema_exported),
    FIELD_MAY("idCardRead", FIELD_ANY),
    FIELD_MAY("idCardConfirmed", FIELD_ANY),
    FIELD_MUST("pictures", FIELD_LIST, .schema = &schema_exported, .text = "kept ones: hash, JPEG"),
    FIELD_MUST("places", FIELD_LIST, .schema = &schema_exported),
    FIELD_MUST("consents", FIELD_LIST, .schema = &schema_exported),
    FIELD_MUST("security", FIELD_ANY),
    FIELD_MUST("devices", FIELD_LIST, .schema = &schema_exported),
    FIELD_MUST("passkeys", FIELD_LIST, .schema = &schema_exported),
    FIELD_MUST("sessions", FIELD_LIST, .schema = &schema_exported),
    FIELD_MUST("securityEvents", FIELD_LIST, .schema = &schema_exported),
    FIELD_MUST("messages", FIELD_LIST, .schema = &schema_exported),
    FIELD_MUST("cards", FIELD_LIST, .schema = &schema_exported),
    FIELD_MUST("accounts", FIELD_LIST, .schema = &schema_exported),
    FIELD_MUST("payments", FIELD_LIST, .schema = &schema_exported),
    FIELD_MUST("companies", FIELD_LIST, .schema = &schema_exported),
    FIELD_END};
const struct schema schema_export = {"PersonExport", export_fields,
                                     "Everything that the bank holds of the customer."};
