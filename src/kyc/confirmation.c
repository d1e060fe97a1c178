/* The customer's confirmation, compared with the readings, the registry and the operator. */
#include "base/check.h"
#include "kyc/kyc_private.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define CONFIRMATION_FIELD "kyc.confirmation"
#define RETRY_FIRST_US     INT64_C(60000000)
#define RETRY_LAST_US      INT64_C(21600000000)
#define RETRIES_MAX        5 /* 1, 4, 16, 64, 256 minutes; then staff handle it as well */

DB_STMT(confirmation_stmt_store,
        "INSERT INTO kyc_confirmations (bucket, customer_id, fields, corrections, at)"
        " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (bucket, customer_id) DO UPDATE"
        " SET fields = excluded.fields, corrections = excluded.corrections, at = excluded.at");
DB_STMT(confirmation_stmt_load, "SELECT fields, corrections FROM kyc_confirmations"
                                " WHERE bucket = $1 AND customer_id = $2");
DB_STMT(confirmation_stmt_report_due,
        "SELECT customer_id FROM kyc_people WHERE registry_next_at > 0 AND registry_next_at <= $1"
        " ORDER BY registry_next_at LIMIT $2");

enum err kyc_confirmed_load(const struct kyc_room *room, struct db_conn *conn,
                            struct customer_id customer, struct kyc_fields *out,
                            uint32_t *out_corrections)
{
    struct db_rows rows =
        db_read(conn, &confirmation_stmt_load,
                DB_ARGS(db_int(id_bucket(customer.value)), db_int(customer.value)));
    if (db_rows_one(&rows, ERR_NOT_FOUND)) {
        size_t size = 0;
        const void *sealed = db_rows_blob(&rows, 0, &size);
        db_rows_fail(&rows, fields_unseal(room, customer, CONFIRMATION_FIELD, sealed, size, out));
        *out_corrections = (uint32_t)db_rows_int(&rows, 1);
    }
    return db_rows_close(&rows);
}

/* --- prepare ---------------------------------------------------------------------------------- */

struct readings {
    struct kyc_reading front, back;
    char phone[PHONE_TEXT_SIZE];
};

static enum err read_all(struct kyc_room *room, struct engine *engine,
                         const struct kyc_confirmation *c, int64_t now_us, struct readings *out,
                         int64_t *out_retry_at)
{
    struct customer_id customer = c->customer;
    struct db_conn *conn = NULL;
    enum err err = engine_read_begin(engine, &conn);
    if (err != ERR_OK) {
        return err;
    }
    err = consent_check(conn, customer, "identityCheck");
    if (err == ERR_OK && out_retry_at != NULL) {
        err = attempts_check(room, conn, customer, c->is_strangers, now_us, out_retry_at);
    }
    if (err == ERR_OK) {
        err = reading_load(room, conn, customer, CARD_FRONT, &out->front);
        err = err != ERR_OK ? err : reading_load(room, conn, customer, CARD_BACK, &out->back);
        err = err == ERR_NOT_FOUND ? ERR_ID_PICTURES_MISSING : err;
    }
    if (err == ERR_OK) {
        err = customer_reveal_phone(room->options.customers, conn, customer, out->phone);
    }
    engine_read_end(engine, conn);
    return err;
}

static enum err ask_parties(struct kyc_room *room, const char *phone, struct kyc_confirmation *c)
{
    struct kyc_parties *parties = room->options.parties;
    const struct identity_evidence *who = &c->evidence;
    char request[REQUEST_ID_SIZE];
    enum err err = portrait_ask(room, c->customer, who->name, who->id_number, &c->portrait);
    request_id(room, c->customer, request);
    c->operator= parties->operator_check(parties, request, phone, who->name, who->id_number);
    return err;
}

static bool is_registry_match(const struct identity_evidence *evidence)
{
    return evidence->count == IDENTITY_CHECK_COUNT &&
           evidence->checks[evidence->count - 1].result == CHECK_PASSED;
}

static enum err ask_registry(struct kyc_room *room, struct engine *engine, const char *phone,
                             struct kyc_confirmation *c, int64_t *out_retry_at)
{
    enum err err = identity_prepare(room->options.customers, engine, c->customer, c->fields.name,
                                    c->fields.number, &c->evidence, out_retry_at);
    c->was_registry_asked = err == ERR_OK || err == ERR_REGISTRY_UNAVAILABLE;
    if (err == ERR_REGISTRY_UNAVAILABLE) {
        return ERR_OK;
    }
    return err == ERR_OK && is_registry_match(&c->evidence) ? ask_parties(room, phone, c) : err;
}

