#include "models.h"

#include "sys/file.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIST_FILE     "SHA256SUMS"
#define LIST_SIZE_MAX 16384

/* "<64 hex digits>  <name>" */
static enum err read_line(const char *line, struct model_list *out)
{
    if (out->count == MODEL_COUNT_MAX ||
        sscanf(line, "%64[0-9a-f] %63s", out->sums[out->count], out->names[out->count]) != 2 ||
        strlen(out->sums[out->count]) != MODEL_SUM_SIZE - 1 ||
        strchr(out->names[out->count], '/') != NULL) {
        return ERR_MODEL_CHANGED;
    }
    out->count++;
    return ERR_OK;
}

enum err model_list_read(const char *folder, struct model_list *out)
{
    char path[FILE_PATH_MAX], *text = NULL, *rest = NULL;
    size_t size = 0;
    memset(out, 0, sizeof *out);
    if (strlen(folder) >= sizeof out->folder || file_join(folder, LIST_FILE, path) != ERR_OK) {
        return ERR_MODEL_MISSING;
    }
    snprintf(out->folder, sizeof out->folder, "%s", folder);
    enum err err = file_read(path, LIST_SIZE_MAX, &text, &size);
    if (err != ERR_OK) {
        return err == ERR_OVERFLOW ? ERR_MODEL_CHANGED : ERR_MODEL_MISSING;
    }
    for (char *line = strtok_r(text, "\n", &rest); line != NULL && err == ERR_OK;
         line = strtok_r(NULL, "\n", &rest)) {
        err = read_line(line, out);
    }
    free(text);
    return err;
}

const char *model_sum(const struct model_list *list, const char *name)
{
    for (size_t i = 0; i < list->count; i++) {
        if (strcmp(list->names[i], name) == 0) {
            return list->sums[i];
        }
    }
    return "";
}

enum err model_read(const struct model_list *list, const char *name, char **out_bytes,
                    size_t *out_size)
{
    char path[FILE_PATH_MAX], hex[MODEL_SUM_SIZE], *bytes = NULL;
    unsigned char sum[crypto_hash_sha256_BYTES];
    const char *wanted = model_sum(list, name);
    size_t size = 0;
    if (wanted[0] == '\0' || file_join(list->folder, name, path) != ERR_OK) {
        return ERR_MODEL_MISSING;
    }
    enum err err = file_read(path, MODEL_FILE_MAX, &bytes, &size);
    if (err != ERR_OK) {
        return err == ERR_NOT_FOUND  ? ERR_MODEL_MISSING
               : err == ERR_OVERFLOW ? ERR_MODEL_CHANGED
                                     : err;
    }
    crypto_hash_sha256(sum, (const unsigned char *)bytes, size);
    sodium_bin2hex(hex, sizeof hex, sum, sizeof sum);
    if (strcmp(hex, wanted) != 0) {
        free(bytes);
        return ERR_MODEL_CHANGED;
    }
    *out_bytes = bytes;
    *out_size = size;
    return ERR_OK;
}
