/* The business registry: registration, legal representative and owners of a company. */
#include "documents.h"
#include "embed.h"
#include "sandbox.h"

#include "base/check.h"
#include "base/str.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CODE_SIZE        18
#define NAME_SIZE_MAX    200
#define LINE_SIZE_MAX    600
#define COMPANY_COLUMNS  7
#define COLUMN_MAX       (COMPANY_COLUMNS + 2 * 10)
#define CODE_ALPHABET    "0123456789ABCDEFGHJKLMNPQRTUWXY"
#define CODE_MODULUS     31
#define STATE_SIZE_MAX   10
#define STATE_REGISTERED "registered"
#define STATE_REVOKED    "revoked"

EMBED(companies_table, "sandbox/companies.tsv");

STORE_STMT(stmt_find, "SELECT uscc, name, answer FROM business_checks WHERE request_id = ?1");
STORE_STMT(stmt_add, "INSERT INTO business_checks (request_id, uscc, name, answer)"
                     " VALUES (?1, ?2, ?3, ?4)");
STORE_STMT(stmt_state, "SELECT state FROM business_states WHERE uscc = ?1");
STORE_STMT(stmt_state_set, "INSERT INTO business_states (uscc, state) VALUES (?1, ?2)"
                           " ON CONFLICT (uscc) DO UPDATE SET state = excluded.state");

struct company {
    char line[LINE_SIZE_MAX]; /* buffers that the columns point into */
    char *columns[COLUMN_MAX];
    int count;
};

static bool is_credit_code(const char *code)
{
    int sum = 0;
    int weight = 1;
    if (strlen(code) != CODE_SIZE || strspn(code, CODE_ALPHABET) != CODE_SIZE)
        return false;
    for (int i = 0; i < CODE_SIZE - 1; i++) {
        sum += (int)(strchr(CODE_ALPHABET, code[i]) - CODE_ALPHABET) * weight;
        weight = weight * 3 % CODE_MODULUS;
    }
    return CODE_ALPHABET[(CODE_MODULUS - sum % CODE_MODULUS) % CODE_MODULUS] == code[CODE_SIZE - 1];
}

/* False if the table has no such company. A malformed table is our own mistake: it is compiled
 * in. */
static bool business_find(const char *code, struct company *out)
{
    for (const char *at = companies_table; *at;) {
        const char *newline = strchr(at, '\n');
        CHECK(newline && newline - at < LINE_SIZE_MAX);
        snprintf(out->line, sizeof out->line, "%.*s", (int)(newline - at), at);
        at = newline + 1;
        if (out->line[0] == '#' || strncmp(out->line, code, CODE_SIZE) != 0)
            continue;
        out->count = 0;
        for (char *rest = out->line, *column; (column = strsep(&rest, "\t"));) {
            CHECK(out->count < COLUMN_MAX);
            out->columns[out->count++] = column;
        }
        CHECK(out->count > COMPANY_COLUMNS && (out->count - COMPANY_COLUMNS) % 2 == 0);
        CHECK(is_credit_code(out->columns[0]));
        return true;
    }
    return false;
}

static int64_t number_of(const char *text)
{
    int64_t number = 0;
    CHECK(str_to_int(text, &number));
    return number;
}

static const struct resident *resident_at(const char *row)
{
    const struct resident *resident = documents_at((int)number_of(row));
    CHECK(resident);
    return resident;
}

/* State from the table, unless the control call changed it. */
static void state_of(struct request *request, const struct company *company,
                     char out[STATE_SIZE_MAX + 1])
{
    sqlite3_stmt *rows = store_query(request->store, &stmt_state, "t", company->columns[0]);
    bool is_changed = store_next(request->store, rows);
    snprintf(out, STATE_SIZE_MAX + 1, "%s", is_changed ? store_text(rows, 0) : company->columns[3]);
    store_done(rows);
}

static json_t *person_json(const struct resident *resident)
{
    return json_pack("{s:s, s:s}", "name", resident->name, "idNumber", resident->id_number);
}

static json_t *company_json(struct request *request, const char *request_id,
                            const struct company *company, const char *result)
{
    char state[STATE_SIZE_MAX + 1];
    char *const *columns = company->columns;
    state_of(request, company, state);
    json_t *owners = json_array();
    for (int i = COMPANY_COLUMNS; i < company->count; i += 2) {
        json_t *owner = person_json(resident_at(columns[i]));
        json_object_set_new(owner, "sharePpm", json_integer(number_of(columns[i + 1])));
        json_array_append_new(owners, owner);
    }
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:o}", "requestId", request_id,
                     "result", result, "name", columns[1], "kind", columns[2], "state", state,
                     "registeredAt", columns[4], "scope", columns[6], "legalRepresentative",
                     person_json(resident_at(columns[5])), "owners", owners);
}

/* True if this id was answered before: the same question gets the same answer. */
static bool answer_again(struct request *request, const char *request_id, const char *code,
                         const char *name, struct answer *answer)
{
    sqlite3_stmt *rows = store_query(request->store, &stmt_find, "t", request_id);
    bool is_known = store_next(request->store, rows);
    if (is_known) {
        if (strcmp(store_text(rows, 0), code) == 0 && strcmp(store_text(rows, 1), name) == 0)
            answer_json(answer, 200, json_loads(store_text(rows, 2), 0, NULL));
        else
            answer_refuse(answer, REFUSE_requestMismatch);
    }
    store_done(rows);
    return is_known;
}

void business_check(struct request *request, struct answer *answer)
{
    const char *request_id = field_caller_id(request, "requestId");
    const char *code = field_text(request, "uscc", CODE_SIZE, CODE_SIZE);
    const char *name = field_text_optional(request, "name", NAME_SIZE_MAX);
    if (!request->bad_field && !is_credit_code(code))
        request->bad_field = "uscc";
    if (request->bad_field) {
        answer_bad_field(answer, request->bad_field);
        return;
    }
    if (answer_again(request, request_id, code, name, answer))
        return;
    struct company company;
    bool is_found = business_find(code, &company);
    bool is_match = is_found && (!name[0] || strcmp(name, company.columns[1]) == 0);
    json_t *json =
        is_found ? company_json(request, request_id, &company, is_match ? "match" : "mismatch")
                 : json_pack("{s:s, s:s}", "requestId", request_id, "result", "notFound");
    char *text = json_dumps(json, JSON_COMPACT);
    CHECK(text);
    store_run(request->store, &stmt_add, "tttt", request_id, code, name, text);
    free(text);
    answer_json(answer, 200, json);
}

/* Control: revokes a company's registration, or restores it. */
void business_set(struct request *request, struct answer *answer)
{
    const char *code = field_text(request, "uscc", CODE_SIZE, CODE_SIZE);
    const char *state = field_text(request, "state", 1, STATE_SIZE_MAX);
    struct company company;
    if (!request->bad_field && !business_find(code, &company))
        request->bad_field = "uscc";
    if (!request->bad_field && strcmp(state, STATE_REGISTERED) != 0 &&
        strcmp(state, STATE_REVOKED) != 0)
        request->bad_field = "state";
    if (request->bad_field) {
        answer_bad_field(answer, request->bad_field);
        return;
    }
    store_run(request->store, &stmt_state_set, "tt", code, state);
    answer_json(answer, 200, json_pack("{s:s, s:s}", "uscc", code, "state", state));
}
