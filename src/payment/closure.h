/*
 * Closing an account with its money paid out: interest is paid, the balance goes to an own bound card
 * or an own account, then the account is closed.
 *
 *   begin    in a transaction: to an own account, or with nothing in it, the account is closed at once.
 *            To a card: the account is CLOSING, the money is held, and a withdrawal is on its way
 *   attempt  outside of one: quickpay_attempt, as for any withdrawal; its queries and its outbox row
 *            find out what became of it, also after a time-out or the death of the process
 *   end      in the transaction that learns the withdrawal's end (payment_apply_outcome calls
 *            closure_follow): settled, the account is closed; what came in meanwhile (interest, a late
 *            top-up) is paid out by one more withdrawal first. Rejected, the account is active again.
 *
 *            begin                    settled, empty
 *   (none) ─────────► OPEN ─────────────────────────────► DONE
 *                      │ ▲ settled, not empty: pay again
 *                      │ └──┘
 *                      └── rejected, frozen meanwhile ──► FAILED
 */
#ifndef PAYMENT_CLOSURE_H
#define PAYMENT_CLOSURE_H

#include "payment/payment.h"
#include "payment/quickpay.h"

enum closure_state { CLOSURE_OPEN = 1, CLOSURE_DONE = 2, CLOSURE_FAILED = 3 };

struct closure_request {
    struct customer_id customer;
    struct account_id account;
    struct card_id card;          /* 0: none */
    struct account_id to_account; /* 0: none; one of the two where there is money */
    bool stepped_up;
    struct payment_proof proof;
    const char *customer_name; /* for the payment row */
};
struct closure_result {
    struct account account;    /* as it stands afterwards: closed or closing */
    struct payment_id payment; /* 0: none was needed */
    bool has_attempt;          /* the caller makes the attempt of `begun` */
    struct quickpay_result begun;
    struct limit_report limit; /* with ERR_LIMIT_EXCEEDED */
};
/* An account that is closing already gives its closure again, and moves nothing. Errors in the order
 * decided: ERR_NOT_FOUND (also another customer's), ERR_STEP_UP_REQUIRED, ERR_ACCOUNT_NOT_ACTIVE
 * (frozen), ERR_ACCOUNT_STATE (closed), ERR_ACCOUNT_NOT_EMPTY (a payment is on its way),
 * ERR_CLOSURE_TARGET (money, and nowhere to send it), then those of the transfer or the withdrawal. */
enum err closure_begin(struct uow *uow, const struct catalogue *catalogue,
                       const struct closure_request *request, struct closure_result *out);

/* The payment of the account's newest closure; 0: there is none. */
enum err closure_payment(struct db_conn *conn, struct account_id account, struct payment_id *out);

/* Told of each withdrawal that has ended, in its transaction; does nothing where its account has no
 * open closure. */
enum err closure_follow(struct uow *uow, const struct payment *ended);

/* The obstacle to leaving that ERR_ACCOUNT_NOT_EMPTY means. */
extern const struct obstacle_row *const PAYMENT_PENDING;

#endif
