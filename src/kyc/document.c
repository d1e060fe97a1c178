/* Pictures of the ID card: analysed outside of the transaction, stored or counted inside. */
#include "base/check.h"
#include "base/json.h"
#include "kyc/kyc_private.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define READING_FIELD "kyc.reading"
#define CARD_SIDE_MAX 1280 /* pixels of a stored card picture */
#define PORTRAIT_SIDE 480
#define REPLACED_KEPT (30 * DAY_US) /* a picture that was replaced by a newer one */

DB_STMT(
    reading_stmt_store,
    "INSERT INTO kyc_readings (bucket, customer_id, side, picture_id, findings, fields, version,"
    " at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
    " ON CONFLICT (bucket, customer_id, side) DO UPDATE SET picture_id = excluded.picture_id,"
    " findings = excluded.findings, fields = excluded.fields, version = excluded.version,"
    " at = excluded.at");
DB_STMT(reading_stmt_load, "SELECT fields, findings, at FROM kyc_readings WHERE bucket = $1"
                           " AND customer_id = $2 AND side = $3");

/* --- Fields, sealed --------------------------------------------------------------------------- */

void kyc_fields_wipe(struct kyc_fields *fields)
{
    vault_wipe(fields, sizeof *fields);
}

enum err fields_seal(const struct kyc_room *room, struct customer_id id, const char *field,
                     const struct kyc_fields *fields, uint8_t out[VAULT_SEALED_MAX],
                     size_t *out_size)
{
    json_t *object = json_pack(
        "{s:s, s:i, s:s, s:i, s:s, s:s, s:s, s:i, s:i, s:b}", "name", fields->name, "sex",
        fields->sex, "nation", fields->nation, "birth", fields->birth_date.days, "address",
        fields->address, "number", fields->number, "issuer", fields->issuer, "from",
        fields->valid_from.days, "until", fields->valid_until.days, "long", fields->is_long_term);
    char *text = object != NULL ? json_dumps(object, JSON_COMPACT) : NULL;
    json_decref(object);
    if (text == NULL) {
        return ERR_NO_MEMORY;
    }
    size_t size = strlen(text);
    CHECK(size <= VAULT_PLAIN_MAX);
    vault_seal(room->options.vault, (struct vault_place){id_bucket(id.value), id.value, field},
               text, size, out);
    vault_wipe(text, size);
    free(text);
    *out_size = size + VAULT_OVERHEAD;
    return ERR_OK;
}

static void copy_text(char *out, size_t size, const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    snprintf(out, size, "%s", text != NULL ? text : "");
}

static int number_of(const json_t *object, const char *name)
{
    return (int)json_integer_value(json_object_get(object, name));
}

enum err fields_unseal(const struct kyc_room *room, struct customer_id id, const char *field,
                       const void *sealed, size_t size, struct kyc_fields *out)
{
    char text[VAULT_PLAIN_MAX + 1];
    json_t *object = NULL;
    enum err err = vault_unseal_text(room->options.vault,
                                     (struct vault_place){id_bucket(id.value), id.value, field},
                                     sealed, size, text, sizeof text);
    if (err == ERR_OK) {
        err = json_parse_object(text, strlen(text), sizeof text, &object);
    }
    vault_wipe(text, sizeof text);
    if (err != ERR_OK) {
        return err;
    }
    *out = (struct kyc_fields){.sex = number_of(object, "sex"),
                               .birth_date = {number_of(object, "birth")},
                               .valid_from = {number_of(object, "from")},
                               .valid_until = {number_of(object, "until")},
                               .is_long_term = json_is_true(json_object_get(object, "long"))};
    copy_text(out->name, sizeof out->name, object, "name");
    copy_text(out->nation, sizeof out->nation, object, "nation");
    copy_text(out->address, sizeof out->address, object, "address");
    copy_text(out->number, sizeof out->number, object, "number");
    copy_text(out->issuer, sizeof out->issuer, object, "issuer");
    json_decref(object);
    return ERR_OK;
}

