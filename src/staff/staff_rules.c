/* Pure decisions: roles, logins, passwords, locks, time codes. */
#include "staff/staff_rules.h"

#include "base/check.h"
#include "base/str.h"

#include <liboath/oath.h>
#include <string.h>
#include <strings.h>

const struct staff_rules STAFF_RULES = {
    .failures_max = 5,
    .lock_us = INT64_C(900000000),
    .session_idle_us = INT64_C(1800000000),
    .session_absolute_us = INT64_C(43200000000),
    .session_touch_us = INT64_C(60000000),
    .browser_life_us = INT64_C(90) * 24 * 3600 * 1000000,
    .password_passes = 3,
    .password_memory = 19 * 1024 * 1024,
};

/* --- Roles -------------------------------------------------------------------------------------
 */

#define BIT(permission) (1U << (permission))
#define SEE_ALL                                                                                    \
    (BIT(PERMIT_DASHBOARD) | BIT(PERMIT_CUSTOMERS) | BIT(PERMIT_PAYMENTS) | BIT(PERMIT_LEDGER) |   \
     BIT(PERMIT_JOBS) | BIT(PERMIT_CASES) | BIT(PERMIT_CHANGES))
/* Four eyes: who proposes also decides what others of the same trade propose. */
#define FOUR_EYES (BIT(PERMIT_CHANGES) | BIT(PERMIT_CHANGES_PROPOSE) | BIT(PERMIT_CHANGES_APPROVE))

static const struct {
    const char *name;
    uint32_t permissions;
} ROLES[STAFF_ROLE_COUNT] = {
    [ROLE_TELLER] = {"teller", BIT(PERMIT_DASHBOARD) | BIT(PERMIT_CUSTOMERS) | BIT(PERMIT_REVEAL) |
                                   BIT(PERMIT_CUSTOMER_CHANGE) | BIT(PERMIT_PAYMENTS) |
                                   BIT(PERMIT_PAYMENT_QUERY) | FOUR_EYES},
    [ROLE_ACCOUNTANT] = {"accountant", BIT(PERMIT_DASHBOARD) | BIT(PERMIT_PAYMENTS) |
                                           BIT(PERMIT_LEDGER) | BIT(PERMIT_JOBS) | FOUR_EYES |
                                           BIT(PERMIT_PARAMETERS)},
    [ROLE_OPERATOR] = {"operator", BIT(PERMIT_DASHBOARD) | BIT(PERMIT_PAYMENTS) |
                                       BIT(PERMIT_PAYMENT_QUERY) | BIT(PERMIT_JOBS) |
                                       BIT(PERMIT_JOBS_RUN) | FOUR_EYES},
    /* Sees everything, changes nothing. */
    [ROLE_AUDITOR] = {"auditor", SEE_ALL | BIT(PERMIT_AUDIT) | BIT(PERMIT_USERS)},
    /* Makes users; what a user may do is not the admin's own business. */
    [ROLE_ADMIN] = {"admin", BIT(PERMIT_DASHBOARD) | BIT(PERMIT_JOBS) | BIT(PERMIT_AUDIT) |
                                 BIT(PERMIT_USERS) | BIT(PERMIT_USERS_CHANGE) | FOUR_EYES |
                                 BIT(PERMIT_PARAMETERS)},
    /* Looks at cards and faces, and says whether they are of one person. */
    [ROLE_REVIEWER] = {"reviewer", BIT(PERMIT_DASHBOARD) | BIT(PERMIT_CUSTOMERS) |
                                       BIT(PERMIT_REVEAL) | BIT(PERMIT_CASES) |
                                       BIT(PERMIT_CASES_DECIDE)},
};

static const char *const PERMISSIONS[STAFF_PERMISSION_COUNT] = {
    [PERMIT_DASHBOARD] = "dashboard",
    [PERMIT_CUSTOMERS] = "customers",
    [PERMIT_REVEAL] = "reveal",
    [PERMIT_CUSTOMER_CHANGE] = "customerChange",
    [PERMIT_PAYMENTS] = "payments",
    [PERMIT_PAYMENT_QUERY] = "paymentQuery",
    [PERMIT_LEDGER] = "ledger",
    [PERMIT_JOBS] = "jobs",
    [PERMIT_JOBS_RUN] = "jobsRun",
    [PERMIT_AUDIT] = "audit",
    [PERMIT_USERS] = "users",
    [PERMIT_USERS_CHANGE] = "usersChange",
    [PERMIT_CASES] = "cases",
    [PERMIT_CASES_DECIDE] = "casesDecide",
    [PERMIT_CHANGES] = "changes",
    [PERMIT_CHANGES_PROPOSE] = "changesPropose",
    [PERMIT_CHANGES_APPROVE] = "changesApprove",
    [PERMIT_PARAMETERS] = "parameters",
};

