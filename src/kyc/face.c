/* Face checks: a challenge of random actions in front of the camera, judged and compared. */
#include "base/check.h"
#include "base/hash.h"
#include "kyc/kyc_private.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define CHECK_COLUMNS                                                                              \
    "id, customer_id, session_id, purpose, state, reason, action1, action2, action3, created_at,"  \
    " expires_at, decided_at, face_until, case_id"

DB_STMT(face_stmt_load, "SELECT " CHECK_COLUMNS " FROM kyc_face_checks WHERE bucket = $1"
                        " AND id = $2 AND customer_id = $3");
DB_STMT(face_stmt_add,
        "INSERT INTO kyc_face_checks (bucket, id, customer_id, session_id, purpose, state, reason,"
        " action1, action2, action3, created_at, expires_at, decided_at, face_until, case_id)"
        " VALUES ($1, $2, $3, $4, $5, 1, 0, $6, $7, $8, $9, $10, 0, 0, 0)");
DB_STMT(face_stmt_expire, "UPDATE kyc_face_checks SET state = 5 WHERE bucket = $1"
                          " AND customer_id = $2 AND session_id = $3 AND state = 1");
DB_STMT(face_stmt_expire_all, "UPDATE kyc_face_checks SET state = 5 WHERE bucket = $1"
                              " AND customer_id = $2 AND state = 1");
DB_STMT(face_stmt_decide,
        "UPDATE kyc_face_checks SET state = $1, reason = $2, decided_at = $3, face_until = $4,"
        " case_id = $5 WHERE bucket = $6 AND id = $7");
DB_STMT(frame_stmt_drop, "DELETE FROM kyc_frames WHERE bucket = $1 AND check_id = $2");
DB_STMT(frame_stmt_drop_all,
        "DELETE FROM kyc_frames WHERE bucket = $1 AND check_id IN (SELECT id FROM kyc_face_checks"
        " WHERE bucket = $1 AND customer_id = $2)");
DB_STMT(frame_stmt_report_old,
        "SELECT bucket, check_id FROM kyc_frames WHERE check_id < $1 GROUP BY bucket, check_id"
        " LIMIT $2");

/* --- Reading ---------------------------------------------------------------------------------- */

enum err face_check_load(struct db_conn *conn, struct customer_id customer, int64_t id,
                         int64_t now_us, struct face_check *out)
{
    struct db_rows rows =
        db_read(conn, &face_stmt_load,
                DB_ARGS(db_int(id_bucket(customer.value)), db_int(id), db_int(customer.value)));
    bool is_found = db_rows_next(&rows);
    struct face_check check = {.id = id, .customer = customer};
    if (is_found) {
        check.session.value = db_rows_int(&rows, 2);
        check.purpose = (enum face_purpose)db_rows_int(&rows, 3);
        check.state = (enum face_state)db_rows_int(&rows, 4);
        check.reason = (enum face_reason)db_rows_int(&rows, 5);
        for (int i = 0; i < LIVE_STEPS; i++) {
            check.actions[i] = (enum live_action)db_rows_int(&rows, 6 + i);
        }
        check.created_at = db_rows_int(&rows, 9);
        check.expires_at = db_rows_int(&rows, 10);
        check.decided_at = db_rows_int(&rows, 11);
        check.face_until = db_rows_int(&rows, 12);
        check.case_id = db_rows_int(&rows, 13);
    }
    enum err err = db_rows_close(&rows);
    if (err != ERR_OK || !is_found) {
        return err != ERR_OK ? err : ERR_NOT_FOUND;
    }
    if (check.state == FACE_STATE_OPEN && check.expires_at <= now_us) {
        check.state = FACE_STATE_EXPIRED;
    }
    err = face_frames_load(NULL, conn, id, check.is_frame_done, NULL);
    if (err == ERR_OK) {
        *out = check;
    }
    return err;
}

/* --- Opening ---------------------------------------------------------------------------------- */

