/* Payments and their journals agree; limits count the payments. */
#include "audit.h"

#include "base/date.h"
#include "base/money.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { STATUS_RCVD = 1, STATUS_PDNG, STATUS_ACSC, STATUS_RJCT };
enum { HOLD_OPEN = 1, HOLD_CAPTURED, HOLD_RELEASED };

#define PAYMENT_COLUMNS                                                                            \
    "SELECT p.id, p.bucket, p.kind, p.status, p.debtor_account_id, p.creditor_account_id,"         \
    " p.amount_minor, p.currency, p.journal_id, p.hold_id, t.kind, t.recipe, t.leg, t.debit_id,"   \
    " t.credit_id, t.amount_minor, t.ref_id, t.of_id, h.state, h.amount_minor, h.ref_id,"          \
    " h.debit_id FROM payment_payments p LEFT JOIN ledger_holds h ON h.bucket ="                   \
    " (p.hold_id & 1023) AND h.id = p.hold_id LEFT JOIN ledger_transfers t ON "
static const char embedded_payments[] =
    PAYMENT_COLUMNS "t.id = p.journal_id WHERE p.id >= $1 ORDER BY p.id";
static const char pg_payments[] = PAYMENT_COLUMNS
    "t.bucket = (p.journal_id & 1023) AND t.id = p.journal_id WHERE p.id >= $1 ORDER BY p.id";

struct payment {
    int64_t id, bucket, kind, status, debtor, creditor, amount, journal, hold;
    int64_t ccy;
    bool has_transfer, has_hold;
    struct row transfer;
    int64_t leg;
    int64_t hold_state, hold_amount, hold_ref, hold_debit;
};

static void read_payment(struct cursor *cursor, struct payment *out)
{
    struct ccy ccy;
    *out = (struct payment){.id = cursor_int(cursor, 0),
                            .bucket = cursor_int(cursor, 1),
                            .kind = cursor_int(cursor, 2),
                            .status = cursor_int(cursor, 3),
                            .debtor = cursor_int(cursor, 4),
                            .creditor = cursor_int(cursor, 5),
                            .amount = cursor_int(cursor, 6),
                            .journal = cursor_int(cursor, 8),
                            .hold = cursor_int(cursor, 9),
                            .has_transfer = !cursor_is_null(cursor, 10),
                            .has_hold = !cursor_is_null(cursor, 18)};
    out->ccy = ccy_parse(cursor_text(cursor, 7), &ccy) == ERR_OK ? ccy_number(ccy) : 0;
    if (out->has_transfer) {
        out->transfer = (struct row){.kind = cursor_int(cursor, 10),
                                     .recipe = cursor_int(cursor, 11),
                                     .leg = cursor_int(cursor, 12),
                                     .account = {cursor_int(cursor, 13), cursor_int(cursor, 14)},
                                     .amount = cursor_int(cursor, 15),
                                     .ref = cursor_int(cursor, 16),
                                     .of = cursor_int(cursor, 17)};
    }
    if (out->has_hold) {
        out->hold_state = cursor_int(cursor, 18);
        out->hold_amount = cursor_int(cursor, 19);
        out->hold_ref = cursor_int(cursor, 20);
        out->hold_debit = cursor_int(cursor, 21);
    }
}

/* The accounts moved by the recipe of its kind. */
static void payments_parties(const struct payment *p, int64_t out[2])
{
    out[0] =
        p->kind == TOP_UP ? internal_id(RECEIVABLE, p->ccy, bucket_of(p->creditor)) : p->debtor;
    out[1] =
        p->kind == WITHDRAWAL ? internal_id(PAYABLE, p->ccy, bucket_of(p->debtor)) : p->creditor;
}

