/* Cases that staff decide: opening, the customer's choices, deadlines, decisions. */
#include "base/check.h"
#include "kyc/kyc_private.h"
#include "kyc/message_rows.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define NOTE_FIELD "kyc.note"

#define CASE_COLUMNS                                                                               \
    "id, customer_id, state, reasons, path, appointment_at, needs_second, first_staff_id,"         \
    " face_check_id, opened_at, due_at, decided_at"

DB_STMT(case_stmt_load, "SELECT " CASE_COLUMNS " FROM kyc_cases WHERE bucket = $1 AND id = $2");
DB_STMT(case_stmt_open_of, "SELECT " CASE_COLUMNS " FROM kyc_cases WHERE bucket = $1"
                           " AND customer_id = $2 AND state <= 2");
DB_STMT(case_stmt_newest_of, "SELECT " CASE_COLUMNS " FROM kyc_cases WHERE bucket = $1"
                             " AND customer_id = $2 ORDER BY id DESC LIMIT 1");
DB_STMT(case_stmt_report_list, "SELECT " CASE_COLUMNS " FROM kyc_cases WHERE state >= $1"
                               " AND state <= $2 AND id < $3 ORDER BY id DESC LIMIT $4");
DB_STMT(case_stmt_report_counts,
        "SELECT COUNT(*), COALESCE(SUM(CASE WHEN due_at < $1 THEN 1 ELSE 0 END), 0),"
        " COALESCE(MIN(opened_at), 0) FROM kyc_cases WHERE state <= 2");
DB_STMT(case_stmt_add,
        "INSERT INTO kyc_cases (bucket, id, customer_id, state, reasons, path, appointment_at,"
        " needs_second, first_staff_id, face_check_id, opened_at, due_at, told_late_at, decided_at)"
        " VALUES ($1, $2, $3, 1, $4, 1, 0, $5, 0, $6, $7, $8, 0, 0)");
DB_STMT(case_stmt_store,
        "UPDATE kyc_cases SET state = $1, reasons = $2, path = $3, appointment_at = $4,"
        " needs_second = $5, first_staff_id = $6, face_check_id = $7, decided_at = $8"
        " WHERE bucket = $9 AND id = $10");
DB_STMT(case_stmt_report_late,
        "SELECT bucket, id, customer_id FROM kyc_cases WHERE state <= 2 AND told_late_at = 0"
        " AND due_at < $1 ORDER BY id LIMIT $2");
DB_STMT(case_stmt_told, "UPDATE kyc_cases SET told_late_at = $1 WHERE bucket = $2 AND id = $3");
DB_STMT(case_stmt_face_refused,
        "SELECT COUNT(*) FROM kyc_face_checks WHERE bucket = $1 AND customer_id = $2"
        " AND purpose = 1 AND state = 4 AND reason = 5");
DB_STMT(decision_stmt_add,
        "INSERT INTO kyc_decisions (bucket, case_id, id, staff_id, login, decision, reason,"
        " note_sealed, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)");
DB_STMT(decision_stmt_list, "SELECT id, login, decision, reason, note_sealed, at FROM kyc_decisions"
                            " WHERE bucket = $1 AND case_id = $2 ORDER BY id");
DB_STMT(same_stmt_add, "INSERT INTO kyc_same_faces (bucket, case_id, customer_id, score)"
                       " VALUES ($1, $2, $3, $4) ON CONFLICT (bucket, case_id, customer_id)"
                       " DO UPDATE SET score = excluded.score");
DB_STMT(same_stmt_list, "SELECT customer_id, score FROM kyc_same_faces WHERE bucket = $1"
                        " AND case_id = $2 ORDER BY score DESC LIMIT $3");
DB_STMT(slot_stmt_take, "INSERT INTO kyc_appointments (bucket, starts_at, seat, case_id)"
                        " VALUES (0, $1, $2, $3) ON CONFLICT (bucket, starts_at, seat) DO NOTHING");
DB_STMT(slot_stmt_free, "DELETE FROM kyc_appointments WHERE bucket = 0 AND case_id = $1");
DB_STMT(slot_stmt_taken, "SELECT starts_at, COUNT(*) FROM kyc_appointments WHERE bucket = 0"
                         " AND starts_at >= $1 GROUP BY starts_at ORDER BY starts_at");

