/*
 * Instructions of the clearing house: debit, credit, refund, and the query that settles doubt.
 *
 *   (unknown) ── query ──> VOID: 404 for ever, a late request is refused with 410
 *       ├── rules agree ──> ACSC
 *       ├── rules refuse ─> RJCT
 *       └── fault ────────> PDNG ── n-th query or time ──> ACSC | RJCT
 */
#include "sandbox.h"

#include "base/date.h"
#include "base/str.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define PURPOSE_LENGTH_MAX 140
#define PURPOSE_SIZE_MAX   ((size_t)PURPOSE_LENGTH_MAX * 4)
#define PAYMENT_MINOR_MAX  INT64_C(5000000)
#define DAY_MINOR_MAX      INT64_C(20000000)
#define WRONG_AMOUNT_MINOR INT64_C(100)
#define AGREEMENT_SIZE_MAX 32

struct instruction {
    char id[CALLER_ID_SIZE_MAX + 1];
    char kind[8];
    char agreement_number[AGREEMENT_SIZE_MAX + 1];
    char original_id[CALLER_ID_SIZE_MAX + 1];
    struct money amount;
    char purpose[PURPOSE_SIZE_MAX + 1];
    char state[8];
    char reason[REASON_SIZE];
    int64_t settled_at;
    int64_t clearing_day;
    int64_t sequence;
    int64_t query_count;
    int64_t settle_on_query;
    int64_t settle_at; /* 0: settled by query */
    char pending_reason[REASON_SIZE];
    int64_t refunded_minor;
};

#define COLUMNS                                                                                    \
    "SELECT instruction_id, kind, agreement_number, original_id, amount_minor, ccy, purpose,"      \
    " state, reason, settled_at, clearing_day, sequence, query_count, settle_on_query, settle_at," \
    " pending_reason, refunded_minor FROM instructions"
STORE_STMT(stmt_load, COLUMNS " WHERE instruction_id = ?1");
STORE_STMT(stmt_since,
           COLUMNS " WHERE arrived_at >= ?1 AND rowid > ?2 AND kind IN ('debit', 'credit')"
                   " ORDER BY rowid LIMIT ?3");
STORE_STMT(stmt_rowid, "SELECT rowid FROM instructions WHERE instruction_id = ?1");
STORE_STMT(stmt_due, COLUMNS " WHERE settle_at <= ?1 LIMIT 1");
STORE_STMT(stmt_add, "INSERT INTO instructions (instruction_id, kind, agreement_number,"
                     " original_id, amount_minor, ccy, purpose, state, reason, arrived_at,"
                     " query_count, settle_on_query, settle_at, pending_reason, file_copies,"
                     " file_extra_minor, refunded_minor) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7,"
                     " 'PDNG', '', ?8, 0, ?9, nullif(?10, 0), ?11, ?12, ?13, 0)");
STORE_STMT(stmt_void, "INSERT INTO instructions (instruction_id, kind, agreement_number,"
                      " original_id, amount_minor, ccy, purpose, state, reason, arrived_at,"
                      " query_count, settle_on_query, pending_reason, file_copies,"
                      " file_extra_minor, refunded_minor)"
                      " VALUES (?1, '', '', '', 0, '', '', 'VOID', '', ?2, 0, 0, '', 0, 0, 0)");
STORE_STMT(stmt_queried, "UPDATE instructions SET query_count = query_count + 1"
                         " WHERE instruction_id = ?1");
STORE_STMT(stmt_rejected, "UPDATE instructions SET state = 'RJCT', reason = ?2, settle_at = NULL"
                          " WHERE instruction_id = ?1");
STORE_STMT(stmt_settled, "UPDATE instructions SET state = 'ACSC', settled_at = ?2,"
                         " clearing_day = ?3, sequence = ?4, settle_at = NULL,"
                         " agreement_number = ?5 WHERE instruction_id = ?1");
STORE_STMT(stmt_refunded, "UPDATE instructions SET refunded_minor = refunded_minor + ?2"
                          " WHERE instruction_id = ?1");
STORE_STMT(stmt_account, "SELECT a.is_closed, c.card_number, c.is_lost, c.balance_minor,"
                         " (SELECT d.debited_minor FROM card_days d"
                         "  WHERE d.card_number = c.card_number AND d.day = ?2)"
                         " FROM agreements a JOIN cards c ON c.card_number = a.card_number"
                         " WHERE a.agreement_number = ?1");
STORE_STMT(stmt_card_add, "UPDATE cards SET balance_minor = balance_minor + ?2"
                          " WHERE card_number = (SELECT card_number FROM agreements"
                          " WHERE agreement_number = ?1)");
