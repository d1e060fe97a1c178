/* The identity registry: whether a number belongs to a name, and the holder's portrait. */
#include "cards.h"
#include "identity.h"
#include "sandbox.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define NAME_SIZE_MAX    120
#define PORTRAIT_QUALITY 75

STORE_STMT(stmt_find, "SELECT name, id_number, result, checked_at FROM checks"
                      " WHERE request_id = ?1");
STORE_STMT(stmt_add, "INSERT INTO checks (request_id, name, id_number, result, checked_at)"
                     " VALUES (?1, ?2, ?3, ?4, ?5)");
STORE_STMT(stmt_portrait_find, "SELECT name, id_number, checked_at FROM portrait_checks"
                               " WHERE request_id = ?1");
STORE_STMT(stmt_portrait_add,
           "INSERT INTO portrait_checks (request_id, name, id_number, checked_at)"
           " VALUES (?1, ?2, ?3, ?4)");
STORE_STMT(stmt_person, "SELECT name FROM people WHERE id_number = ?1");
STORE_STMT(stmt_people, "SELECT p.name, p.name_latin, p.id_number, p.phone, c.card_number, c.class,"
                        " c.balance_minor FROM people p LEFT JOIN cards c"
                        " ON c.id_number = p.id_number AND c.is_resident = 1"
                        " ORDER BY p.rowid, c.seq");

/* Strangers match, so that anybody can try the app; digits 15 to 17 select the other answers. */
static const char *result_for(struct request *request, const char *name, const char *number)
{
    sqlite3_stmt *rows = store_query(request->store, &stmt_person, "t", number);
    bool is_resident = store_next(request->store, rows);
    bool has_name = is_resident && strcmp(store_text(rows, 0), name) == 0;
    store_done(rows);
    if (is_resident)
        return has_name ? "match" : "mismatch";
    if (!identity_is_valid_id(number) || strncmp(number + 14, "000", 3) == 0)
        return "notFound";
    return strncmp(number + 14, "999", 3) == 0 ? "mismatch" : "match";
}

static void answer_check(struct answer *answer, const char *request_id, const char *result,
                         int64_t checked_at)
{
    answer_json(answer, 200,
                json_pack("{s:s, s:s, s:o}", "requestId", request_id, "result", result, "checkedAt",
                          instant_json(checked_at)));
}

void registry_check(struct request *request, struct answer *answer)
{
    const char *request_id = field_caller_id(request, "requestId");
    const char *name = field_text(request, "name", 1, NAME_SIZE_MAX);
    const char *number = field_text(request, "idNumber", 18, 18);
    if (!request->bad_field && !identity_has_id_shape(number))
        request->bad_field = "idNumber";
    if (request->bad_field) {
        answer_bad_field(answer, request->bad_field);
        return;
    }
    sqlite3_stmt *rows = store_query(request->store, &stmt_find, "t", request_id);
    bool is_known = store_next(request->store, rows);
    if (is_known) {
        if (strcmp(store_text(rows, 0), name) == 0 && strcmp(store_text(rows, 1), number) == 0)
            answer_check(answer, request_id, store_text(rows, 2), store_int(rows, 3));
        else
            answer_refuse(answer, REFUSE_requestMismatch);
    }
    store_done(rows);
    if (is_known)
        return;
    const char *result = result_for(request, name, number);
    store_run(request->store, &stmt_add, "tttti", request_id, name, number, result,
              request->now_us);
    answer_check(answer, request_id, result, request->now_us);
}

void registry_people(struct request *request, struct answer *answer)
{
    json_t *items = json_array();
    json_t *person = NULL; /* borrowed from items */
    sqlite3_stmt *rows = store_query(request->store, &stmt_people, "");
    while (store_next(request->store, rows)) {
        const char *number = store_text(rows, 2);
        if (!person ||
            strcmp(json_string_value(json_object_get(person, "idNumber")), number) != 0) {
            person = json_pack("{s:s, s:s, s:s, s:s, s:[]}", "name", store_text(rows, 0),
                               "nameLatin", store_text(rows, 1), "idNumber", number, "phone",
                               store_text(rows, 3), "cards");
            json_array_append_new(items, person);
        }
        if (store_text(rows, 4)[0])
            json_array_append_new(json_object_get(person, "cards"),
                                  json_pack("{s:s, s:s, s:o}", "cardNumber", store_text(rows, 4),
                                            "accountClass", store_text(rows, 5), "balance",
                                            money_json(store_int(rows, 6))));
    }
    store_done(rows);
    answer_json(answer, 200, json_pack("{s:o}", "items", items));
}

/* --- Portraits -------------------------------------------------------------------------------- */

/* The portrait file in base64; NULL if there is none. */
static json_t *portrait_json(const struct resident *resident)
{
    size_t size = 0;
    const char *bytes = faces_find(resident->row, "portrait", &size);
    struct pixels portrait = {0}, reduced = {0};
    uint8_t *jpeg = NULL;
    char *text = NULL;
    if (bytes && jpeg_decode(bytes, size, &portrait) && portrait_reduce(&portrait, &reduced) &&
        jpeg_encode(&reduced, PORTRAIT_QUALITY, &jpeg, &size)) {
        size_t text_size = sodium_base64_encoded_len(size, sodium_base64_VARIANT_ORIGINAL);
        text = malloc(text_size);
        if (text)
            sodium_bin2base64(text, text_size, jpeg, size, sodium_base64_VARIANT_ORIGINAL);
    }
    json_t *json = text ? json_string(text) : NULL;
    free(text);
    free(jpeg);
    free(reduced.rgb);
    free(portrait.rgb);
    return json;
}

/* False if the answer is already given: another body under this id. */
static bool portrait_is_first(struct request *request, const char *request_id, const char *name,
                              const char *number, int64_t *out_checked_at, struct answer *answer)
{
    *out_checked_at = request->now_us;
    sqlite3_stmt *rows = store_query(request->store, &stmt_portrait_find, "t", request_id);
    bool is_known = store_next(request->store, rows);
    bool is_same = is_known && strcmp(store_text(rows, 0), name) == 0 &&
                   strcmp(store_text(rows, 1), number) == 0;
    if (is_known)
        *out_checked_at = store_int(rows, 2);
    store_done(rows);
    if (is_known && !is_same)
        answer_refuse(answer, REFUSE_requestMismatch);
    if (!is_known)
        store_run(request->store, &stmt_portrait_add, "ttti", request_id, name, number,
                  request->now_us);
    return !is_known || is_same;
}

void registry_portrait(struct request *request, struct answer *answer)
{
    const char *request_id = field_caller_id(request, "requestId");
    const char *name = field_text(request, "name", 1, NAME_SIZE_MAX);
    const char *number = field_text(request, "idNumber", 18, 18);
    if (!request->bad_field && !identity_has_id_shape(number))
        request->bad_field = "idNumber";
    if (request->bad_field) {
        answer_bad_field(answer, request->bad_field);
        return;
    }
    int64_t checked_at;
    if (!portrait_is_first(request, request_id, name, number, &checked_at, answer))
        return;
    const struct resident *resident = documents_find(number);
    bool has_name = resident && strcmp(resident->name, name) == 0;
    json_t *portrait = has_name ? portrait_json(resident) : NULL;
    const char *result = resident && !has_name ? "mismatch" : portrait ? "held" : "notHeld";
    json_t *json = json_pack("{s:s, s:s, s:o}", "requestId", request_id, "result", result,
                             "checkedAt", instant_json(checked_at));
    if (portrait)
        json_object_set_new(json, "portrait", portrait);
    answer_json(answer, 200, json);
}
