/*
 * Companies and sole traders: registered by their legal representative, held against the business
 * registry, and, if no rule decides, decided by a person at the bank. A company is a customer of its
 * own (customer_company_open), so that accounts, limits and payments need no special case; people act for it
 * with roles.
 *
 *   prepare   slow (decodes, asks the registry), reads, never writes; any thread;
 *   commit    inside the caller's unit of work, short, may run more than once;
 *   read      takes any connection.
 * Instants: UTC microseconds. Shares: parts per million. Names and ID numbers of people are sealed in the
 * tables and never part of a log, an outbox row or an audit entry.
 */
#ifndef COMPANY_COMPANY_H
#define COMPANY_COMPANY_H

#include "account/account.h"
#include "customer/customer.h"
#include "kyc/kyc.h"
#include "staff/staff.h"

#define COMPANY_CODE_SIZE       19 /* 18 characters and a NUL */
#define COMPANY_OWNERS_MAX      10
#define COMPANY_SHARE_ALL       1000000
#define COMPANY_SHARE_OWNER     250000 /* from here on an owner is a beneficial one */
#define COMPANY_SCOPE_SIZE      601
#define COMPANY_LICENCE_NO_SIZE 121
#define COMPANY_USERS_MAX       20 /* of a company */
#define COMPANIES_MAX           16 /* of a person, in lists */
#define COMPANY_NOTE_SIZE       2001

/* --- Business registry ------------------------------------------------------------------------ */

enum company_kind { COMPANY_LIMITED = 1, COMPANY_SOLE_TRADER = 2 };
const char *company_kind_name(enum company_kind kind);                 /* "company", "soleTrader" */
enum err company_kind_parse(const char *text, enum company_kind *out); /* ERR_INVALID_FIELD */

struct company_person {
    char name[CUSTOMER_NAME_SIZE];
    char id_number[ID_NUMBER_SIZE];
    int64_t share_ppm; /* of an owner */
};
enum business_result { BUSINESS_FOUND = 1, BUSINESS_NOT_FOUND, BUSINESS_NO_ANSWER };
/* A company at the registry. Holds people: wipe it. */
struct business_record {
    enum business_result result; /* the rest holds with BUSINESS_FOUND */
    char name[CUSTOMER_NAME_SIZE];
    enum company_kind kind;
    bool is_registered; /* false: revoked */
    struct date registered;
    char scope[COMPANY_SCOPE_SIZE];
    struct company_person representative;
    size_t owner_count;
    struct company_person owners[COMPANY_OWNERS_MAX];
};
struct business_registry {
    void (*check)(struct business_registry *registry, const char *request_id, const char *code,
                  struct business_record *out);
    const char *version; /* kept with the evidence */
};
struct business_partner {
    struct business_registry registry;
    const struct partner *partner;
};
/* Over HTTP (sandbox/README.md, "Business registry"). */
void business_partner_init(struct business_partner *out, const struct partner *partner);

/* --- The room --------------------------------------------------------------------------------- */

/* Reads the credit code off a licence; false if it cannot. */
typedef bool licence_read(void *context, const struct image *image, char out[COMPANY_CODE_SIZE]);

struct company_rules {
    int64_t case_due_us, case_claim_us;
    int64_t recheck_us; /* the registry is asked again so often */
    int64_t order_life_us;
};
extern const struct company_rules COMPANY_RULES;

struct company_room;
struct company_room_options {
    struct customer_room *customers;
    const struct catalogue *catalogue;
    const struct vault *vault;
    const struct regions *regions;
    struct kyc_eyes *eyes;
    struct business_registry *registry;
    licence_read *read_licence; /* NULL: a person looks at every licence */
    void *read_context;
    const struct company_rules *rules; /* NULL: COMPANY_RULES; copied */
};
/* Everything pointed to outlives the room. ERR_NO_MEMORY. */
enum err company_room_open(const struct company_room_options *options, struct company_room **out);
/* Of an open house (frame/room.h). */
extern const struct room_parts COMPANY_PARTS;
struct company_room *company_room_of(const struct house *house);
void company_room_close(struct company_room *room); /* NULL is fine */
const struct company_rules *company_room_rules(const struct company_room *room);

