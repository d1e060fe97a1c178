/* Control: which requests fail, how and how often; and the magic amounts. */
#include "sandbox.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DELAY_MS_DEFAULT 3000
#define DELAY_MS_MAX     600000
#define SETTLE_MS_MAX    86400000
#define QUERIES_MAX      1000
#define TIMES_MAX        1000000
#define MATCH_SIZE_MAX   4000

static const char *const action_names[FAULT_ACTION_COUNT] = {
    [FAULT_LATE] = "late",
    [FAULT_LATE_REQUEST] = "lateRequest",
    [FAULT_LOST_REQUEST] = "lostRequest",
    [FAULT_LOST_ANSWER] = "lostAnswer",
    [FAULT_PENDING] = "pending",
    [FAULT_REJECT] = "reject",
    [FAULT_DUPLICATE] = "duplicate",
    [FAULT_WRONG_AMOUNT] = "wrongAmount",
    [FAULT_UNAVAILABLE] = "unavailable",
    [FAULT_BETWEEN] = "between",
    [FAULT_OTHER_ID] = "otherId",
    [FAULT_OTHER_AMOUNT] = "otherAmount",
    [FAULT_CONTRADICT] = "contradict",
    [FAULT_WRONG_SIGNATURE] = "wrongSignature",
};

static const struct {
    const char *party;
    const char *operation;
} operations[] = {
    {"clearing", "signing"}, {"clearing", "confirmation"}, {"clearing", "debit"},
    {"clearing", "credit"},  {"clearing", "refund"},       {"clearing", "query"},
    {"clearing", "list"},    {"clearing", "file"},         {"clearing", "agreementClose"},
    {"sms", "message"},      {"registry", "check"},        {"registry", "portrait"},
    {"operator", "check"},   {"business", "check"},        {"place", "address"},
    {"place", "phone"},      {"reserve", "balance"},
};

STORE_STMT(stmt_add, "INSERT INTO faults (party, operation, match, action, delay_ms, reason,"
                     " settle_on_query, settle_after_ms, times, times_left)"
                     " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9) RETURNING fault_id");
STORE_STMT(stmt_list, "SELECT fault_id, party, operation, match, action, delay_ms, reason,"
                      " settle_on_query, settle_after_ms, times, times_left FROM faults"
                      " ORDER BY fault_id DESC LIMIT 500");
STORE_STMT(stmt_fitting, "SELECT fault_id, match, action, delay_ms, reason, settle_on_query,"
                         " settle_after_ms FROM faults WHERE times_left > 0"
                         " AND party IN (?1, '*') AND operation IN (?2, '*') ORDER BY fault_id");
STORE_STMT(stmt_use, "UPDATE faults SET times_left = times_left - 1 WHERE fault_id = ?1");
STORE_STMT(stmt_remove, "DELETE FROM faults WHERE fault_id = ?1 RETURNING fault_id");
STORE_STMT(stmt_clear, "DELETE FROM faults");
STORE_STMT(stmt_card_set, "UPDATE cards SET is_lost = ?2,"
                          " balance_minor = CASE WHEN ?3 < 0 THEN balance_minor ELSE ?3 END"
                          " WHERE card_number = ?1 RETURNING balance_minor, is_lost");

static bool is_instruction(const char *operation)
{
    return strcmp(operation, "debit") == 0 || strcmp(operation, "credit") == 0 ||
           strcmp(operation, "refund") == 0;
}

static bool action_suits(enum fault_action action, const char *operation)
{
    if (action == FAULT_PENDING || action == FAULT_WRONG_AMOUNT)
        return is_instruction(operation);
    if (action == FAULT_OTHER_AMOUNT || action == FAULT_CONTRADICT)
        return is_instruction(operation) || strcmp(operation, "query") == 0;
    if (action == FAULT_DUPLICATE)
        return is_instruction(operation) || strcmp(operation, "message") == 0;
    return true;
}

/* --- Meeting a fault ----------------------------------------------------------------------------
 */

static const char *member_text(const struct request *request, const char *name,
                               const char *path_member)
{
    if (path_member && strcmp(name, path_member) == 0)
        return request->path_value;
    json_t *value = json_object_get(request->json, name);
    if (json_is_object(value))
        value = json_object_get(value, "amount");
    return json_string_value(value);
}

static bool request_fits(const struct request *request, const char *match_text,
                         const char *path_member)
{
    json_t *match = json_loads(match_text, 0, NULL);
    bool fits = true;
    const char *name;
    json_t *wanted;
    json_object_foreach(match, name, wanted)
    {
        const char *text = member_text(request, name, path_member);
        fits = fits && text && strcmp(text, json_string_value(wanted)) == 0;
    }
    json_decref(match);
    return fits;
}

