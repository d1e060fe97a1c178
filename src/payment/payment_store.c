#include "payment/payment_store.h"
#include "payment/erase.h"

#include "base/check.h"
#include "db/outbox.h"
#include "payment/invariant.h"

#include <stdio.h>
#include <string.h>

DB_STMT(payment_insert,
        "INSERT INTO payment_payments (bucket, " PAYMENT_COLUMNS
        ") VALUES ($1, $2, $3, $4, $5, $6, $7, "
        "$8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, NULL, $19, $20, $21, $22, $23, $24, "
        "$25, $26, $27, $28, 1, $29, $30, $31, $32)");
DB_STMT(payment_by_id,
        "SELECT " PAYMENT_COLUMNS " FROM payment_payments WHERE bucket = $1 AND id = $2");
DB_STMT(payment_by_id_lock,
        "SELECT " PAYMENT_COLUMNS " FROM payment_payments WHERE bucket = $1 AND id = $2 "
        "FOR UPDATE");
DB_STMT(payment_change,
        "UPDATE payment_payments SET status = $1, reason_code = $2, journal_id = $3, "
        "settled_at = $4, attempt_count = $5, query_count = $6, asked_at = $7, answered = $8, "
        "next_query_at = $9, version = version + 1 WHERE bucket = $10 AND id = $11 "
        "AND version = $12");
DB_STMT(payment_event_insert,
        "INSERT INTO payment_events (bucket, payment_id, id, at, event, detail, hash) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7)");
DB_STMT(payment_event_newest, "SELECT id, hash FROM payment_events "
                              "WHERE bucket = $1 AND payment_id = $2 ORDER BY id DESC LIMIT 1");
DB_STMT(payment_event_list, "SELECT id, at, event, detail FROM payment_events "
                            "WHERE bucket = $1 AND payment_id = $2 ORDER BY id");
DB_STMT(payment_made_page, "SELECT " PAYMENT_COLUMNS " FROM payment_payments WHERE bucket = $1 "
                           "AND debtor_customer_id = $2 AND id < $3 ORDER BY id DESC LIMIT $4");
/* Only payments that wait are in the index payment_payments_due: the sums keep both engines from
 * reading all payments of the bucket, or all in the order of their ids, instead. */
DB_STMT(payment_open_page,
        "SELECT " PAYMENT_COLUMNS
        " FROM payment_payments WHERE next_query_at > 0 AND bucket + 0 = $1 "
        "AND debtor_customer_id = $2 AND id + 0 < $3 ORDER BY id + 0 DESC LIMIT $4");
/* The second condition is for a clock that stepped back: no pause is that long. */
DB_STMT(payment_batch_due, "SELECT id FROM payment_payments WHERE next_query_at IS NOT NULL AND "
                           "(next_query_at <= $1 OR next_query_at > $2) "
                           "ORDER BY next_query_at LIMIT $3");

void payment_text_set(char *out, size_t size, const char *text)
{
    size_t length = text ? strlen(text) : 0;
    CHECK(length < size);
    memcpy(out, text ? text : "", length + 1);
}

#define SET(field, text) payment_text_set(field, sizeof(field), text)