enum err reading_load(const struct kyc_room *room, struct db_conn *conn, struct customer_id id,
                      enum card_side side, struct kyc_reading *out)
{
    struct db_rows rows =
        db_read(conn, &reading_stmt_load,
                DB_ARGS(db_int(id_bucket(id.value)), db_int(id.value), db_int(side)));
    if (db_rows_one(&rows, ERR_NOT_FOUND)) {
        size_t size = 0;
        const void *sealed = db_rows_blob(&rows, 0, &size);
        db_rows_fail(&rows, fields_unseal(room, id, READING_FIELD, sealed, size, &out->fields));
        out->findings = (uint32_t)db_rows_int(&rows, 1);
        out->at = db_rows_int(&rows, 2);
    }
    return db_rows_close(&rows);
}

enum err kyc_read_load(const struct kyc_room *room, struct db_conn *conn,
                       struct customer_id customer, struct kyc_fields *out)
{
    struct kyc_reading front = {.fields = {.sex = -1}};
    struct kyc_reading back = {.at = 0};
    enum err err = reading_load(room, conn, customer, CARD_FRONT, &front);
    enum err err_back = err == ERR_OK || err == ERR_NOT_FOUND
                            ? reading_load(room, conn, customer, CARD_BACK, &back)
                            : err;
    if (err == ERR_NOT_FOUND && err_back == ERR_OK) {
        err = ERR_OK;
    }
    if (err != ERR_OK || (err_back != ERR_OK && err_back != ERR_NOT_FOUND)) {
        return err != ERR_OK ? err : err_back;
    }
    *out = front.fields;
    memcpy(out->issuer, back.fields.issuer, sizeof out->issuer);
    out->valid_from = back.fields.valid_from;
    out->valid_until = back.fields.valid_until;
    out->is_long_term = back.fields.is_long_term;
    kyc_fields_wipe(&front.fields);
    kyc_fields_wipe(&back.fields);
    return ERR_OK;
}

enum err kyc_id_pictures_check(const struct kyc_room *room, struct db_conn *conn,
                               struct customer_id customer)
{
    struct kyc_person person;
    struct kyc_reading reading;
    struct customer row;
    enum err err = customer_load(room->options.customers, conn, customer, &row);
    if (err != ERR_OK || row.layers.state[LAYER_PICTURES] == LAYER_PASSED) {
        return err;
    }
    err = person_load(conn, customer, &person);
    err = err != ERR_OK ? err : reading_load(room, conn, customer, CARD_FRONT, &reading);
    err = err != ERR_OK ? err : reading_load(room, conn, customer, CARD_BACK, &reading);
    vault_wipe(&reading, sizeof reading);
    return err == ERR_NOT_FOUND ? ERR_ID_PICTURES_MISSING : err;
}

/* --- prepare ---------------------------------------------------------------------------------- */

static void copy_reading(const struct card_reading *reading, struct kyc_fields *out)
{
    *out = (struct kyc_fields){.sex = reading->sex,
                               .birth_date = reading->birth_date,
                               .valid_from = reading->valid_from,
                               .valid_until = reading->valid_until,
                               .is_long_term = reading->is_long_term};
    if (reading->side != CARD_FRONT) {
        out->sex = -1;
        snprintf(out->issuer, sizeof out->issuer, "%s", reading->issuer);
        return;
    }
    snprintf(out->name, sizeof out->name, "%s", reading->name);
    snprintf(out->nation, sizeof out->nation, "%s", reading->nation);
    snprintf(out->address, sizeof out->address, "%s", reading->address);
    snprintf(out->number, sizeof out->number, "%s", reading->number);
}

