/* The parts of this room. */
#include "frame/room.h"
#include "privacy/privacy_routes.h"
#include "privacy/retention.h"
#include "sys/log.h"

#include <stdlib.h>

/* --- jobs ------------------------------------------------------------------------------------- */

#define LEAVINGS_A_RUN    20
#define RETENTION_BUCKETS 32 /* checked each minute: all of them in half an hour */

struct privacy_room_state {
    int next_retention_bucket;
};

/* Closes leavings whose last payment has arrived, also after a restart of the process that began it. */
static enum err finish_leavings(const struct house *house)
{
    size_t count = 0;
    return leaving_follow_due(house, LEAVINGS_A_RUN, &count);
}

static enum err keep_retention(const struct house *house)
{
    struct privacy_room_state *state = house_room(house, &PRIVACY_PARTS);
    struct retention_count count = {.swept = 0};
    enum err err = ERR_OK;
    for (int i = 0; !err && i < RETENTION_BUCKETS; i++) {
        int bucket = state->next_retention_bucket++ % BUCKET_COUNT;
        err = retention_run(house, bucket, &count);
    }
    if (count.persons > 0) {
        log_event(LOG_INFO, "persons_erased", log_int("count", (int64_t)count.persons));
    }
    return err;
}

static const struct job_row jobs[] = {
    {"finishLeavings", "every 2 s", 2000000, LANE_BOOKS, finish_leavings, 150},
    {"retention", "every minute", 60000000, LANE_BOOKS, keep_retention, 160},
    {0}};

/* --- parts ------------------------------------------------------------------------------------ */

static enum err open_privacy(struct house *house, void **out_state, struct fault *out_fault)
{
    (void)house, (void)out_fault;
    *out_state = calloc(1, sizeof(struct privacy_room_state));
    return *out_state == NULL ? ERR_NO_MEMORY : ERR_OK;
}

static const struct route_table routes[] = {{500, consent_routes}, {501, leaving_routes}, {0}};

/* --- what is kept of people ------------------------------------------------------------------- */

static const struct retention_row retention[] = {
    {100,
     "customers",
     "P10Y",
     {"Name, phone, ID number, confirmed ID card, consents and payments' names, after you left",
      "姓名、手机号、身份证号、证件信息、授权记录及交易姓名（自销户起）"},
     {"Anti-Money-Laundering Law, art. 34: identity and transactions are kept for ten years after. "
      "Sealed until then, used for nothing else, then erased.",
      "《反洗钱法》第三十四条：业务关系结束后保存十年。期间加密保存，不作他用，到期删除"
      "。"},
     NULL},
    {110,
     "books",
     "P30Y",
     {"Entries in the books, which name nobody", "会计分录（不含个人信息）"},
     {"Measures for accounting archives of 2015: vouchers and ledgers 30 years.",
      "《会计档案管理办法》（2015）：会计凭证与账簿保存三十年。"},
     NULL},
    {0}};

static const struct export_table export_tables[] = {
    {"privacy_leavings", NULL, "the answer to it tells its state; the customer is gone afterwards"},
    {0}};

const struct room_parts PRIVACY_PARTS = {.name = "privacy",
                                         .routes = routes,
                                         .problems = privacy_problems,
                                         .jobs = jobs,
                                         .export_tables = export_tables,
                                         .retention = retention,
                                         .open = open_privacy,
                                         .close = free};
