/* Calls to partners: outcomes, signatures. */
#include "sys/partner.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "partner_fixture.h"

struct fake {
    struct transport transport;
    enum http_outcome outcome;
    int status;
    const char *type, *body;
    const char *secret; /* that signs the answer; NULL: unsigned */
    int send_count;
    char url[256], signature[80], seen_body[256];
};

static void fake_send(struct transport *transport, const struct http_call *call,
                      struct http_answer *out)
{
    struct fake *fake = (struct fake *)transport;
    snprintf(fake->url, sizeof(fake->url), "%s", call->url);
    snprintf(fake->seen_body, sizeof(fake->seen_body), "%.*s", (int)call->body_size,
             call->body ? (const char *)call->body : "");
    for (size_t i = 0; i < call->header_count; i++) {
        if (strcmp(call->headers[i].name, "Sandbox-Signature") == 0) {
            snprintf(fake->signature, sizeof(fake->signature), "%s", call->headers[i].value);
        }
    }
    memset(out, 0, sizeof(*out));
    out->outcome = fake->outcome;
    if (fake->outcome == HTTP_ANSWERED) {
        http_answer_set(out, fake->status, fake->type, fake->body, strlen(fake->body));
        out->send_count = fake->send_count;
        if (fake->secret) {
            partner_fixture_sign(fake->secret, call, out);
        }
    }
}

static void test_sys_partner__tells_outcomes_apart(void **state)
{
    (void)state;
    static const struct {
        enum http_outcome outcome;
        int status;
        const char *type, *body;
        enum partner_outcome wanted;
    } rows[] = {
        {HTTP_ANSWERED, 200, "application/json", "{\"a\":1}", PARTNER_OK},
        {HTTP_ANSWERED, 200, "text/csv", "a,b", PARTNER_OK},
        {HTTP_ANSWERED, 204, "", "", PARTNER_OK},
        {HTTP_ANSWERED, 200, "application/json", "{\"a\":", PARTNER_UNKNOWN},
        {HTTP_ANSWERED, 302, "text/html", "", PARTNER_UNKNOWN},
        {HTTP_ANSWERED, 422, "application/json", "{\"code\":\"cardLost\"}", PARTNER_REFUSED},
        {HTTP_ANSWERED, 422, "application/json", "{\"code\":7}", PARTNER_UNKNOWN},
        {HTTP_ANSWERED, 400, "text/html", "no", PARTNER_UNKNOWN},
        {HTTP_ANSWERED, 408, "application/json", "{\"code\":\"late\"}", PARTNER_UNKNOWN},
        {HTTP_ANSWERED, 425, "application/json", "{\"code\":\"early\"}", PARTNER_UNKNOWN},
        {HTTP_ANSWERED, 429, "application/json", "{\"code\":\"slow\"}", PARTNER_UNKNOWN},
        {HTTP_ANSWERED, 500, "application/json", "{}", PARTNER_UNKNOWN},
        {HTTP_ANSWERED, 503, "application/json", "{\"code\":\"unavailable\"}", PARTNER_UNKNOWN},
        {HTTP_NOT_SENT, 0, "", "", PARTNER_NOT_DELIVERED},
        {HTTP_UNKNOWN, 0, "", "", PARTNER_UNKNOWN},
    };
    struct clock_manual clock;
    struct fake fake = {.transport = {.send = fake_send}};
    struct partner partner;
    clock_manual_init(&clock, INT64_C(1795287600000000));
    assert_int_equal(partner_init(&partner, "test", "http://127.0.0.1:1/", "sycee", "secret",
                                  &fake.transport, &clock.clock),
                     ERR_OK);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct partner_answer answer;
        fake.outcome = rows[i].outcome;
        fake.status = rows[i].status;
        fake.type = rows[i].type;
        fake.body = rows[i].body;
        fake.secret = "secret";
        partner_send(&partner, &(struct partner_call){.method = "GET", .path = "/x?y=1"}, &answer);
        assert_int_equal(answer.outcome, rows[i].wanted);
        assert_int_equal(answer.status, rows[i].status);
        assert_string_equal(fake.url, "http://127.0.0.1:1/x?y=1");
        if (rows[i].wanted == PARTNER_REFUSED) {
            assert_string_equal(answer.code, "cardLost");
        }
        partner_answer_release(&answer);
        /* An unsigned answer, or one signed by a third party, has no meaning, whatever its status. */
        for (int k = 0; k < 2 && rows[i].outcome == HTTP_ANSWERED; k++) {
            fake.secret = k == 0 ? NULL : "another secret";
            partner_send(&partner, &(struct partner_call){.method = "GET", .path = "/x"}, &answer);
            assert_int_equal(answer.outcome, PARTNER_UNKNOWN);
            assert_string_equal(answer.code, "");
            assert_false(answer.is_signed);
            partner_answer_release(&answer);
        }
    }
    partner_release(&partner);
}

