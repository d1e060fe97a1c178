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

/* ERR_STEP_UP_REQUIRED with members "factors" (all needed) and "missing"; errors of db. */
enum err step_up_check(struct call *call, struct db_conn *conn, enum step_up_action action);
/* The same for a payment: asks only where it is large and the device new (the room of payments asks
 * for the pass code itself). */
enum err step_up_check_payment(struct call *call, struct db_conn *conn, struct money amount);
/* Adds the members where a refusal came of a room that knows the pass code alone. */
void step_up_explain(struct call *call);
/* A list of factors' names. */
void step_up_render_factors(struct call *call, const char *name, unsigned factors);

#endif
