/* All accepted faces in memory, and the lock under which a face is added. */
#include "kyc/gallery.h"

#include "base/check.h"
#include "kyc/kyc_private.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

DB_STMT(gallery_stmt_report_after,
        "SELECT customer_id, sequence, sealed FROM kyc_templates WHERE sequence > $1"
        " AND kind = 4 AND version = $2 ORDER BY sequence LIMIT $3");
DB_STMT(gallery_stmt_raise,
        "UPDATE kyc_gallery SET sequence = sequence + 1 WHERE bucket = 0 RETURNING sequence");
DB_STMT(gallery_stmt_holds, "SELECT sequence FROM kyc_templates WHERE bucket = $1"
                            " AND customer_id = $2 AND kind = 4 AND sequence = $3");

#define READ_AT_ONCE 256

void gallery_init(struct gallery *gallery)
{
    *gallery = (struct gallery){.count = 0};
    mutex_init(&gallery->mutex);
}

void gallery_release(struct gallery *gallery)
{
    if (gallery->faces != NULL) {
        vault_wipe(gallery->faces, gallery->capacity * sizeof *gallery->faces);
        free(gallery->faces);
    }
    mutex_release(&gallery->mutex);
}

/* Adds a similarity to what was found, best first kept. */
static void gallery_note(struct gallery_hits *hits, struct customer_id customer, int score_ppm,
                         int from_ppm)
{
    hits->best_ppm = score_ppm > hits->best_ppm ? score_ppm : hits->best_ppm;
    if (score_ppm < from_ppm) {
        return;
    }
    size_t at = hits->count;
    while (at > 0 && hits->faces[at - 1].score_ppm < score_ppm) {
        at--;
    }
    if (at == SAME_FACES_MAX) {
        return;
    }
    hits->count += hits->count < SAME_FACES_MAX ? 1 : 0;
    memmove(&hits->faces[at + 1], &hits->faces[at], (hits->count - at - 1) * sizeof hits->faces[0]);
    hits->faces[at] = (struct same_face){customer, score_ppm};
}

/* Grows the array; the old memory is wiped, so that no face remains in it. */
static struct gallery_face *grow(struct gallery *gallery)
{
    if (gallery->count == gallery->capacity) {
        size_t capacity = gallery->capacity ? gallery->capacity * 2 : 64;
        struct gallery_face *faces = calloc(capacity, sizeof *faces);
        if (faces == NULL) {
            return NULL;
        }
        if (gallery->faces != NULL) {
            memcpy(faces, gallery->faces, gallery->count * sizeof *faces);
            vault_wipe(gallery->faces, gallery->capacity * sizeof *gallery->faces);
            free(gallery->faces);
        }
        gallery->faces = faces;
        gallery->capacity = capacity;
    }
    return &gallery->faces[gallery->count];
}

/* Reads the next rows. *out_more: there may be further rows. */
static enum err read_on(struct kyc_room *room, struct db_conn *conn, bool *out_more)
{
    struct gallery *gallery = &room->gallery;
    size_t read = 0;
    struct db_rows rows =
        db_read(conn, &gallery_stmt_report_after,
                DB_ARGS(db_int(gallery->sequence), db_text(room->options.eyes->face_version),
                        db_int(READ_AT_ONCE)));
    while (gallery->count < room->rules.gallery_max && db_rows_next(&rows)) {
        struct gallery_face *face = grow(gallery);
        if (face == NULL) {
            db_rows_fail(&rows, ERR_NO_MEMORY);
            break;
        }
        face->customer.value = db_rows_int(&rows, 0);
        face->sequence = db_rows_int(&rows, 1);
        enum err found =
            template_unseal(room, &rows, face->customer, TEMPLATE_ACCEPTED, 2, &face->face);
        db_rows_fail(&rows, found);
        if (found == ERR_OK) {
            gallery->sequence = face->sequence;
            gallery->count++;
            read++;
        }
    }
    *out_more = read == READ_AT_ONCE;
    return db_rows_close(&rows);
}