/* --- Rows ------------------------------------------------------------------------------------- */

static struct kyc_case case_of(const struct db_rows *rows)
{
    return (struct kyc_case){.id = db_rows_int(rows, 0),
                             .customer = {db_rows_int(rows, 1)},
                             .state = (enum case_state)db_rows_int(rows, 2),
                             .reasons = (uint32_t)db_rows_int(rows, 3),
                             .path = (enum case_path)db_rows_int(rows, 4),
                             .appointment_at = db_rows_int(rows, 5),
                             .needs_second = db_rows_int(rows, 6) != 0,
                             .first_staff = {db_rows_int(rows, 7)},
                             .face_check_id = db_rows_int(rows, 8),
                             .opened_at = db_rows_int(rows, 9),
                             .due_at = db_rows_int(rows, 10),
                             .decided_at = db_rows_int(rows, 11)};
}

static enum err load_one(struct db_conn *conn, struct db_stmt *stmt, int64_t id,
                         struct kyc_case *out)
{
    struct db_rows rows = db_read(conn, stmt, DB_ARGS(db_int(id_bucket(id)), db_int(id)));
    if (db_rows_one(&rows, ERR_NOT_FOUND)) {
        *out = case_of(&rows);
    }
    return db_rows_close(&rows);
}

enum err kyc_case_load(struct db_conn *conn, int64_t id, struct kyc_case *out)
{
    return load_one(conn, &case_stmt_load, id, out);
}

enum err case_open_of(struct db_conn *conn, struct customer_id id, struct kyc_case *out)
{
    return load_one(conn, &case_stmt_open_of, id.value, out);
}

enum err case_newest_of(struct db_conn *conn, struct customer_id id, struct kyc_case *out)
{
    return load_one(conn, &case_stmt_newest_of, id.value, out);
}

static enum err case_store(struct uow *uow, const struct kyc_case *row)
{
    return db_defer(uow->conn, &case_stmt_store,
                    DB_ARGS(db_int(row->state), db_int(row->reasons), db_int(row->path),
                            db_int(row->appointment_at), db_int(row->needs_second),
                            db_int(row->first_staff.value), db_int(row->face_check_id),
                            db_int(row->decided_at), db_int(id_bucket(row->id)), db_int(row->id)),
                    1);
}

enum err kyc_cases_each(struct db_conn *conn, enum case_filter filter, int64_t before_id,
                        size_t limit, kyc_case_visit *visit, void *context)
{
    static const int SPANS[][2] = {[CASES_UNDECIDED] = {CASE_OPEN, CASE_SECOND},
                                   [CASES_OPEN] = {CASE_OPEN, CASE_OPEN},
                                   [CASES_SECOND] = {CASE_SECOND, CASE_SECOND},
                                   [CASES_DECIDED] = {CASE_APPROVED, CASE_REFUSED},
                                   [CASES_ALL] = {CASE_OPEN, CASE_REFUSED}};
    struct db_rows rows =
        db_read(conn, &case_stmt_report_list,
                DB_ARGS(db_int(SPANS[filter][0]), db_int(SPANS[filter][1]),
                        db_int(before_id ? before_id : INT64_MAX), db_int((int64_t)limit)));
    while (db_rows_next(&rows)) {
        struct kyc_case row = case_of(&rows);
        if (!visit(&row, context)) {
            break;
        }
    }
    return db_rows_close(&rows);
}

enum err kyc_queue_counts(struct db_conn *conn, struct staff_id staff, int64_t now_us,
                          struct kyc_queue_counts *out)
{
    struct kyc_queue_counts counts = {.open = 0};
    struct db_rows rows = db_read(conn, &case_stmt_report_counts, DB_ARGS(db_int(now_us)));
    if (db_rows_next(&rows)) {
        counts.open = db_rows_int(&rows, 0);
        counts.overdue = db_rows_int(&rows, 1);
        counts.oldest_at = db_rows_int(&rows, 2);
    }
    enum err err = db_rows_close(&rows);
    if (err == ERR_OK) {
        err = staff_claim_count(conn, KYC_QUEUE, staff, now_us, &counts.mine);
    }
    if (err == ERR_OK) {
        *out = counts;
    }
    return err;
}

