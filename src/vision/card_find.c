/*
 * Finds a card's outline: edges, a Hough transform for long lines, and all quadrilaterals of two
 * steep and two flat lines, rated by the share of their outline that is an edge. Then each side is refined
 * on the full picture. Only the text inside tells whether a quadrilateral is a card.
 */
#include "card_private.h"

#include "base/check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SMALL_SIDE   400  /* pixels of the search's longer side */
#define ANGLES       180  /* of the Hough transform, one degree each */
#define SPREAD       5    /* degrees of tolerance in an edge's direction */
#define TILT_MAX     32   /* degrees between a side and the picture's own axis */
#define LINES_MAX    9    /* of each kind, and the picture's two borders */
#define AREA_MIN     0.12 /* of the picture */
#define ASPECT       (85.6 / 54.0)
#define ASPECT_SLACK 0.20 /* of a quadrilateral seen at an angle */
#define FLAT_SLACK   0.06 /* of a picture that is the card itself */
#define SUPPORT_MIN  0.35 /* of the outline */
#define SAMPLES      48   /* along a side */
#define CORNER_SKIP  0.08 /* of a side: rounded corners */
#define EDGE_FLOOR   14   /* of 255: the weakest edge considered */

/* Edges of the small picture: strength and direction of the normal in degrees 0..179. */
struct edges {
    int width, height;
    double scale; /* small pixel = scale * picture pixel */
    float *strength;
    uint8_t *angle;
};

struct line { /* x cos(a) + y sin(a) = r, small pixels */
    double angle, r;
    double votes;
    bool is_border;
};

static struct card_point card_find_cross(struct line a, struct line b)
{
    double d = cos(a.angle) * sin(b.angle) - sin(a.angle) * cos(b.angle);
    if (fabs(d) < 1e-6) {
        return (struct card_point){-1e9, -1e9};
    }
    return (struct card_point){(a.r * sin(b.angle) - b.r * sin(a.angle)) / d,
                               (b.r * cos(a.angle) - a.r * cos(b.angle)) / d};
}

/* --- Edges ------------------------------------------------------------------------------------ */

/* The strongest of the three colours' gradients: a white card on a beige table differs little in luma. */
static void edge_at(const struct image *small, int x, int y, struct edges *edges)
{
    const uint8_t *at = small->rgb + ((size_t)y * (size_t)small->width + (size_t)x) * 3;
    ptrdiff_t row = (ptrdiff_t)small->width * 3;
    double best = 0, best_x = 1, best_y = 0;
    for (int c = 0; c < 3; c++) {
        const uint8_t *p = at + c;
        double gx = p[3 - row] + 2 * p[3] + p[3 + row] - p[-3 - row] - 2 * p[-3] - p[-3 + row];
        double gy = p[row - 3] + 2 * p[row] + p[row + 3] - p[-row - 3] - 2 * p[-row] - p[-row + 3];
        double strength = hypot(gx, gy) / 4;
        if (strength > best) {
            best = strength;
            best_x = gx;
            best_y = gy;
        }
    }
    size_t i = (size_t)y * (size_t)small->width + (size_t)x;
    int degrees = (int)lround(atan2(best_y, best_x) * 180 / M_PI);
    edges->strength[i] = (float)best;
    edges->angle[i] = (uint8_t)((degrees + 360) % 180);
}

static void edges_release(struct edges *edges)
{
    free(edges->strength);
    free(edges->angle);
}

static enum err edges_make(const struct image *image, struct edges *out)
{
    double longer = image->width > image->height ? image->width : image->height;
    double scale = longer > SMALL_SIDE ? SMALL_SIDE / longer : 1;
    struct image small = {0};
    *out = (struct edges){.width = (int)lround(image->width * scale),
                          .height = (int)lround(image->height * scale),
                          .scale = scale};
    if (out->width < 8 || out->height < 8) {
        out->width = out->height = 0;
        return ERR_OK;
    }
    enum err err =
        image_resample(image, 0, 0, image->width, image->height, out->width, out->height, &small);
    if (err != ERR_OK) {
        return err;
    }
    size_t count = (size_t)out->width * (size_t)out->height;
    out->strength = calloc(count, sizeof *out->strength);
    out->angle = calloc(count, 1);
    if (out->strength == NULL || out->angle == NULL) {
        image_release(&small);
        edges_release(out);
        return ERR_NO_MEMORY;
    }
    for (int y = 1; y < out->height - 1; y++) {
        for (int x = 1; x < out->width - 1; x++) {
            edge_at(&small, x, y, out);
        }
    }
    image_release(&small);
    return ERR_OK;
}

