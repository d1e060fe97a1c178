/* Payments against the digest of the order in their journals. */
#include "audit.h"

#include "base/id.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define PENDING_MAX_US                                                                             \
    INT64_C(2419200000000) /* four weeks: the clearing house answers within a day */

enum { STATUS_RCVD = 1, STATUS_PDNG, STATUS_ACSC, STATUS_RJCT };

/* Fifteen numbers and seven texts in the order of docs/LEDGER.md, "Orders". */
#define NUMBER_COUNT 15
#define TEXT_FIRST   NUMBER_COUNT
#define TEXT_COUNT   7
enum { COLUMN_ID = 0, COLUMN_KIND = 1, COLUMN_CREATED_AT = 10, COLUMN_SETTLED_AT = 11 };
enum {
    COLUMN_DEBTOR_NAME = TEXT_FIRST + 1,
    COLUMN_CREDITOR_NAME,
    COLUMN_DEBTOR_MASKED,
    COLUMN_CREDITOR_MASKED,
    COLUMN_REMITTANCE,
    COLUMN_END_TO_END,
    COLUMN_STATUS,
    COLUMN_JOURNAL_ORDER,
    COLUMN_HOLD_ORDER,
    COLUMN_DEBTOR_LIVES,
    COLUMN_CREDITOR_LIVES,
    COLUMN_SALT,
    COLUMN_REASON,
    COLUMN_ATTEMPTS,
    COLUMN_QUERIES,
    COLUMN_ASKED_AT,
    COLUMN_ANSWERED,
    COLUMN_NEXT_QUERY,
    COLUMN_VERSION
};

#define ORDER_COLUMNS                                                                              \
    "SELECT p.id, p.kind, p.debtor_customer_id, p.creditor_customer_id, p.debtor_account_id,"      \
    " p.creditor_account_id, p.card_id, p.amount_minor, p.rule_version, p.counted_small,"          \
    " p.created_at, p.settled_at, p.order_source, p.order_source_id, p.proof_factors, "            \
    "p.currency, p.debtor_name, p.creditor_name, p.debtor_masked,"                                 \
    " p.creditor_masked, p.remittance, p.end_to_end_id, p.status, t.order_hash, h.order_hash,"     \
    " d.id, c.id, p.order_salt, p.reason_code, p.attempt_count, p.query_count, p.asked_at,"        \
    " p.answered, p.next_query_at, p.version FROM payment_payments p"                              \
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

void order_number_add(struct hash_stream *stream, int64_t number)
{
    uint8_t bytes[8];
    for (int i = 0; i < 8; i++) {
        bytes[i] = (uint8_t)((uint64_t)number >> (8 * i));
    }
    hash_stream_add(stream, bytes, sizeof bytes);
}

void order_text_add(struct hash_stream *stream, const char *text)
{
    order_number_add(stream, (int64_t)strlen(text));
    hash_stream_add(stream, text, strlen(text));
}

/* The digest of the row as it is now; `settled_at` as of the journal. */
static void order_digest(struct cursor *cursor, int64_t settled_at, uint8_t out[ORDER_SIZE])
{
    struct hash_stream stream;
    char made[40];
    size_t size;
    hash_stream_init(&stream);
    const uint8_t *salt = cursor_blob(cursor, COLUMN_SALT, &size);
    hash_stream_add(&stream, salt, size);
    for (int column = 0; column < NUMBER_COUNT; column++) {
        order_number_add(&stream,
                         column == COLUMN_SETTLED_AT ? settled_at : cursor_int(cursor, column));
    }
    for (int column = TEXT_FIRST; column < TEXT_FIRST + TEXT_COUNT; column++) {
        bool is_made = column == COLUMN_END_TO_END && cursor_is_null(cursor, column);
        if (is_made) { /* the reference of a payer without one */
            snprintf(made, sizeof made, "SYCEE%" PRId64, cursor_int(cursor, COLUMN_ID));
        }
        order_text_add(&stream, is_made ? made : cursor_text(cursor, column));
    }
    struct hash hash = hash_stream_final(&stream);
    memcpy(out, hash.bytes, ORDER_SIZE);
}

/* The texts of a side are erased, and so is its person. */
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
        return; /* no such journal: payments.c reports it */
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
    int64_t created_at = cursor_int(cursor, COLUMN_CREATED_AT);
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

/* The fields of a payment's row that events.c compares. */
static struct payment_life life_of(struct cursor *cursor)
{
    struct payment_life life = {.id = cursor_int(cursor, COLUMN_ID),
                                .kind = cursor_int(cursor, COLUMN_KIND),
                                .status = cursor_int(cursor, COLUMN_STATUS),
                                .created_at = cursor_int(cursor, COLUMN_CREATED_AT),
                                .settled_at = cursor_int(cursor, COLUMN_SETTLED_AT),
                                .attempts = cursor_int(cursor, COLUMN_ATTEMPTS),
                                .queries = cursor_int(cursor, COLUMN_QUERIES),
                                .asked_at = cursor_int(cursor, COLUMN_ASKED_AT),
                                .is_answered = cursor_int(cursor, COLUMN_ANSWERED) != 0,
                                .is_asked_again = !cursor_is_null(cursor, COLUMN_NEXT_QUERY),
                                .version = cursor_int(cursor, COLUMN_VERSION)};
    snprintf(life.reason, sizeof life.reason, "%s", cursor_text(cursor, COLUMN_REASON));
    life.has_order =
        !is_erased(cursor, COLUMN_DEBTOR_NAME, COLUMN_DEBTOR_MASKED, COLUMN_DEBTOR_LIVES) &&
        !is_erased(cursor, COLUMN_CREDITOR_NAME, COLUMN_CREDITOR_MASKED, COLUMN_CREDITOR_LIVES);
    order_digest(cursor, 0, life.order);
    return life;
}

static const char orphan_events_sql[] =
    "SELECT count(*) FROM payment_events e WHERE NOT EXISTS (SELECT 1 FROM payment_payments p"
    " WHERE p.bucket = e.bucket AND p.id = e.payment_id)";

void orders_check(struct audit *audit)
{
    struct cursor *cursor = reader_stream(audit->reader, audit->is_pg ? pg_orders : embedded_orders,
                                          audit->since_id, 0);
    while (cursor_next(cursor)) {
        struct payment_life life = life_of(cursor);
        check_order(audit, cursor);
        events_check(audit, &life);
    }
    cursor_close(cursor);
    int64_t orphans = reader_number(audit->reader, orphan_events_sql, 0, 0, 0);
    if (orphans != 0) {
        find(&audit->findings, CHECK_PAYMENTS, 0, "%s events of payments that are not there",
             "%s 条经过没有对应的支付", GROUPED(orphans));
    }
}
