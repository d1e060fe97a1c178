#include "picture.h"

#include "image.h"

#include <leptonica/allheaders.h>
#include <stdlib.h>
#include <string.h>

enum picture_format { FORMAT_NONE, FORMAT_JPEG, FORMAT_PNG, FORMAT_WEBP };

static enum picture_format format_of(const uint8_t *bytes, size_t size)
{
    static const uint8_t png[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    if (size >= 32 && bytes[0] == 0xff && bytes[1] == 0xd8 && bytes[2] == 0xff) {
        return FORMAT_JPEG;
    }
    if (size >= 32 && memcmp(bytes, png, sizeof png) == 0) {
        return FORMAT_PNG;
    }
    if (size >= 32 && memcmp(bytes, "RIFF", 4) == 0 && memcmp(bytes + 8, "WEBP", 4) == 0) {
        return FORMAT_WEBP;
    }
    return FORMAT_NONE;
}

/* --- EXIF (CIPA DC-008): the one field for orientation ------------------------------------------ */

static unsigned read_16(const uint8_t *at, bool is_big)
{
    return is_big ? (unsigned)at[0] << 8 | at[1] : (unsigned)at[1] << 8 | at[0];
}

static unsigned read_32(const uint8_t *at, bool is_big)
{
    return is_big ? read_16(at, true) << 16 | read_16(at + 2, true)
                  : read_16(at + 2, false) << 16 | read_16(at, false);
}

#define TAG_ORIENTATION 0x0112
#define TAG_TYPE_SHORT  3

/* A TIFF block: byte order, 42, offset of the first directory. */
static int orientation_of_tiff(const uint8_t *tiff, size_t size)
{
    if (size < 14 || tiff[0] != tiff[1] || (tiff[0] != 'I' && tiff[0] != 'M')) {
        return 1;
    }
    bool is_big = tiff[0] == 'M';
    size_t at = read_32(tiff + 4, is_big);
    if (read_16(tiff + 2, is_big) != 42 || at > size - 2) {
        return 1;
    }
    unsigned count = read_16(tiff + at, is_big);
    at += 2;
    for (unsigned i = 0; i < count && at + 12 <= size; i++, at += 12) {
        if (read_16(tiff + at, is_big) == TAG_ORIENTATION &&
            read_16(tiff + at + 2, is_big) == TAG_TYPE_SHORT) {
            unsigned value = read_16(tiff + at + 8, is_big);
            return value >= 1 && value <= 8 ? (int)value : 1;
        }
    }
    return 1;
}

static int orientation_of_jpeg(const uint8_t *bytes, size_t size)
{
    size_t at = 2; /* after the start marker; then segments: ff, kind, length with itself */
    while (at + 10 <= size && bytes[at] == 0xff) {
        unsigned kind = bytes[at + 1];
        size_t length = read_16(bytes + at + 2, true);
        if (kind == 0xda || length < 2 || at + 2 + length > size) {
            return 1; /* pixels begin, or damaged */
        }
        if (kind == 0xe1 && length >= 8 && memcmp(bytes + at + 4, "Exif\0", 6) == 0) {
            return orientation_of_tiff(bytes + at + 10, length - 8);
        }
        at += 2 + length;
    }
    return 1;
}

/* Chunks: length, kind, content, checksum. eXIf (PNG third edition, 11.3.4.4) is a TIFF block. */
static int orientation_of_png(const uint8_t *bytes, size_t size)
{
    size_t at = 8; /* after the signature */
    while (size >= 12 && at <= size - 12) {
        size_t length = read_32(bytes + at, true);
        if (length > size - 12 - at) {
            return 1;
        }
        if (memcmp(bytes + at + 4, "eXIf", 4) == 0) {
            return orientation_of_tiff(bytes + at + 8, length);
        }
        at += 12 + length;
    }
    return 1;
}

/* Chunks: kind, length, content, padded to an even size. EXIF is a TIFF block; some writers prefix it
 * with the mark of a JPEG segment. */
static int orientation_of_webp(const uint8_t *bytes, size_t size)
{
    size_t at = 12; /* after RIFF, its size, WEBP */
    while (size >= 8 && at <= size - 8) {
        size_t length = read_32(bytes + at + 4, false);
        const uint8_t *content = bytes + at + 8;
        if (length > size - 8 - at) {
            return 1;
        }
        if (memcmp(bytes + at, "EXIF", 4) == 0) {
            size_t mark = length >= 6 && memcmp(content, "Exif\0", 6) == 0 ? 6 : 0;
            return orientation_of_tiff(content + mark, length - mark);
        }
        at += 8 + length + (length & 1);
    }
    return 1;
}

int picture_orientation(const uint8_t *bytes, size_t size)
{
    switch (format_of(bytes, size)) {
    case FORMAT_JPEG:
        return orientation_of_jpeg(bytes, size);
    case FORMAT_PNG:
        return orientation_of_png(bytes, size);
    case FORMAT_WEBP:
        return orientation_of_webp(bytes, size);
    case FORMAT_NONE:
    default:
        return 1;
    }
}

/* The stored pixel at (x, y) of the upright picture, for each orientation. */
static void turned_from(int orientation, const struct image *stored, int x, int y, int *out_x,
                        int *out_y)
{
    int right = stored->width - 1, bottom = stored->height - 1;
    bool swaps = orientation >= 5;
    int u = swaps ? y : x, v = swaps ? x : y;
    bool mirrors_x = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
    bool mirrors_y = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
    *out_x = mirrors_x ? right - u : u;
    *out_y = mirrors_y ? bottom - v : v;
}

static enum err picture_turn(struct image *image, int orientation)
{
    if (orientation == 1) {
        return ERR_OK;
    }
    bool swaps = orientation >= 5;
    struct image upright;
    enum err err = image_init(&upright, swaps ? image->height : image->width,
                              swaps ? image->width : image->height);
    if (err != ERR_OK) {
        return err;
    }
    uint8_t *to = upright.rgb;
    for (int y = 0; y < upright.height; y++) {
        for (int x = 0; x < upright.width; x++, to += 3) {
            int from_x, from_y;
            turned_from(orientation, image, x, y, &from_x, &from_y);
            memcpy(to, image->rgb + ((size_t)from_y * (size_t)image->width + (size_t)from_x) * 3,
                   3);
        }
    }
    image_release(image);
    *image = upright;
    return ERR_OK;
}

/* --- pixels ----------------------------------------------------------------------------------- */

static bool read_size(enum picture_format format, const uint8_t *bytes, size_t size, int *out_width,
                      int *out_height)
{
    int ignored;
    switch (format) {
    case FORMAT_JPEG:
        return readHeaderMemJpeg(bytes, size, out_width, out_height, NULL, NULL, NULL) == 0;
    case FORMAT_PNG:
        return readHeaderMemPng(bytes, size, out_width, out_height, &ignored, &ignored, &ignored) ==
               0;
    case FORMAT_WEBP:
        return readHeaderMemWebP(bytes, size, out_width, out_height, &ignored) == 0;
    case FORMAT_NONE:
    default:
        return false;
    }
}

/* JPEG can skip detail that would be reduced away: 1/2, 1/4 or 1/8 of the side. */
static int jpeg_reduction(int width, int height, int side_max)
{
    int side = width > height ? width : height, reduction = 1;
    while (reduction < 8 && side / (reduction * 2) >= side_max) {
        reduction *= 2;
    }
    return reduction;
}

static PIX *read_pixels(enum picture_format format, const uint8_t *bytes, size_t size,
                        int reduction)
{
    switch (format) {
    case FORMAT_JPEG:
        return pixReadMemJpeg(bytes, size, 0, reduction, NULL, 0);
    case FORMAT_PNG:
        return pixReadMemPng(bytes, size);
    case FORMAT_WEBP:
        return pixReadMemWebP(bytes, size);
    case FORMAT_NONE:
    default:
        return NULL;
    }
}

/* Takes ownership of `pix`. Transparent parts become white; depth becomes 8 bits a colour. */
static enum err picture_unpack(PIX *pix, struct image *out)
{
    PIX *flat = pixGetSpp(pix) == 4 ? pixAlphaBlendUniform(pix, 0xffffff00U) : pixClone(pix);
    pixDestroy(&pix);
    PIX *full = flat == NULL ? NULL : pixConvertTo32(flat);
    pixDestroy(&flat);
    if (full == NULL) {
        return ERR_PICTURE_UNREADABLE;
    }
    enum err err = image_init(out, pixGetWidth(full), pixGetHeight(full));
    if (err == ERR_OK) {
        const l_uint32 *row = pixGetData(full);
        uint8_t *to = out->rgb;
        for (int y = 0; y < out->height; y++, row += pixGetWpl(full)) {
            for (int x = 0; x < out->width; x++) {
                *to++ = (uint8_t)(row[x] >> L_RED_SHIFT);
                *to++ = (uint8_t)(row[x] >> L_GREEN_SHIFT);
                *to++ = (uint8_t)(row[x] >> L_BLUE_SHIFT);
            }
        }
    }
    pixDestroy(&full);
    return err;
}

static enum err picture_reduce(struct image *image, int side_max)
{
    if (image->width <= side_max && image->height <= side_max) {
        return ERR_OK;
    }
    struct image reduced;
    enum err err = image_crop(image, 0, 0, image->width, image->height, side_max, &reduced);
    if (err == ERR_OK) {
        image_release(image);
        *image = reduced;
    }
    return err;
}

enum err picture_decode(const uint8_t *bytes, size_t size, int side_max, struct image *out)
{
    enum picture_format format = format_of(bytes, size);
    int width = 0, height = 0;
    setMsgSeverity(L_SEVERITY_NONE);
    if (size > IMAGE_BYTES_MAX) {
        return ERR_PICTURE_TOO_LARGE;
    }
    if (format == FORMAT_NONE || !read_size(format, bytes, size, &width, &height) || width < 1 ||
        height < 1) {
        return ERR_PICTURE_UNREADABLE;
    }
    if ((int64_t)width * height > IMAGE_PIXELS_MAX) {
        return ERR_PICTURE_TOO_LARGE;
    }
    int reduction = format == FORMAT_JPEG ? jpeg_reduction(width, height, side_max) : 1;
    PIX *pix = read_pixels(format, bytes, size, reduction);
    if (pix == NULL) {
        return ERR_PICTURE_UNREADABLE;
    }
    struct image image;
    enum err err = picture_unpack(pix, &image);
    if (err != ERR_OK) {
        return err;
    }
    err = picture_reduce(&image, side_max);
    if (err == ERR_OK && (image.width < IMAGE_SIDE_MIN || image.height < IMAGE_SIDE_MIN)) {
        err = ERR_PICTURE_UNREADABLE;
    }
    if (err == ERR_OK) {
        err = picture_turn(&image, picture_orientation(bytes, size));
    }
    if (err != ERR_OK) {
        image_release(&image);
        return err;
    }
    *out = image;
    return ERR_OK;
}