/* --- Opening ---------------------------------------------------------------------------------- */

static enum err was_face_refused(struct db_conn *conn, struct customer_id id, bool *out)
{
    int64_t count = 0;
    enum err err = db_one_number(conn, &case_stmt_face_refused,
                                 DB_ARGS(db_int(id_bucket(id.value)), db_int(id.value)), &count);
    *out = count > 0;
    return err;
}

static enum err add_case(struct kyc_room *room, struct uow *uow, struct customer_id customer,
                         uint32_t reasons, bool needs_second, int64_t face_check_id, int64_t *out)
{
    int bucket = id_bucket(customer.value);
    int64_t id = uow_id(uow, bucket);
    enum err err =
        db_defer(uow->conn, &case_stmt_add,
                 DB_ARGS(db_int(bucket), db_int(id), db_int(customer.value), db_int(reasons),
                         db_int(needs_second), db_int(face_check_id), db_int(uow->now_us),
                         db_int(uow->now_us + room->rules.case_due_us)),
                 1);
    if (err == ERR_OK) {
        err = message_add(uow, customer, &MESSAGE_REVIEW_OPENED, &(struct message_params){0}, 0);
    }
    *out = id;
    return err;
}

enum err case_want(struct kyc_room *room, struct uow *uow, struct kyc_person *person,
                   bool is_identified, uint32_t reasons, int64_t face_check_id, int64_t *out_case)
{
    struct kyc_case row;
    bool was_refused = false;
    *out_case = 0;
    reasons |= person->reasons;
    if (reasons == 0 || !is_identified) {
        person->reasons = reasons;
        return ERR_OK;
    }
    person->reasons = 0;
    enum err err = was_face_refused(uow->conn, person->customer, &was_refused);
    if (err != ERR_OK) {
        return err;
    }
    err = case_open_of(uow->conn, person->customer, &row);
    if (err == ERR_NOT_FOUND) {
        return add_case(room, uow, person->customer, reasons,
                        case_needs_second(reasons, was_refused), face_check_id, out_case);
    }
    if (err != ERR_OK) {
        return err;
    }
    /* Earlier approvals did not consider this reason, so they are dropped. */
    bool is_new = (reasons & ~row.reasons) != 0;
    row.state = is_new ? CASE_OPEN : row.state;
    row.first_staff.value = is_new ? 0 : row.first_staff.value;
    row.reasons |= reasons;
    row.needs_second = row.needs_second || case_needs_second(row.reasons, was_refused);
    row.face_check_id = face_check_id != 0 ? face_check_id : row.face_check_id;
    *out_case = row.id;
    return case_store(uow, &row);
}

