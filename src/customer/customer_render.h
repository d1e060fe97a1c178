/*
 * Writes the named objects of customer_schemas.h. `name` is the member's name, NULL in a list or at the top.
 * What takes an `enum err` reads (a reading connection, or the unit's own); the rest cannot fail. A
 * customer's and a staff member's answer come from the same functions: both see the same figures.
 */
#ifndef CUSTOMER_CUSTOMER_RENDER_H
#define CUSTOMER_CUSTOMER_RENDER_H

#include "customer/customer.h"
#include "web/call.h"

void render_customer(struct call *call, const char *name, const struct customer *customer,
                     const struct onboarding *onboarding);
/* Loads the customer (into *out where not NULL) and writes it. ERR_NOT_FOUND. */
enum err render_customer_of(struct call *call, const char *name, struct db_conn *conn,
                            struct customer_id id, struct customer *out);
/* `current` 0: nobody's. */
/* The code that was sent: its id, the masked number, until when it is good. */
void render_phone_code(struct call *call, const struct customer_phone *phone,
                       const struct phone_code_sent *sent);
void render_session(struct call *call, const char *name, const struct session *session,
                    struct session_id current);
void render_consent(struct call *call, const char *name, const struct consent *consent);
/* A list of checks, each {check, result, reason?}. */
void render_identity_checks(struct call *call, const char *name,
                            const struct identity_evidence *evidence);
void render_message(struct call *call, const char *name, const struct message *message);

#endif
