/* The named objects of a company's people and payment orders. */
#ifndef COMPANY_ORDER_SCHEMAS_H
#define COMPANY_ORDER_SCHEMAS_H

#include "company/order.h"
#include "payment/payment_api.h"
#include "web/member.h"

extern const struct schema schema_company_user;
extern const struct schema schema_company_user_change;
extern const struct schema schema_company_user_change_list;
extern const struct schema schema_company_user_list;
/* What an order's answer is written from. */
struct order_approval_view {
    const char *by; /* name */
    int64_t at;
    enum order_decision decision;
    const char *reason; /* "": none */
};
struct order_view {
    struct company_order order;
    const char *maker;          /* name */
    const char *phone, *number; /* of the creditor: one of them, the other NULL */
    struct money amount;
    struct member_rows approvals; /* struct order_approval_view */
    bool has_payment;
    struct payment_view payment;
};
extern const struct schema schema_order;
extern const char *const values_order_decision[];

#endif
