/* The clearing house's signing calls, in its own JSON (sandbox/README.md, "Sign an agreement"). */
#include "account/card.h"
#include "base/json.h"

#include <stdio.h>
#include <string.h>

#define PATH_SIZE 128

static struct card_partner_channel *own(struct card_channel *channel)
{
    return (struct card_partner_channel *)channel;
}

/* A text of the answer; what is missing or too long stays empty. */
static void take_text(const json_t *json, const char *name, char *out, size_t size)
{
    const char *text = NULL;
    if (json != NULL && json_get_text(json, name, &text) == ERR_OK && strlen(text) < size) {
        memcpy(out, text, strlen(text) + 1);
    }
}

/* Refusals of the person's order. Any other (a wrong path, key or member of ours, a body that another id has)
 * is no word about the card: nothing is known. */
static bool is_refusal(const struct partner_answer *answer)
{
    bool is_gone = answer->status == 404 && (strcmp(answer->code, "signingUnknown") == 0 ||
                                             strcmp(answer->code, "agreementUnknown") == 0);
    return answer->outcome == PARTNER_REFUSED && (answer->status == 422 || is_gone);
}

/* Sends and reads what all three answers share; gives the body if the answer is yes. */
static const json_t *ask(struct card_channel *channel, const struct partner_call *call,
                         struct partner_answer *answer, struct card_answer *out)
{
    *out = (struct card_answer){.kind = CARD_ANSWER_UNAVAILABLE, .tries_left = -1};
    partner_send(own(channel)->partner, call, answer);
    if (answer->outcome == PARTNER_OK) {
        out->kind = CARD_ANSWER_OK;
        return answer->json;
    }
    if (is_refusal(answer)) {
        out->kind = CARD_ANSWER_REFUSED;
        snprintf(out->code, sizeof out->code, "%s", answer->code);
        int64_t tries_left = -1;
        if (answer->json != NULL &&
            json_get_int(answer->json, "triesLeft", &tries_left) == ERR_OK && tries_left >= 0 &&
            tries_left <= CARD_CODE_TRIES) {
            out->tries_left = (int32_t)tries_left;
        }
    }
    return NULL;
}

static void read_signing(const json_t *json, struct card_answer *out)
{
    json_t *issuer = NULL;
    json_t *name = NULL;
    if (json_get_object(json, "issuer", &issuer) == ERR_OK) {
        take_text(issuer, "code", out->issuer.code, sizeof out->issuer.code);
        if (json_get_object(issuer, "name", &name) == ERR_OK) {
            take_text(name, "en", out->issuer.name_en, sizeof out->issuer.name_en);
            take_text(name, "zh", out->issuer.name_zh, sizeof out->issuer.name_zh);
        }
    }
    take_text(json, "maskedPan", out->masked_pan, sizeof out->masked_pan);
    char kind[16] = "";
    take_text(json, "cardKind", kind, sizeof kind);
    out->card_kind = strcmp(kind, "debit") == 0 ? CARD_DEBIT : CARD_CREDIT;
    char expires[INSTANT_TEXT_SIZE] = "";
    take_text(json, "expiresAt", expires, sizeof expires);
    if (instant_parse(expires, &out->expires_at) != ERR_OK) {
        out->expires_at = 0;
    }
    if (out->issuer.code[0] == '\0' || kind[0] == '\0') {
        out->kind = CARD_ANSWER_UNAVAILABLE; /* an unreadable answer decides nothing */
    }
}

static void sign(struct card_channel *channel, const struct card_signing *signing,
                 struct card_answer *out)
{
    char id[ID_TEXT_SIZE + 1];
    id_format(signing->binding_id, id);
    json_t *body = json_pack("{s:s, s:s, s:s, s:s, s:s}", "signingId", id, "cardNumber",
                             signing->pan, "name", signing->name, "idNumber", signing->id_number,
                             "reservedPhone", signing->reserved_phone);
    struct partner_call call = {.method = "POST",
                                .path = "/clearing/v1/signings",
                                .body = body,
                                .may_repeat = true,
                                .echo_name = "signingId",
                                .echo_value = id};
    struct partner_answer answer;
    const json_t *json = ask(channel, &call, &answer, out);
    if (out->kind == CARD_ANSWER_OK) {
        read_signing(json, out);
    }
    partner_answer_release(&answer);
    json_decref(body);
}

static void confirm(struct card_channel *channel, int64_t binding_id, const char *code,
                    struct card_answer *out)
{
    char id[ID_TEXT_SIZE + 1];
    char path[PATH_SIZE];
    id_format(binding_id, id);
    snprintf(path, sizeof path, "/clearing/v1/signings/%s/confirmation", id);
    json_t *body = json_pack("{s:s}", "code", code);
    struct partner_call call = {.method = "POST",
                                .path = path,
                                .body = body,
                                .may_repeat = true,
                                .echo_name = "signingId",
                                .echo_value = id};
    struct partner_answer answer;
    const json_t *json = ask(channel, &call, &answer, out);
    if (out->kind == CARD_ANSWER_OK) {
        take_text(json, "agreementNumber", out->agreement, sizeof out->agreement);
        take_text(json, "accountClass", out->account_class, sizeof out->account_class);
        if (out->agreement[0] == '\0' || out->account_class[0] == '\0') {
            out->kind = CARD_ANSWER_UNAVAILABLE;
        }
    }
    partner_answer_release(&answer);
    json_decref(body);
}

static void unsign(struct card_channel *channel, const char *agreement, struct card_answer *out)
{
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "/clearing/v1/agreements/%s", agreement);
    struct partner_call call = {.method = "DELETE", .path = path, .may_repeat = true};
    struct partner_answer answer;
    ask(channel, &call, &answer, out);
    partner_answer_release(&answer);
}

void card_channel_init(struct card_partner_channel *out, const struct partner *partner)
{
    *out = (struct card_partner_channel){
        .channel = {.sign = sign, .confirm = confirm, .unsign = unsign}, .partner = partner};
}
