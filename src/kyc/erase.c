/* Erasure: at the end of a retention period, on withdrawal of a consent, of a whole customer. */
#include "kyc/kyc_private.h"

DB_STMT(erase_stmt_templates, "DELETE FROM kyc_templates WHERE bucket = $1 AND customer_id = $2");
DB_STMT(erase_stmt_readings, "DELETE FROM kyc_readings WHERE bucket = $1 AND customer_id = $2");
DB_STMT(erase_stmt_confirmations,
        "DELETE FROM kyc_confirmations WHERE bucket = $1 AND customer_id = $2");
DB_STMT(erase_stmt_attempts, "DELETE FROM kyc_attempts WHERE bucket = $1 AND customer_id = $2");
DB_STMT(erase_stmt_people, "DELETE FROM kyc_people WHERE bucket = $1 AND customer_id = $2");
/* An empty note: the decision stays, its text is erased. */
DB_STMT(erase_stmt_notes, "UPDATE kyc_decisions SET note_sealed = $1 WHERE bucket = $2 AND case_id"
                          " IN (SELECT id FROM kyc_cases WHERE bucket = $2 AND customer_id = $3)");

DB_STMT(erase_stmt_old_attempts,
        "DELETE FROM kyc_attempts WHERE bucket = $1 AND id IN (SELECT id FROM kyc_attempts"
        " WHERE bucket = $1 AND at < $2 ORDER BY id LIMIT $3)");

#define FRAMES_KEPT_US INT64_C(600000000) /* measurements of a check that was never completed */

static enum err erase_rows(struct uow *uow, struct db_stmt *stmt, struct customer_id id)
{
    return db_defer(uow->conn, stmt, DB_ARGS(db_int(id_bucket(id.value)), db_int(id.value)), -1);
}

enum err kyc_erase_biometrics(struct kyc_room *room, struct uow *uow, struct customer_id customer)
{
    struct kyc_person person;
    struct customer row;
    enum err err = person_lock(uow, customer, &person);
    err = err != ERR_OK ? err : customer_load(room->options.customers, uow->conn, customer, &row);
    err = err != ERR_OK ? err : erase_rows(uow, &erase_stmt_templates, customer);
    err = err != ERR_OK ? err : face_erase(uow, customer);
    err = err != ERR_OK ? err : print_erase(uow, customer);
    err = err != ERR_OK ? err : picture_erase(uow, customer, true);
    /* An open account keeps its verification: the face was accepted under the consent valid then. */
    if (err == ERR_OK && row.state == CUSTOMER_ONBOARDING) {
        person_set(&person, KYC_FACE, KYC_STATE_TODO, 0);
        err = customer_set_layer(uow, customer, LAYER_FACE, LAYER_TODO);
    }
    return err != ERR_OK ? err : person_store(uow, &person);
}

void kyc_forget_face(struct kyc_room *room, struct customer_id customer)
{
    gallery_forget(&room->gallery, customer);
}

enum err kyc_erase_customer(struct uow *uow, struct customer_id customer)
{
    enum err err = erase_rows(uow, &erase_stmt_templates, customer);
    err = err != ERR_OK ? err : face_erase(uow, customer);
    err = err != ERR_OK ? err : print_erase(uow, customer);
    err = err != ERR_OK ? err : picture_erase(uow, customer, false);
    err = err != ERR_OK ? err : kyc_erase_places(uow, customer);
    err = err != ERR_OK ? err : erase_rows(uow, &erase_stmt_readings, customer);
    err = err != ERR_OK ? err : erase_rows(uow, &erase_stmt_confirmations, customer);
    err = err != ERR_OK ? err : erase_rows(uow, &erase_stmt_attempts, customer);
    err = err != ERR_OK ? err : erase_rows(uow, &erase_stmt_people, customer);
    if (err == ERR_OK) {
        err = db_defer(
            uow->conn, &erase_stmt_notes,
            DB_ARGS(db_blob("", 0), db_int(id_bucket(customer.value)), db_int(customer.value)), -1);
    }
    return err;
}

enum err kyc_attempts_sweep(struct uow *uow, int bucket, int64_t before_us, int limit,
                            int64_t *out_count)
{
    return db_exec(uow->conn, &erase_stmt_old_attempts,
                   DB_ARGS(db_int(bucket), db_int(before_us), db_int(limit)), out_count);
}

enum err kyc_sweep(struct kyc_room *room, struct uow *uow, int limit, int64_t *out_count)
{
    int64_t pictures = 0;
    int64_t places = 0;
    int64_t frames = 0;
    int64_t old = uow->now_us - room->rules.face_life_us - FRAMES_KEPT_US;
    enum err err = picture_sweep(uow, limit, &pictures);
    err = err != ERR_OK ? err : place_sweep(uow, limit, &places);
    err = err != ERR_OK ? err : face_sweep(uow, old, limit, &frames);
    *out_count = pictures + places + frames;
    return err;
}
