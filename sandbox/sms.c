/* The SMS gateway: stores messages and shows them on a page. */
#include "identity.h"
#include "sandbox.h"

#include <stdio.h>
#include <string.h>

#define CODE_DIGITS   6
#define TEXT_SIZE_MAX 1000

STORE_STMT(stmt_find, "SELECT phone, content, accepted_at FROM messages WHERE message_id = ?1"
                      " ORDER BY seq LIMIT 1");
STORE_STMT(stmt_add, "INSERT INTO messages (message_id, phone, content, accepted_at)"
                     " VALUES (?1, ?2, ?3, ?4)");
STORE_STMT(stmt_list, "SELECT message_id, phone, content, accepted_at FROM messages"
                      " ORDER BY seq DESC LIMIT ?1");
STORE_STMT(stmt_list_phone, "SELECT message_id, phone, content, accepted_at FROM messages"
                            " WHERE phone = ?1 ORDER BY seq DESC LIMIT ?2");

void sms_deliver(struct request *request, const char *message_id, const char *to, const char *text)
{
    store_run(request->store, &stmt_add, "ttti", message_id, to, text, request->now_us);
}

void sms_accept(struct request *request, struct answer *answer)
{
    const char *message_id = field_caller_id(request, "messageId");
    const char *to = field_text(request, "to", 9, 16);
    const char *text = field_text(request, "text", 1, TEXT_SIZE_MAX);
    char phone[PHONE_SIZE] = "";
    if (!request->bad_field && (to[0] != '+' || !identity_phone(to, phone)))
        request->bad_field = "to";
    if (request->bad_field) {
        answer_bad_field(answer, request->bad_field);
        return;
    }
    int64_t accepted_at = request->now_us;
    sqlite3_stmt *rows = store_query(request->store, &stmt_find, "t", message_id);
    bool is_known = store_next(request->store, rows);
    bool is_same = is_known && strcmp(store_text(rows, 0), phone) == 0 &&
                   strcmp(store_text(rows, 1), text) == 0;
    if (is_known)
        accepted_at = store_int(rows, 2);
    store_done(rows);
    if (is_known && !is_same) {
        answer_refuse(answer, REFUSE_messageMismatch);
        return;
    }
    if (!is_known) {
        sms_deliver(request, message_id, phone, text);
        if (request->fault.action == FAULT_DUPLICATE)
            sms_deliver(request, message_id, phone, text);
    }
    answer_json(
        answer, 202,
        json_pack("{s:s, s:o}", "messageId", message_id, "acceptedAt", instant_json(accepted_at)));
}

/* The first run of exactly six digits. */
static bool find_code(const char *text, char out[CODE_DIGITS + 1])
{
    for (const char *at = text; *at;) {
        size_t run = strspn(at, "0123456789");
        if (run == CODE_DIGITS) {
            memcpy(out, at, CODE_DIGITS);
            out[CODE_DIGITS] = '\0';
            return true;
        }
        at += run > 0 ? run : 1;
    }
    return false;
}

void sms_list(struct request *request, struct answer *answer)
{
    int64_t limit = field_limit(request);
    const char *to = request->query_value(request, "to");
    char phone[PHONE_SIZE] = "";
    /* A + that the caller did not escape arrives as a space. */
    char wanted[PHONE_SIZE] = "";
    if (to)
        snprintf(wanted, sizeof wanted, "%s", to);
    if (wanted[0] == ' ')
        wanted[0] = '+';
    if (wanted[0] && !identity_phone(wanted, phone))
        request->bad_field = "to";
    if (request->bad_field) {
        answer_bad_field(answer, request->bad_field);
        return;
    }
    sqlite3_stmt *rows = phone[0]
                             ? store_query(request->store, &stmt_list_phone, "ti", phone, limit)
                             : store_query(request->store, &stmt_list, "i", limit);
    json_t *items = json_array();
    while (store_next(request->store, rows)) {
        json_t *item = json_pack("{s:s, s:s, s:s, s:o}", "messageId", store_text(rows, 0), "to",
                                 store_text(rows, 1), "text", store_text(rows, 2), "at",
                                 instant_json(store_int(rows, 3)));
        char code[CODE_DIGITS + 1];
        if (find_code(store_text(rows, 2), code))
            json_object_set_new(item, "code", json_string(code));
        json_array_append_new(items, item);
    }
    store_done(rows);
    answer_json(answer, 200, json_pack("{s:o}", "items", items));
}
