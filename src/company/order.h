/*
 * People of a company, and payments that one orders and others approve. The last approval pays, in its own
 * transaction, by the transfer service; what that refuses leaves the order failed with the reason.
 *
 *             approvals that are needed
 *  AWAITING ------------------------------> EXECUTED, or FAILED
 *     | \-- a checker refuses --> REFUSED
 *     |  \- the maker withdraws, or loses the role --> WITHDRAWN
 *     '---- seven days --> EXPIRED
 *
 * The maker never approves, whatever other roles the maker has. A sole trader who is the only user pays at
 * once, with the stronger proofs of a large payment. Approvals of people who lost the role do not count.
 */
#ifndef COMPANY_ORDER_H
#define COMPANY_ORDER_H

#include "company/company.h"
#include "payment/payment.h"

/* --- Users ---------------------------------------------------------------------------------------
 *
 *               another administrator or checker
 *  WAITING ------------------------------------------> APPLIED  (at once if one person may do it)
 *     | \-- refuses --> REFUSED
 *     |  \- the proposer withdraws --> WITHDRAWN
 *     '---- seven days --> void
 *
 * Which changes one person may do: user_rules.h. */

/* What the caller proved in this session. */
enum company_proof {
    COMPANY_PROOF_NONE,
    COMPANY_PROOF_PASSCODE,
    COMPANY_PROOF_STRONG /* and face, passkey or time code */
};
struct company_user_order {
    struct customer_id company, by;
    const char *phone;
    unsigned roles;
    int64_t limit_minor; /* of one payment; -1: none */
    enum company_proof proof;
};
#define COMPANY_CHANGES_MAX 20 /* of a company, waiting */
enum user_change_state {
    USER_CHANGE_WAITING = 1,
    USER_CHANGE_APPLIED = 2,
    USER_CHANGE_REFUSED = 3,
    USER_CHANGE_WITHDRAWN = 4
};
const char *user_change_state_name(enum user_change_state state); /* "awaitingApproval" */
struct company_user_change {
    int64_t id;
    struct customer_id company, customer; /* customer: whose roles */
    int64_t user_id;
    unsigned roles_before, roles_after; /* after 0: all are taken */
    int64_t limit_before, limit_after;  /* -1: none */
    struct customer_id maker, checker;  /* checker 0: none */
    enum user_change_state state;
    int64_t created_at, expires_at, decided_at; /* decided 0: not yet */
};
/* commit: proposes roles, or gives them at once if one person may. ERR_NOT_FOUND, ERR_COMPANY_ROLE (not
 * an administrator), ERR_COMPANY_STATE, ERR_INVALID_PHONE, ERR_COMPANY_USER_UNKNOWN (nobody's phone, or
 * not verified), ERR_COMPANY_USER_COUNT, ERR_COMPANY_LAST_ADMIN, ERR_STEP_UP_REQUIRED. */
enum err company_user_set(const struct company_room *room, struct uow *uow,
                          const struct company_user_order *order, struct company_user_change *out);
/* commit: the same, taking all roles; orders of theirs that wait are withdrawn. Errors as above. */
enum err company_user_remove(const struct company_room *room, struct uow *uow,
                             const struct company_user_order *order, int64_t user_id,
                             struct company_user_change *out);
/* read: those that wait, newest first. */
enum err company_user_changes(struct db_conn *conn, struct customer_id company, int64_t now_us,
                              struct company_user_change out[COMPANY_CHANGES_MAX],
                              size_t *out_count);

/* --- Orders ----------------------------------------------------------------------------------- */

enum order_state {
    ORDER_AWAITING = 1,
    ORDER_EXECUTED = 2,
    ORDER_REFUSED = 3,
    ORDER_WITHDRAWN = 4,
    ORDER_EXPIRED = 5,
    ORDER_FAILED = 6
};
const char *order_state_name(enum order_state state); /* "awaitingApproval" */
enum order_decision { ORDER_APPROVE = 1, ORDER_REFUSE = 2, ORDER_WITHDRAW = 3 };
const char *order_decision_name(enum order_decision decision);             /* "approve" */
enum err order_decision_parse(const char *text, enum order_decision *out); /* ERR_INVALID_FIELD */