void payment_read(const struct db_rows *rows, struct payment *out)
{
    out->id.value = db_rows_int(rows, 0);
    out->kind = (enum payment_kind)db_rows_int(rows, 1);
    out->status = (enum payment_status)db_rows_int(rows, 2);
    out->debtor_customer.value = db_rows_int(rows, 3);
    out->creditor_customer.value = db_rows_int(rows, 4);
    out->debtor_account.value = db_rows_int(rows, 5);
    out->creditor_account.value = db_rows_int(rows, 6);
    SET(out->debtor_name, db_rows_text(rows, 7));
    SET(out->creditor_name, db_rows_text(rows, 8));
    SET(out->debtor_masked, db_rows_text(rows, 9));
    SET(out->creditor_masked, db_rows_text(rows, 10));
    out->card.value = db_rows_int(rows, 11);
    out->amount.minor = db_rows_int(rows, 12);
    SET(out->amount.ccy.code, db_rows_text(rows, 13));
    SET(out->text, db_rows_text(rows, 14));
    SET(out->reason, db_rows_text(rows, 15));
    out->rule_version = (int32_t)db_rows_int(rows, 16);
    if (db_rows_is_null(rows, 17)) {
        payment_end_to_end_make(out->id, out->end_to_end);
    } else {
        SET(out->end_to_end, db_rows_text(rows, 17));
    }
    out->journal.value = db_rows_int(rows, 18);
    out->hold.value = db_rows_int(rows, 19);
    out->created_at = db_rows_int(rows, 20);
    out->settled_at = db_rows_int(rows, 21);
    out->attempt_count = (int32_t)db_rows_int(rows, 22);
    out->query_count = (int32_t)db_rows_int(rows, 23);
    out->asked_at = db_rows_int(rows, 24);
    out->answered = db_rows_int(rows, 25) != 0;
    out->next_query_at = db_rows_is_null(rows, 26) ? 0 : db_rows_int(rows, 26);
    out->counted_small = db_rows_int(rows, 27) != 0;
    out->version = db_rows_int(rows, 28);
    out->proof.source = (enum payment_source)db_rows_int(rows, 29);
    out->proof.source_id = db_rows_int(rows, 30);
    out->proof.factors = (unsigned)db_rows_int(rows, 31);
    size_t size = 0;
    const void *salt = db_rows_blob(rows, 32, &size);
    memset(out->salt, 0, sizeof out->salt);
    if (size == sizeof out->salt) {
        memcpy(out->salt, salt, size);
    }
}

void payment_end_to_end_make(struct payment_id id, char out[PAYMENT_END_TO_END_SIZE])
{
    CHECK(id.value > 0);
    snprintf(out, PAYMENT_END_TO_END_SIZE, "SYCEE%lld", (long long)id.value);
}

static struct db_value instant_or_null(int64_t instant)
{
    CHECK(instant >= 0);
    return instant == 0 ? db_null() : db_int(instant);
}

enum err payment_store(struct uow *uow, const struct payment *p)
{
    invariant_payment_check(p);
    CHECK(p->id.value > 0 && p->version == 1);
    CHECK(p->amount.minor > 0);
    return db_defer(
        uow->conn, &payment_insert,
        DB_ARGS(db_int(id_bucket(p->id.value)), db_int(p->id.value), db_int(p->kind),
                db_int(p->status), db_int(p->debtor_customer.value),
                db_int(p->creditor_customer.value), db_int(p->debtor_account.value),
                db_int(p->creditor_account.value), db_text(p->debtor_name),
                db_text(p->creditor_name), db_text(p->debtor_masked), db_text(p->creditor_masked),
                db_int(p->card.value), db_int(p->amount.minor), db_text(p->amount.ccy.code),
                db_text(p->text), db_text(p->reason), db_int(p->rule_version),
                db_int(p->journal.value), db_int(p->hold.value), db_int(p->created_at),
                db_int(p->settled_at), db_int(p->attempt_count), db_int(p->query_count),
                db_int(p->asked_at), db_int(p->answered), instant_or_null(p->next_query_at),
                db_int(p->counted_small), db_int(p->proof.source), db_int(p->proof.source_id),
                db_int(p->proof.factors), db_blob(p->salt, sizeof p->salt)),
        1);
}

static enum err load_one(struct db_conn *conn, struct db_stmt *stmt, struct payment_id id,
                         struct payment *out)
{
    struct db_rows rows =
        db_read(conn, stmt, DB_ARGS(db_int(id_bucket(id.value)), db_int(id.value)));
    if (db_rows_one(&rows, ERR_NOT_FOUND)) {
        payment_read(&rows, out);
    }
    return db_rows_close(&rows);
}

enum err payment_load(struct db_conn *conn, struct payment_id id, struct payment *out)
{
    return load_one(conn, &payment_by_id, id, out);
}

