/* Pure decisions of the room: logins, passwords, locks, time codes. */
#ifndef STAFF_STAFF_RULES_H
#define STAFF_STAFF_RULES_H

#include "staff/staff.h"

/* 2..32 of a-z 0-9 . _ - beginning with a letter. ERR_INVALID_FIELD. */
enum err staff_login_check(const char *login);
/* ERR_PASSWORD_WEAK: length; digits only; contains the login; too little is left without well-known words,
 * the name, the bank's name, sequences and repetitions. `login` and `name` NULL: not known yet. */
enum err staff_password_check(const char *password, const char *login, const char *name);

struct staff_failures {
    int count;
    int64_t locked_until;
};
/* One more sign-in. While locked nothing counts. ERR_OK, ERR_SIGN_IN_FAILED, ERR_SIGN_IN_LOCKED. */
enum err staff_failures_decide(struct staff_failures *failures, bool is_right,
                               const struct staff_rules *rules, int64_t now_us);

/* RFC 6238: SHA-1, 30 seconds, six digits, one step either side. The step of the code, or -1 where
 * it fits none that is later than `last_step`. */
#define TOTP_STEP_S 30
int64_t staff_totp_step(const uint8_t secret[STAFF_TOTP_BYTES], const char *code, int64_t now_us,
                        int64_t last_step);
/* Whether the clock is before the last used code by more than a step: it stepped back,
 * and codes of the right time cannot be verified. */
bool staff_clock_is_behind(int64_t last_step, int64_t now_us);
/* RFC 4648 §6 without padding: 20 bytes are 32 letters and a NUL. */
#define TOTP_BASE32_SIZE 33
void staff_totp_base32(const uint8_t secret[STAFF_TOTP_BYTES], char out[TOTP_BASE32_SIZE]);

#endif
