#include "tsv.h"

#include "check.h"
#include "str.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define READ_STEP 65536

static enum err read_stream(FILE *stream, size_t size_max, char **out, size_t *out_size)
{
    char *bytes = NULL;
    size_t size = 0;
    size_t capacity = 0;

    for (;;) {
        if (capacity - size < READ_STEP + 1) {
            capacity = capacity * 2 + READ_STEP + 1;
            char *grown = realloc(bytes, capacity);
            if (grown == NULL) {
                free(bytes);
                return ERR_NO_MEMORY;
            }
            bytes = grown;
        }
        size_t got = fread(bytes + size, 1, READ_STEP, stream);
        size += got;
        if (size > size_max || ferror(stream)) {
            free(bytes);
            return ERR_IO;
        }
        if (got == 0) {
            break;
        }
    }
    bytes[size] = '\0';
    *out = bytes;
    *out_size = size;
    return ERR_OK;
}

enum err tsv_read_file(const char *path, size_t size_max, char **out, size_t *out_size)
{
    FILE *stream = fopen(path, "rb");
    if (stream == NULL) {
        return errno == ENOENT ? ERR_NOT_FOUND : ERR_IO;
    }
    enum err err = read_stream(stream, size_max, out, out_size);
    fclose(stream);
    return err;
}

/* Splits a line into its columns in place. */
static bool split_row(char *line, size_t column_count, struct tsv_row *row)
{
    for (size_t i = 0; i < column_count; i++) {
        row->columns[i] = line;
        char *tab = strchr(line, '\t');
        if (i + 1 == column_count) {
            return tab == NULL;
        }
        if (tab == NULL) {
            return false;
        }
        *tab = '\0';
        line = tab + 1;
    }
    return false;
}

static size_t line_count(const char *bytes)
{
    size_t count = 1;
    for (; (bytes = strchr(bytes, '\n')) != NULL; bytes++) {
        count++;
    }
    return count;
}

static enum err split_rows(struct tsv *tsv, size_t column_count)
{
    tsv->rows = calloc(line_count(tsv->bytes), sizeof *tsv->rows);
    if (tsv->rows == NULL) {
        return ERR_NO_MEMORY;
    }
    char *rest = tsv->bytes;
    while (*rest != '\0') {
        char *line = rest;
        char *end = strchr(line, '\n');
        rest = end == NULL ? line + strlen(line) : end + 1;
        if (end != NULL) {
            *end = '\0';
        }
        if (line[0] == '#' || line[0] == '\0') {
            continue;
        }
        if (!split_row(line, column_count, &tsv->rows[tsv->row_count])) {
            return ERR_INVALID_FIELD;
        }
        tsv->row_count++;
    }
    return ERR_OK;
}

enum err tsv_load(const char *path, size_t column_count, struct tsv *out)
{
    struct tsv tsv = {0};
    size_t size = 0;

    CHECK(column_count >= 1 && column_count <= TSV_COLUMNS_MAX);
    enum err err = tsv_read_file(path, TSV_SIZE_MAX, &tsv.bytes, &size);
    if (err != ERR_OK) {
        return err;
    }
    if (strlen(tsv.bytes) != size || !str_is_utf8(tsv.bytes, size)) {
        err = ERR_INVALID_FIELD;
    } else {
        err = split_rows(&tsv, column_count);
    }
    if (err != ERR_OK) {
        tsv_release(&tsv);
        return err;
    }
    *out = tsv;
    return ERR_OK;
}

void tsv_release(struct tsv *tsv)
{
    free(tsv->rows);
    free(tsv->bytes);
    *tsv = (struct tsv){0};
}
