#include "image.h"

#include "base/check.h"

#include <leptonica/allheaders.h>
#include <math.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum err image_init(struct image *image, int width, int height)
{
    CHECK(width > 0 && height > 0);
    image->width = width;
    image->height = height;
    image->rgb = calloc((size_t)width * (size_t)height, 3);
    return image->rgb == NULL ? ERR_NO_MEMORY : ERR_OK;
}

void image_release(struct image *image)
{
    if (image->rgb != NULL) {
        sodium_memzero(image->rgb, (size_t)image->width * (size_t)image->height * 3);
        free(image->rgb);
    }
    memset(image, 0, sizeof *image);
}

/* --- resampling: first along the rows, then along the columns ------------------------------------ */

/* Weights of one new pixel: `count` weights of old pixels from `first` on, their sum 1. */
struct taps {
    int first, count;
};

#define TAPS_MAX 512 /* of one pixel: enough to reduce 24 megapixels to one row */

/* A triangle as wide as the new pixel (never narrower than an old one) over the old pixels. */
static struct taps taps_of(int i, double start, double step, int limit, float *weights)
{
    double reach = step > 1 ? step : 1;
    if (reach > TAPS_MAX / 2.0 - 2) {
        reach = TAPS_MAX / 2.0 - 2;
    }
    double centre = start + (i + 0.5) * step - 0.5, sum = 0;
    int first = (int)ceil(centre - reach), last = (int)floor(centre + reach);
    struct taps taps = {.first = first, .count = last - first + 1};
    if (first < -limit * 4 || last > limit * 5) { /* far outside: the edge */
        taps.first = first < 0 ? 0 : limit - 1;
        taps.count = 1;
        weights[0] = 1;
        return taps;
    }
    for (int k = 0; k < taps.count; k++) {
        double distance = fabs(first + k - centre) / reach;
        weights[k] = (float)(distance < 1 ? 1 - distance : 0);
        sum += (double)weights[k];
    }
    for (int k = 0; k < taps.count; k++) {
        weights[k] = (float)((double)weights[k] / sum);
    }
    return taps;
}

static int image_clamp(int value, int limit)
{
    return value < 0 ? 0 : value >= limit ? limit - 1 : value;
}

/* One source row to `width` pixels of three floats. */
static void resample_row(const uint8_t *row, int limit, const struct taps *taps,
                         const float *weights, int width, float *out)
{
    for (int x = 0; x < width; x++, out += 3) {
        const float *w = weights + (size_t)x * TAPS_MAX;
        float r = 0, g = 0, b = 0;
        for (int k = 0; k < taps[x].count; k++) {
            const uint8_t *p = row + (size_t)image_clamp(taps[x].first + k, limit) * 3;
            r += w[k] * (float)p[0];
            g += w[k] * (float)p[1];
            b += w[k] * (float)p[2];
        }
        out[0] = r;
        out[1] = g;
        out[2] = b;
    }
}

struct resampling {
    struct taps *taps; /* of the columns */
    float *weights;    /* TAPS_MAX a column */
    float *sums;       /* one new row */
    float *row;        /* one old row, resampled; kept for `row_of` */
    int row_of;
};

static void resample_rows(const struct image *image, double y, double step, struct resampling *work,
                          struct image *out)
{
    float weights[TAPS_MAX];
    size_t row_size = (size_t)out->width * 3;
    work->row_of = -1;
    for (int i = 0; i < out->height; i++) {
        struct taps taps = taps_of(i, y, step, image->height, weights);
        memset(work->sums, 0, row_size * sizeof(float));
        for (int k = 0; k < taps.count; k++) {
            int from = image_clamp(taps.first + k, image->height);
            if (from != work->row_of) {
                resample_row(image->rgb + (size_t)from * (size_t)image->width * 3, image->width,
                             work->taps, work->weights, out->width, work->row);
                work->row_of = from;
            }
            for (size_t j = 0; j < row_size; j++) {
                work->sums[j] += weights[k] * work->row[j];
            }
        }
        uint8_t *to = out->rgb + (size_t)i * row_size;
        for (size_t j = 0; j < row_size; j++) {
            to[j] = (uint8_t)(work->sums[j] + 0.5F);
        }
    }
}

