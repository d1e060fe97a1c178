/* Untrusted pictures: decoded in a confined process, turned upright, reduced; bombs and damaged files
 * lose only their own picture. EVIDENCE: REQ-KYC-01. */
#include "unit/vision_fixture.h"

#include "sys/thread.h"
#include "vision/decoder.h"
#include "vision/image.h"
#include "vision/picture.h"

#include <leptonica/allheaders.h>
#include <signal.h>
#include <unistd.h>

#define WIDTH  200
#define HEIGHT 120

static struct decoder_pool *pool;

static int open_pool(void **state)
{
    (void)state;
    return decoder_pool_open("/proc/self/exe", 2, &pool) == ERR_OK ? 0 : -1;
}

static int close_pool(void **state)
{
    (void)state;
    decoder_pool_close(pool);
    pool = NULL;
    return 0;
}

/* Four quarters of one colour each: white, red, green, blue (from the top left, by rows). */
static struct image new_quarters(int width, int height)
{
    static const uint8_t colours[4][3] = {
        {250, 250, 250}, {220, 20, 20}, {20, 220, 20}, {20, 20, 220}};
    struct image image;
    assert_int_equal(image_init(&image, width, height), ERR_OK);
    for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
            memcpy(image.rgb + ((size_t)y * (size_t)width + (size_t)x) * 3,
                   colours[(y >= height / 2 ? 2 : 0) + (x >= width / 2 ? 1 : 0)], 3);
        }
    }
    return image;
}

static uint8_t *new_jpeg(int width, int height, size_t *out_size)
{
    struct image image = new_quarters(width, height);
    uint8_t *bytes = NULL;
    assert_int_equal(image_encode(&image, 90, &bytes, out_size), ERR_OK);
    image_release(&image);
    return bytes;
}

/* 'w', 'r', 'g', 'b' of the pixel in the middle of a quarter; '?' for anything else. */
static char colour_at(const struct image *image, int quarter)
{
    int x = image->width / 4 + ((quarter & 1) != 0 ? image->width / 2 : 0);
    int y = image->height / 4 + ((quarter & 2) != 0 ? image->height / 2 : 0);
    const uint8_t *p = image->rgb + ((size_t)y * (size_t)image->width + (size_t)x) * 3;
    bool r = p[0] > 128, g = p[1] > 128, b = p[2] > 128;
    return r && g && b     ? 'w'
           : r && !g && !b ? 'r'
           : g && !r && !b ? 'g'
           : b && !r && !g ? 'b'
                           : '?';
}

static void assert_quarters(const struct image *image, const char *wanted)
{
    char seen[5] = {colour_at(image, 0), colour_at(image, 1), colour_at(image, 2),
                    colour_at(image, 3), '\0'};
    assert_string_equal(seen, wanted);
}

static enum err decode(const void *bytes, size_t size, struct image *out)
{
    return decoder_pool_decode(pool, bytes, size, IMAGE_SIDE_MAX, out);
}

static void assert_pool_works(void)
{
    size_t size = 0;
    struct image image = {0};
    uint8_t *jpeg = new_jpeg(WIDTH, HEIGHT, &size);
    for (int i = 0; i < 3; i++) { /* both decoders get their turn */
        assert_int_equal(decode(jpeg, size, &image), ERR_OK);
        assert_quarters(&image, "wrgb");
        image_release(&image);
    }
    free(jpeg);
}

static void test_vision_image__decodes_jpeg(void **state)
{
    (void)state;
    assert_pool_works();
}

static void test_vision_image__reduces_what_is_too_wide(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        int width, height, wanted_width, wanted_height;
    } rows[] = {
        {"as large as allowed", 1920, 100, 1920, 100},
        {"a little too wide", 2000, 1000, 1920, 960},
        {"twice", 3840, 2160, 1920, 1080},
        {"a phone's, upright", 3000, 4000, 1440, 1920},
        {"smallest", 64, 64, 64, 64},
    };
    UNIT_ROWS(rows, row)
    {
        UNIT_SAY("%s", row->what);
        size_t size = 0;
        struct image image = {0};
        uint8_t *jpeg = new_jpeg(row->width, row->height, &size);
        assert_int_equal(decode(jpeg, size, &image), ERR_OK);
        assert_int_equal(image.width, row->wanted_width);
        assert_int_equal(image.height, row->wanted_height);
        assert_quarters(&image, "wrgb");
        image_release(&image);
        free(jpeg);
    }
}

