/*
 * The customers' HTTP, as the rooms above use it: the scope of a signed-in customer, who that is, what
 * an action needs of them, and the budget of what reveals others.
 */
#ifndef CUSTOMER_CUSTOMER_API_H
#define CUSTOMER_CUSTOMER_API_H

#include "customer/customer.h"
#include "customer/customer_render.h"
#include "customer/customer_schemas.h"
#include "customer/security.h"
#include "web/call.h"

#define CUSTOMER_COOKIE "__Host-session"

/* Signed-in customers, by cookie or by bearer token. */
extern const struct web_scope customer_scope;

/* Who asks; nobody (all zero) where the route's scope is another. Judged anew in each transaction. */
const struct principal *customer_of(const struct call *call);
/* An open route has opened a session: what it renders is for a limited session, or for a full one. */
enum err customer_is_limited_set(struct call *call, bool is_limited);

/* Money is moved, and companies are acted for, only by customers who have an account and are not suspended.
 * Ask in prepare: the transaction judges it again. ERR_ONBOARDING_INCOMPLETE, ERR_CUSTOMER_STATE. */
enum err customer_need_active(struct call *call);

/* A refusal that its transaction remembers: problem answer though commit gave ERR_OK. Returns true
 * where there is one. */
bool customer_refused(struct call *call, const struct verdict *verdict);

/* One budget an hour of each customer for what reveals whether a phone has a customer, and who that is: payee
 * checks, payments to a wrong name, orders and users of companies. customer_guess_allowed before anything is
 * revealed (ERR_TOO_MANY_REQUESTS), customer_guess_revealed after a guess was answered; once a call. */
enum err customer_guess_allowed(struct call *call);
void customer_guess_revealed(struct call *call);

/* --- Step-up by risk ----------------------------------------------------------------------------
 * What the action needs of this customer on this device, and a refusal with that list. Call it in
 * `commit` with the unit's connection, or in `prepare` with a reading one. */

/* ERR_STEP_UP_REQUIRED with members "factors" (all needed), "missing", and "alternatives" (where the last one
 * missing is one of several); errors of db. */
enum err step_up_check(struct call *call, struct db_conn *conn, enum step_up_action action);
/* A limited session sees nothing of the customer: ERR_STEP_UP_REQUIRED as above. */
enum err step_up_check_view(struct call *call);
/* Adds the members where a refusal came of a room that knows the pass code alone. */
void step_up_explain(struct call *call);
/* A list of factors' names, one for the set `any` (0: none). */
void step_up_render_factors(struct call *call, const char *name, unsigned factors, unsigned any);

/* --- Sign-up and sign-in ------------------------------------------------------------------------- */

#define DEVICE_NAME_MAX 200 /* longer than what is kept: the room cuts it */
/* Optional: a sign-in without one counts as one from a new device, each time. */
#define FIELD_DEVICE_KEY                                                                           \
    FIELD_MAY("deviceKey", FIELD_TEXT, .min = DEVICE_KEY_MIN, .max = DEVICE_KEY_MAX,               \
              .pattern = "^[A-Za-z0-9_-]{22,64}$", .check = device_key_is_valid,                   \
              .text = "made by chance and kept by the app: knows the device again")

/* What prepare leaves for commit, and commit for finish: call->state. */
struct sign_in_entry {
    struct customer_phone phone;
    struct passcode_proof proof;
    struct session_opened opened;
    struct customer_id gone; /* sign-up: whose number it was */
};
/* prepare: makes the entry, reads the phone of the body, takes of the number's rate. */
enum err sign_in_prepare_phone(struct call *call);
/* commit: the answer to a session that was asked for with this `err`, or its refusal. */
enum err sign_in_answer(struct call *call, struct uow *uow, enum err err);
/* finish: the cookie of a browser. */
enum err sign_in_finish(struct call *call);

#endif
