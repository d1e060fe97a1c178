/*
 * One request on its way through the bank: what it asks, who asks, what is answered. Handlers see a
 * call after its session, rate limit, parameters and body were checked against the route's row.
 *
 * Memory: everything of a call lives in the request's arena and is gone once it is answered.
 */
#ifndef WEB_CALL_H
#define WEB_CALL_H

#include "base/date.h"
#include "base/err.h"
#include "base/json.h"
#include "base/str.h"
#include "engine/engine.h"
#include "frame/doors.h"
#include "frame/lane.h"
#include "frame/room.h"
#include "sys/http_server.h"
#include "web/route.h"
#include "web/web.h"

#define CALL_FIELD_ERRORS_MAX 32
#define CALL_MEMBERS_MAX      8

struct field_error {
    const char *pointer; /* "#/instructedAmount/amount", or "?limit" for a query parameter */
    const char *detail;  /* in the call's language */
};

struct problem_member {
    const char *name;
    const char *json; /* its value, already JSON */
};

struct call {
    struct web *web;
    const struct route *route;
    struct http_request *request;
    struct arena *arena; /* the request's */
    int64_t now_us;      /* instant of arrival */
    enum lang lang;
    char trace_id[33];
    const char *params[ROUTE_PATH_PARAMS_MAX]; /* path parameters as text */
    json_t *body;                              /* checked object; NULL: none */
    const char *token;                         /* of the session */
    bool by_cookie;
    const struct web_scope *principal_scope; /* whose principal it is; NULL: nobody's */
    void *principal;       /* that scope's own, in the arena: its room reads it with its type */
    int64_t principal_id;  /* 0: nobody */
    int64_t touch_session; /* due to be noted as in use; 0: none */

    /* The answer. commit and finish append to `out`; a second run of commit starts anew. */
    int status;
    struct str out;
    const char *content_type;
    struct http_response response; /* extra headers, etag; body and status are set from the above */
    int64_t result_id;             /* ROUTE_RENDER_LATER */
    enum err err;
    struct field_error field_errors[CALL_FIELD_ERRORS_MAX];
    size_t field_error_count;
    struct problem_member members[CALL_MEMBERS_MAX];
    size_t member_count;
    bool replayed;

    struct lane_work lane_work; /* a slow route's */
    void (*run)(struct call *call);
    void (*shed)(struct call *call, enum err err);
    bool is_admitted;  /* session and rate were judged before the body came */
    const char *cause; /* the database's own message, for the log; NULL: none */
    void *state;       /* the handler's own, in the arena */
    struct engine_command command;
    int runs;                         /* of commit */
    struct http_response before_runs; /* the answer as it was before the first run of commit */
    bool is_logged;                   /* this run left an entry in the audit log: ROUTE_LOGGED */
    const char *idempotency_key;
    uint8_t fingerprint[32];
    uint64_t running_key;   /* its place among the keys running now; 0: none */
    enum err prepare_error; /* prepare refused: the command finds or keeps the answer only */
};

/* --- What was asked --------------------------------------------------------------------------- */

/* Path parameter k as an id; ERR_NOT_FOUND where it is none (an id that cannot be is not found). */
enum err call_path_id(struct call *call, size_t k, int64_t *out);
const char *call_path_text(struct call *call, size_t k);
/* The picture that is the body (ROUTE_PICTURE): JPEG, PNG or WebP by its Content-Type. */
const void *call_picture(const struct call *call, size_t *out_size);
/* Members of the checked body. Absent optional ones: NULL, `otherwise`. */
bool call_has(const struct call *call, const char *name);
const char *call_text(const struct call *call, const char *name);
int64_t call_int(const struct call *call, const char *name, int64_t otherwise);
bool call_bool(const struct call *call, const char *name, bool otherwise);
int64_t call_id(const struct call *call, const char *name); /* 0: absent */
struct money call_money(const struct call *call, const char *name);
/* Checked query parameters. */
const char *call_query(const struct call *call, const char *name); /* NULL: absent */
bool call_query_date(const struct call *call, const char *name, struct date *out);
bool call_query_instant(const struct call *call, const char *name, int64_t *out);
bool call_query_money(const struct call *call, const char *name, struct ccy ccy,
                      int64_t *out_minor);
/* limit (1..100, default 20) and cursor (an id; 0: from the newest) of a list. */
size_t call_limit(const struct call *call);
int64_t call_cursor(const struct call *call);
/* ERR_VERSION_CHANGED (412) where If-Match is there and names another version; *out 0: unconditional */
enum err call_if_match(struct call *call, int64_t *out_version);

