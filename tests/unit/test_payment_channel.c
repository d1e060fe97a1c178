/* Meaning of the clearing house's answers: each status and body maps to its event; nothing is guessed. */
#include "payment/payment.h"

#include "db_fixture.h"
#include "partner_fixture.h"

struct fake_transport {
    struct transport transport;
    enum http_outcome outcome;
    int status;
    const char *body;
    bool is_unsigned;
    int send_count;
    char method[8];
    char url[256];
    char sent[512];
};

static void fake_send(struct transport *transport, const struct http_call *call,
                      struct http_answer *out)
{
    struct fake_transport *fake = (struct fake_transport *)transport;
    snprintf(fake->method, sizeof fake->method, "%s", call->method ? call->method : "");
    snprintf(fake->url, sizeof fake->url, "%s", call->url);
    snprintf(fake->sent, sizeof fake->sent, "%.*s", (int)call->body_size,
             call->body ? (const char *)call->body : "");
    *out = (struct http_answer){.outcome = fake->outcome};
    if (fake->outcome == HTTP_ANSWERED) {
        http_answer_set(out, fake->status, "application/json", fake->body, strlen(fake->body));
        out->send_count = fake->send_count;
        if (!fake->is_unsigned) {
            partner_fixture_sign("secret", call, out);
        }
    }
}

static struct fake_transport fake = {.transport = {.send = fake_send}};
static struct partner partner;
static struct partner_channel channel;
static struct card_partner_channel cards;

static int setup(void **state)
{
    (void)state;
    assert_ok(partner_init(&partner, "clearing", "http://127.0.0.1:1", "sycee", "secret",
                           &fake.transport, clock_system()));
    quickpay_channel_init(&channel, &partner);
    card_channel_init(&cards, &partner);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    partner_release(&partner);
    return 0;
}

static void answer_is(enum http_outcome outcome, int status, const char *body)
{
    fake.outcome = outcome;
    fake.status = status;
    fake.body = body;
}

#define OF_42 "\"instructionId\":\"42\",\"kind\":\"debit\",\"agreementNumber\":\"7000\","
#define A_12  "\"amount\":{\"amount\":\"12.30\",\"currency\":\"CNY\"},"

struct outcome_row {
    enum http_outcome outcome;
    int status;
    const char *body;
    enum payment_event wanted;
    const char *reason;
    bool is_other;
};

static struct channel_instruction top_up_42(void)
{
    return (struct channel_instruction){
        .kind = PAYMENT_TOP_UP, .id = {42}, .agreement = "7000", .amount = {1230, CCY_CNY}};
}

static struct channel_answer heard(bool is_query, int status, const char *body)
{
    struct channel_instruction instruction = top_up_42();
    struct channel_answer answer;
    answer_is(status == 0 ? HTTP_UNKNOWN : HTTP_ANSWERED, status, body);
    if (is_query) {
        channel.channel.query(&channel.channel, &instruction, &answer);
    } else {
        channel.channel.instruct(&channel.channel, &instruction, &answer);
    }
    return answer;
}