STORE_STMT(stmt_day_add, "INSERT INTO card_days (card_number, day, debited_minor)"
                         " SELECT card_number, ?2, ?3 FROM agreements WHERE agreement_number = ?1"
                         " ON CONFLICT (card_number, day)"
                         " DO UPDATE SET debited_minor = debited_minor + excluded.debited_minor");
STORE_STMT(stmt_reserve_add, "UPDATE reserve SET balance_minor = balance_minor + ?1");

static void copy_text(char *out, size_t size, const char *text)
{
    snprintf(out, size, "%s", text);
}

static bool read_row(struct request *request, sqlite3_stmt *rows, struct instruction *out)
{
    *out = (struct instruction){0};
    bool is_found = store_next(request->store, rows);
    if (is_found) {
        copy_text(out->id, sizeof out->id, store_text(rows, 0));
        copy_text(out->kind, sizeof out->kind, store_text(rows, 1));
        copy_text(out->agreement_number, sizeof out->agreement_number, store_text(rows, 2));
        copy_text(out->original_id, sizeof out->original_id, store_text(rows, 3));
        out->amount.minor = store_int(rows, 4);
        copy_text(out->amount.ccy.code, sizeof out->amount.ccy.code, store_text(rows, 5));
        copy_text(out->purpose, sizeof out->purpose, store_text(rows, 6));
        copy_text(out->state, sizeof out->state, store_text(rows, 7));
        copy_text(out->reason, sizeof out->reason, store_text(rows, 8));
        out->settled_at = store_int(rows, 9);
        out->clearing_day = store_int(rows, 10);
        out->sequence = store_int(rows, 11);
        out->query_count = store_int(rows, 12);
        out->settle_on_query = store_int(rows, 13);
        out->settle_at = store_int(rows, 14);
        copy_text(out->pending_reason, sizeof out->pending_reason, store_text(rows, 15));
        out->refunded_minor = store_int(rows, 16);
    }
    return is_found;
}

static bool clearing_load(struct request *request, sqlite3_stmt *rows, struct instruction *out)
{
    bool is_found = read_row(request, rows, out);
    store_done(rows);
    return is_found;
}

static bool clearing_is(const char *text, const char *wanted)
{
    return strcmp(text, wanted) == 0;
}

/* The reason to refuse, in the order of README.md, or "". A refund takes its agreement from the
 * original debit. */
static const char *clearing_decide(struct request *request, struct instruction *instruction)
{
    bool is_debit = clearing_is(instruction->kind, "debit");
    bool is_refund = clearing_is(instruction->kind, "refund");
    int64_t left_minor = 0;
    if (is_refund) {
        struct instruction original;
        sqlite3_stmt *rows = store_query(request->store, &stmt_load, "t", instruction->original_id);
        if (!clearing_load(request, rows, &original) || !clearing_is(original.kind, "debit") ||
            !clearing_is(original.state, "ACSC"))
            return "NOOR";
        left_minor = original.amount.minor - original.refunded_minor;
        copy_text(instruction->agreement_number, sizeof instruction->agreement_number,
                  original.agreement_number);
    }
    int64_t day = date_of_instant(request->now_us, CLEARING_OFFSET_MIN).days;
    sqlite3_stmt *rows =
        store_query(request->store, &stmt_account, "ti", instruction->agreement_number, day);
    bool is_found = store_next(request->store, rows);
    bool is_closed = is_found && store_int(rows, 0);
    bool is_lost = is_found && store_int(rows, 2);
    int64_t balance_minor = is_found ? store_int(rows, 3) : 0;
    int64_t debited_minor = is_found ? store_int(rows, 4) : 0;
    store_done(rows);

    int64_t minor = instruction->amount.minor;
    if (!is_found || (is_closed && !is_refund))
        return "MD01";
    if (!ccy_equal(instruction->amount.ccy, CCY_CNY))
        return "AM03";
    if (is_debit && is_lost)
        return "AC06";
    if (is_refund && minor > left_minor)
        return "AM09";
    if (is_debit && (minor > PAYMENT_MINOR_MAX || minor > DAY_MINOR_MAX - debited_minor))
        return "AM14";
    return is_debit && minor > balance_minor ? "AM04" : "";
}

