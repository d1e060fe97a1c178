/* Interest accrued and credited on each account, from its balances day by day. */
#include "audit.h"

#include "base/money.h"

#include <inttypes.h>
#include <stdlib.h>

#define MICRO    INT64_C(1000000) /* millionths of a minor unit */
#define NEVER    INT64_MIN
#define RATE_MAX 64

/* --- rates ------------------------------------------------------------------------------------ */

/* A new step at each change of rate or year. */
static void load_rates(struct audit *audit)
{
    int64_t rate = 0, year = 360;
    struct cursor *cursor = reader_stream(
        audit->reader,
        "SELECT effective_date, CASE WHEN name = 'demand.ratePpb' THEN 1 ELSE 0 END, value"
        " FROM catalogue_parameters WHERE bucket = 0 AND name IN ('demand.ratePpb',"
        " 'demand.yearDays') ORDER BY effective_date, version",
        0, 0);
    while (cursor_next(cursor) && audit->rate_count < RATE_MAX) {
        int64_t date = cursor_int(cursor, 0);
        *(cursor_int(cursor, 1) ? &rate : &year) = cursor_int(cursor, 2);
        if (audit->rate_count == 0 || audit->rate_days[audit->rate_count - 1] != date) {
            audit->rate_count++;
        }
        audit->rate_days[audit->rate_count - 1] = date;
        audit->rates[audit->rate_count - 1] = rate;
        audit->year_days[audit->rate_count - 1] = year;
    }
    cursor_close(cursor);
}

/* Interest of a balance from day `from` through day `to`: each day rounded by itself, half even. */
static int64_t interest_accrue(const struct audit *audit, int64_t balance, int64_t from, int64_t to)
{
    int64_t total = 0;
    for (int i = 0; i < audit->rate_count; i++) {
        int64_t start = audit->rate_days[i] > from ? audit->rate_days[i] : from;
        int64_t end = i + 1 < audit->rate_count ? audit->rate_days[i + 1] - 1 : to;
        int64_t day = 0;
        end = end < to ? end : to;
        if (start <= end && audit->year_days[i] > 0 &&
            int128_divide((int128)balance * audit->rates[i], (int128)audit->year_days[i] * 1000,
                          ROUNDING_HALF_EVEN, &day) == ERR_OK) {
            total = (int64_t)((uint64_t)total + (uint64_t)day * (uint64_t)(end - start + 1));
        }
    }
    return total;
}

/* --- accounts --------------------------------------------------------------------------------- */

void interest_begin(struct audit *audit)
{
    load_rates(audit);
    audit->settlement_day = reader_number(
        audit->reader,
        "SELECT max(value) FROM catalogue_parameters WHERE name = 'demand.settlementDay'", 0, 0, 0);
    struct cursor *cursor =
        reader_stream(audit->reader,
                      "SELECT account_id, accrued_micro, last_accrued_date, last_credited_date FROM"
                      " account_interest",
                      0, 0);
    while (cursor_next(cursor)) {
        int64_t account = cursor_int(cursor, 0);
        uint32_t number = map_put(&audit->interest_map, account, 0);
        audit->interests = array_reserve(audit->interests, &audit->interest_capacity, number,
                                         sizeof *audit->interests);
        audit->interests[number] = (struct interest){.account = account,
                                                     .stored_micro = cursor_int(cursor, 1),
                                                     .last_accrued = cursor_int(cursor, 2),
                                                     .last_credited = cursor_int(cursor, 3),
                                                     .next_day = NEVER};
        struct book *book = book_of(audit, account);
        if (book == NULL) {
            find(&audit->findings, CHECK_INTEREST, account,
                 "interest of account %" PRId64 ", which is not there",
                 "计息账户 %" PRId64 " 不存在", account);
        } else {
            book->interest = number;
        }
    }
    cursor_close(cursor);
}

void interest_side(struct audit *audit, struct book *book, bool is_credit, int64_t amount,
                   int64_t booking, int64_t recipe)
{
    if (book->interest == MAP_NONE || amount == 0) {
        return;
    }
    struct interest *it = &audit->interests[book->interest];
    int64_t change = is_credit ? amount : -amount;
    if (it->next_day == NEVER) {
        it->next_day = booking;
    }
    if (booking > it->next_day) {
        int64_t to = booking - 1 < it->last_accrued ? booking - 1 : it->last_accrued;
        it->expected_micro += interest_accrue(audit, it->balance, it->next_day, to);
        it->next_day = booking;
    } else if (booking < it->next_day) { /* a late row of the day before (PostgreSQL) */
        int64_t to = it->next_day - 1 < it->last_accrued ? it->next_day - 1 : it->last_accrued;
        it->expected_micro += interest_accrue(audit, change, booking, to);
        it->late_days += it->next_day - booking;
    }
    it->balance = (int64_t)((uint64_t)it->balance + (uint64_t)change);
    if (recipe == INTEREST_CREDIT && is_credit) {
        it->credit_booking = booking;
        it->expected_micro =
            (int64_t)((uint64_t)it->expected_micro - (uint64_t)amount * (uint64_t)MICRO);
    }
}

/* Interest is credited through the day before, or late through a settlement day. */
static bool credited_fits(const struct audit *audit, const struct interest *it)
{
    if (it->credit_booking == 0 || it->last_credited == 0) {
        return it->credit_booking == it->last_credited;
    }
    int day = date_parts((struct date){(int32_t)it->last_credited}).day;
    return it->last_credited == it->credit_booking - 1 ||
           (it->last_credited < it->credit_booking && day == audit->settlement_day);
}

