/*
 * A print describes one photograph of a face, so that the same photograph is recognised: recompressed,
 * resized, cropped, turned a little, mirrored, in other light. It does not identify the person: a
 * second photograph of the same person has another print, because head and room have moved.
 *
 * The picture is mapped to a square with the face in a fixed place and some of the room
 * round it, and each cell is normalised by the mean and spread of its surroundings: this leaves
 * fine structure, without brightness, contrast or tint.
 *
 * Two prints are aligned: first rigidly, by correlation; then small blocks of one are
 * searched in the other, and one affine map is fitted to the matches. Any transformation of
 * a photograph as a whole is such a map, so its blocks agree with the map; between two
 * photographs head, features and room move against each other, and blocks deviate.
 */
#include "face_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SIDE      FACE_PRINT_SIDE
#define CELLS     (SIDE * SIDE)
#define CELL      2.0  /* numbers of the 112 x 112 template that a cell spans */
#define MIDDLE_X  56.0 /* of the square, in the template */
#define MIDDLE_Y  60.0
#define NEAR      5 /* cells in each direction used to normalise a cell */
#define FLAT      4 /* grey levels: spread below this is noise */
#define UNKNOWN   INT8_MIN
#define COARSE    8
#define CELLS_MIN (CELLS / 4)
#define PROMISING 0.2 /* correlation as found; below: no search */
#define ALIKE     0.3 /* correlation after rigid alignment; below: no blocks */
#define STEP      7   /* between blocks */
#define HALF      5   /* of a block, cells */
#define REACH     3   /* search radius of a block */
#define BLOCK_MAX 64
#define BLOCK_MIN 8
#define KNOWN_MIN 80   /* cells of a block that must be known in both */
#define TEXTURE   144  /* mean square of a block's cells: below, a bare wall */
#define FOUND     0.6  /* correlation of a block */
#define PEAK      0.06 /* drop of correlation to both sides: less is an edge without an end */
#define PASSES    3
#define OUTLIER   0.01 /* square of the distance that halves a block's weight */

const int FACE_PRINT_SAME_PPM = 670000;

struct print {
    uint32_t magic, reserved;
    uint64_t coarse[2]; /* of the picture and of its mirror */
    int8_t cells[CELLS];
};
_Static_assert(sizeof(struct print) == FACE_PRINT_SIZE, "a print is its cells");
#define PRINT_MAGIC 0x50434146U /* "FACP" */

/* --- making ------------------------------------------------------------------------------------- */

/* Grey levels of the cells; -1: outside of the picture. */
static enum err sample_cells(const struct image *image, const struct affine *face, float *out)
{
    double scale = hypot(face->a, face->b) * CELL; /* pixels of a cell */
    double middle_x = face->a * MIDDLE_X + face->b * MIDDLE_Y + face->c;
    double middle_y = face->d * MIDDLE_X + face->e * MIDDLE_Y + face->f;
    double half = SIDE * scale; /* of the square, twice as wide as needed because of rotation */
    int around = SIDE * 2;
    struct image near = {0};
    if (!isfinite(scale) || scale <= 0) {
        return ERR_PICTURE_UNREADABLE;
    }
    enum err err = image_resample(image, middle_x - half, middle_y - half, half * 2, half * 2,
                                  around * 2, around * 2, &near);
    if (err != ERR_OK) {
        return err;
    }
    double cosine = face->a * CELL / scale, sine = face->d * CELL / scale;
    for (int y = 0; y < SIDE; y++) {
        for (int x = 0; x < SIDE; x++) {
            double u = x - (SIDE - 1) / 2.0, v = y - (SIDE - 1) / 2.0;
            double turned_x = u * cosine - v * sine, turned_y = u * sine + v * cosine;
            double px = middle_x + turned_x * scale, py = middle_y + turned_y * scale;
            bool is_inside = px >= 0 && py >= 0 && px < image->width && py < image->height;
            double sum = 0;
            for (int k = 0; k < 4; k++) { /* a cell is two by two pixels of the near picture */
                int at_x = (int)lround(around + turned_x * 2 - 0.5 + (k & 1) - 0.5);
                int at_y = (int)lround(around + turned_y * 2 - 0.5 + (k >> 1) - 0.5);
                sum +=
                    image_luma(near.rgb + ((size_t)at_y * (size_t)near.width + (size_t)at_x) * 3) /
                    4.0;
            }
            out[y * SIDE + x] = is_inside ? (float)sum : -1;
        }
    }
    image_release(&near);
    return ERR_OK;
}

