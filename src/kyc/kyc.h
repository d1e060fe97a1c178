/*
 * Know your customer: the person behind a customer is verified in layers, each of which leaves its
 * evidence: pictures of the ID card, reading and confirmation, the registry and the operator, the
 * face in front of the camera, the location of the device. Questions that no rule can decide go to
 * staff (a case). The result of each layer goes to the customer room; accounts are opened elsewhere.
 *
 *   prepare   slow (decodes, compares, queries outside parties), reads, never writes; any thread;
 *   commit    inside the caller's unit of work, short, may run more than once;
 *   read      takes any connection.
 * A refusal that must be stored comes in a `struct verdict` while commit returns ERR_OK.
 *
 * Instants: UTC microseconds. Scores and thresholds: parts per million. Personal data is sealed in
 * the tables and never part of a log, an outbox row or an audit entry.
 */
#ifndef KYC_KYC_H
#define KYC_KYC_H

#include "base/regions.h"
#include "customer/customer.h"
#include "staff/staff.h"
#include "vision/vision.h"

/* --- The room --------------------------------------------------------------------------------- */

/* Parameters; KYC_RULES holds the values of a real bank. Times in microseconds. */
struct kyc_rules {
    int per_minute, per_hour, per_day; /* attempts of one customer that count */
    int64_t face_life_us;              /* of a challenge */
    int frame_uploads_max;             /* attempts per frame */
    int64_t case_due_us;               /* staff decide within this time */
    int64_t case_claim_us;
    int64_t picture_kept_us; /* after the decision, or after the picture if there was none */
    int64_t picture_refused_kept_us;
    int64_t place_kept_us;
    int accuracy_max_m;         /* a less accurate position is unsure */
    const char *served_country; /* "CN": mainland China */
    int long_term_age;          /* ID cards without expiry are issued from this age on */
    size_t gallery_max;         /* accepted faces that are compared; beyond: staff decide */
    int slot_days;              /* video calls can be booked this many days ahead */
    int slot_from_hour, slot_to_hour, slot_minutes, slot_seats;
};
extern const struct kyc_rules KYC_RULES;

/* Picture analysis: decodes, reads, measures, compares. kyc_eyes_vision returns that of src/vision;
 * tests have their own. Versions are stored with the evidence. */
struct kyc_eyes {
    enum err (*decode)(struct kyc_eyes *eyes, const void *bytes, size_t size, struct image *out);
    /* A part of a picture as a JPEG, its longer side at most `side_max`; *out is the caller's. */
    enum err (*encode)(struct kyc_eyes *eyes, const struct image *image, const int box[4],
                       int side_max, uint8_t **out, size_t *out_size);
    enum err (*card_read)(struct kyc_eyes *eyes, const struct image *image,
                          struct card_reading *out, struct image *out_card);
    enum err (*analyse)(struct kyc_eyes *eyes, const struct image *image, struct face *out,
                        struct face_template *out_template, struct face_print *out_print);
    enum face_quality (*quality)(const struct face *face, bool on_card);
    int (*similarity)(const struct face_template *a, const struct face_template *b);
    int (*print_likeness)(const struct face_print *a, const struct face_print *b);
    uint64_t (*print_coarse)(const struct face_print *print, bool is_mirror);
    struct live_verdict (*judge)(const struct live_frame *selfie,
                                 const struct live_frame frames[LIVE_STEPS],
                                 const enum live_action actions[LIVE_STEPS]);
    void (*draw)(const uint8_t random[8], enum live_action out[LIVE_STEPS]);
    const char *card_version, *face_version, *live_version;
    int accept_ppm, review_ppm; /* similarity: accept from, unsure from */
    int print_ppm;              /* similarity of prints from which two are one photograph */
    int same_ppm;               /* similarity to another customer's face from which staff review */
};
struct kyc_eyes_vision {
    struct kyc_eyes eyes;
    struct vision *vision; /* NULL: no models; every picture answers ERR_MODEL_MISSING */
};
void kyc_eyes_vision_init(struct kyc_eyes_vision *out, struct vision *vision);

