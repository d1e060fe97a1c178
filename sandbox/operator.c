/* The phone operators: whether a number is registered to a person. */
#include "documents.h"
#include "identity.h"
#include "sandbox.h"

#include <string.h>

#define NAME_SIZE_MAX  120
#define PHONE_SIZE_MIN 9
#define PHONE_SIZE_MAX 16

STORE_STMT(stmt_find, "SELECT phone, name, id_number, result FROM operator_checks"
                      " WHERE request_id = ?1");
STORE_STMT(stmt_add, "INSERT INTO operator_checks (request_id, phone, name, id_number, result)"
                     " VALUES (?1, ?2, ?3, ?4, ?5)");
STORE_STMT(stmt_claim, "INSERT INTO operator_phones (phone, name, id_number) VALUES (?1, ?2, ?3)"
                       " ON CONFLICT DO NOTHING");
STORE_STMT(stmt_holder, "SELECT name, id_number FROM operator_phones WHERE phone = ?1");

static const struct resident *resident_with_phone(const char *phone)
{
    for (int row = 1; row <= documents_count(); row++) {
        if (strcmp(documents_at(row)->phone, phone) == 0)
            return documents_at(row);
    }
    return NULL;
}

/* A stranger's number belongs to the first person checked with it, unless its last digits
 * specify otherwise. */
static const char *result_for(struct request *request, const char *phone, const char *name,
                              const char *number)
{
    const struct resident *resident = resident_with_phone(phone);
    if (resident)
        return strcmp(resident->name, name) == 0 && strcmp(resident->id_number, number) == 0
                   ? "match"
                   : "mismatch";
    const char *ending = phone + strlen(phone) - 2;
    if (strcmp(ending, "98") == 0)
        return "unknown";
    if (strcmp(ending, "99") == 0)
        return "mismatch";
    store_run(request->store, &stmt_claim, "ttt", phone, name, number);
    sqlite3_stmt *rows = store_query(request->store, &stmt_holder, "t", phone);
    bool is_holder = store_next(request->store, rows) && strcmp(store_text(rows, 0), name) == 0 &&
                     strcmp(store_text(rows, 1), number) == 0;
    store_done(rows);
    return is_holder ? "match" : "mismatch";
}

static void answer_check(struct answer *answer, const char *request_id, const char *result)
{
    answer_json(answer, 200, json_pack("{s:s, s:s}", "requestId", request_id, "result", result));
}

void operator_check(struct request *request, struct answer *answer)
{
    const char *request_id = field_caller_id(request, "requestId");
    const char *phone_text = field_text(request, "phone", PHONE_SIZE_MIN, PHONE_SIZE_MAX);
    const char *name = field_text(request, "name", 1, NAME_SIZE_MAX);
    const char *number = field_text(request, "idNumber", 18, 18);
    char phone[PHONE_SIZE] = "";
    if (!request->bad_field && !identity_phone(phone_text, phone))
        request->bad_field = "phone";
    if (!request->bad_field && !identity_has_id_shape(number))
        request->bad_field = "idNumber";
    if (request->bad_field) {
        answer_bad_field(answer, request->bad_field);
        return;
    }
    sqlite3_stmt *rows = store_query(request->store, &stmt_find, "t", request_id);
    bool is_known = store_next(request->store, rows);
    if (is_known) {
        if (strcmp(store_text(rows, 0), phone) == 0 && strcmp(store_text(rows, 1), name) == 0 &&
            strcmp(store_text(rows, 2), number) == 0)
            answer_check(answer, request_id, store_text(rows, 3));
        else
            answer_refuse(answer, REFUSE_requestMismatch);
    }
    store_done(rows);
    if (is_known)
        return;
    const char *result = result_for(request, phone, name, number);
    store_run(request->store, &stmt_add, "ttttt", request_id, phone, name, number, result);
    answer_check(answer, request_id, result);
}
