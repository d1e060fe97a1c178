/* Sign-up and sign-in: a phone proven by its code, or a pass code proven before. */
#include "customer/customer_private.h"
#include "customer/customer_rules.h"

#include <string.h>

enum err customer_sign_up(struct customer_room *room, struct uow *uow,
                          const struct sign_up *request, struct session_opened *out)
{
    enum code_purpose purpose = CODE_SIGN_UP;
    memset(out, 0, sizeof(*out));
    enum err err = phone_code_check(room, uow, &request->phone, request->phone_code_id,
                                    request->code, 1U << CODE_SIGN_UP, &out->verdict, &purpose);
    if (err != ERR_OK || out->verdict.refusal != ERR_OK) {
        return err;
    }
    struct customer_id id;
    err = customer_create(room, uow, &request->phone, request->language, &id);
    if (err == ERR_EXISTS) {
        out->verdict.refusal = ERR_PHONE_TAKEN; /* the code is used up all the same */
        return ERR_OK;
    }
    if (err == ERR_OK) {
        err = session_open(room, uow, id, request->device_name, false, out);
    }
    return err == ERR_OK ? message_add(uow, id, MESSAGE_WELCOME, &(struct message_params){0}, 0)
                         : err;
}

/* A closed customer has no door left; the answer is that of an unknown phone. */
static enum err open_for(struct customer_room *room, struct uow *uow, struct customer_id id,
                         const char *device_name, bool may_reset, struct session_opened *out)
{
    struct customer customer;
    enum err err = customer_load(room, uow->conn, id, &customer);
    if (err != ERR_OK) {
        return err;
    }
    if (customer.state == CUSTOMER_CLOSED) {
        out->verdict.refusal = ERR_SIGN_IN_FAILED;
        return ERR_OK;
    }
    char device[DEVICE_NAME_SIZE];
    name_clean_device(device_name ? device_name : "", device);
    err = session_open(room, uow, id, device, may_reset, out);
    return err == ERR_OK ? message_add(uow, id, MESSAGE_SIGNED_IN,
                                       &(struct message_params){.device = device}, 0)
                         : err;
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
    struct customer_id id;
    err = customer_by_phone(uow->conn, phone, &id);
    if (err == ERR_NOT_FOUND) {
        out->verdict.refusal = ERR_SIGN_IN_FAILED;
        return ERR_OK;
    }
    if (err == ERR_OK) {
        err = phone_row_store(uow, phone->bucket, phone->hash, &(struct phone_row){0, 0});
    }
    return err == ERR_OK
               ? open_for(room, uow, id, request->device_name, purpose == CODE_RESET_PASSCODE, out)
               : err;
}

enum err sign_in_by_passcode(struct customer_room *room, struct uow *uow,
                             const struct customer_phone *phone, const struct passcode_proof *proof,
                             const char *device_name, struct session_opened *out)
{
    memset(out, 0, sizeof(*out));
    enum err err = passcode_count(room, uow, phone->bucket, phone->hash, proof, ERR_SIGN_IN_FAILED,
                                  &out->verdict);
    if (err != ERR_OK || out->verdict.refusal != ERR_OK) {
        return err;
    }
    return open_for(room, uow, proof->customer, device_name, false, out);
}
