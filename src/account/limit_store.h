/*
 * Inside of the room: a reservation as a statement and its parameters, for callers that send
 * several in one round trip.
 */
#ifndef ACCOUNT_LIMIT_STORE_H
#define ACCOUNT_LIMIT_STORE_H

#include "account/limit.h"

#define LIMIT_RESERVATION_ARGS 7

struct limit_reservation {
    struct db_value args[LIMIT_RESERVATION_ARGS];
};
struct db_stmt *limit_reservation_stmt(void);
void limit_reservation_init(struct limit_reservation *out, int64_t owner_id, enum limit_kind kind,
                            int64_t amount_minor, struct date day);
/* Reads and closes the answer. */
enum err limit_reservation_read(struct db_rows *rows, struct limit_usage *out);

#endif
