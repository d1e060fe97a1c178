/*
 * Pictures of invented faces, made for this repository (faces/README.md), inside the program. A row
 * without a folder has none. Only whole folders count.
 */
#include "documents.h"

#include "embed.h"

#include <string.h>

#define FACE_PICTURES(row)                                                                         \
    EMBED(face_##row##_portrait, "sandbox/faces/" #row "/portrait.jpg");                           \
    EMBED(face_##row##_selfie, "sandbox/faces/" #row "/selfie.jpg");                               \
    EMBED(face_##row##_left, "sandbox/faces/" #row "/left.jpg");                                   \
    EMBED(face_##row##_right, "sandbox/faces/" #row "/right.jpg");                                 \
    EMBED(face_##row##_up, "sandbox/faces/" #row "/up.jpg");                                       \
    EMBED(face_##row##_blink, "sandbox/faces/" #row "/blink.jpg");                                 \
    EMBED(face_##row##_mouth, "sandbox/faces/" #row "/mouth.jpg")
/* clang-format off */
#if __has_include("faces/01/portrait.jpg") && \
    __has_include("faces/01/selfie.jpg") && \
    __has_include("faces/01/left.jpg") && \
    __has_include("faces/01/right.jpg") && \
    __has_include("faces/01/up.jpg") && \
    __has_include("faces/01/blink.jpg") && \
    __has_include("faces/01/mouth.jpg")
FACE_PICTURES(01);
#define FACES_01 FACE_ROWS(01, 1)
#else
#define FACES_01
#endif
#if __has_include("faces/02/portrait.jpg") && \
    __has_include("faces/02/selfie.jpg") && \
    __has_include("faces/02/left.jpg") && \
    __has_include("faces/02/right.jpg") && \
    __has_include("faces/02/up.jpg") && \
    __has_include("faces/02/blink.jpg") && \
    __has_include("faces/02/mouth.jpg")
FACE_PICTURES(02);
#define FACES_02 FACE_ROWS(02, 2)
#else
#define FACES_02
#endif
#if __has_include("faces/03/portrait.jpg") && \
    __has_include("faces/03/selfie.jpg") && \
    __has_include("faces/03/left.jpg") && \
    __has_include("faces/03/right.jpg") && \
    __has_include("faces/03/up.jpg") && \
    __has_include("faces/03/blink.jpg") && \
    __has_include("faces/03/mouth.jpg")
FACE_PICTURES(03);
#define FACES_03 FACE_ROWS(03, 3)
#else
#define FACES_03
#endif
#if __has_include("faces/04/portrait.jpg") && \
    __has_include("faces/04/selfie.jpg") && \
    __has_include("faces/04/left.jpg") && \
    __has_include("faces/04/right.jpg") && \
    __has_include("faces/04/up.jpg") && \
    __has_include("faces/04/blink.jpg") && \
    __has_include("faces/04/mouth.jpg")
FACE_PICTURES(04);
#define FACES_04 FACE_ROWS(04, 4)
#else
#define FACES_04
#endif
#if __has_include("faces/05/portrait.jpg") && \
    __has_include("faces/05/selfie.jpg") && \
    __has_include("faces/05/left.jpg") && \
    __has_include("faces/05/right.jpg") && \
    __has_include("faces/05/up.jpg") && \
    __has_include("faces/05/blink.jpg") && \
    __has_include("faces/05/mouth.jpg")
FACE_PICTURES(05);
#define FACES_05 FACE_ROWS(05, 5)
#else
#define FACES_05
#endif
#if __has_include("faces/06/portrait.jpg") && \
    __has_include("faces/06/selfie.jpg") && \
    __has_include("faces/06/left.jpg") && \
    __has_include("faces/06/right.jpg") && \
    __has_include("faces/06/up.jpg") && \
    __has_include("faces/06/blink.jpg") && \
    __has_include("faces/06/mouth.jpg")
FACE_PICTURES(06);
#define FACES_06 FACE_ROWS(06, 6)
#else
#define FACES_06
#endif
#if __has_include("faces/07/portrait.jpg") && \
    __has_include("faces/07/selfie.jpg") && \
    __has_include("faces/07/left.jpg") && \
    __has_include("faces/07/right.jpg") && \
    __has_include("faces/07/up.jpg") && \
    __has_include("faces/07/blink.jpg") && \
    __has_include("faces/07/mouth.jpg")
FACE_PICTURES(07);
#define FACES_07 FACE_ROWS(07, 7)
#else
#define FACES_07
#endif
#if __has_include("faces/08/portrait.jpg") && \
    __has_include("faces/08/selfie.jpg") && \
    __has_include("faces/08/left.jpg") && \
    __has_include("faces/08/right.jpg") && \
    __has_include("faces/08/up.jpg") && \
    __has_include("faces/08/blink.jpg") && \
    __has_include("faces/08/mouth.jpg")
FACE_PICTURES(08);
#define FACES_08 FACE_ROWS(08, 8)
#else
#define FACES_08
#endif
#if __has_include("faces/09/portrait.jpg") && \
    __has_include("faces/09/selfie.jpg") && \
    __has_include("faces/09/left.jpg") && \
    __has_include("faces/09/right.jpg") && \
    __has_include("faces/09/up.jpg") && \
    __has_include("faces/09/blink.jpg") && \
    __has_include("faces/09/mouth.jpg")
FACE_PICTURES(09);
#define FACES_09 FACE_ROWS(09, 9)
#else
#define FACES_09
#endif
#if __has_include("faces/10/portrait.jpg") && \
    __has_include("faces/10/selfie.jpg") && \
    __has_include("faces/10/left.jpg") && \
    __has_include("faces/10/right.jpg") && \
    __has_include("faces/10/up.jpg") && \
    __has_include("faces/10/blink.jpg") && \
    __has_include("faces/10/mouth.jpg")
FACE_PICTURES(10);
#define FACES_10 FACE_ROWS(10, 10)
#else
#define FACES_10
#endif
/* clang-format on */

struct picture {
    int row;
    const char *name;
    const char *bytes;
    const char *end;
};

#define FACE_ROW(digits, row, name)                                                                \
    {row, #name, face_##digits##_##name, face_##digits##_##name##_end},
#define FACE_ROWS(digits, row)                                                                     \
    FACE_ROW(digits, row, portrait)                                                                \
    FACE_ROW(digits, row, selfie)                                                                  \
    FACE_ROW(digits, row, left)                                                                    \
    FACE_ROW(digits, row, right)                                                                   \
    FACE_ROW(digits, row, up)                                                                      \
    FACE_ROW(digits, row, blink)                                                                   \
    FACE_ROW(digits, row, mouth)

/* clang-format off */
static const struct picture pictures[] = {
    FACES_01 FACES_02 FACES_03 FACES_04 FACES_05
    FACES_06 FACES_07 FACES_08 FACES_09 FACES_10
    {0, "", NULL, NULL},
};
/* clang-format on */

const char *faces_find(int row, const char *name, size_t *out_size)
{
    for (const struct picture *picture = pictures; picture->bytes; picture++) {
        if (picture->row == row && strcmp(picture->name, name) == 0) {
            *out_size = (size_t)(picture->end - picture->bytes);
            return picture->bytes;
        }
    }
    return NULL;
}
