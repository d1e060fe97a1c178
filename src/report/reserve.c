#include "report/reserve.h"

#include "report/report.h"
#include "sys/log.h"
#include "sys/metrics.h"

#include <stdio.h>

/* Labels live as long as the metrics, which is as long as the process. */
struct shortage_gauge {
    struct ccy ccy;
    char labels[16];
    struct metric *metric;
};

static struct shortage_gauge gauges[SHORTAGES_MAX];
static size_t gauge_count;

static struct metric *shortage_metric(struct ccy ccy)
{
    for (size_t i = 0; i < gauge_count; i++) {
        if (ccy_equal(gauges[i].ccy, ccy)) {
            return gauges[i].metric;
        }
    }
    if (gauge_count == SHORTAGES_MAX) {
        return NULL;
    }
    struct shortage_gauge *gauge = &gauges[gauge_count++];
    gauge->ccy = ccy;
    snprintf(gauge->labels, sizeof gauge->labels, "ccy=\"%.3s\"", ccy.code);
    gauge->metric = metrics_gauge("reserve_shortage_minor",
                                  "Customers' money that the reserve does not cover, minor units.",
                                  gauge->labels);
    return gauge->metric;
}

struct watching {
    struct reserve_view view;
    enum err err;
};

static void watch_currency(const struct report_funds *funds, void *context)
{
    struct watching *watching = context;
    struct reserve_view *view = &watching->view;
    enum err err = report_funds_decide(funds);
    int64_t shortage = 0;
    if (err == ERR_RESERVE_SHORT) { /* then the sum of what is held fits */
        int64_t held = funds->reserve_minor + funds->in_clearing_minor;
        if (__builtin_sub_overflow(funds->customer_funds_minor, held, &shortage)) {
            shortage = INT64_MAX;
        }
    }
    struct metric *metric = shortage_metric(funds->ccy);
    if (metric != NULL) {
        metrics_set(metric, shortage);
    }
    if (shortage > 0) {
        log_event(LOG_ERROR, "reserve_short", log_string("ccy", funds->ccy.code),
                  log_int("shortage_minor", shortage),
                  log_int("customers_minor", funds->customer_funds_minor),
                  log_int("reserve_minor", funds->reserve_minor),
                  log_int("in_clearing_minor", funds->in_clearing_minor));
    }
    if (shortage > 0 && view->count < SHORTAGES_MAX) {
        view->shortages[view->count++] = (struct money){shortage, funds->ccy};
    }
    watching->err = watching->err ? watching->err : err;
}

enum err reserve_watch(struct engine *engine, struct reserve_view *out)
{
    struct watching watching = {.err = ERR_OK};
    struct db_conn *conn;
    (void)shortage_metric(CCY_CNY); /* shown as 0 before the first customer */
    enum err err = engine_read_begin(engine, &conn);
    if (err) {
        return err;
    }
    err = report_funds_each(engine_ledger(engine), conn, watch_currency, &watching);
    engine_read_end(engine, conn);
    if (!err) {
        *out = watching.view;
    }
    return err ? err : watching.err;
}
