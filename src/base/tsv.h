/*
 * Tables of the share directory: UTF-8 text, one row per line, columns between TABs, empty lines and
 * lines that begin with '#' skipped. Read whole, once; rows point into the one buffer.
 */
#ifndef BASE_TSV_H
#define BASE_TSV_H

#include "err.h"

#include <stddef.h>

#define TSV_COLUMNS_MAX 8
#define TSV_SIZE_MAX    ((size_t)4 << 20)

struct tsv_row {
    const char *columns[TSV_COLUMNS_MAX];
};

struct tsv {
    char *bytes;
    struct tsv_row *rows;
    size_t row_count;
};

/* A file's bytes with a trailing NUL; the caller frees. ERR_NOT_FOUND if it cannot be opened, ERR_IO
 * (also above size_max), ERR_NO_MEMORY. */
enum err tsv_read_file(const char *path, size_t size_max, char **out, size_t *out_size);
/* Every row must have exactly that many columns: else ERR_INVALID_FIELD, also for text that is not
 * UTF-8. ERR_NOT_FOUND, ERR_IO, ERR_NO_MEMORY. */
enum err tsv_load(const char *path, size_t column_count, struct tsv *out);
void tsv_release(struct tsv *tsv);

#endif