/* The printed portrait with a margin of the card around it. */
static void portrait_box(const struct face *face, const struct image *card, int out[4])
{
    int margin = face->width / 2;
    int left = face->x > margin ? face->x - margin : 0;
    int top = face->y > margin ? face->y - margin : 0;
    int right = face->x + face->width + margin;
    int bottom = face->y + face->height + margin;
    out[0] = left < card->width ? left : 0;
    out[1] = top < card->height ? top : 0;
    out[2] = (right < card->width ? right : card->width) - out[0];
    out[3] = (bottom < card->height ? bottom : card->height) - out[1];
}

static enum err encode_kept(struct kyc_eyes *eyes, const struct image *picture,
                            const struct image *card, const struct face *portrait,
                            struct kyc_id_picture *out)
{
    int whole[4] = {0, 0, picture->width, picture->height};
    int part[4];
    enum err err = eyes->encode(eyes, picture, whole, CARD_SIDE_MAX, &out->jpeg, &out->jpeg_size);
    if (err == ERR_OK && out->has_portrait && card->rgb != NULL) {
        portrait_box(portrait, card, part);
        err = eyes->encode(eyes, card, part, PORTRAIT_SIDE, &out->portrait_jpeg,
                           &out->portrait_jpeg_size);
    }
    return err;
}

static bool is_of_picture(enum err err)
{
    return err == ERR_PICTURE_UNREADABLE || err == ERR_PICTURE_TOO_LARGE;
}

/* Analyses the picture; a refusal goes to out->refusal. */
static enum err look(struct kyc_room *room, const void *bytes, size_t size, struct date today,
                     struct kyc_id_picture *out)
{
    struct kyc_eyes *eyes = room->options.eyes;
    struct image picture = {0};
    struct image card = {0};
    struct card_reading *reading = calloc(1, sizeof *reading);
    if (reading == NULL) {
        return ERR_NO_MEMORY;
    }
    enum err err = eyes->decode(eyes, bytes, size, &picture);
    if (is_of_picture(err)) {
        out->refusal = err;
        free(reading);
        return ERR_OK;
    }
    if (err == ERR_OK) {
        upload_hash(room, &picture, out->hash);
        err = eyes->card_read(eyes, &picture, reading, &card);
    }
    if (err == ERR_OK) {
        struct card_policy policy = {.today = today,
                                     .age_min =
                                         customer_room_rules(room->options.customers)->age_min,
                                     .long_term_age = room->rules.long_term_age};
        out->refusal = card_reading_decide(reading, out->side, &policy);
        out->findings = reading->findings;
        out->confidence_ppm = reading->confidence_ppm;
        copy_reading(reading, &out->fields);
        out->has_portrait = reading->side == CARD_FRONT && reading->has_portrait;
        out->portrait = reading->portrait_template;
        out->portrait_print = reading->portrait_print;
    }
    if (err == ERR_OK && out->refusal == ERR_OK) {
        err = encode_kept(eyes, &picture, &card, &reading->portrait, out);
    }
    free(picture.rgb);
    free(card.rgb);
    vault_wipe(reading, sizeof *reading);
    free(reading);
    return err;
}

/* A customer with a confirmed identity is compared with the registry's portrait, not with a card alone;
 * it is requested if it is not stored. */
static enum err ask_registry(struct kyc_room *room, struct engine *engine,
                             struct kyc_id_picture *picture)
{
    struct customer row;
    struct face_template held;
    struct db_conn *conn = NULL;
    bool has_number = false, is_same = false;
    enum err err = engine_read_begin(engine, &conn);
    if (err != ERR_OK) {
        return err;
    }
    err = customer_load(room->options.customers, conn, picture->customer, &row);
    if (err == ERR_OK) {
        err = identity_compare(room, conn, picture->customer, picture->fields.number, &has_number,
                               &is_same);
    }
    enum err found = err != ERR_OK
                         ? err
                         : template_load(room, conn, picture->customer, TEMPLATE_REGISTRY, &held);
    engine_read_end(engine, conn);
    vault_wipe(&held, sizeof held);
    if (err != ERR_OK || !has_number || !is_same || found != ERR_NOT_FOUND) {
        return err != ERR_OK || found == ERR_NOT_FOUND ? err : found;
    }
    return portrait_ask(room, picture->customer, row.name, picture->fields.number,
                        &picture->registry);
}

