/* Pure decisions: retry limits, cards, confirmations, faces, places, cases. */
#include "kyc/kyc_rules.h"

#include "base/check.h"
#include "base/text.h"

#include <limits.h>
#include <string.h>

#define MINUTE_US INT64_C(60000000)
#define HOUR_US   INT64_C(3600000000)

const struct kyc_rules KYC_RULES = {
    .per_minute = 3,
    .per_hour = 10,
    .per_day = 15,
    .face_life_us = 2 * MINUTE_US,
    .frame_uploads_max = 5,
    .case_due_us = 24 * HOUR_US,
    .case_claim_us = 15 * MINUTE_US,
    .picture_kept_us = 180 * DAY_US,
    .picture_refused_kept_us = 30 * DAY_US,
    .place_kept_us = 90 * DAY_US,
    .accuracy_max_m = 5000,
    .served_country = "CN",
    .long_term_age = 46,
    .gallery_max = 200000,
    .slot_days = 7,
    .slot_from_hour = 9,
    .slot_to_hour = 17,
    .slot_minutes = 30,
    .slot_seats = 2,
};

/* --- Retry limits ----------------------------------------------------------------------------- */

struct kyc_attempts_left kyc_attempts_decide(const int64_t *newest, size_t count,
                                             const struct kyc_rules *rules, int64_t now_us)
{
    const struct {
        int max;
        int64_t span_us;
    } windows[] = {
        {rules->per_minute, MINUTE_US}, {rules->per_hour, HOUR_US}, {rules->per_day, DAY_US}};
    struct kyc_attempts_left left = {.now = INT_MAX};
    for (size_t w = 0; w < sizeof windows / sizeof windows[0]; w++) {
        int used = 0;
        CHECK(windows[w].max > 0 && windows[w].max < ATTEMPTS_NEWEST_MAX);
        while ((size_t)used < count && newest[used] > now_us - windows[w].span_us) {
            used++;
        }
        int free_count = used < windows[w].max ? windows[w].max - used : 0;
        left.now = free_count < left.now ? free_count : left.now;
        left.today = free_count;
        if (free_count == 0) {
            /* Another attempt is allowed once the max-th newest has left the window. */
            int64_t at = newest[windows[w].max - 1] + windows[w].span_us;
            left.retry_at = at > left.retry_at ? at : left.retry_at;
        }
    }
    return left;
}

/* --- ID card ---------------------------------------------------------------------------------- */

static bool is_date(struct date date)
{
    return date.days != 0;
}

static enum err front_decide(const struct card_reading *reading, const struct card_policy *policy)
{
    if (reading->findings & CARD_FINDING_NUMBER) {
        return ERR_CARD_NUMBER_WRONG;
    }
    if (is_date(reading->birth_date) &&
        identifier_age(reading->birth_date, policy->today) < policy->age_min) {
        return ERR_CARD_MINOR;
    }
    return reading->number[0] == '\0' || !reading->has_portrait ? ERR_CARD_QUALITY : ERR_OK;
}

static bool is_valid_on(struct date from, struct date until, bool is_long_term, struct date today)
{
    return (!is_date(from) || date_compare(from, today) <= 0) &&
           (is_long_term || !is_date(until) || date_compare(today, until) <= 0);
}

static enum err back_decide(const struct card_reading *reading, const struct card_policy *policy)
{
    if (!is_date(reading->valid_from) ||
        (!is_date(reading->valid_until) && !reading->is_long_term)) {
        return ERR_CARD_QUALITY;
    }
    return is_valid_on(reading->valid_from, reading->valid_until, reading->is_long_term,
                       policy->today)
               ? ERR_OK
               : ERR_CARD_EXPIRED;
}

enum err card_reading_decide(const struct card_reading *reading, enum card_side wanted,
                             const struct card_policy *policy)
{
    if (reading->side == CARD_NONE) {
        return ERR_CARD_NOT_FOUND;
    }
    if (reading->side != wanted) {
        return ERR_CARD_SIDE_WRONG;
    }
    if (reading->findings & (CARD_FINDING_SCREEN | CARD_FINDING_COPY)) {
        return ERR_CARD_RECAPTURED;
    }
    if (reading->findings &
        (CARD_FINDING_GLARE | CARD_FINDING_BLURRED | CARD_FINDING_SMALL | CARD_FINDING_CUT)) {
        return ERR_CARD_QUALITY;
    }
    return wanted == CARD_FRONT ? front_decide(reading, policy) : back_decide(reading, policy);
}