/* Outside parties besides the registry of names (customer room). Each call may be slow. */
enum portrait_result { PORTRAIT_HELD = 1, PORTRAIT_NOT_HELD, PORTRAIT_UNAVAILABLE };
enum operator_result {
    OPERATOR_MATCH = 1,
    OPERATOR_MISMATCH,
    OPERATOR_UNKNOWN, /* the operator has no answer */
    OPERATOR_UNAVAILABLE
};
struct address_place {
    bool is_known;
    char country[3];                   /* "CN" */
    char region[CUSTOMER_REGION_SIZE]; /* "" unknown */
    bool is_proxy;
};
struct kyc_parties {
    /* *out: a JPEG, the caller's to free; only if held. */
    enum portrait_result (*portrait)(struct kyc_parties *parties, const char *request_id,
                                     const char *name, const char *id_number, uint8_t **out,
                                     size_t *out_size);
    enum operator_result (*operator_check)(struct kyc_parties *parties, const char *request_id,
                                           const char *phone, const char *name,
                                           const char *id_number);
    void (*address)(struct kyc_parties *parties, const char *ip, struct address_place *out);
    /* "" if unknown. */
    void (*phone_region)(struct kyc_parties *parties, const char *phone,
                         char out[CUSTOMER_REGION_SIZE]);
    const char *portrait_version, *operator_version, *place_version;
};
struct kyc_partner {
    struct kyc_parties parties;
    const struct partner *partner;
};
/* Over HTTP (sandbox/README.md, "Identity registry", "Phone operator", "Places"). */
void kyc_partner_init(struct kyc_partner *out, const struct partner *partner);

struct places; /* centroids of regions, and of places abroad: share/places.tsv */
/* ERR_NOT_FOUND, ERR_IO, ERR_INVALID_FIELD, ERR_NO_MEMORY. */
enum err places_load(const char *path, struct places **out);
void places_release(struct places *places); /* NULL is fine */

struct kyc_room;
struct kyc_room_options {
    struct customer_room *customers;
    const struct vault *vault;
    const struct regions *regions;
    const struct places *places;
    struct kyc_eyes *eyes;
    struct kyc_parties *parties;
    const struct kyc_rules *rules; /* NULL: KYC_RULES; copied */
};
/* Everything referenced outlives the room. ERR_NO_MEMORY. */
enum err kyc_room_open(const struct kyc_room_options *options, struct kyc_room **out);
/* The room of an open house (frame/room.h). */
extern const struct room_parts KYC_PARTS;
struct kyc_room *kyc_room_of(const struct house *house);
struct kyc_eyes *kyc_eyes_of(const struct house *house);
void kyc_room_close(struct kyc_room *room);
const struct kyc_rules *kyc_room_rules(const struct kyc_room *room);

/* --- Checks: the evidence --------------------------------------------------------------------- */

enum kyc_check {
    KYC_CHECK_CARD_FRONT = 1, /* score: lowest confidence of the fields */
    KYC_CHECK_CARD_BACK,
    KYC_CHECK_CONFIRMATION, /* the confirmation against the reading */
    KYC_CHECK_VALIDITY,     /* period of validity against the age at issue */
    KYC_CHECK_OPERATOR,
    KYC_CHECK_PORTRAIT,      /* the registry holds a portrait */
    KYC_CHECK_LIVENESS,      /* score: passive liveness */
    KYC_CHECK_FACE_CARD,     /* selfie against the card's portrait */
    KYC_CHECK_FACE_REGISTRY, /* selfie against the registry's portrait */
    KYC_CHECK_FACE_ACCEPTED, /* selfie against the face accepted at opening */
    KYC_CHECK_SAME_FACE,     /* selfie against all other accepted faces: best score */
    KYC_CHECK_PLACE,
    KYC_CHECK_COUNT
};
const char *kyc_check_name(enum kyc_check check); /* "cardFront" */
enum kyc_result { KYC_PASSED = 1, KYC_FAILED = 2, KYC_NO_ANSWER = 3, KYC_UNSURE = 4 };
const char *kyc_result_name(enum kyc_result result); /* "passed", "failed", "unavailable", … */

#define KYC_VERSION_SIZE 80
struct kyc_check_row {
    int64_t id;
    enum kyc_check check;
    enum kyc_result result;
    int64_t score;     /* -1: none */
    int64_t threshold; /* -1: none */
    int band;          /* enum face_band; 0: none */
    char version[KYC_VERSION_SIZE];
    uint8_t evidence_hash[VAULT_HASH_SIZE];
    int64_t at;
};
typedef bool kyc_check_visit(const struct kyc_check_row *row, void *context);
/* read: newest first. */
enum err kyc_checks_each(struct db_conn *conn, struct customer_id customer, kyc_check_visit *visit,
                         void *context);

