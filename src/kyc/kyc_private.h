/* Private to the room: its state, and calls between its files. */
#ifndef KYC_PRIVATE_H
#define KYC_PRIVATE_H

#include "kyc/gallery.h"
#include "kyc/kyc.h"
#include "kyc/kyc_rules.h"

/* Prints of photographs in memory, by rising id: see prints.c. */
struct seen_print {
    int64_t id;
    struct customer_id customer;
    int64_t check_id;
    uint64_t coarse, coarse_mirror;
};
struct seen_prints {
    struct mutex mutex;
    struct seen_print *prints;
    size_t count, capacity;
};

struct kyc_room {
    struct kyc_room_options options;
    struct kyc_rules rules;
    struct gallery gallery;
    struct seen_prints seen;
};

/* --- kyc.c ------------------------------------------------------------------------------------ */

/* States of the customer's layers: kyc_people. */
struct kyc_person {
    struct customer_id customer;
    struct {
        enum kyc_state state;
        int64_t at;
    } layers[KYC_LAYER_COUNT]; /* KYC_CONFIRMATION and on */
    uint32_t reasons;          /* wait for a case */
    bool has_document;
    struct date document_until;
    bool is_long_term;
    int64_t refused_at;
    int registry_tries;
    int64_t registry_next_at;
};
/* commit: creates the row if it is missing, locks it until the transaction's end. */
enum err person_lock(struct uow *uow, struct customer_id id, struct kyc_person *out);
/* read: zeroed if there is no row. */
enum err person_load(struct db_conn *conn, struct customer_id id, struct kyc_person *out);
enum err person_store(struct uow *uow, const struct kyc_person *person);
void person_set(struct kyc_person *person, enum kyc_layer layer, enum kyc_state state,
                int64_t now_us);

/* read: ERR_CONSENT_NEEDED unless the newest decision on the purpose is consent. */
enum err consent_check(struct db_conn *conn, struct customer_id id, const char *purpose);
/* read: ERR_TOO_MANY_REQUESTS with *out_retry_at. Strangers use up their own attempts. */
enum err attempts_check(const struct kyc_room *room, struct db_conn *conn, struct customer_id id,
                        bool is_stranger, int64_t now_us, int64_t *out_retry_at);
/* The same for locations, which are counted separately. */
enum err places_check(const struct kyc_room *room, struct db_conn *conn, struct customer_id id,
                      bool is_stranger, int64_t now_us, int64_t *out_retry_at);
/* The kind under which an attempt is stored, by device. Pure. */
enum kyc_attempt attempt_kind_of(enum kyc_attempt kind, bool is_stranger);
enum err attempts_left(const struct kyc_room *room, struct db_conn *conn, struct customer_id id,
                       int64_t now_us, struct kyc_attempts_left *out);
/* commit: counts one more; result ERR_OK: passed. */
enum err attempt_add(struct uow *uow, struct customer_id id, enum kyc_attempt kind, bool counts,
                     enum err result);
/* commit: a face check counts from its start; its result is stored at the decision. */
enum err attempt_start_face(struct uow *uow, struct customer_id id, bool is_stranger);
enum err attempt_decide_face(struct uow *uow, const struct face_check *check);

struct check_add {
    enum kyc_check check;
    enum kyc_result result;
    int score, threshold; /* INT_MIN: none */
    int band;             /* 0: none */
    const char *version;
    const void *evidence; /* the evidence; hashed with the vault's key */
    size_t evidence_size;
    int64_t face_check_id;
};
enum err check_store(const struct kyc_room *room, struct uow *uow, struct customer_id id,
                     const struct check_add *check);
/* A random text for a party's request id. */
#define REQUEST_ID_SIZE 40
void request_id(const struct kyc_room *room, struct customer_id id, char out[REQUEST_ID_SIZE]);

/* --- picture.c -------------------------------------------------------------------------------- */

/* commit: a picture in sealed chunks; the JPEG must be at most KYC_PICTURE_MAX (CHECK). */
enum err picture_store(const struct kyc_room *room, struct uow *uow, struct customer_id id,
                       enum picture_kind kind, int64_t check_id, const uint8_t *jpeg, size_t size,
                       int64_t *out_id);
/* commit: pictures of a kind expire at that instant at the latest (older ones of this customer). */
enum err picture_expire(struct uow *uow, struct customer_id id, enum picture_kind kind,
                        int64_t expires_at);
/* commit: every picture of the customer expires exactly at that instant: the case was decided. */
enum err picture_keep_until(struct uow *uow, struct customer_id id, int64_t expires_at);
/* commit: erases pictures of a customer: of face checks only, or all. */
enum err picture_erase(struct uow *uow, struct customer_id id, bool faces_only);
enum err picture_sweep(struct uow *uow, int limit, int64_t *out_count);
/* commit: records the uploader. ERR_PICTURE_REUSED: another customer's upload, or this one's in another
 * place (check). */
enum err upload_note(struct uow *uow, const uint8_t hash[VAULT_HASH_SIZE], struct customer_id id,
                     int64_t check_id);
/* Keyed hash of the pixels: bytes after the picture or other data in its header make no other picture. */
void upload_hash(const struct kyc_room *room, const struct image *picture,
                 uint8_t out[VAULT_HASH_SIZE]);

/* --- template.c ------------------------------------------------------------------------------- */

enum template_kind {
    TEMPLATE_CARD = 1,
    TEMPLATE_REGISTRY = 2,
    TEMPLATE_PENDING = 3,
    TEMPLATE_ACCEPTED = 4
};
enum err template_store(const struct kyc_room *room, struct uow *uow, struct customer_id id,
                        enum template_kind kind, const struct face_template *face,
                        int64_t sequence);
