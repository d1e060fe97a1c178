/*
 * The life of a channel payment.
 *
 *              ACCEPTED                                   settle
 *   RCVD/PDNG ──────────────────────────────────────────► ACSC   (REJECTED, VOID here: alert)
 *      │ ▲  │  REJECTED, VOID, NOT_SENT of the only attempt
 *      └─┘  └───────────────────────────────────────────► RJCT   (ACCEPTED here: suspense, alert)
 *   PENDING, UNKNOWN,                                     release
 *   NOT_SENT of one of several: ask again
 */
#include "payment/payment_rules.h"

#include "base/check.h"

#include <stddef.h>
#include <string.h>

static const char *const kind_names[] = {"transfer", "topUp", "withdrawal"};
static const char *const status_names[] = {"RCVD", "PDNG", "ACSC", "RJCT"};
static const char *const event_names[] = {"accepted", "rejected", "pending",
                                          "unknown",  "notSent",  "void"};

const char *payment_kind_name(enum payment_kind kind)
{
    CHECK(kind >= PAYMENT_TRANSFER && kind <= PAYMENT_WITHDRAWAL);
    return kind_names[kind - PAYMENT_TRANSFER];
}

const char *payment_status_name(enum payment_status status)
{
    CHECK(status >= PAYMENT_RCVD && status <= PAYMENT_RJCT);
    return status_names[status - PAYMENT_RCVD];
}

const char *payment_event_name(enum payment_event event)
{
    CHECK(event >= PAYMENT_EVENT_ACCEPTED && event <= PAYMENT_EVENT_VOID);
    return event_names[event - PAYMENT_EVENT_ACCEPTED];
}

enum err payment_kind_parse(const char *text, enum payment_kind *out)
{
    for (int i = 0; i < 3; i++) {
        if (strcmp(kind_names[i], text) == 0) {
            *out = (enum payment_kind)(i + PAYMENT_TRANSFER);
            return ERR_OK;
        }
    }
    return ERR_INVALID_FIELD;
}

enum err payment_status_parse(const char *text, enum payment_status *out)
{
    for (int i = 0; i < 4; i++) {
        if (strcmp(status_names[i], text) == 0) {
            *out = (enum payment_status)(i + PAYMENT_RCVD);
            return ERR_OK;
        }
    }
    return ERR_INVALID_FIELD;
}

struct payment_step payment_next(enum payment_status status, enum payment_event event, bool sole)
{
    /* Rows: open (RCVD, PDNG), ACSC, RJCT. Columns: enum payment_event. */
    static const struct payment_step steps[3][PAYMENT_EVENT_COUNT] = {
        {{PAYMENT_ACSC, PAYMENT_SETTLE},
         {PAYMENT_RJCT, PAYMENT_REJECT},
         {PAYMENT_PDNG, PAYMENT_WAIT},
         {PAYMENT_PDNG, PAYMENT_WAIT},
         {PAYMENT_PDNG, PAYMENT_WAIT},
         {PAYMENT_RJCT, PAYMENT_REJECT}},
        {{PAYMENT_ACSC, PAYMENT_NOTHING},
         {PAYMENT_ACSC, PAYMENT_ALERT},
         {PAYMENT_ACSC, PAYMENT_NOTHING},
         {PAYMENT_ACSC, PAYMENT_NOTHING},
         {PAYMENT_ACSC, PAYMENT_NOTHING},
         {PAYMENT_ACSC, PAYMENT_ALERT}},
        {{PAYMENT_RJCT, PAYMENT_SUSPENSE},
         {PAYMENT_RJCT, PAYMENT_NOTHING},
         {PAYMENT_RJCT, PAYMENT_NOTHING},
         {PAYMENT_RJCT, PAYMENT_NOTHING},
         {PAYMENT_RJCT, PAYMENT_NOTHING},
         {PAYMENT_RJCT, PAYMENT_NOTHING}},
    };
    CHECK(status >= PAYMENT_RCVD && status <= PAYMENT_RJCT);
    CHECK(event >= PAYMENT_EVENT_ACCEPTED && event <= PAYMENT_EVENT_VOID);
    bool open = status == PAYMENT_RCVD || status == PAYMENT_PDNG;
    if (open && event == PAYMENT_EVENT_NOT_SENT && sole) {
        return (struct payment_step){PAYMENT_RJCT, PAYMENT_REJECT};
    }
    int row = open ? 0 : status == PAYMENT_ACSC ? 1 : 2;
    return steps[row][event - PAYMENT_EVENT_ACCEPTED];
}

bool payment_may_query(int64_t now_us, int64_t contact_at, bool answered)
{
    bool stepped_back = contact_at - now_us > PAYMENT_GRACE_US;
    return stepped_back ||
           now_us - contact_at >= (answered ? PAYMENT_QUERY_GAP_US : PAYMENT_GRACE_US);
}

int64_t payment_next_query_at(int64_t asked_at, int32_t query_count, bool answered)
{
    CHECK(asked_at >= 0);
    static const int64_t pauses_s[] = {2, 5, 15, 60, 300, 900};
    size_t last = sizeof pauses_s / sizeof pauses_s[0] - 1;
    size_t at = query_count < 0 ? 0 : (size_t)query_count;
    int64_t pause_us = pauses_s[at < last ? at : last] * 1000000;
    if (!answered && pause_us < PAYMENT_GRACE_US) {
        pause_us = PAYMENT_GRACE_US;
    }
    return asked_at + pause_us;
}
