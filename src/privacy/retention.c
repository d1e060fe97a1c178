#include "privacy/retention.h"

#include "account/erase.h"
#include "base/check.h"
#include "customer/erase.h"

#include <stdlib.h>
#include <string.h>

#define ROWS_A_RUN 500

static const struct retention_row ROWS[RETENTION_COUNT] = {
    {"idPictures",
     "P180D",
     {"Pictures of ID card and face, after the decision", "身份证与人脸照片（自审核决定起）"},
     {"Personal Information Protection Law, art. 19: no longer than needed; here to answer doubts "
      "about the decision.",
      "《个人信息保护法》第十九条：保存期限为实现处理目的所必要的最短时间；此处用于处理对审核结果的"
      "异议。"}},
    {"refusedPictures",
     "P30D",
     {"Pictures of a verification that was refused", "未通过核实的照片"},
     {"Personal Information Protection Law, art. 19: only to answer a complaint.",
      "《个人信息保护法》第十九条：仅用于处理投诉。"}},
    {"places",
     "P90D",
     {"Positions of your device", "设备位置"},
     {"Personal Information Protection Law, art. 19 and 29; erased at once where you withdraw your "
      "consent.",
      "《个人信息保护法》第十九条、第二十九条；撤回同意后立即删除。"}},
    {"attempts",
     "P180D",
     {"Attempts to verify yourself", "身份核实尝试记录"},
     {"Cybersecurity Law, art. 21: logs are kept for at least six months.",
      "《网络安全法》第二十一条：日志留存不少于六个月。"}},
    {"phoneCodes",
     "P2D",
     {"Codes sent to your phone", "短信验证码"},
     {"Personal Information Protection Law, art. 19: counted against misuse for a day.",
      "《个人信息保护法》第十九条：用于当日防滥用计数。"}},
    {"sessions",
     "P30D",
     {"Sessions after their end", "已结束的登录会话"},
     {"Personal Information Protection Law, art. 19: shows you who was signed in.",
      "《个人信息保护法》第十九条：供您查看登录情况。"}},
    {"answers",
     "P2D",
     {"Answers kept against doubled requests", "防重复提交的应答"},
     {"Personal Information Protection Law, art. 19: a repeated request gets the same answer.",
      "《个人信息保护法》第十九条：重复请求得到同一应答。"}},
    {"cardBindings",
     "P30D",
     {"Attempts to bind a card", "绑卡申请"},
     {"Personal Information Protection Law, art. 19: to answer questions about a binding.",
      "《个人信息保护法》第十九条：用于处理绑卡咨询。"}},
    {"securityEvents",
     "P365D",
     {"Sign-ins and changes of your security", "登录与安全变更记录"},
     {"Cybersecurity Law, art. 21: logs are kept for at least six months.",
      "《网络安全法》第二十一条：日志留存不少于六个月。"}},
    {"customers",
     "P10Y",
     {"Name, phone, ID number, confirmed ID card, consents and payments' names, after you left",
      "姓名、手机号、身份证号、证件信息、授权记录及交易姓名（自销户起）"},
     {"Anti-Money-Laundering Law, art. 34: identity and transactions are kept for ten years after. "
      "Sealed until then, used for nothing else, then erased.",
      "《反洗钱法》第三十四条：业务关系结束后保存十年。期间加密保存，不作他用，到期删除"
      "。"}},
    {"books",
     "P30Y",
     {"Entries in the books, which name nobody", "会计分录（不含个人信息）"},
     {"Measures for accounting archives of 2015: vouchers and ledgers 30 years.",
      "《会计档案管理办法》（2015）：会计凭证与账簿保存三十年。"}},
};

const struct retention_row *retention_at(size_t index)
{
    CHECK(index < RETENTION_COUNT);
    return &ROWS[index];
}

int retention_days(const char *kind)
{
    for (size_t i = 0; i < RETENTION_COUNT; i++) {
        if (strcmp(ROWS[i].kind, kind) == 0) {
            char *end = NULL;
            long days = strtol(ROWS[i].kept_for + 1, &end, 10);
            return *end == 'D' ? (int)days : 0;
        }
    }
    CHECK(!"a kind of the table");
    return 0;
}

struct sweep {
    int bucket;
    int64_t count;
};

static int64_t since(const struct uow *uow, const char *kind)
{
    return uow->now_us - retention_days(kind) * DAY_US;
}

static enum err sweep_some(struct uow *uow, void *context)
{
    struct sweep *sweep = context;
    int64_t events = 0;
    int64_t bindings = 0;
    int64_t attempts = 0;
    enum err err = customer_events_sweep(uow, sweep->bucket, since(uow, "securityEvents"),
                                         ROWS_A_RUN, &events);
    err = err ? err
              : card_bindings_sweep(uow, sweep->bucket, since(uow, "cardBindings"), ROWS_A_RUN,
                                    &bindings);
    err =
        err ? err
            : kyc_attempts_sweep(uow, sweep->bucket, since(uow, "attempts"), ROWS_A_RUN, &attempts);
    sweep->count = events + bindings + attempts;
    return err;
}

enum err retention_run(const struct privacy_room *room, struct engine *engine, int bucket,
                       struct retention_count *out)
{
    struct sweep sweep = {.bucket = bucket};
    struct date today = engine_civil_date(engine, clock_now_us(engine_clock(engine)));
    size_t persons = 0;
    enum err err = engine_run(engine, sweep_some, &sweep);
    out->swept += err ? 0 : sweep.count;
    err = err ? err : leaving_erase_due(room, engine, bucket, today, &persons);
    out->persons += persons;
    return err;
}
