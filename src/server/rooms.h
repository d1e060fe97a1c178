/*
 * All rooms of the bank opened together from one configuration: what serve, eod and the other
 * commands that need a whole bank share. Close in the opposite order.
 */
#ifndef SERVER_ROOMS_H
#define SERVER_ROOMS_H

#include "account/account.h"
#include "base/bins.h"
#include "base/regions.h"
#include "company/company.h"
#include "customer/customer.h"
#include "engine/engine.h"
#include "kyc/kyc.h"
#include "payment/payment.h"
#include "privacy/leaving.h"
#include "staff/staff.h"
#include "sys/clock_guard.h"
#include "sys/config.h"
#include "sys/fault.h"
#include "sys/http_client.h"
#include "sys/partner.h"
#include "sys/vault.h"

struct rooms {
    const struct config *config;
    struct zone zone;
    struct clock_guard clock;
    struct engine *engine;
    struct vault *vault;
    struct transport *transport;
    struct partner outside; /* clearing house, registry and SMS gateway of the sandbox */
    struct registry_partner registry;
    struct partner_channel channel;
    struct regions *regions;
    struct bins *bins;
    struct consent_texts *consents;
    struct customer_room *customers;
    struct staff_room staff;
    struct catalogue *catalogue;
    struct vision *vision; /* NULL until rooms_open_vision, and if this bank has no models */
    struct places *places;
    struct kyc_eyes_vision eyes;
    struct kyc_partner parties;
    struct kyc_room *kyc;
    struct business_partner business;
    struct company_room *companies;
    struct privacy_room privacy;
    char share[256]; /* folder of tables and pages */
};

/* Opens everything. The database's schema must be current, the key file its own; a new bank's key file
 * is made. `out_fault` gets a line if an error comes back. */
enum err rooms_open(const struct config *config, struct rooms *out, struct fault *out_fault);
/* The tables of the share folder alone: what rooms_open begins with. */
enum err rooms_open_tables(const struct config *config, struct rooms *out, struct fault *out_fault);
void rooms_close(struct rooms *rooms);
/* Loads the models that see (some hundred megabytes) and starts the decoders: for the process that
 * serves. A bank without models opens all the same; its pictures answer model-missing. Errors of
 * vision_open but ERR_MODEL_MISSING. */
enum err rooms_open_vision(struct rooms *rooms);
/* Reads figures that changed (also by another process) and tells the rooms that keep some of their
 * own. One caller at a time: a job, every two seconds. */
enum err rooms_refresh_figures(struct rooms *rooms);
/* Folder `name` beside the share folder: the configured place, else ./name. */
void rooms_share_folder(const struct config *config, char *out, size_t size);

#endif
