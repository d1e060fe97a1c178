/* The parts that this room brings to the house. */
#include "account/account.h"
#include "account/account_routes.h"
#include "account/card.h"
#include "account/erase.h"
#include "account/message_rows.h"
#include "account/review.h"
#include "account/sealed.h"
#include "base/check.h"
#include "base/json.h"
#include "db/outbox.h"
#include "frame/room.h"
#include "sys/log.h"

#include <stdlib.h>
#include <string.h>

#define UNFREEZE_ROWS  100
#define REVIEW_BUCKETS 32 /* reviewed a minute: all of them in half an hour */

struct account_room_state {
    struct card_partner_channel channel; /* signing of cards */
    int next_review_bucket;
    struct date reviewed_on[BUCKET_COUNT]; /* when all accounts of a bucket were looked at */
};

/* --- jobs ------------------------------------------------------------------------------------- */

static enum err lift_some(struct uow *uow, void *context)
{
    return account_unfreeze_due(uow, UNFREEZE_ROWS, context);
}

static enum err lift_freezes(const struct house *house)
{
    size_t count = UNFREEZE_ROWS;
    enum err err = ERR_OK;
    while (!err && count == UNFREEZE_ROWS) {
        err = engine_run(house->engine, lift_some, &count);
    }
    return err;
}

static enum err review_accounts(const struct house *house)
{
    struct account_room_state *state = house_room(house, &ACCOUNT_PARTS);
    struct review_count count = {.seen = 0};
    struct engine *engine = house->engine;
    struct date today = engine_civil_date(engine, clock_now_us(engine_clock(engine)));
    enum err err = ERR_OK;
    for (int i = 0; !err && i < REVIEW_BUCKETS; i++) {
        int bucket = state->next_review_bucket++ % BUCKET_COUNT;
        bool is_new_day = date_compare(state->reviewed_on[bucket], today) != 0;
        err = account_review_bucket(engine, customer_room_of(house), house->catalogue, bucket,
                                    is_new_day ? REVIEW_ALL : REVIEW_PENDING, &count);
        state->reviewed_on[bucket] = err ? state->reviewed_on[bucket] : today;
    }
    if (count.suspended + count.lifted > 0) {
        log_event(LOG_INFO, "accounts_reviewed", log_int("suspended", (int64_t)count.suspended),
                  log_int("lifted", (int64_t)count.lifted));
    }
    return err;
}

static const struct job_row jobs[] = {
    {"liftFreezes", "every minute", 60000000, LANE_BOOKS, lift_freezes, 50},
    {"accountsReview", "every minute", 60000000, LANE_BOOKS, review_accounts, 110},
    {0}};

static const struct lane_row lanes[] = {
    {LANE(CARD_LANE_CLEARING), .threads = 8, .waiting_max = 64, .wait_max_us = 15000000}, {0}};

/* --- issuers ---------------------------------------------------------------------------------- */

/* A refusal ends it too: the issuer has no such agreement any more. */
static enum err unsign_card(const struct house *house, const struct delivery *delivery)
{
    struct card_partner_channel channel;
    struct card_answer answer;
    const char *agreement = NULL;
    json_t *body = NULL;
    enum err err =
        json_parse_object(delivery->body, strlen(delivery->body), OUTBOX_BODY_MAX, &body);
    err = err ? err : json_get_text(body, "agreement", &agreement);
    if (!err) {
        card_channel_init(&channel, &house->outside);
        channel.channel.unsign(&channel.channel, agreement, &answer);
        err = answer.kind == CARD_ANSWER_UNAVAILABLE ? ERR_UNAVAILABLE : ERR_OK;
    }
    json_decref(body);
    return err;
}

static const struct reaction reactions[] = {
    {CARD_TOPIC_UNSIGN, CARD_LANE_CLEARING, unsign_card, NULL}, {0}};

/* --- end of day ------------------------------------------------------------------------------- */

static enum err accrue_interest(const struct house *house, struct date date, int bucket)
{
    size_t count;
    return account_eod_accrue(house->engine, house->catalogue, date, bucket, &count);
}

static enum err capitalise_interest(const struct house *house, struct date date, int bucket)
{
    size_t count;
    return account_eod_capitalise(house->engine, house->catalogue, date, bucket, &count);
}

static const struct eod_step steps[] = {{"accrueInterest", accrue_interest, false},
                                        {"capitaliseInterest", capitalise_interest, false},
                                        {0}};

/* --- parts ------------------------------------------------------------------------------------ */

static enum err open_accounts(struct house *house, void **out_state, struct fault *out_fault)
{
    struct account_room_state *state = calloc(1, sizeof *state);
    (void)out_fault;
    if (state == NULL) {
        return ERR_NO_MEMORY;
    }
    card_channel_init(&state->channel, &house->outside);
    *out_state = state;
    return ERR_OK;
}

static const struct route_table routes[] = {{200, account_routes}, {210, card_routes}, {0}};

/* --- what is kept of people ------------------------------------------------------------------- */

static const struct retention_row retention[] = {
    {80,
     "cardBindings",
     "P30D",
     {"Attempts to bind a card", "绑卡申请"},
     {"Personal Information Protection Law, art. 19: to answer questions about a binding.",
      "《个人信息保护法》第十九条：用于处理绑卡咨询。"},
     card_bindings_sweep},
    {0}};

static enum err unbind_cards(const struct house *house, struct uow *uow,
                             struct customer_id customer)
{
    (void)house;
    return card_unbind_all(uow, customer);
}

static enum err erase_accounts(const struct house *house, struct uow *uow,
                               struct customer_id customer)
{
    (void)house;
    return account_erase(uow, customer);
}

static const struct room_erasure erasure = {.leave = unbind_cards, .erase = erase_accounts};

static enum err find_frozen(const struct house *house, struct uow *uow, struct customer_id customer,
                            bool *out_found)
{
    struct account accounts[ACCOUNT_PER_PERSON_MAX];
    size_t count = 0;
    (void)house;
    enum err err = account_list(uow->conn, customer, accounts, ACCOUNT_PER_PERSON_MAX, &count);
    *out_found = false;
    for (size_t i = 0; i < count; i++) {
        *out_found |= accounts[i].state == ACCOUNT_FROZEN;
    }
    return err;
}

static const struct obstacle_row obstacles[] = {
    {10,
     "accountFrozen",
     {"An account is frozen; it must be free first.", "有账户处于冻结状态，须先解除冻结。"},
     find_frozen},
    {0}};

static const struct export_table export_tables[] = {
    {"account_accounts", "accounts", NULL},
    {"account_cards", "cards", NULL},
    {"account_card_bindings", NULL,
     "attempts to bind: what came of them are cards; gone in 30 days"},
    {"account_reminders", "messages", NULL},
    {0}};

const struct room_parts ACCOUNT_PARTS = {.name = "account",
                                         .routes = routes,
                                         .problems = account_problems,
                                         .jobs = jobs,
                                         .export_tables = export_tables,
                                         .sealed = account_sealed,
                                         .erasure = &erasure,
                                         .obstacles = obstacles,
                                         .retention = retention,
                                         .lanes = lanes,
                                         .reactions = reactions,
                                         .messages = ACCOUNT_MESSAGES,
                                         .steps = steps,
                                         .parameters = &ACCOUNT_PARAMETER_LIST,
                                         .open = open_accounts,
                                         .close = free};

struct card_channel *card_channel_of(const struct house *house)
{
    struct account_room_state *state = house_room(house, &ACCOUNT_PARTS);
    CHECK(state != NULL);
    return &state->channel.channel;
}
