/*
 * The HTTP API: routes, sessions, checks, problems, idempotency, rate limits, the OpenAPI document,
 * and the two apps as static files. It turns a request into one typed call and the call into one
 * command of the engine; it holds no rule of the bank.
 */
#ifndef API_API_H
#define API_API_H

#include "base/bins.h"
#include "base/regions.h"
#include "base/str.h"
#include "catalogue/catalogue.h"
#include "company/company.h"
#include "customer/customer.h"
#include "engine/engine.h"
#include "kyc/kyc.h"
#include "payment/payment.h"
#include "privacy/leaving.h"
#include "staff/staff.h"
#include "sys/http_server.h"
#include "sys/ratelimit.h"
#include "sys/vault.h"

struct api;

/* Everything pointed to outlives the API. */
struct api_options {
    struct engine *engine;
    struct customer_room *customers;
    struct staff_room *staff;
    struct kyc_room *kyc;
    struct company_room *companies;
    const struct privacy_room *privacy;
    const struct regions *regions;
    const struct catalogue *catalogue;
    const struct consent_texts *consents;
    const struct vault *vault;
    const struct bins *bins;
    const struct partner *partner;
    const char *share_folder; /* static pages */
    const char *customer_app; /* folder of the built app, NULL: none */
    const char *console_app;
    const char *sandbox_url; /* NULL: this bank has no sandbox */
    const char *origin;      /* of the apps, for passkeys; NULL or "": that of loopback requests */
    const char *hosts;       /* under which the bank is asked; NULL or "": any */
    const char *metrics_token; /* of /metrics; NULL or "": only on this machine */
    bool rate_limits;          /* false only for benches */
    /* End of day and other jobs, run by the server: asked for through these. */
    struct server_doors *doors;
};
enum err api_open(const struct api_options *options, struct api **out);
/* Callback of the HTTP server. */
void api_handle(struct http_request *request);
/* The same for a bank whose console has a listener of its own: the public one serves nothing of staff, the
 * console's nothing of customers. What is elsewhere is not found. */
void api_handle_public(struct http_request *request);
void api_handle_console(struct http_request *request);
/* Callback of the HTTP server before a large body is taken: session and rate first. False: refused, and
 * api_handle answers. */
bool api_admit(struct http_request *request);
/* Callback of the HTTP server before the body comes: how large it may be. Pictures have a limit of
 * their own; all else has `otherwise`. */
size_t api_body_limit(const struct http_request *request, size_t otherwise);
/* Finishes slow calls that are running; call after http_server_stop. */
void api_close(struct api *api);

/* Writes the OpenAPI 3.1 document of the route table: one line of JSON. ERR_NO_MEMORY. */
enum err api_document(struct str *out);

#endif
