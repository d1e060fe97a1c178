/* Accounts: the state computed from the transfers, against the state stored by the bank. */
#include "audit.h"

#include "base/check.h"
#include "base/id.h"
#include "base/money.h"

#include <inttypes.h>
#include <stdlib.h>

enum { TOLD_LINK = 1, TOLD_NET = 2, TOLD_FLOOR = 4, TOLD_PENDING = 8 };
enum { FLOOR_NONE, FLOOR_CREDIT };

static const struct {
    int64_t code;
    int64_t floor;
} chart[] = {{RESERVE, FLOOR_NONE},
             {RECEIVABLE, FLOOR_NONE},
             {1901, FLOOR_NONE},
             {DEPOSITS, FLOOR_CREDIT},
             {PAYMENT_ACCOUNTS, FLOOR_CREDIT},
             {PAYABLE, FLOOR_NONE},
             {INTEREST_PAYABLE, FLOOR_NONE},
             {SUSPENSE, FLOOR_NONE},
             {3001, FLOOR_NONE},
             {4001, FLOOR_NONE},
             {5001, FLOOR_NONE}};

static int64_t floor_of(int64_t code)
{
    for (size_t i = 0; i < sizeof chart / sizeof chart[0]; i++) {
        if (chart[i].code == code) {
            return chart[i].floor;
        }
    }
    return -1;
}

struct book *book_of(struct audit *audit, int64_t account)
{
    uint32_t number = map_find(&audit->book_map, account, 0);
    return number == MAP_NONE ? NULL : &audit->books[number];
}

/* Tampered amounts may have any value: sums wrap instead of trapping. */
static int64_t books_sum(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a + (uint64_t)b);
}

static int64_t net_of(const struct book *book)
{
    return books_sum(book->posted[1], -book->posted[0]);
}

static bool tell_once(struct book *book, uint8_t what)
{
    bool told = book->told & what;
    book->told |= what;
    return !told;
}

/* --- loading ---------------------------------------------------------------------------------- */

static void check_account(struct audit *audit, int64_t id, int64_t bucket, int64_t gl, int64_t ccy,
                          int64_t floor)
{
    bool is_internal = id < INTERNAL_ID_MAX;
    bool is_known = ccy_number_is_known(ccy) && floor_of(gl) >= 0;
    if (!is_known || bucket != bucket_of(id) ||
        (is_internal ? id != internal_id(gl, ccy, bucket) : gl == 0) ||
        floor != (is_internal ? FLOOR_NONE : floor_of(gl))) {
        find(&audit->findings, CHECK_ACCOUNTS, id,
             "account %" PRId64 ": code %" PRId64 ", currency %" PRId64 ", floor %" PRId64
             ", bucket %" PRId64 " are inconsistent",
             "账户 %" PRId64 "：科目 %" PRId64 "、币种 %" PRId64 "、底线 %" PRId64 "、桶 %" PRId64
             " 互不相符",
             id, gl, ccy, floor, bucket);
    }
}

static void take_slot(struct audit *audit, int64_t id, int64_t slot, uint32_t number)
{
    int64_t count = (int64_t)audit->slot_count;
    if (slot < 0 || slot >= count || audit->slots[slot] != MAP_NONE) {
        find(&audit->findings, CHECK_ACCOUNTS, id,
             "account %" PRId64 ": slot %" PRId64 " is taken or too high",
             "账户 %" PRId64 "：位置 %" PRId64 " 已被占用或超出范围", id, slot);
        return;
    }
    audit->slots[slot] = number;
}