/* Normalises a cell by its surroundings: 32 is one spread. */
static int8_t cell_of(const float *levels, int x, int y)
{
    double sum = 0, squares = 0, count = 0, level = (double)levels[y * SIDE + x];
    if (level < 0) {
        return UNKNOWN;
    }
    for (int j = y - NEAR < 0 ? 0 : y - NEAR; j <= y + NEAR && j < SIDE; j++) {
        for (int i = x - NEAR < 0 ? 0 : x - NEAR; i <= x + NEAR && i < SIDE; i++) {
            double other = (double)levels[j * SIDE + i];
            if (other >= 0) {
                sum += other;
                squares += other * other;
                count++;
            }
        }
    }
    double mean = sum / count, spread = sqrt(fmax(0, squares / count - mean * mean));
    double value = (level - mean) / (spread + FLAT) * 32;
    return (int8_t)lround(fmax(-127, fmin(127, value)));
}

/* 8 x 8 means of the cells against their neighbours to the right: one bit each. */
static uint64_t coarse_of(const int8_t *cells, bool is_mirror)
{
    double means[COARSE][COARSE + 1] = {{0}};
    uint64_t bits = 0;
    for (int j = 0; j < COARSE; j++) {
        for (int i = 0; i <= COARSE; i++) {
            int top = j * SIDE / COARSE, left = i * SIDE / (COARSE + 1), count = 0, sum = 0;
            for (int y = top; y < (j + 1) * SIDE / COARSE; y++) {
                for (int x = left; x < (i + 1) * SIDE / (COARSE + 1); x++) {
                    int8_t cell = cells[y * SIDE + (is_mirror ? SIDE - 1 - x : x)];
                    sum += cell == UNKNOWN ? 0 : cell;
                    count++;
                }
            }
            means[j][i] = (double)sum / count;
        }
    }
    for (int j = 0; j < COARSE; j++) {
        for (int i = 0; i < COARSE; i++) {
            bits = bits << 1 | (means[j][i] > means[j][i + 1] ? 1U : 0U);
        }
    }
    return bits;
}

enum err face_print_make(const struct image *image, const struct face_points *points,
                         struct face_print *out)
{
    struct affine face = face_place(points);
    struct print print = {.magic = PRINT_MAGIC};
    float *levels = malloc(CELLS * sizeof *levels);
    enum err err = levels == NULL ? ERR_NO_MEMORY : sample_cells(image, &face, levels);
    for (int i = 0; err == ERR_OK && i < CELLS; i++) {
        print.cells[i] = cell_of(levels, i % SIDE, i / SIDE);
    }
    free(levels);
    if (err == ERR_OK) {
        print.coarse[0] = coarse_of(print.cells, false);
        print.coarse[1] = coarse_of(print.cells, true);
        memcpy(out->bytes, &print, sizeof print);
    }
    return err;
}

/* --- alignment ---------------------------------------------------------------------------------- */

/* Position of the first print's cells in the second: rotation and scale about the middle, shift, then
 * the blocks' corrections, by row: constant, along x, along y (half a side is 1). */
struct laying {
    double cosine, sine, shift_x, shift_y;
    double bend_x[3], bend_y[3];
    bool is_mirror;
};

static int cell_at(const int8_t *cells, int x, int y, bool is_mirror)
{
    bool is_known = x >= 0 && y >= 0 && x < SIDE && y < SIDE;
    return is_known ? cells[y * SIDE + (is_mirror ? SIDE - 1 - x : x)] : UNKNOWN;
}

