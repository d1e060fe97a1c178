#include "bench/bench_people.h"

#include "base/check.h"
#include "db/outbox.h"
#include "ledger/recipe.h"
#include "sys/progress.h"

#include <stdio.h>
#include <string.h>

struct making {
    struct house *house;
    struct customer_room *room;
    struct bench_person *person;
    size_t number;
    int64_t start_minor;
    struct customer_phone phone;
    struct phone_code_sent sent;
    char code[CODE_TEXT_SIZE];
    struct session_opened opened;
    struct identity_evidence evidence;
    struct passcode_change passcode;
};

static enum registry_result knows_everybody(struct registry *registry, const char *request_id,
                                            const char *name, const char *id_number)
{
    (void)registry;
    (void)request_id;
    (void)name;
    (void)id_number;
    return REGISTRY_MATCH;
}

/* A valid number of an invented person. */
static void make_id_number(size_t number, char out[ID_NUMBER_SIZE])
{
    struct date birth = date_add_days((struct date){3653}, (int)(number / 900));
    struct date_parts parts = date_parts(birth);
    char text[64];
    snprintf(text, sizeof text, "110101%04d%02d%02d%03d", parts.year, parts.month, parts.day,
             (int)(number % 900) + 50);
    memcpy(out, text, 17);
    out[17] = identifier_check_of(out);
    out[18] = '\0';
}

static enum err send_code(struct uow *uow, void *context)
{
    struct making *m = context;
    int64_t retry_at;
    return phone_code_send(
        m->room, uow,
        &(struct phone_code_request){.phone = m->phone, .purpose = CODE_SIGN_UP, .address = ""},
        &m->sent, &retry_at);
}

/* Reads the sealed text from the outbox instead of delivering it. */
static enum err take_code(struct uow *uow, void *context)
{
    struct making *m = context;
    struct sms sms = {.text = ""};
    int64_t id = 0;
    struct db_rows rows = outbox_due(uow->conn, uow->now_us + 1, 1);
    if (db_rows_next(&rows)) {
        struct outbox_message message = outbox_message_of(&rows);
        id = message.id;
        db_rows_fail(&rows, sms_unseal(m->house->vault, id, message.body, &sms));
    }
    enum err err = db_rows_close(&rows);
    for (const char *c = sms.text; !err && *c != '\0'; c++) {
        if (strspn(c, "0123456789") == 6) {
            memcpy(m->code, c, 6);
            break;
        }
    }
    return err ? err : outbox_done(uow->conn, id);
}

static enum err sign_up(struct uow *uow, void *context)
{
    struct making *m = context;
    struct sign_up request = {.phone = m->phone,
                              .phone_code_id = m->sent.phone_code_id,
                              .code = m->code,
                              .language = LANG_EN,
                              .device_name = "bench"};
    enum err err = customer_sign_up(m->room, uow, &request, &m->opened);
    return err ? err : m->opened.verdict.refusal;
}

static enum err bench_people_complete(struct uow *uow, void *context)
{
    struct making *m = context;
    struct verdict verdict = {0};
    struct customer_id id = m->opened.customer;
    enum err err = identity_commit(m->room, uow, id, &m->evidence, &verdict);
    err = err ? err : verdict.refusal;
    for (size_t i = 0; !err && i < consent_texts_count(consent_texts_of(m->house)); i++) {
        const struct consent_text *text = consent_texts_at(consent_texts_of(m->house), i);
        struct consent unused;
        err = consent_record(m->room, uow, id, text->purpose, text->version, true, &unused);
    }
    err = err ? err : passcode_set(m->room, uow, &m->passcode, &verdict);
    return err ? err : verdict.refusal;
}

static enum err open_account(struct uow *uow, void *context)
{
    struct making *m = context;
    struct account account;
    struct journal_result unused;
    enum err err =
        account_open(uow, m->house->catalogue, m->opened.customer, ACCOUNT_CLASS_II, &account);
    err = err ? err : customer_activate(m->room, uow, m->opened.customer);
    if (err) {
        return err;
    }
    m->person->account = account.id;
    struct recipe_event event = {.recipe = RECIPE_TOP_UP,
                                 .accounts = {[ROLE_CUSTOMER] = account.id},
                                 .amounts = {[SLOT_AMOUNT] = {m->start_minor, CCY_CNY}},
                                 .booking_date = uow->business_date,
                                 .bucket = -1};
    return recipe_post(uow->ledger, &event, &unused);
}

static enum err make_one(struct making *m)
{
    struct engine *engine = m->house->engine;
    char number[ID_NUMBER_SIZE];
    int64_t retry_at;
    snprintf(m->person->phone, sizeof m->person->phone, "+86177%08d", (int)(m->number % 100000000));
    make_id_number(m->number, number);
    enum err err = customer_phone_parse(m->room, m->person->phone, &m->phone);
    err = err ? err : engine_run(engine, send_code, m);
    err = err ? err : engine_run(engine, take_code, m);
    err = err ? err : engine_run(engine, sign_up, m);
    if (err) {
        return err;
    }
    struct principal principal;
    memcpy(m->person->token, m->opened.token, sizeof m->person->token);
    err = identity_prepare(m->room, engine, m->opened.customer, BENCH_PERSON_NAME, number,
                           &m->evidence, &retry_at);
    if (!err) {
        err = session_check(m->room, engine, m->person->token, clock_now_us(engine_clock(engine)),
                            &principal);
    }
    err = err ? err : passcode_prepare(m->room, engine, &principal, "135246", NULL, &m->passcode);
    err = err ? err : engine_run(engine, bench_people_complete, m);
    return err ? err : engine_run(engine, open_account, m);
}

enum err bench_people_make(struct house *house, int64_t start_minor, struct bench_person *out,
                           size_t count)
{
    struct customer_rules rules = CUSTOMER_RULES;
    struct registry registry = {.check = knows_everybody, .version = "bench/1"};
    struct customer_room *room;
    rules.passcode_passes = 1;
    rules.passcode_memory = 8192;
    rules.layers_waived = true;
    struct customer_room_options options = {.vault = house->vault,
                                            .regions = house->regions,
                                            .registry = &registry,
                                            .consents = consent_texts_of(house),
                                            .catalogue = house->catalogue,
                                            .rules = &rules};
    enum err err = customer_room_open(&options, &room);
    if (err) {
        return err;
    }
    struct progress progress;
    progress_start(&progress, "people", (int64_t)count, LANG_EN);
    for (size_t i = 0; !err && i < count; i++) {
        struct making making = {.house = house,
                                .room = room,
                                .person = &out[i],
                                .number = i,
                                .start_minor = start_minor};
        err = make_one(&making);
        progress_update(&progress, (int64_t)i + 1);
    }
    progress_finish(&progress);
    customer_room_close(room);
    return err;
}