static void check_journal(struct audit *audit, const struct payment *p)
{
    const struct row *t = &p->transfer;
    int64_t expected[2];
    payments_parties(p, expected);
    if (!p->has_transfer) {
        find(&audit->findings, CHECK_PAYMENTS, p->id,
             "payment %" PRId64 ": is settled and its journal %" PRId64 " is not there",
             "支付 %" PRId64 "：已结算，但分录 %" PRId64 " 不存在", p->id, p->journal);
        return;
    }
    if (t->recipe != p->kind || t->leg != 0 || t->ref != p->id ||
        t->kind != (p->kind == WITHDRAWAL ? CAPTURE : POST) ||
        t->of != (p->kind == WITHDRAWAL ? p->hold : 0)) {
        find(&audit->findings, CHECK_PAYMENTS, p->id,
             "payment %" PRId64 ": journal %" PRId64 " is of another kind or payment",
             "支付 %" PRId64 "：分录 %" PRId64 " 种类不符或属于其他支付", p->id, p->journal);
    }
    if (t->amount != p->amount) {
        find(&audit->findings, CHECK_PAYMENTS, p->id,
             "payment %" PRId64 ": amount %s, its journal moved %s",
             "支付 %" PRId64 "：金额 %s，分录金额 %s", p->id, GROUPED(p->amount),
             GROUPED(t->amount));
    }
    const struct book *debit = book_of(audit, t->account[0]);
    if (t->account[0] != expected[0] || t->account[1] != expected[1] ||
        (debit != NULL && debit->ccy != p->ccy)) {
        find(&audit->findings, CHECK_PAYMENTS, p->id,
             "payment %" PRId64 ": its journal moved money from %" PRId64 " to %" PRId64
             ", expected %" PRId64 " to %" PRId64,
             "支付 %" PRId64 "：分录自 %" PRId64 " 至 %" PRId64 "，应为 %" PRId64 " 至 %" PRId64,
             p->id, t->account[0], t->account[1], expected[0], expected[1]);
    }
}

static void check_hold(struct audit *audit, const struct payment *p)
{
    int64_t wanted = p->status == STATUS_ACSC   ? HOLD_CAPTURED
                     : p->status == STATUS_RJCT ? HOLD_RELEASED
                                                : HOLD_OPEN;
    if (p->kind != WITHDRAWAL) {
        if (p->hold != 0) {
            find(&audit->findings, CHECK_PAYMENTS, p->id,
                 "payment %" PRId64 ": should have no hold", "支付 %" PRId64 "：不应有冻结", p->id);
        }
        return;
    }
    if (!p->has_hold || p->hold_state != wanted || p->hold_amount != p->amount ||
        p->hold_ref != p->id || p->hold_debit != p->debtor) {
        find(&audit->findings, CHECK_PAYMENTS, p->id,
             "payment %" PRId64 ": hold %" PRId64 " has state %" PRId64 " and amount %s, expected"
             " %" PRId64 " and %s",
             "支付 %" PRId64 "：冻结 %" PRId64 " 状态 %" PRId64 "、金额 %s，应为 %" PRId64 "、%s",
             p->id, p->hold, p->hold_state, GROUPED(p->hold_amount), wanted, GROUPED(p->amount));
    }
}

static void check_payment(struct audit *audit, const struct payment *p)
{
    if (p->status == STATUS_ACSC) {
        check_journal(audit, p);
    } else if (p->journal != 0) {
        find(&audit->findings, CHECK_PAYMENTS, p->id,
             "payment %" PRId64 ": is not settled and has journal %" PRId64,
             "支付 %" PRId64 "：未结算却有分录 %" PRId64, p->id, p->journal);
    }
    if (p->bucket != bucket_of(p->id) || p->ccy == 0) {
        find(&audit->findings, CHECK_PAYMENTS, p->id,
             "payment %" PRId64 ": bucket or currency cannot be",
             "支付 %" PRId64 "：桶或币种不合法", p->id);
    }
    check_hold(audit, p);
}

/* --- from the journals back ------------------------------------------------------------------- */

static const char reverse_sql[] =
    "SELECT t.id, t.kind, t.recipe, t.ref_id, t.of_id, t.amount_minor, p.kind, p.status,"
    " p.journal_id, p.hold_id, p.amount_minor, CASE WHEN t.recipe = 11 THEN (SELECT count(*) FROM"
    " payment_alerts a WHERE a.bucket = p.bucket AND a.payment_id = p.id) ELSE 0 END"
    " FROM ledger_transfers t LEFT JOIN payment_payments p ON p.bucket = (t.ref_id & 1023)"
    " AND p.id = t.ref_id WHERE t.ref_id <> 0 AND t.recipe IN (1, 2, 3, 11) AND t.id >= $1";

static bool story_fits(struct cursor *cursor)
{
    int64_t id = cursor_int(cursor, 0);
    int64_t kind = cursor_int(cursor, 1);
    int64_t recipe = cursor_int(cursor, 2);
    int64_t status = cursor_int(cursor, 7);
    if (recipe == TOP_UP_RETURN) {
        return kind == POST && cursor_int(cursor, 6) == TOP_UP && status == STATUS_RJCT &&
               cursor_int(cursor, 11) > 0 && cursor_int(cursor, 5) == cursor_int(cursor, 10);
    }
    if (recipe != cursor_int(cursor, 6)) {
        return false;
    }
    switch (kind) {
    case POST:
    case CAPTURE:
        return status == STATUS_ACSC && cursor_int(cursor, 8) == id;
    case HOLD:
        return cursor_int(cursor, 9) == id;
    default:
        return status == STATUS_RJCT && cursor_int(cursor, 9) == cursor_int(cursor, 4);
    }
}