static struct point laid_at(const struct laying *laying, int x, int y)
{
    double middle = (SIDE - 1) / 2.0;
    double u = x - middle, v = y - middle, half_u = u * 2 / SIDE, half_v = v * 2 / SIDE;
    u += laying->bend_x[0] + laying->bend_x[1] * half_u + laying->bend_x[2] * half_v;
    v += laying->bend_y[0] + laying->bend_y[1] * half_u + laying->bend_y[2] * half_v;
    return (struct point){middle + u * laying->cosine - v * laying->sine + laying->shift_x,
                          middle + u * laying->sine + v * laying->cosine + laying->shift_y};
}

static double face_print_correlate(const int8_t *a, const int8_t *b, const struct laying *laying)
{
    int64_t products = 0, squares_a = 0, squares_b = 0;
    int count = 0;
    for (int y = 0; y < SIDE; y++) {
        for (int x = 0; x < SIDE; x++) {
            int one = a[y * SIDE + x];
            struct point at = laid_at(laying, x, y);
            int other =
                cell_at(b, (int)floor(at.x + 0.5), (int)floor(at.y + 0.5), laying->is_mirror);
            if (one != UNKNOWN && other != UNKNOWN) {
                products += one * other;
                squares_a += one * one;
                squares_b += other * other;
                count++;
            }
        }
    }
    return count < CELLS_MIN || squares_a == 0 || squares_b == 0
               ? 0
               : (double)products / sqrt((double)squares_a * (double)squares_b);
}

/* The i-th of 25 neighbours: shifts of up to two cells, or turns and scales of up to 3 %. */
static struct laying neighbour_of(const struct laying *from, int i, bool is_shift)
{
    struct laying next = *from;
    int across = i % 5 - 2, down = i / 5 - 2;
    if (is_shift) {
        next.shift_x += across;
        next.shift_y += down;
    } else {
        double scale = 1 + across * 0.015, turn = down * 0.015;
        next.cosine = scale * (from->cosine - from->sine * turn);
        next.sine = scale * (from->sine + from->cosine * turn);
    }
    return next;
}

/* Correlation of the best rigid alignment: shifts and rotations alternately, each from the best so far. */
static double lay_rigidly(const int8_t *a, const int8_t *b, struct laying *laying)
{
    double most = face_print_correlate(a, b, laying);
    for (int round = 0; round < 4 && most >= PROMISING; round++) {
        struct laying from = *laying;
        for (int i = 0; i < 25; i++) {
            struct laying next = neighbour_of(&from, i, round % 2 == 0);
            double likeness = face_print_correlate(a, b, &next);
            if (likeness > most) {
                most = likeness;
                *laying = next;
            }
        }
    }
    return most;
}

/* --- blocks ------------------------------------------------------------------------------------- */

/* The second print aligned with the first, with a margin; NAN: unknown. */
#define LAID_SIDE (SIDE + 2 * REACH)
struct laid {
    float cells[LAID_SIDE * LAID_SIDE];
};

static void lay_cells(const int8_t *cells, const struct laying *laying, struct laid *out)
{
    for (int i = 0; i < LAID_SIDE * LAID_SIDE; i++) {
        struct point at = laid_at(laying, i % LAID_SIDE - REACH, i / LAID_SIDE - REACH);
        int x = (int)floor(at.x), y = (int)floor(at.y);
        double u = at.x - x, v = at.y - y, sum = 0;
        bool is_known = true;
        for (int k = 0; k < 4; k++) {
            int cell = cell_at(cells, x + (k & 1), y + (k >> 1), laying->is_mirror);
            is_known = is_known && cell != UNKNOWN;
            sum += cell * ((k & 1) != 0 ? u : 1 - u) * ((k >> 1) != 0 ? v : 1 - v);
        }
        out->cells[i] = is_known ? (float)sum : NAN;
    }
}

static bool has_texture(const int8_t *cells, int x, int y)
{
    int squares = 0, count = 0;
    for (int j = y - HALF; j <= y + HALF; j++) {
        for (int i = x - HALF; i <= x + HALF; i++) {
            int cell = cells[j * SIDE + i];
            squares += cell != UNKNOWN ? cell * cell : 0;
            count += cell != UNKNOWN;
        }
    }
    return count >= KNOWN_MIN && squares >= TEXTURE * count;
}

