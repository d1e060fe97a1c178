/* The named objects of accounts and cards, as the OpenAPI document shows them. */
#ifndef ACCOUNT_ACCOUNT_SCHEMAS_H
#define ACCOUNT_ACCOUNT_SCHEMAS_H

#include "web/schema.h"

/* Things that customers and staff see. */
extern const struct schema schema_issuer;
extern const struct schema schema_card;
extern const struct schema schema_product;
extern const struct schema schema_balance;
extern const struct schema schema_account;
extern const struct schema schema_limit;
extern const struct schema schema_hold;
extern const struct schema schema_card_binding;
extern const struct schema schema_card_bound;
extern const struct schema schema_balances;
extern const struct schema schema_card_list;
extern const struct schema schema_account_list;
extern const struct schema schema_limit_list;
extern const struct schema schema_hold_list;

#endif
