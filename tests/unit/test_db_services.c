/* Outbox, inbox, idempotency and directory on both engines, alone and against each other. */
#include "base/id.h"
#include "db/directory.h"
#include "db/idempotency.h"
#include "db/inbox.h"
#include "db/outbox.h"
#include "unit/db_fixture.h"

#include <pthread.h>

static enum db_engine engine;
static struct db_fixture fixture;
static struct db_conn *conn;

static int suite_open(void **state)
{
    (void)state;
    fixture_open(&fixture, engine, "sycee_test_services");
    conn = fixture.conn;
    return 0;
}

static int suite_close(void **state)
{
    (void)state;
    fixture_close(&fixture);
    return 0;
}

static int clear(void **state)
{
    (void)state;
    assert_ok(db_script(conn, "DELETE FROM db_outbox; DELETE FROM db_inbox;"
                              "DELETE FROM db_idempotency; DELETE FROM db_directory;"));
    return 0;
}

/* --- outbox ------------------------------------------------------------------------------------
 */

/* The kth message, each in another bucket. */
static struct outbox_message message_of(int k)
{
    return (struct outbox_message){.id = (INT64_C(1) << 41) + k * ID_STEP + (1000 - k),
                                   .topic = "test.topic",
                                   .ref_id = 70 + k,
                                   .body = "{\"k\":\"中\"}",
                                   .created_at = DB_FIXTURE_NOW};
}

static void put(int from, int to)
{
    assert_ok(db_begin(conn));
    for (int k = from; k <= to; k++) {
        struct outbox_message message = message_of(k);
        assert_ok(outbox_put(conn, &message));
    }
    assert_ok(db_commit(conn));
}

/* The first due message; id 0 where there is none. Its texts are gone. */
static struct outbox_message first_due(int64_t now_us)
{
    struct db_rows rows;
    struct outbox_message first = {.id = 0};
    rows = outbox_due(conn, now_us, 1);
    if (db_rows_next(&rows)) {
        first = outbox_message_of(&rows);
    }
    assert_ok(db_rows_close(&rows));
    first.topic = first.body = first.last_error = NULL;
    return first;
}

static void test_db_services__outbox_gives_due_messages_in_order(void **state)
{
    (void)state;
    put(1, 5);
    struct db_rows rows;
    rows = outbox_due(conn, DB_FIXTURE_NOW - 1, 10);
    assert_false(db_rows_next(&rows));
    assert_ok(db_rows_close(&rows));
    rows = outbox_due(conn, DB_FIXTURE_NOW, 4);
    for (int k = 1; k <= 4; k++) {
        assert_true(db_rows_next(&rows));
        struct outbox_message message = outbox_message_of(&rows);
        assert_true(message.id == message_of(k).id);
        assert_string_equal("test.topic", message.topic);
        assert_string_equal("{\"k\":\"中\"}", message.body);
        assert_int_equal(70 + k, message.ref_id);
        assert_int_equal(0, message.attempts);
        assert_null(message.last_error);
    }
    assert_false(db_rows_next(&rows)); /* the limit */
    assert_ok(db_rows_close(&rows));
    assert_ok(outbox_done(conn, message_of(1).id));
    assert_ok(outbox_done(conn, message_of(1).id));
    assert_true(first_due(DB_FIXTURE_NOW).id == message_of(2).id);
}

static void test_db_services__outbox_goes_with_its_transaction(void **state)
{
    (void)state;
    struct outbox_message message = message_of(1);
    assert_ok(db_begin(conn));
    assert_ok(outbox_put(conn, &message));
    db_rollback(conn);
    assert_int_equal(0, first_due(INT64_MAX).id);
    put(1, 1);
    assert_ok(db_begin(conn));
    (void)outbox_put(conn, &message);
    assert_err(ERR_DB_CONFLICT, db_commit(conn));
}

static void test_db_services__outbox_ends_many_at_once(void **state)
{
    (void)state;
    bool claimed = false, taken[3] = {false};
    struct outbox_message messages[3] = {message_of(1), message_of(2), message_of(3)};
    for (size_t i = 0; i < 3; i++) {
        messages[i].next_at = DB_FIXTURE_NOW;
    }
    put(1, 4);
    assert_ok(outbox_claim(conn, &messages[1], DB_FIXTURE_NOW + 1, &claimed));
    assert_true(claimed);
    assert_ok(outbox_done_many(conn, messages, 3, taken));
    assert_true(taken[0] && !taken[1] && taken[2]); /* the second is another deliverer's */
    assert_true(first_due(DB_FIXTURE_NOW).id == message_of(4).id);
    assert_ok(outbox_done_many(conn, messages, 3, taken));
    assert_false(taken[0] || taken[1] || taken[2]);
}

