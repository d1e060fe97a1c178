/*
 * Shared by the parties of the sandbox: the request as a party receives it, its answer, and the
 * refusals. A party's function runs alone, inside one transaction of the store, and has
 * no effect but that transaction and its answer.
 */
#ifndef SANDBOX_H
#define SANDBOX_H

#include "base/money.h"
#include "store.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BODY_SIZE_MAX        65536
#define CALLER_ID_SIZE_MAX   64
#define CLEARING_OFFSET_MIN  480 /* the clearing house's day is that of UTC+8 */
#define REASON_SIZE          5
#define SIGNATURE_SKEW_MAX_S 300

struct options {
    char host[64];
    int port;
    const char *state_path;
    int64_t seed;
    int64_t code_life_s;
    bool plain_amounts; /* no magic amounts */
    bool quiet;
    const char *draw_folder; /* write the pictures and exit */
    int64_t draw_rows;
    const char *key_id;
    const char *secret;
};

enum fault_action {
    FAULT_NONE,
    FAULT_LATE,
    FAULT_LATE_REQUEST,
    FAULT_LOST_REQUEST,
    FAULT_LOST_ANSWER,
    FAULT_PENDING,
    FAULT_REJECT,
    FAULT_DUPLICATE,
    FAULT_WRONG_AMOUNT,
    FAULT_UNAVAILABLE,
    FAULT_BETWEEN,
    FAULT_OTHER_ID,
    FAULT_OTHER_AMOUNT,
    FAULT_CONTRADICT,
    FAULT_WRONG_SIGNATURE,
    FAULT_ACTION_COUNT
};

/* The fault of this request. */
struct fault {
    enum fault_action action;
    int64_t delay_ms;
    char reason[REASON_SIZE]; /* pending: "" settles if the rules allow; between: the status */
    int64_t settle_on_query;
    int64_t settle_after_ms; /* -1: by query */
};

struct request {
    const struct options *options;
    struct store *store;
    int64_t now_us;
    const char *method;
    const char *url;     /* path, decoded */
    const char *raw_uri; /* path and query as on the wire */
    const char *body;
    size_t body_size;
    const char *key_id, *timestamp, *signature, *content_type; /* headers; NULL if absent */
    const char *(*query_value)(const struct request *request, const char *name);
    void *connection; /* for query_value only */
    char path_value[128];
    json_t *json;
    const char *bad_field; /* first member found wrong */
    bool fault_is_taken;
    struct fault fault;
};

struct answer {
    int status;
    json_t *json;             /* owned */
    char *text;               /* owned, instead of json */
    const char *static_bytes; /* borrowed, instead of both */
    size_t size;              /* of text or static_bytes */
    const char *content_type; /* NULL: application/json */
    const char *header_name;  /* one more header, or NULL */
    const char *header_value;
    bool is_dropped;        /* close the connection without an answer */
    bool is_unsigned;       /* a third party on the way answers, unsigned */
    bool is_signed_wrongly; /* the signature is for another answer */
    int64_t delay_ms;
    int64_t again_ms; /* run the request only after this delay */
};

/* Every refusal: code in JSON, HTTP status, sentences. */
#define REFUSALS(ROW)                                                                              \
    ROW(bodyNotJson, 400, "the body is not one JSON object", "请求内容不是 JSON 对象")             \
    ROW(fieldInvalid, 400, "a member is missing or not valid", "字段缺失或不正确")                 \
    ROW(signatureMissing, 401, "the three signature headers are required", "缺少签名请求头")       \
    ROW(keyUnknown, 401, "this key is unknown", "密钥编号不存在")                                  \
    ROW(timestampSkewed, 401, "the timestamp is more than 300 s off", "时间戳偏差超过 300 秒")     \
    ROW(signatureWrong, 401, "the signature does not match the request", "签名不正确")             \
    ROW(pathUnknown, 404, "this path does not exist", "路径不存在")                                \
    ROW(signingUnknown, 404, "there is no such signing", "签约申请不存在")                         \
    ROW(instructionUnknown, 404, "this instruction did not arrive and will not be executed",       \
        "该指令未曾到达，且不会再执行")                                                            \
    ROW(agreementUnknown, 404, "there is no such agreement", "协议不存在")                         \
    ROW(cardNotHeld, 404, "this card has no holder yet", "该卡尚无持卡人")                         \
    ROW(fileUnknown, 404, "there is no file for this date", "该日期没有清算文件")                  \
    ROW(pictureUnknown, 404, "this resident has no such picture", "该居民没有此图片")              \
    ROW(faultUnknown, 404, "there is no such fault", "故障设置不存在")                             \
    ROW(methodNotAllowed, 405, "this path does not accept the method", "该路径不支持此方法")       \
    ROW(messageMismatch, 409, "this messageId was used for another message",                       \
        "短信编号已用于其他内容")                                                                  \
    ROW(requestMismatch, 409, "this requestId was used for another check",                         \
        "请求编号已用于其他核查")                                                                  \
    ROW(signingMismatch, 409, "this signingId was used for another signing",                       \
        "签约编号已用于其他申请")                                                                  \
    ROW(instructionMismatch, 409, "this instructionId was used for another instruction",           \
        "指令编号已用于其他指令")                                                                  \
    ROW(instructionVoided, 410, "a query has voided this instruction before it arrived",           \
        "查询已答复该指令未到达，指令作废")                                                        \
    ROW(bodyTooLarge, 413, "the body is larger than 64 KiB", "请求内容超过 64 KiB")                \
    ROW(contentTypeNotJson, 415, "send application/json", "请使用 application/json")               \
    ROW(cardUnknown, 422, "the card number is not valid", "卡号不正确")                            \
    ROW(binUnknown, 422, "no issuer uses these first digits", "没有发卡行使用该卡号段")            \
    ROW(cardLost, 422, "the card was reported lost", "该卡已挂失")                                 \
    ROW(nameMismatch, 422, "the name is not the card holder's", "姓名与持卡人不符")                \
    ROW(idMismatch, 422, "the ID number is not the card holder's", "证件号码与持卡人不符")         \
    ROW(phoneMismatch, 422, "the phone is not the one reserved at the issuer",                     \
        "手机号与银行预留号码不符")                                                                \
    ROW(codeWrong, 422, "the code is wrong", "验证码错误")                                         \
    ROW(codeExhausted, 422, "too many wrong codes; sign again", "错误次数过多，请重新签约")        \
    ROW(codeExpired, 422, "the code has expired; sign again", "验证码已过期，请重新签约")          \
    ROW(storeFailed, 500, "the state file cannot be written; nothing was done",                    \
        "状态文件写入失败，未作任何处理")                                                          \
    ROW(unavailable, 503, "unavailable for now; nothing was done", "暂时不可用，未作任何处理")

