/* Prints of photographs: copies of one photograph are recognised, two photographs of one person are
 * not. docs/FACE.md has the measurement over all residents. EVIDENCE: REQ-KYC-02. */
#include "unit/vision_fixture.h"
#include "vision/image.h"

#include <math.h>

static struct face_print print_of(const struct image *image)
{
    struct face face;
    struct face_template template;
    struct face_print print;
    assert_int_equal(face_analyse_frame(vision_fixture(), image, &face, &template, &print), ERR_OK);
    assert_int_equal(face.count, 1);
    return print;
}

static struct face_print print_of_file(const char *path)
{
    struct image image = vision_fixture_picture(path);
    struct face_print print = print_of(&image);
    image_release(&image);
    return print;
}

/* Alterations of a whole photograph: crop, size, turn or mirror, levels, recompression. */
static struct image repainted(const struct image *image, double crop, double scale, double turn,
                              bool is_mirror, double gain)
{
    struct image turned, part, out;
    double cosine = cos(turn) * (is_mirror ? -1 : 1), sine = sin(turn) * (is_mirror ? -1 : 1);
    double x = image->width / 2.0, y = image->height / 2.0;
    struct affine map = {cosine, -sin(turn), x - cosine * x + sin(turn) * y,
                         sine,   cos(turn),  y - sine * x - cos(turn) * y};
    double width = image->width * (1 - 2 * crop), height = image->height * (1 - 2 * crop);
    uint8_t *bytes = NULL;
    size_t size = 0;
    assert_int_equal(image_warp(image, &map, image->width, image->height, &turned), ERR_OK);
    assert_int_equal(image_resample(&turned, image->width * crop, image->height * crop, width,
                                    height, (int)(width * scale), (int)(height * scale), &part),
                     ERR_OK);
    for (size_t i = 0; i < (size_t)part.width * (size_t)part.height * 3; i++) {
        double value = part.rgb[i] * gain;
        part.rgb[i] = (uint8_t)(value > 255 ? 255 : value);
    }
    assert_int_equal(image_encode(&part, 60, &bytes, &size), ERR_OK);
    assert_int_equal(image_decode(vision_fixture(), bytes, size, &out), ERR_OK);
    free(bytes);
    image_release(&turned);
    image_release(&part);
    return out;
}

static void test_vision_print__knows_a_photograph_again(void **state)
{
    static const struct {
        const char *what;
        double crop, scale, turn;
        bool is_mirror;
        double gain;
    } rows[] = {
        {"saved anew", 0, 1, 0, false, 1},         {"smaller", 0, 0.7, 0, false, 1},
        {"cropped", 0.06, 1, 0, false, 1},         {"darker", 0, 1, 0, false, 0.75},
        {"turned", 0, 1, 0.05, false, 1},          {"mirrored", 0, 1, 0, true, 1},
        {"all of it", 0.04, 0.8, 0.03, true, 0.9},
    };
    struct image image = vision_fixture_picture("sandbox/faces/01/selfie.jpg");
    struct face_print print = print_of(&image);
    (void)state;
    assert_true(face_print_likeness_ppm(&print, &print) >= 900000);
    UNIT_ROWS(rows, row)
    {
        struct image other =
            repainted(&image, row->crop, row->scale, row->turn, row->is_mirror, row->gain);
        struct face_print again = print_of(&other);
        UNIT_SAY("%s: %d", row->what, face_print_likeness_ppm(&print, &again));
        assert_true(face_print_likeness_ppm(&print, &again) >= FACE_PRINT_SAME_PPM);
        assert_true(face_print_likeness_ppm(&again, &print) >= FACE_PRINT_SAME_PPM);
        image_release(&other);
    }
    image_release(&image);
}

/* The face moves against the room, as between two photographs. */
static struct image moved(const struct image *image, double pixels)
{
    struct image out;
    assert_int_equal(image_init(&out, image->width, image->height), ERR_OK);
    for (int y = 0; y < image->height; y++) {
        for (int x = 0; x < image->width; x++) {
            double u = (x - 0.52 * image->width) / (0.2 * image->width);
            double v = (y - 0.43 * image->height) / (0.2 * image->height);
            int from_x = x + (int)lround(pixels * exp(-u * u - v * v));
            from_x = from_x >= image->width ? image->width - 1 : from_x;
            memcpy(out.rgb + ((size_t)y * (size_t)image->width + (size_t)x) * 3,
                   image->rgb + ((size_t)y * (size_t)image->width + (size_t)from_x) * 3, 3);
        }
    }
    return out;
}

static void test_vision_print__tells_photographs_apart(void **state)
{
    static const char *const others[] = {"sandbox/faces/01/left.jpg", "sandbox/faces/01/up.jpg",
                                         "sandbox/faces/01/mouth.jpg",
                                         "sandbox/faces/08/selfie.jpg"};
    struct image image = vision_fixture_picture("sandbox/faces/01/selfie.jpg");
    struct face_print print = print_of(&image);
    struct face_print none = {{0}};
    (void)state;
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        struct face_print other = print_of_file(others[i]);
        UNIT_SAY("%s: %d", others[i], face_print_likeness_ppm(&print, &other));
        assert_true(face_print_likeness_ppm(&print, &other) < FACE_PRINT_SAME_PPM);
    }
    struct image second = moved(&image, 18);
    struct face_print other = print_of(&second);
    UNIT_SAY("moved: %d", face_print_likeness_ppm(&print, &other));
    assert_true(face_print_likeness_ppm(&print, &other) < FACE_PRINT_SAME_PPM);
    assert_int_equal(face_print_likeness_ppm(&print, &none), 0);
    assert_int_equal(face_print_likeness_ppm(&none, &none), 0);
    image_release(&second);
    image_release(&image);
}

static void test_vision_print__a_picture_without_a_face_has_none(void **state)
{
    struct image wall;
    struct face face;
    struct face_template template;
    struct face_print print;
    static const struct face_print none;
    (void)state;
    assert_int_equal(image_init(&wall, 320, 240), ERR_OK);
    memset(wall.rgb, 120, 320 * 240 * 3);
    memset(&print, 1, sizeof print);
    assert_int_equal(face_analyse_frame(vision_fixture(), &wall, &face, &template, &print), ERR_OK);
    assert_int_equal(face.count, 0);
    assert_memory_equal(&print, &none, sizeof print);
    image_release(&wall);
}

int main(int argc, char **argv)
{
    VISION_FIXTURE_MAIN
    const struct CMUnitTest tests[] = {
        UNIT_TEST(test_vision_print__knows_a_photograph_again),
        UNIT_TEST(test_vision_print__tells_photographs_apart),
        UNIT_TEST(test_vision_print__a_picture_without_a_face_has_none),
    };
    return cmocka_run_group_tests(tests, NULL, vision_fixture_close);
}