static void test_db_services__outbox_backs_off_and_dies(void **state)
{
    (void)state;
    static const struct {
        int attempts;
        int64_t pause;
    } cases[] = {{1, OUTBOX_BACKOFF_MIN_US},
                 {2, 2 * OUTBOX_BACKOFF_MIN_US},
                 {12, 2048 * OUTBOX_BACKOFF_MIN_US},
                 {13, OUTBOX_BACKOFF_MAX_US},
                 {1000000, OUTBOX_BACKOFF_MAX_US}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_true(cases[i].pause == outbox_backoff_us(cases[i].attempts));
    }
    put(1, 1);
    int64_t now = DB_FIXTURE_NOW;
    for (int attempt = 1; attempt <= OUTBOX_ATTEMPTS_MAX; attempt++) {
        struct outbox_message message = first_due(now);
        assert_true(message.id != 0);
        assert_int_equal(attempt - 1, message.attempts);
        assert_ok(outbox_retry(conn, &message, now, "no answer"));
        assert_ok(outbox_retry(conn, &message, now, "a twin's retry counts once"));
        now += outbox_backoff_us(attempt);
        assert_int_equal(0, first_due(now - 1).id);
    }
    assert_int_equal(0, first_due(INT64_MAX).id);
    int64_t waiting = -1;
    int64_t dead = -1;
    assert_ok(outbox_count(conn, &waiting, &dead));
    assert_int_equal(0, waiting);
    assert_int_equal(1, dead);
    struct db_rows rows;
    rows = outbox_dead(conn, 10);
    assert_true(db_rows_next(&rows));
    assert_string_equal("no answer", outbox_message_of(&rows).last_error);
    assert_ok(db_rows_close(&rows));
    assert_err(ERR_NOT_FOUND, outbox_requeue(conn, message_of(2).id, now));
    assert_ok(outbox_requeue(conn, message_of(1).id, now));
    assert_err(ERR_NOT_FOUND, outbox_requeue(conn, message_of(1).id, now));
    assert_int_equal(0, first_due(now).attempts);
    assert_true(first_due(now).id == message_of(1).id);
}

static void test_db_services__outbox_is_claimed_by_one(void **state)
{
    (void)state;
    put(1, 1);
    struct outbox_message message = first_due(DB_FIXTURE_NOW);
    bool mine = false;
    bool theirs = true;
    assert_ok(outbox_claim(conn, &message, DB_FIXTURE_NOW + 60, &mine));
    assert_ok(outbox_claim(conn, &message, DB_FIXTURE_NOW + 90, &theirs));
    assert_true(mine);
    assert_false(theirs);
    assert_int_equal(0, first_due(DB_FIXTURE_NOW + 59).id);
    assert_true(first_due(DB_FIXTURE_NOW + 60).id == message.id); /* the claimer died */
}

/* --- inbox -------------------------------------------------------------------------------------
 */

static void test_db_services__inbox_takes_a_message_once(void **state)
{
    (void)state;
    struct inbox_message message = {.bucket = 3,
                                    .source = "clearing",
                                    .message_id = "A-1",
                                    .body = "<xml/>",
                                    .received_at = DB_FIXTURE_NOW};
    bool fresh = false;
    assert_ok(inbox_put(conn, &message, &fresh));
    assert_true(fresh);
    assert_ok(inbox_put(conn, &message, &fresh));
    assert_false(fresh);
    struct inbox_message other = message;
    other.source = "issuer";
    other.received_at++;
    assert_ok(inbox_put(conn, &other, &fresh));
    assert_true(fresh);
    struct db_rows rows;
    rows = inbox_new(conn, 10);
    assert_true(db_rows_next(&rows));
    assert_string_equal("clearing", inbox_message_of(&rows).source);
    assert_string_equal("<xml/>", inbox_message_of(&rows).body);
    assert_int_equal(INBOX_NEW, inbox_message_of(&rows).state);
    assert_true(db_rows_next(&rows));
    assert_string_equal("issuer", inbox_message_of(&rows).source);
    assert_false(db_rows_next(&rows));
    assert_ok(db_rows_close(&rows));
    assert_ok(db_begin(conn));
    assert_ok(inbox_finish(conn, &message, INBOX_DONE));
    assert_ok(db_commit(conn));
    assert_ok(db_begin(conn)); /* a second worker */
    (void)inbox_finish(conn, &message, INBOX_REFUSED);
    assert_err(ERR_DB_ROW_COUNT, db_commit(conn));
    assert_ok(inbox_put(conn, &message, &fresh)); /* acted on, and still known */
    assert_false(fresh);
    rows = inbox_new(conn, 10);
    assert_true(db_rows_next(&rows));
    assert_false(db_rows_next(&rows));
    assert_ok(db_rows_close(&rows));
}