static void check_journals(struct audit *audit)
{
    struct cursor *cursor = reader_stream(audit->reader, reverse_sql, audit->since_id, 0);
    while (cursor_next(cursor)) {
        int64_t id = cursor_int(cursor, 0);
        int64_t payment = cursor_int(cursor, 3);
        if (cursor_is_null(cursor, 6)) {
            find(&audit->findings, CHECK_PAYMENTS, id,
                 "journal %" PRId64 ": its payment %" PRId64 " is not there",
                 "分录 %" PRId64 "：对应的支付 %" PRId64 " 不存在", id, payment);
        } else if (!story_fits(cursor)) {
            find(&audit->findings, CHECK_PAYMENTS, id,
                 "journal %" PRId64 ": does not go with payment %" PRId64 ", which knows %" PRId64,
                 "分录 %" PRId64 "：与支付 %" PRId64 " 不符，其分录为 %" PRId64, id, payment,
                 cursor_int(cursor, 8));
        }
    }
    cursor_close(cursor);
}

void payments_check(struct audit *audit)
{
    int64_t counts[5] = {0};
    struct cursor *cursor = reader_stream(
        audit->reader, audit->is_pg ? pg_payments : embedded_payments, audit->since_id, 0);
    while (cursor_next(cursor)) {
        struct payment payment;
        read_payment(cursor, &payment);
        check_payment(audit, &payment);
        counts[payment.status >= 1 && payment.status <= 4 ? payment.status : 0]++;
    }
    cursor_close(cursor);
    check_journals(audit);
    summarise(&audit->findings, CHECK_PAYMENTS, "%s settled, %s rejected, %s open",
              "已结算 %s 笔，已拒绝 %s 笔，未结束 %s 笔", GROUPED(counts[STATUS_ACSC]),
              GROUPED(counts[STATUS_RJCT]), GROUPED(counts[STATUS_RCVD] + counts[STATUS_PDNG]));
}

/* --- limits ----------------------------------------------------------------------------------- */

enum { OUTFLOW = 1, INFLOW, SMALL, TOP_UPS, TIER = 6, TIER_TOTAL, INCOMING };

#define CLASS_PAYMENT 4

struct usage {
    bool is_there;
    int64_t day, day_minor, day_count, year, year_minor;
    int64_t sum_minor, sum_count, sum_year;
};

struct usages {
    struct map map;
    struct usage *rows;
    uint32_t capacity;
};

static struct usage *usage_of(struct usages *usages, int64_t owner, int64_t kind)
{
    uint32_t number = map_put(&usages->map, owner, kind);
    usages->rows = array_reserve(usages->rows, &usages->capacity, number, sizeof *usages->rows);
    return &usages->rows[number];
}

/* Kinds 5 and 9 are omitted: payments store neither openings nor devices. */
static void load_usages(struct audit *audit, struct usages *usages)
{
    struct cursor *cursor = reader_stream(
        audit->reader,
        "SELECT owner_id, limit_kind, day_date, day_minor, day_count, year, year_minor"
        " FROM account_usages WHERE limit_kind NOT IN (5, 9)",
        0, 0);
    while (cursor_next(cursor)) {
        struct usage *usage = usage_of(usages, cursor_int(cursor, 0), cursor_int(cursor, 1));
        *usage = (struct usage){.is_there = true,
                                .day = cursor_int(cursor, 2),
                                .day_minor = cursor_int(cursor, 3),
                                .day_count = cursor_int(cursor, 4),
                                .year = cursor_int(cursor, 5),
                                .year_minor = cursor_int(cursor, 6)};
    }
    cursor_close(cursor);
}

static void count_use(struct usages *usages, int64_t owner, int64_t kind, int64_t amount,
                      struct date day)
{
    struct usage *usage = usage_of(usages, owner, kind);
    if (day.days == usage->day) {
        usage->sum_minor += amount;
        usage->sum_count++;
    }
    int year = kind == TIER_TOTAL ? 0 : date_parts(day).year; /* 0: since the opening */
    if (year == usage->year) {
        usage->sum_year += amount;
    }
    if (!usage->is_there || day.days > usage->day || year > usage->year) {
        usage->sum_count = -1; /* counted on a day that the row does not store */
    }
}