bool card_validity_fits(struct date birth_date, struct date valid_from, struct date valid_until,
                        bool is_long_term, int long_term_age)
{
    int age = identifier_age(birth_date, valid_from);
    if (is_long_term) {
        return age >= long_term_age;
    }
    int years = age < 16 ? 5 : age < 26 ? 10 : 20;
    if (age >= long_term_age) {
        return false;
    }
    /* A card issued on 29 February ends on the 28th or on the 1st: both are printed. */
    int away = valid_until.days - date_add_months(valid_from, 12 * years).days;
    return away >= -1 && away <= 1;
}

bool card_is_suspect(uint32_t findings)
{
    return (findings & (CARD_FINDING_EDITED | CARD_FINDING_MISMATCH)) != 0;
}

/* --- Confirmation ----------------------------------------------------------------------------- */

static uint32_t bit(enum kyc_field field)
{
    return UINT32_C(1) << field;
}

/* Equal texts; an unread letter matches any letter. */
static bool is_read_as(const char *read, const char *given)
{
    struct text_points a, b;
    if (!text_fold(read, &a) || !text_fold(given, &b) || a.count != b.count) {
        return text_same(read, given);
    }
    for (size_t i = 0; i < a.count; i++) {
        b.at[i] = a.at[i] == CARD_UNREAD ? CARD_UNREAD : b.at[i];
    }
    return memcmp(a.at, b.at, a.count * sizeof a.at[0]) == 0 || text_same(read, given);
}

static void compare_text(const char *read, const char *given, enum kyc_field field, bool is_fixed,
                         struct confirmation_verdict *out)
{
    if (!is_read_as(read, given)) {
        uint32_t *set = is_fixed && read[0] != '\0' ? &out->refused : &out->corrections;
        *set |= bit(field);
    }
}

static void compare_date(struct date read, struct date given, enum kyc_field field,
                         struct confirmation_verdict *out)
{
    if (date_compare(read, given) != 0) {
        uint32_t *set = is_date(read) ? &out->refused : &out->corrections;
        *set |= bit(field);
    }
}

/* The number contains birth date and sex: digits 7 to 14, and the 17th, odd for men. */
static void compare_number(const struct kyc_fields *given, struct confirmation_verdict *out)
{
    struct date_parts parts = date_parts(given->birth_date);
    int digits = 0;
    for (int i = 6; i < 14 && given->number[i] != '\0'; i++) {
        digits = digits * 10 + (given->number[i] - '0');
    }
    if (strlen(given->number) != 18) {
        out->refused |= bit(KYC_FIELD_NUMBER);
        return;
    }
    if (digits != parts.year * 10000 + parts.month * 100 + parts.day) {
        out->refused |= bit(KYC_FIELD_BIRTH_DATE);
    }
    if (((given->number[16] - '0') % 2 == 1) != (given->sex == SEX_MALE)) {
        out->refused |= bit(KYC_FIELD_SEX);
    }
}

