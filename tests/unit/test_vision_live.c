/* The liveness challenge as rules: drawn actions, required frames. No model runs here.
 * EVIDENCE: REQ-KYC-01 (attacks: a photograph of a photograph, of a screen; a replayed upload). */
#include "unit/base_fixture.h"

#include "vision/face_private.h"

#include <math.h>
#include <string.h>

/* A template whose similarity to `turn` 0 is the cosine of `turn` hundredths of a radian. */
static struct face_template template_of(int turn)
{
    struct face_vectors vectors = {
        .magic = FACE_VECTORS_MAGIC, .layout = FACE_VECTORS_LAYOUT, .models = 3};
    struct face_template template;
    vectors.first[0] = vectors.second[0] = (float)cos(turn / 100.0);
    vectors.first[1] = vectors.second[1] = (float)sin(turn / 100.0);
    memcpy(template.bytes, &vectors, sizeof vectors);
    return template;
}

/* A living neutral face of somebody who looks a little down; `number` keeps frames apart. */
static struct live_frame frame_of(uint8_t number)
{
    struct live_frame frame = {.face = {.count = 1,
                                        .eye_distance_px = 90,
                                        .yaw_tenths = 20,
                                        .pitch_tenths = -90,
                                        .eyes_open_ppm = 300000,
                                        .mouth_open_ppm = 40000,
                                        .sharpness = 150,
                                        .brightness = 140,
                                        .live_ppm = 990000},
                               .template = template_of(number * 10)};
    frame.digest[0] = number;
    return frame;
}

static struct live_frame acted(uint8_t number, enum live_action action)
{
    struct live_frame frame = frame_of(number);
    switch (action) {
    case LIVE_LEFT:
        frame.face.yaw_tenths = 250;
        break;
    case LIVE_RIGHT:
        frame.face.yaw_tenths = -200;
        break;
    case LIVE_UP:
        frame.face.pitch_tenths = 30;
        break;
    case LIVE_BLINK:
        frame.face.eyes_open_ppm = 30000;
        break;
    case LIVE_MOUTH:
        frame.face.mouth_open_ppm = 420000;
        break;
    case LIVE_ACTION_COUNT:
    default:
        fail();
    }
    return frame;
}

static void test_vision_live__draws_every_sequence(void **state)
{
    (void)state;
    int seen[6][6][6] = {0}, count = 0;
    for (int i = 0; i < 60; i++) {
        uint8_t random[8] = {0, 0, 0, 0, 0, 0, 0, (uint8_t)i};
        enum live_action actions[LIVE_STEPS];
        live_draw(random, actions);
        for (int k = 0; k < LIVE_STEPS; k++) {
            assert_in_range(actions[k], LIVE_LEFT, LIVE_MOUTH);
        }
        assert_true(actions[0] != actions[1] && actions[1] != actions[2] &&
                    actions[0] != actions[2]);
        count += seen[actions[0]][actions[1]][actions[2]]++ == 0;
    }
    assert_int_equal(count, 60); /* 5 x 4 x 3, each from one of 60 neighbouring numbers */
}

static void test_vision_live__draw_uses_all_random_bytes(void **state)
{
    (void)state;
    for (int byte = 0; byte < 8; byte++) {
        bool differs = false;
        for (int value = 1; value < 256 && !differs; value++) {
            uint8_t random[8] = {0};
            enum live_action before[LIVE_STEPS], after[LIVE_STEPS];
            live_draw(random, before);
            random[byte] = (uint8_t)value;
            live_draw(random, after);
            differs = memcmp(before, after, sizeof before) != 0;
        }
        assert_true(differs);
    }
}

static void test_vision_live__names_and_parses_actions(void **state)
{
    (void)state;
    static const struct {
        enum live_action action;
        const char *name;
    } rows[] = {{LIVE_LEFT, "turnLeft"},
                {LIVE_RIGHT, "turnRight"},
                {LIVE_UP, "lookUp"},
                {LIVE_BLINK, "blink"},
                {LIVE_MOUTH, "openMouth"}};
    enum live_action parsed = LIVE_LEFT;
    UNIT_ROWS(rows, row)
    {
        UNIT_SAY("%s", row->name);
        assert_string_equal(live_action_name(row->action), row->name);
        assert_int_equal(live_action_parse(row->name, &parsed), ERR_OK);
        assert_int_equal(parsed, row->action);
    }
    assert_int_equal(live_action_parse("", &parsed), ERR_INVALID_FIELD);
    assert_int_equal(live_action_parse("turnleft", &parsed), ERR_INVALID_FIELD);
    assert_string_equal(live_action_name(LIVE_ACTION_COUNT), "");
    assert_string_equal(live_result_name(LIVE_WRONG_ACTION), "wrongAction");
    assert_string_equal(live_result_name(LIVE_SPOOF), "spoof");
}

