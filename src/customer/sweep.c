/* Removes rows that have had their day, bucket by bucket, a bounded number at a time. */
#include "customer/customer_private.h"

/* A day's codes count against the limit of a number; they stay one day longer. */
#define CODE_KEPT_US    (2 * DAY_US)
#define SESSION_KEPT_US (30 * DAY_US)
#define COUNTER_KEPT_US (2 * DAY_US)

DB_STMT(sweep_stmt_codes,
        "DELETE FROM customer_phone_codes WHERE bucket = $1 AND id IN (SELECT id FROM"
        " customer_phone_codes WHERE bucket = $1 AND created_at < $2 ORDER BY id LIMIT $3)");
DB_STMT(sweep_stmt_sessions,
        "DELETE FROM customer_sessions WHERE bucket = $1 AND id IN (SELECT id FROM"
        " customer_sessions WHERE bucket = $1 AND ((ended_at > 0 AND ended_at < $2)"
        " OR last_seen_at < $3 OR created_at < $4) ORDER BY id LIMIT $5)");
DB_STMT(sweep_stmt_counters,
        "DELETE FROM customer_phones WHERE bucket = $1 AND phone_hash IN (SELECT phone_hash FROM"
        " customer_phones WHERE bucket = $1 AND touched_at < $2"
        " AND locked_until < $2 AND holder_locked_until < $2 AND persons = 0 ORDER BY phone_hash "
        "LIMIT $3)");

DB_STMT(
    sweep_stmt_challenges,
    "DELETE FROM customer_challenges WHERE bucket = $1 AND session_id IN (SELECT session_id FROM"
    " customer_challenges WHERE bucket = $1 AND expires_at < $2 ORDER BY session_id LIMIT $3)");

DB_STMT(sweep_stmt_phone_proofs,
        "DELETE FROM customer_phone_proofs WHERE bucket = $1 AND customer_id IN (SELECT customer_id"
        " FROM customer_phone_proofs WHERE bucket = $1 AND proven_at < $2 ORDER BY customer_id"
        " LIMIT $3)");

enum err customer_sweep(struct customer_room *room, struct uow *uow, int bucket, int limit,
                        int64_t *out_count)
{
    const struct customer_rules *rules = &room->rules;
    int64_t codes = 0, sessions = 0, counters = 0, challenges = 0, proofs = 0;
    enum err err =
        db_exec(uow->conn, &sweep_stmt_codes,
                DB_ARGS(db_int(bucket), db_int(uow->now_us - CODE_KEPT_US), db_int(limit)), &codes);
    if (err == ERR_OK) {
        err = db_exec(uow->conn, &sweep_stmt_sessions,
                      DB_ARGS(db_int(bucket), db_int(uow->now_us - SESSION_KEPT_US),
                              db_int(uow->now_us - rules->session_idle_us - SESSION_KEPT_US),
                              db_int(uow->now_us - rules->session_absolute_us - SESSION_KEPT_US),
                              db_int(limit)),
                      &sessions);
    }
    if (err == ERR_OK) {
        err = db_exec(uow->conn, &sweep_stmt_counters,
                      DB_ARGS(db_int(bucket), db_int(uow->now_us - COUNTER_KEPT_US), db_int(limit)),
                      &counters);
    }
    if (err == ERR_OK) {
        err = db_exec(uow->conn, &sweep_stmt_challenges,
                      DB_ARGS(db_int(bucket), db_int(uow->now_us), db_int(limit)), &challenges);
    }
    if (err == ERR_OK) {
        err = db_exec(
            uow->conn, &sweep_stmt_phone_proofs,
            DB_ARGS(db_int(bucket), db_int(uow->now_us - PHONE_PROOF_LIFE_US), db_int(limit)),
            &proofs);
    }
    *out_count = codes + sessions + counters + challenges + proofs;
    return err;
}
