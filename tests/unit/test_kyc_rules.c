/* Decisions of the kyc room: retry limits, cards, confirmations, faces, places, cases. */
#include "base/check.h"
#include "kyc/kyc_rules.h"
#include "unit/base_fixture.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

static struct date day(const char *text)
{
    struct date date = {0};
    if (text[0] != '\0') {
        assert_int_equal(date_parse(text, &date), ERR_OK);
    }
    return date;
}

/* EVIDENCE: REQ-KYC-01 3 a minute, 10 an hour, 15 a day. */
static void test_kyc_rules__counts_attempts(void **state)
{
    static const int64_t S = 1000000;
    static const struct {
        const char *what;
        int count;      /* attempts so far */
        int64_t step_s; /* one each so many seconds, the newest one step ago */
        int now, today;
        int64_t retry_in_s; /* 0: at once */
    } rows[] = {
        {"none yet", 0, 1, 3, 15, 0},
        {"two in this minute", 2, 10, 1, 13, 0},
        {"three in this minute", 3, 10, 0, 12, 30},
        {"the third leaves now", 3, 20, 1, 12, 0},
        {"ten in this hour", 10, 120, 0, 5, 2400},
        {"the tenth leaves now", 10, 360, 1, 5, 0},
        {"fifteen today", 15, 3600, 0, 0, 32400},
        {"long ago", 15, 100000, 3, 15, 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t newest[ATTEMPTS_NEWEST_MAX];
        int64_t now_us = INT64_C(1000000000) * S;
        for (int k = 0; k < rows[i].count; k++) {
            newest[k] = now_us - (k + 1) * rows[i].step_s * S;
        }
        struct kyc_attempts_left left =
            kyc_attempts_decide(newest, (size_t)rows[i].count, &KYC_RULES, now_us);
        print_message("%s\n", rows[i].what);
        assert_int_equal(left.now, rows[i].now);
        assert_int_equal(left.today, rows[i].today);
        assert_int_equal(left.retry_at == 0 ? 0 : (left.retry_at - now_us) / S, rows[i].retry_in_s);
    }
}

static const struct card_policy *policy(void)
{
    static struct card_policy of_today;
    of_today = (struct card_policy){day("2026-11-21"), 16, 46};
    return &of_today;
}

static struct card_reading good_front(void)
{
    struct card_reading reading = {.side = CARD_FRONT, .has_portrait = true};
    reading.birth_date = day("1990-01-01");
    snprintf(reading.number, sizeof reading.number, "11010119900101100X");
    return reading;
}

static void test_kyc_rules__refuses_fronts_in_order(void **state)
{
    static const struct {
        const char *what;
        enum card_side side;
        uint32_t findings;
        const char *number, *birth;
        bool has_portrait;
        enum err wanted;
    } rows[] = {
        {"good", CARD_FRONT, 0, "x", "1990-01-01", true, ERR_OK},
        {"nothing there", CARD_NONE, CARD_FINDING_SCREEN, "", "", false, ERR_CARD_NOT_FOUND},
        {"the back", CARD_BACK, CARD_FINDING_SCREEN, "", "", false, ERR_CARD_SIDE_WRONG},
        {"a screen, blurred", CARD_FRONT, CARD_FINDING_SCREEN | CARD_FINDING_BLURRED, "x",
         "1990-01-01", true, ERR_CARD_RECAPTURED},
        {"a copy", CARD_FRONT, CARD_FINDING_COPY, "x", "1990-01-01", true, ERR_CARD_RECAPTURED},
        {"glare", CARD_FRONT, CARD_FINDING_GLARE, "x", "1990-01-01", true, ERR_CARD_QUALITY},
        {"blurred", CARD_FRONT, CARD_FINDING_BLURRED | CARD_FINDING_NUMBER, "x", "1990-01-01", true,
         ERR_CARD_QUALITY},
        {"small", CARD_FRONT, CARD_FINDING_SMALL, "x", "1990-01-01", true, ERR_CARD_QUALITY},
        {"cut", CARD_FRONT, CARD_FINDING_CUT, "x", "1990-01-01", true, ERR_CARD_QUALITY},
        {"wrong number", CARD_FRONT, CARD_FINDING_NUMBER, "x", "1990-01-01", true,
         ERR_CARD_NUMBER_WRONG},
        {"number unread", CARD_FRONT, 0, "", "1990-01-01", true, ERR_CARD_QUALITY},
        {"no portrait", CARD_FRONT, 0, "x", "1990-01-01", false, ERR_CARD_QUALITY},
        {"sixteen today", CARD_FRONT, 0, "x", "2010-11-21", true, ERR_OK},
        {"sixteen tomorrow", CARD_FRONT, 0, "x", "2010-11-22", true, ERR_CARD_MINOR},
        {"a minor, no portrait", CARD_FRONT, 0, "x", "2010-11-22", false, ERR_CARD_MINOR},
        {"birth date unread", CARD_FRONT, 0, "x", "", true, ERR_OK},
        {"edited is for a person", CARD_FRONT, CARD_FINDING_EDITED, "x", "1990-01-01", true,
         ERR_OK},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct card_reading reading = good_front();
        reading.side = rows[i].side;
        reading.findings = rows[i].findings;
        reading.has_portrait = rows[i].has_portrait;
        reading.birth_date = day(rows[i].birth);
        if (rows[i].number[0] == '\0') {
            reading.number[0] = '\0';
        }
        print_message("%s\n", rows[i].what);
        assert_int_equal(card_reading_decide(&reading, CARD_FRONT, policy()), rows[i].wanted);
    }
    assert_true(card_is_suspect(CARD_FINDING_EDITED));
    assert_true(card_is_suspect(CARD_FINDING_MISMATCH | CARD_FINDING_GLARE));
    assert_false(card_is_suspect(CARD_FINDING_GLARE));
}

static void test_kyc_rules__refuses_backs(void **state)
{
    static const struct {
        const char *what, *from, *until;
        bool is_long_term;
        enum err wanted;
    } rows[] = {
        {"valid", "2016-11-21", "2026-11-21", false, ERR_OK},
        {"expired yesterday", "2016-11-20", "2026-11-20", false, ERR_CARD_EXPIRED},
        {"not yet valid", "2026-11-22", "2036-11-22", false, ERR_CARD_EXPIRED},
        {"long-term", "2016-11-21", "", true, ERR_OK},
        {"end unread", "2016-11-21", "", false, ERR_CARD_QUALITY},
        {"begin unread", "", "2030-01-01", false, ERR_CARD_QUALITY},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct card_reading reading = {.side = CARD_BACK,
                                       .valid_from = day(rows[i].from),
                                       .valid_until = day(rows[i].until),
                                       .is_long_term = rows[i].is_long_term};
        print_message("%s\n", rows[i].what);
        assert_int_equal(card_reading_decide(&reading, CARD_BACK, policy()), rows[i].wanted);
    }
}

/* Resident Identity Card Law, article 5. */
static void test_kyc_rules__holds_validity_against_age(void **state)
{
    static const struct {
        const char *what, *birth, *from, *until;
        bool is_long_term, wanted;
    } rows[] = {
        {"15: five years", "2005-03-08", "2020-03-07", "2025-03-07", false, true},
        {"15: not ten", "2005-03-08", "2020-03-07", "2030-03-07", false, false},
        {"16: ten years", "2004-03-07", "2020-03-07", "2030-03-07", false, true},
        {"16: not twenty", "2004-03-07", "2020-03-07", "2040-03-07", false, false},
        {"25: ten years", "1994-03-08", "2020-03-07", "2030-03-07", false, true},
        {"26: twenty years", "1994-03-07", "2020-03-07", "2040-03-07", false, true},
        {"45: twenty years", "1974-03-08", "2020-03-07", "2040-03-07", false, true},
        {"45: no long term", "1974-03-08", "2020-03-07", "", true, false},
        {"46: long term", "1974-03-07", "2020-03-07", "", true, true},
        {"46: not twenty years", "1974-03-07", "2020-03-07", "2040-03-07", false, false},
        {"leap day", "1990-01-01", "2012-02-29", "2022-03-01", false, true},
        {"a week too long", "1990-01-01", "2012-02-20", "2022-02-27", false, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        print_message("%s\n", rows[i].what);
        assert_int_equal(card_validity_fits(day(rows[i].birth), day(rows[i].from),
                                            day(rows[i].until), rows[i].is_long_term, 46),
                         rows[i].wanted);
    }
}

static struct kyc_fields fields(const char *name, const char *number, const char *birth, int sex)
{
    struct kyc_fields f = {.sex = sex,
                           .birth_date = day(birth),
                           .valid_from = day("2020-03-07"),
                           .valid_until = day("2040-03-07")};
    snprintf(f.name, sizeof f.name, "%s", name);
    snprintf(f.number, sizeof f.number, "%s", number);
    snprintf(f.address, sizeof f.address, "某街1号");
    snprintf(f.issuer, sizeof f.issuer, "某局");
    return f;
}

static void test_kyc_rules__compares_what_is_confirmed(void **state)
{
#define F(field) (1U << KYC_FIELD_##field)
    static const char *const NUMBER = "110101199001011230";
    struct kyc_fields read = fields("林若溪", NUMBER, "1990-01-01", SEX_MALE);
    struct kyc_fields unread = {.sex = -1};
    struct kyc_fields given = read;
    (void)state;
    struct confirmation_verdict v = confirmation_decide(&read, &read, &given, policy());
    assert_int_equal(v.refusal, ERR_OK);
    assert_int_equal(v.corrections | v.refused, 0);
    assert_false(v.is_validity_odd);
    snprintf(given.name, sizeof given.name, "林若希");
    snprintf(given.address, sizeof given.address, "某街2号");
    v = confirmation_decide(&read, &read, &given, policy());
    assert_int_equal(v.refusal, ERR_OK);
    assert_int_equal(v.corrections, F(NAME) | F(ADDRESS));
    /* width and blanks are no correction, nor is a letter that could not be read */
    given = read;
    snprintf(read.address, sizeof read.address, "某街１ 号");
    snprintf(read.name, sizeof read.name, "林□溪");
    v = confirmation_decide(&read, &read, &given, policy());
    assert_int_equal(v.corrections | v.refused, 0);
    snprintf(given.name, sizeof given.name, "林若希");
    v = confirmation_decide(&read, &read, &given, policy());
    assert_int_equal(v.corrections, F(NAME));
    read = fields("林若溪", NUMBER, "1990-01-01", SEX_MALE);
    /* Nothing was read: all is a correction. */
    v = confirmation_decide(&unread, &unread, &given, policy());
    assert_int_equal(v.refusal, ERR_OK);
    assert_int_equal(v.refused, 0);
    assert_int_equal(v.corrections, (1U << KYC_FIELD_COUNT) - 1);
    given = fields("林若溪", "110101199001011257", "1990-01-01", SEX_MALE);
    v = confirmation_decide(&read, &read, &given, policy());
    assert_int_equal(v.refusal, ERR_IDENTITY_REFUSED);
    assert_int_equal(v.refused, F(NUMBER));
    given = fields("林若溪", NUMBER, "1990-01-02", SEX_FEMALE);
    v = confirmation_decide(&read, &read, &given, policy());
    assert_int_equal(v.refused, F(BIRTH_DATE) | F(SEX));
    /* Unread, but the number contradicts it. */
    v = confirmation_decide(&unread, &unread, &given, policy());
    assert_int_equal(v.refused, F(BIRTH_DATE) | F(SEX));
    given = read;
    given.valid_until = day("2041-03-07");
    v = confirmation_decide(&read, &read, &given, policy());
    assert_int_equal(v.refused, F(VALID_UNTIL));
    given = read;
    given.is_long_term = true;
    v = confirmation_decide(&read, &read, &given, policy());
    assert_int_equal(v.refused, F(VALID_UNTIL));
    given = read;
    given.valid_until = day("2026-11-20");
    v = confirmation_decide(&given, &given, &given, policy());
    assert_int_equal(v.refusal, ERR_CARD_EXPIRED);
    assert_true(v.is_validity_odd);
    given = fields("林若溪", "110101201012311230", "2010-12-31", SEX_MALE);
    v = confirmation_decide(&given, &given, &given, policy());
    assert_int_equal(v.refusal, ERR_CARD_MINOR);
#undef F
}

/* EVIDENCE: REQ-KYC-02 three bands: accept, refuse, a person decides. */
static void test_kyc_rules__decides_faces_in_three_bands(void **state)
{
#define R(reason) (1U << CASE_##reason)
    static const struct {
        const char *what;
        struct face_facts facts;
        enum face_state wanted;
        enum face_reason reason;
        uint32_t reasons;
    } rows[] = {
        {"all agree",
         {LIVE_PASSED, {FACE_ACCEPT, FACE_ACCEPT}, 0, 0, 0, 0, 0, 0},
         FACE_STATE_ACCEPTED,
         FACE_REASON_NONE,
         0},
        {"card only",
         {LIVE_PASSED, {FACE_ACCEPT}, FACE_REFUSE, 0, 0, 0, 0, 0},
         FACE_STATE_ACCEPTED,
         FACE_REASON_NONE,
         0},
        {"card only, of a person who is known",
         {LIVE_PASSED, {FACE_ACCEPT}, 0, 0, 0, 0, 0, true},
         FACE_STATE_UNSURE,
         FACE_REASON_REVIEW,
         R(FACE_UNSURE)},
        {"card and registry, of a person who is known",
         {LIVE_PASSED, {FACE_ACCEPT, FACE_ACCEPT}, 0, 0, 0, 0, 0, true},
         FACE_STATE_ACCEPTED,
         FACE_REASON_NONE,
         0},
        {"card and the accepted face, of a person who is known",
         {LIVE_PASSED, {FACE_ACCEPT, 0, FACE_ACCEPT}, 0, 0, 0, 0, 0, true},
         FACE_STATE_ACCEPTED,
         FACE_REASON_NONE,
         0},
        {"card of one, the accepted face of another",
         {LIVE_PASSED, {FACE_ACCEPT, 0, FACE_REFUSE}, 0, 0, 0, 0, 0, true},
         FACE_STATE_REFUSED,
         FACE_REASON_NOT_ALIKE,
         0},
        {"one is unsure",
         {LIVE_PASSED, {FACE_ACCEPT, FACE_UNSURE}, 0, 0, 0, 0, 0, 0},
         FACE_STATE_UNSURE,
         FACE_REASON_REVIEW,
         R(FACE_UNSURE)},
        {"one refuses",
         {LIVE_PASSED, {FACE_ACCEPT, FACE_REFUSE}, 0, 0, 0, 0, 0, 0},
         FACE_STATE_REFUSED,
         FACE_REASON_NOT_ALIKE,
         0},
        {"one unsure, one refuses",
         {LIVE_PASSED, {FACE_UNSURE, FACE_REFUSE}, 0, 0, 0, 0, 0, 0},
         FACE_STATE_REFUSED,
         FACE_REASON_NOT_ALIKE,
         0},
        {"weak liveness",
         {LIVE_UNSURE, {FACE_ACCEPT}, 0, 0, 0, 0, 0, 0},
         FACE_STATE_UNSURE,
         FACE_REASON_REVIEW,
         R(LIVENESS_UNSURE)},
        {"spoof though alike",
         {LIVE_SPOOF, {FACE_ACCEPT}, 0, 0, 0, 0, 0, 0},
         FACE_STATE_REFUSED,
         FACE_REASON_SPOOF,
         0},
        {"still",
         {LIVE_STILL, {FACE_ACCEPT}, 0, 0, 0, 0, 0, 0},
         FACE_STATE_REFUSED,
         FACE_REASON_STILL,
         0},
        {"other person",
         {LIVE_OTHER_PERSON, {FACE_ACCEPT}, 0, 0, 0, 0, 0, 0},
         FACE_STATE_REFUSED,
         FACE_REASON_OTHER_PERSON,
         0},
        {"wrong action",
         {LIVE_WRONG_ACTION, {FACE_ACCEPT}, 0, 0, 0, 0, 0, 0},
         FACE_STATE_REFUSED,
         FACE_REASON_WRONG_ACTION,
         0},
        {"a face of somebody else",
         {LIVE_PASSED, {FACE_ACCEPT}, FACE_ACCEPT, 0, 0, 0, 0, 0},
         FACE_STATE_UNSURE,
         FACE_REASON_REVIEW,
         R(SAME_FACE)},
        {"like a brother",
         {LIVE_PASSED, {FACE_ACCEPT}, FACE_UNSURE, 0, 0, 0, 0, 0},
         FACE_STATE_ACCEPTED,
         FACE_REASON_NONE,
         0},
        {"gallery full",
         {LIVE_PASSED, {FACE_ACCEPT}, 0, true, 0, 0, 0, 0},
         FACE_STATE_UNSURE,
         FACE_REASON_REVIEW,
         R(FACE_UNSURE)},
        {"refused before",
         {LIVE_PASSED, {FACE_ACCEPT}, 0, 0, true, 0, 0, 0},
         FACE_STATE_UNSURE,
         FACE_REASON_REVIEW,
         R(FACE_UNSURE)},
        {"a photograph shown before",
         {LIVE_PASSED, {FACE_ACCEPT}, 0, 0, 0, true, 0, 0},
         FACE_STATE_REFUSED,
         FACE_REASON_REPLAYED,
         R(REPLAYED)},
        {"a new one after a replay",
         {LIVE_PASSED, {FACE_ACCEPT}, 0, 0, 0, 0, true, 0},
         FACE_STATE_UNSURE,
         FACE_REASON_REVIEW,
         R(REPLAYED)},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct face_verdict verdict = face_decide(&rows[i].facts);
        print_message("%s\n", rows[i].what);
        assert_int_equal(verdict.state, rows[i].wanted);
        assert_int_equal(verdict.reason, rows[i].reason);
        assert_int_equal(verdict.case_reasons, rows[i].reasons);
    }
#undef R
    assert_int_equal(kyc_band(600, 600, 400), FACE_ACCEPT);
    assert_int_equal(kyc_band(599, 600, 400), FACE_UNSURE);
    assert_int_equal(kyc_band(399, 600, 400), FACE_REFUSE);
    assert_true(face_frame_is_good(FACE_GOOD, 0));
    assert_false(face_frame_is_good(FACE_TURNED, 0));
    assert_true(face_frame_is_good(FACE_TURNED, 1));
    assert_false(face_frame_is_good(FACE_SEVERAL, 1));
}

static void test_kyc_rules__decides_places(void **state)
{
    static const struct {
        const char *what;
        bool is_outside;
        int accuracy_m;
        const char *region;
        struct address_place address;
        const char *phone;
        enum place_state wanted;
        uint32_t findings;
    } rows[] = {
        {"at home", false, 30, "310000", {true, "CN", "310000", false}, "310000", PLACE_PASSED, 0},
        {"same province",
         false,
         30,
         "320500",
         {true, "CN", "320100", false},
         "321000",
         PLACE_PASSED,
         0},
        {"moved away",
         false,
         30,
         "310000",
         {true, "CN", "310000", false},
         "440300",
         PLACE_PASSED,
         PLACE_PHONE_MISMATCH},
        {"address elsewhere",
         false,
         30,
         "310000",
         {true, "CN", "440300", false},
         "310000",
         PLACE_UNSURE,
         PLACE_IP_MISMATCH},
        {"address abroad",
         false,
         30,
         "310000",
         {true, "US", "", false},
         "310000",
         PLACE_UNSURE,
         PLACE_IP_MISMATCH},
        {"a proxy",
         false,
         30,
         "310000",
         {true, "CN", "310000", true},
         "310000",
         PLACE_UNSURE,
         PLACE_PROXY},
        {"not exact",
         false,
         5001,
         "310000",
         {true, "CN", "310000", false},
         "310000",
         PLACE_UNSURE,
         PLACE_INACCURATE},
        {"nobody knows the address",
         false,
         30,
         "310000",
         {false, "", "", false},
         "",
         PLACE_PASSED,
         0},
        {"abroad", true, 30, "", {true, "US", "", false}, "310000", PLACE_REFUSED, PLACE_OUTSIDE},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct place_facts facts = {.is_outside = rows[i].is_outside,
                                    .accuracy_m = rows[i].accuracy_m,
                                    .accuracy_max_m = 5000,
                                    .address = rows[i].address,
                                    .served_country = "CN"};
        uint32_t findings = 0;
        snprintf(facts.region, sizeof facts.region, "%s", rows[i].region);
        snprintf(facts.phone_region, sizeof facts.phone_region, "%s", rows[i].phone);
        print_message("%s\n", rows[i].what);
        assert_int_equal(place_decide(&facts, &findings), rows[i].wanted);
        assert_int_equal(findings, rows[i].findings);
    }
}

static void test_kyc_rules__finds_the_nearest_place(void **state)
{
    static const struct {
        const char *what, *latitude, *longitude, *code;
    } rows[] = {
        {"Shanghai", "31.230416", "121.473701", "310000"},
        {"Suzhou", "31.30", "120.60", "320500"},
        {"Shenzhen side of the border", "22.5431", "114.0579", "440300"},
        {"Hong Kong side", "22.3193", "114.1694", "810000"},
        {"Macao", "22.1987", "113.5439", "820000"},
        {"Taipei", "25.0330", "121.5654", "710000"},
        {"Lhasa", "29.65", "91.1", "540100"},
        {"Ulaanbaatar", "47.9", "106.9", "000000"},
        {"Hanoi", "21.0", "105.8", "000000"},
        {"Sydney, below the equator", "-33.9", "151.2", "000000"},
    };
    struct places *places = NULL;
    (void)state;
    assert_int_equal(places_load("share/places.tsv", &places), ERR_OK);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t latitude = 0;
        int64_t longitude = 0;
        int km = -1;
        print_message("%s\n", rows[i].what);
        assert_int_equal(place_degrees_parse(rows[i].latitude, 90, &latitude), ERR_OK);
        assert_int_equal(place_degrees_parse(rows[i].longitude, 180, &longitude), ERR_OK);
        assert_string_equal(places_nearest(places, latitude, longitude, &km), rows[i].code);
        assert_in_range(km, 0, 30);
    }
    int km = 0;
    (void)places_nearest(places, 0, -150000000, &km); /* the middle of the Pacific */
    assert_true(km > PLACE_FAR_KM);
    places_release(places);
    assert_int_equal(places_load("share/nowhere.tsv", &places), ERR_NOT_FOUND);
    assert_int_equal(places_load("share/regions.tsv", &places), ERR_INVALID_FIELD);
}

static void test_kyc_rules__reads_degrees_strictly(void **state)
{
    static const struct {
        const char *text;
        int64_t wanted; /* INT64_MIN: refused */
    } rows[] = {{"0", 0},
                {"90", 90000000},
                {"-90.0", -90000000},
                {"31.230416", 31230416},
                {"31.2304169", 31230416},
                {"-0.5", -500000},
                {"90.1", INT64_MIN},
                {"", INT64_MIN},
                {"-", INT64_MIN},
                {".5", INT64_MIN},
                {"5.", INT64_MIN},
                {"+5", INT64_MIN},
                {"5e1", INT64_MIN},
                {" 5", INT64_MIN},
                {"5 ", INT64_MIN},
                {"1.2.3", INT64_MIN},
                {"1.12345678", INT64_MIN},
                {"0090", INT64_MIN},
                {"nan", INT64_MIN}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t value = INT64_MIN;
        print_message("'%s'\n", rows[i].text);
        enum err err = place_degrees_parse(rows[i].text, 90, &value);
        assert_int_equal(err, rows[i].wanted == INT64_MIN ? ERR_INVALID_FIELD : ERR_OK);
        assert_int_equal(value, rows[i].wanted);
    }
}

/* EVIDENCE: REQ-KYC-02 a second person where the limit asks for it. */
static void test_kyc_rules__moves_cases(void **state)
{
    static const struct {
        const char *what;
        enum case_state from;
        bool needs_second;
        int first, by;
        bool is_approval;
        enum err wanted;
        enum case_state to;
    } rows[] = {
        {"one approves", CASE_OPEN, false, 0, 1, true, ERR_OK, CASE_APPROVED},
        {"one refuses", CASE_OPEN, true, 0, 1, false, ERR_OK, CASE_REFUSED},
        {"the first of two", CASE_OPEN, true, 0, 1, true, ERR_OK, CASE_SECOND},
        {"the second of two", CASE_SECOND, true, 1, 2, true, ERR_OK, CASE_APPROVED},
        {"the second refuses", CASE_SECOND, true, 1, 2, false, ERR_OK, CASE_REFUSED},
        {"the same again", CASE_SECOND, true, 1, 1, true, ERR_FOUR_EYES, 0},
        {"over", CASE_APPROVED, false, 0, 1, true, ERR_CASE_DECIDED, 0},
        {"over", CASE_REFUSED, false, 0, 1, true, ERR_CASE_DECIDED, 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct kyc_case row = {.state = rows[i].from,
                               .needs_second = rows[i].needs_second,
                               .first_staff = {rows[i].first}};
        enum case_state to = (enum case_state)0;
        print_message("%s\n", rows[i].what);
        assert_int_equal(case_decide(&row, (struct staff_id){rows[i].by}, rows[i].is_approval, &to),
                         rows[i].wanted);
        assert_int_equal(to, rows[i].to);
    }
    assert_true(case_needs_second(1U << CASE_SAME_FACE, false));
    assert_true(case_needs_second(1U << CASE_REPLAYED, false));
    assert_true(case_needs_second(1U << CASE_DOCUMENT_EDITED | 1U << CASE_REQUESTED, false));
    assert_true(case_needs_second(1U << CASE_REQUESTED, true));
    assert_false(case_needs_second(1U << CASE_FACE_UNSURE | 1U << CASE_PLACE_UNSURE, false));
}

static void test_kyc_rules__knows_its_slots(void **state)
{
    static const struct {
        const char *at;
        bool wanted;
    } rows[] = {
        {"2026-11-23T01:00:00Z", true}, /* Monday, 9 o'clock at the bank */
        {"2026-11-23T01:30:00Z", true},  {"2026-11-23T01:10:00Z", false},
        {"2026-11-23T00:30:00Z", false}, {"2026-11-23T08:30:00Z", true},
        {"2026-11-23T09:00:00Z", false}, /* 17 o'clock */
        {"2026-11-22T01:00:00Z", false}, /* Sunday */
        {"2026-11-21T17:00:00Z", false}, /* Sunday there already */
    };
    (void)state;
    static struct zone zone;
    assert_int_equal(zone_load(ZONE_DEFAULT, &zone), ERR_OK);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t at = 0;
        assert_int_equal(instant_parse(rows[i].at, &at), ERR_OK);
        print_message("%s\n", rows[i].at);
        assert_int_equal(slot_is_ours(&KYC_RULES, at, &zone), rows[i].wanted);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kyc_rules__counts_attempts),
        cmocka_unit_test(test_kyc_rules__refuses_fronts_in_order),
        cmocka_unit_test(test_kyc_rules__refuses_backs),
        cmocka_unit_test(test_kyc_rules__holds_validity_against_age),
        cmocka_unit_test(test_kyc_rules__compares_what_is_confirmed),
        cmocka_unit_test(test_kyc_rules__decides_faces_in_three_bands),
        cmocka_unit_test(test_kyc_rules__decides_places),
        cmocka_unit_test(test_kyc_rules__finds_the_nearest_place),
        cmocka_unit_test(test_kyc_rules__reads_degrees_strictly),
        cmocka_unit_test(test_kyc_rules__moves_cases),
        cmocka_unit_test(test_kyc_rules__knows_its_slots),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
