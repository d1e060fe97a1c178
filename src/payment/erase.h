/*
 * All payments that a customer made, and the end of what names a customer in payments. Amounts,
 * accounts, instants and references stay: they belong to the books.
 */
#ifndef PAYMENT_ERASE_H
#define PAYMENT_ERASE_H

#include "payment/payment.h"

/* read: payments that the customer ordered, whatever became of them, newest first, older than
 * `before_id` (0: all). What others sent is on the accounts (activity.h). */
enum err payment_made_list(struct db_conn *conn, struct customer_id customer, int64_t before_id,
                           struct payment *out, size_t max, size_t *out_count);
/* commit: name, masked number and words of the customer in the payments that they ordered. */
enum err payment_erase_made(struct uow *uow, struct customer_id customer);
/* The same of every payment on the customer's accounts, in transactions of its own: not inside a unit of
 * work. Repeated or stopped, it does what is left. */
enum err payment_erase_all_received(struct engine *engine, struct customer_id customer);

#endif
