/*
 * The staff's HTTP, as the rooms above use it: the scope of who works here, who that is, and the entry
 * that each view of a customer's data leaves.
 */
#ifndef STAFF_STAFF_API_H
#define STAFF_STAFF_API_H

#include "staff/staff.h"
#include "staff/staff_render.h"
#include "staff/staff_schemas.h"
#include "web/call.h"

#define STAFF_COOKIE "__Host-staff"
/* The cookie by which a browser that a member of staff used is known again. */
#define STAFF_BROWSER_COOKIE "__Host-staff-browser"

/* Signed-in staff who have the row's permission, an enum staff_permission. A session of staff is a cookie
 * alone, which no script reads and no program carries about. */
extern const struct web_scope staff_scope;

/* Who asks. CHECK: the route is of the staff's scope. */
const struct staff_principal *staff_of(const struct call *call);
/* A refusal that its transaction remembers, and a line of the log. Returns true where there is one. */
bool staff_refused(struct call *call, const struct staff_verdict *verdict);

/* commit: an entry of the audit log in the name of who calls. Object: "customer:123". */
enum err audit_call(struct call *call, struct uow *uow, const char *action, const char *kind,
                    int64_t id, const char *detail);
/* commit: the same for a search, which is about nobody yet. `detail` names the kind of words that were
 * looked for, never the words. */
enum err audit_search(struct call *call, struct uow *uow, const char *action, const char *detail);

#endif
