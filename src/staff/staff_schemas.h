/* The named objects of who works here and of the audit log; staff_render.h and the routes write them. */
#ifndef STAFF_STAFF_SCHEMAS_H
#define STAFF_STAFF_SCHEMAS_H

#include "web/schema.h"

/* People who work here. */
extern const struct schema schema_staff;
extern const struct schema schema_staff_signed_in;
extern const struct schema schema_staff_user;
extern const struct schema schema_staff_user_made;
extern const struct schema schema_staff_invitation;
extern const struct schema schema_staff_enrolment;
extern const struct schema schema_staff_totp;
extern const struct schema schema_audit_entry;
extern const struct schema schema_audit_verification;
/* Values that requests share with answers; NULL-terminated. */
extern const char *const values_role[];

#endif
