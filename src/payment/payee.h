/*
 * Inside of the room: who is meant by a phone number.
 */
#ifndef PAYMENT_PAYEE_H
#define PAYMENT_PAYEE_H

#include "payment/transfer.h"

/* ERR_INVALID_PHONE, ERR_NOT_FOUND where nobody with this phone can receive money. */
enum err payee_find(const struct customer_room *room, struct db_conn *conn, const char *phone,
                    struct customer *out_customer, struct account *out_account);

#endif
