/* Trial balance, chart with balances, customers' funds. */
#include "base/check.h"
#include "report/gl_sums.h"
#include "report/report.h"

#include <stdlib.h>

static enum err load_sums(struct ledger *ledger, struct db_conn *conn, struct date date,
                          struct gl_sums **out)
{
    struct gl_sums *sums = malloc(sizeof *sums);
    if (sums == NULL) {
        return ERR_NO_MEMORY;
    }
    enum err err = gl_sums_load(ledger, conn, date, true, sums);
    if (err) {
        free(sums);
        return err;
    }
    *out = sums;
    return ERR_OK;
}

static bool add_column(int64_t net_minor, int64_t *debit, int64_t *credit)
{
    return net_minor >= 0 ? __builtin_add_overflow(*debit, net_minor, debit)
                          : __builtin_sub_overflow(*credit, net_minor, credit);
}

/* One row of the balance, and its part of the totals. */
static enum err add_row(const struct gl_account *gl, const struct gl_sum *sum,
                        struct report_trial_balance *out)
{
    struct report_gl_row row = {.gl = gl};
    bool bad = false;
    if (sum != NULL) {
        row.debit_minor = sum->on_debit_minor;
        row.credit_minor = sum->on_credit_minor;
        bad = __builtin_sub_overflow(sum->before_debit_minor, sum->before_credit_minor,
                                     &row.opening_minor) ||
              __builtin_add_overflow(row.opening_minor, row.debit_minor, &row.closing_minor) ||
              __builtin_sub_overflow(row.closing_minor, row.credit_minor, &row.closing_minor);
    }
    bad = bad ||
          add_column(row.opening_minor, &out->opening_debit_minor, &out->opening_credit_minor) ||
          add_column(row.closing_minor, &out->closing_debit_minor, &out->closing_credit_minor) ||
          __builtin_add_overflow(out->debit_minor, row.debit_minor, &out->debit_minor) ||
          __builtin_add_overflow(out->credit_minor, row.credit_minor, &out->credit_minor);
    if (bad) {
        return ERR_OVERFLOW;
    }
    CHECK(out->count < REPORT_GL_MAX);
    out->rows[out->count++] = row;
    return ERR_OK;
}

enum err report_trial_balance(struct ledger *ledger, struct db_conn *conn, struct date date,
                              struct ccy ccy, struct report_trial_balance *out)
{
    struct gl_sums *sums;
    enum err err = load_sums(ledger, conn, date, &sums);
    if (err) {
        return err;
    }
    struct report_trial_balance balance = {.date = date, .ccy = ccy};
    for (size_t i = 0; !err && i < chart_count; i++) {
        err = add_row(&chart[i], gl_sums_find(sums, chart[i].code, ccy_number(ccy)), &balance);
    }
    free(sums);
    if (err) {
        return err;
    }
    balance.balanced = balance.opening_debit_minor == balance.opening_credit_minor &&
                       balance.debit_minor == balance.credit_minor &&
                       balance.closing_debit_minor == balance.closing_credit_minor;
    *out = balance;
    return ERR_OK;
}

/* --- chart -------------------------------------------------------------------------------------
 */

/* Accounts by place in the chart and currency. */
struct account_counts {
    int64_t of[REPORT_GL_MAX][CCY_COUNT_MAX];
};

static bool count_account(const struct ledger_account_row *row, void *context)
{
    struct account_counts *counts = context;
    const struct gl_account *gl = chart_find(row->gl_code);
    CHECK(gl != NULL && gl - chart < REPORT_GL_MAX);
    counts->of[gl - chart][ccy_place(row->ccy)]++;
    return true;
}

static struct report_chart_row chart_row(const struct gl_account *gl, struct ccy ccy,
                                         const struct gl_sum *sum, int64_t account_count)
{
    struct report_chart_row row = {.gl = gl,
                                   .ccy = ccy,
                                   .normal_side = chart_normal_side(gl->class),
                                   .account_count = account_count};
    int64_t net = sum ? sum->before_debit_minor - sum->before_credit_minor : 0;
    row.side = net > 0 ? LEDGER_DEBIT : net < 0 ? LEDGER_CREDIT : row.normal_side;
    row.balance_minor = net < 0 ? -net : net;
    return row;
}

