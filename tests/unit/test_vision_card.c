/* Resident ID cards, drawn by the sandbox: found, straightened, read; unread fields stay empty;
 * anomalies are reported. EVIDENCE: REQ-KYC-02. */
#include "unit/vision_fixture.h"

#include "vision/card_private.h"

#include <errno.h>
#include <math.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATH_SIZE 512

extern char **environ;

static char pictures[PATH_SIZE]; /* folder */

/* --- Pictures --------------------------------------------------------------------------------- */

/* The sandbox lies beside the folder of the tests: build/<mode>/tests/… and build/<mode>/sandbox. */
static void sandbox_path(char out[PATH_SIZE])
{
    ssize_t size = readlink("/proc/self/exe", out, PATH_SIZE - 16);
    assert_true(size > 0);
    out[size] = '\0';
    for (int i = 0; i < 2; i++) {
        char *slash = strrchr(out, '/');
        assert_non_null(slash);
        *slash = '\0';
    }
    (void)snprintf(out + strlen(out), 16, "/sandbox");
}

static int draw_pictures(void **state)
{
    (void)state;
    char program[PATH_SIZE], draw[] = "--draw", rows[] = "--draw-rows", one[] = "1";
    sandbox_path(program);
    const char *work = getenv("TMPDIR");
    (void)snprintf(pictures, sizeof pictures, "%s/sycee-cards.XXXXXX", work ? work : "/tmp");
    assert_non_null(mkdtemp(pictures));
    char *argv[] = {program, draw, pictures, rows, one, NULL};
    pid_t child;
    int status = -1;
    if (posix_spawn(&child, program, NULL, NULL, argv, environ) != 0) {
        print_error("could not start %s (build the sandbox first)\n", program);
        return -1;
    }
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return status == 0 ? 0 : -1;
}

static int remove_pictures(void **state)
{
    char path[PATH_SIZE * 2];
    static const char *const kinds[] = {"flat", "photo-1", "photo-2", "photo-3", "screen",
                                        "copy", "edited",  "blur",    "cut",     "glare"};
    static const char *const faces[] = {"portrait", "selfie", "left", "right",
                                        "up",       "blink",  "mouth"};
    for (size_t i = 0; i < 2 * sizeof kinds / sizeof *kinds; i++) {
        (void)snprintf(path, sizeof path, "%s/01-%s-%s.jpg", pictures, i % 2 ? "back" : "front",
                       kinds[i / 2]);
        (void)unlink(path);
    }
    for (size_t i = 0; i < sizeof faces / sizeof *faces; i++) {
        (void)snprintf(path, sizeof path, "%s/01-%s.jpg", pictures, faces[i]);
        (void)unlink(path);
    }
    (void)rmdir(pictures);
    return vision_fixture_close(state);
}

static struct image picture(const char *name)
{
    char path[PATH_SIZE * 2];
    (void)snprintf(path, sizeof path, "%s/%s.jpg", pictures, name);
    return vision_fixture_picture(path);
}

static struct card_reading read_picture(const char *name)
{
    struct image image = picture(name);
    struct card_reading reading;
    assert_int_equal(card_read(vision_fixture(), &image, &reading, NULL), ERR_OK);
    image_release(&image);
    return reading;
}

static struct date day(const char *text)
{
    struct date date;
    assert_int_equal(date_parse(text, &date), ERR_OK);
    return date;
}

/* --- Parsing ---------------------------------------------------------------------------------- */

