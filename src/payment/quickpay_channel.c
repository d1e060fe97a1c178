/* The clearing house's instructions, in its own JSON (sandbox/README.md, "Instructions"). */
#include "base/check.h"
#include "base/json.h"
#include "payment/quickpay.h"

#include <stdio.h>
#include <string.h>

#define PATH_SIZE 128

static const struct partner *partner_of(struct channel *channel)
{
    return ((struct partner_channel *)channel)->partner;
}

static void take_text(const json_t *json, const char *name, char *out, size_t size)
{
    CHECK(size > 0);
    const char *text = NULL;
    if (json_get_text(json, name, &text) == ERR_OK && strlen(text) < size) {
        memcpy(out, text, strlen(text) + 1);
    }
}

static bool text_is(const json_t *json, const char *name, const char *wanted)
{
    const char *text = NULL;
    return json_get_text(json, name, &text) == ERR_OK && strcmp(text, wanted) == 0;
}

/* The id has been compared already (struct partner_call, echo). */
static bool is_of(const json_t *json, const struct channel_instruction *instruction)
{
    CHECK(instruction->amount.minor > 0);
    struct money amount;
    return text_is(json, "kind", instruction->kind == PAYMENT_TOP_UP ? "debit" : "credit") &&
           text_is(json, "agreementNumber", instruction->agreement) &&
           json_get_money(json, "amount", &amount) == ERR_OK &&
           amount.minor == instruction->amount.minor &&
           ccy_equal(amount.ccy, instruction->amount.ccy);
}

static void read_outcome(const json_t *json, const char *status, struct channel_answer *out)
{
    CHECK(status != NULL);
    static const struct {
        const char *status;
        enum payment_event event;
    } statuses[] = {{"ACSC", PAYMENT_EVENT_ACCEPTED},
                    {"RJCT", PAYMENT_EVENT_REJECTED},
                    {"PDNG", PAYMENT_EVENT_PENDING}};
    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
        if (strcmp(statuses[i].status, status) == 0) {
            out->event = statuses[i].event;
        }
    }
    take_text(json, "reasonCode", out->reason, sizeof out->reason);
    take_text(json, "clearingReference", out->reference, sizeof out->reference);
}

/* A whole answer that cannot be read leaves everything unknown. */
static void read_status(const json_t *json, const struct channel_instruction *instruction,
                        struct channel_answer *out)
{
    const char *status = NULL;
    if (json == NULL || json_get_text(json, "status", &status) != ERR_OK) {
        return;
    }
    if (!is_of(json, instruction)) {
        out->is_other = true;
        return;
    }
    read_outcome(json, status, out);
}

/* The refusals after which the clearing house has certainly done nothing for this request
 * (sandbox/README.md, "Conventions"). Every other refusal leaves the outcome unknown. */
static enum payment_event event_of_refusal(const struct partner_answer *answer)
{
    static const struct {
        int status;
        const char *code;
        enum payment_event event;
    } refusals[] = {
        {400, "bodyNotJson", PAYMENT_EVENT_NOT_SENT},
        {400, "fieldInvalid", PAYMENT_EVENT_NOT_SENT},
        {401, "signatureMissing", PAYMENT_EVENT_NOT_SENT},
        {401, "keyUnknown", PAYMENT_EVENT_NOT_SENT},
        {401, "timestampSkewed", PAYMENT_EVENT_NOT_SENT},
        {401, "signatureWrong", PAYMENT_EVENT_NOT_SENT},
        {410, "instructionVoided", PAYMENT_EVENT_VOID},
        {413, "bodyTooLarge", PAYMENT_EVENT_NOT_SENT},
        {415, "contentTypeNotJson", PAYMENT_EVENT_NOT_SENT},
    };
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        if (refusals[i].status == answer->status && strcmp(refusals[i].code, answer->code) == 0) {
            /* The first of several sendings may have been taken. */
            bool is_sure = refusals[i].event == PAYMENT_EVENT_VOID || !answer->was_repeated;
            return is_sure ? refusals[i].event : PAYMENT_EVENT_UNKNOWN;
        }
    }
    return PAYMENT_EVENT_UNKNOWN;
}

static void read_instruct(const struct partner_answer *answer,
                          const struct channel_instruction *instruction, struct channel_answer *out)
{
    CHECK(out->event == PAYMENT_EVENT_UNKNOWN);
    switch (answer->outcome) {
    case PARTNER_OK:
        read_status(answer->json, instruction, out);
        break;
    case PARTNER_REFUSED:
        out->event = event_of_refusal(answer);
        /* The id belongs to another instruction over there. */
        out->is_other = answer->status == 409;
        break;
    case PARTNER_NOT_DELIVERED:
        out->event = PAYMENT_EVENT_NOT_SENT;
        break;
    case PARTNER_UNKNOWN:
        out->is_other = answer->is_other;
        break;
    }
}