struct company_user_word {
    struct customer_id company, customer;
    int64_t change;
    enum order_decision decision;
    enum company_proof proof; /* an approval needs the pass code */
};
/* commit: the second person's decision on a change of people. ERR_NOT_FOUND, ERR_COMPANY_ROLE,
 * ERR_CHANGE_DECIDED, ERR_FOUR_EYES, ERR_CHANGE_STALE (the roles changed meanwhile, or the
 * proposer lost the role), ERR_COMPANY_STATE, ERR_COMPANY_USER_COUNT, ERR_COMPANY_LAST_ADMIN,
 * ERR_STEP_UP_REQUIRED. */
enum err company_user_decide(const struct company_room *room, struct uow *uow,
                             const struct company_user_word *word, struct company_user_change *out);

enum creditor_by { CREDITOR_BY_PHONE = 1, CREDITOR_BY_NUMBER = 2 };
#define ORDER_CREDITOR_SIZE 24
struct company_order {
    int64_t id;
    struct customer_id company, maker;
    struct account_id account;
    enum creditor_by by;
    char creditor[ORDER_CREDITOR_SIZE]; /* phone or account number */
    char creditor_name[CUSTOMER_NAME_SIZE];
    int64_t amount_minor;
    char text[PAYMENT_TEXT_SIZE];
    enum order_state state;
    int needed;
    struct payment_id payment; /* 0: none */
    enum err failure;          /* of a failed one */
    int64_t created_at, expires_at, decided_at;
};
struct order_approval {
    struct customer_id customer;
    enum order_decision decision;
    char reason[COMPANY_NOTE_SIZE];
    int64_t at;
};
#define ORDER_APPROVALS_MAX COMPANY_USERS_MAX

/* commit: in *order the company, maker, account, creditor, name, amount and text are given; stepped_up: the
 * proofs of a large payment. ERR_NOT_FOUND (also the account), ERR_COMPANY_ROLE, ERR_COMPANY_STATE,
 * ERR_ORDER_LIMIT, ERR_INVALID_FIELD with *out_field, ERR_INVALID_PHONE, ERR_OVERFLOW,
 * ERR_PAYEE_UNKNOWN, ERR_PAYEE_NAME_MISMATCH, ERR_SAME_ACCOUNT, ERR_STEP_UP_REQUIRED (alone). */
enum err order_make(const struct company_room *room, struct uow *uow, struct company_order *order,
                    bool stepped_up, const char **out_field);
struct order_word {
    struct customer_id company, customer;
    int64_t order;
    enum order_decision decision;
    const char *reason; /* "" none */
    bool stepped_up;    /* an approval needs it */
};
/* commit. ERR_NOT_FOUND, ERR_COMPANY_ROLE, ERR_ORDER_DECIDED, ERR_COMPANY_STATE, ERR_FOUR_EYES,
 * ERR_ORDER_LIMIT, ERR_STEP_UP_REQUIRED. */
enum err order_decide(const struct company_room *room, struct uow *uow,
                      const struct order_word *word, struct company_order *out);
/* read. ERR_NOT_FOUND (also another company's), ERR_VAULT_SEAL. */
enum err order_load(const struct company_room *room, struct db_conn *conn,
                    struct customer_id company, int64_t id, struct company_order *out);
/* read: newest first, id < before_id (0: from the newest). */
enum err order_list(const struct company_room *room, struct db_conn *conn,
                    struct customer_id company, int64_t before_id, size_t limit,
                    struct company_order *out, size_t *out_count);
/* read: oldest first. */
enum err order_approvals(struct db_conn *conn, int64_t order,
                         struct order_approval out[ORDER_APPROVALS_MAX], size_t *out_count);
/* commit, a job: those whose time is over; at most `limit`. */
enum err order_expire(struct uow *uow, size_t limit, size_t *out_count);

#endif
