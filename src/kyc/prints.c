/*
 * Photographs of faces submitted before: a sealed print of each frame and portrait, and the
 * search for repetitions by any customer. Memory holds 64 bits of each print and of its
 * mirror image; the nearest of them are loaded and compared.
 */
#include "base/check.h"
#include "kyc/kyc_private.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define PRINT_FIELD  "kyc.print"
#define READ_AT_ONCE 256
#define NEAREST_MAX  24 /* prints compared in full */
#define BITS_MAX     20 /* of 64: copies of one photograph differ in at most 17 (docs/FACE.md) */
#define OVERLAP_US   INT64_C(120000000) /* ids follow the clock; commits may lag by this much */
#define PRINTS_KEPT  1000000            /* in memory, 40 bytes each; the oldest are dropped first */

DB_STMT(print_stmt_add, "INSERT INTO kyc_prints (bucket, id, customer_id, check_id, frame, sealed,"
                        " version, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)");
DB_STMT(print_stmt_report_after,
        "SELECT id, customer_id, check_id, sealed FROM kyc_prints WHERE id > $1 AND version = $2"
        " ORDER BY id LIMIT $3");
DB_STMT(print_stmt_load, "SELECT sealed FROM kyc_prints WHERE bucket = $1 AND id = $2");
DB_STMT(print_stmt_of_check,
        "SELECT id, sealed FROM kyc_prints WHERE bucket = $1 AND customer_id = $2"
        " AND check_id = $3 AND version = $4 ORDER BY id");
DB_STMT(print_stmt_erase, "DELETE FROM kyc_prints WHERE bucket = $1 AND customer_id = $2");

struct nearest {
    struct {
        int64_t id;
        int bits;
    } prints[NEAREST_MAX];
    size_t count;
};

void seen_init(struct seen_prints *seen)
{
    *seen = (struct seen_prints){.count = 0};
    mutex_init(&seen->mutex);
}

void seen_release(struct seen_prints *seen)
{
    if (seen->prints != NULL) {
        vault_wipe(seen->prints, seen->capacity * sizeof *seen->prints);
        free(seen->prints);
    }
    mutex_release(&seen->mutex);
}

/* --- Rows ------------------------------------------------------------------------------------- */

static struct vault_place place_of_print(int64_t id)
{
    return (struct vault_place){id_bucket(id), id, PRINT_FIELD};
}

enum err print_store(const struct kyc_room *room, struct uow *uow, struct customer_id customer,
                     int64_t check_id, int frame, const struct face_print *print)
{
    uint8_t sealed[FACE_PRINT_SIZE + VAULT_OVERHEAD];
    int bucket = id_bucket(customer.value);
    int64_t id = uow_id(uow, bucket);
    vault_seal(room->options.vault, place_of_print(id), print->bytes, FACE_PRINT_SIZE, sealed);
    return db_defer(uow->conn, &print_stmt_add,
                    DB_ARGS(db_int(bucket), db_int(id), db_int(customer.value), db_int(check_id),
                            db_int(frame), db_blob(sealed, sizeof sealed),
                            db_text(room->options.eyes->face_version), db_int(uow->now_us)),
                    1);
}

static enum err print_unseal(const struct kyc_room *room, const struct db_rows *rows, int column,
                             int64_t id, struct face_print *out)
{
    size_t sealed_size = 0;
    size_t size = 0;
    const void *sealed = db_rows_blob(rows, column, &sealed_size);
    enum err err = vault_unseal(room->options.vault, place_of_print(id), sealed, sealed_size,
                                out->bytes, sizeof out->bytes, &size);
    return err != ERR_OK ? err : size == sizeof out->bytes ? ERR_OK : ERR_VAULT_SEAL;
}

/* ERR_NOT_FOUND: erased. */
static enum err print_load(const struct kyc_room *room, struct db_conn *conn, int64_t id,
                           struct face_print *out)
{
    struct db_rows rows =
        db_read(conn, &print_stmt_load, DB_ARGS(db_int(id_bucket(id)), db_int(id)));
    if (db_rows_one(&rows, ERR_NOT_FOUND)) {
        db_rows_fail(&rows, print_unseal(room, &rows, 0, id, out));
    }
    return db_rows_close(&rows);
}

