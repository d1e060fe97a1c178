/* The location of the device: its position compared with its network address and its phone number. */
#include "base/check.h"
#include "base/json.h"
#include "kyc/kyc_private.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PLACE_FIELD "kyc.place"

DB_STMT(place_stmt_add,
        "INSERT INTO kyc_places (bucket, customer_id, id, state, findings, region, sealed, at,"
        " expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)");
DB_STMT(place_stmt_list, "SELECT id, state, findings, region, sealed, at, expires_at"
                         " FROM kyc_places WHERE bucket = $1 AND customer_id = $2 ORDER BY id");
DB_STMT(place_stmt_erase, "DELETE FROM kyc_places WHERE bucket = $1 AND customer_id = $2");
DB_STMT(place_stmt_report_due, "SELECT bucket, customer_id, id FROM kyc_places"
                               " WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2");
DB_STMT(place_stmt_drop,
        "DELETE FROM kyc_places WHERE bucket = $1 AND customer_id = $2 AND id = $3");

/* --- prepare ---------------------------------------------------------------------------------- */

/* Special regions and Taiwan have other laws and other cards: not the mainland. */
static bool is_mainland(const char *code)
{
    return code[0] != '0' && code[0] != '7' && code[0] != '8';
}

static void locate(const struct kyc_room *room, struct kyc_place *place, struct place_facts *facts)
{
    int km = 0;
    const char *code =
        places_nearest(room->options.places, place->latitude_e6, place->longitude_e6, &km);
    facts->is_outside = !is_mainland(code) || km > PLACE_FAR_KM;
    if (!facts->is_outside) {
        snprintf(facts->region, sizeof facts->region, "%s", code);
    }
    memcpy(place->region, facts->region, sizeof place->region);
}

enum err kyc_place_prepare(struct kyc_room *room, struct engine *engine, struct kyc_place *place,
                           int64_t *out_retry_at)
{
    struct db_conn *conn = NULL;
    char phone[PHONE_TEXT_SIZE];
    struct kyc_parties *parties = room->options.parties;
    struct place_facts facts = {.accuracy_m = place->accuracy_m,
                                .accuracy_max_m = room->rules.accuracy_max_m,
                                .served_country = room->rules.served_country};
    *out_retry_at = 0;
    enum err err = engine_read_begin(engine, &conn);
    if (err != ERR_OK) {
        return err;
    }
    err = consent_check(conn, place->customer, "location");
    if (err == ERR_OK) {
        err = places_check(room, conn, place->customer, place->is_strangers,
                           clock_now_us(engine_clock(engine)), out_retry_at);
    }
    if (err == ERR_OK) {
        err = customer_reveal_phone(room->options.customers, conn, place->customer, phone);
    }
    engine_read_end(engine, conn);
    if (err != ERR_OK) {
        return err;
    }
    locate(room, place, &facts);
    parties->address(parties, place->ip, &facts.address);
    parties->phone_region(parties, phone, facts.phone_region);
    vault_wipe(phone, sizeof phone);
    place->state = place_decide(&facts, &place->findings);
    return ERR_OK;
}

/* --- commit ----------------------------------------------------------------------------------- */

static size_t write_position(const struct kyc_place *place, char *out, size_t size)
{
    return (size_t)snprintf(out, size,
                            "{\"latitude\":%" PRId64 ",\"longitude\":%" PRId64
                            ",\"accuracy\":%d,\"ip\":\"%.45s\"}",
                            place->latitude_e6, place->longitude_e6, place->accuracy_m, place->ip);
}

static enum err store_place(struct kyc_room *room, struct uow *uow, const struct kyc_place *place)
{
    char text[256];
    uint8_t sealed[sizeof text + VAULT_OVERHEAD];
    int bucket = id_bucket(place->customer.value);
    int64_t id = uow_id(uow, bucket);
    size_t size = write_position(place, text, sizeof text);
    vault_seal(room->options.vault, (struct vault_place){bucket, id, PLACE_FIELD}, text, size,
               sealed);
    vault_wipe(text, sizeof text);
    return db_defer(uow->conn, &place_stmt_add,
                    DB_ARGS(db_int(bucket), db_int(place->customer.value), db_int(id),
                            db_int(place->state), db_int(place->findings), db_text(place->region),
                            place->is_declined ? db_null() : db_blob(sealed, size + VAULT_OVERHEAD),
                            db_int(uow->now_us), db_int(uow->now_us + room->rules.place_kept_us)),
                    1);
}

static enum err note_check(struct kyc_room *room, struct uow *uow, const struct kyc_place *place)
{
    static const enum kyc_result RESULTS[] = {
        [PLACE_PASSED] = KYC_PASSED, [PLACE_UNSURE] = KYC_UNSURE, [PLACE_REFUSED] = KYC_FAILED};
    struct check_add check = {.check = KYC_CHECK_PLACE,
                              .result = RESULTS[place->state],
                              .score = INT_MIN,
                              .threshold = INT_MIN,
                              .version = room->options.parties->place_version,
                              .evidence = place,
                              .evidence_size = sizeof *place};
    return check_store(room, uow, place->customer, &check);
}

