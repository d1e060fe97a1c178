/* Path of a request: route, signature, body, fault, party. */
#include "sandbox.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct route {
    const char *method;
    const char *pattern; /* one segment may be * */
    party_fn *run;
    const char *party;     /* NULL: needs no signature and has no faults */
    const char *operation; /* of README.md, "Faults" */
    const char *path_member;
};

static const struct route routes[] = {
    {"POST", "/sms/v1/messages", sms_accept, "sms", "message", NULL},
    {"GET", "/sms/v1/messages", sms_list, NULL, NULL, NULL},
    {"POST", "/registry/v1/checks", registry_check, "registry", "check", NULL},
    {"POST", "/registry/v1/portraits", registry_portrait, "registry", "portrait", NULL},
    {"GET", "/registry/v1/people", registry_people, NULL, NULL, NULL},
    {"POST", "/clearing/v1/debits", clearing_debit, "clearing", "debit", NULL},
    {"POST", "/clearing/v1/credits", clearing_credit, "clearing", "credit", NULL},
    {"POST", "/clearing/v1/refunds", clearing_refund, "clearing", "refund", NULL},
    {"GET", "/clearing/v1/instructions", clearing_list, "clearing", "list", NULL},
    {"GET", "/clearing/v1/instructions/*", clearing_query, "clearing", "query", "instructionId"},
    {"POST", "/clearing/v1/signings", signing_open, "clearing", "signing", NULL},
    {"POST", "/clearing/v1/signings/*/confirmation", signing_confirm, "clearing", "confirmation",
     "signingId"},
    {"DELETE", "/clearing/v1/agreements/*", agreement_close, "clearing", "agreementClose",
     "agreementNumber"},
    {"GET", "/clearing/v1/files/*", settlement_file, "clearing", "file", NULL},
    {"GET", "/reserve/v1/balance", settlement_reserve, "reserve", "balance", NULL},
    {"POST", "/operator/v1/checks", operator_check, "operator", "check", NULL},
    {"GET", "/place/v1/addresses/*", place_address, "place", "address", "ip"},
    {"GET", "/place/v1/phones/*", place_phone, "place", "phone", "phone"},
    {"POST", "/business/v1/checks", business_check, "business", "check", NULL},
    {"POST", "/control/v1/companies", business_set, NULL, NULL, NULL},
    {"POST", "/control/v1/places", place_set, NULL, NULL, NULL},
    {"POST", "/control/v1/faults", control_add, NULL, NULL, NULL},
    {"GET", "/control/v1/faults", control_list, NULL, NULL, NULL},
    {"DELETE", "/control/v1/faults", control_clear, NULL, NULL, NULL},
    {"DELETE", "/control/v1/faults/*", control_remove, NULL, NULL, NULL},
    {"POST", "/control/v1/cards", control_card, NULL, NULL, NULL},
    {"GET", "/banks/v1/cards", banks_cards, NULL, NULL, NULL},
    {"GET", "/banks/v1/instructions", banks_instructions, NULL, NULL, NULL},
    {"GET", "/", pages_serve, NULL, NULL, NULL},
    {"GET", "/sms/", pages_serve, NULL, NULL, NULL},
    {"GET", "/banks/", pages_serve, NULL, NULL, NULL},
    {"GET", "/control/", pages_serve, NULL, NULL, NULL},
    {"GET", "/people/", pages_serve, NULL, NULL, NULL},
    {"GET", "/people/v1/residents", cards_people, NULL, NULL, NULL},
    {"GET", "/people/*/card-front.jpg", cards_serve, NULL, NULL, NULL},
    {"GET", "/people/*/card-back.jpg", cards_serve, NULL, NULL, NULL},
    {"GET", "/people/*/portrait.jpg", cards_serve, NULL, NULL, NULL},
    {"GET", "/people/*/selfie.jpg", cards_serve, NULL, NULL, NULL},
    {"GET", "/people/*/left.jpg", cards_serve, NULL, NULL, NULL},
    {"GET", "/people/*/right.jpg", cards_serve, NULL, NULL, NULL},
    {"GET", "/people/*/up.jpg", cards_serve, NULL, NULL, NULL},
    {"GET", "/people/*/blink.jpg", cards_serve, NULL, NULL, NULL},
    {"GET", "/people/*/mouth.jpg", cards_serve, NULL, NULL, NULL},
    {"GET", "/pages/style.css", pages_serve, NULL, NULL, NULL},
    {"GET", "/pages/pages.js", pages_serve, NULL, NULL, NULL},
    {"GET", "/favicon.ico", pages_serve, NULL, NULL, NULL},
};

/* The * matches one non-empty segment. */
static bool pattern_fits(const char *pattern, const char *url, char *out_value, size_t size)
{
    const char *star = strchr(pattern, '*');
    if (!star)
        return strcmp(pattern, url) == 0;
    size_t before = (size_t)(star - pattern);
    if (strncmp(pattern, url, before) != 0)
        return false;
    size_t length = strcspn(url + before, "/");
    if (length == 0 || length >= size || strcmp(url + before + length, star + 1) != 0)
        return false;
    memcpy(out_value, url + before, length);
    out_value[length] = '\0';
    return true;
}

