#include "db/pg_queue.h"

#include "base/check.h"

#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Types of PostgreSQL, from pg_type.dat; they never change. */
enum { OID_UNKNOWN = 0, OID_BYTEA = 17, OID_INT8 = 20, OID_TEXT = 25 };

enum { NAME_SIZE = 32, SQL_MAX = 1 << 16 };

/* --- errors ------------------------------------------------------------------------------------
 */

/* By SQLSTATE alone: messages and names of constraints differ between servers and languages. */
static enum err err_of_sqlstate(const char *state)
{
    static const struct {
        const char *prefix;
        enum err err;
    } rows[] = {
        {"23505", ERR_DB_CONFLICT}, /* unique_violation */
        {"23", ERR_DB_CONSTRAINT},  /* other integrity constraints */
        {"22003", ERR_OVERFLOW},    /* a sum beyond 63 bits */
        {"22", ERR_DB_CONSTRAINT},  /* a value out of range or of the wrong form */
        {"40001", ERR_DB_RETRY},    /* serialization_failure */
        {"40P01", ERR_DB_RETRY},    /* deadlock_detected */
        {"55P03", ERR_DB_RETRY},    /* lock_not_available: lock_timeout */
        {"08", ERR_DB_LOST},        /* connection */
        {"57P", ERR_DB_LOST},       /* shutdown, crash, cannot connect now, idle session */
        {"25P03", ERR_DB_LOST},     /* idle_in_transaction_session_timeout */
        {"53100", ERR_DB_FULL},     /* disk_full */
        {"53200", ERR_NO_MEMORY},   /* out_of_memory */
        {"53300", ERR_DB_LOST},     /* too_many_connections */
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (strncmp(state, rows[i].prefix, strlen(rows[i].prefix)) == 0) {
            return rows[i].err;
        }
    }
    return ERR_DB; /* 57014 query_canceled too: a statement too long will be so again */
}

enum err pg_lost(struct pg_conn *c)
{
    db_conn_say(&c->base, PQerrorMessage(c->link));
    c->base.lost = true;
    c->queue_count = 0;
    return ERR_DB_LOST;
}

enum err pg_err(struct pg_conn *c, const PGresult *result)
{
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    if (state == NULL || PQstatus(c->link) == CONNECTION_BAD) {
        enum err err = pg_lost(c);
        db_conn_say(&c->base, PQresultErrorMessage(result));
        return err;
    }
    db_conn_say(&c->base, PQresultErrorMessage(result));
    enum err err = err_of_sqlstate(state);
    return err == ERR_DB_LOST ? pg_lost(c) : err;
}

/* --- prepared statements -----------------------------------------------------------------------
 */

static enum err grow_slots(struct pg_conn *c, int slot)
{
    int count = slot + 64;
    struct pg_prepared **slots = realloc(c->slots, (size_t)count * sizeof(struct pg_prepared *));
    if (slots == NULL) {
        return ERR_NO_MEMORY;
    }
    for (int i = c->slot_count; i < count; i++) {
        slots[i] = NULL;
    }
    c->slots = slots;
    c->slot_count = count;
    return ERR_OK;
}

void pg_forget_prepared(struct pg_conn *c)
{
    for (int i = 0; i < c->slot_count; i++) {
        if (c->slots[i] != NULL) {
            free(c->slots[i]->sql);
            free(c->slots[i]->types);
            free(c->slots[i]);
        }
    }
    free(c->slots);
    c->slots = NULL;
    c->slot_count = 0;
}

/* A plain INSERT … VALUES changes the rows it lists or fails; any other statement may miss. */
static bool may_miss(const char *sql)
{
    return strncasecmp(sql, "INSERT", 6) != 0 || strstr(sql, "ON CONFLICT") != NULL ||
           strstr(sql, "SELECT") != NULL;
}

/* COMMIT must not be reached when a count is wrong, and nobody waits to look: so the server itself
 * divides by zero then (SQLSTATE 22012) and the transaction fails. */