/* The limits that a payment uses, and still uses after its end; src/account/README.md, "Limits". */
static void count_payment(struct usages *usages, struct cursor *cursor, const struct zone *zone)
{
    int64_t kind = cursor_int(cursor, 0);
    int64_t status = cursor_int(cursor, 1);
    bool is_own = cursor_int(cursor, 2) == cursor_int(cursor, 3);
    int64_t debtor = cursor_int(cursor, 4);
    int64_t amount = cursor_int(cursor, 7);
    bool is_small = cursor_int(cursor, 8) != 0;
    struct date day = zone_date(zone, cursor_int(cursor, 9));
    if (kind == TRANSFER && !is_own) {
        count_use(usages, debtor, OUTFLOW, amount, day);
        count_use(usages, cursor_int(cursor, 5), INFLOW, amount, day);
        if (cursor_int(cursor, 11) == CLASS_PAYMENT) {
            count_use(usages, cursor_int(cursor, 2), TIER, amount, day);
            count_use(usages, cursor_int(cursor, 2), TIER_TOTAL, amount, day);
        }
    }
    if (is_small && (kind == TRANSFER || (kind == WITHDRAWAL && status != STATUS_RJCT))) {
        count_use(usages, cursor_int(cursor, 2), SMALL, amount, day); /* of the person */
    }
    if (kind == TOP_UP) {
        struct usage *incoming = usage_of(usages, cursor_int(cursor, 5), INCOMING);
        incoming->sum_year += status == STATUS_RCVD || status == STATUS_PDNG ? amount : 0;
    }
    /* Money for a closed account went to suspense: the card was debited all the same. */
    if (kind == TOP_UP && (status != STATUS_RJCT || cursor_int(cursor, 10) > 0)) {
        count_use(usages, cursor_int(cursor, 6), TOP_UPS, amount, day);
    }
}

static void compare_usage(struct audit *audit, const struct map_key *key, const struct usage *usage)
{
    static const char *const names[] = {
        "",         "outflow",     "inflow",      "small payments",  "top-ups",
        "openings", "tier a year", "tier in all", "money on its way"};
    static const char *const names_zh[] = {"",     "转出",       "转入",       "小额支付", "充值",
                                           "开立", "分级年累计", "分级总累计", "在途入账"};
    int64_t kind = key->b >= OUTFLOW && key->b <= INCOMING ? key->b : 0;
    if (usage->sum_minor != usage->day_minor || usage->sum_count != usage->day_count ||
        usage->sum_year != usage->year_minor) {
        find(&audit->findings, CHECK_LIMITS, key->a,
             "%s of %" PRId64 ": used %s a day and %s a year, its payments sum to %s and %s",
             "%s（%" PRId64 "）：记载日 %s、年 %s，按支付合计为日 %s、年 %s",
             audit->findings.lang == LANG_ZH ? names_zh[kind] : names[kind], key->a,
             GROUPED(usage->day_minor), GROUPED(usage->year_minor), GROUPED(usage->sum_minor),
             GROUPED(usage->sum_year));
    }
}

void limits_check(struct audit *audit)
{
    struct usages usages = {0};
    load_usages(audit, &usages);
    struct cursor *cursor = reader_stream(
        audit->reader,
        "SELECT p.kind, p.status, p.debtor_customer_id, p.creditor_customer_id,"
        " p.debtor_account_id, p.creditor_account_id, p.card_id, p.amount_minor, p.counted_small,"
        " p.created_at, CASE WHEN p.kind = 2 AND p.status = 4 THEN (SELECT count(*) FROM"
        " payment_alerts a WHERE a.bucket = p.bucket AND a.payment_id = p.id AND a.kind ="
        " 'settledToClosedAccount') ELSE 0 END, d.class FROM payment_payments p LEFT JOIN"
        " account_accounts d ON d.bucket = (p.debtor_account_id & 1023) AND d.id ="
        " p.debtor_account_id",
        0, 0);
    while (cursor_next(cursor)) {
        count_payment(&usages, cursor, &audit->zone);
    }
    cursor_close(cursor);
    for (uint32_t i = 0; i < usages.map.count; i++) {
        compare_usage(audit, &usages.map.keys[i], &usages.rows[i]);
    }
    summarise(&audit->findings, CHECK_LIMITS, "%s counters equal their payments",
              "%s 个计数与支付一致", GROUPED(usages.map.count));
    free(usages.rows);
    map_release(&usages.map);
}