static void test_payment_channel__instruction_outcomes(void **state)
{
    (void)state;
    static const struct outcome_row rows[] = {
        {HTTP_ANSWERED, 200, "{" OF_42 A_12 "\"status\":\"ACSC\",\"clearingReference\":\"CL1\"}",
         PAYMENT_EVENT_ACCEPTED, "", false},
        {HTTP_ANSWERED, 200, "{" OF_42 A_12 "\"status\":\"RJCT\",\"reasonCode\":\"AM04\"}",
         PAYMENT_EVENT_REJECTED, "AM04", false},
        {HTTP_ANSWERED, 200, "{" OF_42 A_12 "\"status\":\"PDNG\"}", PAYMENT_EVENT_PENDING, "",
         false},
        {HTTP_ANSWERED, 200, "{" OF_42 A_12 "\"status\":\"WHAT\"}", PAYMENT_EVENT_UNKNOWN, "",
         false},
        {HTTP_ANSWERED, 200, "{" OF_42 A_12 "\"status\":3}", PAYMENT_EVENT_UNKNOWN, "", false},
        {HTTP_ANSWERED, 200, "{}", PAYMENT_EVENT_UNKNOWN, "", true},
        {HTTP_ANSWERED, 200, "no json", PAYMENT_EVENT_UNKNOWN, "", false},
        {HTTP_ANSWERED, 400, "{\"code\":\"fieldInvalid\"}", PAYMENT_EVENT_NOT_SENT, "", false},
        {HTTP_ANSWERED, 401, "{\"code\":\"signatureWrong\"}", PAYMENT_EVENT_NOT_SENT, "", false},
        {HTTP_ANSWERED, 401, "{\"code\":\"timestampSkewed\"}", PAYMENT_EVENT_NOT_SENT, "", false},
        {HTTP_ANSWERED, 403, "{\"code\":\"forbidden\"}", PAYMENT_EVENT_UNKNOWN, "", false},
        {HTTP_ANSWERED, 404, "{\"code\":\"pathUnknown\"}", PAYMENT_EVENT_UNKNOWN, "", false},
        {HTTP_ANSWERED, 404, "{\"code\":\"instructionUnknown\"}", PAYMENT_EVENT_UNKNOWN, "", false},
        {HTTP_ANSWERED, 400, "{\"code\":\"timestampSkewed\"}", PAYMENT_EVENT_UNKNOWN, "", false},
        {HTTP_ANSWERED, 408, "{\"code\":\"fieldInvalid\"}", PAYMENT_EVENT_UNKNOWN, "", false},
        {HTTP_ANSWERED, 409, "{\"code\":\"instructionMismatch\"}", PAYMENT_EVENT_UNKNOWN, "", true},
        {HTTP_ANSWERED, 410, "{\"code\":\"instructionVoided\"}", PAYMENT_EVENT_VOID, "", false},
        {HTTP_ANSWERED, 410, "{\"code\":\"gone\"}", PAYMENT_EVENT_UNKNOWN, "", false},
        {HTTP_ANSWERED, 422, "{\"code\":\"AM04\"}", PAYMENT_EVENT_UNKNOWN, "", false},
        {HTTP_ANSWERED, 429, "{\"code\":\"slow\"}", PAYMENT_EVENT_UNKNOWN, "", false},
        {HTTP_ANSWERED, 500, "{\"code\":\"storeFailed\"}", PAYMENT_EVENT_UNKNOWN, "", false},
        {HTTP_ANSWERED, 503, "{\"code\":\"unavailable\"}", PAYMENT_EVENT_UNKNOWN, "", false},
        {HTTP_NOT_SENT, 0, "", PAYMENT_EVENT_NOT_SENT, "", false},
        {HTTP_UNKNOWN, 0, "", PAYMENT_EVENT_UNKNOWN, "", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct channel_answer answer;
        struct channel_instruction instruction = top_up_42();
        answer_is(rows[i].outcome, rows[i].status, rows[i].body);
        channel.channel.instruct(&channel.channel, &instruction, &answer);
        if (answer.event != rows[i].wanted || answer.is_other != rows[i].is_other) {
            fail_msg("%d %s: %s", rows[i].status, rows[i].body, payment_event_name(answer.event));
        }
        assert_string_equal(rows[i].reason, answer.reason);
    }
}

/* Delivered, then answered by a third party: the clearing house's answer is still outstanding. */
static void test_payment_channel__unsigned_answers_are_unknown(void **state)
{
    (void)state;
    static const int statuses[] = {200, 400, 401, 403, 404, 408, 409, 410, 413, 415, 422, 429, 503};
    static const char *const bodies[] = {"<html>",
                                         "{\"code\":\"fieldInvalid\"}",
                                         "{\"code\":\"timestampSkewed\"}",
                                         "{\"code\":\"instructionUnknown\"}",
                                         "{\"code\":\"instructionVoided\"}",
                                         "{" OF_42 A_12 "\"status\":\"ACSC\"}",
                                         "{" OF_42 A_12
                                         "\"status\":\"RJCT\",\"reasonCode\":\"AM04\"}"};
    fake.is_unsigned = true;
    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
        for (size_t k = 0; k < sizeof bodies / sizeof bodies[0]; k++) {
            assert_int_equal(PAYMENT_EVENT_UNKNOWN, heard(false, statuses[i], bodies[k]).event);
            assert_int_equal(PAYMENT_EVENT_UNKNOWN, heard(true, statuses[i], bodies[k]).event);
        }
    }
    fake.is_unsigned = false;
}

