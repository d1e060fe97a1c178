/* sycee face: how well faces are told apart on a set of pictures; two pictures compared. */
#include "cli/cli.h"
#include "command/face_pictures.h"
#include "command/terminal.h"

#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>
#include <time.h>

struct comparison {
    const char *paths[2];
    struct face faces[2];
    struct face_template templates[2];
};

static error_t face_parse(int key, char *arg, struct argp_state *state)
{
    struct comparison *comparison = state->input;
    switch (key) {
    case ARGP_KEY_ARG:
        if (state->arg_num > 1) {
            argp_error(state, "too many pictures");
        } else {
            comparison->paths[state->arg_num] = arg;
        }
        return 0;
    case ARGP_KEY_END:
        if (state->arg_num < 2) {
            argp_error(state, "two pictures are needed");
        }
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static int64_t now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void print_face(const char *path, const struct face *face)
{
    printf("%s\n  quality    %s (as a card's portrait: %s)\n", path,
           face_quality_name(face_quality_of(face, false)),
           face_quality_name(face_quality_of(face, true)));
    if (face->count == 0) {
        return;
    }
    printf("  faces      %d, the largest %d x %d at %d, %d; detector %.3f\n", face->count,
           face->width, face->height, face->x, face->y, face->score_ppm / 1e6);
    printf("  eyes       %d pixels apart, openness %.3f; mouth %.3f\n", face->eye_distance_px,
           face->eyes_open_ppm / 1e6, face->mouth_open_ppm / 1e6);
    printf("  pose       yaw %+.1f, pitch %+.1f, roll %+.1f degrees\n", face->yaw_tenths / 10.0,
           face->pitch_tenths / 10.0, face->roll_tenths / 10.0);
    printf("  light      %d of 255, sharpness %d\n", face->brightness, face->sharpness);
    printf("  passive    alive %.3f, signs of a screen %.3f\n", face->live_ppm / 1e6,
           face->screen_ppm / 1e6);
}

static int face_do_analyse(struct vision *vision, struct comparison *comparison)
{
    for (int i = 0; i < 2; i++) {
        struct image image = {0};
        enum err err = face_picture_read(vision, comparison->paths[i], &image);
        if (err == ERR_OK) {
            err = face_analyse(vision, &image, &comparison->faces[i], &comparison->templates[i]);
        }
        image_release(&image);
        if (err != ERR_OK) {
            return terminal_fail(comparison->paths[i], err);
        }
    }
    return 0;
}

static int face_compare(int argc, char **argv)
{
    static const struct argp argp = {
        NULL,
        face_parse,
        "A.jpg B.jpg",
        "Finds the largest face of each picture, rates its quality, and compares both.\v"
        "The models are those of build/models or $SYCEE_MODELS.",
        NULL,
        NULL,
        NULL};
    struct comparison comparison = {0};
    struct vision *vision = NULL;
    argp_err_exit_status = EX_USAGE;
    argp_parse(&argp, argc, argv, 0, NULL, &comparison);
    int code = face_room_open(1, &vision);
    if (code != 0) {
        return code;
    }
    int64_t started = now_us();
    code = face_do_analyse(vision, &comparison);
    int64_t took = now_us() - started;
    if (code == 0) {
        print_face(comparison.paths[0], &comparison.faces[0]);
        print_face(comparison.paths[1], &comparison.faces[1]);
    }
    if (code == 0 && comparison.faces[0].count > 0 && comparison.faces[1].count > 0) {
        int similarity = face_similarity_ppm(&comparison.templates[0], &comparison.templates[1]);
        printf("similarity   %.4f: %s (accept from %.3f, unsure from %.3f)\n", similarity / 1e6,
               face_band_name(face_band_of(similarity)), FACE_ACCEPT_PPM / 1e6,
               FACE_REVIEW_PPM / 1e6);
    }
    if (code == 0) {
        printf("version      %s\ntime         %.1f ms\n", vision_face_version(vision),
               (double)took / 1000);
    }
    vision_close(vision);
    return code;
}

int cli_face(int argc, char **argv)
{
    static const struct terminal_command commands[] = {
        {"evaluate", cli_face_evaluate, "accuracy and error rates on a labelled set"},
        {"compare", face_compare, "two pictures: quality, similarity, band, time"},
        {"replays", cli_face_replays,
         "repeated photographs recognised, different ones distinguished"},
        {0},
    };
    return terminal_dispatch("sycee face", "comparison of faces", commands, argc, argv);
}
