/* Writes the named objects of staff_schemas.h. */
#ifndef STAFF_STAFF_RENDER_H
#define STAFF_STAFF_RENDER_H

#include "staff/staff.h"
#include "web/call.h"

void render_staff(struct call *call, const char *name, const struct staff *staff);
/* `totp_uri` NULL: not shown. */
void render_staff_user_members(struct call *call, const struct staff *staff);

#endif
