/*
 * A photograph of the flat card: a homography onto 1600 x 1200 pixels, a table below, a
 * shadow, uneven and tinted light, lens blur, sensor noise; and simulated attacks.
 */
#include "cards.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define TAU           6.283185307179586
#define CORNER_RADIUS 52.0  /* of the card, flat pixels */
#define PAPER         12.0  /* the photocopy's outline, flat pixels */
#define DISPLAY_EDGE  330.0 /* between card and the display's frame, flat pixels */
#define BLUR_MAX      24
#define ROW           (PHOTO_WIDTH * 3) /* numbers in a row */

struct point {
    double x, y;
};

/* Parameters of one photograph; all derived from the seed. */
struct scene {
    enum card_attack attack;
    double to_card[9]; /* photo pixel -> flat pixel */
    struct point corners[4];
    double table[3];
    double grain_angle, grain_pitch, grain_depth;
    double light_x, light_y, light_level, tint[3];
    double blur_sigma, noise_sigma;
    struct point glare;
    double glare_radius;
    double grid_pitch, grid_angle;
};

/* --- Chance ----------------------------------------------------------------------------------- */

uint64_t chance_next(uint64_t *state) /* splitmix64 */
{
    uint64_t z = *state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

double chance_unit(uint64_t *state)
{
    return (double)(chance_next(state) >> 11) / 9007199254740992.0;
}

double chance_between(uint64_t *state, double low, double high)
{
    return low + (high - low) * chance_unit(state);
}

/* Approximately normal: the sum of four. */
static double chance_normal(uint64_t *state)
{
    uint64_t bits = chance_next(state);
    double sum = 0;
    for (int i = 0; i < 4; i++)
        sum += (double)(bits >> (16 * i) & 0xFFFF) / 65535.0 - 0.5;
    return sum * 1.732;
}

/* --- Names ------------------------------------------------------------------------------------ */

static const char *const attack_names[ATTACK_COUNT] = {"none", "screen", "copy", "edited",
                                                       "blur", "cut",    "glare"};

enum card_attack card_attack_parse(const char *text)
{
    enum card_attack attack = ATTACK_NONE;
    while (text && attack < ATTACK_COUNT && strcmp(attack_names[attack], text) != 0)
        attack++;
    return attack;
}

const char *card_attack_name(enum card_attack attack)
{
    return attack_names[attack];
}

/* --- Geometry --------------------------------------------------------------------------------- */

/* The homography that maps from[i] to to[i]: eight equations, Gaussian elimination with pivots. */
static void cards_photo_homography(const struct point from[4], const struct point to[4],
                                   double out[9])
{
    double m[8][9];
    for (int i = 0; i < 4; i++) {
        double x = from[i].x, y = from[i].y, u = to[i].x, v = to[i].y;
        memcpy(m[2 * i], (double[]){x, y, 1, 0, 0, 0, -u * x, -u * y, u}, sizeof m[0]);
        memcpy(m[2 * i + 1], (double[]){0, 0, 0, x, y, 1, -v * x, -v * y, v}, sizeof m[0]);
    }
    for (int column = 0; column < 8; column++) {
        int best = column;
        for (int row = column + 1; row < 8; row++) {
            if (fabs(m[row][column]) > fabs(m[best][column]))
                best = row;
        }
        for (int k = 0; k < 9; k++) {
            double kept = m[column][k];
            m[column][k] = m[best][k];
            m[best][k] = kept;
        }
        for (int row = 0; row < 8; row++) {
            double factor = row == column ? 0 : m[row][column] / m[column][column];
            for (int k = column; k < 9; k++)
                m[row][k] -= factor * m[column][k];
        }
    }
    for (int i = 0; i < 8; i++)
        out[i] = m[i][8] / m[i][i];
    out[8] = 1;
}

/* Positions of the card's corners in the photograph. */
static void place_card(struct scene *scene, uint64_t *state)
{
    double width = chance_between(state, 1120, 1330);
    double height = width * CARD_HEIGHT / CARD_WIDTH;
    double angle = chance_between(state, -5, 5) * TAU / 360;
    double middle_x = PHOTO_WIDTH / 2.0 + chance_between(state, -60, 60);
    double middle_y = PHOTO_HEIGHT / 2.0 + chance_between(state, -60, 60);
    if (scene->attack == ATTACK_CUT) /* a fifth of it is outside, left or right */
        middle_x = chance_next(state) % 2 ? 0.3 * width : PHOTO_WIDTH - 0.3 * width;
    if (scene->attack == ATTACK_SCREEN)
        width *= 0.8, height *= 0.8;
    for (int i = 0; i < 4; i++) {
        double x = (i == 1 || i == 2 ? 0.5 : -0.5) * width;
        double y = (i >= 2 ? 0.5 : -0.5) * height;
        scene->corners[i].x = middle_x + x * cos(angle) - y * sin(angle) +
                              chance_between(state, -0.022, 0.022) * width;
        scene->corners[i].y = middle_y + x * sin(angle) + y * cos(angle) +
                              chance_between(state, -0.022, 0.022) * width;
    }
    const struct point flat[4] = {
        {0, 0}, {CARD_WIDTH, 0}, {CARD_WIDTH, CARD_HEIGHT}, {0, CARD_HEIGHT}};
    cards_photo_homography(scene->corners, flat, scene->to_card);
}

static struct scene scene_make(enum card_attack attack, uint64_t seed)
{
    static const double tables[][3] = {{112, 84, 62}, {58, 60, 66},    {150, 126, 98},
                                       {74, 92, 84},  {176, 170, 164}, {40, 44, 58}};
    uint64_t state = seed * 7919U + 17;
    struct scene scene = {.attack = attack};
    place_card(&scene, &state);
    memcpy(scene.table, tables[chance_next(&state) % (sizeof tables / sizeof *tables)],
           sizeof scene.table);
    scene.grain_angle = chance_between(&state, 0, TAU);
    scene.grain_pitch = chance_between(&state, 9, 40);
    scene.grain_depth = chance_between(&state, 2, 14);
    scene.light_x = chance_between(&state, -0.22, 0.22);
    scene.light_y = chance_between(&state, -0.22, 0.22);
    scene.light_level = chance_between(&state, 0.78, 1.0);
    scene.tint[0] = chance_between(&state, 0.94, 1.0);
    scene.tint[1] = 0.98;
    scene.tint[2] = chance_between(&state, 0.88, 1.0);
    scene.noise_sigma = chance_between(&state, 2, 5);
    scene.blur_sigma = chance_between(&state, 0.6, 1.1);
    if (attack == ATTACK_BLUR)
        scene.blur_sigma = chance_between(&state, 5, 7);
    scene.glare.x = chance_between(&state, 420, 900);
    scene.glare.y = chance_between(&state, 440, 780);
    scene.glare_radius = chance_between(&state, 130, 190);
    if (attack == ATTACK_SCREEN) /* close by and in focus */
        scene.blur_sigma = chance_between(&state, 0.5, 0.8);
    scene.grid_pitch = chance_between(&state, 2.5, 3.5);
    scene.grid_angle = chance_between(&state, -0.06, 0.06);
    return scene;
}

/* --- One pixel -------------------------------------------------------------------------------- */

static void table_at(const struct scene *scene, double x, double y, double out[3])
{
    double along = x * cos(scene->grain_angle) + y * sin(scene->grain_angle);
    double across = y * cos(scene->grain_angle) - x * sin(scene->grain_angle);
    double wave = sin(across / scene->grain_pitch * TAU + 2.5 * sin(along / 310)) +
                  0.6 * sin(across / scene->grain_pitch * 2.37 * TAU + 1.7 * sin(along / 170));
    for (int i = 0; i < 3; i++)
        out[i] = scene->table[i] + scene->grain_depth * wave;
}

static void flat_at(const struct pixels *card, double u, double v, double out[3])
{
    double x = fmin(fmax(u - 0.5, 0), card->width - 1.001);
    double y = fmin(fmax(v - 0.5, 0), card->height - 1.001);
    int left = (int)x, top = (int)y;
    double fx = x - left, fy = y - top;
    const uint8_t *at = card->rgb + ((size_t)top * (size_t)card->width + (size_t)left) * 3;
    const uint8_t *below = at + (size_t)card->width * 3;
    for (int i = 0; i < 3; i++)
        out[i] = (at[i] * (1 - fx) + at[i + 3] * fx) * (1 - fy) +
                 (below[i] * (1 - fx) + below[i + 3] * fx) * fy;
}

/* Distance inside of the card's rounded outline, flat pixels; negative is outside. */
static double depth_at(double u, double v)
{
    double x = fabs(u - CARD_WIDTH / 2.0) - (CARD_WIDTH / 2.0 - CORNER_RADIUS);
    double y = fabs(v - CARD_HEIGHT / 2.0) - (CARD_HEIGHT / 2.0 - CORNER_RADIUS);
    double outside = hypot(fmax(x, 0), fmax(y, 0)) + fmin(fmax(x, y), 0);
    return CORNER_RADIUS - outside;
}

/* A photocopy: grey, hard contrast, with an outline and toner specks, on white paper. */
static void copy_at(double depth, uint64_t *state, double colour[3])
{
    double grey = 0.30 * colour[0] + 0.59 * colour[1] + 0.11 * colour[2];
    grey = fmin(fmax((grey - 60) * 1.35, 18), 238);
    if (depth < 0)
        grey = 240;
    if (fabs(depth) < PAPER / 2)
        grey = 120;
    if (chance_next(state) % 1024 == 0)
        grey = 70;
    colour[0] = colour[1] = colour[2] = grey;
}

/* The display's frame round the card, and its red, green and blue stripes. */
static void screen_at(const struct scene *scene, double x, double y, double depth, double out[3])
{
    if (depth < -DISPLAY_EDGE * 0.5) {
        out[0] = out[1] = out[2] = depth < -DISPLAY_EDGE * 0.62 ? 60 : 16;
        return;
    }
    if (depth < 0)
        out[0] = 92, out[1] = 95, out[2] = 102;
    double across = x * cos(scene->grid_angle) + y * sin(scene->grid_angle);
    double down = y * cos(scene->grid_angle) - x * sin(scene->grid_angle);
    double row = 1 + 0.22 * cos(down / scene->grid_pitch * TAU);
    for (int i = 0; i < 3; i++)
        out[i] *= row * (1 + 0.42 * cos((across / scene->grid_pitch - i / 3.0) * TAU));
}

static void scene_at(const struct scene *scene, const struct pixels *card, int x, int y,
                     uint64_t *state, double out[3])
{
    const double *h = scene->to_card;
    double px = x + 0.5, py = y + 0.5;
    double w = h[6] * px + h[7] * py + h[8];
    double u = (h[0] * px + h[1] * py + h[2]) / w;
    double v = (h[3] * px + h[4] * py + h[5]) / w;
    double depth = depth_at(u, v);
    double cover = fmin(fmax(depth + 0.5, 0), 1);
    double below[3], colour[3];
    table_at(scene, px, py, below);
    flat_at(card, u, v, colour);
    /* the card throws a soft shadow down and to the right */
    double shadow = fmin(fmax((depth_at(u - 10, v - 12) + 14) / 28, 0), 1) * 0.45;
    for (int i = 0; i < 3; i++)
        out[i] = cover * colour[i] + (1 - cover) * below[i] * (1 - shadow);
    if (scene->attack == ATTACK_COPY)
        copy_at(depth, state, out);
    if (scene->attack == ATTACK_SCREEN)
        screen_at(scene, px, py, depth, out);
    double light = scene->light_level * (1 + scene->light_x * (px / PHOTO_WIDTH - 0.5) * 2 +
                                         scene->light_y * (py / PHOTO_HEIGHT - 0.5) * 2);
    double far = hypot((u - scene->glare.x) / 1.5, v - scene->glare.y) / scene->glare_radius;
    double glare = scene->attack == ATTACK_GLARE ? 420 * exp(-far * far * far * far) : 0;
    for (int i = 0; i < 3; i++)
        out[i] = out[i] * light * scene->tint[i] + glare;
}

/* --- Lens and sensor -------------------------------------------------------------------------- */

static int kernel_make(double sigma, float weights[BLUR_MAX + 1])
{
    int radius = (int)fmin(ceil(sigma * 2.6), BLUR_MAX);
    float sum = 0;
    for (int i = 0; i <= radius; i++) {
        weights[i] = (float)exp(-i * i / (2 * sigma * sigma));
        sum += i ? 2 * weights[i] : weights[i];
    }
    for (int i = 0; i <= radius; i++)
        weights[i] /= sum;
    return radius;
}

/* Blurs one row of colour triples. */
static void blur_row(const float *from, float *to, int radius, const float *weights)
{
    for (int x = 0; x < PHOTO_WIDTH; x++) {
        for (int c = 0; c < 3; c++) {
            float sum = 0;
            for (int k = -radius; k <= radius; k++) {
                int at = x + k < 0 ? 0 : x + k >= PHOTO_WIDTH ? PHOTO_WIDTH - 1 : x + k;
                sum += from[at * 3 + c] * weights[abs(k)];
            }
            to[x * 3 + c] = sum;
        }
    }
}

/* Adds one weighted row to another. */
static void add_row(const float *from, float *to, float weight)
{
    for (int i = 0; i < PHOTO_WIDTH * 3; i++)
        to[i] += from[i] * weight;
}

static void cards_photo_blur(float *image, float *spare, double sigma)
{
    float weights[BLUR_MAX + 1];
    int radius = kernel_make(sigma, weights);
    for (int y = 0; y < PHOTO_HEIGHT; y++)
        blur_row(image + (ptrdiff_t)y * ROW, spare + (ptrdiff_t)y * ROW, radius, weights);
    memset(image, 0, sizeof *image * PHOTO_HEIGHT * ROW);
    for (int y = 0; y < PHOTO_HEIGHT; y++) {
        for (int k = -radius; k <= radius; k++) {
            int at = y + k < 0 ? 0 : y + k >= PHOTO_HEIGHT ? PHOTO_HEIGHT - 1 : y + k;
            add_row(spare + (ptrdiff_t)at * ROW, image + (ptrdiff_t)y * ROW, weights[abs(k)]);
        }
    }
}

bool card_photograph(const struct pixels *card, enum card_attack attack, uint64_t seed,
                     struct pixels *out)
{
    size_t count = (size_t)PHOTO_WIDTH * PHOTO_HEIGHT * 3;
    float *image = malloc(2 * count * sizeof *image);
    *out = (struct pixels){PHOTO_WIDTH, PHOTO_HEIGHT, image ? malloc(count) : NULL};
    if (out->rgb) {
        struct scene scene = scene_make(attack, seed);
        uint64_t state = seed ^ UINT64_C(0x5EED);
        for (int y = 0; y < PHOTO_HEIGHT; y++) {
            for (int x = 0; x < PHOTO_WIDTH; x++) {
                double colour[3];
                scene_at(&scene, card, x, y, &state, colour);
                size_t at = ((size_t)y * PHOTO_WIDTH + (size_t)x) * 3;
                for (size_t i = 0; i < 3; i++)
                    image[at + i] = (float)colour[i];
            }
        }
        cards_photo_blur(image, image + count, scene.blur_sigma);
        for (size_t i = 0; i < count; i++) {
            double value = image[i] + scene.noise_sigma * chance_normal(&state) + 0.5;
            out->rgb[i] = (uint8_t)fmin(fmax(value, 0), 255);
        }
    }
    free(image);
    return out->rgb != NULL;
}

/* --- The registry's portrait ------------------------------------------------------------------ */

bool portrait_reduce(const struct pixels *portrait, struct pixels *out)
{
    *out = (struct pixels){204, 252, malloc((size_t)204 * 252 * 3)};
    double scale =
        fmin((double)portrait->width / out->width, (double)portrait->height / out->height);
    double left = (portrait->width - scale * out->width) / 2;
    double top = (portrait->height - scale * out->height) / 2;
    uint64_t state = 1;
    for (int i = 0; out->rgb && i < out->width * out->height; i++) {
        double x0 = left + i % out->width * scale, y0 = top + i / out->width * scale;
        double sum[3] = {0}, count = 0;
        for (int y = (int)y0; y < portrait->height && y < y0 + fmax(scale, 1); y++) {
            for (int x = (int)x0; x < portrait->width && x < x0 + fmax(scale, 1); x++) {
                const uint8_t *at =
                    portrait->rgb + ((size_t)y * (size_t)portrait->width + (size_t)x) * 3;
                for (int c = 0; c < 3; c++)
                    sum[c] += at[c];
                count++;
            }
        }
        double grey = (0.30 * sum[0] + 0.59 * sum[1] + 0.11 * sum[2]) / fmax(count, 1);
        for (int c = 0; c < 3; c++) { /* a third of the colour remains, plus some noise */
            double value = 0.35 * sum[c] / fmax(count, 1) + 0.65 * grey;
            value += 3 * chance_normal(&state) + 0.5;
            out->rgb[(size_t)i * 3 + (size_t)c] = (uint8_t)fmin(fmax(value, 0), 255);
        }
    }
    return out->rgb != NULL;
}
