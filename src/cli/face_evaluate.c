/* sycee face evaluate: the protocol of Labeled Faces in the Wild on a folder of pictures. */
#include "base/check.h"
#include "cli/cli.h"
#include "cli/face_protocol.h"
#include "command/face_pictures.h"
#include "command/terminal.h"
#include "sys/file.h"
#include "sys/progress.h"
#include "sys/thread.h"

#include <argp.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#define PAIRS_SIZE_MAX (64 * 1024 * 1024)
#define PEOPLE_MAX     1000000

enum { OPT_PAIRS = 256, OPT_SCORES };

struct options {
    const char *folder, *pairs, *scores;
    long jobs;
    bool as_json;
};

struct rate {
    int far_ppm_tenths; /* false accepts wanted, in tenths of a ppm */
    int threshold_ppm;
    int64_t passed; /* impostors at or above it */
    int64_t accepted;
};
#define RATE_COUNT 5

struct evaluation {
    struct options options;
    struct vision *vision;
    struct protocol_pair *pairs;
    size_t pair_count;
    int fold_count;
    struct face_pictures pictures;
    int64_t missed, unreadable; /* pictures without a face, or none at all */
    struct protocol_accuracy accuracy;
    struct protocol_accuracy models[FACE_MODEL_COUNT]; /* each alone */
    struct histogram genuine, impostors;               /* of the pairs */
    struct histogram all_impostors; /* every picture against every other person's */
    int equal_error_ppm, equal_error_at_ppm;
    struct rate rates[RATE_COUNT], all_rates[RATE_COUNT];
};

static const struct argp_option option_rows[] = {
    {"pairs", OPT_PAIRS, "FILE", 0, "the list of pairs (DIR/pairs.txt)", 0},
    {"jobs", 'j', "N", 0, "threads (one for each core)", 0},
    {"json", 'J', NULL, 0, "print one JSON object", 0},
    {"scores", OPT_SCORES, "FILE", 0, "also write each pair's score there", 0},
    {0}};

