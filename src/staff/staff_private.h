/* Inside of the room: calls between its files. */
#ifndef STAFF_STAFF_PRIVATE_H
#define STAFF_STAFF_PRIVATE_H

#include "staff/staff.h"

struct vault_place staff_totp_place(struct staff_id id);
/* The first row's first column, or ERR_NOT_FOUND. */
enum err staff_query_int(struct db_conn *conn, struct db_stmt *stmt, const struct db_value *args,
                         size_t arg_count, int64_t *out);

#endif
