/* Inside of the room: its state, and calls between its files. */
#ifndef CUSTOMER_CUSTOMER_PRIVATE_H
#define CUSTOMER_CUSTOMER_PRIVATE_H

#include "customer/customer.h"
#include "customer/customer_rules.h"
#include "customer/parameters.h"
#include "customer/security.h"
#include "customer/session_cache.h"
#include "sys/thread.h"

#include <stdatomic.h>

enum latin_rule { LATIN_WORDS, LATIN_SURNAMES, LATIN_ASCII, LATIN_RULE_COUNT };

struct customer_room {
    const struct vault *vault;
    const struct regions *regions;
    struct registry *registry;
    const struct consent_texts *consents;
    struct customer_rules rules;
    struct session_cache *cache;
    const struct catalogue *catalogue;
    const struct room_parts *const *rooms;
    struct mutex latin_mutex;            /* ICU's transliterator is for one thread at a time */
    void *latin[LATIN_RULE_COUNT];       /* made when first asked for */
    char dummy_hash[PASSCODE_HASH_SIZE]; /* what is compared if nobody has the phone */
};

/* A parameter of this room, as of a day. */
int64_t customer_room_figure(const struct customer_room *room, enum customer_parameter parameter,
                             struct date day);

/* --- phone_code.c ------------------------------------------------------------------------------
 */

/* commit: counts a wrong code, uses up a right one. Verdicts ERR_CODE_…. */
enum err phone_code_check(struct customer_room *room, struct uow *uow,
                          const struct customer_phone *phone, int64_t phone_code_id,
                          const char *code, uint32_t purposes /* 1 << enum code_purpose */,
                          struct verdict *out_verdict, enum code_purpose *out_purpose);
/* read: whether the code is the right one now; counts and uses up nothing. For callers that ask outside
 * parties before the transaction. */
enum err phone_code_peek(struct customer_room *room, struct db_conn *conn,
                         const struct customer_phone *phone, int64_t phone_code_id,
                         const char *code, enum code_purpose purpose, int64_t now_us, bool *out);
/* The row of counters of a phone number, locked until the transaction's end. */
struct phone_row {
    struct failures strangers; /* wrong pass codes from unknown devices */
    struct failures holder;    /* and of who gave a right text code with it */
    int persons;               /* customers it started; phone_row_store leaves it alone */
};
enum err phone_row_lock(struct uow *uow, int bucket, const uint8_t phone_hash[VAULT_HASH_SIZE],
                        struct phone_row *out);
enum err phone_row_store(struct uow *uow, int bucket, const uint8_t phone_hash[VAULT_HASH_SIZE],
                         const struct phone_row *row);
/* commit: a code that was right, but its pass code wrong, stays good: counted as one of its tries. */
enum err phone_code_reopen(struct uow *uow, const struct customer_phone *phone, int64_t id);
/* commit: counts one more sign-up for this phone number. */
enum err phone_row_count_person(struct uow *uow, const struct customer_phone *phone);

/* --- sms.c ------------------------------------------------------------------------------------ */

void sms_write_code(const struct customer_phone *phone, const char *code, enum code_purpose purpose,
                    enum lang language, struct sms *out);
void sms_write_phone_changed(const char *to, enum lang language, struct sms *out);
/* commit: an outbox row of SMS_TOPIC with a sealed body. */
enum err sms_put(struct customer_room *room, struct uow *uow, int bucket, int64_t ref_id,
                 const struct sms *sms);

/* --- session.c ---------------------------------------------------------------------------------
 */

/* commit: a new session; the oldest ends if SESSIONS_MAX are live. */
struct session_start {
    const char *device_name;
    bool may_reset;
    unsigned basis;           /* bits of enum factor */
    int64_t passcode_version; /* of the pass code given; 0: none */
};
enum err session_open(struct customer_room *room, struct uow *uow, struct customer_id customer,
                      const struct session_start *start, struct session_opened *out);
/* commit: the customer has another number: message, event, and a text to the old one ("": none). */
enum err phone_change_tell(struct customer_room *room, struct uow *uow,
                           const struct customer *customer, const char *old_number);
/* commit: all keys of a customer who leaves; their names are free again. */
enum err passkey_remove_all(const struct customer_room *room, struct uow *uow,
                            struct customer_id customer);
/* commit: passkey_until or totp_until of a live session. ERR_NOT_SIGNED_IN. */
enum session_proof { PROOF_PASSKEY, PROOF_TOTP };
enum err session_prove(struct uow *uow, struct session_id session, enum session_proof proof,
                       int64_t until_us);