/* --- idempotency -------------------------------------------------------------------------------
 */

static const struct idempotency_key key = {.bucket = 5, .principal_id = 12345, .text = "k-1"};

static void test_db_services__idempotency_gives_the_first_answer(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 1 << 16);
    struct idempotency_answer out;
    assert_err(ERR_NOT_FOUND, idempotency_load(conn, &key, &arena, &out));
    struct idempotency_answer answer = {.route = "POST /payments",
                                        .fingerprint = {1, 2, 0, 3},
                                        .status = 409,
                                        .result_id = 77,
                                        .response = "{\"a\":1}",
                                        .response_size = 7,
                                        .created_at = DB_FIXTURE_NOW};
    assert_ok(db_begin(conn));
    assert_ok(idempotency_store(conn, &key, &answer));
    assert_ok(db_commit(conn));
    assert_ok(idempotency_load(conn, &key, &arena, &out));
    assert_string_equal("POST /payments", out.route);
    assert_memory_equal(answer.fingerprint, out.fingerprint, IDEMPOTENCY_HASH_SIZE);
    assert_int_equal(409, out.status);
    assert_int_equal(77, out.result_id);
    assert_int_equal(7, out.response_size);
    assert_string_equal("{\"a\":1}", out.response);
    struct idempotency_key other = key;
    other.principal_id++;
    assert_err(ERR_NOT_FOUND, idempotency_load(conn, &other, &arena, &out));
    answer.response_size = 0; /* an empty answer is an answer */
    assert_ok(db_begin(conn));
    assert_ok(idempotency_store(conn, &other, &answer));
    assert_ok(db_commit(conn));
    assert_ok(idempotency_load(conn, &other, &arena, &out));
    assert_int_equal(0, out.response_size);
    assert_ok(db_begin(conn)); /* twice: nothing of the second transaction stays */
    struct outbox_message message = message_of(1);
    assert_ok(outbox_put(conn, &message));
    (void)idempotency_store(conn, &key, &answer);
    assert_err(ERR_DB_CONFLICT, db_commit(conn));
    assert_int_equal(0, first_due(INT64_MAX).id);
    int64_t deleted = 0;
    assert_ok(idempotency_purge(conn, 5, DB_FIXTURE_NOW, &deleted));
    assert_int_equal(0, deleted);
    assert_ok(idempotency_purge(conn, 6, DB_FIXTURE_NOW + 1, &deleted));
    assert_int_equal(0, deleted);
    assert_ok(idempotency_purge(conn, 5, DB_FIXTURE_NOW + 1, &deleted));
    assert_int_equal(2, deleted);
    arena_release(&arena);
}

/* --- directory ---------------------------------------------------------------------------------
 */

static const uint8_t phone_hash[32] = {9, 8, 7, 0, 1};
static const struct directory_name phone = {DIRECTORY_PHONE, phone_hash, sizeof(phone_hash)};

static void test_db_services__directory_has_one_owner(void **state)
{
    (void)state;
    int64_t owner = 0;
    assert_err(ERR_NOT_FOUND, directory_find(conn, &phone, &owner));
    assert_ok(db_begin(conn));
    assert_ok(directory_claim(conn, &phone, 11, &owner));
    assert_err(ERR_EXISTS, directory_claim(conn, &phone, 12, &owner));
    assert_int_equal(11, owner);
    struct directory_name login = phone;
    login.kind = DIRECTORY_LOGIN; /* the transaction goes on, kinds do not meet */
    assert_ok(directory_claim(conn, &login, 12, &owner));
    assert_ok(db_commit(conn));
    assert_ok(directory_find(conn, &login, &owner));
    assert_int_equal(12, owner);
    assert_err(ERR_NOT_FOUND, directory_release(conn, &phone, 12));
    assert_ok(directory_release(conn, &phone, 11));
    assert_err(ERR_NOT_FOUND, directory_find(conn, &phone, &owner));
    assert_ok(directory_claim(conn, &phone, 12, &owner));
}

