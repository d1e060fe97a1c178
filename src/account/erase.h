/* Erases what accounts and cards hold about a former customer. */
#ifndef ACCOUNT_ERASE_H
#define ACCOUNT_ERASE_H

#include "account/account.h"

/* commit: as account_list, and nobody adds an account or a card for the customer until the
 * transaction ends. */
enum err account_list_hold(struct uow *uow, struct customer_id customer, struct account *out,
                           size_t max, size_t *out_count);
/* commit: every bound card is unbound; the outbox notifies its issuer (CARD_TOPIC_UNSIGN). Errors
 * of card_unbind. */
enum err card_unbind_all(struct uow *uow, struct customer_id customer);
/* commit: card numbers of cards and bindings go; accounts, their numbers and limits stay, for the books
 * refer to them. */
enum err account_erase(struct uow *uow, struct customer_id customer);
/* commit: bindings of the bucket that came to nothing, begun before `before_us`; `limit` at most. */
enum err card_bindings_sweep(struct uow *uow, int bucket, int64_t before_us, int limit,
                             int64_t *out_count);

#endif
