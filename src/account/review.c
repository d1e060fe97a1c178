#include "account/review.h"

#include "account/account_store.h"
#include "account/message_rows.h"

#include <string.h>

#define CHUNK 128
_Static_assert(ACCOUNT_FROZEN == 2, "the number in the statement and its index");

DB_STMT(account_review_list,
        "SELECT id FROM account_accounts WHERE bucket = $1 AND id > $2 AND state IN (1, 2) "
        "ORDER BY id LIMIT $3");
/* Two indexes that hold few rows, however many accounts there are. */
DB_STMT(account_review_list_pending,
        "SELECT id FROM account_accounts WHERE bucket = $1 AND id > $2 AND state = 2"
        " UNION SELECT account_id FROM account_reviews WHERE bucket = $1 AND account_id > $2 "
        "ORDER BY 1 LIMIT $3");
DB_STMT(account_review_load, "SELECT found_at FROM account_reviews "
                             "WHERE bucket = $1 AND account_id = $2");
DB_STMT(account_review_note, "INSERT INTO account_reviews (bucket, account_id, found_at) "
                             "VALUES ($1, $2, $3) ON CONFLICT (bucket, account_id) DO NOTHING");
DB_STMT(account_review_forget, "DELETE FROM account_reviews WHERE bucket = $1 AND account_id = $2");
DB_STMT(account_reminder_load, "SELECT sent_at FROM account_reminders WHERE bucket = $1 AND "
                               "customer_id = $2 AND document_until = $3");
DB_STMT(account_reminder_note,
        "INSERT INTO account_reminders (bucket, customer_id, document_until, sent_at) VALUES "
        "($1, $2, $3, $4) ON CONFLICT (bucket, customer_id, document_until) DO NOTHING");

struct review {
    const struct customer_room *room;
    const struct catalogue *catalogue;
    struct account_id id;
    struct date today;
    int64_t now_us;
    /* what was found and done */
    struct account account;
    struct date document_until;
    enum review_action action;
    const char *reason;
    bool reminds;
};

static enum err facts_load(struct db_conn *conn, const struct review *review,
                           struct review_facts *out)
{
    const struct account *account = &review->account;
    struct customer customer;
    struct card cards[CARD_PER_PERSON_MAX];
    size_t count = 0;
    char reason[ACCOUNT_REASON_SIZE] = "";
    *out = (struct review_facts){.state = account->state,
                                 .class = account->class,
                                 .now_us = review->now_us,
                                 .today = review->today};
    enum err err = customer_load(review->room, conn, account->customer, &customer);
    err = err ? err : card_list(conn, account->customer, cards, CARD_PER_PERSON_MAX, &count);
    err = err ? err
              : db_number(conn, &account_review_load,
                          DB_ARGS(db_int(id_bucket(account->id.value)), db_int(account->id.value)),
                          &out->found_at);
    if (err == ERR_OK && account->state == ACCOUNT_FROZEN) {
        err = account_freeze_reason(conn, account->id, reason);
    }
    if (err != ERR_OK) {
        return err;
    }
    for (size_t i = 0; i < count; i++) {
        bool bound = cards[i].state == CARD_BOUND;
        out->has_card |= bound;
        out->has_class_one_card |= bound && cards[i].account_class == ACCOUNT_CLASS_I;
    }
    out->frozen_by_review = account_freeze_is_soft(reason);
    out->is_verified = customer.layers.verified_at != 0;
    out->document_until = customer.layers.document_until;
    return ERR_OK;
}

/* What is due for the account now. A reminder belongs to the customer: the first account to ask. */
static enum err look(struct db_conn *conn, struct review *review)
{
    const struct catalogue_edition *edition = catalogue_on(review->catalogue, review->today);
    struct review_facts facts;
    int64_t sent_at = 1;
    review->action = REVIEW_NOTHING;
    review->reminds = false;
    enum err err = account_load(conn, review->id, &review->account);
    if (err == ERR_OK && review->account.product == PRODUCT_CORPORATE) {
        return ERR_OK; /* the owner is no person: the company room looks after it */
    }
    err = err ? err : facts_load(conn, review, &facts);
    if (err != ERR_OK) {
        return err == ERR_NOT_FOUND ? ERR_OK : err;
    }
    review->document_until = facts.document_until;
    review->action = account_review_decide(edition, &facts, &review->reason);
    if (account_review_reminds(edition, facts.document_until, review->today)) {
        int64_t customer = review->account.customer.value;
        err = db_number(conn, &account_reminder_load,
                        DB_ARGS(db_int(id_bucket(customer)), db_int(customer),
                                db_int(facts.document_until.days)),
                        &sent_at);
        review->reminds = err == ERR_OK && sent_at == 0;
    }
    return err;
}

static enum err news(struct uow *uow, const struct review *review, const struct message_row *kind,
                     const char *name)
{
    char masked[ACCOUNT_NUMBER_SIZE];
    account_mask_number(review->account.number, masked);
    struct message_params params = {.account = masked, .name = name};
    return message_add(uow, review->account.customer, kind, &params, 0);
}

