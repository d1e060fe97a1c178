/* The parts that this room brings to the house. */
#include "base/check.h"
#include "customer/customer.h"
#include "customer/customer_routes.h"
#include "customer/erase.h"
#include "customer/message_rows.h"
#include "customer/parameters.h"
#include "customer/sealed.h"
#include "db/idempotency.h"
#include "frame/room.h"

#include <stdlib.h>
#include <string.h>

struct customer_room_state {
    struct customer_room *room;
    struct consent_texts *consents;
    struct registry_partner registry;
    int next_sweep_bucket; /* of the job */
};

static enum err load_consents(const struct house *house, struct consent_texts **out,
                              struct fault *out_fault)
{
    char path[FILE_PATH_MAX];
    enum err err = house_share_path(house, "consents", path);
    err = err ? err : consent_texts_load(path, out);
    if (err) {
        house_share_fault(path, err, out_fault);
    }
    return err;
}

static enum err check_consents(const struct house *house, struct fault *out_fault)
{
    struct consent_texts *consents = NULL;
    enum err err = load_consents(house, &consents, out_fault);
    if (!err) {
        consent_texts_release(consents);
    }
    return err;
}

static void close_customers(void *context)
{
    struct customer_room_state *state = context;
    if (state->room != NULL) {
        customer_room_close(state->room);
    }
    if (state->consents != NULL) {
        consent_texts_release(state->consents);
    }
    free(state);
}

static enum err open_customers(struct house *house, void **out_state, struct fault *out_fault)
{
    struct customer_room_state *state = calloc(1, sizeof *state);
    if (state == NULL) {
        return ERR_NO_MEMORY;
    }
    registry_partner_init(&state->registry, &house->outside);
    enum err err = load_consents(house, &state->consents, out_fault);
    struct customer_room_options options = {.vault = house->vault,
                                            .regions = house->regions,
                                            .registry = &state->registry.registry,
                                            .consents = state->consents,
                                            .catalogue = house->catalogue,
                                            .rooms = house->rooms};
    err = err ? err : customer_room_open(&options, &state->room);
    if (err) {
        close_customers(state);
        return err;
    }
    *out_state = state;
    return ERR_OK;
}

/* --- jobs ------------------------------------------------------------------------------------- */

#define SWEEP_ROWS      500
#define SWEEP_BUCKETS   32 /* swept a minute: all of them in half an hour */
#define ANSWERS_KEPT_US (2 * DAY_US)

struct customer_sweeping {
    struct customer_room *room;
    int bucket;
};

static enum err sweep_bucket(struct uow *uow, void *context)
{
    const struct customer_sweeping *sweeping = context;
    int64_t count;
    enum err err = customer_sweep(sweeping->room, uow, sweeping->bucket, SWEEP_ROWS, &count);
    return err ? err
               : idempotency_purge(uow->conn, sweeping->bucket, uow->now_us - ANSWERS_KEPT_US,
                                   &count);
}

static enum err sweep_customers(const struct house *house)
{
    struct customer_room_state *state = house_room(house, &CUSTOMER_PARTS);
    struct customer_sweeping sweeping = {.room = state->room};
    enum err err = ERR_OK;
    for (int i = 0; !err && i < SWEEP_BUCKETS; i++) {
        sweeping.bucket = state->next_sweep_bucket++ % BUCKET_COUNT;
        err = engine_run(house->engine, sweep_bucket, &sweeping);
    }
    return err;
}

static const struct job_row jobs[] = {
    {"sweep", "every minute", 60000000, LANE_BOOKS, sweep_customers, 90}, {0}};

static const struct lane_row lanes[] = {
    {LANE(SMS_LANE), .threads = 4, .waiting_max = 64, .wait_max_us = 15000000}, {0}};

/* --- texts to phones -------------------------------------------------------------------------- */

static enum err send_sms(const struct house *house, const struct delivery *delivery)
{
    struct sms sms;
    char id[ID_TEXT_SIZE];
    enum err err = sms_unseal(house->vault, delivery->id, delivery->body, &sms);
    if (err) {
        return err;
    }
    id_format(delivery->id, id);
    json_t *body = json_pack("{s:s, s:s, s:s}", "messageId", id, "to", sms.to, "text", sms.text);
    vault_wipe(&sms, sizeof sms);
    struct partner_call call = {.method = "POST",
                                .path = "/sms/v1/messages",
                                .body = body,
                                .may_repeat = true,
                                .echo_name = "messageId",
                                .echo_value = id};
    struct partner_answer answer;
    partner_send(&house->outside, &call, &answer);
    err = answer.outcome == PARTNER_OK ? ERR_OK : ERR_UNAVAILABLE;
    partner_answer_release(&answer);
    json_decref(body);
    return err;
}

