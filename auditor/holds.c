/* Holds: each is placed once, captured in parts at most, ended once. Reversals: a mirror image,
 * once. */
#include "audit.h"

#include "base/id.h"

#include <inttypes.h>
#include <stdlib.h>

#define OVERDUE_US INT64_C(3600000000)
#define LEGS_MAX   64

enum { STATE_OPEN = 1, STATE_CAPTURED, STATE_RELEASED, STATE_EXPIRED };

static const char hold_sql[] =
    "SELECT debit_id, credit_id, amount_minor, captured_minor, state, expires_at FROM ledger_holds"
    " WHERE bucket = $1 AND id = $2";

static bool state_fits(const struct open_hold *hold, int64_t state, bool is_ended)
{
    if (!is_ended) {
        return state == STATE_OPEN;
    }
    if (hold->is_expired) {
        return state == STATE_EXPIRED;
    }
    if (!hold->is_released) {
        return state == STATE_CAPTURED;
    }
    return state == STATE_RELEASED || (state == STATE_CAPTURED && hold->captured > 0);
}

/* The row of a hold against its transfers, after its end or after the last transfer. */
static void check_row(struct audit *audit, const struct open_hold *hold)
{
    struct findings *findings = &audit->findings;
    bool is_ended = hold->ended == hold->amount;
    struct cursor *cursor = reader_look(audit->reader, hold_sql, bucket_of(hold->id), hold->id);
    if (!cursor_next(cursor)) {
        find(findings, CHECK_HOLDS, hold->id, "hold %" PRId64 ": has no row",
             "冻结 %" PRId64 "：没有对应的行", hold->id);
        cursor_close(cursor);
        return;
    }
    if (cursor_int(cursor, 0) != hold->account[0] || cursor_int(cursor, 1) != hold->account[1] ||
        cursor_int(cursor, 2) != hold->amount) {
        find(findings, CHECK_HOLDS, hold->id,
             "hold %" PRId64 ": its row's accounts or amount %s are not those of its transfer, %s",
             "冻结 %" PRId64 "：行内账户或金额 %s 与转账不符（%s）", hold->id,
             GROUPED(cursor_int(cursor, 2)), GROUPED(hold->amount));
    }
    if (cursor_int(cursor, 3) != hold->captured ||
        !state_fits(hold, cursor_int(cursor, 4), is_ended)) {
        find(findings, CHECK_HOLDS, hold->id,
             "hold %" PRId64 ": state %" PRId64 ", captured %s; by its transfers it is %s,"
             " captured %s of %s",
             "冻结 %" PRId64 "：状态 %" PRId64 "，已扣 %s；按转账应为 %s，已扣 %s（共 %s）",
             hold->id, cursor_int(cursor, 4), GROUPED(cursor_int(cursor, 3)),
             findings->lang == LANG_ZH ? (is_ended ? "已结束" : "未结束")
                                       : (is_ended ? "ended" : "open"),
             GROUPED(hold->captured), GROUPED(hold->amount));
    }
    int64_t expires = cursor_int(cursor, 5);
    if (!is_ended && expires != 0 && expires < audit->bank_now_us - OVERDUE_US) {
        find(findings, CHECK_HOLDS, hold->id,
             "hold %" PRId64 ": is open more than an hour past its deadline",
             "冻结 %" PRId64 "：超过期限一小时以上仍未结束", hold->id);
    }
    cursor_close(cursor);
}

static struct open_hold *hold_of(struct audit *audit, int64_t id)
{
    bool is_new = map_find(&audit->hold_map, id, 0) == MAP_NONE;
    uint32_t number = map_put(&audit->hold_map, id, 0);
    audit->holds = array_reserve(audit->holds, &audit->hold_capacity, number, sizeof *audit->holds);
    if (is_new) {
        audit->holds[number] = (struct open_hold){.id = id};
    }
    return &audit->holds[number];
}

static void take_end(struct audit *audit, struct open_hold *hold, const struct row *row)
{
    audit->end_count++;
    hold->ended += row->amount;
    hold->captured += row->kind == CAPTURE ? row->amount : 0;
    hold->is_released |= row->kind == RELEASE;
    hold->is_expired |= row->kind == EXPIRE;
    if (!hold->is_seen) {
        hold->account[0] = row->account[0];
        hold->account[1] = row->account[1];
        return;
    }
    if (hold->account[0] != row->account[0] || hold->account[1] != row->account[1]) {
        find(&audit->findings, CHECK_HOLDS, row->id,
             "transfer %" PRId64 ": ends hold %" PRId64 " of other accounts",
             "转账 %" PRId64 "：结束了其他账户的冻结 %" PRId64, row->id, hold->id);
    }
}

/* On PostgreSQL an end may have a smaller id than its hold, so an end without a hold is kept
 * until later. */
void holds_row(struct audit *audit, const struct row *row)
{
    if (row->kind == POST) {
        return;
    }
    struct open_hold *hold = hold_of(audit, row->kind == HOLD ? row->id : row->of);
    if (row->kind == HOLD) {
        audit->hold_count++;
        if (hold->ended != 0 &&
            (hold->account[0] != row->account[0] || hold->account[1] != row->account[1])) {
            find(&audit->findings, CHECK_HOLDS, row->id,
                 "hold %" PRId64 ": its end is on other accounts",
                 "冻结 %" PRId64 "：结束于其他账户", row->id);
        }
        hold->is_seen = true;
        hold->amount = row->amount;
        hold->account[0] = row->account[0];
        hold->account[1] = row->account[1];
    } else {
        take_end(audit, hold, row);
    }
    if (!hold->is_seen) {
        return;
    }
    if (hold->ended > hold->amount) {
        find(&audit->findings, CHECK_HOLDS, hold->id,
             "hold %" PRId64 ": %s captured and released of %s",
             "冻结 %" PRId64 "：已扣与已放 %s，超过 %s", hold->id, GROUPED(hold->ended),
             GROUPED(hold->amount));
    }
    if (hold->ended >= hold->amount) {
        check_row(audit, hold);
        map_remove(&audit->hold_map, hold->id, 0);
    }
}

