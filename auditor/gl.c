/* Sums by booking date, code and currency; clearing accounts; reserve and customers' money. */
#include "audit.h"

#include "base/date.h"
#include "base/money.h"

#include <inttypes.h>
#include <stdlib.h>

static struct gl_day *day_of(struct audit *audit, int64_t booking, int64_t gl, int64_t ccy)
{
    uint32_t number = map_put(&audit->gl_map, booking, gl << CCY_NUMBER_BITS | ccy);
    audit->gl_days =
        array_reserve(audit->gl_days, &audit->gl_capacity, number, sizeof *audit->gl_days);
    return &audit->gl_days[number];
}

static struct settled *settled_of(struct audit *audit, int64_t bucket, int64_t booking)
{
    uint32_t number = map_put(&audit->settled_map, bucket, booking);
    audit->settled =
        array_reserve(audit->settled, &audit->settled_capacity, number, sizeof *audit->settled);
    return &audit->settled[number];
}

static void date_text(int64_t days, char out[DATE_TEXT_SIZE])
{
    struct date date = {.days = (int32_t)days};
    date_format(date_add_days(date, 0), out);
}

void gl_begin(struct audit *audit)
{
    audit->gl_through = reader_number(
        audit->reader, "SELECT through_id FROM report_gl_progress WHERE bucket = 0", 0, 0, 0);
}

void gl_row(struct audit *audit, const struct row *row)
{
    if (!moves_money(row->kind)) {
        return;
    }
    for (int side = 0; side < 2; side++) {
        const struct book *book = book_of(audit, row->account[side]);
        if (book == NULL) {
            continue;
        }
        struct gl_day *day = day_of(audit, row->booking, book->gl, book->ccy);
        if (side == 0) {
            day->debit += row->amount;
            day->debit_kept += row->id <= audit->gl_through ? row->amount : 0;
        } else {
            day->credit += row->amount;
            day->credit_kept += row->id <= audit->gl_through ? row->amount : 0;
        }
    }
    if (row->recipe == SETTLE_IN || row->recipe == SETTLE_OUT) {
        struct settled *settled = settled_of(audit, bucket_of(row->account[0]), row->booking);
        *(row->recipe == SETTLE_IN ? &settled->in : &settled->out) += row->amount;
    }
}

/* --- debits equal credits --------------------------------------------------------------------- */

struct pair {
    int128 debit, credit;
};

static void check_dates(struct audit *audit)
{
    struct map map = {0};
    struct pair *pairs = NULL;
    uint32_t capacity = 0;
    for (uint32_t i = 0; i < audit->gl_map.count; i++) {
        uint32_t n =
            map_put(&map, audit->gl_map.keys[i].a, audit->gl_map.keys[i].b & CCY_NUMBER_MAX);
        pairs = array_reserve(pairs, &capacity, n, sizeof *pairs);
        pairs[n].debit += audit->gl_days[i].debit;
        pairs[n].credit += audit->gl_days[i].credit;
    }
    for (uint32_t i = 0; i < map.count; i++) {
        if (pairs[i].debit != pairs[i].credit) {
            char text[DATE_TEXT_SIZE];
            date_text(map.keys[i].a, text);
            find(&audit->findings, CHECK_BOOKS, 0, "%s %s: debits %s, credits %s",
                 "%s %s：借方 %s，贷方 %s", text, ccy_text(map.keys[i].b),
                 GROUPED((int64_t)pairs[i].debit), GROUPED((int64_t)pairs[i].credit));
        }
    }
    free(pairs);
    map_release(&map);
}

/* Sums that the bank stored for its dates, against those of the underlying transfers. */
static void check_kept(struct audit *audit)
{
    struct cursor *cursor =
        reader_stream(audit->reader,
                      "SELECT business_date, gl_code, ccy_number, CAST(sum(debit_minor) AS BIGINT),"
                      " CAST(sum(credit_minor) AS BIGINT) FROM report_gl_days"
                      " GROUP BY business_date, gl_code, ccy_number",
                      0, 0);
    while (cursor_next(cursor)) {
        struct gl_day *day = day_of(audit, cursor_int(cursor, 0), cursor_int(cursor, 1),
                                    cursor_int(cursor, 2) & CCY_NUMBER_MAX);
        day->debit_kept -= cursor_int(cursor, 3);
        day->credit_kept -= cursor_int(cursor, 4);
    }
    cursor_close(cursor);
    for (uint32_t i = 0; i < audit->gl_map.count; i++) {
        const struct gl_day *day = &audit->gl_days[i];
        if (day->debit_kept != 0 || day->credit_kept != 0) {
            char text[DATE_TEXT_SIZE];
            date_text(audit->gl_map.keys[i].a, text);
            find(&audit->findings, CHECK_BOOKS, 0,
                 "%s code %" PRId64 ": kept sums are off by debit %s, credit %s",
                 "%s 科目 %" PRId64 "：留存合计相差借方 %s，贷方 %s", text,
                 audit->gl_map.keys[i].b >> CCY_NUMBER_BITS, GROUPED(-day->debit_kept),
                 GROUPED(-day->credit_kept));
        }
    }
}

