/* The named objects of customers, their sessions and the bank, as the OpenAPI document shows them.
 * customer_render.h writes each of them; a test holds the two together. */
#ifndef CUSTOMER_CUSTOMER_SCHEMAS_H
#define CUSTOMER_CUSTOMER_SCHEMAS_H

#include "web/schema.h"

extern const struct schema schema_onboarding_step;
extern const struct schema schema_onboarding;
extern const struct schema schema_customer;
extern const struct schema schema_session;
extern const struct schema schema_consent;
extern const struct schema schema_message;
/* Answers of single routes. */
extern const struct schema schema_bank;
extern const struct schema schema_consent_text;
extern const struct schema schema_phone_code;
extern const struct schema schema_signed_in;
extern const struct schema schema_step_up;
extern const struct schema schema_identity_check;
extern const struct schema schema_identity_answer;
/* Lists that come whole, without pages: {"items": […]}. */
extern const struct schema schema_consent_text_list;
extern const struct schema schema_session_list;
extern const struct schema schema_consent_list;
/* Values of enumerations that queries share with answers; NULL-terminated. */
extern const char *const values_language[];

#endif