/* Each sequence of actions passes where the frames show it in order, and in no other order. */
static void test_vision_live__wants_the_actions_in_order(void **state)
{
    (void)state;
    struct live_frame selfie = frame_of(0);
    for (uint8_t i = 0; i < 60; i++) {
        uint8_t random[8] = {0, 0, 0, 0, 0, 0, 0, i};
        enum live_action asked[LIVE_STEPS];
        struct live_frame frames[LIVE_STEPS];
        live_draw(random, asked);
        UNIT_SAY("%s, %s, %s", live_action_name(asked[0]), live_action_name(asked[1]),
                 live_action_name(asked[2]));
        for (uint8_t k = 0; k < LIVE_STEPS; k++) {
            frames[k] = acted((uint8_t)(k + 1), asked[k]);
        }
        struct live_verdict verdict = live_judge(&selfie, frames, asked);
        assert_int_equal(verdict.result, LIVE_PASSED);
        assert_int_equal(verdict.step, -1);
        enum live_action other[LIVE_STEPS] = {asked[0], asked[2], asked[1]};
        verdict = live_judge(&selfie, frames, other);
        assert_int_equal(verdict.result, LIVE_WRONG_ACTION);
        assert_int_equal(verdict.step, 1);
    }
    unit_row[0] = '\0';
}

struct judged {
    struct live_frame selfie, frames[LIVE_STEPS];
};

static const enum live_action asked[LIVE_STEPS] = {LIVE_LEFT, LIVE_BLINK, LIVE_MOUTH};

static struct judged new_judged(void)
{
    struct judged judged = {.selfie = frame_of(0)};
    for (uint8_t k = 0; k < LIVE_STEPS; k++) {
        judged.frames[k] = acted((uint8_t)(k + 1), asked[k]);
    }
    return judged;
}

static void turn_too_little(struct judged *judged)
{
    judged->frames[0].face.yaw_tenths = judged->selfie.face.yaw_tenths + 119;
}
static void turn_enough(struct judged *judged)
{
    judged->frames[0].face.yaw_tenths = judged->selfie.face.yaw_tenths + 120;
}
static void turn_the_other_way(struct judged *judged)
{
    judged->frames[0].face.yaw_tenths = -250;
}
/* From far right to less right is a turn to the left, but nobody has turned left. */
static void turn_back_only(struct judged *judged)
{
    judged->selfie.face.yaw_tenths = -240;
    judged->frames[0].face.yaw_tenths = -20;
}
static void narrow_eyes_that_stay_open(struct judged *judged)
{
    judged->selfie.face.eyes_open_ppm = 200000;
    judged->frames[1].face.eyes_open_ppm = 140000;
}
static void half_shut_wide_eyes(struct judged *judged)
{
    judged->selfie.face.eyes_open_ppm = 420000;
    judged->frames[1].face.eyes_open_ppm = 200000;
}
static void mouth_already_open(struct judged *judged)
{
    judged->selfie.face.mouth_open_ppm = 400000;
}
static void no_face_in_the_second(struct judged *judged)
{
    judged->frames[1].face.count = 0;
}
static void somebody_beside(struct judged *judged)
{
    judged->frames[2].face.count = 2;
}
static void other_person_in_the_last(struct judged *judged)
{
    judged->frames[2].template = template_of(120); /* cosine 0.36 */
}
static void turned_far_but_the_same(struct judged *judged)
{
    judged->frames[0].template = template_of(95); /* cosine 0.58 */
}
static void template_of_another_version(struct judged *judged)
{
    memset(judged->frames[1].template.bytes, 0, sizeof judged->frames[1].template.bytes);
}
static void selfie_sent_again(struct judged *judged)
{
    judged->frames[1] = judged->selfie;
}
static void frame_sent_twice(struct judged *judged)
{
    memcpy(judged->frames[2].digest, judged->frames[0].digest, sizeof judged->frames[0].digest);
}
static void same_picture_compressed_anew(struct judged *judged)
{
    judged->frames[2].template = judged->selfie.template;
    judged->frames[2].face.yaw_tenths = judged->selfie.face.yaw_tenths + 4;
    judged->frames[2].face.pitch_tenths = judged->selfie.face.pitch_tenths;
}
static void one_frame_lit_badly(struct judged *judged)
{
    judged->frames[0].face.live_ppm = 3000;
}
static void weak_signals(struct judged *judged)
{
    judged->selfie.face.live_ppm = 300000;
    judged->frames[0].face.live_ppm = 200000;
    judged->frames[1].face.live_ppm = 400000;
}
static void dead_signals(struct judged *judged)
{
    judged->selfie.face.live_ppm = 1000;
    judged->frames[0].face.live_ppm = 3000;
    judged->frames[1].face.live_ppm = 2000;
}
static void moire_once(struct judged *judged)
{
    judged->frames[0].face.screen_ppm = 900000;
}
static void moire_twice(struct judged *judged)
{
    judged->frames[0].face.screen_ppm = 900000;
    judged->selfie.face.screen_ppm = 700000;
}
static void nothing(struct judged *judged)
{
    (void)judged;
}

