/* The bank at a glance, for the console's first page. */
#include "desk/desk_render.h"

#include "db/outbox.h"
#include "report/report.h"
#include "web/call.h"

#define HOUR_US         INT64_C(3600000000)
#define DASHBOARD_HOURS 24

static enum err dashboard_people(struct call *call, struct db_conn *conn, int64_t midnight_us)
{
    struct customer_counts customers = {0};
    int64_t accounts = 0;
    enum err err = customer_count(conn, midnight_us, &customers);
    err = err ? err : account_report_count(conn, &accounts);
    if (err) {
        return err;
    }
    out_open(call, "customers", '{');
    out_int(call, "total", customers.total);
    out_int(call, "active", customers.active);
    out_int(call, "newToday", customers.since);
    out_close(call, '}');
    out_open(call, "accounts", '{');
    out_int(call, "total", accounts);
    out_close(call, '}');
    return ERR_OK;
}

static enum err dashboard_funds(struct call *call, struct db_conn *conn)
{
    struct report_funds funds = {.ccy = CCY_CNY};
    enum err err = report_funds(engine_ledger(call_engine(call)), conn, CCY_CNY, &funds);
    if (err) {
        return err;
    }
    out_money(call, "customerFunds", (struct money){funds.customer_funds_minor, CCY_CNY});
    out_money(call, "reserve", (struct money){funds.reserve_minor, CCY_CNY});
    out_money(call, "inClearing", (struct money){funds.in_clearing_minor, CCY_CNY});
    out_money(call, "capital", (struct money){funds.capital_minor, CCY_CNY});
    return ERR_OK;
}

static void dashboard_failed_jobs(struct call *call, const struct server_doors *doors)
{
    struct job_view views[JOB_VIEWS_MAX];
    size_t count = doors->jobs(doors->context, views, JOB_VIEWS_MAX);
    out_open(call, "failedJobs", '[');
    for (size_t i = 0; i < count; i++) {
        if (views[i].last_error[0] != '\0') {
            out_open(call, NULL, '{');
            out_text(call, "job", views[i].name);
            out_text(call, "error", views[i].last_error);
            out_close(call, '}');
        }
    }
    out_close(call, ']');
}

static void dashboard_health(struct call *call, const struct server_doors *doors)
{
    struct health_view view;
    doors->health(doors->context, &view);
    bool is_owed = view.unfinished_dates > 0;
    out_open(call, "health", '{');
    out_text(call, "clock", view.clock);
    out_int(call, "clockAheadSeconds", view.clock_ahead_us / 1000000);
    out_int(call, "unfinishedDates", view.unfinished_dates);
    if (is_owed) {
        out_date(call, "oldestUnfinishedDate", view.oldest_unfinished);
    } else {
        out_text(call, "oldestUnfinishedDate", NULL);
    }
    out_text(call, "endOfDayError",
             is_owed && view.end_of_day_error[0] != '\0' ? view.end_of_day_error : NULL);
    out_open(call, "reserveShortages", '[');
    for (size_t i = 0; i < view.shortage_count; i++) {
        out_open(call, NULL, '{');
        out_money(call, "shortage", view.shortages[i]);
        out_close(call, '}');
    }
    out_close(call, ']');
    dashboard_failed_jobs(call, doors);
    out_close(call, '}');
}

static enum err dashboard_payments(struct call *call, struct db_conn *conn, int64_t midnight_us)
{
    struct payment_report_row rows[4];
    size_t row_count = 0;
    int64_t counts[PAYMENT_RJCT + 1] = {0};
    int64_t count = 0;
    struct money amount = {0, CCY_CNY};
    enum err err =
        payment_report_by_status(conn, midnight_us, midnight_us + DAY_US, rows, &row_count);
    for (size_t i = 0; !err && i < row_count; i++) {
        counts[rows[i].status] = rows[i].count;
        if (rows[i].status != PAYMENT_RJCT) {
            count += rows[i].count;
            err = money_add(amount, (struct money){rows[i].amount_minor, CCY_CNY}, &amount);
        }
    }
    if (err) {
        return err;
    }
    out_open(call, "payments", '{');
    out_open(call, "today", '{');
    out_int(call, "count", count);
    out_money(call, "amount", amount);
    out_close(call, '}');
    out_open(call, "byStatus", '{');
    for (int status = PAYMENT_RCVD; status <= PAYMENT_RJCT; status++) {
        out_int(call, payment_status_name((enum payment_status)status), counts[status]);
    }
    out_close(call, '}');
    out_close(call, '}');
    return ERR_OK;
}

static enum err dashboard_outbox(struct call *call, struct db_conn *conn)
{
    int64_t waiting = 0;
    int64_t dead = 0;
    enum err err = outbox_count(conn, &waiting, &dead);
    if (err) {
        return err;
    }
    out_open(call, "outbox", '{');
    out_int(call, "due", waiting);
    out_int(call, "dead", dead);
    out_close(call, '}');
    return ERR_OK;
}

struct hours {
    int64_t from_us;
    int64_t counts[DASHBOARD_HOURS];
    int64_t amounts_minor[DASHBOARD_HOURS];
};

static bool add_hour(int64_t hour_us, int64_t count, int64_t amount_minor, void *context)
{
    struct hours *hours = context;
    int64_t at = (hour_us - hours->from_us) / HOUR_US;
    if (hour_us >= hours->from_us && at < DASHBOARD_HOURS) {
        hours->counts[at] = count;
        hours->amounts_minor[at] = amount_minor;
    }
    return true;
}

static enum err dashboard_hours(struct call *call, struct db_conn *conn)
{
    int64_t this_hour_us = call->now_us / HOUR_US * HOUR_US;
    struct hours hours = {.from_us = this_hour_us - (DASHBOARD_HOURS - 1) * HOUR_US};
    enum err err =
        payment_report_hours(conn, hours.from_us, this_hour_us + HOUR_US, add_hour, &hours);
    if (err) {
        return err;
    }
    out_open(call, "hourly", '[');
    for (int i = 0; i < DASHBOARD_HOURS; i++) {
        out_open(call, NULL, '{');
        out_instant(call, "hour", hours.from_us + i * HOUR_US);
        out_int(call, "count", hours.counts[i]);
        out_money(call, "amount", (struct money){hours.amounts_minor[i], CCY_CNY});
        out_close(call, '}');
    }
    out_close(call, ']');
    return ERR_OK;
}

enum err render_dashboard(struct call *call, struct db_conn *conn)
{
    struct engine *engine = call_engine(call);
    if (call_doors(call) == NULL) {
        return ERR_UNAVAILABLE;
    }
    int64_t midnight_us =
        zone_start_us(engine_zone(engine), engine_civil_date(engine, call->now_us));
    out_open(call, NULL, '{');
    out_date(call, "businessDate", engine_business_date(engine));
    enum err err = dashboard_people(call, conn, midnight_us);
    err = err ? err : dashboard_funds(call, conn);
    dashboard_health(call, call_doors(call));
    err = err ? err : dashboard_payments(call, conn, midnight_us);
    err = err ? err : dashboard_outbox(call, conn);
    err = err ? err : dashboard_hours(call, conn);
    out_close(call, '}');
    return err;
}
