/* Consents, and what their withdrawal erases. */
#include "customer/customer_api.h"
#include "frame/room.h"
#include "privacy/leaving.h"
#include "privacy/privacy_routes.h"

#include <string.h>

static bool list_consent(const struct consent *consent, void *context)
{
    render_consent(context, NULL, consent);
    return true;
}

struct wanted_consent {
    const struct consent_text *text;
    struct consent consent;
};

static bool find_consent(const struct consent *consent, void *context)
{
    struct wanted_consent *wanted = context;
    if (strcmp(consent->purpose, wanted->text->purpose) != 0) {
        return true;
    }
    wanted->consent = *consent;
    return false;
}

/* Purposes of which nothing was said are listed too, as not granted. */
static enum err read_consents(struct call *call, struct db_conn *conn)
{
    const struct consent_texts *texts = consent_texts_of(call_house(call));
    enum err err = ERR_OK;
    out_open(call, NULL, '{');
    out_open(call, "items", '[');
    for (size_t i = 0; err == ERR_OK && i < consent_texts_count(texts); i++) {
        struct wanted_consent wanted = {.text = consent_texts_at(texts, i)};
        memcpy(wanted.consent.purpose, wanted.text->purpose, CONSENT_PURPOSE_SIZE);
        memcpy(wanted.consent.version, wanted.text->version, CONSENT_VERSION_SIZE);
        err = consent_each(conn, customer_of(call)->customer, false, find_consent, &wanted);
        render_consent(call, NULL, &wanted.consent);
    }
    out_close(call, ']');
    out_close(call, '}');
    return err;
}

static enum err read_history(struct call *call, struct db_conn *conn)
{
    out_open(call, NULL, '{');
    out_open(call, "items", '[');
    enum err err = consent_each(conn, customer_of(call)->customer, true, list_consent, call);
    out_close(call, ']');
    out_close(call, '}');
    return err;
}

static enum err list_consents(struct call *call)
{
    return call_read(call, read_consents);
}

static enum err list_history(struct call *call)
{
    return call_read(call, read_history);
}

static const struct field consent_body[] = {
    FIELD_MUST("purpose", FIELD_TEXT, .min = 1, .max = CONSENT_PURPOSE_SIZE - 1),
    FIELD_MUST("textVersion", FIELD_TEXT, .min = 1, .max = CONSENT_VERSION_SIZE - 1),
    FIELD_MUST("granted", FIELD_BOOL), FIELD_END};

static bool withdraws(const struct call *call, const char *purpose)
{
    return !call_bool(call, "granted", false) && strcmp(call_text(call, "purpose"), purpose) == 0;
}

/* With the consent goes what was kept under it, in the same transaction. */
static enum err erase_withdrawn(struct call *call, struct uow *uow)
{
    const struct house *house = call_house(call);
    enum err err = ERR_OK;
    if (call_bool(call, "granted", false)) {
        return ERR_OK;
    }
    for (size_t i = house_room_count(house->rooms); !err && i > 0; i--) {
        const struct room_erasure *erasure = house->rooms[i - 1]->erasure;
        if (erasure != NULL && erasure->withdraw != NULL) {
            err = erasure->withdraw(house, uow, customer_of(call)->customer,
                                    call_text(call, "purpose"));
        }
    }
    return err;
}

/* Consents without which a limited session could not prove more: it gives these, and no others. */
static bool is_for_proof(const struct call *call)
{
    const char *purpose = call_text(call, "purpose");
    return strcmp(purpose, "biometrics") == 0 || strcmp(purpose, "identityCheck") == 0 ||
           strcmp(purpose, "location") == 0;
}

static enum err commit_consent(struct call *call, struct uow *uow)
{
    struct consent consent;
    bool is_granted = call_bool(call, "granted", false);
    enum err err = is_granted && is_for_proof(call) ? ERR_OK : step_up_check_view(call);
    if (!err && withdraws(call, "biometrics")) {
        /* The face on file is a factor: who holds a session alone does not take it away. */
        err = step_up_check(call, uow->conn, ACTION_REMOVE_FACE);
    }
    err = err ? err
              : consent_record(customer_room_of(call_house(call)), uow, customer_of(call)->customer,
                               call_text(call, "purpose"), call_text(call, "textVersion"),
                               is_granted, &consent);
    err = err ? err : erase_withdrawn(call, uow);
    if (err == ERR_OK) {
        render_consent(call, NULL, &consent);
    }
    return err;
}

static enum err finish_consent(struct call *call)
{
    if (withdraws(call, "biometrics")) {
        leaving_forget(call_house(call), customer_of(call)->customer);
    }
    return ERR_OK;
}

const struct route consent_routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/consents",
     .operation = "listConsents",
     .tag = "Privacy",
     .text = "The customer's newest word on each purpose; what was never answered is not granted.",
     .scope = &customer_scope,
     .flags = ROUTE_SLOW | ROUTE_NO_STEP,
     .status = 200,
     .answer = &schema_consent_list,
     .finish = list_consents},
    {.method = HTTP_GET,
     .path = "/v1/consents/history",
     .operation = "listConsentHistory",
     .tag = "Privacy",
     .text = "Every word of the customer on every purpose, newest first.",
     .scope = &customer_scope,
     .flags = ROUTE_SLOW | ROUTE_NO_STEP,
     .status = 200,
     .answer = &schema_consent_list,
     .finish = list_history},
    {.method = HTTP_POST,
     .path = "/v1/consents",
     .operation = "recordConsent",
     .tag = "Privacy",
     .text =
         "Gives or withdraws consent to the newest text of a purpose; what was kept under it is "
         "erased with it.",
     .scope = &customer_scope,
     .flags = ROUTE_LIMITED | ROUTE_NO_STEP,
     .body = consent_body,
     .status = 201,
     .answer = &schema_consent,
     .commit = commit_consent,
     .finish = finish_consent},
    {.path = NULL}};
