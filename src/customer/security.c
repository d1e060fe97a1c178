/* Security events of a customer, the overview of the sign-in, and the signals of risk. */
#include "base/check.h"
#include "customer/customer_private.h"
#include "customer/customer_rules.h"
#include "customer/message_rows.h"

#include <stdio.h>
#include <string.h>

DB_STMT(security_stmt_add, "INSERT INTO customer_events (bucket, customer_id, id, kind,"
                           " device_name, at, times, last_at)"
                           " VALUES ($1, $2, $3, $4, $5, $6, 1, $6)");
DB_STMT(security_stmt_again,
        "UPDATE customer_events SET times = times + 1, last_at = $1 WHERE bucket = $2"
        " AND customer_id = $3 AND kind = $4 AND at >= $5");
DB_STMT(security_stmt_list,
        "SELECT id, kind, device_name, at, times, last_at FROM customer_events WHERE bucket = $1"
        " AND customer_id = $2 AND id < $3 ORDER BY id DESC LIMIT $4");
DB_STMT(security_stmt_overview,
        "SELECT p.set_at, c.phone_changed_at,"
        " (SELECT COUNT(*) FROM customer_devices d WHERE d.bucket = c.bucket"
        " AND d.customer_id = c.id AND d.removed_at = 0),"
        " (SELECT COUNT(*) FROM customer_passkeys k WHERE k.bucket = c.bucket"
        " AND k.customer_id = c.id),"
        " (SELECT COUNT(*) FROM customer_totps t WHERE t.bucket = c.bucket"
        " AND t.customer_id = c.id AND t.state = 2),"
        " (SELECT MAX(s.created_at) FROM customer_sessions s WHERE s.bucket = c.bucket"
        " AND s.customer_id = c.id), c.face_state, c.face_at,"
        " (SELECT COALESCE(MAX(w.at), 0) FROM customer_consents w WHERE w.bucket = c.bucket"
        " AND w.customer_id = c.id AND w.purpose = 'biometrics' AND w.granted = 0)"
        " FROM customer_customers c LEFT JOIN customer_passcodes p"
        " ON p.bucket = c.bucket AND p.customer_id = c.id WHERE c.bucket = $1 AND c.id = $2");

static const char *const NAMES[SECURITY_EVENT_COUNT] = {
    [EVENT_SIGNED_UP] = "signedUp",
    [EVENT_SIGNED_IN] = "signedIn",
    [EVENT_SIGN_IN_FAILED] = "signInFailed",
    [EVENT_NEW_DEVICE] = "newDevice",
    [EVENT_DEVICE_REMOVED] = "deviceRemoved",
    [EVENT_SIGNED_OUT_EVERYWHERE] = "signedOutEverywhere",
    [EVENT_PASSCODE_SET] = "passCodeSet",
    [EVENT_PASSCODE_CHANGED] = "passCodeChanged",
    [EVENT_PASSKEY_ADDED] = "passkeyAdded",
    [EVENT_PASSKEY_REMOVED] = "passkeyRemoved",
    [EVENT_PASSKEY_CLONED] = "passkeyCloned",
    [EVENT_TOTP_ADDED] = "totpAdded",
    [EVENT_TOTP_REMOVED] = "totpRemoved",
    [EVENT_TOTP_LOCKED] = "totpLocked",
    [EVENT_PHONE_DETACHED] = "phoneDetached",
    [EVENT_PHONE_CHANGED] = "phoneChanged",
    [EVENT_EXPORTED] = "exported",
};

const char *security_event_name(enum security_event event)
{
    CHECK(event >= EVENT_SIGNED_UP && event < SECURITY_EVENT_COUNT);
    return NAMES[event];
}

enum err security_event_add(struct uow *uow, struct customer_id customer, enum security_event event,
                            const char *device_name)
{
    CHECK(event >= EVENT_SIGNED_UP && event < SECURITY_EVENT_COUNT);
    char device[DEVICE_NAME_SIZE] = "";
    int bucket = id_bucket(customer.value);
    if (device_name) {
        name_clean_device(device_name, device);
    }
    return db_defer(uow->conn, &security_stmt_add,
                    DB_ARGS(db_int(bucket), db_int(customer.value), db_int(uow_id(uow, bucket)),
                            db_int(event), db_text(device), db_int(uow->now_us)),
                    1);
}

