/* Boxes of faces, and the 68 points of one. */
#include "face_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DETECT_WIDTH   320
#define DETECT_HEIGHT  240
#define DETECT_SCORE   0.6  /* the detector's own recommendation for still pictures */
#define DETECT_OVERLAP 0.35 /* boxes that share more of their union are one face */
#define DETECT_BOXES   512  /* candidates considered */
#define LANDMARK_SIDE  64

void face_planes(const struct image *image, bool is_bgr, float mean, float scale, float *out)
{
    size_t count = (size_t)image->width * (size_t)image->height;
    for (size_t i = 0; i < count; i++) {
        for (size_t c = 0; c < 3; c++) {
            size_t plane = is_bgr ? 2 - c : c;
            out[plane * count + i] = ((float)image->rgb[i * 3 + c] - mean) * scale;
        }
    }
}

enum err face_run(const struct net *net, float *values, int channels, int height, int width,
                  int64_t wanted, struct tensor out[NET_OUTPUT_MAX])
{
    struct tensor input = {.rank = 4, .shape = {1, channels, height, width}, .values = values};
    enum err err = net_run(net, &input, out);
    if (err == ERR_OK && tensor_count(&out[0]) < wanted) {
        net_outputs_release(net, out);
        return ERR_INTERNAL;
    }
    return err;
}

/* --- detection: Ultra-Light-Fast-Generic-Face-Detector RFB-320, RGB ------------------------------ */

static double face_find_overlap(const struct face_box *a, const struct face_box *b)
{
    double width = fmin(a->right, b->right) - fmax(a->left, b->left);
    double height = fmin(a->bottom, b->bottom) - fmax(a->top, b->top);
    if (width <= 0 || height <= 0) {
        return 0;
    }
    double shared = width * height;
    return shared / ((a->right - a->left) * (a->bottom - a->top) +
                     (b->right - b->left) * (b->bottom - b->top) - shared);
}

static int by_score(const void *a, const void *b)
{
    double x = ((const struct face_box *)a)->score, y = ((const struct face_box *)b)->score;
    return x < y ? 1 : x > y ? -1 : 0;
}

static double face_find_area(const struct face_box *box)
{
    return (box->right - box->left) * (box->bottom - box->top);
}

static int by_area(const void *a, const void *b)
{
    double x = face_find_area(a), y = face_find_area(b);
    return x < y ? 1 : x > y ? -1 : 0;
}

/* Keeps the best of overlapping boxes. */
static int thin_out(struct face_box *boxes, int count, struct face_box out[FACE_BOX_MAX])
{
    int kept = 0;
    qsort(boxes, (size_t)count, sizeof *boxes, by_score);
    for (int i = 0; i < count && kept < FACE_BOX_MAX; i++) {
        bool is_new = true;
        for (int k = 0; k < kept && is_new; k++) {
            is_new = face_find_overlap(&boxes[i], &out[k]) <= DETECT_OVERLAP;
        }
        if (is_new) {
            out[kept++] = boxes[i];
        }
    }
    qsort(out, (size_t)kept, sizeof *out, by_area);
    return kept;
}

static int read_boxes(const struct tensor out[NET_OUTPUT_MAX], double scale,
                      struct face_box boxes[DETECT_BOXES])
{
    const float *scores = out[0].values, *edges = out[1].values;
    int64_t total = tensor_count(&out[0]) / 2;
    int count = 0;
    for (int64_t i = 0; i < total && count < DETECT_BOXES; i++) {
        if ((double)scores[i * 2 + 1] > DETECT_SCORE) {
            const float *edge = edges + i * 4;
            boxes[count++] = (struct face_box){.left = (double)edge[0] * DETECT_WIDTH * scale,
                                               .top = (double)edge[1] * DETECT_HEIGHT * scale,
                                               .right = (double)edge[2] * DETECT_WIDTH * scale,
                                               .bottom = (double)edge[3] * DETECT_HEIGHT * scale,
                                               .score = (double)scores[i * 2 + 1]};
        }
    }
    return count;
}

