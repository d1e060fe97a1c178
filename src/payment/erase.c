#include "payment/erase.h"

#include "base/check.h"
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

enum err payment_erase_received(struct uow *uow, struct customer_id customer,
                                struct payment_id payment)
{
    CHECK(customer.value > 0);
    CHECK(payment.value > 0);
    return db_defer(uow->conn, &payment_erase_one,
                    DB_ARGS(db_blob("", 0), db_int(id_bucket(payment.value)), db_int(payment.value),
                            db_int(customer.value)),
                    -1);
}
