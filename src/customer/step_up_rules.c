/*
 * What an action asks for: one table, action by what the proof rests on. The pass code always; a guard
 * beside it by the risk of the action; and a factor older than the reset if the pass code was made from a
 * text code. Before the first pass code a text code alone opens a session: passcode_set() ends all but its
 * own and takes the others' devices for unknown.
 * NIST SP 800-63B 4.2 (re-authentication) and 6.1.2.3 (binding after recovery), ASVS 2.2 and 2.5.
 */
#include "base/check.h"
#include "customer/security.h"

#include <string.h>

/* A guard asks for one factor of a set, of those that the customer has. */
enum guard {
    GUARD_NONE,   /* the pass code is enough */
    GUARD_VIEW,   /* a session that rests on more than a text code is enough, without a pass code */
    GUARD_NEW,    /* on a new device: passkey, time code or face */
    GUARD_SET,    /* as GUARD_NEW, and on every device of one who has a passkey or time codes */
    GUARD_FACTOR, /* a factor comes, or the phone number moves: passkey or face, else time code */
    GUARD_PASSKEY, /* a passkey goes: passkey or face, if there is none by showing it anew */
    GUARD_TOTP     /* time codes go: as GUARD_PASSKEY, or a time code */
};

static const struct {
    const char *name;
    enum guard guard;
} ACTIONS[STEP_UP_ACTION_COUNT] = {
    [ACTION_VIEW] = {"view", GUARD_VIEW},
    [ACTION_CHANGE_PHONE] = {"changePhone", GUARD_FACTOR},
    [ACTION_CHANGE_PASSCODE] = {"changePassCode", GUARD_NONE}, /* what it rests on goes with it */
    [ACTION_ADD_PASSKEY] = {"addPasskey", GUARD_FACTOR},
    [ACTION_REMOVE_PASSKEY] = {"removePasskey", GUARD_PASSKEY},
    [ACTION_ADD_TOTP] = {"addTotp", GUARD_FACTOR},
    [ACTION_REMOVE_TOTP] = {"removeTotp", GUARD_TOTP},
    [ACTION_REMOVE_FACE] = {"removeFace",
                            GUARD_NEW}, /* a consent is taken back as easily as given */
    [ACTION_REMOVE_DEVICE] = {"removeDevice", GUARD_NONE}, /* in haste: a phone is gone */
    [ACTION_CLOSE_ACCOUNT] = {"closeAccount", GUARD_SET},
    [ACTION_EXPORT_ALL] = {"exportAll", GUARD_SET},
    [ACTION_BIND_CARD] = {"bindCard", GUARD_NONE}, /* the card room asks for the face */
    [ACTION_UNBIND_CARD] = {"unbindCard", GUARD_NONE},
    [ACTION_PAYMENT] = {"payment", GUARD_NONE},
    [ACTION_PAYMENT_LARGE] = {"paymentLarge", GUARD_NEW},
    [ACTION_COMPANY_USERS] = {"companyUsers", GUARD_SET},
    [ACTION_COMPANY_APPROVE] = {"companyApprove", GUARD_SET},
    [ACTION_COMPANY_ALONE] = {"companyAlone", GUARD_TOTP},
};

static unsigned strong_of(const struct step_up_signals *signals)
{
    return (signals->has_passkey ? FACTOR_PASSKEY : 0U) | (signals->has_totp ? FACTOR_TOTP : 0U);
}

/* The set that the guard chooses from, and why; 0: it asks for nothing. */
static unsigned guard_of(enum guard guard, const struct step_up_signals *signals, unsigned *reasons)
{
    unsigned strong = strong_of(signals);
    unsigned face = signals->has_face ? FACTOR_FACE : 0U;
    unsigned passkey = strong & FACTOR_PASSKEY;
    bool is_new = signals->device_is_new || signals->device_is_unknown;
    unsigned device = signals->device_is_new ? REASON_NEW_DEVICE : REASON_UNKNOWN_DEVICE;
    switch (guard) {
    case GUARD_NONE:
    case GUARD_VIEW:
        return 0;
    case GUARD_SET:
    case GUARD_NEW:
        if (is_new && (strong | face) != 0) {
            *reasons |= device;
            return strong | face;
        }
        if (guard == GUARD_NEW || strong == 0) {
            return 0;
        }
        *reasons |= REASON_STRONG_SET;
        return strong | face;
    case GUARD_FACTOR:
        *reasons |= (strong | face) != 0 ? REASON_FACTOR : 0U;
        return (passkey | face) != 0 ? passkey | face : strong;
    case GUARD_PASSKEY:
        *reasons |= REASON_FACTOR;
        return passkey | FACTOR_FACE;
    case GUARD_TOTP:
        *reasons |= REASON_FACTOR;
        return strong | FACTOR_FACE;
    }
    CHECK(!"a guard");
    return 0;
}

