/* sycee face replays: whether photographs are known again after tricks, and told apart without. */
#include "cli/cli.h"
#include "command/face_pictures.h"
#include "command/terminal.h"
#include "vision/image.h"

#include <argp.h>
#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#define PICTURES_MAX 4096
#define PATH_SIZE    4096

/* What somebody does to a photograph before it is shown again; zeros leave it as it is. */
struct trick {
    const char *name;
    double scale, crop; /* crop: share of each side that goes */
    double gain, gamma, contrast, tint, turn, stretch, noise;
    bool is_mirror;
    int quality;
};
static const struct trick tricks[] = {
    {.name = "saved anew, quality 95", .quality = 95},
    {.name = "saved anew, quality 60", .quality = 60},
    {.name = "saved anew, quality 30", .quality = 30},
    {.name = "half the size", .scale = 0.5, .quality = 85},
    {.name = "three quarters of the size", .scale = 0.75, .quality = 85},
    {.name = "1.5 times the size", .scale = 1.5, .quality = 85},
    {.name = "cropped by 5 % of each side", .crop = 0.05, .quality = 90},
    {.name = "cropped by 12 % of each side", .crop = 0.12, .quality = 90},
    {.name = "darker by 30 %", .gain = 0.7, .quality = 90},
    {.name = "brighter by 30 %", .gain = 1.3, .quality = 90},
    {.name = "gamma 0.7", .gamma = 0.7, .quality = 90},
    {.name = "gamma 1.4", .gamma = 1.4, .quality = 90},
    {.name = "contrast 0.6", .contrast = 0.6, .quality = 90},
    {.name = "tinted by 15 %", .tint = 0.15, .quality = 90},
    {.name = "grey", .tint = -1, .quality = 90},
    {.name = "noise of 12 levels", .noise = 12, .quality = 90},
    {.name = "turned by 3 degrees", .turn = 3, .quality = 90},
    {.name = "turned by 8 degrees", .turn = -8, .quality = 90},
    {.name = "stretched by 4 %", .stretch = 1.04, .quality = 90},
    {.name = "mirrored", .is_mirror = true, .quality = 90},
    {.name = "cropped, smaller, brighter, quality 50",
     .crop = 0.08,
     .scale = 0.7,
     .gain = 1.15,
     .quality = 50},
    {.name = "mirrored, turned, cropped, darker, noise, quality 60",
     .is_mirror = true,
     .turn = 3,
     .crop = 0.05,
     .gain = 0.85,
     .noise = 6,
     .quality = 60},
};
#define TRICK_COUNT (sizeof tricks / sizeof tricks[0])

struct replays {
    const char *folder;
    bool is_plain; /* without tricks */
    struct vision *vision;
    struct face_print *prints;
    char (*names)[256];
    size_t count;
    size_t without_face;
    struct {
        int least, farthest;
        size_t tried, known;
    } by_trick[TRICK_COUNT];
};

/* --- tricks ------------------------------------------------------------------------------------- */

static double level_of(double level, int channel, const struct trick *trick, uint64_t *state)
{
    double value = level / 255;
    value = trick->gamma != 0 ? pow(value, trick->gamma) : value;
    value *= trick->gain != 0 ? trick->gain : 1;
    value = trick->contrast != 0 ? 0.5 + (value - 0.5) * trick->contrast : value;
    value *= trick->tint > 0 ? 1 + trick->tint * (1 - channel) : 1;
    *state = *state * UINT64_C(6364136223846793005) + 1442695040888963407U;
    double chance = (double)(*state >> 40) / 16777216.0 * 2 - 1;
    value = value * 255 + chance * trick->noise;
    return value < 0 ? 0 : value > 255 ? 255 : value;
}

static void face_replays_repaint(struct image *image, const struct trick *trick)
{
    uint64_t state = 1;
    for (size_t i = 0; i < (size_t)image->width * (size_t)image->height; i++) {
        uint8_t *pixel = image->rgb + i * 3;
        double grey = image_luma(pixel);
        for (int c = 0; c < 3; c++) {
            double level = trick->tint < 0 ? grey : pixel[c];
            pixel[c] = (uint8_t)(level_of(level, c, trick, &state) + 0.5);
        }
    }
}

