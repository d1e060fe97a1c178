/*
 * Pure decisions of the room: no database, no clock, no I/O. Life cycle of a customer, names, retry
 * limits, codes, locks, weak pass codes.
 */
#ifndef CUSTOMER_CUSTOMER_RULES_H
#define CUSTOMER_CUSTOMER_RULES_H

#include "base/name.h"
#include "customer/customer.h"

/* The life cycle of customer.h as a table. A state is no step from itself. */
bool customer_state_may_become(enum customer_state from, enum customer_state to);

/* --- Retry limits: so many in any span of time --------------------------------------------------
 */

struct retry_window {
    int count_max;
    int64_t span_us;
};
#define RETRY_NEWEST_MAX 32 /* instants looked at; every count_max is below it */
/* `newest` holds the instants of the newest attempts, newest first, as many as the largest window
 * counts. ERR_TOO_MANY_REQUESTS with the first instant at which another try would pass, never later than a
 * window from now. What was made while the clock was ahead of now counts in the last window alone, which
 * is the longest: a clock that was put back shuts nobody out for the time that it jumped. */
enum err customer_retry_decide(const int64_t *newest, size_t count,
                               const struct retry_window *windows, size_t window_count,
                               int64_t now_us, int64_t *out_retry_at);

/* --- One-time codes ----------------------------------------------------------------------------
 */

struct code_facts {
    bool is_found; /* under this id, for this phone and a purpose that fits */
    bool is_used;
    int tries; /* wrong ones before this one */
    int64_t expires_at;
    bool matches;
};
/* ERR_CODE_EXPIRED (unknown, used or old), ERR_CODE_EXHAUSTED, ERR_CODE_WRONG, ERR_OK. */
enum err customer_code_decide(const struct code_facts *facts, int tries_max, int64_t now_us);

/* --- Wrong pass codes ---------------------------------------------------------------------------
 */

struct failures {
    int count; /* in a row */
    int64_t locked_until;
};
/* One more answer. While locked nothing counts, not even a right one. `wrong` is the refusal of a
 * wrong answer; the last one allowed locks (ERR_SIGN_IN_LOCKED), each lock in a row twice as long as the one
 * before and at most a day. */
struct verdict customer_failures_decide(struct failures *failures, bool is_right, int failures_max,
                                        int64_t lock_us, enum err wrong, int64_t now_us);

/* --- Pass codes ---------------------------------------------------------------------------------
 */

struct passcode_context {
    const char *phone;     /* "+8613800000000" or NULL */
    const char *id_number; /* or NULL */
    bool has_birth_date;
    struct date birth_date;
};
/* ERR_INVALID_FIELD unless six ASCII digits; ERR_PASSCODE_WEAK: one or two different digits, equal
 * steps, a repeated half or third, a part of phone, ID number or birth date, or one of the
 * commonest. */
enum err passcode_decide(const char *passcode, const struct passcode_context *context);

/* --- Names --------------------------------------------------------------------------------------
 */

/* Cuts a device's name to 40 characters; a character that no text may hold becomes a blank; ""
 * becomes "?". */
void name_clean_device(const char *text, char out[DEVICE_NAME_SIZE]);
void name_mask_id_number(const char *id_number,
                         char out[ID_NUMBER_SIZE]); /* "11**************1X" */

/* --- Sessions -----------------------------------------------------------------------------------
 */

/* When a session is over if nothing happens. */
int64_t customer_session_ends_at(int64_t created_at, int64_t last_seen_at,
                                 const struct customer_rules *rules);
/* From then on the session rests: it lives on, and sees nothing until a proof. */
int64_t customer_session_rests_at(int64_t proven_at, int64_t last_seen_at,
                                  const struct customer_rules *rules);

#endif
