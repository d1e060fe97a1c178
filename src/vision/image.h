/*
 * Pixels, private to the room: new pictures, resampling, small measures. Pure but for memory. The public
 * part (image_decode, image_crop, image_encode, image_release) is in vision.h.
 */
#ifndef VISION_IMAGE_H
#define VISION_IMAGE_H

#include "vision.h"

/* A black picture. ERR_NO_MEMORY. */
enum err image_init(struct image *image, int width, int height);

/* Resamples a part of `image` (which may extend beyond its edges: the nearest pixel is used there) to
 * width x height: each new pixel is the weighted mean of the pixels that it covers. ERR_NO_MEMORY. */
enum err image_resample(const struct image *image, double x, double y, double part_width,
                        double part_height, int width, int height, struct image *out);

/* An affine map from target to source pixels: x' = a x + b y + c, y' = d x + e y + f. */
struct affine {
    double a, b, c, d, e, f;
};
/* Bilinear, for maps that change the scale by less than about two; beyond the edges: black. */
enum err image_warp(const struct image *image, const struct affine *map, int width, int height,
                    struct image *out);

/* ITU-R BT.601 luma, 0..255. */
static inline int image_luma(const uint8_t *rgb)
{
    return (rgb[0] * 77 + rgb[1] * 150 + rgb[2] * 29 + 128) >> 8;
}

#endif