/* Days from..to of the query as instants [*out_from, *out_to) of the bank's civil time; 0: open. */
void call_query_days(const struct call *call, int64_t *out_from, int64_t *out_to);
/* The query's text without the blanks that people group digits with; NULL: absent. In the arena. */
const char *call_query_search(struct call *call);

/* --- What the handlers work with ---------------------------------------------------------------- */

struct engine *call_engine(const struct call *call);
const struct vault *call_vault(const struct call *call);
/* The house, which rooms find their own state by. */
const struct house *call_house(const struct call *call);
/* What the server brings; NULL where there is none. */
const struct server_doors *call_doors(const struct call *call);
/* Runs `reading` on a reading connection: all that it shows is of one state. */
typedef enum err call_reading(struct call *call, struct db_conn *conn);
enum err call_read(struct call *call, call_reading *reading);

/* One try at a number (a phone, a login) from one address: whoever shares an address with many others has
 * budgets of their own, and a stranger elsewhere cannot use up the owner's. ERR_TOO_MANY_REQUESTS. */
enum err rate_limit_number(struct call *call, const char *number);
/* A principal's budget of a policy by its name: is something left (ERR_TOO_MANY_REQUESTS), and takes one. */
enum err rate_check_left(struct call *call, const char *policy);
void rate_take_one(struct call *call, const char *policy);

/* --- What is answered ------------------------------------------------------------------------- */

/* Adds a wrong field; the call then answers 400 invalid-field (or `err` where it was set). Texts are
 * copied. */
void call_field_error(struct call *call, const char *pointer, const char *en, const char *zh);
/* Extension members of the problem: "triesLeft", "retryAfter" (also sets Retry-After). */
void call_member_int(struct call *call, const char *name, int64_t value);
void call_member_money(struct call *call, const char *name, struct money value);
void call_member_text(struct call *call, const char *name, const char *value);
void call_retry_at(struct call *call, int64_t at_us);
/* The same with a value that is JSON already; NULL (no memory) adds nothing. */
void call_member_json(struct call *call, const char *name, const char *json);
/* A refusal to be blamed on one member: its sentence at the pointer ("#/phone"). Returns `err`. */
enum err call_blame(struct call *call, enum err err, const char *pointer);

/* Before each run of commit: nothing of an earlier run's answer is left, neither body nor headers. */
void call_start_run(struct call *call);
/* Whether a browser asks (Fetch Metadata, RFC 6454): it gets a session as a cookie, which no script
 * reads, and everybody else as a token. */
bool call_is_browser(const struct call *call);
/* ERR_CROSS_ORIGIN where a browser asks for another site's page. */
enum err call_same_origin(const struct call *call);
/* Sets a cookie of this host, or clears it (value NULL). */
void call_set_cookie(struct call *call, const char *name, const char *value, int64_t max_age_s);
void call_etag(struct call *call, int64_t version);
/* Link: <…cursor=…>; rel="next" on a list. */
void call_next(struct call *call, int64_t cursor);
/* Content-Disposition with an ASCII file name. */
void call_file_name(struct call *call, const char *name);

/* --- JSON into call->out ---------------------------------------------------------------------------
 * A tiny writer that sets the commas between members. Use open/close in pairs. */
void out_open(struct call *call, const char *name, char bracket); /* name NULL: in a list or top */
void out_close(struct call *call, char bracket);
void out_text(struct call *call, const char *name, const char *value); /* NULL value: null */
void out_int(struct call *call, const char *name, int64_t value);
void out_bool(struct call *call, const char *name, bool value);
void out_id(struct call *call, const char *name, int64_t value);         /* as text; 0: null */
void out_instant(struct call *call, const char *name, int64_t value_us); /* 0: null */
void out_date(struct call *call, const char *name, struct date value);
void out_money(struct call *call, const char *name, struct money value);
void out_bilingual(struct call *call, const char *name, const char *en, const char *zh);
void out_raw(struct call *call, const char *name, const char *json);
/* Left out where there is none: NULL or "", 0. */
void out_optional_text(struct call *call, const char *name, const char *value);
void out_optional_id(struct call *call, const char *name, int64_t value);
void out_optional_instant(struct call *call, const char *name, int64_t value_us);
const char *out_null_if_empty(const char *text); /* NULL for "", so that out_text writes null */
void out_hash(struct call *call, const char *name, const uint8_t hash[32]); /* hexadecimal */

#endif