/* An answer is valid for one call: its status, body, and the instant and body of the call are all
 * signed. */
static void test_sys_partner__an_answer_fits_its_call_only(void **state)
{
    (void)state;
    struct clock_manual clock;
    struct fake fake = {.transport = {.send = fake_send},
                        .outcome = HTTP_ANSWERED,
                        .status = 200,
                        .type = "application/json",
                        .body = "{\"id\":\"7\"}",
                        .secret = "secret",
                        .send_count = 2};
    struct partner partner;
    struct partner_answer answer;
    struct partner_call call = {
        .method = "GET", .path = "/x", .echo_name = "id", .echo_value = "7"};
    clock_manual_init(&clock, INT64_C(1795287600000000));
    assert_int_equal(partner_init(&partner, "test", "http://h", "sycee", "secret", &fake.transport,
                                  &clock.clock),
                     ERR_OK);
    partner_send(&partner, &call, &answer);
    assert_int_equal(answer.outcome, PARTNER_OK);
    assert_true(answer.was_repeated);
    partner_answer_release(&answer);
    static const char *const bodies[] = {"{\"id\":\"8\"}", "{\"id\":7}", "{}", "{\"id\":null}"};
    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        fake.body = bodies[i];
        partner_send(&partner, &call, &answer);
        assert_int_equal(answer.outcome, PARTNER_UNKNOWN);
        assert_true(answer.is_other);
        partner_answer_release(&answer);
    }
    char one[PARTNER_SIGNATURE_SIZE], other[PARTNER_SIGNATURE_SIZE];
    partner_sign_answer("secret", "v1=aa", 200, "{}", 2, one);
    static const struct {
        const char *call;
        int status;
        const char *body;
    } others[] = {{"v1=ab", 200, "{}"}, {"v1=aa", 201, "{}"}, {"v1=aa", 200, "{ }"}};
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        partner_sign_answer("secret", others[i].call, others[i].status, others[i].body,
                            strlen(others[i].body), other);
        assert_string_not_equal(one, other);
    }
    partner_release(&partner);
}

static void test_sys_partner__signs_as_the_protocol_says(void **state)
{
    (void)state;
    /* printf '1795287600.POST./sms/v1/messages.{"a":"b"}' | openssl dgst -sha256 -hmac secret */
    char signature[PARTNER_SIGNATURE_SIZE];
    partner_sign("secret", 1795287600, "POST", "/sms/v1/messages", "{\"a\":\"b\"}", 9, signature);
    assert_string_equal(signature,
                        "95cadb93bcd4f015dd396d59982b5e11bf3c4eb7825088218362fd9b3fdbe485");

    struct clock_manual clock;
    struct fake fake = {.transport = {.send = fake_send},
                        .outcome = HTTP_ANSWERED,
                        .status = 202,
                        .type = "application/json",
                        .body = "{}"};
    struct partner partner;
    struct partner_answer answer;
    json_t *body = json_pack("{s:s}", "a", "b");
    clock_manual_init(&clock, INT64_C(1795287600999999));
    assert_int_equal(partner_init(&partner, "test", "http://h", "sycee", "secret", &fake.transport,
                                  &clock.clock),
                     ERR_OK);
    partner_send(&partner,
                 &(struct partner_call){.method = "POST", .path = "/sms/v1/messages", .body = body},
                 &answer);
    assert_string_equal(fake.seen_body, "{\"a\":\"b\"}");
    assert_string_equal(fake.signature,
                        "v1="
                        "95cadb93bcd4f015dd396d59982b5e11bf3c4eb7825088218362fd9b3fdbe485");
    partner_answer_release(&answer);
    json_decref(body);
    partner_release(&partner);
}

static void test_sys_partner__refuses_a_bad_address(void **state)
{
    (void)state;
    static const char *const addresses[] = {"", "ftp://x", "127.0.0.1:80", "file:///etc/passwd"};
    struct partner partner;
    for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
        assert_int_equal(partner_init(&partner, "test", addresses[i], "k", "s", NULL, NULL),
                         ERR_INVALID_FIELD);
    }
    assert_int_equal(partner_init(&partner, "test", "http://h", "k", "", NULL, NULL),
                     ERR_INVALID_FIELD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sys_partner__tells_outcomes_apart),
        cmocka_unit_test(test_sys_partner__an_answer_fits_its_call_only),
        cmocka_unit_test(test_sys_partner__signs_as_the_protocol_says),
        cmocka_unit_test(test_sys_partner__refuses_a_bad_address),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
