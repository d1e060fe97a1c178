/* The named objects of payments, activity, tiers and the end of an account. */
#ifndef PAYMENT_PAYMENT_SCHEMAS_H
#define PAYMENT_PAYMENT_SCHEMAS_H

#include "web/schema.h"

extern const struct schema schema_transaction;
extern const struct schema schema_payment_card;
extern const struct schema schema_payment;
extern const struct schema schema_payee_check;
extern const char *const values_direction[];
extern const char *const values_activity_kind[];
extern const char *const values_payment_kind[];
extern const char *const values_payment_status[];
extern const struct schema schema_tier;
extern const struct schema schema_closure;
extern const struct schema schema_payment_alert;

#endif
