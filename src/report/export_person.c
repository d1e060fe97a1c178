#include "report/export_person.h"

#include "base/hash.h"
#include "customer/security.h"
#include "frame/room.h"
#include "payment/erase.h"
#include "report/export_sink.h"

#include <stdlib.h>
#include <string.h>

#define EXPORT_ACCOUNTS_MAX 256 /* closed ones of a life included */
#define EXPORT_CARDS_MAX    128
#define LIST_MAX            1000000 /* rows of a visit: all there are */
#define PAGE                100

struct walk {
    struct sink sink;
    const struct export_order *order;
    struct db_conn *conn;
    struct ledger *ledger;
    struct ccy ccy; /* of the account whose lines are visited */
    size_t lines;
    int64_t last_id; /* of a page */
    enum err err;
};

/* --- Who they are ------------------------------------------------------------------------------- */

static enum err write_customer(struct walk *w)
{
    const struct export_order *o = w->order;
    struct sink *s = &w->sink;
    struct customer c;
    char phone[PHONE_TEXT_SIZE] = "";
    char number[ID_NUMBER_SIZE] = "";
    enum err err = customer_load(o->customers, w->conn, o->customer, &c);
    err = err ? err : customer_reveal_phone(o->customers, w->conn, o->customer, phone);
    if (err == ERR_OK && c.has_identity) {
        err = customer_reveal_id_number(o->customers, w->conn, o->customer, number);
    }
    if (err) {
        return err;
    }
    sink_open(s, "customer", '{');
    sink_id(s, "customerId", c.id.value);
    sink_text(s, "state", customer_state_name(c.state));
    sink_text(s, "language", c.language == LANG_ZH ? "zh" : "en");
    sink_text(s, "name", c.name);
    sink_text(s, "phone", phone);
    sink_text(s, "idNumber", number);
    if (c.has_identity) {
        sink_date(s, "birthDate", c.birth_date);
        sink_text(s, "sex", c.sex == SEX_MALE ? "male" : "female");
        sink_text(s, "region", c.region);
        sink_bool(s, "isMinor", c.is_minor);
    }
    sink_instant(s, "createdAt", c.created_at);
    sink_instant(s, "identityAt", c.identity_at);
    sink_instant(s, "activeAt", c.active_at);
    sink_instant(s, "phoneChangedAt", c.phone_changed_at);
    sink_instant(s, "verifiedAt", c.layers.verified_at);
    sink_date(s, "documentUntil", c.layers.document_until);
    sink_close(s, '}');
    vault_wipe(phone, sizeof phone);
    vault_wipe(number, sizeof number);
    return ERR_OK;
}

static enum err write_verification(struct walk *w)
{
    struct kyc_verification v;
    struct sink *s = &w->sink;
    enum err err =
        kyc_verification_load(w->order->kyc, w->conn, w->order->customer, w->order->now_us, &v);
    if (err) {
        return err;
    }
    sink_open(s, "verification", '{');
    sink_text(s, "level", kyc_level_name(v.level));
    sink_text(s, "state", kyc_standing_name(v.standing));
    sink_open(s, "layers", '[');
    for (int i = 0; i < KYC_LAYER_COUNT; i++) {
        sink_open(s, NULL, '{');
        sink_text(s, "layer", kyc_layer_name((enum kyc_layer)i));
        sink_text(s, "state", kyc_state_name(v.layers[i].state));
        sink_instant(s, "at", v.layers[i].at);
        sink_close(s, '}');
    }
    sink_close(s, ']');
    if (v.has_case) {
        sink_open(s, "case", '{');
        sink_text(s, "state", case_state_name(v.case_state, v.case_is_claimed));
        sink_text(s, "path", case_path_name(v.path));
        sink_instant(s, "openedAt", v.opened_at);
        sink_instant(s, "dueAt", v.due_at);
        sink_instant(s, "appointmentAt", v.appointment_at);
        sink_close(s, '}');
    }
    sink_close(s, '}');
    return ERR_OK;
}

