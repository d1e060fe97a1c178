#include "sys/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

static enum err err_of_errno(void)
{
    switch (errno) {
    case ENOENT:
    case ENOTDIR:
        return ERR_NOT_FOUND;
    case EEXIST:
        return ERR_EXISTS;
    case ENOMEM:
        return ERR_NO_MEMORY;
    default:
        return ERR_IO;
    }
}

enum err file_open(const char *path, int *out_fd, int64_t *out_size)
{
    struct stat facts;
    /* O_NONBLOCK: opening a pipe must not hang; it means nothing to a regular file. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        return err_of_errno();
    }
    if (fstat(fd, &facts) != 0 || !S_ISREG(facts.st_mode)) {
        close(fd);
        return ERR_IO;
    }
    *out_fd = fd;
    *out_size = facts.st_size;
    return ERR_OK;
}

/* Reads until `size` bytes or the end; the count, or -1. */
static ssize_t read_all(int fd, char *bytes, size_t size)
{
    size_t done = 0;
    while (done < size) {
        ssize_t got = read(fd, bytes + done, size - done);
        if (got == 0) {
            break;
        }
        if (got < 0 && errno != EINTR) {
            return -1;
        }
        done += got > 0 ? (size_t)got : 0;
    }
    return (ssize_t)done;
}

enum err file_read(const char *path, size_t max, char **out_bytes, size_t *out_size)
{
    int fd = -1;
    int64_t size = 0;
    enum err err = file_open(path, &fd, &size);
    if (err != ERR_OK) {
        return err;
    }
    char *bytes = NULL;
    if ((uint64_t)size > max) {
        err = ERR_OVERFLOW;
    } else if ((bytes = malloc((size_t)size + 1)) == NULL) {
        err = ERR_NO_MEMORY;
    }
    if (err == ERR_OK) {
        ssize_t got = read_all(fd, bytes, (size_t)size);
        if (got < 0) {
            err = ERR_IO;
        } else {
            bytes[got] = 0;
            *out_size = (size_t)got;
        }
    }
    close(fd);
    if (err != ERR_OK) {
        free(bytes);
        return err;
    }
    *out_bytes = bytes;
    return ERR_OK;
}

static bool write_all(int fd, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t done = write(fd, bytes, size);
        if (done < 0 && errno != EINTR) {
            return false;
        }
        bytes += done > 0 ? done : 0;
        size -= done > 0 ? (size_t)done : 0;
    }
    return true;
}

/* The entry of a file in its folder is durable only after the folder was synced too. */
static enum err sync_folder_of(const char *path)
{
    char folder[FILE_PATH_MAX];
    const char *slash = strrchr(path, '/');
    size_t size = slash == NULL ? 1 : slash == path ? 1 : (size_t)(slash - path);
    memcpy(folder, slash == NULL ? "." : path, size);
    folder[size] = 0;
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return err_of_errno();
    }
    enum err err = fsync(fd) == 0 ? ERR_OK : ERR_IO;
    close(fd);
    return err;
}

static enum err write_and_sync(int fd, const void *bytes, size_t size, unsigned mode)
{
    bool is_done = fchmod(fd, (mode_t)mode) == 0 && write_all(fd, bytes, size) && fsync(fd) == 0;
    return close(fd) == 0 && is_done ? ERR_OK : ERR_IO;
}

enum err file_replace(const char *path, const void *bytes, size_t size, unsigned mode)
{
    char temporary[FILE_PATH_MAX + 16];
    if (strlen(path) >= FILE_PATH_MAX) {
        return ERR_OVERFLOW;
    }
    snprintf(temporary, sizeof temporary, "%s.XXXXXX", path);
    int fd = mkostemp(temporary, O_CLOEXEC);
    if (fd < 0) {
        return err_of_errno();
    }
    enum err err = write_and_sync(fd, bytes, size, mode);
    if (err == ERR_OK && rename(temporary, path) != 0) {
        err = err_of_errno();
    }
    if (err != ERR_OK) {
        unlink(temporary);
        return err;
    }
    return sync_folder_of(path);
}

