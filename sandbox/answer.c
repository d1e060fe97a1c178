/* Answers of the parties: JSON, texts, refusals. */
#include "sandbox.h"

#include "base/date.h"

#include <stdlib.h>
#include <string.h>

struct refusal_row {
    const char *code;
    int http;
    const char *en;
    const char *zh;
};

static const struct refusal_row refusals[] = {
#define REFUSAL_ROW(code, http, en, zh) {#code, http, en, zh},
    REFUSALS(REFUSAL_ROW)
#undef REFUSAL_ROW
};

/* ISO 20022 external reason codes used by the clearing house. */
static const struct refusal_row reasons[] = {
    {"AM03", 0, "only CNY is cleared here", "仅支持人民币"},
    {"AM04", 0, "the card's balance is too low", "银行卡余额不足"},
    {"AM09", 0, "more than what is left of the original debit", "超过原交易可退金额"},
    {"AM14", 0, "above the issuer's limit for a payment or a day", "超过发卡行单笔或单日限额"},
    {"AB06", 0, "the issuer did not answer in time", "发卡行处理超时"},
    {"AC04", 0, "the account is closed", "账户已销户"},
    {"AC06", 0, "the card is blocked", "银行卡已冻结或挂失"},
    {"MD01", 0, "there is no such agreement, or it is closed", "签约协议不存在或已解除"},
    {"NOOR", 0, "no settled debit has the original id", "找不到已成功的原交易"},
};

void answer_json(struct answer *answer, int status, json_t *json)
{
    answer->status = status;
    answer->json = json;
}

static json_t *two_languages(const char *en, const char *zh)
{
    return json_pack("{s:s, s:s}", "en", en, "zh", zh);
}

void answer_refuse(struct answer *answer, enum refusal refusal)
{
    const struct refusal_row *row = &refusals[refusal];
    json_decref(answer->json);
    answer_json(
        answer, row->http,
        json_pack("{s:s, s:o}", "code", row->code, "message", two_languages(row->en, row->zh)));
}

void answer_reject(struct answer *answer, const char *reason)
{
    answer_json(answer, 422,
                json_pack("{s:s, s:o}", "code", reason, "message", answer_reason_message(reason)));
}

void answer_bad_field(struct answer *answer, const char *field)
{
    answer_refuse(answer, REFUSE_fieldInvalid);
    json_object_set_new(answer->json, "field", json_string(field));
}

json_t *answer_reason_message(const char *reason)
{
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++) {
        if (strcmp(reasons[i].code, reason) == 0)
            return two_languages(reasons[i].en, reasons[i].zh);
    }
    return two_languages("refused", "交易被拒绝");
}

void answer_release(struct answer *answer)
{
    json_decref(answer->json);
    free(answer->text);
    *answer = (struct answer){0};
}

json_t *money_json(int64_t minor)
{
    char text[MONEY_TEXT_SIZE];
    money_format((struct money){minor, CCY_CNY}, text);
    return json_pack("{s:s, s:s}", "amount", text, "currency", CCY_CNY.code);
}

json_t *instant_json(int64_t instant_us)
{
    char text[INSTANT_TEXT_SIZE];
    instant_format(instant_us, text);
    return json_string(text);
}
