/*
 * The named objects of answers, as the OpenAPI document shows them. render.h writes each of them;
 * a test holds the two together, so a member that is added stands in both.
 */
#ifndef API_SCHEMAS_H
#define API_SCHEMAS_H

#include "web/schema.h"

/* Things that customers and staff see. */
extern const struct schema schema_issuer;
extern const struct schema schema_onboarding_step;
extern const struct schema schema_onboarding;
extern const struct schema schema_customer;
extern const struct schema schema_session;
extern const struct schema schema_consent;
extern const struct schema schema_card;
extern const struct schema schema_product;
extern const struct schema schema_balance;
extern const struct schema schema_account;
extern const struct schema schema_limit;
extern const struct schema schema_hold;
extern const struct schema schema_transaction;
extern const struct schema schema_payment_card;
extern const struct schema schema_payment;
extern const struct schema schema_message;

/* Answers of single routes. */
extern const struct schema schema_bank;
extern const struct schema schema_consent_text;
extern const struct schema schema_phone_code;
extern const struct schema schema_signed_in;
extern const struct schema schema_step_up;
extern const struct schema schema_identity_check;
extern const struct schema schema_identity_answer;
extern const struct schema schema_card_binding;
extern const struct schema schema_card_bound;
extern const struct schema schema_balances;
extern const struct schema schema_statement;
extern const struct schema schema_payee_check;

/* Lists that come whole, without pages: {"items": […]}. */
extern const struct schema schema_consent_text_list;
extern const struct schema schema_session_list;
extern const struct schema schema_consent_list;
extern const struct schema schema_card_list;
extern const struct schema schema_account_list;
extern const struct schema schema_limit_list;
extern const struct schema schema_hold_list;

/* Values of enumerations that queries share with answers; NULL-terminated. */
extern const char *const values_language[];
extern const char *const values_direction[];
extern const char *const values_activity_kind[];
extern const char *const values_payment_kind[];
extern const char *const values_payment_status[];

#endif