/* ERR_NOT_FOUND, ERR_VAULT_SEAL. */
/* --- portrait.c -------------------------------------------------------------------------------- */

/* prepare: queries the registry. ERR_NO_MEMORY; no answer and no portrait are results. */
enum err portrait_ask(struct kyc_room *room, struct customer_id customer, const char *name,
                      const char *id_number, struct registry_portrait *out);
/* commit: the check, and the portrait if there is one. No effect without a query. */
enum err portrait_store(struct kyc_room *room, struct uow *uow, struct customer_id customer,
                        const struct registry_portrait *portrait, const struct kyc_fields *fields);
void portrait_release(struct registry_portrait *portrait);
/* read: whether the customer has a confirmed number, and whether it is this one. */
enum err identity_compare(const struct kyc_room *room, struct db_conn *conn,
                          struct customer_id customer, const char *id_number, bool *out_has,
                          bool *out_is_same);

enum err template_load(const struct kyc_room *room, struct db_conn *conn, struct customer_id id,
                       enum template_kind kind, struct face_template *out);
enum err template_drop(struct uow *uow, struct customer_id id, enum template_kind kind);
/* commit: the pending face becomes the accepted one; ERR_NOT_FOUND if there is none. */
enum err template_accept(const struct kyc_room *room, struct uow *uow, struct customer_id id,
                         const struct face_template *face);
enum err template_unseal(const struct kyc_room *room, const struct db_rows *rows,
                         struct customer_id id, enum template_kind kind, int column,
                         struct face_template *out);

/* --- face.c ----------------------------------------------------------------------------------- */

/* commit: ends the open check of a session. */
enum err face_check_expire(struct uow *uow, struct customer_id customer, struct session_id session);

/* --- face_frame.c ----------------------------------------------------------------------------- */

#define FRAME_COUNT (LIVE_STEPS + 1)
/* read: whether each frame exists and, with `out`, its measurements. ERR_VAULT_SEAL. */
enum err face_frames_load(const struct kyc_room *room, struct db_conn *conn, int64_t check_id,
                          bool out_done[FRAME_COUNT], struct live_frame out[FRAME_COUNT]);

/* --- prints.c --------------------------------------------------------------------------------- */

void seen_init(struct seen_prints *seen);
void seen_release(struct seen_prints *seen); /* wipes */
/* commit: the print of a photograph; check 0: a portrait of a card or of the registry. */
enum err print_store(const struct kyc_room *room, struct uow *uow, struct customer_id customer,
                     int64_t check_id, int frame, const struct face_print *print);
/* commit: deletes all of a customer. */
enum err print_erase(struct uow *uow, struct customer_id customer);
/* read: whether the photograph was submitted before, by any customer, in another check or on a card.
 * Cost: a scan of the prints in memory and at most 24 full comparisons. ERR_NO_MEMORY, ERR_VAULT_SEAL. */
enum err print_search(struct kyc_room *room, struct db_conn *conn, int64_t check_id,
                      const struct face_print *print, bool *out_is_seen);
/* read: the same for all prints of a check. Two checks with one photograph are both found once both are
 * stored; at most one can be accepted, if it ended before the other was stored. */
enum err print_search_check(struct kyc_room *room, struct db_conn *conn,
                            struct customer_id customer, int64_t check_id, bool *out_is_seen);

/* --- document.c ------------------------------------------------------------------------------- */

enum err fields_seal(const struct kyc_room *room, struct customer_id id, const char *field,
                     const struct kyc_fields *fields, uint8_t out[VAULT_SEALED_MAX],
                     size_t *out_size);
enum err fields_unseal(const struct kyc_room *room, struct customer_id id, const char *field,
                       const void *sealed, size_t size, struct kyc_fields *out);
struct kyc_reading {
    struct kyc_fields fields;
    uint32_t findings;
    int64_t at;
};
/* read: ERR_NOT_FOUND. */
enum err reading_load(const struct kyc_room *room, struct db_conn *conn, struct customer_id id,
                      enum card_side side, struct kyc_reading *out);

/* --- case.c ----------------------------------------------------------------------------------- */

/* commit: a person must decide, for these reasons (0: the pending ones). Opens a case once the identity
 * is known (is_identified), or adds to the open one; until then the reasons are kept in the person's
 * row, which the caller stores afterwards. *out_case 0: none yet. */
enum err case_want(struct kyc_room *room, struct uow *uow, struct kyc_person *person,
                   bool is_identified, uint32_t reasons, int64_t face_check_id, int64_t *out_case);
/* ERR_NOT_FOUND. */
enum err case_open_of(struct db_conn *conn, struct customer_id id, struct kyc_case *out);
enum err case_newest_of(struct db_conn *conn, struct customer_id id, struct kyc_case *out);
/* read: a photograph was submitted twice, and no decision has been made on it. */
enum err case_has_replay(struct db_conn *conn, const struct kyc_person *person, bool *out);
enum err same_face_add(struct uow *uow, int64_t case_id, const struct same_face *same);

/* --- face.c ----------------------------------------------------------------------------------- */

/* commit: applies a decision to an unsure check. *out_session 0: none. */
enum err face_check_resolve(struct uow *uow, struct customer_id id, int64_t check_id,
                            bool is_approved, struct session_id *out_session);
enum err face_erase(struct uow *uow, struct customer_id id);
/* commit: deletes the measurements of checks from before an instant. */
enum err face_sweep(struct uow *uow, int64_t before_us, int limit, int64_t *out_count);

/* --- place.c ---------------------------------------------------------------------------------- */

enum err place_sweep(struct uow *uow, int limit, int64_t *out_count);

#endif