/* An APP1 segment with one TIFF directory of one entry behind the start marker. */
static uint8_t *with_exif(const uint8_t *jpeg, size_t size, bool is_big, uint8_t orientation,
                          size_t *out_size)
{
    static const uint8_t big[] = {0xff, 0xe1, 0, 34, 'E', 'x', 'i', 'f', 0, 0,    'M', 'M',
                                  0,    42,   0, 0,  0,   8,   0,   1,   1, 0x12, 0,   3,
                                  0,    0,    0, 1,  0,   0,   0,   0,   0, 0,    0,   0};
    static const uint8_t little[] = {0xff, 0xe1, 0, 34, 'E', 'x', 'i', 'f', 0,    0, 'I', 'I',
                                     42,   0,    8, 0,  0,   0,   1,   0,   0x12, 1, 3,   0,
                                     1,    0,    0, 0,  0,   0,   0,   0,   0,    0, 0,   0};
    uint8_t *bytes = malloc(size + sizeof big);
    assert_non_null(bytes);
    memcpy(bytes, jpeg, 2);
    memcpy(bytes + 2, is_big ? big : little, sizeof big);
    bytes[2 + (is_big ? 29 : 28)] = orientation;
    memcpy(bytes + 2 + sizeof big, jpeg + 2, size - 2);
    *out_size = size + sizeof big;
    return bytes;
}

static void test_vision_image__turns_upright_by_exif(void **state)
{
    (void)state;
    static const struct {
        uint8_t orientation;
        const char *quarters;
        bool swaps;
    } rows[] = {
        {1, "wrgb", false}, {2, "rwbg", false}, {3, "bgrw", false}, {4, "gbwr", false},
        {5, "wgrb", true},  {6, "gwbr", true},  {7, "brgw", true},  {8, "rbwg", true},
        {0, "wrgb", false}, {9, "wrgb", false},
    };
    size_t size = 0;
    uint8_t *jpeg = new_jpeg(WIDTH, HEIGHT, &size);
    UNIT_ROWS(rows, row)
    {
        UNIT_SAY("orientation %u", row->orientation);
        for (int is_big = 0; is_big < 2; is_big++) {
            size_t turned_size = 0;
            struct image image = {0};
            uint8_t *turned = with_exif(jpeg, size, is_big != 0, row->orientation, &turned_size);
            assert_int_equal(decode(turned, turned_size, &image), ERR_OK);
            assert_int_equal(image.width, row->swaps ? HEIGHT : WIDTH);
            assert_quarters(&image, row->quarters);
            image_release(&image);
            free(turned);
        }
    }
    free(jpeg);
}

static uint32_t crc_of(const uint8_t *bytes, size_t size)
{
    uint32_t crc = 0xffffffffU;
    for (size_t i = 0; i < size; i++) {
        crc ^= bytes[i];
        for (int k = 0; k < 8; k++) {
            crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xedb88320U : 0);
        }
    }
    return ~crc;
}

static void put_32(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)(value >> 24);
    at[1] = (uint8_t)(value >> 16);
    at[2] = (uint8_t)(value >> 8);
    at[3] = (uint8_t)value;
}

/* The quarters as PNG or WebP, without losses. Give it back with lept_free. */
static uint8_t *new_lossless(bool is_png, size_t *out_size)
{
    struct image image = new_quarters(WIDTH, HEIGHT);
    PIX *pix = pixCreate(WIDTH, HEIGHT, 32);
    l_uint8 *bytes = NULL;
    for (int y = 0; y < HEIGHT; y++) {
        for (int x = 0; x < WIDTH; x++) {
            const uint8_t *p = image.rgb + ((size_t)y * WIDTH + (size_t)x) * 3;
            assert_int_equal(pixSetRGBPixel(pix, x, y, p[0], p[1], p[2]), 0);
        }
    }
    assert_int_equal(is_png ? pixWriteMemPng(&bytes, out_size, pix, 0)
                            : pixWriteMemWebP(&bytes, out_size, pix, 100, 1),
                     0);
    pixDestroy(&pix);
    image_release(&image);
    return bytes;
}