/* The references for the comparison must exist. */
static enum err reference_check(const struct kyc_room *room, struct db_conn *conn,
                                struct customer_id customer, enum face_purpose purpose)
{
    struct customer row;
    struct face_template face;
    enum err err = customer_load(room->options.customers, conn, customer, &row);
    if (err == ERR_OK && !row.has_identity) {
        return ERR_IDENTITY_MISSING;
    }
    if (err == ERR_OK) {
        err = template_load(room, conn, customer,
                            purpose == FACE_OPENING ? TEMPLATE_CARD : TEMPLATE_ACCEPTED, &face);
        err = err == ERR_NOT_FOUND ? ERR_IDENTITY_MISSING : err;
    }
    vault_wipe(&face, sizeof face);
    return err;
}

enum err face_check_prepare(struct kyc_room *room, struct engine *engine,
                            const struct principal *who, enum face_purpose purpose,
                            int64_t *out_retry_at)
{
    struct db_conn *conn = NULL;
    *out_retry_at = 0;
    enum err err = engine_read_begin(engine, &conn);
    if (err != ERR_OK) {
        return err;
    }
    err = consent_check(conn, who->customer, "biometrics");
    if (err == ERR_OK) {
        err = attempts_check(room, conn, who->customer, kyc_is_stranger(who),
                             clock_now_us(engine_clock(engine)), out_retry_at);
    }
    err = err != ERR_OK ? err : reference_check(room, conn, who->customer, purpose);
    engine_read_end(engine, conn);
    return err;
}

enum err face_check_expire(struct uow *uow, struct customer_id customer, struct session_id session)
{
    return db_defer(
        uow->conn, &face_stmt_expire,
        DB_ARGS(db_int(id_bucket(customer.value)), db_int(customer.value), db_int(session.value)),
        -1);
}

enum err face_check_open(struct kyc_room *room, struct uow *uow, const struct principal *who,
                         enum face_purpose purpose, struct face_check *out,
                         struct verdict *out_verdict)
{
    struct kyc_person person;
    struct customer_id id = who->customer;
    uint8_t random[8];
    *out_verdict = (struct verdict){.refusal = ERR_OK, .tries_left = -1};
    enum err err = person_lock(uow, id, &person);
    err = err != ERR_OK ? err
                        : attempts_check(room, uow->conn, id, kyc_is_stranger(who), uow->now_us,
                                         &out_verdict->retry_at);
    if (err == ERR_TOO_MANY_REQUESTS) {
        out_verdict->refusal = err;
        return ERR_OK;
    }
    if (err != ERR_OK) {
        return err;
    }
    int bucket = id_bucket(id.value);
    *out = (struct face_check){.id = uow_id(uow, bucket),
                               .customer = id,
                               .session = who->session,
                               .purpose = purpose,
                               .state = FACE_STATE_OPEN,
                               .created_at = uow->now_us,
                               .expires_at = uow->now_us + room->rules.face_life_us};
    vault_random(room->options.vault, random, sizeof random);
    room->options.eyes->draw(random, out->actions);
    err = face_check_expire(uow, id, who->session);
    if (err == ERR_OK) {
        err = db_defer(uow->conn, &face_stmt_add,
                       DB_ARGS(db_int(bucket), db_int(out->id), db_int(id.value),
                               db_int(who->session.value), db_int(purpose), db_int(out->actions[0]),
                               db_int(out->actions[1]), db_int(out->actions[2]),
                               db_int(out->created_at), db_int(out->expires_at)),
                       1);
    }
    return err != ERR_OK ? err : attempt_start_face(uow, id, kyc_is_stranger(who));
}

/* --- Completion: prepare ---------------------------------------------------------------------- */

static int compare_with(const struct kyc_room *room, struct db_conn *conn,
                        struct customer_id customer, enum template_kind kind,
                        const struct face_template *selfie, enum err *err)
{
    struct face_template other;
    int score = INT_MIN;
    if (*err != ERR_OK) {
        return score;
    }
    enum err loading = template_load(room, conn, customer, kind, &other);
    if (loading == ERR_OK) {
        score = room->options.eyes->similarity(selfie, &other);
        vault_wipe(&other, sizeof other);
    } else if (loading != ERR_NOT_FOUND) {
        *err = loading;
    }
    return score;
}

static void digest_frames(const struct live_frame frames[FRAME_COUNT], uint8_t out[32])
{
    struct hash_stream stream;
    hash_stream_init(&stream);
    for (int i = 0; i < FRAME_COUNT; i++) {
        hash_stream_add(&stream, frames[i].digest, sizeof frames[i].digest);
    }
    struct hash hash = hash_stream_final(&stream);
    memcpy(out, hash.bytes, sizeof hash.bytes);
}

