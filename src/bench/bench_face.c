/* sycee bench face: two pictures in, decision out, one after another, on one core. */
#include "bench/bench_private.h"
#include "bench/bench_tool.h"
#include "command/face_pictures.h"
#include "command/terminal.h"
#include "sys/file.h"
#include "sys/progress.h"

#include <argp.h>
#include <inttypes.h>
#include <jansson.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>
#include <time.h>

#define WARM_UP_COUNT 3

struct options {
    const char *paths[2];
    long count;
    bool as_json;
};

static const struct argp_option option_rows[] = {{"count", 'n', "N", 0, "comparisons (100)", 0},
                                                 {"json", 'j', NULL, 0, "print one JSON object", 0},
                                                 {0}};

static error_t bench_face_parse(int key, char *arg, struct argp_state *state)
{
    struct options *options = state->input;
    char *end = NULL;
    switch (key) {
    case 'n':
        options->count = strtol(arg, &end, 10);
        if (*end != '\0' || options->count < 1 || options->count > 1000000) {
            argp_error(state, "count: 1 to 1000000");
        }
        return 0;
    case 'j':
        options->as_json = true;
        return 0;
    case ARGP_KEY_ARG:
        if (state->arg_num > 1) {
            argp_error(state, "too many pictures");
        } else {
            options->paths[state->arg_num] = arg;
        }
        return 0;
    case ARGP_KEY_END:
        if (state->arg_num == 1) {
            argp_error(state, "two pictures, or none");
        }
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

struct upload {
    char *bytes;
    size_t size;
};

static int64_t now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static enum err bench_face_analyse(struct vision *vision, const struct upload *upload,
                                   struct face *out, struct face_template *out_template)
{
    struct image image = {0};
    enum err err = image_decode(vision, upload->bytes, upload->size, &image);
    if (err == ERR_OK) {
        err = face_analyse(vision, &image, out, out_template);
    }
    image_release(&image);
    return err == ERR_OK && out->count == 0 ? ERR_PICTURE_UNREADABLE : err;
}

static enum err bench_face_compare(struct vision *vision, const struct upload uploads[2],
                                   int *out_similarity)
{
    struct face faces[2];
    struct face_template templates[2];
    enum err err = bench_face_analyse(vision, &uploads[0], &faces[0], &templates[0]);
    if (err == ERR_OK) {
        err = bench_face_analyse(vision, &uploads[1], &faces[1], &templates[1]);
    }
    if (err == ERR_OK) {
        *out_similarity = face_similarity_ppm(&templates[0], &templates[1]);
    }
    return err;
}

static enum err bench_face_measure(const struct options *options, struct vision *vision,
                                   const struct upload uploads[2], struct latencies *latencies,
                                   int *out_similarity)
{
    struct progress progress;
    enum err err = ERR_OK;
    progress_start(&progress, "comparing", options->count, terminal_lang());
    for (long i = -WARM_UP_COUNT; i < options->count && err == ERR_OK; i++) {
        int64_t started = now_us();
        err = bench_face_compare(vision, uploads, out_similarity);
        if (i >= 0) {
            latencies_add(latencies, now_us() - started);
            progress_update(&progress, i + 1);
        }
    }
    progress_finish(&progress);
    return err;
}

static void bench_face_print(const struct options *options, struct latencies *latencies,
                             int similarity, const char *version)
{
    int64_t median = latencies_percentile(latencies, 50),
            slow = latencies_percentile(latencies, 99);
    if (options->as_json) {
        json_t *all = json_pack("{s:s, s:I, s:I, s:I, s:i, s:s}", "bench", "face", "comparisons",
                                (json_int_t)options->count, "medianUs", (json_int_t)median, "p99Us",
                                (json_int_t)slow, "similarityPpm", similarity, "version", version);
        (void)json_dumpf(all, stdout, 0);
        puts("");
        json_decref(all);
        return;
    }
    printf("%ld comparisons of two pictures, decoded, found, aligned, measured, embedded: median "
           "%.1f ms, 99 %% within %.1f ms\nsimilarity %.4f, %s, %s\n",
           options->count, (double)median / 1000, (double)slow / 1000, similarity / 1e6,
           face_band_name(face_band_of(similarity)), version);
}

/* One core for this process and the decoder that it starts. */
static void stay_on_one_core(void)
{
    cpu_set_t cores;
    CPU_ZERO(&cores);
    CPU_SET((size_t)sched_getcpu(), &cores);
    (void)sched_setaffinity(0, sizeof cores, &cores);
}

int bench_face_command(int argc, char **argv)
{
    static const struct argp argp = {
        option_rows,
        bench_face_parse,
        "[A.jpg B.jpg]",
        "Measures the time of one comparison on one core: two pictures in (as uploaded), decision "
        "out.\vWithout pictures: the sandbox's first resident, portrait and selfie.",
        NULL,
        NULL,
        NULL};
    struct options options = {
        .paths = {"sandbox/faces/01/portrait.jpg", "sandbox/faces/01/selfie.jpg"}, .count = 100};
    struct upload uploads[2] = {{NULL, 0}, {NULL, 0}};
    struct latencies latencies = {0};
    struct vision *vision = NULL;
    int similarity = 0;
    argp_err_exit_status = EX_USAGE;
    argp_parse(&argp, argc, argv, 0, NULL, &options);
    stay_on_one_core();
    int code = face_room_open(1, &vision);
    for (int i = 0; i < 2 && code == 0; i++) {
        enum err err =
            file_read(options.paths[i], IMAGE_BYTES_MAX, &uploads[i].bytes, &uploads[i].size);
        code = err == ERR_OK ? 0 : terminal_fail(options.paths[i], err);
    }
    if (code == 0) {
        enum err err = bench_face_measure(&options, vision, uploads, &latencies, &similarity);
        code = err == ERR_OK ? 0 : terminal_fail("bench face", err);
    }
    if (code == 0) {
        bench_face_print(&options, &latencies, similarity, vision_face_version(vision));
    }
    latencies_release(&latencies);
    free(uploads[0].bytes);
    free(uploads[1].bytes);
    vision_close(vision);
    return code;
}