enum err security_event_count(struct uow *uow, struct customer_id customer,
                              enum security_event event)
{
    int64_t changed = 0;
    enum err err = db_exec(uow->conn, &security_stmt_again,
                           DB_ARGS(db_int(uow->now_us), db_int(id_bucket(customer.value)),
                                   db_int(customer.value), db_int(event),
                                   db_int(uow->now_us - uow->now_us % DAY_US)),
                           &changed);
    return err != ERR_OK || changed > 0 ? err : security_event_add(uow, customer, event, NULL);
}

enum err security_event_each(struct db_conn *conn, struct customer_id customer, int64_t before_id,
                             size_t limit, security_event_visit *visit, void *context)
{
    struct db_rows rows =
        db_read(conn, &security_stmt_list,
                DB_ARGS(db_int(id_bucket(customer.value)), db_int(customer.value),
                        db_int(before_id ? before_id : INT64_MAX), db_int((int64_t)limit)));
    while (db_rows_next(&rows)) {
        struct security_event_row row = {.id = db_rows_int(&rows, 0),
                                         .event = (enum security_event)db_rows_int(&rows, 1),
                                         .at = db_rows_int(&rows, 3),
                                         .times = db_rows_int(&rows, 4),
                                         .last_at = db_rows_int(&rows, 5)};
        snprintf(row.device_name, sizeof(row.device_name), "%s", db_rows_text(&rows, 2));
        if (!visit(&row, context)) {
            break;
        }
    }
    return db_rows_close(&rows);
}

/* How long a withdrawn face still guards other factors. */
#define FACE_GUARD_US (INT64_C(7) * 24 * 3600 * 1000000)

struct facts {
    struct security_overview overview;
    bool has_face;
    int64_t face_withdrawn_at; /* of a person whose face had passed; 0: never */
};

static enum err load_facts(struct db_conn *conn, struct customer_id customer, struct facts *out)
{
    struct db_rows rows =
        db_read(conn, &security_stmt_overview,
                DB_ARGS(db_int(id_bucket(customer.value)), db_int(customer.value)));
    if (db_rows_one(&rows, ERR_NOT_FOUND)) {
        out->overview = (struct security_overview){
            .passcode_at = db_rows_is_null(&rows, 0) ? 0 : db_rows_int(&rows, 0),
            .phone_changed_at = db_rows_int(&rows, 1),
            .devices = (int)db_rows_int(&rows, 2),
            .passkeys = (int)db_rows_int(&rows, 3),
            .has_totp = db_rows_int(&rows, 4) > 0,
            .last_sign_in_at = db_rows_is_null(&rows, 5) ? 0 : db_rows_int(&rows, 5)};
        /* With a withdrawn consent the face was erased: nothing is left to compare with. */
        out->has_face =
            db_rows_int(&rows, 6) == LAYER_PASSED && db_rows_int(&rows, 7) > db_rows_int(&rows, 8);
        out->face_withdrawn_at =
            db_rows_int(&rows, 7) > 0 && !out->has_face ? db_rows_int(&rows, 8) : 0;
    }
    return db_rows_close(&rows);
}

enum err security_overview_load(struct db_conn *conn, struct customer_id customer,
                                struct security_overview *out)
{
    struct facts facts;
    enum err err = load_facts(conn, customer, &facts);
    if (err == ERR_OK) {
        *out = facts.overview;
    }
    return err;
}

enum err step_up_signals_load(struct db_conn *conn, const struct principal *principal,
                              int64_t now_us, struct step_up_signals *out)
{
    struct facts facts;
    enum err err = load_facts(conn, principal->customer, &facts);
    if (err == ERR_OK) {
        *out = step_up_signals_of(principal, now_us);
        /* Whoever withdrew the face a moment ago may not be its owner: for a week the guard stays, and
         * the face is shown anew to pass it. */
        bool is_recent =
            facts.face_withdrawn_at > 0 && now_us - facts.face_withdrawn_at < FACE_GUARD_US;
        out->has_face = facts.has_face || is_recent;
        out->face_is_withdrawn = !facts.has_face && is_recent;
        out->has_passkey = facts.overview.passkeys > 0;
        out->has_totp = facts.overview.has_totp;
    }
    return err;
}

enum err session_end_everywhere(struct uow *uow, struct customer_id customer,
                                struct session_id keep)
{
    enum err err = session_revoke_others(uow, customer, keep);
    if (err == ERR_OK) {
        err = security_event_add(uow, customer, EVENT_SIGNED_OUT_EVERYWHERE, NULL);
    }
    return err == ERR_OK ? message_add(uow, customer, &MESSAGE_SIGNED_OUT_EVERYWHERE,
                                       &(struct message_params){0}, 0)
                         : err;
}
