/* Confirmation of payee: who is meant, and is the name the payer typed that person's? */
#include "payment/payee.h"

#include "base/check.h"
#include <string.h>

const char *payee_match_name(enum payee_match match)
{
    switch (match) {
    case PAYEE_MATCH:
        return "match";
    case PAYEE_CLOSE_MATCH:
        return "closeMatch";
    case PAYEE_NO_MATCH:
        return "noMatch";
    case PAYEE_UNKNOWN:
        break;
    }
    return "unknownPayee";
}

/* First trip: the payer, and who has the phone. */
static enum err find_people(struct db_conn *conn, struct customer_id payer,
                            const struct customer_phone *phone, struct payee_search *out,
                            struct customer_id *out_payee)
{
    CHECK(out != NULL && out_payee != NULL);
    enum err err = db_batch_begin(conn);
    if (err != ERR_OK) {
        return err;
    }
    if (payer.value != 0) {
        err = customer_party_queue(conn, payer);
    }
    if (err == ERR_OK && phone != NULL) {
        err = customer_by_phone_queue(conn, phone);
    }
    if (err == ERR_OK && payer.value != 0) {
        err = customer_party_read(conn, &out->payer);
    }
    if (err == ERR_OK && phone != NULL) {
        err = customer_by_phone_read(conn, out_payee);
        out->err = err == ERR_NOT_FOUND ? err : out->err;
        err = err == ERR_NOT_FOUND ? ERR_OK : err;
    }
    enum err ended = db_batch_end(conn);
    return err != ERR_OK ? err : ended;
}

/* Second: the payee and the account that receives. */
static enum err find_account(struct db_conn *conn, struct customer_id id, struct payee_search *out)
{
    CHECK(id.value > 0);
    enum err err = db_batch_begin(conn);
    if (err != ERR_OK) {
        return err;
    }
    err = customer_party_queue(conn, id);
    if (err == ERR_OK) {
        err = account_receiving_queue(conn, id);
    }
    if (err == ERR_OK) {
        err = customer_party_read(conn, &out->payee);
    }
    if (err == ERR_OK) {
        err = account_receiving_read(conn, &out->account);
    }
    bool is_able = err == ERR_OK && out->payee.state == CUSTOMER_ACTIVE && out->payee.name[0];
    out->err = err == ERR_NOT_FOUND || (err == ERR_OK && !is_able) ? ERR_NOT_FOUND : ERR_OK;
    enum err ended = db_batch_end(conn);
    return err != ERR_OK && err != ERR_NOT_FOUND ? err : ended;
}

enum err payee_find(const struct customer_room *room, struct db_conn *conn,
                    struct customer_id payer, const char *phone, struct payee_search *out)
{
    CHECK(phone != NULL);
    struct customer_phone parsed;
    struct customer_id payee = {0};
    *out = (struct payee_search){.err = customer_phone_parse(room, phone, &parsed)};
    enum err err = find_people(conn, payer, out->err == ERR_OK ? &parsed : NULL, out, &payee);
    return err != ERR_OK || out->err != ERR_OK ? err : find_account(conn, payee, out);
}

enum err payee_find_number(struct db_conn *conn, struct customer_id payer, const char *number,
                           struct payee_search *out)
{
    CHECK(number != NULL);
    struct account account;
    struct customer_id nobody = {0};
    *out = (struct payee_search){.err = ERR_OK};
    enum err err = find_people(conn, payer, NULL, out, &nobody);
    if (err != ERR_OK) {
        return err;
    }
    err = account_find_by_number(conn, number, &account);
    if (err == ERR_OK) {
        err = find_account(conn, account.customer, out);
        out->account = account; /* that one, and no other of the owner's */
    }
    out->err = err == ERR_NOT_FOUND ? ERR_NOT_FOUND : out->err;
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

enum err payee_check(const struct customer_room *room, struct db_conn *conn, const char *phone,
                     const char *name, struct payee_check *out)
{
    CHECK(phone != NULL && out != NULL);
    struct payee_search found;
    enum err err = payee_find(room, conn, (struct customer_id){0}, phone, &found);
    err = err != ERR_OK || found.err == ERR_NOT_FOUND ? err : found.err;
    if (err != ERR_OK) {
        return err;
    }
    if (found.err == ERR_NOT_FOUND) {
        *out = (struct payee_check){.result = PAYEE_UNKNOWN};
        return ERR_OK;
    }
    const char *real = found.payee.name;
    *out = (struct payee_check){.result = name ? payee_compare(name, real) : PAYEE_NO_MATCH};
    customer_mask_name(real, out->masked_name);
    if (out->result == PAYEE_CLOSE_MATCH) {
        memcpy(out->suggested_name, real, sizeof out->suggested_name);
    }
    return ERR_OK;
}
