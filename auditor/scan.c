/* The pass over the transfers, and the checks of each transfer's form. */
#include "audit.h"

#include "base/id.h"
#include "base/money.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define COMMON                                                                                     \
    "SELECT id, debit_id, credit_id, amount_minor, recipe, recipe_version, kind, leg,"             \
    " booking_date, value_days, ref_id, of_id, order_hash"
static const char embedded_sql[] =
    COMMON ", debit_prev_id, credit_prev_id, debit_net_minor, credit_net_minor"
           " FROM ledger_transfers ORDER BY id";
static const char pg_sql[] = COMMON ", bucket FROM ledger_transfers ORDER BY bucket, id";

int64_t bucket_of(int64_t id)
{
    return id & (BUCKET_COUNT - 1);
}

int64_t internal_id(int64_t gl, int64_t ccy, int64_t bucket)
{
    return (gl << CCY_NUMBER_BITS | ccy) << 10 | bucket;
}

const char *ccy_text(int64_t number)
{
    static char code[2][4]; /* two in one line of text */
    static int turn;
    turn = 1 - turn;
    struct ccy ccy = ccy_number_is_known(number) ? ccy_from_number((int)number) : (struct ccy){"?"};
    memcpy(code[turn], ccy.code, sizeof code[turn]);
    return code[turn];
}

bool moves_money(int64_t kind)
{
    return kind == POST || kind == CAPTURE;
}

static void read_row(struct cursor *cursor, bool is_pg, struct row *out)
{
    *out = (struct row){.id = cursor_int(cursor, 0),
                        .account = {cursor_int(cursor, 1), cursor_int(cursor, 2)},
                        .amount = cursor_int(cursor, 3),
                        .recipe = cursor_int(cursor, 4),
                        .version = cursor_int(cursor, 5),
                        .kind = cursor_int(cursor, 6),
                        .leg = cursor_int(cursor, 7),
                        .booking = cursor_int(cursor, 8),
                        .value_days = cursor_int(cursor, 9),
                        .ref = cursor_int(cursor, 10),
                        .of = cursor_int(cursor, 11)};
    size_t size;
    const uint8_t *order = cursor_blob(cursor, 12, &size);
    out->order_size = (int)size;
    if (size == sizeof out->order) {
        memcpy(out->order, order, size);
    }
    for (int side = 0; !is_pg && side < 2; side++) {
        out->prev[side] = cursor_int(cursor, 13 + side);
        out->net[side] = cursor_int(cursor, 15 + side);
    }
}

/* A leg follows the previous one of the same journal. */
static void check_leg(struct audit *audit, const struct row *row)
{
    const struct row *before = &audit->previous;
    if (row->leg == 0) {
        return;
    }
    if (before->id != row->id - ID_STEP || before->leg != row->leg - 1 ||
        before->recipe != row->recipe || before->kind != row->kind ||
        before->booking != row->booking || before->value_days != row->value_days ||
        before->ref != row->ref || before->of != row->of) {
        find(&audit->findings, CHECK_TRANSFERS, row->id,
             "transfer %" PRId64 ": leg %" PRId64 " does not follow leg %" PRId64 " of its journal",
             "转账 %" PRId64 "：第 %" PRId64 " 腿未接在同一分录的第 %" PRId64 " 腿之后", row->id,
             row->leg, row->leg - 1);
    }
}