void books_load(struct audit *audit)
{
    static const char embedded[] =
        "SELECT id, bucket, gl_code, ccy_number, floor, closed, slot FROM ledger_accounts";
    static const char pg[] =
        "SELECT id, bucket, gl_code, ccy_number, floor, closed, 0 FROM ledger_accounts";
    int64_t count = reader_number(audit->reader, "SELECT count(*) FROM ledger_accounts", 0, 0, 0);
    CHECK(count < UINT32_MAX / 2);
    audit->slot_count = audit->is_pg ? 0 : (uint32_t)count;
    audit->slots = malloc(((size_t)audit->slot_count + 1) * sizeof *audit->slots);
    CHECK(audit->slots != NULL);
    for (uint32_t i = 0; i < audit->slot_count; i++) {
        audit->slots[i] = MAP_NONE;
    }
    struct cursor *cursor = reader_stream(audit->reader, audit->is_pg ? pg : embedded, 0, 0);
    while (cursor_next(cursor)) {
        int64_t id = cursor_int(cursor, 0);
        uint32_t number = map_put(&audit->book_map, id, 0);
        audit->books =
            array_reserve(audit->books, &audit->book_capacity, number, sizeof *audit->books);
        audit->books[number] = (struct book){.id = id,
                                             .gl = (uint16_t)cursor_int(cursor, 2),
                                             .ccy = (uint16_t)cursor_int(cursor, 3),
                                             .floor = (uint8_t)cursor_int(cursor, 4),
                                             .closed = (uint8_t)cursor_int(cursor, 5),
                                             .interest = MAP_NONE};
        check_account(audit, id, cursor_int(cursor, 1), cursor_int(cursor, 2),
                      cursor_int(cursor, 3), cursor_int(cursor, 4));
        if (!audit->is_pg) {
            take_slot(audit, id, cursor_int(cursor, 6), number);
        }
    }
    cursor_close(cursor);
}

/* --- transfers -------------------------------------------------------------------------------- */

static void books_move(struct book *book, int side, int64_t kind, int64_t amount)
{
    if (moves_money(kind)) {
        book->posted[side] = books_sum(book->posted[side], amount);
    }
    if (kind == HOLD) {
        book->pending[side] = books_sum(book->pending[side], amount);
    } else if (kind != POST) {
        book->pending[side] = books_sum(book->pending[side], -amount);
    }
}

static uint64_t mark_of(int64_t transfer, int side)
{
    uint64_t x = ((uint64_t)transfer << 1 | (uint64_t)side) * UINT64_C(0x9E3779B97F4A7C15);
    x ^= x >> 29;
    return x * UINT64_C(0xBF58476D1CE4E5B9);
}

static void check_link(struct audit *audit, const struct row *row, int side, struct book *book)
{
    if (row->prev[side] != book->newest_id && tell_once(book, TOLD_LINK)) {
        find(&audit->findings, CHECK_BALANCES, row->id,
             "transfer %" PRId64 ": names %" PRId64 " as the newest of account %" PRId64
             ", it was %" PRId64,
             "转账 %" PRId64 "：记载 %" PRId64 " 为账户 %" PRId64 " 的上一笔，实为 %" PRId64,
             row->id, row->prev[side], book->id, book->newest_id);
    }
}

static void check_net(struct audit *audit, const struct row *row, int side, struct book *book)
{
    if (row->net[side] != net_of(book) && tell_once(book, TOLD_NET)) {
        find(&audit->findings, CHECK_BALANCES, row->id,
             "transfer %" PRId64 ": balance of account %" PRId64 " is written as %s, expected %s",
             "转账 %" PRId64 "：账户 %" PRId64 " 的余额记为 %s，应为 %s", row->id, book->id,
             GROUPED(row->net[side]), GROUPED(net_of(book)));
    }
}

static void check_floor(struct audit *audit, struct book *book, int64_t id)
{
    if (book->floor == FLOOR_CREDIT &&
        books_sum(book->posted[0], book->pending[0]) > book->posted[1] &&
        tell_once(book, TOLD_FLOOR)) {
        find(&audit->findings, CHECK_FLOORS, book->id,
             "account %" PRId64 ": after transfer %" PRId64
             " debits %s and holds %s pass credits %s",
             "账户 %" PRId64 "：转账 %" PRId64 " 之后借方 %s 与冻结 %s 超过贷方 %s", book->id, id,
             GROUPED(book->posted[0]), GROUPED(book->pending[0]), GROUPED(book->posted[1]));
    }
    if ((book->pending[0] < 0 || book->pending[1] < 0) && tell_once(book, TOLD_PENDING)) {
        find(&audit->findings, CHECK_HOLDS, id,
             "transfer %" PRId64 ": takes more off the holds of account %" PRId64 " than they are",
             "转账 %" PRId64 "：账户 %" PRId64 " 的冻结扣减超过其总额", id, book->id);
    }
}

void books_row(struct audit *audit, const struct row *row)
{
    for (int side = 0; side < 2; side++) {
        uint32_t number = map_find(&audit->book_map, row->account[side], 0);
        if (number == MAP_NONE) {
            continue;
        }
        struct book *book = &audit->books[number];
        if (!audit->is_pg) {
            check_link(audit, row, side, book);
        }
        books_move(book, side, row->kind, row->amount);
        book->count++;
        book->mark += mark_of(row->id, side);
        if (audit->is_pg) {
            continue; /* the order on an account is that of its posting lines */
        }
        book->newest_id = row->id;
        check_net(audit, row, side, book);
        interest_side(audit, book, side == 1, moves_money(row->kind) ? row->amount : 0,
                      row->booking, row->recipe);
        if (audit->touched_count < (int)(sizeof audit->touched / sizeof audit->touched[0])) {
            audit->touched[audit->touched_count++] = number;
        }
    }
}

