/*
 * What makes a sign-in more than a phone and a pass code: devices, passkeys (WebAuthn level 3), time
 * codes (RFC 6238), what an action asks for by its risk, a phone number that changes, and the
 * history that the customer reads. A second door of the customer room; the kinds of function
 * (prepare, commit, read), verdicts and units are those of customer.h.
 *
 * No log, outbox row or event holds a key of an app, a secret or a challenge.
 */
#ifndef CUSTOMER_SECURITY_H
#define CUSTOMER_SECURITY_H

#include "customer/customer.h"

/* --- Devices ----------------------------------------------------------------------------------- */

#define DEVICE_KEY_MIN 22 /* 128 bits in base64url */
#define DEVICE_KEY_MAX 64
#define DEVICES_MAX    50 /* of a customer, in a list: the newest */
/* A key that an app made by chance and keeps: 22 to 64 of A-Z a-z 0-9 _ -. Pure. */
bool device_key_is_valid(const char *text);

struct device {
    struct device_id id;
    char name[DEVICE_NAME_SIZE];
    int64_t first_seen_at;
    int64_t last_seen_at; /* last sign-in */
    int64_t trusted_at;   /* a new device counts as known from then on */
    int session_count;    /* live ones */
    int persons;          /* customers who ever were signed in on it */
};
typedef bool device_visit(const struct device *device, void *context);
/* read: not the removed ones; newest first. */
enum err device_each(struct db_conn *conn, struct customer_id customer, device_visit *visit,
                     void *context);
/* commit: its sessions end, and it is new when it comes again. ERR_NOT_FOUND. */
enum err device_remove(struct uow *uow, struct customer_id customer, struct device_id id);

/* --- What happened ----------------------------------------------------------------------------- */

/* Stored: append only. */
enum security_event {
    EVENT_SIGNED_UP = 1,
    EVENT_SIGNED_IN,
    EVENT_SIGN_IN_FAILED,
    EVENT_NEW_DEVICE,
    EVENT_DEVICE_REMOVED,
    EVENT_SIGNED_OUT_EVERYWHERE,
    EVENT_PASSCODE_SET,
    EVENT_PASSCODE_CHANGED,
    EVENT_PASSKEY_ADDED,
    EVENT_PASSKEY_REMOVED,
    EVENT_PASSKEY_CLONED,
    EVENT_TOTP_ADDED,
    EVENT_TOTP_REMOVED,
    EVENT_TOTP_LOCKED,
    EVENT_PHONE_CHANGED,
    EVENT_PHONE_DETACHED,
    EVENT_EXPORTED, /* added by the room that makes the export */
    SECURITY_EVENT_COUNT
};
const char *security_event_name(enum security_event event); /* "signedIn" */
/* commit. `device_name` NULL: none. */
enum err security_event_add(struct uow *uow, struct customer_id customer, enum security_event event,
                            const char *device_name);
/* commit: one more of a day's (UTC), all in one row: for what strangers can cause. */
enum err security_event_count(struct uow *uow, struct customer_id customer,
                              enum security_event event);
struct security_event_row {
    int64_t id;
    enum security_event event;
    char device_name[DEVICE_NAME_SIZE];
    int64_t at;
    int64_t times;   /* on that day: 1 but for wrong pass codes */
    int64_t last_at; /* the last of them */
};
typedef bool security_event_visit(const struct security_event_row *row, void *context);
/* read: newest first, id < before_id (0: from the newest). */
enum err security_event_each(struct db_conn *conn, struct customer_id customer, int64_t before_id,
                             size_t limit, security_event_visit *visit, void *context);

/* The overview of how the sign-in is protected. */
struct security_overview {
    int64_t passcode_at; /* 0: none set */
    int64_t last_sign_in_at;
    int64_t phone_changed_at; /* 0: never */
    int devices;
    int passkeys;
    bool has_totp; /* active */
};
/* read. ERR_NOT_FOUND. */
enum err security_overview_load(struct db_conn *conn, struct customer_id customer,
                                struct security_overview *out);
/* commit: ends all sessions but `keep` (0: all), with a message and an event. */
enum err session_end_everywhere(struct uow *uow, struct customer_id customer,
                                struct session_id keep);

/* --- Step-up by risk --------------------------------------------------------------------------- */

enum step_up_action {
    ACTION_VIEW = 1, /* what the bank keeps of the customer: a limited session sees none of it */
    ACTION_CHANGE_PHONE,
    ACTION_CHANGE_PASSCODE,
    ACTION_ADD_PASSKEY,
    ACTION_REMOVE_PASSKEY,
    ACTION_ADD_TOTP,
    ACTION_REMOVE_TOTP,
    ACTION_REMOVE_FACE, /* the consent to keep it */
    ACTION_REMOVE_DEVICE,
    ACTION_CLOSE_ACCOUNT,
    ACTION_EXPORT_ALL,
    ACTION_BIND_CARD,
    ACTION_UNBIND_CARD,
    ACTION_PAYMENT,       /* above the limit of small payments */
    ACTION_PAYMENT_LARGE, /* the day's sum from new devices above customer_rules.payment_large_minor */
    ACTION_COMPANY_USERS,
    ACTION_COMPANY_APPROVE,
    ACTION_COMPANY_ALONE, /* a payment of a company that nobody else approves */
    STEP_UP_ACTION_COUNT
};
const char *step_up_action_name(enum step_up_action action);               /* "changePhone" */
enum err step_up_action_parse(const char *text, enum step_up_action *out); /* ERR_INVALID_FIELD */