static enum err compare_all(struct kyc_room *room, struct db_conn *conn,
                            struct face_completion *out)
{
    struct customer_id id = out->check.customer;
    struct gallery_hits hits = {.best_ppm = INT_MIN};
    enum err err = ERR_OK;
    if (out->check.purpose != FACE_OPENING) {
        out->accepted_ppm = compare_with(room, conn, id, TEMPLATE_ACCEPTED, &out->selfie, &err);
        return err == ERR_OK && out->accepted_ppm == INT_MIN ? ERR_IDENTITY_MISSING : err;
    }
    out->card_ppm = compare_with(room, conn, id, TEMPLATE_CARD, &out->selfie, &err);
    out->registry_ppm = compare_with(room, conn, id, TEMPLATE_REGISTRY, &out->selfie, &err);
    /* A customer with a face on file must show the same one. */
    out->accepted_ppm = compare_with(room, conn, id, TEMPLATE_ACCEPTED, &out->selfie, &err);
    if (err == ERR_OK && out->card_ppm == INT_MIN) {
        return ERR_IDENTITY_MISSING;
    }
    if (err == ERR_OK) {
        err = gallery_search(room, conn, id, &out->selfie, &hits, &out->gallery_sequence,
                             &out->is_gallery_full);
    }
    out->same_count = hits.count;
    out->same_best_ppm = hits.best_ppm;
    memcpy(out->same, hits.faces, sizeof out->same);
    return err;
}

static enum err judge(struct kyc_room *room, struct db_conn *conn, struct live_frame *frames,
                      struct face_completion *out)
{
    bool done[FRAME_COUNT] = {false};
    enum err err = face_frames_load(room, conn, out->check.id, done, frames);
    for (int i = 0; err == ERR_OK && i < FRAME_COUNT; i++) {
        err = done[i] ? ERR_OK : ERR_FRAMES_MISSING;
    }
    if (err != ERR_OK) {
        return err;
    }
    out->live = room->options.eyes->judge(&frames[0], &frames[1], out->check.actions);
    out->selfie = frames[0].template;
    digest_frames(frames, out->digest);
    err = print_search_check(room, conn, out->check.customer, out->check.id, &out->is_seen);
    return err != ERR_OK ? err : compare_all(room, conn, out);
}

static bool is_over(struct db_conn *conn, const struct face_check *check)
{
    struct face_check now;
    enum err err = face_check_load(conn, check->customer, check->id, check->expires_at - 1, &now);
    return err == ERR_OK && now.state != FACE_STATE_OPEN;
}

enum err face_completion_prepare(struct kyc_room *room, struct engine *engine,
                                 struct customer_id customer, int64_t check_id,
                                 struct face_completion *out)
{
    struct db_conn *conn = NULL;
    struct live_frame *frames = calloc(FRAME_COUNT, sizeof *frames);
    memset(out, 0, sizeof *out);
    out->card_ppm = out->registry_ppm = out->accepted_ppm = out->same_best_ppm = INT_MIN;
    enum err err = frames != NULL ? engine_read_begin(engine, &conn) : ERR_NO_MEMORY;
    if (err != ERR_OK) {
        free(frames);
        return err;
    }
    err =
        face_check_load(conn, customer, check_id, clock_now_us(engine_clock(engine)), &out->check);
    if (err == ERR_OK && out->check.state != FACE_STATE_OPEN) {
        err = ERR_FACE_CHECK_OVER;
    }
    err = err != ERR_OK ? err : consent_check(conn, customer, "biometrics");
    err = err != ERR_OK ? err : judge(room, conn, frames, out);
    if (err == ERR_FRAMES_MISSING && is_over(conn, &out->check)) {
        err = ERR_FACE_CHECK_OVER; /* judged meanwhile: its frames are deleted */
    }
    engine_read_end(engine, conn);
    vault_wipe(frames, FRAME_COUNT * sizeof *frames);
    free(frames);
    if (err != ERR_OK) {
        face_completion_wipe(out);
    }
    return err;
}

void face_completion_wipe(struct face_completion *completion)
{
    vault_wipe(completion, sizeof *completion);
}

/* --- Completion: commit ----------------------------------------------------------------------- */