static void chart_rows(const struct gl_sums *sums, const struct account_counts *counts,
                       struct ccy home, struct report_chart_row *out, size_t *out_count)
{
    size_t count = 0;
    for (size_t i = 0; i < chart_count; i++) {
        size_t before = count;
        for (int place = 0; place < ccy_count(); place++) {
            struct ccy ccy = ccy_at(place);
            int64_t accounts = counts->of[i][place];
            const struct gl_sum *sum = gl_sums_find(sums, chart[i].code, ccy_number(ccy));
            if ((sum != NULL || accounts > 0) && count < REPORT_CHART_MAX) {
                out[count++] = chart_row(&chart[i], ccy, sum, accounts);
            }
        }
        if (count == before && count < REPORT_CHART_MAX) {
            out[count++] = chart_row(&chart[i], home, NULL, 0);
        }
    }
    *out_count = count;
}

enum err report_chart(struct ledger *ledger, struct db_conn *conn, struct ccy home,
                      struct report_chart_row out[REPORT_CHART_MAX], size_t *out_count)
{
    struct gl_sums *sums;
    enum err err = load_sums(ledger, conn, GL_SUMS_ALL, &sums);
    if (err) {
        return err;
    }
    struct account_counts *counts = calloc(1, sizeof *counts);
    err = counts ? ledger_accounts_each(conn, count_account, counts) : ERR_NO_MEMORY;
    if (!err) {
        chart_rows(sums, counts, home, out, out_count);
    }
    free(counts);
    free(sums);
    return err;
}

/* Debits less credits of a GL account, whatever its normal side. */
static int64_t net_debit(const struct gl_sums *sums, uint16_t gl_code, struct ccy ccy)
{
    const struct gl_sum *sum = gl_sums_find(sums, gl_code, ccy_number(ccy));
    return sum ? sum->before_debit_minor - sum->before_credit_minor : 0;
}

static struct report_funds funds_of(const struct gl_sums *sums, struct ccy ccy)
{
    return (struct report_funds){.ccy = ccy,
                                 .customer_funds_minor = -net_debit(sums, GL_DEPOSITS_DEMAND, ccy) -
                                                         net_debit(sums, GL_PAYMENT_ACCOUNTS, ccy),
                                 .reserve_minor = net_debit(sums, GL_RESERVE, ccy),
                                 .capital_minor = -net_debit(sums, GL_CAPITAL, ccy),
                                 /* the payable is negative here: added, it is taken off */
                                 .in_clearing_minor = net_debit(sums, GL_CLEARING_RECEIVABLE, ccy) +
                                                      net_debit(sums, GL_CLEARING_PAYABLE, ccy)};
}

enum err report_funds(struct ledger *ledger, struct db_conn *conn, struct ccy ccy,
                      struct report_funds *out)
{
    struct gl_sums *sums;
    enum err err = load_sums(ledger, conn, GL_SUMS_ALL, &sums);
    if (err) {
        return err;
    }
    *out = funds_of(sums, ccy);
    free(sums);
    return ERR_OK;
}

enum err report_funds_each(struct ledger *ledger, struct db_conn *conn,
                           void (*row)(const struct report_funds *funds, void *context),
                           void *context)
{
    struct gl_sums *sums;
    enum err err = load_sums(ledger, conn, GL_SUMS_ALL, &sums);
    if (err) {
        return err;
    }
    for (int place = 0; place < ccy_count(); place++) {
        struct report_funds funds = funds_of(sums, ccy_at(place));
        if (funds.customer_funds_minor != 0 || funds.reserve_minor != 0 ||
            funds.in_clearing_minor != 0) {
            row(&funds, context);
        }
    }
    free(sums);
    return ERR_OK;
}

enum err report_funds_decide(const struct report_funds *funds)
{
    int64_t held;
    if (__builtin_add_overflow(funds->reserve_minor, funds->in_clearing_minor, &held)) {
        return ERR_OVERFLOW;
    }
    return held < funds->customer_funds_minor ? ERR_RESERVE_SHORT : ERR_OK;
}