/* --- Verification: the layers of a customer --------------------------------------------------- */

enum kyc_level { KYC_LEVEL_NONE, KYC_LEVEL_BASIC, KYC_LEVEL_VERIFIED };
const char *kyc_level_name(enum kyc_level level); /* "none", "basic", "verified" */
enum kyc_standing { KYC_INCOMPLETE, KYC_REVIEW, KYC_VERIFIED, KYC_REFUSED };
const char *kyc_standing_name(enum kyc_standing standing); /* "incomplete", … */
enum kyc_layer {
    KYC_ID_FRONT,
    KYC_ID_BACK,
    KYC_CONFIRMATION,
    KYC_REGISTRY,
    KYC_OPERATOR,
    KYC_FACE,
    KYC_PLACE,
    KYC_LAYER_COUNT
};
const char *kyc_layer_name(enum kyc_layer layer); /* "idFront" */
enum kyc_state { KYC_STATE_TODO, KYC_STATE_PASSED, KYC_STATE_UNSURE, KYC_STATE_FAILED };
const char *kyc_state_name(enum kyc_state state); /* "todo", "passed", "unsure", "failed" */

/* Cases: see below. */
enum case_path { CASE_WAIT = 1, CASE_VIDEO = 2, CASE_COUNTER = 3 };
const char *case_path_name(enum case_path path);                 /* "wait" */
enum err case_path_parse(const char *text, enum case_path *out); /* ERR_INVALID_FIELD */
enum case_state { CASE_OPEN = 1, CASE_SECOND = 2, CASE_APPROVED = 3, CASE_REFUSED = 4 };

struct kyc_attempts_left {
    int now, today;
    int64_t retry_at; /* 0: at once */
};
struct kyc_verification {
    enum kyc_level level;
    enum kyc_standing standing;
    struct {
        enum kyc_state state;
        int64_t at; /* 0: not passed */
    } layers[KYC_LAYER_COUNT];
    bool has_document;
    struct date document_until; /* set with has_document and without is_long_term */
    bool is_long_term;
    bool has_case; /* the newest; the other fields are set only with it */
    int64_t case_id;
    enum case_state case_state;
    bool case_is_claimed;
    int64_t opened_at, due_at, appointment_at;
    enum case_path path;
    struct kyc_attempts_left attempts;
};
/* The device is not confirmed: its holder may have nothing but a text code. Such a device has attempts
 * of its own. Pure. */
bool kyc_is_stranger(const struct principal *who);
/* read: the attempts left to this session. */
enum err kyc_attempts_left(const struct kyc_room *room, struct db_conn *conn,
                           const struct principal *who, int64_t now_us,
                           struct kyc_attempts_left *out);
/* read; `attempts` are those of the owner's devices. ERR_NOT_FOUND. */
enum err kyc_verification_load(const struct kyc_room *room, struct db_conn *conn,
                               struct customer_id customer, int64_t now_us,
                               struct kyc_verification *out);

/* --- Pictures of the ID card ------------------------------------------------------------------ */

enum picture_kind {
    PICTURE_ID_FRONT = 1,
    PICTURE_ID_BACK,
    PICTURE_CARD_PORTRAIT,
    PICTURE_REGISTRY_PORTRAIT,
    PICTURE_SELFIE,
    PICTURE_FRAME_1,
    PICTURE_FRAME_2,
    PICTURE_FRAME_3,
    PICTURE_KIND_COUNT
};
const char *picture_kind_name(enum picture_kind kind); /* "idFront" */
struct kyc_picture {
    int64_t id;
    enum picture_kind kind;
    int64_t at, expires_at;
};
typedef bool kyc_picture_visit(const struct kyc_picture *picture, void *context);
/* read: stored pictures of a customer, oldest first. */
enum err kyc_pictures_each(struct db_conn *conn, struct customer_id customer,
                           kyc_picture_visit *visit, void *context);
#define KYC_PICTURE_MAX (2 * 1024 * 1024) /* bytes of a stored picture */
/* read: the JPEG, *out is the caller's to free. ERR_NOT_FOUND, ERR_VAULT_SEAL, ERR_NO_MEMORY. */
enum err kyc_picture_load(const struct kyc_room *room, struct db_conn *conn,
                          struct customer_id customer, int64_t picture, uint8_t **out,
                          size_t *out_size);

