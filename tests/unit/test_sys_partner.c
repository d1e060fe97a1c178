/* Calls to partners: outcomes told apart, signatures. */
#include "sys/partner.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct fake {
    struct transport transport;
    enum http_outcome outcome;
    int status;
    const char *type, *body;
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
        {HTTP_ANSWERED, 400, "text/html", "no", PARTNER_REFUSED},
        {HTTP_ANSWERED, 429, "text/html", "slow", PARTNER_NOT_DELIVERED},
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
        partner_send(&partner, &(struct partner_call){.method = "GET", .path = "/x?y=1"}, &answer);
        assert_int_equal(answer.outcome, rows[i].wanted);
        assert_int_equal(answer.status, rows[i].status);
        if (rows[i].status == 422) {
            assert_string_equal(answer.code, "cardLost");
        }
        partner_answer_release(&answer);
    }
    assert_string_equal(fake.url, "http://127.0.0.1:1/x?y=1");
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
        cmocka_unit_test(test_sys_partner__signs_as_the_protocol_says),
        cmocka_unit_test(test_sys_partner__refuses_a_bad_address),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
