/* The outside parties over HTTP (sandbox/README.md). Every call is a query without effect: after any
 * failure the answer is unknown and the call may be repeated. */
#include "kyc/kyc.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PORTRAIT_PATH "/registry/v1/portraits"
#define OPERATOR_PATH "/operator/v1/checks"
#define ADDRESS_PATH  "/place/v1/addresses/"
#define PHONE_PATH    "/place/v1/phones/"

static const struct partner *partner_of(struct kyc_parties *parties)
{
    return ((const struct kyc_partner *)parties)->partner;
}

/* The member that repeats the queried value. */
struct echo {
    const char *name, *value;
};

/* NULL without an answer; the caller always releases *answer. */
static const json_t *ask(struct kyc_parties *parties, const char *path, json_t *body,
                         struct echo echo, struct partner_answer *answer)
{
    partner_send(partner_of(parties),
                 &(struct partner_call){.method = body ? "POST" : "GET",
                                        .path = path,
                                        .body = body,
                                        .may_repeat = true,
                                        .echo_name = echo.name,
                                        .echo_value = echo.value},
                 answer);
    return answer->outcome == PARTNER_OK ? answer->json : NULL;
}

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text != NULL ? text : "";
}

/* --- Registry's portrait ---------------------------------------------------------------------- */

static bool decode(const char *text, uint8_t **out, size_t *out_size)
{
    size_t size = strlen(text);
    size_t capacity = size / 4 * 3 + 3;
    uint8_t *bytes = size > 0 && capacity <= IMAGE_BYTES_MAX ? malloc(capacity) : NULL;
    size_t read = 0;
    if (bytes == NULL) {
        return false;
    }
    if (sodium_base642bin(bytes, capacity, text, size, NULL, &read, NULL,
                          sodium_base64_VARIANT_ORIGINAL) != 0 ||
        read == 0) {
        free(bytes);
        return false;
    }
    *out = bytes;
    *out_size = read;
    return true;
}

static enum portrait_result ask_portrait(struct kyc_parties *parties, const char *request_id,
                                         const char *name, const char *id_number, uint8_t **out,
                                         size_t *out_size)
{
    struct partner_answer answer;
    json_t *body =
        json_pack("{s:s, s:s, s:s}", "requestId", request_id, "name", name, "idNumber", id_number);
    if (body == NULL) {
        return PORTRAIT_UNAVAILABLE;
    }
    const json_t *json =
        ask(parties, PORTRAIT_PATH, body, (struct echo){"requestId", request_id}, &answer);
    const char *result = text_of(json, "result");
    enum portrait_result found = strcmp(result, "notHeld") == 0 || strcmp(result, "mismatch") == 0
                                     ? PORTRAIT_NOT_HELD
                                     : PORTRAIT_UNAVAILABLE;
    if (strcmp(result, "held") == 0 && decode(text_of(json, "portrait"), out, out_size)) {
        found = PORTRAIT_HELD;
    }
    partner_answer_release(&answer);
    json_decref(body);
    return found;
}

/* --- Operator --------------------------------------------------------------------------------- */

static enum operator_result ask_operator(struct kyc_parties *parties, const char *request_id,
                                         const char *phone, const char *name, const char *id_number)
{
    struct partner_answer answer;
    json_t *body = json_pack("{s:s, s:s, s:s, s:s}", "requestId", request_id, "phone", phone,
                             "name", name, "idNumber", id_number);
    if (body == NULL) {
        return OPERATOR_UNAVAILABLE;
    }
    const char *result =
        text_of(ask(parties, OPERATOR_PATH, body, (struct echo){"requestId", request_id}, &answer),
                "result");
    enum operator_result found = strcmp(result, "match") == 0      ? OPERATOR_MATCH
                                 : strcmp(result, "mismatch") == 0 ? OPERATOR_MISMATCH
                                 : strcmp(result, "unknown") == 0  ? OPERATOR_UNKNOWN
                                                                   : OPERATOR_UNAVAILABLE;
    partner_answer_release(&answer);
    json_decref(body);
    return found;
}

/* --- Location --------------------------------------------------------------------------------- */

/* An address or number as part of a path: only characters that need no escape, and the colon of IPv6. */
static bool put_path(const char *prefix, const char *text, char *out, size_t size)
{
    bool is_plain = text[0] != '\0' && strspn(text, "0123456789abcdefABCDEF.:") == strlen(text);
    return is_plain && snprintf(out, size, "%s%s", prefix, text) < (int)size;
}

static void copy_region(const json_t *json, char out[CUSTOMER_REGION_SIZE])
{
    const char *code = text_of(json, "regionCode");
    bool is_code = strlen(code) == CUSTOMER_REGION_SIZE - 1 && strspn(code, "0123456789") == 6;
    snprintf(out, CUSTOMER_REGION_SIZE, "%s", is_code ? code : "");
}

static void ask_address(struct kyc_parties *parties, const char *ip, struct address_place *out)
{
    struct partner_answer answer;
    char path[PARTNER_PATH_MAX];
    *out = (struct address_place){.is_known = false};
    if (!put_path(ADDRESS_PATH, ip, path, sizeof path)) {
        return;
    }
    const json_t *json = ask(parties, path, NULL, (struct echo){"ip", ip}, &answer);
    const char *country = text_of(json, "countryCode");
    if (strlen(country) == 2) {
        out->is_known = true;
        memcpy(out->country, country, sizeof out->country);
        out->is_proxy = json_is_true(json_object_get(json, "isProxy"));
        copy_region(json, out->region);
    }
    partner_answer_release(&answer);
}

static void ask_phone_region(struct kyc_parties *parties, const char *phone,
                             char out[CUSTOMER_REGION_SIZE])
{
    struct partner_answer answer;
    char path[PARTNER_PATH_MAX];
    out[0] = '\0';
    /* Without the plus of "+8613800000000", which some parsers read as a space; the digits are
     * sufficient. */
    if (!put_path(PHONE_PATH, phone[0] == '+' ? phone + 3 : phone, path, sizeof path)) {
        return;
    }
    copy_region(ask(parties, path, NULL, (struct echo){"phone", phone}, &answer), out);
    partner_answer_release(&answer);
}

void kyc_partner_init(struct kyc_partner *out, const struct partner *partner)
{
    *out = (struct kyc_partner){.parties = {.portrait = ask_portrait,
                                            .operator_check = ask_operator,
                                            .address = ask_address,
                                            .phone_region = ask_phone_region,
                                            .portrait_version = "sandbox-registry/1",
                                            .operator_version = "sandbox-operator/1",
                                            .place_version = "sandbox-place/1"},
                                .partner = partner};
}
