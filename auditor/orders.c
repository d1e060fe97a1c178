/* Payments against the digest that their journals keep of the order, and against their events. */
#include "audit.h"

#include "base/id.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define PENDING_MAX_US                                                                             \
    INT64_C(2419200000000) /* four weeks: the clearing house answers within a day */

enum { STATUS_RCVD = 1, STATUS_PDNG, STATUS_ACSC, STATUS_RJCT };

/* Twelve numbers and seven texts in the order of docs/LEDGER.md, "Orders". */
#define NUMBER_COUNT 12
#define TEXT_FIRST   NUMBER_COUNT
#define TEXT_COUNT   7
enum { COLUMN_ID = 0, COLUMN_DEBTOR = 2, COLUMN_CREDITOR = 3, COLUMN_SETTLED_AT = 11 };
enum {
    COLUMN_DEBTOR_NAME = 13,
    COLUMN_CREDITOR_NAME,
    COLUMN_DEBTOR_MASKED,
    COLUMN_CREDITOR_MASKED
};
enum { COLUMN_STATUS = 19, COLUMN_KIND = 1, COLUMN_END_TO_END = 18 };
enum { COLUMN_JOURNAL_ORDER = 20, COLUMN_HOLD_ORDER, COLUMN_DEBTOR_LIVES, COLUMN_CREDITOR_LIVES };

#define ORDER_COLUMNS                                                                              \
    "SELECT p.id, p.kind, p.debtor_customer_id, p.creditor_customer_id, p.debtor_account_id,"      \
    " p.creditor_account_id, p.card_id, p.amount_minor, p.rule_version, p.counted_small,"          \
    " p.created_at, p.settled_at, p.currency, p.debtor_name, p.creditor_name, p.debtor_masked,"    \
    " p.creditor_masked, p.remittance, p.end_to_end_id, p.status, t.order_hash, h.order_hash,"     \
    " d.id, c.id FROM payment_payments p"                                                          \
    " LEFT JOIN customer_customers d ON d.bucket = (p.debtor_customer_id & 1023)"                  \
    " AND d.id = p.debtor_customer_id AND d.name IS NOT NULL"                                      \
    " LEFT JOIN customer_customers c ON c.bucket = (p.creditor_customer_id & 1023)"                \
    " AND c.id = p.creditor_customer_id AND c.name IS NOT NULL"
static const char embedded_orders[] = ORDER_COLUMNS
    " LEFT JOIN ledger_transfers t ON t.id = p.journal_id"
    " LEFT JOIN ledger_transfers h ON h.id = p.hold_id WHERE p.id >= $1 ORDER BY p.id";
static const char pg_orders[] = ORDER_COLUMNS
    " LEFT JOIN ledger_transfers t ON t.bucket = (p.journal_id & 1023) AND t.id = p.journal_id"
    " LEFT JOIN ledger_transfers h ON h.bucket = (p.hold_id & 1023) AND h.id = p.hold_id"
    " WHERE p.id >= $1 ORDER BY p.id";

static void add_number(struct hash_stream *stream, int64_t number)
{
    uint8_t bytes[8];
    for (int i = 0; i < 8; i++) {
        bytes[i] = (uint8_t)((uint64_t)number >> (8 * i));
    }
    hash_stream_add(stream, bytes, sizeof bytes);
}

static void add_text(struct hash_stream *stream, const char *text)
{
    add_number(stream, (int64_t)strlen(text));
    hash_stream_add(stream, text, strlen(text));
}

/* The digest of the row as it is now; `settled_at` as it was when the journal was made. */
static void order_digest(struct cursor *cursor, int64_t settled_at, uint8_t out[ORDER_SIZE])
{
    struct hash_stream stream;
    char made[40];
    hash_stream_init(&stream);
    for (int column = 0; column < NUMBER_COUNT; column++) {
        add_number(&stream, column == COLUMN_SETTLED_AT ? settled_at : cursor_int(cursor, column));
    }
    for (int column = TEXT_FIRST; column < TEXT_FIRST + TEXT_COUNT; column++) {
        bool is_made = column == COLUMN_END_TO_END && cursor_is_null(cursor, column);
        if (is_made) { /* the reference of a payer who gave none */
            snprintf(made, sizeof made, "SYCEE%" PRId64, cursor_int(cursor, COLUMN_ID));
        }
        add_text(&stream, is_made ? made : cursor_text(cursor, column));
    }
    struct hash hash = hash_stream_final(&stream);
    memcpy(out, hash.bytes, ORDER_SIZE);
}

/* The words of a side are gone, and so is its person. */
static bool is_erased(struct cursor *cursor, int name, int masked, int lives)
{
    bool is_blank = cursor_text(cursor, name)[0] == '\0';
    return is_blank && cursor_text(cursor, masked)[0] == '\0' && cursor_is_null(cursor, lives);
}

static void compare_order(struct audit *audit, struct cursor *cursor, int column,
                          int64_t settled_at)
{
    uint8_t wanted[ORDER_SIZE];
    size_t size;
    if (cursor_is_null(cursor, column)) {
        return; /* no such journal: payments.c tells */
    }
    order_digest(cursor, settled_at, wanted);
    const uint8_t *kept = cursor_blob(cursor, column, &size);
    if (size != ORDER_SIZE || memcmp(kept, wanted, ORDER_SIZE) != 0) {
        find(&audit->findings, CHECK_PAYMENTS, cursor_int(cursor, COLUMN_ID),
             "payment %" PRId64 ": parties, words or instants are not those of the order that its"
             " journal keeps",
             "支付 %" PRId64 "：当事人、文字或时刻与分录所存指令不符",
             cursor_int(cursor, COLUMN_ID));
    }
}

