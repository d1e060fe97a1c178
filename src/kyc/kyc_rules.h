/*
 * Pure decisions of the room: no database, no clock, no I/O. Retry limits, usability of a card reading,
 * confirmation against reading, the bands of a face check, a location, the
 * life cycle of a case.
 */
#ifndef KYC_RULES_H
#define KYC_RULES_H

#include "kyc/kyc.h"

#define KYC_RULES_VERSION "kyc-rules/1"

/* --- Retry limits ----------------------------------------------------------------------------- */

#define ATTEMPTS_NEWEST_MAX 32 /* instants examined; per_day is below it */
/* `newest` holds the instants of the newest counted attempts, newest first. Pure. */
struct kyc_attempts_left kyc_attempts_decide(const int64_t *newest, size_t count,
                                             const struct kyc_rules *rules, int64_t now_us);

/* --- ID card ---------------------------------------------------------------------------------- */

struct card_policy {
    struct date today;
    int age_min;
    int long_term_age;
};
/* Usability of a reading, in this order: ERR_CARD_NOT_FOUND, ERR_CARD_SIDE_WRONG, ERR_CARD_RECAPTURED,
 * ERR_CARD_QUALITY (also if the number, the portrait or the validity could not be read),
 * ERR_CARD_NUMBER_WRONG, ERR_CARD_EXPIRED, ERR_CARD_MINOR, ERR_OK. */
enum err card_reading_decide(const struct card_reading *reading, enum card_side wanted,
                             const struct card_policy *policy);
/* Whether the period of validity fits the age at issue (Resident Identity Card Law, art. 5): 10 years
 * at 16 to 25, 20 years at 26 to 45, without expiry from 46 on; below 16, 5 years. */
bool card_validity_fits(struct date birth_date, struct date valid_from, struct date valid_until,
                        bool is_long_term, int long_term_age);
/* A part of the picture was changed, or contradicts another: goes to review. */
bool card_is_suspect(uint32_t findings);

/* Compares the confirmation with both readings. Name and address may be corrected; number, birth date,
 * sex and validity must be as read if they were read; a field that was not read is a correction. The
 * confirmed number must agree with the confirmed birth date and sex. */
struct confirmation_verdict {
    uint32_t corrections, refused; /* 1 << enum kyc_field */
    enum err refusal; /* ERR_OK, ERR_IDENTITY_REFUSED, ERR_CARD_EXPIRED, ERR_CARD_MINOR */
    bool is_validity_odd;
};
struct confirmation_verdict confirmation_decide(const struct kyc_fields *front,
                                                const struct kyc_fields *back,
                                                const struct kyc_fields *confirmed,
                                                const struct card_policy *policy);

/* --- Face ------------------------------------------------------------------------------------- */

enum face_band kyc_band(int similarity_ppm, int accept_ppm, int review_ppm);
struct face_facts {
    enum live_result live;
    enum face_band bands[3]; /* with card, registry, accepted face; 0: not compared */
    enum face_band same;     /* with the most similar of the others; 0: none, or not compared */
    bool is_gallery_full;    /* at least one other comparison had no result */
    bool was_refused;        /* staff refused this customer before */
    bool is_seen;            /* a frame was submitted before */
    bool has_replay;         /* one was in another check, and no decision has been made on it */
    bool is_known; /* the person had an account or a face before: a card alone is not enough */
};
struct face_verdict {
    enum face_state state; /* ACCEPTED, UNSURE, REFUSED */
    enum face_reason reason;
    uint32_t case_reasons; /* if unsure */
};
/* Refused if a frame was submitted before, one comparison refuses, or the frames show a spoof, a still,
 * another person or the wrong action; accepted only if liveness passed and all comparisons accept, for
 * a known person including the registry's portrait or the accepted face; else staff decide. */
struct face_verdict face_decide(const struct face_facts *facts);
/* The gate for an uploaded frame: frames of actions may be turned, eyes may be shut. */
bool face_frame_is_good(enum face_quality quality, int number);

/* --- Location --------------------------------------------------------------------------------- */

struct place_facts {
    bool is_outside; /* the nearest place is abroad, or too far */
    int accuracy_m, accuracy_max_m;
    char region[CUSTOMER_REGION_SIZE]; /* nearest; "" if outside */
    struct address_place address;
    char phone_region[CUSTOMER_REGION_SIZE]; /* "" unknown */
    const char *served_country;
};
/* Outside: refused. A province other than the address's, a proxy, or low accuracy: unsure. A province
 * other than the phone's is recorded and passes: many people have moved. */
enum place_state place_decide(const struct place_facts *facts, uint32_t *out_findings);
/* The nearest row and its distance in kilometres, on a sphere. */
const char *places_nearest(const struct places *places, int64_t latitude_e6, int64_t longitude_e6,
                           int *out_km);
#define PLACE_FAR_KM 450 /* farther from every known place: outside (western China is sparse) */

/* --- Cases ------------------------------------------------------------------------------------ */

/* Two people decide if one face has two identities, the document may be altered, or a photograph was
 * submitted before. */
bool case_needs_second(uint32_t reasons, bool was_face_refused);
/* The table of kyc.h. ERR_CASE_DECIDED, ERR_FOUR_EYES. */
enum err case_decide(const struct kyc_case *row, struct staff_id by, bool is_approval,
                     enum case_state *out);
/* Starts of video calls on a civil day; true if `at` is one of them. */
bool slot_is_ours(const struct kyc_rules *rules, int64_t at, const struct zone *zone);

#endif
