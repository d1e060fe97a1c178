/*
 * Customers: who they are, how they prove it, and what they agreed to. The room owns phone codes,
 * sign-up and sign-in, pass codes, sessions, identity checks, consents, messages and the steps of
 * onboarding. It has no notion of accounts and cards; rooms above call customer_activate.
 *
 * Three kinds of function:
 *   prepare   may be slow (Argon2id, a call to the registry), reads, never writes; any thread;
 *   commit    inside the caller's unit of work (struct uow), short, may run more than once;
 *   read      takes any connection.
 * A refusal that must be remembered (a wrong code counts against the next try) is not an error of
 * the transaction: commit returns ERR_OK and fills `struct verdict`. Test both.
 *
 * Instants: UTC microseconds. Texts are UTF-8. Personal data leaves only through the functions
 * named customer_reveal_… and through name and masked texts.
 */
#ifndef CUSTOMER_CUSTOMER_H
#define CUSTOMER_CUSTOMER_H

#include "base/date.h"
#include "base/err.h"
#include "base/id.h"
#include "base/identifier.h"
#include "engine/engine.h"
#include "frame/message.h"
#include "sys/entropy.h"
#include "sys/partner.h"
#include "sys/vault.h"

#define PHONE_TEXT_SIZE      16  /* "+8613800000000" and its NUL, with room */
#define CODE_TEXT_SIZE       7   /* six digits and a NUL */
#define PASSCODE_SIZE        7   /* six digits and a NUL */
#define PASSCODE_HASH_SIZE   128 /* crypto_pwhash_STRBYTES */
#define TOKEN_SIZE           55  /* base64url of 40 bytes and a NUL */
#define DEVICE_NAME_SIZE     121 /* 40 characters; longer names are cut */
#define CUSTOMER_NAME_SIZE   201 /* 50 characters of up to 4 bytes and a NUL */
#define ID_NUMBER_SIZE       19  /* 18 characters and a NUL */
#define CUSTOMER_REGION_SIZE 7   /* six digits (GB/T 2260) and a NUL */

/* --- The room --------------------------------------------------------------------------------- */

/* Parameters; CUSTOMER_RULES holds the values of a real bank. Times in microseconds. */
struct customer_rules {
    int64_t code_life_us;
    int code_tries_max;
    int codes_per_minute, codes_per_hour,
        codes_per_day; /* for one phone number, of one requester */
    int codes_strangers_hour,
        codes_strangers_day; /* for one number, of all requesters but known devices */
    int failures_max;        /* wrong pass codes in a row */
    int64_t lock_us;
    int64_t session_idle_us, session_absolute_us;
    int64_t session_rest_us;  /* unused for so long, a session rests: it asks for a proof anew */
    int64_t session_proof_us; /* so does one whose last proof is older */
    int64_t session_touch_us; /* last_seen_at is written no more often than this */
    int64_t step_up_us;
    int64_t cache_life_us; /* how long another process's revocation may go unseen */
    size_t cache_entries;
    int age_min;  /* full years */
    int age_full; /* below: may open, but is marked as a minor */
    int identity_per_minute, identity_per_hour, identity_per_day; /* attempts of one customer */
    unsigned long long passcode_passes;                           /* Argon2id t */
    size_t passcode_memory;                                       /* Argon2id m, bytes */
    int64_t device_trust_us; /* a new device counts as new so long */
    int64_t
        payment_large_minor; /* of a day, above: a new device asks for more than the pass code */
    bool layers_waived;      /* whatever the policy; for tools and tests that make people */
};
extern const struct customer_rules CUSTOMER_RULES;

struct customer_room;
struct consent_texts; /* all consent texts, see consent_texts_load */

/* Answer of the identity registry to a name and a number. */
enum registry_result {
    REGISTRY_MATCH = 1,
    REGISTRY_MISMATCH, /* the number is known under another name */
    REGISTRY_NOT_FOUND,
    REGISTRY_UNAVAILABLE /* no answer: nothing is known, try again */
};
/* The registry as this room needs it; registry_partner_init gives the one over HTTP. */
struct registry {
    enum registry_result (*check)(struct registry *registry, const char *request_id,
                                  const char *name, const char *id_number);
    const char *version; /* kept with the evidence: "sandbox-registry/1" */
};
struct registry_partner {
    struct registry registry;
    const struct partner *partner;
};
void registry_partner_init(struct registry_partner *out, const struct partner *partner);

