/*
 * Payments for tests: a small bank (bank_fixture.h) and transfers in it. Include once per program.
 */
#ifndef TESTS_UNIT_PAYMENT_FIXTURE_H
#define TESTS_UNIT_PAYMENT_FIXTURE_H

#include "bank_fixture.h"

#include "db/db_fault.h"
#include "payment/payment.h"
#include "sys/thread.h"

static struct bank bank;

/* --- transfers -------------------------------------------------------------------------------------- */

struct transfer {
    struct transfer_order order;
    struct transfer_result result;
};

static inline enum err transfer_work(struct uow *uow, void *context)
{
    struct transfer *t = context;
    return transfer_post(uow, bank.catalogue, &t->order, &t->result);
}

static inline struct transfer transfer_of(const struct account *from, const struct account *to,
                                          int64_t amount_minor)
{
    struct transfer t = {.order = {.customer = from->customer,
                                   .debtor_account = from->id,
                                   .creditor_customer = to->customer,
                                   .creditor_account = to->id,
                                   .amount_minor = amount_minor,
                                   .ccy = CCY_CNY,
                                   .stepped_up = true,
                                   .own = from->customer.value == to->customer.value}};
    snprintf(t.order.debtor_name, sizeof t.order.debtor_name, "Ada Payer");
    snprintf(t.order.creditor_name, sizeof t.order.creditor_name, "Ben Payee");
    snprintf(t.order.text, sizeof t.order.text, "lunch 午饭");
    return t;
}

static inline enum err pay(const struct account *from, const struct account *to,
                           int64_t amount_minor)
{
    struct transfer t = transfer_of(from, to, amount_minor);
    return engine_run(bank.engine, transfer_work, &t);
}

static inline struct payment loaded(struct payment_id id)
{
    struct db_conn *conn;
    struct payment p;
    assert_ok(engine_read_begin(bank.engine, &conn));
    assert_ok(payment_load(conn, id, &p));
    engine_read_end(bank.engine, conn);
    return p;
}

static inline enum err close_work(struct uow *uow, void *context)
{
    return account_close(uow, *(struct account_id *)context);
}

#endif