/* Correlation of the block round (x, y) at this displacement; -1: too few cells are known. */
static double block_correlate(const int8_t *cells, const struct laid *laid, int x, int y, int right,
                              int down)
{
    double products = 0, squares_a = 0, squares_b = 0;
    int count = 0;
    for (int j = y - HALF; j <= y + HALF; j++) {
        for (int i = x - HALF; i <= x + HALF; i++) {
            int one = cells[j * SIDE + i];
            double other = (double)laid->cells[(j + down + REACH) * LAID_SIDE + i + right + REACH];
            if (one != UNKNOWN && !isnan(other)) {
                products += one * other;
                squares_a += one * one;
                squares_b += other * other;
                count++;
            }
        }
    }
    return count < KNOWN_MIN || squares_a <= 0 || squares_b <= 0
               ? -1
               : products / sqrt(squares_a * squares_b);
}

struct block {
    double x, y;            /* in the first print; half a side is 1 */
    double right, down;     /* displacement of the match, cells */
    double weight, residue; /* of the fit; deviation in cells */
};

/* Skipped: bare, unknown, or along an edge with no definite match. Lost: no match within reach. */
enum finding { BLOCK_SKIPPED, BLOCK_FOUND, BLOCK_LOST };
static enum finding find_block(const int8_t *cells, const struct laid *laid, int x, int y,
                               struct block *out)
{
    enum { WIDE = 2 * REACH + 1 };
    double found[WIDE][WIDE], most = -1;
    int right = 0, down = 0;
    if (!has_texture(cells, x, y)) {
        return BLOCK_SKIPPED;
    }
    for (int i = 0; i < WIDE * WIDE; i++) {
        double likeness = block_correlate(cells, laid, x, y, i % WIDE - REACH, i / WIDE - REACH);
        found[i / WIDE][i % WIDE] = likeness;
        if (likeness > most) {
            most = likeness;
            right = i % WIDE - REACH;
            down = i / WIDE - REACH;
        }
    }
    if (most < FOUND || abs(right) == REACH || abs(down) == REACH) {
        return most > -1 ? BLOCK_LOST : BLOCK_SKIPPED;
    }
    double *row = found[down + REACH];
    double before = row[right + REACH - 1], after = row[right + REACH + 1];
    double above = found[down + REACH - 1][right + REACH];
    double below = found[down + REACH + 1][right + REACH];
    double bend_x = 2 * most - before - after, bend_y = 2 * most - above - below;
    if (bend_x < PEAK || bend_y < PEAK) {
        return BLOCK_SKIPPED;
    }
    *out = (struct block){.x = (x - (SIDE - 1) / 2.0) * 2 / SIDE,
                          .y = (y - (SIDE - 1) / 2.0) * 2 / SIDE,
                          .right = right + (after - before) / (2 * bend_x),
                          .down = down + (below - above) / (2 * bend_y),
                          .weight = 1};
    return BLOCK_FOUND;
}

static int find_blocks(const int8_t *cells, const struct laid *laid, struct block out[BLOCK_MAX],
                       int *out_lost)
{
    int count = 0;
    *out_lost = 0;
    for (int y = HALF; y < SIDE - HALF; y += STEP) {
        for (int x = HALF; x < SIDE - HALF && count < BLOCK_MAX; x += STEP) {
            enum finding finding = find_block(cells, laid, x, y, &out[count]);
            count += finding == BLOCK_FOUND;
            *out_lost += finding == BLOCK_LOST;
        }
    }
    return count;
}

/* --- the map of all blocks ---------------------------------------------------------------------- */