/* Keeps only ridges, so that one edge is one pixel wide. */
static void edges_thin(struct edges *edges, float *kept)
{
    for (int y = 1; y < edges->height - 1; y++) {
        for (int x = 1; x < edges->width - 1; x++) {
            ptrdiff_t i = (ptrdiff_t)y * edges->width + x;
            double a = edges->angle[i] * M_PI / 180;
            ptrdiff_t step = (ptrdiff_t)lround(sin(a)) * edges->width + (ptrdiff_t)lround(cos(a));
            float here = edges->strength[i];
            bool is_ridge = here >= EDGE_FLOOR && here >= edges->strength[i - step] &&
                            here > edges->strength[i + step];
            kept[i] = is_ridge ? here : 0;
        }
    }
}

/* --- Lines ------------------------------------------------------------------------------------ */

struct hough {
    int reach;    /* r from -reach to reach */
    float *votes; /* ANGLES x (2 * reach + 1) */
};

static void hough_vote(struct hough *hough, const struct edges *edges, const float *kept)
{
    double cosines[ANGLES], sines[ANGLES];
    for (int a = 0; a < ANGLES; a++) {
        cosines[a] = cos(a * M_PI / 180);
        sines[a] = sin(a * M_PI / 180);
    }
    for (int y = 0; y < edges->height; y++) {
        for (int x = 0; x < edges->width; x++) {
            ptrdiff_t i = (ptrdiff_t)y * edges->width + x;
            if (kept[i] <= 0) {
                continue;
            }
            float weight = kept[i] < 60 ? kept[i] / 60 : 1;
            for (int d = -SPREAD; d <= SPREAD; d++) {
                int a = (edges->angle[i] + d + ANGLES) % ANGLES;
                int r = (int)lround(x * cosines[a] + y * sines[a]) + hough->reach;
                hough->votes[a * (2 * hough->reach + 1) + r] += weight;
            }
        }
    }
}

/* Degrees between the line's normal and the axis, 0..90. */
static int tilt_of(int angle, bool is_steep)
{
    int away = is_steep ? (angle <= 90 ? angle : ANGLES - angle) : abs(angle - 90);
    return away;
}

/* Takes the strongest lines of one kind and clears the neighbourhood of each. */
static size_t hough_take(struct hough *hough, bool is_steep, struct line *out)
{
    int row = 2 * hough->reach + 1;
    size_t count = 0;
    while (count < LINES_MAX) {
        int best = -1;
        for (int a = 0; a < ANGLES; a++) {
            for (int r = 0; tilt_of(a, is_steep) <= TILT_MAX && r < row; r++) {
                if (best < 0 || hough->votes[a * row + r] > hough->votes[best]) {
                    best = a * row + r;
                }
            }
        }
        if (best < 0 || hough->votes[best] < 12) {
            break;
        }
        int angle = best / row, r = best % row;
        out[count++] =
            (struct line){angle * M_PI / 180, r - hough->reach, (double)hough->votes[best], false};
        for (int d = -6; d <= 6; d++) {
            int a = angle + d;
            /* past 180 degrees the same line has the opposite sign */
            int middle = a < 0 || a >= ANGLES ? row - 1 - r : r;
            a = (a + ANGLES) % ANGLES;
            for (int k = -7; k <= 7; k++) {
                if (middle + k >= 0 && middle + k < row) {
                    hough->votes[a * row + middle + k] = 0;
                }
            }
        }
    }
    return count;
}

static size_t add_borders(const struct edges *edges, bool is_steep, struct line *lines,
                          size_t count)
{
    double angle = is_steep ? 0 : M_PI / 2;
    double last = is_steep ? edges->width - 1 : edges->height - 1;
    lines[count++] = (struct line){angle, 0, 0, true};
    lines[count++] = (struct line){angle, last, 0, true};
    return count;
}

/* --- Quadrilaterals --------------------------------------------------------------------------- */