static enum err add_check(struct kyc_room *room, struct uow *uow, const struct face_completion *c,
                          enum kyc_check kind, int score)
{
    const struct kyc_eyes *eyes = room->options.eyes;
    bool is_same_face = kind == KYC_CHECK_SAME_FACE; /* there, similarity counts against it */
    int accept_ppm = is_same_face ? eyes->same_ppm : eyes->accept_ppm;
    enum face_band band = kyc_band(score, accept_ppm, eyes->review_ppm);
    if (score == INT_MIN) {
        return ERR_OK;
    }
    struct check_add check = {.check = kind,
                              .result =
                                  band == FACE_ACCEPT   ? (is_same_face ? KYC_UNSURE : KYC_PASSED)
                                  : band == FACE_UNSURE ? (is_same_face ? KYC_PASSED : KYC_UNSURE)
                                                        : (is_same_face ? KYC_PASSED : KYC_FAILED),
                              .score = score,
                              .threshold = accept_ppm,
                              .band = band,
                              .version = eyes->face_version,
                              .evidence = c->digest,
                              .evidence_size = sizeof c->digest,
                              .face_check_id = c->check.id};
    return check_store(room, uow, c->check.customer, &check);
}

static enum err add_checks(struct kyc_room *room, struct uow *uow, const struct face_completion *c,
                           int same_best_ppm)
{
    struct check_add live = {.check = KYC_CHECK_LIVENESS,
                             .result = c->live.result == LIVE_PASSED   ? KYC_PASSED
                                       : c->live.result == LIVE_UNSURE ? KYC_UNSURE
                                                                       : KYC_FAILED,
                             .score = c->live.score_ppm,
                             .threshold = INT_MIN,
                             .version = room->options.eyes->live_version,
                             .evidence = c->digest,
                             .evidence_size = sizeof c->digest,
                             .face_check_id = c->check.id};
    enum err err = check_store(room, uow, c->check.customer, &live);
    err = err != ERR_OK ? err : add_check(room, uow, c, KYC_CHECK_FACE_CARD, c->card_ppm);
    err = err != ERR_OK ? err : add_check(room, uow, c, KYC_CHECK_FACE_REGISTRY, c->registry_ppm);
    err = err != ERR_OK ? err : add_check(room, uow, c, KYC_CHECK_FACE_ACCEPTED, c->accepted_ppm);
    return err != ERR_OK ? err : add_check(room, uow, c, KYC_CHECK_SAME_FACE, same_best_ppm);
}

static enum face_band band_of(const struct kyc_room *room, int score, int accept_ppm)
{
    return score == INT_MIN ? (enum face_band)0
                            : kyc_band(score, accept_ppm, room->options.eyes->review_ppm);
}

static struct face_verdict verdict_of(const struct kyc_room *room, const struct face_completion *c,
                                      int same_best_ppm, const struct kyc_person *person,
                                      bool has_replay, bool is_active)
{
    const struct kyc_eyes *eyes = room->options.eyes;
    bool is_opening = c->check.purpose == FACE_OPENING;
    struct face_facts facts = {
        .live = c->live.result,
        .bands = {band_of(room, c->card_ppm, eyes->accept_ppm),
                  band_of(room, c->registry_ppm, eyes->accept_ppm),
                  band_of(room, c->accepted_ppm, eyes->accept_ppm)},
        .same = is_opening ? band_of(room, same_best_ppm, eyes->same_ppm) : (enum face_band)0,
        .is_gallery_full = c->is_gallery_full,
        .is_seen = c->is_seen,
        .has_replay = has_replay,
        .is_known = is_active || person->layers[KYC_FACE].state == KYC_STATE_PASSED,
        .was_refused = is_opening && person->refused_at != 0};
    return face_decide(&facts);
}

