/*
 * Inside of the room: rows of payments and their trail.
 */
#ifndef PAYMENT_PAYMENT_STORE_H
#define PAYMENT_PAYMENT_STORE_H

#include "payment/payment.h"

/* Copies a text that the caller knows to fit (CHECK). */
void payment_text_set(char *out, size_t size, const char *text);
/* Deferred. */
enum err payment_store(struct uow *uow, const struct payment *payment);
/* As payment_load, but holds the row against others until the transaction ends. */
enum err payment_lock(struct uow *uow, struct payment_id id, struct payment *out);
/* Stores all that changes in a payment's life; version rises. Deferred. */
enum err payment_update(struct uow *uow, struct payment *payment);
enum err payment_event_add(struct uow *uow, struct payment_id id, const char *event,
                           const char *detail);
/* Once for each payment and kind; false in *out_new where it was raised before. */
enum err payment_alert_raise(struct uow *uow, struct payment_id id, const char *kind,
                             bool *out_new);
/* Payments due for a query, oldest first. */
enum err payment_due_list(struct db_conn *conn, int64_t now_us, struct payment_id *out, size_t max,
                          size_t *out_count);
/* The outbox row that tells everybody who cares that the payment has ended: "payment.booked",
 * "payment.rejected". */
enum err payment_announce(struct uow *uow, const struct payment *payment);
/* The row's columns, for statements elsewhere in the room. */
void payment_read(const struct db_rows *rows, struct payment *out);

#endif