/* Turn, mirror and stretch about the middle. */
static struct affine map_of(const struct image *image, const struct trick *trick)
{
    double angle = trick->turn * M_PI / 180, x = image->width / 2.0, y = image->height / 2.0;
    double wide = (trick->stretch != 0 ? 1 / trick->stretch : 1) * (trick->is_mirror ? -1 : 1);
    double a = cos(angle) * wide, b = -sin(angle), d = sin(angle) * wide, e = cos(angle);
    return (struct affine){a, b, x - a * x - b * y, d, e, y - d * x - e * y};
}

static enum err face_replays_play(struct replays *replays, const struct image *image,
                                  const struct trick *trick, struct image *out)
{
    struct image turned = {0}, part = {0};
    struct affine map = map_of(image, trick);
    int x = (int)(image->width * trick->crop), y = (int)(image->height * trick->crop);
    int width = image->width - 2 * x, height = image->height - 2 * y;
    double scale = trick->scale != 0 ? trick->scale : 1;
    uint8_t *bytes = NULL;
    size_t size = 0;
    enum err err = image_warp(image, &map, image->width, image->height, &turned);
    err = err != ERR_OK ? err
                        : image_resample(&turned, x, y, width, height, (int)(width * scale),
                                         (int)(height * scale), &part);
    if (err == ERR_OK) {
        face_replays_repaint(&part, trick);
        err = image_encode(&part, trick->quality, &bytes, &size);
    }
    err = err != ERR_OK ? err : image_decode(replays->vision, bytes, size, out);
    free(bytes);
    image_release(&turned);
    image_release(&part);
    return err;
}

/* --- measuring ---------------------------------------------------------------------------------- */

static int bits_between(const struct face_print *a, const struct face_print *b)
{
    int straight = __builtin_popcountll(face_print_coarse(a, false) ^ face_print_coarse(b, false));
    int mirrored = __builtin_popcountll(face_print_coarse(a, false) ^ face_print_coarse(b, true));
    return straight < mirrored ? straight : mirrored;
}

static enum err try_tricks(struct replays *replays, const struct image *image,
                           const struct face_print *print)
{
    for (size_t i = 0; i < TRICK_COUNT; i++) {
        struct image other = {0};
        struct face face;
        struct face_template template;
        struct face_print again;
        enum err err = face_replays_play(replays, image, &tricks[i], &other);
        if (err == ERR_OK) {
            err = face_analyse_frame(replays->vision, &other, &face, &template, &again);
        }
        image_release(&other);
        if (err != ERR_OK) {
            return err;
        }
        if (face.count == 0) {
            continue; /* refused for another reason */
        }
        int likeness = face_print_likeness_ppm(print, &again);
        int bits = bits_between(print, &again);
        replays->by_trick[i].least =
            replays->by_trick[i].tried == 0 || likeness < replays->by_trick[i].least
                ? likeness
                : replays->by_trick[i].least;
        replays->by_trick[i].farthest =
            bits > replays->by_trick[i].farthest ? bits : replays->by_trick[i].farthest;
        replays->by_trick[i].tried++;
        replays->by_trick[i].known += likeness >= FACE_PRINT_SAME_PPM;
    }
    return ERR_OK;
}

static enum err face_replays_measure(struct replays *replays, const char *name)
{
    char path[PATH_SIZE];
    struct image image = {0};
    struct face face = {0};
    struct face_template template;
    struct face_print *print = &replays->prints[replays->count];
    if (snprintf(path, sizeof path, "%s/%s", replays->folder, name) >= (int)sizeof path) {
        return ERR_OVERFLOW;
    }
    enum err err = face_picture_read(replays->vision, path, &image);
    err =
        err != ERR_OK ? err : face_analyse_frame(replays->vision, &image, &face, &template, print);
    if (err == ERR_OK && face.count == 0) {
        replays->without_face++;
    } else if (err == ERR_OK) {
        snprintf(replays->names[replays->count], sizeof replays->names[0], "%s", name);
        replays->count++;
        err = replays->is_plain ? ERR_OK : try_tricks(replays, &image, print);
    }
    image_release(&image);
    return err;
}

