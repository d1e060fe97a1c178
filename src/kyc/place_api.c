/* The place, and how a person at the bank decides: by the file or on video. */
#include "customer/customer_api.h"
#include "kyc/kyc_api.h"
#include "kyc/kyc_routes.h"

#include <stdio.h>

static bool is_degrees(const char *text)
{
    int64_t e6;
    return place_degrees_parse(text, 999, &e6) == ERR_OK;
}

#define FIELD_DEGREES(name_, text_)                                                                \
    FIELD_MUST(name_, FIELD_TEXT, .min = 1, .max = 12,                                             \
               .pattern = "^-?[0-9]{1,3}(\\.[0-9]{1,7})?$", .check = is_degrees, .text = text_)

static const struct field place_body[] = {
    FIELD_DEGREES("latitude", "degrees north, -90 to 90"),
    FIELD_DEGREES("longitude", "degrees east, -180 to 180"),
    FIELD_MUST("accuracyMeters", FIELD_INT, .min = 0, .max = 1000000,
               .text = "as the device states it; 0 is as good as exact"),
    FIELD_END};

static enum err prepare_place(struct call *call)
{
    struct kyc_place *place = arena_zero(call->arena, sizeof *place);
    int64_t retry_at = 0;
    if (place == NULL) {
        return ERR_NO_MEMORY;
    }
    place->customer = customer_of(call)->customer;
    place->is_strangers = kyc_is_stranger(customer_of(call));
    place->accuracy_m = (int)call_int(call, "accuracyMeters", 0);
    snprintf(place->ip, sizeof place->ip, "%s", http_remote(call->request));
    if (place_degrees_parse(call_text(call, "latitude"), 90, &place->latitude_e6)) {
        call_field_error(call, "#/latitude", "is out of range", "超出范围");
    }
    if (place_degrees_parse(call_text(call, "longitude"), 180, &place->longitude_e6)) {
        call_field_error(call, "#/longitude", "is out of range", "超出范围");
    }
    if (call->err) {
        return call->err;
    }
    call->state = place;
    enum err err =
        kyc_place_prepare(kyc_room_of(call_house(call)), call_engine(call), place, &retry_at);
    return kyc_add_retry(call, err, retry_at);
}

static enum err commit_place(struct call *call, struct uow *uow)
{
    const struct kyc_place *place = call->state;
    struct verdict verdict;
    enum err err = kyc_place_commit(kyc_room_of(call_house(call)), uow, place, &verdict);
    if (!err && !customer_refused(call, &verdict)) {
        render_place(call, place);
    }
    return err;
}

static enum err commit_declined(struct call *call, struct uow *uow)
{
    struct kyc_place place = {.customer = customer_of(call)->customer,
                              .is_strangers = kyc_is_stranger(customer_of(call)),
                              .is_declined = true,
                              .state = PLACE_UNSURE};
    struct verdict verdict;
    enum err err = kyc_place_commit(kyc_room_of(call_house(call)), uow, &place, &verdict);
    if (!err && !customer_refused(call, &verdict)) {
        render_place(call, &place);
    }
    return err;
}

static enum err finish_slots(struct call *call)
{
    struct db_conn *conn;
    int64_t slots[KYC_SLOTS_MAX];
    size_t count = 0;
    enum err err = engine_read_begin(call_engine(call), &conn);
    if (err) {
        return err;
    }
    err = kyc_slots(kyc_room_of(call_house(call)), conn, call->now_us,
                    engine_zone(call_engine(call)), slots, &count);
    engine_read_end(call_engine(call), conn);
    out_open(call, NULL, '{');
    out_open(call, "items", '[');
    for (size_t i = 0; !err && i < count; i++) {
        out_open(call, NULL, '{');
        out_instant(call, "startsAt", slots[i]);
        out_close(call, '}');
    }
    out_close(call, ']');
    out_close(call, '}');
    return err;
}

static const struct field path_body[] = {
    FIELD_MUST("path", FIELD_ENUM, .values = values_case_path),
    FIELD_MAY("appointmentAt", FIELD_INSTANT, .text = "a start of a free video call; video only"),
    FIELD_END};

static enum err commit_path(struct call *call, struct uow *uow)
{
    enum case_path path = CASE_WAIT;
    int64_t at = 0;
    const char *text = call_text(call, "appointmentAt");
    enum err err = case_path_parse(call_text(call, "path"), &path);
    err = err || text == NULL ? err : instant_parse(text, &at);
    if (err) {
        return err;
    }
    err =
        kyc_path_choose(kyc_room_of(call_house(call)), uow, customer_of(call)->customer, path, at);
    if (err == ERR_INVALID_FIELD) {
        call_field_error(call, "#/appointmentAt",
                         "must be the start of a video call of ours, and is for video only",
                         "须为本行视频时段的开始时间，且仅用于视频核实");
    }
    return err ? err : render_verification(call, uow->conn, customer_of(call)->customer);
}

#define VERIFICATION .scope = &customer_scope, .tag = "Verification"

const struct route place_routes[] = {
    {.method = HTTP_PUT,
     .path = "/v1/me/place",
     .operation = "putPlace",
     VERIFICATION,
     .text = "Says where the device is.",
     .flags = ROUTE_LIMITED | ROUTE_LIMITED_FACELESS | ROUTE_SLOW | ROUTE_NO_STEP,
     .body = place_body,
     .status = 200,
     .answer = &schema_place,
     .prepare = prepare_place,
     .commit = commit_place},
    {.method = HTTP_POST,
     .path = "/v1/me/place/declined",
     .operation = "declinePlace",
     VERIFICATION,
     .text = "Does not say where the device is: a person at the bank decides.",
     .flags = ROUTE_LIMITED | ROUTE_LIMITED_FACELESS | ROUTE_NO_STEP,
     .status = 200,
     .answer = &schema_place,
     .commit = commit_declined},
    {.method = HTTP_GET,
     .path = "/v1/video-slots",
     .operation = "listVideoSlots",
     VERIFICATION,
     .text = "Video calls with a free seat, soonest first.",
     .flags = ROUTE_LIMITED | ROUTE_LIMITED_FACELESS | ROUTE_SLOW | ROUTE_NO_STEP,
     .status = 200,
     .answer = &schema_slot_list,
     .finish = finish_slots},
    {.method = HTTP_POST,
     .path = "/v1/me/verification/path",
     .operation = "chooseReviewPath",
     VERIFICATION,
     .text = "Chooses how a person looks at it: wait, a video call, or a counter.",
     .flags = ROUTE_LIMITED | ROUTE_LIMITED_FACELESS | ROUTE_NO_STEP,
     .body = path_body,
     .status = 200,
     .answer = &schema_verification,
     .commit = commit_path},
    {.path = NULL}};
