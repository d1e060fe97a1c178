#include "face_private.h"

#include <math.h>
#include <string.h>

static enum err analyse_box(const struct vision *vision, const struct image *image,
                            const struct face_box *box, struct face *out,
                            struct face_template *out_template)
{
    struct face_points points;
    struct image aligned = {0};
    enum err err = face_locate(vision, image, box, &points);
    if (err == ERR_OK) {
        err = face_align(image, &points, &aligned);
    }
    if (err == ERR_OK) {
        err = face_measure(vision, image, box, &points, &aligned, out);
    }
    if (err == ERR_OK && out_template != NULL) {
        err = face_embed(vision, &aligned, out_template);
    }
    image_release(&aligned);
    return err;
}

enum err face_analyse(struct vision *vision, const struct image *image, struct face *out,
                      struct face_template *out_template)
{
    struct face_box boxes[FACE_BOX_MAX];
    struct face face = {0};
    enum err err = face_find(vision, image, boxes, &face.count);
    if (err != ERR_OK) {
        return err;
    }
    if (face.count > 0) {
        face.x = (int)floor(boxes[0].left);
        face.y = (int)floor(boxes[0].top);
        face.width = (int)ceil(boxes[0].right) - face.x;
        face.height = (int)ceil(boxes[0].bottom) - face.y;
        face.score_ppm = (int)lround(boxes[0].score * 1000000);
        err = analyse_box(vision, image, &boxes[0], &face, out_template);
    }
    if (err == ERR_OK) {
        *out = face;
    }
    return err;
}
