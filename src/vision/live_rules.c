/*
 * The liveness challenge: the drawn actions, and whether frames show them. Pure.
 *
 * It raises the cost of printed photographs and simple replays. It does not stop a video made
 * for the challenge, an injected camera or a mask: docs/FACE.md lists what was measured.
 */
#include "vision.h"

#include <stdlib.h>
#include <string.h>

/* All thresholds. Differences are against the neutral frame of the same minute, so that a face that
 * always looks a little down, or narrow eyes, do not count against a person. */

/* Similarity of a frame to the selfie: other people stay below 0.48 but for one pair in 100,000; turned
 * by 40 degrees one person keeps 0.6. */
#define SAME_PPM       500000
#define TURN_TENTHS    120    /* a visible turn: half of a typical turn on request */
#define RAISE_TENTHS   50     /* the net finds a third of it: 17 degrees gave 6.7 to 13 */
#define SHUT_SHARE_PPM 500000 /* eyes opened at most this far relative to the neutral frame */
#define SHUT_PPM       150000 /* and shut in absolute terms (about 200,000 at least are open) */
#define MOUTH_PPM      150000 /* wider by a seventh of the mouth's width */
#define COPY_PPM       999000 /* the same face in the same pose: the same picture again */
#define COPY_TENTHS    5
#define SCREEN_PPM     700000 /* signs of a screen in one frame: unsure; in two: a screen */
#define ALIVE_PPM      500000 /* below: unsure (one in ten living people on LFW) */
#define DEAD_PPM       50000  /* below: no living face */

static const char *const action_names[LIVE_ACTION_COUNT] = {"",       "turnLeft", "turnRight",
                                                            "lookUp", "blink",    "openMouth"};

const char *live_action_name(enum live_action action)
{
    return (size_t)action < LIVE_ACTION_COUNT ? action_names[action] : "";
}

enum err live_action_parse(const char *text, enum live_action *out)
{
    for (int i = LIVE_LEFT; i < LIVE_ACTION_COUNT; i++) {
        if (strcmp(text, action_names[i]) == 0) {
            *out = (enum live_action)i;
            return ERR_OK;
        }
    }
    return ERR_INVALID_FIELD;
}

const char *live_result_name(enum live_result result)
{
    static const char *const names[] = {"",      "passed", "unsure", "wrongAction", "otherPerson",
                                        "still", "spoof"};
    return (size_t)result < sizeof names / sizeof names[0] ? names[result] : "";
}

void live_draw(const uint8_t random[8], enum live_action out[LIVE_STEPS])
{
    enum live_action left[LIVE_ACTION_COUNT - 1];
    uint64_t number = 0;
    unsigned count = LIVE_ACTION_COUNT - 1;
    for (int i = 0; i < 8; i++) {
        number = number << 8 | random[i];
    }
    for (unsigned i = 0; i < count; i++) {
        left[i] = (enum live_action)(LIVE_LEFT + (int)i);
    }
    for (int step = 0; step < LIVE_STEPS; step++, count--) {
        size_t chosen = (size_t)(number % count);
        number /= count;
        out[step] = left[chosen];
        left[chosen] = left[count - 1];
    }
}

/* --- judging ---------------------------------------------------------------------------------- */

static bool live_rules_shows(const struct face *neutral, const struct face *face,
                             enum live_action action)
{
    switch (action) {
    case LIVE_LEFT:
        return face->yaw_tenths - neutral->yaw_tenths >= TURN_TENTHS && face->yaw_tenths > 0;
    case LIVE_RIGHT:
        return neutral->yaw_tenths - face->yaw_tenths >= TURN_TENTHS && face->yaw_tenths < 0;
    case LIVE_UP:
        return face->pitch_tenths - neutral->pitch_tenths >= RAISE_TENTHS;
    case LIVE_BLINK:
        return face->eyes_open_ppm <= SHUT_PPM &&
               face->eyes_open_ppm <=
                   (int)((int64_t)neutral->eyes_open_ppm * SHUT_SHARE_PPM / 1000000);
    case LIVE_MOUTH:
        return face->mouth_open_ppm - neutral->mouth_open_ppm >= MOUTH_PPM;
    case LIVE_ACTION_COUNT:
    default:
        return false;
    }
}

/* The same pixels, or a face without any movement. */
static bool is_copy(const struct live_frame *a, const struct live_frame *b)
{
    return memcmp(a->digest, b->digest, sizeof a->digest) == 0 ||
           (a->face.count > 0 && b->face.count > 0 &&
            face_similarity_ppm(&a->template, &b->template) >= COPY_PPM &&
            abs(a->face.yaw_tenths - b->face.yaw_tenths) <= COPY_TENTHS &&
            abs(a->face.pitch_tenths - b->face.pitch_tenths) <= COPY_TENTHS);
}

static bool has_copy(const struct live_frame *selfie, const struct live_frame frames[LIVE_STEPS],
                     int *out_step)
{
    for (int i = 0; i < LIVE_STEPS; i++) {
        bool copies = is_copy(selfie, &frames[i]);
        for (int k = 0; k < i && !copies; k++) {
            copies = is_copy(&frames[k], &frames[i]);
        }
        if (copies) {
            *out_step = i;
            return true;
        }
    }
    return false;
}

static int by_value(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

/* Median of the frames: a single frame spoilt by a lamp has no effect. */
static int score_of(const struct live_frame *selfie, const struct live_frame frames[LIVE_STEPS])
{
    int values[LIVE_STEPS + 1] = {selfie->face.live_ppm};
    for (int i = 0; i < LIVE_STEPS; i++) {
        values[i + 1] = frames[i].face.live_ppm;
    }
    qsort(values, LIVE_STEPS + 1, sizeof values[0], by_value);
    return (values[LIVE_STEPS / 2] + values[(LIVE_STEPS + 1) / 2]) / 2;
}

static enum live_result judge_signals(const struct live_frame *selfie,
                                      const struct live_frame frames[LIVE_STEPS], int score_ppm)
{
    int screens = selfie->face.screen_ppm >= SCREEN_PPM;
    for (int i = 0; i < LIVE_STEPS; i++) {
        screens += frames[i].face.screen_ppm >= SCREEN_PPM;
    }
    if (screens >= 2 || score_ppm < DEAD_PPM) {
        return LIVE_SPOOF;
    }
    return screens > 0 || score_ppm < ALIVE_PPM ? LIVE_UNSURE : LIVE_PASSED;
}

struct live_verdict live_judge(const struct live_frame *selfie,
                               const struct live_frame frames[LIVE_STEPS],
                               const enum live_action actions[LIVE_STEPS])
{
    struct live_verdict verdict = {.step = -1, .score_ppm = score_of(selfie, frames)};
    if (has_copy(selfie, frames, &verdict.step)) {
        verdict.result = LIVE_STILL;
        return verdict;
    }
    for (int i = 0; i < LIVE_STEPS; i++) {
        const struct face *face = &frames[i].face;
        verdict.step = i;
        if (face->count != 1 || selfie->face.count != 1) {
            verdict.result = LIVE_WRONG_ACTION;
            return verdict;
        }
        if (face_similarity_ppm(&selfie->template, &frames[i].template) < SAME_PPM) {
            verdict.result = LIVE_OTHER_PERSON;
            return verdict;
        }
        if (!live_rules_shows(&selfie->face, face, actions[i])) {
            verdict.result = LIVE_WRONG_ACTION;
            return verdict;
        }
    }
    verdict.step = -1;
    verdict.result = judge_signals(selfie, frames, verdict.score_ppm);
    return verdict;
}
