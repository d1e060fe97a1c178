/* Inside of the room: its state, and calls between its files. */
#ifndef COMPANY_COMPANY_PRIVATE_H
#define COMPANY_COMPANY_PRIVATE_H

#include "company/company.h"

struct company_room {
    struct company_room_options options;
    struct company_rules rules;
};

/* --- company_rules.c: pure --------------------------------------------------------------------- */

/* The registry's objection to a registration by this person. */
enum company_fault company_register_fault(const struct company_registration *registration,
                                          const struct company_person *me);
/* What changed at the registry since its answer of before. */
enum company_fault company_change_fault(const struct business_record *before,
                                        const struct business_record *now);

/* --- business.c -------------------------------------------------------------------------------- */

/* Asks under a request id of its own. */
void business_ask(const struct company_room *room, const char *code, struct business_record *out);

/* --- company.c --------------------------------------------------------------------------------- */

/* commit: as company_load, but holds the row until the transaction's end. */
enum err company_lock(struct uow *uow, struct customer_id id, struct company *out);
/* commit: the row's changeable columns; version rises here and in *company. */
enum err company_store(struct uow *uow, struct company *company);
/* commit: an answer of the registry as evidence; the newest people if `keep`. */
enum err company_check_add(const struct company_room *room, struct uow *uow,
                           struct customer_id company, const struct business_record *record,
                           enum company_fault fault, bool keep);
/* The registry's people, sealed; gives the size. */
size_t company_record_seal(const struct company_room *room, struct customer_id id,
                           const struct business_record *record, uint8_t out[VAULT_SEALED_MAX]);
/* commit: locks the company and looks at the role. Errors of company_access. */
enum err company_lock_for(struct uow *uow, struct customer_id company, struct customer_id customer,
                          unsigned roles, struct company *out, struct company_user *out_user);
/* read: users with a role whom the bank has not suspended. */
enum err company_users_able(const struct company_room *room, struct db_conn *conn,
                            struct customer_id company, struct company_user out[COMPANY_USERS_MAX],
                            size_t *out_count);
/* read: ERR_CUSTOMER_STATE if the bank suspended the person: such a one acts for no company either. */
enum err company_person_able(const struct company_room *room, struct db_conn *conn,
                             struct customer_id who);
/* commit: gives roles (0: takes all). */
enum err company_user_store(struct uow *uow, const struct company_user *user,
                            struct customer_id by);
/* commit: a message to everybody who has one of the roles. */
enum err company_tell(struct uow *uow, const struct company *company, unsigned roles,
                      const struct message_row *kind, const struct message_params *params);
/* commit: customer row, account, state ACTIVE, messages. */
enum err company_activate(const struct company_room *room, struct uow *uow,
                          struct company *company);

/* --- company_case.c ----------------------------------------------------------------------------- */

/* commit: opens the case of a company that was just submitted. */
enum err company_case_open(const struct company_room *room, struct uow *uow,
                           struct customer_id company, unsigned reasons);

/* --- order.c ------------------------------------------------------------------------------------ */

/* commit: what this maker ordered and still waits is withdrawn. */
enum err order_withdraw_of(struct uow *uow, struct customer_id company, struct customer_id maker);

#endif
