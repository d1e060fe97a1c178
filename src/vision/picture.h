/*
 * Picture parsing in the decoder process: JPEG, PNG or WebP bytes to upright RGB pixels. Runs
 * only inside the confined process (decoder_child.c) and its fuzz test; input is untrusted.
 */
#ifndef VISION_PICTURE_H
#define VISION_PICTURE_H

#include "vision.h"

/* `side_max`: larger pictures are reduced to it. ERR_PICTURE_TOO_LARGE (by its header, before a pixel
 * is decoded), ERR_PICTURE_UNREADABLE, ERR_NO_MEMORY. */
enum err picture_decode(const uint8_t *bytes, size_t size, int side_max, struct image *out);
/* EXIF orientation, 1..8, of a JPEG segment, a PNG chunk or a WebP chunk; 1 if there is none or it is
 * damaged. */
int picture_orientation(const uint8_t *bytes, size_t size);

#endif
