/* Properties of a face besides identity: pose, eyes, mouth, light, sharpness, liveness. */
#include "face_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define POSE_SIDE  224
#define POSE_BINS  66  /* of 3 degrees each, from -99 */
#define POSE_DOUBT 250 /* tenths of a degree between net and nose */
#define NOSE_DEPTH 0.55
#define LIVE_SIDE  128
#define LIVE_ZOOM  2.7 /* width of the liveness net's input, in face widths */

#define EYE_SIDE 24
#define EYE_ZOOM 1.3 /* of the eye's width */

#define PPM 1000000

static double face_measure_distance(const struct face_points *points, int a, int b)
{
    return hypot(points->at[a].x - points->at[b].x, points->at[a].y - points->at[b].y);
}

static int ppm_of(double value)
{
    return value <= 0 || !isfinite(value) ? 0 : value >= 1 ? PPM : (int)lround(value * PPM);
}

/* --- eyes and mouth --------------------------------------------------------------------------- */

/* Soukupova and Cech 2016: mean height over width of an eye whose points begin at `first`. */
static double eye_aspect(const struct face_points *points, int first)
{
    double width = face_measure_distance(points, first, first + 3);
    return width <= 0 ? 0
                      : (face_measure_distance(points, first + 1, first + 5) +
                         face_measure_distance(points, first + 2, first + 4)) /
                            (2 * width);
}

/* Probability by the eye net that an eye is shut, 0..1; its first class of two. */
static enum err measure_shut(const struct vision *vision, const struct image *image,
                             const struct face_points *points, int first, double *out)
{
    const int lids[] = {first + 1, first + 2, first + 4, first + 5};
    struct point middle = face_mean_of(points, lids, 4);
    double side = fmax(4, face_measure_distance(points, first, first + 3) * EYE_ZOOM);
    float grey[EYE_SIDE * EYE_SIDE];
    struct tensor outputs[NET_OUTPUT_MAX];
    struct image small;
    enum err err = image_resample(image, middle.x - side / 2 + 0.5, middle.y - side / 2 + 0.5, side,
                                  side, EYE_SIDE, EYE_SIDE, &small);
    if (err != ERR_OK) {
        return err;
    }
    for (size_t i = 0; i < sizeof grey / sizeof grey[0]; i++) {
        grey[i] = (float)image_luma(small.rgb + i * 3) / 255.0F;
    }
    image_release(&small);
    err = face_run(vision->eye, grey, 1, EYE_SIDE, EYE_SIDE, 2, outputs);
    if (err == ERR_OK) {
        double open_over_shut = (double)outputs[0].values[1] - (double)outputs[0].values[0];
        *out = 1 / (1 + exp(open_over_shut));
        net_outputs_release(vision->eye, outputs);
    }
    return err;
}

static enum err measure_eyes(const struct vision *vision, const struct image *image,
                             const struct face_points *points, struct face *out)
{
    double shut_right = 0, shut_left = 0;
    enum err err = measure_shut(vision, image, points, 36, &shut_right);
    if (err == ERR_OK) {
        err = measure_shut(vision, image, points, 42, &shut_left);
    }
    if (err == ERR_OK) {
        out->eyes_open_ppm = ppm_of(fmax(eye_aspect(points, 36) * (1 - shut_right),
                                         eye_aspect(points, 42) * (1 - shut_left)));
    }
    return err;
}

static void measure_features(const struct face_points *points, struct face *out)
{
    static const int right[] = {36, 37, 38, 39, 40, 41}, left[] = {42, 43, 44, 45, 46, 47};
    struct point a = face_mean_of(points, right, 6), b = face_mean_of(points, left, 6);
    double mouth = face_measure_distance(points, 48, 54);
    out->eye_distance_px = (int)lround(hypot(b.x - a.x, b.y - a.y));
    out->roll_tenths = (int)lround(atan2(b.y - a.y, b.x - a.x) * 1800 / M_PI);
    out->mouth_open_ppm = mouth <= 0 ? 0
                                     : ppm_of((face_measure_distance(points, 61, 67) +
                                               face_measure_distance(points, 62, 66) +
                                               face_measure_distance(points, 63, 65)) /
                                              (3 * mouth));
}

/* --- pose: Hopenet's head (Ruiz et al. 2018): expectation over bins of 3 degrees ------------------ */

static int angle_of(const float bins[POSE_BINS])
{
    double top = (double)bins[0], sum = 0, mean = 0;
    for (int i = 1; i < POSE_BINS; i++) {
        top = fmax(top, (double)bins[i]);
    }
    for (int i = 0; i < POSE_BINS; i++) {
        double weight = exp((double)bins[i] - top);
        sum += weight;
        mean += weight * i;
    }
    return (int)lround((mean / sum * 3 - 99) * 10);
}

/* Displacement of the tip of the nose from the middle between the eyes, as an angle: noses protrude by
 * about NOSE_DEPTH of the eyes' distance. */
static int turn_by_nose(const struct face_points *points)
{
    static const int right[] = {36, 37, 38, 39, 40, 41}, left[] = {42, 43, 44, 45, 46, 47};
    struct point a = face_mean_of(points, right, 6), b = face_mean_of(points, left, 6);
    double x = b.x - a.x, y = b.y - a.y, length = x * x + y * y;
    double nose_x = points->at[30].x - (a.x + b.x) / 2, nose_y = points->at[30].y - (a.y + b.y) / 2;
    return length <= 0
               ? 0
               : (int)lround(atan((nose_x * x + nose_y * y) / length / NOSE_DEPTH) * 1800 / M_PI);
}

