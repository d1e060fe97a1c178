/*
 * What an action asks for, by its risk. One table; what it says of a customer who has no face or no
 * strong factor falls away, but the pass code never does. NIST SP 800-63B 4.2 (re-authentication),
 * and the bank's own experience of who takes accounts over: with the pass code, from a new device.
 */
#include "base/check.h"
#include "customer/security.h"

#include <string.h>

enum when { NEVER, ON_NEW, ON_NEW_OR_UNKNOWN };

static const struct {
    const char *name;
    enum when face;
    enum when strong;
    bool strong_if_set; /* on every device, where the customer has one */
} ACTIONS[STEP_UP_ACTION_COUNT] = {
    /* An account is taken over by its number; a lost passkey must not lock its owner out of
     * removing it, so that asks for the face. */
    [ACTION_CHANGE_PHONE] = {"changePhone", ON_NEW_OR_UNKNOWN, NEVER, true},
    [ACTION_CHANGE_PASSCODE] = {"changePassCode", NEVER, NEVER, false},
    [ACTION_ADD_PASSKEY] = {"addPasskey", ON_NEW_OR_UNKNOWN, NEVER, false},
    [ACTION_REMOVE_PASSKEY] = {"removePasskey", ON_NEW_OR_UNKNOWN, NEVER, false},
    [ACTION_ADD_TOTP] = {"addTotp", ON_NEW_OR_UNKNOWN, NEVER, false},
    [ACTION_REMOVE_TOTP] = {"removeTotp", ON_NEW_OR_UNKNOWN, NEVER, false},
    [ACTION_REMOVE_DEVICE] = {"removeDevice", NEVER, NEVER, false}, /* in haste: a phone is gone */
    [ACTION_CLOSE_ACCOUNT] = {"closeAccount", ON_NEW, NEVER, true},
    [ACTION_EXPORT_ALL] = {"exportAll", ON_NEW, NEVER, true},
    [ACTION_BIND_CARD] = {"bindCard", NEVER, NEVER, false}, /* the card room asks for the face */
    [ACTION_PAYMENT] = {"payment", NEVER, NEVER, false},
    [ACTION_PAYMENT_LARGE] = {"paymentLarge", ON_NEW, ON_NEW, false},
};

static bool applies(enum when when, const struct step_up_signals *signals)
{
    return (when != NEVER && signals->device_is_new) ||
           (when == ON_NEW_OR_UNKNOWN && signals->device_is_unknown);
}

struct step_up_needs step_up_needs_of(enum step_up_action action,
                                      const struct step_up_signals *signals)
{
    CHECK(action >= ACTION_CHANGE_PHONE && action < STEP_UP_ACTION_COUNT);
    struct step_up_needs needs = {.factors = FACTOR_PASSCODE, .reasons = REASON_SENSITIVE};
    unsigned device = signals->device_is_new ? REASON_NEW_DEVICE : REASON_UNKNOWN_DEVICE;
    bool strong_by_device = applies(ACTIONS[action].strong, signals);
    if (signals->has_strong && (ACTIONS[action].strong_if_set || strong_by_device)) {
        needs.factors |= FACTOR_STRONG;
        needs.reasons |= strong_by_device ? device : REASON_STRONG_SET;
    }
    /* Face or passkey: where the device asks for either, the passkey of one who has it is enough. */
    bool is_enough = strong_by_device && signals->has_strong;
    if (signals->has_face && !is_enough && applies(ACTIONS[action].face, signals)) {
        needs.factors |= FACTOR_FACE;
        needs.reasons |= device;
    }
    return needs;
}

unsigned step_up_missing(const struct principal *principal, struct step_up_needs needs,
                         int64_t now_us)
{
    unsigned proven = 0;
    if (principal_is_stepped_up(principal, now_us)) {
        proven |= FACTOR_PASSCODE;
    }
    if (principal->face_until > now_us) {
        proven |= FACTOR_FACE;
    }
    if (principal->passkey_until > now_us || principal->totp_until > now_us) {
        proven |= FACTOR_STRONG;
    }
    return needs.factors & ~proven;
}

/* --- Names -------------------------------------------------------------------------------------
 */

const char *step_up_factor_name(enum step_up_factor factor)
{
    return factor == FACTOR_PASSCODE ? "passCode"
           : factor == FACTOR_FACE   ? "face"
                                     : "passkeyOrTotp";
}

const char *step_up_action_name(enum step_up_action action)
{
    CHECK(action >= ACTION_CHANGE_PHONE && action < STEP_UP_ACTION_COUNT);
    return ACTIONS[action].name;
}

enum err step_up_action_parse(const char *text, enum step_up_action *out)
{
    for (int i = ACTION_CHANGE_PHONE; i < STEP_UP_ACTION_COUNT; i++) {
        if (strcmp(text, ACTIONS[i].name) == 0) {
            *out = (enum step_up_action)i;
            return ERR_OK;
        }
    }
    return ERR_INVALID_FIELD;
}

const char *step_up_reason_name(enum step_up_reason reason)
{
    return reason == REASON_SENSITIVE        ? "sensitive"
           : reason == REASON_NEW_DEVICE     ? "newDevice"
           : reason == REASON_UNKNOWN_DEVICE ? "unknownDevice"
                                             : "strongSet";
}

const char *step_up_reason_text(enum step_up_reason reason, enum lang lang)
{
    static const char *const TEXTS[][2] = {
        {"This can move or lose money, so it asks for your pass code.",
         "该操作涉及资金安全，需要输入交易密码。"},
        {"This device is new.", "当前设备为新设备。"},
        {"This device is not known to us.", "无法识别当前设备。"},
        {"You set up a passkey or time codes, so they are asked for.",
         "您已设置通行密钥或动态验证码，需要验证。"},
    };
    int index = reason == REASON_SENSITIVE        ? 0
                : reason == REASON_NEW_DEVICE     ? 1
                : reason == REASON_UNKNOWN_DEVICE ? 2
                                                  : 3;
    return TEXTS[index][lang];
}
