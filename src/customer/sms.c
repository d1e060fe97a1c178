/* Text messages: written in the customer's language, put into the outbox sealed. */
#include "base/check.h"
#include "base/json.h"
#include "customer/customer_private.h"
#include "db/outbox.h"

#include <stdio.h>
#include <string.h>

#define SMS_FIELD "outbox.sms"

/* The code is the first and only number of the text, so that phones offer it for filling in. */
void sms_write_code(const struct customer_phone *phone, const char *code, enum code_purpose purpose,
                    enum lang language, struct sms *out)
{
    static const char *const texts[][2] = {
        [CODE_SIGN_UP] =
            {"【Sycee】%s is your code to open an account. Valid for 5 minutes. Nobody "
             "from the bank will ever ask you for it.",
             "【Sycee】%s，用于注册开户，5分钟内有效。银行工作人员不会向您索要验证码。"},
        [CODE_SIGN_IN] =
            {"【Sycee】%s is your code to sign in. Valid for 5 minutes. If you did not "
             "ask for it, somebody else has your number: do not pass it on.",
             "【Sycee】%s，用于登录，5分钟内有效。如非本人操作，请勿告知他人。"},
        [CODE_RESET_PASSCODE] = {"【Sycee】%s is your code to set a new pass code. Valid for 5 "
                                 "minutes. Never pass it on.",
                                 "【Sycee】%s，用于重设交易密码，5分钟内有效，请勿告知他人。"},
        [CODE_CHANGE_PHONE] = {"【Sycee】%s is your code to make this your number with us. Valid "
                               "for 5 minutes. If you did not ask for it, do not pass it on.",
                               "【Sycee】%s，用于更换手机号码，5分钟内有效。如非本人操作，请勿告知"
                               "他人。"},
    };
    memset(out, 0, sizeof(*out));
    snprintf(out->to, sizeof(out->to), "%s", phone->text);
    const char *text = texts[purpose][language];
    const char *hole = strstr(text, "%s");
    snprintf(out->text, sizeof(out->text), "%.*s%s%s", (int)(hole - text), text, code, hole + 2);
}

void sms_write_phone_changed(const char *to, enum lang language, struct sms *out)
{
    static const char *const texts[] = {
        [LANG_EN] =
            "【Sycee】Your account now uses another phone number. If this was not you, call "
            "us at once.",
        [LANG_ZH] = "【Sycee】您的账户已更换手机号码。如非本人操作，请立即联系我们。",
    };
    memset(out, 0, sizeof(*out));
    snprintf(out->to, sizeof(out->to), "%s", to);
    snprintf(out->text, sizeof(out->text), "%s", texts[language]);
}

enum err sms_put(struct customer_room *room, struct uow *uow, int bucket, int64_t ref_id,
                 const struct sms *sms)
{
    int64_t id = uow_id(uow, bucket);
    struct vault_place place = {bucket, id, SMS_FIELD};
    uint8_t sealed[sizeof(*sms) + VAULT_OVERHEAD];
    char body[VAULT_BASE64_SIZE(sizeof(sealed)) + 16];
    char text[VAULT_BASE64_SIZE(sizeof(sealed))];
    vault_seal(room->vault, place, sms, sizeof(*sms), sealed);
    vault_base64(sealed, sizeof(sealed), text);
    snprintf(body, sizeof(body), "{\"sealed\":\"%s\"}", text);
    return outbox_put(uow->conn, &(struct outbox_message){.id = id,
                                                          .topic = SMS_TOPIC,
                                                          .ref_id = ref_id,
                                                          .body = body,
                                                          .created_at = uow->now_us,
                                                          .next_at = uow->now_us});
}

enum err sms_unseal(const struct vault *vault, int64_t outbox_id, const char *body, struct sms *out)
{
    json_t *json = NULL;
    const char *text = NULL;
    uint8_t sealed[sizeof(*out) + VAULT_OVERHEAD];
    enum err err = json_parse_object(body, strlen(body), 4096, &json);
    if (err != ERR_OK) {
        return ERR_INVALID_JSON;
    }
    if (json_get_text(json, "sealed", &text) != ERR_OK ||
        !vault_from_base64(text, sealed, sizeof(sealed))) {
        json_decref(json);
        return ERR_INVALID_JSON;
    }
    json_decref(json);
    size_t size = 0;
    err = vault_unseal(vault, (struct vault_place){id_bucket(outbox_id), outbox_id, SMS_FIELD},
                       sealed, sizeof(sealed), out, sizeof(*out), &size);
    CHECK(err != ERR_OK || size == sizeof(*out));
    return err;
}
