/* A whole opening with the real picture analysis: the sandbox draws the card and the faces of an
 * invented resident, the models examine them. SQLite only: the services are tested on both engines
 * elsewhere. EVIDENCE: REQ-KYC-01. */
#include "unit/vision_fixture.h"

#include "unit/kyc_fixture.h"

#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>

#define PATH_SIZE 512

extern char **environ;

static char pictures[PATH_SIZE]; /* folder */
static struct kyc_eyes_vision real;

/* The sandbox lies beside the folder of the tests: build/<mode>/tests/… and build/<mode>/sandbox. */
static int draw_pictures(void)
{
    char program[PATH_SIZE];
    char draw[] = "--draw";
    char rows[] = "--draw-rows";
    char three[] = "3";
    ssize_t size = readlink("/proc/self/exe", program, PATH_SIZE - 16);
    assert_true(size > 0);
    program[size] = '\0';
    for (int i = 0; i < 2; i++) {
        *strrchr(program, '/') = '\0';
    }
    snprintf(program + strlen(program), 16, "/sandbox");
    snprintf(pictures, sizeof pictures, "/tmp/sycee-opening.XXXXXX");
    assert_non_null(mkdtemp(pictures));
    char *argv[] = {program, draw, pictures, rows, three, NULL};
    pid_t child;
    int status = -1;
    if (posix_spawn(&child, program, NULL, NULL, argv, environ) != 0) {
        print_error("could not start %s (build the sandbox first)\n", program);
        return -1;
    }
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return status;
}

static int open_all(void **state)
{
    if (draw_pictures() != 0 || kyc_suite_open(state) != 0) {
        return -1;
    }
    kyc_room_close(kyc);
    kyc_eyes_vision_init(&real, vision_fixture());
    assert_ok(kyc_room_open(&(struct kyc_room_options){.customers = room,
                                                       .vault = bank.vault,
                                                       .regions = regions,
                                                       .places = places,
                                                       .eyes = &real.eyes,
                                                       .parties = &parties.parties},
                            &kyc));
    return 0;
}

static int close_all(void **state)
{
    char command[PATH_SIZE + 16];
    snprintf(command, sizeof command, "rm -rf %s", pictures);
    (void)!system(command); /* a folder of our own making */
    (void)kyc_suite_close(state);
    return vision_fixture_close(state);
}

static uint8_t bytes[IMAGE_BYTES_MAX];

static size_t picture(int resident, const char *name)
{
    char path[PATH_SIZE + 64];
    snprintf(path, sizeof path, "%s/%02d-%s.jpg", pictures, resident, name);
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        print_error("no such picture: %s\n", path);
    }
    assert_non_null(file);
    size_t size = fread(bytes, 1, sizeof bytes, file);
    (void)fclose(file);
    return size;
}

static enum err show_side(const struct person *p, enum card_side side, int resident,
                          const char *how)
{
    char name[40];
    snprintf(name, sizeof name, "%s-%s", side == CARD_FRONT ? "front" : "back", how);
    size_t size = picture(resident, name);
    return give_card_bytes(p->id, side, bytes, size, NULL);
}

/* A resident with a confirmed, unchanged reading. */
static struct person confirmed(int resident)
{
    struct person p = new_person(0, 0);
    struct kyc_fields fields;
    struct db_conn *conn = NULL;
    assert_err(ERR_OK, show_side(&p, CARD_FRONT, resident, "photo-1"));
    assert_err(ERR_OK, show_side(&p, CARD_BACK, resident, "photo-1"));
    assert_ok(engine_read_begin(bank.engine, &conn));
    assert_ok(kyc_read_load(kyc, conn, p.id, &fields));
    engine_read_end(bank.engine, conn);
    assert_err(ERR_OK, confirm(&p, &fields, NULL));
    return p;
}

static const char *file_of(enum live_action action)
{
    static const char *const FILES[LIVE_ACTION_COUNT] = {NULL, "left",  "right",
                                                         "up", "blink", "mouth"};
    return FILES[action];
}

static struct face_check face_of(const struct person *p, int resident)
{
    struct face_check check_of;
    assert_err(ERR_OK, open_face(p, FACE_OPENING, &check_of));
    for (int i = 0; i <= LIVE_STEPS; i++) {
        size_t size = picture(resident, i == 0 ? "selfie" : file_of(check_of.actions[i - 1]));
        assert_err(ERR_OK, give_frame_bytes(p->id, check_of.id, i, bytes, size));
    }
    assert_err(ERR_OK, complete_face(p->id, check_of.id, &check_of));
    return check_of;
}

static void test_kyc_vision__opens_for_the_person_of_the_card(void **state)
{
    (void)state;
    struct person p = confirmed(1);
    assert_string_equal(load(p.id).name, "林若溪");
    assert_int_equal(load(p.id).layers.state[LAYER_PICTURES], LAYER_PASSED);
    struct face_check done = face_of(&p, 1);
    assert_int_equal(done.state, FACE_STATE_ACCEPTED);
    (void)say_place(p.id, "31.230416", "121.473701", 35);
    assert_int_equal(standing(p.id).level, KYC_LEVEL_VERIFIED);
}

static void test_kyc_vision__refuses_another_persons_face(void **state)
{
    (void)state;
    struct person p = confirmed(2);
    struct face_check check_of;
    assert_err(ERR_OK, open_face(&p, FACE_OPENING, &check_of));
    /* Taken in another customer's challenge; a few bytes more make no other picture. */
    size_t size = picture(1, "selfie");
    memcpy(bytes + size, "other", 5);
    assert_err(ERR_PICTURE_REUSED, give_frame_bytes(p.id, check_of.id, 0, bytes, size + 5));
    check_of = face_of(&p, 3);
    assert_int_equal(check_of.state, FACE_STATE_REFUSED);
    assert_int_equal(check_of.reason, FACE_REASON_NOT_ALIKE);
    assert_int_equal(load(p.id).layers.state[LAYER_FACE], LAYER_TODO);
}

static void test_kyc_vision__refuses_screens_and_copies(void **state)
{
    struct person p = new_person(0, 0);
    (void)state;
    assert_err(ERR_CARD_RECAPTURED, show_side(&p, CARD_FRONT, 1, "screen"));
    assert_err(ERR_CARD_RECAPTURED, show_side(&p, CARD_FRONT, 1, "copy"));
    size_t size = picture(1, "front-photo-2");
    assert_err(ERR_CARD_SIDE_WRONG, give_card_bytes(p.id, CARD_BACK, bytes, size, NULL));
}

int main(int argc, char **argv)
{
    VISION_FIXTURE_MAIN
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_kyc_vision__opens_for_the_person_of_the_card, kyc_fresh),
        cmocka_unit_test_setup(test_kyc_vision__refuses_another_persons_face, kyc_fresh),
        cmocka_unit_test_setup(test_kyc_vision__refuses_screens_and_copies, kyc_fresh),
    };
    which = DB_SQLITE;
    return cmocka_run_group_tests(tests, open_all, close_all);
}