/* Bits: why more is asked than usual. */
enum step_up_reason {
    REASON_SENSITIVE = 1,      /* the action itself */
    REASON_NEW_DEVICE = 2,     /* younger than device_trust_us */
    REASON_UNKNOWN_DEVICE = 4, /* the app names none: as a new one */
    REASON_STRONG_SET = 8,     /* the customer has a passkey or time codes: they are asked for */
    REASON_FACTOR = 16,        /* a factor comes or goes: one as strong is asked for */
    REASON_PASSCODE_RESET = 32 /* a text code set the pass code, and nothing vouched for it since */
};
#define STEP_UP_REASON_COUNT 6
const char *step_up_reason_name(enum step_up_reason reason); /* "newDevice" */
const char *step_up_reason_text(enum step_up_reason reason, enum lang lang);

struct step_up_signals {
    bool has_face; /* a face passed at opening: it guards, also for a week after its withdrawal */
    bool face_is_withdrawn; /* there is none to compare with any more: it is shown anew */
    bool has_passkey;
    bool has_totp; /* active */
    bool device_is_new;
    bool device_is_unknown;
    bool passcode_is_derived; /* principal_passcode_is_derived */
    bool session_is_limited;  /* principal.is_limited */
};
struct step_up_needs {
    unsigned factors; /* of enum factor: each of them */
    unsigned any;     /* of enum factor: one of them; 0: none */
    unsigned reasons; /* of enum step_up_reason */
};
/* Pure: the table. Sets of enum factor hold FACTOR_PASSCODE, FACTOR_FACE, FACTOR_PASSKEY and FACTOR_TOTP
 * here. What a customer does not have is not asked for, but a pass code always, and the face if a pass
 * code is derived: who has none on file shows face and ID card anew. */
struct step_up_needs step_up_needs_of(enum step_up_action action,
                                      const struct step_up_signals *signals);
struct step_up_missing {
    unsigned factors;
    unsigned any; /* 0: none is missing */
};
/* Pure: what this session has not proven, or no longer. */
struct step_up_missing step_up_missing(const struct principal *principal,
                                       struct step_up_needs needs, int64_t now_us);
/* Pure: the signals of the principal alone, without a reading: no guard but those of the pass code. */
struct step_up_signals step_up_signals_of(const struct principal *principal, int64_t now_us);
/* read. ERR_NOT_FOUND. */
enum err step_up_signals_load(struct db_conn *conn, const struct principal *principal,
                              int64_t now_us, struct step_up_signals *out);

/* --- Phone number ------------------------------------------------------------------------------ */

struct phone_change {
    struct customer_id customer;
    struct session_id session; /* stays; all others end */
    struct customer_phone phone;
    int64_t phone_code_id; /* purpose changePhone, sent to the new number */
    const char *code;
};
/* commit: the new number signs in from now on, the old one is free; message, event, and a text to
 * the old number. The customer's bucket stays. Verdicts: ERR_CODE_…, ERR_PHONE_TAKEN (also one's
 * own). ERR_NOT_FOUND. */
enum err phone_change(struct customer_room *room, struct uow *uow,
                      const struct phone_change *change, struct verdict *out_verdict);

/* Whoever cannot sign in any more, and has another number, comes to the counter. Staff see the document, the
 * number is proven by a code, and two of staff agree (change kind customerPhone). */
#define PHONE_PROOF_LIFE_US (INT64_C(24) * 3600 * 1000000)
/* commit: keeps the number of `change` (session: none) sealed. Verdicts: ERR_CODE_…; ERR_NOT_FOUND,
 * ERR_CUSTOMER_STATE. */
enum err phone_proof_add(struct customer_room *room, struct uow *uow,
                         const struct phone_change *change, struct verdict *out_verdict,
                         int64_t *out_id);
/* read: the number, masked. ERR_NOT_FOUND (also a customer's older one, and one of a day ago). */
enum err phone_proof_load(const struct customer_room *room, struct db_conn *conn,
                          struct customer_id customer, int64_t id, int64_t now_us,
                          char out_masked[PHONE_TEXT_SIZE]);
/* commit: the proven number is the customer's; all sessions end, all devices are new again; message, event,
 * and a text to the old number, if there is one. ERR_NOT_FOUND, ERR_PHONE_TAKEN, ERR_CUSTOMER_STATE. */
enum err phone_replace(struct customer_room *room, struct uow *uow, struct customer_id id,
                       int64_t proof_id);

/* --- Time codes -------------------------------------------------------------------------------- */

#define TOTP_URI_SIZE    256
#define TOTP_SECRET_SIZE 40 /* 32 characters of Base32 and a NUL, with room */