/* --- Companies ------------------------------------------------------------------------------------
 *
 *          submit, all agree                     registry: revoked or changed
 *  DRAFT ---------------------> ACTIVE <-----------------------------------> SUSPENDED
 *   |  ^                          ^               registry: as before
 *   |  '--- registered anew --- REFUSED
 *   +--- submit, not sure --> REVIEW --- staff approve --> ACTIVE; refuse --> REFUSED
 */
enum company_state {
    COMPANY_DRAFT = 1,
    COMPANY_REVIEW = 2,
    COMPANY_ACTIVE = 3,
    COMPANY_SUSPENDED = 4,
    COMPANY_CLOSED = 5,
    COMPANY_REFUSED = 6
};
const char *company_state_name(enum company_state state); /* "draft" */

enum company_step_state {
    STEP_IS_TODO = 0,
    STEP_IS_PASSED = 1,
    STEP_IS_UNSURE = 2,
    STEP_IS_FAILED = 3
};
const char *company_step_state_name(enum company_step_state state); /* "todo", "passed", … */

/* Bits: what a user may do. Everybody with a role may look. */
enum company_role { COMPANY_VIEWER = 1, COMPANY_MAKER = 2, COMPANY_CHECKER = 4, COMPANY_ADMIN = 8 };
#define COMPANY_ROLE_COUNT 4
#define COMPANY_ROLES_ALL  15
const char *company_role_name(int bit);                            /* 0: "viewer" … 3: "admin" */
enum err company_role_parse(const char *text, unsigned *out_role); /* ERR_INVALID_FIELD */

struct company {
    struct customer_id id;
    char code[COMPANY_CODE_SIZE];
    char name[CUSTOMER_NAME_SIZE];
    enum company_kind kind;
    enum company_state state;
    char licence_number[COMPANY_LICENCE_NO_SIZE];
    struct customer_id representative;
    struct date registered;
    char scope[COMPANY_SCOPE_SIZE];
    enum company_step_state licence, owners;
    int64_t created_at, submitted_at, active_at, checked_at; /* 0: not yet */
    char suspended_for[20];
    int64_t version;
};
/* read. ERR_NOT_FOUND. */
enum err company_load(struct db_conn *conn, struct customer_id id, struct company *out);
/* read: people at the registry by its newest answer. ERR_NOT_FOUND, ERR_VAULT_SEAL. */
enum err company_record_load(const struct company_room *room, struct db_conn *conn,
                             struct customer_id id, struct business_record *out);
/* read: owners as declared. */
enum err company_owners_load(const struct company_room *room, struct db_conn *conn,
                             struct customer_id id, struct company_person out[COMPANY_OWNERS_MAX],
                             size_t *out_count);

/* Who acts for a company. */
struct company_user {
    int64_t id;
    struct customer_id company, customer;
    unsigned roles;      /* bits; 0: removed */
    int64_t limit_minor; /* of one payment; -1: none */
    int64_t added_at;
};
/* read: the company and what the customer may do for it. ERR_NOT_FOUND also if the customer has no
 * role in it; ERR_COMPANY_ROLE: none of `roles` (0: any). */
enum err company_access(struct db_conn *conn, struct customer_id company,
                        struct customer_id customer, unsigned roles, struct company *out_company,
                        struct company_user *out_user);
/* read: companies that a person acts for, oldest first. */
enum err company_list_of(struct db_conn *conn, struct customer_id customer,
                         struct company_user out[COMPANIES_MAX], size_t *out_count);
/* read: users with a role, by when they came. */
enum err company_users(struct db_conn *conn, struct customer_id company,
                       struct company_user out[COMPANY_USERS_MAX], size_t *out_count);
