/*
 * The customer room over room_fixture.h, with a registry with scripted answers, and the
 * commands of its callers as one-line calls. Include once per program.
 */
#ifndef TESTS_UNIT_CUSTOMER_FIXTURE_H
#define TESTS_UNIT_CUSTOMER_FIXTURE_H

#include "customer/customer.h"
#include "customer/parameters.h"
#include "customer/security.h"
#include "db/db_fault.h"
#include "db/outbox.h"
#include "frame/room.h"
#include "sys/thread.h"
#include "unit/room_fixture.h"

#include <errno.h>
#include <inttypes.h>

#define SECOND INT64_C(1000000)

/* Of the room that is tested and of those below it: their parameters and messages. */
#ifndef FIXTURE_ROOMS
#define FIXTURE_ROOMS &CUSTOMER_PARTS
#endif
static const struct room_parts *const ROOMS[] = {FIXTURE_ROOMS, NULL};
static const struct parameter_list *PARAMETER_LISTS[CATALOGUE_LISTS_MAX + 1];

static enum db_engine which;
static struct room_fixture bank;
static struct customer_room *room;
static struct consent_texts *consents;
static struct regions *regions;
static struct catalogue *catalogue;
static int next_phone = 1;

/* A registry with scripted answers. */
struct fake_registry {
    struct registry registry;
    enum registry_result result;
    int calls;
};
static inline enum registry_result fake_check(struct registry *registry, const char *request_id,
                                              const char *name, const char *id_number)
{
    struct fake_registry *fake = (struct fake_registry *)registry;
    assert_true(strlen(request_id) > 0 && strlen(request_id) < 40);
    assert_true(strlen(name) > 0 && strlen(id_number) == 18);
    fake->calls++;
    return fake->result;
}
static struct fake_registry registry = {.registry = {fake_check, "fake/1"},
                                        .result = REGISTRY_MATCH};

static inline int suite_open(void **state)
{
    (void)state;
    struct customer_rules rules = CUSTOMER_RULES;
    rules.passcode_passes = ROOM_FIXTURE_PASSES;
    rules.passcode_memory = ROOM_FIXTURE_MEMORY;
    rules.cache_entries = 1024;
    rules.layers_waived = true;
    room_fixture_open(&bank, which, program_invocation_short_name);
    assert_ok(consent_texts_load("share/consents", &consents));
    assert_ok(regions_load("share/regions.tsv", &regions));
    struct db_conn *conn = NULL;
    assert_ok(engine_read_begin(bank.engine, &conn));
    house_parameters(ROOMS, PARAMETER_LISTS);
    assert_ok(catalogue_open(conn, PARAMETER_LISTS, &catalogue));
    engine_read_end(bank.engine, conn);
    assert_ok(customer_room_open(&(struct customer_room_options){.vault = bank.vault,
                                                                 .regions = regions,
                                                                 .registry = &registry.registry,
                                                                 .consents = consents,
                                                                 .catalogue = catalogue,
                                                                 .rooms = ROOMS,
                                                                 .rules = &rules},
                                 &room));
    return 0;
}

static inline int suite_close(void **state)
{
    (void)state;
    customer_room_close(room);
    catalogue_close(catalogue);
    regions_release(regions);
    consent_texts_release(consents);
    room_fixture_close(&bank);
    return 0;
}

static inline int fresh(void **state)
{
    (void)state;
    registry.result = REGISTRY_MATCH;
    registry.calls = 0;
    clock_manual_advance(&bank.clock, 2 * DAY_US); /* limits of one test do not affect the next */
    return 0;
}

static inline int64_t now(void)
{
    return clock_now_us(&bank.clock.clock);
}

static inline struct customer_phone new_phone(void)
{
    static uint32_t base;
    struct customer_phone phone;
    char text[32];
    if (base == 0) {
        base = entropy_below(entropy_system(), 90000000); /* a shared database has other tests'
                                                           * phones */
    }
    snprintf(text, sizeof(text), "199%08u", base + (uint32_t)next_phone++);
    assert_ok(customer_phone_parse(room, text, &phone));
    return phone;
}

/* --- Commands ------------------------------------------------------------------------------------ */