/* The share of a side along which there is an edge of its direction. */
static double support_of(const struct edges *edges, const float *kept, struct card_point from,
                         struct card_point to)
{
    double length = hypot(to.x - from.x, to.y - from.y);
    int normal = (int)lround(atan2(to.x - from.x, from.y - to.y) * 180 / M_PI);
    normal = (normal + 360) % 180;
    int count = (int)(length * (1 - 2 * CORNER_SKIP)), found = 0;
    for (int i = 0; i < count; i++) {
        double t = CORNER_SKIP + i / length;
        double px = from.x + (to.x - from.x) * t, py = from.y + (to.y - from.y) * t;
        bool is_edge = false;
        for (int k = -2; k <= 2 && !is_edge; k++) {
            int x = (int)lround(px + k * cos(normal * M_PI / 180));
            int y = (int)lround(py + k * sin(normal * M_PI / 180));
            if (x < 0 || y < 0 || x >= edges->width || y >= edges->height) {
                continue;
            }
            ptrdiff_t at = (ptrdiff_t)y * edges->width + x;
            int away = abs(edges->angle[at] - normal);
            is_edge = kept[at] > 0 && (away < 16 || away > 164);
        }
        found += is_edge;
    }
    return count > 0 ? (double)found / count : 0;
}

static double side_length(const struct card_quad *quad, int i)
{
    struct card_point a = quad->corners[i], b = quad->corners[(i + 1) % 4];
    return hypot(a.x - b.x, a.y - b.y);
}

/* Longer over shorter mean side. */
static double aspect_of(const struct card_quad *quad)
{
    double wide = side_length(quad, 0) + side_length(quad, 2);
    double high = side_length(quad, 1) + side_length(quad, 3);
    return wide > high ? wide / (high + 1e-9) : high / (wide + 1e-9);
}

static double area_of(const struct card_quad *quad)
{
    double sum = 0;
    for (int i = 0; i < 4; i++) {
        struct card_point a = quad->corners[i], b = quad->corners[(i + 1) % 4];
        sum += a.x * b.y - b.x * a.y;
    }
    return sum / 2;
}

/* Moves side `side`, which is the picture's border, out to the side of a whole card. */
static void card_find_extend(struct card_quad *quad, int side)
{
    struct card_point *a = &quad->corners[side], *b = &quad->corners[(side + 1) % 4];
    struct card_point *far_b = &quad->corners[(side + 2) % 4];
    struct card_point *far_a = &quad->corners[(side + 3) % 4];
    double opposite = side_length(quad, (side + 2) % 4);
    double depth_a = hypot(a->x - far_a->x, a->y - far_a->y);
    double depth_b = hypot(b->x - far_b->x, b->y - far_b->y);
    bool is_long_way = depth_a + depth_b > 2 * opposite / sqrt(ASPECT);
    double wanted = is_long_way || side % 2 == 1 ? opposite * ASPECT : opposite / ASPECT;
    a->x = far_a->x + (a->x - far_a->x) * wanted / depth_a;
    a->y = far_a->y + (a->y - far_a->y) * wanted / depth_a;
    b->x = far_b->x + (b->x - far_b->x) * wanted / depth_b;
    b->y = far_b->y + (b->y - far_b->y) * wanted / depth_b;
    quad->is_cut = true;
}

/* False if the four lines form no likely card. Corners in small pixels. */
static bool quad_rate(const struct edges *edges, const float *kept, const struct line *sides[4],
                      struct card_quad *quad)
{
    int border = -1, borders = 0;
    *quad = (struct card_quad){0};
    for (int i = 0; i < 4; i++) { /* sides: upper, right, lower, left */
        quad->corners[i] = card_find_cross(*sides[(i + 3) % 4], *sides[i]);
        if (quad->corners[i].x < -20 || quad->corners[i].x > edges->width + 20 ||
            quad->corners[i].y < -20 || quad->corners[i].y > edges->height + 20) {
            return false;
        }
        if (sides[i]->is_border) {
            border = i;
            borders++;
        }
    }
    if (borders > 1 || area_of(quad) < AREA_MIN * edges->width * edges->height) {
        return false;
    }
    double aspect = aspect_of(quad);
    if (borders == 0 && fabs(aspect / ASPECT - 1) > ASPECT_SLACK) {
        return false;
    }
    double sum = 0, least = 1;
    for (int i = 0; i < 4; i++) {
        double support =
            i == border ? 0.4
                        : support_of(edges, kept, quad->corners[i], quad->corners[(i + 1) % 4]);
        sum += support / 4;
        least = support < least ? support : least;
    }
    quad->score = 0.6 * sum + 0.4 * least - (borders == 0 ? 0.5 * fabs(aspect / ASPECT - 1) : 0.1);
    if (sum < SUPPORT_MIN || least < 0.2) {
        return false;
    }
    if (borders == 1) {
        card_find_extend(quad, border);
    }
    return true;
}

