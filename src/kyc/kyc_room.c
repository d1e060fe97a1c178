/* The parts of this room, and the models for pictures. */
#include "base/check.h"
#include "frame/room.h"
#include "kyc/kyc.h"
#include "kyc/kyc_routes.h"
#include "kyc/message_rows.h"
#include "kyc/sealed.h"
#include "sys/log.h"

#include <stdlib.h>
#include <string.h>

struct kyc_room_state {
    struct kyc_room *room;
    struct places *places;
    struct vision *vision; /* NULL: this process loads no models, or there are none */
    struct kyc_eyes_vision eyes;
    struct kyc_partner parties;
};

static enum err load_places(const struct house *house, struct places **out, struct fault *out_fault)
{
    char path[FILE_PATH_MAX];
    enum err err = house_share_path(house, "places.tsv", path);
    err = err ? err : places_load(path, out);
    if (err) {
        house_share_fault(path, err, out_fault);
    }
    return err;
}

static enum err check_places(const struct house *house, struct fault *out_fault)
{
    struct places *places = NULL;
    enum err err = load_places(house, &places, out_fault);
    places_release(places);
    return err;
}

/* Some hundred megabytes. A bank without models opens as well: pictures are answered with
 * model-missing. */
static enum err load_models(const struct house *house, struct vision **out, struct fault *out_fault)
{
    struct vision_options options = {.models = config_string(house->config, "vision", "models"),
                                     .program = "/proc/self/exe"};
    enum err err = vision_open(&options, out);
    if (err == ERR_MODEL_MISSING) {
        log_event(LOG_WARN, "no_models", log_string("folder", options.models), log_err(err));
        *out = NULL;
        return ERR_OK;
    }
    if (err) {
        fault_write(out_fault, "models in %s: %s (vision.models)", options.models, err_slug(err));
    }
    return err;
}

static void close_kyc(void *context)
{
    struct kyc_room_state *state = context;
    kyc_room_close(state->room);
    vision_close(state->vision);
    places_release(state->places);
    free(state);
}

static enum err open_kyc(struct house *house, void **out_state, struct fault *out_fault)
{
    struct kyc_room_state *state = calloc(1, sizeof *state);
    if (state == NULL) {
        return ERR_NO_MEMORY;
    }
    kyc_partner_init(&state->parties, &house->outside);
    enum err err = load_places(house, &state->places, out_fault);
    if (!err && house->has_vision) {
        err = load_models(house, &state->vision, out_fault);
    }
    kyc_eyes_vision_init(&state->eyes, state->vision);
    struct kyc_room_options options = {.customers = customer_room_of(house),
                                       .vault = house->vault,
                                       .regions = house->regions,
                                       .places = state->places,
                                       .eyes = &state->eyes.eyes,
                                       .parties = &state->parties.parties};
    err = err ? err : kyc_room_open(&options, &state->room);
    if (err) {
        close_kyc(state);
        return err;
    }
    *out_state = state;
    return ERR_OK;
}

/* --- jobs ------------------------------------------------------------------------------------- */

#define KYC_ROWS      20
#define REGISTRY_LANE "registry"

struct kyc_turn {
    struct kyc_room *room;
    int64_t count; /* rows */
};

static enum err erase_some(struct uow *uow, void *context)
{
    struct kyc_turn *turn = context;
    return kyc_sweep(turn->room, uow, KYC_ROWS, &turn->count);
}

/* Erases verification data at the end of its retention period. */
static enum err erase_verification(const struct house *house)
{
    struct kyc_turn turn = {.room = kyc_room_of(house)};
    enum err err = ERR_OK;
    do {
        err = engine_run(house->engine, erase_some, &turn);
    } while (!err && turn.count >= KYC_ROWS && !atomic_load(&house->is_closing));
    return err;
}

static enum err tell_some(struct uow *uow, void *context)
{
    struct kyc_turn *turn = context;
    return kyc_tell_late(turn->room, uow, KYC_ROWS, &turn->count);
}

static enum err tell_late(const struct house *house)
{
    struct kyc_turn turn = {.room = kyc_room_of(house)};
    return engine_run(house->engine, tell_some, &turn);
}

/* The registry may be slow or silent: asks again about the customers it left open. */
static enum err ask_registry(const struct house *house)
{
    int64_t count = 0;
    return kyc_registry_retry(kyc_room_of(house), house->engine, KYC_ROWS, &count);
}

static const struct job_row jobs[] = {
    {"eraseVerification", "every minute", 60000000, LANE_BOOKS, erase_verification, 120},
    {"tellLateReviews", "every minute", 60000000, LANE_BOOKS, tell_late, 130},
    {"askRegistry", "every 10 s", 10000000, REGISTRY_LANE, ask_registry, 140},
    {0}};

static const struct lane_row lanes[] = {
    {LANE(REGISTRY_LANE), .threads = 2, .waiting_max = 16, .wait_max_us = 15000000}, {0}};

/* --- parts ------------------------------------------------------------------------------------ */

static const struct room_check checks[] = {{"places", check_places}, {0}};

static const struct route_table routes[] = {{101, sign_up_routes},
                                            {111, identity_routes},
                                            {600, verification_routes},
                                            {601, face_routes},
                                            {602, place_routes},
                                            {610, case_routes},
                                            {0}};

