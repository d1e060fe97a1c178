/* Facts recorded in the staff's log: roles of staff, figures changed by two people; and whether
 * each business day has ended. */
#include "audit.h"

#include "base/date.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- roles ------------------------------------------------------------------------------------ */

struct person {
    int64_t roles;
    bool is_made; /* the log has an entry that set them */
    bool is_seen;
    int state; /* 1 active, 2 disabled, 0: not in the log */
};

struct persons {
    struct map map;
    struct person *rows;
    uint32_t capacity;
};

static struct person *person_of(struct persons *persons, int64_t id)
{
    uint32_t number = map_put(&persons->map, id, 0);
    persons->rows = array_reserve(persons->rows, &persons->capacity, number, sizeof *persons->rows);
    return &persons->rows[number];
}

/* Both entries have "roles=N->M state=S->T" in their detail. */
static void follow_entry(struct persons *persons, const char *action, const char *object,
                         const char *detail)
{
    int64_t id = 0;
    uint32_t from = 0, to = 0;
    char before[16] = "", after[16] = "";
    const char *roles = strstr(detail, "roles=");
    if (sscanf(object, "staff:%" SCNd64, &id) != 1 || roles == NULL ||
        sscanf(roles, "roles=%u->%u state=%15[a-z]->%15[a-z]", &from, &to, before, after) < 2) {
        return;
    }
    struct person *person = person_of(persons, id);
    person->is_made = person->is_made || strcmp(action, "staff.create") == 0;
    person->roles = to;
    person->state = strcmp(after, "active") == 0 ? 1 : strcmp(after, "disabled") == 0 ? 2 : 0;
}

void roles_check(struct audit *audit)
{
    struct persons persons = {0};
    struct cursor *cursor =
        reader_stream(audit->reader,
                      "SELECT action, object, detail FROM staff_audit WHERE bucket = 0"
                      " AND action IN ('staff.create', 'staff.change') ORDER BY sequence",
                      0, 0);
    while (cursor_next(cursor)) {
        char action[64], object[64];
        snprintf(action, sizeof action, "%s", cursor_text(cursor, 0));
        snprintf(object, sizeof object, "%s", cursor_text(cursor, 1));
        follow_entry(&persons, action, object, cursor_text(cursor, 2));
    }
    cursor_close(cursor);
    cursor = reader_stream(audit->reader,
                           "SELECT id, roles, state FROM staff_users WHERE bucket = 0", 0, 0);
    while (cursor_next(cursor)) {
        int64_t id = cursor_int(cursor, 0);
        struct person *person = person_of(&persons, id);
        person->is_seen = true;
        if (!person->is_made || person->roles != cursor_int(cursor, 1) ||
            (person->state != 0 && person->state != cursor_int(cursor, 2))) {
            find(&audit->findings, CHECK_STAFF, id,
                 "person %" PRId64 ": roles %" PRId64 " or state differ from the log",
                 "员工 %" PRId64 "：角色 %" PRId64 " 或状态与日志不符", id, cursor_int(cursor, 1));
        }
    }
    cursor_close(cursor);
    for (uint32_t i = 0; i < persons.map.count; i++) {
        if (!persons.rows[i].is_seen) {
            find(&audit->findings, CHECK_STAFF, persons.map.keys[i].a,
                 "person %" PRId64 ": created in the log, but has no row",
                 "员工 %" PRId64 "：日志有记载而本人不存在", persons.map.keys[i].a);
        }
    }
    free(persons.rows);
    map_release(&persons.map);
}

/* --- changes by two people -------------------------------------------------------------------- */

/* An approved change: two people, and the approver's entry. */
static const char changes_sql[] =
    "SELECT c.id FROM staff_changes c WHERE c.bucket = 0 AND c.state = 2 AND (c.checker_id IS NULL"
    " OR c.checker_id = c.maker_id OR NOT EXISTS (SELECT 1 FROM staff_audit a WHERE a.bucket = 0"
    " AND a.action = 'change.approve' AND a.object = 'change:' || c.id AND a.staff_id ="
    " c.checker_id) OR NOT EXISTS (SELECT 1 FROM staff_audit a WHERE a.bucket = 0 AND a.action ="
    " 'change.propose' AND a.object = 'change:' || c.id AND a.staff_id = c.maker_id))";
static const char entries_sql[] =
    "SELECT a.sequence FROM staff_audit a WHERE a.bucket = 0 AND a.action = 'change.approve' AND"
    " NOT EXISTS (SELECT 1 FROM staff_changes c WHERE c.bucket = 0 AND c.state = 2 AND"
    " a.object = 'change:' || c.id)";
/* A figure not delivered with the program. */
static const char figures_sql[] =
    "SELECT p.version FROM catalogue_parameters p WHERE p.bucket = 0 AND p.staff_id <> 0 AND"
    " NOT EXISTS (SELECT 1 FROM staff_changes c WHERE c.bucket = 0 AND c.kind = 'parameter' AND"
    " c.object = p.name AND c.state = 2 AND c.checker_id = p.staff_id)";
