/*
 * What holds after every group, whatever the commands of the group were. Looked at in builds with
 * SYCEE_FAULTS only (MODE=debug, tsan): a release trusts its tests, the auditor and the start.
 * A function returns the name of the invariant that is broken, NULL if all hold; changes nothing.
 */
#ifndef LEDGER_INVARIANT_H
#define LEDGER_INVARIANT_H

#include "ledger/store.h"

/* In builds with SYCEE_FAULTS: the invariant must hold here. */
#ifdef SYCEE_FAULTS
#define INVARIANT(broken) invariant_require((broken), 0)
#else
#define INVARIANT(broken) ((void)0)
#endif
/* Logs the name of what is broken, with the account, and aborts; nothing for NULL. */
void invariant_require(const char *broken, int64_t account_id);

/* Accounts before and after: debits equal credits in each currency, posted and pending; counters of
 * what is posted never fall, nothing pending is below zero, no floor is passed, a closed account is
 * not posted to, ids and numbers of lines rise. */
const char *invariant_states(const struct ledger_account *before,
                             const struct ledger_account *after, size_t count);
/* Rows of a group: ids rise from `after_id`, and each account's counters moved by the sum of its
 * rows. */
const char *invariant_rows(const struct transfer_row *rows, size_t row_count, int64_t after_id,
                           const struct ledger_account *before, const struct ledger_account *after,
                           size_t count);

/* PostgreSQL, where a worker's group is one transaction: the states that it leaves, for the look
 * after its COMMIT. Kept for the thread; the beginning of a unit forgets them. */
void invariant_unit_begin(void);
void invariant_unit_left(const struct ledger_account *states, size_t count);

#endif