/* A TIFF block with one entry, in an eXIf chunk behind IHDR or in an EXIF chunk at the end. */
static uint8_t *with_exif_chunk(const uint8_t *picture, size_t size, bool is_png, bool is_marked,
                                uint8_t orientation, size_t *out_size)
{
    uint8_t tiff[32] = {'E', 'x', 'i', 'f', 0,    0, 'M', 'M', 0, 42, 0, 0, 0,
                        8,   0,   1,   1,   0x12, 0, 3,   0,   0, 0,  1, 0, orientation};
    size_t skip = is_marked ? 0 : 6;
    const uint8_t *block = tiff + skip;
    size_t length = sizeof tiff - skip, at = is_png ? 33 : size; /* 33: signature and IHDR */
    uint8_t *bytes = malloc(size + length + 12);
    assert_non_null(bytes);
    memcpy(bytes, picture, at);
    uint8_t *chunk = bytes + at;
    if (is_png) {
        put_32(chunk, (uint32_t)length);
        memcpy(chunk + 4, "eXIf", 4);
        memcpy(chunk + 8, block, length);
        put_32(chunk + 8 + length, crc_of(chunk + 4, length + 4));
        memcpy(chunk + 12 + length, picture + at, size - at);
        *out_size = size + 12 + length;
        return bytes;
    }
    memcpy(chunk, "EXIF", 4);
    memcpy(chunk + 4, (uint8_t[]){(uint8_t)length, 0, 0, 0}, 4);
    memcpy(chunk + 8, block, length);
    *out_size = size + 8 + length;
    uint32_t riff = (uint32_t)*out_size - 8;
    memcpy(bytes + 4, &riff, 4); /* little endian, as this machine */
    return bytes;
}

static void test_vision_image__turns_every_format_upright(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        bool is_png, is_marked;
        uint8_t orientation;
        const char *quarters;
        bool swaps;
    } rows[] = {
        {"PNG as stored", true, false, 1, "wrgb", false},
        {"PNG upside down", true, false, 3, "bgrw", false},
        {"PNG from a phone held upright", true, false, 6, "gwbr", true},
        {"PNG mirrored and turned", true, false, 7, "brgw", true},
        {"WebP as stored", false, false, 1, "wrgb", false},
        {"WebP upside down", false, false, 3, "bgrw", false},
        {"WebP from a phone held upright", false, false, 6, "gwbr", true},
        {"WebP whose writer kept the mark", false, true, 8, "rbwg", true},
        {"PNG of a value that does not exist", true, false, 9, "wrgb", false},
    };
    UNIT_ROWS(rows, row)
    {
        UNIT_SAY("%s", row->what);
        size_t size = 0, turned_size = 0;
        struct image image = {0};
        uint8_t *picture = new_lossless(row->is_png, &size);
        uint8_t *turned = with_exif_chunk(picture, size, row->is_png, row->is_marked,
                                          row->orientation, &turned_size);
        assert_int_equal(decode(turned, turned_size, &image), ERR_OK);
        assert_int_equal(image.width, row->swaps ? HEIGHT : WIDTH);
        assert_quarters(&image, row->quarters);
        image_release(&image);
        free(turned);
        lept_free(picture);
    }
}

/* A PNG's first chunk, its check right, and nothing behind it. */
static size_t png_header(uint32_t width, uint32_t height, uint8_t out[64])
{
    static const uint8_t start[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n',
                                    0,    0,   0,   13,  'I',  'H',  'D',  'R'};
    memset(out, 0, 64);
    memcpy(out, start, sizeof start);
    put_32(out + 16, width);
    put_32(out + 20, height);
    out[24] = 8;
    out[25] = 2;
    put_32(out + 29, crc_of(out + 12, 17));
    return 64;
}

static void test_vision_image__refuses_png_bombs(void **state)
{
    (void)state;
    static const struct {
        uint32_t width, height;
        enum err wanted;
    } rows[] = {
        {30000, 30000, ERR_PICTURE_TOO_LARGE},
        {6000, 4001, ERR_PICTURE_TOO_LARGE},
        {6000, 4000, ERR_PICTURE_UNREADABLE}, /* as large as allowed, but there are no pixels */
        {0x7fffffff, 0x7fffffff, ERR_PICTURE_TOO_LARGE},
        {0, 10, ERR_PICTURE_UNREADABLE},
    };
    UNIT_ROWS(rows, row)
    {
        uint8_t png[64];
        struct image image = {0};
        UNIT_SAY("%u x %u", row->width, row->height);
        enum err err = decode(png, png_header(row->width, row->height, png), &image);
        assert_int_equal(err, row->wanted);
        assert_null(image.rgb);
    }
    assert_pool_works();
}

/* Where the frame header (SOF0) of a JPEG begins; 0: nowhere. */
static size_t frame_of(const uint8_t *jpeg, size_t size)
{
    for (size_t i = 2; i + 9 < size; i++) {
        if (jpeg[i] == 0xff && jpeg[i + 1] == 0xc0) {
            return i;
        }
    }
    return 0;
}