enum err payment_lock(struct uow *uow, struct payment_id id, struct payment *out)
{
    CHECK(uow != NULL && out != NULL);
    return load_one(uow->conn, &payment_by_id_lock, id, out);
}

enum err payment_load_own(struct db_conn *conn, struct customer_id customer, struct payment_id id,
                          struct payment *out)
{
    CHECK(customer.value > 0);
    enum err err = payment_load(conn, id, out);
    if (err == ERR_OK && out->debtor_customer.value != customer.value &&
        out->creditor_customer.value != customer.value) {
        return ERR_NOT_FOUND;
    }
    return err;
}

static enum err load_batch(struct db_conn *conn, const struct payment_id *ids, size_t count,
                           struct payment *out, bool *out_found)
{
    CHECK(count <= DB_BATCH_MAX);
    enum err err = db_batch_begin(conn);
    if (err != ERR_OK) {
        return err;
    }
    for (size_t i = 0; err == ERR_OK && i < count; i++) {
        err = db_batch_query(conn, &payment_by_id,
                             DB_ARGS(db_int(id_bucket(ids[i].value)), db_int(ids[i].value)));
    }
    for (size_t i = 0; err == ERR_OK && i < count; i++) {
        struct db_rows rows = db_batch_read(conn);
        out_found[i] = db_rows_next(&rows);
        if (out_found[i]) {
            payment_read(&rows, &out[i]);
        }
        err = db_rows_close(&rows);
    }
    enum err ended = db_batch_end(conn);
    return err != ERR_OK ? err : ended;
}

enum err payment_load_many(struct db_conn *conn, const struct payment_id *ids, size_t count,
                           struct payment *out, bool *out_found)
{
    CHECK(count == 0 || (ids != NULL && out != NULL && out_found != NULL));
    enum err err = ERR_OK;
    for (size_t i = 0; err == ERR_OK && i < count; i += DB_BATCH_MAX) {
        size_t size = count - i < DB_BATCH_MAX ? count - i : DB_BATCH_MAX;
        err = load_batch(conn, ids + i, size, out + i, out_found + i);
    }
    return err;
}

enum err payment_update(struct uow *uow, struct payment *p)
{
    invariant_payment_check(p);
    CHECK(p->id.value > 0);
    CHECK(p->version > 0);
    enum err err = db_defer(
        uow->conn, &payment_change,
        DB_ARGS(db_int(p->status), db_text(p->reason), db_int(p->journal.value),
                db_int(p->settled_at), db_int(p->attempt_count), db_int(p->query_count),
                db_int(p->asked_at), db_int(p->answered), instant_or_null(p->next_query_at),
                db_int(id_bucket(p->id.value)), db_int(p->id.value), db_int(p->version)),
        1);
    p->version++;
    return err;
}

/* 0 and the order's digest where there is no event yet. */
static enum err newest_event(struct uow *uow, const struct payment *p, int64_t *out_id,
                             struct order_hash *out_hash)
{
    CHECK(p->id.value > 0);
    struct db_rows rows = db_read(uow->conn, &payment_event_newest,
                                  DB_ARGS(db_int(id_bucket(p->id.value)), db_int(p->id.value)));
    *out_id = 0;
    *out_hash = payment_order_hash(p, 0);
    if (db_rows_next(&rows)) {
        size_t size = 0;
        const void *hash = db_rows_blob(&rows, 1, &size);
        CHECK(size == sizeof out_hash->bytes);
        *out_id = db_rows_int(&rows, 0);
        memcpy(out_hash->bytes, hash, size);
    }
    return db_rows_close(&rows);
}

