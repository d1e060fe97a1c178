/* Many pictures of a folder analysed by several threads: what `sycee face` and the bench share. */
#ifndef COMMAND_FACE_PICTURES_H
#define COMMAND_FACE_PICTURES_H

#include "base/err.h"
#include "vision/vision.h"

#include <stddef.h>

struct face_picture {
    char *path;
    bool is_unreadable;
    struct face face; /* count 0: no face found */
    struct face_template *template;
};
struct face_pictures {
    struct face_picture *items; /* sorted by path */
    size_t count, capacity;
};

/* Opens the room with the models of $SYCEE_MODELS (build/models) and this program as decoder; says
 * what is missing. Exit code, 0 well. */
int face_room_open(size_t decoders, struct vision **out);

enum err face_picture_read(struct vision *vision, const char *path, struct image *out);

/* ERR_NO_MEMORY. */
enum err face_pictures_add(struct face_pictures *pictures, const char *path);
/* Sorts by path and drops repetitions. */
void face_pictures_sort(struct face_pictures *pictures);
struct face_picture *face_pictures_find(const struct face_pictures *pictures, const char *path);
/* Decodes all and embeds the face in the middle of each, with a progress bar. ERR_NO_MEMORY,
 * ERR_UNAVAILABLE. */
enum err face_pictures_analyse(struct face_pictures *pictures, struct vision *vision, size_t jobs);
void face_pictures_release(struct face_pictures *pictures);

#endif