static void test_vision_image__refuses_jpeg_bombs(void **state)
{
    (void)state;
    size_t size = 0;
    struct image image = {0};
    uint8_t *jpeg = new_jpeg(WIDTH, HEIGHT, &size);
    size_t at = frame_of(jpeg, size);
    assert_true(at > 0);
    uint8_t *frame = jpeg + at;
    memset(frame + 5, 0xff, 4);
    frame[5] = 0xfa; /* libjpeg's own limit is 65,500 */
    frame[7] = 0xfa;
    assert_int_equal(decode(jpeg, size, &image), ERR_PICTURE_TOO_LARGE);
    memset(frame + 5, 0xff, 4);
    assert_int_not_equal(decode(jpeg, size, &image), ERR_OK);
    assert_null(image.rgb);
    free(jpeg);
    assert_pool_works();
}

static void test_vision_image__refuses_what_is_no_picture(void **state)
{
    (void)state;
    static uint8_t large[IMAGE_BYTES_MAX + 1];
    static const struct {
        const char *what, *bytes;
        size_t size;
        enum err wanted;
    } rows[] = {
        {"nothing", "", 0, ERR_PICTURE_UNREADABLE},
        {"one byte", "\xff", 1, ERR_PICTURE_UNREADABLE},
        {"text", "This is a letter, not a picture, whatever its name may say.", 59,
         ERR_PICTURE_UNREADABLE},
        {"a GIF", "GIF89a\x40\x00\x40\x00\x80 and then no pixels, but 32 bytes at least", 50,
         ERR_PICTURE_UNREADABLE},
        {"a TIFF", "II*\x00\x08\x00\x00\x00\x00\x00zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz", 40,
         ERR_PICTURE_UNREADABLE},
        {"3 MB and a byte", (const char *)large, sizeof large, ERR_PICTURE_TOO_LARGE},
        {"3 MB of nothing", (const char *)large, sizeof large - 1, ERR_PICTURE_UNREADABLE},
    };
    struct image image = {0};
    UNIT_ROWS(rows, row)
    {
        UNIT_SAY("%s", row->what);
        assert_int_equal(decode(row->bytes, row->size, &image), row->wanted);
        assert_null(image.rgb);
    }
    size_t size = 0;
    uint8_t *jpeg = new_jpeg(63, 200, &size);
    assert_int_equal(decode(jpeg, size, &image),
                     ERR_PICTURE_UNREADABLE); /* too narrow for a face */
    free(jpeg);
}

static void test_vision_image__survives_damage(void **state)
{
    (void)state;
    size_t size = 0;
    uint64_t seed = 20261121;
    uint8_t *jpeg = new_jpeg(WIDTH, HEIGHT, &size), *damaged = malloc(size + 36);
    assert_non_null(damaged);
    for (int i = 0; i < 300; i++) {
        size_t now = 0;
        uint8_t *turned = with_exif(jpeg, size, (i & 1) != 0, 6, &now);
        UNIT_SAY("mutation %d", i);
        memcpy(damaged, turned, now);
        free(turned);
        for (uint64_t k = 0; k <= unit_random(&seed) % 8; k++) {
            damaged[unit_random(&seed) % (i % 3 == 0 ? 60 : now)] = (uint8_t)unit_random(&seed);
        }
        if (i % 5 == 0) {
            now = unit_random(&seed) % now;
        }
        struct image image = {0};
        enum err err = decode(damaged, now, &image);
        assert_true(err == ERR_OK || err == ERR_PICTURE_UNREADABLE || err == ERR_PICTURE_TOO_LARGE);
        assert_true((err == ERR_OK) == (image.rgb != NULL));
        assert_int_equal(picture_orientation(damaged, now) >= 1, 1);
        image_release(&image);
    }
    unit_row[0] = '\0';
    free(damaged);
    free(jpeg);
    assert_pool_works();
}

static void test_vision_image__decoder_is_confined(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        enum decoder_request_kind kind;
    } rows[] = {
        {"opens a file", DECODER_TRY_OPEN},
        {"makes a socket", DECODER_TRY_SOCKET},
        {"starts a process", DECODER_TRY_PROCESS},
    };
    UNIT_ROWS(rows, row)
    {
        int number = 0;
        UNIT_SAY("%s", row->what);
        assert_int_equal(decoder_pool_try(pool, row->kind, 20000000, &number),
                         ERR_PICTURE_UNREADABLE);
        assert_int_equal(number, SIGSYS);
    }
    assert_pool_works();
}

