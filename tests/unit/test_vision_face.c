/* Faces: the rules on their numbers, and the models on the sandbox's invented residents.
 * EVIDENCE: REQ-KYC-01, REQ-KYC-02. */
#include "unit/vision_fixture.h"

#include "vision/face_private.h"

#include <math.h>
#include <string.h>

/* --- rules ------------------------------------------------------------------------------------ */

static struct face good_face(void)
{
    return (struct face){.count = 1,
                         .width = 200,
                         .height = 260,
                         .score_ppm = 990000,
                         .eye_distance_px = 80,
                         .eyes_open_ppm = 300000,
                         .sharpness = 120,
                         .brightness = 140,
                         .live_ppm = 990000};
}

static void test_vision_face__quality_in_order(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        int count, eyes, yaw, pitch, roll, brightness, sharpness, score;
        enum face_quality selfie, card;
    } rows[] = {
        {"good", 1, 80, 0, 0, 0, 140, 120, 990000, FACE_GOOD, FACE_GOOD},
        {"none", 0, 80, 0, 0, 0, 140, 120, 990000, FACE_NONE, FACE_NONE},
        {"two", 2, 80, 0, 0, 0, 140, 120, 990000, FACE_SEVERAL, FACE_GOOD},
        {"39 pixels", 1, 39, 0, 0, 0, 140, 120, 990000, FACE_SMALL, FACE_GOOD},
        {"40 pixels", 1, 40, 0, 0, 0, 140, 120, 990000, FACE_GOOD, FACE_GOOD},
        {"19 pixels", 1, 19, 0, 0, 0, 140, 120, 990000, FACE_SMALL, FACE_SMALL},
        {"25 degrees", 1, 80, 250, -250, 250, 140, 120, 990000, FACE_GOOD, FACE_GOOD},
        {"turned left", 1, 80, 251, 0, 0, 140, 120, 990000, FACE_TURNED, FACE_TURNED},
        {"turned right", 1, 80, -251, 0, 0, 140, 120, 990000, FACE_TURNED, FACE_TURNED},
        {"looks down", 1, 80, 0, -251, 0, 140, 120, 990000, FACE_TURNED, FACE_TURNED},
        {"on its side", 1, 80, 0, 0, 900, 140, 120, 990000, FACE_TURNED, FACE_TURNED},
        {"dark", 1, 80, 0, 0, 0, 44, 120, 990000, FACE_DARK, FACE_DARK},
        {"bright", 1, 80, 0, 0, 0, 226, 120, 990000, FACE_BRIGHT, FACE_BRIGHT},
        {"blurred", 1, 80, 0, 0, 0, 140, 17, 990000, FACE_BLURRED, FACE_GOOD},
        {"blurred much", 1, 80, 0, 0, 0, 140, 7, 990000, FACE_BLURRED, FACE_BLURRED},
        {"covered", 1, 80, 0, 0, 0, 140, 120, 740000, FACE_COVERED, FACE_COVERED},
        {"small before dark", 1, 10, 0, 0, 0, 10, 1, 610000, FACE_SMALL, FACE_SMALL},
    };
    UNIT_ROWS(rows, row)
    {
        struct face face = good_face();
        UNIT_SAY("%s", row->what);
        face.count = row->count;
        face.eye_distance_px = row->eyes;
        face.yaw_tenths = row->yaw;
        face.pitch_tenths = row->pitch;
        face.roll_tenths = row->roll;
        face.brightness = row->brightness;
        face.sharpness = row->sharpness;
        face.score_ppm = row->score;
        assert_string_equal(face_quality_name(face_quality_of(&face, false)),
                            face_quality_name(row->selfie));
        assert_string_equal(face_quality_name(face_quality_of(&face, true)),
                            face_quality_name(row->card));
    }
}

