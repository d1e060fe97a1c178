/*
 * Files as the bank needs them: read whole with a limit, replace whole and durably, list a folder.
 * Errors: ERR_NOT_FOUND, ERR_EXISTS, ERR_OVERFLOW (larger than the limit), ERR_NO_MEMORY, ERR_IO.
 */
#ifndef SYS_FILE_H
#define SYS_FILE_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FILE_PATH_MAX 1024

/* Regular files only. The caller frees *out_bytes; a NUL that size does not count follows. */
enum err file_read(const char *path, size_t max, char **out_bytes, size_t *out_size);
/* After ERR_OK the whole new content survives a power loss; after an error the old content stands.
 * `mode` as for chmod (0600 for secrets). */
enum err file_replace(const char *path, const void *bytes, size_t size, unsigned mode);
/* Makes the folder and those above it. An existing folder is ERR_OK. */
enum err file_make_folder(const char *path, unsigned mode);
bool file_exists(const char *path);
enum err file_size(const char *path, int64_t *out);
/* Bytes that an ordinary process may still write to the disk of a file or folder. ERR_IO. */
enum err file_free_bytes(const char *path, int64_t *out);
enum err file_remove(const char *path); /* durable */
/* Opens a regular file for reading; *out_size is its size. The caller closes. */
enum err file_open(const char *path, int *out_fd, int64_t *out_size);

struct file_list {
    char **names; /* sorted by bytes; without "." and ".." */
    size_t count;
};

/* ERR_OVERFLOW where the folder holds more than `max`. */
enum err file_list(const char *folder, size_t max, struct file_list *out);
void file_list_release(struct file_list *list);

/* Content type by extension, static; "application/octet-stream" if unknown. Text has charset. */
const char *file_content_type(const char *path);
/* "a" + "b" -> "a/b" into out; ERR_OVERFLOW if it does not fit. */
enum err file_join(const char *folder, const char *name, char out[FILE_PATH_MAX]);

#endif
