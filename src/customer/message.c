/* Messages to the customer: kind and parameters are stored, words are made when read. */
#include "base/check.h"
#include "base/json.h"
#include "base/str.h"
#include "customer/customer_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PARAMS_MAX 2048

DB_STMT(message_stmt_insert,
        "INSERT INTO customer_messages (bucket, customer_id, id, kind, params, payment_id,"
        " created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)");
DB_STMT(message_stmt_list,
        "SELECT id, kind, params, payment_id, created_at, read_at FROM customer_messages"
        " WHERE bucket = $1 AND customer_id = $2 AND id < $3 ORDER BY id DESC LIMIT $4");
DB_STMT(message_stmt_read, "UPDATE customer_messages SET read_at = COALESCE(read_at, $1)"
                           " WHERE bucket = $2 AND customer_id = $3 AND id = $4");

/* {amount} and the like are filled in. A text names what it needs; message_add checks it is there.
 */
static const struct {
    const char *name;
    const char *title[2]; /* English, Chinese */
    const char *text[2];
} KINDS[MESSAGE_KIND_COUNT] = {
    [MESSAGE_WELCOME] = {"welcome",
                         {"Welcome", "欢迎"},
                         {"Your phone number is confirmed. A few more steps and your account is "
                          "open.",
                          "您的手机号码已验证，再完成几步即可开户。"}},
    [MESSAGE_IDENTITY_VERIFIED] = {"identityVerified",
                                   {"Identity confirmed", "身份核验通过"},
                                   {"Your name and ID number were confirmed by the registry.",
                                    "您的姓名和身份证号码已通过登记机构核验。"}},
    [MESSAGE_PASSCODE_CHANGED] =
        {"passCodeChanged",
         {"Pass code changed", "交易密码已修改"},
         {"Your pass code was changed and your other devices were signed "
          "out. If this was not you, call us at once.",
          "您的交易密码已修改，其他设备已退出登录。如非本人操作，请立即联系我"
          "们。"}},
    [MESSAGE_SIGNED_IN] =
        {"signedIn",
         {"New sign-in", "新设备登录"},
         {"You signed in on {device}. If this was not you, end that session and "
          "change your pass code.",
          "您的账号在“{device}”上登录。如非本人操作，请结束该会话并修改交易密码。"}},
    [MESSAGE_ACCOUNT_OPENED] = {"accountOpened",
                                {"Account opened", "开户成功"},
                                {"Your account {account} is open.", "您的账户{account}已开立。"}},
    [MESSAGE_CARD_BOUND] = {"cardBound",
                            {"Card bound", "银行卡已绑定"},
                            {"Your card {card} is bound.", "您的银行卡{card}已绑定。"}},
    [MESSAGE_CARD_UNBOUND] = {"cardUnbound",
                              {"Card unbound", "银行卡已解绑"},
                              {"Your card {card} is no longer bound.", "您的银行卡{card}已解绑。"}},
    [MESSAGE_TRANSFER_IN] = {"transferIn",
                             {"Money received", "收款到账"},
                             {"{name} sent you ¥{amount}.", "{name}向您转账¥{amount}，已到账。"}},
    [MESSAGE_TRANSFER_OUT] = {"transferOut",
                              {"Transfer sent", "转账成功"},
                              {"You sent ¥{amount} to {name}.", "您已向{name}转账¥{amount}。"}},
    [MESSAGE_TOP_UP_DONE] = {"topUpDone",
                             {"Top-up arrived", "充值到账"},
                             {"¥{amount} from card {card} arrived.",
                              "银行卡{card}充值¥{amount}已到账。"}},
    [MESSAGE_TOP_UP_REFUSED] = {"topUpRefused",
                                {"Top-up refused", "充值失败"},
                                {"The top-up of ¥{amount} from card {card} was refused; no money "
                                 "moved.",
                                 "银行卡{card}充值¥{amount}未成功，没有发生扣款。"}},
    [MESSAGE_WITHDRAWAL_DONE] = {"withdrawalDone",
                                 {"Withdrawal paid out", "提现成功"},
                                 {"¥{amount} was paid out to card {card}.",
                                  "¥{amount}已提现至银行卡{card}。"}},
    [MESSAGE_WITHDRAWAL_REFUSED] = {"withdrawalRefused",
                                    {"Withdrawal refused", "提现失败"},
                                    {"The withdrawal of ¥{amount} to card {card} was refused; the "
                                     "money is back in your account.",
                                     "提现¥{amount}至银行卡{card}未成功，资金已退回您的账户。"}},
    [MESSAGE_INTEREST_PAID] = {"interestPaid",
                               {"Interest paid", "利息到账"},
                               {"Interest of ¥{amount} was added to your account.",
                                "利息¥{amount}已记入您的账户。"}},
    [MESSAGE_NEW_DEVICE] =
        {"newDevice",
         {"Sign-in on a new device", "新设备首次登录"},
         {"You signed in on {device} for the first time. If this was not you, remove that device "
          "and change your pass code.",
          "您的账号首次在“{device}”上登录。如非本人操作，请移除该设备并修改交易密码。"}},
    [MESSAGE_DEVICE_REMOVED] = {"deviceRemoved",
                                {"Device removed", "设备已移除"},
                                {"{device} was removed and signed out.",
                                 "设备“{device}”已移除并退出登录。"}},
    [MESSAGE_PASSKEY_ADDED] =
        {"passkeyAdded",
         {"Passkey added", "通行密钥已添加"},
         {"The passkey {device} was added. If this was not you, remove it and "
          "call us.",
          "通行密钥“{device}”已添加。如非本人操作，请删除并联系我们。"}},
    [MESSAGE_PASSKEY_REMOVED] = {"passkeyRemoved",
                                 {"Passkey removed", "通行密钥已删除"},
                                 {"The passkey {device} was removed. If this was not you, call us.",
                                  "通行密钥“{device}”已删除。如非本人操作，请联系我们。"}},
    [MESSAGE_PASSKEY_CLONED] = {"passkeyCloned",
                                {"Passkey refused", "通行密钥被拒绝"},
                                {"The passkey {device} was refused: it seems to have been copied. "
                                 "Remove it and make a new one.",
                                 "通行密钥“{device}”疑似被复制，已拒绝使用，请删除后重新创建。"}},
    [MESSAGE_TOTP_ADDED] = {"totpAdded",
                            {"Time codes are on", "动态验证码已启用"},
                            {"Time codes of your authenticator app are now asked for.",
                             "已启用身份验证器的动态验证码。"}},
    [MESSAGE_TOTP_REMOVED] = {"totpRemoved",
                              {"Time codes are off", "动态验证码已停用"},
                              {"Time codes are no longer asked for. If this was not you, call us.",
                               "动态验证码已停用。如非本人操作，请联系我们。"}},
    [MESSAGE_PHONE_CHANGED] = {"phoneChanged",
                               {"Phone number changed", "手机号码已更换"},
                               {"Your phone number was changed and your other devices were signed "
                                "out. If this was not you, call us at once.",
                                "您的手机号码已更换，其他设备已退出登录。如非本人操作，请立即联系"
                                "我们。"}},
    [MESSAGE_PHONE_DETACHED] = {"phoneDetached",
                                {"Your phone number is somebody else's now",
                                 "手机号码已由他人使用"},
                                {"The phone operator gave your number to another person, so it no "
                                 "longer signs you in. Set your new number under Security while "
                                 "you are signed in here.",
                                 "运营商已将您的手机号码分配给他人，该号码不再用于登录。请趁当前仍"
                                 "处于登录状态，在“安全”中设置新的手机号码。"}},
    [MESSAGE_SIGNED_OUT_EVERYWHERE] = {"signedOutEverywhere",
                                       {"Signed out everywhere", "已全部退出登录"},
                                       {"Your devices were signed out.",
                                        "您的设备已全部退出登录。"}},
    [MESSAGE_REVIEW_OPENED] =
        {"reviewOpened",
         {"A person is looking at it", "已转人工审核"},
         {"A person at the bank looks at your verification; you will hear "
          "within a day. Nothing more is needed now.",
          "银行工作人员将审核您的身份信息，一天内给出结果，目前无需其他操作。"}},
    [MESSAGE_REVIEW_LATE] =
        {"reviewLate",
         {"Your review takes longer", "审核时间延长"},
         {"We promised an answer within a day and are late. Your verification "
          "is still being looked at; you may also choose a video call or a "
          "counter.",
          "我们未能在一天内给出审核结果，审核仍在进行。您也可以改选视频或柜台核实。"}},
    [MESSAGE_REVIEW_PASSED] = {"reviewPassed",
                               {"Review passed", "人工审核通过"},
                               {"A person at the bank confirmed your verification. Please go on "
                                "where you were.",
                                "银行工作人员已确认您的身份信息，请继续后续步骤。"}},
    [MESSAGE_REVIEW_REFUSED] = {"reviewRefused",
                                {"Review not passed", "人工审核未通过"},
                                {"A person at the bank could not confirm your verification. You "
                                 "may come to a counter with your ID card.",
                                 "银行工作人员未能确认您的身份信息。您可携带身份证到柜台办理。"}},
    [MESSAGE_ACCOUNT_CLOSED] = {"accountClosed",
                                {"Account closed", "账户已销户"},
                                {"Your account {account} is closed.", "您的账户{account}已销户。"}},
    [MESSAGE_CLOSURE_FAILED] = {"closureFailed",
                                {"Account not closed", "销户未完成"},
                                {"The money of account {account} could not be paid out, so the "
                                 "account stays open.",
                                 "账户{account}的资金未能转出，该账户继续保留。"}},
    [MESSAGE_ACCOUNT_SUSPENDED] =
        {"accountSuspended",
         {"Account suspended", "账户已暂停付款"},
         {"Account {account} is suspended until your identity is verified: money still comes in, "
          "and "
          "goes out to your own bound card only.",
          "账户{account}在您完成身份核实前暂停付款：可以入账，仅可提现至本人绑定卡。"}},
    [MESSAGE_ACCOUNT_RESUMED] = {"accountResumed",
                                 {"Account open again", "账户已恢复"},
                                 {"Account {account} is open again.", "账户{account}已恢复使用。"}},
    [MESSAGE_ACCOUNT_CLASS] = {"accountClass",
                               {"Account class changed", "账户类别已变更"},
                               {"Account {account} is of class {name} now.",
                                "账户{account}现为{name}类户。"}},
    [MESSAGE_VERIFY_BY] = {"verifyBy",
                           {"Please verify your identity", "请完成身份核实"},
                           {"Account {account} needs your identity verified by {name}. After that "
                            "day it pays out to your "
                            "own bound card only.",
                            "请于{name}前完成身份核实。逾期后账户{account}仅可提现至本人绑定卡。"}},
    [MESSAGE_DOCUMENT_EXPIRES] =
        {"documentExpires",
         {"Your ID card expires", "身份证即将到期"},
         {"Your ID card is valid through {name}. Please photograph the new "
          "one when you have it.",
          "您的身份证有效期至{name}，换领新证后请重新拍摄上传。"}},
    [MESSAGE_COMPANY_ACTIVE] = {"companyActive",
                                {"Company account opened", "企业账户已开立"},
                                {"{name} is registered and its account is open.",
                                 "“{name}”已完成登记，企业账户已开立。"}},
    [MESSAGE_COMPANY_REVIEW] = {"companyReview",
                                {"A person is looking at it", "企业资料审核中"},
                                {"A person at the bank looks at the registration of {name}; you "
                                 "will hear within a day.",
                                 "银行工作人员正在审核“{name}”的登记资料，一天内给出结果。"}},
    [MESSAGE_COMPANY_REFUSED] = {"companyRefused",
                                 {"Company not accepted", "企业登记未通过"},
                                 {"The registration of {name} was not accepted. You may register "
                                  "it anew.",
                                  "“{name}”的登记未通过审核，您可以重新提交。"}},
    [MESSAGE_COMPANY_SUSPENDED] =
        {"companySuspended",
         {"Company suspended", "企业账户已暂停"},
         {"The business registry's word on {name} has changed, so no payments go out for now. "
          "Please call us.",
          "“{name}”的工商登记信息发生变化，账户已暂停付款，请联系我们。"}},
    [MESSAGE_COMPANY_RESUMED] = {"companyResumed",
                                 {"Company active again", "企业账户已恢复"},
                                 {"Payments of {name} go out again.",
                                  "“{name}”的账户已恢复付款。"}},
    [MESSAGE_COMPANY_USER_ADDED] = {"companyUserAdded",
                                    {"You act for a company", "您已成为企业用户"},
                                    {"{name} gave you a role: see your companies.",
                                     "“{name}”已为您设置企业角色，请在“企业”中查看。"}},
    [MESSAGE_COMPANY_USER_REMOVED] = {"companyUserRemoved",
                                      {"You no longer act for a company", "您已不再是企业用户"},
                                      {"Your role for {name} was taken away.",
                                       "您在“{name}”的企业角色已被取消。"}},
    [MESSAGE_COMPANY_CHANGE_WAITS] =
        {"companyChangeWaits",
         {"A change of people waits", "有人员变更待确认"},
         {"Roles at {name} are to change: please approve or refuse it under your companies.",
          "“{name}”有人员角色变更待确认，请在“企业”中同意或拒绝。"}},
    [MESSAGE_ORDER_WAITS] = {"orderWaits",
                             {"A payment waits for you", "有付款待您复核"},
                             {"{name} is to pay ¥{amount}: please approve or refuse the order.",
                              "“{name}”有一笔¥{amount}的付款待复核，请同意或拒绝。"}},
    [MESSAGE_ORDER_EXECUTED] = {"orderExecuted",
                                {"Order paid", "付款指令已执行"},
                                {"Your order of {name} over ¥{amount} was approved and paid.",
                                 "您为“{name}”提交的¥{amount}付款已复核并执行。"}},
    [MESSAGE_ORDER_REFUSED] = {"orderRefused",
                               {"Order refused", "付款指令被拒绝"},
                               {"Your order of {name} over ¥{amount} was refused.",
                                "您为“{name}”提交的¥{amount}付款已被拒绝。"}},
    [MESSAGE_ORDER_FAILED] =
        {"orderFailed",
         {"Order failed", "付款指令未能执行"},
         {"Your order of {name} over ¥{amount} was approved but could not be "
          "paid; no money moved.",
          "您为“{name}”提交的¥{amount}付款已复核，但未能执行，没有发生扣款。"}},
};

