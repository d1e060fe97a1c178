#include "payment/erase.h"

#include "base/check.h"
#include "payment/activity.h"
/* The salt goes with the words: the journal keeps their digest, and nobody can guess them from it. */

DB_STMT(payment_erase_debtor,
        "UPDATE payment_payments SET debtor_name = '', debtor_masked = '', remittance = '', "
        "end_to_end_id = NULL, order_salt = $1 WHERE bucket = $2 AND debtor_customer_id = $3");
DB_STMT(payment_erase_creditor,
        "UPDATE payment_payments SET creditor_name = '', creditor_masked = '', order_salt = $1 "
        "WHERE bucket = $2 AND creditor_customer_id = $3");
DB_STMT(payment_erase_one,
        "UPDATE payment_payments SET creditor_name = '', creditor_masked = '', order_salt = $1 "
        "WHERE bucket = $2 AND id = $3 AND creditor_customer_id = $4");

enum err payment_erase_made(struct uow *uow, struct customer_id customer)
{
    CHECK(customer.value > 0);
    int bucket = id_bucket(customer.value);
    enum err err = db_defer(uow->conn, &payment_erase_debtor,
                            DB_ARGS(db_blob("", 0), db_int(bucket), db_int(customer.value)), -1);
    return err ? err
               : db_defer(uow->conn, &payment_erase_creditor,
                          DB_ARGS(db_blob("", 0), db_int(bucket), db_int(customer.value)), -1);
}

/* commit: name and masked number of the customer where another one paid. */
static enum err payment_erase_received(struct uow *uow, struct customer_id customer,
                                       struct payment_id payment)
{
    CHECK(customer.value > 0);
    CHECK(payment.value > 0);
    return db_defer(uow->conn, &payment_erase_one,
                    DB_ARGS(db_blob("", 0), db_int(id_bucket(payment.value)), db_int(payment.value),
                            db_int(customer.value)),
                    -1);
}

#define ACCOUNTS_EVER_MAX 256 /* of a person, closed ones included */

struct received {
    struct customer_id customer;
    struct payment_id payments[ACTIVITY_PAGE_MAX]; /* names in these go */
    size_t payment_count;
};

static bool collect_received(const struct activity_line *line, void *context)
{
    struct received *received = context;
    if (line->has_payment && line->payment.creditor_customer.value == received->customer.value &&
        line->payment.creditor_name[0] != '\0') {
        received->payments[received->payment_count++] = line->payment.id;
    }
    return true;
}

static enum err erase_received(struct uow *uow, void *context)
{
    const struct received *received = context;
    enum err err = ERR_OK;
    for (size_t i = 0; err == ERR_OK && i < received->payment_count; i++) {
        err = payment_erase_received(uow, received->customer, received->payments[i]);
    }
    return err;
}

/* What others paid lies in their buckets: found by the account's own lines, a page at a time. */
static enum err erase_on_account(struct received *received, struct engine *engine,
                                 struct account_id account)
{
    static const struct activity_filter all;
    int64_t before = 0;
    enum err err = ERR_OK;
    do {
        struct db_conn *conn;
        received->payment_count = 0;
        err = engine_read_begin(engine, &conn);
        if (err != ERR_OK) {
            return err;
        }
        err = activity_each(engine_ledger(engine), conn, account, &all, before, ACTIVITY_PAGE_MAX,
                            collect_received, received, &before);
        engine_read_end(engine, conn);
        if (err == ERR_OK && received->payment_count > 0) {
            err = engine_run(engine, erase_received, received);
        }
    } while (err == ERR_OK && before != 0);
    return err;
}

enum err payment_erase_all_received(struct engine *engine, struct customer_id customer)
{
    struct account accounts[ACCOUNTS_EVER_MAX];
    struct received received = {.customer = customer};
    struct db_conn *conn;
    size_t count = 0;
    CHECK(customer.value > 0);
    enum err err = engine_read_begin(engine, &conn);
    if (err != ERR_OK) {
        return err;
    }
    err = account_list(conn, customer, accounts, ACCOUNTS_EVER_MAX, &count);
    engine_read_end(engine, conn);
    for (size_t i = 0; err == ERR_OK && i < count; i++) {
        err = erase_on_account(&received, engine, accounts[i].id);
    }
    return err;
}