static bool is_near(const struct card_quad *a, const struct card_quad *b, double slack)
{
    double worst = 0;
    for (int i = 0; i < 4; i++) {
        double d = hypot(a->corners[i].x - b->corners[i].x, a->corners[i].y - b->corners[i].y);
        worst = d > worst ? d : worst;
    }
    return worst < slack;
}

/* Keeps the best few distinct ones. */
static size_t quad_keep(struct card_quad *list, size_t count, const struct card_quad *quad)
{
    for (size_t i = 0; i < count; i++) {
        if (is_near(&list[i], quad, 9)) {
            if (quad->score > list[i].score) {
                list[i] = *quad;
            }
            return count;
        }
    }
    size_t at = count < CARD_QUAD_MAX ? count++ : 0;
    if (at == 0 && count == CARD_QUAD_MAX) {
        for (size_t i = 1; i < count; i++) {
            at = list[i].score < list[at].score ? i : at;
        }
        if (list[at].score >= quad->score) {
            return count;
        }
    }
    list[at] = *quad;
    return count;
}

static size_t quads_of(const struct edges *edges, const float *kept, const struct line *steep,
                       size_t steep_count, const struct line *flat, size_t flat_count,
                       struct card_quad *out, size_t count)
{
    struct line middle_x = {0, edges->width / 2.0, 0, false};
    struct line middle_y = {M_PI / 2, edges->height / 2.0, 0, false};
    for (size_t a = 0; a < steep_count * steep_count; a++) {
        const struct line *left = &steep[a / steep_count], *right = &steep[a % steep_count];
        if (card_find_cross(*left, middle_y).x + 40 > card_find_cross(*right, middle_y).x) {
            continue;
        }
        for (size_t b = 0; b < flat_count * flat_count; b++) {
            const struct line *upper = &flat[b / flat_count], *lower = &flat[b % flat_count];
            if (card_find_cross(*upper, middle_x).y + 40 > card_find_cross(*lower, middle_x).y) {
                continue;
            }
            struct card_quad quad;
            const struct line *sides[4] = {upper, right, lower, left};
            if (quad_rate(edges, kept, sides, &quad)) {
                count = quad_keep(out, count, &quad);
            }
        }
    }
    return count;
}

/* --- Sides on the full picture ---------------------------------------------------------------- */

static double luma_at(const struct image *image, double x, double y)
{
    int px = (int)lround(x), py = (int)lround(y);
    px = px < 0 ? 0 : px >= image->width ? image->width - 1 : px;
    py = py < 0 ? 0 : py >= image->height ? image->height - 1 : py;
    return image_luma(image->rgb + ((size_t)py * (size_t)image->width + (size_t)px) * 3);
}

/* Distance of the edge along the normal, within +-reach. */
static double edge_offset(const struct image *image, struct card_point at, struct card_point normal,
                          double reach)
{
    double best = 0, best_offset = 0;
    for (double offset = -reach; offset <= reach; offset += 0.5) {
        double step = 0;
        for (int k = 1; k <= 2; k++) {
            step += luma_at(image, at.x + normal.x * (offset + k), at.y + normal.y * (offset + k)) -
                    luma_at(image, at.x + normal.x * (offset - k), at.y + normal.y * (offset - k));
        }
        step = fabs(step) * (1 - 0.3 * fabs(offset) / reach);
        if (step > best) {
            best = step;
            best_offset = offset;
        }
    }
    return best_offset;
}

/* A straight line through the offsets at t = 0..1, three times without outliers. */
static void fit_offsets(const double *offsets, double *out_start, double *out_end)
{
    bool is_used[SAMPLES];
    memset(is_used, true, sizeof is_used);
    double start = 0, slope = 0;
    for (int round = 0; round < 4; round++) {
        double n = 0, st = 0, so = 0, stt = 0, sto = 0;
        for (int i = 0; i < SAMPLES; i++) {
            double t = (i + 0.5) / SAMPLES;
            if (is_used[i]) {
                n++, st += t, so += offsets[i], stt += t * t, sto += t * offsets[i];
            }
        }
        double d = n * stt - st * st;
        if (n < SAMPLES / 4.0 || fabs(d) < 1e-9) {
            break;
        }
        slope = (n * sto - st * so) / d;
        start = (so - slope * st) / n;
        double limit = round == 0 ? 4 : round == 1 ? 2 : 1.2;
        for (int i = 0; i < SAMPLES; i++) {
            is_used[i] = fabs(offsets[i] - start - slope * (i + 0.5) / SAMPLES) < limit;
        }
    }
    *out_start = start;
    *out_end = start + slope;
}