/* read: the picture's customer, for staff with a claim on that customer's open case. ERR_NOT_FOUND,
 * ERR_CLAIM_NEEDED. */
enum err kyc_picture_may_see(struct db_conn *conn, int64_t picture, struct staff_id staff,
                             int64_t now_us, struct customer_id *out_customer);

/* Fields of an ID card, as read or as confirmed. Personal data: kyc_fields_wipe. */
struct kyc_fields {
    char name[CUSTOMER_NAME_SIZE]; /* texts: "" unread */
    int sex;                       /* enum sex; -1 unread */
    char nation[25];
    struct date birth_date; /* dates: {0} unread */
    char address[CARD_ADDRESS_SIZE];
    char number[ID_NUMBER_SIZE];
    char issuer[CARD_AUTHORITY_SIZE];
    struct date valid_from, valid_until;
    bool is_long_term;
};
void kyc_fields_wipe(struct kyc_fields *fields);
enum kyc_field {
    KYC_FIELD_NAME,
    KYC_FIELD_SEX,
    KYC_FIELD_BIRTH_DATE,
    KYC_FIELD_ADDRESS,
    KYC_FIELD_NUMBER,
    KYC_FIELD_ISSUER,
    KYC_FIELD_VALID_FROM,
    KYC_FIELD_VALID_UNTIL,
    KYC_FIELD_COUNT
};
const char *kyc_field_name(enum kyc_field field);        /* "idNumber": as in JSON */
const char *kyc_finding_name(enum card_finding finding); /* "screen" */
#define CARD_FINDING_COUNT 9

/* Results of prepare for an upload. Release with kyc_id_picture_release, which wipes them. */
/* The registry's answer to a request for a person's portrait. */
struct registry_portrait {
    enum portrait_result result; /* 0: no request was made */
    bool has_template;
    struct face_template template;
    struct face_print print;
    uint8_t *jpeg; /* the stored JPEG; NULL: none */
    size_t jpeg_size;
};

struct kyc_id_picture {
    struct customer_id customer;
    bool is_strangers;
    enum card_side side;
    enum err refusal; /* ERR_OK: readable */
    uint32_t findings;
    int confidence_ppm;
    struct kyc_fields fields; /* of this side */
    bool has_portrait;
    struct face_template portrait;
    struct face_print portrait_print;
    uint8_t hash[VAULT_HASH_SIZE];
    uint8_t *jpeg, *portrait_jpeg; /* the stored JPEG; NULL: none */
    size_t jpeg_size, portrait_jpeg_size;
    /* Requested if the identity is confirmed and the registry's portrait is not stored. */
    struct registry_portrait registry;
};
/* prepare. ERR_CONSENT_NEEDED (identityCheck), ERR_TOO_MANY_REQUESTS with *out_retry_at,
 * ERR_MODEL_MISSING, ERR_NO_MEMORY, ERR_NOT_FOUND. Faults of the picture itself
 * (ERR_PICTURE_UNREADABLE, ERR_PICTURE_TOO_LARGE, ERR_CARD_…) are in out->refusal: commit it. */
enum err kyc_id_picture_prepare(struct kyc_room *room, struct engine *engine,
                                const struct principal *who, enum card_side side, const void *bytes,
                                size_t size, struct kyc_id_picture *out, int64_t *out_retry_at);
/* commit: stores picture and reading, or counts the refusal. Verdicts: the refusal of prepare,
 * ERR_PICTURE_REUSED, ERR_TOO_MANY_REQUESTS, ERR_CARD_OF_ANOTHER (its number is not the confirmed one). */
enum err kyc_id_picture_commit(struct kyc_room *room, struct uow *uow,
                               const struct kyc_id_picture *picture, struct verdict *out_verdict);
void kyc_id_picture_release(struct kyc_id_picture *picture); /* a zeroed one is fine */
/* read: PUT /v1/me/identity needs a reading of both sides if layers are required; a customer seen by
 * staff needs none. ERR_ID_PICTURES_MISSING. */
enum err kyc_id_pictures_check(const struct kyc_room *room, struct db_conn *conn,
                               struct customer_id customer);

/* --- Confirmation ----------------------------------------------------------------------------- */