struct step {
    struct customer_phone phone;
    enum code_purpose purpose;
    enum lang lang;
    int64_t retry_at;
    struct phone_code_sent sent;
    struct sign_up sign_up;
    struct sign_in_by_code by_code;
    struct passcode_proof proof;
    struct passcode_change change;
    struct session_opened opened;
    struct identity_evidence evidence;
    struct customer_id customer;
    struct session_id session;
    struct verdict verdict;
    struct consent consent;
    const char *text, *text2;
    const char *device_key;
    const char *address;
    bool flag;
    int64_t number;
    void *crowd; /* struct crowd, where many run at once */
    enum err err;
};

static inline enum err do_send(struct uow *uow, void *context)
{
    struct step *s = context;
    return phone_code_send(room, uow,
                           &(struct phone_code_request){.phone = s->phone,
                                                        .purpose = s->purpose,
                                                        .language = s->lang,
                                                        .address = s->address ? s->address : "",
                                                        .device_key = s->device_key},
                           &s->sent, &s->retry_at);
}
static inline enum err do_sign_up(struct uow *uow, void *context)
{
    struct step *s = context;
    return customer_sign_up(room, uow, &s->sign_up, &s->opened);
}
static inline enum err do_by_code(struct uow *uow, void *context)
{
    struct step *s = context;
    return sign_in_by_code(room, uow, &s->by_code, &s->opened);
}
static inline enum err do_by_passcode(struct uow *uow, void *context)
{
    struct step *s = context;
    return sign_in_by_passcode(room, uow,
                               &(struct sign_in_by_passcode){.phone = s->phone,
                                                             .proof = &s->proof,
                                                             .device_name = "test",
                                                             .device_key = s->device_key,
                                                             .code = s->text,
                                                             .phone_code_id = s->number},
                               &s->opened);
}
static inline enum err do_set(struct uow *uow, void *context)
{
    struct step *s = context;
    return passcode_set(room, uow, &s->change, &s->verdict);
}
static inline enum err do_step_up(struct uow *uow, void *context)
{
    struct step *s = context;
    return session_step_up(room, uow, s->session, &s->proof, &s->verdict, &s->number);
}
static inline enum err do_identity(struct uow *uow, void *context)
{
    struct step *s = context;
    return identity_commit(room, uow, s->customer, &s->evidence, &s->verdict);
}
static inline enum err do_consent(struct uow *uow, void *context)
{
    struct step *s = context;
    return consent_record(room, uow, s->customer, s->text, s->text2, s->flag, &s->consent);
}
static inline enum err do_activate(struct uow *uow, void *context)
{
    return customer_activate(room, uow, ((struct step *)context)->customer);
}
static inline enum err do_revoke(struct uow *uow, void *context)
{
    struct step *s = context;
    return session_revoke(uow, s->customer, s->session);
}
static inline enum err do_language(struct uow *uow, void *context)
{
    struct step *s = context;
    return customer_set_language(uow, s->customer, LANG_EN, s->number);
}
static inline enum err do_touch(struct uow *uow, void *context)
{
    return session_touch(room, uow, ((struct step *)context)->session);
}
static inline enum err do_sweep(struct uow *uow, void *context)
{
    struct step *s = context;
    return customer_sweep(room, uow, s->phone.bucket, 100, &s->number);
}

/* The newest text message to a phone: its code, and the outbox row's body. */
static inline void newest_sms(const struct customer_phone *phone, char code[CODE_TEXT_SIZE],
                              struct sms *out)
{
    struct db_conn *conn = NULL;
    struct db_rows rows;
    bool is_found = false;
    assert_ok(engine_read_begin(bank.engine, &conn));
    rows = outbox_due(conn, INT64_MAX / 2, 1000);
    while (db_rows_next(&rows)) {
        struct outbox_message message = outbox_message_of(&rows);
        struct sms sms;
        if (strcmp(message.topic, SMS_TOPIC) == 0 &&
            sms_unseal(bank.vault, message.id, message.body, &sms) == ERR_OK &&
            strcmp(sms.to, phone->text) == 0) {
            size_t at = strcspn(sms.text, "0123456789");
            if (sms.text[at] == '\0') {
                continue; /* news, no code */
            }
            memcpy(code, sms.text + at, 6);
            code[6] = '\0';
            assert_int_equal(strspn(code, "0123456789"), 6);
            assert_null(strstr(message.body, code)); /* sealed in the database */
            assert_null(strstr(message.body, phone->text + 3));
            *out = sms;
            is_found = true;
        }
    }
    assert_ok(db_rows_close(&rows));
    engine_read_end(bank.engine, conn);
    assert_true(is_found);
}