static int by_size(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

/* Different files are different photographs. */
static enum err report_pairs(const struct replays *replays)
{
    size_t pairs = replays->count * (replays->count - 1) / 2, taken = 0, at = 0;
    int *all = calloc(pairs > 0 ? pairs : 1, sizeof *all), nearest = 64;
    if (all == NULL) {
        return ERR_NO_MEMORY;
    }
    for (size_t i = 0; i < replays->count; i++) {
        for (size_t k = 0; k < i; k++) {
            int likeness = face_print_likeness_ppm(&replays->prints[i], &replays->prints[k]);
            int bits = bits_between(&replays->prints[i], &replays->prints[k]);
            nearest = bits < nearest ? bits : nearest;
            taken += likeness >= FACE_PRINT_SAME_PPM;
            all[at++] = likeness;
            if (likeness >= FACE_PRINT_SAME_PPM - 100000) {
                printf("  %.3f  %s  %s\n", likeness / 1e6, replays->names[i], replays->names[k]);
            }
        }
    }
    qsort(all, pairs, sizeof *all, by_size);
    printf("%zu pairs of different photographs: %zu taken for one; likeness median %.3f, 99 %% "
           "below %.3f, 99.9 %% below %.3f, most %.3f; nearest %d bits\n",
           pairs, taken, pairs > 0 ? all[pairs / 2] / 1e6 : 0,
           pairs > 0 ? all[pairs * 99 / 100] / 1e6 : 0,
           pairs > 0 ? all[pairs * 999 / 1000] / 1e6 : 0, pairs > 0 ? all[pairs - 1] / 1e6 : 0,
           nearest);
    free(all);
    return ERR_OK;
}

static enum err face_replays_run(struct replays *replays)
{
    struct dirent **entries = NULL;
    int found = scandir(replays->folder, &entries, NULL, alphasort);
    enum err err = found < 0 ? ERR_NOT_FOUND : ERR_OK;
    for (int i = 0; i < found; i++) {
        const char *name = entries[i]->d_name;
        size_t size = strlen(name);
        if (err == ERR_OK && size > 4 && strcmp(name + size - 4, ".jpg") == 0 &&
            replays->count < PICTURES_MAX) {
            err = face_replays_measure(replays, name);
        }
        free(entries[i]);
    }
    free(entries);
    err = err != ERR_OK ? err : report_pairs(replays);
    for (size_t i = 0; err == ERR_OK && i < TRICK_COUNT && !replays->is_plain; i++) {
        printf("%-55s %4zu of %4zu known again, likeness from %.3f, at most %d bits\n",
               tricks[i].name, replays->by_trick[i].known, replays->by_trick[i].tried,
               replays->by_trick[i].least / 1e6, replays->by_trick[i].farthest);
    }
    return err;
}

static const struct argp_option option_rows[] = {
    {"plain", 'p', NULL, 0, "only different photographs, no tricks", 0}, {0}};

static error_t face_replays_parse(int key, char *arg, struct argp_state *state)
{
    struct replays *replays = state->input;
    switch (key) {
    case 'p':
        replays->is_plain = true;
        return 0;
    case ARGP_KEY_ARG:
        if (replays->folder != NULL) {
            argp_error(state, "one folder only");
        }
        replays->folder = arg;
        return 0;
    case ARGP_KEY_END:
        if (replays->folder == NULL) {
            argp_error(state, "the folder with the pictures is missing");
        }
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int cli_face_replays(int argc, char **argv)
{
    static const struct argp argp = {
        option_rows,
        face_replays_parse,
        "DIR",
        "Compares every two photographs (*.jpg) of a folder, which must be different ones, and "
        "each "
        "with itself after it was saved anew, resized, cropped, repainted, turned or mirrored.",
        NULL,
        NULL,
        NULL};
    struct replays replays = {.folder = NULL};
    argp_err_exit_status = EX_USAGE;
    argp_parse(&argp, argc, argv, 0, NULL, &replays);
    int code = face_room_open(1, &replays.vision);
    if (code != 0) {
        return code;
    }
    replays.prints = calloc(PICTURES_MAX + 1, sizeof *replays.prints);
    replays.names = calloc(PICTURES_MAX + 1, sizeof *replays.names);
    enum err err = replays.prints == NULL || replays.names == NULL ? ERR_NO_MEMORY
                                                                   : face_replays_run(&replays);
    free(replays.prints);
    free(replays.names);
    vision_close(replays.vision);
    return err == ERR_OK ? 0 : terminal_fail(replays.folder, err);
}