/* A floor must hold after a journal, not between its legs. */
void books_journal_end(struct audit *audit)
{
    for (int i = 0; i < audit->touched_count; i++) {
        check_floor(audit, &audit->books[audit->touched[i]], audit->previous.id);
    }
    audit->touched_count = 0;
}

/* --- posting lines (PostgreSQL) --------------------------------------------------------------- */

struct line {
    int64_t bucket, account, seq, transfer, side, net;
    bool is_found;
    int64_t amount, kind, parties[2], leg, booking, recipe;
};

static void read_line(struct cursor *cursor, struct line *out)
{
    *out = (struct line){.bucket = cursor_int(cursor, 0),
                         .account = cursor_int(cursor, 1),
                         .seq = cursor_int(cursor, 2),
                         .transfer = cursor_int(cursor, 3),
                         .side = cursor_int(cursor, 4) - 1,
                         .net = cursor_int(cursor, 5),
                         .is_found = !cursor_is_null(cursor, 6)};
    if (out->is_found) {
        out->amount = cursor_int(cursor, 6);
        out->kind = cursor_int(cursor, 7);
        out->parties[0] = cursor_int(cursor, 8);
        out->parties[1] = cursor_int(cursor, 9);
        out->leg = cursor_int(cursor, 10);
        out->booking = cursor_int(cursor, 11);
        out->recipe = cursor_int(cursor, 12);
    }
}

/* State of the lines of one account so far. */
struct walk {
    struct book lines;
    struct book *book; /* state from the transfers */
    int64_t seq, journal;
};

static void end_walk(struct audit *audit, struct walk *walk)
{
    if (walk->book == NULL) {
        return;
    }
    check_floor(audit, &walk->lines, walk->lines.newest_id);
    walk->book->newest_id = walk->lines.newest_id;
    if (walk->lines.mark != walk->book->mark || walk->lines.count != walk->book->count) {
        find(&audit->findings, CHECK_BALANCES, walk->book->id,
             "account %" PRId64 ": %s posting lines do not match its %s transfers",
             "账户 %" PRId64 "：%s 条记账行与其 %s 笔转账不符", walk->book->id,
             GROUPED(walk->lines.count), GROUPED(walk->book->count));
    }
    walk->book->mark = 0; /* seen */
    walk->book->count = walk->lines.count;
}

static void take_line(struct audit *audit, struct walk *walk, const struct line *line)
{
    struct findings *findings = &audit->findings;
    int64_t journal = line->transfer - line->leg * ID_STEP;
    if (walk->journal != journal) {
        check_floor(audit, &walk->lines, walk->lines.newest_id);
        walk->journal = journal;
    }
    if (line->seq != ++walk->seq) {
        find(findings, CHECK_BALANCES, line->account,
             "account %" PRId64 ": line %" PRId64 " stands where %" PRId64 " should",
             "账户 %" PRId64 "：第 %" PRId64 " 行处应为第 %" PRId64 " 行", line->account, line->seq,
             walk->seq);
        walk->seq = line->seq;
    }
    int side = line->side == 1;
    if (!line->is_found || line->parties[side] != line->account) {
        find(findings, CHECK_BALANCES, line->transfer,
             "account %" PRId64 ": line %" PRId64 " belongs to no transfer (%" PRId64 ")",
             "账户 %" PRId64 "：第 %" PRId64 " 行没有对应的转账（%" PRId64 "）", line->account,
             line->seq, line->transfer);
    }
    books_move(&walk->lines, side, line->kind, line->amount);
    walk->lines.newest_id = line->transfer;
    walk->lines.count++;
    walk->lines.mark += mark_of(line->transfer, side);
    if (line->net != net_of(&walk->lines) && tell_once(&walk->lines, TOLD_NET)) {
        find(findings, CHECK_BALANCES, line->transfer,
             "account %" PRId64 ": balance after line %" PRId64 " is written as %s, expected %s",
             "账户 %" PRId64 "：第 %" PRId64 " 行后的余额记为 %s，应为 %s", line->account,
             line->seq, GROUPED(line->net), GROUPED(net_of(&walk->lines)));
    }
    if (walk->book != NULL) {
        interest_side(audit, walk->book, side == 1, moves_money(line->kind) ? line->amount : 0,
                      line->booking, line->recipe);
    }
}

