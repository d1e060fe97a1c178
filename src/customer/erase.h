/*
 * The end of a customer: closed first, what identifies them erased years later. A third door of the
 * customer room; kinds of function as in customer.h.
 */
#ifndef CUSTOMER_ERASE_H
#define CUSTOMER_ERASE_H

#include "customer/customer.h"

/* commit: state CLOSED; sessions end, pass code, passkeys, time codes and devices go; the phone and the
 * ID number are free for a new customer (who counts among those that the phone started). Name, phone
 * and ID number stay sealed as they were, for as long as the law wants them. `out_number_hash`: the
 * keyed hash of the ID number; *out_has_number false: there was none. After it is durable call
 * session_forget_customer. ERR_NOT_FOUND, ERR_CUSTOMER_STATE. */
enum err customer_close(const struct customer_room *room, struct uow *uow, struct customer_id id,
                        uint8_t out_number_hash[VAULT_HASH_SIZE], bool *out_has_number);
/* commit: nothing is left of a closed customer but an id, a language and instants. A second time
 * changes nothing. ERR_NOT_FOUND, ERR_CUSTOMER_STATE (not closed). */
enum err customer_erase(const struct customer_room *room, struct uow *uow, struct customer_id id);

/* commit: events older than `before_us` in the bucket, `limit` at most. */
enum err customer_events_sweep(struct uow *uow, int bucket, int64_t before_us, int limit,
                               int64_t *out_count);

#endif