static enum err note(struct uow *uow, const struct review *review)
{
    const struct catalogue_edition *edition = catalogue_on(review->catalogue, review->today);
    char until[DATE_TEXT_SIZE];
    date_format(
        date_add_days(review->today, (int)account_figure(edition, PARAMETER_UNVERIFIED_GRACE_DAYS)),
        until);
    enum err err = db_defer(
        uow->conn, &account_review_note,
        DB_ARGS(db_int(id_bucket(review->id.value)), db_int(review->id.value), db_int(uow->now_us)),
        -1);
    return err ? err : news(uow, review, &MESSAGE_VERIFY_BY, until);
}

static enum err forget(struct uow *uow, const struct review *review)
{
    return db_defer(uow->conn, &account_review_forget,
                    DB_ARGS(db_int(id_bucket(review->id.value)), db_int(review->id.value)), -1);
}

static enum err suspend(struct uow *uow, const struct review *review)
{
    struct account_freeze_order order = {.account = review->id};
    int64_t unused;
    memcpy(order.reason, review->reason, strlen(review->reason) + 1);
    enum err err = account_freeze(uow, &order, &unused);
    return err ? err : news(uow, review, &MESSAGE_ACCOUNT_SUSPENDED, NULL);
}

static enum err lift(struct uow *uow, const struct review *review)
{
    enum err err = account_unfreeze(uow, review->id, (struct staff_id){0});
    err = err ? err : forget(uow, review);
    return err ? err : news(uow, review, &MESSAGE_ACCOUNT_RESUMED, NULL);
}

static enum err remind(struct uow *uow, const struct review *review)
{
    int64_t customer = review->account.customer.value;
    char until[DATE_TEXT_SIZE];
    date_format(review->document_until, until);
    enum err err = db_defer(uow->conn, &account_reminder_note,
                            DB_ARGS(db_int(id_bucket(customer)), db_int(customer),
                                    db_int(review->document_until.days), db_int(uow->now_us)),
                            -1);
    return err ? err : news(uow, review, &MESSAGE_DOCUMENT_EXPIRES, until);
}

/* Looks again under the account's lock: others may have been here since. */
static enum err review_work(struct uow *uow, void *context)
{
    struct review *review = context;
    struct account locked;
    enum err err = account_lock(uow, review->id, &locked);
    err = err ? err : look(uow->conn, review);
    if (err != ERR_OK) {
        return err;
    }
    switch (review->action) {
    case REVIEW_NOTE:
        err = note(uow, review);
        break;
    case REVIEW_FORGET:
        err = forget(uow, review);
        break;
    case REVIEW_SUSPEND:
        err = suspend(uow, review);
        break;
    case REVIEW_LIFT:
        err = lift(uow, review);
        break;
    case REVIEW_NOTHING:
        break;
    }
    return err || !review->reminds ? err : remind(uow, review);
}

static enum err list(struct db_conn *conn, int bucket, enum review_scope scope, int64_t after_id,
                     struct account_id *out, size_t *out_count)
{
    struct db_stmt *stmt =
        scope == REVIEW_ALL ? &account_review_list : &account_review_list_pending;
    size_t count = 0;
    struct db_rows rows =
        db_read(conn, stmt, DB_ARGS(db_int(bucket), db_int(after_id), db_int(CHUNK)));
    while (count < CHUNK && db_rows_next(&rows)) {
        out[count++].value = db_rows_int(&rows, 0);
    }
    *out_count = count;
    return db_rows_close(&rows);
}

/* Reads a chunk; keeps those for which something is due. */
static enum err chunk_look(struct engine *engine, struct review *review, int bucket,
                           enum review_scope scope, int64_t *after_id, struct account_id *out_due,
                           size_t *out_due_count, size_t *out_seen)
{
    struct account_id ids[CHUNK];
    struct db_conn *conn;
    size_t count = 0, due = 0;
    enum err err = engine_read_begin(engine, &conn);
    if (err != ERR_OK) {
        return err;
    }
    err = list(conn, bucket, scope, *after_id, ids, &count);
    for (size_t i = 0; err == ERR_OK && i < count; i++) {
        review->id = ids[i];
        err = look(conn, review);
        if (err == ERR_OK && (review->action != REVIEW_NOTHING || review->reminds)) {
            out_due[due++] = ids[i];
        }
        *after_id = ids[i].value;
    }
    engine_read_end(engine, conn);
    *out_due_count = due;
    *out_seen = count;
    return err;
}

enum err account_review_bucket(struct engine *engine, const struct customer_room *room,
                               const struct catalogue *catalogue, int bucket,
                               enum review_scope scope, struct review_count *out)
{
    int64_t now_us = clock_now_us(engine_clock(engine)), after_id = 0;
    struct review review = {.room = room,
                            .catalogue = catalogue,
                            .now_us = now_us,
                            .today = engine_civil_date(engine, now_us)};
    size_t seen = CHUNK;
    while (seen == CHUNK) {
        struct account_id due[CHUNK];
        size_t count = 0;
        enum err err = chunk_look(engine, &review, bucket, scope, &after_id, due, &count, &seen);
        for (size_t i = 0; err == ERR_OK && i < count; i++) {
            review.id = due[i];
            err = engine_run(engine, review_work, &review);
            out->noted += err == ERR_OK && review.action == REVIEW_NOTE;
            out->suspended += err == ERR_OK && review.action == REVIEW_SUSPEND;
            out->lifted += err == ERR_OK && review.action == REVIEW_LIFT;
            out->reminded += err == ERR_OK && review.reminds;
        }
        if (err != ERR_OK) {
            return err;
        }
        out->seen += seen;
    }
    return ERR_OK;
}