struct house;
struct room_parts;
struct customer_room_options {
    const struct vault *vault;
    const struct regions *regions;
    struct registry *registry;
    const struct consent_texts *consents;
    const struct catalogue *catalogue;
    const struct room_parts *const *rooms; /* whose messages are read; NULL: this room alone */
    const struct customer_rules *rules;    /* NULL: CUSTOMER_RULES; copied */
};
/* All that is pointed to must outlive the room. ERR_NO_MEMORY. */
enum err customer_room_open(const struct customer_room_options *options,
                            struct customer_room **out);
/* Of an open house (frame/room.h). */
extern const struct room_parts CUSTOMER_PARTS;
struct customer_room *customer_room_of(const struct house *house);
const struct consent_texts *consent_texts_of(const struct house *house);
void customer_room_close(struct customer_room *room);
const struct customer_rules *customer_room_rules(const struct customer_room *room);
/* The policy of a day: with layers an account opens only after ID pictures, face and place; without (the
 * early rule set) name and number are enough. Any thread. */
bool customer_room_layers_required(const struct customer_room *room, struct date day);

/* A refusal that the transaction remembers. */
struct verdict {
    enum err refusal; /* ERR_OK: granted */
    int tries_left;   /* after a wrong code or pass code; else -1 */
    int64_t retry_at; /* locked or limited: when it is worth another try; else 0 */
};

/* --- Phone numbers ---------------------------------------------------------------------------- */

struct customer_phone {
    char text[PHONE_TEXT_SIZE]; /* "+8613800000000" */
    uint8_t hash[VAULT_HASH_SIZE];
    int bucket; /* of everything about this phone, and of its customer */
};
/* A mobile number of mainland China, with or without +86. ERR_INVALID_PHONE. */
enum err customer_phone_parse(const struct customer_room *room, const char *text,
                              struct customer_phone *out);
/* "+86138****0000" */
void phone_mask(const char *phone, char out[PHONE_TEXT_SIZE]);

enum code_purpose {
    CODE_SIGN_UP = 1,
    CODE_SIGN_IN = 2,
    CODE_RESET_PASSCODE = 3,
    CODE_CHANGE_PHONE = 4 /* to the new number */
};
/* "signUp", "signIn", "resetPassCode", "changePhone". ERR_INVALID_FIELD. */
enum err code_purpose_parse(const char *text, enum code_purpose *out);

struct phone_code_sent {
    int64_t phone_code_id;
    int64_t expires_at;
    int64_t resend_at;
};
/* Who asks for a code. Strangers are counted by address, and together; a device that the number's
 * customer used before is counted for itself, so that nobody uses up the owner's codes. */
struct phone_code_request {
    struct customer_phone phone;
    enum code_purpose purpose;
    enum lang language;
    const char *address;    /* of the requester; "" unknown */
    const char *device_key; /* NULL: the app keeps none */
};
/* commit: makes a code and an outbox row "sms.send" (body {"to","text"} sealed: see sms_unseal).
 * The same for a phone that nobody has. ERR_TOO_MANY_REQUESTS with *out_retry_at (may be NULL),
 * else db errors; nothing to remember. */
enum err phone_code_send(struct customer_room *room, struct uow *uow,
                         const struct phone_code_request *request, struct phone_code_sent *out,
                         int64_t *out_retry_at);

/* A text message as the outbox job delivers it; wiped by the caller (vault_wipe). */
struct sms {
    char to[PHONE_TEXT_SIZE];
    char text[400];
};
#define SMS_TOPIC "sms.send"
#define SMS_LANE  "sms" /* of the gateway */
/* Opens the body of an outbox row of that topic. ERR_VAULT_SEAL, ERR_INVALID_JSON. */
enum err sms_unseal(const struct vault *vault, int64_t outbox_id, const char *body,
                    struct sms *out);

/* --- Customers -------------------------------------------------------------------------------- */

/*
 *            customer_activate             (staff)
 *  ONBOARDING ----------------> ACTIVE <-----------> SUSPENDED
 *       |                         |                     |
 *       +-----------> CLOSED <----+---------------------+
 */
enum customer_state {
    CUSTOMER_ONBOARDING = 1,
    CUSTOMER_ACTIVE = 2,
    CUSTOMER_SUSPENDED = 3,
    CUSTOMER_CLOSED = 4
};
const char *customer_state_name(enum customer_state state); /* "onboarding" */

