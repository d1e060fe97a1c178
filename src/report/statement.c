/* Statements: gathering lines and balances. */
#include "report/statement.h"

#include "base/check.h"
#include "base/hash.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXTS_MAX ((size_t)24 << 20)

/* --- gathering ---------------------------------------------------------------------------------
 */

struct gathering {
    struct statement *statement;
    bool any;
    bool done;            /* the walk has passed the period and its slack */
    int64_t newest_minor; /* booked balance of now */
    int64_t since_minor;  /* net of all lines booked on `from` and later */
    enum err err;
};

static bool room_for_line(struct statement *statement)
{
    if (statement->count < statement->capacity) {
        return true;
    }
    size_t capacity = statement->capacity ? statement->capacity * 2 : 64;
    struct statement_line *lines = realloc(statement->lines, capacity * sizeof *lines);
    if (lines == NULL) {
        return false;
    }
    statement->lines = lines;
    statement->capacity = capacity;
    return true;
}

static enum err keep(struct statement *statement, const struct activity_line *activity)
{
    if (statement->count == REPORT_LINES_MAX) {
        return ERR_REPORT_TOO_LONG;
    }
    if (!room_for_line(statement)) {
        return ERR_NO_MEMORY;
    }
    const struct ledger_line *line = &activity->line;
    const char *text = activity->has_payment ? activity->payment.text : "";
    struct statement_line *out = &statement->lines[statement->count++];
    *out = (struct statement_line){
        .journal = line->journal,
        .line_id = line->id,
        .created_at = line->created_at,
        .payment = activity->has_payment ? activity->payment.id : (struct payment_id){0},
        .booking_date = line->booking_date,
        .value_date = line->value_date,
        .kind = activity->kind,
        .recipe = (enum recipe)line->recipe,
        .side = line->side,
        .amount_minor = line->amount_minor,
        .other_name = arena_strdup(&statement->arena, activity->other_name),
        .other_masked = arena_strdup(&statement->arena, activity->other_masked),
        .text = arena_strdup(&statement->arena, text)};
    return out->other_name && out->other_masked && out->text ? ERR_OK : ERR_NO_MEMORY;
}

static bool gather(const struct activity_line *activity, void *context)
{
    struct gathering *g = context;
    const struct report_order *order = g->statement->order;
    const struct ledger_line *line = &activity->line;
    if (!g->any) {
        g->any = true;
        g->newest_minor = line->balance_minor;
    }
    if (line->booking_date.days < order->from.days - REPORT_BACKDATE_DAYS) {
        g->done = true;
        return false;
    }
    if (date_compare(line->booking_date, order->from) < 0) {
        return true;
    }
    bool in = line->side == LEDGER_CREDIT;
    if (__builtin_add_overflow(g->since_minor, in ? line->amount_minor : -line->amount_minor,
                               &g->since_minor)) {
        g->err = ERR_OVERFLOW;
    } else if (date_compare(line->booking_date, order->to) <= 0) {
        g->err = keep(g->statement, activity);
    }
    return !g->err;
}

/* --- order and sums ----------------------------------------------------------------------------
 */

static int by_booking_date(const void *a, const void *b)
{
    const struct statement_line *x = a;
    const struct statement_line *y = b;
    int dates = date_compare(x->booking_date, y->booking_date);
    return dates ? dates : (x->line_id > y->line_id) - (x->line_id < y->line_id);
}

static void add_up(struct statement *statement)
{
    int64_t balance = statement->opening_minor;
    for (size_t i = 0; i < statement->count; i++) {
        struct statement_line *line = &statement->lines[i];
        bool in = line->side == LEDGER_CREDIT;
        *(in ? &statement->in_minor : &statement->out_minor) += line->amount_minor;
        balance += in ? line->amount_minor : -line->amount_minor;
        line->balance_minor = balance;
    }
    statement->closing_minor = balance;
}

/* Over every figure of the statement, not over its words: both languages and all formats share it.
 */