struct confirmation_verdict confirmation_decide(const struct kyc_fields *front,
                                                const struct kyc_fields *back,
                                                const struct kyc_fields *confirmed,
                                                const struct card_policy *policy)
{
    struct confirmation_verdict out = {.refusal = ERR_OK};
    compare_text(front->name, confirmed->name, KYC_FIELD_NAME, false, &out);
    compare_text(front->address, confirmed->address, KYC_FIELD_ADDRESS, false, &out);
    compare_text(front->number, confirmed->number, KYC_FIELD_NUMBER, true, &out);
    compare_text(back->issuer, confirmed->issuer, KYC_FIELD_ISSUER, false, &out);
    compare_date(front->birth_date, confirmed->birth_date, KYC_FIELD_BIRTH_DATE, &out);
    compare_date(back->valid_from, confirmed->valid_from, KYC_FIELD_VALID_FROM, &out);
    if (back->is_long_term != confirmed->is_long_term) {
        out.refused |= bit(KYC_FIELD_VALID_UNTIL);
    } else if (!back->is_long_term) {
        compare_date(back->valid_until, confirmed->valid_until, KYC_FIELD_VALID_UNTIL, &out);
    }
    if (front->sex != confirmed->sex) {
        *(front->sex < 0 ? &out.corrections : &out.refused) |= bit(KYC_FIELD_SEX);
    }
    compare_number(confirmed, &out);
    out.is_validity_odd =
        !card_validity_fits(confirmed->birth_date, confirmed->valid_from, confirmed->valid_until,
                            confirmed->is_long_term, policy->long_term_age);
    if (out.refused != 0) {
        out.refusal = ERR_IDENTITY_REFUSED;
    } else if (!is_valid_on(confirmed->valid_from, confirmed->valid_until, confirmed->is_long_term,
                            policy->today)) {
        out.refusal = ERR_CARD_EXPIRED;
    } else if (identifier_age(confirmed->birth_date, policy->today) < policy->age_min) {
        out.refusal = ERR_CARD_MINOR;
    }
    return out;
}

/* --- Face ------------------------------------------------------------------------------------- */

enum face_band kyc_band(int similarity_ppm, int accept_ppm, int review_ppm)
{
    return similarity_ppm >= accept_ppm   ? FACE_ACCEPT
           : similarity_ppm >= review_ppm ? FACE_UNSURE
                                          : FACE_REFUSE;
}

static struct face_verdict face_refuse(enum face_reason reason)
{
    return (struct face_verdict){.state = FACE_STATE_REFUSED, .reason = reason};
}

static enum face_reason live_refusal(enum live_result live)
{
    switch (live) {
    case LIVE_WRONG_ACTION:
        return FACE_REASON_WRONG_ACTION;
    case LIVE_OTHER_PERSON:
        return FACE_REASON_OTHER_PERSON;
    case LIVE_STILL:
        return FACE_REASON_STILL;
    case LIVE_SPOOF:
        return FACE_REASON_SPOOF;
    case LIVE_PASSED:
    case LIVE_UNSURE:
        break;
    }
    return FACE_REASON_NONE;
}

struct face_verdict face_decide(const struct face_facts *facts)
{
    uint32_t reasons = 0;
    size_t compared = 0;
    enum face_reason refusal = live_refusal(facts->live);
    if (facts->is_seen) {
        struct face_verdict verdict = face_refuse(FACE_REASON_REPLAYED);
        verdict.case_reasons = 1U << CASE_REPLAYED;
        return verdict;
    }
    if (refusal != FACE_REASON_NONE) {
        return face_refuse(refusal);
    }
    for (size_t i = 0; i < sizeof facts->bands / sizeof facts->bands[0]; i++) {
        compared += facts->bands[i] != 0;
        if (facts->bands[i] == FACE_REFUSE) {
            return face_refuse(FACE_REASON_NOT_ALIKE);
        }
        reasons |= facts->bands[i] == FACE_UNSURE ? 1U << CASE_FACE_UNSURE : 0;
    }
    CHECK(compared > 0);
    reasons |= facts->live != LIVE_PASSED ? 1U << CASE_LIVENESS_UNSURE : 0;
    reasons |= facts->same == FACE_ACCEPT ? 1U << CASE_SAME_FACE : 0;
    reasons |= facts->has_replay ? 1U << CASE_REPLAYED : 0;
    bool is_card_alone = facts->bands[1] == 0 && facts->bands[2] == 0;
    reasons |= facts->is_known && is_card_alone ? 1U << CASE_FACE_UNSURE : 0;
    reasons |= facts->was_refused || facts->is_gallery_full ? 1U << CASE_FACE_UNSURE : 0;
    return (struct face_verdict){.state = reasons ? FACE_STATE_UNSURE : FACE_STATE_ACCEPTED,
                                 .reason = reasons ? FACE_REASON_REVIEW : FACE_REASON_NONE,
                                 .case_reasons = reasons};
}