/* Layers of the identity beyond name and number; decided by the kyc room, stored here. */
enum identity_layer {
    LAYER_PICTURES = 1,
    LAYER_FACE = 2,
    LAYER_PLACE = 3,
    IDENTITY_LAYER_COUNT = 3
};
enum layer_state { LAYER_TODO = 0, LAYER_REVIEW = 1, LAYER_PASSED = 2, LAYER_REFUSED = 3 };
struct customer_layers {
    enum layer_state state[IDENTITY_LAYER_COUNT + 1]; /* by enum identity_layer */
    int64_t at[IDENTITY_LAYER_COUNT + 1];             /* of that state; 0: todo */
    int64_t verified_at;        /* identity and all three layers passed; 0: not (or not any more) */
    struct date document_until; /* last day of the ID card; {0}: unknown or long-term */
};

struct customer {
    struct customer_id id;
    enum customer_state state;
    enum lang language;
    char name[CUSTOMER_NAME_SIZE];         /* "" until the identity is checked */
    char masked_phone[PHONE_TEXT_SIZE];    /* "+86138****0000" */
    char masked_id_number[ID_NUMBER_SIZE]; /* "11**************1X", "" until checked */
    bool has_identity;
    struct date birth_date; /* with has_identity only, as sex and region */
    enum sex sex;
    char region[CUSTOMER_REGION_SIZE];
    bool is_minor;   /* when the identity was checked */
    bool is_company; /* see customer_company_open: name, masked_id_number (its code), birth_date */
    bool has_passcode;
    int64_t created_at;
    int64_t identity_at;      /* 0 until checked */
    int64_t passcode_at;      /* 0 until set */
    int64_t passcode_version; /* 0 until set */
    unsigned passcode_basis;  /* bits of enum factor: what it rests on */
    int64_t active_at;        /* 0 until the first account opened */
    int64_t phone_changed_at; /* 0: still the first one */
    int64_t version;          /* rises with each change: ETag */
    struct customer_layers layers;
};

/* read. ERR_NOT_FOUND. */
enum err customer_load(const struct customer_room *room, struct db_conn *conn,
                       struct customer_id id, struct customer *out);
/* read: the owner of a phone (payees, sign-in). ERR_NOT_FOUND. */
enum err customer_by_phone(struct db_conn *conn, const struct customer_phone *phone,
                           struct customer_id *out);
/* What a payment needs to know of either side. Read in a batch of the caller's (db_batch_begin):
 * queued, then read in its turn, so that several answers come in one round trip. */
struct customer_party {
    struct customer_id id;
    enum customer_state state;
    char name[CUSTOMER_NAME_SIZE]; /* "" before the identity was checked */
};
enum err customer_party_queue(struct db_conn *conn, struct customer_id id);
enum err customer_party_read(struct db_conn *conn, struct customer_party *out); /* ERR_NOT_FOUND */
enum err customer_by_phone_queue(struct db_conn *conn, const struct customer_phone *phone);
enum err customer_by_phone_read(struct db_conn *conn, struct customer_id *out); /* ERR_NOT_FOUND */
/* read: the owner of a checked ID number (staff). ERR_NOT_FOUND, ERR_INVALID_FIELD. */
enum err customer_by_id_number(const struct customer_room *room, struct db_conn *conn,
                               const char *id_number, struct customer_id *out);
/* read: full texts, for signing a card and for staff with a logged reason. ERR_NOT_FOUND (also
 * if there is none yet), ERR_VAULT_SEAL. Wipe them after use. */
enum err customer_reveal_phone(const struct customer_room *room, struct db_conn *conn,
                               struct customer_id id, char out[PHONE_TEXT_SIZE]);
enum err customer_reveal_id_number(const struct customer_room *room, struct db_conn *conn,
                                   struct customer_id id, char out[ID_NUMBER_SIZE]);
/* "张**", "J*** S****": what a payer may see of a payee. */
void customer_mask_name(const char *name, char out[CUSTOMER_NAME_SIZE]);

/* commit. `if_version` 0: unconditional. ERR_NOT_FOUND, ERR_VERSION_CHANGED. */
enum err customer_set_language(struct uow *uow, struct customer_id id, enum lang language,
                               int64_t if_version);
/* commit, called by the room that opens the first account: ONBOARDING -> ACTIVE; ACTIVE stays.
 * ERR_ONBOARDING_INCOMPLETE (customer_may_open_account), ERR_CUSTOMER_STATE. */
enum err customer_activate(const struct customer_room *room, struct uow *uow,
                           struct customer_id id);
/* read: identity, required consents and pass code are there, and the state allows it.
 * ERR_ONBOARDING_INCOMPLETE, ERR_CUSTOMER_STATE, ERR_NOT_FOUND. */
