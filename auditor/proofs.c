/* Authorisation of an order: a session with sufficient factors, a company's approved order, a
 * closing. */
#include "audit.h"

#include <inttypes.h>

enum { BY_SESSION = 1, BY_ORDER, BY_BANK };
enum { FACTOR_PASSCODE = 4, FACTOR_PASSKEY = 16, FACTOR_TOTP = 32 };
enum { ORDER_EXECUTED = 2 };

#define SESSION_KEPT_US                                                                            \
    INT64_C(2592000000000) /* thirty days after its end: the rows of sessions are deleted then */

static const char proofs_sql[] =
    "SELECT p.id, p.kind, p.debtor_customer_id, p.creditor_customer_id, p.debtor_account_id,"
    " p.amount_minor, p.counted_small, p.created_at, p.order_source, p.order_source_id,"
    " p.proof_factors, s.customer_id, s.created_at, s.ended_at, s.step_up_until, s.passkey_until,"
    " s.totp_until, o.company_id, o.account_id, o.amount_minor, o.payment_id, o.state, o.needed,"
    " (SELECT count(*) FROM company_approvals a WHERE a.bucket = o.bucket AND a.order_id = o.id AND"
    " a.decision = 1 AND a.customer_id <> o.maker_id), b.kind, b.debtor_account_id, b.card_id,"
    " p.card_id, c.id FROM payment_payments p"
    " LEFT JOIN customer_sessions s ON p.order_source = 1 AND s.bucket ="
    " (p.order_source_id & 1023) AND s.id = p.order_source_id"
    " LEFT JOIN company_orders o ON p.order_source = 2 AND o.bucket = (p.order_source_id & 1023)"
    " AND o.id = p.order_source_id"
    " LEFT JOIN payment_payments b ON p.order_source = 3 AND b.bucket = (p.order_source_id & 1023)"
    " AND b.id = p.order_source_id"
    " LEFT JOIN customer_customers c ON c.bucket = (p.debtor_customer_id & 1023) AND"
    " c.id = p.debtor_customer_id AND c.name IS NOT NULL WHERE p.id >= $1 ORDER BY p.id";
enum {
    KIND = 1,
    DEBTOR,
    CREDITOR,
    ACCOUNT,
    AMOUNT,
    IS_SMALL,
    CREATED_AT,
    SOURCE,
    SOURCE_ID,
    FACTORS,
    SESSION_CUSTOMER,
    SESSION_CREATED_AT,
    SESSION_ENDED_AT,
    SESSION_STEP_UP,
    SESSION_PASSKEY,
    SESSION_TOTP,
    ORDER_COMPANY,
    ORDER_ACCOUNT,
    ORDER_AMOUNT,
    ORDER_PAYMENT,
    ORDER_STATE,
    ORDER_NEEDED,
    ORDER_APPROVALS,
    BEFORE_KIND,
    BEFORE_ACCOUNT,
    BEFORE_CARD,
    CARD,
    DEBTOR_LIVES
};

/* A payment to another person or to a card above the small-payment allowance. */
static bool needs_passcode(const struct cursor *cursor)
{
    int64_t kind = cursor_int(cursor, KIND);
    bool leaves = kind == WITHDRAWAL ||
                  (kind == TRANSFER && cursor_int(cursor, DEBTOR) != cursor_int(cursor, CREDITOR));
    return leaves && cursor_int(cursor, IS_SMALL) == 0;
}

