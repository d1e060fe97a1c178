/*
 * Transfers between customers of the bank, addressed by phone number, booked at once.
 *
 * Two steps: transfer_prepare finds the payee on the caller's thread with a reading connection;
 * transfer_post decides and books inside the caller's unit of work. Both compare again what may
 * have changed between them.
 */
#ifndef PAYMENT_TRANSFER_H
#define PAYMENT_TRANSFER_H

#include "payment/payment.h"

/* --- Payee-name check
 * ------------------------------------------------------------------------------ Confirmation of
 * payee: the payer types a name, the bank compares. The full name of a payee is shown only to
 * somebody who nearly knew it (close match). Rate limits are the caller's. */
enum payee_match { PAYEE_MATCH = 1, PAYEE_CLOSE_MATCH = 2, PAYEE_NO_MATCH = 3, PAYEE_UNKNOWN = 4 };
const char *payee_match_name(enum payee_match match); /* "closeMatch", "unknownPayee" */

struct payee_check {
    enum payee_match result;
    char masked_name[CUSTOMER_NAME_SIZE];    /* "张*"; "" where unknown */
    char suggested_name[CUSTOMER_NAME_SIZE]; /* close match only, else "" */
};
/* `name` may be NULL: then the result is PAYEE_NO_MATCH or PAYEE_UNKNOWN and the mask. A phone of
 * nobody, of a customer without account or of a closed one is unknown. ERR_INVALID_PHONE. */
enum err payee_check(const struct customer_room *room, struct db_conn *conn, const char *phone,
                     const char *name, struct payee_check *out);

/* Pure (payee_rules.c): case, width, and which blank, hyphen or dot divides do not count for a match.
 * Close: traditional for simplified letters, accents left out, parts in another order or divided at
 * another place, or one letter wrong in a name of three or more. */
enum payee_match payee_compare(const char *typed, const char *real);

/* --- Transfer --------------------------------------------------------------------------------- */

struct transfer_request {
    struct customer_id customer; /* who pays */
    struct account_id debtor_account;
    const char *creditor_phone;  /* NULL where creditor_number is given */
    const char *creditor_number; /* the receiving account's 16 digits, instead of a phone */
    const char *creditor_name;
    struct money amount;
    const char *text;            /* NULL or "": none */
    bool stepped_up;             /* the session proved itself again within step_up_us */
    enum auth_strength strength; /* for payment accounts; 0 is one factor */
    struct payment_proof proof;
};

/* Plain values, ready for the unit of work. */
struct transfer_order {
    struct customer_id customer;
    struct account_id debtor_account;
    struct customer_id creditor_customer;
    struct account_id creditor_account;
    int64_t amount_minor;
    struct ccy ccy;
    bool stepped_up;
    enum auth_strength strength;
    struct payment_proof proof;
    bool own;           /* both accounts are the payer's */
    enum err payee_err; /* found by prepare, given by post in its place of the order */
    char debtor_name[CUSTOMER_NAME_SIZE];
    char creditor_name[CUSTOMER_NAME_SIZE];
    char text[PAYMENT_TEXT_SIZE];
};
/* Reads. ERR_INVALID_FIELD with *out_field the member to blame (amount <= 0, text too long or no
 * UTF-8, name missing), ERR_OVERFLOW, ERR_INVALID_PHONE, errors of db. A payee that cannot be paid
 * is no error here: transfer_post says so in its turn. */
enum err transfer_prepare(const struct customer_room *room, struct db_conn *conn,
                          const struct transfer_request *request, struct transfer_order *out,
                          const char **out_field);

struct transfer_result {
    struct payment payment;
    struct limit_report limit; /* with ERR_LIMIT_EXCEEDED */
    bool limit_is_payees;      /* then used and left are not told: they are the payee's secret */
};
/* Errors in the order decided: ERR_NOT_FOUND (the payer has no such account),
 * ERR_ACCOUNT_NOT_ACTIVE (payer's), ERR_PAYEE_UNKNOWN, ERR_PAYEE_NAME_MISMATCH, ERR_SAME_ACCOUNT,
 * ERR_CURRENCY_MISMATCH, ERR_PAYEE_UNKNOWN (the payee's account takes nothing),
 * ERR_CLASS_REFUSED (phase-one policy), ERR_STEP_UP_REQUIRED, ERR_LIMIT_EXCEEDED
 * (of a payment account its tier's), ERR_TIER_MISSING, ERR_INSUFFICIENT_FUNDS, errors of db. */
enum err transfer_post(struct uow *uow, const struct catalogue *catalogue,
                       const struct transfer_order *order, struct transfer_result *out);

#endif