enum err customer_may_open_account(const struct customer_room *room, struct db_conn *conn,
                                   struct customer_id id, struct date day);
/* commit, called by the kyc room: the new state of a layer; verified_at follows. ERR_NOT_FOUND. */
enum err customer_set_layer(struct uow *uow, struct customer_id id, enum identity_layer layer,
                            enum layer_state state);
/* commit: last day of the ID card; {0}: long-term. ERR_NOT_FOUND. */
enum err customer_set_document(struct uow *uow, struct customer_id id, struct date valid_until);

/* Independent outside parties that confirmed the identity; their number gives the payment tier. */
enum channel_kind {
    CHANNEL_REGISTRY = 1, /* citizens' registry: name, number */
    CHANNEL_OPERATOR = 2, /* phone operator: name, number, phone */
    CHANNEL_ISSUER = 3,   /* a bank whose card was bound; each bank counts once */
    CHANNEL_COUNTER = 4   /* seen face to face or by video by staff or a partner */
};
const char *channel_kind_name(enum channel_kind kind); /* "registry" */
#define CHANNEL_DETAIL_SIZE 16
struct identity_channel {
    enum channel_kind kind;
    char detail[CHANNEL_DETAIL_SIZE]; /* issuer's code "SAB", else "" */
    int64_t at;
};
#define CHANNELS_MAX 16
/* commit: the same kind and detail again changes nothing. ERR_NOT_FOUND. */
enum err customer_add_channel(struct uow *uow, struct customer_id id, enum channel_kind kind,
                              const char *detail);
/* read: oldest first, at most CHANNELS_MAX. */
enum err customer_channels(struct db_conn *conn, struct customer_id id,
                           struct identity_channel out[CHANNELS_MAX], size_t *out_count);

/* --- A company as a customer: called by the company room. Nobody signs in as one. --- */

/* commit: an id for the company with this credit code (18 characters), in the bucket of the code's hash.
 * ERR_EXISTS: the code has one already, in *out. */
enum err customer_company_claim(const struct customer_room *room, struct uow *uow, const char *code,
                                struct customer_id *out);
/* commit: the customer itself, ACTIVE, with an id of customer_company_claim. */
enum err customer_company_open(const struct customer_room *room, struct uow *uow,
                               struct customer_id id, const char *code, const char *name,
                               struct date registered);

/* commit: staff. ERR_CUSTOMER_STATE if the life cycle has no such step, ERR_NOT_FOUND. */
enum err customer_set_state(const struct customer_room *room, struct uow *uow,
                            struct customer_id id, enum customer_state state);

/* read, for staff: newest first, across all buckets. `text` empty: all; else a customer id, a
 * phone, an ID number, the beginning of a name (also in pinyin, with or without spaces), or its
 * initials. `before_id` 0: from the newest. `visit` false stops. */
typedef bool customer_visit(const struct customer *customer, void *context);
enum err customer_search(const struct customer_room *room, struct db_conn *conn, const char *text,
                         int64_t before_id, size_t limit, customer_visit *visit, void *context);
struct customer_counts {
    int64_t total, active, since; /* since: signed up at or after the instant asked for */
};
enum err customer_count(struct db_conn *conn, int64_t since_us, struct customer_counts *out);

/* --- What a proof rests on --------------------------------------------------------------------- */

/* Bits of a set. A pass code is as strong as what it was set from: the first one of a customer is a factor
 * of its own, one that a text code set is that text code until a factor that was there before vouches for
 * it (NIST SP 800-63B 6.1.2.3; ASVS 2.5). */
enum factor {
    FACTOR_SMS = 1,      /* a code sent to the phone number */
    FACTOR_DEVICE = 2,   /* the key of a device that the customer used before */
    FACTOR_PASSCODE = 4, /* a pass code that was not made from a text code */
    FACTOR_FACE = 8, /* compared with the face of the opening, or of the ID card and the registry */
    FACTOR_PASSKEY = 16, /* with user verification */
    FACTOR_TOTP =
        32 /* a time code; often on the phone that was stolen, so it vouches for nothing */
};
#define FACTOR_COUNT     6
#define FACTORS_VOUCHING (FACTOR_PASSCODE | FACTOR_FACE | FACTOR_PASSKEY)
#define DEVICE_UNVOUCHED INT64_MAX /* trusted_at of a device that only a text code was given on */
/* Pure. Whether a set holds more than the phone number and the phone. */
bool factors_vouch(unsigned factors);

/* --- Sign-up and sign-in ---------------------------------------------------------------------- */

