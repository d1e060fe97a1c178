/* Photographs of a face check: analysed, compared with earlier ones, stored until its end. */
#include "base/check.h"
#include "base/hash.h"
#include "kyc/kyc_private.h"

#include <stdlib.h>
#include <string.h>

#define FRAME_SIDE 960 /* pixels of the stored picture */

DB_STMT(frame_stmt_list, "SELECT number, upload_count, picture_id, sealed FROM kyc_frames"
                         " WHERE bucket = $1 AND check_id = $2 ORDER BY number");
DB_STMT(frame_stmt_count,
        "INSERT INTO kyc_frames (bucket, check_id, number, upload_count, picture_id, sealed)"
        " VALUES ($1, $2, $3, 1, 0, NULL) ON CONFLICT (bucket, check_id, number) DO UPDATE"
        " SET upload_count = kyc_frames.upload_count + 1 RETURNING upload_count");
DB_STMT(frame_stmt_store, "UPDATE kyc_frames SET picture_id = $1, sealed = $2 WHERE bucket = $3"
                          " AND check_id = $4 AND number = $5");

/* --- Reading ---------------------------------------------------------------------------------- */

static struct vault_place frame_place(int64_t check_id, int number)
{
    static const char *const FIELDS[FRAME_COUNT] = {"kyc.frame.0", "kyc.frame.1", "kyc.frame.2",
                                                    "kyc.frame.3"};
    return (struct vault_place){id_bucket(check_id), check_id, FIELDS[number]};
}

enum err face_frames_load(const struct kyc_room *room, struct db_conn *conn, int64_t check_id,
                          bool out_done[FRAME_COUNT], struct live_frame out[FRAME_COUNT])
{
    struct db_rows rows =
        db_read(conn, &frame_stmt_list, DB_ARGS(db_int(id_bucket(check_id)), db_int(check_id)));
    while (db_rows_next(&rows)) {
        int number = (int)db_rows_int(&rows, 0);
        size_t sealed_size = 0;
        size_t size = 0;
        out_done[number] = db_rows_int(&rows, 2) != 0;
        if (out != NULL && out_done[number]) {
            const void *sealed = db_rows_blob(&rows, 3, &sealed_size);
            enum err found =
                vault_unseal(room->options.vault, frame_place(check_id, number), sealed,
                             sealed_size, &out[number], sizeof out[number], &size);
            db_rows_fail(&rows, found);
            db_rows_fail(&rows, size != sizeof out[number] ? ERR_VAULT_SEAL : ERR_OK);
        }
    }
    return db_rows_close(&rows);
}

/* --- Frames ----------------------------------------------------------------------------------- */

static bool is_of_picture(enum err err)
{
    return err == ERR_PICTURE_UNREADABLE || err == ERR_PICTURE_TOO_LARGE;
}

static enum err look_at_frame(struct kyc_room *room, const void *bytes, size_t size,
                              struct face_frame *out)
{
    struct kyc_eyes *eyes = room->options.eyes;
    struct image picture = {0};
    struct live_frame *frame = &out->frame;
    enum err err = eyes->decode(eyes, bytes, size, &picture);
    if (is_of_picture(err)) {
        out->refusal = err;
        return ERR_OK;
    }
    if (err == ERR_OK) {
        struct hash hash = hash_of(picture.rgb, (size_t)picture.width * (size_t)picture.height * 3);
        memcpy(frame->digest, hash.bytes, sizeof frame->digest);
        upload_hash(room, &picture, out->hash);
        err = eyes->analyse(eyes, &picture, &frame->face, &frame->template, &out->print);
    }
    if (err == ERR_OK) {
        out->quality = eyes->quality(&frame->face, false);
        out->refusal = face_frame_is_good(out->quality, out->number) ? ERR_OK : ERR_FACE_QUALITY;
    }
    if (err == ERR_OK && out->refusal == ERR_OK) {
        int whole[4] = {0, 0, picture.width, picture.height};
        err = eyes->encode(eyes, &picture, whole, FRAME_SIDE, &out->jpeg, &out->jpeg_size);
    }
    if (picture.rgb != NULL) {
        vault_wipe(picture.rgb, (size_t)picture.width * (size_t)picture.height * 3);
    }
    free(picture.rgb);
    return err;
}

static enum err search_frame(struct kyc_room *room, struct engine *engine, struct face_frame *frame)
{
    struct db_conn *conn = NULL;
    enum err err = engine_read_begin(engine, &conn);
    if (err == ERR_OK) {
        err = print_search(room, conn, frame->check_id, &frame->print, &frame->is_seen);
        engine_read_end(engine, conn);
    }
    return err;
}

