/*
 * Credentials that only their owner knows. Nobody sets another person's password or time-code secret:
 * who is new, or was reset, is invited, and chooses the password and takes the secret alone. Where the
 * bank needs two people, the invitation has two halves: one admin gets the link, another the code, and
 * neither can enrol with the own half alone.
 *
 *   no credentials -- link to one admin, code to another --> invited -- enrol --> credentials
 *         ^                                                                           |
 *         '------------------- reset, decided by two (change kind staffReset) --------'
 *
 * Part of staff.h; bucket 0. Commit functions answer ERR_OK with a verdict where a refusal must be kept.
 */
#ifndef STAFF_CREDENTIAL_H
#define STAFF_CREDENTIAL_H

#include "staff/staff.h"

#define INVITATION_CODE_SIZE 9 /* eight digits and a NUL */
#define INVITATION_LIFE_US   (INT64_C(72) * 3600 * 1000000)
#define INVITATION_TRIES_MAX 5 /* wrong codes; then it is void */

/* What the caller gets of an invitation; shown once. */
struct staff_invitation {
    char link[STAFF_TOKEN_SIZE];     /* "": the other half */
    char code[INVITATION_CODE_SIZE]; /* "": the other half */
    int64_t expires_at;
};
/* commit: the caller's half. Whoever asks first gets the link, and a new one whenever they ask again,
 * which voids the code; another admin gets the code. Where one person acts alone (`is_alone`) both come
 * at once. ERR_NOT_FOUND, ERR_STAFF_ENROLLED (credentials stand; a reset comes first). Audited. */
enum err staff_invite(const struct staff_room *room, struct uow *uow, struct staff_id id,
                      struct staff_id by, bool is_alone, struct staff_invitation *out);

/* Who redeems an invitation. */
struct staff_enrolment {
    const char *link;
    const char *code;
    const char *password; /* complete only */
    const char *totp;     /* complete only */
    /* filled by staff_enrol_prepare: */
    char password_hash[STAFF_HASH_SIZE];
};
struct staff_enrolling {
    struct staff_verdict verdict; /* ERR_INVITATION_INVALID, ERR_TOTP_WRONG */
    struct staff staff;
    char totp_uri[STAFF_TOTP_URI_SIZE]; /* begin only */
};
/* commit: shows who is invited and a new secret of time codes; nothing counts before complete. */
enum err staff_enrol_begin(const struct staff_room *room, struct uow *uow,
                           const struct staff_enrolment *enrolment, struct staff_enrolling *out);
/* prepare: ERR_PASSWORD_WEAK, ERR_NO_MEMORY. Knows no login yet: complete compares with it. */
enum err staff_enrol_prepare(const struct staff_room *room, struct staff_enrolment *enrolment);
/* commit: sets password and secret, ends the invitation and all sessions. ERR_PASSWORD_WEAK (contains
 * the login). Audited. */
enum err staff_enrol_complete(const struct staff_room *room, struct uow *uow,
                              const struct staff_enrolment *enrolment, struct staff_enrolling *out);

/* commit: takes the credentials away and ends sessions, invitations and known browsers. Decided by two
 * before it is called. ERR_NOT_FOUND. Audited. */
enum err staff_reset(struct uow *uow, struct staff_id id, struct staff_id by, struct staff *out);
/* commit: a way back where a reset by two cannot be: fewer than two other admins could decide. A disabled
 * admin is enabled. The caller has the machine and the keys. ERR_NOT_FOUND, ERR_FOUR_EYES (two others can).
 * Audited. */
enum err staff_recover(const struct staff_room *room, struct uow *uow, const char *login,
                       struct staff_invitation *out);

/* One's own credentials. Each asks for the present password and a time code, which count as a sign-in
 * does: wrong ones count, and a code is used up. */
struct staff_own {
    struct staff_id staff;
    struct session_id session; /* stays; all others end */
    struct staff_proof proof;  /* of the present password: staff_own_prove */
    const char *totp;          /* of the present secret */
    const char *login;
    const char *name;
    const char *new_password;       /* NULL: a new secret */
    char new_hash[STAFF_HASH_SIZE]; /* filled by staff_own_prove */
};
/* prepare: compares the present password, hashes the new one. ERR_PASSWORD_WEAK, ERR_NO_MEMORY. */
enum err staff_own_prove(const struct staff_room *room, struct engine *engine, const char *password,
                         struct staff_own *own);
/* commit: verdict ERR_SIGN_IN_FAILED or ERR_SIGN_IN_LOCKED. Audited. */
enum err staff_own_password(const struct staff_room *room, struct uow *uow,
                            const struct staff_own *own, struct staff_verdict *out);
/* commit: a secret that waits for its first code; the present one works until then. Audited. */
enum err staff_own_totp(const struct staff_room *room, struct uow *uow, const struct staff_own *own,
                        struct staff_verdict *out, char out_uri[STAFF_TOTP_URI_SIZE]);
/* commit: the first code of the waiting secret, of `own` staff, session and totp. verdict ERR_TOTP_WRONG; a
 * wrong one counts against the session, and the fifth ends it (ERR_NOT_SIGNED_IN). Audited. */
enum err staff_own_totp_confirm(const struct staff_room *room, struct uow *uow,
                                const struct staff_own *own, struct staff_verdict *out);

#endif
