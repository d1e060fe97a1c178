/*
 * Signed JSON calls to an institution outside (registry, clearing house, SMS gateway): one way to
 * sign, one way to read the outcome. The signature is HMAC-SHA256 over "timestamp.METHOD.path.body"
 * in headers Sandbox-Key-Id, -Timestamp and -Signature (sandbox/README.md, "Signature").
 * A partner is read-only after partner_init: any thread. Calls block: never inside a transaction.
 */
#ifndef SYS_PARTNER_H
#define SYS_PARTNER_H

#include "base/json.h"
#include "sys/clock.h"
#include "sys/http_client.h"

#define PARTNER_CODE_SIZE   48
#define PARTNER_BASE_MAX    256
#define PARTNER_PATH_MAX    512
#define PARTNER_SECRET_SIZE 128

enum partner_outcome {
    PARTNER_OK,      /* 2xx and, where there is a body, a whole JSON object (or another type) */
    PARTNER_REFUSED, /* 4xx: understood and refused for good, see `code` */
    PARTNER_NOT_DELIVERED, /* nothing reached the other side, or it turned us away for now (408,
                              425, 429): no effect, may be repeated */
    PARTNER_UNKNOWN        /* no whole answer, 3xx, 5xx or an answer that cannot be read: ask, never
                              guess */
};

struct partner {
    const char *name;                /* for logs and metrics: "registry" */
    char base_url[PARTNER_BASE_MAX]; /* "http://127.0.0.1:8090", no slash at the end */
    char key_id[64];
    char secret[PARTNER_SECRET_SIZE];
    struct transport *transport;
    struct clock *clock;
    int64_t timeout_ms; /* of one call; 0: HTTP_CALL_TIMEOUT_MS */
};

struct partner_call {
    const char *method; /* "GET", "POST", "DELETE" */
    const char *path;   /* with its query, begins with a slash, percent-encoded by the caller */
    const json_t *body; /* NULL: none */
    bool may_repeat;    /* idempotent at the other side */
};

struct partner_answer {
    enum partner_outcome outcome;
    int status;                   /* 0 unless answered */
    char code[PARTNER_CODE_SIZE]; /* member "code" of a refusal, or "" */
    json_t *json;                 /* body where it was a JSON object, else NULL */
    struct http_answer http;      /* headers, and the body as it came (CSV files) */
};

/* ERR_INVALID_FIELD where an address is no http(s) URL or a text is too long. */
enum err partner_init(struct partner *partner, const char *name, const char *base_url,
                      const char *key_id, const char *secret, struct transport *transport,
                      struct clock *clock);
void partner_release(struct partner *partner); /* wipes the secret */
/* Fills *out always; the caller releases it always. Logs outcome, status and time, never a body. */
void partner_send(const struct partner *partner, const struct partner_call *call,
                  struct partner_answer *out);
void partner_answer_release(struct partner_answer *answer);
const char *partner_outcome_name(enum partner_outcome outcome); /* "ok", "refused", ... */
/* Hex of the signature, for tests and for partners that call us. */
#define PARTNER_SIGNATURE_SIZE 65
void partner_sign(const char *secret, int64_t timestamp_s, const char *method, const char *path,
                  const void *body, size_t size, char out[PARTNER_SIGNATURE_SIZE]);

#endif