static error_t face_evaluate_parse(int key, char *arg, struct argp_state *state)
{
    struct options *options = state->input;
    char *end = NULL;
    switch (key) {
    case OPT_PAIRS:
        options->pairs = arg;
        return 0;
    case OPT_SCORES:
        options->scores = arg;
        return 0;
    case 'j':
        options->jobs = strtol(arg, &end, 10);
        if (*end != '\0' || options->jobs < 1 || options->jobs > 64) {
            argp_error(state, "jobs: 1 to 64");
        }
        return 0;
    case 'J':
        options->as_json = true;
        return 0;
    case ARGP_KEY_ARG:
        if (options->folder != NULL) {
            argp_error(state, "one folder only");
        }
        options->folder = arg;
        return 0;
    case ARGP_KEY_END:
        if (options->folder == NULL) {
            argp_error(state, "the folder with the pictures is missing");
        }
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* --- pictures --------------------------------------------------------------------------------- */

static enum err path_of(const char *folder, const char *name, int number, char out[FILE_PATH_MAX])
{
    int size = snprintf(out, FILE_PATH_MAX, "%s/%s/%s_%04d.jpg", folder, name, name, number);
    return size > 0 && size < FILE_PATH_MAX ? ERR_OK : ERR_OVERFLOW;
}

static enum err face_evaluate_collect(struct evaluation *evaluation)
{
    char path[FILE_PATH_MAX];
    enum err err = ERR_OK;
    for (size_t i = 0; i < evaluation->pair_count && err == ERR_OK; i++) {
        for (int k = 0; k < 2 && err == ERR_OK; k++) {
            err = path_of(evaluation->options.folder, evaluation->pairs[i].names[k],
                          evaluation->pairs[i].numbers[k], path);
            if (err == ERR_OK && !file_exists(path)) {
                fprintf(stderr, "sycee: face evaluate: no such picture: %s\n", path);
                return ERR_NOT_FOUND;
            }
            if (err == ERR_OK) {
                err = face_pictures_add(&evaluation->pictures, path);
            }
        }
    }
    face_pictures_sort(&evaluation->pictures);
    return err;
}

static void count_misses(struct evaluation *evaluation)
{
    for (size_t i = 0; i < evaluation->pictures.count; i++) {
        const struct face_picture *picture = &evaluation->pictures.items[i];
        evaluation->unreadable += picture->is_unreadable;
        evaluation->missed += !picture->is_unreadable && picture->face.count == 0;
    }
}

#define ALL_MODELS (-1)

static int score_of(const struct face_picture *a, const struct face_picture *b, int model)
{
    if (a->face.count == 0 || b->face.count == 0) {
        return PROTOCOL_MISSED;
    }
    return model == ALL_MODELS ? face_similarity_ppm(a->template, b->template)
                               : face_model_similarity_ppm(a->template, b->template, model);
}

static void score_pairs(struct evaluation *evaluation, int model)
{
    char path[FILE_PATH_MAX];
    for (size_t i = 0; i < evaluation->pair_count; i++) {
        struct protocol_pair *pair = &evaluation->pairs[i];
        const struct face_picture *sides[2];
        for (int k = 0; k < 2; k++) {
            CHECK(path_of(evaluation->options.folder, pair->names[k], pair->numbers[k], path) ==
                  ERR_OK);
            sides[k] = face_pictures_find(&evaluation->pictures, path);
            CHECK(sides[k] != NULL);
        }
        pair->score_ppm = score_of(sides[0], sides[1], model);
        if (model == ALL_MODELS) {
            histogram_add(pair->is_same ? &evaluation->genuine : &evaluation->impostors,
                          pair->score_ppm);
        }
    }
}

/* The folder of a picture is its person: the position of the last slash. */
static bool is_same_person(const struct face_picture *a, const struct face_picture *b)
{
    size_t size = (size_t)(strrchr(a->path, '/') - a->path);
    return (size_t)(strrchr(b->path, '/') - b->path) == size && memcmp(a->path, b->path, size) == 0;
}

/* Small rates of false accepts need many impostors: every picture against every other person's.
 * Pictures without a face are left out: what cannot be compared cannot be falsely accepted. */
static void score_all(struct evaluation *evaluation)
{
    const struct face_pictures *pictures = &evaluation->pictures;
    struct progress progress;
    progress_start(&progress,
                   terminal_lang() == LANG_ZH ? "比对所有人" : "everybody against everybody",
                   (int64_t)pictures->count, terminal_lang());
    for (size_t i = 0; i < pictures->count; i++) {
        for (size_t k = i + 1; k < pictures->count; k++) {
            int score = score_of(&pictures->items[i], &pictures->items[k], ALL_MODELS);
            if (score != PROTOCOL_MISSED &&
                !is_same_person(&pictures->items[i], &pictures->items[k])) {
                histogram_add(&evaluation->all_impostors, score);
            }
        }
        progress_update(&progress, (int64_t)i + 1);
    }
    progress_finish(&progress);
}

/* --- rates ------------------------------------------------------------------------------------ */

static void fill_rates(const struct histogram *impostors, const struct histogram *genuine,
                       struct rate rates[RATE_COUNT])
{
    static const int wanted_ppm[RATE_COUNT] = {10000, 1000, 100, 10, 1};
    for (int i = 0; i < RATE_COUNT; i++) {
        rates[i].far_ppm_tenths = wanted_ppm[i] * 10;
        rates[i].threshold_ppm = protocol_threshold_at(impostors, wanted_ppm[i], &rates[i].passed);
        rates[i].accepted = histogram_from(genuine, rates[i].threshold_ppm);
    }
}

/* A rate from fewer than ten impostors is not significant. */
static bool is_thin(const struct rate *rate, const struct histogram *impostors)
{
    return impostors->total * rate->far_ppm_tenths < INT64_C(10) * 10000000;
}

/* --- output ----------------------------------------------------------------------------------- */

static double face_evaluate_percent(int64_t part, int64_t whole)
{
    return whole == 0 ? 0 : 100.0 * (double)part / (double)whole;
}

static void print_rates(const char *what, const struct rate rates[RATE_COUNT],
                        const struct histogram *impostors, const struct histogram *genuine)
{
    printf("\n%s: %lld impostor pairs, %lld genuine pairs\n", what, (long long)impostors->total,
           (long long)genuine->total);
    printf("  FAR wanted   threshold   false accepts   TAR        FRR\n");
    for (int i = 0; i < RATE_COUNT; i++) {
        const struct rate *rate = &rates[i];
        printf("  %8.0e     %.4f      %9lld      %6.2f %%   %6.2f %%%s\n",
               rate->far_ppm_tenths / 1e7, rate->threshold_ppm / 1e6, (long long)rate->passed,
               face_evaluate_percent(rate->accepted, genuine->total),
               100 - face_evaluate_percent(rate->accepted, genuine->total),
               is_thin(rate, impostors) ? "   too few impostors for this rate" : "");
    }
}

static void print_band(const char *what, int threshold_ppm, const struct evaluation *evaluation)
{
    int64_t passed = histogram_from(&evaluation->all_impostors, threshold_ppm);
    printf("  %-8s from %.3f: FAR %.1e (%lld of %lld), TAR %.2f %%, FRR %.2f %%\n", what,
           threshold_ppm / 1e6,
           face_evaluate_percent(passed, evaluation->all_impostors.total) / 100, (long long)passed,
           (long long)evaluation->all_impostors.total,
           face_evaluate_percent(histogram_from(&evaluation->genuine, threshold_ppm),
                                 evaluation->genuine.total),
           100 - face_evaluate_percent(histogram_from(&evaluation->genuine, threshold_ppm),
                                       evaluation->genuine.total));
}

static void print_text(const struct evaluation *evaluation)
{
    const struct protocol_accuracy *accuracy = &evaluation->accuracy;
    printf("version        %s\n", vision_face_version(evaluation->vision));
    printf("pictures       %zu (no face found: %lld, unreadable: %lld)\n",
           evaluation->pictures.count, (long long)evaluation->missed,
           (long long)evaluation->unreadable);
    printf("pairs          %zu in %d folds\n", evaluation->pair_count, evaluation->fold_count);
    printf("accuracy       %.3f %% +- %.3f %% (mean of the folds, standard error)\n",
           accuracy->mean_ppm / 1e4, accuracy->error_ppm / 1e4);
    for (int i = 0; i < FACE_MODEL_COUNT; i++) {
        printf("  %-19s alone: %.3f %% +- %.3f %%\n", face_model_name(i),
               evaluation->models[i].mean_ppm / 1e4, evaluation->models[i].error_ppm / 1e4);
    }
    printf("equal error    %.3f %% at %.4f\n", evaluation->equal_error_ppm / 1e4,
           evaluation->equal_error_at_ppm / 1e6);
    printf("folds          ");
    for (int i = 0; i < accuracy->fold_count; i++) {
        printf("%s%.2f%% (%.3f)", i == 0 ? "" : ", ", accuracy->folds[i].accuracy_ppm / 1e4,
               accuracy->folds[i].threshold_ppm / 1e6);
    }
    puts("");
    print_rates("Pairs of the protocol", evaluation->rates, &evaluation->impostors,
                &evaluation->genuine);
    print_rates("Everybody against everybody", evaluation->all_rates, &evaluation->all_impostors,
                &evaluation->genuine);
    puts("\nThe bank's bands (impostors: everybody against everybody)");
    print_band("accept", FACE_ACCEPT_PPM, evaluation);
    print_band("unsure", FACE_REVIEW_PPM, evaluation);
}

static json_t *json_rates(const struct rate rates[RATE_COUNT], const struct histogram *impostors,
                          const struct histogram *genuine)
{
    json_t *all = json_array();
    for (int i = 0; i < RATE_COUNT; i++) {
        (void)json_array_append_new(
            all, json_pack("{s:f, s:i, s:I, s:I, s:I, s:I, s:b}", "farWanted",
                           rates[i].far_ppm_tenths / 1e7, "thresholdPpm", rates[i].threshold_ppm,
                           "falseAccepts", (json_int_t)rates[i].passed, "impostors",
                           (json_int_t)impostors->total, "accepted", (json_int_t)rates[i].accepted,
                           "genuine", (json_int_t)genuine->total, "tooFewImpostors",
                           is_thin(&rates[i], impostors) ? 1 : 0));
    }
    return all;
}

static int print_json(const struct evaluation *evaluation)
{
    json_t *folds = json_array();
    for (int i = 0; i < evaluation->accuracy.fold_count; i++) {
        (void)json_array_append_new(folds, json_pack("{s:i, s:i}", "accuracyPpm",
                                                     evaluation->accuracy.folds[i].accuracy_ppm,
                                                     "thresholdPpm",
                                                     evaluation->accuracy.folds[i].threshold_ppm));
    }
    json_t *models = json_array();
    for (int i = 0; i < FACE_MODEL_COUNT; i++) {
        (void)json_array_append_new(models,
                                    json_pack("{s:s, s:i, s:i}", "model", face_model_name(i),
                                              "accuracyPpm", evaluation->models[i].mean_ppm,
                                              "standardErrorPpm", evaluation->models[i].error_ppm));
    }
    json_t *all = json_pack(
        "{s:s, s:I, s:I, s:I, s:I, s:i, s:i, s:i, s:i, s:o, s:o, s:o, s:o}", "version",
        vision_face_version(evaluation->vision), "pictures", (json_int_t)evaluation->pictures.count,
        "noFace", (json_int_t)evaluation->missed, "unreadable", (json_int_t)evaluation->unreadable,
        "pairs", (json_int_t)evaluation->pair_count, "accuracyPpm", evaluation->accuracy.mean_ppm,
        "standardErrorPpm", evaluation->accuracy.error_ppm, "equalErrorPpm",
        evaluation->equal_error_ppm, "equalErrorThresholdPpm", evaluation->equal_error_at_ppm,
        "folds", folds, "models", models, "rates",
        json_rates(evaluation->rates, &evaluation->impostors, &evaluation->genuine),
        "everybodyRates",
        json_rates(evaluation->all_rates, &evaluation->all_impostors, &evaluation->genuine));
    if (all == NULL || json_dumpf(all, stdout, JSON_INDENT(2)) != 0) {
        return EX_IOERR;
    }
    puts("");
    json_decref(all);
    return 0;
}

static int write_scores(const struct evaluation *evaluation)
{
    FILE *file = fopen(evaluation->options.scores, "w");
    if (file == NULL) {
        fprintf(stderr, "sycee: face evaluate: %s: %s\n", evaluation->options.scores,
                strerror(errno));
        return EX_CANTCREAT;
    }
    for (size_t i = 0; i < evaluation->pair_count; i++) {
        const struct protocol_pair *pair = &evaluation->pairs[i];
        fprintf(file, "%d\t%d\t%d\t%s\t%d\t%s\t%d\n", pair->fold, pair->is_same ? 1 : 0,
                pair->score_ppm, pair->names[0], pair->numbers[0], pair->names[1],
                pair->numbers[1]);
    }
    return fclose(file) == 0 ? 0 : EX_IOERR;
}

/* --- the run ---------------------------------------------------------------------------------- */

static int read_pairs(struct evaluation *evaluation)
{
    char path[FILE_PATH_MAX], *text = NULL;
    size_t size = 0;
    int line = 0;
    const char *from = evaluation->options.pairs;
    if (from == NULL) {
        if (file_join(evaluation->options.folder, "pairs.txt", path) != ERR_OK) {
            return EX_NOINPUT;
        }
        from = path;
    }
    enum err err = file_read(from, PAIRS_SIZE_MAX, &text, &size);
    if (err != ERR_OK) {
        return terminal_fail(from, err);
    }
    err = protocol_pairs_parse(text, &evaluation->pairs, &evaluation->pair_count,
                               &evaluation->fold_count, &line);
    free(text);
    if (err == ERR_INVALID_FIELD) {
        fprintf(stderr, "sycee: face evaluate: %s: line %d is not as pairs.txt has it\n", from,
                line);
        return EX_DATAERR;
    }
    return err == ERR_OK ? 0 : terminal_fail(from, err);
}

static enum err face_evaluate_measure(struct evaluation *evaluation)
{
    enum err err = face_evaluate_collect(evaluation);
    if (err == ERR_OK) {
        err = face_pictures_analyse(&evaluation->pictures, evaluation->vision,
                                    (size_t)evaluation->options.jobs);
    }
    if (err == ERR_OK) {
        err = histogram_init(&evaluation->genuine);
    }
    if (err == ERR_OK) {
        err = histogram_init(&evaluation->impostors);
    }
    if (err == ERR_OK) {
        err = histogram_init(&evaluation->all_impostors);
    }
    if (err != ERR_OK) {
        return err;
    }
    count_misses(evaluation);
    for (int model = 0; model < FACE_MODEL_COUNT && err == ERR_OK; model++) {
        score_pairs(evaluation, model);
        err = protocol_accuracy(evaluation->pairs, evaluation->pair_count, evaluation->fold_count,
                                &evaluation->models[model]);
    }
    if (err != ERR_OK) {
        return err;
    }
    score_pairs(evaluation, ALL_MODELS);
    score_all(evaluation);
    evaluation->equal_error_ppm = protocol_equal_error(&evaluation->genuine, &evaluation->impostors,
                                                       &evaluation->equal_error_at_ppm);
    fill_rates(&evaluation->impostors, &evaluation->genuine, evaluation->rates);
    fill_rates(&evaluation->all_impostors, &evaluation->genuine, evaluation->all_rates);
    return protocol_accuracy(evaluation->pairs, evaluation->pair_count, evaluation->fold_count,
                             &evaluation->accuracy);
}

static int face_evaluate_report(const struct evaluation *evaluation)
{
    int code = evaluation->options.scores == NULL ? 0 : write_scores(evaluation);
    if (code == 0 && evaluation->options.as_json) {
        return print_json(evaluation);
    }
    if (code == 0) {
        print_text(evaluation);
    }
    return code;
}

static void face_evaluate_release(struct evaluation *evaluation)
{
    histogram_release(&evaluation->genuine);
    histogram_release(&evaluation->impostors);
    histogram_release(&evaluation->all_impostors);
    face_pictures_release(&evaluation->pictures);
    free(evaluation->pairs);
    vision_close(evaluation->vision);
}

int cli_face_evaluate(int argc, char **argv)
{
    static const struct argp argp = {
        option_rows,
        face_evaluate_parse,
        "DIR",
        "Measures the accuracy of the face comparison by the protocol of Labeled Faces in the Wild "
        "(view 2): DIR/Name/Name_0001.jpg and pairs.txt.\vAccuracy: each fold is scored with the "
        "threshold that is best on the others. A picture without a face counts as not the same. "
        "Small rates of false accepts are measured on every picture against every other "
        "person's. Exit code: 0 measured, 65 wrong list, 66 no such file, 69 no models.",
        NULL,
        NULL,
        NULL};
    struct evaluation evaluation = {.options = {.jobs = thread_processor_count()}};
    argp_err_exit_status = EX_USAGE;
    argp_parse(&argp, argc, argv, 0, NULL, &evaluation.options);
    int code = read_pairs(&evaluation);
    if (code == 0) {
        code = face_room_open((size_t)evaluation.options.jobs, &evaluation.vision);
    }
    if (code == 0) {
        enum err err = face_evaluate_measure(&evaluation);
        code =
            err == ERR_OK ? face_evaluate_report(&evaluation) : terminal_fail("face evaluate", err);
    }
    face_evaluate_release(&evaluation);
    return code;
}
