/* Shared by the files of the face part: boxes, landmarks, the steps of an analysis. */
#ifndef VISION_FACE_PRIVATE_H
#define VISION_FACE_PRIVATE_H

#include "image.h"
#include "vision_private.h"

#define FACE_BOX_MAX     16
#define FACE_POINT_COUNT 68
#define FACE_SIDE        112 /* of the aligned face */
#define FACE_FIRST_SIZE  512 /* numbers of an embedding, by model */
#define FACE_SECOND_SIZE 192

struct face_box {
    double left, top, right, bottom; /* pixels */
    double score;                    /* 0..1 */
};
struct point {
    double x, y;
};
/* The 68 points of the iBUG 300-W scheme. 0..16 jaw, 17..26 brows, 27..35 nose, 36..41 the person's
 * right eye, 42..47 the left one, 48..59 outer lips, 60..67 inner lips. */
struct face_points {
    struct point at[FACE_POINT_COUNT];
};

/* Faces above a minimum score, largest first. */
enum err face_find(const struct vision *vision, const struct image *image,
                   struct face_box out[FACE_BOX_MAX], int *out_count);
enum err face_locate(const struct vision *vision, const struct image *image,
                     const struct face_box *box, struct face_points *out);
/* The face upright and scaled so that eyes, nose and mouth are at the recognisers' positions. */
enum err face_align(const struct image *image, const struct face_points *points, struct image *out);
/* The map from the template of face_align to the picture. */
struct affine face_place(const struct face_points *points);
enum err face_print_make(const struct image *image, const struct face_points *points,
                         struct face_print *out);
enum err face_embed(const struct vision *vision, const struct image *aligned,
                    struct face_template *out);
/* Fills in pose, eyes, mouth, light, sharpness and the passive liveness signals. */
enum err face_measure(const struct vision *vision, const struct image *image,
                      const struct face_box *box, const struct face_points *points,
                      const struct image *aligned, struct face *out);

enum err face_measure_screen(const struct image *image, const struct face_box *box,
                             struct face *out);

struct point face_mean_of(const struct face_points *points, const int *which, size_t count);
/* A square around a box's middle, as high as the box. */
struct face_box face_square(const struct face_box *box);

/* Planes of (value - mean) * scale in the order of the net: 3 for BGR false, reversed for true. */
void face_planes(const struct image *image, bool is_bgr, float mean, float scale, float *out);
/* Runs a net of one input whose first output has at least `wanted` numbers. */
enum err face_run(const struct net *net, float *values, int channels, int height, int width,
                  int64_t wanted, struct tensor out[NET_OUTPUT_MAX]);

/* Content of a face_template. Unit vectors; zeros for a missing model. */
struct face_vectors {
    uint32_t magic, layout;
    uint32_t models; /* bits: 1 first, 2 second */
    uint32_t reserved;
    float first[FACE_FIRST_SIZE], second[FACE_SECOND_SIZE];
};
_Static_assert(sizeof(struct face_vectors) == FACE_TEMPLATE_SIZE, "a template is its vectors");
#define FACE_VECTORS_MAGIC  0x45434146U /* "FACE" */
#define FACE_VECTORS_LAYOUT 1U
#endif