/* The names of parameters and their offsets in struct message_params. */
#define PARAM_COUNT 5
static const char *const PARAM_NAMES[PARAM_COUNT] = {"amount", "name", "card", "account", "device"};

static void list_params(const struct message_params *params, const char *out[PARAM_COUNT])
{
    out[0] = params->amount;
    out[1] = params->name;
    out[2] = params->card;
    out[3] = params->account;
    out[4] = params->device;
}

const char *message_kind_name(enum message_kind kind)
{
    CHECK(kind >= MESSAGE_WELCOME && kind < MESSAGE_KIND_COUNT);
    return KINDS[kind].name;
}

/* --- Writing ------------------------------------------------------------------------------------
 */

static bool needs(enum message_kind kind, const char *name)
{
    char hole[16];
    snprintf(hole, sizeof(hole), "{%s}", name);
    return strstr(KINDS[kind].text[LANG_EN], hole) != NULL;
}

enum err message_add(struct uow *uow, struct customer_id customer, enum message_kind kind,
                     const struct message_params *params, int64_t payment_id)
{
    CHECK(kind >= MESSAGE_WELCOME && kind < MESSAGE_KIND_COUNT);
    const char *values[PARAM_COUNT];
    struct str json;
    list_params(params, values);
    str_init(&json, PARAMS_MAX);
    str_append_char(&json, '{');
    for (int i = 0; i < PARAM_COUNT; i++) {
        CHECK(values[i] || !needs(kind, PARAM_NAMES[i]));
        if (values[i]) {
            str_append(&json, json.size > 1 ? "," : "");
            str_append_json(&json, PARAM_NAMES[i]);
            str_append_char(&json, ':');
            str_append_json(&json, values[i]);
        }
    }
    str_append_char(&json, '}');
    int bucket = id_bucket(customer.value);
    enum err err =
        json.failed
            ? ERR_NO_MEMORY
            : db_defer(uow->conn, &message_stmt_insert,
                       DB_ARGS(db_int(bucket), db_int(customer.value), db_int(uow_id(uow, bucket)),
                               db_int(kind), db_text(json.bytes),
                               payment_id ? db_int(payment_id) : db_null(), db_int(uow->now_us)),
                       1);
    str_release(&json);
    return err;
}

