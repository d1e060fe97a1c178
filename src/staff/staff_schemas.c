#include "staff/staff_schemas.h"

const char *const values_role[] = {"teller", "accountant", "operator", "auditor",
                                   "admin",  "reviewer",   NULL};
static const char *const values_user_state[] = {"active", "disabled", "locked", NULL};

static const struct field staff_fields[] = {
    FIELD_MUST("staffId", FIELD_ID),
    FIELD_MUST("login", FIELD_TEXT),
    FIELD_MUST("name", FIELD_TEXT),
    FIELD_MUST("roles", FIELD_LIST, .values = values_role),
    FIELD_MUST("permissions", FIELD_LIST,
               .text = "what the roles allow, as in x-permission of a route"),
    FIELD_END};
const struct schema schema_staff = {"Staff", staff_fields, "Who is signed in to the console."};

static const struct field staff_signed_in_fields[] = {
    FIELD_MUST("staff", FIELD_OBJECT, .schema = &schema_staff), FIELD_END};
const struct schema schema_staff_signed_in = {"StaffSignedIn", staff_signed_in_fields,
                                              "A staff session just opened."};

#define STAFF_USER_ROWS                                                                            \
    FIELD_MUST("staffId", FIELD_ID), FIELD_MUST("login", FIELD_TEXT),                              \
        FIELD_MUST("name", FIELD_TEXT), FIELD_MUST("roles", FIELD_LIST, .values = values_role),    \
        FIELD_MUST("state", FIELD_ENUM, .values = values_user_state,                               \
                   .text = "locked: too many wrong sign-ins of strangers, for some minutes"),      \
        FIELD_MUST("createdAt", FIELD_INSTANT),                                                    \
        FIELD_MUST("isEnrolled", FIELD_BOOL, .text = "false: no credentials; an invitation waits")

static const struct field staff_user_fields[] = {STAFF_USER_ROWS, FIELD_END};
const struct schema schema_staff_user = {"StaffUser", staff_user_fields,
                                         "Somebody who works at the bank."};

static const struct field staff_invitation_fields[] = {
    FIELD_MAY("link", FIELD_TEXT, .text = "token of the invitation's address; shown once"),
    FIELD_MAY("code", FIELD_TEXT, .text = "eight digits; shown once"),
    FIELD_MUST("expiresAt", FIELD_INSTANT), FIELD_END};
const struct schema schema_staff_invitation = {
    "StaffInvitation", staff_invitation_fields,
    "The caller's half of an invitation; both halves where the bank has one admin."};

static const struct field staff_user_made_fields[] = {
    STAFF_USER_ROWS, FIELD_MUST("invitation", FIELD_OBJECT, .schema = &schema_staff_invitation),
    FIELD_END};
const struct schema schema_staff_user_made = {"StaffUserMade", staff_user_made_fields,
                                              "A user just made, and the link that invites them."};

static const struct field staff_enrolment_fields[] = {
    FIELD_MUST("login", FIELD_TEXT), FIELD_MUST("name", FIELD_TEXT),
    FIELD_MUST("totpUri", FIELD_TEXT, .text = "secret of the time codes as an otpauth address"),
    FIELD_END};
const struct schema schema_staff_enrolment = {"StaffEnrolment", staff_enrolment_fields,
                                              "Who is invited, and a secret for time codes."};

static const struct field staff_totp_fields[] = {
    FIELD_MUST("totpUri", FIELD_TEXT, .text = "secret of the time codes as an otpauth address"),
    FIELD_END};
const struct schema schema_staff_totp = {"StaffTotp", staff_totp_fields,
                                         "A secret that waits for its first code."};

static const struct field audit_entry_fields[] = {
    FIELD_MUST("sequence", FIELD_INT, .text = "from 1 without a gap"),
    FIELD_MUST("at", FIELD_INSTANT),
    FIELD_MUST("staffId", FIELD_ID, .nullable = true, .text = "null: the bank itself"),
    FIELD_MUST("login", FIELD_TEXT),
    FIELD_MUST("action", FIELD_TEXT),
    FIELD_MUST("object", FIELD_TEXT),
    FIELD_MUST("detail", FIELD_TEXT),
    FIELD_MUST("hash", FIELD_TEXT, .text = "over the entry and the hash before it, in hexadecimal"),
    FIELD_END};
const struct schema schema_audit_entry = {"AuditEntry", audit_entry_fields,
                                          "What a member of staff did."};

static const struct field audit_verification_fields[] = {
    FIELD_MUST("intact", FIELD_BOOL),
    FIELD_MUST("entries", FIELD_INT, .text = "that fit, from the first on"),
    FIELD_MUST("head", FIELD_TEXT, .text = "hash of the last of them, in hexadecimal"),
    FIELD_MAY("brokenAt", FIELD_INT, .text = "sequence of the first entry that does not fit"),
    FIELD_END};
const struct schema schema_audit_verification = {"AuditVerification", audit_verification_fields,
                                                 "Whether the audit log is as it was written."};
