/*
 * Step-up by risk, as routes ask for it: what the action needs of this customer on this device, and
 * a refusal that says so. Call it in `commit` with the unit's connection, or in `prepare` with a
 * reading one.
 */
#ifndef API_STEP_UP_H
#define API_STEP_UP_H

#include "api/api_private.h"
#include "api/call.h"
#include "customer/security.h"

/* ERR_STEP_UP_REQUIRED with members "factors" (all needed), "missing", and "alternatives" (where the last one
 * missing is one of several); errors of db. */
enum err step_up_check(struct call *call, struct db_conn *conn, enum step_up_action action);
/* The same for a payment out of the person's accounts or a company's: counts what is paid in a day from new
 * and unknown devices, and asks where the sum, this payment included, is large (the room of payments asks for
 * the pass code itself). A reservation of the caller's transaction: what is refused later is not counted. */
enum err step_up_check_payment(struct call *call, struct uow *uow, struct money amount);
/* A limited session sees nothing of the customer: ERR_STEP_UP_REQUIRED as above. */
enum err step_up_check_view(struct call *call);
/* Adds the members where a refusal came of a room that knows the pass code alone. */
void step_up_explain(struct call *call);
/* A list of factors' names, one for the set `any` (0: none). */
void step_up_render_factors(struct call *call, const char *name, unsigned factors, unsigned any);

#endif
