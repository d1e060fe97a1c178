/* The named objects of tiers and of the end of an account. */
#ifndef API_SCHEMAS_ACCOUNT_H
#define API_SCHEMAS_ACCOUNT_H

#include "web/schema.h"

extern const struct schema schema_tier;
extern const struct schema schema_closure;

#endif