static void test_vision_card__parses_names(void **state)
{
    (void)state;
    static const char *const bad[] = {"",      "林",     "林A",      "林AB溪", "·林溪",
                                      "林溪·", "林··溪", "\xE6\x9E", "name",   "林\xE6"};
    char out[CARD_NAME_SIZE] = "kept";
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_false(card_parse_name(bad[i], out));
        assert_string_equal(out, "kept");
    }
    assert_true(card_parse_name("林若溪", out));
    assert_string_equal(out, "林若溪");
    assert_true(card_parse_name("阿依古丽•买买提", out));
    assert_string_equal(out, "阿依古丽·买买提");
    assert_true(card_parse_name("阿依古丽\uFF65买买提", out));
    assert_string_equal(out, "阿依古丽·买买提");
    assert_true(card_parse_name("刘〇", out));
    assert_string_equal(out, "刘〇");
    assert_true(card_parse_name("林 若溪", out));
    assert_string_equal(out, "林若溪");
    /* one letter that cannot be one is left to the person */
    assert_true(card_parse_name("林A溪", out));
    assert_string_equal(out, "林□溪");
    char longest[31 * 3 + 1] = "";
    for (int i = 0; i < 31; i++) {
        memcpy(longest + (ptrdiff_t)i * 3, "林", 4);
    }
    assert_false(card_parse_name(longest, out));
    assert_true(card_parse_name(longest + 3, out));
}

static void test_vision_card__parses_nations_and_places(void **state)
{
    (void)state;
    char nation[25] = "", address[CARD_ADDRESS_SIZE] = "", issuer[CARD_AUTHORITY_SIZE] = "";
    assert_true(card_parse_nation("汉", nation) && card_parse_nation("维吾尔", nation));
    assert_string_equal(nation, "维吾尔");
    assert_false(card_parse_nation("", nation) || card_parse_nation("汉族", nation) ||
                 card_parse_nation("维吾", nation) || card_parse_nation("X", nation));
    assert_true(card_parse_address("江苏省南京市玄武区长乐坊41号B座1-2（东）", address));
    static const char *const bad_addresses[] = {"",
                                                "南京",
                                                "41号江苏省南京市",
                                                "1234567890",
                                                "南1234567890",
                                                "江苏省\x01\x02\x03市",
                                                "江苏省南京市\xE5",
                                                "江苏省<><>"};
    for (size_t i = 0; i < sizeof bad_addresses / sizeof *bad_addresses; i++) {
        assert_false(card_parse_address(bad_addresses[i], address));
    }
    static const char *const good_addresses[][2] = {
        {"江苏省 南京市", "江苏省南京市"},
        {"江苏省南京市玄武区４１号", "江苏省南京市玄武区41号"},
        {"江苏省南京市Ⅱ区〇组", "江苏省南京市II区〇组"},
        {"江苏省南京市玄武区:41号", "江苏省南京市玄武区:41号"},
        {"江苏省南京市<玄武区", "江苏省南京市□玄武区"},
    };
    for (size_t i = 0; i < sizeof good_addresses / sizeof *good_addresses; i++) {
        assert_true(card_parse_address(good_addresses[i][0], address));
        assert_string_equal(address, good_addresses[i][1]);
    }
    char longest[CARD_ADDRESS_SIZE + 3] = "";
    for (size_t i = 0; i + 3 < sizeof longest; i += 3) {
        memcpy(longest + i, "南", 4);
    }
    assert_false(card_parse_address(longest, address));
    assert_true(card_parse_issuer("南京市公安局玄武分局", issuer));
    static const char *const bad_issuers[] = {
        "", "南京市", "公安局玄武分局", "南京市公安局玄武分", "南京市民政局", "公安123局"};
    for (size_t i = 0; i < sizeof bad_issuers / sizeof *bad_issuers; i++) {
        assert_false(card_parse_issuer(bad_issuers[i], issuer));
    }
    assert_string_equal(issuer, "南京市公安局玄武分局");
    assert_true(card_parse_issuer("南京市公安局1分局", issuer));
    assert_string_equal(issuer, "南京市公安局□分局");
}

static void test_vision_card__masks_letters_that_are_not_sure(void **state)
{
    (void)state;
    struct card_text text = {.text = "林翀溪", .count = 3, .certainties = {990000, 400000, 950000}};
    card_text_mask(&text, 700000);
    assert_string_equal(text.text, "林□溪");
    assert_int_equal(text.confidence_ppm, 950000);
    text = (struct card_text){.text = "林", .count = 1, .certainties = {400000}};
    card_text_mask(&text, 700000);
    assert_string_equal(text.text, "□");
    assert_int_equal(text.confidence_ppm, 0);
}