enum err face_frame_prepare(struct kyc_room *room, struct engine *engine,
                            struct customer_id customer, int64_t check_id, int number,
                            const void *bytes, size_t size, struct face_frame *out)
{
    struct db_conn *conn = NULL;
    struct face_check check;
    memset(out, 0, sizeof *out);
    out->customer = customer;
    out->check_id = check_id;
    out->number = number;
    if (number < 0 || number >= FRAME_COUNT) {
        return ERR_NOT_FOUND;
    }
    enum err err = engine_read_begin(engine, &conn);
    if (err != ERR_OK) {
        return err;
    }
    err = face_check_load(conn, customer, check_id, clock_now_us(engine_clock(engine)), &check);
    if (err == ERR_OK && check.state != FACE_STATE_OPEN) {
        err = ERR_FACE_CHECK_OVER;
    }
    err = err != ERR_OK ? err : consent_check(conn, customer, "biometrics");
    engine_read_end(engine, conn);
    if (err == ERR_OK) {
        err = look_at_frame(room, bytes, size, out);
    }
    if (err == ERR_OK && out->frame.face.count > 0) {
        err = search_frame(room, engine, out);
    }
    if (err != ERR_OK) {
        face_frame_release(out);
    }
    return err;
}

void face_frame_release(struct face_frame *frame)
{
    if (frame->jpeg != NULL) {
        vault_wipe(frame->jpeg, frame->jpeg_size);
        free(frame->jpeg);
    }
    vault_wipe(frame, sizeof *frame);
}

static enum err store_frame(struct kyc_room *room, struct uow *uow, const struct face_frame *frame)
{
    uint8_t sealed[sizeof(struct live_frame) + VAULT_OVERHEAD];
    int64_t picture = 0;
    enum picture_kind kind = (enum picture_kind)((int)PICTURE_SELFIE + frame->number);
    enum err err = picture_store(room, uow, frame->customer, kind, frame->check_id, frame->jpeg,
                                 frame->jpeg_size, &picture);
    if (err != ERR_OK) {
        return err;
    }
    vault_seal(room->options.vault, frame_place(frame->check_id, frame->number), &frame->frame,
               sizeof frame->frame, sealed);
    return db_defer(uow->conn, &frame_stmt_store,
                    DB_ARGS(db_int(picture), db_blob(sealed, sizeof sealed),
                            db_int(id_bucket(frame->check_id)), db_int(frame->check_id),
                            db_int(frame->number)),
                    1);
}

/* The print is stored whether the frame is accepted or not; a repeated photograph goes to review. */
static enum err note_frame(struct kyc_room *room, struct uow *uow, const struct face_frame *frame,
                           struct kyc_person *person, struct verdict *out_verdict)
{
    int64_t case_id = 0;
    enum err noted = upload_note(uow, frame->hash, frame->customer, frame->check_id);
    if (noted != ERR_OK && noted != ERR_PICTURE_REUSED) {
        return noted;
    }
    if (noted == ERR_OK && !frame->is_seen) {
        return frame->frame.face.count == 0
                   ? ERR_OK
                   : print_store(room, uow, frame->customer, frame->check_id, frame->number,
                                 &frame->print);
    }
    out_verdict->refusal = ERR_PICTURE_REUSED;
    enum err err = case_want(room, uow, person, true, 1U << CASE_REPLAYED, 0, &case_id);
    return err != ERR_OK ? err : person_store(uow, person);
}

enum err face_frame_commit(struct kyc_room *room, struct uow *uow, const struct face_frame *frame,
                           struct verdict *out_verdict)
{
    struct kyc_person person;
    struct face_check check;
    int64_t uploads = 0;
    *out_verdict = (struct verdict){.refusal = ERR_OK, .tries_left = -1};
    enum err err = person_lock(uow, frame->customer, &person);
    if (err == ERR_OK) {
        err = face_check_load(uow->conn, frame->customer, frame->check_id, uow->now_us, &check);
    }
    if (err != ERR_OK) {
        return err;
    }
    if (check.state != FACE_STATE_OPEN) {
        return ERR_FACE_CHECK_OVER;
    }
    err = db_one_number(
        uow->conn, &frame_stmt_count,
        DB_ARGS(db_int(id_bucket(check.id)), db_int(check.id), db_int(frame->number)), &uploads);
    if (err != ERR_OK) {
        return err;
    }
    out_verdict->refusal = frame->refusal;
    if (uploads > room->rules.frame_uploads_max) {
        out_verdict->refusal = ERR_FACE_CHECK_OVER;
        err = face_check_expire(uow, frame->customer, check.session);
    } else if (!is_of_picture(frame->refusal)) {
        err = note_frame(room, uow, frame, &person, out_verdict);
    }
    if (err == ERR_OK && out_verdict->refusal != ERR_OK) {
        return attempt_add(uow, frame->customer, ATTEMPT_FRAME, false, out_verdict->refusal);
    }
    return err != ERR_OK ? err : store_frame(room, uow, frame);
}
