#include "staff/staff_render.h"

static void render_roles(struct call *call, uint32_t roles)
{
    out_open(call, "roles", '[');
    for (int role = 0; role < STAFF_ROLE_COUNT; role++) {
        if (roles >> role & 1u) {
            out_text(call, NULL, staff_role_name((enum staff_role)role));
        }
    }
    out_close(call, ']');
}

void render_staff(struct call *call, const char *name, const struct staff *staff)
{
    uint32_t permissions = staff_permissions_of(staff->roles);
    out_open(call, name, '{');
    out_id(call, "staffId", staff->id.value);
    out_text(call, "login", staff->login);
    out_text(call, "name", staff->name);
    render_roles(call, staff->roles);
    out_open(call, "permissions", '[');
    for (int permission = 0; permission < STAFF_PERMISSION_COUNT; permission++) {
        if (staff_may(permissions, (enum staff_permission)permission)) {
            out_text(call, NULL, staff_permission_name((enum staff_permission)permission));
        }
    }
    out_close(call, ']');
    out_close(call, '}');
}

void render_staff_user_members(struct call *call, const struct staff *staff)
{
    bool is_locked = staff->state == STAFF_ACTIVE && staff->locked_until > call->now_us;
    out_id(call, "staffId", staff->id.value);
    out_text(call, "login", staff->login);
    out_text(call, "name", staff->name);
    render_roles(call, staff->roles);
    out_text(call, "state", is_locked ? "locked" : staff_state_name(staff->state));
    out_instant(call, "createdAt", staff->created_at);
    out_bool(call, "isEnrolled", staff->is_enrolled);
}