/* read, for staff: newest first; `text` "" all, else a code or the beginning of a name. */
typedef bool company_visit(const struct company *company, void *context);
enum err company_search(struct db_conn *conn, const char *text, int64_t before_id, size_t limit,
                        company_visit *visit, void *context);

/* --- Registration ----------------------------------------------------------------------------- */

/* What the registry contradicts. */
enum company_fault {
    FAULT_NONE,
    FAULT_UNKNOWN,
    FAULT_REVOKED,
    FAULT_NAME,
    FAULT_KIND,
    FAULT_REPRESENTATIVE,
    FAULT_OWNERS
};
const char *company_fault_name(enum company_fault fault); /* "passed", "revoked", … */

/* prepare: the registry's word on a code that is well formed (ERR_INVALID_FIELD). */
enum err company_look_up(const struct company_room *room, const char *code,
                         struct business_record *out);

struct company_registration {
    struct customer_id customer;
    char code[COMPANY_CODE_SIZE];
    char name[CUSTOMER_NAME_SIZE];
    enum company_kind kind;
    char licence_number[COMPANY_LICENCE_NO_SIZE];
    struct business_record record;
    enum company_fault fault;
};
/* prepare: code, name, kind and licence number are given, `who` must be a verified person with a face
 * check of the last minutes. ERR_NOT_VERIFIED, ERR_FACE_CHECK_REQUIRED, ERR_INVALID_FIELD (the code),
 * ERR_BUSINESS_UNAVAILABLE, ERR_COMPANY_REFUSED (see fault), ERR_NOT_REPRESENTATIVE. */
enum err company_register_prepare(const struct company_room *room, struct engine *engine,
                                  const struct principal *who, int64_t now_us,
                                  struct company_registration *registration);
/* commit: a draft with its representative as its first user. The same person's draft or refused one
 * begins anew. ERR_COMPANY_TAKEN. */
enum err company_register(const struct company_room *room, struct uow *uow,
                          const struct company_registration *registration, struct company *out);

struct company_licence {
    struct customer_id company, customer;
    uint8_t *jpeg; /* the caller's to free */
    size_t size;
    enum company_step_state state;
};
/* prepare: ERR_NOT_FOUND, ERR_COMPANY_ROLE, ERR_COMPANY_STATE, ERR_PICTURE_UNREADABLE,
 * ERR_PICTURE_TOO_LARGE, ERR_MODEL_MISSING. */
enum err company_licence_prepare(const struct company_room *room, struct engine *engine,
                                 struct customer_id customer, struct customer_id company,
                                 const void *bytes, size_t size, struct company_licence *out);
/* commit: errors as above. */
enum err company_licence_store(const struct company_room *room, struct uow *uow,
                               const struct company_licence *licence, struct company *out);
/* read: the picture, the caller's to free. ERR_NOT_FOUND, ERR_VAULT_SEAL. */
enum err company_licence_load(const struct company_room *room, struct db_conn *conn,
                              struct customer_id company, uint8_t **out, size_t *out_size);

enum owner_fault { OWNER_FINE, OWNER_NAME, OWNER_NUMBER, OWNER_SHARE, OWNER_TWICE, OWNER_MISSING };
/* Pure. What speaks against a declaration, with *out_number whose owner it is (of OWNER_MISSING: none).
 * Otherwise *out_state is passed (as at the registry) or unsure. The registry's entries of one person
 * count together. `has_number[k]`: that ID number is well formed. */
enum owner_fault company_owners_decide(const struct business_record *record,
                                       const struct company_person *owners, size_t count,
                                       const bool *has_number, size_t *out_number,
                                       enum company_step_state *out_state);
/* commit. ERR_NOT_FOUND, ERR_COMPANY_ROLE, ERR_COMPANY_STATE, ERR_OWNERS_REFUSED with fault and number. */
enum err company_owners_store(const struct company_room *room, struct uow *uow,
                              struct customer_id customer, struct customer_id company,
                              const struct company_person *owners, size_t count,
                              enum owner_fault *out_fault, size_t *out_number, struct company *out);