/* --- device.c ----------------------------------------------------------------------------------
 */

/* read: whether the customer used this device before, has not removed it, and gave more than a text code
 * on it. `key` NULL: the app keeps none, which counts as a device never seen. */
enum err device_is_known(const struct customer_room *room, struct db_conn *conn,
                         struct customer_id customer, const char *key, bool *out);
/* The same, with its id; 0: not known. */
enum err device_known_id(const struct customer_room *room, struct db_conn *conn,
                         struct customer_id customer, const char *key, int64_t *out);
struct device_sight {
    const char *key; /* NULL: none, nothing is kept */
    const char *name;
    bool is_vouched; /* false: the device stays unknown until session_vouch */
};
/* commit: the device is there now, new or again: device and is_new_device of *out. */
enum err device_see(struct customer_room *room, struct uow *uow, struct customer_id customer,
                    const struct device_sight *sight, struct session_opened *out);
/* commit: locks the row of the key; ERR_DEVICE_PERSONS if no more persons may begin on it. */
enum err device_may_begin(struct customer_room *room, struct uow *uow, const char *key);

/* --- latin.c ----------------------------------------------------------------------------------- */

#define LATIN_NAME_SIZE     401
#define LATIN_INITIALS_SIZE 52
#define LATIN_SPELLINGS_MAX 7 /* two readings, three ways to write ü, and one being made */
struct latin_spelling {
    char letters[LATIN_NAME_SIZE];
    char initials[LATIN_INITIALS_SIZE];
};
/* commit: keeps the spellings of a customer's name. */
enum err latin_store(struct customer_room *room, struct uow *uow, struct customer_id id,
                     const char *name);
/* What a search of pinyin looks for: lower case, without blanks and apostrophes, ü as v; "": the text
 * is not of Latin letters alone. Pure. */
void latin_fold_query(const char *text, char out[LATIN_NAME_SIZE]);
void latin_close(struct customer_room *room);

/* --- passcode.c --------------------------------------------------------------------------------
 */

/* Who tries a pass code: each is counted, and locked, apart, so that a stranger locks nobody out. */
struct passcode_try {
    enum { TRY_STRANGER, TRY_HOLDER, TRY_DEVICE, TRY_SESSION } by;
    int64_t id;     /* of the device or session */
    enum err wrong; /* the refusal of a wrong one: ERR_SIGN_IN_FAILED or ERR_PASSCODE_WRONG */
};
/* commit: who guesses in this session. A new session brings no new guesses: on a device that is not
 * known it is the holder of the number, on a known one the device, unless the session gave the pass
 * code, which another session does not come by without it. Who lost the number gets no text code:
 * the session counts. */
enum err passcode_try_of_session(struct uow *uow, struct session_id session,
                                 const uint8_t phone_hash[VAULT_HASH_SIZE],
                                 struct passcode_try *out);
/* commit: counts the proof for or against whoever tries; tries at one number queue at its row. */
enum err passcode_count(struct customer_room *room, struct uow *uow,
                        const uint8_t phone_hash[VAULT_HASH_SIZE], const struct passcode_try *by,
                        const struct passcode_proof *proof, struct verdict *out_verdict);
/* Argon2id over the keyed hash of customer and pass code. ERR_NO_MEMORY. */
enum err passcode_hash(const struct customer_room *room, struct customer_id customer,
                       const char *passcode, char out[PASSCODE_HASH_SIZE]);

/* --- customer.c --------------------------------------------------------------------------------
 */

/* read: the hash of the customer's phone. ERR_NOT_FOUND. */
enum err customer_phone_hash(struct db_conn *conn, struct customer_id id,
                             uint8_t out[VAULT_HASH_SIZE]);
/* commit: a new customer of a phone that nobody has. ERR_EXISTS: whose it is, in *out. */
enum err customer_create(struct customer_room *room, struct uow *uow,
                         const struct customer_phone *phone, enum lang language,
                         struct customer_id *out);
/* commit: another phone for a customer. ERR_EXISTS (it is somebody's), ERR_NOT_FOUND. */
enum err customer_store_phone(struct customer_room *room, struct uow *uow, struct customer_id id,
                              const struct customer_phone *phone);
/* commit: takes the number off the customer, with a message in the app. */
enum err customer_detach_phone(struct customer_room *room, struct uow *uow, struct customer_id id);

/* --- consent.c ---------------------------------------------------------------------------------
 */

/* read: when the last of the required consents was given; 0 while one is missing. */
enum err consents_complete_at(const struct customer_room *room, struct db_conn *conn,
                              struct customer_id id, int64_t *out);

#endif
