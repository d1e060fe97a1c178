/*
 * Staff: people who work at the bank, their roles, sessions, and the log of what they did. A
 * sign-in needs a password (Argon2id) and a time code (TOTP, RFC 6238, each used once). Every
 * action is an entry of a hash chain, appended in the transaction of the action itself, so that no
 * entry can be changed, left out or moved without the chain saying so.
 *
 * Everything lives in bucket 0. Functions are prepare (slow, reads), commit (inside the caller's
 * unit of work) or read, as in customer/customer.h; refusals to be remembered come in a
 * `struct staff_verdict`, and commit answers ERR_OK. Instants: UTC microseconds.
 */
#ifndef STAFF_STAFF_H
#define STAFF_STAFF_H

#include "base/err.h"
#include "base/id.h"
#include "engine/engine.h"
#include "sys/vault.h"

#define STAFF_BUCKET        0
#define STAFF_LOGIN_SIZE    33 /* 2..32 of a-z 0-9 . _ - and a NUL */
#define STAFF_NAME_SIZE     201
#define STAFF_PASSWORD_MIN  12 /* characters */
#define STAFF_PASSWORD_MAX  128
#define STAFF_HASH_SIZE     128
#define STAFF_TOKEN_SIZE    55
#define STAFF_TOTP_BYTES    20 /* RFC 4226: length of SHA-1's output */
#define STAFF_TOTP_URI_SIZE 256

/* --- Roles and permissions -------------------------------------------------------------------- */

enum staff_role {
    ROLE_TELLER,
    ROLE_ACCOUNTANT,
    ROLE_OPERATOR,
    ROLE_AUDITOR,
    ROLE_ADMIN,
    ROLE_REVIEWER, /* decides cases of identity */
    STAFF_ROLE_COUNT
};
enum staff_permission {
    PERMIT_DASHBOARD,
    PERMIT_CUSTOMERS,       /* find and see customers, their accounts and payments, masked */
    PERMIT_REVEAL,          /* see a full phone or ID number, with a reason */
    PERMIT_CUSTOMER_CHANGE, /* suspend, resume */
    PERMIT_PAYMENTS,        /* see payments */
    PERMIT_PAYMENT_QUERY,   /* ask the channel */
    PERMIT_LEDGER,          /* chart, journals, trial balance, seals */
    PERMIT_JOBS,            /* see jobs, outbox, business date */
    PERMIT_JOBS_RUN,        /* end of day, retry an outbox row */
    PERMIT_AUDIT,           /* see and verify the audit log */
    PERMIT_USERS,           /* see staff users */
    PERMIT_USERS_CHANGE,    /* make and change staff users */
    PERMIT_CASES,           /* see cases of identity */
    PERMIT_CASES_DECIDE,    /* claim them, see their pictures, decide */
    PERMIT_CHANGES,         /* see proposed changes and the parameters */
    PERMIT_CHANGES_PROPOSE, /* propose one; its kind asks a permission of its own too */
    PERMIT_CHANGES_APPROVE, /* decide another person's */
    PERMIT_PARAMETERS,      /* of kind parameter */
    STAFF_PERMISSION_COUNT
};
const char *staff_role_name(enum staff_role role);                   /* "teller" */
const char *staff_permission_name(enum staff_permission permission); /* "customers" */
/* ERR_INVALID_FIELD. */
enum err staff_role_parse(const char *text, enum staff_role *out);
/* Sets of roles and of permissions are bit masks: 1 << enum. Pure. */
uint32_t staff_permissions_of(uint32_t roles);
bool staff_may(uint32_t permissions, enum staff_permission permission);

/* --- The room --------------------------------------------------------------------------------- */

struct staff_rules {
    int failures_max;
    int64_t lock_us;
    int64_t session_idle_us, session_absolute_us, session_touch_us;
    int64_t browser_life_us;            /* a browser not seen for so long is a stranger again */
    unsigned long long password_passes; /* Argon2id t */
    size_t password_memory;             /* Argon2id m, bytes */
};
extern const struct staff_rules STAFF_RULES;

struct staff_room {
    const struct vault *vault;
    struct staff_rules rules;
    char dummy_hash[STAFF_HASH_SIZE]; /* what an unknown login is compared with */
};
/* `rules` NULL: STAFF_RULES. ERR_NO_MEMORY. */
enum err staff_room_init(struct staff_room *room, const struct vault *vault,
                         const struct staff_rules *rules);
