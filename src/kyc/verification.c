/* State of a customer's verification, from the customer's row, the room's row and the newest case. */
#include "kyc/kyc_private.h"

#include <string.h>

/* A side that was read, confirmed or not: the customer sees the reading as done. */
static enum err sides_load(const struct kyc_room *room, struct db_conn *conn,
                           struct customer_id customer, struct kyc_verification *out)
{
    static const struct {
        enum kyc_layer layer;
        enum card_side side;
    } SIDES[] = {{KYC_ID_FRONT, CARD_FRONT}, {KYC_ID_BACK, CARD_BACK}};
    for (size_t i = 0; i < 2; i++) {
        struct kyc_reading reading;
        enum err err = reading_load(room, conn, customer, SIDES[i].side, &reading);
        if (err != ERR_OK && err != ERR_NOT_FOUND) {
            return err;
        }
        if (err == ERR_OK) {
            out->layers[SIDES[i].layer].state =
                card_is_suspect(reading.findings) ? KYC_STATE_UNSURE : KYC_STATE_PASSED;
            out->layers[SIDES[i].layer].at = reading.at;
        }
        vault_wipe(&reading, sizeof reading);
    }
    return ERR_OK;
}

static enum err case_read(struct db_conn *conn, struct customer_id customer, int64_t now_us,
                          struct kyc_verification *out)
{
    struct kyc_case row;
    struct staff_claim claim;
    enum err err = case_newest_of(conn, customer, &row);
    if (err != ERR_OK) {
        return err == ERR_NOT_FOUND ? ERR_OK : err;
    }
    out->has_case = true;
    out->case_id = row.id;
    out->case_state = row.state;
    out->opened_at = row.opened_at;
    out->due_at = row.due_at;
    out->path = row.path;
    out->appointment_at = row.appointment_at;
    err = staff_claim_load(conn, KYC_QUEUE, row.id, now_us, &claim);
    out->case_is_claimed = err == ERR_OK;
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

static bool is_any_refused(const struct customer *customer)
{
    for (int layer = LAYER_PICTURES; layer <= LAYER_PLACE; layer++) {
        if (customer->layers.state[layer] == LAYER_REFUSED) {
            return true;
        }
    }
    return false;
}

static void settle(const struct customer *customer, struct kyc_verification *out)
{
    bool is_open = out->has_case && out->case_state <= CASE_SECOND;
    bool is_verified = customer->layers.verified_at != 0;
    out->level = is_verified              ? KYC_LEVEL_VERIFIED
                 : customer->has_identity ? KYC_LEVEL_BASIC
                                          : KYC_LEVEL_NONE;
    out->standing = is_open                    ? KYC_REVIEW
                    : is_verified              ? KYC_VERIFIED
                    : is_any_refused(customer) ? KYC_REFUSED
                                               : KYC_INCOMPLETE;
}

enum err kyc_verification_load(const struct kyc_room *room, struct db_conn *conn,
                               struct customer_id customer, int64_t now_us,
                               struct kyc_verification *out)
{
    struct customer row;
    struct kyc_person person;
    memset(out, 0, sizeof *out);
    enum err err = customer_load(room->options.customers, conn, customer, &row);
    err = err != ERR_OK ? err : person_load(conn, customer, &person);
    err = err != ERR_OK ? err : sides_load(room, conn, customer, out);
    err = err != ERR_OK ? err : case_read(conn, customer, now_us, out);
    err = err != ERR_OK ? err : attempts_left(room, conn, customer, now_us, &out->attempts);
    if (err != ERR_OK) {
        return err;
    }
    for (int layer = KYC_CONFIRMATION; layer < KYC_LAYER_COUNT; layer++) {
        out->layers[layer].state = person.layers[layer].state;
        out->layers[layer].at = person.layers[layer].at;
    }
    /* The early rule set queried the registry without this room. */
    if (row.has_identity && out->layers[KYC_REGISTRY].state == KYC_STATE_TODO) {
        out->layers[KYC_REGISTRY].state = KYC_STATE_PASSED;
        out->layers[KYC_REGISTRY].at = row.identity_at;
    }
    out->has_document = person.has_document;
    out->document_until = person.document_until;
    out->is_long_term = person.is_long_term;
    settle(&row, out);
    return ERR_OK;
}