/* The route; if only the method is wrong, NULL and the right method. */
static const struct route *route_do_find(const char *method, const char *url, char *out_value,
                                         size_t size, const char **out_allow)
{
    *out_allow = NULL;
    const char *wanted = strcmp(method, "HEAD") == 0 ? "GET" : method;
    for (size_t i = 0; i < sizeof routes / sizeof *routes; i++) {
        if (!pattern_fits(routes[i].pattern, url, out_value, size))
            continue;
        if (strcmp(routes[i].method, wanted) == 0)
            return &routes[i];
        *out_allow = routes[i].method;
    }
    return NULL;
}

const char *route_name(const char *method, const char *url)
{
    char value[sizeof((struct request *)0)->path_value];
    const char *allow;
    const struct route *route = route_do_find(method, url, value, sizeof value, &allow);
    return route ? route->pattern : "(unknown)";
}

/* False if the answer is already given. */
static bool read_body(struct request *request, struct answer *answer)
{
    if (strcmp(request->method, "POST") != 0 || request->json)
        return true;
    const char *wanted = "application/json";
    if (!request->content_type || strncasecmp(request->content_type, wanted, strlen(wanted)) != 0) {
        answer_refuse(answer, REFUSE_contentTypeNotJson);
        return false;
    }
    request->json = json_loadb(request->body, request->body_size, JSON_REJECT_DUPLICATES, NULL);
    if (!json_is_object(request->json)) {
        answer_refuse(answer, REFUSE_bodyNotJson);
        return false;
    }
    return true;
}

static bool is_instruction(const struct route *route)
{
    return route->run == clearing_debit || route->run == clearing_credit ||
           route->run == clearing_refund;
}

/* Inverts the outcome of an instruction. */
static void route_contradict(json_t *json)
{
    const char *status = json_string_value(json_object_get(json, "status"));
    if (status && strcmp(status, "ACSC") == 0) {
        json_object_set_new(json, "status", json_string("RJCT"));
        json_object_set_new(json, "reasonCode", json_string("AM04"));
    } else if (status) {
        json_object_set_new(json, "status", json_string("ACSC"));
        json_object_set_new(json, "clearingReference", json_string("CL00000000000000000000"));
    }
}

/* The request is executed as usual; only the answer is falsified, by the party or in transit. */
static void spoil_answer(const struct fault *fault, struct answer *answer)
{
    static const char *const ids[] = {"instructionId", "requestId", "signingId", "messageId"};
    if (fault->action == FAULT_BETWEEN) {
        answer_release(answer);
        answer->status = (int)strtol(fault->reason, NULL, 10);
        answer->text = strdup("<html><body>blocked on the way</body></html>");
        answer->size = answer->text ? strlen(answer->text) : 0;
        answer->content_type = "text/html";
        answer->is_unsigned = true;
    } else if (fault->action == FAULT_OTHER_ID) {
        for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
            if (json_object_get(answer->json, ids[i]))
                json_object_set_new(answer->json, ids[i], json_string("1"));
        }
    } else if (fault->action == FAULT_OTHER_AMOUNT) {
        if (json_object_get(answer->json, "amount"))
            json_object_set_new(answer->json, "amount", money_json(1));
    } else if (fault->action == FAULT_CONTRADICT) {
        route_contradict(answer->json);
    } else if (fault->action == FAULT_WRONG_SIGNATURE) {
        answer->is_signed_wrongly = true;
    }
}

/* Inside the transaction: applies the fault, runs the party. */
static void run_with_fault(const struct route *route, struct request *request,
                           struct answer *answer)
{
    if (route->party && !request->fault_is_taken)
        fault_take(request, route->party, route->operation, route->path_member);
    bool is_second_run = request->fault_is_taken;
    request->fault_is_taken = true;
    enum fault_action action = is_second_run ? FAULT_NONE : request->fault.action;
    if (is_second_run)
        request->fault.action = FAULT_NONE;
    if (action == FAULT_LATE_REQUEST) {
        answer->again_ms = request->fault.delay_ms;
    } else if (action == FAULT_UNAVAILABLE) {
        answer_refuse(answer, REFUSE_unavailable);
    } else if (action == FAULT_REJECT && !is_instruction(route)) {
        answer_reject(answer, request->fault.reason);
    } else if (action == FAULT_LOST_REQUEST) {
        answer->is_dropped = true;
    } else {
        route->run(request, answer);
    }
    if (!is_second_run)
        spoil_answer(&request->fault, answer);
    if (action == FAULT_LATE)
        answer->delay_ms = request->fault.delay_ms;
    if (action == FAULT_LOST_ANSWER)
        answer->is_dropped = true;
}

void route_run(struct request *request, struct answer *answer)
{
    const char *allow;
    const struct route *route = route_do_find(request->method, request->url, request->path_value,
                                              sizeof request->path_value, &allow);
    if (!route) {
        answer_refuse(answer, allow ? REFUSE_methodNotAllowed : REFUSE_pathUnknown);
        answer->header_name = allow ? "Allow" : NULL;
        answer->header_value = allow;
        return;
    }
    if (route->run == pages_serve || route->run == cards_serve) {
        route->run(request, answer);
        return;
    }
    /* The signature of a delayed request was verified on arrival. */
    int refusal = route->party && !request->fault_is_taken ? signature_check(request) : -1;
    if (refusal >= 0) {
        answer_refuse(answer, (enum refusal)refusal);
        return;
    }
    if (!read_body(request, answer))
        return;
    store_begin(request->store);
    run_with_fault(route, request, answer);
    if (!store_end(request->store)) {
        answer_release(answer);
        answer_refuse(answer, REFUSE_storeFailed);
    }
}