static void card_find_refine(const struct image *image, struct card_quad *quad, double reach)
{
    struct line sides[4];
    for (int i = 0; i < 4; i++) {
        struct card_point a = quad->corners[i], b = quad->corners[(i + 1) % 4];
        double length = hypot(b.x - a.x, b.y - a.y);
        struct card_point normal = {(b.y - a.y) / length, (a.x - b.x) / length};
        double offsets[SAMPLES], start, end;
        for (int k = 0; k < SAMPLES; k++) {
            double t = CORNER_SKIP + (1 - 2 * CORNER_SKIP) * (k + 0.5) / SAMPLES;
            struct card_point at = {a.x + (b.x - a.x) * t, a.y + (b.y - a.y) * t};
            offsets[k] = edge_offset(image, at, normal, reach);
        }
        fit_offsets(offsets, &start, &end);
        /* from the sampled part to the corners */
        double slope = (end - start) / (1 - 2 * CORNER_SKIP);
        double at_a = start - slope * CORNER_SKIP, at_b = end + slope * CORNER_SKIP;
        a = (struct card_point){a.x + normal.x * at_a, a.y + normal.y * at_a};
        b = (struct card_point){b.x + normal.x * at_b, b.y + normal.y * at_b};
        double angle = atan2(a.x - b.x, b.y - a.y);
        sides[i] = (struct line){angle, a.x * cos(angle) + a.y * sin(angle), 0, false};
    }
    struct card_quad refined = *quad;
    for (int i = 0; i < 4; i++) {
        refined.corners[i] = card_find_cross(sides[(i + 3) % 4], sides[i]);
    }
    if (is_near(&refined, quad, 4 * reach)) {
        *quad = refined;
    }
}

/* --- Interface -------------------------------------------------------------------------------- */

static int by_score(const void *a, const void *b)
{
    const struct card_quad *x = a, *y = b;
    return x->score < y->score ? 1 : x->score > y->score ? -1 : 0;
}

static enum err find_by_lines(const struct image *image, const struct edges *edges,
                              struct card_quad *out, size_t *out_count)
{
    size_t pixels = (size_t)edges->width * (size_t)edges->height;
    struct hough hough = {.reach = edges->width + edges->height + 2};
    float *kept = calloc(pixels, sizeof *kept);
    hough.votes = calloc((size_t)ANGLES * (size_t)(2 * hough.reach + 1), sizeof *hough.votes);
    if (kept == NULL || hough.votes == NULL) {
        free(kept);
        free(hough.votes);
        return ERR_NO_MEMORY;
    }
    struct edges copy = *edges;
    edges_thin(&copy, kept);
    hough_vote(&hough, edges, kept);
    struct line steep[LINES_MAX + 2], flat[LINES_MAX + 2];
    size_t steep_count = hough_take(&hough, true, steep);
    size_t flat_count = hough_take(&hough, false, flat);
    steep_count = add_borders(edges, true, steep, steep_count);
    flat_count = add_borders(edges, false, flat, flat_count);
    *out_count = quads_of(edges, kept, steep, steep_count, flat, flat_count, out, *out_count);
    for (size_t i = 0; i < *out_count; i++) {
        for (int k = 0; k < 4; k++) {
            out[i].corners[k].x = (out[i].corners[k].x + 0.5) / edges->scale;
            out[i].corners[k].y = (out[i].corners[k].y + 0.5) / edges->scale;
        }
        if (!out[i].is_cut) {
            card_find_refine(image, &out[i], 2.5 / edges->scale + 2);
        }
    }
    free(kept);
    free(hough.votes);
    return ERR_OK;
}