static void take_magic(struct request *request)
{
    const char *bad_field = request->bad_field;
    struct money amount = field_amount(request, "amount");
    request->bad_field = bad_field;
    struct fault *fault = &request->fault;
    switch (amount.minor % 100) {
    case 41:
        *fault = (struct fault){.action = FAULT_REJECT, .reason = "AM04"};
        break;
    case 42:
        fault->action = FAULT_LOST_ANSWER;
        break;
    case 43:
        fault->action = FAULT_LOST_REQUEST;
        break;
    case 44:
        *fault =
            (struct fault){.action = FAULT_PENDING, .settle_on_query = 2, .settle_after_ms = -1};
        break;
    case 45:
        *fault = (struct fault){
            .action = FAULT_PENDING, .reason = "AB06", .settle_on_query = 2, .settle_after_ms = -1};
        break;
    case 46:
        *fault = (struct fault){.action = FAULT_LATE, .delay_ms = DELAY_MS_DEFAULT};
        break;
    default:
        break;
    }
}

void fault_take(struct request *request, const char *party, const char *operation,
                const char *path_member)
{
    request->fault = (struct fault){.action = FAULT_NONE};
    int64_t fault_id = 0;
    sqlite3_stmt *rows = store_query(request->store, &stmt_fitting, "tt", party, operation);
    while (!fault_id && store_next(request->store, rows)) {
        enum fault_action action = (enum fault_action)store_int(rows, 2);
        if (!action_suits(action, operation) ||
            !request_fits(request, store_text(rows, 1), path_member))
            continue;
        fault_id = store_int(rows, 0);
        request->fault = (struct fault){.action = action,
                                        .delay_ms = store_int(rows, 3),
                                        .settle_on_query = store_int(rows, 5),
                                        .settle_after_ms = store_int(rows, 6)};
        snprintf(request->fault.reason, REASON_SIZE, "%s", store_text(rows, 4));
    }
    store_done(rows);
    if (fault_id)
        store_run(request->store, &stmt_use, "i", fault_id);
    else if (is_instruction(operation) && !request->options->plain_amounts)
        take_magic(request);
}

/* --- The control calls ---------------------------------------------------------------------------
 */

static bool operation_exists(const char *party, const char *operation)
{
    bool any_party = strcmp(party, "*") == 0;
    bool any_operation = strcmp(operation, "*") == 0;
    for (size_t i = 0; i < sizeof operations / sizeof *operations; i++) {
        if ((any_party || strcmp(operations[i].party, party) == 0) &&
            (any_operation || strcmp(operations[i].operation, operation) == 0))
            return true;
    }
    return false;
}

static enum fault_action action_named(const char *name)
{
    for (int i = FAULT_NONE + 1; i < FAULT_ACTION_COUNT; i++) {
        if (strcmp(action_names[i], name) == 0)
            return (enum fault_action)i;
    }
    return FAULT_NONE;
}

/* The text to store, to be freed; NULL if the member is not an object of texts. */
static char *read_match(const struct request *request)
{
    json_t *match = json_object_get(request->json, "match");
    if (!match)
        return strdup("{}");
    const char *name;
    json_t *wanted;
    json_object_foreach(match, name, wanted)
    {
        if (!json_is_string(wanted))
            return NULL;
    }
    char *text = json_is_object(match) ? json_dumps(match, JSON_COMPACT) : NULL;
    if (text && strlen(text) > MATCH_SIZE_MAX) {
        free(text);
        return NULL;
    }
    return text;
}

struct fault_order {
    const char *party;
    const char *operation;
    char *match; /* owned */
    struct fault fault;
    int64_t times;
};