static void test_vision_face__bands(void **state)
{
    (void)state;
    static const struct {
        int ppm;
        enum face_band wanted;
        const char *name;
    } rows[] = {
        {-1000000, FACE_REFUSE, "refuse"}, {339999, FACE_REFUSE, "refuse"},
        {340000, FACE_UNSURE, "unsure"},   {479999, FACE_UNSURE, "unsure"},
        {480000, FACE_ACCEPT, "accept"},   {1000000, FACE_ACCEPT, "accept"},
    };
    UNIT_ROWS(rows, row)
    {
        UNIT_SAY("%d", row->ppm);
        assert_int_equal(face_band_of(row->ppm), row->wanted);
        assert_string_equal(face_band_name(face_band_of(row->ppm)), row->name);
    }
}

/* Unit vectors whose cosines with (1, 0, …) are the given ones. */
static struct face_template template_of(double first, double second)
{
    struct face_vectors vectors = {
        .magic = FACE_VECTORS_MAGIC, .layout = FACE_VECTORS_LAYOUT, .models = 3};
    struct face_template template;
    vectors.first[0] = (float)first;
    vectors.first[1] = (float)sqrt(1 - first * first);
    vectors.second[0] = (float)second;
    vectors.second[1] = (float)sqrt(1 - second * second);
    memcpy(template.bytes, &vectors, sizeof vectors);
    return template;
}

static void test_vision_face__similarity_of_both_models(void **state)
{
    (void)state;
    static const struct {
        double first, second; /* cosines; weights 1 and 0.7 */
        int least, most;      /* ppm */
    } rows[] = {
        {1, 1, 999990, 1000000},      {0.37, 0.37, 339980, 340020}, /* the knots of the scale */
        {0.52, 0.52, 479980, 480020}, {0.76, 0.76, 739900, 740100}, /* half-way from 0.48 to 1 */
        {0.7, 0.2, 455000, 456500}, /* mean (0.7 + 0.14) / 1.7 = 0.494 */
        {0.2, 0.7, 0, 400000},      /* 0.406: the first counts for more */
        {-1, -1, -1000000, -999990},
    };
    struct face_template base = template_of(1, 1);
    UNIT_ROWS(rows, row)
    {
        struct face_template other = template_of(row->first, row->second);
        UNIT_SAY("%.3f and %.3f", row->first, row->second);
        assert_in_range(face_similarity_ppm(&base, &other) + 1000000, row->least + 1000000,
                        row->most + 1000000);
        assert_int_equal(face_similarity_ppm(&base, &other), face_similarity_ppm(&other, &base));
    }
}

static void test_vision_face__similarity_rises_with_each_model(void **state)
{
    (void)state;
    struct face_template base = template_of(1, 1);
    int before = -1000001;
    for (int i = -100; i <= 100; i++) {
        struct face_template other = template_of(i / 100.0, i / 100.0);
        int now = face_similarity_ppm(&base, &other);
        assert_true(now >= before);
        before = now;
    }
}

static void test_vision_face__refuses_what_is_no_template(void **state)
{
    (void)state;
    struct face_template base = template_of(1, 1), other;
    memset(&other, 0, sizeof other);
    assert_int_equal(face_similarity_ppm(&base, &other), -1000000);
    memset(&other, 0xff, sizeof other);
    assert_int_equal(face_similarity_ppm(&base, &other), -1000000);
    struct face_vectors vectors;
    memcpy(&vectors, base.bytes, sizeof vectors);
    vectors.first[0] = NAN;
    memcpy(other.bytes, &vectors, sizeof vectors);
    assert_int_equal(face_similarity_ppm(&base, &other), -1000000);
    memcpy(&vectors, base.bytes, sizeof vectors);
    vectors.models = 1; /* of a version with one model */
    memcpy(other.bytes, &vectors, sizeof vectors);
    assert_int_equal(face_similarity_ppm(&base, &other), -1000000);
}

/* --- models ----------------------------------------------------------------------------------- */

#define FACES "sandbox/faces/"

struct seen {
    struct face face;
    struct face_template template;
};

static struct seen analyse(const char *path)
{
    struct seen seen = {0};
    UNIT_SAY("%s", path);
    struct image image = vision_fixture_picture(path);
    assert_int_equal(face_analyse(vision_fixture(), &image, &seen.face, &seen.template), ERR_OK);
    image_release(&image);
    assert_int_equal(seen.face.count, 1);
    unit_row[0] = '\0';
    return seen;
}