/* Of an open house (frame/room.h). */
struct house;
struct room_parts;
extern const struct room_parts STAFF_PARTS;
struct staff_room *staff_room_of(const struct house *house);

/* --- Users ------------------------------------------------------------------------------------ */

enum staff_state { STAFF_ACTIVE = 1, STAFF_DISABLED = 2 };
const char *staff_state_name(enum staff_state state);
enum err staff_state_parse(const char *text, enum staff_state *out);

struct staff {
    struct staff_id id;
    char login[STAFF_LOGIN_SIZE];
    char name[STAFF_NAME_SIZE];
    uint32_t roles; /* 1 << enum staff_role */
    enum staff_state state;
    int64_t created_at;
    int64_t locked_until; /* for browsers that they never used; 0: not locked */
    bool is_enrolled;     /* has credentials; otherwise an invitation is needed (credential.h) */
    int64_t version;
};

struct staff_draft {
    const char *login;
    const char *name;
    uint32_t roles;
    bool is_disabled; /* until two people enable them */
    /* For the invented town only; NULL: no credentials, the user is invited (credential.h). */
    const char *password_hash;
    const uint8_t *totp_secret; /* STAFF_TOTP_BYTES */
};
/* Pure: ERR_INVALID_FIELD (login, name, roles). */
enum err staff_draft_check(const struct staff_draft *draft);
/* commit: makes the user. ERR_LOGIN_TAKEN. `by` 0: the bank itself (bootstrap). Audited. */
enum err staff_create(const struct staff_room *room, struct uow *uow,
                      const struct staff_draft *draft, struct staff_id by, struct staff *out);
/* read: whether two people must agree on rights: the bank has, or had, a second admin with credentials.
 * Before that its only admin makes users alone. */
enum err staff_needs_four_eyes(struct db_conn *conn, bool *out);
/* commit: roles (NULL: as they are), state (0: as it is). Ends the user's sessions. ERR_NOT_FOUND,
 * ERR_STAFF_LAST_ADMIN (the bank would have no active admin). Audited. */
enum err staff_change(struct uow *uow, struct staff_id id, const uint32_t *roles,
                      enum staff_state state, struct staff_id by, struct staff *out);
enum err staff_load(struct db_conn *conn, struct staff_id id, struct staff *out);
typedef bool staff_visit(const struct staff *staff, void *context);
/* read: by login. */
enum err staff_each(struct db_conn *conn, staff_visit *visit, void *context);

/* commit: first admin ("admin") of a bank where nobody has credentials yet, with both halves of the
 * invitation, which the caller shows once and wipes. May be asked again until the admin enrolled.
 * ERR_EXISTS where somebody has, or had, credentials. */
struct staff_invitation;
#define STAFF_FIRST_LOGIN "admin"
enum err staff_bootstrap(const struct staff_room *room, struct uow *uow,
                         struct staff_invitation *out);
/* commit: the invented town's staff (one of each role, two where four eyes look), all with the
 * given password and TOTP secret. Development only: the caller must have been told so by an option.
 * Logins that stand already are left alone. prepare: hash the password with staff_password_hash. */
enum err staff_password_hash(const struct staff_room *room, const char *password,
                             char out[STAFF_HASH_SIZE]);
enum err staff_town(const struct staff_room *room, struct uow *uow, const char *password_hash,
                    const uint8_t totp_secret[STAFF_TOTP_BYTES]);

/* --- Sessions --------------------------------------------------------------------------------- */

struct staff_verdict {
    enum err refusal; /* ERR_OK, ERR_SIGN_IN_FAILED; ERR_SIGN_IN_LOCKED to who knows the password */
    int64_t retry_at; /* 0: none */
};
struct staff_proof {
    struct staff_id staff; /* 0: no such login */
    int64_t version;       /* of the password compared */
    bool password_matches;
};
/* prepare: the password, in the same time for an unknown login. */
enum err staff_sign_in_prove(const struct staff_room *room, struct engine *engine,
                             const char *login, const char *password, struct staff_proof *out);
struct staff_session_opened {
    struct staff_verdict verdict;
    struct staff staff;
    struct session_id session;
    char token[STAFF_TOKEN_SIZE];
    char
        browser[STAFF_TOKEN_SIZE]; /* for the browser to keep and to show next time; "" as it was */
};
/* commit: the time code (counts once), failure counter, lock, session. `browser` (NULL: none) is what
 * an earlier sign-in gave: failures of a browser that this person used count on it alone, those of
 * strangers together, so that strangers lock out strangers (OWASP, device cookies). Audited. */
