/* Another phone number for a customer: names and row move in one transaction. */
#include "customer/customer_private.h"
#include "customer/message_rows.h"

#include <string.h>

DB_STMT(phone_holder_stmt_seen, "SELECT COALESCE(MAX(last_seen_at), 0) FROM customer_sessions"
                                " WHERE bucket = $1 AND customer_id = $2");
DB_STMT(phone_holder_stmt_confirmed, "SELECT COUNT(*) FROM customer_channels"
                                     " WHERE bucket = $1 AND customer_id = $2 AND kind = 2");
DB_STMT(phone_change_stmt_lock, "UPDATE customer_customers SET version = version + 1"
                                " WHERE bucket = $1 AND id = $2");

/* A text to the old number: its holder lost it, or is being robbed. */
static enum err tell_old_number(struct customer_room *room, struct uow *uow,
                                const struct customer *customer, const char *old_number)
{
    struct sms sms;
    if (old_number[0] == '\0') {
        return ERR_OK; /* detached: its new holder gets no text */
    }
    int bucket = id_bucket(customer->id.value);
    sms_write_phone_changed(old_number, customer->language, &sms);
    enum err err = sms_put(room, uow, bucket, customer->id.value, &sms);
    vault_wipe(&sms, sizeof(sms));
    return err;
}

enum err phone_change_tell(struct customer_room *room, struct uow *uow,
                           const struct customer *customer, const char *old_number)
{
    enum err err = tell_old_number(room, uow, customer, old_number);
    if (err == ERR_OK) {
        err = security_event_add(uow, customer->id, EVENT_PHONE_CHANGED, NULL);
    }
    return err == ERR_OK ? message_add(uow, customer->id, &MESSAGE_PHONE_CHANGED,
                                       &(struct message_params){0}, 0)
                         : err;
}

enum err phone_change(struct customer_room *room, struct uow *uow,
                      const struct phone_change *change, struct verdict *out_verdict)
{
    enum code_purpose purpose = CODE_CHANGE_PHONE;
    struct customer customer;
    char old_number[PHONE_TEXT_SIZE] = "";
    enum err err = phone_code_check(room, uow, &change->phone, change->phone_code_id, change->code,
                                    1U << CODE_CHANGE_PHONE, out_verdict, &purpose);
    if (err != ERR_OK || out_verdict->refusal != ERR_OK) {
        return err;
    }
    /* The customer's row is raised first: two changes at once queue here. */
    int bucket = id_bucket(change->customer.value);
    err = db_exec(uow->conn, &phone_change_stmt_lock,
                  DB_ARGS(db_int(bucket), db_int(change->customer.value)), NULL);
    if (err == ERR_OK) {
        err = customer_load(room, uow->conn, change->customer, &customer);
    }
    if (err == ERR_OK) {
        err = customer_reveal_phone(room, uow->conn, change->customer, old_number);
    }
    if (err == ERR_OK) {
        err = customer_store_phone(room, uow, change->customer, &change->phone);
    }
    if (err == ERR_EXISTS) {
        out_verdict->refusal = ERR_PHONE_TAKEN; /* the code is used up all the same */
        err = ERR_OK;
    } else if (err == ERR_OK) {
        err = session_revoke_others(uow, change->customer, change->session);
        err = err == ERR_OK ? phone_change_tell(room, uow, &customer, old_number) : err;
    }
    vault_wipe(old_number, sizeof(old_number));
    return err;
}

/* --- A number that is somebody else's now ------------------------------------------------------ */

static enum err load_holder(struct customer_room *room, struct db_conn *conn,
                            struct phone_holder *out)
{
    struct customer customer;
    int64_t confirmed = 0;
    struct db_value args[] = {db_int(id_bucket(out->customer.value)), db_int(out->customer.value)};
    enum err err = customer_load(room, conn, out->customer, &customer);
    if (err != ERR_OK || !customer.has_identity) {
        return err != ERR_OK ? err : ERR_NOT_FOUND;
    }
    memcpy(out->name, customer.name, sizeof(out->name));
    err = customer_reveal_id_number(room, conn, out->customer, out->id_number);
    if (err == ERR_OK) {
        err = db_one_number(conn, &phone_holder_stmt_seen, args, 2, &out->last_seen_at);
    }
    if (err == ERR_OK) {
        err = db_one_number(conn, &phone_holder_stmt_confirmed, args, 2, &confirmed);
    }
    out->was_confirmed = confirmed > 0;
    return err;
}

enum err phone_holder_load(struct customer_room *room, struct engine *engine,
                           const struct customer_phone *phone, int64_t phone_code_id,
                           const char *code, struct phone_holder *out)
{
    struct db_conn *conn = NULL;
    bool is_right = false;
    memset(out, 0, sizeof(*out));
    enum err err = engine_read_begin(engine, &conn);
    if (err != ERR_OK) {
        return err;
    }
    err = phone_code_peek(room, conn, phone, phone_code_id, code, CODE_SIGN_UP,
                          clock_now_us(engine_clock(engine)), &is_right);
    if (err == ERR_OK) {
        err = is_right ? customer_by_phone(conn, phone, &out->customer) : ERR_NOT_FOUND;
    }
    err = err == ERR_OK ? load_holder(room, conn, out) : err;
    engine_read_end(engine, conn);
    return err;
}
