/* The business registry over HTTP. A question without effect: whatever went wrong, nothing is known and it
 * may be asked again. */
#include "base/str.h"
#include "company/company_private.h"

#include <stdio.h>
#include <string.h>

#define CHECK_PATH "/business/v1/checks"

/* False if the member is missing, too long, or holds what no text of a registry holds. */
static bool take_text(const json_t *object, const char *name, char *out, size_t size)
{
    const char *text = json_string_value(json_object_get(object, name));
    if (text == NULL || text[0] == '\0' || strlen(text) >= size) {
        return false;
    }
    for (const char *c = text; *c != '\0'; c++) {
        if ((unsigned char)*c < ' ') {
            return false;
        }
    }
    memcpy(out, text, strlen(text) + 1);
    return true;
}

static bool take_person(const json_t *object, struct company_person *out)
{
    return take_text(object, "name", out->name, sizeof out->name) &&
           take_text(object, "idNumber", out->id_number, sizeof out->id_number);
}

static bool take_owners(const json_t *list, struct business_record *out)
{
    size_t count = json_array_size(list);
    if (!json_is_array(list) || count > COMPANY_OWNERS_MAX) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        const json_t *item = json_array_get(list, i);
        const json_t *share = json_object_get(item, "sharePpm");
        struct company_person *owner = &out->owners[i];
        owner->share_ppm = json_integer_value(share);
        if (!json_is_integer(share) || owner->share_ppm <= 0 ||
            owner->share_ppm > COMPANY_SHARE_ALL || !take_person(item, owner)) {
            return false;
        }
    }
    out->owner_count = count;
    return true;
}

static bool take_company(const json_t *json, struct business_record *out)
{
    char kind[16];
    char state[16];
    char date[DATE_TEXT_SIZE];
    bool is_whole =
        take_text(json, "name", out->name, sizeof out->name) &&
        take_text(json, "kind", kind, sizeof kind) &&
        take_text(json, "state", state, sizeof state) &&
        take_text(json, "registeredAt", date, sizeof date) &&
        take_text(json, "scope", out->scope, sizeof out->scope) &&
        take_person(json_object_get(json, "legalRepresentative"), &out->representative) &&
        take_owners(json_object_get(json, "owners"), out);
    if (!is_whole || company_kind_parse(kind, &out->kind) || date_parse(date, &out->registered)) {
        return false;
    }
    out->is_registered = strcmp(state, "registered") == 0;
    return true;
}

static void check(struct business_registry *registry, const char *request_id, const char *code,
                  struct business_record *out)
{
    const struct partner *partner = ((const struct business_partner *)registry)->partner;
    struct partner_answer answer;
    *out = (struct business_record){.result = BUSINESS_NO_ANSWER};
    json_t *body = json_pack("{s:s, s:s}", "requestId", request_id, "uscc", code);
    if (body == NULL) {
        return;
    }
    partner_send(partner,
                 &(struct partner_call){.method = "POST",
                                        .path = CHECK_PATH,
                                        .body = body,
                                        .may_repeat = true,
                                        .echo_name = "requestId",
                                        .echo_value = request_id},
                 &answer);
    const json_t *json = answer.outcome == PARTNER_OK ? answer.json : NULL;
    const char *result = json_string_value(json_object_get(json, "result"));
    if (result != NULL && strcmp(result, "notFound") == 0) {
        out->result = BUSINESS_NOT_FOUND;
    } else if (result != NULL && take_company(json, out)) {
        out->result = BUSINESS_FOUND;
    }
    partner_answer_release(&answer);
    json_decref(body);
}

void business_partner_init(struct business_partner *out, const struct partner *partner)
{
    *out = (struct business_partner){.registry = {.check = check, .version = "sandbox-business/1"},
                                     .partner = partner};
}

void business_ask(const struct company_room *room, const char *code, struct business_record *out)
{
    uint8_t random[8];
    char request_id[2 + 2 * sizeof random + 1] = "b-";
    vault_random(room->options.vault, random, sizeof random);
    str_to_hex(random, sizeof random, request_id + 2);
    room->options.registry->check(room->options.registry, request_id, code, out);
}