struct kyc_confirmation {
    struct customer_id customer;
    bool is_strangers;
    struct kyc_fields fields; /* as confirmed */
    uint32_t corrections;     /* 1 << enum kyc_field: allowed differences */
    uint32_t refused;         /* 1 << enum kyc_field: must be as read */
    enum err refusal;         /* ERR_OK, ERR_IDENTITY_REFUSED, ERR_CARD_EXPIRED, ERR_CARD_MINOR */
    bool is_validity_odd;     /* period of validity does not fit the age */
    uint32_t findings;        /* of both sides */
    struct identity_evidence evidence;
    bool was_registry_asked;
    struct registry_portrait portrait;
    enum operator_result operator; /* 0: no query was made */
};
/* prepare: asks the phone operator whether the number is the person's. Outside of a transaction. */
enum operator_result kyc_ask_operator(const struct kyc_room *room, const char *request_id,
                                      const char *phone, const char *name, const char *id_number);
/* prepare: compares with the readings, queries registry (name, portrait) and operator. Errors as above,
 * ERR_ID_PICTURES_MISSING. Fields.sex, birth_date … are given; is_long_term or valid_until. */
enum err kyc_confirmation_prepare(struct kyc_room *room, struct engine *engine,
                                  const struct principal *who, const struct kyc_fields *fields,
                                  struct kyc_confirmation *out, int64_t *out_retry_at);
/* commit. Verdicts: those of identity_commit but ERR_REGISTRY_UNAVAILABLE (then the confirmation is
 * stored and a job asks the registry again), and the refusal of prepare. */
enum err kyc_confirmation_commit(struct kyc_room *room, struct uow *uow,
                                 const struct kyc_confirmation *confirmation,
                                 struct verdict *out_verdict);
void kyc_confirmation_release(struct kyc_confirmation *confirmation);

/* --- Face checks ---------------------------------------------------------------------------------
 *
 *        completion: all agree            completion: one speaks against it
 *  OPEN ----------------------> ACCEPTED   OPEN -------------------------> REFUSED
 *   | \------------------------> UNSURE (a case decides; approval confirms the session)
 *   +--- 2 minutes, 5 tries of a frame, or a new check of the session ---> EXPIRED
 */
enum face_purpose { FACE_OPENING = 1, FACE_CARD = 2, FACE_STEP_UP = 3 };
const char *face_purpose_name(enum face_purpose purpose);              /* "opening" */
enum err face_purpose_parse(const char *text, enum face_purpose *out); /* ERR_INVALID_FIELD */
enum face_state {
    FACE_STATE_OPEN = 1,
    FACE_STATE_ACCEPTED,
    FACE_STATE_UNSURE,
    FACE_STATE_REFUSED,
    FACE_STATE_EXPIRED
};
const char *face_state_name(enum face_state state); /* "open" */
/* The reason shown to the customer. */
enum face_reason {
    FACE_REASON_NONE,
    FACE_REASON_WRONG_ACTION,
    FACE_REASON_STILL,
    FACE_REASON_SPOOF,
    FACE_REASON_OTHER_PERSON,
    FACE_REASON_NOT_ALIKE,
    FACE_REASON_REVIEW,
    FACE_REASON_REPLAYED,
    FACE_REASON_COUNT
};
const char *face_reason_text(enum face_reason reason, enum lang lang); /* "" for none */
struct face_check {
    int64_t id;
    struct customer_id customer;
    struct session_id session;
    enum face_purpose purpose;
    enum face_state state; /* as of the instant of loading: an old one is expired */
    enum face_reason reason;
    enum live_action actions[LIVE_STEPS];
    int64_t created_at, expires_at, decided_at, face_until, case_id;
    bool is_frame_done[LIVE_STEPS + 1];
};
/* prepare: ERR_CONSENT_NEEDED (biometrics), ERR_IDENTITY_MISSING, ERR_TOO_MANY_REQUESTS with
 * *out_retry_at, ERR_MODEL_MISSING. */
enum err face_check_prepare(struct kyc_room *room, struct engine *engine,
                            const struct principal *who, enum face_purpose purpose,
                            int64_t *out_retry_at);
/* commit: ends an open one of this session, draws a new challenge. Attempts by strangers with the SIM
 * are counted separately from the owner's devices. Verdict ERR_TOO_MANY_REQUESTS. */
enum err face_check_open(struct kyc_room *room, struct uow *uow, const struct principal *who,
                         enum face_purpose purpose, struct face_check *out,
                         struct verdict *out_verdict);
/* read. ERR_NOT_FOUND (also another customer's). */
enum err face_check_load(struct db_conn *conn, struct customer_id customer, int64_t id,
                         int64_t now_us, struct face_check *out);