/* A session just opened. The token is shown once: it is not stored. */
struct session_opened {
    struct verdict verdict; /* the rest holds on verdict.refusal == ERR_OK only */
    struct customer_id customer;
    struct session_id session;
    char token[TOKEN_SIZE];
    struct device_id device; /* 0: the app named none */
    bool is_new_device;
    bool is_limited; /* see principal */
};

struct sign_up {
    struct customer_phone phone;
    int64_t phone_code_id;
    const char *code;
    enum lang language;
    const char *device_name;
    const char *device_key; /* see security.h; NULL: the app keeps none */
    struct customer_id
        gone; /* whose the number was, and is no more (phone_is_recycled); 0: nobody's */
};
/* Numbers are given out anew some months after their holder gave them up. */
struct phone_holder {
    struct customer_id customer;
    char name[CUSTOMER_NAME_SIZE];
    char id_number[ID_NUMBER_SIZE]; /* wipe it */
    bool was_confirmed;             /* the operator once confirmed the number as theirs */
    int64_t last_seen_at;           /* of their newest session; 0: none is kept */
};
/* prepare: the customer of a number, for who gives a right code to it: the code is not counted nor used
 * up. ERR_NOT_FOUND: nobody, a code that is not right, or a customer whose identity is not known. */
enum err phone_holder_load(struct customer_room *room, struct engine *engine,
                           const struct customer_phone *phone, int64_t phone_code_id,
                           const char *code, struct phone_holder *out);
#define PHONE_REST_US (90 * DAY_US) /* no operator gives a number out anew sooner */
/* Pure. The operator denies that the number is theirs: then it is somebody else's now, if it once was
 * theirs by the operator's word, or they were not seen for as long as a number rests. Numbers in a
 * relative's name are therefore left alone. */
bool phone_is_recycled(const struct phone_holder *holder, bool is_denied, int64_t now_us);
/* commit. Verdicts: ERR_CODE_WRONG, ERR_CODE_EXHAUSTED, ERR_CODE_EXPIRED, ERR_PHONE_TAKEN,
 * ERR_PHONE_PERSONS (the number started too many customers), ERR_DEVICE_PERSONS. */
enum err customer_sign_up(struct customer_room *room, struct uow *uow,
                          const struct sign_up *request, struct session_opened *out);

struct sign_in_by_code {
    struct customer_phone phone;
    int64_t
        phone_code_id; /* purpose signIn, or resetPassCode: then the new session is limited, and may
                              set the pass code without the old one for step_up_us */
    const char *code;
    const char *device_name;
    const char *device_key; /* NULL: the app keeps none */
};
/* commit. A right code also ends a lock. Verdicts: as sign-up's codes, ERR_SIGN_IN_FAILED (nobody
 * has this phone; only its holder learns that). ERR_PASSCODE_NEEDED: who has a pass code gives it
 * too, on any device (not for a reset); the code stays good. */
enum err sign_in_by_code(struct customer_room *room, struct uow *uow,
                         const struct sign_in_by_code *request, struct session_opened *out);

/* What prepare found out about a pass code; plain values, may be copied. */
struct passcode_proof {
    struct customer_id customer; /* 0: nobody has the phone */
    int64_t passcode_version;    /* of the stored hash that was compared */
    bool matches;
};
/* prepare: compares with the stored hash; burns the same time if there is none. `conn` is a
 * reading connection, not used while the hash is computed. */
enum err sign_in_prove(struct customer_room *room, struct engine *engine,
                       const struct customer_phone *phone, const char *passcode,
                       struct passcode_proof *out);
struct sign_in_by_passcode {
    struct customer_phone phone;
    const struct passcode_proof *proof;
    int64_t phone_code_id; /* with `code`: purpose signIn, for a device never used before */
    const char *code;      /* NULL: none given */
    const char *device_name;
    const char *device_key; /* NULL: the app keeps none */
};
/* commit. Verdicts: ERR_SIGN_IN_FAILED (tries_left), ERR_SIGN_IN_LOCKED (retry_at); the same for a
 * phone that nobody has. With a right pass code: ERR_CODE_NEEDED (a device that the customer never
 * used, or no key of a device), and if a code is given, ERR_CODE_…. */
enum err sign_in_by_passcode(struct customer_room *room, struct uow *uow,
                             const struct sign_in_by_passcode *request, struct session_opened *out);

/* --- Sessions --------------------------------------------------------------------------------- */