static void test_vision_card__parses_dates(void **state)
{
    (void)state;
    struct date from = {1}, until = {2};
    bool is_long = false;
    static const char *const bad_births[] = {"",
                                             "1985年",
                                             "1985年3月9",
                                             "1985年03月9日",
                                             "1985年13月9日",
                                             "1985年2月30日",
                                             "185年3月9日",
                                             "1885年3月9日",
                                             "19850年3月9日",
                                             "1985年3月9日日",
                                             "年月日",
                                             "1985年3月99999999999日"};
    for (size_t i = 0; i < sizeof bad_births / sizeof *bad_births; i++) {
        assert_false(card_parse_birth(bad_births[i], &from));
    }
    assert_int_equal(from.days, 1);
    assert_true(card_parse_birth("1985年3月9日", &from));
    assert_int_equal(date_compare(from, day("1985-03-09")), 0);
    static const char *const bad_terms[] = {"",
                                            "2015.03.07",
                                            "2015.03.07-",
                                            "2015.03.07-2035.03.08",
                                            "2015.03.07-2036.03.07",
                                            "2015.3.7-2035.3.7",
                                            "2015.03.07-2035.03.07.",
                                            "2015.02.30-2035.02.30",
                                            "长期",
                                            "2035.03.07-2015.03.07",
                                            "2015.03.07-长",
                                            "2015.03.07长期",
                                            "2015-03-07-2035.03.07"};
    for (size_t i = 0; i < sizeof bad_terms / sizeof *bad_terms; i++) {
        assert_false(card_parse_validity(bad_terms[i], &from, &until, &is_long));
    }
    assert_int_equal(until.days, 2);
    assert_true(card_parse_validity("2015.03.07-2035.03.07", &from, &until, &is_long));
    assert_int_equal(date_compare(until, day("2035-03-07")), 0);
    assert_true(card_parse_validity("2016.02.29-2021.02.28", &from, &until, &is_long));
    assert_false(is_long);
    assert_true(card_parse_validity("2015.03.07-长期", &from, &until, &is_long));
    assert_true(is_long && until.days == 0);
}

static void test_vision_card__parses_numbers(void **state)
{
    (void)state;
    char out[19] = "kept";
    static const char *const bad[] = {"",
                                      "3201021985030981",
                                      "32010219850309810x",
                                      "X2010219850309810X",
                                      "32010219850309810X1",
                                      "3201021985030981 X"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_false(card_parse_number(bad[i], out));
        assert_false(card_number_holds(bad[i]));
    }
    assert_string_equal(out, "kept");
    assert_true(card_number_holds("32010219850309810X"));
    assert_int_equal(card_number_sex("32010219850309810X"), 0);
    assert_int_equal(card_number_sex("440103195601063736"), 1);
    assert_int_equal(date_compare(card_number_birth("440103195601063736"), day("1956-01-06")), 0);
    for (int i = 0; i < 17; i++) { /* the check character finds every single wrong digit */
        char number[] = "32010219850309810X";
        for (int step = 1; step < 10; step++) {
            number[i] = (char)('0' + (number[i] - '0' + 1) % 10);
            assert_false(card_number_holds(number));
        }
    }
}

/* --- Geometry --------------------------------------------------------------------------------- */

static void test_vision_card__maps_corners(void **state)
{
    (void)state;
    const struct card_point from[4] = {{0, 0}, {100, 0}, {100, 60}, {0, 60}};
    const struct card_point to[4] = {{10, 20}, {210, 25}, {190, 150}, {5, 140}};
    double h[9];
    assert_true(card_homography(from, to, h));
    for (int i = 0; i < 4; i++) {
        double w = h[6] * from[i].x + h[7] * from[i].y + h[8];
        assert_true(fabs((h[0] * from[i].x + h[1] * from[i].y + h[2]) / w - to[i].x) < 1e-6);
        assert_true(fabs((h[3] * from[i].x + h[4] * from[i].y + h[5]) / w - to[i].y) < 1e-6);
    }
    const struct card_point flat[4] = {{0, 0}, {50, 0}, {100, 0}, {150, 0}};
    assert_false(card_homography(flat, to, h));
}

