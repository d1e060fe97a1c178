/* Time codes (RFC 6238: SHA-1, 30 s, six digits): a sealed secret, each step's code taken once. */
#include "base/check.h"
#include "customer/customer_private.h"
#include "customer/customer_rules.h"
#include "customer/message_rows.h"

#include <liboath/oath.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TOTP_FIELD  "customer.totp"
#define TOTP_BYTES  20 /* RFC 4226: length of SHA-1's output */
#define TOTP_STEP_S 30
#define TOTP_DIGITS 6
#define TOTP_WINDOW 1 /* steps before and after now: clocks differ */

DB_STMT(totp_stmt_state, "SELECT state, since FROM customer_totps"
                         " WHERE bucket = $1 AND customer_id = $2");
DB_STMT(totp_stmt_begin,
        "INSERT INTO customer_totps (bucket, customer_id, secret_sealed, state, step, failures,"
        " locked_until, since) VALUES ($1, $2, $3, 1, 0, 0, 0, $4)"
        " ON CONFLICT (bucket, customer_id) DO UPDATE SET secret_sealed = excluded.secret_sealed,"
        " step = 0, since = excluded.since WHERE customer_totps.state = 1");
/* Takes the row's lock: tries at once are judged one after another. */
DB_STMT(totp_stmt_lock,
        "UPDATE customer_totps SET step = step WHERE bucket = $1 AND customer_id = $2"
        " RETURNING secret_sealed, state, step, failures, locked_until");
DB_STMT(totp_stmt_store,
        "UPDATE customer_totps SET state = $1, step = $2, failures = $3, locked_until = $4,"
        " since = CASE WHEN state = $1 THEN since ELSE $5 END"
        " WHERE bucket = $6 AND customer_id = $7");
DB_STMT(totp_stmt_remove, "DELETE FROM customer_totps WHERE bucket = $1 AND customer_id = $2");

const char *totp_state_name(enum totp_state state)
{
    return state == TOTP_ACTIVE ? "active" : state == TOTP_PENDING ? "pending" : "none";
}

enum err totp_load(struct db_conn *conn, struct customer_id customer, enum totp_state *out,
                   int64_t *out_since)
{
    struct db_rows rows = db_read(
        conn, &totp_stmt_state, DB_ARGS(db_int(id_bucket(customer.value)), db_int(customer.value)));
    *out = TOTP_NONE;
    *out_since = 0;
    if (db_rows_next(&rows)) {
        *out = (enum totp_state)db_rows_int(&rows, 0);
        *out_since = db_rows_int(&rows, 1);
    }
    return db_rows_close(&rows);
}

static struct vault_place place_of(struct customer_id customer)
{
    return (struct vault_place){id_bucket(customer.value), customer.value, TOTP_FIELD};
}

/* The label names the account, or the second one of a household would overwrite the first in its
 * authenticator app (Key URI Format: label, issuer). */
static enum err write_begun(const uint8_t secret[TOTP_BYTES], const char *masked_phone,
                            struct totp_begun *out)
{
    char *text = NULL;
    size_t size = 0;
    memset(out, 0, sizeof(*out));
    if (oath_base32_encode((const char *)secret, TOTP_BYTES, &text, &size) != OATH_OK) {
        return ERR_NO_MEMORY;
    }
    CHECK(size < sizeof(out->secret));
    memcpy(out->secret, text, size);
    vault_wipe(text, size);
    free(text);
    snprintf(out->uri, sizeof(out->uri),
             "otpauth://totp/Sycee:%s?secret=%s&issuer=Sycee&algorithm=SHA1&digits=6&period=30",
             masked_phone[0] == '+' ? masked_phone + 3 : masked_phone, out->secret);
    return ERR_OK;
}

enum err totp_begin(struct customer_room *room, struct uow *uow, struct customer_id customer,
                    struct totp_begun *out)
{
    uint8_t secret[TOTP_BYTES], sealed[TOTP_BYTES + VAULT_OVERHEAD];
    char phone[PHONE_TEXT_SIZE] = "", masked[PHONE_TEXT_SIZE];
    int64_t changed = 0;
    enum err err = customer_reveal_phone(room, uow->conn, customer, phone);
    if (err != ERR_OK) {
        return err;
    }
    phone_mask(phone, masked);
    vault_wipe(phone, sizeof(phone));
    vault_random(room->vault, secret, sizeof(secret));
    vault_seal(room->vault, place_of(customer), secret, sizeof(secret), sealed);
    err = write_begun(secret, masked, out);
    vault_wipe(secret, sizeof(secret));
    if (err == ERR_OK) {
        err = db_exec(uow->conn, &totp_stmt_begin,
                      DB_ARGS(db_int(id_bucket(customer.value)), db_int(customer.value),
                              db_blob(sealed, sizeof(sealed)), db_int(uow->now_us)),
                      &changed);
    }
    return err == ERR_OK && changed != 1 ? ERR_TOTP_STATE : err;
}

struct totp_row {
    uint8_t secret[TOTP_BYTES];
    enum totp_state state;
    int64_t step;
    struct failures failures;
};

