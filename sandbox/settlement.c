/* End of a day: the clearing file, and the bank's reserve account. */
#include "sandbox.h"

#include "base/date.h"
#include "base/str.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define FILE_SIZE_MAX ((size_t)256 << 20)

STORE_STMT(stmt_lines, "SELECT instruction_id, kind, agreement_number, amount_minor, settled_at,"
                       " sequence, file_copies, file_extra_minor FROM instructions"
                       " WHERE clearing_day = ?1 ORDER BY sequence");
STORE_STMT(stmt_reserve, "SELECT balance_minor FROM reserve");

struct day_total {
    int64_t count;
    int64_t net_minor; /* debits less credits and refunds */
};

static void append_line(struct str *out, sqlite3_stmt *rows, struct date day,
                        struct day_total *total)
{
    int64_t minor = store_int(rows, 3) + store_int(rows, 7);
    char amount[MONEY_TEXT_SIZE];
    money_format((struct money){minor, CCY_CNY}, amount);
    char settled_at[INSTANT_TEXT_SIZE];
    instant_format(store_int(rows, 4), settled_at);
    struct date_parts parts = date_parts(day);
    for (int64_t copy = 0; copy < store_int(rows, 6); copy++) {
        str_printf(out, "%s,%s,%s,%s,%s,ACSC,%s,CL%04d%02d%02d%010" PRId64 "\n",
                   store_text(rows, 0), store_text(rows, 1), store_text(rows, 2), amount,
                   CCY_CNY.code, settled_at, parts.year, parts.month, parts.day,
                   store_int(rows, 5));
        total->count++;
        total->net_minor += strcmp(store_text(rows, 1), "debit") == 0 ? minor : -minor;
    }
}

static bool read_day(const char *name, struct date *out)
{
    char text[DATE_TEXT_SIZE];
    if (strlen(name) != DATE_TEXT_SIZE - 1 + strlen(".csv") ||
        strcmp(name + DATE_TEXT_SIZE - 1, ".csv") != 0)
        return false;
    snprintf(text, sizeof text, "%.10s", name);
    return date_parse(text, out) == ERR_OK;
}

void settlement_file(struct request *request, struct answer *answer)
{
    struct date day;
    struct date today = date_of_instant(request->now_us, CLEARING_OFFSET_MIN);
    if (!read_day(request->path_value, &day) || date_compare(day, today) > 0) {
        answer_refuse(answer, REFUSE_fileUnknown);
        return;
    }
    clearing_settle_due(request);
    struct str text;
    str_init(&text, FILE_SIZE_MAX);
    str_append(&text, "instructionId,kind,agreementNumber,amount,currency,status,settledAt,"
                      "reference\n");
    struct day_total total = {0};
    sqlite3_stmt *rows = store_query(request->store, &stmt_lines, "i", (int64_t)day.days);
    while (store_next(request->store, rows))
        append_line(&text, rows, day, &total);
    store_done(rows);
    char net[MONEY_TEXT_SIZE];
    money_format((struct money){total.net_minor, CCY_CNY}, net);
    str_printf(&text, "TRAILER,%" PRId64 ",,%s,%s,,,\n", total.count, net, CCY_CNY.code);
    if (text.failed) {
        request->store->failed = true;
        str_release(&text);
        return;
    }
    answer->status = 200;
    answer->text = text.bytes;
    answer->size = text.size;
    answer->content_type = "text/csv; charset=utf-8";
    answer->header_name = "Sandbox-File-State";
    answer->header_value = date_compare(day, today) == 0 ? "open" : "final";
}

void settlement_reserve(struct request *request, struct answer *answer)
{
    clearing_settle_due(request);
    sqlite3_stmt *rows = store_query(request->store, &stmt_reserve, "");
    int64_t minor = store_next(request->store, rows) ? store_int(rows, 0) : 0;
    store_done(rows);
    answer_json(answer, 200,
                json_pack("{s:o, s:o}", "balance", money_json(minor), "asOf",
                          instant_json(request->now_us)));
}