static enum err write_channels(struct walk *w)
{
    struct identity_channel channels[CHANNELS_MAX];
    size_t count = 0;
    enum err err = customer_channels(w->conn, w->order->customer, channels, &count);
    sink_open(&w->sink, "channels", '[');
    for (size_t i = 0; err == ERR_OK && i < count; i++) {
        sink_open(&w->sink, NULL, '{');
        sink_text(&w->sink, "kind", channel_kind_name(channels[i].kind));
        sink_text(&w->sink, "detail", channels[i].detail);
        sink_instant(&w->sink, "at", channels[i].at);
        sink_close(&w->sink, '}');
    }
    sink_close(&w->sink, ']');
    return err;
}

static bool visit_check(const struct check_row *row, void *context)
{
    struct sink *s = &((struct walk *)context)->sink;
    sink_open(s, NULL, '{');
    sink_text(s, "kind", identity_check_name(row->check));
    sink_text(s, "result", check_result_name(row->result));
    if (row->score >= 0) {
        sink_int(s, "score", row->score);
    }
    sink_text(s, "version", row->version);
    sink_instant(s, "at", row->at);
    sink_close(s, '}');
    return true;
}

static bool visit_kyc_check(const struct kyc_check_row *row, void *context)
{
    struct sink *s = &((struct walk *)context)->sink;
    sink_open(s, NULL, '{');
    sink_text(s, "kind", kyc_check_name(row->check));
    sink_text(s, "result", kyc_result_name(row->result));
    if (row->score >= 0) {
        sink_int(s, "score", row->score);
    }
    if (row->threshold >= 0) {
        sink_int(s, "threshold", row->threshold);
    }
    sink_text(s, "version", row->version);
    sink_instant(s, "at", row->at);
    sink_close(s, '}');
    return true;
}

static enum err write_checks(struct walk *w)
{
    sink_open(&w->sink, "checks", '[');
    enum err err = identity_checks_each(w->conn, w->order->customer, visit_check, w);
    err = err ? err : kyc_checks_each(w->conn, w->order->customer, visit_kyc_check, w);
    sink_close(&w->sink, ']');
    return err;
}

static bool visit_attempt(const struct kyc_attempt_row *row, void *context)
{
    struct sink *s = &((struct walk *)context)->sink;
    sink_open(s, NULL, '{');
    sink_text(s, "kind", kyc_attempt_name(row->kind));
    sink_text(s, "result", row->result);
    sink_instant(s, "at", row->at);
    sink_close(s, '}');
    return true;
}

static enum err write_attempts(struct walk *w)
{
    sink_open(&w->sink, "attempts", '[');
    enum err err = kyc_attempts_each(w->conn, w->order->customer, LIST_MAX, visit_attempt, w);
    sink_close(&w->sink, ']');
    return err;
}

static void write_fields(struct walk *w, const char *name, const struct kyc_fields *fields)
{
    struct sink *s = &w->sink;
    sink_open(s, name, '{');
    sink_text(s, "name", fields->name);
    if (fields->sex >= 0) {
        sink_text(s, "sex", fields->sex == SEX_MALE ? "male" : "female");
    }
    sink_text(s, "nation", fields->nation);
    sink_date(s, "birthDate", fields->birth_date);
    sink_text(s, "address", fields->address);
    sink_text(s, "idNumber", fields->number);
    sink_text(s, "issuer", fields->issuer);
    sink_date(s, "validFrom", fields->valid_from);
    sink_date(s, "validUntil", fields->valid_until);
    sink_close(s, '}');
}

