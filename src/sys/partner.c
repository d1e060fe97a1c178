/* Signed JSON calls to an institution outside. */
#include "sys/partner.h"

#include "base/check.h"
#include "base/str.h"
#include "sys/log.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define ANSWER_SIGNATURE_HEADER "sandbox-answer-signature"

static bool copy_text(const char *text, char *out, size_t capacity)
{
    size_t size = strlen(text);
    if (size == 0 || size >= capacity) {
        return false;
    }
    memcpy(out, text, size + 1);
    return true;
}

enum err partner_init(struct partner *partner, const char *name, const char *base_url,
                      const char *key_id, const char *secret, struct transport *transport,
                      struct clock *clock)
{
    CHECK(sodium_init() >= 0);
    memset(partner, 0, sizeof(*partner));
    partner->name = name;
    partner->transport = transport;
    partner->clock = clock;
    if ((strncmp(base_url, "http://", 7) != 0 && strncmp(base_url, "https://", 8) != 0) ||
        !copy_text(base_url, partner->base_url, sizeof(partner->base_url)) ||
        !copy_text(key_id, partner->key_id, sizeof(partner->key_id)) ||
        !copy_text(secret, partner->secret, sizeof(partner->secret))) {
        partner_release(partner);
        return ERR_INVALID_FIELD;
    }
    size_t size = strlen(partner->base_url);
    while (size > 0 && partner->base_url[size - 1] == '/') {
        partner->base_url[--size] = '\0';
    }
    return ERR_OK;
}

void partner_release(struct partner *partner)
{
    sodium_memzero(partner->secret, sizeof(partner->secret));
}

void partner_sign(const char *secret, int64_t timestamp_s, const char *method, const char *path,
                  const void *body, size_t size, char out[PARTNER_SIGNATURE_SIZE])
{
    char stamp[32];
    snprintf(stamp, sizeof(stamp), "%" PRId64 ".", timestamp_s);
    crypto_auth_hmacsha256_state state;
    uint8_t mac[crypto_auth_hmacsha256_BYTES];
    crypto_auth_hmacsha256_init(&state, (const uint8_t *)secret, strlen(secret));
    crypto_auth_hmacsha256_update(&state, (const uint8_t *)stamp, strlen(stamp));
    crypto_auth_hmacsha256_update(&state, (const uint8_t *)method, strlen(method));
    crypto_auth_hmacsha256_update(&state, (const uint8_t *)".", 1);
    crypto_auth_hmacsha256_update(&state, (const uint8_t *)path, strlen(path));
    crypto_auth_hmacsha256_update(&state, (const uint8_t *)".", 1);
    if (size > 0) {
        crypto_auth_hmacsha256_update(&state, body, size);
    }
    crypto_auth_hmacsha256_final(&state, mac);
    sodium_memzero(&state, sizeof(state));
    str_to_hex(mac, sizeof(mac), out);
}

void partner_sign_answer(const char *secret, const char *call_signature, int status,
                         const void *body, size_t size, char out[PARTNER_SIGNATURE_SIZE])
{
    char status_text[16];
    snprintf(status_text, sizeof(status_text), ".%d.", status);
    crypto_auth_hmacsha256_state state;
    uint8_t mac[crypto_auth_hmacsha256_BYTES];
    crypto_auth_hmacsha256_init(&state, (const uint8_t *)secret, strlen(secret));
    const char *parts[] = {"answer.", call_signature, status_text};
    for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
        crypto_auth_hmacsha256_update(&state, (const uint8_t *)parts[i], strlen(parts[i]));
    }
    if (size > 0) {
        crypto_auth_hmacsha256_update(&state, body, size);
    }
    crypto_auth_hmacsha256_final(&state, mac);
    sodium_memzero(&state, sizeof(state));
    str_to_hex(mac, sizeof(mac), out);
}

static bool is_signed(const struct partner *partner, const char *call_signature,
                      const struct http_answer *http)
{
    char wanted[3 + PARTNER_SIGNATURE_SIZE] = "v1=";
    const char *given = http_answer_header(http, ANSWER_SIGNATURE_HEADER);
    if (!given || strlen(given) != sizeof(wanted) - 1) {
        return false;
    }
    partner_sign_answer(partner->secret, call_signature, http->status, http->body, http->size,
                        wanted + 3);
    return sodium_memcmp(given, wanted, sizeof(wanted) - 1) == 0;
}

/* The path as the request line shows it: that of the address before ours. */
static const char *path_of_url(const char *url)
{
    const char *slash = strchr(strstr(url, "://") + 3, '/');
    return slash ? slash : "/";
}

static bool is_json(const struct http_answer *http)
{
    const char *type = http_answer_header(http, "content-type");
    return type && (strncasecmp(type, "application/json", 16) == 0 ||
                    strncasecmp(type, "application/problem+json", 24) == 0);
}

/* An answer with the type of JSON that does not parse has no meaning. */
static bool read_body(struct partner_answer *answer)
{
    if (answer->http.size == 0 || !is_json(&answer->http)) {
        return true;
    }
    return json_parse_object(answer->http.body, answer->http.size, HTTP_ANSWER_MAX_DEFAULT,
                             &answer->json) == ERR_OK;
}

/* What the answer names is what was asked; a call without an echo asks nothing of it. */
static bool names_the_call(const struct partner_call *call, const json_t *json)
{
    const char *text = json ? json_string_value(json_object_get(json, call->echo_name)) : NULL;
    return text && strcmp(text, call->echo_value) == 0;
}

