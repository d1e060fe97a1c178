/*
 * Signs that a picture is not a genuine photograph of a whole card. Each is one plain measure and
 * one threshold; README.md, "Cards", lists the test data and the limits.
 */
#include "card_private.h"

#include <complex.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SCREEN_PEAK_MIN   64.0  /* times the mean power of its ring */
#define COLOUR_SPREAD_MIN 0.014 /* of the ground's hue */
#define GLARE_PART_MAX    0.10  /* of a field's pixels */
#define GLARE_LEVEL       251
#define SHARPNESS_MIN     0.145 /* steepest edge, of the contrast and a pixel */
#define ODD_GROUND_MAX    4.5   /* levels beyond the prediction from the neighbours */
#define WINDOW            256
#define WINDOWS           9
#define RING_MIN          66 /* of WINDOW: periods of 3.9 pixels and less */

/* --- A display's pixel grid ------------------------------------------------------------------- */

/* In place, radix 2, forward. */
static void card_findings_fourier(float complex *a, size_t stride)
{
    for (size_t i = 1, j = 0; i < WINDOW; i++) {
        size_t bit = WINDOW >> 1;
        for (; j & bit; bit >>= 1) {
            j ^= bit;
        }
        j ^= bit;
        if (i < j) {
            float complex kept = a[i * stride];
            a[i * stride] = a[j * stride];
            a[j * stride] = kept;
        }
    }
    for (size_t length = 2; length <= WINDOW; length <<= 1) {
        float complex root = cexpf((float)(-2 * M_PI / (double)length) * I);
        for (size_t i = 0; i < WINDOW; i += length) {
            float complex w = 1;
            for (size_t k = 0; k < length / 2; k++, w *= root) {
                float complex u = a[(i + k) * stride], v = a[(i + k + length / 2) * stride] * w;
                a[(i + k) * stride] = u + v;
                a[(i + k + length / 2) * stride] = u - v;
            }
        }
    }
}

/* Adds the power spectrum of the window round (cx, cy). */
static void add_spectrum(const struct image *image, int cx, int cy, float complex *work, float *sum)
{
    int x0 = cx - WINDOW / 2, y0 = cy - WINDOW / 2;
    x0 = x0 < 0 ? 0 : x0 > image->width - WINDOW ? image->width - WINDOW : x0;
    y0 = y0 < 0 ? 0 : y0 > image->height - WINDOW ? image->height - WINDOW : y0;
    for (int i = 0; i < WINDOW * WINDOW; i++) {
        int x = i % WINDOW, y = i / WINDOW;
        const uint8_t *at =
            image->rgb + ((size_t)(y0 + y) * (size_t)image->width + (size_t)(x0 + x)) * 3;
        double hann = (0.5 - 0.5 * cos(2 * M_PI * (x + 0.5) / WINDOW)) *
                      (0.5 - 0.5 * cos(2 * M_PI * (y + 0.5) / WINDOW));
        work[i] = (float)((image_luma(at) - 128) * hann);
    }
    for (size_t i = 0; i < WINDOW; i++) {
        card_findings_fourier(work + i * WINDOW, 1);
    }
    for (size_t i = 0; i < WINDOW; i++) {
        card_findings_fourier(work + i, WINDOW);
    }
    for (size_t i = 0; i < (size_t)WINDOW * WINDOW; i++) {
        sum[i] += crealf(work[i]) * crealf(work[i]) + cimagf(work[i]) * cimagf(work[i]);
    }
}

/* The highest peak over its ring's mean, for periods of 2 to 4 pixels. The JPEG's own 8 pixel blocks
 * make peaks at multiples of an eighth on the axes; they are ignored. */
#define NOISE_FLOOR 1e5 /* power of noise of 3.3 levels: a drawing has no noise of its own */
static double highest_peak(const float *power)
{
    double sums[WINDOW] = {0}, best = 0;
    int counts[WINDOW] = {0};
    for (int pass = 0; pass < 2; pass++) {
        for (int i = 0; i < WINDOW * WINDOW; i++) {
            int fx = i % WINDOW, fy = i / WINDOW;
            fx = fx > WINDOW / 2 ? fx - WINDOW : fx;
            fy = fy > WINDOW / 2 ? fy - WINDOW : fy;
            int ring = (int)lround(hypot(fx, fy));
            bool is_axis = abs(fx) <= 1 || abs(fy) <= 1;
            if (ring < RING_MIN || ring > WINDOW / 2 || is_axis) {
                continue;
            }
            if (pass == 0) {
                sums[ring] += (double)power[i];
                counts[ring]++;
            } else {
                best = fmax(best, (double)power[i] * counts[ring] /
                                      (sums[ring] + NOISE_FLOOR * counts[ring]));
            }
        }
    }
    return best;
}

