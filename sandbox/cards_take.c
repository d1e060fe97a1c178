/*
 * Another photograph of a resident's picture, as different from the first as two photographs of a
 * person: another camera position, the head moved against the room, another resting expression,
 * other light and sensor noise. All derived from row, picture and number.
 */
#include "cards.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define TAU       6.283185307179586
#define GOLDEN    0.618033988749895
#define FACE_X    0.52 /* middle and radii of the face, in widths and heights of a picture */
#define FACE_Y    0.43
#define FACE_WIDE 0.20
#define FACE_HIGH 0.19
#define REST_MAX  16 /* parts of face, hair and clothes that move by themselves */

struct bump { /* a soft hill that moves by (x, y) pixels at its top, and turns and grows round it */
    double middle_x, middle_y, radius_x, radius_y;
    double x, y, turn, grow;
};

struct take {
    double cosine, sine, zoom, shift_x, shift_y;
    struct bump head, nose, rest[REST_MAX];
    double gain, gamma, light_x, light_y, tint[3];
    double noise;
    int quality;
};

static struct bump bump_at(double x, double y, double radius_x, double radius_y)
{
    return (struct bump){.middle_x = x, .middle_y = y, .radius_x = radius_x, .radius_y = radius_y};
}

static void bump_push(struct bump *bump, uint64_t *state, double angle, double most)
{
    double far = chance_between(state, 0.7, 1) * most;
    bump->x = far * cos(angle);
    bump->y = far * sin(angle);
}

/* Head and face move in another direction at each number, by the golden angle; numbers with
 * similar directions (21 apart, 34 apart) differ in tilt and size of the head and in the
 * positions of its parts. */
static struct take take_draw(const struct pixels *pixels, uint64_t number, bool is_up,
                             uint64_t *state)
{
    double wide = pixels->width, high = pixels->height;
    double angle = chance_between(state, -4, 4) * TAU / 360;
    double way = fmod((double)number * GOLDEN, 1) * TAU + chance_between(state, -0.3, 0.3);
    struct take take = {.cosine = cos(angle), .sine = sin(angle)};
    take.zoom = chance_between(state, 0.95, 1.10);
    take.shift_x = chance_between(state, -0.05, 0.05) * wide;
    take.shift_y = chance_between(state, -0.04, 0.04) * high;
    take.head =
        bump_at(FACE_X * wide, FACE_Y * high, 1.7 * FACE_WIDE * wide, 1.9 * FACE_HIGH * high);
    take.nose =
        bump_at(FACE_X * wide, FACE_Y * high, 0.8 * FACE_WIDE * wide, 0.8 * FACE_HIGH * high);
    bump_push(&take.head, state, way, 0.045 * wide);
    bump_push(&take.nose, state, way + TAU / 3, 0.028 * wide); /* some seven degrees */
    /* Less up and down than left and right, but always some when looking up. */
    take.nose.y = is_up ? 0.028 * wide : 0.1 * take.nose.y;
    take.head.y *= 0.5;
    take.head.turn = chance_between(state, -5, 5) * TAU / 360;
    take.head.grow = chance_between(state, -0.05, 0.05);
    for (int i = 0; i < REST_MAX; i++) {
        take.rest[i] = bump_at((FACE_X + chance_between(state, -1.4, 1.4) * FACE_WIDE) * wide,
                               (FACE_Y + chance_between(state, -1.4, 1.4) * FACE_HIGH) * high,
                               0.07 * wide, 0.07 * wide);
        bump_push(&take.rest[i], state, chance_between(state, 0, TAU), 0.010 * wide);
    }
    take.gain = chance_between(state, 0.88, 1.10);
    take.gamma = chance_between(state, 0.93, 1.07);
    take.light_x = chance_between(state, -0.14, 0.14);
    take.light_y = chance_between(state, -0.10, 0.10);
    for (int i = 0; i < 3; i++)
        take.tint[i] = chance_between(state, 0.97, 1.03);
    take.noise = chance_between(state, 1.5, 4);
    take.quality = (int)chance_between(state, 84, 94);
    return take;
}

