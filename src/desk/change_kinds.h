/*
 * What two people together may change, as rows for the staff room: each kind reads its object, says
 * whether a wish can be, and makes it so. The wish's members were checked against ChangeAfter.
 */
#ifndef DESK_CHANGE_KINDS_H
#define DESK_CHANGE_KINDS_H

#include "staff/change.h"
#include "web/call.h"

struct change_context {
    struct call *call;
    bool is_proposal; /* a wrong member is blamed; later it makes the change stale */
};
struct change_kinds change_kinds_of(struct change_context *context);

#endif