static void end_account(struct audit *audit, struct interest *it)
{
    if (it->next_day != NEVER) {
        it->expected_micro += interest_accrue(audit, it->balance, it->next_day, it->last_accrued);
    }
    if (!credited_fits(audit, it)) {
        char text[DATE_TEXT_SIZE];
        date_format((struct date){(int32_t)it->last_credited}, text);
        find(&audit->findings, CHECK_INTEREST, it->account,
             "account %" PRId64 ": credited through %s, its journals differ",
             "账户 %" PRId64 "：记载结息至 %s，与分录不符", it->account, text);
    }
    int64_t off = (int64_t)((uint64_t)it->stored_micro - (uint64_t)it->expected_micro);
    if (off > 1 + it->late_days || off < -1 - it->late_days) {
        find(&audit->findings, CHECK_INTEREST, it->account,
             "account %" PRId64 ": accrued %s millionths, expected %s",
             "账户 %" PRId64 "：应计利息 %s（百万分之一分），应为 %s", it->account,
             GROUPED(it->stored_micro), GROUPED(it->expected_micro));
    }
}

/* --- totals ----------------------------------------------------------------------------------- */

static void check_totals(struct audit *audit)
{
    int64_t sums[1024] = {0};
    for (uint32_t i = 0; i < audit->interest_map.count; i++) {
        sums[bucket_of(audit->interests[i].account)] += audit->interests[i].stored_micro;
    }
    struct cursor *cursor = reader_stream(
        audit->reader, "SELECT bucket, accrued_micro, posted_minor FROM account_interest_totals", 0,
        0);
    while (cursor_next(cursor)) {
        int64_t bucket = cursor_int(cursor, 0) & 1023;
        int64_t sum = sums[bucket];
        int64_t whole = sum > 0 ? sum / MICRO : 0;
        const struct book *payable =
            book_of(audit, internal_id(INTEREST_PAYABLE, ccy_number(CCY_CNY), bucket));
        int64_t shown = payable ? payable->posted[1] - payable->posted[0] : 0;
        if (cursor_int(cursor, 1) != sum) {
            find(&audit->findings, CHECK_INTEREST, bucket,
                 "bucket %" PRId64 ": total %s millionths, its accounts sum to %s",
                 "桶 %" PRId64 "：合计 %s（百万分之一分），账户相加为 %s", bucket,
                 GROUPED(cursor_int(cursor, 1)), GROUPED(sum));
        }
        if (cursor_int(cursor, 2) != whole || shown != whole) {
            find(&audit->findings, CHECK_INTEREST, bucket,
                 "bucket %" PRId64 ": code 2101 shows %s, noted %s, expected %s",
                 "桶 %" PRId64 "：科目 2101 余额 %s，记载 %s，应为 %s", bucket, GROUPED(shown),
                 GROUPED(cursor_int(cursor, 2)), GROUPED(whole));
        }
        sums[bucket] = 0;
    }
    cursor_close(cursor);
    for (int64_t bucket = 0; bucket < 1024; bucket++) {
        if (sums[bucket] != 0) {
            find(&audit->findings, CHECK_INTEREST, bucket,
                 "bucket %" PRId64 ": has accrued %s millionths and no total",
                 "桶 %" PRId64 "：应计 %s（百万分之一分）而无合计", bucket, GROUPED(sums[bucket]));
        }
    }
}

/* If a date's accrual is done, it is done for every open account of the bucket. */
static void check_dates(struct audit *audit)
{
    struct cursor *cursor = reader_stream(
        audit->reader,
        "SELECT i.account_id FROM account_interest i JOIN account_accounts a ON a.bucket ="
        " i.bucket AND a.id = i.account_id JOIN (SELECT bucket, max(business_date) AS closed"
        " FROM frame_eod_buckets WHERE step = 'accrueInterest' GROUP BY bucket) e ON e.bucket ="
        " i.bucket WHERE a.state <> 3 AND i.last_accrued_date < e.closed",
        0, 0);
    while (cursor_next(cursor)) {
        find(&audit->findings, CHECK_INTEREST, cursor_int(cursor, 0),
             "account %" PRId64 ": has not accrued for a date that is closed",
             "账户 %" PRId64 "：已结束的日期尚未计息", cursor_int(cursor, 0));
    }
    cursor_close(cursor);
    cursor = reader_stream(audit->reader,
                           "SELECT a.id FROM account_accounts a LEFT JOIN account_interest i ON"
                           " i.bucket = a.bucket AND i.account_id = a.id"
                           " WHERE i.account_id IS NULL AND a.class <> 4",
                           0, 0);
    while (cursor_next(cursor)) {
        find(&audit->findings, CHECK_INTEREST, cursor_int(cursor, 0),
             "account %" PRId64 ": has no row of interest", "账户 %" PRId64 "：没有计息行",
             cursor_int(cursor, 0));
    }
    cursor_close(cursor);
}

void interest_end(struct audit *audit)
{
    for (uint32_t i = 0; i < audit->interest_map.count; i++) {
        end_account(audit, &audit->interests[i]);
    }
    check_totals(audit);
    check_dates(audit);
    summarise(&audit->findings, CHECK_INTEREST, "%s accounts recomputed day by day",
              "逐日重算 %s 个账户", GROUPED(audit->interest_map.count));
}
