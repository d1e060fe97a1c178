/*
 * Signs of a photographed screen or print: its grid of dots interferes with the camera's and
 * leaves sharp peaks in the spectrum, where skin has none. The measure is the strongest peak of a few
 * patches of the face, over the median of its ring of equal frequency.
 */
#include "face_private.h"

#include <complex.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PATCH        128
#define PATCH_HALF   (PATCH / 2)
#define RING_FIRST   10 /* below: features of a face */
#define RING_LAST    60
#define JPEG_BLOCK   8    /* its grid has peaks of its own on both axes */
#define PEAK_NATURAL 12.0 /* docs/FACE.md: most faces in front of a camera stay below */
#define PEAK_CERTAIN 40.0

/* Cooley and Tukey, in place, PATCH values `step` apart. */
static void face_screen_transform(double complex *values, size_t step)
{
    for (unsigned i = 1, j = 0; i < PATCH; i++) {
        unsigned bit = PATCH >> 1;
        for (; (j & bit) != 0; bit >>= 1) {
            j ^= bit;
        }
        j ^= bit;
        if (i < j) {
            double complex kept = values[i * step];
            values[i * step] = values[j * step];
            values[j * step] = kept;
        }
    }
    for (unsigned size = 2; size <= PATCH; size *= 2) {
        double complex turn = cexp(-2 * M_PI * I / size);
        for (unsigned first = 0; first < PATCH; first += size) {
            double complex factor = 1;
            for (unsigned k = 0; k < size / 2; k++, factor *= turn) {
                double complex a = values[(first + k) * step];
                double complex b = values[(first + k + size / 2) * step] * factor;
                values[(first + k) * step] = a + b;
                values[(first + k + size / 2) * step] = a - b;
            }
        }
    }
}

static int by_value(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return x < y ? -1 : x > y ? 1 : 0;
}

/* Frequencies of a JPEG's blocks, plus or minus one. */
static bool is_of_blocks(int u, int v)
{
    int step = PATCH / JPEG_BLOCK, du = abs(u) % step, dv = abs(v) % step;
    bool on_u = du <= 1 || du >= step - 1, on_v = dv <= 1 || dv >= step - 1;
    return (abs(u) <= 1 && on_v) || (abs(v) <= 1 && on_u) || (on_u && on_v);
}

struct ring {
    float values[PATCH * 8];
    int count;
    float top; /* strongest one not explained by JPEG */
};

static double strongest_peak(const double complex *spectrum, struct ring *rings)
{
    double found = 0;
    for (int r = 0; r <= RING_LAST; r++) {
        rings[r].count = 0;
        rings[r].top = 0;
    }
    for (int v = -PATCH_HALF; v < PATCH_HALF; v++) {
        for (int u = 0; u < PATCH_HALF; u++) { /* the other half mirrors it */
            int r = (int)lround(hypot(u, v));
            if (r < RING_FIRST || r > RING_LAST) {
                continue;
            }
            float strength = (float)cabs(spectrum[((v + PATCH) % PATCH) * PATCH + u]);
            struct ring *ring = &rings[r];
            ring->values[ring->count++] = strength;
            if (strength > ring->top && !is_of_blocks(u, v)) {
                ring->top = strength;
            }
        }
    }
    for (int r = RING_FIRST; r <= RING_LAST; r++) {
        qsort(rings[r].values, (size_t)rings[r].count, sizeof(float), by_value);
        double median = (double)rings[r].values[rings[r].count / 2];
        found = fmax(found, (double)rings[r].top / (median + 1.0 * PATCH));
    }
    return found;
}

/* A patch of luma under a Hann window, its mean taken out. */
static void fill_patch(const struct image *image, int left, int top, double complex *out)
{
    double mean = 0;
    for (int pass = 0; pass < 2; pass++) {
        for (int y = 0; y < PATCH; y++) {
            for (int x = 0; x < PATCH; x++) {
                size_t at = (size_t)(top + y) * (size_t)image->width + (size_t)(left + x);
                double luma = image_luma(image->rgb + at * 3);
                if (pass == 0) {
                    mean += luma / (PATCH * PATCH);
                } else {
                    double window = (0.5 - 0.5 * cos(2 * M_PI * (x + 0.5) / PATCH)) *
                                    (0.5 - 0.5 * cos(2 * M_PI * (y + 0.5) / PATCH));
                    out[y * PATCH + x] = (luma - mean) * window;
                }
            }
        }
    }
}

enum err face_measure_screen(const struct image *image, const struct face_box *box,
                             struct face *out)
{
    if (image->width < PATCH || image->height < PATCH) {
        out->screen_ppm = 0; /* too small for a result */
        return ERR_OK;
    }
    double complex *values = malloc(sizeof *values * PATCH * PATCH);
    struct ring *rings = malloc(sizeof *rings * (RING_LAST + 1));
    double peak = 0;
    if (values == NULL || rings == NULL) {
        free(values);
        free(rings);
        return ERR_NO_MEMORY;
    }
    double x = (box->left + box->right) / 2, y = (box->top + box->bottom) / 2;
    double quarter = (box->bottom - box->top) / 4;
    for (int i = 0; i < 5; i++) { /* the middle and the four quarters */
        double px = x + (i == 0 ? 0 : (i & 1) != 0 ? -quarter : quarter);
        double py = y + (i == 0 ? 0 : (i & 2) != 0 ? -quarter : quarter);
        int left = (int)fmax(0, fmin(px - PATCH_HALF, image->width - PATCH));
        int top = (int)fmax(0, fmin(py - PATCH_HALF, image->height - PATCH));
        fill_patch(image, left, top, values);
        for (size_t k = 0; k < PATCH; k++) {
            face_screen_transform(values + k * PATCH, 1);
        }
        for (size_t k = 0; k < PATCH; k++) {
            face_screen_transform(values + k, PATCH);
        }
        peak = fmax(peak, strongest_peak(values, rings));
    }
    double sign = (peak - PEAK_NATURAL) / (PEAK_CERTAIN - PEAK_NATURAL);
    out->screen_ppm = sign <= 0 ? 0 : sign >= 1 ? 1000000 : (int)lround(sign * 1000000);
    free(values);
    free(rings);
    return ERR_OK;
}
