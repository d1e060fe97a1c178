/*
 * The decision of the ledger, pure: account states in, refusal or new account states out. No
 * database, no clock, no memory; both stores call it, so both refuse alike. Counters of both sides
 * and precedence of refusals follow docs/LEDGER.md.
 */
#ifndef LEDGER_RULES_H
#define LEDGER_RULES_H

#include "ledger/ledger.h"

/* A transfer by the indexes of its accounts in the array. */
struct ledger_leg {
    uint16_t debit;
    uint16_t credit;
    int64_t amount_minor;
    uint16_t ccy_number; /* of the amount; 0: whatever the accounts have */
};

/* Results of a decided leg for its row. */
struct ledger_leg_result {
    int64_t debit_prev_id;
    int64_t credit_prev_id;
    int64_t debit_net_minor;
    int64_t credit_net_minor;
};

/* Checks the form of a draft: ERR_LEDGER_DRAFT. */
enum err journal_check_form(const struct ledger_transfer *transfers, size_t count);

/* Applies the legs of one journal to `accounts` (copies of the stored states). Kinds: POST moves; HOLD
 * adds to pending; CAPTURE takes `pending_minor` off pending and moves the amount; RELEASE and EXPIRE
 * take the amount off pending. `first_id` is the id of leg 0. Errors in this order, over all legs:
 * ERR_ACCOUNT_CLOSED (RELEASE and EXPIRE excepted), ERR_CURRENCY_MISMATCH, ERR_OVERFLOW,
 * ERR_INSUFFICIENT_FUNDS; on any error the accounts' content is undefined. */
enum err journal_decide(struct ledger_account *accounts, size_t account_count,
                        const struct ledger_leg *legs, size_t leg_count, enum ledger_kind kind,
                        int64_t first_id, struct ledger_leg_result *out_results);

/* Life of a hold: OPEN --capture part--> OPEN, --capture all / last--> CAPTURED,
 * --release--> RELEASED, --expire--> EXPIRED; the last three are terminal.
 *
 * Decides one end. Out: how much moves, how much pending is taken off without moving, new state.
 * ERR_HOLD_ENDED, ERR_HOLD_AMOUNT. */
struct hold_decision {
    int64_t capture_minor;
    int64_t release_minor;
    enum hold_state state;
};
enum err hold_decide(const struct ledger_hold_row *hold, enum ledger_kind kind,
                     int64_t amount_minor, bool last, int64_t now_us, struct hold_decision *out);

/* 63-bit digest of everything in which two drafts must agree. */
int64_t journal_body_hash(const struct journal_draft *draft, enum ledger_kind kind,
                          int64_t expires_at);
/* Instant in the id's first 48 bits. */
int64_t client_id_us(const struct client_id *id);

#endif