void holds_end(struct audit *audit)
{
    uint32_t open = audit->hold_map.live;
    for (uint32_t i = 0; i < audit->hold_map.count; i++) {
        const struct open_hold *hold = &audit->holds[i];
        if (map_find(&audit->hold_map, hold->id, 0) != i) {
            continue;
        }
        if (hold->is_seen) {
            check_row(audit, hold);
        } else {
            find(&audit->findings, CHECK_HOLDS, hold->id,
                 "hold %" PRId64 ": ended or captured (%s) and not there, or ended before",
                 "冻结 %" PRId64 "：被结束或扣款（%s），但不存在或早已结束", hold->id,
                 GROUPED(hold->ended));
        }
    }
    int64_t rows = reader_number(audit->reader, "SELECT count(*) FROM ledger_holds", 0, 0, 0);
    if (rows != audit->hold_count) {
        find(&audit->findings, CHECK_HOLDS, 0, "%s rows of holds for %s holds",
             "冻结行 %s 条，冻结转账 %s 笔", GROUPED(rows), GROUPED(audit->hold_count));
    }
    summarise(&audit->findings, CHECK_HOLDS, "%s holds, %s open, %s captures and ends",
              "%s 笔冻结，%s 笔未结束，%s 次扣款或结束", GROUPED(audit->hold_count), GROUPED(open),
              GROUPED(audit->end_count));
}

/* --- reversals -------------------------------------------------------------------------------- */

struct leg {
    int64_t id, kind, account[2], amount;
};

static const char embedded_legs[] =
    "SELECT id, kind, debit_id, credit_id, amount_minor, leg FROM ledger_transfers"
    " WHERE id >= $1 AND id <= $2 ORDER BY id";
static const char pg_legs[] =
    "SELECT id, kind, debit_id, credit_id, amount_minor, leg FROM ledger_transfers"
    " WHERE bucket = ($1 & 1023) AND id >= $1 AND id <= $2 ORDER BY id";

static size_t load_legs(struct audit *audit, int64_t journal, struct leg out[LEGS_MAX])
{
    size_t count = 0;
    struct cursor *cursor = reader_look(audit->reader, audit->is_pg ? pg_legs : embedded_legs,
                                        journal, journal + (LEGS_MAX - 1) * ID_STEP);
    while (count < LEGS_MAX && cursor_next(cursor) &&
           cursor_int(cursor, 0) == journal + (int64_t)count * ID_STEP &&
           cursor_int(cursor, 5) == (int64_t)count) {
        out[count++] = (struct leg){cursor_int(cursor, 0),
                                    cursor_int(cursor, 1),
                                    {cursor_int(cursor, 2), cursor_int(cursor, 3)},
                                    cursor_int(cursor, 4)};
    }
    cursor_close(cursor);
    return count;
}

static bool is_mirror(struct audit *audit, int64_t journal, int64_t reversal)
{
    struct leg of[LEGS_MAX], by[LEGS_MAX];
    size_t count = load_legs(audit, journal, of);
    if (count == 0 || load_legs(audit, reversal, by) != count) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        const struct leg *mirrored = &by[count - 1 - i];
        if (!moves_money(of[i].kind) || of[i].account[0] != mirrored->account[1] ||
            of[i].account[1] != mirrored->account[0] || of[i].amount != mirrored->amount) {
            return false;
        }
    }
    return true;
}

void reversals_row(struct audit *audit, const struct row *row)
{
    if (row->leg != 0 || row->kind != POST || (row->of == 0 && row->recipe != REVERSAL)) {
        return;
    }
    audit->reversal_count++;
    int64_t known = reader_number(audit->reader,
                                  "SELECT reversal_id FROM ledger_reversals WHERE bucket = $1"
                                  " AND journal_id = $2",
                                  bucket_of(row->of), row->of, 0);
    if (row->recipe != REVERSAL || known != row->id) {
        find(&audit->findings, CHECK_REVERSALS, row->id,
             "journal %" PRId64 ": reverses %" PRId64 ", which %" PRId64 " has reversed",
             "分录 %" PRId64 "：冲正 %" PRId64 "，而后者的冲正为 %" PRId64, row->id, row->of,
             known);
    } else if (row->id >= audit->since_id && !is_mirror(audit, row->of, row->id)) {
        find(&audit->findings, CHECK_REVERSALS, row->id,
             "journal %" PRId64 ": is not the mirror image of journal %" PRId64,
             "分录 %" PRId64 "：不是分录 %" PRId64 " 的镜像", row->id, row->of);
    }
}

void reversals_end(struct audit *audit)
{
    int64_t rows = reader_number(audit->reader, "SELECT count(*) FROM ledger_reversals", 0, 0, 0);
    if (rows != audit->reversal_count) {
        find(&audit->findings, CHECK_REVERSALS, 0, "%s rows of reversals for %s journals",
             "冲正行 %s 条，冲正分录 %s 笔", GROUPED(rows), GROUPED(audit->reversal_count));
    }
    summarise(&audit->findings, CHECK_REVERSALS, "%s reversals", "%s 笔冲正",
              GROUPED(audit->reversal_count));
}
