/* Sign-up and sign-in: a phone proven by its code, or a pass code proven before; on a device that
 * the customer never used, both. */
#include "customer/customer_private.h"
#include "customer/customer_rules.h"
#include "customer/message_rows.h"

#include <string.h>

/* --- Sign-up -----------------------------------------------------------------------------------
 */

/* Neither a number nor a device may begin with any number of persons. */
static enum err may_begin(struct customer_room *room, struct uow *uow,
                          const struct sign_up *request, struct verdict *out)
{
    struct phone_row row;
    enum err err = phone_row_lock(uow, request->phone.bucket, request->phone.hash, &row);
    if (err != ERR_OK) {
        return err;
    }
    struct date today = engine_civil_date(uow->engine, uow->now_us);
    if (row.persons >= customer_room_figure(room, PARAMETER_PHONE_PERSONS_MAX, today)) {
        out->refusal = ERR_PHONE_PERSONS;
        return ERR_OK;
    }
    err = request->device_key ? device_may_begin(room, uow, request->device_key) : ERR_OK;
    if (err == ERR_DEVICE_PERSONS) {
        out->refusal = err;
        return ERR_OK;
    }
    return err;
}

static enum err begin(struct customer_room *room, struct uow *uow, const struct sign_up *request,
                      struct customer_id id, struct session_opened *out)
{
    enum err err = phone_row_count_person(uow, &request->phone);
    if (err == ERR_OK) {
        err = device_see(room, uow, id,
                         &(struct device_sight){request->device_key, request->device_name, true},
                         out);
    }
    if (err == ERR_OK) {
        err = session_open(
            room, uow, id,
            &(struct session_start){.device_name = request->device_name, .basis = FACTOR_SMS}, out);
    }
    if (err == ERR_OK) {
        err = security_event_add(uow, id, EVENT_SIGNED_UP, request->device_name);
    }
    return err == ERR_OK ? message_add(uow, id, &MESSAGE_WELCOME, &(struct message_params){0}, 0)
                         : err;
}

enum err customer_sign_up(struct customer_room *room, struct uow *uow,
                          const struct sign_up *request, struct session_opened *out)
{
    enum code_purpose purpose = CODE_SIGN_UP;
    memset(out, 0, sizeof(*out));
    enum err err = phone_code_check(room, uow, &request->phone, request->phone_code_id,
                                    request->code, 1U << CODE_SIGN_UP, &out->verdict, &purpose);
    if (err == ERR_OK && out->verdict.refusal == ERR_OK) {
        err = may_begin(room, uow, request, &out->verdict);
    }
    if (err != ERR_OK || out->verdict.refusal != ERR_OK) {
        return err; /* a right code is used up all the same */
    }
    struct customer_id id;
    err = customer_create(room, uow, &request->phone, request->language, &id);
    if (err == ERR_EXISTS && request->gone.value != 0 && id.value == request->gone.value) {
        err = customer_detach_phone(room, uow, request->gone);
        err = err == ERR_OK ? customer_create(room, uow, &request->phone, request->language, &id)
                            : err;
    }
    if (err == ERR_EXISTS) {
        out->verdict.refusal = ERR_PHONE_TAKEN;
        return ERR_OK;
    }
    return err == ERR_OK ? begin(room, uow, request, id, out) : err;
}

/* --- Sign-in -----------------------------------------------------------------------------------
 */

struct door {
    struct customer_id customer;
    const char *device_name;
    const char *device_key;
    bool may_reset;
    bool has_code;            /* a text code was given */
    int64_t passcode_version; /* of the pass code that was given; 0: none */
};

/* What a session that opens so rests on. */
static enum err basis_of(struct customer_room *room, struct uow *uow, const struct door *door,
                         const struct customer *customer, unsigned *out)
{
    bool is_known = false;
    enum err err = device_is_known(room, uow->conn, door->customer, door->device_key, &is_known);
    *out = (door->has_code ? FACTOR_SMS : 0U) | (is_known ? FACTOR_DEVICE : 0U) |
           (door->passcode_version != 0 && factors_vouch(customer->passcode_basis) ? FACTOR_PASSCODE
                                                                                   : 0U);
    return err;
}

/* A closed customer has no door left; the answer is that of an unknown phone. */
static enum err open_for(struct customer_room *room, struct uow *uow, const struct door *door,
                         struct session_opened *out)
{
    struct customer customer;
    enum err err = customer_load(room, uow->conn, door->customer, &customer);
    if (err != ERR_OK) {
        return err;
    }
    if (customer.state == CUSTOMER_CLOSED) {
        out->verdict.refusal = ERR_SIGN_IN_FAILED;
        return ERR_OK;
    }
    char device[DEVICE_NAME_SIZE];
    unsigned basis = 0;
    name_clean_device(door->device_name ? door->device_name : "", device);
    err = basis_of(room, uow, door, &customer, &basis);
    out->is_limited = customer.has_passcode && !factors_vouch(basis);
    if (err == ERR_OK) {
        err = device_see(room, uow, door->customer,
                         &(struct device_sight){door->device_key, device, !out->is_limited}, out);
    }
    if (err == ERR_OK) {
        err = session_open(
            room, uow, door->customer,
            &(struct session_start){device, door->may_reset, basis, door->passcode_version}, out);
    }
    if (err == ERR_OK) {
        err = security_event_add(uow, door->customer, EVENT_SIGNED_IN, device);
    }
    if (err == ERR_OK && out->is_new_device) {
        err = security_event_add(uow, door->customer, EVENT_NEW_DEVICE, device);
    }
    return err == ERR_OK
               ? message_add(uow, door->customer,
                             out->is_new_device ? &MESSAGE_NEW_DEVICE : &MESSAGE_SIGNED_IN,
                             &(struct message_params){.device = device}, 0)
               : err;
}