static const struct reaction reactions[] = {{SMS_TOPIC, SMS_LANE, send_sms, NULL}, {0}};

/* --- parts ------------------------------------------------------------------------------------ */

static const struct room_check checks[] = {{"consents", check_consents}, {0}};

static const struct route_table routes[] = {{100, open_routes},
                                            {102, sign_in_routes},
                                            {110, customer_routes},
                                            {112, customer_more_routes},
                                            {120, security_routes},
                                            {130, passkey_routes},
                                            {0}};

/* --- what is kept of people ------------------------------------------------------------------- */

static const struct retention_row retention[] = {
    {50,
     "phoneCodes",
     "P2D",
     {"Codes sent to your phone", "短信验证码"},
     {"Personal Information Protection Law, art. 19: counted against misuse for a day.",
      "《个人信息保护法》第十九条：用于当日防滥用计数。"},
     NULL},
    {60,
     "sessions",
     "P30D",
     {"Sessions after their end", "已结束的登录会话"},
     {"Personal Information Protection Law, art. 19: shows you who was signed in.",
      "《个人信息保护法》第十九条：供您查看登录情况。"},
     NULL},
    {70,
     "answers",
     "P2D",
     {"Answers kept against doubled requests", "防重复提交的应答"},
     {"Personal Information Protection Law, art. 19: a repeated request gets the same answer.",
      "《个人信息保护法》第十九条：重复请求得到同一应答。"},
     NULL},
    {90,
     "securityEvents",
     "P365D",
     {"Sign-ins and changes of your security", "登录与安全变更记录"},
     {"Cybersecurity Law, art. 21: logs are kept for at least six months.",
      "《网络安全法》第二十一条：日志留存不少于六个月。"},
     customer_events_sweep},
    {0}};

static void forget_customer(const struct house *house, struct customer_id customer)
{
    session_forget_customer(customer_room_of(house), customer);
}

/* A face that was shown is a factor of the session no more. */
static enum err forget_shown_face(const struct house *house, struct uow *uow,
                                  struct customer_id customer, const char *purpose)
{
    (void)house;
    return strcmp(purpose, "biometrics") == 0 ? session_face_forget(uow, customer) : ERR_OK;
}

/* The last room: what is above it refers to the customer. */
static enum err erase_customer(const struct house *house, struct uow *uow,
                               struct customer_id customer)
{
    return customer_erase(customer_room_of(house), uow, customer);
}

static const struct room_erasure erasure = {
    .withdraw = forget_shown_face, .forget = forget_customer, .erase = erase_customer};

static const struct export_table export_tables[] = {
    {"customer_customers", "customer", NULL},
    {"customer_passcodes", "security", NULL},
    {"customer_sessions", "sessions", NULL},
    {"customer_devices", "devices", NULL},
    {"customer_phone_proofs", NULL, "a number on its way to be the customer's; gone in a day"},
    {"customer_passkeys", "passkeys", NULL},
    {"customer_totps", "security", NULL},
    {"customer_events", "securityEvents", NULL},
    {"customer_consents", "consents", NULL},
    {"customer_messages", "messages", NULL},
    {"customer_checks", "checks", NULL},
    {"customer_channels", "channels", NULL},
    {"customer_evidence", NULL, "nothing is written to it: pictures are the kyc room's"},
    {"customer_spellings", NULL, "readings of the name, made from it for the bank's search"},
    {0}};

const struct room_parts CUSTOMER_PARTS = {.name = "customer",
                                          .routes = routes,
                                          .rates = customer_rates,
                                          .problems = customer_problems,
                                          .jobs = jobs,
                                          .export_tables = export_tables,
                                          .sealed = customer_sealed,
                                          .erasure = &erasure,
                                          .retention = retention,
                                          .lanes = lanes,
                                          .reactions = reactions,
                                          .messages = CUSTOMER_MESSAGES,
                                          .parameters = &CUSTOMER_PARAMETER_LIST,
                                          .checks = checks,
                                          .open = open_customers,
                                          .close = close_customers};

struct customer_room *customer_room_of(const struct house *house)
{
    const struct customer_room_state *state = house_room(house, &CUSTOMER_PARTS);
    CHECK(state != NULL);
    return state->room;
}

const struct consent_texts *consent_texts_of(const struct house *house)
{
    const struct customer_room_state *state = house_room(house, &CUSTOMER_PARTS);
    CHECK(state != NULL);
    return state->consents;
}