static double card_screen_peak(const struct image *image, const struct card_quad *quad)
{
    if (image->width < WINDOW || image->height < WINDOW) {
        return 0;
    }
    float complex *work = malloc(sizeof *work * WINDOW * WINDOW);
    float *power = calloc((size_t)WINDOW * WINDOW, sizeof *power);
    double peaks[WINDOWS] = {0};
    for (int i = 0; work != NULL && power != NULL && i < WINDOWS; i++) {
        double u = 0.2 + 0.3 * (i % 3), v = 0.25 + 0.25 * (i / 3);
        const struct card_point *c = quad->corners;
        double x = (c[0].x * (1 - u) + c[1].x * u) * (1 - v) + (c[3].x * (1 - u) + c[2].x * u) * v;
        double y = (c[0].y * (1 - u) + c[1].y * u) * (1 - v) + (c[3].y * (1 - u) + c[2].y * u) * v;
        x = fmin(fmax(x, 0), image->width);
        y = fmin(fmax(y, 0), image->height);
        memset(power, 0, sizeof *power * WINDOW * WINDOW);
        add_spectrum(image, (int)x, (int)y, work, power);
        double peak = highest_peak(power);
        int at = i;
        for (; at > 0 && peaks[at - 1] > peak; at--) {
            peaks[at] = peaks[at - 1];
        }
        peaks[at] = peak;
    }
    free(work);
    free(power);
    /* not the highest: print has strong peaks in places, a grid has them everywhere */
    return peaks[WINDOWS - 3];
}

bool card_is_screen(const struct image *image, const struct card_quad *quad)
{
    return card_screen_peak(image, quad) > SCREEN_PEAK_MIN;
}

/* --- Colour ----------------------------------------------------------------------------------- */

/* Variation of hue over the card, independent of the lamp's colour: the standard deviation of red and
 * blue against green in blocks of 16 pixels. A photocopy has one hue. */
static double card_colour_spread(const struct image *card)
{
    double n = 0, sum[2] = {0}, square[2] = {0};
    for (int y0 = 16; y0 + 32 <= card->height; y0 += 16) {
        for (int x0 = 16; x0 + 32 <= card->width; x0 += 16) {
            double c[3] = {0};
            for (int i = 0; i < 256; i++) {
                const uint8_t *at =
                    card->rgb +
                    ((size_t)(y0 + i / 16) * (size_t)card->width + (size_t)(x0 + i % 16)) * 3;
                c[0] += at[0], c[1] += at[1], c[2] += at[2];
            }
            if (c[1] < 256 * 50 || c[0] > 256 * 248 || c[1] > 256 * 248 || c[2] > 256 * 248) {
                continue; /* too dark or too bright to have a hue */
            }
            double hue[2] = {c[0] / c[1], c[2] / c[1]};
            n++;
            for (int k = 0; k < 2; k++) {
                sum[k] += hue[k];
                square[k] += hue[k] * hue[k];
            }
        }
    }
    if (n < 50) {
        return 1; /* no result */
    }
    double variance = 0;
    for (int k = 0; k < 2; k++) {
        variance += fmax(square[k] / n - sum[k] / n * (sum[k] / n), 0);
    }
    return sqrt(variance);
}

bool card_is_copy(const struct image *card)
{
    return card_colour_spread(card) < COLOUR_SPREAD_MIN;
}

/* --- Light and focus -------------------------------------------------------------------------- */

/* The box inside the card. */
static struct card_box card_findings_clip(const struct image *card, struct card_box box)
{
    int right = box.x + box.width, lower = box.y + box.height;
    box.x = box.x < 0 ? 0 : box.x;
    box.y = box.y < 0 ? 0 : box.y;
    right = right > card->width ? card->width : right;
    lower = lower > card->height ? card->height : lower;
    box.width = right > box.x ? right - box.x : 0;
    box.height = lower > box.y ? lower - box.y : 0;
    return box;
}

static const uint8_t *card_findings_pixel(const struct image *card, int x, int y)
{
    return card->rgb + ((size_t)y * (size_t)card->width + (size_t)x) * 3;
}

double card_glare_part(const struct image *card, struct card_box box)
{
    int white = 0;
    box = card_findings_clip(card, box);
    for (int y = box.y; y < box.y + box.height; y++) {
        for (int x = box.x; x < box.x + box.width; x++) {
            const uint8_t *p = card_findings_pixel(card, x, y);
            white += p[0] >= GLARE_LEVEL && p[1] >= GLARE_LEVEL && p[2] >= GLARE_LEVEL;
        }
    }
    int all = box.width * box.height;
    return all > 0 ? (double)white / all : 0;
}

bool card_has_glare(const struct image *card, const struct card_box *boxes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (card_glare_part(card, boxes[i]) > GLARE_PART_MAX) {
            return true;
        }
    }
    return false;
}

/* The value below which `part` of the histogram is. */
static int card_findings_percentile(const int histogram[256], int total, double part)
{
    int below = 0, value = 0;
    while (value < 255 && (below += histogram[value]) < part * total) {
        value++;
    }
    return value;
}

/* The steepest upright edges over the contrast: independent of light and ink. Three rows are averaged
 * against noise. */