static enum err lock_row(struct customer_room *room, struct uow *uow, struct customer_id customer,
                         struct totp_row *out)
{
    memset(out, 0, sizeof(*out));
    struct db_rows rows =
        db_read(uow->conn, &totp_stmt_lock,
                DB_ARGS(db_int(id_bucket(customer.value)), db_int(customer.value)));
    if (db_rows_next(&rows)) {
        size_t size = 0, plain = 0;
        const void *sealed = db_rows_blob(&rows, 0, &size);
        db_rows_fail(&rows, vault_unseal(room->vault, place_of(customer), sealed, size, out->secret,
                                         sizeof(out->secret), &plain));
        out->state = (enum totp_state)db_rows_int(&rows, 1);
        out->step = db_rows_int(&rows, 2);
        out->failures = (struct failures){(int)db_rows_int(&rows, 3), db_rows_int(&rows, 4)};
    }
    return db_rows_close(&rows);
}

/* Whether the bank's clock went back behind a code that was taken. */
static bool clock_is_behind(const struct totp_row *row, int64_t now_us)
{
    return now_us / 1000000 / TOTP_STEP_S + TOTP_WINDOW < row->step;
}

/* The step whose code it is, after the last one taken; 0: none. A clock that went back stands at that last
 * step: codes after it count, and none counts twice. */
static int64_t matching_step(const struct totp_row *row, const char *code, int64_t now_us)
{
    int64_t now_step = now_us / 1000000 / TOTP_STEP_S;
    int64_t found = 0;
    if (clock_is_behind(row, now_us)) {
        now_step = row->step;
    }
    if (strlen(code) != TOTP_DIGITS) {
        return 0;
    }
    for (int64_t step = now_step - TOTP_WINDOW; step <= now_step + TOTP_WINDOW; step++) {
        char wanted[TOTP_DIGITS + 1];
        CHECK(oath_totp_generate((const char *)row->secret, TOTP_BYTES,
                                 (time_t)(step * TOTP_STEP_S), TOTP_STEP_S, 0, TOTP_DIGITS,
                                 wanted) == OATH_OK);
        if (vault_equal(wanted, code, TOTP_DIGITS) && step > row->step && found == 0) {
            found = step;
        }
        vault_wipe(wanted, sizeof(wanted));
    }
    return found;
}

/* Counts one answer for or against the row, which must be in `state`. */
static enum err judge(struct customer_room *room, struct uow *uow, struct customer_id customer,
                      enum totp_state state, const char *code, struct verdict *out_verdict)
{
    struct totp_row row;
    enum err err = lock_row(room, uow, customer, &row);
    if (err == ERR_OK && row.state != state) {
        err = ERR_TOTP_STATE;
    }
    if (err != ERR_OK) {
        vault_wipe(&row, sizeof(row));
        return err;
    }
    int64_t step = matching_step(&row, code, uow->now_us);
    if (step == 0 && clock_is_behind(&row, uow->now_us)) {
        vault_wipe(&row, sizeof(row));
        return ERR_TOTP_CLOCK; /* the customer did nothing wrong: not counted */
    }
    bool was_locked = row.failures.locked_until > uow->now_us;
    *out_verdict = customer_failures_decide(&row.failures, step != 0, room->rules.failures_max,
                                            room->rules.lock_us, ERR_TOTP_WRONG, uow->now_us);
    if (out_verdict->refusal == ERR_SIGN_IN_LOCKED) {
        out_verdict->refusal = ERR_TOTP_LOCKED;
    }
    bool is_right = out_verdict->refusal == ERR_OK;
    err = db_defer(uow->conn, &totp_stmt_store,
                   DB_ARGS(db_int(is_right ? TOTP_ACTIVE : state),
                           db_int(is_right ? step : row.step), db_int(row.failures.count),
                           db_int(row.failures.locked_until), db_int(uow->now_us),
                           db_int(id_bucket(customer.value)), db_int(customer.value)),
                   1);
    vault_wipe(&row, sizeof(row));
    if (err == ERR_OK && out_verdict->refusal == ERR_TOTP_LOCKED && !was_locked) {
        err = security_event_add(uow, customer, EVENT_TOTP_LOCKED, NULL);
    }
    return err;
}

enum err totp_confirm(struct customer_room *room, struct uow *uow, struct customer_id customer,
                      const char *code, struct verdict *out_verdict)
{
    enum err err = judge(room, uow, customer, TOTP_PENDING, code, out_verdict);
    if (err != ERR_OK || out_verdict->refusal != ERR_OK) {
        return err;
    }
    err = security_event_add(uow, customer, EVENT_TOTP_ADDED, NULL);
    return err == ERR_OK
               ? message_add(uow, customer, &MESSAGE_TOTP_ADDED, &(struct message_params){0}, 0)
               : err;
}

enum err totp_assert(struct customer_room *room, struct uow *uow, struct customer_id customer,
                     struct session_id session, const char *code, struct verdict *out_verdict,
                     int64_t *out_until)
{
    enum err err = judge(room, uow, customer, TOTP_ACTIVE, code, out_verdict);
    if (err != ERR_OK || out_verdict->refusal != ERR_OK) {
        return err;
    }
    *out_until = uow->now_us + room->rules.step_up_us;
    return session_prove(uow, session, PROOF_TOTP, *out_until);
}

enum err totp_remove(struct uow *uow, struct customer_id customer)
{
    int64_t changed = 0;
    enum err err =
        db_exec(uow->conn, &totp_stmt_remove,
                DB_ARGS(db_int(id_bucket(customer.value)), db_int(customer.value)), &changed);
    if (err != ERR_OK || changed != 1) {
        return err != ERR_OK ? err : ERR_NOT_FOUND;
    }
    err = security_event_add(uow, customer, EVENT_TOTP_REMOVED, NULL);
    return err == ERR_OK
               ? message_add(uow, customer, &MESSAGE_TOTP_REMOVED, &(struct message_params){0}, 0)
               : err;
}