static void test_vision_live__judges(void **state)
{
    (void)state;
    static const struct {
        void (*change)(struct judged *judged);
        const char *what;
        enum live_result wanted;
        int step;
    } rows[] = {
        {nothing, "as asked", LIVE_PASSED, -1},
        {turn_too_little, "a turn of 11.9 degrees", LIVE_WRONG_ACTION, 0},
        {turn_enough, "a turn of 12 degrees", LIVE_PASSED, -1},
        {turn_the_other_way, "to the other side", LIVE_WRONG_ACTION, 0},
        {turn_back_only, "from the right to the middle", LIVE_WRONG_ACTION, 0},
        {narrow_eyes_that_stay_open, "narrow eyes", LIVE_WRONG_ACTION, 1},
        {half_shut_wide_eyes, "wide eyes half shut", LIVE_WRONG_ACTION, 1},
        {mouth_already_open, "the mouth was open before", LIVE_WRONG_ACTION, 2},
        {no_face_in_the_second, "no face", LIVE_WRONG_ACTION, 1},
        {somebody_beside, "two faces", LIVE_WRONG_ACTION, 2},
        {other_person_in_the_last, "another person", LIVE_OTHER_PERSON, 2},
        {turned_far_but_the_same, "the same person from the side", LIVE_PASSED, -1},
        {template_of_another_version, "a template that cannot be compared", LIVE_OTHER_PERSON, 1},
        {selfie_sent_again, "the selfie once more", LIVE_STILL, 1},
        {frame_sent_twice, "one frame twice", LIVE_STILL, 2},
        {same_picture_compressed_anew, "the selfie in another file", LIVE_STILL, 2},
        {one_frame_lit_badly, "one weak frame", LIVE_PASSED, -1},
        {weak_signals, "weak signals", LIVE_UNSURE, -1},
        {dead_signals, "no living face", LIVE_SPOOF, -1},
        {moire_once, "one sign of a screen", LIVE_UNSURE, -1},
        {moire_twice, "two signs of a screen", LIVE_SPOOF, -1},
    };
    UNIT_ROWS(rows, row)
    {
        struct judged judged = new_judged();
        UNIT_SAY("%s", row->what);
        row->change(&judged);
        struct live_verdict verdict = live_judge(&judged.selfie, judged.frames, asked);
        assert_string_equal(live_result_name(verdict.result), live_result_name(row->wanted));
        assert_int_equal(verdict.step, row->step);
    }
}

static void test_vision_live__score_is_the_median(void **state)
{
    (void)state;
    struct judged judged = new_judged();
    judged.selfie.face.live_ppm = 100000;
    judged.frames[0].face.live_ppm = 900000;
    judged.frames[1].face.live_ppm = 500000;
    judged.frames[2].face.live_ppm = 700000;
    assert_int_equal(live_judge(&judged.selfie, judged.frames, asked).score_ppm, 600000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT_TEST(test_vision_live__draws_every_sequence),
        UNIT_TEST(test_vision_live__draw_uses_all_random_bytes),
        UNIT_TEST(test_vision_live__names_and_parses_actions),
        UNIT_TEST(test_vision_live__wants_the_actions_in_order),
        UNIT_TEST(test_vision_live__judges),
        UNIT_TEST(test_vision_live__score_is_the_median),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
