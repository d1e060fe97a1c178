/* Consents: each answer to each purpose is a row; the newest counts. */
#include "base/check.h"
#include "customer/customer_private.h"

#include <stdio.h>
#include <string.h>

DB_STMT(consent_stmt_insert,
        "INSERT INTO customer_consents (bucket, customer_id, id, purpose, text_version, granted,"
        " at) VALUES ($1, $2, $3, $4, $5, $6, $7)");
DB_STMT(consent_stmt_list, "SELECT purpose, text_version, granted, at FROM customer_consents"
                           " WHERE bucket = $1 AND customer_id = $2 ORDER BY at DESC, id DESC");

DB_STMT(consent_stmt_withdrawn,
        "SELECT COALESCE(MAX(at), 0) FROM customer_consents WHERE bucket = $1 AND customer_id = $2"
        " AND purpose = $3 AND granted = 0");

static const struct consent_text *find_text(const struct consent_texts *texts, const char *purpose)
{
    for (size_t i = 0; i < consent_texts_count(texts); i++) {
        const struct consent_text *text = consent_texts_at(texts, i);
        if (strcmp(text->purpose, purpose) == 0) {
            return text;
        }
    }
    return NULL;
}

enum err consent_record(struct customer_room *room, struct uow *uow, struct customer_id id,
                        const char *purpose, const char *version, bool granted, struct consent *out)
{
    const struct consent_text *text = find_text(room->consents, purpose);
    if (!text || strcmp(text->version, version) != 0) {
        return ERR_CONSENT_UNKNOWN;
    }
    if (text->required && !granted) {
        return ERR_CONSENT_REQUIRED;
    }
    int bucket = id_bucket(id.value);
    *out = (struct consent){.granted = granted, .at = uow->now_us};
    snprintf(out->purpose, sizeof(out->purpose), "%s", text->purpose);
    snprintf(out->version, sizeof(out->version), "%s", text->version);
    return db_defer(uow->conn, &consent_stmt_insert,
                    DB_ARGS(db_int(bucket), db_int(id.value), db_int(uow_id(uow, bucket)),
                            db_text(text->purpose), db_text(text->version), db_int(granted),
                            db_int(uow->now_us)),
                    1);
}

#define PURPOSES_MAX 64

static bool is_seen(char seen[PURPOSES_MAX][CONSENT_PURPOSE_SIZE], size_t *count,
                    const char *purpose)
{
    for (size_t i = 0; i < *count; i++) {
        if (strcmp(seen[i], purpose) == 0) {
            return true;
        }
    }
    if (*count < PURPOSES_MAX) {
        snprintf(seen[(*count)++], CONSENT_PURPOSE_SIZE, "%s", purpose);
    }
    return false;
}

enum err consent_each(struct db_conn *conn, struct customer_id id, bool all, consent_visit *visit,
                      void *context)
{
    char seen[PURPOSES_MAX][CONSENT_PURPOSE_SIZE];
    size_t seen_count = 0;
    struct db_rows rows =
        db_read(conn, &consent_stmt_list, DB_ARGS(db_int(id_bucket(id.value)), db_int(id.value)));
    while (db_rows_next(&rows)) {
        struct consent consent = {.granted = db_rows_int(&rows, 2) == 1,
                                  .at = db_rows_int(&rows, 3)};
        snprintf(consent.purpose, sizeof(consent.purpose), "%s", db_rows_text(&rows, 0));
        snprintf(consent.version, sizeof(consent.version), "%s", db_rows_text(&rows, 1));
        bool is_newest = !is_seen(seen, &seen_count, consent.purpose);
        if ((all || is_newest) && !visit(&consent, context)) {
            break;
        }
    }
    return db_rows_close(&rows);
}

enum err consent_withdrawn_at(struct db_conn *conn, struct customer_id id, const char *purpose,
                              int64_t *out)
{
    return db_one_number(conn, &consent_stmt_withdrawn,
                         DB_ARGS(db_int(id_bucket(id.value)), db_int(id.value), db_text(purpose)),
                         out);
}

/* --- Are all there? ------------------------------------------------------------------------------
 */

struct tally {
    const struct consent_texts *texts;
    size_t granted;
    int64_t newest_at;
};

/* An older version of a text still counts as consent to its purpose until the customer is asked
 * again; the newest answer decides. */
static bool tally_one(const struct consent *consent, void *context)
{
    struct tally *tally = context;
    const struct consent_text *text = find_text(tally->texts, consent->purpose);
    if (text && text->required && consent->granted) {
        tally->granted++;
        if (consent->at > tally->newest_at) {
            tally->newest_at = consent->at;
        }
    }
    return true;
}

enum err consents_complete_at(const struct customer_room *room, struct db_conn *conn,
                              struct customer_id id, int64_t *out)
{
    struct tally tally = {.texts = room->consents};
    size_t required = 0;
    for (size_t i = 0; i < consent_texts_count(room->consents); i++) {
        required += consent_texts_at(room->consents, i)->required ? 1 : 0;
    }
    enum err err = consent_each(conn, id, false, tally_one, &tally);
    *out = err == ERR_OK && tally.granted == required ? tally.newest_at : 0;
    return err;
}
