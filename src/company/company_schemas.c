/* Tables of the objects of companies. */
#include "company/company_schemas.h"

#include "account/account_api.h"
#include "company/company.h"
#include "web/member.h"

#include <string.h>

#define CODE_SIZE     18
#define CODE_ALPHABET "0123456789ABCDEFGHJKLMNPQRTUWXY"

const char *const values_company_kind[] = {"company", "soleTrader", NULL};

static const char *const values_registry[] = {"registered",  "revoked", "notFound",
                                              "unavailable", "invalid", NULL};
static const char *const values_state[] = {"draft",  "review",  "active", "suspended",
                                           "closed", "refused", NULL};
static const char *const values_step[] = {"registry", "licence",   "representative",
                                          "owners",   "agreement", NULL};
static const char *const values_step_state[] = {"todo", "passed", "unsure", "failed", NULL};
static const char *const values_role[] = {"viewer", "maker", "checker", "admin", NULL};
static const char *const values_case_state[] = {"open", "second", "approved", "refused", NULL};

bool schema_is_credit_code(const char *text)
{
    return strlen(text) == CODE_SIZE && strspn(text, CODE_ALPHABET) == CODE_SIZE;
}

static const struct field check_fields[] = {
    FIELD_MUST("uscc", FIELD_TEXT),
    FIELD_MUST("isValid", FIELD_BOOL, .text = "the check character holds"),
    FIELD_MAY("name", FIELD_TEXT),
    FIELD_MAY("kind", FIELD_ENUM, .values = values_company_kind),
    FIELD_MAY("registeredAt", FIELD_DATE),
    FIELD_MUST("state", FIELD_ENUM, .values = values_registry),
    FIELD_END};
const struct schema schema_company_check = {"CompanyCheck", check_fields,
                                            "A credit code at the business registry."};

static const struct field step_fields[] = {
    FIELD_MUST("step", FIELD_ENUM, .values = values_step),
    FIELD_MUST("state", FIELD_ENUM, .values = values_step_state,
               .text = "unsure: a person at the bank decides"),
    FIELD_END};
static const struct schema schema_step = {"CompanyStep", step_fields, "A step of a registration."};

static const struct field company_fields[] = {
    FIELD_MUST("companyId", FIELD_ID),
    FIELD_MUST("uscc", FIELD_TEXT, .text = "unified social credit code"),
    FIELD_MUST("name", FIELD_TEXT),
    FIELD_MUST("kind", FIELD_ENUM, .values = values_company_kind),
    FIELD_MUST("state", FIELD_ENUM, .values = values_state),
    FIELD_MUST("role", FIELD_ENUM, .values = values_role, .text = "the caller's highest role"),
    FIELD_MUST("roles", FIELD_LIST, .text = "of the caller: viewer, maker, checker, admin"),
    FIELD_MUST("steps", FIELD_LIST, .schema = &schema_step),
    FIELD_MUST("accounts", FIELD_LIST, .schema = &schema_account),
    FIELD_END};
const struct schema schema_company = {"Company", company_fields,
                                      "A company that the caller acts for."};

static const struct field company_list_fields[] = {
    FIELD_MUST("items", FIELD_LIST, .schema = &schema_company), FIELD_END};
const struct schema schema_company_list = {"CompanyList", company_list_fields, "Companies."};

static const struct field owner_fields[] = {
    FIELD_MUST("name", FIELD_TEXT, .form = FORM_NAME, .min = 2, .max = 50),
    FIELD_MUST("idNumber", FIELD_TEXT, .form = FORM_NUMBER, .min = 18, .max = 18),
    FIELD_MUST("sharePpm", FIELD_INT, .min = 1, .max = 1000000, .text = "parts per million"),
    FIELD_END};
const struct schema schema_company_owner = {"CompanyOwner", owner_fields, "A beneficial owner."};

/* --- Staff ------------------------------------------------------------------------------------ */

static const char *name_of_kind(int value)
{
    return company_kind_name((enum company_kind)value);
}

static const char *name_of_state(int value)
{
    return company_state_name((enum company_state)value);
}