static enum err compare_readings(struct kyc_room *room, struct engine *engine, int64_t now_us,
                                 const struct readings *read, struct kyc_confirmation *out)
{
    struct card_policy policy = {.today = engine_civil_date(engine, now_us),
                                 .age_min = customer_room_rules(room->options.customers)->age_min,
                                 .long_term_age = room->rules.long_term_age};
    struct confirmation_verdict verdict =
        confirmation_decide(&read->front.fields, &read->back.fields, &out->fields, &policy);
    out->corrections = verdict.corrections;
    out->refused = verdict.refused;
    out->refusal = verdict.refusal;
    out->is_validity_odd = verdict.is_validity_odd;
    out->findings = read->front.findings | read->back.findings;
    return ERR_OK;
}

enum err kyc_confirmation_prepare(struct kyc_room *room, struct engine *engine,
                                  const struct principal *who, const struct kyc_fields *fields,
                                  struct kyc_confirmation *out, int64_t *out_retry_at)
{
    struct readings read;
    int64_t now_us = clock_now_us(engine_clock(engine));
    memset(out, 0, sizeof *out);
    out->customer = who->customer;
    out->is_strangers = kyc_is_stranger(who);
    out->fields = *fields;
    *out_retry_at = 0;
    enum err err = read_all(room, engine, out, now_us, &read, out_retry_at);
    if (err == ERR_OK) {
        err = compare_readings(room, engine, now_us, &read, out);
    }
    if (err == ERR_OK && out->refusal == ERR_OK) {
        memcpy(out->fields.nation, read.front.fields.nation, sizeof out->fields.nation);
        err = ask_registry(room, engine, read.phone, out, out_retry_at);
    }
    vault_wipe(&read, sizeof read);
    if (err != ERR_OK) {
        kyc_confirmation_release(out);
    }
    return err;
}

void kyc_confirmation_release(struct kyc_confirmation *confirmation)
{
    portrait_release(&confirmation->portrait);
    vault_wipe(confirmation, sizeof *confirmation);
}

/* --- commit ----------------------------------------------------------------------------------- */

static enum err store_fields(struct kyc_room *room, struct uow *uow,
                             const struct kyc_confirmation *c)
{
    uint8_t sealed[VAULT_SEALED_MAX];
    size_t size = 0;
    enum err err = fields_seal(room, c->customer, CONFIRMATION_FIELD, &c->fields, sealed, &size);
    if (err != ERR_OK) {
        return err;
    }
    return db_defer(uow->conn, &confirmation_stmt_store,
                    DB_ARGS(db_int(id_bucket(c->customer.value)), db_int(c->customer.value),
                            db_blob(sealed, size), db_int(c->corrections), db_int(uow->now_us)),
                    1);
}

static enum err add_check(struct kyc_room *room, struct uow *uow, const struct kyc_confirmation *c,
                          enum kyc_check kind, enum kyc_result result, const char *version)
{
    struct check_add check = {.check = kind,
                              .result = result,
                              .score = INT_MIN,
                              .threshold = INT_MIN,
                              .version = version,
                              .evidence = &c->fields,
                              .evidence_size = sizeof c->fields};
    return check_store(room, uow, c->customer, &check);
}

/* The operator's answer as a layer and a check; a match also counts as an independent channel. */
static enum err note_operator(struct kyc_room *room, struct uow *uow,
                              const struct kyc_confirmation *c, struct kyc_person *person)
{
    static const struct {
        enum kyc_state state;
        enum kyc_result result;
    } WORDS[] = {
        [OPERATOR_MATCH] = {KYC_STATE_PASSED, KYC_PASSED},
        [OPERATOR_MISMATCH] = {KYC_STATE_FAILED, KYC_FAILED},
        [OPERATOR_UNKNOWN] = {KYC_STATE_UNSURE, KYC_UNSURE},
        [OPERATOR_UNAVAILABLE] = {KYC_STATE_UNSURE, KYC_NO_ANSWER},
    };
    if (c->operator== 0) {
        return ERR_OK;
    }
    person_set(person, KYC_OPERATOR, WORDS[c->operator].state, uow->now_us);
    enum err err = add_check(room, uow, c, KYC_CHECK_OPERATOR, WORDS[c->operator].result,
                             room->options.parties->operator_version);
    if (err == ERR_OK && c->operator== OPERATOR_MATCH) {
        err = customer_add_channel(uow, c->customer, CHANNEL_OPERATOR, "");
    }
    return err;
}

/* The registry gave no answer: a job asks again at growing intervals. */
static void plan_retry(struct kyc_person *person, int64_t now_us)
{
    person_set(person, KYC_REGISTRY, KYC_STATE_UNSURE, now_us);
    person->registry_tries++;
    person->registry_next_at =
        now_us + (person->registry_tries > RETRIES_MAX
                      ? RETRY_LAST_US
                      : RETRY_FIRST_US << (2 * (person->registry_tries - 1)));
}