/* Preconditions for analysing any personal picture. */
static enum err may_look(struct kyc_room *room, struct engine *engine, const struct principal *who,
                         int64_t now_us, int64_t *out_retry_at)
{
    struct db_conn *conn = NULL;
    enum err err = engine_read_begin(engine, &conn);
    if (err != ERR_OK) {
        return err;
    }
    err = consent_check(conn, who->customer, "identityCheck");
    err = err != ERR_OK ? err
                        : attempts_check(room, conn, who->customer, kyc_is_stranger(who), now_us,
                                         out_retry_at);
    engine_read_end(engine, conn);
    return err;
}

enum err kyc_id_picture_prepare(struct kyc_room *room, struct engine *engine,
                                const struct principal *who, enum card_side side, const void *bytes,
                                size_t size, struct kyc_id_picture *out, int64_t *out_retry_at)
{
    CHECK(side == CARD_FRONT || side == CARD_BACK);
    int64_t now_us = clock_now_us(engine_clock(engine));
    *out = (struct kyc_id_picture){
        .customer = who->customer, .is_strangers = kyc_is_stranger(who), .side = side};
    *out_retry_at = 0;
    enum err err = may_look(room, engine, who, now_us, out_retry_at);
    if (err == ERR_OK) {
        err = look(room, bytes, size, engine_civil_date(engine, now_us), out);
    }
    if (err == ERR_OK && out->refusal == ERR_OK && side == CARD_FRONT) {
        err = ask_registry(room, engine, out);
    }
    if (err != ERR_OK) {
        kyc_id_picture_release(out);
    }
    return err;
}

void kyc_id_picture_release(struct kyc_id_picture *picture)
{
    if (picture->jpeg != NULL) {
        vault_wipe(picture->jpeg, picture->jpeg_size);
    }
    if (picture->portrait_jpeg != NULL) {
        vault_wipe(picture->portrait_jpeg, picture->portrait_jpeg_size);
    }
    free(picture->jpeg);
    free(picture->portrait_jpeg);
    portrait_release(&picture->registry);
    vault_wipe(picture, sizeof *picture);
}

/* --- commit ----------------------------------------------------------------------------------- */

static enum err store_reading(struct kyc_room *room, struct uow *uow,
                              const struct kyc_id_picture *picture, int64_t picture_id)
{
    uint8_t sealed[VAULT_SEALED_MAX];
    size_t size = 0;
    struct customer_id id = picture->customer;
    enum err err = fields_seal(room, id, READING_FIELD, &picture->fields, sealed, &size);
    if (err != ERR_OK) {
        return err;
    }
    return db_defer(uow->conn, &reading_stmt_store,
                    DB_ARGS(db_int(id_bucket(id.value)), db_int(id.value), db_int(picture->side),
                            db_int(picture_id), db_int(picture->findings), db_blob(sealed, size),
                            db_text(room->options.eyes->card_version), db_int(uow->now_us)),
                    1);
}

static enum err store_portrait(struct kyc_room *room, struct uow *uow,
                               const struct kyc_id_picture *picture)
{
    int64_t id = 0;
    enum err err =
        template_store(room, uow, picture->customer, TEMPLATE_CARD, &picture->portrait, 0);
    if (err == ERR_OK) {
        err = print_store(room, uow, picture->customer, 0, 0, &picture->portrait_print);
    }
    if (err == ERR_OK && picture->portrait_jpeg != NULL) {
        err = picture_expire(uow, picture->customer, PICTURE_CARD_PORTRAIT,
                             uow->now_us + REPLACED_KEPT);
        err = err != ERR_OK
                  ? err
                  : picture_store(room, uow, picture->customer, PICTURE_CARD_PORTRAIT, 0,
                                  picture->portrait_jpeg, picture->portrait_jpeg_size, &id);
    }
    return err;
}