static double card_sharpness(const struct image *card, struct card_box line)
{
    int levels[256] = {0}, slopes[256] = {0}, count = 0;
    line = card_findings_clip(card, line);
    for (int y = line.y + 1; y + 1 < line.y + line.height; y++) {
        for (int x = line.x + 1; x + 1 < line.x + line.width; x++) {
            int left = 0, right = 0, here = 0;
            for (int k = -1; k <= 1; k++) {
                left += image_luma(card_findings_pixel(card, x - 1, y + k));
                here += image_luma(card_findings_pixel(card, x, y + k));
                right += image_luma(card_findings_pixel(card, x + 1, y + k));
            }
            levels[here / 3]++;
            slopes[abs(right - left) / 6]++;
            count++;
        }
    }
    if (count < 100) {
        return 1;
    }
    int contrast = card_findings_percentile(levels, count, 0.95) -
                   card_findings_percentile(levels, count, 0.02);
    return contrast > 12 ? (double)card_findings_percentile(slopes, count, 0.985) / contrast : 0;
}

bool card_is_blurred(const struct image *card, struct card_box line)
{
    return card_sharpness(card, line) < SHARPNESS_MIN;
}

/* --- Characters pasted over ------------------------------------------------------------------- */

#define CELLS_MAX 40

struct cell {
    double ground[3]; /* mean of the lighter pixels */
};

/* The ground between the strokes, colour by colour. */
static struct cell cell_measure(const struct image *card, struct card_box box)
{
    int levels[3][256] = {{0}}, total = box.width * box.height;
    for (int y = box.y; y < box.y + box.height; y++) {
        for (int x = box.x; x < box.x + box.width; x++) {
            const uint8_t *p = card_findings_pixel(card, x, y);
            for (int c = 0; c < 3; c++) {
                levels[c][p[c]]++;
            }
        }
    }
    struct cell cell = {{0}};
    for (int c = 0; c < 3; c++) {
        int from = card_findings_percentile(levels[c], total, 0.75),
            to = card_findings_percentile(levels[c], total, 0.95);
        double sum = 0, n = 0;
        for (int v = from; v <= to; v++) {
            sum += (double)v * levels[c][v];
            n += levels[c][v];
        }
        cell.ground[c] = n > 0 ? sum / n : 0;
    }
    return cell;
}

/* Fits a parabola through the cells' ground of one colour, three times, each time without the previous
 * outliers: light changes slowly along a line. Returns the worst distance by cell. */
static void fit_ground(const struct cell *cells, int count, int c, double *out_off)
{
    bool is_used[CELLS_MAX];
    memset(is_used, true, sizeof is_used);
    for (int round = 0; round < 4; round++) {
        double m[3][4] = {{0}}, spread = 0;
        for (int i = 0; i < count; i++) {
            double x = 2.0 * i / (count - 1) - 1, powers[3] = {1, x, x * x};
            for (int r = 0; is_used[i] && r < 3; r++) {
                for (int k = 0; k < 3; k++) {
                    m[r][k] += powers[r] * powers[k];
                }
                m[r][3] += powers[r] * cells[i].ground[c];
            }
        }
        for (int p = 0; p < 3; p++) { /* symmetric and positive: no pivots needed */
            for (int r = 0; r < 3; r++) {
                double factor = r == p ? 0 : m[r][p] / (m[p][p] + 1e-9);
                for (int k = p; k < 4; k++) {
                    m[r][k] -= factor * m[p][k];
                }
            }
        }
        int n = 0;
        for (int i = 0; i < count; i++) {
            double x = 2.0 * i / (count - 1) - 1, fit = 0, power = 1;
            for (int p = 0; p < 3; p++, power *= x) {
                fit += m[p][3] / (m[p][p] + 1e-9) * power;
            }
            out_off[i] = fabs(cells[i].ground[c] - fit);
            spread += is_used[i] ? out_off[i] : 0;
            n += is_used[i];
        }
        double limit = fmax(2.2 * spread / n, 0.5);
        for (int i = 0; i < count; i++) {
            is_used[i] = out_off[i] <= limit;
        }
    }
}

/* Divides the line into cells two thirds as wide as high; the worst cell's distance from the prediction
 * of its neighbours, in levels, colour by colour. */
static double card_odd_ground(const struct image *card, struct card_box line)
{
    struct cell cells[CELLS_MAX];
    int grown = line.height / 8;
    line.y -= grown;
    line.height += 2 * grown;
    line = card_findings_clip(card, line);
    int width = line.height * 2 / 3;
    int count = width > 3 ? line.width / width : 0;
    count = count > CELLS_MAX ? CELLS_MAX : count;
    if (count < 5) {
        return 0;
    }
    for (int i = 0; i < count; i++) {
        struct card_box box = {line.x + i * line.width / count, line.y, line.width / count,
                               line.height};
        cells[i] = cell_measure(card, box);
    }
    double off[CELLS_MAX], sums[CELLS_MAX] = {0}, worst = 0;
    for (int c = 0; c < 3; c++) {
        fit_ground(cells, count, c, off);
        for (int i = 0; i < count; i++) {
            sums[i] += off[i] / 3;
            worst = fmax(worst, c == 2 ? sums[i] : 0);
        }
    }
    return worst;
}

bool card_is_edited(const struct image *card, struct card_box line)
{
    return card_odd_ground(card, line) > ODD_GROUND_MAX;
}
