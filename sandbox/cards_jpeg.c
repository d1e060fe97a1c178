/* JPEG in memory. The sandbox decodes only pictures that are built into it. */
#include "cards.h"

#include "base/check.h"

#include <stdio.h>
#include <stdlib.h>

#include <jpeglib.h>

bool jpeg_decode(const char *bytes, size_t size, struct pixels *out)
{
    struct jpeg_decompress_struct jpeg;
    struct jpeg_error_mgr errors;
    jpeg.err = jpeg_std_error(&errors);
    jpeg_create_decompress(&jpeg);
    jpeg_mem_src(&jpeg, (const unsigned char *)bytes, size);
    CHECK(jpeg_read_header(&jpeg, TRUE) == JPEG_HEADER_OK);
    jpeg.out_color_space = JCS_RGB;
    jpeg_start_decompress(&jpeg);
    *out = (struct pixels){(int)jpeg.output_width, (int)jpeg.output_height, NULL};
    size_t stride = (size_t)jpeg.output_width * 3;
    out->rgb = malloc(stride * jpeg.output_height);
    while (out->rgb && jpeg.output_scanline < jpeg.output_height) {
        JSAMPROW row = out->rgb + stride * jpeg.output_scanline;
        jpeg_read_scanlines(&jpeg, &row, 1);
    }
    jpeg_destroy_decompress(&jpeg);
    return out->rgb != NULL;
}

bool jpeg_encode(const struct pixels *pixels, int quality, uint8_t **out, size_t *out_size)
{
    struct jpeg_compress_struct jpeg;
    struct jpeg_error_mgr errors;
    unsigned long size = 0;
    unsigned char *bytes = NULL;
    jpeg.err = jpeg_std_error(&errors);
    jpeg_create_compress(&jpeg);
    jpeg_mem_dest(&jpeg, &bytes, &size);
    jpeg.image_width = (JDIMENSION)pixels->width;
    jpeg.image_height = (JDIMENSION)pixels->height;
    jpeg.input_components = 3;
    jpeg.in_color_space = JCS_RGB;
    jpeg_set_defaults(&jpeg);
    jpeg_set_quality(&jpeg, quality, TRUE);
    jpeg_start_compress(&jpeg, TRUE);
    while (jpeg.next_scanline < jpeg.image_height) {
        JSAMPROW row = pixels->rgb + (size_t)jpeg.next_scanline * (size_t)pixels->width * 3;
        jpeg_write_scanlines(&jpeg, &row, 1);
    }
    jpeg_finish_compress(&jpeg);
    jpeg_destroy_compress(&jpeg);
    *out = bytes;
    *out_size = size;
    return bytes != NULL;
}
