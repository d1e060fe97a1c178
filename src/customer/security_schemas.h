/* The named objects of a customer's security: devices, passkeys, time codes, step-up, history. */
#ifndef CUSTOMER_SECURITY_SCHEMAS_H
#define CUSTOMER_SECURITY_SCHEMAS_H

#include "web/schema.h"

extern const struct schema schema_device;
extern const struct schema schema_device_list;
extern const struct schema schema_security;
extern const struct schema schema_step_up_needs;
extern const struct schema schema_totp;
extern const struct schema schema_totp_begun;
extern const struct schema schema_totp_until;
extern const struct schema schema_passkey;
extern const struct schema schema_passkey_list;
extern const struct schema schema_passkey_until;
extern const struct schema schema_passkey_creation_options;
extern const struct schema schema_passkey_request_options;
/* Of requests. */
extern const struct schema schema_new_credential;
extern const struct schema schema_asserted_credential;
extern const char *const values_step_up_action[];

#endif
