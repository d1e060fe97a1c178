/* Tables of four eyes, parameters and queues of work. */
#include "desk/change_schemas.h"

#include "staff/change.h"
#include "staff/staff_api.h"

const char *const values_change_kind[] = {
    "parameter",  "customerState",    "accountClass", "accountFreeze", "staffRoles",
    "staffReset", CHANGE_CLOSE_EARLY, "capital",      "followClock",   "customerPhone",
    NULL};
const char *const values_change_state[] = {"proposed",  "approved", "refused",
                                           "withdrawn", "expired",  NULL};
static const char *const values_state_wished[] = {"active", "suspended", "disabled", NULL};
static const char *const values_class_wished[] = {"I", "II", "III", NULL};
static const char *const values_freeze_reason[] = {"court", "police", "risk", "owner", NULL};
static const char *const values_document[] = {"residentIdCard", "passport", "travelPermit",
                                              "residencePermit", NULL};
static const char *const values_unit[] = {"amount", "count",   "switch", "ppb",
                                          "days",   "minutes", NULL};
static const char *const values_queue[] = {"identityCases",  "companyCases",  "changes",
                                           "securityAlerts", "paymentAlerts", NULL};

/* --- Changes ----------------------------------------------------------------------------------- */

static const struct field change_after_fields[] = {
    FIELD_MAY("value", FIELD_INT, .min = CATALOGUE_NO_LIMIT, .max = CATALOGUE_AMOUNT_MAX,
              .text =
                  "parameter: in its unit; -1 is no limit, where it may be so; capital: all that "
                  "is paid in, minor units"),
    FIELD_MAY("effectiveDate", FIELD_DATE, .text = "parameter: today or later"),
    FIELD_MAY("state", FIELD_ENUM, .values = values_state_wished,
              .text = "customerState: active, suspended; staffRoles: active, disabled"),
    FIELD_MAY("class", FIELD_ENUM, .values = values_class_wished, .text = "accountClass"),
    FIELD_MAY("frozen", FIELD_BOOL, .text = "accountFreeze"),
    FIELD_MAY("reason", FIELD_ENUM, .values = values_freeze_reason,
              .text = "accountFreeze, where frozen"),
    FIELD_MAY("legalGround", FIELD_TEXT, .min = 1, .max = 80,
              .text = "accountFreeze for court or police: law and number of the order"),
    FIELD_MAY("endsAt", FIELD_INSTANT, .text = "accountFreeze: absent: until lifted"),
    FIELD_MAY("enrolled", FIELD_BOOL, .text = "staffReset: false"),
    FIELD_MAY("closesEarly", FIELD_BOOL, .text = "closeEarly: true"),
    FIELD_MAY("isFollowed", FIELD_BOOL, .text = "followClock: true"),
    FIELD_MAY("phoneProofId", FIELD_ID, .text = "customerPhone: of the number that was proven"),
    FIELD_MAY("document", FIELD_ENUM, .values = values_document,
              .text = "customerPhone: what the customer showed; who proposes has compared it"),
    FIELD_MAY("roles", FIELD_LIST, .min = 1, .max = STAFF_ROLE_COUNT, .values = values_role,
              .text = "staffRoles: all that the user is to have"),
    FIELD_END};
const struct schema schema_change_after = {
    "ChangeAfter", change_after_fields,
    "What the object is to say. Each kind takes members of its own."};

static const struct field change_fields[] = {
    FIELD_MUST("changeId", FIELD_ID),
    FIELD_MUST("kind", FIELD_ENUM, .values = values_change_kind),
    FIELD_MUST("object", FIELD_TEXT, .text = "an id, or a parameter's name"),
    FIELD_MUST("state", FIELD_ENUM, .values = values_change_state),
    FIELD_MUST("maker", FIELD_TEXT, .text = "login of who proposed it"),
    FIELD_MAY("checker", FIELD_TEXT, .text = "login of who decided it"),
    FIELD_MUST("reason", FIELD_TEXT),
    FIELD_MAY("decisionReason", FIELD_TEXT),
    FIELD_MUST("createdAt", FIELD_INSTANT),
    FIELD_MUST("expiresAt", FIELD_INSTANT, .text = "undecided until then, it is void"),
    FIELD_MAY("decidedAt", FIELD_INSTANT),
    FIELD_MUST("before", FIELD_ANY, .text = "what the object said when it was proposed"),
    FIELD_MUST("after", FIELD_ANY, .text = "what it is to say"),
    FIELD_END};
const struct schema schema_change = {"Change", change_fields,
                                     "A change that one person proposes and another decides."};

static const struct field phone_proof_fields[] = {
    FIELD_MUST("phoneProofId", FIELD_ID), FIELD_MUST("phone", FIELD_TEXT, .text = "masked"),
    FIELD_MUST("expiresAt", FIELD_INSTANT), FIELD_END};
const struct schema schema_phone_proof = {"PhoneProof", phone_proof_fields,
                                          "A number that a customer at the counter proved."};

/* --- Parameters -------------------------------------------------------------------------------- */

static const struct field next_figure_fields[] = {
    FIELD_MUST("value", FIELD_INT), FIELD_MUST("effectiveDate", FIELD_DATE), FIELD_END};
static const struct schema next_figure = {"NextFigure", next_figure_fields,
                                          "What a parameter will be."};

static const struct field parameter_fields[] = {
    FIELD_MUST("name", FIELD_TEXT),
    FIELD_MUST("value", FIELD_INT, .text = "in its unit; -1: no limit"),
    FIELD_MUST("unit", FIELD_ENUM, .values = values_unit,
               .text = "amount: minor units of CNY; ppb: parts per billion a year"),
    FIELD_MUST("min", FIELD_INT, .text = "least value that may be proposed"),
    FIELD_MUST("max", FIELD_INT, .text = "greatest value that may be proposed"),
    FIELD_MUST("effectiveDate", FIELD_DATE),
    FIELD_MUST("version", FIELD_INT),
    FIELD_MUST("source", FIELD_BILINGUAL, .text = "law, contract or decision that sets it"),
    FIELD_MAY("next", FIELD_OBJECT, .schema = &next_figure),
    FIELD_END};
static const struct schema parameter = {"Parameter", parameter_fields,
                                        "A figure that the bank's rules use."};
static const struct field parameter_list_fields[] = {
    FIELD_MUST("items", FIELD_LIST, .schema = &parameter, .text = "all of them"), FIELD_END};
const struct schema schema_parameter_list = {"ParameterList", parameter_list_fields,
                                             "A list that comes whole."};

/* --- Work -------------------------------------------------------------------------------------- */

static const struct field queue_fields[] = {
    FIELD_MUST("queue", FIELD_ENUM, .values = values_queue),
    FIELD_MUST("open", FIELD_INT),
    FIELD_MUST("overdue", FIELD_INT),
    FIELD_MUST("mine", FIELD_INT, .text = "claimed, or proposed, by who asks"),
    FIELD_MAY("oldestAt", FIELD_INSTANT),
    FIELD_END};
static const struct schema queue = {"WorkQueue", queue_fields, "Work that waits for people."};
static const struct field work_fields[] = {
    FIELD_MUST("queues", FIELD_LIST, .schema = &queue, .text = "those that the roles allow"),
    FIELD_END};
const struct schema schema_work = {"Work", work_fields, "What waits for whom."};