/* A passed location stays passed: later positions do not revoke it before another account opens. */
static enum err settle(struct kyc_room *room, struct uow *uow, const struct kyc_place *place,
                       bool is_identified, struct kyc_person *person)
{
    struct customer_id id = place->customer;
    int64_t case_id = 0;
    enum err err;
    switch (place->state) {
    case PLACE_PASSED:
        person_set(person, KYC_PLACE, KYC_STATE_PASSED, uow->now_us);
        return customer_set_layer(uow, id, LAYER_PLACE, LAYER_PASSED);
    case PLACE_UNSURE:
        person_set(person, KYC_PLACE, KYC_STATE_UNSURE, uow->now_us);
        err = customer_set_layer(uow, id, LAYER_PLACE, LAYER_REVIEW);
        return err != ERR_OK
                   ? err
                   : case_want(room, uow, person, is_identified,
                               1U << (place->is_declined ? CASE_PLACE_DECLINED : CASE_PLACE_UNSURE),
                               0, &case_id);
    case PLACE_REFUSED:
        person_set(person, KYC_PLACE, KYC_STATE_FAILED, uow->now_us);
        return customer_set_layer(uow, id, LAYER_PLACE, LAYER_TODO);
    }
    CHECK(!"no outcome of a place");
}

enum err kyc_place_commit(struct kyc_room *room, struct uow *uow, const struct kyc_place *place,
                          struct verdict *out_verdict)
{
    struct kyc_person person;
    struct customer customer;
    struct customer_id id = place->customer;
    *out_verdict = (struct verdict){.refusal = ERR_OK, .tries_left = -1};
    enum err err = person_lock(uow, id, &person);
    if (err == ERR_OK) {
        err = places_check(room, uow->conn, id, place->is_strangers, uow->now_us,
                           &out_verdict->retry_at);
    }
    if (err == ERR_TOO_MANY_REQUESTS) {
        out_verdict->refusal = err;
        return ERR_OK;
    }
    err = err != ERR_OK ? err : customer_load(room->options.customers, uow->conn, id, &customer);
    err = err != ERR_OK ? err : store_place(room, uow, place);
    err = err != ERR_OK ? err : note_check(room, uow, place);
    if (err == ERR_OK) {
        /* Positions could be tried until one passes, so all but a pass count. */
        err = attempt_add(uow, id, attempt_kind_of(ATTEMPT_PLACE, place->is_strangers),
                          place->state != PLACE_PASSED, ERR_OK);
    }
    if (err == ERR_OK && person.layers[KYC_PLACE].state != KYC_STATE_PASSED) {
        err = settle(room, uow, place, customer.has_identity, &person);
    }
    return err != ERR_OK ? err : person_store(uow, &person);
}

/* --- Erasing and export ----------------------------------------------------------------------- */

static enum err read_position(const struct kyc_room *room, struct customer_id customer, int64_t id,
                              const void *sealed, size_t size, struct kyc_place_row *out)
{
    char text[512];
    json_t *object = NULL;
    enum err err = vault_unseal_text(
        room->options.vault, (struct vault_place){id_bucket(customer.value), id, PLACE_FIELD},
        sealed, size, text, sizeof text);
    err = err != ERR_OK ? err : json_parse_object(text, strlen(text), sizeof text, &object);
    if (err == ERR_OK) {
        out->has_position = true;
        out->latitude_e6 = json_integer_value(json_object_get(object, "latitude"));
        out->longitude_e6 = json_integer_value(json_object_get(object, "longitude"));
        out->accuracy_m = (int)json_integer_value(json_object_get(object, "accuracy"));
        json_decref(object);
    }
    vault_wipe(text, sizeof text);
    return err;
}

enum err kyc_places_each(const struct kyc_room *room, struct db_conn *conn,
                         struct customer_id customer, kyc_place_visit *visit, void *context)
{
    struct db_rows rows = db_read(
        conn, &place_stmt_list, DB_ARGS(db_int(id_bucket(customer.value)), db_int(customer.value)));
    while (db_rows_next(&rows)) {
        struct kyc_place_row row = {.state = (enum place_state)db_rows_int(&rows, 1),
                                    .findings = (uint32_t)db_rows_int(&rows, 2),
                                    .at = db_rows_int(&rows, 5),
                                    .expires_at = db_rows_int(&rows, 6)};
        enum err found = ERR_OK;
        snprintf(row.region, sizeof row.region, "%s", db_rows_text(&rows, 3));
        if (!db_rows_is_null(&rows, 4)) {
            size_t size = 0;
            const void *sealed = db_rows_blob(&rows, 4, &size);
            found = read_position(room, customer, db_rows_int(&rows, 0), sealed, size, &row);
            db_rows_fail(&rows, found);
        }
        if (found == ERR_OK && !visit(&row, context)) {
            break;
        }
    }
    return db_rows_close(&rows);
}

enum err kyc_erase_places(struct uow *uow, struct customer_id customer)
{
    return db_defer(uow->conn, &place_stmt_erase,
                    DB_ARGS(db_int(id_bucket(customer.value)), db_int(customer.value)), -1);
}

enum err place_sweep(struct uow *uow, int limit, int64_t *out_count)
{
    int64_t found[64][3];
    int64_t count = 0;
    int64_t max = limit < 64 ? limit : 64;
    struct db_rows rows =
        db_read(uow->conn, &place_stmt_report_due, DB_ARGS(db_int(uow->now_us), db_int(max)));
    while (count < max && db_rows_next(&rows)) {
        for (int i = 0; i < 3; i++) {
            found[count][i] = db_rows_int(&rows, i);
        }
        count++;
    }
    enum err err = db_rows_close(&rows);
    for (int64_t i = 0; err == ERR_OK && i < count; i++) {
        err = db_defer(uow->conn, &place_stmt_drop,
                       DB_ARGS(db_int(found[i][0]), db_int(found[i][1]), db_int(found[i][2])), -1);
    }
    *out_count = count;
    return err;
}
