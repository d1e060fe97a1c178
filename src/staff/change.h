/*
 * Four eyes: a change is proposed by one person and decided by another, and is applied in the very
 * transaction of the decision. What can be changed is given by the caller as a table of kinds, so
 * that this room depends on no other. Part of staff.h; bucket 0.
 *
 *                approve (another person)      -> APPROVED, applied
 *   PROPOSED ->  refuse (another person)       -> REFUSED
 *                withdraw (the same person)    -> WITHDRAWN
 *                CHANGE_LIFE_US went by        -> EXPIRED
 */
#ifndef STAFF_CHANGE_H
#define STAFF_CHANGE_H

#include "base/json.h"
#include "staff/staff.h"

#define CHANGE_KIND_SIZE   25
#define CHANGE_OBJECT_SIZE 65
#define CHANGE_REASON_SIZE 2001 /* 500 characters */
#define CHANGE_JSON_SIZE   4096
#define CHANGE_LIFE_US     (INT64_C(7) * 24 * 3600 * 1000000)
#define CHANGE_DUE_US      (INT64_C(24) * 3600 * 1000000) /* after it a proposal waits too long */
#define CHANGE_DUE_BATCH   100

enum change_state {
    CHANGE_PROPOSED = 1,
    CHANGE_APPROVED = 2,
    CHANGE_REFUSED = 3,
    CHANGE_WITHDRAWN = 4,
    CHANGE_EXPIRED = 5
};
const char *change_state_name(enum change_state state); /* "proposed" */
enum err change_state_parse(const char *text, enum change_state *out);

enum change_decision { DECISION_APPROVE = 1, DECISION_REFUSE = 2, DECISION_WITHDRAW = 3 };
enum err change_decision_parse(const char *text, enum change_decision *out); /* "approve" */

struct change {
    int64_t id;
    char kind[CHANGE_KIND_SIZE];
    char object[CHANGE_OBJECT_SIZE];
    enum change_state state;
    struct staff_id maker, checker; /* checker 0: none */
    char maker_login[STAFF_LOGIN_SIZE];
    char checker_login[STAFF_LOGIN_SIZE];
    char reason[CHANGE_REASON_SIZE];
    char decision_reason[CHANGE_REASON_SIZE];
    char before[CHANGE_JSON_SIZE]; /* canonical JSON: names sorted, no blanks */
    char after[CHANGE_JSON_SIZE];
    int64_t created_at, expires_at;
    int64_t decided_at; /* 0: not yet */
    int64_t version;
};

/* What can be changed. Each function gets the caller's context and may leave hints there. */
struct change_kind {
    const char *name;
    enum staff_permission permission; /* of who proposes and who decides, beside PERMIT_CHANGES_… */
    /* The present state of the object. The caller gives the JSON back. ERR_NOT_FOUND. */
    enum err (*read)(void *context, struct db_conn *conn, const char *object, json_t **out_now);
    /* Whether `after` can be: shape and rules. Called at the proposal and again before apply. */
    enum err (*check)(void *context, struct db_conn *conn, const char *object, const json_t *now,
                      json_t *after);
    /* Makes it so, inside the decision's transaction, in the name of `checker`. */
    enum err (*apply)(void *context, struct uow *uow, const struct change *change,
                      const json_t *after, struct staff_id checker);
};
struct change_kinds {
    const struct change_kind *rows;
    size_t count;
    void *context;
};

struct change_draft {
    const char *kind;
    const char *object;
    json_t *after;
    const char *reason;
};
/* commit: ERR_INVALID_FIELD (no such kind), ERR_NOT_PERMITTED (kind's permission), errors of the kind's
 * read and check, ERR_CHANGE_STALE (the object has these values already). Audited. */
enum err change_propose(const struct change_kinds *kinds, struct uow *uow,
                        const struct change_draft *draft, const struct staff_principal *maker,
                        struct change *out);
/* commit: ERR_NOT_FOUND, ERR_NOT_PERMITTED (kind's permission; withdrawing another's),
 * ERR_CHANGE_DECIDED (decided or expired), ERR_FOUR_EYES (one's own), ERR_CHANGE_STALE (the object
 * does not say any more what it said), errors of check and apply. Audited. */
enum err change_decide(const struct change_kinds *kinds, struct uow *uow, int64_t id,
                       enum change_decision decision, const char *reason,
                       const struct staff_principal *checker, struct change *out);
/* Pure: who may decide what, in the order of the errors above from ERR_CHANGE_DECIDED on. */
enum err change_rule(const struct change *change, enum change_decision decision,
                     struct staff_id checker, int64_t now_us);
/* commit: ends what waited too long, at most CHANGE_DUE_BATCH. Audited in the bank's name. */
enum err change_expire(struct uow *uow, size_t *out_count);

/* The kind by which two people agree that a business date, its object, closes before it has ended. Its
 * approved change is the permit. */
#define CHANGE_CLOSE_EARLY "closeEarly"
/* read: whether a change of that kind and object was approved. */
enum err change_is_approved(struct db_conn *conn, const char *kind, const char *object, bool *out);

/* read. ERR_NOT_FOUND. */
enum err change_load(struct db_conn *conn, int64_t id, struct change *out);
struct change_filter {
    enum change_state state; /* 0: all */
    int64_t before;          /* id < before; 0: from the newest */
    size_t limit;
};
typedef bool change_visit(const struct change *change, void *context);
/* read: newest first. */
enum err change_each(struct db_conn *conn, const struct change_filter *filter, change_visit *visit,
                     void *context);

/* --- Work that waits: one row a queue ------------------------------------------------------------
 */
struct work_count {
    int64_t open;
    int64_t overdue;
    int64_t mine;      /* held by the person; of changes: proposed by them */
    int64_t oldest_at; /* 0: nothing waits */
};
/* read. */
enum err change_count(struct db_conn *conn, struct staff_id staff, int64_t now_us,
                      struct work_count *out);

#endif