/* A face that another process erased or replaced is no match. */
static enum err still_holds(struct db_conn *conn, const struct gallery_face *face, bool *out)
{
    int64_t sequence = 0;
    enum err err = db_one_number(conn, &gallery_stmt_holds,
                                 DB_ARGS(db_int(id_bucket(face->customer.value)),
                                         db_int(face->customer.value), db_int(face->sequence)),
                                 &sequence);
    *out = err == ERR_OK;
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

static void remove_at(struct gallery *gallery, size_t i)
{
    gallery->faces[i] = gallery->faces[--gallery->count];
    vault_wipe(&gallery->faces[gallery->count], sizeof gallery->faces[0]);
}

static enum err compare_all(struct kyc_room *room, struct db_conn *conn, struct customer_id self,
                            const struct face_template *face, struct gallery_hits *out)
{
    struct gallery *gallery = &room->gallery;
    const struct kyc_eyes *eyes = room->options.eyes;
    enum err err = ERR_OK;
    for (size_t i = 0; err == ERR_OK && i < gallery->count;) {
        const struct gallery_face *other = &gallery->faces[i];
        bool holds = true;
        int score =
            other->customer.value != self.value ? eyes->similarity(face, &other->face) : INT_MIN;
        if (score >= eyes->review_ppm) {
            err = still_holds(conn, other, &holds);
        }
        if (!holds) {
            remove_at(gallery, i);
            continue;
        }
        if (err == ERR_OK && score != INT_MIN) {
            gallery_note(out, other->customer, score, eyes->review_ppm);
        }
        i++;
    }
    return err;
}

enum err gallery_search(struct kyc_room *room, struct db_conn *conn, struct customer_id self,
                        const struct face_template *face, struct gallery_hits *out,
                        int64_t *out_sequence, bool *out_is_full)
{
    struct gallery *gallery = &room->gallery;
    bool more = true;
    enum err err = ERR_OK;
    *out = (struct gallery_hits){.best_ppm = INT_MIN};
    mutex_lock(&gallery->mutex);
    while (err == ERR_OK && more) {
        err = read_on(room, conn, &more);
    }
    if (err == ERR_OK) {
        err = compare_all(room, conn, self, face, out);
    }
    *out_sequence = gallery->sequence;
    *out_is_full = gallery->count >= room->rules.gallery_max;
    mutex_unlock(&gallery->mutex);
    return err;
}

enum err gallery_close_up(const struct kyc_room *room, struct uow *uow, struct customer_id self,
                          const struct face_template *face, int64_t sequence,
                          struct gallery_hits *hits, int64_t *out_next)
{
    const struct kyc_eyes *eyes = room->options.eyes;
    enum err err = db_one_number(uow->conn, &gallery_stmt_raise, DB_NO_ARGS, out_next);
    if (err != ERR_OK) {
        return err;
    }
    struct db_rows rows =
        db_read(uow->conn, &gallery_stmt_report_after,
                DB_ARGS(db_int(sequence), db_text(eyes->face_version), db_int(READ_AT_ONCE)));
    while (db_rows_next(&rows)) {
        struct face_template other;
        struct customer_id customer = {db_rows_int(&rows, 0)};
        enum err found = template_unseal(room, &rows, customer, TEMPLATE_ACCEPTED, 2, &other);
        db_rows_fail(&rows, found);
        if (found == ERR_OK && customer.value != self.value) {
            gallery_note(hits, customer, eyes->similarity(face, &other), eyes->review_ppm);
        }
        vault_wipe(&other, sizeof other);
    }
    return db_rows_close(&rows);
}

void gallery_forget(struct gallery *gallery, struct customer_id customer)
{
    mutex_lock(&gallery->mutex);
    for (size_t i = 0; i < gallery->count;) {
        if (gallery->faces[i].customer.value == customer.value) {
            remove_at(gallery, i);
        } else {
            i++;
        }
    }
    mutex_unlock(&gallery->mutex);
}
