/* The aligned face, and its embedding. */
#include "face_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Positions of the five points in a 112 x 112 face (ArcFace, Deng et al. 2019, values of its code):
 * right eye, left eye, tip of the nose, right and left corner of the mouth, as seen in the picture. */
static const struct point template_points[5] = {{38.2946, 51.6963},
                                                {73.5318, 51.5014},
                                                {56.0252, 71.7366},
                                                {41.5493, 92.3655},
                                                {70.7299, 92.2041}};

static void five_of(const struct face_points *points, struct point out[5])
{
    static const int right[] = {37, 38, 40, 41}, left[] = {43, 44, 46, 47}, nose[] = {30};
    static const int mouth_right[] = {48, 60}, mouth_left[] = {54, 64};
    out[0] = face_mean_of(points, right, 4);
    out[1] = face_mean_of(points, left, 4);
    out[2] = face_mean_of(points, nose, 1);
    out[3] = face_mean_of(points, mouth_right, 2);
    out[4] = face_mean_of(points, mouth_left, 2);
}

/* The rotation, scale and shift that map the template onto the face by least squares: picture = (a, -b;
 * b, a) template + (c, f). */
static struct affine similarity_of(const struct point face[5])
{
    struct point t = {0, 0}, p = {0, 0};
    double along = 0, across = 0, size = 0;
    for (int i = 0; i < 5; i++) {
        t.x += template_points[i].x / 5;
        t.y += template_points[i].y / 5;
        p.x += face[i].x / 5;
        p.y += face[i].y / 5;
    }
    for (int i = 0; i < 5; i++) {
        double tx = template_points[i].x - t.x, ty = template_points[i].y - t.y;
        double px = face[i].x - p.x, py = face[i].y - p.y;
        along += tx * px + ty * py;
        across += tx * py - ty * px;
        size += tx * tx + ty * ty;
    }
    double a = along / size, b = across / size;
    return (struct affine){a, -b, p.x - a * t.x + b * t.y, b, a, p.y - b * t.x - a * t.y};
}

struct affine face_place(const struct face_points *points)
{
    struct point five[5];
    five_of(points, five);
    return similarity_of(five);
}

enum err face_align(const struct image *image, const struct face_points *points, struct image *out)
{
    struct affine map = face_place(points);
    double scale = hypot(map.a, map.b);
    if (scale < 1.2 || !isfinite(scale)) {
        return image_warp(image, &map, FACE_SIDE, FACE_SIDE, out);
    }
    /* First reduces the region round the face, so that no pixel of it is skipped. */
    double middle = (FACE_SIDE - 1) / 2.0, reach = FACE_SIDE * scale;
    double left = map.a * middle + map.b * middle + map.c - reach;
    double top = map.d * middle + map.e * middle + map.f - reach;
    struct image near;
    enum err err =
        image_resample(image, left, top, reach * 2, reach * 2, FACE_SIDE * 2, FACE_SIDE * 2, &near);
    if (err != ERR_OK) {
        return err;
    }
    struct affine near_map = {map.a / scale, map.b / scale, (map.c + 0.5 - left) / scale - 0.5,
                              map.d / scale, map.e / scale, (map.f + 0.5 - top) / scale - 0.5};
    err = image_warp(&near, &near_map, FACE_SIDE, FACE_SIDE, out);
    image_release(&near);
    return err;
}

static enum err face_embed_mirror(const struct image *image, struct image *out)
{
    enum err err = image_init(out, image->width, image->height);
    for (int y = 0; err == ERR_OK && y < image->height; y++) {
        for (int x = 0; x < image->width; x++) {
            size_t row = (size_t)y * (size_t)image->width;
            memcpy(out->rgb + (row + (size_t)x) * 3,
                   image->rgb + (row + (size_t)(image->width - 1 - x)) * 3, 3);
        }
    }
    return err;
}

/* Adds one view's unit vector to `out`. */
static enum err add_view(const struct net *net, const struct image *view, bool is_bgr, size_t size,
                         float *planes, float *out)
{
    struct tensor outputs[NET_OUTPUT_MAX];
    double length = 0;
    face_planes(view, is_bgr, 127.5F, 1.0F / 128, planes);
    enum err err = face_run(net, planes, 3, FACE_SIDE, FACE_SIDE, (int64_t)size, outputs);
    if (err != ERR_OK) {
        return err;
    }
    const float *values = outputs[0].values;
    for (size_t i = 0; i < size; i++) {
        length += (double)values[i] * (double)values[i];
    }
    length = sqrt(length);
    for (size_t i = 0; i < size && length > 0; i++) {
        out[i] += (float)((double)values[i] / length);
    }
    net_outputs_release(net, outputs);
    return ERR_OK;
}

static void make_unit(float *values, size_t size)
{
    double length = 0;
    for (size_t i = 0; i < size; i++) {
        length += (double)values[i] * (double)values[i];
    }
    for (size_t i = 0; i < size && length > 0; i++) {
        values[i] = (float)((double)values[i] / sqrt(length));
    }
}

/* The sum of both views' unit vectors, made a unit vector again. */
static enum err embed_views(const struct net *net, const struct image views[2], bool is_bgr,
                            size_t size, float *planes, float *out)
{
    enum err err = add_view(net, &views[0], is_bgr, size, planes, out);
    if (err == ERR_OK) {
        err = add_view(net, &views[1], is_bgr, size, planes, out);
    }
    make_unit(out, size);
    return err;
}

enum err face_embed(const struct vision *vision, const struct image *aligned,
                    struct face_template *out)
{
    struct face_vectors vectors = {
        .magic = FACE_VECTORS_MAGIC, .layout = FACE_VECTORS_LAYOUT, .models = 1 | 2};
    struct image views[2] = {*aligned, {0}};
    float *planes = malloc(sizeof(float) * 3 * FACE_SIDE * FACE_SIDE);
    enum err err = planes == NULL ? ERR_NO_MEMORY : face_embed_mirror(aligned, &views[1]);
    if (err == ERR_OK) {
        err = embed_views(vision->feature, views, true, FACE_FIRST_SIZE, planes, vectors.first);
    }
    if (err == ERR_OK) {
        err = embed_views(vision->second, views, false, FACE_SECOND_SIZE, planes, vectors.second);
    }
    image_release(&views[1]);
    free(planes);
    if (err == ERR_OK) {
        memcpy(out->bytes, &vectors, sizeof vectors);
    }
    return err;
}