/* Weighted least squares in one direction: constant, along x, along y. False: collinear blocks. */
static bool fit_direction(const struct block *blocks, int count, bool is_down, double out[3])
{
    double rows[3][4] = {{0}};
    for (int i = 0; i < count; i++) {
        double terms[3] = {1, blocks[i].x, blocks[i].y};
        double value = is_down ? blocks[i].down : blocks[i].right;
        for (int r = 0; r < 3; r++) {
            for (int c = 0; c < 3; c++) {
                rows[r][c] += blocks[i].weight * terms[r] * terms[c];
            }
            rows[r][3] += blocks[i].weight * terms[r] * value;
        }
    }
    for (int r = 0; r < 3; r++) {
        double pivot = rows[r][r];
        if (fabs(pivot) < 1e-6) {
            return false;
        }
        for (int c = r; c < 4; c++) {
            rows[r][c] /= pivot;
        }
        for (int other = 0; other < 3; other++) {
            double factor = other == r ? 0 : rows[other][r];
            for (int c = r; c < 4; c++) {
                rows[other][c] -= factor * rows[r][c];
            }
        }
    }
    for (int r = 0; r < 3; r++) {
        out[r] = rows[r][3];
    }
    return true;
}

/* Fits four times, with less weight for deviating blocks; stores the residuals. */
static bool fit_map(struct block *blocks, int count, double out_x[3], double out_y[3])
{
    for (int round = 0; round < 4; round++) {
        if (!fit_direction(blocks, count, false, out_x) ||
            !fit_direction(blocks, count, true, out_y)) {
            return false;
        }
        for (int i = 0; i < count; i++) {
            struct block *b = &blocks[i];
            b->residue = hypot(b->right - (out_x[0] + out_x[1] * b->x + out_x[2] * b->y),
                               b->down - (out_y[0] + out_y[1] * b->x + out_y[2] * b->y));
            b->weight = 1 / (1 + b->residue * b->residue / OUTLIER);
        }
    }
    return true;
}

static int by_residue(const void *a, const void *b)
{
    double one = ((const struct block *)a)->residue, other = ((const struct block *)b)->residue;
    return (one > other) - (one < other);
}

/* Blocks by deviation; lost ones come last. */
static double residue_at(const struct block *blocks, int count, int rank)
{
    return rank < count ? blocks[rank].residue : 1;
}

/* Deviation of blocks from the map in cells: of eight in ten, or 1.8 times that of six in ten. 1 and
 * more: not one photograph. */
static double residue_of(const int8_t *a, const int8_t *b, bool is_mirror, struct laid *work)
{
    struct laying laying = {.cosine = 1, .is_mirror = is_mirror};
    struct block blocks[BLOCK_MAX];
    int count = 0, lost = 0;
    if (lay_rigidly(a, b, &laying) < ALIKE) {
        return 1;
    }
    for (int pass = 0; pass < PASSES; pass++) {
        double x[3], y[3];
        lay_cells(b, &laying, work);
        count = find_blocks(a, work, blocks, &lost);
        if (count < BLOCK_MIN || !fit_map(blocks, count, x, y)) {
            return 1;
        }
        for (int i = 0; i < 3 && pass < PASSES - 1; i++) {
            laying.bend_x[i] += x[i];
            laying.bend_y[i] += y[i];
        }
    }
    qsort(blocks, (size_t)count, sizeof *blocks, by_residue);
    int all = count + lost;
    return fmax(1.8 * residue_at(blocks, count, all * 6 / 10),
                residue_at(blocks, count, all * 8 / 10));
}

int face_print_likeness_ppm(const struct face_print *a, const struct face_print *b)
{
    struct print one, other;
    struct laid work;
    memcpy(&one, a->bytes, sizeof one);
    memcpy(&other, b->bytes, sizeof other);
    if (one.magic != PRINT_MAGIC || other.magic != PRINT_MAGIC) {
        return 0;
    }
    double residue = fmin(residue_of(one.cells, other.cells, false, &work),
                          residue_of(one.cells, other.cells, true, &work));
    return residue < 1 ? (int)lround((1 - residue) * 1000000) : 0;
}

uint64_t face_print_coarse(const struct face_print *print, bool is_mirror)
{
    struct print one;
    memcpy(&one, print->bytes, sizeof one);
    return one.coarse[is_mirror];
}