/* Name and number are confirmed: the layer of the pictures is settled, or goes to review. */
static enum err settle(struct kyc_room *room, struct uow *uow, const struct kyc_confirmation *c,
                       struct kyc_person *person)
{
    uint32_t reasons = 0;
    int64_t case_id = 0;
    reasons |= c->corrections & (1U << KYC_FIELD_NAME) ? 1U << CASE_NAME_CORRECTED : 0;
    reasons |= card_is_suspect(c->findings) || c->is_validity_odd || person->refused_at != 0
                   ? 1U << CASE_DOCUMENT_EDITED
                   : 0;
    person_set(person, KYC_CONFIRMATION, reasons ? KYC_STATE_UNSURE : KYC_STATE_PASSED,
               uow->now_us);
    person_set(person, KYC_REGISTRY, KYC_STATE_PASSED, uow->now_us);
    person->registry_next_at = 0;
    person->registry_tries = 0;
    enum err err = customer_add_channel(uow, c->customer, CHANNEL_REGISTRY, "");
    err = err != ERR_OK ? err : note_operator(room, uow, c, person);
    err = err != ERR_OK ? err : portrait_store(room, uow, c->customer, &c->portrait, &c->fields);
    if (err == ERR_OK) {
        err = customer_set_layer(uow, c->customer, LAYER_PICTURES,
                                 reasons ? LAYER_REVIEW : LAYER_PASSED);
    }
    /* Includes reasons that waited until the identity was known. */
    return err != ERR_OK ? err : case_want(room, uow, person, true, reasons, 0, &case_id);
}

static enum err keep_document(struct uow *uow, const struct kyc_confirmation *c,
                              struct kyc_person *person)
{
    person->has_document = true;
    person->is_long_term = c->fields.is_long_term;
    person->document_until = c->fields.valid_until;
    return customer_set_document(uow, c->customer,
                                 c->fields.is_long_term ? (struct date){0} : c->fields.valid_until);
}

static enum err note_checks(struct kyc_room *room, struct uow *uow,
                            const struct kyc_confirmation *c)
{
    enum kyc_result result = c->refusal != ERR_OK ? KYC_FAILED
                             : c->corrections     ? KYC_UNSURE
                                                  : KYC_PASSED;
    enum err err = add_check(room, uow, c, KYC_CHECK_CONFIRMATION, result, KYC_RULES_VERSION);
    return err != ERR_OK
               ? err
               : add_check(room, uow, c, KYC_CHECK_VALIDITY,
                           c->is_validity_odd ? KYC_UNSURE : KYC_PASSED, KYC_RULES_VERSION);
}

/* A confirmed identity is not replaced by another: nothing of the other one is stored. */
static enum err check_fixed(const struct kyc_room *room, struct db_conn *conn,
                            const struct kyc_confirmation *c, bool *out_is_other)
{
    struct customer row;
    bool has_number = false, is_same = false;
    enum err err = customer_load(room->options.customers, conn, c->customer, &row);
    err = err != ERR_OK
              ? err
              : identity_compare(room, conn, c->customer, c->fields.number, &has_number, &is_same);
    *out_is_other =
        err == ERR_OK && has_number && (!is_same || strcmp(row.name, c->fields.name) != 0);
    return err;
}

/* After the registry's answer, the first time or later. */
static enum err commit_identity(struct kyc_room *room, struct uow *uow,
                                const struct kyc_confirmation *c, struct kyc_person *person,
                                struct verdict *verdict)
{
    enum err err =
        identity_commit(room->options.customers, uow, c->customer, &c->evidence, verdict);
    if (err != ERR_OK) {
        return err;
    }
    if (verdict->refusal == ERR_REGISTRY_UNAVAILABLE) {
        int64_t case_id = 0;
        verdict->refusal = ERR_OK;
        plan_retry(person, uow->now_us);
        err = keep_document(uow, c, person);
        return err != ERR_OK || person->registry_tries <= RETRIES_MAX
                   ? err
                   : case_want(room, uow, person, true, 1U << CASE_REGISTRY_UNAVAILABLE, 0,
                               &case_id);
    }
    if (verdict->refusal != ERR_OK) {
        person_set(person, KYC_REGISTRY, KYC_STATE_FAILED, uow->now_us);
        person->registry_next_at = 0;
        return ERR_OK;
    }
    err = keep_document(uow, c, person);
    return err != ERR_OK ? err : settle(room, uow, c, person);
}

