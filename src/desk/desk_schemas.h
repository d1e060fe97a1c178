/*
 * The named objects that only staff see, as the OpenAPI document shows them; desk_render.h and the
 * routes write each of them.
 */
#ifndef DESK_DESK_SCHEMAS_H
#define DESK_DESK_SCHEMAS_H

#include "web/schema.h"

/* Customers, their accounts and payments, as staff see them. */
extern const struct schema schema_dashboard;
extern const struct schema schema_customer_row;
extern const struct schema schema_customer_file;
extern const struct schema schema_reveal;
extern const struct schema schema_staff_account;
extern const struct schema schema_staff_transaction;
extern const struct schema schema_staff_payment;
extern const struct schema schema_payment_file;

/* The books. */
extern const struct schema schema_gl_account_list;
extern const struct schema schema_trial_balance;
extern const struct schema schema_journal;
extern const struct schema schema_seal;

/* Operation. */
extern const struct schema schema_job_list;
extern const struct schema schema_business_date;
extern const struct schema schema_end_of_day_run;
extern const struct schema schema_outbox_message;

/* Values that requests share with answers; NULL-terminated. */
extern const char *const values_recipe[];

#endif