enum err print_erase(struct uow *uow, struct customer_id customer)
{
    return db_defer(uow->conn, &print_stmt_erase,
                    DB_ARGS(db_int(id_bucket(customer.value)), db_int(customer.value)), -1);
}

/* --- Memory ----------------------------------------------------------------------------------- */

/* Index of the first print whose id is not below `id`; ids rise. */
static size_t seen_place(const struct seen_prints *seen, int64_t id)
{
    size_t low = 0;
    size_t high = seen->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (seen->prints[middle].id < id) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static enum err seen_grow(struct seen_prints *seen)
{
    if (seen->count == PRINTS_KEPT) {
        memmove(seen->prints, seen->prints + PRINTS_KEPT / 8,
                (seen->count - PRINTS_KEPT / 8) * sizeof *seen->prints);
        seen->count -= PRINTS_KEPT / 8;
    }
    if (seen->count < seen->capacity) {
        return ERR_OK;
    }
    size_t capacity = seen->capacity > 0 ? seen->capacity * 2 : 1024;
    struct seen_print *prints = calloc(capacity, sizeof *prints);
    if (prints == NULL) {
        return ERR_NO_MEMORY;
    }
    if (seen->prints != NULL) {
        memcpy(prints, seen->prints, seen->count * sizeof *prints);
        vault_wipe(seen->prints, seen->capacity * sizeof *seen->prints);
        free(seen->prints);
    }
    seen->prints = prints;
    seen->capacity = capacity;
    return ERR_OK;
}

static enum err seen_add(const struct kyc_room *room, struct seen_prints *seen,
                         const struct db_rows *rows)
{
    const struct kyc_eyes *eyes = room->options.eyes;
    struct face_print print;
    struct seen_print one = {.id = db_rows_int(rows, 0),
                             .customer = {db_rows_int(rows, 1)},
                             .check_id = db_rows_int(rows, 2)};
    size_t at = seen_place(seen, one.id);
    if (at < seen->count && seen->prints[at].id == one.id) {
        return ERR_OK;
    }
    enum err err = print_unseal(room, rows, 3, one.id, &print);
    err = err != ERR_OK ? err : seen_grow(seen);
    if (err == ERR_OK) {
        at = seen_place(seen, one.id);
        one.coarse = eyes->print_coarse(&print, false);
        one.coarse_mirror = eyes->print_coarse(&print, true);
        memmove(&seen->prints[at + 1], &seen->prints[at],
                (seen->count - at) * sizeof *seen->prints);
        seen->prints[at] = one;
        seen->count++;
    }
    vault_wipe(&print, sizeof print);
    return err;
}

/* Reads the next rows after *io_after; *out_more: there may be further rows. */
static enum err seen_read_on(struct kyc_room *room, struct db_conn *conn, int64_t *io_after,
                             bool *out_more)
{
    size_t read = 0;
    struct db_rows rows =
        db_read(conn, &print_stmt_report_after,
                DB_ARGS(db_int(*io_after), db_text(room->options.eyes->face_version),
                        db_int(READ_AT_ONCE)));
    while (db_rows_next(&rows)) {
        *io_after = db_rows_int(&rows, 0);
        db_rows_fail(&rows, seen_add(room, &room->seen, &rows));
        read++;
    }
    *out_more = read == READ_AT_ONCE;
    return db_rows_close(&rows);
}

/* Everything committed is in memory afterwards: rows of the newest minutes are read again, since a
 * transaction may end later than one that began after it. */
static enum err seen_refresh(struct kyc_room *room, struct db_conn *conn)
{
    struct seen_prints *seen = &room->seen;
    int64_t newest = seen->count > 0 ? seen->prints[seen->count - 1].id : 0;
    int64_t after = newest > 0 ? id_first_at(id_instant_us(newest) - OVERLAP_US) : 0;
    bool more = true;
    enum err err = ERR_OK;
    while (err == ERR_OK && more) {
        err = seen_read_on(room, conn, &after, &more);
    }
    return err;
}

/* --- Search ----------------------------------------------------------------------------------- */

static void note_nearest(struct nearest *nearest, int64_t id, int bits)
{
    size_t at = nearest->count;
    while (at > 0 && nearest->prints[at - 1].bits > bits) {
        at--;
    }
    if (at == NEAREST_MAX) {
        return;
    }
    nearest->count += nearest->count < NEAREST_MAX ? 1 : 0;
    memmove(&nearest->prints[at + 1], &nearest->prints[at],
            (nearest->count - at - 1) * sizeof nearest->prints[0]);
    nearest->prints[at].id = id;
    nearest->prints[at].bits = bits;
}

static int bits_of(uint64_t difference)
{
    return __builtin_popcountll(difference);
}

static void find_nearest(const struct seen_prints *seen, const struct kyc_eyes *eyes,
                         int64_t check_id, const struct face_print *print, struct nearest *out)
{
    uint64_t coarse = eyes->print_coarse(print, false);
    for (size_t i = 0; i < seen->count; i++) {
        const struct seen_print *one = &seen->prints[i];
        int straight = bits_of(coarse ^ one->coarse);
        int mirrored = bits_of(coarse ^ one->coarse_mirror);
        int bits = straight < mirrored ? straight : mirrored;
        if (bits <= BITS_MAX && one->check_id != check_id) {
            note_nearest(out, one->id, bits);
        }
    }
}

enum err print_search(struct kyc_room *room, struct db_conn *conn, int64_t check_id,
                      const struct face_print *print, bool *out_is_seen)
{
    const struct kyc_eyes *eyes = room->options.eyes;
    struct nearest nearest = {.count = 0};
    struct face_print other;
    *out_is_seen = false;
    mutex_lock(&room->seen.mutex);
    enum err err = seen_refresh(room, conn);
    if (err == ERR_OK) {
        find_nearest(&room->seen, eyes, check_id, print, &nearest);
    }
    mutex_unlock(&room->seen.mutex);
    for (size_t i = 0; err == ERR_OK && i < nearest.count && !*out_is_seen; i++) {
        err = print_load(room, conn, nearest.prints[i].id, &other);
        if (err == ERR_OK) {
            *out_is_seen = eyes->print_likeness(print, &other) >= eyes->print_ppm;
        }
        err = err == ERR_NOT_FOUND ? ERR_OK : err;
    }
    vault_wipe(&other, sizeof other);
    return err;
}

enum err print_search_check(struct kyc_room *room, struct db_conn *conn,
                            struct customer_id customer, int64_t check_id, bool *out_is_seen)
{
    enum { CHECK_PRINTS_MAX = 32 }; /* four frames, five attempts each */
    struct face_print *prints = calloc(CHECK_PRINTS_MAX, sizeof *prints);
    size_t count = 0;
    *out_is_seen = false;
    if (prints == NULL) {
        return ERR_NO_MEMORY;
    }
    struct db_rows rows =
        db_read(conn, &print_stmt_of_check,
                DB_ARGS(db_int(id_bucket(customer.value)), db_int(customer.value), db_int(check_id),
                        db_text(room->options.eyes->face_version)));
    while (count < CHECK_PRINTS_MAX && db_rows_next(&rows)) {
        db_rows_fail(&rows, print_unseal(room, &rows, 1, db_rows_int(&rows, 0), &prints[count++]));
    }
    enum err err = db_rows_close(&rows);
    for (size_t i = 0; err == ERR_OK && i < count && !*out_is_seen; i++) {
        err = print_search(room, conn, check_id, &prints[i], out_is_seen);
    }
    vault_wipe(prints, CHECK_PRINTS_MAX * sizeof *prints);
    free(prints);
    return err;
}
