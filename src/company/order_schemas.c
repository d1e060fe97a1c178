/* Tables of the objects of a company's people and payment orders. */
#include "company/order_schemas.h"

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

static const char *name_of_decision(int value)
{
    return order_decision_name((enum order_decision)value);
}

static const char *name_of_state(int value)
{
    return order_state_name((enum order_state)value);
}

static void write_failure(struct call *call, const char *name, const void *from)
{
    const struct order_view *view = from;
    if (view->order.failure != ERR_OK) {
        out_bilingual(call, name, err_text(view->order.failure, LANG_EN),
                      err_text(view->order.failure, LANG_ZH));
    }
}

static const struct field approval_fields[] = {
    FIELD_MUST("by", MEMBER_TEXT(struct order_approval_view, by), .text = "name"),
    FIELD_MUST("at", MEMBER_AT(struct order_approval_view, at)),
    FIELD_MUST("decision", MEMBER_NAMED(struct order_approval_view, decision, name_of_decision),
               .values = values_order_decision),
    FIELD_MAY("reason", MEMBER_TEXT(struct order_approval_view, reason)), FIELD_END};
static const struct schema schema_approval = {"OrderApproval", approval_fields,
                                              "What somebody said of an order."};

static const struct field order_fields[] = {
    FIELD_MUST("orderId", MEMBER_ID(struct order_view, order.id)),
    FIELD_MUST("state", MEMBER_NAMED(struct order_view, order.state, name_of_state),
               .values = values_state),
    FIELD_MUST("maker", MEMBER_TEXT(struct order_view, maker), .text = "name"),
    FIELD_MUST("debtorAccountId", MEMBER_ID(struct order_view, order.account.value)),
    FIELD_MAY("creditorPhone", MEMBER_TEXT(struct order_view, phone)),
    FIELD_MAY("creditorAccountNumber", MEMBER_TEXT(struct order_view, number)),
    FIELD_MUST("creditorName", MEMBER_TEXT(struct order_view, order.creditor_name)),
    FIELD_MUST("instructedAmount", MEMBER_AMOUNT(struct order_view, amount)),
    FIELD_MAY("remittanceInformationUnstructured", MEMBER_TEXT(struct order_view, order.text)),
    FIELD_MUST("neededApprovals", MEMBER_INT(struct order_view, order.needed)),
    FIELD_MUST("approvals", MEMBER_ROWS(struct order_view, approvals, &schema_approval)),
    FIELD_MUST("createdAt", MEMBER_AT(struct order_view, order.created_at)),
    FIELD_MUST("expiresAt", MEMBER_AT(struct order_view, order.expires_at)),
    FIELD_MAY("failure", MEMBER_BY(struct order_view, FIELD_BILINGUAL, write_failure),
              .text = "why it could not be paid"),
    FIELD_MAY("payment", MEMBER_STRUCT_IF(struct order_view, payment, struct payment_view,
                                          &schema_payment, has_payment)),
    FIELD_END};
const struct schema schema_order = {"PaymentOrder", order_fields,
                                    "A payment that one ordered and others approve."};
