/* Tables of the objects of a company's people and payment orders. */
#include "company/order_schemas.h"

#include "payment/payment_api.h"

static const char *const values_state[] = {"awaitingApproval", "executed", "refused", "withdrawn",
                                           "expired",          "failed",   NULL};
const char *const values_order_decision[] = {"approve", "refuse", "withdraw", NULL};

static const struct field user_fields[] = {
    FIELD_MUST("userId", FIELD_ID),
    FIELD_MUST("name", FIELD_TEXT),
    FIELD_MUST("phone", FIELD_TEXT, .text = "masked"),
    FIELD_MUST("roles", FIELD_LIST, .text = "viewer, maker, checker, admin"),
    FIELD_MAY("limit", FIELD_MONEY, .text = "of one payment"),
    FIELD_MUST("isMe", FIELD_BOOL),
    FIELD_END};
const struct schema schema_company_user = {"CompanyUser", user_fields, "Who acts for a company."};

static const struct field user_list_fields[] = {
    FIELD_MUST("items", FIELD_LIST, .schema = &schema_company_user), FIELD_END};
const struct schema schema_company_user_list = {"CompanyUserList", user_list_fields,
                                                "All who act for a company."};

static const char *const values_user_change_state[] = {"awaitingApproval", "applied", "refused",
                                                       "withdrawn", NULL};
static const struct field rights_fields[] = {
    FIELD_MUST("roles", FIELD_LIST, .text = "none: no rights"),
    FIELD_MAY("limit", FIELD_MONEY, .text = "of one payment"), FIELD_END};
static const struct schema schema_rights = {"CompanyRights", rights_fields,
                                            "Roles and limit of a person."};
static const struct field user_change_fields[] = {
    FIELD_MUST("changeId", FIELD_ID),
    FIELD_MUST("state", FIELD_ENUM, .values = values_user_change_state),
    FIELD_MUST("userId", FIELD_ID),
    FIELD_MUST("name", FIELD_TEXT, .text = "of whose rights"),
    FIELD_MUST("phone", FIELD_TEXT, .text = "masked"),
    FIELD_MUST("before", FIELD_OBJECT, .schema = &schema_rights),
    FIELD_MUST("after", FIELD_OBJECT, .schema = &schema_rights),
    FIELD_MUST("maker", FIELD_TEXT, .text = "name of who proposed it"),
    FIELD_MUST("isMine", FIELD_BOOL, .text = "the caller proposed it"),
    FIELD_MUST("createdAt", FIELD_INSTANT),
    FIELD_MUST("expiresAt", FIELD_INSTANT, .text = "undecided until then, it is void"),
    FIELD_END};
const struct schema schema_company_user_change = {
    "CompanyUserChange", user_change_fields,
    "A change of a company's people: made, or waiting for a second person."};
static const struct field user_change_list_fields[] = {
    FIELD_MUST("items", FIELD_LIST, .schema = &schema_company_user_change), FIELD_END};
const struct schema schema_company_user_change_list = {
    "CompanyUserChangeList", user_change_list_fields, "Changes of people that wait."};

static const struct field approval_fields[] = {
    FIELD_MUST("by", FIELD_TEXT, .text = "name"), FIELD_MUST("at", FIELD_INSTANT),
    FIELD_MUST("decision", FIELD_ENUM, .values = values_order_decision),
    FIELD_MAY("reason", FIELD_TEXT), FIELD_END};
static const struct schema schema_approval = {"OrderApproval", approval_fields,
                                              "What somebody said of an order."};

static const struct field order_fields[] = {
    FIELD_MUST("orderId", FIELD_ID),
    FIELD_MUST("state", FIELD_ENUM, .values = values_state),
    FIELD_MUST("maker", FIELD_TEXT, .text = "name"),
    FIELD_MUST("debtorAccountId", FIELD_ID),
    FIELD_MAY("creditorPhone", FIELD_TEXT),
    FIELD_MAY("creditorAccountNumber", FIELD_TEXT),
    FIELD_MUST("creditorName", FIELD_TEXT),
    FIELD_MUST("instructedAmount", FIELD_MONEY),
    FIELD_MAY("remittanceInformationUnstructured", FIELD_TEXT),
    FIELD_MUST("neededApprovals", FIELD_INT),
    FIELD_MUST("approvals", FIELD_LIST, .schema = &schema_approval),
    FIELD_MUST("createdAt", FIELD_INSTANT),
    FIELD_MUST("expiresAt", FIELD_INSTANT),
    FIELD_MAY("failure", FIELD_BILINGUAL, .text = "why it could not be paid"),
    FIELD_MAY("payment", FIELD_OBJECT, .schema = &schema_payment),
    FIELD_END};
const struct schema schema_order = {"PaymentOrder", order_fields,
                                    "A payment that one ordered and others approve."};