static inline int64_t send_code(const struct customer_phone *phone, enum code_purpose purpose,
                                char code[CODE_TEXT_SIZE])
{
    struct sms sms;
    struct step s = {.phone = *phone, .purpose = purpose, .lang = LANG_ZH};
    assert_ok(engine_run(bank.engine, do_send, &s));
    newest_sms(phone, code, &sms);
    return s.sent.phone_code_id;
}

/* The device key of the phone's holder. */
static inline const char *device_of(const struct customer_phone *phone)
{
    static char keys[8][32];
    static int next;
    char *key = keys[next++ % 8];
    snprintf(key, sizeof(keys[0]), "unit-test-device-%s", phone->text + 1);
    return key;
}

static inline struct session_opened sign_up(const struct customer_phone *phone)
{
    char code[CODE_TEXT_SIZE];
    struct step s = {.sign_up = {.phone = *phone,
                                 .language = LANG_ZH,
                                 .device_name = "test",
                                 .device_key = device_of(phone)}};
    s.sign_up.phone_code_id = send_code(phone, CODE_SIGN_UP, code);
    s.sign_up.code = code;
    assert_ok(engine_run(bank.engine, do_sign_up, &s));
    assert_err(ERR_OK, s.opened.verdict.refusal);
    return s.opened;
}

static inline struct principal check(const char *token)
{
    struct principal principal;
    assert_ok(session_check(room, bank.engine, token, now(), &principal));
    return principal;
}

static inline struct verdict set_passcode(const char *token, const char *passcode, const char *old)
{
    struct principal who = check(token);
    struct step s = {0};
    assert_ok(passcode_prepare(room, bank.engine, &who, passcode, old, &s.change));
    assert_ok(engine_run(bank.engine, do_set, &s));
    session_forget_customer(room, who.customer);
    return s.verdict;
}

static inline struct session_opened sign_in(const struct customer_phone *phone,
                                            const char *passcode)
{
    struct step s = {.phone = *phone, .device_key = device_of(phone)};
    assert_ok(sign_in_prove(room, bank.engine, phone, passcode, &s.proof));
    assert_ok(engine_run(bank.engine, do_by_passcode, &s));
    return s.opened;
}

static inline struct verdict prove_identity(struct customer_id id, const char *name,
                                            const char *number, struct identity_evidence *out)
{
    struct step s = {.customer = id};
    int64_t retry_at = 0;
    enum err err = identity_prepare(room, bank.engine, id, name, number, &s.evidence, &retry_at);
    if (err == ERR_TOO_MANY_REQUESTS) {
        return (struct verdict){.refusal = err, .retry_at = retry_at};
    }
    assert_true(err == ERR_OK || err == ERR_REGISTRY_UNAVAILABLE);
    assert_ok(engine_run(bank.engine, do_identity, &s));
    if (out != NULL) {
        *out = s.evidence;
    }
    return s.verdict;
}

static inline void number_for(int person, char out[ID_NUMBER_SIZE])
{
    static uint32_t base;
    char digits[48];
    if (base == 0) {
        base = entropy_below(entropy_system(), 20000) + 1;
    }
    /* Days of 1950 to 2005 and a sequence number: few collisions in a shared database. */
    struct date born = {(int32_t)(-7300 + (int)(base + (uint32_t)person * 7) % 20000)};
    struct date_parts parts = date_parts(born);
    snprintf(digits, sizeof(digits), "110101%04d%02d%02d%03d", parts.year, parts.month, parts.day,
             100 + person);
    snprintf(out, ID_NUMBER_SIZE, "%.17s%c", digits, identifier_check_of(digits));
}

static inline struct customer load(struct customer_id id)
{
    struct db_conn *conn = NULL;
    struct customer customer;
    assert_ok(engine_read_begin(bank.engine, &conn));
    assert_ok(customer_load(room, conn, id, &customer));
    engine_read_end(bank.engine, conn);
    return customer;
}

#endif
