/* The protocol of Labeled Faces in the Wild, against rows computed by hand. EVIDENCE: REQ-KYC-02. */
#include "unit/base_fixture.h"

#include "cli/face_protocol.h"

#include <string.h>

/* Two folds of two equal and two different pairs. */
static const char *const small = "2\t2\n"
                                 "Ada\t1\t2\n"
                                 "Bob\t1\t3\n"
                                 "Ada\t1\tBob\t1\n"
                                 "Ada\t2\tCyd\t4\n"
                                 "Cyd\t1\t4\n"
                                 "Dan\t2\t11\n"
                                 "Cyd\t1\tDan\t1\n"
                                 "Bob\t2\tDan\t3\n";

static struct protocol_pair *parse(const char *text, size_t *out_count, int *out_folds)
{
    struct protocol_pair *pairs = NULL;
    int line = 0;
    assert_int_equal(protocol_pairs_parse(text, &pairs, out_count, out_folds, &line), ERR_OK);
    return pairs;
}

static void test_cli_face_protocol__reads_pairs(void **state)
{
    (void)state;
    size_t count = 0;
    int folds = 0;
    struct protocol_pair *pairs = parse(small, &count, &folds);
    assert_int_equal(count, 8);
    assert_int_equal(folds, 2);
    assert_true(pairs[1].is_same);
    assert_string_equal(pairs[1].names[1], "Bob");
    assert_int_equal(pairs[1].numbers[1], 3);
    assert_false(pairs[3].is_same);
    assert_string_equal(pairs[3].names[1], "Cyd");
    assert_int_equal(pairs[3].numbers[1], 4);
    assert_int_equal(pairs[3].fold, 0);
    assert_int_equal(pairs[4].fold, 1);
    assert_int_equal(pairs[4].score_ppm, PROTOCOL_MISSED);
    free(pairs);
}

static void test_cli_face_protocol__refuses_other_lists(void **state)
{
    (void)state;
    static const struct {
        const char *what, *text;
        int line;
    } rows[] = {
        {"nothing", "", 1},
        {"no head", "Ada\t1\t2\n", 1},
        {"one fold", "1\t1\nAda\t1\t2\nAda\t1\tBob\t1\n", 1},
        {"too short", "2\t1\nAda\t1\t2\nAda\t1\tBob\t1\n", 4},
        {"different where equal belongs", "2\t1\nAda\t1\tBob\t1\n", 2},
        {"equal where different belongs", "2\t1\nAda\t1\t2\nAda\t1\t3\n", 3},
        {"a number that is none", "2\t1\nAda\tone\t2\n", 2},
        {"number 0", "2\t1\nAda\t0\t2\n", 2},
        {"one word too many", "2\t1\nAda\t1\t2\tBob\t5\n", 2},
        {"another folder", "2\t1\n../etc\t1\t2\n", 2},
        {"hidden folder", "2\t1\n.git\t1\t2\n", 2},
    };
    UNIT_ROWS(rows, row)
    {
        struct protocol_pair *pairs = NULL;
        size_t count = 0;
        int folds = 0, line = 0;
        UNIT_SAY("%s", row->what);
        assert_int_equal(protocol_pairs_parse(row->text, &pairs, &count, &folds, &line),
                         ERR_INVALID_FIELD);
        assert_int_equal(line, row->line);
        assert_null(pairs);
    }
}

/* Scores of the eight pairs, in the order of `small`. */
static void score(struct protocol_pair *pairs, const int scores[8])
{
    for (int i = 0; i < 8; i++) {
        pairs[i].score_ppm = scores[i];
    }
}