static void check_form(struct audit *audit, const struct row *row)
{
    struct findings *findings = &audit->findings;
    const struct book *debit = book_of(audit, row->account[0]);
    const struct book *credit = book_of(audit, row->account[1]);
    for (int side = 0; side < 2; side++) {
        if ((side ? credit : debit) == NULL) {
            find(findings, CHECK_TRANSFERS, row->id,
                 "transfer %" PRId64 ": there is no account %" PRId64,
                 "转账 %" PRId64 "：账户 %" PRId64 " 不存在", row->id, row->account[side]);
        }
    }
    if (row->account[0] == row->account[1]) {
        find(findings, CHECK_TRANSFERS, row->id,
             "transfer %" PRId64 ": account %" PRId64 " is on both sides",
             "转账 %" PRId64 "：账户 %" PRId64 " 同时在借贷两方", row->id, row->account[0]);
    }
    if (row->amount <= 0 || row->kind < POST || row->kind > EXPIRE) {
        find(findings, CHECK_TRANSFERS, row->id,
             "transfer %" PRId64 ": amount %" PRId64 " of kind %" PRId64 " cannot be",
             "转账 %" PRId64 "：金额 %" PRId64 "、种类 %" PRId64 " 不合法", row->id, row->amount,
             row->kind);
    }
    if (debit != NULL && credit != NULL && debit->ccy != credit->ccy) {
        find(findings, CHECK_TRANSFERS, row->id, "transfer %" PRId64 ": debit in %s, credit in %s",
             "转账 %" PRId64 "：借方币种 %s，贷方币种 %s", row->id, ccy_text(debit->ccy),
             ccy_text(credit->ccy));
    }
    if (row->order_size != 0 && (row->order_size != ORDER_SIZE || row->leg != 0)) {
        find(findings, CHECK_TRANSFERS, row->id,
             "transfer %" PRId64 ": leg %" PRId64 " has an order hash of %d bytes",
             "转账 %" PRId64 "：第 %" PRId64 " 腿的指令哈希为 %d 字节", row->id, row->leg,
             row->order_size);
    }
    check_leg(audit, row);
}

/* Progress on a terminal: at most ten lines a second. */
static void scan_show(const struct audit *audit, int64_t total, bool is_last)
{
    static int64_t drawn;
    struct timespec now;
    if (!audit->shows_progress) {
        return;
    }
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    int64_t tenth = (int64_t)now.tv_sec * 10 + now.tv_nsec / 100000000;
    if (tenth == drawn && !is_last) {
        return;
    }
    drawn = tenth;
    int64_t percent = total > 0 ? audit->transfer_count * 100 / total : 100;
    percent = percent > 100 ? 100 : percent;
    char bar[21];
    for (int i = 0; i < 20; i++) {
        bar[i] = i * 5 < percent ? '#' : '-';
    }
    bar[20] = '\0';
    fprintf(stderr, "\r%s  [%s]  %3" PRId64 " %%  %s\033[K%s",
            audit->findings.lang == LANG_ZH ? "核对" : "auditing", bar, percent,
            GROUPED(audit->transfer_count), is_last ? "\r\033[K" : "");
}

static void take_row(struct audit *audit, const struct row *row)
{
    if (row->leg == 0) {
        books_journal_end(audit);
        audit->journal_count++;
    }
    if (!audit->is_pg) {
        checkpoints_before(audit, row->id);
    }
    check_form(audit, row);
    seals_row(audit, row);
    books_row(audit, row);
    gl_row(audit, row);
    holds_row(audit, row);
    reversals_row(audit, row);
    audit->previous = *row;
    audit->transfer_count++;
}

void scan_transfers(struct audit *audit)
{
    struct row row;
    int64_t total =
        audit->shows_progress
            ? reader_number(audit->reader,
                            "SELECT CAST(sum(transfer_count) AS BIGINT) FROM ledger_seals", 0, 0, 0)
            : 0;
    struct cursor *cursor =
        reader_stream(audit->reader, audit->is_pg ? pg_sql : embedded_sql, 0, 0);
    while (cursor_next(cursor)) {
        read_row(cursor, audit->is_pg, &row);
        if (audit->is_pg && cursor_int(cursor, 13) != bucket_of(row.id)) {
            find(&audit->findings, CHECK_TRANSFERS, row.id,
                 "transfer %" PRId64 ": stands in bucket %" PRId64 " of another id",
                 "转账 %" PRId64 "：位于不属于它的桶 %" PRId64, row.id, cursor_int(cursor, 13));
        }
        take_row(audit, &row);
        if ((audit->transfer_count & 0xfff) == 0) {
            scan_show(audit, total, false);
        }
    }
    cursor_close(cursor);
    books_journal_end(audit);
    scan_show(audit, total, true);
    summarise(&audit->findings, CHECK_TRANSFERS, "%s transfers in %s journals",
              "%s 笔转账，%s 笔分录", GROUPED(audit->transfer_count),
              GROUPED(audit->journal_count));
}