static void bump_move(const struct bump *bump, double *x, double *y)
{
    double u = (*x - bump->middle_x) / bump->radius_x, v = (*y - bump->middle_y) / bump->radius_y;
    double far = u * u + v * v;
    double share = far < 9 ? exp(-far) : 0;
    double right = *x - bump->middle_x, down = *y - bump->middle_y;
    *x += (bump->x + right * bump->grow - down * bump->turn) * share;
    *y += (bump->y + down * bump->grow + right * bump->turn) * share;
}

/* Applies the take's gamma to each level. */
static void take_bend(const struct take *take, struct pixels *pixels)
{
    uint8_t bent[256];
    for (int i = 0; i < 256; i++)
        bent[i] = (uint8_t)(255 * pow(i / 255.0, take->gamma) + 0.5);
    for (size_t i = 0; i < (size_t)pixels->width * (size_t)pixels->height * 3; i++)
        pixels->rgb[i] = bent[pixels->rgb[i]];
}

/* Interpolates four pixels; beyond the edge the nearest one. */
static double take_sample(const struct pixels *pixels, double x, double y, int channel)
{
    double left = floor(x), top = floor(y), sum = 0;
    for (int k = 0; k < 4; k++) {
        double px = left + (k & 1), py = top + (k >> 1);
        double weight = (1 - fabs(x - px)) * (1 - fabs(y - py));
        int at_x = (int)fmin(fmax(px, 0), pixels->width - 1);
        int at_y = (int)fmin(fmax(py, 0), pixels->height - 1);
        size_t at = ((size_t)at_y * (size_t)pixels->width + (size_t)at_x) * 3 + (size_t)channel;
        sum += weight * pixels->rgb[at];
    }
    return sum;
}

static void take_pixel(const struct take *take, const struct pixels *from, int x, int y,
                       uint64_t *state, uint8_t out[3])
{
    double wide = from->width, high = from->height;
    double dx = (x - wide / 2 - take->shift_x) / take->zoom;
    double dy = (y - high / 2 - take->shift_y) / take->zoom;
    double at_x = wide / 2 + dx * take->cosine + dy * take->sine;
    double at_y = high / 2 - dx * take->sine + dy * take->cosine;
    double light = take->gain * (1 + take->light_x * (x / wide - 0.5) * 2 +
                                 take->light_y * (y / high - 0.5) * 2);
    bump_move(&take->head, &at_x, &at_y);
    bump_move(&take->nose, &at_x, &at_y);
    for (int i = 0; i < REST_MAX; i++)
        bump_move(&take->rest[i], &at_x, &at_y);
    for (int c = 0; c < 3; c++) {
        double value = take_sample(from, at_x, at_y, c) * light * take->tint[c];
        value +=
            take->noise * (chance_unit(state) + chance_unit(state) + chance_unit(state) - 1.5) * 2;
        out[c] = (uint8_t)fmin(fmax(value + 0.5, 0), 255);
    }
}

bool face_take(const char *bytes, size_t size, bool is_up, uint64_t number, uint64_t seed,
               uint8_t **out, size_t *out_size)
{
    struct pixels from = {0};
    if (!jpeg_decode(bytes, size, &from))
        return false;
    uint64_t state = seed;
    struct take take = take_draw(&from, number, is_up, &state);
    take_bend(&take, &from);
    struct pixels to = {from.width, from.height, NULL};
    to.rgb = malloc((size_t)to.width * (size_t)to.height * 3);
    for (int y = 0; to.rgb && y < to.height; y++) {
        for (int x = 0; x < to.width; x++)
            take_pixel(&take, &from, x, y, &state,
                       to.rgb + ((size_t)y * (size_t)to.width + (size_t)x) * 3);
    }
    bool is_done = to.rgb && jpeg_encode(&to, take.quality, out, out_size);
    free(from.rgb);
    free(to.rgb);
    return is_done;
}
