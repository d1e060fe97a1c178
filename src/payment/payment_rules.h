/*
 * The life of a channel payment, pure: state and event to state and action, and when to ask again.
 */
#ifndef PAYMENT_PAYMENT_RULES_H
#define PAYMENT_PAYMENT_RULES_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

enum payment_kind { PAYMENT_TRANSFER = 1, PAYMENT_TOP_UP = 2, PAYMENT_WITHDRAWAL = 3 };
/*   RCVD received, nothing sent yet · PDNG sent, outcome not known · ACSC settled · RJCT rejected.
 *   The last two are final; the table is in payment_rules.c. */
enum payment_status { PAYMENT_RCVD = 1, PAYMENT_PDNG = 2, PAYMENT_ACSC = 3, PAYMENT_RJCT = 4 };
const char *payment_kind_name(enum payment_kind kind);       /* "topUp" */
const char *payment_status_name(enum payment_status status); /* "ACSC" */
/* ERR_INVALID_FIELD. */
enum err payment_kind_parse(const char *text, enum payment_kind *out);
enum err payment_status_parse(const char *text, enum payment_status *out);

/* What can be heard of an instruction. */
enum payment_event {
    PAYMENT_EVENT_ACCEPTED = 1, /* ACSC: settled over there, final */
    PAYMENT_EVENT_REJECTED = 2, /* RJCT: refused over there, final */
    PAYMENT_EVENT_PENDING = 3,  /* PDNG: known over there, not decided */
    PAYMENT_EVENT_UNKNOWN = 4,  /* no answer: anything may have happened */
    PAYMENT_EVENT_NOT_SENT = 5, /* this request had no effect; another one may have */
    PAYMENT_EVENT_VOID = 6      /* 404 to a query, 410: never happened and never will, final */
};
#define PAYMENT_EVENT_COUNT 6
/* A query this soon after an instruction may overtake it, and would call it off. */
#define PAYMENT_GRACE_US INT64_C(5000000)
/* The longest pause between two queries. A later next query was planned before the clock stepped back. */
#define PAYMENT_PAUSE_MAX_US INT64_C(900000000)
const char *payment_event_name(enum payment_event event);

enum payment_action {
    PAYMENT_NOTHING = 0,  /* heard before */
    PAYMENT_SETTLE = 1,   /* post or capture */
    PAYMENT_REJECT = 2,   /* release limits or hold */
    PAYMENT_WAIT = 3,     /* set the next query */
    PAYMENT_SUSPENSE = 4, /* settled after all: money to suspense, alert */
    PAYMENT_ALERT = 5     /* the channel contradicts itself: alert, change nothing */
};

struct payment_step {
    enum payment_status status;
    enum payment_action action;
};
/* `sole` is true where the event answers the only attempt ever made: then NOT_SENT is a final no.
 */
struct payment_step payment_next(enum payment_status status, enum payment_event event, bool sole);

/* May the channel be asked now? No sooner than the gap after the newest contact, and not while an
 * instruction whose arrival is not known may still be on its way. A contact in the future was noted before
 * the clock stepped back: it holds nothing up. */
#define PAYMENT_QUERY_GAP_US INT64_C(2000000)
bool payment_may_query(int64_t now_us, int64_t contact_at, bool answered);

/* When to ask next: 2 s, 5 s, 15 s, 1 min, 5 min, then every 15 min after the newest contact; never
 * within the grace of an instruction whose arrival is not known. */
int64_t payment_next_query_at(int64_t asked_at, int32_t query_count, bool answered);

#endif
