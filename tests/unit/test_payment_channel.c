/* What the clearing house's answers mean: each status and body to its event, nothing guessed. */
#include "payment/payment.h"

#include "db_fixture.h"

struct fake_transport {
    struct transport transport;
    enum http_outcome outcome;
    int status;
    const char *body;
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

static void test_payment_channel__instruction_outcomes(void **state)
{
    (void)state;
    static const struct {
        enum http_outcome outcome;
        int status;
        const char *body;
        enum payment_event wanted;
        const char *reason;
    } rows[] = {
        {HTTP_ANSWERED, 200, "{\"status\":\"ACSC\",\"clearingReference\":\"CL1\"}",
         PAYMENT_EVENT_ACCEPTED, ""},
        {HTTP_ANSWERED, 200, "{\"status\":\"RJCT\",\"reasonCode\":\"AM04\"}",
         PAYMENT_EVENT_REJECTED, "AM04"},
        {HTTP_ANSWERED, 200, "{\"status\":\"PDNG\"}", PAYMENT_EVENT_PENDING, ""},
        {HTTP_ANSWERED, 200, "{\"status\":\"WHAT\"}", PAYMENT_EVENT_UNKNOWN, ""},
        {HTTP_ANSWERED, 200, "{}", PAYMENT_EVENT_UNKNOWN, ""},
        {HTTP_ANSWERED, 200, "no json", PAYMENT_EVENT_UNKNOWN, ""},
        {HTTP_ANSWERED, 200, "{\"status\":3}", PAYMENT_EVENT_UNKNOWN, ""},
        {HTTP_ANSWERED, 400, "{\"code\":\"fieldInvalid\"}", PAYMENT_EVENT_NOT_SENT, ""},
        {HTTP_ANSWERED, 401, "{\"code\":\"signatureWrong\"}", PAYMENT_EVENT_NOT_SENT, ""},
        {HTTP_ANSWERED, 409, "{\"code\":\"instructionMismatch\"}", PAYMENT_EVENT_UNKNOWN, ""},
        {HTTP_ANSWERED, 410, "{\"code\":\"instructionVoided\"}", PAYMENT_EVENT_VOID, ""},
        {HTTP_ANSWERED, 500, "{\"code\":\"storeFailed\"}", PAYMENT_EVENT_UNKNOWN, ""},
        {HTTP_ANSWERED, 503, "{\"code\":\"unavailable\"}", PAYMENT_EVENT_UNKNOWN, ""},
        {HTTP_NOT_SENT, 0, "", PAYMENT_EVENT_NOT_SENT, ""},
        {HTTP_UNKNOWN, 0, "", PAYMENT_EVENT_UNKNOWN, ""},
    };
    struct channel_instruction instruction = {
        .kind = PAYMENT_TOP_UP, .id = {42}, .agreement = "7000", .amount = {1230, CCY_CNY}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct channel_answer answer;
        answer_is(rows[i].outcome, rows[i].status, rows[i].body);
        channel.channel.instruct(&channel.channel, &instruction, &answer);
        if (answer.event != rows[i].wanted) {
            fail_msg("%d %s: %s", rows[i].status, rows[i].body, payment_event_name(answer.event));
        }
        assert_string_equal(rows[i].reason, answer.reason);
    }
}

static void test_payment_channel__instruction_says_what_is_meant(void **state)
{
    (void)state;
    struct channel_instruction instruction = {
        .kind = PAYMENT_TOP_UP, .id = {42}, .agreement = "7000", .amount = {1230, CCY_CNY}};
    struct channel_answer answer;
    answer_is(HTTP_ANSWERED, 200, "{\"status\":\"PDNG\"}");
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
    channel.channel.query(&channel.channel, instruction.id, &answer);
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
        {HTTP_ANSWERED, 200, "{\"status\":\"ACSC\"}", PAYMENT_EVENT_ACCEPTED},
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
        channel.channel.query(&channel.channel, (struct payment_id){42}, &answer);
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
    answer_is(HTTP_ANSWERED, 201, "{}");
    cards.channel.sign(&cards.channel, &signing, &answer);
    assert_int_equal(CARD_ANSWER_UNAVAILABLE, answer.kind);
    answer_is(HTTP_ANSWERED, 200, "{\"agreementNumber\":\"7000\",\"accountClass\":\"I\"}");
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
        cmocka_unit_test(test_payment_channel__instruction_says_what_is_meant),
        cmocka_unit_test(test_payment_channel__only_a_known_404_ends_a_payment),
        cmocka_unit_test(test_payment_channel__card_signing_and_confirmation),
    };
    int failed = cmocka_run_group_tests(tests, setup, teardown);
    return failed + fixture_run(prepare);
}