void books_postings(struct audit *audit)
{
    struct walk walk = {.journal = -1};
    struct cursor *cursor = reader_stream(
        audit->reader,
        "SELECT p.bucket, p.account_id, p.seq, p.transfer_id, p.side, p.net_minor, t.amount_minor,"
        " t.kind, t.debit_id, t.credit_id, t.leg, t.booking_date, t.recipe FROM ledger_postings p"
        " LEFT JOIN ledger_transfers t ON t.bucket = (p.transfer_id & 1023) AND t.id ="
        " p.transfer_id ORDER BY p.bucket, p.account_id, p.seq",
        0, 0);
    while (cursor_next(cursor)) {
        struct line line;
        read_line(cursor, &line);
        if (line.account != walk.lines.id) {
            end_walk(audit, &walk);
            walk = (struct walk){.book = book_of(audit, line.account), .journal = -1};
            walk.lines = walk.book ? (struct book){.id = line.account, .floor = walk.book->floor}
                                   : (struct book){.id = line.account};
            if (walk.book == NULL || line.bucket != bucket_of(line.account)) {
                find(&audit->findings, CHECK_BALANCES, line.account,
                     "posting lines of account %" PRId64 ", which is not there",
                     "记账行所属账户 %" PRId64 " 不存在", line.account);
            }
        }
        take_line(audit, &walk, &line);
    }
    end_walk(audit, &walk);
    cursor_close(cursor);
    for (uint32_t i = 0; i < audit->book_map.count; i++) {
        const struct book *book = &audit->books[i];
        if (book->mark != 0) {
            find(&audit->findings, CHECK_BALANCES, book->id,
                 "account %" PRId64 ": has transfers and no posting line",
                 "账户 %" PRId64 "：有转账而无记账行", book->id);
        }
    }
}

/* --- the end ---------------------------------------------------------------------------------- */

static void check_counters(struct audit *audit)
{
    struct cursor *cursor = reader_stream(
        audit->reader,
        "SELECT id, debits_posted, credits_posted, debits_pending, credits_pending, newest_id,"
        " posting_count FROM ledger_accounts",
        0, 0);
    while (cursor_next(cursor)) {
        static const char *const columns[] = {"debits_posted",   "credits_posted", "debits_pending",
                                              "credits_pending", "newest_id",      "posting_count"};
        const struct book *book = book_of(audit, cursor_int(cursor, 0));
        CHECK(book != NULL);
        const int64_t expected[] = {book->posted[0],  book->posted[1], book->pending[0],
                                    book->pending[1], book->newest_id, book->count};
        for (int i = 0; i < 6; i++) {
            if (cursor_int(cursor, i + 1) != expected[i]) {
                find(&audit->findings, CHECK_BALANCES, book->id,
                     "account %" PRId64 ": %s is written as %" PRId64 ", expected %" PRId64,
                     "账户 %" PRId64 "：%s 记为 %" PRId64 "，应为 %" PRId64, book->id, columns[i],
                     cursor_int(cursor, i + 1), expected[i]);
            }
        }
    }
    cursor_close(cursor);
}

void books_end(struct audit *audit)
{
    int64_t floors = 0;
    if (audit->is_pg) {
        check_counters(audit);
    }
    for (uint32_t i = 0; i < audit->book_map.count; i++) {
        const struct book *book = &audit->books[i];
        floors += book->floor == FLOOR_CREDIT;
        if (book->closed && (net_of(book) != 0 || book->pending[0] != 0 || book->pending[1] != 0)) {
            find(&audit->findings, CHECK_FLOORS, book->id,
                 "account %" PRId64 ": is closed with a balance of %s and holds of %s",
                 "账户 %" PRId64 "：已销户，余额仍为 %s，冻结 %s", book->id, GROUPED(net_of(book)),
                 GROUPED(book->pending[0]));
        }
    }
    summarise(&audit->findings, CHECK_BALANCES, "%s accounts recomputed", "重新计算 %s 个账户",
              GROUPED(audit->book_map.count));
    summarise(&audit->findings, CHECK_FLOORS, "%s accounts never below zero", "%s 个账户从未透支",
              GROUPED(floors));
}