struct face_frame {
    struct customer_id customer;
    int64_t check_id;
    int number;                /* 0 straight, 1..3 */
    enum err refusal;          /* ERR_OK, ERR_FACE_QUALITY, ERR_PICTURE_… */
    enum face_quality quality; /* with ERR_FACE_QUALITY */
    struct live_frame frame;
    struct face_print print;
    bool is_seen; /* this photograph was submitted before */
    uint8_t hash[VAULT_HASH_SIZE];
    uint8_t *jpeg;
    size_t jpeg_size;
};
/* prepare: ERR_NOT_FOUND, ERR_FACE_CHECK_OVER, ERR_CONSENT_NEEDED, ERR_MODEL_MISSING. */
enum err face_frame_prepare(struct kyc_room *room, struct engine *engine,
                            struct customer_id customer, int64_t check_id, int number,
                            const void *bytes, size_t size, struct face_frame *out);
/* commit. Verdicts: the refusal of prepare, ERR_PICTURE_REUSED (also opens a case),
 * ERR_FACE_CHECK_OVER. */
enum err face_frame_commit(struct kyc_room *room, struct uow *uow, const struct face_frame *frame,
                           struct verdict *out_verdict);
void face_frame_release(struct face_frame *frame);

#define SAME_FACES_MAX 8
struct same_face {
    struct customer_id customer;
    int score_ppm;
};
struct face_completion {
    struct face_check check;
    struct live_verdict live;
    int card_ppm, registry_ppm, accepted_ppm; /* similarities; INT_MIN: not compared */
    struct face_template selfie;
    bool is_seen;             /* a frame was used in another check meanwhile */
    uint8_t digest[32];       /* of all frames */
    int64_t gallery_sequence; /* last sequence compared */
    bool is_gallery_full;
    struct same_face same[SAME_FACES_MAX];
    size_t same_count;
    int same_best_ppm;
};
/* prepare: judges and compares. ERR_NOT_FOUND, ERR_FACE_CHECK_OVER, ERR_FRAMES_MISSING,
 * ERR_CONSENT_NEEDED, ERR_IDENTITY_MISSING. */
enum err face_completion_prepare(struct kyc_room *room, struct engine *engine,
                                 struct customer_id customer, int64_t check_id,
                                 struct face_completion *out);
/* commit: decides. Of two checks with one new face at once, at most one is accepted without review.
 * ERR_FACE_CHECK_OVER. Once it is durable, call session_forget with the check's session. */
enum err face_completion_commit(struct kyc_room *room, struct uow *uow,
                                const struct face_completion *completion, struct face_check *out);
void face_completion_wipe(struct face_completion *completion);

/* --- Location --------------------------------------------------------------------------------- */

enum place_finding {
    PLACE_IP_MISMATCH = 1,
    PLACE_PHONE_MISMATCH = 2,
    PLACE_OUTSIDE = 4, /* of the served area */
    PLACE_PROXY = 8,
    PLACE_INACCURATE = 16
};
#define PLACE_FINDING_COUNT 5
const char *place_finding_name(enum place_finding finding); /* "ipMismatch" */
enum place_state { PLACE_PASSED = 1, PLACE_UNSURE = 2, PLACE_REFUSED = 3 };
const char *place_state_name(enum place_state state); /* "passed" */
struct kyc_place {
    struct customer_id customer;
    bool is_strangers; /* kyc_is_stranger of the session */
    bool is_declined;
    int64_t latitude_e6, longitude_e6; /* millionths of a degree */
    int accuracy_m;
    char ip[46];
    enum place_state state;
    uint32_t findings;
    char region[CUSTOMER_REGION_SIZE];
};
/* "31.230416" to millionths of a degree within -limit..limit degrees; at most 7 digits after the point.
 * ERR_INVALID_FIELD. */
enum err place_degrees_parse(const char *text, int limit, int64_t *out_e6);
/* prepare: queries the location of the address and the phone. ERR_CONSENT_NEEDED (location),
 * ERR_TOO_MANY_REQUESTS with *out_retry_at. In *place: customer, coordinates, accuracy, ip. */
enum err kyc_place_prepare(struct kyc_room *room, struct engine *engine, struct kyc_place *place,
                           int64_t *out_retry_at);
/* commit; also a declined one (state unsure). Verdict: ERR_TOO_MANY_REQUESTS. */
enum err kyc_place_commit(struct kyc_room *room, struct uow *uow, const struct kyc_place *place,
                          struct verdict *out_verdict);

