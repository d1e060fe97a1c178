/*
 * Signed JSON calls to an institution outside (registry, clearing house, SMS gateway): one way to
 * sign, one way to read the outcome. The signature is HMAC-SHA256 over "timestamp.METHOD.path.body"
 * in headers Sandbox-Key-Id, -Timestamp and -Signature (sandbox/README.md, "Signature"). An answer is
 * signed over the call's signature, its status and body: what has no right signature comes from somebody on
 * the way, whatever its status, and means nothing.
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
    PARTNER_OK, /* signed 2xx and, where there is a body, a whole JSON object (or another type) that
                        names what was asked */
    PARTNER_REFUSED, /* signed 4xx with a code: understood and refused, see `code`. What was done by an
                        earlier sending of the same call is not said by it (`was_repeated`) */
    PARTNER_NOT_DELIVERED, /* nothing reached the other side: no effect, may be repeated */
    PARTNER_UNKNOWN /* all else: no whole answer, none that the other side has signed, 3xx, 408, 425,
                              429, 5xx, one that cannot be read or names something else: ask, never guess */
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
    const char *method;     /* "GET", "POST", "DELETE" */
    const char *path;       /* with its query, begins with a slash, percent-encoded by the caller */
    const json_t *body;     /* NULL: none */
    bool may_repeat;        /* idempotent at the other side */
    const char *echo_name;  /* member that repeats what was asked; NULL: none */
    const char *echo_value; /* and the text it has */
};

struct partner_answer {
    enum partner_outcome outcome;
    int status;                   /* 0 unless answered */
    char code[PARTNER_CODE_SIZE]; /* member "code" of a refusal, or "" */
    bool is_signed;               /* by the other side, for this very call */
    bool is_other;                /* signed, but names something else than was asked */
    bool was_repeated;            /* sent more than once, the answer is that of the last sending */
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
/* Hex of the signature of an answer to the call with that signature header ("v1=…"). */
void partner_sign_answer(const char *secret, const char *call_signature, int status,
                         const void *body, size_t size, char out[65]);
/* Hex of the signature, for tests and for partners that call us. */
#define PARTNER_SIGNATURE_SIZE 65
void partner_sign(const char *secret, int64_t timestamp_s, const char *method, const char *path,
                  const void *body, size_t size, char out[PARTNER_SIGNATURE_SIZE]);

#endif
