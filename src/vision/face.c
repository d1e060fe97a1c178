#include "face_private.h"

#include <math.h>
#include <string.h>

static enum err analyse_box(const struct vision *vision, const struct image *image,
                            const struct face_box *box, struct face *out,
                            struct face_template *out_template, struct face_print *out_print)
{
    struct face_points points;
    struct image aligned = {0};
    enum err err = face_locate(vision, image, box, &points);
    if (err == ERR_OK) {
        err = face_align(image, &points, &aligned);
    }
    if (err == ERR_OK && out_print != NULL) {
        err = face_print_make(image, &points, out_print);
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

static void face_describe(const struct face_box *box, struct face *out)
{
    out->x = (int)floor(box->left);
    out->y = (int)floor(box->top);
    out->width = (int)ceil(box->right) - out->x;
    out->height = (int)ceil(box->bottom) - out->y;
    out->score_ppm = (int)lround(box->score * 1000000);
}

enum err face_analyse_frame(struct vision *vision, const struct image *image, struct face *out,
                            struct face_template *out_template, struct face_print *out_print)
{
    struct face_box boxes[FACE_BOX_MAX];
    struct face face = {0};
    if (out_print != NULL) {
        memset(out_print, 0, sizeof *out_print);
    }
    enum err err = face_find(vision, image, boxes, &face.count);
    if (err != ERR_OK) {
        return err;
    }
    if (face.count > 0) {
        face_describe(&boxes[0], &face);
        err = analyse_box(vision, image, &boxes[0], &face, out_template, out_print);
    }
    if (err == ERR_OK) {
        *out = face;
    }
    return err;
}

enum err face_analyse(struct vision *vision, const struct image *image, struct face *out,
                      struct face_template *out_template)
{
    return face_analyse_frame(vision, image, out, out_template, NULL);
}

static const struct face_box *face_nearest(const struct face_box *boxes, int count, int x, int y)
{
    const struct face_box *best = &boxes[0];
    double least = INFINITY;
    for (int i = 0; i < count; i++) {
        double distance = hypot((boxes[i].left + boxes[i].right) / 2 - x,
                                (boxes[i].top + boxes[i].bottom) / 2 - y);
        if (distance < least) {
            least = distance;
            best = &boxes[i];
        }
    }
    return best;
}

enum err face_embed_at(struct vision *vision, const struct image *image, int x, int y,
                       struct face *out, struct face_template *out_template)
{
    struct face_box boxes[FACE_BOX_MAX];
    struct face_points points;
    struct image aligned = {0};
    struct face face = {0};
    enum err err = face_find(vision, image, boxes, &face.count);
    if (err == ERR_OK && face.count > 0) {
        const struct face_box *box = face_nearest(boxes, face.count, x, y);
        face_describe(box, &face);
        err = face_locate(vision, image, box, &points);
        if (err == ERR_OK) {
            err = face_align(image, &points, &aligned);
        }
        if (err == ERR_OK) {
            err = face_embed(vision, &aligned, out_template);
        }
        image_release(&aligned);
    }
    if (err == ERR_OK) {
        *out = face;
    }
    return err;
}
