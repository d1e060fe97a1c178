/*
 * Inside of the room: who is meant by a phone number.
 */
#ifndef PAYMENT_PAYEE_H
#define PAYMENT_PAYEE_H

#include "payment/transfer.h"

/* Who has a phone, and who pays. */
struct payee_search {
    struct customer_party payer, payee;
    struct account account; /* the payee's, that receives */
    enum err err;           /* ERR_OK; ERR_INVALID_PHONE; ERR_NOT_FOUND: nobody who can receive */
};
/* Looks for both in two round trips. `payer` of id 0: nobody, *out has none. ERR_NOT_FOUND: no such
 * payer. */
enum err payee_find(const struct customer_room *room, struct db_conn *conn,
                    struct customer_id payer, const char *phone, struct payee_search *out);

/* The same by the number of the account that receives. */
enum err payee_find_number(struct db_conn *conn, struct customer_id payer, const char *number,
                           struct payee_search *out);

#endif