/* As analyse, each picture once only. */
static struct seen look(const char *who, const char *what)
{
    static struct {
        char path[64];
        struct seen seen;
    } known[100];
    static size_t count;
    char path[64];
    snprintf(path, sizeof path, FACES "%s/%s.jpg", who, what);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(known[i].path, path) == 0) {
            return known[i].seen;
        }
    }
    assert_true(count < sizeof known / sizeof known[0]);
    memcpy(known[count].path, path, sizeof path);
    known[count].seen = analyse(path);
    return known[count++].seen;
}

static const char *const residents[] = {"01", "02", "03", "04", "05", "06", "07", "08", "09", "10"};
#define RESIDENT_COUNT (sizeof residents / sizeof residents[0])

/* Own portrait and selfie: accepted. Those of others: refused. */
static void test_vision_face__tells_residents_apart(void **state)
{
    (void)state;
    struct seen portraits[RESIDENT_COUNT], selfies[RESIDENT_COUNT];
    for (size_t i = 0; i < RESIDENT_COUNT; i++) {
        portraits[i] = look(residents[i], "portrait");
        selfies[i] = look(residents[i], "selfie");
        assert_string_equal(face_quality_name(face_quality_of(&selfies[i].face, false)), "good");
        assert_string_equal(face_quality_name(face_quality_of(&portraits[i].face, true)), "good");
    }
    for (size_t i = 0; i < RESIDENT_COUNT; i++) {
        for (size_t k = 0; k < RESIDENT_COUNT; k++) {
            int similarity = face_similarity_ppm(&portraits[i].template, &selfies[k].template);
            UNIT_SAY("portrait %s, selfie %s: %d", residents[i], residents[k], similarity);
            if (i == k) {
                assert_int_equal(face_band_of(similarity), FACE_ACCEPT);
            } else {
                assert_int_not_equal(face_band_of(similarity), FACE_ACCEPT);
            }
        }
    }
    unit_row[0] = '\0';
}

/* The signs of pose, from the person's own view. */
static void test_vision_face__sees_what_is_asked(void **state)
{
    (void)state;
    for (size_t i = 0; i < RESIDENT_COUNT; i++) {
        struct seen neutral = look(residents[i], "selfie"), left = look(residents[i], "left");
        struct seen right = look(residents[i], "right"), up = look(residents[i], "up");
        struct seen blink = look(residents[i], "blink"), mouth = look(residents[i], "mouth");
        UNIT_SAY("resident %s", residents[i]);
        assert_true(left.face.yaw_tenths > neutral.face.yaw_tenths + 100);
        assert_true(right.face.yaw_tenths < neutral.face.yaw_tenths - 100);
        assert_true(up.face.pitch_tenths > neutral.face.pitch_tenths + 50);
        assert_true(blink.face.eyes_open_ppm < neutral.face.eyes_open_ppm / 2);
        assert_true(mouth.face.mouth_open_ppm > neutral.face.mouth_open_ppm + 100000);
    }
    unit_row[0] = '\0';
}

/* Every order of actions passes with the own frames, and with another resident's nothing does. */
static void test_vision_face__challenge_of_a_resident(void **state)
{
    (void)state;
    static const enum live_action asked[LIVE_STEPS] = {LIVE_LEFT, LIVE_BLINK, LIVE_MOUTH};
    static const char *const pictures[LIVE_STEPS] = {"left", "blink", "mouth"};
    for (size_t i = 0; i < RESIDENT_COUNT; i++) {
        struct live_frame selfie = {0}, frames[LIVE_STEPS] = {0};
        struct seen seen = look(residents[i], "selfie");
        selfie.face = seen.face;
        selfie.template = seen.template;
        selfie.digest[0] = 1;
        for (int k = 0; k < LIVE_STEPS; k++) {
            seen = look(residents[i], pictures[k]);
            frames[k].face = seen.face;
            frames[k].template = seen.template;
            frames[k].digest[0] = (uint8_t)(k + 2);
        }
        UNIT_SAY("resident %s", residents[i]);
        struct live_verdict verdict = live_judge(&selfie, frames, asked);
        assert_true(verdict.result == LIVE_PASSED || verdict.result == LIVE_UNSURE);
        seen = look(residents[(i + 1) % RESIDENT_COUNT], pictures[1]);
        frames[1].face = seen.face;
        frames[1].template = seen.template;
        UNIT_SAY("resident %s with another's blink", residents[i]);
        verdict = live_judge(&selfie, frames, asked);
        assert_string_equal(live_result_name(verdict.result), "otherPerson");
        assert_int_equal(verdict.step, 1);
    }
    unit_row[0] = '\0';
}