/* Who makes a request. */
struct principal {
    struct customer_id customer;
    struct session_id session;
    enum customer_state state;
    enum lang language;
    int64_t step_up_until;     /* pass code confirmed until then; 0: none */
    int64_t face_until;        /* face check passed; 0: none */
    int64_t passkey_until;     /* passkey asserted; 0: none */
    int64_t totp_until;        /* time code confirmed; 0: none */
    struct device_id device;   /* 0: the app named none */
    int64_t device_trusted_at; /* of that device */
    bool may_reset_passcode;
    bool has_passcode;
    unsigned basis; /* bits of enum factor: what the session was opened by and showed since */
    unsigned passcode_basis; /* what the pass code rests on */
    bool
        is_limited; /* rests on a text code alone, of one who has a pass code, or is_resting: sees nothing */
    bool is_resting; /* unused, or unproven, for long: pass code, passkey or face wake it */
    bool touch_due;  /* true once per session_touch_us: submit session_touch when convenient */
};
/* read: from the cache (no connection taken) or, on a miss, through a reading connection of the
 * engine. ERR_NOT_SIGNED_IN (unknown, malformed, idle, expired, revoked, customer closed). */
enum err session_check(struct customer_room *room, struct engine *engine, const char *token,
                       int64_t now_us, struct principal *out);
/* commit: the principal as it is now, in this transaction; what a cache remembered is forgotten.
 * ERR_NOT_SIGNED_IN. */
enum err session_judge(const struct customer_room *room, struct uow *uow, struct principal *who);
/* Call after a command that changed a session or its customer is durable (step-up, revoke,
 * language, state): the next request reads anew. */
void session_forget(struct customer_room *room, struct session_id id);
void session_forget_customer(struct customer_room *room, struct customer_id id);

/* The pass code was given lately, and is one that counts. */
bool principal_is_stepped_up(const struct principal *principal, int64_t now_us);
/* The pass code rests on a text code: it counts as no more than that. */
bool principal_passcode_is_derived(const struct principal *principal);

/* commit: last_seen_at, at most once per session_touch_us. */
enum err session_touch(struct customer_room *room, struct uow *uow, struct session_id id);
/* prepare + commit of a step-up. Verdicts: ERR_PASSCODE_WRONG (tries_left), ERR_SIGN_IN_LOCKED,
 * ERR_ONBOARDING_INCOMPLETE (no pass code yet). */
enum err passcode_prove(struct customer_room *room, struct engine *engine, struct customer_id id,
                        const char *passcode, struct passcode_proof *out);
enum err session_step_up(struct customer_room *room, struct uow *uow, struct session_id session,
                         const struct passcode_proof *proof, struct verdict *out_verdict,
                         int64_t *out_until);
#define SESSION_FACE_LIFE_US INT64_C(600000000) /* a passed face check counts this long */
/* commit, called by the kyc room: a face check of this session passed. ERR_NOT_FOUND. */
enum err session_face_confirm(struct uow *uow, struct session_id session, int64_t until_us);
/* commit: no session of the customer counts as face-checked any more. */
enum err session_face_forget(struct uow *uow, struct customer_id customer);
/* commit. ERR_NOT_FOUND (also another customer's). */
enum err session_revoke(struct uow *uow, struct customer_id customer, struct session_id id);
/* All but `keep` (0: all). */
enum err session_revoke_others(struct uow *uow, struct customer_id customer,
                               struct session_id keep);

struct session {
    struct session_id id;
    char device_name[DEVICE_NAME_SIZE];
    int64_t created_at;
    int64_t last_seen_at;
    int64_t step_up_until;   /* 0: none now */
    struct device_id device; /* 0: the app named none */
};
#define SESSIONS_MAX 50 /* live sessions of a customer; the oldest ends when one more opens */
typedef bool session_visit(const struct session *session, void *context);
/* read: live ones, newest first. */
enum err session_each(const struct customer_room *room, struct db_conn *conn,
                      struct customer_id customer, int64_t now_us, session_visit *visit,
                      void *context);

/* --- Pass code -------------------------------------------------------------------------------- */

/* prepare: rules and Argon2id. ERR_INVALID_FIELD (not six digits), ERR_PASSCODE_WEAK,
 * ERR_NOT_FOUND, ERR_NO_MEMORY, errors of db. */
struct passcode_change {
    struct customer_id customer;
    struct session_id session;
    char new_hash[PASSCODE_HASH_SIZE];
    bool old_given;
    struct passcode_proof old; /* if old_given */
};
enum err passcode_prepare(struct customer_room *room, struct engine *engine,
                          const struct principal *who, const char *passcode,
                          const char *old_passcode /* NULL: none */, struct passcode_change *out);