static bool session_fits(const struct audit *audit, const struct cursor *cursor)
{
    int64_t at = cursor_int(cursor, CREATED_AT);
    int64_t factors = cursor_int(cursor, FACTORS);
    if (needs_passcode(cursor) && (factors & FACTOR_PASSCODE) == 0) {
        return false;
    }
    if (cursor_is_null(cursor, SESSION_CUSTOMER)) {
        return cursor_is_null(cursor, DEBTOR_LIVES) || at + SESSION_KEPT_US < audit->bank_now_us;
    }
    int64_t ended_at = cursor_int(cursor, SESSION_ENDED_AT);
    return cursor_int(cursor, SESSION_CUSTOMER) == cursor_int(cursor, DEBTOR) &&
           cursor_int(cursor, SESSION_CREATED_AT) <= at && (ended_at == 0 || ended_at >= at) &&
           ((factors & FACTOR_PASSCODE) == 0 || cursor_int(cursor, SESSION_STEP_UP) > at) &&
           ((factors & FACTOR_PASSKEY) == 0 || cursor_int(cursor, SESSION_PASSKEY) > at) &&
           ((factors & FACTOR_TOTP) == 0 || cursor_int(cursor, SESSION_TOTP) > at);
}

static bool order_fits(const struct cursor *cursor)
{
    return !cursor_is_null(cursor, ORDER_COMPANY) && cursor_int(cursor, KIND) == TRANSFER &&
           cursor_int(cursor, ORDER_COMPANY) == cursor_int(cursor, DEBTOR) &&
           cursor_int(cursor, ORDER_ACCOUNT) == cursor_int(cursor, ACCOUNT) &&
           cursor_int(cursor, ORDER_AMOUNT) == cursor_int(cursor, AMOUNT) &&
           cursor_int(cursor, ORDER_PAYMENT) == cursor_int(cursor, 0) &&
           cursor_int(cursor, ORDER_STATE) == ORDER_EXECUTED &&
           cursor_int(cursor, ORDER_APPROVALS) >= cursor_int(cursor, ORDER_NEEDED);
}

/* The bank itself repeats a payout of a closing account. */
static bool repetition_fits(const struct cursor *cursor)
{
    return cursor_int(cursor, KIND) == WITHDRAWAL &&
           cursor_int(cursor, BEFORE_KIND) == WITHDRAWAL &&
           cursor_int(cursor, BEFORE_ACCOUNT) == cursor_int(cursor, ACCOUNT) &&
           cursor_int(cursor, BEFORE_CARD) == cursor_int(cursor, CARD) &&
           cursor_int(cursor, FACTORS) == 0;
}

static bool proof_fits(const struct audit *audit, const struct cursor *cursor)
{
    switch (cursor_int(cursor, SOURCE)) {
    case BY_SESSION:
        return session_fits(audit, cursor);
    case BY_ORDER:
        return order_fits(cursor);
    case BY_BANK:
        return repetition_fits(cursor);
    default:
        return false;
    }
}

void proofs_check(struct audit *audit)
{
    int64_t small_max = reader_number(
        audit->reader,
        "SELECT max(value) FROM catalogue_parameters WHERE name = 'smallPayment.paymentMax'", 0, 0,
        INT64_MAX);
    struct cursor *cursor = reader_stream(audit->reader, proofs_sql, audit->since_id, 0);
    while (cursor_next(cursor)) {
        int64_t id = cursor_int(cursor, 0);
        if (!proof_fits(audit, cursor)) {
            find(&audit->findings, CHECK_PAYMENTS, id,
                 "payment %" PRId64 ": its session or order %" PRId64
                 " is not there, of another, or had not shown what it needed",
                 "支付 %" PRId64 "：所凭会话或指令 %" PRId64 " 不存在、属于他人或验证不足", id,
                 cursor_int(cursor, SOURCE_ID));
        }
        if (cursor_int(cursor, IS_SMALL) != 0 && cursor_int(cursor, AMOUNT) > small_max) {
            find(&audit->findings, CHECK_PAYMENTS, id,
                 "payment %" PRId64 ": amount %s is above the small-payment allowance that it used",
                 "支付 %" PRId64 "：金额 %s 超出其所用小额免验额度", id,
                 GROUPED(cursor_int(cursor, AMOUNT)));
        }
    }
    cursor_close(cursor);
}
