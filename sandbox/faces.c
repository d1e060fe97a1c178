/*
 * Pictures of invented faces, made for this repository (faces/README.md), built into the program.
 * Rows
 * beyond them have none.
 */
#include "documents.h"

#include "embed.h"

#include <string.h>

/* Each picture of a folder, by its file. */
#define FACE_FILES(X, folder, row)                                                                 \
    X(folder, row, portrait)                                                                       \
    X(folder, row, selfie)                                                                         \
    X(folder, row, left)                                                                           \
    X(folder, row, right)                                                                          \
    X(folder, row, up)                                                                             \
    X(folder, row, blink)                                                                          \
    X(folder, row, mouth)
#define FACE_EMBED(folder, row, name)                                                              \
    EMBED(face_##folder##_##name, "sandbox/faces/" #folder "/" #name ".jpg");
#define FACE_ROW(folder, row, name)                                                                \
    {row, #name, face_##folder##_##name, face_##folder##_##name##_end},
#define FACE_FOLDERS(X, Y)                                                                         \
    X(Y, 01, 1)                                                                                    \
    X(Y, 02, 2)                                                                                    \
    X(Y, 03, 3)                                                                                    \
    X(Y, 04, 4)                                                                                    \
    X(Y, 05, 5)                                                                                    \
    X(Y, 06, 6)                                                                                    \
    X(Y, 07, 7)                                                                                    \
    X(Y, 08, 8)                                                                                    \
    X(Y, 09, 9)                                                                                    \
    X(Y, 10, 10)

FACE_FOLDERS(FACE_FILES, FACE_EMBED)

static const struct {
    int row;
    const char *name;
    const char *bytes;
    const char *end;
} pictures[] = {FACE_FOLDERS(FACE_FILES, FACE_ROW)};

const char *faces_find(int row, const char *name, size_t *out_size)
{
    for (size_t i = 0; i < sizeof pictures / sizeof *pictures; i++) {
        if (pictures[i].row == row && strcmp(pictures[i].name, name) == 0) {
            *out_size = (size_t)(pictures[i].end - pictures[i].bytes);
            return pictures[i].bytes;
        }
    }
    return NULL;
}