/* --- concurrency -------------------------------------------------------------------------------
 */

enum { CLIENTS = 4, NAMES = 12 };

struct client {
    pthread_t thread;
    int number;
    int names_won;
    int answers_won;
    int answers_lost;
    int unexpected;
};

/* Claims every name; a lock that takes too long means: again. */
static enum err claim_one(struct db_conn *own, int name, int64_t owner)
{
    uint8_t hash[16] = {(uint8_t)name, 1};
    const struct directory_name entry = {DIRECTORY_CARD, hash, sizeof(hash)};
    for (;;) {
        int64_t present = 0;
        enum err err = db_begin(own);
        enum err claimed = err == ERR_OK ? directory_claim(own, &entry, owner, &present) : err;
        if (claimed == ERR_OK) {
            err = db_commit(own);
        } else {
            db_rollback(own);
            err = claimed;
        }
        if (err != ERR_DB_RETRY) {
            return err;
        }
    }
}

static enum err answer_one(struct db_conn *own, int number)
{
    char text[32];
    snprintf(text, sizeof(text), "race-%d", number);
    const struct idempotency_key race = {.bucket = 9, .principal_id = 1, .text = text};
    const struct idempotency_answer answer = {
        .route = "POST /x", .status = 200, .response = "x", .response_size = 1};
    for (;;) {
        enum err err = db_begin(own);
        if (err == ERR_OK) {
            (void)idempotency_store(own, &race, &answer);
            err = db_commit(own);
        }
        if (err != ERR_DB_RETRY) {
            return err;
        }
    }
}

static void *client_run(void *argument)
{
    struct client *client = argument;
    struct db_conn *own = NULL;
    if (db_connect(fixture.db, DB_READ_WRITE, &own) != ERR_OK) {
        client->unexpected++;
        return NULL;
    }
    for (int i = 0; i < NAMES; i++) {
        enum err err = claim_one(own, i, client->number);
        client->names_won += err == ERR_OK;
        client->unexpected += err != ERR_OK && err != ERR_EXISTS;
        err = answer_one(own, i);
        client->answers_won += err == ERR_OK;
        client->answers_lost += err == ERR_DB_CONFLICT;
    }
    db_disconnect(own);
    return NULL;
}

static void test_db_services__racing_clients_win_each_name_once(void **state)
{
    (void)state;
    struct client clients[CLIENTS];
    memset(clients, 0, sizeof(clients));
    for (int i = 0; i < CLIENTS; i++) {
        clients[i].number = i + 1;
        assert_int_equal(0, pthread_create(&clients[i].thread, NULL, client_run, &clients[i]));
    }
    int names = 0;
    int won = 0;
    int lost = 0;
    for (int i = 0; i < CLIENTS; i++) {
        pthread_join(clients[i].thread, NULL);
        assert_int_equal(0, clients[i].unexpected);
        names += clients[i].names_won;
        won += clients[i].answers_won;
        lost += clients[i].answers_lost;
    }
    assert_int_equal(NAMES, names);
    assert_int_equal(NAMES, won);
    assert_int_equal(NAMES * (CLIENTS - 1), lost);
}

static int run(enum db_engine on)
{
    engine = on;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_db_services__outbox_gives_due_messages_in_order, clear),
        cmocka_unit_test_setup(test_db_services__outbox_goes_with_its_transaction, clear),
        cmocka_unit_test_setup(test_db_services__outbox_ends_many_at_once, clear),
        cmocka_unit_test_setup(test_db_services__outbox_backs_off_and_dies, clear),
        cmocka_unit_test_setup(test_db_services__outbox_is_claimed_by_one, clear),
        cmocka_unit_test_setup(test_db_services__inbox_takes_a_message_once, clear),
        cmocka_unit_test_setup(test_db_services__idempotency_gives_the_first_answer, clear),
        cmocka_unit_test_setup(test_db_services__directory_has_one_owner, clear),
        cmocka_unit_test_setup(test_db_services__racing_clients_win_each_name_once, clear),
    };
    return cmocka_run_group_tests_name(on == DB_SQLITE ? "db_services sqlite"
                                                       : "db_services postgresql",
                                       tests, suite_open, suite_close);
}

int main(void)
{
    return fixture_run(run);
}