enum err image_resample(const struct image *image, double x, double y, double part_width,
                        double part_height, int width, int height, struct image *out)
{
    enum err err = image_init(out, width, height);
    struct resampling work = {
        .taps = malloc((size_t)width * sizeof *work.taps),
        .weights = malloc((size_t)width * TAPS_MAX * sizeof *work.weights),
        .sums = malloc((size_t)width * 3 * sizeof *work.sums),
        .row = malloc((size_t)width * 3 * sizeof *work.row),
    };
    if (err == ERR_OK &&
        (work.taps == NULL || work.weights == NULL || work.sums == NULL || work.row == NULL)) {
        image_release(out);
        err = ERR_NO_MEMORY;
    }
    if (err == ERR_OK) {
        for (int i = 0; i < width; i++) {
            work.taps[i] = taps_of(i, x, part_width / width, image->width,
                                   work.weights + (size_t)i * TAPS_MAX);
        }
        resample_rows(image, y, part_height / height, &work, out);
    }
    free(work.taps);
    free(work.weights);
    free(work.sums);
    free(work.row);
    return err;
}

enum err image_crop(const struct image *image, int x, int y, int width, int height, int side_max,
                    struct image *out)
{
    CHECK(width > 0 && height > 0 && side_max > 0);
    int side = width > height ? width : height;
    int new_width = width, new_height = height;
    if (side > side_max) {
        new_width = (int)(((int64_t)width * side_max + side / 2) / side);
        new_height = (int)(((int64_t)height * side_max + side / 2) / side);
    }
    return image_resample(image, x, y, width, height, new_width > 0 ? new_width : 1,
                          new_height > 0 ? new_height : 1, out);
}

static void image_sample(const struct image *image, double x, double y, uint8_t *out)
{
    int left = (int)floor(x), top = (int)floor(y);
    double u = x - left, v = y - top;
    for (int c = 0; c < 3; c++) {
        double sum = 0;
        for (int k = 0; k < 4; k++) {
            int px = left + (k & 1), py = top + (k >> 1);
            if (px >= 0 && py >= 0 && px < image->width && py < image->height) {
                double weight = ((k & 1) != 0 ? u : 1 - u) * ((k >> 1) != 0 ? v : 1 - v);
                sum += weight *
                       image->rgb[((size_t)py * (size_t)image->width + (size_t)px) * 3 + (size_t)c];
            }
        }
        out[c] = (uint8_t)(sum + 0.5);
    }
}

enum err image_warp(const struct image *image, const struct affine *map, int width, int height,
                    struct image *out)
{
    enum err err = image_init(out, width, height);
    if (err != ERR_OK) {
        return err;
    }
    uint8_t *to = out->rgb;
    for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++, to += 3) {
            double from_x = map->a * x + map->b * y + map->c;
            double from_y = map->d * x + map->e * y + map->f;
            if (from_x > -1 && from_y > -1 && from_x < image->width && from_y < image->height) {
                image_sample(image, from_x, from_y, to);
            }
        }
    }
    return ERR_OK;
}

/* --- encoding: the program's own pixels, so in this process --------------------------------------- */

enum err image_encode(const struct image *image, int quality, uint8_t **out, size_t *out_size)
{
    PIX *pix = pixCreateNoInit(image->width, image->height, 32);
    if (pix == NULL) {
        return ERR_NO_MEMORY;
    }
    l_uint32 *row = pixGetData(pix);
    const uint8_t *from = image->rgb;
    for (int y = 0; y < image->height; y++, row += pixGetWpl(pix)) {
        for (int x = 0; x < image->width; x++, from += 3) {
            row[x] = (l_uint32)from[0] << L_RED_SHIFT | (l_uint32)from[1] << L_GREEN_SHIFT |
                     (l_uint32)from[2] << L_BLUE_SHIFT;
        }
    }
    l_uint8 *bytes = NULL;
    size_t size = 0;
    int failed = pixWriteMemJpeg(&bytes, &size, pix, quality, 0);
    pixDestroy(&pix);
    if (failed != 0) {
        lept_free(bytes);
        return ERR_NO_MEMORY;
    }
    *out = bytes;
    *out_size = size;
    return ERR_OK;
}
