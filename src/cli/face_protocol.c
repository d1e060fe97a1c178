#include "cli/face_protocol.h"

#include "base/check.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PPM 1000000

/* --- pairs.txt --------------------------------------------------------------------------------- */

static bool parse_pair(const char *line, struct protocol_pair *out)
{
    int end = -1;
    memset(out, 0, sizeof *out);
    out->score_ppm = PROTOCOL_MISSED;
    if (sscanf(line, " %127s %d %d %n", out->names[0], &out->numbers[0], &out->numbers[1], &end) >=
            3 &&
        end > 0 && line[end] == '\0') {
        out->is_same = true;
        memcpy(out->names[1], out->names[0], sizeof out->names[0]);
    } else {
        end = -1;
        if (sscanf(line, " %127s %d %127s %d %n", out->names[0], &out->numbers[0], out->names[1],
                   &out->numbers[1], &end) < 4 ||
            end <= 0 || line[end] != '\0') {
            return false;
        }
    }
    return out->numbers[0] >= 1 && out->numbers[1] >= 1 && strchr(out->names[0], '/') == NULL &&
           strchr(out->names[1], '/') == NULL && out->names[0][0] != '.' && out->names[1][0] != '.';
}

static enum err parse_lines(char *text, struct protocol_pair *pairs, int folds, int half,
                            int *out_line)
{
    char *rest = NULL;
    strtok_r(text, "\n", &rest); /* the head has been read */
    for (int i = 0; i < folds * half * 2; i++) {
        const char *line = strtok_r(NULL, "\n", &rest);
        *out_line = i + 2;
        if (line == NULL || !parse_pair(line, &pairs[i])) {
            return ERR_INVALID_FIELD;
        }
        pairs[i].fold = i / (half * 2);
        if (pairs[i].is_same != (i % (half * 2) < half)) {
            return ERR_INVALID_FIELD;
        }
    }
    return ERR_OK;
}

enum err protocol_pairs_parse(const char *text, struct protocol_pair **out, size_t *out_count,
                              int *out_folds, int *out_line)
{
    int folds = 0, half = 0;
    *out_line = 1;
    if (sscanf(text, "%d %d", &folds, &half) != 2 || folds < 2 || folds > PROTOCOL_FOLD_MAX ||
        half < 1 || half > 100000) {
        return ERR_INVALID_FIELD;
    }
    size_t count = (size_t)folds * (size_t)half * 2;
    struct protocol_pair *pairs = calloc(count, sizeof *pairs);
    char *copy = strdup(text);
    enum err err = pairs == NULL || copy == NULL ? ERR_NO_MEMORY
                                                 : parse_lines(copy, pairs, folds, half, out_line);
    free(copy);
    if (err != ERR_OK) {
        free(pairs);
        return err;
    }
    *out = pairs;
    *out_count = count;
    *out_folds = folds;
    return ERR_OK;
}

/* --- accuracy --------------------------------------------------------------------------------- */

static int by_score(const void *a, const void *b)
{
    int x = ((const struct protocol_pair *)a)->score_ppm;
    int y = ((const struct protocol_pair *)b)->score_ppm;
    return x < y ? -1 : x > y;
}

/* Half-way between two neighbouring scores, rounded up, so that the upper one still passes. */
static int face_protocol_between(const struct protocol_pair *sorted, size_t count, size_t i)
{
    if (i == 0) {
        return sorted[0].score_ppm;
    }
    if (i == count) {
        return sorted[count - 1].score_ppm + 1;
    }
    int low = sorted[i - 1].score_ppm, high = sorted[i].score_ppm;
    return high - (high - low) / 2;
}

/* How many answers are right with each cut: right[i] where the pairs from i on are called the same; -1
 * where two equal scores would be told apart. Returns the best. */
static int64_t count_right(const struct protocol_pair *sorted, size_t count, int64_t *right)
{
    int64_t now = 0, best = -1;
    for (size_t i = 0; i < count; i++) {
        now += sorted[i].is_same; /* all are called the same */
    }
    for (size_t i = 0; i <= count; i++) {
        bool is_cut = i == 0 || i == count || sorted[i].score_ppm != sorted[i - 1].score_ppm;
        right[i] = is_cut ? now : -1;
        best = right[i] > best ? right[i] : best;
        if (i < count) {
            now += sorted[i].is_same ? -1 : 1;
        }
    }
    return best;
}

