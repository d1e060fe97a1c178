/*
 * Inside of the room: reservations of one payment as one statement, for callers that send it
 * together with others in one round trip.
 */
#ifndef ACCOUNT_LIMIT_STORE_H
#define ACCOUNT_LIMIT_STORE_H

#include "account/limit.h"

#define LIMIT_RESERVATIONS_MAX 3

/* Pure: a report of a limit whose maximum is a figure. */
void limit_fill(const struct catalogue_edition *edition, enum account_parameter parameter,
                enum limit_name name, int64_t used_minor, struct limit_report *out);

/* The same amount on the same day, counted for several owners or kinds. Rows are locked in the order
 * of owners, whatever the order of adding, so that two payments between the same accounts never wait
 * for each other in a ring; the kinds of one owner in the order of adding. */
struct limit_reservation {
    struct {
        int64_t owner_id;
        enum limit_kind kind;
        struct limit_usage *out; /* written by limit_reservation_read */
    } rows[LIMIT_RESERVATIONS_MAX];
    size_t count;
    struct db_value args[3 + 3 * LIMIT_RESERVATIONS_MAX];
};
void limit_reservation_init(struct limit_reservation *out, int64_t amount_minor, struct date day);
/* Each pair of owner and kind once. */
void limit_reservation_add(struct limit_reservation *all, int64_t owner_id, enum limit_kind kind,
                           struct limit_usage *out);
/* Into the open batch; at least one was added. */
enum err limit_reservation_queue(struct db_conn *conn, struct limit_reservation *all);
/* The batch's next answer. */
enum err limit_reservation_read(struct db_conn *conn, const struct limit_reservation *all);

#endif