static char *checked_sql(const char *sql, size_t param_count)
{
    char *text = malloc(SQL_MAX);
    if (text == NULL) {
        return NULL;
    }
    bool gives_rows = strstr(sql, "RETURNING") != NULL || strncasecmp(sql, "SELECT", 6) == 0;
    const char *returning = gives_rows ? "" : " RETURNING 1";
    int size = snprintf(text, SQL_MAX,
                        "WITH changed AS (%s%s) "
                        "SELECT 1 / CASE WHEN count(*) = $%zu THEN 1 ELSE 0 END FROM changed",
                        sql, returning, param_count + 1);
    CHECK(size > 0 && size < SQL_MAX);
    return text;
}

static struct pg_prepared *first_use(struct db_stmt *stmt, int slot, size_t arg_count, bool checked)
{
    db_stmt_check(stmt);
    size_t param_count = arg_count + (checked ? 1 : 0);
    struct pg_prepared *p = calloc(1, sizeof(*p));
    uint8_t *types = calloc(param_count + 1, sizeof(*types));
    char *sql = checked ? checked_sql(stmt->sql, arg_count) : NULL;
    if (p == NULL || types == NULL || (checked && sql == NULL)) {
        free(p);
        free(types);
        free(sql);
        return NULL;
    }
    *p = (struct pg_prepared){
        .stmt = stmt, .slot = slot, .sql = sql, .types = types, .param_count = param_count};
    return p;
}

/* Takes over the types of the values. A NULL has none: it is learned from a later call, and the
 * statement is then prepared again under its next name. */
static bool learn_types(struct pg_prepared *p, const struct db_value *args, size_t arg_count)
{
    bool learned = false;
    for (size_t i = 0; i < arg_count; i++) {
        if (args[i].type != DB_NULL && p->types[i] != (uint8_t)args[i].type) {
            CHECK(p->types[i] == DB_NULL); /* one parameter, one type */
            p->types[i] = (uint8_t)args[i].type;
            learned = true;
        }
    }
    return learned;
}

static void name_of(const struct pg_prepared *p, char out[NAME_SIZE])
{
    snprintf(out, NAME_SIZE, "s%d_%d", p->slot, p->version);
}

static Oid oid_of(uint8_t type)
{
    switch ((enum db_type)type) {
    case DB_INT:
        return OID_INT8;
    case DB_TEXT:
        return OID_TEXT;
    case DB_BLOB:
        return OID_BYTEA;
    case DB_NULL:
        break;
    }
    return OID_UNKNOWN;
}

static struct pg_command *push(struct pg_conn *c, enum pg_kind kind)
{
    CHECK(c->queue_count < PG_QUEUE_MAX);
    struct pg_command *command = &c->queue[c->queue_count++];
    *command = (struct pg_command){.kind = kind, .expected = -1};
    return command;
}

static enum err send_prepare(struct pg_conn *c, struct pg_prepared *p)
{
    char name[NAME_SIZE];
    Oid *oids = calloc(p->param_count + 1, sizeof(*oids));
    if (oids == NULL) {
        return ERR_NO_MEMORY;
    }
    for (size_t i = 0; i < p->param_count; i++) {
        oids[i] = oid_of(p->types[i]);
    }
    p->version++;
    name_of(p, name);
    int sent = PQsendPrepare(c->link, name, p->sql != NULL ? p->sql : p->stmt->sql,
                             (int)p->param_count, oids);
    free(oids);
    if (sent != 1) {
        return pg_lost(c);
    }
    push(c, PG_PREPARE)->prepared = p;
    p->ready = true; /* taken back if the server refuses */
    return ERR_OK;
}

