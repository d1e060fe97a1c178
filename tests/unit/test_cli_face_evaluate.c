/* sycee face evaluate on a tiny set in the layout of LFW, made of the sandbox's invented residents.
 * EVIDENCE: REQ-KYC-02. */
#include "unit/vision_fixture.h"

#include "cli/cli.h"
#include "vision/image.h"

#include <jansson.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

static char folder[] = "/tmp/sycee-lfw-XXXXXX";

static const char *const people[] = {"01", "02", "03", "05"};
static const char *const pictures[] = {"portrait", "selfie"};

static const char *const pairs = "2\t2\n"
                                 "P01\t1\t2\nP02\t1\t2\nP01\t1\tP02\t2\nP03\t1\tP01\t2\n"
                                 "P03\t1\t2\nP05\t1\t2\nP03\t1\tP05\t2\nP02\t1\tP03\t2\n";

static void path_of(const char *person, int number, char out[256])
{
    snprintf(out, 256, "%s/P%s/P%s_%04d.jpg", folder, person, person, number);
}

static void copy(const char *from, const char *to)
{
    static uint8_t bytes[IMAGE_BYTES_MAX];
    FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
    if (in == NULL || out == NULL) {
        print_error("cannot copy %s to %s\n", from, to);
    }
    assert_true(in != NULL && out != NULL);
    size_t size = fread(bytes, 1, sizeof bytes, in);
    assert_int_equal(fwrite(bytes, 1, size, out), size);
    (void)fclose(in);
    assert_int_equal(fclose(out), 0);
}

static void write_text(const char *name, const char *text)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

static int make_folder(void **state)
{
    (void)state;
    char from[256], to[256];
    assert_non_null(mkdtemp(folder));
    for (size_t i = 0; i < sizeof people / sizeof people[0]; i++) {
        snprintf(to, sizeof to, "%s/P%s", folder, people[i]);
        assert_int_equal(mkdir(to, 0755), 0);
        for (int k = 0; k < 2; k++) {
            snprintf(from, sizeof from, "sandbox/faces/%s/%s.jpg", people[i], pictures[k]);
            path_of(people[i], k + 1, to);
            copy(from, to);
        }
    }
    write_text("pairs.txt", pairs);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    char path[256];
    for (size_t i = 0; i < sizeof people / sizeof people[0]; i++) {
        for (int k = 0; k < 2; k++) {
            path_of(people[i], k + 1, path);
            (void)unlink(path);
        }
        snprintf(path, sizeof path, "%s/P%s", folder, people[i]);
        (void)rmdir(path);
    }
    static const char *const files[] = {"pairs.txt", "out.json", "other.txt"};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, files[i]);
        (void)unlink(path);
    }
    return rmdir(folder);
}

/* Runs the command with standard output in out.json; its exit code. */
static int evaluate(const char *list)
{
    char command[] = "evaluate", json[] = "--json", jobs[] = "--jobs=2", option[300], path[256];
    char *arguments[] = {command, folder, json, jobs, option, NULL};
    snprintf(option, sizeof option, "--pairs=%s/%s", folder, list);
    snprintf(path, sizeof path, "%s/out.json", folder);
    (void)fflush(stdout);
    int kept = dup(1);
    assert_true(kept >= 0);
    FILE *file = freopen(path, "w", stdout);
    assert_non_null(file);
    int code = cli_face_evaluate(5, arguments);
    (void)fflush(stdout);
    assert_true(dup2(kept, 1) >= 0);
    (void)close(kept);
    return code;
}

static json_int_t number_of(const char *name)
{
    char path[256];
    snprintf(path, sizeof path, "%s/out.json", folder);
    json_t *all = json_load_file(path, 0, NULL);
    assert_non_null(all);
    json_int_t number = json_integer_value(json_object_get(all, name));
    json_decref(all);
    return number;
}

static void test_cli_face_evaluate__tells_all_apart(void **state)
{
    (void)state;
    assert_int_equal(evaluate("pairs.txt"), 0);
    assert_int_equal(number_of("pictures"), 8);
    assert_int_equal(number_of("pairs"), 8);
    assert_int_equal(number_of("noFace"), 0);
    assert_int_equal(number_of("accuracyPpm"), 1000000);
    assert_int_equal(number_of("standardErrorPpm"), 0);
    assert_int_equal(number_of("equalErrorPpm"), 0);
}

/* A picture without a face is never the same: one of the four equal pairs is lost, three of the four
 * answers of its fold are right. */
static void test_cli_face_evaluate__counts_missed_faces(void **state)
{
    (void)state;
    char path[256];
    struct image wall;
    uint8_t *jpeg = NULL;
    size_t size = 0;
    assert_int_equal(image_init(&wall, 200, 200), ERR_OK);
    assert_int_equal(image_encode(&wall, 80, &jpeg, &size), ERR_OK);
    image_release(&wall);
    path_of("02", 2, path);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(jpeg, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
    free(jpeg);
    assert_int_equal(evaluate("pairs.txt"), 0);
    assert_int_equal(number_of("noFace"), 1);
    assert_int_equal(number_of("unreadable"), 0);
    assert_int_equal(number_of("accuracyPpm"), 875000);
    assert_int_equal(number_of("standardErrorPpm"), 125000);
}

static void test_cli_face_evaluate__refuses_other_lists(void **state)
{
    (void)state;
    write_text("other.txt", "2\t1\nP01\t1\t2\nP01\t1\tP02\n");
    assert_int_equal(evaluate("other.txt"), EX_DATAERR);
    write_text("other.txt", "2\t1\nP01\t1\t2\nP01\t1\tP02\t2\nP03\t1\t2\nP03\t1\tP77\t1\n");
    assert_int_equal(evaluate("other.txt"), EX_NOINPUT);
    assert_int_equal(evaluate("none.txt"), EX_NOINPUT);
}

int main(int argc, char **argv)
{
    VISION_FIXTURE_MAIN
    const struct CMUnitTest tests[] = {
        UNIT_TEST(test_cli_face_evaluate__tells_all_apart),
        UNIT_TEST(test_cli_face_evaluate__counts_missed_faces),
        UNIT_TEST(test_cli_face_evaluate__refuses_other_lists),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