/* An answer that names another instruction, amount, currency or agreement settles nothing. */
static void test_payment_channel__answers_about_something_else_are_unknown(void **state)
{
    (void)state;
    static const char *const bodies[] = {
        "{\"instructionId\":\"43\",\"kind\":\"debit\",\"agreementNumber\":\"7000\"," A_12
        "\"status\":\"ACSC\"}",
        "{\"kind\":\"debit\",\"agreementNumber\":\"7000\"," A_12 "\"status\":\"RJCT\"}",
        "{\"instructionId\":\"42\",\"kind\":\"credit\",\"agreementNumber\":\"7000\"," A_12
        "\"status\":\"ACSC\"}",
        "{\"instructionId\":\"42\",\"kind\":\"debit\",\"agreementNumber\":\"7001\"," A_12
        "\"status\":\"RJCT\"}",
        "{\"instructionId\":\"42\",\"kind\":\"debit\"," A_12 "\"status\":\"ACSC\"}",
        "{" OF_42 "\"amount\":{\"amount\":\"0.01\",\"currency\":\"CNY\"},\"status\":\"ACSC\"}",
        "{" OF_42 "\"amount\":{\"amount\":\"12.30\",\"currency\":\"USD\"},\"status\":\"RJCT\"}",
        "{" OF_42 "\"amount\":\"12.30\",\"status\":\"ACSC\"}",
        "{" OF_42 "\"status\":\"ACSC\"}",
    };
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        for (int query = 0; query < 2; query++) {
            struct channel_answer answer = heard(query != 0, 200, bodies[i]);
            assert_int_equal(PAYMENT_EVENT_UNKNOWN, answer.event);
            assert_true(answer.is_other);
            assert_string_equal("", answer.reference);
        }
    }
}

/* A kept-alive connection was lost and the call was sent again: its refusal does not apply to the
 * first. */
static void test_payment_channel__refusal_of_a_repetition_is_no_refusal(void **state)
{
    (void)state;
    fake.send_count = 2;
    assert_int_equal(PAYMENT_EVENT_UNKNOWN,
                     heard(false, 401, "{\"code\":\"timestampSkewed\"}").event);
    assert_int_equal(PAYMENT_EVENT_VOID,
                     heard(false, 410, "{\"code\":\"instructionVoided\"}").event);
    fake.send_count = 1;
    assert_int_equal(PAYMENT_EVENT_NOT_SENT,
                     heard(false, 401, "{\"code\":\"timestampSkewed\"}").event);
}

static void test_payment_channel__instruction_says_what_is_meant(void **state)
{
    (void)state;
    struct channel_instruction instruction = {
        .kind = PAYMENT_TOP_UP, .id = {42}, .agreement = "7000", .amount = {1230, CCY_CNY}};
    struct channel_answer answer;
    answer_is(HTTP_ANSWERED, 200, "{" OF_42 A_12 "\"status\":\"PDNG\"}");
    channel.channel.instruct(&channel.channel, &instruction, &answer);
    assert_string_equal("POST", fake.method);
    assert_string_equal("http://127.0.0.1:1/clearing/v1/debits", fake.url);
    json_t *json = json_loads(fake.sent, 0, NULL);
    struct money amount;
    int64_t id = 0;
    assert_ok(json_get_money(json, "amount", &amount));
    assert_int_equal(1230, amount.minor);
    assert_ok(json_get_id(json, "instructionId", &id));
    assert_int_equal(42, id);
    json_decref(json);
    instruction.kind = PAYMENT_WITHDRAWAL;
    channel.channel.instruct(&channel.channel, &instruction, &answer);
    assert_string_equal("http://127.0.0.1:1/clearing/v1/credits", fake.url);
    channel.channel.query(&channel.channel, &instruction, &answer);
    assert_string_equal("GET", fake.method);
    assert_string_equal("http://127.0.0.1:1/clearing/v1/instructions/42", fake.url);
}

static void test_payment_channel__only_a_known_404_ends_a_payment(void **state)
{
    (void)state;
    static const struct {
        enum http_outcome outcome;
        int status;
        const char *body;
        enum payment_event wanted;
    } rows[] = {
        {HTTP_ANSWERED, 200, "{" OF_42 A_12 "\"status\":\"ACSC\"}", PAYMENT_EVENT_ACCEPTED},
        {HTTP_ANSWERED, 404, "{\"code\":\"instructionUnknown\"}", PAYMENT_EVENT_VOID},
        {HTTP_ANSWERED, 404, "{\"code\":\"pathUnknown\"}", PAYMENT_EVENT_UNKNOWN},
        {HTTP_ANSWERED, 404, "<html>", PAYMENT_EVENT_UNKNOWN},
        {HTTP_ANSWERED, 401, "{\"code\":\"keyUnknown\"}", PAYMENT_EVENT_UNKNOWN},
        {HTTP_ANSWERED, 503, "{\"code\":\"unavailable\"}", PAYMENT_EVENT_UNKNOWN},
        {HTTP_NOT_SENT, 0, "", PAYMENT_EVENT_UNKNOWN},
        {HTTP_UNKNOWN, 0, "", PAYMENT_EVENT_UNKNOWN},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct channel_answer answer;
        answer_is(rows[i].outcome, rows[i].status, rows[i].body);
        struct channel_instruction instruction = top_up_42();
        channel.channel.query(&channel.channel, &instruction, &answer);
        assert_int_equal(rows[i].wanted, answer.event);
    }
}