static enum err find_prepared(struct pg_conn *c, struct db_stmt *stmt, size_t arg_count,
                              bool checked, struct pg_prepared **out)
{
    int slot = 2 * db_stmt_slot(stmt) + (checked ? 1 : 0);
    enum err err = slot < c->slot_count ? ERR_OK : grow_slots(c, slot);
    if (err != ERR_OK) {
        return err;
    }
    if (c->slots[slot] == NULL) {
        c->slots[slot] = first_use(stmt, slot, arg_count, checked);
    }
    *out = c->slots[slot];
    return *out != NULL ? ERR_OK : ERR_NO_MEMORY;
}

/* --- sending -----------------------------------------------------------------------------------
 */

static enum err make_param_room(struct pg_conn *c, size_t count)
{
    if (count <= c->param_room) {
        return ERR_OK;
    }
    free(c->values);
    free(c->sizes);
    free(c->formats);
    free(c->integers);
    c->param_room = 0;
    c->values = calloc(count, sizeof(*c->values));
    c->sizes = calloc(count, sizeof(*c->sizes));
    c->formats = calloc(count, sizeof(*c->formats));
    c->integers = calloc(count, sizeof(*c->integers));
    if (c->values == NULL || c->sizes == NULL || c->formats == NULL || c->integers == NULL) {
        return ERR_NO_MEMORY;
    }
    c->param_room = count;
    return ERR_OK;
}

static void put_param(struct pg_conn *c, size_t at, const struct db_value *value)
{
    c->formats[at] = 1;
    switch (value->type) {
    case DB_INT:
        c->integers[at] = (int64_t)htobe64((uint64_t)value->integer);
        c->values[at] = (const char *)&c->integers[at];
        c->sizes[at] = (int)sizeof(int64_t);
        break;
    case DB_TEXT:
    case DB_BLOB:
        CHECK(value->size <= INT32_MAX);
        c->values[at] = value->bytes;
        c->sizes[at] = (int)value->size;
        break;
    case DB_NULL:
        c->values[at] = NULL;
        c->sizes[at] = 0;
        break;
    }
}

static enum err send_prepared(struct pg_conn *c, const struct pg_prepared *p)
{
    char name[NAME_SIZE];
    name_of(p, name);
    int sent =
        PQsendQueryPrepared(c->link, name, (int)p->param_count, c->values, c->sizes, c->formats, 1);
    return sent == 1 ? ERR_OK : pg_lost(c);
}

enum err pg_send(struct pg_conn *c, struct db_stmt *stmt, const struct db_value *args,
                 size_t arg_count, enum pg_kind kind, int64_t expected)
{
    bool checked = kind == PG_EFFECT && expected >= 0 && may_miss(stmt->sql);
    struct pg_prepared *p = NULL;
    enum err err = make_param_room(c, arg_count + 1);
    if (err == ERR_OK && c->queue_count > PG_QUEUE_MAX - 4) {
        err = pg_round(c);
    }
    if (err == ERR_OK) {
        err = find_prepared(c, stmt, arg_count, checked, &p);
    }
    if (err != ERR_OK) {
        return err;
    }
    CHECK(p->param_count == arg_count + (checked ? 1 : 0));
    bool learned = learn_types(p, args, arg_count);
    for (size_t i = 0; i < arg_count; i++) {
        put_param(c, i, &args[i]);
    }
    if (checked) {
        struct db_value count = db_int(expected);
        p->types[arg_count] = DB_INT;
        put_param(c, arg_count, &count);
    }
    if (learned || !p->ready) {
        err = send_prepare(c, p);
    }
    if (err == ERR_OK) {
        err = send_prepared(c, p);
    }
    if (err != ERR_OK) {
        return err;
    }
    struct pg_command *command = push(c, kind);
    command->prepared = p;
    command->expected = expected;
    command->checked = checked;
    return ERR_OK;
}

enum err pg_sync(struct pg_conn *c)
{
    if (PQpipelineSync(c->link) != 1) {
        return pg_lost(c);
    }
    push(c, PG_SYNC);
    return ERR_OK;
}