/* After the last check: moves the money and writes the line of the daily file. */
static void clearing_apply(struct request *request, struct instruction *instruction)
{
    bool is_debit = clearing_is(instruction->kind, "debit");
    int64_t minor = instruction->amount.minor;
    int64_t card_minor = is_debit ? -minor : minor;
    copy_text(instruction->state, sizeof instruction->state, "ACSC");
    instruction->settled_at = request->now_us;
    instruction->clearing_day = date_of_instant(request->now_us, CLEARING_OFFSET_MIN).days;
    instruction->sequence = store_count(request->store, "clearing");
    store_run(request->store, &stmt_card_add, "ti", instruction->agreement_number, card_minor);
    store_run(request->store, &stmt_reserve_add, "i", -card_minor);
    if (is_debit)
        store_run(request->store, &stmt_day_add, "tii", instruction->agreement_number,
                  instruction->clearing_day, minor);
    if (clearing_is(instruction->kind, "refund"))
        store_run(request->store, &stmt_refunded, "ti", instruction->original_id, minor);
    store_run(request->store, &stmt_settled, "tiiit", instruction->id, instruction->settled_at,
              instruction->clearing_day, instruction->sequence, instruction->agreement_number);
}

/* Ends a pending instruction; `forced` is the reason of a fault, or "". */
static void clearing_settle(struct request *request, struct instruction *instruction,
                            const char *forced)
{
    const char *reason = forced[0] ? forced : clearing_decide(request, instruction);
    if (!reason[0]) {
        clearing_apply(request, instruction);
        return;
    }
    copy_text(instruction->state, sizeof instruction->state, "RJCT");
    copy_text(instruction->reason, sizeof instruction->reason, reason);
    store_run(request->store, &stmt_rejected, "tt", instruction->id, reason);
}

static json_t *amount_json(struct money amount)
{
    char text[MONEY_TEXT_SIZE];
    money_format(amount, text);
    return json_pack("{s:s, s:s}", "amount", text, "currency", amount.ccy.code);
}

/* Repeats the order, so that the caller can match the answer to its request. */
static json_t *instruction_json(const struct instruction *instruction)
{
    json_t *json =
        json_pack("{s:s, s:s, s:s, s:o, s:s}", "instructionId", instruction->id, "kind",
                  instruction->kind, "agreementNumber", instruction->agreement_number, "amount",
                  amount_json(instruction->amount), "status", instruction->state);
    if (clearing_is(instruction->state, "ACSC")) {
        struct date day = {(int32_t)instruction->clearing_day};
        struct date_parts parts = date_parts(day);
        char day_text[DATE_TEXT_SIZE];
        date_format(day, day_text);
        char reference[40];
        snprintf(reference, sizeof reference, "CL%04d%02d%02d%010" PRId64, parts.year, parts.month,
                 parts.day, instruction->sequence);
        json_object_set_new(json, "clearingDate", json_string(day_text));
        json_object_set_new(json, "clearingReference", json_string(reference));
        json_object_set_new(json, "settledAt", instant_json(instruction->settled_at));
    } else if (clearing_is(instruction->state, "RJCT")) {
        json_object_set_new(json, "reasonCode", json_string(instruction->reason));
        json_object_set_new(json, "message", answer_reason_message(instruction->reason));
    }
    return json;
}

static void answer_instruction(struct answer *answer, const struct instruction *instruction)
{
    answer_json(answer, 200, instruction_json(instruction));
}

static bool read_instruction(struct request *request, const char *kind, struct instruction *out)
{
    *out = (struct instruction){.state = "PDNG"};
    copy_text(out->kind, sizeof out->kind, kind);
    copy_text(out->id, sizeof out->id, field_caller_id(request, "instructionId"));
    if (clearing_is(kind, "refund"))
        copy_text(out->original_id, sizeof out->original_id,
                  field_caller_id(request, "originalInstructionId"));
    else
        copy_text(out->agreement_number, sizeof out->agreement_number,
                  field_text(request, "agreementNumber", 1, AGREEMENT_SIZE_MAX));
    out->amount = field_amount(request, "amount");
    copy_text(out->purpose, sizeof out->purpose,
              field_text_optional(request, "purpose", PURPOSE_SIZE_MAX));
    if (!request->bad_field && str_length_utf8(out->purpose) > PURPOSE_LENGTH_MAX)
        request->bad_field = "purpose";
    return !request->bad_field;
}

/* A refund's agreement number is determined at settlement, so it is not compared. */
static bool is_same_body(const struct instruction *a, const struct instruction *b)
{
    bool is_refund = clearing_is(a->kind, "refund");
    return clearing_is(a->kind, b->kind) && clearing_is(a->original_id, b->original_id) &&
           (is_refund || clearing_is(a->agreement_number, b->agreement_number)) &&
           a->amount.minor == b->amount.minor && ccy_equal(a->amount.ccy, b->amount.ccy) &&
           clearing_is(a->purpose, b->purpose);
}