/* --- what is kept of people ------------------------------------------------------------------- */

static const struct retention_row retention[] = {
    {10,
     "idPictures",
     "P180D",
     {"Pictures of ID card and face, after the decision", "身份证与人脸照片（自审核决定起）"},
     {"Personal Information Protection Law, art. 19: no longer than needed; here to answer doubts "
      "about the decision.",
      "《个人信息保护法》第十九条：保存期限为实现处理目的所必要的最短时间；此处用于处理对审核结果的"
      "异议。"},
     NULL},
    {20,
     "refusedPictures",
     "P30D",
     {"Pictures of a verification that was refused", "未通过核实的照片"},
     {"Personal Information Protection Law, art. 19: only to answer a complaint.",
      "《个人信息保护法》第十九条：仅用于处理投诉。"},
     NULL},
    {30,
     "places",
     "P90D",
     {"Positions of your device", "设备位置"},
     {"Personal Information Protection Law, art. 19 and 29; erased at once where you withdraw your "
      "consent.",
      "《个人信息保护法》第十九条、第二十九条；撤回同意后立即删除。"},
     NULL},
    {40,
     "attempts",
     "P180D",
     {"Attempts to verify yourself", "身份核实尝试记录"},
     {"Cybersecurity Law, art. 21: logs are kept for at least six months.",
      "《网络安全法》第二十一条：日志留存不少于六个月。"},
     kyc_attempts_sweep},
    {0}};

static enum err erase_evidence(const struct house *house, struct uow *uow,
                               struct customer_id customer)
{
    enum err err = kyc_erase_biometrics(kyc_room_of(house), uow, customer);
    return err ? err : kyc_erase_places(uow, customer);
}

static enum err erase_withdrawn(const struct house *house, struct uow *uow,
                                struct customer_id customer, const char *purpose)
{
    return strcmp(purpose, "biometrics") == 0
               ? kyc_erase_biometrics(kyc_room_of(house), uow, customer)
           : strcmp(purpose, "location") == 0 ? kyc_erase_places(uow, customer)
                                              : ERR_OK;
}

static void forget_face(const struct house *house, struct customer_id customer)
{
    kyc_forget_face(kyc_room_of(house), customer);
}

static enum err erase_verified(const struct house *house, struct uow *uow,
                               struct customer_id customer)
{
    (void)house;
    return kyc_erase_customer(uow, customer);
}

static const struct room_erasure erasure = {.leave = erase_evidence,
                                            .withdraw = erase_withdrawn,
                                            .forget = forget_face,
                                            .erase = erase_verified};

static enum err find_open_case(const struct house *house, struct uow *uow,
                               struct customer_id customer, bool *out_found)
{
    struct kyc_verification verification;
    enum err err =
        kyc_verification_load(kyc_room_of(house), uow->conn, customer, uow->now_us, &verification);
    *out_found = !err && verification.has_case &&
                 (verification.case_state == CASE_OPEN || verification.case_state == CASE_SECOND);
    return err;
}

static const struct obstacle_row obstacles[] = {
    {20,
     "openCase",
     {"A person at the bank is still looking at your verification.",
      "您的身份核实仍在人工审核中。"},
     find_open_case},
    {0}};

static const struct export_table export_tables[] = {
    {"kyc_people", "verification", NULL},
    {"kyc_attempts", "attempts", NULL},
    {"kyc_pictures", "pictures", NULL},
    {"kyc_uploads", NULL, "keyed hashes alone, of use to nobody but the check for repeats"},
    {"kyc_readings", "idCardRead", NULL},
    {"kyc_confirmations", "idCardConfirmed", NULL},
    {"kyc_templates", NULL,
     "numbers for comparing faces, of use to a thief alone; the pictures and "
     "results are there"},
    {"kyc_prints", NULL, "numbers for finding a photograph again; the pictures are there"},
    {"kyc_face_checks", NULL, "the challenge alone: its results are checks and attempts"},
    {"kyc_checks", "checks", NULL},
    {"kyc_places", "places", NULL},
    {"kyc_cases", "verification", NULL},
    {"kyc_same_faces", NULL, "about other customers"},
    {0}};

const struct room_parts KYC_PARTS = {.name = "kyc",
                                     .routes = routes,
                                     .problems = kyc_problems,
                                     .jobs = jobs,
                                     .export_tables = export_tables,
                                     .sealed = kyc_sealed,
                                     .erasure = &erasure,
                                     .obstacles = obstacles,
                                     .retention = retention,
                                     .messages = KYC_MESSAGES,
                                     .lanes = lanes,
                                     .checks = checks,
                                     .open = open_kyc,
                                     .close = close_kyc};

struct kyc_room *kyc_room_of(const struct house *house)
{
    const struct kyc_room_state *state = house_room(house, &KYC_PARTS);
    CHECK(state != NULL);
    return state->room;
}

struct kyc_eyes *kyc_eyes_of(const struct house *house)
{
    struct kyc_room_state *state = house_room(house, &KYC_PARTS);
    CHECK(state != NULL);
    return &state->eyes.eyes;
}
