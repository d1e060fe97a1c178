/*
 * The route table: one row per endpoint. From it come routing, validation, authorisation, and the
 * OpenAPI document, so that none of them can disagree.
 */
#ifndef WEB_ROUTE_H
#define WEB_ROUTE_H

#include "base/err.h"
#include "sys/http_server.h"
#include "sys/ratelimit.h"
#include "web/schema.h"

#include <stdbool.h>
#include <stddef.h>

struct call;
struct house;
struct room_parts;
struct uow;

/*
 * Who may ask: a scope is brought by the room whose sessions it is of. `authorise` sets the call's
 * principal, principal_id and, where its session is to be touched, touch_session; it reads call->token.
 */
struct web_scope {
    const char *name;
    const char *rate;     /* policy of its principals; of addresses where authorise is NULL */
    const char *cookie;   /* of its session */
    bool takes_bearer;    /* the same token in Authorization: Bearer */
    const char *security; /* of the document: JSON list of an operation's schemes */
    const char *schemes;  /* of the document: members of securitySchemes; NULL: none */
    const char *audience; /* description of its tags */
    enum err (*authorise)(struct call *call); /* NULL: everybody, without a session */
    /* After the rate and before the body: is this route open to this session? NULL: it is. */
    enum err (*admit)(struct call *call);
    /* In the transaction, before commit: who asks, as they are now. NULL: as authorised. */
    enum err (*judge)(struct call *call, struct uow *uow);
    /* Notes in a transaction of its own that the session is in use. */
    enum err (*touch)(const struct house *house, struct uow *uow, int64_t session);
    /* Adds what a problem of its calls has beside the common members. NULL: nothing. */
    void (*explain)(struct call *call);
    /* Name of a row's permission for the document. NULL: its rows have none. */
    const char *(*permission_name)(int permission);
};
/* Everybody. */
extern const struct web_scope open_scope;

/* A picture that is a body, at most. */
#define PICTURE_BYTES_MAX (3 * 1024 * 1024)

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
    const struct web_scope *scope;
    int permission; /* as its scope understands it */
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

/* A budget of a principal, or of an address where a route has no session. A list ends with a NULL name; names
 * of all rooms differ. */
struct rate_row {
    const char *name;
    struct ratelimit_policy policy;
};

/* Members that a room adds to problems, as the document describes them: JSON members, by place; a list ends
 * with NULL. No two have the same place. */
struct problem_members {
    int place; /* 1 or more */
    const char *json;
};

/* A table of a room. The document shows all tables by their chapters, whatever rooms they are of and in
 * whatever order these stand; a list ends with NULL rows. */
struct route_table {
    int chapter;              /* 1 or more; no two tables have the same */
    const struct route *rows; /* ends with a NULL path */
};

#define ROUTES_MAX 320
struct router {
    const struct route
        *rows[ROUTES_MAX]; /* by chapter, then as the table has them; NULL after the last */
    size_t count;
};
/* Of all rooms. CHECK: chapters differ, each row has a scope, and there are fewer than ROUTES_MAX. */
void router_init(struct router *out, const struct room_parts *const *rooms);

#define ROUTE_PATH_PARAMS_MAX 3
struct route_match {
    const struct route *route;                 /* NULL: no such path */
    const char *params[ROUTE_PATH_PARAMS_MAX]; /* into the request's arena */
    unsigned allowed; /* methods of that path, 1 << enum http_method, for 405 and Allow */
};
void route_match(const struct router *router, struct http_request *request,
                 struct route_match *out);
/* The route that a path and method belong to, parameters left out; NULL: none. Needs no arena. */
const struct route *route_find(const struct router *router, enum http_method method,
                               const char *path);

#endif