enum totp_state { TOTP_NONE = 0, TOTP_PENDING = 1, TOTP_ACTIVE = 2 };
const char *totp_state_name(enum totp_state state); /* "none" */
/* read. *out_since 0: none. */
enum err totp_load(struct db_conn *conn, struct customer_id customer, enum totp_state *out,
                   int64_t *out_since);
struct totp_begun {
    char secret[TOTP_SECRET_SIZE]; /* Base32; shown once */
    char uri[TOTP_URI_SIZE];       /* otpauth://totp/… */
};
/* commit: a new secret, pending; one that was pending goes. ERR_TOTP_STATE (one is active). */
enum err totp_begin(struct customer_room *room, struct uow *uow, struct customer_id customer,
                    struct totp_begun *out);
/* commit: the first right code makes it active. Verdicts ERR_TOTP_WRONG (tries_left),
 * ERR_TOTP_LOCKED (retry_at); ERR_TOTP_STATE (none is pending), ERR_TOTP_CLOCK (the bank's clock went
 * back behind the last code taken). */
enum err totp_confirm(struct customer_room *room, struct uow *uow, struct customer_id customer,
                      const char *code, struct verdict *out_verdict);
/* commit: the session counts as strongly proven for step_up_us. Verdicts as totp_confirm's, each
 * code counts once; ERR_TOTP_STATE (none is active), ERR_TOTP_CLOCK. */
enum err totp_assert(struct customer_room *room, struct uow *uow, struct customer_id customer,
                     struct session_id session, const char *code, struct verdict *out_verdict,
                     int64_t *out_until);
/* commit. ERR_NOT_FOUND. */
enum err totp_remove(struct uow *uow, struct customer_id customer);

/* --- Passkeys ---------------------------------------------------------------------------------- */

#define PASSKEY_CHALLENGE_SIZE    32
#define PASSKEY_CHALLENGE_LIFE_US INT64_C(300000000)
#define PASSKEY_CREDENTIAL_ID_MAX 1023
#define PASSKEY_KEY_MAX           512 /* libfido2's RS256 key has 259 bytes */
#define PASSKEY_NAME_SIZE         DEVICE_NAME_SIZE
#define PASSKEYS_MAX              20 /* of a customer */
#define PASSKEY_USER_HANDLE_SIZE  VAULT_HASH_SIZE

struct passkey {
    int64_t id;
    char name[PASSKEY_NAME_SIZE];
    uint8_t credential_id[PASSKEY_CREDENTIAL_ID_MAX];
    size_t credential_id_size;
    int64_t created_at;
    int64_t last_used_at; /* 0: never */
};
typedef bool passkey_visit(const struct passkey *passkey, void *context);
/* read: newest first. */
enum err passkey_each(struct db_conn *conn, struct customer_id customer, passkey_visit *visit,
                      void *context);
/* The customer's user handle at authenticators; a keyed hash. Pure. */
void passkey_user_handle(const struct customer_room *room, struct customer_id customer,
                         uint8_t out[PASSKEY_USER_HANDLE_SIZE]);

enum passkey_purpose { PASSKEY_CREATE = 1, PASSKEY_GET = 2 };
/* commit: what the authenticator is to sign; the session's earlier one of that purpose is void. */
enum err passkey_challenge(struct customer_room *room, struct uow *uow, struct session_id session,
                           enum passkey_purpose purpose, uint8_t out[PASSKEY_CHALLENGE_SIZE]);

struct passkey_bytes {
    const uint8_t *bytes;
    size_t size;
};
/* The relying party as the browser saw it. */
struct passkey_party {
    const char *origin; /* "https://bank.example" */
    const char *id;     /* "bank.example" */
};
struct passkey_creation {
    struct customer_id customer;
    struct session_id session;
    struct passkey_party party;
    const char *name;
    struct passkey_bytes credential_id, attestation_object, client_data;
};
/* commit: user verification is required; attestation "none" and "packed" by the key itself are
 * taken. Verdicts: ERR_PASSKEY_EXPIRED (no challenge, or old), ERR_PASSKEY_INVALID. The challenge is
 * used up by either. ERR_PASSKEY_EXISTS, ERR_PASSKEY_COUNT (PASSKEYS_MAX are there). */
enum err passkey_add(struct customer_room *room, struct uow *uow,
                     const struct passkey_creation *creation, struct verdict *out_verdict,
                     struct passkey *out);
struct passkey_assertion {
    struct customer_id customer;
    struct session_id session;
    struct passkey_party party;
    struct passkey_bytes credential_id, authenticator_data, client_data, signature;
    struct passkey_bytes user_handle; /* size 0: not given */
};
/* commit: the session counts as strongly proven for step_up_us. Verdicts as passkey_add's, and
 * ERR_PASSKEY_CLONED (its counter went back: refused, with a message). */
enum err passkey_assert(struct customer_room *room, struct uow *uow,
                        const struct passkey_assertion *assertion, struct verdict *out_verdict,
                        int64_t *out_until);
/* commit. ERR_NOT_FOUND. */
enum err passkey_remove(const struct customer_room *room, struct uow *uow,
                        struct customer_id customer, int64_t id);

#endif