static void clearing_add(struct request *request, const struct instruction *instruction)
{
    const struct fault *fault = &request->fault;
    bool by_time = fault->action == FAULT_PENDING && fault->settle_after_ms >= 0;
    int64_t settle_at = by_time ? request->now_us + fault->settle_after_ms * 1000 : 0;
    store_run(request->store, &stmt_add, "ttttittiiitii", instruction->id, instruction->kind,
              instruction->agreement_number, instruction->original_id, instruction->amount.minor,
              instruction->amount.ccy.code, instruction->purpose, request->now_us,
              fault->settle_on_query, settle_at, fault->reason,
              (int64_t)(fault->action == FAULT_DUPLICATE ? 2 : 1),
              fault->action == FAULT_WRONG_AMOUNT ? WRONG_AMOUNT_MINOR : INT64_C(0));
}

static void clearing_instruct(struct request *request, struct answer *answer, const char *kind)
{
    struct instruction wanted;
    if (!read_instruction(request, kind, &wanted)) {
        answer_bad_field(answer, request->bad_field);
        return;
    }
    struct instruction known;
    if (clearing_load(request, store_query(request->store, &stmt_load, "t", wanted.id), &known)) {
        if (clearing_is(known.state, "VOID"))
            answer_refuse(answer, REFUSE_instructionVoided);
        else if (!is_same_body(&known, &wanted))
            answer_refuse(answer, REFUSE_instructionMismatch);
        else
            answer_instruction(answer, &known);
        return;
    }
    clearing_add(request, &wanted);
    if (request->fault.action != FAULT_PENDING)
        clearing_settle(request, &wanted,
                        request->fault.action == FAULT_REJECT ? request->fault.reason : "");
    answer_instruction(answer, &wanted);
}

void clearing_debit(struct request *request, struct answer *answer)
{
    clearing_instruct(request, answer, "debit");
}

void clearing_credit(struct request *request, struct answer *answer)
{
    clearing_instruct(request, answer, "credit");
}

void clearing_refund(struct request *request, struct answer *answer)
{
    clearing_instruct(request, answer, "refund");
}

void clearing_query(struct request *request, struct answer *answer)
{
    if (!field_is_caller_id(request->path_value)) {
        answer_bad_field(answer, "instructionId");
        return;
    }
    struct instruction found;
    sqlite3_stmt *rows = store_query(request->store, &stmt_load, "t", request->path_value);
    if (!clearing_load(request, rows, &found)) {
        store_run(request->store, &stmt_void, "ti", request->path_value, request->now_us);
        answer_refuse(answer, REFUSE_instructionUnknown);
        return;
    }
    if (clearing_is(found.state, "VOID")) {
        answer_refuse(answer, REFUSE_instructionUnknown);
        return;
    }
    if (clearing_is(found.state, "PDNG")) {
        bool is_due = found.settle_at ? found.settle_at <= request->now_us
                                      : found.query_count + 1 >= found.settle_on_query;
        store_run(request->store, &stmt_queried, "t", found.id);
        if (is_due)
            clearing_settle(request, &found, found.pending_reason);
    }
    answer_instruction(answer, &found);
}

static int64_t rowid_of(struct request *request, const char *id)
{
    sqlite3_stmt *rows = store_query(request->store, &stmt_rowid, "t", id);
    int64_t rowid = store_next(request->store, rows) ? store_int(rows, 0) : 0;
    store_done(rows);
    return rowid;
}

/* Debits and credits in order of arrival; `next` is the `after` of the next page. */
void clearing_list(struct request *request, struct answer *answer)
{
    const char *since_text = request->query_value(request, "since");
    const char *after_text = request->query_value(request, "after");
    int64_t since = 0;
    int64_t after = 0;
    int64_t limit = field_limit(request);
    if (!since_text || instant_parse(since_text, &since) != ERR_OK)
        request->bad_field = "since";
    if (after_text && !str_to_int(after_text, &after))
        request->bad_field = "after";
    if (request->bad_field) {
        answer_bad_field(answer, request->bad_field);
        return;
    }
    clearing_settle_due(request);
    json_t *items = json_array();
    char last[CALLER_ID_SIZE_MAX + 1] = "";
    struct instruction found;
    sqlite3_stmt *rows = store_query(request->store, &stmt_since, "iii", since, after, limit);
    while (read_row(request, rows, &found)) {
        copy_text(last, sizeof last, found.id);
        json_array_append_new(items, instruction_json(&found));
    }
    store_done(rows);
    answer_json(answer, 200,
                json_pack("{s:o, s:I}", "items", items, "next",
                          (json_int_t)(last[0] ? rowid_of(request, last) : after)));
}

void clearing_settle_due(struct request *request)
{
    struct instruction due;
    while (
        clearing_load(request, store_query(request->store, &stmt_due, "i", request->now_us), &due))
        clearing_settle(request, &due, due.pending_reason);
}