enum err kyc_confirmation_commit(struct kyc_room *room, struct uow *uow,
                                 const struct kyc_confirmation *c, struct verdict *out_verdict)
{
    struct kyc_person person;
    bool is_other = false;
    *out_verdict = (struct verdict){.refusal = ERR_OK, .tries_left = -1};
    enum err err = person_lock(uow, c->customer, &person);
    if (err == ERR_OK) {
        err = attempts_check(room, uow->conn, c->customer, c->is_strangers, uow->now_us,
                             &out_verdict->retry_at);
    }
    if (err == ERR_TOO_MANY_REQUESTS) {
        out_verdict->refusal = err;
        return ERR_OK;
    }
    err = err != ERR_OK ? err : note_checks(room, uow, c);
    err = err != ERR_OK ? err : check_fixed(room, uow->conn, c, &is_other);
    if (err == ERR_OK && is_other) {
        out_verdict->refusal = ERR_IDENTITY_FIXED;
    } else if (err == ERR_OK && c->refusal != ERR_OK) {
        out_verdict->refusal = c->refusal;
    } else if (err == ERR_OK) {
        CHECK(c->was_registry_asked);
        err = store_fields(room, uow, c);
        err = err != ERR_OK ? err : commit_identity(room, uow, c, &person, out_verdict);
    }
    if (err == ERR_OK) {
        /* a malformed name or number is a typing error and costs no attempt */
        bool counts = c->refusal != ERR_OK || c->evidence.count == IDENTITY_CHECK_COUNT;
        err = attempt_add(uow, c->customer, attempt_kind_of(ATTEMPT_CONFIRMATION, c->is_strangers),
                          counts, out_verdict->refusal);
    }
    return err != ERR_OK ? err : person_store(uow, &person);
}

/* --- Repeated queries ------------------------------------------------------------------------- */

struct retry {
    struct kyc_room *room;
    struct kyc_confirmation *confirmation;
};

static enum err commit_retry(struct uow *uow, void *context)
{
    struct retry *retry = context;
    struct kyc_person person;
    struct verdict verdict;
    enum err err = person_lock(uow, retry->confirmation->customer, &person);
    if (err != ERR_OK || person.registry_next_at == 0) {
        return err; /* another process was faster */
    }
    err = commit_identity(retry->room, uow, retry->confirmation, &person, &verdict);
    if (err == ERR_OK && verdict.refusal == ERR_TOO_MANY_REQUESTS) {
        person_set(&person, KYC_REGISTRY, KYC_STATE_UNSURE, uow->now_us);
        person.registry_next_at = verdict.retry_at;
    }
    return err != ERR_OK ? err : person_store(uow, &person);
}

static enum err retry_one(struct kyc_room *room, struct engine *engine, struct customer_id customer,
                          struct kyc_confirmation *c)
{
    struct readings read;
    struct db_conn *conn = NULL;
    int64_t retry_at = 0;
    uint32_t corrections = 0;
    memset(c, 0, sizeof *c);
    c->customer = customer;
    enum err err = read_all(room, engine, c, 0, &read, NULL);
    err = err != ERR_OK ? err : engine_read_begin(engine, &conn);
    if (err == ERR_OK) {
        err = kyc_confirmed_load(room, conn, customer, &c->fields, &corrections);
        engine_read_end(engine, conn);
    }
    if (err == ERR_OK) {
        err = compare_readings(room, engine, clock_now_us(engine_clock(engine)), &read, c);
    }
    if (err == ERR_OK) {
        err = ask_registry(room, engine, read.phone, c, &retry_at);
    }
    if (err == ERR_OK) {
        struct retry retry = {room, c};
        err = engine_run(engine, commit_retry, &retry);
    }
    vault_wipe(&read, sizeof read);
    kyc_confirmation_release(c);
    return err;
}

enum err kyc_registry_retry(struct kyc_room *room, struct engine *engine, int limit,
                            int64_t *out_count)
{
    int64_t due[32];
    size_t count = 0;
    struct db_conn *conn = NULL;
    enum err err = engine_read_begin(engine, &conn);
    if (err != ERR_OK) {
        return err;
    }
    err = db_numbers(
        conn, &confirmation_stmt_report_due,
        DB_ARGS(db_int(clock_now_us(engine_clock(engine))), db_int(limit < 32 ? limit : 32)), due,
        32, &count);
    engine_read_end(engine, conn);
    struct kyc_confirmation *c = err == ERR_OK ? malloc(sizeof *c) : NULL;
    if (err == ERR_OK && c == NULL) {
        return ERR_NO_MEMORY;
    }
    *out_count = 0;
    for (size_t i = 0; err == ERR_OK && i < count; i++) {
        enum err one = retry_one(room, engine, (struct customer_id){due[i]}, c);
        /* A customer over a limit, without consent or without pictures does not delay the others. */
        *out_count += one == ERR_OK;
        err = err_is_retryable(one) && one != ERR_TOO_MANY_REQUESTS ? one : ERR_OK;
    }
    free(c);
    return err;
}

enum operator_result kyc_ask_operator(const struct kyc_room *room, const char *request_id,
                                      const char *phone, const char *name, const char *id_number)
{
    struct kyc_parties *parties = room->options.parties;
    return parties->operator_check(parties, request_id, phone, name, id_number);
}
