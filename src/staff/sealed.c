#include "staff/sealed.h"

SEALED_COLUMN_2(staff_sealed_totp, "staff_users", "totp_sealed", "id", "staff.totp");
SEALED_COLUMN_2(staff_sealed_next, "staff_users", "totp_next", "id", "staff.totp.next");
SEALED_COLUMN_2(staff_sealed_invited, "staff_invitations", "totp_sealed", "staff_id",
                "staff.totp.invited");

const struct sealed_column *const *staff_sealed(size_t *out_count)
{
    static const struct sealed_column *const list[] = {&staff_sealed_totp, &staff_sealed_next,
                                                       &staff_sealed_invited};
    *out_count = sizeof list / sizeof list[0];
    return list;
}