enum err payment_event_add(struct uow *uow, const struct payment *p, const char *event,
                           const char *detail)
{
    CHECK(p->id.value > 0 && p->kind != PAYMENT_TRANSFER);
    CHECK(event[0] != '\0');
    int bucket = id_bucket(p->id.value);
    int64_t newest = 0;
    struct order_hash before;
    enum err err = newest_event(uow, p, &newest, &before);
    if (err != ERR_OK) {
        return err;
    }
    /* Ids rise along a payment's life, also after a clock of another process that was ahead. */
    int64_t id = uow_id(uow, bucket);
    struct payment_event_row row = {.id = id > newest ? id : newest + ID_STEP, .at = uow->now_us};
    SET(row.event, event);
    SET(row.detail, detail);
    struct order_hash hash = payment_event_hash(&before, &row);
    return db_defer(uow->conn, &payment_event_insert,
                    DB_ARGS(db_int(bucket), db_int(p->id.value), db_int(row.id), db_int(row.at),
                            db_text(row.event), db_text(row.detail),
                            db_blob(hash.bytes, sizeof hash.bytes)),
                    1);
}

enum err payment_events_each(struct db_conn *conn, struct payment_id id, payment_event_visit *visit,
                             void *context)
{
    CHECK(visit != NULL);
    struct db_rows rows =
        db_read(conn, &payment_event_list, DB_ARGS(db_int(id_bucket(id.value)), db_int(id.value)));
    bool more = true;
    while (more && db_rows_next(&rows)) {
        struct payment_event_row row = {.id = db_rows_int(&rows, 0), .at = db_rows_int(&rows, 1)};
        SET(row.event, db_rows_text(&rows, 2));
        SET(row.detail, db_rows_text(&rows, 3));
        more = visit(&row, context);
    }
    return db_rows_close(&rows);
}

static enum err read_page(struct db_conn *conn, struct db_stmt *stmt, struct customer_id customer,
                          int64_t before_id, struct payment *out, size_t max, size_t *out_count)
{
    CHECK(max > 0);
    struct db_rows rows =
        db_read(conn, stmt,
                DB_ARGS(db_int(id_bucket(customer.value)), db_int(customer.value),
                        db_int(before_id > 0 ? before_id : INT64_MAX), db_int((int64_t)max)));
    size_t count = 0;
    while (count < max && db_rows_next(&rows)) {
        payment_read(&rows, &out[count++]);
    }
    enum err err = db_rows_close(&rows);
    if (err == ERR_OK) {
        *out_count = count;
    }
    return err;
}

enum err payment_open_list(struct db_conn *conn, struct customer_id customer, int64_t before_id,
                           struct payment *out, size_t max, size_t *out_count)
{
    return read_page(conn, &payment_open_page, customer, before_id, out, max, out_count);
}

enum err payment_made_list(struct db_conn *conn, struct customer_id customer, int64_t before_id,
                           struct payment *out, size_t max, size_t *out_count)
{
    return read_page(conn, &payment_made_page, customer, before_id, out, max, out_count);
}

enum err payment_due_list(struct db_conn *conn, int64_t now_us, struct payment_id *out, size_t max,
                          size_t *out_count)
{
    CHECK(max > 0);
    CHECK(now_us > 0);
    struct db_rows rows =
        db_read(conn, &payment_batch_due,
                DB_ARGS(db_int(now_us), db_int(now_us + PAYMENT_PAUSE_MAX_US + PAYMENT_GRACE_US),
                        db_int((int64_t)max)));
    size_t count = 0;
    while (count < max && db_rows_next(&rows)) {
        out[count++].value = db_rows_int(&rows, 0);
    }
    enum err err = db_rows_close(&rows);
    if (err == ERR_OK) {
        *out_count = count;
    }
    return err;
}

enum err payment_announce(struct uow *uow, const struct payment *payment)
{
    CHECK(payment->status == PAYMENT_ACSC || payment->status == PAYMENT_RJCT);
    CHECK(payment->settled_at != 0);
    struct outbox_message message = {
        .id = uow_id(uow, id_bucket(payment->id.value)),
        .topic = payment->status == PAYMENT_ACSC ? PAYMENT_TOPIC_BOOKED : PAYMENT_TOPIC_REJECTED,
        .ref_id = payment->id.value,
        .body = "{}",
        .created_at = uow->now_us};
    return outbox_put(uow->conn, &message);
}