/* --- Reading ------------------------------------------------------------------------------------
 */

/* "{name} sent…" with its holes filled; cut at a whole character where it would not fit. */
static void fill(const char *pattern, const json_t *params, char *out, size_t capacity)
{
    size_t used = 0;
    while (*pattern) {
        const char *piece = pattern;
        size_t size = strcspn(pattern, "{");
        if (size == 0) {
            size_t name_size = strcspn(pattern + 1, "}");
            char name[16];
            CHECK(name_size < sizeof(name) && pattern[1 + name_size] == '}');
            memcpy(name, pattern + 1, name_size);
            name[name_size] = '\0';
            const char *value = json_string_value(json_object_get(params, name));
            piece = value ? value : "";
            size = strlen(piece);
            pattern += name_size + 2;
        } else {
            pattern += size;
        }
        if (used + size >= capacity) {
            size = capacity - 1 - used;
            while (size > 0 && ((uint8_t)piece[size] & 0xC0) == 0x80) {
                size--;
            }
        }
        memcpy(out + used, piece, size);
        used += size;
    }
    out[used] = '\0';
}

static enum err read_message(const struct db_rows *rows, struct message *out)
{
    const char *params = db_rows_text(rows, 2);
    json_t *json = NULL;
    enum err err = json_parse_object(params, strlen(params), PARAMS_MAX, &json);
    if (err != ERR_OK) {
        return ERR_INTERNAL;
    }
    out->id = db_rows_int(rows, 0);
    out->kind = (enum message_kind)db_rows_int(rows, 1);
    CHECK(out->kind >= MESSAGE_WELCOME && out->kind < MESSAGE_KIND_COUNT);
    for (int lang = 0; lang < 2; lang++) {
        fill(KINDS[out->kind].title[lang], json, out->title[lang], sizeof(out->title[lang]));
        fill(KINDS[out->kind].text[lang], json, out->text[lang], sizeof(out->text[lang]));
    }
    json_decref(json);
    out->payment_id = db_rows_is_null(rows, 3) ? 0 : db_rows_int(rows, 3);
    out->created_at = db_rows_int(rows, 4);
    out->read_at = db_rows_is_null(rows, 5) ? 0 : db_rows_int(rows, 5);
    return ERR_OK;
}

