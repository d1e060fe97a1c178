/*
 * How well faces are told apart, from scores alone: the protocol of Labeled Faces in the Wild (Huang
 * et al. 2007, view 2: folds of equal and different pairs, the threshold of a fold chosen on the
 * others), equal error rate, and what is accepted at a given rate of false accepts. Pure.
 *
 * Scores are similarities in parts per million (vision.h); a pair that could not be compared scores
 * PROTOCOL_MISSED, below every threshold. Rates are parts per million too.
 */
#ifndef CLI_FACE_PROTOCOL_H
#define CLI_FACE_PROTOCOL_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PROTOCOL_FOLD_MAX 20
#define PROTOCOL_NAME_MAX 128
#define PROTOCOL_MISSED   (-1000001)

struct protocol_pair {
    int fold; /* 0-based */
    bool is_same;
    char names[2][PROTOCOL_NAME_MAX]; /* folder of the person */
    int numbers[2];                   /* of the picture, from 1 */
    int score_ppm;
};

/* Reads the layout of pairs.txt: "folds pairs", then for each fold so many lines "Name i j" and so
 * many "Name i Other j", separated by white space. The caller frees *out. ERR_INVALID_FIELD (and
 * *out_line, 1-based), ERR_NO_MEMORY. */
enum err protocol_pairs_parse(const char *text, struct protocol_pair **out, size_t *out_count,
                              int *out_folds, int *out_line);

struct protocol_fold {
    int threshold_ppm; /* chosen on the other folds */
    int accuracy_ppm;  /* of this fold under it */
};
struct protocol_accuracy {
    int fold_count;
    struct protocol_fold folds[PROTOCOL_FOLD_MAX];
    int mean_ppm;
    int error_ppm; /* standard error of the mean: deviation of the folds / sqrt(folds) */
};
/* Same where score >= threshold. A fold's threshold is the one with the most right answers on the
 * others, half-way between two of their scores; of equally good ones the middle one. ERR_NO_MEMORY. */
enum err protocol_accuracy(const struct protocol_pair *pairs, size_t count, int fold_count,
                           struct protocol_accuracy *out);

/* How many scores there are, by value: room for any number of pairs. */
#define HISTOGRAM_SIZE 2000003
struct histogram {
    uint32_t *counts; /* [score + 1000001] */
    int64_t total;
};
enum err histogram_init(struct histogram *histogram); /* ERR_NO_MEMORY */
void histogram_release(struct histogram *histogram);
void histogram_add(struct histogram *histogram, int score_ppm);
int64_t histogram_from(const struct histogram *histogram, int threshold_ppm); /* how many >= */

/* The lowest threshold at which at most `rate_ppm` of the impostors pass; `out_passed` says how many
 * do. */
int protocol_threshold_at(const struct histogram *impostors, int rate_ppm, int64_t *out_passed);
/* Where as many impostors pass as genuine pairs fail, in ppm (the mean of both where they cross). */
int protocol_equal_error(const struct histogram *genuine, const struct histogram *impostors,
                         int *out_threshold_ppm);

#endif