enum err card_find(const struct image *image, struct card_quad out[CARD_QUAD_MAX],
                   size_t *out_count)
{
    *out_count = 0;
    struct edges edges;
    enum err err = edges_make(image, &edges);
    if (err != ERR_OK || edges.width == 0) {
        return err;
    }
    err = find_by_lines(image, &edges, out, out_count);
    edges_release(&edges);
    if (err != ERR_OK) {
        return err;
    }
    struct card_quad whole = {
        {{0, 0}, {image->width, 0}, {image->width, image->height}, {0, image->height}},
        0.5,
        true,
        false};
    if (fabs(aspect_of(&whole) / ASPECT - 1) < FLAT_SLACK) {
        if (*out_count == CARD_QUAD_MAX) {
            (*out_count)--;
        }
        out[(*out_count)++] = whole;
    }
    qsort(out, *out_count, sizeof *out, by_score);
    return ERR_OK;
}

bool card_homography(const struct card_point from[4], const struct card_point to[4], double out[9])
{
    double m[8][9];
    for (int i = 0; i < 4; i++) {
        double x = from[i].x, y = from[i].y, u = to[i].x, v = to[i].y;
        memcpy(m[2 * i], (double[]){x, y, 1, 0, 0, 0, -u * x, -u * y, u}, sizeof m[0]);
        memcpy(m[2 * i + 1], (double[]){0, 0, 0, x, y, 1, -v * x, -v * y, v}, sizeof m[0]);
    }
    for (int column = 0; column < 8; column++) { /* Gauss-Jordan elimination with pivots */
        int best = column;
        for (int row = column + 1; row < 8; row++) {
            best = fabs(m[row][column]) > fabs(m[best][column]) ? row : best;
        }
        if (fabs(m[best][column]) < 1e-9) {
            return false;
        }
        for (int k = 0; k < 9; k++) {
            double kept = m[column][k];
            m[column][k] = m[best][k];
            m[best][k] = kept;
        }
        for (int row = 0; row < 8; row++) {
            double factor = row == column ? 0 : m[row][column] / m[column][column];
            for (int k = column; k < 9; k++) {
                m[row][k] -= factor * m[column][k];
            }
        }
    }
    for (int i = 0; i < 8; i++) {
        out[i] = m[i][8] / m[i][i];
    }
    out[8] = 1;
    return true;
}

static void card_find_sample(const struct image *image, double x, double y, uint8_t out[3])
{
    if (x < -1 || y < -1 || x > image->width || y > image->height) {
        memset(out, 128, 3);
        return;
    }
    double px = fmin(fmax(x - 0.5, 0), image->width - 1.001);
    double py = fmin(fmax(y - 0.5, 0), image->height - 1.001);
    int left = (int)px, top = (int)py;
    double fx = px - left, fy = py - top;
    const uint8_t *at = image->rgb + ((size_t)top * (size_t)image->width + (size_t)left) * 3;
    const uint8_t *below = at + (size_t)image->width * 3;
    for (int c = 0; c < 3; c++) {
        double value = (at[c] * (1 - fx) + at[c + 3] * fx) * (1 - fy) +
                       (below[c] * (1 - fx) + below[c + 3] * fx) * fy;
        out[c] = (uint8_t)(value + 0.5);
    }
}

enum err card_straighten(const struct image *image, const struct card_quad *quad, int turns,
                         struct image *out)
{
    static const struct card_point flat[4] = {
        {0, 0}, {CARD_FLAT_WIDTH, 0}, {CARD_FLAT_WIDTH, CARD_FLAT_HEIGHT}, {0, CARD_FLAT_HEIGHT}};
    struct card_point corners[4];
    double h[9];
    for (int i = 0; i < 4; i++) {
        corners[i] = quad->corners[(i + 4 - turns % 4) % 4];
    }
    enum err err = image_init(out, CARD_FLAT_WIDTH, CARD_FLAT_HEIGHT);
    if (err != ERR_OK || !card_homography(flat, corners, h)) {
        return err;
    }
    for (int y = 0; y < CARD_FLAT_HEIGHT; y++) {
        for (int x = 0; x < CARD_FLAT_WIDTH; x++) {
            double u = x + 0.5, v = y + 0.5, w = h[6] * u + h[7] * v + h[8];
            card_find_sample(image, (h[0] * u + h[1] * v + h[2]) / w,
                             (h[3] * u + h[4] * v + h[5]) / w,
                             out->rgb + ((size_t)y * CARD_FLAT_WIDTH + (size_t)x) * 3);
        }
    }
    return ERR_OK;
}