static void read_fault(struct request *request, struct fault_order *out)
{
    out->party = field_text(request, "party", 1, 20);
    out->operation = field_text(request, "operation", 1, 20);
    out->fault.action = action_named(field_text(request, "action", 1, 20));
    out->fault.delay_ms = field_int_optional(request, "delayMs", 0, DELAY_MS_MAX, DELAY_MS_DEFAULT);
    out->fault.settle_on_query = field_int_optional(request, "settleOnQuery", 1, QUERIES_MAX, 2);
    out->fault.settle_after_ms = field_int_optional(request, "settleAfterMs", 0, SETTLE_MS_MAX, -1);
    out->times = field_int_optional(request, "times", 1, TIMES_MAX, 1);
    const char *reason = field_text_optional(request, "reasonCode", 4);
    bool is_reason =
        strlen(reason) == 4 && strspn(reason, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == 4;
    if (reason[0] && !is_reason)
        request->bad_field = "reasonCode";
    if (!reason[0] && out->fault.action == FAULT_REJECT)
        reason = "AM04";
    snprintf(out->fault.reason, REASON_SIZE, "%s", reason);
    int64_t status = field_int_optional(request, "status", 400, 599, 403);
    if (out->fault.action == FAULT_BETWEEN)
        snprintf(out->fault.reason, REASON_SIZE, "%" PRId64, status);
    if (!request->bad_field && !operation_exists(out->party, out->operation))
        request->bad_field = "operation";
    if (!request->bad_field &&
        (out->fault.action == FAULT_NONE ||
         (strcmp(out->operation, "*") != 0 && !action_suits(out->fault.action, out->operation))))
        request->bad_field = "action";
    out->match = read_match(request);
    if (!out->match && !request->bad_field)
        request->bad_field = "match";
}

static json_t *fault_json(int64_t fault_id, const struct fault_order *order, int64_t times_left)
{
    char id_text[24];
    snprintf(id_text, sizeof id_text, "%" PRId64, fault_id);
    const struct fault *fault = &order->fault;
    json_t *json =
        json_pack("{s:s, s:s, s:s, s:o, s:s, s:I, s:I}", "faultId", id_text, "party", order->party,
                  "operation", order->operation, "match", json_loads(order->match, 0, NULL),
                  "action", action_names[fault->action], "times", (json_int_t)order->times,
                  "timesLeft", (json_int_t)times_left);
    if (fault->action == FAULT_LATE || fault->action == FAULT_LATE_REQUEST)
        json_object_set_new(json, "delayMs", json_integer(fault->delay_ms));
    if (fault->action == FAULT_BETWEEN)
        json_object_set_new(json, "status", json_integer(strtol(fault->reason, NULL, 10)));
    else if (fault->reason[0])
        json_object_set_new(json, "reasonCode", json_string(fault->reason));
    if (fault->action == FAULT_PENDING && fault->settle_after_ms >= 0)
        json_object_set_new(json, "settleAfterMs", json_integer(fault->settle_after_ms));
    else if (fault->action == FAULT_PENDING)
        json_object_set_new(json, "settleOnQuery", json_integer(fault->settle_on_query));
    return json;
}

void control_add(struct request *request, struct answer *answer)
{
    struct fault_order order = {0};
    read_fault(request, &order);
    if (request->bad_field) {
        answer_bad_field(answer, request->bad_field);
    } else {
        const struct fault *fault = &order.fault;
        sqlite3_stmt *rows =
            store_query(request->store, &stmt_add, "tttiitiii", order.party, order.operation,
                        order.match, (int64_t)fault->action, fault->delay_ms, fault->reason,
                        fault->settle_on_query, fault->settle_after_ms, order.times);
        int64_t fault_id = store_next(request->store, rows) ? store_int(rows, 0) : 0;
        store_done(rows);
        answer_json(answer, 201, fault_json(fault_id, &order, order.times));
    }
    free(order.match);
}

void control_list(struct request *request, struct answer *answer)
{
    json_t *items = json_array();
    sqlite3_stmt *rows = store_query(request->store, &stmt_list, "");
    while (store_next(request->store, rows)) {
        char match[MATCH_SIZE_MAX + 1];
        snprintf(match, sizeof match, "%s", store_text(rows, 3));
        struct fault_order order = {.party = store_text(rows, 1),
                                    .operation = store_text(rows, 2),
                                    .match = match,
                                    .fault = {.action = (enum fault_action)store_int(rows, 4),
                                              .delay_ms = store_int(rows, 5),
                                              .settle_on_query = store_int(rows, 7),
                                              .settle_after_ms = store_int(rows, 8)},
                                    .times = store_int(rows, 9)};
        snprintf(order.fault.reason, REASON_SIZE, "%s", store_text(rows, 6));
        json_array_append_new(items, fault_json(store_int(rows, 0), &order, store_int(rows, 10)));
    }
    store_done(rows);
    answer_json(answer, 200, json_pack("{s:o}", "items", items));
}

void control_remove(struct request *request, struct answer *answer)
{
    sqlite3_stmt *rows = store_query(request->store, &stmt_remove, "t", request->path_value);
    bool is_found = store_next(request->store, rows);
    store_done(rows);
    if (is_found)
        answer->status = 204;
    else
        answer_refuse(answer, REFUSE_faultUnknown);
}

void control_clear(struct request *request, struct answer *answer)
{
    store_run(request->store, &stmt_clear, "");
    answer->status = 204;
}

void control_card(struct request *request, struct answer *answer)
{
    const char *card_number = field_text(request, "cardNumber", 1, 40);
    json_t *is_lost = json_object_get(request->json, "isLost");
    json_t *balance = json_object_get(request->json, "balance");
    if (is_lost && !json_is_boolean(is_lost))
        request->bad_field = "isLost";
    int64_t balance_minor = balance ? field_amount(request, "balance").minor : -1;
    if (request->bad_field) {
        answer_bad_field(answer, request->bad_field);
        return;
    }
    sqlite3_stmt *rows = store_query(request->store, &stmt_card_set, "tii", card_number,
                                     (int64_t)json_is_true(is_lost), balance_minor);
    if (store_next(request->store, rows))
        answer_json(answer, 200,
                    json_pack("{s:s, s:o, s:b}", "cardNumber", card_number, "balance",
                              money_json(store_int(rows, 0)), "isLost", (int)store_int(rows, 1)));
    else
        answer_refuse(answer, REFUSE_cardNotHeld);
    store_done(rows);
}