struct company_submission {
    struct customer_id company, customer;
    struct business_record record; /* asked again */
};
/* prepare: ERR_NOT_FOUND, ERR_COMPANY_ROLE, ERR_COMPANY_STATE, ERR_COMPANY_INCOMPLETE,
 * ERR_BUSINESS_UNAVAILABLE. */
enum err company_submit_prepare(const struct company_room *room, struct engine *engine,
                                struct customer_id customer, struct customer_id company,
                                struct company_submission *out);
/* commit: ACTIVE with an account if all agrees, else REVIEW with a case. Errors as above,
 * ERR_COMPANY_REFUSED with *out_fault (the registry changed its word meanwhile). */
enum err company_submit(const struct company_room *room, struct uow *uow,
                        const struct company_submission *submission, enum company_fault *out_fault,
                        struct company *out);

/* --- Review by staff: under a claim of queue COMPANY_QUEUE --------------------------------------- */

#define COMPANY_QUEUE "companyCases"
enum company_reason { REASON_LICENCE = 1, REASON_OWNERS = 2 }; /* bits */
#define COMPANY_REASON_COUNT 2
const char *company_reason_name(int bit); /* "licence", "owners" */
enum company_case_state {
    COMPANY_CASE_OPEN = 1,
    COMPANY_CASE_SECOND = 2,
    COMPANY_CASE_APPROVED = 3,
    COMPANY_CASE_REFUSED = 4
};
const char *company_case_state_name(enum company_case_state state); /* "open" */
struct company_case {
    int64_t id;
    struct customer_id company;
    enum company_case_state state;
    unsigned reasons;
    bool needs_second; /* owners differ from the registry's */
    struct staff_id first_staff;
    int64_t opened_at, due_at, decided_at;
};
/* read: the newest of a company. ERR_NOT_FOUND. */
enum err company_case_load(struct db_conn *conn, struct customer_id company,
                           struct company_case *out);
/* commit: approve (perhaps the first of two) or refuse, under the caller's claim. ERR_NOT_FOUND,
 * ERR_CASE_DECIDED, ERR_CLAIM_NEEDED, ERR_FOUR_EYES. Audited. */
enum err company_case_decide(const struct company_room *room, struct uow *uow,
                             const struct staff *by, struct customer_id company, bool is_approval,
                             const char *note, struct company_case *out);
struct company_decision_row {
    char login[STAFF_LOGIN_SIZE];
    bool is_approval;
    char note[COMPANY_NOTE_SIZE];
    int64_t at;
};
typedef bool company_decision_visit(const struct company_decision_row *row, void *context);
/* read: oldest first. */
enum err company_decisions_each(const struct company_room *room, struct db_conn *conn,
                                int64_t case_id, company_decision_visit *visit, void *context);
/* read: answers of the registry, newest first. */
struct company_check_row {
    char result[20];
    char version[40];
    int64_t at;
};
typedef bool company_check_visit(const struct company_check_row *row, void *context);
enum err company_checks_each(struct db_conn *conn, struct customer_id company,
                             company_check_visit *visit, void *context);

struct company_queue_counts {
    int64_t open, overdue, mine;
    int64_t oldest_at; /* 0: none */
};
/* read: undecided cases, and those that `staff` holds under a claim. */
enum err company_queue_counts(struct db_conn *conn, struct staff_id staff, int64_t now_us,
                              struct company_queue_counts *out);

/* --- Job -------------------------------------------------------------------------------------- */

/* Asks the registry again about companies whose last answer is recheck_us old: revoked or changed ones
 * are suspended, and active again when all is as it was. No answer: tried again later. Not inside a unit
 * of work. */
enum err company_recheck(const struct company_room *room, struct engine *engine, size_t limit,
                         size_t *out_count);

#endif