enum err file_make_folder(const char *path, unsigned mode)
{
    char part[FILE_PATH_MAX];
    struct stat facts;
    size_t size = strlen(path);
    if (size >= sizeof part) {
        return ERR_OVERFLOW;
    }
    memcpy(part, path, size + 1);
    for (size_t i = 1; i <= size; i++) {
        if (part[i] != '/' && part[i] != 0) {
            continue;
        }
        char kept = part[i];
        part[i] = 0;
        if (mkdir(part, (mode_t)mode) != 0 && errno != EEXIST) {
            return err_of_errno();
        }
        part[i] = kept;
    }
    return stat(path, &facts) == 0 && S_ISDIR(facts.st_mode) ? ERR_OK : ERR_EXISTS;
}

bool file_exists(const char *path)
{
    return access(path, F_OK) == 0;
}

enum err file_size(const char *path, int64_t *out)
{
    struct stat facts;
    if (stat(path, &facts) != 0) {
        return err_of_errno();
    }
    *out = facts.st_size;
    return ERR_OK;
}

enum err file_free_bytes(const char *path, int64_t *out)
{
    struct statvfs facts;
    if (statvfs(path, &facts) != 0) {
        return ERR_IO;
    }
    *out = (int64_t)(facts.f_bavail * facts.f_frsize);
    return ERR_OK;
}

enum err file_remove(const char *path)
{
    if (strlen(path) >= FILE_PATH_MAX) {
        return ERR_OVERFLOW;
    }
    return unlink(path) == 0 ? sync_folder_of(path) : err_of_errno();
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static enum err list_entries(DIR *folder, size_t max, struct file_list *list)
{
    size_t capacity = 0;
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) {
            continue;
        }
        if (list->count == max) {
            return ERR_OVERFLOW;
        }
        if (list->count == capacity) {
            capacity = capacity == 0 ? 16 : capacity * 2;
            char **grown = realloc(list->names, capacity * sizeof *grown);
            if (grown == NULL) {
                return ERR_NO_MEMORY;
            }
            list->names = grown;
        }
        list->names[list->count] = strdup(entry->d_name);
        if (list->names[list->count] == NULL) {
            return ERR_NO_MEMORY;
        }
        list->count++;
    }
    return ERR_OK;
}

enum err file_list(const char *folder, size_t max, struct file_list *out)
{
    struct file_list list = {0};
    DIR *handle = opendir(folder);
    if (handle == NULL) {
        return err_of_errno();
    }
    enum err err = list_entries(handle, max, &list);
    closedir(handle);
    if (err != ERR_OK) {
        file_list_release(&list);
        return err;
    }
    if (list.count > 0) {
        qsort(list.names, list.count, sizeof *list.names, compare_names);
    }
    *out = list;
    return ERR_OK;
}

void file_list_release(struct file_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        free(list->names[i]);
    }
    free(list->names);
    *list = (struct file_list){0};
}

const char *file_content_type(const char *path)
{
    static const char *const types[][2] = {
        {"html", "text/html; charset=utf-8"},
        {"js", "text/javascript; charset=utf-8"},
        {"mjs", "text/javascript; charset=utf-8"},
        {"css", "text/css; charset=utf-8"},
        {"json", "application/json"},
        {"map", "application/json"},
        {"webmanifest", "application/manifest+json"},
        {"svg", "image/svg+xml"},
        {"png", "image/png"},
        {"jpg", "image/jpeg"},
        {"jpeg", "image/jpeg"},
        {"webp", "image/webp"},
        {"ico", "image/x-icon"},
        {"woff2", "font/woff2"},
        {"woff", "font/woff"},
        {"ttf", "font/ttf"},
        {"wasm", "application/wasm"},
        {"pdf", "application/pdf"},
        {"xml", "application/xml"},
        {"csv", "text/csv; charset=utf-8"},
        {"txt", "text/plain; charset=utf-8"},
        {"yaml", "application/yaml"},
        {"md", "text/markdown; charset=utf-8"},
    };
    const char *slash = strrchr(path, '/');
    const char *dot = strrchr(slash == NULL ? path : slash, '.');
    for (size_t i = 0; dot != NULL && i < sizeof types / sizeof types[0]; i++) {
        if (strcasecmp(dot + 1, types[i][0]) == 0) {
            return types[i][1];
        }
    }
    return "application/octet-stream";
}

enum err file_join(const char *folder, const char *name, char out[FILE_PATH_MAX])
{
    size_t size = strlen(folder);
    const char *between = size == 0 || folder[size - 1] == '/' ? "" : "/";
    int needed = snprintf(out, FILE_PATH_MAX, "%s%s%s", folder, between, name);
    return needed >= 0 && needed < FILE_PATH_MAX ? ERR_OK : ERR_OVERFLOW;
}
