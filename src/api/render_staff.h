/*
 * Writes the named objects of schemas_staff.h, and what the staff's routes share: reading,
 * searching, and the audit log. `name` is the member's name, NULL in a list or at the top.
 */
#ifndef API_RENDER_STAFF_H
#define API_RENDER_STAFF_H

#include "api/call.h"
#include "report/report.h"

/* --- Objects ---------------------------------------------------------------------------------- */

void render_staff(struct call *call, const char *name, const struct staff *staff);
/* `totp_uri` NULL: not shown. */
void render_staff_user_members(struct call *call, const struct staff *staff);
void render_customer_row(struct call *call, const char *name, const struct customer *customer);
void render_journal(struct call *call, const char *name, const struct report_journal *journal);
/* Payment's members and the customers on both sides. Errors of db. */
enum err render_staff_payment_members(struct call *call, struct db_conn *conn,
                                      const struct payment *payment);
/* The whole dashboard. */
enum err render_dashboard(struct call *call, struct db_conn *conn);
/* Hexadecimal text of a hash of 32 bytes. */
void render_hash(struct call *call, const char *name, const uint8_t hash[32]);

/* --- Shared by the routes ------------------------------------------------------------------------
 */

/* Runs `render` on a reading connection: all that it shows is of one state. */
typedef enum err render_reading(struct call *call, struct db_conn *conn);
enum err render_read(struct call *call, render_reading *render);

/* commit: an entry of the audit log in the name of who calls. Object: "customer:123". */
enum err audit_call(struct call *call, struct uow *uow, const char *action, const char *kind,
                    int64_t id, const char *detail);

/* commit: the same for a search, which is about nobody yet. `detail` says what kind of words were
 * looked for, never the words. */
enum err audit_search(struct call *call, struct uow *uow, const char *action, const char *detail);
/* What a text that looks for a customer is: "phone", "idNumber", "accountNumber", "customerId",
 * "name"; NULL: "newest". */
const char *customer_search_kind(const struct call *call, const char *text);

/* Days from..to of the query as instants [*out_from, *out_to) of the bank's civil time; 0: open. */
void call_query_days(const struct call *call, int64_t *out_from, int64_t *out_to);
/* The query's text without the blanks that people group digits with; NULL: absent. In the arena. */
const char *call_query_search(struct call *call);
/* Whom a text names exactly: an account number, phone, customer id or ID number. ERR_NOT_FOUND. */
enum err customer_find(struct call *call, struct db_conn *conn, const char *text,
                       struct customer *out);

/* A list whose store knows no cursor: the cursor counts the rows that were shown before. Beyond
 * LIST_SKIP_MAX the list ends. */
#define LIST_SKIP_MAX 10000
struct list_page {
    struct call *call;
    size_t skip;  /* rows before this page */
    size_t limit; /* rows of this page */
    size_t seen;
};
struct list_page list_page_of(struct call *call);
/* How many rows to ask the store for: one more than are shown, so that an end is known. */
size_t list_page_rows(const struct list_page *page);
/* Counts a row; true where it belongs on this page. */
bool list_page_shows(struct list_page *page);
/* Link to the next page, where there are more rows. */
void list_page_end(struct list_page *page);

#endif