enum refusal {
#define REFUSAL_ENUM(code, http, en, zh) REFUSE_##code,
    REFUSALS(REFUSAL_ENUM)
#undef REFUSAL_ENUM
};

void answer_refuse(struct answer *answer, enum refusal refusal);
/* A refusal requested by a fault: the reason is the code. */
void answer_reject(struct answer *answer, const char *reason);
/* 400 fieldInvalid with the member's name. */
void answer_bad_field(struct answer *answer, const char *field);
void answer_json(struct answer *answer, int status, json_t *json);
/* {"en":…,"zh":…} for an ISO 20022 reason code. */
json_t *answer_reason_message(const char *reason);
void answer_release(struct answer *answer);

/* Members of the body. The first invalid one is stored in request->bad_field; "" and 0 are
 * returned then. Text is measured in bytes. */
const char *field_text(struct request *request, const char *name, size_t size_min, size_t size_max);
const char *field_text_optional(struct request *request, const char *name, size_t size_max);
const char *field_caller_id(struct request *request, const char *name);
struct money field_amount(struct request *request, const char *name);
int64_t field_int_optional(struct request *request, const char *name, int64_t min, int64_t max,
                           int64_t otherwise);
/* Query parameter `limit`, 1 to 500. */
int64_t field_limit(struct request *request);
bool field_is_caller_id(const char *text);

json_t *money_json(int64_t minor);
json_t *instant_json(int64_t instant_us);

/* Finds the route, checks signature and body, applies faults, runs the party. */
void route_run(struct request *request, struct answer *answer);
/* "POST /clearing/v1/debits" for the log: pattern, never ids. */
const char *route_name(const char *method, const char *url);

/* A REFUSE code, or -1 if the signature is right. */
int signature_check(const struct request *request);
/* "v1=" and hex over the request's own signature, the status and the body; false if the request
 * had none. */
#define ANSWER_SIGNATURE_SIZE 68
bool signature_of_answer(const struct request *request, int status, const char *body, size_t size,
                         char out[ANSWER_SIGNATURE_SIZE]);

/* The fault for this request, if any; uses up one of its times. */
void fault_take(struct request *request, const char *party, const char *operation,
                const char *path_member);

typedef void party_fn(struct request *request, struct answer *answer);
party_fn sms_accept, sms_list;
party_fn registry_check, registry_people, registry_portrait;
party_fn operator_check;
party_fn business_check, business_set;
party_fn place_address, place_phone, place_set;
party_fn signing_open, signing_confirm, agreement_close;
party_fn clearing_debit, clearing_credit, clearing_refund, clearing_query, clearing_list;
party_fn settlement_file, settlement_reserve;
party_fn control_add, control_list, control_remove, control_clear, control_card;
party_fn banks_cards, banks_instructions;
party_fn pages_serve;
party_fn cards_serve, cards_people;

/* A message to a phone from inside the sandbox. */
void sms_deliver(struct request *request, const char *message_id, const char *to, const char *text);
/* Settles every pending instruction that is due. */
void clearing_settle_due(struct request *request);
/* Fills an empty state file from people.tsv. */
void people_seed(struct store *store);

int http_serve(const struct options *options, struct store *store);

#endif