static void make_check_code(struct statement *statement)
{
    const struct report_order *order = statement->order;
    struct hash_stream stream;
    char text[160];
    hash_stream_init(&stream);
    int size = snprintf(text, sizeof text, "statement 1 %s %d %d %lld %lld\n",
                        order->account->number, order->from.days, order->to.days,
                        (long long)statement->opening_minor, (long long)statement->closing_minor);
    hash_stream_add(&stream, text, (size_t)size);
    for (size_t i = 0; i < statement->count; i++) {
        const struct statement_line *line = &statement->lines[i];
        size = snprintf(text, sizeof text, "%lld %d %d %d %lld\n", (long long)line->line_id,
                        line->booking_date.days, line->value_date.days, (int)line->side,
                        (long long)line->amount_minor);
        hash_stream_add(&stream, text, (size_t)size);
    }
    struct hash hash = hash_stream_final(&stream);
    snprintf(statement->check_code, sizeof statement->check_code,
             "%02x%02x-%02x%02x-%02x%02x-%02x%02x", hash.bytes[0], hash.bytes[1], hash.bytes[2],
             hash.bytes[3], hash.bytes[4], hash.bytes[5], hash.bytes[6], hash.bytes[7]);
}

static enum err statement_load(struct ledger *ledger, struct db_conn *conn,
                               const struct report_order *order, struct statement *out)
{
    static const struct activity_filter all = {0};
    struct gathering g = {.statement = out};
    int64_t cursor = 0;
    enum err err = ERR_OK;
    *out = (struct statement){.order = order};
    arena_init(&out->arena, TEXTS_MAX);
    if (date_compare(order->from, order->to) > 0) {
        return ERR_REPORT_PERIOD;
    }
    do {
        err = activity_each(ledger, conn, order->account->id, &all, cursor, ACTIVITY_PAGE_MAX,
                            gather, &g, &cursor);
        err = err ? err : g.err;
    } while (!err && !g.done && cursor != 0);
    if (err) {
        return err;
    }
    out->opening_minor = g.newest_minor - g.since_minor;
    if (out->count > 1) {
        qsort(out->lines, out->count, sizeof *out->lines, by_booking_date);
    }
    add_up(out);
    make_check_code(out);
    return ERR_OK;
}

static void statement_release(struct statement *statement)
{
    arena_release(&statement->arena);
    free(statement->lines);
    *statement = (struct statement){0};
}

/* --- door --------------------------------------------------------------------------------------
 */

static const struct {
    const char *name;
    const char *content_type;
} formats[] = {
    [REPORT_JSON] = {"json", "application/json"},
    [REPORT_CSV] = {"csv", "text/csv; charset=utf-8"},
    [REPORT_PDF] = {"pdf", "application/pdf"},
};

enum err report_format_parse(const char *text, enum report_format *out)
{
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        if (strcmp(formats[i].name, text) == 0) {
            *out = (enum report_format)i;
            return ERR_OK;
        }
    }
    return ERR_INVALID_FIELD;
}

const char *report_content_type(enum report_format format)
{
    return formats[format].content_type;
}

void report_file_name(const struct report_order *order, char out[REPORT_FILE_NAME_SIZE])
{
    char from[DATE_TEXT_SIZE];
    char to[DATE_TEXT_SIZE];
    size_t size = strlen(order->account->number);
    date_format(order->from, from);
    date_format(order->to, to);
    snprintf(out, REPORT_FILE_NAME_SIZE, "sycee-%s-%s-%s.%s",
             order->account->number + (size > 4 ? size - 4 : 0), from, to,
             formats[order->format].name);
}

enum err report_statement(struct ledger *ledger, struct db_conn *conn,
                          const struct report_order *order, struct str *out)
{
    struct statement statement;
    enum err err = statement_load(ledger, conn, order, &statement);
    if (!err) {
        switch (order->format) {
        case REPORT_JSON:
            statement_write_json(&statement, out);
            break;
        case REPORT_CSV:
            statement_write_csv(&statement, out);
            break;
        case REPORT_PDF:
            err = statement_write_pdf(&statement, out);
            break;
        }
    }
    statement_release(&statement);
    return err ? err : out->failed ? ERR_NO_MEMORY : ERR_OK;
}