enum err case_has_replay(struct db_conn *conn, const struct kyc_person *person, bool *out)
{
    struct kyc_case row = {.reasons = 0};
    enum err err = case_open_of(conn, person->customer, &row);
    *out = ((person->reasons | row.reasons) & 1U << CASE_REPLAYED) != 0;
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

enum err same_face_add(struct uow *uow, int64_t case_id, const struct same_face *same)
{
    return db_defer(uow->conn, &same_stmt_add,
                    DB_ARGS(db_int(id_bucket(case_id)), db_int(case_id),
                            db_int(same->customer.value), db_int(same->score_ppm)),
                    1);
}

enum err kyc_same_faces(struct db_conn *conn, int64_t case_id, struct same_face out[SAME_FACES_MAX],
                        size_t *out_count)
{
    size_t count = 0;
    struct db_rows rows =
        db_read(conn, &same_stmt_list,
                DB_ARGS(db_int(id_bucket(case_id)), db_int(case_id), db_int(SAME_FACES_MAX)));
    while (count < SAME_FACES_MAX && db_rows_next(&rows)) {
        out[count++] = (struct same_face){{db_rows_int(&rows, 0)}, (int)db_rows_int(&rows, 1)};
    }
    *out_count = count;
    return db_rows_close(&rows);
}

/* --- The customer's path ---------------------------------------------------------------------- */

enum err kyc_slots(const struct kyc_room *room, struct db_conn *conn, int64_t now_us,
                   const struct zone *zone, int64_t out[KYC_SLOTS_MAX], size_t *out_count)
{
    const struct kyc_rules *rules = &room->rules;
    int64_t step = rules->slot_minutes * INT64_C(60000000);
    int64_t at = now_us - now_us % step + step;
    int64_t end = now_us + rules->slot_days * DAY_US;
    size_t count = 0;
    struct db_rows rows = db_read(conn, &slot_stmt_taken, DB_ARGS(db_int(at)));
    bool has_row = db_rows_next(&rows);
    for (; at < end && count < KYC_SLOTS_MAX; at += step) {
        while (has_row && db_rows_int(&rows, 0) < at) {
            has_row = db_rows_next(&rows);
        }
        bool is_full =
            has_row && db_rows_int(&rows, 0) == at && db_rows_int(&rows, 1) >= rules->slot_seats;
        if (!is_full && slot_is_ours(rules, at, zone)) {
            out[count++] = at;
        }
    }
    *out_count = count;
    return db_rows_close(&rows);
}

static enum err take_slot(struct kyc_room *room, struct uow *uow, int64_t case_id, int64_t at)
{
    const struct zone *zone = engine_zone(uow->engine);
    if (at <= uow->now_us || at > uow->now_us + room->rules.slot_days * DAY_US ||
        !slot_is_ours(&room->rules, at, zone)) {
        return ERR_INVALID_FIELD;
    }
    for (int seat = 0; seat < room->rules.slot_seats; seat++) {
        int64_t taken = 0;
        enum err err = db_exec(uow->conn, &slot_stmt_take,
                               DB_ARGS(db_int(at), db_int(seat), db_int(case_id)), &taken);
        if (err != ERR_OK || taken == 1) {
            return err;
        }
    }
    return ERR_SLOT_TAKEN;
}

/* The open case, or a new one if the customer may request it. */
static enum err case_to_choose(struct kyc_room *room, struct uow *uow, struct customer_id customer,
                               enum case_path path, struct kyc_case *out)
{
    struct customer row;
    struct kyc_person person;
    bool was_refused = false;
    int64_t id = 0;
    enum err err = person_lock(uow, customer, &person);
    err = err != ERR_OK ? err : case_open_of(uow->conn, customer, out);
    if (err != ERR_NOT_FOUND) {
        return err;
    }
    err = customer_load(room->options.customers, uow->conn, customer, &row);
    if (err == ERR_OK && (path == CASE_WAIT || row.layers.verified_at != 0)) {
        return ERR_NO_REVIEW;
    }
    err = err != ERR_OK ? err : was_face_refused(uow->conn, customer, &was_refused);
    if (err == ERR_OK) {
        uint32_t reasons = person.reasons | 1U << CASE_REQUESTED;
        person.reasons = 0;
        err =
            add_case(room, uow, customer, reasons, case_needs_second(reasons, was_refused), 0, &id);
    }
    err = err != ERR_OK ? err : person_store(uow, &person);
    return err != ERR_OK ? err : kyc_case_load(uow->conn, id, out);
}

enum err kyc_path_choose(struct kyc_room *room, struct uow *uow, struct customer_id customer,
                         enum case_path path, int64_t appointment_at)
{
    struct kyc_case row;
    if ((path == CASE_VIDEO) != (appointment_at != 0)) {
        return ERR_INVALID_FIELD;
    }
    enum err err = case_to_choose(room, uow, customer, path, &row);
    if (err == ERR_OK) {
        err = db_exec(uow->conn, &slot_stmt_free, DB_ARGS(db_int(row.id)), NULL);
    }
    if (err == ERR_OK && path == CASE_VIDEO) {
        err = take_slot(room, uow, row.id, appointment_at);
    }
    if (err != ERR_OK) {
        return err;
    }
    row.path = path;
    row.appointment_at = appointment_at;
    return case_store(uow, &row);
}

/* --- Deciding --------------------------------------------------------------------------------- */

static enum err note_decision(struct kyc_room *room, struct uow *uow, const struct staff *by,
                              const struct kyc_case *row, const struct kyc_decision *decision)
{
    uint8_t sealed[DECISION_NOTE_SIZE + VAULT_OVERHEAD];
    char object[AUDIT_OBJECT_SIZE];
    int bucket = id_bucket(row->id);
    int64_t id = uow_id(uow, bucket);
    size_t size = strlen(decision->note);
    CHECK(size < DECISION_NOTE_SIZE);
    vault_seal(room->options.vault, (struct vault_place){bucket, id, NOTE_FIELD}, decision->note,
               size, sealed);
    enum err err = db_defer(uow->conn, &decision_stmt_add,
                            DB_ARGS(db_int(bucket), db_int(row->id), db_int(id),
                                    db_int(by->id.value), db_text(by->login),
                                    db_int(decision->is_approval ? 1 : 2), db_int(decision->reason),
                                    db_blob(sealed, size + VAULT_OVERHEAD), db_int(uow->now_us)),
                            1);
    snprintf(object, sizeof object, "case:%" PRId64, row->id);
    return err != ERR_OK
               ? err
               : audit_append(uow, by->id, decision->is_approval ? "case.approve" : "case.refuse",
                              object, decision_reason_name(decision->reason));
}

enum err kyc_decisions_each(const struct kyc_room *room, struct db_conn *conn, int64_t case_id,
                            kyc_decision_visit *visit, void *context)
{
    int bucket = id_bucket(case_id);
    struct db_rows rows =
        db_read(conn, &decision_stmt_list, DB_ARGS(db_int(bucket), db_int(case_id)));
    while (db_rows_next(&rows)) {
        enum err found = ERR_OK;
        struct kyc_decision_row row = {.is_approval = db_rows_int(&rows, 2) == 1,
                                       .reason = (enum decision_reason)db_rows_int(&rows, 3),
                                       .at = db_rows_int(&rows, 5)};
        size_t size = 0;
        const void *sealed = db_rows_blob(&rows, 4, &size);
        snprintf(row.login, sizeof row.login, "%s", db_rows_text(&rows, 1));
        if (size > 0) {
            found =
                vault_unseal_text(room->options.vault,
                                  (struct vault_place){bucket, db_rows_int(&rows, 0), NOTE_FIELD},
                                  sealed, size, row.note, sizeof row.note);
        }
        db_rows_fail(&rows, found);
        if (found == ERR_OK && !visit(&row, context)) {
            break;
        }
    }
    return db_rows_close(&rows);
}

static bool is_seen_by_staff(const struct kyc_case *row)
{
    return row->path == CASE_VIDEO || row->path == CASE_COUNTER;
}

/* Layers changed by a decision: those under review, and, if staff saw the person, every one that is not
 * passed. */
static bool is_moved(const struct kyc_case *row, enum layer_state state, bool is_approval)
{
    return state == LAYER_REVIEW || (is_approval && is_seen_by_staff(row) && state != LAYER_PASSED);
}

static void move_person(struct kyc_person *person, enum identity_layer layer, bool is_approval,
                        int64_t now_us)
{
    static const enum kyc_layer OF[] = {
        [LAYER_PICTURES] = KYC_CONFIRMATION, [LAYER_FACE] = KYC_FACE, [LAYER_PLACE] = KYC_PLACE};
    person_set(person, OF[layer], is_approval ? KYC_STATE_PASSED : KYC_STATE_FAILED, now_us);
}

static enum err move_layers(struct kyc_room *room, struct uow *uow, const struct kyc_case *row,
                            bool is_approval, struct kyc_person *person)
{
    struct customer customer;
    enum err err = customer_load(room->options.customers, uow->conn, row->customer, &customer);
    if (err != ERR_OK) {
        return err;
    }
    if (is_approval && (row->reasons & 1U << CASE_REGISTRY_UNAVAILABLE) && !customer.has_identity) {
        return ERR_REGISTRY_UNAVAILABLE;
    }
    for (int layer = LAYER_PICTURES; err == ERR_OK && layer <= LAYER_PLACE; layer++) {
        if (!is_moved(row, customer.layers.state[layer], is_approval)) {
            continue;
        }
        move_person(person, (enum identity_layer)layer, is_approval, uow->now_us);
        err = customer_set_layer(uow, row->customer, (enum identity_layer)layer,
                                 is_approval ? LAYER_PASSED : LAYER_REFUSED);
        if (err == ERR_OK && layer == LAYER_FACE) {
            err = is_approval ? template_accept(room, uow, row->customer, NULL)
                              : template_drop(uow, row->customer, TEMPLATE_PENDING);
            err = err == ERR_NOT_FOUND ? ERR_OK : err; /* seen by staff, not by the camera */
        }
    }
    return err;
}

static enum err finish_case(struct kyc_room *room, struct uow *uow, struct kyc_case *row,
                            bool is_approval, struct session_id *out_session)
{
    struct kyc_person person;
    int64_t kept = is_approval ? room->rules.picture_kept_us : room->rules.picture_refused_kept_us;
    enum err err = person_lock(uow, row->customer, &person);
    err = err != ERR_OK ? err : move_layers(room, uow, row, is_approval, &person);
    if (err == ERR_OK && is_approval && is_seen_by_staff(row)) {
        err = customer_add_channel(uow, row->customer, CHANNEL_COUNTER, "");
    }
    if (err == ERR_OK) {
        person.refused_at = is_approval ? 0 : uow->now_us;
        err = person_store(uow, &person);
    }
    if (err == ERR_OK && row->face_check_id != 0) {
        err = face_check_resolve(uow, row->customer, row->face_check_id, is_approval, out_session);
    }
    err = err != ERR_OK ? err : picture_keep_until(uow, row->customer, uow->now_us + kept);
    err = err != ERR_OK ? err : db_defer(uow->conn, &slot_stmt_free, DB_ARGS(db_int(row->id)), -1);
    row->decided_at = uow->now_us;
    return err != ERR_OK
               ? err
               : message_add(uow, row->customer,
                             is_approval ? &MESSAGE_REVIEW_PASSED : &MESSAGE_REVIEW_REFUSED,
                             &(struct message_params){0}, 0);
}

enum err kyc_case_decide(struct kyc_room *room, struct uow *uow, const struct staff *by, int64_t id,
                         const struct kyc_decision *decision, struct kyc_case *out,
                         struct session_id *out_session)
{
    struct kyc_case row;
    struct kyc_person person;
    enum case_state state = CASE_OPEN;
    *out_session = (struct session_id){0};
    enum err err = kyc_case_load(uow->conn, id, &row);
    /* Lock the customer's row first, as every command does; then load the case. */
    err = err != ERR_OK ? err : person_lock(uow, row.customer, &person);
    err = err != ERR_OK ? err : kyc_case_load(uow->conn, id, &row);
    err = err != ERR_OK ? err : case_decide(&row, by->id, decision->is_approval, &state);
    if (err == ERR_OK) {
        err = staff_claim_check(uow->conn, KYC_QUEUE, id, by->id, uow->now_us);
    }
    err = err != ERR_OK ? err : note_decision(room, uow, by, &row, decision);
    if (err != ERR_OK) {
        return err;
    }
    row.state = state;
    if (state == CASE_SECOND) {
        row.first_staff = by->id;
    } else {
        err = finish_case(room, uow, &row, state == CASE_APPROVED, out_session);
    }
    err = err != ERR_OK ? err : case_store(uow, &row);
    err = err != ERR_OK ? err : staff_claim_end(uow, KYC_QUEUE, id);
    *out = row;
    return err;
}

/* --- Late ------------------------------------------------------------------------------------- */

enum err kyc_tell_late(struct kyc_room *room, struct uow *uow, int limit, int64_t *out_count)
{
    int64_t late[64][3];
    int64_t count = 0;
    int max = limit < 64 ? limit : 64;
    (void)room;
    struct db_rows rows =
        db_read(uow->conn, &case_stmt_report_late, DB_ARGS(db_int(uow->now_us), db_int(max)));
    while (count < max && db_rows_next(&rows)) {
        for (int i = 0; i < 3; i++) {
            late[count][i] = db_rows_int(&rows, i);
        }
        count++;
    }
    enum err err = db_rows_close(&rows);
    for (int64_t i = 0; err == ERR_OK && i < count; i++) {
        err = db_defer(uow->conn, &case_stmt_told,
                       DB_ARGS(db_int(uow->now_us), db_int(late[i][0]), db_int(late[i][1])), 1);
        err = err != ERR_OK ? err
                            : message_add(uow, (struct customer_id){late[i][2]},
                                          &MESSAGE_REVIEW_LATE, &(struct message_params){0}, 0);
    }
    *out_count = count;
    return err;
}
