#include "bins.h"

#include "identifier_text.h"
#include "str.h"
#include "tsv.h"

#include <stdlib.h>
#include <string.h>

#define BIN_COLUMNS 6

struct bins {
    struct tsv tsv;
    size_t count;
    struct bin rows[];
};

/* "16-19" or "16". */
static bool parse_lengths(const char *text, struct bin *bin)
{
    char first[4];
    const char *hyphen = strchr(text, '-');
    const char *second = hyphen == NULL ? text : hyphen + 1;
    size_t size = hyphen == NULL ? strlen(text) : (size_t)(hyphen - text);
    int64_t length_min = 0;
    int64_t length_max = 0;
    if (size >= sizeof first) {
        return false;
    }
    memcpy(first, text, size);
    first[size] = '\0';
    if (!str_to_int(first, &length_min) || !str_to_int(second, &length_max) || length_min < 12 ||
        length_max > 19 || length_min > length_max) {
        return false;
    }
    bin->length_min = (int)length_min;
    bin->length_max = (int)length_max;
    return true;
}

static enum err fill_bins(struct bins *bins)
{
    for (size_t i = 0; i < bins->count; i++) {
        const char *const *columns = bins->tsv.rows[i].columns;
        bool is_credit = strcmp(columns[2], "credit") == 0;
        struct bin *bin = &bins->rows[i];
        if (!identifier_is_digits(columns[0], 4, 10) || !parse_lengths(columns[1], bin) ||
            (!is_credit && strcmp(columns[2], "debit") != 0) || columns[3][0] == '\0' ||
            columns[4][0] == '\0' || columns[5][0] == '\0') {
            return ERR_INVALID_FIELD;
        }
        bin->digits = columns[0];
        bin->kind = is_credit ? CARD_CREDIT : CARD_DEBIT;
        bin->issuer = columns[3];
        bin->name_en = columns[4];
        bin->name_zh = columns[5];
    }
    return bins->count > 0 ? ERR_OK : ERR_INVALID_FIELD;
}

enum err bins_load(const char *path, struct bins **out)
{
    struct tsv tsv;
    enum err err = tsv_load(path, BIN_COLUMNS, &tsv);
    if (err != ERR_OK) {
        return err;
    }
    struct bins *bins = calloc(1, sizeof *bins + tsv.row_count * sizeof bins->rows[0]);
    if (bins == NULL) {
        tsv_release(&tsv);
        return ERR_NO_MEMORY;
    }
    bins->tsv = tsv;
    bins->count = tsv.row_count;
    err = fill_bins(bins);
    if (err != ERR_OK) {
        bins_release(bins);
        return err;
    }
    *out = bins;
    return ERR_OK;
}

void bins_release(struct bins *bins)
{
    if (bins != NULL) {
        tsv_release(&bins->tsv);
        free(bins);
    }
}

const struct bin *bins_find(const struct bins *bins, const char *number)
{
    const struct bin *longest = NULL;
    for (size_t i = 0; i < bins->count; i++) {
        const struct bin *bin = &bins->rows[i];
        size_t size = strlen(bin->digits);
        if (strncmp(bin->digits, number, size) == 0 &&
            (longest == NULL || size > strlen(longest->digits))) {
            longest = bin;
        }
    }
    return longest;
}
