/* Messages to the customer: kind and parameters are stored, words are made when read. */
#include "base/check.h"
#include "base/json.h"
#include "base/str.h"
#include "customer/customer_private.h"
#include "frame/room.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PARAMS_MAX 2048

DB_STMT(message_stmt_insert,
        "INSERT INTO customer_messages (bucket, customer_id, id, kind, params, payment_id,"
        " created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)");
DB_STMT(message_stmt_list,
        "SELECT id, kind, params, payment_id, created_at, read_at FROM customer_messages"
        " WHERE bucket = $1 AND customer_id = $2 AND id < $3 ORDER BY id DESC LIMIT $4");
DB_STMT(message_stmt_read, "UPDATE customer_messages SET read_at = COALESCE(read_at, $1)"
                           " WHERE bucket = $2 AND customer_id = $3 AND id = $4");

/* The names of parameters and their offsets in struct message_params. */
#define PARAM_COUNT 5
static const char *const PARAM_NAMES[PARAM_COUNT] = {"amount", "name", "card", "account", "device"};

static void list_params(const struct message_params *params, const char *out[PARAM_COUNT])
{
    out[0] = params->amount;
    out[1] = params->name;
    out[2] = params->card;
    out[3] = params->account;
    out[4] = params->device;
}

/* The row of a stored number; NULL: no room of the list has it. */
static const struct message_row *message_row_of(const struct customer_room *room, int number)
{
    static const struct room_parts *const alone[] = {&CUSTOMER_PARTS, NULL};
    const struct room_parts *const *rooms = room->rooms ? room->rooms : alone;
    for (size_t i = 0; rooms[i] != NULL; i++) {
        const struct message_row *const *rows = rooms[i]->messages;
        for (; rows != NULL && *rows != NULL; rows++) {
            if ((*rows)->number == number) {
                return *rows;
            }
        }
    }
    return NULL;
}

/* --- Writing ------------------------------------------------------------------------------------
 */

static bool message_needs(const struct message_row *row, const char *name)
{
    char hole[16];
    snprintf(hole, sizeof(hole), "{%s}", name);
    return strstr(row->text[LANG_EN], hole) != NULL;
}

enum err message_add(struct uow *uow, struct customer_id customer, const struct message_row *kind,
                     const struct message_params *params, int64_t payment_id)
{
    CHECK(kind->number > 0);
    CHECK(customer.value != 0);
    const char *values[PARAM_COUNT];
    struct str json;
    list_params(params, values);
    str_init(&json, PARAMS_MAX);
    str_append_char(&json, '{');
    for (int i = 0; i < PARAM_COUNT; i++) {
        CHECK(values[i] || !message_needs(kind, PARAM_NAMES[i]));
        if (values[i]) {
            str_append(&json, json.size > 1 ? "," : "");
            str_append_json(&json, PARAM_NAMES[i]);
            str_append_char(&json, ':');
            str_append_json(&json, values[i]);
        }
    }
    str_append_char(&json, '}');
    int bucket = id_bucket(customer.value);
    enum err err =
        json.failed
            ? ERR_NO_MEMORY
            : db_defer(uow->conn, &message_stmt_insert,
                       DB_ARGS(db_int(bucket), db_int(customer.value), db_int(uow_id(uow, bucket)),
                               db_int(kind->number), db_text(json.bytes),
                               payment_id ? db_int(payment_id) : db_null(), db_int(uow->now_us)),
                       1);
    str_release(&json);
    return err;
}

/* --- Reading ------------------------------------------------------------------------------------
 */

/* "{name} sent…" with its holes filled; cut at a whole character where it would not fit. */
static void fill(const char *pattern, const json_t *params, char *out, size_t capacity)
{
    size_t used = 0;
    while (*pattern) {
        const char *piece = pattern;
        size_t size = strcspn(pattern, "{");
        if (size == 0) {
            size_t name_size = strcspn(pattern + 1, "}");
            char name[16];
            CHECK(name_size < sizeof(name) && pattern[1 + name_size] == '}');
            memcpy(name, pattern + 1, name_size);
            name[name_size] = '\0';
            const char *value = json_string_value(json_object_get(params, name));
            piece = value ? value : "";
            size = strlen(piece);
            pattern += name_size + 2;
        } else {
            pattern += size;
        }
        if (used + size >= capacity) {
            size = capacity - 1 - used;
            while (size > 0 && ((uint8_t)piece[size] & 0xC0) == 0x80) {
                size--;
            }
        }
        memcpy(out + used, piece, size);
        used += size;
    }
    out[used] = '\0';
}

static enum err read_message(const struct customer_room *room, const struct db_rows *rows,
                             struct message *out)
{
    const char *params = db_rows_text(rows, 2);
    json_t *json = NULL;
    enum err err = json_parse_object(params, strlen(params), PARAMS_MAX, &json);
    if (err != ERR_OK) {
        return ERR_INTERNAL;
    }
    out->id = db_rows_int(rows, 0);
    out->row = message_row_of(room, (int)db_rows_int(rows, 1));
    if (out->row == NULL) { /* of a room that this program lacks */
        json_decref(json);
        return ERR_INTERNAL;
    }
    for (int lang = 0; lang < 2; lang++) {
        fill(out->row->title[lang], json, out->title[lang], sizeof(out->title[lang]));
        fill(out->row->text[lang], json, out->text[lang], sizeof(out->text[lang]));
    }
    json_decref(json);
    out->payment_id = db_rows_is_null(rows, 3) ? 0 : db_rows_int(rows, 3);
    out->created_at = db_rows_int(rows, 4);
    out->read_at = db_rows_is_null(rows, 5) ? 0 : db_rows_int(rows, 5);
    return ERR_OK;
}

enum err message_each(const struct customer_room *room, struct db_conn *conn,
                      struct customer_id customer, int64_t before_id, size_t limit,
                      message_visit *visit, void *context)
{
    struct message message;
    struct db_rows rows =
        db_read(conn, &message_stmt_list,
                DB_ARGS(db_int(id_bucket(customer.value)), db_int(customer.value),
                        db_int(before_id ? before_id : INT64_MAX), db_int((int64_t)limit)));
    while (db_rows_next(&rows)) {
        enum err read = read_message(room, &rows, &message);
        db_rows_fail(&rows, read);
        if (read == ERR_OK && !visit(&message, context)) {
            break;
        }
    }
    return db_rows_close(&rows);
}

enum err message_mark_read(struct uow *uow, struct customer_id customer, int64_t message_id)
{
    int64_t changed = 0;
    enum err err = db_exec(uow->conn, &message_stmt_read,
                           DB_ARGS(db_int(uow->now_us), db_int(id_bucket(customer.value)),
                                   db_int(customer.value), db_int(message_id)),
                           &changed);
    return err != ERR_OK ? err : changed == 1 ? ERR_OK : ERR_NOT_FOUND;
}
