/* Decisions about faces from their numbers: quality, similarity, band. Pure. */
#include "face_private.h"

#include "base/check.h"

#include <math.h>
#include <string.h>

/* Thresholds of a comparison; measurements in docs/FACE.md. */
#define EYE_DISTANCE_SELFIE 40
#define EYE_DISTANCE_CARD   20
#define TURN_TENTHS_MAX     250
#define BRIGHTNESS_MIN      45
#define BRIGHTNESS_MAX      225
#define SHARPNESS_MIN       18
#define SHARPNESS_CARD_MIN  8
#define COVERED_SCORE_MIN   750000 /* of the detector: hands, masks and scarves lower it */

/* The weights of the models were fixed before any pair was scored (the second model alone is weaker).
 * The mean is then mapped piecewise linearly so that the bands below have their meaning: at
 * FUSION_REVIEW 1 in 1,000 and at FUSION_ACCEPT at most 1 in 100,000 impostors pass; measurements in
 * docs/FACE.md. The mapping keeps the order, and so the accuracy. */
#define FUSION_FIRST  1.0
#define FUSION_SECOND 0.7
#define FUSION_REVIEW 0.370
#define FUSION_ACCEPT 0.520

const int FACE_ACCEPT_PPM = 480000;
const int FACE_REVIEW_PPM = 340000;
const int FACE_SAME_PPM = 540000;

const char *face_quality_name(enum face_quality quality)
{
    static const char *const names[] = {"good", "none",   "several", "small",  "turned",
                                        "dark", "bright", "blurred", "covered"};
    return (size_t)quality < sizeof names / sizeof names[0] ? names[quality] : "";
}

static int face_rules_magnitude(int value)
{
    return value < 0 ? -value : value;
}

enum face_quality face_quality_of(const struct face *face, bool on_card)
{
    if (face->count == 0) {
        return FACE_NONE;
    }
    if (face->count > 1 && !on_card) {
        return FACE_SEVERAL;
    }
    if (face->eye_distance_px < (on_card ? EYE_DISTANCE_CARD : EYE_DISTANCE_SELFIE)) {
        return FACE_SMALL;
    }
    if (face_rules_magnitude(face->yaw_tenths) > TURN_TENTHS_MAX ||
        face_rules_magnitude(face->pitch_tenths) > TURN_TENTHS_MAX ||
        face_rules_magnitude(face->roll_tenths) > TURN_TENTHS_MAX) {
        return FACE_TURNED;
    }
    if (face->brightness < BRIGHTNESS_MIN) {
        return FACE_DARK;
    }
    if (face->brightness > BRIGHTNESS_MAX) {
        return FACE_BRIGHT;
    }
    if (face->sharpness < (on_card ? SHARPNESS_CARD_MIN : SHARPNESS_MIN)) {
        return FACE_BLURRED;
    }
    return face->score_ppm < COVERED_SCORE_MIN ? FACE_COVERED : FACE_GOOD;
}

/* --- similarity ------------------------------------------------------------------------------- */

static bool read_vectors(const struct face_template *from, struct face_vectors *out)
{
    memcpy(out, from->bytes, sizeof *out);
    return out->magic == FACE_VECTORS_MAGIC && out->layout == FACE_VECTORS_LAYOUT;
}

static double face_rules_product(const float *a, const float *b, size_t size)
{
    double sum = 0;
    for (size_t i = 0; i < size; i++) {
        sum += (double)a[i] * (double)b[i];
    }
    return sum;
}

/* The cosine of one model; -2 if either side lacks it or is not a template. */
static double cosine_of(const struct face_template *a, const struct face_template *b, int model)
{
    struct face_vectors x, y;
    if (!read_vectors(a, &x) || !read_vectors(b, &y) ||
        (x.models & y.models & (1U << model)) == 0) {
        return -2;
    }
    return model == 0 ? face_rules_product(x.first, y.first, FACE_FIRST_SIZE)
                      : face_rules_product(x.second, y.second, FACE_SECOND_SIZE);
}

static int ppm_of(double similarity)
{
    if (!(similarity >= -1)) { /* not comparable, or not a number: lowest similarity */
        return -1000000;
    }
    return similarity >= 1 ? 1000000 : (int)lround(similarity * 1000000);
}

const char *face_model_name(int model)
{
    return model == 0 ? "mobilefacenet-512" : "mobilefacenet-192";
}

int face_model_similarity_ppm(const struct face_template *a, const struct face_template *b,
                              int model)
{
    CHECK(model >= 0 && model < FACE_MODEL_COUNT);
    return ppm_of(cosine_of(a, b, model));
}

/* (-1, -1), (FUSION_REVIEW, 0.34), (FUSION_ACCEPT, 0.48), (1, 1), straight between. */
static double face_rules_scaled(double sum)
{
    double review = FACE_REVIEW_PPM / 1e6, accept = FACE_ACCEPT_PPM / 1e6;
    if (sum < FUSION_REVIEW) {
        return -1 + (sum + 1) * (review + 1) / (FUSION_REVIEW + 1);
    }
    if (sum < FUSION_ACCEPT) {
        return review + (sum - FUSION_REVIEW) * (accept - review) / (FUSION_ACCEPT - FUSION_REVIEW);
    }
    return accept + (sum - FUSION_ACCEPT) * (1 - accept) / (1 - FUSION_ACCEPT);
}

int face_similarity_ppm(const struct face_template *a, const struct face_template *b)
{
    double first = cosine_of(a, b, 0), second = cosine_of(a, b, 1);
    if (!(first >= -1.001 && second >= -1.001)) {
        return -1000000;
    }
    return ppm_of(face_rules_scaled((first * FUSION_FIRST + second * FUSION_SECOND) /
                                    (FUSION_FIRST + FUSION_SECOND)));
}

enum face_band face_band_of(int similarity_ppm)
{
    return similarity_ppm >= FACE_ACCEPT_PPM   ? FACE_ACCEPT
           : similarity_ppm >= FACE_REVIEW_PPM ? FACE_UNSURE
                                               : FACE_REFUSE;
}

const char *face_band_name(enum face_band band)
{
    static const char *const names[] = {"", "refuse", "unsure", "accept"};
    return (size_t)band < sizeof names / sizeof names[0] ? names[band] : "";
}
