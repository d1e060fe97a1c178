/*
 * An open vision room for tests, with this test program as its own picture decoder: main begins with
 * VISION_FIXTURE_MAIN. Models: $SYCEE_MODELS or build/models (`make models`). Include once.
 */
#ifndef TESTS_UNIT_VISION_FIXTURE_H
#define TESTS_UNIT_VISION_FIXTURE_H

#include "unit/base_fixture.h"
#include "vision/vision.h"

#include <string.h>

/* First line of main(int argc, char **argv): the same program, started again, decodes pictures. */
#define VISION_FIXTURE_MAIN                                                                        \
    if (argc > 1 && strcmp(argv[1], "vision-decoder") == 0) {                                      \
        return image_decoder_main(argc, argv);                                                     \
    }

static inline const char *vision_fixture_models(void)
{
    const char *folder = getenv("SYCEE_MODELS");
    return folder != NULL && folder[0] != '\0' ? folder : "build/models";
}

/* Opened at the first call and kept to the end of the program: loading takes a while. */
static struct vision *vision_fixture_room;

static inline struct vision *vision_fixture(void)
{
    if (vision_fixture_room == NULL) {
        enum err err = vision_open(&(struct vision_options){.models = vision_fixture_models(),
                                                            .program = "/proc/self/exe",
                                                            .decoder_count = 2},
                                   &vision_fixture_room);
        if (err != ERR_OK) {
            print_error("vision_open: %s; are the models there? (make models)\n", err_slug(err));
        }
        assert_int_equal(err, ERR_OK);
    }
    return vision_fixture_room;
}

static inline int vision_fixture_close(void **state)
{
    (void)state;
    vision_close(vision_fixture_room);
    vision_fixture_room = NULL;
    return 0;
}

/* A file of the repository as a decoded picture; the caller releases it. */
static inline struct image vision_fixture_picture(const char *path)
{
    static uint8_t bytes[IMAGE_BYTES_MAX];
    struct image image = {0};
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        print_error("no such picture: %s\n", path);
    }
    assert_non_null(file);
    size_t size = fread(bytes, 1, sizeof bytes, file);
    (void)fclose(file);
    assert_int_equal(image_decode(vision_fixture(), bytes, size, &image), ERR_OK);
    return image;
}

#endif