static void test_cli_face_protocol__accuracy_by_hand(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        int scores[8];
        int thresholds[2]; /* of each fold, chosen on the other */
        int accuracies[2]; /* ppm */
        int mean, error;   /* ppm */
    } rows[] = {
        /* Fold 0 is judged with the cut of fold 1, between 250 and 600; and the other way round,
         * between 200 and 700. */
        {"all apart",
         {800, 700, 100, 200, 900, 600, 50, 250},
         {425, 450},
         {1000000, 1000000},
         1000000,
         0},
        /* Two cuts are equally good (all the same, nothing the same); the lower middle one is. */
        {"nobody told apart",
         {500, 500, 500, 500, 500, 500, 500, 500},
         {500, 500},
         {500000, 500000},
         500000,
         0},
        {"all the wrong way round",
         {100, 100, 900, 900, 100, 100, 900, 900},
         {100, 100},
         {500000, 500000},
         500000,
         0},
        /* Fold 1 is cut between 300 and 600: under 450 fold 0 has two of four right. Fold 0 is best
         * cut between 100 and 400: under 250 fold 1 has three of four right. Mean 0.625, deviation
         * 0.1768, over the root of 2: 0.125. */
        {"one fold worse",
         {700, 400, 100, 800, 600, 900, 300, 200},
         {450, 250},
         {500000, 750000},
         625000,
         125000},
    };
    size_t count = 0;
    int folds = 0;
    struct protocol_pair *pairs = parse(small, &count, &folds);
    UNIT_ROWS(rows, row)
    {
        struct protocol_accuracy accuracy;
        UNIT_SAY("%s", row->what);
        score(pairs, row->scores);
        assert_int_equal(protocol_accuracy(pairs, count, folds, &accuracy), ERR_OK);
        for (int fold = 0; fold < folds; fold++) {
            assert_int_equal(accuracy.folds[fold].threshold_ppm, row->thresholds[fold]);
            assert_int_equal(accuracy.folds[fold].accuracy_ppm, row->accuracies[fold]);
        }
        assert_int_equal(accuracy.mean_ppm, row->mean);
        assert_int_equal(accuracy.error_ppm, row->error);
    }
    free(pairs);
}

/* A thousand impostors with scores 0, 1000, … 999,000. */
static void test_cli_face_protocol__thresholds_at_rates(void **state)
{
    (void)state;
    static const struct {
        int rate_ppm, threshold_ppm;
        int64_t passed;
    } rows[] = {
        {1000000, PROTOCOL_MISSED, 1000},
        {10000, 989001, 10},
        {1999, 998001, 1},
        {1000, 998001, 1},
        {999, 999001, 0},
        {1, 999001, 0},
    };
    struct histogram impostors;
    assert_int_equal(histogram_init(&impostors), ERR_OK);
    for (int i = 0; i < 1000; i++) {
        histogram_add(&impostors, i * 1000);
    }
    UNIT_ROWS(rows, row)
    {
        int64_t passed = -1;
        UNIT_SAY("%d ppm", row->rate_ppm);
        assert_int_equal(protocol_threshold_at(&impostors, row->rate_ppm, &passed),
                         row->threshold_ppm);
        assert_int_equal(passed, row->passed);
        assert_int_equal(histogram_from(&impostors, row->threshold_ppm), row->passed);
    }
    histogram_release(&impostors);
}

static void test_cli_face_protocol__equal_error(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        int genuine[4], impostors[4];
        int error, threshold;
    } rows[] = {
        {"one each", {900, 800, 700, 300}, {400, 200, 100, 50}, 250000, 301},
        {"apart", {900, 800, 700, 600}, {400, 200, 100, 50}, 0, 401},
        {"one missed", {900, 800, 700, PROTOCOL_MISSED}, {750, 200, 100, 50}, 250000, 201},
    };
    UNIT_ROWS(rows, row)
    {
        struct histogram genuine, impostors;
        int threshold = 0;
        UNIT_SAY("%s", row->what);
        assert_int_equal(histogram_init(&genuine), ERR_OK);
        assert_int_equal(histogram_init(&impostors), ERR_OK);
        for (int i = 0; i < 4; i++) {
            histogram_add(&genuine, row->genuine[i]);
            histogram_add(&impostors, row->impostors[i]);
        }
        assert_int_equal(protocol_equal_error(&genuine, &impostors, &threshold), row->error);
        assert_int_equal(threshold, row->threshold);
        histogram_release(&genuine);
        histogram_release(&impostors);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT_TEST(test_cli_face_protocol__reads_pairs),
        UNIT_TEST(test_cli_face_protocol__refuses_other_lists),
        UNIT_TEST(test_cli_face_protocol__accuracy_by_hand),
        UNIT_TEST(test_cli_face_protocol__thresholds_at_rates),
        UNIT_TEST(test_cli_face_protocol__equal_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