static enum err note_check(struct kyc_room *room, struct uow *uow,
                           const struct kyc_id_picture *picture, enum err refusal)
{
    bool is_suspect = card_is_suspect(picture->findings);
    struct check_add check = {.check = picture->side == CARD_FRONT ? KYC_CHECK_CARD_FRONT
                                                                   : KYC_CHECK_CARD_BACK,
                              .result = refusal != ERR_OK ? KYC_FAILED
                                        : is_suspect      ? KYC_UNSURE
                                                          : KYC_PASSED,
                              .score = picture->confidence_ppm,
                              .threshold = INT_MIN,
                              .version = room->options.eyes->card_version,
                              .evidence = picture->hash,
                              .evidence_size = sizeof picture->hash};
    return check_store(room, uow, picture->customer, &check);
}

/* A front with another number than the confirmed one: its portrait would confirm another face. */
static enum err check_number(const struct kyc_room *room, struct db_conn *conn,
                             const struct kyc_id_picture *picture, enum err *refusal)
{
    bool has_number = false, is_same = false;
    if (picture->side != CARD_FRONT || *refusal != ERR_OK) {
        return ERR_OK;
    }
    enum err err = identity_compare(room, conn, picture->customer, picture->fields.number,
                                    &has_number, &is_same);
    if (err == ERR_OK && has_number && !is_same) {
        *refusal = ERR_CARD_OF_ANOTHER;
    }
    return err;
}

enum err kyc_id_picture_commit(struct kyc_room *room, struct uow *uow,
                               const struct kyc_id_picture *picture, struct verdict *out_verdict)
{
    struct kyc_person person;
    struct customer_id id = picture->customer;
    enum kyc_attempt attempt = attempt_kind_of(
        picture->side == CARD_FRONT ? ATTEMPT_FRONT : ATTEMPT_BACK, picture->is_strangers);
    enum picture_kind kind = picture->side == CARD_FRONT ? PICTURE_ID_FRONT : PICTURE_ID_BACK;
    *out_verdict = (struct verdict){.refusal = ERR_OK, .tries_left = -1};
    enum err err = person_lock(uow, id, &person);
    err = err != ERR_OK ? err
                        : attempts_check(room, uow->conn, id, picture->is_strangers, uow->now_us,
                                         &out_verdict->retry_at);
    if (err == ERR_TOO_MANY_REQUESTS) {
        out_verdict->refusal = err;
        return ERR_OK;
    }
    /* A picture without a card is not personal: the same bytes may come from another customer. */
    bool shows_card = !is_of_picture(picture->refusal) && picture->refusal != ERR_CARD_NOT_FOUND;
    if (err == ERR_OK && shows_card) {
        err = upload_note(uow, picture->hash, id, 0);
    }
    out_verdict->refusal = err == ERR_PICTURE_REUSED ? err : picture->refusal;
    if (err != ERR_OK && err != ERR_PICTURE_REUSED) {
        return err;
    }
    err = check_number(room, uow->conn, picture, &out_verdict->refusal);
    if (err != ERR_OK) {
        return err;
    }
    bool is_refused = out_verdict->refusal != ERR_OK;
    err = attempt_add(uow, id, attempt, is_refused, out_verdict->refusal);
    err = err != ERR_OK ? err : note_check(room, uow, picture, out_verdict->refusal);
    if (err != ERR_OK || is_refused) {
        return err;
    }
    int64_t picture_id = 0;
    err = picture_expire(uow, id, kind, uow->now_us + REPLACED_KEPT);
    if (err == ERR_OK) {
        err = picture_store(room, uow, id, kind, 0, picture->jpeg, picture->jpeg_size, &picture_id);
    }
    err = err != ERR_OK ? err : store_reading(room, uow, picture, picture_id);
    err = err != ERR_OK ? err : portrait_store(room, uow, id, &picture->registry, &picture->fields);
    return err == ERR_OK && picture->has_portrait ? store_portrait(room, uow, picture) : err;
}
