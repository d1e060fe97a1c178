/* The accounts' HTTP, as the rooms above use it. */
#ifndef ACCOUNT_ACCOUNT_API_H
#define ACCOUNT_ACCOUNT_API_H

#include "account/account.h"
#include "account/account_render.h"
#include "account/account_schemas.h"
#include "account/card.h"
#include "web/call.h"

/* step_up_check for a payment out of the person's accounts or a company's: counts what is paid in a day from
 * new and unknown devices, and asks where the sum, this payment included, is large (the pass code itself is
 * asked by the room of payments). A reservation of the caller's transaction: a later refusal undoes it. */
enum err step_up_check_payment(struct call *call, struct uow *uow, struct money amount);

/* A handler that reads one account of the customer, on a connection that account_read_own holds. */
typedef enum err account_reading(struct call *call, struct db_conn *conn,
                                 const struct account *account);
enum err account_read_own(struct call *call, account_reading *reader);

#endif