void pg_ignore_queue(struct pg_conn *c)
{
    for (int i = 0; i < c->queue_count; i++) {
        c->queue[i].ignored = true;
    }
}

/* --- answers -----------------------------------------------------------------------------------
 */

void pg_forget_rows(struct pg_conn *c)
{
    for (int i = 0; i < c->rows_count; i++) {
        PQclear(c->rows[i]);
    }
    c->rows_count = 0;
    c->rows_turn = 0;
}

static int64_t count_of(PGresult *result)
{
    if (strncmp(PQcmdStatus(result), "SELECT", 6) == 0) {
        return 0;
    }
    return strtoll(PQcmdTuples(result), NULL, 10);
}

static enum err take_good(struct pg_conn *c, const struct pg_command *command, PGresult *result)
{
    if (command->kind == PG_ROWS && !command->ignored) {
        CHECK(c->rows_count < DB_BATCH_MAX);
        c->rows[c->rows_count++] = result;
        return ERR_OK;
    }
    c->rolled_back = strcmp(PQcmdStatus(result), "ROLLBACK") == 0;
    c->changed = command->kind == PG_EFFECT ? count_of(result) : 0;
    /* Only a plain INSERT comes here with an expected count, and it lists its rows. */
    CHECK(command->checked || command->expected < 0 || c->changed == command->expected);
    PQclear(result);
    return ERR_OK;
}

static enum err take_bad(struct pg_conn *c, const struct pg_command *command, PGresult *result)
{
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    bool miss = command->checked && state != NULL && strcmp(state, "22012") == 0;
    enum err err = pg_err(c, result);
    if (miss) {
        err = ERR_DB_ROW_COUNT;
        db_conn_say(&c->base, command->prepared->stmt->name);
    }
    if (command->kind == PG_PREPARE) {
        command->prepared->ready = false;
    }
    PQclear(result);
    return command->ignored && err != ERR_DB_LOST ? ERR_OK : err;
}

/* The answer to one command. */
static enum err take_result(struct pg_conn *c, const struct pg_command *command)
{
    PGresult *result = PQgetResult(c->link);
    if (result == NULL) {
        return pg_lost(c);
    }
    ExecStatusType status = PQresultStatus(result);
    enum err err = ERR_OK;
    if (command->kind == PG_SYNC) {
        PQclear(result);
        return status == PGRES_PIPELINE_SYNC ? ERR_OK : pg_lost(c);
    }
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) {
        err = take_good(c, command, result);
    } else if (status == PGRES_PIPELINE_ABORTED) {
        if (command->kind == PG_PREPARE) {
            command->prepared->ready = false;
        }
        PQclear(result); /* the reason is in the answer of the command that failed before */
    } else {
        err = take_bad(c, command, result);
    }
    if (!c->base.lost && PQgetResult(c->link) != NULL) {
        return pg_lost(c); /* one statement, one answer */
    }
    return err;
}

enum err pg_round(struct pg_conn *c)
{
    enum err first = ERR_OK;
    if (c->queue_count == 0 || c->queue[c->queue_count - 1].kind != PG_SYNC) {
        first = pg_sync(c);
    }
    for (int i = 0; i < c->queue_count && !c->base.lost; i++) {
        enum err err = take_result(c, &c->queue[i]);
        if (first == ERR_OK || err == ERR_DB_LOST) {
            first = err;
        }
    }
    c->queue_count = 0;
    c->deferred = 0;
    return c->base.lost ? ERR_DB_LOST : first;
}

enum err pg_describe(struct pg_conn *c, const char *sql)
{
    enum err err = c->queue_count > 0 ? pg_round(c) : ERR_OK;
    if (err != ERR_OK) {
        return err;
    }
    if (PQsendPrepare(c->link, "", sql, 0, NULL) != 1) {
        return pg_lost(c);
    }
    (void)push(c, PG_EFFECT);
    return pg_round(c);
}