/* commit: sets it, leaves a message, ends all other sessions if there was one before. It rests on what the
 * one before rested on, or in a session of a reset code on what that session showed. Verdicts:
 * ERR_PASSCODE_WRONG (the old one is missing or wrong), ERR_SIGN_IN_LOCKED. */
enum err passcode_set(struct customer_room *room, struct uow *uow,
                      const struct passcode_change *change, struct verdict *out_verdict);

/* --- Identity --------------------------------------------------------------------------------- */

enum identity_check {
    CHECK_FORMAT = 1, /* shape of the number, and of the name */
    CHECK_REGION,
    CHECK_BIRTH_DATE,
    CHECK_CHECK_DIGIT,
    CHECK_AGE,
    CHECK_REGISTRY,
    IDENTITY_CHECK_COUNT = CHECK_REGISTRY
};
const char *identity_check_name(enum identity_check check); /* "checkDigit" */
enum check_result { CHECK_PASSED = 1, CHECK_FAILED = 2, CHECK_UNAVAILABLE = 3 };
const char *check_result_name(enum check_result result); /* "passed" */

struct check_outcome {
    enum identity_check check;
    enum check_result result;
    const char *reason_en; /* "" where passed */
    const char *reason_zh;
};
/* All that prepare found. Holds name and number: wipe it (identity_evidence_wipe). */
struct identity_evidence {
    char name[CUSTOMER_NAME_SIZE];
    char id_number[ID_NUMBER_SIZE]; /* upper case X */
    struct date birth_date;
    enum sex sex;
    char region[CUSTOMER_REGION_SIZE];
    bool is_minor;
    bool name_refused; /* which of the two members is to blame: for pointers */
    bool number_refused;
    size_t count; /* checks made, in order; the first failure ends them */
    struct check_outcome checks[IDENTITY_CHECK_COUNT];
    char registry_request_id[40];
    const char *registry_version;
    int64_t at;
};
void identity_evidence_wipe(struct identity_evidence *evidence);
/* prepare: pure checks, then the registry. Looks at the retry limits first:
 * ERR_TOO_MANY_REQUESTS with *out_retry_at. ERR_REGISTRY_UNAVAILABLE: nothing was decided (commit
 * it all the same: the attempt is evidence). ERR_NOT_FOUND. */
enum err identity_prepare(struct customer_room *room, struct engine *engine, struct customer_id id,
                          const char *name, const char *id_number, struct identity_evidence *out,
                          int64_t *out_retry_at);
/* commit: keeps every check as evidence; if all passed the name and number become the
 * customer's. Verdicts: ERR_IDENTITY_REFUSED, ERR_IDENTITY_TAKEN (another customer has the number),
 * ERR_IDENTITY_FIXED (another identity is stored already; the same one again is granted),
 * ERR_REGISTRY_UNAVAILABLE, ERR_TOO_MANY_REQUESTS (retry_at). */
enum err identity_commit(struct customer_room *room, struct uow *uow, struct customer_id id,
                         const struct identity_evidence *evidence, struct verdict *out_verdict);

struct check_row {
    int64_t id;
    enum identity_check check;
    enum check_result result;
    int64_t score; /* -1: none */
    char version[40];
    uint8_t evidence_hash[VAULT_HASH_SIZE];
    int64_t at;
};
typedef bool check_visit(const struct check_row *row, void *context);
/* read: newest first, for staff. */
enum err identity_checks_each(struct db_conn *conn, struct customer_id id, check_visit *visit,
                              void *context);

/* --- Consents --------------------------------------------------------------------------------- */

#define CONSENT_PURPOSE_SIZE 24
#define CONSENT_VERSION_SIZE 12

struct consent_text {
    char purpose[CONSENT_PURPOSE_SIZE]; /* "identityCheck" */
    char version[CONSENT_VERSION_SIZE]; /* "1" */
    bool required;
    char *title[2]; /* by enum lang */
    char *text[2];
};
/* Reads <folder>/<purpose>.<version>.<zh|en>.txt: the first line is the title, after a line
 * "required: yes|no" and an empty line follows the text. Only the newest version of a purpose is
 * offered. ERR_NOT_FOUND, ERR_IO, ERR_INVALID_FIELD (a language missing, a header malformed). */