/* --- Cases ---------------------------------------------------------------------------------------
 *
 *         approve (one is enough)
 *  OPEN ---------------------------> APPROVED
 *   | \-- approve (needs a second) --> SECOND -- approve by another --> APPROVED
 *   +----------- refuse --------------> REFUSED <-- refuse -- (SECOND)
 *
 * A case is worked on under a claim (staff room, queue KYC_QUEUE) that ends by itself.
 */
#define KYC_QUEUE "identityCases"
enum case_reason {
    CASE_FACE_UNSURE,
    CASE_LIVENESS_UNSURE,
    CASE_DOCUMENT_EDITED,
    CASE_NAME_CORRECTED,
    CASE_PLACE_UNSURE,
    CASE_PLACE_DECLINED,
    CASE_REGISTRY_UNAVAILABLE,
    CASE_SAME_FACE,
    CASE_REQUESTED,
    CASE_REPLAYED, /* a photograph of a face was submitted a second time */
    CASE_REASON_COUNT
};
const char *case_reason_name(enum case_reason reason); /* "faceUnsure" */
struct kyc_case {
    int64_t id;
    struct customer_id customer;
    enum case_state state;
    uint32_t reasons; /* 1 << enum case_reason */
    enum case_path path;
    int64_t appointment_at; /* 0: none */
    bool needs_second;
    struct staff_id first_staff;
    int64_t face_check_id;
    int64_t opened_at, due_at, decided_at;
};
/* "open", "claimed", "second", "approved", "refused". */
const char *case_state_name(enum case_state state, bool is_claimed);
/* read. ERR_NOT_FOUND. */
enum err kyc_case_load(struct db_conn *conn, int64_t id, struct kyc_case *out);
enum case_filter { CASES_UNDECIDED, CASES_OPEN, CASES_SECOND, CASES_DECIDED, CASES_ALL };
typedef bool kyc_case_visit(const struct kyc_case *row, void *context);
/* read: newest first, id < before_id (0: from the newest); `visit` false stops. */
enum err kyc_cases_each(struct db_conn *conn, enum case_filter filter, int64_t before_id,
                        size_t limit, kyc_case_visit *visit, void *context);
/* read: the reading (both sides together) and the confirmation. ERR_NOT_FOUND (neither). */
enum err kyc_read_load(const struct kyc_room *room, struct db_conn *conn,
                       struct customer_id customer, struct kyc_fields *out);
enum err kyc_confirmed_load(const struct kyc_room *room, struct db_conn *conn,
                            struct customer_id customer, struct kyc_fields *out,
                            uint32_t *out_corrections);
enum err kyc_same_faces(struct db_conn *conn, int64_t case_id, struct same_face out[SAME_FACES_MAX],
                        size_t *out_count);

enum kyc_attempt {
    ATTEMPT_FRONT = 1,
    ATTEMPT_BACK,
    ATTEMPT_CONFIRMATION,
    ATTEMPT_FACE,
    ATTEMPT_FRAME,
    ATTEMPT_PLACE,
    ATTEMPT_FACE_STRANGER, /* this and the rest: from an unconfirmed device */
    ATTEMPT_FRONT_STRANGER,
    ATTEMPT_BACK_STRANGER,
    ATTEMPT_CONFIRMATION_STRANGER,
    ATTEMPT_PLACE_STRANGER,
    ATTEMPT_KIND_COUNT
};
const char *kyc_attempt_name(enum kyc_attempt kind); /* "idFront" */
struct kyc_attempt_row {
    int64_t at;
    enum kyc_attempt kind;
    /* "passed" or a slug; of a face check "started", and once decided "passed", "unsure", "refused" */
    char result[40];
};
typedef bool kyc_attempt_visit(const struct kyc_attempt_row *row, void *context);
/* read: newest first. */
enum err kyc_attempts_each(struct db_conn *conn, struct customer_id customer, size_t limit,
                           kyc_attempt_visit *visit, void *context);