struct step_up_needs step_up_needs_of(enum step_up_action action,
                                      const struct step_up_signals *signals)
{
    CHECK(action >= ACTION_VIEW && action < STEP_UP_ACTION_COUNT);
    enum guard guard = ACTIONS[action].guard;
    struct step_up_needs needs = {.factors = FACTOR_PASSCODE, .reasons = REASON_SENSITIVE};
    if (guard == GUARD_VIEW && !signals->session_is_limited) {
        return (struct step_up_needs){0};
    }
    needs.any = guard_of(guard, signals, &needs.reasons);
    if (signals->passcode_is_derived) {
        /* The pass code is a text code. A time code vouches for nothing: it may be on the same phone. */
        unsigned older = FACTOR_FACE | (signals->has_passkey ? FACTOR_PASSKEY : 0U);
        needs.any = (needs.any & older) != 0 ? needs.any & older : older;
        needs.reasons |= REASON_PASSCODE_RESET;
        needs.factors = guard == GUARD_VIEW ? 0 : needs.factors;
    }
    return needs;
}

struct step_up_missing step_up_missing(const struct principal *principal,
                                       struct step_up_needs needs, int64_t now_us)
{
    unsigned proven = (principal->step_up_until > now_us ? FACTOR_PASSCODE : 0U) |
                      (principal->face_until > now_us ? FACTOR_FACE : 0U) |
                      (principal->passkey_until > now_us ? FACTOR_PASSKEY : 0U) |
                      (principal->totp_until > now_us ? FACTOR_TOTP : 0U);
    return (struct step_up_missing){.factors = needs.factors & ~proven,
                                    .any = (needs.any & proven) != 0 ? 0 : needs.any};
}

struct step_up_signals step_up_signals_of(const struct principal *principal, int64_t now_us)
{
    return (struct step_up_signals){.device_is_new = principal->device.value != 0 &&
                                                     principal->device_trusted_at > now_us,
                                    .device_is_unknown = principal->device.value == 0,
                                    .passcode_is_derived = principal_passcode_is_derived(principal),
                                    .session_is_limited = principal->is_limited};
}

/* --- Names ------------------------------------------------------------------------------------- */

const char *step_up_action_name(enum step_up_action action)
{
    CHECK(action >= ACTION_VIEW && action < STEP_UP_ACTION_COUNT);
    return ACTIONS[action].name;
}

enum err step_up_action_parse(const char *text, enum step_up_action *out)
{
    for (int i = ACTION_VIEW; i < STEP_UP_ACTION_COUNT; i++) {
        if (strcmp(text, ACTIONS[i].name) == 0) {
            *out = (enum step_up_action)i;
            return ERR_OK;
        }
    }
    return ERR_INVALID_FIELD;
}

static const struct {
    enum step_up_reason reason;
    const char *name;
    const char *text[2]; /* by enum lang */
} REASONS[STEP_UP_REASON_COUNT] = {
    {REASON_SENSITIVE,
     "sensitive",
     {"This can move or lose money, so it asks for your pass code.",
      "该操作涉及资金安全，需要输入交易密码。"}},
    {REASON_NEW_DEVICE, "newDevice", {"This device is new.", "当前设备为新设备。"}},
    {REASON_UNKNOWN_DEVICE,
     "unknownDevice",
     {"This device is not known to us.", "无法识别当前设备。"}},
    {REASON_STRONG_SET,
     "strongSet",
     {"You set up a passkey or time codes, so they are asked for.",
      "您已设置通行密钥或动态验证码，需要验证。"}},
    {REASON_FACTOR,
     "factor",
     {"This changes how you prove who you are, so a proof as strong is asked for.",
      "该操作会改变您的身份验证方式，需要同等强度的验证。"}},
    {REASON_PASSCODE_RESET,
     "passCodeReset",
     {"Your pass code was set anew by a text message. Until your face or a passkey confirms it, it "
      "counts as no more than that message.",
      "您的交易密码通过短信重新设置，在人脸或通行密钥确认之前，仅等同于短信验证。"}},
};

const char *step_up_reason_name(enum step_up_reason reason)
{
    for (int i = 0; i < STEP_UP_REASON_COUNT; i++) {
        if (REASONS[i].reason == reason) {
            return REASONS[i].name;
        }
    }
    CHECK(!"a reason");
    return "";
}

const char *step_up_reason_text(enum step_up_reason reason, enum lang lang)
{
    for (int i = 0; i < STEP_UP_REASON_COUNT; i++) {
        if (REASONS[i].reason == reason) {
            return REASONS[i].text[lang];
        }
    }
    CHECK(!"a reason");
    return "";
}