enum err staff_sign_in(const struct staff_room *room, struct uow *uow,
                       const struct staff_proof *proof, const char *totp, const char *browser,
                       struct staff_session_opened *out);

struct staff_principal {
    struct staff staff;
    struct session_id session;
    uint32_t permissions;
    bool touch_due; /* submit staff_session_touch */
};
/* read. ERR_NOT_SIGNED_IN. */
enum err staff_session_check(const struct staff_room *room, struct engine *engine,
                             const char *token, int64_t now_us, struct staff_principal *out);
enum err staff_session_touch(const struct staff_room *room, struct uow *uow, struct session_id id);
/* commit; audited. */
enum err staff_session_end(struct uow *uow, struct staff_id staff, struct session_id id);

/* --- Claims -----------------------------------------------------------------------------------
 * Work of a queue is held by one person for a time; afterwards it is free again by itself. */

struct staff_claim {
    struct staff_id staff;
    char login[STAFF_LOGIN_SIZE];
    int64_t claimed_at; /* of the newest claim or renewal */
    int64_t until;
};
/* commit: takes work that is free, or renews one's own, until now + hold_us. `queue` is a name of
 * at most 32 letters ("identityCases"). ERR_CASE_CLAIMED (another holds it). Audited. */
enum err staff_claim_take(struct uow *uow, const char *queue, int64_t object, struct staff_id staff,
                          int64_t hold_us, struct staff_claim *out);
/* commit: gives it back. ERR_CLAIM_NEEDED (not held by them now). Audited. */
enum err staff_claim_release(struct uow *uow, const char *queue, int64_t object,
                             struct staff_id staff);
/* commit: the work is done or gone: whoever held it holds it no longer. */
enum err staff_claim_end(struct uow *uow, const char *queue, int64_t object);
/* read: who holds it at `now_us`. ERR_NOT_FOUND. */
enum err staff_claim_load(struct db_conn *conn, const char *queue, int64_t object, int64_t now_us,
                          struct staff_claim *out);
/* read: ERR_CLAIM_NEEDED unless `staff` holds it at `now_us`. */
enum err staff_claim_check(struct db_conn *conn, const char *queue, int64_t object,
                           struct staff_id staff, int64_t now_us);
/* read: how much of a queue a person holds at `now_us`. */
enum err staff_claim_count(struct db_conn *conn, const char *queue, struct staff_id staff,
                           int64_t now_us, int64_t *out);

/* --- Audit log -------------------------------------------------------------------------------- */

#define AUDIT_ACTION_SIZE 48
#define AUDIT_OBJECT_SIZE 80
#define AUDIT_DETAIL_SIZE 512

struct audit_entry {
    int64_t sequence; /* from 1 without a gap */
    int64_t at;
    struct staff_id staff; /* 0: the bank itself */
    char login[STAFF_LOGIN_SIZE];
    char action[AUDIT_ACTION_SIZE]; /* "customer.reveal" */
    char object[AUDIT_OBJECT_SIZE]; /* "customer:123" */
    char detail[AUDIT_DETAIL_SIZE]; /* reason and the like; no personal data */
    uint8_t hash[32];
};
/* commit: call it in the transaction of the action. Longer texts are cut at a whole character. */
enum err audit_append(struct uow *uow, struct staff_id staff, const char *action,
                      const char *object, const char *detail);
struct audit_filter {
    const char *text; /* in action, object, detail or login; NULL or "": all */
    int64_t from_us;  /* 0: open */
    int64_t to_us;    /* exclusive; 0: open */
    int64_t before;   /* sequence < before; 0: from the newest */
    size_t limit;
};
typedef bool audit_visit(const struct audit_entry *entry, void *context);
/* A search looks at so many entries a page; a longer log is searched page by page. */
#define AUDIT_WINDOW 20000
/* read: newest first. *out_next: where a search goes on that ended with its window, as `before`; 0: it saw
 * all. ERR_INVALID_FIELD (text not UTF-8). */
enum err audit_each(struct db_conn *conn, const struct audit_filter *filter, audit_visit *visit,
                    void *context, int64_t *out_next);
struct audit_verification {
    bool intact;
    int64_t entries;
    int64_t broken_at; /* sequence of the first entry that does not fit; 0: none */
    uint8_t head[32];
};
/* read: walks the whole chain and compares it with the stored head. */
enum err audit_verify(struct db_conn *conn, struct audit_verification *out);

#endif