enum decision_reason {
    DECISION_SAME_PERSON = 1,
    DECISION_DIFFERENT_PERSON,
    DECISION_DOCUMENT_GENUINE,
    DECISION_DOCUMENT_NOT_GENUINE,
    DECISION_PLACE_EXPLAINED,
    DECISION_NOT_REACHED,
    DECISION_OTHER,
    DECISION_REASON_COUNT
};
const char *decision_reason_name(enum decision_reason reason);               /* "samePerson" */
enum err decision_reason_parse(const char *text, enum decision_reason *out); /* ERR_INVALID_FIELD */
#define DECISION_NOTE_SIZE 2001                                              /* 500 characters */
struct kyc_decision {
    bool is_approval;
    enum decision_reason reason;
    const char *note;
};
struct kyc_decision_row {
    int64_t at;
    char login[STAFF_LOGIN_SIZE];
    bool is_approval;
    enum decision_reason reason;
    char note[DECISION_NOTE_SIZE];
};
typedef bool kyc_decision_visit(const struct kyc_decision_row *row, void *context);
/* read: oldest first. */
enum err kyc_decisions_each(const struct kyc_room *room, struct db_conn *conn, int64_t case_id,
                            kyc_decision_visit *visit, void *context);
/* commit: under the caller's claim. ERR_NOT_FOUND, ERR_CASE_DECIDED, ERR_CLAIM_NEEDED, ERR_FOUR_EYES
 * (the first approver), ERR_REGISTRY_UNAVAILABLE (an approval before the registry has answered).
 * Audited here. *out_session (0: none) got a face proof: session_forget. */
enum err kyc_case_decide(struct kyc_room *room, struct uow *uow, const struct staff *by, int64_t id,
                         const struct kyc_decision *decision, struct kyc_case *out,
                         struct session_id *out_session);

#define KYC_SLOTS_MAX 200
/* Free starts of video calls, soonest first. read. */
enum err kyc_slots(const struct kyc_room *room, struct db_conn *conn, int64_t now_us,
                   const struct zone *zone, int64_t out[KYC_SLOTS_MAX], size_t *out_count);
/* commit: the customer's choice of review; video or counter open a case if none is open. ERR_NO_REVIEW,
 * ERR_SLOT_TAKEN, ERR_INVALID_FIELD (unknown slot; missing, or not for this path). */
enum err kyc_path_choose(struct kyc_room *room, struct uow *uow, struct customer_id customer,
                         enum case_path path, int64_t appointment_at);

struct kyc_queue_counts {
    int64_t open, overdue, mine;
    int64_t oldest_at; /* 0: none */
};
/* read: undecided cases, and those claimed by `staff`. */
enum err kyc_queue_counts(struct db_conn *conn, struct staff_id staff, int64_t now_us,
                          struct kyc_queue_counts *out);

/* --- Erasing, jobs, export -------------------------------------------------------------------- */

/* commit: consent withdrawn. Deletes templates, faces and selfies; without an open account the layer
 * must be passed again. */
enum err kyc_erase_biometrics(struct kyc_room *room, struct uow *uow, struct customer_id customer);
enum err kyc_erase_places(struct uow *uow, struct customer_id customer);
/* Everything of a customer except the results of checks and decisions (without notes). */
enum err kyc_erase_customer(struct uow *uow, struct customer_id customer);
/* Call once either is durable: removes the face from the gallery in memory. (Another process detects
 * the removal on a match, which then counts as none.) */
void kyc_forget_face(struct kyc_room *room, struct customer_id customer);

/* Jobs. Each call does a bounded amount of work and returns the count. */
enum err kyc_sweep(struct kyc_room *room, struct uow *uow, int limit, int64_t *out_count);
/* Attempts of the bucket before an instant. */
enum err kyc_attempts_sweep(struct uow *uow, int bucket, int64_t before_us, int limit,
                            int64_t *out_count);
enum err kyc_tell_late(struct kyc_room *room, struct uow *uow, int limit, int64_t *out_count);
/* Asks the registry again about customers it gave no answer for. Not inside a unit of work. */
enum err kyc_registry_retry(struct kyc_room *room, struct engine *engine, int limit,
                            int64_t *out_count);

/* read, for the export: locations of a customer, oldest first. */
struct kyc_place_row {
    int64_t at, expires_at;
    enum place_state state;
    uint32_t findings;
    char region[CUSTOMER_REGION_SIZE];
    bool has_position;
    int64_t latitude_e6, longitude_e6;
    int accuracy_m;
};
typedef bool kyc_place_visit(const struct kyc_place_row *row, void *context);
enum err kyc_places_each(const struct kyc_room *room, struct db_conn *conn,
                         struct customer_id customer, kyc_place_visit *visit, void *context);

#endif
