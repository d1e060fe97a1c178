/* The clearing house's instructions, in its own JSON (sandbox/README.md, "Instructions"). */
#include "base/json.h"
#include "payment/quickpay.h"

#include <stdio.h>
#include <string.h>

#define PATH_SIZE 96

static const struct partner *partner_of(struct channel *channel)
{
    return ((struct partner_channel *)channel)->partner;
}

static void take_text(const json_t *json, const char *name, char *out, size_t size)
{
    const char *text = NULL;
    if (json_get_text(json, name, &text) == ERR_OK && strlen(text) < size) {
        memcpy(out, text, strlen(text) + 1);
    }
}

/* A whole answer that cannot be read says nothing. */
static void read_status(const json_t *json, struct channel_answer *out)
{
    static const struct {
        const char *status;
        enum payment_event event;
    } statuses[] = {{"ACSC", PAYMENT_EVENT_ACCEPTED},
                    {"RJCT", PAYMENT_EVENT_REJECTED},
                    {"PDNG", PAYMENT_EVENT_PENDING}};
    const char *status = NULL;
    out->event = PAYMENT_EVENT_UNKNOWN;
    if (json == NULL || json_get_text(json, "status", &status) != ERR_OK) {
        return;
    }
    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
        if (strcmp(statuses[i].status, status) == 0) {
            out->event = statuses[i].event;
        }
    }
    take_text(json, "reasonCode", out->reason, sizeof out->reason);
    take_text(json, "clearingReference", out->reference, sizeof out->reference);
}

static void instruct(struct channel *channel, const struct channel_instruction *instruction,
                     struct channel_answer *out)
{
    bool debit = instruction->kind == PAYMENT_TOP_UP;
    char id[ID_TEXT_SIZE + 1];
    id_format(instruction->id.value, id);
    json_t *body = json_pack("{s:s, s:s, s:o, s:s}", "instructionId", id, "agreementNumber",
                             instruction->agreement, "amount", json_from_money(instruction->amount),
                             "purpose", debit ? "top-up" : "withdrawal");
    struct partner_call call = {.method = "POST",
                                .path = debit ? "/clearing/v1/debits" : "/clearing/v1/credits",
                                .body = body,
                                .may_repeat = true};
    struct partner_answer answer;
    *out = (struct channel_answer){.event = PAYMENT_EVENT_UNKNOWN};
    if (body == NULL) {
        out->event = PAYMENT_EVENT_NOT_SENT;
        return;
    }
    partner_send(partner_of(channel), &call, &answer);
    switch (answer.outcome) {
    case PARTNER_OK:
        read_status(answer.json, out);
        break;
    case PARTNER_REFUSED:
        /* 409: the id is known with another body, so something did happen: ask what. */
        if (answer.status == 410) {
            out->event = PAYMENT_EVENT_VOID;
        } else if (answer.status != 409) {
            out->event = PAYMENT_EVENT_NOT_SENT;
        }
        break;
    case PARTNER_NOT_DELIVERED:
        out->event = PAYMENT_EVENT_NOT_SENT;
        break;
    case PARTNER_UNKNOWN:
        break;
    }
    partner_answer_release(&answer);
    json_decref(body);
}

static void query(struct channel *channel, struct payment_id payment, struct channel_answer *out)
{
    char id[ID_TEXT_SIZE + 1];
    char path[PATH_SIZE];
    id_format(payment.value, id);
    snprintf(path, sizeof path, "/clearing/v1/instructions/%s", id);
    struct partner_call call = {.method = "GET", .path = path, .may_repeat = true};
    struct partner_answer answer;
    *out = (struct channel_answer){.event = PAYMENT_EVENT_UNKNOWN};
    partner_send(partner_of(channel), &call, &answer);
    if (answer.outcome == PARTNER_OK) {
        read_status(answer.json, out);
    } else if (answer.outcome == PARTNER_REFUSED && answer.status == 404 &&
               strcmp(answer.code, "instructionUnknown") == 0) {
        /* Another 404 is a wrong address of ours and must never end a payment. */
        out->event = PAYMENT_EVENT_VOID;
    }
    partner_answer_release(&answer);
}

void quickpay_channel_init(struct partner_channel *out, const struct partner *partner)
{
    *out = (struct partner_channel){.channel = {.instruct = instruct, .query = query},
                                    .partner = partner};
}
