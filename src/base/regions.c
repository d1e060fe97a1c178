#include "regions.h"

#include "identifier_text.h"
#include "tsv.h"

#include <stdlib.h>
#include <string.h>

#define REGION_COLUMNS 3

struct regions {
    struct tsv tsv;
    size_t count;
    struct region rows[]; /* ascending by code */
};

static enum err fill_regions(struct regions *regions)
{
    for (size_t i = 0; i < regions->count; i++) {
        const char *const *columns = regions->tsv.rows[i].columns;
        bool rises = i == 0 || strcmp(columns[0], regions->rows[i - 1].code) > 0;
        if (!identifier_is_digits(columns[0], 6, 6) || !rises || columns[1][0] == '\0') {
            return ERR_INVALID_FIELD;
        }
        regions->rows[i] = (struct region){columns[0], columns[1], columns[2]};
    }
    return regions->count > 0 ? ERR_OK : ERR_INVALID_FIELD;
}

enum err regions_load(const char *path, struct regions **out)
{
    struct tsv tsv;
    enum err err = tsv_load(path, REGION_COLUMNS, &tsv);
    if (err != ERR_OK) {
        return err;
    }
    struct regions *regions = calloc(1, sizeof *regions + tsv.row_count * sizeof regions->rows[0]);
    if (regions == NULL) {
        tsv_release(&tsv);
        return ERR_NO_MEMORY;
    }
    regions->tsv = tsv;
    regions->count = tsv.row_count;
    err = fill_regions(regions);
    if (err != ERR_OK) {
        regions_release(regions);
        return err;
    }
    *out = regions;
    return ERR_OK;
}

void regions_release(struct regions *regions)
{
    if (regions != NULL) {
        tsv_release(&regions->tsv);
        free(regions);
    }
}

const struct region *regions_find(const struct regions *regions, const char *code)
{
    size_t low = 0;
    size_t high = regions->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(code, regions->rows[middle].code);
        if (order == 0) {
            return &regions->rows[middle];
        }
        if (order < 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return NULL;
}