/* The limits of a card are the figures of a day on or before its binding. */
static const char cards_sql[] =
    "SELECT k.id FROM account_cards k WHERE k.payment_max_minor NOT IN (SELECT p.value FROM"
    " catalogue_parameters p WHERE p.bucket = 0 AND p.name = 'quickPay.paymentMax') OR"
    " k.day_max_minor NOT IN (SELECT p.value FROM catalogue_parameters p WHERE p.bucket = 0 AND"
    " p.name = 'quickPay.dayMax')";
/* Products and classes: one row each, as delivered with the program. */
struct figure {
    const char *name;
    int32_t date;
    int64_t value;
};
static const struct figure figures[] = {
#include "figures.inc"
};

static void check_figures(struct audit *audit)
{
    bool seen[sizeof figures / sizeof figures[0]] = {false};
    size_t count = sizeof figures / sizeof figures[0];
    struct cursor *cursor = reader_stream(
        audit->reader,
        "SELECT name, effective_date, value FROM catalogue_parameters WHERE bucket = 0"
        " AND staff_id = 0 ORDER BY name, effective_date",
        0, 0);
    while (cursor_next(cursor)) {
        const char *name = cursor_text(cursor, 0);
        size_t place = 0;
        while (place < count && (strcmp(figures[place].name, name) != 0 ||
                                 figures[place].date != cursor_int(cursor, 1) ||
                                 figures[place].value != cursor_int(cursor, 2))) {
            place++;
        }
        if (place == count) {
            find(&audit->findings, CHECK_STAFF, 0,
                 "figure %s: %" PRId64 " is neither delivered with the program nor approved",
                 "参数 %s：%" PRId64 " 既非程序自带，也无人批准", name, cursor_int(cursor, 2));
        } else {
            seen[place] = true;
        }
    }
    cursor_close(cursor);
    for (size_t i = 0; i < count; i++) {
        if (!seen[i] && !audit->is_bare) {
            find(&audit->findings, CHECK_STAFF, 0, "figure %s: %" PRId64 " is gone",
                 "参数 %s：%" PRId64 " 已不存在", figures[i].name, figures[i].value);
        }
    }
}

/* --- business days ---------------------------------------------------------------------------- */

static void check_days(struct audit *audit)
{
    int64_t today = reader_number(audit->reader,
                                  "SELECT business_date FROM engine_business_date WHERE bucket = 0",
                                  0, 0, INT32_MAX);
    int64_t days = 0, previous = 0;
    struct cursor *cursor = reader_stream(
        audit->reader,
        "SELECT d.business_date, d.begun_at, CAST(CASE WHEN d.ended_at = 0 THEN 1 ELSE 0 END"
        " + (SELECT count(*) FROM frame_eod_steps s WHERE s.business_date = d.business_date"
        " AND s.ended_at = 0) AS BIGINT) FROM frame_eod_dates d ORDER BY d.business_date",
        0, 0);
    for (; cursor_next(cursor); days++) {
        char text[DATE_TEXT_SIZE];
        struct date date = {(int32_t)cursor_int(cursor, 0)};
        date_format(date, text);
        if (cursor_int(cursor, 2) != 0 && date.days < today - 1) {
            find(&audit->findings, CHECK_DAYS, 0, "%s: %s steps of its end have not ended",
                 "%s：日终有 %s 个步骤未完成", text, GROUPED(cursor_int(cursor, 2)));
        }
        if (days > 0 && date.days != previous + 1) {
            find(&audit->findings, CHECK_DAYS, 0, "%s: the day before was never closed",
                 "%s：前一日从未日终", text);
        }
        previous = date.days;
    }
    cursor_close(cursor);
    if (days > 0 && previous < today - 1) {
        find(&audit->findings, CHECK_DAYS, 0, "%s days before the business date were never closed",
             "营业日之前有 %s 日从未日终", GROUPED(today - 1 - previous));
    }
    summarise(&audit->findings, CHECK_DAYS, "%s business days closed", "已日终 %s 日",
              GROUPED(days));
}

void office_check(struct audit *audit)
{
    find_rows(audit, CHECK_STAFF, changes_sql,
              "change: is approved without entries of two people in the log",
              "变更：已批准，但日志未记载两人经手");
    find_rows(audit, CHECK_STAFF, entries_sql, "entry: approves a change that is not there",
              "日志条目：所批准的变更不存在");
    find_rows(audit, CHECK_STAFF, figures_sql, "edition: a figure of it was approved by nobody",
              "版本：其参数无人批准");
    find_rows(audit, CHECK_STAFF, cards_sql, "card: its limits are no figures of the bank",
              "银行卡：限额不是本行参数");
    if (!audit->is_bare) {
        check_figures(audit);
    }
    check_days(audit);
}
