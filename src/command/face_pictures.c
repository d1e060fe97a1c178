#include "command/face_pictures.h"

#include "command/terminal.h"
#include "sys/file.h"
#include "sys/progress.h"
#include "sys/thread.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int face_room_open(size_t decoders, struct vision **out)
{
    const char *folder = getenv("SYCEE_MODELS");
    enum err err = vision_open(&(struct vision_options){.models = folder == NULL || *folder == '\0'
                                                                      ? "build/models"
                                                                      : folder,
                                                        .program = "/proc/self/exe",
                                                        .decoder_count = decoders},
                               out);
    return err == ERR_OK ? 0 : terminal_fail("models for faces (make models, $SYCEE_MODELS)", err);
}

enum err face_picture_read(struct vision *vision, const char *path, struct image *out)
{
    char *bytes = NULL;
    size_t size = 0;
    enum err err = file_read(path, IMAGE_BYTES_MAX, &bytes, &size);
    if (err == ERR_OVERFLOW) {
        return ERR_PICTURE_TOO_LARGE;
    }
    if (err == ERR_OK) {
        err = image_decode(vision, bytes, size, out);
    }
    free(bytes);
    return err;
}

enum err face_pictures_add(struct face_pictures *pictures, const char *path)
{
    if (pictures->count == pictures->capacity) {
        size_t capacity = pictures->capacity == 0 ? 1024 : pictures->capacity * 2;
        struct face_picture *items = realloc(pictures->items, capacity * sizeof *items);
        if (items == NULL) {
            return ERR_NO_MEMORY;
        }
        pictures->items = items;
        pictures->capacity = capacity;
    }
    struct face_picture picture = {.path = strdup(path)};
    if (picture.path == NULL) {
        return ERR_NO_MEMORY;
    }
    pictures->items[pictures->count++] = picture;
    return ERR_OK;
}

static int by_path(const void *a, const void *b)
{
    return strcmp(((const struct face_picture *)a)->path, ((const struct face_picture *)b)->path);
}

void face_pictures_sort(struct face_pictures *pictures)
{
    size_t kept = 0;
    if (pictures->count == 0) {
        return;
    }
    qsort(pictures->items, pictures->count, sizeof *pictures->items, by_path);
    for (size_t i = 0; i < pictures->count; i++) {
        if (kept > 0 && by_path(&pictures->items[kept - 1], &pictures->items[i]) == 0) {
            free(pictures->items[i].path);
        } else {
            pictures->items[kept++] = pictures->items[i];
        }
    }
    pictures->count = kept;
}

struct face_picture *face_pictures_find(const struct face_pictures *pictures, const char *path)
{
    size_t size = strlen(path) + 1;
    char *copy = malloc(size);
    if (copy == NULL) {
        return NULL;
    }
    memcpy(copy, path, size);
    struct face_picture wanted = {.path = copy};
    struct face_picture *found =
        bsearch(&wanted, pictures->items, pictures->count, sizeof wanted, by_path);
    free(copy);
    return found;
}

struct work {
    struct face_pictures *pictures;
    struct vision *vision;
    atomic_size_t next, done;
    atomic_int err;
};

static enum err face_pictures_do_analyse(struct vision *vision, struct face_picture *picture)
{
    struct image image = {0};
    enum err err = face_picture_read(vision, picture->path, &image);
    if (err == ERR_NO_MEMORY) {
        return err;
    }
    if (err != ERR_OK) {
        picture->is_unreadable = true;
        return ERR_OK;
    }
    picture->template = calloc(1, sizeof *picture->template);
    err = picture->template == NULL
              ? ERR_NO_MEMORY
              : face_embed_at(vision, &image, image.width / 2, image.height / 2, &picture->face,
                              picture->template);
    image_release(&image);
    return err;
}

static void face_pictures_run(void *argument)
{
    struct work *work = argument;
    for (;;) {
        size_t i = atomic_fetch_add(&work->next, 1);
        if (i >= work->pictures->count || atomic_load(&work->err) != ERR_OK) {
            return;
        }
        enum err err = face_pictures_do_analyse(work->vision, &work->pictures->items[i]);
        if (err != ERR_OK) {
            atomic_store(&work->err, (int)err);
        }
        atomic_fetch_add(&work->done, 1);
    }
}

enum err face_pictures_analyse(struct face_pictures *pictures, struct vision *vision, size_t jobs)
{
    struct work work = {.pictures = pictures, .vision = vision};
    struct thread threads[64];
    struct progress progress;
    size_t started = 0;
    enum err err = ERR_OK;
    progress_start(&progress, terminal_lang() == LANG_ZH ? "识别人脸" : "analysing faces",
                   (int64_t)pictures->count, terminal_lang());
    while (started < jobs && started < sizeof threads / sizeof threads[0] && err == ERR_OK) {
        err = thread_start(&threads[started], "face", face_pictures_run, &work);
        started += err == ERR_OK;
    }
    while (err == ERR_OK && atomic_load(&work.done) < pictures->count &&
           atomic_load(&work.err) == ERR_OK) {
        thread_sleep_us(100000);
        progress_update(&progress, (int64_t)atomic_load(&work.done));
    }
    if (err != ERR_OK) {
        atomic_store(&work.err, (int)err);
    }
    for (size_t i = 0; i < started; i++) {
        thread_join(&threads[i]);
    }
    progress_update(&progress, (int64_t)atomic_load(&work.done));
    progress_finish(&progress);
    return (enum err)atomic_load(&work.err);
}

void face_pictures_release(struct face_pictures *pictures)
{
    for (size_t i = 0; i < pictures->count; i++) {
        free(pictures->items[i].path);
        free(pictures->items[i].template);
    }
    free(pictures->items);
    memset(pictures, 0, sizeof *pictures);
}
