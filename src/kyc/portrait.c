/* The registry's portrait of a person, and whether a number is that of the confirmed identity. */
#include "kyc/kyc_private.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define PORTRAIT_SIDE 480

/* The portrait is stored as a template and as a picture. */
static enum err take_portrait(struct kyc_room *room, const uint8_t *bytes, size_t size,
                              struct registry_portrait *out)
{
    struct kyc_eyes *eyes = room->options.eyes;
    struct image picture = {0};
    struct face face = {0};
    enum err err = eyes->decode(eyes, bytes, size, &picture);
    if (err == ERR_OK) {
        err = eyes->analyse(eyes, &picture, &face, &out->template, &out->print);
    }
    out->has_template = err == ERR_OK && face.count > 0;
    if (out->has_template) {
        int whole[4] = {0, 0, picture.width, picture.height};
        err = eyes->encode(eyes, &picture, whole, PORTRAIT_SIDE, &out->jpeg, &out->jpeg_size);
    }
    free(picture.rgb);
    /* An unreadable portrait counts as none: that of the card remains. */
    return err == ERR_NO_MEMORY ? err : ERR_OK;
}

enum err portrait_ask(struct kyc_room *room, struct customer_id customer, const char *name,
                      const char *id_number, struct registry_portrait *out)
{
    struct kyc_parties *parties = room->options.parties;
    char request[REQUEST_ID_SIZE];
    uint8_t *bytes = NULL;
    size_t size = 0;
    enum err err = ERR_OK;
    request_id(room, customer, request);
    out->result = parties->portrait(parties, request, name, id_number, &bytes, &size);
    if (out->result == PORTRAIT_HELD) {
        err = take_portrait(room, bytes, size, out);
        vault_wipe(bytes, size);
        free(bytes);
    }
    return err;
}

enum err portrait_store(struct kyc_room *room, struct uow *uow, struct customer_id customer,
                        const struct registry_portrait *portrait, const struct kyc_fields *fields)
{
    static const enum kyc_result RESULTS[] = {[PORTRAIT_HELD] = KYC_PASSED,
                                              [PORTRAIT_NOT_HELD] = KYC_UNSURE,
                                              [PORTRAIT_UNAVAILABLE] = KYC_NO_ANSWER};
    int64_t id = 0;
    if (portrait->result == 0) {
        return ERR_OK;
    }
    struct check_add check = {.check = KYC_CHECK_PORTRAIT,
                              .result = RESULTS[portrait->result],
                              .score = INT_MIN,
                              .threshold = INT_MIN,
                              .version = room->options.parties->portrait_version,
                              .evidence = fields,
                              .evidence_size = sizeof *fields};
    enum err err = check_store(room, uow, customer, &check);
    if (err != ERR_OK || !portrait->has_template) {
        return err;
    }
    err = template_store(room, uow, customer, TEMPLATE_REGISTRY, &portrait->template, 0);
    err = err != ERR_OK ? err : print_store(room, uow, customer, 0, 0, &portrait->print);
    return err != ERR_OK || portrait->jpeg == NULL
               ? err
               : picture_store(room, uow, customer, PICTURE_REGISTRY_PORTRAIT, 0, portrait->jpeg,
                               portrait->jpeg_size, &id);
}

void portrait_release(struct registry_portrait *portrait)
{
    if (portrait->jpeg != NULL) {
        vault_wipe(portrait->jpeg, portrait->jpeg_size);
        free(portrait->jpeg);
    }
    vault_wipe(portrait, sizeof *portrait);
}

enum err identity_compare(const struct kyc_room *room, struct db_conn *conn,
                          struct customer_id customer, const char *id_number, bool *out_has,
                          bool *out_is_same)
{
    char number[ID_NUMBER_SIZE];
    enum err err = customer_reveal_id_number(room->options.customers, conn, customer, number);
    *out_has = err == ERR_OK;
    *out_is_same = err == ERR_OK && strcmp(number, id_number) == 0;
    vault_wipe(number, sizeof number);
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}