static void test_payment_channel__card_signing_and_confirmation(void **state)
{
    (void)state;
    struct card_signing signing = {.binding_id = 7,
                                   .pan = "6228480000000000018",
                                   .name = "林若溪",
                                   .id_number = "11010119890302001X",
                                   .reserved_phone = "+8619900000001"};
    struct card_answer answer;
    answer_is(HTTP_ANSWERED, 201,
              "{\"signingId\":\"7\",\"issuer\":{\"code\":\"SAB\",\"name\":{\"en\":\"Sandbox\","
              "\"zh\":\"沙盒\"}},\"maskedPan\":\"622848*********0018\",\"cardKind\":\"debit\","
              "\"expiresAt\":\"2026-11-21T08:05:00Z\"}");
    cards.channel.sign(&cards.channel, &signing, &answer);
    assert_int_equal(CARD_ANSWER_OK, answer.kind);
    assert_string_equal("SAB", answer.issuer.code);
    assert_string_equal("沙盒", answer.issuer.name_zh);
    assert_int_equal(CARD_DEBIT, answer.card_kind);
    assert_true(answer.expires_at > 0);
    answer_is(HTTP_ANSWERED, 422, "{\"code\":\"nameMismatch\"}");
    cards.channel.sign(&cards.channel, &signing, &answer);
    assert_int_equal(CARD_ANSWER_REFUSED, answer.kind);
    assert_string_equal("nameMismatch", answer.code);
    /* The bank's own fault, or a third party's answer: the state of the card is unknown. */
    static const struct {
        int status;
        const char *code;
    } ours[] = {{400, "fieldInvalid"},
                {401, "keyUnknown"},
                {404, "pathUnknown"},
                {409, "signingMismatch"},
                {403, "forbidden"}};
    for (size_t i = 0; i < sizeof ours / sizeof ours[0]; i++) {
        char body[64];
        snprintf(body, sizeof body, "{\"code\":\"%s\"}", ours[i].code);
        answer_is(HTTP_ANSWERED, ours[i].status, body);
        cards.channel.sign(&cards.channel, &signing, &answer);
        assert_int_equal(CARD_ANSWER_UNAVAILABLE, answer.kind);
    }
    answer_is(HTTP_ANSWERED, 201, "{}");
    cards.channel.sign(&cards.channel, &signing, &answer);
    assert_int_equal(CARD_ANSWER_UNAVAILABLE, answer.kind);
    answer_is(HTTP_ANSWERED, 200,
              "{\"signingId\":\"7\",\"agreementNumber\":\"7000\",\"accountClass\":\"I\"}");
    cards.channel.confirm(&cards.channel, 7, "123456", &answer);
    assert_int_equal(CARD_ANSWER_OK, answer.kind);
    assert_string_equal("http://127.0.0.1:1/clearing/v1/signings/7/confirmation", fake.url);
    assert_string_equal("7000", answer.agreement);
    answer_is(HTTP_ANSWERED, 422, "{\"code\":\"codeWrong\",\"triesLeft\":4}");
    cards.channel.confirm(&cards.channel, 7, "123456", &answer);
    assert_int_equal(4, answer.tries_left);
    answer_is(HTTP_UNKNOWN, 0, "");
    cards.channel.confirm(&cards.channel, 7, "123456", &answer);
    assert_int_equal(CARD_ANSWER_UNAVAILABLE, answer.kind);
    answer_is(HTTP_ANSWERED, 204, "");
    cards.channel.unsign(&cards.channel, "7000", &answer);
    assert_string_equal("DELETE", fake.method);
    assert_int_equal(CARD_ANSWER_OK, answer.kind);
}

/* Every statement of the two rooms means something to the engine and names its bucket. */
static int prepare(enum db_engine engine)
{
    struct db_fixture f;
    const struct db_stmt *bad = NULL;
    fixture_open(&f, engine, "test_payment_channel");
    enum err err = db_prepare_all(f.conn, &bad);
    if (err != ERR_OK) {
        fprintf(stderr, "%s: %s\n", bad->name, db_message(f.conn));
    }
    fixture_close(&f);
    return err != ERR_OK;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_payment_channel__instruction_outcomes),
        cmocka_unit_test(test_payment_channel__unsigned_answers_are_unknown),
        cmocka_unit_test(test_payment_channel__answers_about_something_else_are_unknown),
        cmocka_unit_test(test_payment_channel__refusal_of_a_repetition_is_no_refusal),
        cmocka_unit_test(test_payment_channel__instruction_says_what_is_meant),
        cmocka_unit_test(test_payment_channel__only_a_known_404_ends_a_payment),
        cmocka_unit_test(test_payment_channel__card_signing_and_confirmation),
    };
    int failed = cmocka_run_group_tests(tests, setup, teardown);
    return failed + fixture_run(prepare);
}
