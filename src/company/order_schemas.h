/* The named objects of a company's people and payment orders. */
#ifndef COMPANY_ORDER_SCHEMAS_H
#define COMPANY_ORDER_SCHEMAS_H

#include "web/schema.h"

extern const struct schema schema_company_user;
extern const struct schema schema_company_user_change;
extern const struct schema schema_company_user_change_list;
extern const struct schema schema_company_user_list;
extern const struct schema schema_order;
extern const char *const values_order_decision[];

#endif
