/* A statement as plain facts, ready to be written in any format. Inside of the room. */
#ifndef REPORT_STATEMENT_H
#define REPORT_STATEMENT_H

#include "base/arena.h"
#include "report/report.h"

#define STATEMENT_CODE_SIZE 20 /* "3f2a-91bc-07d4-e85b" and its NUL */

struct statement_line {
    struct journal_id journal;
    int64_t line_id;
    int64_t created_at;
    struct payment_id payment; /* 0: none */
    struct date booking_date, value_date;
    enum activity_kind kind;
    enum recipe recipe;
    enum ledger_side side; /* LEDGER_CREDIT: money in */
    int64_t amount_minor;
    int64_t balance_minor;                        /* after it, in the order of booking dates */
    const char *other_name, *other_masked, *text; /* "" for none */
};

struct statement {
    const struct report_order *order;
    int64_t opening_minor, closing_minor;
    int64_t in_minor, out_minor; /* >= 0 */
    char check_code[STATEMENT_CODE_SIZE];
    struct statement_line *lines;
    size_t count;
    size_t capacity;
    struct arena arena; /* texts of the lines */
};

void statement_write_json(const struct statement *statement, struct str *out);
/* A CSV field that stays text in a spreadsheet: an apostrophe precedes a formula or a numeral. */
void statement_csv_text(struct str *out, const char *text);
void statement_write_csv(const struct statement *statement, struct str *out);
enum err statement_write_pdf(const struct statement *statement, struct str *out);

#endif