enum err consent_texts_load(const char *folder, struct consent_texts **out);
void consent_texts_release(struct consent_texts *texts);
size_t consent_texts_count(const struct consent_texts *texts);
/* In the order shown: required ones first. */
const struct consent_text *consent_texts_at(const struct consent_texts *texts, size_t index);

struct consent {
    char purpose[CONSENT_PURPOSE_SIZE];
    char version[CONSENT_VERSION_SIZE];
    bool granted;
    int64_t at;
};
/* commit: appends. ERR_CONSENT_UNKNOWN (no such purpose, or not its newest version),
 * ERR_CONSENT_REQUIRED (a required one cannot be withdrawn while the customer stays). */
enum err consent_record(struct customer_room *room, struct uow *uow, struct customer_id id,
                        const char *purpose, const char *version, bool granted,
                        struct consent *out);
typedef bool consent_visit(const struct consent *consent, void *context);
/* read: the newest answer to each purpose; with `all`, every row, newest first. */
enum err consent_each(struct db_conn *conn, struct customer_id id, bool all, consent_visit *visit,
                      void *context);
/* read: when the purpose was last refused or withdrawn; 0: never. What was kept under it before that
 * is gone. */
enum err consent_withdrawn_at(struct db_conn *conn, struct customer_id id, const char *purpose,
                              int64_t *out);

/* --- Onboarding ------------------------------------------------------------------------------- */

enum onboarding_step {
    STEP_PHONE,
    STEP_CONSENTS,
    STEP_ID_PICTURES,
    STEP_IDENTITY,
    STEP_PASSCODE,
    STEP_FACE,
    STEP_PLACE,
    STEP_CARD,
    ONBOARDING_STEP_COUNT
};
enum step_state { STEP_TODO, STEP_DONE, STEP_REVIEW, STEP_REFUSED, STEP_NOT_REQUIRED };

/* Facts; nothing else decides. Instants 0: not there. */
struct onboarding_facts {
    int64_t phone_at, identity_at, consents_at, passcode_at, card_at;
    bool layers_required;
    struct customer_layers layers;
};
struct onboarding {
    struct {
        enum step_state state;
        int64_t at; /* 0 unless done */
    } steps[ONBOARDING_STEP_COUNT];
    bool waits; /* a layer is with a person at the bank: the account opens after it */
    enum onboarding_step next; /* the first to do; ONBOARDING_STEP_COUNT: none is */
};
/* Pure. */
struct onboarding onboarding_of(const struct onboarding_facts *facts);
const char *onboarding_step_name(enum onboarding_step step); /* "passCode"; COUNT: "done" */
const char *
step_state_name(enum step_state state); /* "todo", "done", "review", "refused", "notRequired" */
/* read. */
enum err onboarding_load(const struct customer_room *room, struct db_conn *conn,
                         const struct customer *customer, struct date day, struct onboarding *out);

/* --- Messages to the customer ------------------------------------------------------------------
 */

struct message_params {
    const char *amount; /* "12.34", shown with the currency sign; NULL: not used */
    const char *name;
    const char *card;
    const char *account;
    const char *device;
};
/* commit. `payment_id` 0: none. A parameter that the kind needs and is NULL is a CHECK. */
enum err message_add(struct uow *uow, struct customer_id customer, const struct message_row *kind,
                     const struct message_params *params, int64_t payment_id);

#define MESSAGE_TITLE_SIZE 128
#define MESSAGE_TEXT_SIZE  1024
struct message {
    int64_t id;
    const struct message_row *row;
    char title[2][MESSAGE_TITLE_SIZE]; /* by enum lang */
    char text[2][MESSAGE_TEXT_SIZE];
    int64_t created_at;
    int64_t read_at;    /* 0: unread */
    int64_t payment_id; /* 0: none */
};
typedef bool message_visit(const struct message *message, void *context);
/* read: newest first, id < before_id (0: from the newest). */
enum err message_each(const struct customer_room *room, struct db_conn *conn,
                      struct customer_id customer, int64_t before_id, size_t limit,
                      message_visit *visit, void *context);
/* commit: the first reading counts. ERR_NOT_FOUND. */
enum err message_mark_read(struct uow *uow, struct customer_id customer, int64_t message_id);

/* --- Jobs ------------------------------------------------------------------------------------- */

/* commit: removes what has no use any more in a bucket (codes a day old, sessions over for 30 days,
 * stale counters, old challenges), and spells names in Latin letters that are not yet. At most
 * `limit` rows of each; *out_count: how many there were. */
enum err customer_sweep(struct customer_room *room, struct uow *uow, int bucket, int limit,
                        int64_t *out_count);

#endif