static bool is_for_later(int status)
{
    return status == 408 || status == 425 || status == 429;
}

/* A closed list: what is not in it is not known. */
static enum partner_outcome outcome_of(const struct partner_call *call, bool is_readable,
                                       struct partner_answer *answer)
{
    if (answer->http.outcome == HTTP_NOT_SENT) {
        return PARTNER_NOT_DELIVERED;
    }
    if (answer->http.outcome != HTTP_ANSWERED || !answer->is_signed || !is_readable) {
        return PARTNER_UNKNOWN;
    }
    int status = answer->http.status;
    if (status >= 400 && status < 500 && !is_for_later(status)) {
        return answer->code[0] != '\0' ? PARTNER_REFUSED : PARTNER_UNKNOWN;
    }
    if (status < 200 || status >= 300) {
        return PARTNER_UNKNOWN;
    }
    answer->is_other = call->echo_name && !names_the_call(call, answer->json);
    return answer->is_other ? PARTNER_UNKNOWN : PARTNER_OK;
}

static const char *partner_outcome_name(enum partner_outcome outcome);

static void log_outcome(const struct partner *partner, const struct partner_answer *answer)
{
    enum log_level level = answer->outcome == PARTNER_OK ? LOG_DEBUG : LOG_WARN;
    if (answer->outcome == PARTNER_REFUSED && answer->status != 401) {
        level = LOG_INFO; /* a refusal is business; 401 is our own key or clock */
    }
    if (!log_is_enabled(level)) {
        return;
    }
    log_event(level, "partner_answered", log_string("partner", partner->name),
              log_string("outcome", partner_outcome_name(answer->outcome)),
              log_int("status", answer->status), log_string("code", answer->code),
              log_bool("signed", answer->is_signed), log_bool("other", answer->is_other),
              log_string("fault", http_fault_name(answer->http.fault)),
              log_int("duration_us", answer->http.duration_us));
}

static void give_up(struct partner_answer *out, enum http_fault fault)
{
    out->outcome = PARTNER_NOT_DELIVERED;
    out->http.outcome = HTTP_NOT_SENT;
    out->http.fault = fault;
}

void partner_send(const struct partner *partner, const struct partner_call *call,
                  struct partner_answer *out)
{
    CHECK(call->path[0] == '/');
    memset(out, 0, sizeof(*out));
    char url[PARTNER_BASE_MAX + PARTNER_PATH_MAX];
    int url_size = snprintf(url, sizeof(url), "%s%s", partner->base_url, call->path);
    char *body = call->body ? json_dumps(call->body, JSON_COMPACT) : NULL;
    if (url_size < 0 || (size_t)url_size >= sizeof(url) || (call->body && !body)) {
        free(body);
        give_up(out, call->body && !body ? HTTP_FAULT_MEMORY : HTTP_FAULT_ADDRESS);
        log_outcome(partner, out);
        return;
    }
    size_t body_size = body ? strlen(body) : 0;
    int64_t timestamp_s = clock_now_us(partner->clock) / 1000000;
    char stamp[24];
    snprintf(stamp, sizeof(stamp), "%" PRId64, timestamp_s);
    char signature[3 + PARTNER_SIGNATURE_SIZE] = "v1=";
    partner_sign(partner->secret, timestamp_s, call->method, path_of_url(url), body, body_size,
                 signature + 3);

    struct http_call http = {.method = call->method,
                             .url = url,
                             .body = body,
                             .body_size = body_size,
                             .timeout_ms = partner->timeout_ms,
                             .may_repeat = call->may_repeat};
    http_call_add_header(&http, "Accept", "application/json, text/csv");
    http_call_add_header(&http, "Sandbox-Key-Id", partner->key_id);
    http_call_add_header(&http, "Sandbox-Timestamp", stamp);
    http_call_add_header(&http, "Sandbox-Signature", signature);
    if (body) {
        http_call_add_header(&http, "Content-Type", "application/json");
    }
    transport_send(partner->transport, &http, &out->http);
    if (body) {
        sodium_memzero(body, body_size); /* may name a person */
        free(body);
    }
    bool is_readable = out->http.outcome == HTTP_ANSWERED && read_body(out);
    out->status = out->http.outcome == HTTP_ANSWERED ? out->http.status : 0;
    out->is_signed =
        out->http.outcome == HTTP_ANSWERED && is_signed(partner, signature, &out->http);
    out->was_repeated = out->http.send_count > 1;
    const char *code = "";
    if (out->json && out->is_signed && out->status >= 400 && out->status < 500 &&
        json_get_text(out->json, "code", &code) == ERR_OK) {
        snprintf(out->code, sizeof(out->code), "%s", code);
    }
    out->outcome = outcome_of(call, is_readable, out);
    log_outcome(partner, out);
}

void partner_answer_release(struct partner_answer *answer)
{
    json_decref(answer->json);
    answer->json = NULL;
    http_answer_release(&answer->http);
}

/* "ok", "refused", ... */
static const char *partner_outcome_name(enum partner_outcome outcome)
{
    switch (outcome) {
    case PARTNER_OK:
        return "ok";
    case PARTNER_REFUSED:
        return "refused";
    case PARTNER_NOT_DELIVERED:
        return "notDelivered";
    case PARTNER_UNKNOWN:
        break;
    }
    return "unknown";
}