/* A code alone signs nobody in who has a pass code: a number, and a phone, can be somebody else's. */
static enum err load_has_passcode(struct customer_room *room, struct uow *uow,
                                  struct customer_id id, bool *out)
{
    struct customer customer;
    enum err err = customer_load(room, uow->conn, id, &customer);
    *out = err == ERR_OK && customer.has_passcode;
    return err;
}

enum err sign_in_by_code(struct customer_room *room, struct uow *uow,
                         const struct sign_in_by_code *request, struct session_opened *out)
{
    enum code_purpose purpose = CODE_SIGN_IN;
    const struct customer_phone *phone = &request->phone;
    memset(out, 0, sizeof(*out));
    enum err err =
        phone_code_check(room, uow, phone, request->phone_code_id, request->code,
                         1U << CODE_SIGN_IN | 1U << CODE_RESET_PASSCODE, &out->verdict, &purpose);
    if (err != ERR_OK || out->verdict.refusal != ERR_OK) {
        return err;
    }
    struct door door = {.device_name = request->device_name,
                        .device_key = request->device_key,
                        .has_code = true,
                        .may_reset = purpose == CODE_RESET_PASSCODE};
    err = customer_by_phone(uow->conn, phone, &door.customer);
    if (err == ERR_NOT_FOUND) {
        out->verdict.refusal = ERR_SIGN_IN_FAILED;
        return ERR_OK;
    }
    bool has_passcode = false;
    if (err == ERR_OK) {
        err = load_has_passcode(room, uow, door.customer, &has_passcode);
    }
    if (err == ERR_OK && has_passcode && !door.may_reset) {
        return ERR_PASSCODE_NEEDED; /* undone: the code stays good for the next try */
    }
    /* Guesses at a pass code that is set stay counted: a code by text is no answer to them. */
    if (err == ERR_OK && !has_passcode) {
        err = phone_row_store(uow, phone->bucket, phone->hash, &(struct phone_row){0});
    }
    return err == ERR_OK ? open_for(room, uow, &door, out) : err;
}

/* Who tries the pass code, and whether a text code that came with it is right. A device that the customer
 * used before is one of theirs; with a right text code it is the holder of the number; else a stranger. */
static enum err identify(struct customer_room *room, struct uow *uow,
                         const struct sign_in_by_passcode *request, struct passcode_try *out,
                         struct verdict *out_verdict)
{
    enum code_purpose purpose = CODE_SIGN_IN;
    *out = (struct passcode_try){TRY_STRANGER, 0, ERR_SIGN_IN_FAILED};
    enum err err = ERR_OK;
    if (request->code != NULL) {
        err = phone_code_check(room, uow, &request->phone, request->phone_code_id, request->code,
                               1U << CODE_SIGN_IN, out_verdict, &purpose);
        out->by = TRY_HOLDER;
    }
    if (err == ERR_OK && request->proof->customer.value != 0) {
        err = device_known_id(room, uow->conn, request->proof->customer, request->device_key,
                              &out->id);
    }
    if (out->id != 0) {
        out->by = TRY_DEVICE;
    }
    return err;
}

enum err sign_in_by_passcode(struct customer_room *room, struct uow *uow,
                             const struct sign_in_by_passcode *request, struct session_opened *out)
{
    struct passcode_try by;
    memset(out, 0, sizeof(*out));
    enum err err = identify(room, uow, request, &by, &out->verdict);
    if (err != ERR_OK || out->verdict.refusal != ERR_OK) {
        return err;
    }
    err = passcode_count(room, uow, request->phone.hash, &by, request->proof, &out->verdict);
    if (err == ERR_OK && out->verdict.refusal != ERR_OK && request->code != NULL) {
        return phone_code_reopen(uow, &request->phone, request->phone_code_id);
    }
    if (err == ERR_OK && out->verdict.refusal == ERR_OK && by.by == TRY_STRANGER) {
        out->verdict = (struct verdict){.refusal = ERR_CODE_NEEDED, .tries_left = -1};
    }
    if (err != ERR_OK || out->verdict.refusal != ERR_OK) {
        return err;
    }
    return open_for(room, uow,
                    &(struct door){.customer = request->proof->customer,
                                   .device_name = request->device_name,
                                   .device_key = request->device_key,
                                   .has_code = request->code != NULL,
                                   .passcode_version = request->proof->passcode_version},
                    out);
}