static void check_order(struct audit *audit, struct cursor *cursor)
{
    int64_t id = cursor_int(cursor, COLUMN_ID);
    int64_t status = cursor_int(cursor, COLUMN_STATUS);
    int64_t settled_at = cursor_int(cursor, COLUMN_SETTLED_AT);
    bool is_over = status == STATUS_ACSC || status == STATUS_RJCT;
    if (is_over != (settled_at != 0)) {
        find(&audit->findings, CHECK_PAYMENTS, id,
             "payment %" PRId64 ": status %" PRId64 " and the instant of its end do not fit",
             "支付 %" PRId64 "：状态 %" PRId64 " 与终结时刻不符", id, status);
    }
    int64_t created_at = cursor_int(cursor, 10);
    if (!is_over && created_at + PENDING_MAX_US < audit->bank_now_us) {
        find(&audit->findings, CHECK_PAYMENTS, id,
             "payment %" PRId64 ": has not ended for more than four weeks",
             "支付 %" PRId64 "：逾四周未终结", id);
    }
    if (is_erased(cursor, COLUMN_DEBTOR_NAME, COLUMN_DEBTOR_MASKED, COLUMN_DEBTOR_LIVES) ||
        is_erased(cursor, COLUMN_CREDITOR_NAME, COLUMN_CREDITOR_MASKED, COLUMN_CREDITOR_LIVES)) {
        return;
    }
    compare_order(audit, cursor, COLUMN_JOURNAL_ORDER, settled_at);
    compare_order(audit, cursor, COLUMN_HOLD_ORDER, 0);
}

/* --- events of channel payments --------------------------------------------------------------- */

static const char events_sql[] =
    "SELECT p.id, p.status, p.settled_at, count(e.id),"
    " CAST(coalesce(sum(CASE WHEN e.event = 'begun' THEN 1 ELSE 0 END), 0) AS BIGINT),"
    " CAST(coalesce(sum(CASE WHEN e.event = 'accepted' THEN 1 ELSE 0 END), 0) AS BIGINT),"
    " CAST(coalesce(sum(CASE WHEN e.event IN ('rejected', 'void', 'notSent') THEN 1 ELSE 0 END), 0)"
    " AS BIGINT),"
    " CAST(coalesce(sum(CASE WHEN e.at = p.settled_at AND e.event <> 'begun' THEN 1 ELSE 0 END), 0)"
    " AS BIGINT),"
    " (SELECT count(*) FROM payment_alerts a WHERE a.bucket = p.bucket AND a.payment_id = p.id)"
    " FROM payment_payments p LEFT JOIN payment_events e ON e.bucket = p.bucket"
    " AND e.payment_id = p.id WHERE p.kind IN (2, 3) AND p.id >= $1 GROUP BY p.bucket, p.id,"
    " p.status, p.settled_at";

/* An end has its event, made in the same instant; without an alert there is one conclusive event. */
static void check_events(struct audit *audit, struct cursor *cursor)
{
    int64_t id = cursor_int(cursor, 0), status = cursor_int(cursor, 1);
    int64_t begun = cursor_int(cursor, 4), accepted = cursor_int(cursor, 5);
    int64_t refused = cursor_int(cursor, 6), at_end = cursor_int(cursor, 7);
    int64_t alerts = cursor_int(cursor, 8);
    bool fits = begun == 1;
    if (status == STATUS_ACSC) {
        fits = fits && at_end >= 1 && (accepted == 1 || (alerts > 0 && accepted > 0));
    } else if (status == STATUS_RJCT) {
        fits = fits && at_end >= 1 && accepted + refused > 0 && (accepted == 0 || alerts > 0);
    } else {
        fits = fits && accepted == 0;
    }
    if (!fits) {
        find(&audit->findings, CHECK_PAYMENTS, id,
             "payment %" PRId64 ": status %" PRId64 " does not follow from its %s events",
             "支付 %" PRId64 "：状态 %" PRId64 " 与其 %s 条经过不符", id, status,
             GROUPED(cursor_int(cursor, 3)));
    }
}

static const char orphan_events_sql[] =
    "SELECT count(*) FROM payment_events e WHERE NOT EXISTS (SELECT 1 FROM payment_payments p"
    " WHERE p.bucket = e.bucket AND p.id = e.payment_id)";

void orders_check(struct audit *audit)
{
    struct cursor *cursor = reader_stream(audit->reader, audit->is_pg ? pg_orders : embedded_orders,
                                          audit->since_id, 0);
    while (cursor_next(cursor)) {
        check_order(audit, cursor);
    }
    cursor_close(cursor);
    cursor = reader_stream(audit->reader, events_sql, audit->since_id, 0);
    while (cursor_next(cursor)) {
        check_events(audit, cursor);
    }
    cursor_close(cursor);
    int64_t orphans = reader_number(audit->reader, orphan_events_sql, 0, 0, 0);
    if (orphans != 0) {
        find(&audit->findings, CHECK_PAYMENTS, 0, "%s events of payments that are not there",
             "%s 条经过没有对应的支付", GROUPED(orphans));
    }
}