static enum err is_face_on_file(const struct kyc_room *room, struct db_conn *conn,
                                struct customer_id customer, bool *out)
{
    struct face_template face;
    enum err err = template_load(room, conn, customer, TEMPLATE_ACCEPTED, &face);
    vault_wipe(&face, sizeof face);
    *out = err == ERR_OK;
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

/* The result of an opening check: the layer and the stored face. */
static enum err settle_opening(struct kyc_room *room, struct uow *uow,
                               const struct face_completion *c, enum face_state state,
                               int64_t sequence, struct kyc_person *person)
{
    struct customer_id id = c->check.customer;
    bool was_passed = person->layers[KYC_FACE].state == KYC_STATE_PASSED;
    bool is_on_file = false;
    enum err err = is_face_on_file(room, uow->conn, id, &is_on_file);
    if (err != ERR_OK) {
        return err;
    }
    switch (state) {
    case FACE_STATE_ACCEPTED:
        person_set(person, KYC_FACE, KYC_STATE_PASSED, uow->now_us);
        err = template_store(room, uow, id, TEMPLATE_ACCEPTED, &c->selfie, sequence);
        err = err != ERR_OK ? err : template_drop(uow, id, TEMPLATE_PENDING);
        return err != ERR_OK ? err : customer_set_layer(uow, id, LAYER_FACE, LAYER_PASSED);
    case FACE_STATE_UNSURE:
        if (was_passed && is_on_file) {
            return ERR_OK; /* else a person who resembles the owner could remove the protection */
        }
        person_set(person, KYC_FACE, KYC_STATE_UNSURE, uow->now_us);
        err = template_store(room, uow, id, TEMPLATE_PENDING, &c->selfie, 0);
        return err != ERR_OK ? err : customer_set_layer(uow, id, LAYER_FACE, LAYER_REVIEW);
    case FACE_STATE_REFUSED:
        /* A failed attempt leaves an earlier pass in force; it may be repeated. */
        if (!was_passed && person->layers[KYC_FACE].state != KYC_STATE_UNSURE) {
            person_set(person, KYC_FACE, KYC_STATE_FAILED, uow->now_us);
        }
        return ERR_OK;
    case FACE_STATE_OPEN:
    case FACE_STATE_EXPIRED:
        break;
    }
    CHECK(!"no outcome of a face check");
}

static enum err store_decision(struct uow *uow, const struct face_check *check)
{
    enum err err =
        db_defer(uow->conn, &face_stmt_decide,
                 DB_ARGS(db_int(check->state), db_int(check->reason), db_int(check->decided_at),
                         db_int(check->face_until), db_int(check->case_id),
                         db_int(id_bucket(check->id)), db_int(check->id)),
                 1);
    err = err != ERR_OK ? err : attempt_decide_face(uow, check);
    return err != ERR_OK ? err
                         : db_defer(uow->conn, &frame_stmt_drop,
                                    DB_ARGS(db_int(id_bucket(check->id)), db_int(check->id)), -1);
}

/* Faces added to the gallery since prepare are compared under the gallery's lock. */
static enum err look_again(struct kyc_room *room, struct uow *uow, const struct face_completion *c,
                           struct gallery_hits *hits, int64_t *out_sequence)
{
    *hits = (struct gallery_hits){.count = c->same_count, .best_ppm = c->same_best_ppm};
    memcpy(hits->faces, c->same, sizeof hits->faces);
    return c->check.purpose != FACE_OPENING
               ? ERR_OK
               : gallery_close_up(room, uow, c->check.customer, &c->selfie, c->gallery_sequence,
                                  hits, out_sequence);
}

static enum err open_case(struct kyc_room *room, struct uow *uow, const struct gallery_hits *hits,
                          const struct face_verdict *verdict, struct kyc_person *person,
                          struct face_check *check)
{
    int64_t to_decide = verdict->state == FACE_STATE_UNSURE ? check->id : 0;
    enum err err =
        case_want(room, uow, person, true, verdict->case_reasons, to_decide, &check->case_id);
    for (size_t i = 0; err == ERR_OK && i < hits->count; i++) {
        if (verdict->case_reasons & 1U << CASE_SAME_FACE) {
            err = same_face_add(uow, check->case_id, &hits->faces[i]);
        }
    }
    return err;
}

static enum err decide(struct kyc_room *room, struct uow *uow, const struct face_completion *c,
                       struct kyc_person *person, struct face_check *check)
{
    struct gallery_hits hits;
    int64_t sequence = 0;
    bool has_replay = false;
    struct customer row;
    enum err err = customer_load(room->options.customers, uow->conn, c->check.customer, &row);
    err = err != ERR_OK ? err : look_again(room, uow, c, &hits, &sequence);
    err = err != ERR_OK ? err : case_has_replay(uow->conn, person, &has_replay);
    err = err != ERR_OK ? err : add_checks(room, uow, c, hits.best_ppm);
    if (err != ERR_OK) {
        return err;
    }
    struct face_verdict verdict =
        verdict_of(room, c, hits.best_ppm, person, has_replay, row.state != CUSTOMER_ONBOARDING);
    check->state = verdict.state;
    check->reason = verdict.reason;
    check->decided_at = uow->now_us;
    if (verdict.state == FACE_STATE_ACCEPTED) {
        check->face_until = uow->now_us + SESSION_FACE_LIFE_US;
        err = session_face_confirm(uow, check->session, check->face_until);
        err = err == ERR_NOT_FOUND ? ERR_OK : err; /* the session ended meanwhile */
    }
    if (err == ERR_OK && check->purpose == FACE_OPENING) {
        err = settle_opening(room, uow, c, verdict.state, sequence, person);
    }
    if (err == ERR_OK && verdict.case_reasons != 0) {
        err = open_case(room, uow, &hits, &verdict, person, check);
    }
    return err;
}

enum err face_completion_commit(struct kyc_room *room, struct uow *uow,
                                const struct face_completion *completion, struct face_check *out)
{
    struct kyc_person person;
    struct face_check check;
    struct customer_id id = completion->check.customer;
    enum err err = person_lock(uow, id, &person);
    if (err == ERR_OK) {
        err = face_check_load(uow->conn, id, completion->check.id, uow->now_us, &check);
    }
    if (err == ERR_OK && check.state != FACE_STATE_OPEN) {
        return ERR_FACE_CHECK_OVER;
    }
    err = err != ERR_OK ? err : decide(room, uow, completion, &person, &check);
    err = err != ERR_OK ? err : store_decision(uow, &check);
    err = err != ERR_OK ? err : person_store(uow, &person);
    if (err == ERR_OK) {
        *out = check;
    }
    return err;
}

/* --- After a decision by staff ---------------------------------------------------------------- */

enum err face_check_resolve(struct uow *uow, struct customer_id id, int64_t check_id,
                            bool is_approved, struct session_id *out_session)
{
    struct face_check check;
    enum err err = face_check_load(uow->conn, id, check_id, uow->now_us, &check);
    if (err != ERR_OK || check.state != FACE_STATE_UNSURE) {
        return err == ERR_NOT_FOUND ? ERR_OK : err;
    }
    check.state = is_approved ? FACE_STATE_ACCEPTED : FACE_STATE_REFUSED;
    check.reason = is_approved ? FACE_REASON_NONE : FACE_REASON_NOT_ALIKE;
    if (is_approved) {
        check.face_until = uow->now_us + SESSION_FACE_LIFE_US;
        err = session_face_confirm(uow, check.session, check.face_until);
        *out_session = err == ERR_OK ? check.session : (struct session_id){0};
        err = err == ERR_NOT_FOUND ? ERR_OK : err;
    }
    return err != ERR_OK ? err : store_decision(uow, &check);
}

enum err face_erase(struct uow *uow, struct customer_id id)
{
    struct db_value args[] = {db_int(id_bucket(id.value)), db_int(id.value)};
    enum err err = db_defer(uow->conn, &frame_stmt_drop_all, args, 2, -1);
    return err != ERR_OK ? err : db_defer(uow->conn, &face_stmt_expire_all, args, 2, -1);
}

enum err face_sweep(struct uow *uow, int64_t before_us, int limit, int64_t *out_count)
{
    int64_t found[64][2];
    int64_t count = 0;
    int64_t max = limit < 64 ? limit : 64;
    struct db_rows rows = db_read(uow->conn, &frame_stmt_report_old,
                                  DB_ARGS(db_int(id_first_at(before_us)), db_int(max)));
    while (count < max && db_rows_next(&rows)) {
        found[count][0] = db_rows_int(&rows, 0);
        found[count++][1] = db_rows_int(&rows, 1);
    }
    enum err err = db_rows_close(&rows);
    for (int64_t i = 0; err == ERR_OK && i < count; i++) {
        err = db_defer(uow->conn, &frame_stmt_drop,
                       DB_ARGS(db_int(found[i][0]), db_int(found[i][1])), -1);
    }
    *out_count = count;
    return err;
}