static void test_vision_face__no_face_in_a_wall(void **state)
{
    (void)state;
    struct image wall;
    struct face face;
    struct face_template template = {{7}};
    assert_int_equal(image_init(&wall, 640, 480), ERR_OK);
    for (size_t i = 0; i < (size_t)640 * 480 * 3; i++) {
        wall.rgb[i] = (uint8_t)(180 + i % 7 + i / 9600 % 20);
    }
    assert_int_equal(face_analyse(vision_fixture(), &wall, &face, &template), ERR_OK);
    assert_int_equal(face.count, 0);
    assert_int_equal(template.bytes[0], 7); /* not written */
    assert_int_equal(face_quality_of(&face, false), FACE_NONE);
    image_release(&wall);
}

/* The same file gives the same numbers, in any thread and at any time. */
static void test_vision_face__is_repeatable(void **state)
{
    (void)state;
    struct seen a = analyse(FACES "01/selfie.jpg"), b = analyse(FACES "01/selfie.jpg");
    assert_memory_equal(a.template.bytes, b.template.bytes, FACE_TEMPLATE_SIZE);
    assert_int_equal(a.face.yaw_tenths, b.face.yaw_tenths);
    assert_int_equal(a.face.live_ppm, b.face.live_ppm);
}

static void test_vision_face__changed_models_are_refused(void **state)
{
    (void)state;
    char folder[] = "/tmp/sycee-models-XXXXXX", command[64];
    struct vision *vision = NULL;
    assert_non_null(mkdtemp(folder));
    snprintf(command, sizeof command, "%s/SHA256SUMS", folder);
    const struct vision_options options = {.models = folder, .program = "/proc/self/exe"};
    assert_int_equal(vision_open(&options, &vision), ERR_MODEL_MISSING); /* an empty folder */
    FILE *file = fopen(command, "w");
    assert_non_null(file);
    fputs("no list of hashes\n", file);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(vision_open(&options, &vision), ERR_MODEL_CHANGED);
    file = fopen(command, "w");
    assert_non_null(file);
    for (int i = 0; i < 64; i++) {
        fputc('0', file);
    }
    fprintf(file, "  %s\n", MODEL_RUNTIME);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(vision_open(&options, &vision), ERR_MODEL_MISSING); /* listed, not there */
    char path[96];
    snprintf(path, sizeof path, "%s/%s", folder, MODEL_RUNTIME);
    file = fopen(path, "w");
    assert_non_null(file);
    fputs("another library", file);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(vision_open(&options, &vision), ERR_MODEL_CHANGED);
    assert_null(vision);
    assert_int_equal(remove(path), 0);
    assert_int_equal(remove(command), 0);
    assert_int_equal(remove(folder), 0);
}

int main(int argc, char **argv)
{
    VISION_FIXTURE_MAIN
    const struct CMUnitTest tests[] = {
        UNIT_TEST(test_vision_face__quality_in_order),
        UNIT_TEST(test_vision_face__bands),
        UNIT_TEST(test_vision_face__similarity_of_both_models),
        UNIT_TEST(test_vision_face__similarity_rises_with_each_model),
        UNIT_TEST(test_vision_face__refuses_what_is_no_template),
        UNIT_TEST(test_vision_face__changed_models_are_refused),
        UNIT_TEST(test_vision_face__no_face_in_a_wall),
        UNIT_TEST(test_vision_face__tells_residents_apart),
        UNIT_TEST(test_vision_face__sees_what_is_asked),
        UNIT_TEST(test_vision_face__challenge_of_a_resident),
        UNIT_TEST(test_vision_face__is_repeatable),
    };
    return cmocka_run_group_tests(tests, NULL, vision_fixture_close);
}