static const struct field staff_company_fields[] = {
    FIELD_MUST("companyId", MEMBER_ID(struct company, id.value)),
    FIELD_MUST("uscc", MEMBER_TEXT(struct company, code)),
    FIELD_MUST("name", MEMBER_TEXT(struct company, name)),
    FIELD_MUST("kind", MEMBER_NAMED(struct company, kind, name_of_kind),
               .values = values_company_kind),
    FIELD_MUST("state", MEMBER_NAMED(struct company, state, name_of_state), .values = values_state),
    FIELD_MAY("suspendedFor", MEMBER_TEXT(struct company, suspended_for),
              .text = "what the registry says otherwise"),
    FIELD_MUST("createdAt", MEMBER_AT(struct company, created_at)),
    FIELD_END};
const struct schema schema_staff_company = {"StaffCompany", staff_company_fields,
                                            "A company in the console's list."};

static const struct field person_fields[] = {FIELD_MUST("name", FIELD_TEXT),
                                             FIELD_MUST("maskedIdNumber", FIELD_TEXT),
                                             FIELD_MAY("sharePpm", FIELD_INT), FIELD_END};
static const struct schema schema_person = {"CompanyPerson", person_fields,
                                            "A representative or an owner."};

static const struct field registry_fields[] = {
    FIELD_MUST("representative", FIELD_OBJECT, .schema = &schema_person),
    FIELD_MUST("owners", FIELD_LIST, .schema = &schema_person),
    FIELD_MUST("registeredAt", FIELD_DATE),
    FIELD_MUST("scope", FIELD_TEXT),
    FIELD_MUST("checkedAt", FIELD_INSTANT),
    FIELD_END};
static const struct schema schema_registry = {"CompanyRecord", registry_fields,
                                              "What the business registry says."};

static const struct field checked_fields[] = {
    FIELD_MUST("result", FIELD_TEXT, .text = "passed, or what differs"),
    FIELD_MUST("version", FIELD_TEXT), FIELD_MUST("at", FIELD_INSTANT), FIELD_END};
static const struct schema schema_checked = {"CompanyChecked", checked_fields,
                                             "An answer of the business registry."};

static const struct field member_fields[] = {
    FIELD_MUST("customerId", FIELD_ID),   FIELD_MUST("name", FIELD_TEXT),
    FIELD_MUST("roles", FIELD_LIST),      FIELD_MAY("limit", FIELD_MONEY),
    FIELD_MUST("addedAt", FIELD_INSTANT), FIELD_END};
static const struct schema schema_member = {"CompanyMember", member_fields,
                                            "Who acts for a company."};

static const struct field decision_fields[] = {
    FIELD_MUST("by", FIELD_TEXT), FIELD_MUST("at", FIELD_INSTANT),
    FIELD_MUST("isApproval", FIELD_BOOL), FIELD_MUST("note", FIELD_TEXT), FIELD_END};
static const struct schema schema_decision = {"CompanyDecision", decision_fields,
                                              "What staff decided."};

static const struct field case_fields[] = {
    FIELD_MUST("caseId", FIELD_ID),
    FIELD_MUST("state", FIELD_ENUM, .values = values_case_state),
    FIELD_MUST("reasons", FIELD_LIST, .text = "licence, owners"),
    FIELD_MUST("needsSecond", FIELD_BOOL),
    FIELD_MUST("openedAt", FIELD_INSTANT),
    FIELD_MUST("dueAt", FIELD_INSTANT),
    FIELD_MUST("claimedBy", FIELD_TEXT, .nullable = true, .text = "login"),
    FIELD_MAY("claimUntil", FIELD_INSTANT),
    FIELD_MUST("decisions", FIELD_LIST, .schema = &schema_decision),
    FIELD_END};
static const struct schema schema_case = {"CompanyCase", case_fields,
                                          "A registration that staff decide."};

static const struct field file_fields[] = {
    FIELD_MUST("company", FIELD_OBJECT, .schema = &schema_staff_company),
    FIELD_MUST("steps", FIELD_LIST, .schema = &schema_step),
    FIELD_MUST("registry", FIELD_OBJECT, .schema = &schema_registry),
    FIELD_MUST("owners", FIELD_LIST, .schema = &schema_person, .text = "as declared"),
    FIELD_MUST("users", FIELD_LIST, .schema = &schema_member),
    FIELD_MUST("accounts", FIELD_LIST, .schema = &schema_account),
    FIELD_MUST("checks", FIELD_LIST, .schema = &schema_checked),
    FIELD_MAY("case", FIELD_OBJECT, .schema = &schema_case),
    FIELD_END};
const struct schema schema_staff_company_file = {"StaffCompanyFile", file_fields,
                                                 "Everything of a company."};
