/*
 * Writes the named objects of desk_schemas.h, and what the staff's routes share: reading,
 * searching, and the audit log. `name` is the member's name, NULL in a list or at the top.
 */
#ifndef DESK_DESK_RENDER_H
#define DESK_DESK_RENDER_H

#include "report/report.h"
#include "web/call.h"

/* --- Objects ---------------------------------------------------------------------------------- */

void render_customer_row(struct call *call, const char *name, const struct customer *customer);
void render_journal(struct call *call, const char *name, const struct report_journal *journal);
/* Payment's members and the customers on both sides. Errors of db. */
enum err render_staff_payment_members(struct call *call, struct db_conn *conn,
                                      const struct payment *payment);
/* The whole dashboard. */
enum err render_dashboard(struct call *call, struct db_conn *conn);
/* --- Shared by the routes ------------------------------------------------------------------------
 */

/* What a text that looks for a customer is: "phone", "idNumber", "accountNumber", "customerId",
 * "name"; NULL: "newest". */
const char *customer_search_kind(const struct call *call, const char *text);

/* Whom a text names exactly: an account number, phone, customer id or ID number. ERR_NOT_FOUND. */
enum err customer_find(struct call *call, struct db_conn *conn, const char *text,
                       struct customer *out);

#endif