static void test_vision_image__decoder_has_bounded_memory(void **state)
{
    (void)state;
#ifdef __SANITIZE_ADDRESS__
    skip(); /* the sanitizer's own memory has no bound */
#endif
    int number = 0;
    assert_int_equal(decoder_pool_try(pool, DECODER_TRY_MEMORY, 5000000, &number), ERR_NO_MEMORY);
}

static void test_vision_image__decoder_that_hangs_is_ended(void **state)
{
    (void)state;
    int number = -1;
    pid_t before = decoder_pool_process(pool, 0);
    assert_int_equal(decoder_pool_try(pool, DECODER_TRY_LOOP, 100000, &number),
                     ERR_PICTURE_UNREADABLE);
    assert_int_equal(number, 0);
    assert_int_not_equal(kill(before, 0), 0);
    assert_pool_works();
}

static void kill_soon(void *argument)
{
    thread_sleep_us(50000);
    (void)kill(*(pid_t *)argument, SIGKILL);
}

static void test_vision_image__decoder_killed_while_busy_is_replaced(void **state)
{
    (void)state;
    int number = 0;
    struct thread thread;
    pid_t process = decoder_pool_process(pool, 0);
    assert_int_equal(thread_start(&thread, "killer", kill_soon, &process), ERR_OK);
    assert_int_equal(decoder_pool_try(pool, DECODER_TRY_LOOP, 30000000, &number),
                     ERR_PICTURE_UNREADABLE);
    thread_join(&thread);
    assert_int_equal(number, SIGKILL); /* not the time limit */
    assert_pool_works();
}

static void test_vision_image__decoder_killed_while_idle_is_replaced(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        pid_t process = decoder_pool_process(pool, i);
        assert_int_equal(kill(process, SIGKILL), 0);
    }
    (void)usleep(20000);
    assert_pool_works();
}

/* EVIDENCE: a compromised decoder affects no other picture: each has a process of its own. */
static void test_vision_image__decoder_is_renewed(void **state)
{
    (void)state;
    size_t size = 0;
    uint8_t *jpeg = new_jpeg(64, 64, &size);
    for (int i = 0; i < 4; i++) {
        struct image image = {0};
        pid_t before = decoder_pool_process(pool, 0);
        assert_int_equal(decode(jpeg, size, &image), ERR_OK);
        assert_int_not_equal(decoder_pool_process(pool, 0), before);
        image_release(&image);
    }
    free(jpeg);
}

static void test_vision_image__crops_and_reduces(void **state)
{
    (void)state;
    struct image image = new_quarters(400, 200), part = {0};
    assert_int_equal(image_crop(&image, 0, 0, 400, 200, 100, &part), ERR_OK);
    assert_int_equal(part.width, 100);
    assert_int_equal(part.height, 50);
    assert_quarters(&part, "wrgb");
    image_release(&part);
    assert_int_equal(image_crop(&image, 200, 0, 200, 100, 1000, &part), ERR_OK);
    assert_int_equal(part.width, 200);
    assert_quarters(&part, "rrrr");
    image_release(&part);
    assert_int_equal(image_crop(&image, 300, 150, 500, 500, 100, &part),
                     ERR_OK); /* over the edge */
    assert_quarters(&part, "bbbb");
    image_release(&part);
    image_release(&image);
}

int main(int argc, char **argv)
{
    VISION_FIXTURE_MAIN
    const struct CMUnitTest tests[] = {
        UNIT_TEST(test_vision_image__decodes_jpeg),
        UNIT_TEST(test_vision_image__reduces_what_is_too_wide),
        UNIT_TEST(test_vision_image__turns_upright_by_exif),
        UNIT_TEST(test_vision_image__turns_every_format_upright),
        UNIT_TEST(test_vision_image__refuses_png_bombs),
        UNIT_TEST(test_vision_image__refuses_jpeg_bombs),
        UNIT_TEST(test_vision_image__refuses_what_is_no_picture),
        UNIT_TEST(test_vision_image__survives_damage),
        UNIT_TEST(test_vision_image__decoder_is_confined),
        UNIT_TEST(test_vision_image__decoder_has_bounded_memory),
        UNIT_TEST(test_vision_image__decoder_that_hangs_is_ended),
        UNIT_TEST(test_vision_image__decoder_killed_while_busy_is_replaced),
        UNIT_TEST(test_vision_image__decoder_killed_while_idle_is_replaced),
        UNIT_TEST(test_vision_image__decoder_is_renewed),
        UNIT_TEST(test_vision_image__crops_and_reduces),
    };
    return cmocka_run_group_tests(tests, open_pool, close_pool);
}