static void test_vision_card__finds_no_card_where_none_is(void **state)
{
    (void)state;
    static const int sizes[][2] = {{64, 64}, {1280, 807}, {1600, 64}, {300, 1900}, {640, 480}};
    for (size_t k = 0; k < 2 * sizeof sizes / sizeof *sizes; k++) {
        struct image image;
        assert_int_equal(image_init(&image, sizes[k / 2][0], sizes[k / 2][1]), ERR_OK);
        uint32_t noise = 1;
        for (int i = 0; k % 2 == 1 && i < image.width * image.height * 3; i++) {
            noise = noise * 1664525U + 1013904223U;
            image.rgb[i] = (uint8_t)(noise >> 24);
        }
        struct card_reading reading;
        struct image card = {0};
        assert_int_equal(card_read(vision_fixture(), &image, &reading, &card), ERR_OK);
        assert_int_equal(reading.side, CARD_NONE);
        assert_int_equal(reading.findings, 0);
        assert_int_equal(reading.confidence_ppm, 0);
        assert_null(card.rgb);
        image_release(&image);
    }
}

/* --- Reading ---------------------------------------------------------------------------------- */

static void assert_front(const struct card_reading *reading)
{
    assert_int_equal(reading->side, CARD_FRONT);
    assert_string_equal(reading->name, "林若溪");
    assert_int_equal(reading->sex, 0);
    assert_string_equal(reading->nation, "汉");
    assert_int_equal(date_compare(reading->birth_date, day("1985-03-09")), 0);
    assert_string_equal(reading->address, "江苏省南京市玄武区长乐坊41号");
    assert_string_equal(reading->number, "32010219850309810X");
    assert_string_equal(reading->issuer, "");
    assert_true(reading->confidence_ppm > 700000);
}

static void assert_back(const struct card_reading *reading)
{
    assert_int_equal(reading->side, CARD_BACK);
    assert_string_equal(reading->issuer, "南京市公安局玄武分局");
    assert_int_equal(date_compare(reading->valid_from, day("2020-06-08")), 0);
    assert_int_equal(date_compare(reading->valid_until, day("2040-06-08")), 0);
    assert_false(reading->is_long_term);
    assert_string_equal(reading->number, "");
}

static void test_vision_card__reads_both_sides(void **state)
{
    (void)state;
    static const char *const kinds[] = {"flat", "photo-1", "photo-3"};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "01-front-%s", kinds[i]);
        struct card_reading front = read_picture(name);
        assert_front(&front);
        assert_int_equal(front.findings, 0);
        (void)snprintf(name, sizeof name, "01-back-%s", kinds[i]);
        struct card_reading back = read_picture(name);
        assert_back(&back);
        assert_int_equal(back.findings, 0);
    }
}

static void test_vision_card__finds_the_portrait(void **state)
{
    (void)state;
    if (access("sandbox/faces/01/portrait.jpg", R_OK) != 0) {
        skip();
    }
    struct image face = picture("01-portrait");
    struct face found;
    struct face_template template;
    assert_int_equal(face_analyse(vision_fixture(), &face, &found, &template), ERR_OK);
    image_release(&face);
    struct card_reading reading = read_picture("01-front-photo-1");
    assert_true(reading.has_portrait);
    assert_true(reading.portrait.x > 700);
    assert_int_equal(face_quality_of(&reading.portrait, true), FACE_GOOD);
    assert_true(face_similarity_ppm(&template, &reading.portrait_template) >= FACE_ACCEPT_PPM);
}

/* The picture turned by quarter turns clockwise. */
static struct image turned(const struct image *image, int turns)
{
    bool is_swapped = turns % 2 == 1;
    struct image out;
    assert_int_equal(image_init(&out, is_swapped ? image->height : image->width,
                                is_swapped ? image->width : image->height),
                     ERR_OK);
    for (int y = 0; y < out.height; y++) {
        for (int x = 0; x < out.width; x++) {
            int sx = turns == 1 ? y : turns == 2 ? image->width - 1 - x : image->width - 1 - y;
            int sy = turns == 1 ? image->height - 1 - x : turns == 2 ? image->height - 1 - y : x;
            memcpy(out.rgb + ((size_t)y * (size_t)out.width + (size_t)x) * 3,
                   image->rgb + ((size_t)sy * (size_t)image->width + (size_t)sx) * 3, 3);
        }
    }
    return out;
}