/* The whole picture in the upper left corner of the net's input, the rest black: keeps the aspect. */
static enum err face_find_fit(const struct image *image, double *out_scale, struct image *out)
{
    double scale = fmax((double)image->width / DETECT_WIDTH, (double)image->height / DETECT_HEIGHT);
    int width = (int)fmin(DETECT_WIDTH, fmax(1, floor(image->width / scale + 0.5)));
    int height = (int)fmin(DETECT_HEIGHT, fmax(1, floor(image->height / scale + 0.5)));
    struct image small;
    enum err err = image_resample(image, 0, 0, image->width, image->height, width, height, &small);
    if (err == ERR_OK) {
        err = image_init(out, DETECT_WIDTH, DETECT_HEIGHT);
        for (int y = 0; err == ERR_OK && y < height; y++) {
            memcpy(out->rgb + (size_t)y * DETECT_WIDTH * 3,
                   small.rgb + (size_t)y * (size_t)width * 3, (size_t)width * 3);
        }
        image_release(&small);
    }
    *out_scale = scale;
    return err;
}

enum err face_find(const struct vision *vision, const struct image *image,
                   struct face_box out[FACE_BOX_MAX], int *out_count)
{
    struct tensor outputs[NET_OUTPUT_MAX];
    struct face_box boxes[DETECT_BOXES] = {0};
    struct image fitted = {0};
    double scale = 1;
    float *planes = malloc(sizeof(float) * 3 * DETECT_WIDTH * DETECT_HEIGHT);
    enum err err = planes == NULL ? ERR_NO_MEMORY : face_find_fit(image, &scale, &fitted);
    if (err == ERR_OK) {
        face_planes(&fitted, false, 127, 1.0F / 128, planes);
        err = face_run(vision->detect, planes, 3, DETECT_HEIGHT, DETECT_WIDTH, 2, outputs);
    }
    if (err == ERR_OK) {
        *out_count = thin_out(boxes, read_boxes(outputs, scale, boxes), out);
        net_outputs_release(vision->detect, outputs);
    }
    image_release(&fitted);
    free(planes);
    return err;
}

/* --- landmarks -------------------------------------------------------------------------------- */

struct face_box face_square(const struct face_box *box)
{
    double half = (box->bottom - box->top) / 2, x = (box->left + box->right) / 2;
    return (struct face_box){.left = x - half,
                             .top = box->top,
                             .right = x + half,
                             .bottom = box->bottom,
                             .score = box->score};
}

enum err face_locate(const struct vision *vision, const struct image *image,
                     const struct face_box *box, struct face_points *out)
{
    float grey[LANDMARK_SIDE * LANDMARK_SIDE];
    struct tensor outputs[NET_OUTPUT_MAX];
    struct face_box square = face_square(box);
    double side = square.right - square.left;
    struct image small;
    enum err err = image_resample(image, square.left, square.top, side, side, LANDMARK_SIDE,
                                  LANDMARK_SIDE, &small);
    if (err != ERR_OK) {
        return err;
    }
    for (size_t i = 0; i < sizeof grey / sizeof grey[0]; i++) {
        grey[i] = (float)image_luma(small.rgb + i * 3) / 256.0F;
    }
    image_release(&small);
    err = face_run(vision->landmark, grey, 1, LANDMARK_SIDE, LANDMARK_SIDE, FACE_POINT_COUNT * 2,
                   outputs);
    if (err == ERR_OK) {
        for (int i = 0; i < FACE_POINT_COUNT; i++) {
            out->at[i].x = square.left + (double)outputs[0].values[i * 2] * side;
            out->at[i].y = square.top + (double)outputs[0].values[i * 2 + 1] * side;
        }
        net_outputs_release(vision->landmark, outputs);
    }
    return err;
}

struct point face_mean_of(const struct face_points *points, const int *which, size_t count)
{
    struct point mean = {0, 0};
    for (size_t i = 0; i < count; i++) {
        mean.x += points->at[which[i]].x / (double)count;
        mean.y += points->at[which[i]].y / (double)count;
    }
    return mean;
}
