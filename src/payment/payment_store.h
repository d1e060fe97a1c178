/*
 * Inside of the room: rows of payments and their trail.
 */
#ifndef PAYMENT_PAYMENT_STORE_H
#define PAYMENT_PAYMENT_STORE_H

#include "payment/payment.h"

#define PAYMENT_COLUMNS                                                                            \
    "id, kind, status, debtor_customer_id, creditor_customer_id, debtor_account_id, "              \
    "creditor_account_id, debtor_name, creditor_name, debtor_masked, creditor_masked, card_id, "   \
    "amount_minor, currency, remittance, reason_code, rule_version, end_to_end_id, journal_id, "   \
    "hold_id, created_at, settled_at, attempt_count, query_count, asked_at, answered, "            \
    "next_query_at, counted_small, version, order_source, order_source_id, proof_factors, "        \
    "order_salt"

/* Copies a text that the caller knows to fit (CHECK). */
void payment_text_set(char *out, size_t size, const char *text);
/* Deferred. */
enum err payment_store(struct uow *uow, const struct payment *payment);
/* As payment_load, but holds the row against others until the transaction ends. */
enum err payment_lock(struct uow *uow, struct payment_id id, struct payment *out);
/* Stores all that changes in a payment's life; version rises. Deferred. */
enum err payment_update(struct uow *uow, struct payment *payment);
/* The next event of a payment whose row this transaction holds: its hash covers the event before it,
 * the first one's hash covers the order. Deferred. */
enum err payment_event_add(struct uow *uow, const struct payment *payment, const char *event,
                           const char *detail);
/* Hash of an event after the one whose hash is `before`. Pure. */
struct order_hash payment_event_hash(const struct order_hash *before,
                                     const struct payment_event_row *event);
/* Once for each payment and kind; false in *out_new where it was raised before. */
enum err payment_alert_raise(struct uow *uow, struct payment_id id, const char *kind,
                             bool *out_new);
/* Payments due for a query, oldest first. */
enum err payment_due_list(struct db_conn *conn, int64_t now_us, struct payment_id *out, size_t max,
                          size_t *out_count);
/* The outbox row that tells everybody who cares that the payment has ended: "payment.booked",
 * "payment.rejected". */
enum err payment_announce(struct uow *uow, const struct payment *payment);
/* Reads a row of PAYMENT_COLUMNS. */
void payment_read(const struct db_rows *rows, struct payment *out);

#endif