static enum err measure_pose(const struct vision *vision, const struct image *image,
                             const struct face_box *box, const struct face_points *points,
                             struct face *out)
{
    static const float mean[3] = {0.406F, 0.456F, 0.485F}, spread[3] = {0.225F, 0.224F, 0.229F};
    struct tensor outputs[NET_OUTPUT_MAX];
    size_t plane = POSE_SIDE * POSE_SIDE;
    struct face_box square = face_square(box); /* with a margin the net confuses left and right */
    double side = fmax(1, square.right - square.left);
    float *planes = malloc(sizeof(float) * 3 * plane);
    struct image small = {0};
    enum err err = planes == NULL ? ERR_NO_MEMORY
                                  : image_resample(image, square.left, square.top, side, side,
                                                   POSE_SIDE, POSE_SIDE, &small);
    if (err == ERR_OK) {
        face_planes(&small, true, 0, 1.0F / 255, planes);
        for (size_t i = 0; i < plane * 3; i++) {
            planes[i] = (planes[i] - mean[i / plane]) / spread[i / plane];
        }
        err = face_run(vision->pose, planes, 3, POSE_SIDE, POSE_SIDE, POSE_BINS, outputs);
    }
    if (err == ERR_OK) {
        int by_nose = turn_by_nose(points);
        out->yaw_tenths = -angle_of(outputs[0].values); /* the net: > 0 to the person's right */
        if (abs(out->yaw_tenths - by_nose) > POSE_DOUBT) {
            out->yaw_tenths = by_nose; /* a wide open mouth misleads the net */
        }
        out->pitch_tenths = angle_of(outputs[1].values);
        net_outputs_release(vision->pose, outputs);
    }
    image_release(&small);
    free(planes);
    return err;
}

/* --- light and sharpness, over the aligned face -------------------------------------------------- */

static void measure_light(const struct image *aligned, struct face *out)
{
    int luma[FACE_SIDE * FACE_SIDE], count = 0;
    double sum = 0, squares = 0, light = 0;
    for (int i = 0; i < FACE_SIDE * FACE_SIDE; i++) {
        luma[i] = image_luma(aligned->rgb + (size_t)i * 3);
    }
    for (int y = 16; y < FACE_SIDE - 8; y++) { /* without hair and background */
        for (int x = 20; x < FACE_SIDE - 20; x++, count++) {
            const int *p = luma + y * FACE_SIDE + x;
            double bend = 4 * p[0] - p[-1] - p[1] - p[-FACE_SIDE] - p[FACE_SIDE];
            light += p[0];
            sum += bend;
            squares += bend * bend;
        }
    }
    out->brightness = (int)lround(light / count);
    out->sharpness = (int)lround(squares / count - (sum / count) * (sum / count));
}

/* --- passive signals -------------------------------------------------------------------------- */

/* Silent-Face family, BGR, raw 0..255: the first of three classes is a living face. */
static enum err measure_life(const struct vision *vision, const struct image *image,
                             const struct face_box *box, struct face *out)
{
    struct tensor outputs[NET_OUTPUT_MAX];
    struct face_box square = face_square(box);
    double side = square.right - square.left;
    double zoom = fmin(LIVE_ZOOM, fmin((image->width - 1) / side, (image->height - 1) / side));
    double wide = side * zoom;
    double left = (square.left + square.right) / 2 - wide / 2;
    double top = (square.top + square.bottom) / 2 - wide / 2;
    left = fmax(0, fmin(left, image->width - 1 - wide)); /* shifted to stay inside */
    top = fmax(0, fmin(top, image->height - 1 - wide));
    double scale = wide / LIVE_SIDE;
    struct affine map = {scale, 0, left + (scale - 1) / 2, 0, scale, top + (scale - 1) / 2};
    float *planes = malloc(sizeof(float) * 3 * LIVE_SIDE * LIVE_SIDE);
    struct image small = {0};
    enum err err =
        planes == NULL ? ERR_NO_MEMORY : image_warp(image, &map, LIVE_SIDE, LIVE_SIDE, &small);
    if (err == ERR_OK) {
        face_planes(&small, true, 0, 1, planes);
        err = face_run(vision->liveness, planes, 3, LIVE_SIDE, LIVE_SIDE, 3, outputs);
    }
    if (err == ERR_OK) {
        const float *v = outputs[0].values;
        double top_value = fmax((double)v[0], fmax((double)v[1], (double)v[2])), sum = 0;
        for (int i = 0; i < 3; i++) {
            sum += exp((double)v[i] - top_value);
        }
        out->live_ppm = ppm_of(exp((double)v[0] - top_value) / sum);
        net_outputs_release(vision->liveness, outputs);
    }
    image_release(&small);
    free(planes);
    return err;
}

enum err face_measure(const struct vision *vision, const struct image *image,
                      const struct face_box *box, const struct face_points *points,
                      const struct image *aligned, struct face *out)
{
    measure_features(points, out);
    measure_light(aligned, out);
    enum err err = measure_eyes(vision, image, points, out);
    if (err == ERR_OK) {
        err = measure_pose(vision, image, box, points, out);
    }
    if (err == ERR_OK) {
        err = measure_life(vision, image, box, out);
    }
    if (err == ERR_OK) {
        err = face_measure_screen(image, box, out);
    }
    return err;
}
