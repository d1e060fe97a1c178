/* Names in Latin letters, so that staff find 林若溪 by "linruoxi", "lin ruo xi" or "lrx". */
#include "base/check.h"
#include "customer/customer_private.h"

#include <stdio.h>
#include <string.h>
#include <unicode/ustring.h>
#include <unicode/utrans.h>

#define UNITS_MAX 512
/* Pinyin comes with a space between two characters. */
#define RULE "Any-Latin; Latin-ASCII; Lower"

DB_STMT(latin_stmt_unspelt,
        "SELECT id, name FROM customer_customers WHERE bucket = $1 AND name IS NOT NULL"
        " AND name_latin IS NULL ORDER BY id LIMIT $2");
DB_STMT(latin_stmt_store, "UPDATE customer_customers SET name_latin = $1, name_initials = $2"
                          " WHERE bucket = $3 AND id = $4");

/* `text` holds UTF-16 of a name; on return its spelling. -1: ICU cannot. */
static int32_t transliterate(struct customer_room *room, UChar text[UNITS_MAX], int32_t size)
{
    UErrorCode status = U_ZERO_ERROR;
    int32_t limit = size;
    mutex_lock(&room->latin_mutex);
    if (room->latin == NULL) {
        UChar rule[sizeof(RULE)];
        u_uastrcpy(rule, RULE);
        room->latin = utrans_openU(rule, -1, UTRANS_FORWARD, NULL, 0, NULL, &status);
    }
    if (U_SUCCESS(status)) {
        utrans_transUChars(room->latin, text, &size, UNITS_MAX, 0, &limit, &status);
    }
    mutex_unlock(&room->latin_mutex);
    return U_SUCCESS(status) ? size : -1;
}

static bool is_letter(UChar unit)
{
    return unit >= 'a' && unit <= 'z';
}

/* An apostrophe is part of a word: "o'neil" is one. */
static bool is_inside(UChar unit)
{
    return is_letter(unit) || unit == '\'';
}

void latin_spell(struct customer_room *room, const char *name, char out[LATIN_NAME_SIZE],
                 char out_initials[LATIN_INITIALS_SIZE])
{
    UChar text[UNITS_MAX];
    int32_t size = 0;
    size_t used = 0, initials = 0;
    UErrorCode status = U_ZERO_ERROR;
    u_strFromUTF8(text, UNITS_MAX, &size, name, -1, &status);
    size = U_SUCCESS(status) ? transliterate(room, text, size) : -1;
    bool is_first = true;
    for (int32_t i = 0; i < size; i++) {
        if (is_letter(text[i]) && used < LATIN_NAME_SIZE - 1) {
            out[used++] = (char)text[i];
            if (is_first && initials < LATIN_INITIALS_SIZE - 1) {
                out_initials[initials++] = (char)text[i];
            }
        }
        is_first = !is_inside(text[i]);
    }
    out[used] = '\0';
    out_initials[initials] = '\0';
}

void latin_fold_query(const char *text, char out[LATIN_NAME_SIZE])
{
    size_t used = 0;
    for (; *text != '\0' && used < LATIN_NAME_SIZE - 1; text++) {
        char c = *text >= 'A' && *text <= 'Z' ? (char)(*text - 'A' + 'a') : *text;
        if (c >= 'a' && c <= 'z') {
            out[used++] = c;
        } else if (c != ' ' && c != '\'' && c != '-') {
            used = 0;
            break;
        }
    }
    out[used] = '\0';
}

void latin_close(struct customer_room *room)
{
    if (room->latin != NULL) {
        utrans_close(room->latin);
        room->latin = NULL;
    }
}

enum err latin_backfill(struct customer_room *room, struct uow *uow, int bucket, int limit,
                        int64_t *out_count)
{
    struct {
        int64_t id;
        char name[CUSTOMER_NAME_SIZE];
    } unspelt[32]; /* a few at a time: the sweep comes again */
    const int most = (int)(sizeof(unspelt) / sizeof(unspelt[0]));
    int count = 0;
    struct db_rows rows;
    enum err err = db_query(uow->conn, &latin_stmt_unspelt,
                            DB_ARGS(db_int(bucket), db_int(limit < most ? limit : most)), &rows);
    if (err != ERR_OK) {
        return err;
    }
    while (count < most && db_rows_next(&rows)) {
        unspelt[count].id = db_rows_int(&rows, 0);
        snprintf(unspelt[count].name, CUSTOMER_NAME_SIZE, "%s", db_rows_text(&rows, 1));
        count++;
    }
    err = db_rows_close(&rows);
    for (int i = 0; i < count && err == ERR_OK; i++) {
        char latin[LATIN_NAME_SIZE], initials[LATIN_INITIALS_SIZE];
        latin_spell(room, unspelt[i].name, latin, initials);
        err = db_exec(
            uow->conn, &latin_stmt_store,
            DB_ARGS(db_text(latin), db_text(initials), db_int(bucket), db_int(unspelt[i].id)),
            NULL);
    }
    *out_count = count;
    return err;
}
