/* The identity registry over HTTP (sandbox/README.md, "Identity registry"). */
#include "customer/customer_private.h"

#include <string.h>

#define REGISTRY_PATH "/registry/v1/checks"

static enum registry_result read_result(const struct partner_answer *answer)
{
    const char *result = NULL;
    if (!answer->json || json_get_text(answer->json, "result", &result) != ERR_OK) {
        return REGISTRY_UNAVAILABLE;
    }
    if (strcmp(result, "match") == 0) {
        return REGISTRY_MATCH;
    }
    if (strcmp(result, "mismatch") == 0) {
        return REGISTRY_MISMATCH;
    }
    return strcmp(result, "notFound") == 0 ? REGISTRY_NOT_FOUND : REGISTRY_UNAVAILABLE;
}

/* A question without effect: whatever went wrong, nothing is known and it may be asked again. A
 * refusal (400, 401) means that the bank asked wrongly, not that the person is unknown. */
static enum registry_result check_over_http(struct registry *registry, const char *request_id,
                                            const char *name, const char *id_number)
{
    const struct registry_partner *self = (const struct registry_partner *)registry;
    json_t *body =
        json_pack("{s:s, s:s, s:s}", "requestId", request_id, "name", name, "idNumber", id_number);
    if (!body) {
        return REGISTRY_UNAVAILABLE;
    }
    struct partner_answer answer;
    partner_send(self->partner,
                 &(struct partner_call){.method = "POST",
                                        .path = REGISTRY_PATH,
                                        .body = body,
                                        .may_repeat = true,
                                        .echo_name = "requestId",
                                        .echo_value = request_id},
                 &answer);
    enum registry_result result =
        answer.outcome == PARTNER_OK ? read_result(&answer) : REGISTRY_UNAVAILABLE;
    partner_answer_release(&answer);
    json_decref(body);
    return result;
}

void registry_partner_init(struct registry_partner *out, const struct partner *partner)
{
    *out = (struct registry_partner){
        .registry = {.check = check_over_http, .version = "sandbox-registry/1"},
        .partner = partner};
}