static enum err write_card_fields(struct walk *w)
{
    struct kyc_fields fields;
    uint32_t corrections = 0;
    enum err err = kyc_read_load(w->order->kyc, w->conn, w->order->customer, &fields);
    if (err == ERR_OK) {
        write_fields(w, "idCardRead", &fields);
        kyc_fields_wipe(&fields);
    }
    err = err == ERR_NOT_FOUND ? ERR_OK : err;
    if (err == ERR_OK) {
        err = kyc_confirmed_load(w->order->kyc, w->conn, w->order->customer, &fields, &corrections);
        if (err == ERR_OK) {
            write_fields(w, "idCardConfirmed", &fields);
            kyc_fields_wipe(&fields);
        }
    }
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

struct picture_list {
    struct kyc_picture rows[64];
    size_t count;
};

static bool collect_picture(const struct kyc_picture *picture, void *context)
{
    struct picture_list *list = context;
    list->rows[list->count++] = *picture;
    return list->count < sizeof list->rows / sizeof list->rows[0];
}

static enum err write_picture(struct walk *w, const struct kyc_picture *picture)
{
    struct sink *s = &w->sink;
    uint8_t *jpeg = NULL;
    size_t size = 0;
    char hex[65];
    enum err err =
        kyc_picture_load(w->order->kyc, w->conn, w->order->customer, picture->id, &jpeg, &size);
    if (err) {
        return err;
    }
    struct hash digest = hash_of(jpeg, size);
    str_to_hex(digest.bytes, sizeof digest.bytes, hex);
    sink_open(s, NULL, '{');
    sink_text(s, "kind", picture_kind_name(picture->kind));
    sink_instant(s, "at", picture->at);
    sink_instant(s, "expiresAt", picture->expires_at);
    sink_text(s, "hash", hex);
    sink_bytes(s, "jpeg", jpeg, size);
    sink_close(s, '}');
    free(jpeg);
    return ERR_OK;
}

static enum err write_pictures(struct walk *w)
{
    struct picture_list list = {.count = 0};
    enum err err = kyc_pictures_each(w->conn, w->order->customer, collect_picture, &list);
    sink_open(&w->sink, "pictures", '[');
    for (size_t i = 0; err == ERR_OK && i < list.count; i++) {
        err = write_picture(w, &list.rows[i]);
    }
    sink_close(&w->sink, ']');
    return err;
}

static bool visit_place(const struct kyc_place_row *row, void *context)
{
    struct sink *s = &((struct walk *)context)->sink;
    sink_open(s, NULL, '{');
    sink_text(s, "state", place_state_name(row->state));
    sink_text(s, "region", row->region);
    if (row->has_position) {
        sink_int(s, "latitudeE6", row->latitude_e6);
        sink_int(s, "longitudeE6", row->longitude_e6);
        sink_int(s, "accuracyMeters", row->accuracy_m);
    }
    sink_instant(s, "at", row->at);
    sink_instant(s, "expiresAt", row->expires_at);
    sink_close(s, '}');
    return true;
}

static enum err write_places(struct walk *w)
{
    sink_open(&w->sink, "places", '[');
    enum err err = kyc_places_each(w->order->kyc, w->conn, w->order->customer, visit_place, w);
    sink_close(&w->sink, ']');
    return err;
}

/* --- What they said, how they sign in ------------------------------------------------------------ */

static bool visit_consent(const struct consent *consent, void *context)
{
    struct sink *s = &((struct walk *)context)->sink;
    sink_open(s, NULL, '{');
    sink_text(s, "purpose", consent->purpose);
    sink_text(s, "textVersion", consent->version);
    sink_bool(s, "granted", consent->granted);
    sink_instant(s, "at", consent->at);
    sink_close(s, '}');
    return true;
}

static enum err write_consents(struct walk *w)
{
    sink_open(&w->sink, "consents", '[');
    enum err err = consent_each(w->conn, w->order->customer, true, visit_consent, w);
    sink_close(&w->sink, ']');
    return err;
}

static enum err write_security(struct walk *w)
{
    struct security_overview overview;
    enum totp_state state = TOTP_NONE;
    int64_t since = 0;
    enum err err = security_overview_load(w->conn, w->order->customer, &overview);
    err = err ? err : totp_load(w->conn, w->order->customer, &state, &since);
    if (err) {
        return err;
    }
    sink_open(&w->sink, "security", '{');
    sink_instant(&w->sink, "passCodeAt", overview.passcode_at);
    sink_text(&w->sink, "timeCodes", totp_state_name(state));
    sink_instant(&w->sink, "timeCodesSince", since);
    sink_close(&w->sink, '}');
    return ERR_OK;
}

static bool visit_device(const struct device *device, void *context)
{
    struct sink *s = &((struct walk *)context)->sink;
    sink_open(s, NULL, '{');
    sink_text(s, "name", device->name);
    sink_instant(s, "firstSeenAt", device->first_seen_at);
    sink_instant(s, "lastSeenAt", device->last_seen_at);
    sink_close(s, '}');
    return true;
}

static bool visit_passkey(const struct passkey *passkey, void *context)
{
    struct sink *s = &((struct walk *)context)->sink;
    sink_open(s, NULL, '{');
    sink_text(s, "name", passkey->name);
    sink_instant(s, "createdAt", passkey->created_at);
    sink_instant(s, "lastUsedAt", passkey->last_used_at);
    sink_close(s, '}');
    return true;
}

static bool visit_session(const struct session *session, void *context)
{
    struct sink *s = &((struct walk *)context)->sink;
    sink_open(s, NULL, '{');
    sink_text(s, "device", session->device_name);
    sink_instant(s, "createdAt", session->created_at);
    sink_instant(s, "lastSeenAt", session->last_seen_at);
    sink_close(s, '}');
    return true;
}

static bool visit_event(const struct security_event_row *row, void *context)
{
    struct sink *s = &((struct walk *)context)->sink;
    sink_open(s, NULL, '{');
    sink_text(s, "kind", security_event_name(row->event));
    sink_text(s, "device", row->device_name);
    sink_instant(s, "at", row->at);
    sink_close(s, '}');
    return true;
}

static enum err write_sign_in(struct walk *w)
{
    const struct export_order *o = w->order;
    struct sink *s = &w->sink;
    enum err err = write_security(w);
    sink_open(s, "devices", '[');
    err = err ? err : device_each(w->conn, o->customer, visit_device, w);
    sink_close(s, ']');
    sink_open(s, "passkeys", '[');
    err = err ? err : passkey_each(w->conn, o->customer, visit_passkey, w);
    sink_close(s, ']');
    sink_open(s, "sessions", '[');
    err = err ? err : session_each(o->customers, w->conn, o->customer, o->now_us, visit_session, w);
    sink_close(s, ']');
    sink_open(s, "securityEvents", '[');
    err = err ? err : security_event_each(w->conn, o->customer, 0, LIST_MAX, visit_event, w);
    sink_close(s, ']');
    return err;
}

static bool visit_message(const struct message *message, void *context)
{
    struct walk *w = context;
    sink_open(&w->sink, NULL, '{');
    sink_text(&w->sink, "kind", message->row->name);
    sink_text(&w->sink, "title", message->title[w->order->lang]);
    sink_text(&w->sink, "text", message->text[w->order->lang]);
    sink_instant(&w->sink, "createdAt", message->created_at);
    sink_instant(&w->sink, "readAt", message->read_at);
    sink_close(&w->sink, '}');
    return true;
}

static enum err write_messages(struct walk *w)
{
    sink_open(&w->sink, "messages", '[');
    enum err err = message_each(w->order->customers, w->conn, w->order->customer, 0, LIST_MAX,
                                visit_message, w);
    sink_close(&w->sink, ']');
    return err;
}

/* --- Money -------------------------------------------------------------------------------------- */

static enum err write_cards(struct walk *w)
{
    struct card cards[EXPORT_CARDS_MAX];
    size_t count = 0;
    struct sink *s = &w->sink;
    enum err err = card_list(w->conn, w->order->customer, cards, EXPORT_CARDS_MAX, &count);
    sink_open(s, "cards", '[');
    for (size_t i = 0; err == ERR_OK && i < count; i++) {
        sink_open(s, NULL, '{');
        sink_id(s, "cardId", cards[i].id.value);
        sink_text(s, "issuer",
                  w->order->lang == LANG_ZH ? cards[i].issuer.name_zh : cards[i].issuer.name_en);
        sink_text(s, "number", cards[i].masked_pan);
        sink_text(s, "kind", card_kind_name(cards[i].kind));
        sink_text(s, "state", card_state_name(cards[i].state));
        sink_instant(s, "boundAt", cards[i].bound_at);
        sink_instant(s, "unboundAt", cards[i].unbound_at);
        sink_close(s, '}');
    }
    sink_close(s, ']');
    return err;
}

static bool visit_line(const struct activity_line *line, void *context)
{
    struct walk *w = context;
    struct sink *s = &w->sink;
    bool is_in = line->line.side == LEDGER_CREDIT;
    sink_open(s, NULL, '{');
    sink_id(s, "transactionId", line->line.id);
    sink_text(s, "kind", activity_kind_name(line->kind));
    sink_text(s, "direction", is_in ? "in" : "out");
    sink_money(s, "amount", line->line.amount_minor, w->ccy);
    sink_money(s, "balance", line->line.balance_minor, w->ccy);
    sink_date(s, "bookingDate", line->line.booking_date);
    sink_date(s, "valueDate", line->line.value_date);
    sink_text(s, "otherName", line->other_name);
    sink_text(s, "otherAccount", line->other_masked);
    if (line->has_payment) {
        sink_id(s, "paymentId", line->payment.id.value);
        sink_text(s, "text", line->payment.text);
    }
    sink_close(s, '}');
    w->lines++;
    return !w->sink.is_paper || w->lines < EXPORT_PAPER_LINES_MAX;
}

static enum err write_lines(struct walk *w, struct account_id account)
{
    static const struct activity_filter all;
    int64_t before = 0;
    enum err err = ERR_OK;
    w->lines = 0;
    sink_open(&w->sink, "transactions", '[');
    do {
        err = activity_each(w->ledger, w->conn, account, &all, before, ACTIVITY_PAGE_MAX,
                            visit_line, w, &before);
    } while (err == ERR_OK && before != 0 &&
             (!w->sink.is_paper || w->lines < EXPORT_PAPER_LINES_MAX));
    if (w->sink.is_paper && before != 0) {
        sink_text(&w->sink, "text",
                  w->order->lang == LANG_ZH ? "更早的明细见 JSON 格式的导出文件。"
                                            : "Older ones are in the export as JSON.");
    }
    sink_close(&w->sink, ']');
    return err;
}

static enum err write_accounts(struct walk *w)
{
    struct account accounts[EXPORT_ACCOUNTS_MAX];
    size_t count = 0;
    struct sink *s = &w->sink;
    enum err err = account_list(w->conn, w->order->customer, accounts, EXPORT_ACCOUNTS_MAX, &count);
    sink_open(s, "accounts", '[');
    for (size_t i = 0; err == ERR_OK && i < count; i++) {
        struct ledger_account state;
        err = ledger_account_load(w->ledger, w->conn, accounts[i].id, &state);
        if (err) {
            break;
        }
        w->ccy = accounts[i].ccy;
        sink_open(s, NULL, '{');
        sink_id(s, "accountId", accounts[i].id.value);
        sink_text(s, "number", accounts[i].number);
        sink_text(s, "class", account_class_name(accounts[i].class));
        sink_text(s, "state", account_state_name(accounts[i].state));
        sink_instant(s, "openedAt", accounts[i].opened_at);
        sink_money(s, "balance", ledger_balance(&state), w->ccy);
        err = write_lines(w, accounts[i].id);
        sink_close(s, '}');
    }
    sink_close(s, ']');
    return err;
}

static void write_payment(struct sink *s, const struct payment *p)
{
    sink_open(s, NULL, '{');
    sink_id(s, "paymentId", p->id.value);
    sink_text(s, "kind", payment_kind_name(p->kind));
    sink_text(s, "state", payment_status_name(p->status));
    sink_money(s, "amount", p->amount.minor, p->amount.ccy);
    sink_text(s, "debtorName", p->debtor_name);
    sink_text(s, "debtorAccount", p->debtor_masked);
    sink_text(s, "otherName", p->creditor_name);
    sink_text(s, "otherAccount", p->creditor_masked);
    sink_text(s, "text", p->text);
    sink_text(s, "reason", p->reason);
    sink_text(s, "endToEndId", p->end_to_end);
    sink_instant(s, "createdAt", p->created_at);
    sink_instant(s, "settledAt", p->settled_at);
    sink_close(s, '}');
}

static enum err write_payments(struct walk *w)
{
    struct payment *page = calloc(PAGE, sizeof *page);
    size_t count = 0;
    size_t total = 0;
    int64_t before = 0;
    enum err err = page ? ERR_OK : ERR_NO_MEMORY;
    sink_open(&w->sink, "payments", '[');
    do {
        err =
            err ? err : payment_made_list(w->conn, w->order->customer, before, page, PAGE, &count);
        for (size_t i = 0; err == ERR_OK && i < count; i++) {
            write_payment(&w->sink, &page[i]);
            before = page[i].id.value;
        }
        total += count;
    } while (err == ERR_OK && count == PAGE &&
             (!w->sink.is_paper || total < EXPORT_PAPER_LINES_MAX));
    sink_close(&w->sink, ']');
    free(page);
    return err;
}

/* --- The walk ----------------------------------------------------------------------------------- */

static const struct sink_verbs verbs = {.open = sink_open,
                                        .close = sink_close,
                                        .text = sink_text,
                                        .integer = sink_int,
                                        .boolean = sink_bool,
                                        .id = sink_id,
                                        .instant = sink_instant,
                                        .date = sink_date,
                                        .money = sink_money};

/* Sections of the rooms below, then those that rooms bring. */
static enum err write_all(struct walk *w)
{
    static enum err (*const sections[])(struct walk *) = {
        write_customer,    write_verification, write_channels, write_checks,   write_attempts,
        write_card_fields, write_pictures,     write_places,   write_consents, write_sign_in,
        write_messages,    write_cards,        write_accounts, write_payments};
    enum err err = ERR_OK;
    for (size_t i = 0; err == ERR_OK && i < sizeof sections / sizeof sections[0]; i++) {
        err = sections[i](w);
    }
    const struct room_parts *const *rooms = w->order->house->rooms;
    const struct export_walk walk = {.house = w->order->house,
                                     .conn = w->conn,
                                     .customer = w->order->customer,
                                     .is_paper = w->sink.is_paper,
                                     .sink = &w->sink,
                                     .verbs = &verbs};
    for (size_t i = 0; rooms[i] != NULL; i++) {
        const struct export_section *section = rooms[i]->exports;
        for (; err == ERR_OK && section != NULL && section->name != NULL; section++) {
            err = section->write(&walk);
        }
    }
    return err;
}

enum err export_person(struct engine *engine, const struct export_order *order, struct str *out)
{
    struct walk w = {.order = order, .ledger = engine_ledger(engine)};
    enum err err = engine_read_begin(engine, &w.conn);
    if (err) {
        return err;
    }
    err = sink_begin(&w.sink, order, out);
    if (err == ERR_OK) {
        if (!w.sink.is_paper) {
            sink_open(&w.sink, NULL, '{');
            sink_text(&w.sink, "format", "sycee-person/1");
            sink_instant(&w.sink, "madeAt", order->now_us);
        }
        err = write_all(&w);
        if (!w.sink.is_paper) {
            sink_close(&w.sink, '}');
        }
        enum err ended = sink_end(&w.sink);
        err = err ? err : ended;
    }
    engine_read_end(engine, w.conn);
    return err;
}
