/* Lines of print in a box of the straightened card: first dark rows, then the dark columns of each. */
#include "card_private.h"

#include <stdlib.h>
#include <string.h>

#define CONTRAST_MIN 34 /* levels between ground and print; less is an empty box */
#define ROW_GAP_MAX  8  /* clear rows inside of one character: 三 */
#define HEIGHT_MIN   18 /* of a line; less is a speck, a ruling, a cut-off neighbour */
#define INK_MIN      2  /* dark pixels that make a row or a column dark */

/* Halfway between the ground and the print; -1 without print. */
static int ink_threshold(const struct image *card, struct card_box box)
{
    int levels[256] = {0}, total = box.width * box.height;
    for (int y = box.y; y < box.y + box.height; y++) {
        const uint8_t *row = card->rgb + ((size_t)y * (size_t)card->width + (size_t)box.x) * 3;
        for (int x = 0; x < box.width; x++) {
            levels[image_luma(row + (ptrdiff_t)x * 3)]++;
        }
    }
    int dark = 0, below = levels[0];
    while (below * 200 < total) { /* the darkest half of a hundredth */
        below += levels[++dark];
    }
    int ground = 255, above = levels[255];
    while (above * 4 < total) {
        above += levels[--ground];
    }
    return ground - dark < CONTRAST_MIN ? -1 : (ground + dark) / 2;
}

static int dark_count(const struct image *card, struct card_box box, int threshold)
{
    int count = 0;
    for (int y = box.y; y < box.y + box.height; y++) {
        const uint8_t *row = card->rgb + ((size_t)y * (size_t)card->width + (size_t)box.x) * 3;
        for (int x = 0; x < box.width; x++) {
            count += image_luma(row + (ptrdiff_t)x * 3) < threshold;
        }
    }
    return count;
}

/* Narrows a line to its dark columns; false if there are none. */
static bool card_lines_trim(const struct image *card, int threshold, struct card_box *line)
{
    int first = -1, last = -1;
    for (int x = line->x; x < line->x + line->width; x++) {
        struct card_box column = {x, line->y, 1, line->height};
        if (dark_count(card, column, threshold) >= INK_MIN) {
            first = first < 0 ? x : first;
            last = x;
        }
    }
    line->x = first;
    line->width = last - first + 1;
    return first >= 0;
}

size_t card_lines(const struct image *card, struct card_box box, struct card_box *out, size_t max)
{
    if (box.x < 0 || box.y < 0 || box.width < 1 || box.height < 1 ||
        box.x + box.width > card->width || box.y + box.height > card->height) {
        return 0;
    }
    int threshold = ink_threshold(card, box);
    size_t count = 0;
    int start = -1, end = -1, last = box.y + box.height;
    for (int y = box.y; threshold >= 0 && y <= last && count < max; y++) {
        struct card_box row = {box.x, y, box.width, 1};
        bool is_dark = y < last && dark_count(card, row, threshold) >= INK_MIN;
        if (is_dark) {
            start = start < 0 ? y : start;
            end = y;
        }
        if (start >= 0 && (y == last || y - end > ROW_GAP_MAX)) {
            struct card_box line = {box.x, start, box.width, end - start + 1};
            if (line.height >= HEIGHT_MIN && card_lines_trim(card, threshold, &line)) {
                out[count++] = line;
            }
            start = -1;
        }
    }
    return count;
}