bool face_frame_is_good(enum face_quality quality, int number)
{
    bool is_action = number > 0;
    return quality == FACE_GOOD ||
           (is_action && (quality == FACE_TURNED || quality == FACE_COVERED));
}

/* --- Place ------------------------------------------------------------------------------------ */

static bool is_same_province(const char *a, const char *b)
{
    return a[0] == '\0' || b[0] == '\0' || strncmp(a, b, 2) == 0;
}

enum place_state place_decide(const struct place_facts *facts, uint32_t *out_findings)
{
    const struct address_place *address = &facts->address;
    uint32_t findings = 0;
    bool is_abroad = address->is_known && strcmp(address->country, facts->served_country) != 0;
    findings |= facts->is_outside ? PLACE_OUTSIDE : 0U;
    findings |= address->is_known && address->is_proxy ? PLACE_PROXY : 0U;
    findings |= facts->accuracy_m > facts->accuracy_max_m ? PLACE_INACCURATE : 0U;
    if (!facts->is_outside && address->is_known) {
        bool fits = !is_abroad && is_same_province(facts->region, address->region);
        findings |= fits ? 0U : PLACE_IP_MISMATCH;
    }
    if (!facts->is_outside && !is_same_province(facts->region, facts->phone_region)) {
        findings |= PLACE_PHONE_MISMATCH;
    }
    *out_findings = findings;
    if (findings & PLACE_OUTSIDE) {
        return PLACE_REFUSED;
    }
    return findings & ~(uint32_t)PLACE_PHONE_MISMATCH ? PLACE_UNSURE : PLACE_PASSED;
}

enum err place_degrees_parse(const char *text, int limit, int64_t *out_e6)
{
    bool is_negative = text[0] == '-';
    const char *c = text + is_negative;
    int64_t value = 0;
    size_t whole = strspn(c, "0123456789");
    if (whole == 0 || whole > 3) {
        return ERR_INVALID_FIELD;
    }
    for (size_t i = 0; i < whole; i++) {
        value = value * 10 + (c[i] - '0');
    }
    c += whole;
    size_t digits = c[0] == '.' ? strspn(c + 1, "0123456789") : 0;
    if ((c[0] == '.' && (digits == 0 || digits > 7 || c[1 + digits] != '\0')) ||
        (c[0] != '.' && c[0] != '\0')) {
        return ERR_INVALID_FIELD;
    }
    for (size_t i = 0; i < 6; i++) {
        value = value * 10 + (i < digits ? c[1 + i] - '0' : 0);
    }
    if (value > (int64_t)limit * 1000000) {
        return ERR_INVALID_FIELD;
    }
    *out_e6 = is_negative ? -value : value;
    return ERR_OK;
}

/* --- Cases ------------------------------------------------------------------------------------ */

bool case_needs_second(uint32_t reasons, bool was_face_refused)
{
    return was_face_refused || (reasons & (1U << CASE_SAME_FACE | 1U << CASE_DOCUMENT_EDITED |
                                           1U << CASE_REPLAYED)) != 0;
}

enum err case_decide(const struct kyc_case *row, struct staff_id by, bool is_approval,
                     enum case_state *out)
{
    switch (row->state) {
    case CASE_APPROVED:
    case CASE_REFUSED:
        return ERR_CASE_DECIDED;
    case CASE_OPEN:
        *out = !is_approval ? CASE_REFUSED : row->needs_second ? CASE_SECOND : CASE_APPROVED;
        return ERR_OK;
    case CASE_SECOND:
        if (row->first_staff.value == by.value) {
            return ERR_FOUR_EYES;
        }
        *out = is_approval ? CASE_APPROVED : CASE_REFUSED;
        return ERR_OK;
    }
    CHECK(!"a state of no case");
}

bool slot_is_ours(const struct kyc_rules *rules, int64_t at, const struct zone *zone)
{
    struct date day = zone_date(zone, at);
    int64_t into = at - zone_start_us(zone, day);
    bool is_weekday = date_weekday(day) <= 5;
    return is_weekday && into % (rules->slot_minutes * MINUTE_US) == 0 &&
           into >= rules->slot_from_hour * HOUR_US && into < rules->slot_to_hour * HOUR_US;
}
