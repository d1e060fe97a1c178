/*
 * The route table: one row per endpoint. From it come routing, validation, authorisation, and the
 * OpenAPI document, so that none of them can disagree.
 */
#ifndef API_ROUTE_H
#define API_ROUTE_H

#include "base/err.h"
#include "staff/staff.h"
#include "sys/http_server.h"

#include <stdbool.h>
#include <stddef.h>

struct call;
struct uow;

enum field_type {
    FIELD_TEXT, /* min..max characters; pattern is prose for the document */
    FIELD_INT,  /* min..max */
    FIELD_BOOL,
    FIELD_ID,        /* decimal string, 1..2^63-1 */
    FIELD_MONEY,     /* {"amount","currency"}; in requests positive */
    FIELD_DATE,      /* YYYY-MM-DD */
    FIELD_INSTANT,   /* RFC 3339 */
    FIELD_DECIMAL,   /* decimal string, as amounts of reports */
    FIELD_ENUM,      /* one of values */
    FIELD_BILINGUAL, /* {"en","zh"}; answers only */
    FIELD_OBJECT,    /* of `schema`'s fields */
    FIELD_LIST,      /* of objects of `schema`, or of texts where schema is NULL */
    FIELD_INT_LIST,  /* answers only: whole numbers */
    FIELD_ANY        /* an object that the description does not go into */
};

/* What a FIELD_TEXT is, so that it is brought to its written form (base/text.h) before its bounds are
 * judged; min and max count characters of the written form. */
enum field_form {
    FORM_TEXT,   /* composed (NFC) */
    FORM_NAME,   /* of a person: name_parse */
    FORM_NUMBER, /* digits and capitals without blanks, dashes, dots, width */
    FORM_PHONE   /* "+8613800138000" if it is a phone number, else FORM_NUMBER's */
};
#define FIELD_TYPED_MAX 200 /* characters as typed, of every form but FORM_TEXT */

struct schema;

/* One member of a body, an answer, or one query parameter. A table ends with a NULL name. */
struct field {
    const char *name;
    enum field_type type;
    bool required;             /* requests: must be there; answers: is always there */
    bool nullable;             /* may be null; in a request that is as if it were left out */
    long long min, max;        /* characters, value, or items; max 0: no bound of its own */
    enum field_form form;      /* FIELD_TEXT of requests */
    const char *const *values; /* FIELD_ENUM: NULL-terminated */
    const char *pattern; /* FIELD_TEXT: ECMA 262 regular expression, "" none; see field_check */
    bool (*check)(const char *text); /* FIELD_TEXT: what `pattern` says, in code; NULL: none */
    const struct schema *schema;     /* FIELD_OBJECT, FIELD_LIST */
    const char *text;                /* what it is, in English, for the document */
};

/* A named object of the document's components. */
struct schema {
    const char *name;
    const struct field *fields;
    const char *text;
};

enum scope { SCOPE_OPEN, SCOPE_CUSTOMER, SCOPE_STAFF };

enum route_flag {
    ROUTE_IDEMPOTENT = 1,   /* Idempotency-Key required; answers and refusals are stored */
    ROUTE_SLOW = 2,         /* runs on a worker thread: Argon2id, a partner's answer, long reads */
    ROUTE_RENDER_LATER = 4, /* with IDEMPOTENT: what is stored is result_id; `finish` renders the
                               answer anew, also for a repeat (state may have moved on) */
    ROUTE_LIST = 8,         /* answer is {"items": [schema…]}; takes limit and cursor */
    ROUTE_RAW = 16,         /* answer is not the schema's JSON alone (CSV, PDF, page) */
    ROUTE_NO_STEP = 32,     /* open to customers whose onboarding is not complete: informative */
    ROUTE_IF_MATCH = 64,    /* asks call_if_match: the document names the header */
    ROUTE_PICTURE = 128,    /* PUT, POST: the body is a picture, call_picture; GET: the answer is */
    ROUTE_LIMITED =
        512, /* open to a session that rests on a text code alone (principal.is_limited) */
    ROUTE_LIMITED_FACELESS =
        1024, /* with LIMITED: open to it only for a customer who has no face on file to show */
    ROUTE_LOGGED = 256 /* shows staff a customer's data: its commit leaves an entry in the audit
                               log (audit_call), durable before anything is shown */
};

/* Handlers give ERR_OK or the error that becomes the problem answer (call_problem_* add to it).
 * prepare: before the transaction; may read and be slow (ROUTE_SLOW); never writes.
 * commit: inside the transaction (NULL: the route only reads); may run more than once.
 * finish: after the transaction is durable; renders what commit did not. */
typedef enum err route_prepare(struct call *call);
typedef enum err route_commit(struct call *call, struct uow *uow);

struct route {
    enum http_method method;
    const char *path;      /* "/v1/accounts/{accountId}": parameters are ids or texts */
    const char *operation; /* operationId: "listAccounts" */
    const char *tag;       /* group of the document: "Accounts" */
    const char *text;      /* one sentence */
    enum scope scope;
    enum staff_permission permission; /* SCOPE_STAFF */
    int flags;
    const struct field *query;   /* NULL: none (limit and cursor come with ROUTE_LIST) */
    const struct field *body;    /* NULL: takes no body */
    int status;                  /* of success: 200, 201, 202, 204 */
    const struct schema *answer; /* NULL: no body */
    route_prepare *prepare;
    route_commit *commit;
    route_prepare *finish;
    const char *lane; /* of a slow route, where it is not that of its kind: slow.c */
    const char *rate; /* name of a rate policy of its own; NULL: the principal's common one */
};

/* Tables of the rooms' endpoints; each ends with a NULL path. */
extern const struct route routes_open[];
extern const struct route routes_customer[];
extern const struct route routes_security[];
extern const struct route routes_passkey[];
extern const struct route routes_account[];
extern const struct route routes_account_life[];
extern const struct route routes_card[];
extern const struct route routes_payment[];
extern const struct route routes_privacy[];
extern const struct route routes_kyc[];
extern const struct route routes_staff[];
extern const struct route routes_staff_user[];
extern const struct route routes_staff_books[];
extern const struct route routes_staff_operation[];
extern const struct route routes_staff_change[];
extern const struct route routes_staff_case[];
extern const struct route routes_company[];
extern const struct route routes_company_user[];
extern const struct route routes_staff_company[];
extern const struct route routes_staff_alert[];
extern const struct route routes_staff_phone[];
extern const struct route routes_order[];

/* All of them, one after another: i from 0 until NULL. */
const struct route *route_at(size_t i);

#define ROUTE_PATH_PARAMS_MAX 3
struct route_match {
    const struct route *route;                 /* NULL: no such path */
    const char *params[ROUTE_PATH_PARAMS_MAX]; /* into the request's arena */
    unsigned allowed; /* methods of that path, 1 << enum http_method, for 405 and Allow */
};
void route_match(struct http_request *request, struct route_match *out);
/* The route that a path and method belong to, parameters left out; NULL: none. Needs no arena. */
const struct route *route_find(enum http_method method, const char *path);

#endif