static void instruct(struct channel *channel, const struct channel_instruction *instruction,
                     struct channel_answer *out)
{
    CHECK(instruction->id.value > 0 && instruction->amount.minor > 0);
    bool debit = instruction->kind == PAYMENT_TOP_UP;
    char id[ID_TEXT_SIZE + 1];
    id_format(instruction->id.value, id);
    json_t *body = json_pack("{s:s, s:s, s:o, s:s}", "instructionId", id, "agreementNumber",
                             instruction->agreement, "amount", json_from_money(instruction->amount),
                             "purpose", debit ? "top-up" : "withdrawal");
    struct partner_call call = {.method = "POST",
                                .path = debit ? "/clearing/v1/debits" : "/clearing/v1/credits",
                                .body = body,
                                .may_repeat = true,
                                .echo_name = "instructionId",
                                .echo_value = id};
    struct partner_answer answer;
    *out = (struct channel_answer){.event = PAYMENT_EVENT_UNKNOWN};
    if (body == NULL) {
        out->event = PAYMENT_EVENT_NOT_SENT;
        return;
    }
    partner_send(partner_of(channel), &call, &answer);
    read_instruct(&answer, instruction, out);
    partner_answer_release(&answer);
    json_decref(body);
}

static void query(struct channel *channel, const struct channel_instruction *instruction,
                  struct channel_answer *out)
{
    CHECK(instruction->id.value > 0);
    char id[ID_TEXT_SIZE + 1];
    char path[PATH_SIZE];
    id_format(instruction->id.value, id);
    snprintf(path, sizeof path, "/clearing/v1/instructions/%s", id);
    struct partner_call call = {.method = "GET",
                                .path = path,
                                .may_repeat = true,
                                .echo_name = "instructionId",
                                .echo_value = id};
    struct partner_answer answer;
    *out = (struct channel_answer){.event = PAYMENT_EVENT_UNKNOWN};
    partner_send(partner_of(channel), &call, &answer);
    if (answer.outcome == PARTNER_OK) {
        read_status(answer.json, instruction, out);
    } else if (answer.outcome == PARTNER_REFUSED && answer.status == 404 &&
               strcmp(answer.code, "instructionUnknown") == 0) {
        /* Another 404 is a wrong address of ours and must never end a payment. */
        out->event = PAYMENT_EVENT_VOID;
    } else {
        out->is_other = answer.is_other;
    }
    partner_answer_release(&answer);
}

/* False for what is no debit or credit of ours. */
static bool read_listed(const json_t *item, struct channel_listed *out)
{
    const char *status = NULL;
    *out = (struct channel_listed){.answer = {.event = PAYMENT_EVENT_UNKNOWN}};
    bool debit = text_is(item, "kind", "debit");
    if ((!debit && !text_is(item, "kind", "credit")) ||
        json_get_id(item, "instructionId", &out->instruction.id.value) != ERR_OK ||
        json_get_money(item, "amount", &out->instruction.amount) != ERR_OK ||
        json_get_text(item, "status", &status) != ERR_OK) {
        return false;
    }
    out->instruction.kind = debit ? PAYMENT_TOP_UP : PAYMENT_WITHDRAWAL;
    take_text(item, "agreementNumber", out->instruction.agreement,
              sizeof out->instruction.agreement);
    read_outcome(item, status, &out->answer);
    return true;
}

static enum err read_page(const json_t *json, int64_t *cursor,
                          struct channel_listed out[CHANNEL_LIST_MAX], size_t *out_count)
{
    json_t *items = json_object_get(json, "items");
    size_t size = json_array_size(items);
    int64_t next = 0;
    if (!json_is_array(items) || size > CHANNEL_LIST_MAX ||
        json_get_int(json, "next", &next) != ERR_OK) {
        return ERR_UNAVAILABLE;
    }
    for (size_t i = 0; i < size; i++) {
        if (!read_listed(json_array_get(items, i), &out[i])) {
            return ERR_UNAVAILABLE;
        }
    }
    *cursor = next;
    *out_count = size;
    return ERR_OK;
}

static enum err list(struct channel *channel, int64_t since_us, int64_t *cursor,
                     struct channel_listed out[CHANNEL_LIST_MAX], size_t *out_count)
{
    char path[PATH_SIZE];
    char since[INSTANT_TEXT_SIZE];
    instant_format(since_us, since);
    snprintf(path, sizeof path, "/clearing/v1/instructions?since=%s&after=%lld&limit=%d", since,
             (long long)*cursor, CHANNEL_LIST_MAX);
    struct partner_call call = {.method = "GET", .path = path, .may_repeat = true};
    struct partner_answer answer;
    *out_count = 0;
    partner_send(partner_of(channel), &call, &answer);
    enum err err = answer.outcome == PARTNER_OK && answer.json != NULL
                       ? read_page(answer.json, cursor, out, out_count)
                       : ERR_UNAVAILABLE;
    partner_answer_release(&answer);
    return err;
}

void quickpay_channel_init(struct partner_channel *out, const struct partner *partner)
{
    CHECK(partner != NULL);
    *out = (struct partner_channel){.channel = {.instruct = instruct, .query = query, .list = list},
                                    .partner = partner};
}