enum err message_each(struct db_conn *conn, struct customer_id customer, int64_t before_id,
                      size_t limit, message_visit *visit, void *context)
{
    struct message message;
    struct db_rows rows;
    enum err read = ERR_OK;
    enum err err =
        db_query(conn, &message_stmt_list,
                 DB_ARGS(db_int(id_bucket(customer.value)), db_int(customer.value),
                         db_int(before_id ? before_id : INT64_MAX), db_int((int64_t)limit)),
                 &rows);
    if (err != ERR_OK) {
        return err;
    }
    while (read == ERR_OK && db_rows_next(&rows)) {
        read = read_message(&rows, &message);
        if (read == ERR_OK && !visit(&message, context)) {
            break;
        }
    }
    err = db_rows_close(&rows);
    return err != ERR_OK ? err : read;
}

enum err message_mark_read(struct uow *uow, struct customer_id customer, int64_t message_id)
{
    int64_t changed = 0;
    enum err err = db_exec(uow->conn, &message_stmt_read,
                           DB_ARGS(db_int(uow->now_us), db_int(id_bucket(customer.value)),
                                   db_int(customer.value), db_int(message_id)),
                           &changed);
    return err != ERR_OK ? err : changed == 1 ? ERR_OK : ERR_NOT_FOUND;
}