/* The middle one of the best cuts. */
static int choose_threshold(const struct protocol_pair *sorted, size_t count, int64_t *right)
{
    int64_t best = count_right(sorted, count, right);
    size_t equal = 0, seen = 0;
    for (size_t i = 0; i <= count; i++) {
        equal += right[i] == best;
    }
    for (size_t i = 0; i <= count; i++) {
        if (right[i] == best && seen++ == (equal - 1) / 2) {
            return face_protocol_between(sorted, count, i);
        }
    }
    return 0; /* not reached: there is a best cut */
}

static double accuracy_of(const struct protocol_pair *pairs, size_t count, int fold, int threshold)
{
    int64_t right = 0, all = 0;
    for (size_t i = 0; i < count; i++) {
        if (pairs[i].fold == fold) {
            all++;
            right += (pairs[i].score_ppm >= threshold) == pairs[i].is_same;
        }
    }
    return all == 0 ? 0 : (double)right / (double)all;
}

enum err protocol_accuracy(const struct protocol_pair *pairs, size_t count, int fold_count,
                           struct protocol_accuracy *out)
{
    CHECK(fold_count >= 2 && fold_count <= PROTOCOL_FOLD_MAX && count > 0);
    struct protocol_pair *others = malloc(count * sizeof *others);
    int64_t *right = malloc((count + 1) * sizeof *right);
    double sum = 0, squares = 0;
    if (others == NULL || right == NULL) {
        free(others);
        free(right);
        return ERR_NO_MEMORY;
    }
    memset(out, 0, sizeof *out);
    out->fold_count = fold_count;
    for (int fold = 0; fold < fold_count; fold++) {
        size_t other_count = 0;
        for (size_t i = 0; i < count; i++) {
            if (pairs[i].fold != fold) {
                others[other_count++] = pairs[i];
            }
        }
        qsort(others, other_count, sizeof *others, by_score);
        int threshold = choose_threshold(others, other_count, right);
        double accuracy = accuracy_of(pairs, count, fold, threshold);
        out->folds[fold].threshold_ppm = threshold;
        out->folds[fold].accuracy_ppm = (int)lround(accuracy * PPM);
        sum += accuracy;
        squares += accuracy * accuracy;
    }
    double mean = sum / fold_count;
    double variance = fmax(0, (squares - sum * mean) / (fold_count - 1));
    out->mean_ppm = (int)lround(mean * PPM);
    out->error_ppm = (int)lround(sqrt(variance / fold_count) * PPM);
    free(others);
    free(right);
    return ERR_OK;
}

/* --- rates ------------------------------------------------------------------------------------ */

enum err histogram_init(struct histogram *histogram)
{
    histogram->total = 0;
    histogram->counts = calloc(HISTOGRAM_SIZE, sizeof *histogram->counts);
    return histogram->counts == NULL ? ERR_NO_MEMORY : ERR_OK;
}

void histogram_release(struct histogram *histogram)
{
    free(histogram->counts);
    memset(histogram, 0, sizeof *histogram);
}

void histogram_add(struct histogram *histogram, int score_ppm)
{
    CHECK(score_ppm >= PROTOCOL_MISSED && score_ppm <= PPM);
    histogram->counts[score_ppm - PROTOCOL_MISSED]++;
    histogram->total++;
}

int64_t histogram_from(const struct histogram *histogram, int threshold_ppm)
{
    int64_t count = 0;
    for (int i = threshold_ppm - PROTOCOL_MISSED; i < HISTOGRAM_SIZE; i++) {
        count += i >= 0 ? histogram->counts[i] : 0;
    }
    return count;
}

int protocol_threshold_at(const struct histogram *impostors, int rate_ppm, int64_t *out_passed)
{
    int64_t allowed = impostors->total * rate_ppm / PPM, passed = 0;
    int i = HISTOGRAM_SIZE;
    while (i > 0 && passed + impostors->counts[i - 1] <= allowed) {
        passed += impostors->counts[--i];
    }
    *out_passed = passed;
    return i + PROTOCOL_MISSED;
}

int protocol_equal_error(const struct histogram *genuine, const struct histogram *impostors,
                         int *out_threshold_ppm)
{
    int64_t failed = 0, passed = impostors->total;
    for (int i = 0; i < HISTOGRAM_SIZE; i++) {
        double false_reject = (double)failed / (double)genuine->total;
        double false_accept = (double)passed / (double)impostors->total;
        if (false_reject >= false_accept) {
            *out_threshold_ppm = i + PROTOCOL_MISSED;
            return (int)lround((false_reject + false_accept) / 2 * PPM);
        }
        failed += genuine->counts[i];
        passed -= impostors->counts[i];
    }
    *out_threshold_ppm = PPM;
    return PPM;
}