const char *staff_role_name(enum staff_role role)
{
    CHECK(role < STAFF_ROLE_COUNT);
    return ROLES[role].name;
}

const char *staff_permission_name(enum staff_permission permission)
{
    CHECK(permission < STAFF_PERMISSION_COUNT);
    return PERMISSIONS[permission];
}

enum err staff_role_parse(const char *text, enum staff_role *out)
{
    for (int role = 0; role < STAFF_ROLE_COUNT; role++) {
        if (strcmp(text, ROLES[role].name) == 0) {
            *out = (enum staff_role)role;
            return ERR_OK;
        }
    }
    return ERR_INVALID_FIELD;
}

uint32_t staff_permissions_of(uint32_t roles)
{
    uint32_t permissions = 0;
    for (int role = 0; role < STAFF_ROLE_COUNT; role++) {
        if (roles >> role & 1U) {
            permissions |= ROLES[role].permissions;
        }
    }
    return permissions;
}

bool staff_may(uint32_t permissions, enum staff_permission permission)
{
    return (permissions >> permission & 1U) != 0;
}

const char *staff_state_name(enum staff_state state)
{
    return state == STAFF_ACTIVE ? "active" : "disabled";
}

enum err staff_state_parse(const char *text, enum staff_state *out)
{
    if (strcmp(text, "active") == 0) {
        *out = STAFF_ACTIVE;
        return ERR_OK;
    }
    if (strcmp(text, "disabled") == 0) {
        *out = STAFF_DISABLED;
        return ERR_OK;
    }
    return ERR_INVALID_FIELD;
}

/* --- Logins and passwords ------------------------------------------------------------------------
 */

enum err staff_login_check(const char *login)
{
    size_t size = strlen(login);
    bool is_login = size >= 2 && size < STAFF_LOGIN_SIZE && login[0] >= 'a' && login[0] <= 'z' &&
                    strspn(login, "abcdefghijklmnopqrstuvwxyz0123456789._-") == size;
    return is_login ? ERR_OK : ERR_INVALID_FIELD;
}

enum err staff_failures_decide(struct staff_failures *failures, bool is_right,
                               const struct staff_rules *rules, int64_t now_us)
{
    if (failures->locked_until > now_us) {
        return ERR_SIGN_IN_LOCKED;
    }
    failures->locked_until = 0;
    if (is_right) {
        failures->count = 0;
        return ERR_OK;
    }
    if (++failures->count < rules->failures_max) {
        return ERR_SIGN_IN_FAILED;
    }
    failures->count = 0;
    failures->locked_until = now_us + rules->lock_us;
    return ERR_SIGN_IN_LOCKED;
}

/* --- Time codes ----------------------------------------------------------------------------------
 */

int64_t staff_totp_step(const uint8_t secret[STAFF_TOTP_BYTES], const char *code, int64_t now_us,
                        int64_t last_step)
{
    if (strlen(code) != 6) {
        return -1;
    }
    int64_t now_step = now_us / 1000000 / TOTP_STEP_S;
    int64_t found = -1;
    for (int64_t step = now_step - 1; step <= now_step + 1; step++) {
        char wanted[7];
        unsigned different = 0;
        CHECK(oath_totp_generate((const char *)secret, STAFF_TOTP_BYTES,
                                 (time_t)(step * TOTP_STEP_S), TOTP_STEP_S, 0, 6,
                                 wanted) == OATH_OK);
        for (int i = 0; i < 6; i++) {
            different |= (unsigned)(wanted[i] ^ code[i]);
        }
        if (different == 0 && step > last_step) {
            found = step;
        }
    }
    return found;
}

bool staff_clock_is_behind(int64_t last_step, int64_t now_us)
{
    return now_us / 1000000 / TOTP_STEP_S + 1 < last_step;
}

void staff_totp_base32(const uint8_t secret[STAFF_TOTP_BYTES], char out[TOTP_BASE32_SIZE])
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    for (int group = 0; group < STAFF_TOTP_BYTES / 5; group++) {
        uint64_t bits = 0;
        for (int i = 0; i < 5; i++) {
            bits = bits << 8 | secret[5 * group + i];
        }
        for (int i = 0; i < 8; i++) {
            out[8 * group + i] = letters[bits >> (35 - 5 * i) & 31];
        }
    }
    out[TOTP_BASE32_SIZE - 1] = '\0';
}
