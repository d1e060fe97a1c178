/* A picture in the confined decoder's code. The decoders of the system's libraries run under ASan's
 * allocator only; MODE=fuzz covers more with instrumented ones (README.md). */
#include "fuzz.h"
#include "vision/picture.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct image image = {0};
    int turn = picture_orientation(bytes, size);
    CHECK(turn >= 1 && turn <= 8);
    if (picture_decode(bytes, size, 320, &image) == ERR_OK) {
        CHECK(image.width >= 1 && image.width <= 320 && image.height >= 1 && image.height <= 320);
        unsigned sum = 0;
        for (size_t i = 0; i < (size_t)image.width * (size_t)image.height * 3; i++) {
            sum += image.rgb[i];
        }
        CHECK(sum <= 320u * 320u * 3u * 255u);
        image_release(&image);
    }
    return 0;
}