static void check_business_date(struct audit *audit)
{
    int64_t today = reader_number(audit->reader,
                                  "SELECT business_date FROM engine_business_date WHERE bucket = 0",
                                  0, 0, INT32_MAX);
    for (uint32_t i = 0; i < audit->gl_map.count; i++) {
        if (audit->gl_map.keys[i].a > today) {
            char text[DATE_TEXT_SIZE];
            date_text(audit->gl_map.keys[i].a, text);
            find(&audit->findings, CHECK_BOOKS, 0, "%s: booked on a date that has not come",
                 "%s：记账日期尚未到来", text);
        }
    }
}

void gl_end(struct audit *audit)
{
    check_dates(audit);
    check_kept(audit);
    check_business_date(audit);
    summarise(&audit->findings, CHECK_BOOKS,
              "debits equal credits; %s sums by date, code and currency",
              "借贷相等；%s 个按日期、科目、币种的合计", GROUPED(audit->gl_map.live));
}

/* --- settlement ------------------------------------------------------------------------------- */

static void check_settled(struct audit *audit)
{
    struct cursor *cursor = reader_stream(
        audit->reader, "SELECT bucket, business_date, in_minor, out_minor FROM payment_settlements",
        0, 0);
    while (cursor_next(cursor)) {
        struct settled *settled = settled_of(audit, cursor_int(cursor, 0), cursor_int(cursor, 1));
        settled->in_said += cursor_int(cursor, 2);
        settled->out_said += cursor_int(cursor, 3);
    }
    cursor_close(cursor);
    for (uint32_t i = 0; i < audit->settled_map.count; i++) {
        const struct settled *settled = &audit->settled[i];
        if (settled->in != settled->in_said || settled->out != settled->out_said) {
            char text[DATE_TEXT_SIZE];
            date_text(audit->settled_map.keys[i].b, text);
            find(&audit->findings, CHECK_SETTLEMENT, audit->settled_map.keys[i].a,
                 "bucket %" PRId64 " on %s: settled %s in and %s out, its journals %s and %s",
                 "桶 %" PRId64 "，%s：清算收 %s、付 %s，分录为 %s 与 %s",
                 audit->settled_map.keys[i].a, text, GROUPED(settled->in_said),
                 GROUPED(settled->out_said), GROUPED(settled->in), GROUPED(settled->out));
        }
    }
}

static int64_t balance_of(const struct audit *audit, uint16_t gl, bool is_debit)
{
    int64_t total = 0;
    for (uint32_t i = 0; i < audit->book_map.count; i++) {
        const struct book *book = &audit->books[i];
        if (book->gl == gl && book->ccy == ccy_number(CCY_CNY)) {
            int64_t net = (int64_t)((uint64_t)book->posted[1] - (uint64_t)book->posted[0]);
            total = (int64_t)((uint64_t)total + (uint64_t)(is_debit ? -net : net));
        }
    }
    return total;
}

void settlement_check(struct audit *audit)
{
    check_settled(audit);
    char texts[5][MONEY_TEXT_SIZE];
    int64_t minors[5] = {balance_of(audit, DEPOSITS, false) +
                             balance_of(audit, PAYMENT_ACCOUNTS, false),
                         balance_of(audit, PAYABLE, false), balance_of(audit, RESERVE, true),
                         balance_of(audit, RECEIVABLE, true), 0};
    minors[4] = (int64_t)((uint64_t)minors[2] + (uint64_t)minors[3] - (uint64_t)minors[0] -
                          (uint64_t)minors[1]);
    if (minors[4] < 0 && !audit->is_bare) {
        char text[MONEY_TEXT_SIZE];
        money_format((struct money){-minors[4], CCY_CNY}, text);
        find(&audit->findings, CHECK_SETTLEMENT, 0,
             "RESERVE SHORT BY %s: the reserve does not cover customers' money",
             "备付金缺口 %s：备付金不足以覆盖客户资金", text);
    }
    for (int i = 0; i < 5; i++) {
        money_format((struct money){minors[i], CCY_CNY}, texts[i]);
    }
    summarise(&audit->findings, CHECK_SETTLEMENT,
              "customers %s and payable %s; reserve %s and receivable %s; CNY, %s over",
              "客户资金 %s，应付清算 %s；备付金 %s，应收清算 %s；人民币，差额 %s", texts[0],
              texts[1], texts[2], texts[3], texts[4]);
}