static void test_vision_card__reads_any_way_up(void **state)
{
    (void)state;
    struct image image = picture("01-front-photo-2");
    for (int turns = 1; turns < 4; turns++) {
        struct image other = turned(&image, turns);
        struct card_reading reading;
        struct image card = {0};
        assert_int_equal(card_read(vision_fixture(), &other, &reading, &card), ERR_OK);
        assert_front(&reading);
        assert_int_equal(card.width, CARD_FLAT_WIDTH);
        image_release(&card);
        image_release(&other);
    }
    image_release(&image);
}

static void test_vision_card__names_what_is_wrong(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint32_t wanted;
    } rows[] = {
        {"01-front-screen", CARD_FINDING_SCREEN}, {"01-back-screen", CARD_FINDING_SCREEN},
        {"01-front-copy", CARD_FINDING_COPY},     {"01-back-copy", CARD_FINDING_COPY},
        {"01-front-blur", CARD_FINDING_BLURRED},  {"01-back-blur", CARD_FINDING_BLURRED},
        {"01-front-cut", CARD_FINDING_CUT},       {"01-back-cut", CARD_FINDING_CUT},
        {"01-front-glare", CARD_FINDING_GLARE},   {"01-front-edited", CARD_FINDING_EDITED},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct card_reading reading = read_picture(rows[i].name);
        if ((reading.findings & rows[i].wanted) == 0) {
            print_error("%s: findings %x\n", rows[i].name, reading.findings);
        }
        assert_true((reading.findings & rows[i].wanted) != 0);
        /* an attack hides fields, but never invents others */
        bool is_edited = rows[i].wanted == CARD_FINDING_EDITED;
        assert_true(reading.name[0] == '\0' || strcmp(reading.name, "林若溪") == 0);
        assert_true(is_edited || reading.number[0] == '\0' ||
                    strcmp(reading.number, "32010219850309810X") == 0);
        assert_true(reading.address[0] == '\0' ||
                    strcmp(reading.address, "江苏省南京市玄武区长乐坊41号") == 0);
        assert_true(reading.issuer[0] == '\0' ||
                    strcmp(reading.issuer, "南京市公安局玄武分局") == 0);
        const uint32_t contradictions = CARD_FINDING_NUMBER | CARD_FINDING_MISMATCH;
        assert_int_equal((reading.findings & contradictions) != 0, is_edited);
    }
}

static void test_vision_card__names_a_small_card(void **state)
{
    (void)state;
    struct image image = picture("01-back-photo-1"), small;
    assert_int_equal(image_resample(&image, 0, 0, image.width, image.height, 800, 600, &small),
                     ERR_OK);
    struct card_reading reading;
    assert_int_equal(card_read(vision_fixture(), &small, &reading, NULL), ERR_OK);
    assert_int_equal(reading.side, CARD_BACK);
    assert_true((reading.findings & CARD_FINDING_SMALL) != 0);
    image_release(&small);
    image_release(&image);
}

int main(int argc, char **argv)
{
    VISION_FIXTURE_MAIN
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vision_card__parses_names),
        cmocka_unit_test(test_vision_card__parses_nations_and_places),
        cmocka_unit_test(test_vision_card__masks_letters_that_are_not_sure),
        cmocka_unit_test(test_vision_card__parses_dates),
        cmocka_unit_test(test_vision_card__parses_numbers),
        cmocka_unit_test(test_vision_card__maps_corners),
        cmocka_unit_test(test_vision_card__finds_no_card_where_none_is),
        cmocka_unit_test(test_vision_card__reads_both_sides),
        cmocka_unit_test(test_vision_card__finds_the_portrait),
        cmocka_unit_test(test_vision_card__reads_any_way_up),
        cmocka_unit_test(test_vision_card__names_what_is_wrong),
        cmocka_unit_test(test_vision_card__names_a_small_card),
    };
    return cmocka_run_group_tests(tests, draw_pictures, remove_pictures);
}
