/*
 * Signing: a card holder lets the bank debit and credit a card.
 *
 *   open ── right code ──> signed (agreement open ── DELETE ──> closed)
 *     ├── 5 minutes ─────> expired
 *     └── 5 wrong codes ─> exhausted
 */
#include "identity.h"
#include "issuer.h"
#include "sandbox.h"

#include "base/date.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define TRIES_MAX      5
#define NAME_SIZE_MAX  120
#define CODE_SIZE      7
#define AGREEMENT_SIZE 40

STORE_STMT(stmt_signing, "SELECT card_number, name, id_number, phone, code, tries_left, expires_at,"
                         " agreement_number FROM signings WHERE signing_id = ?1");
STORE_STMT(stmt_signing_add, "INSERT INTO signings (signing_id, card_number, name, id_number,"
                             " phone, code, tries_left, expires_at)"
                             " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");
STORE_STMT(stmt_signing_try, "UPDATE signings SET tries_left = tries_left - 1"
                             " WHERE signing_id = ?1");
STORE_STMT(stmt_signing_sign, "UPDATE signings SET agreement_number = ?2 WHERE signing_id = ?1");
STORE_STMT(stmt_card, "SELECT name, id_number, phone, is_lost FROM cards WHERE card_number = ?1");
STORE_STMT(stmt_card_class, "SELECT class FROM cards WHERE card_number = ?1");
STORE_STMT(stmt_card_add, "INSERT INTO cards (card_number, name, id_number, phone, class,"
                          " balance_minor, is_lost, is_resident, seq)"
                          " VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, 0, 0)");
STORE_STMT(stmt_agreement_add, "INSERT INTO agreements (agreement_number, card_number, is_closed)"
                               " VALUES (?1, ?2, 0)");
STORE_STMT(stmt_agreement_find, "SELECT is_closed FROM agreements WHERE agreement_number = ?1");
STORE_STMT(stmt_agreement_close, "UPDATE agreements SET is_closed = 1 WHERE agreement_number = ?1");

struct signing {
    const char *id;
    const char *card_number;
    const char *name;
    const char *id_number;
    char phone[PHONE_SIZE];
};

static bool read_signing(struct request *request, struct signing *out)
{
    *out = (struct signing){.id = field_caller_id(request, "signingId"),
                            .card_number = field_text(request, "cardNumber", 1, 40),
                            .name = field_text(request, "name", 1, NAME_SIZE_MAX),
                            .id_number = field_text(request, "idNumber", 18, 18)};
    const char *phone = field_text(request, "reservedPhone", 8, 16);
    if (!request->bad_field && !identity_has_id_shape(out->id_number))
        request->bad_field = "idNumber";
    if (!request->bad_field && !identity_phone(phone, out->phone))
        request->bad_field = "reservedPhone";
    return !request->bad_field;
}

static void answer_signing(struct answer *answer, const struct signing *signing, int64_t expires_at)
{
    const struct issuer *issuer = issuer_of_card(signing->card_number);
    char masked[CARD_SIZE];
    issuer_mask_pan(signing->card_number, masked);
    answer_json(answer, 201,
                json_pack("{s:s, s:o, s:s, s:s, s:o}", "signingId", signing->id, "issuer",
                          issuer_json(issuer), "maskedPan", masked, "cardKind", issuer->card_kind,
                          "expiresAt", instant_json(expires_at)));
}

/* True if the id is known; then the answer is given. */
static bool repeat_signing(struct request *request, struct answer *answer,
                           const struct signing *signing)
{
    sqlite3_stmt *rows = store_query(request->store, &stmt_signing, "t", signing->id);
    bool is_known = store_next(request->store, rows);
    if (is_known) {
        bool is_same = strcmp(store_text(rows, 0), signing->card_number) == 0 &&
                       strcmp(store_text(rows, 1), signing->name) == 0 &&
                       strcmp(store_text(rows, 2), signing->id_number) == 0 &&
                       strcmp(store_text(rows, 3), signing->phone) == 0;
        if (is_same)
            answer_signing(answer, signing, store_int(rows, 6));
        else
            answer_refuse(answer, REFUSE_signingMismatch);
    }
    store_done(rows);
    return is_known;
}

/* The refusal for a card with a holder, or -1. */
static int compare_holder(sqlite3_stmt *card, const struct signing *signing)
{
    if (store_int(card, 3))
        return REFUSE_cardLost;
    if (strcmp(store_text(card, 0), signing->name) != 0)
        return REFUSE_nameMismatch;
    if (strcmp(store_text(card, 1), signing->id_number) != 0)
        return REFUSE_idMismatch;
    return strcmp(store_text(card, 2), signing->phone) != 0 ? (int)REFUSE_phoneMismatch : -1;
}

/* The refusal, or -1; a card without a holder is assigned to this one. */
static int meet_card(struct request *request, const struct signing *signing)
{
    if (!identity_is_card(signing->card_number))
        return REFUSE_cardUnknown;
    const struct issuer *issuer = issuer_of_card(signing->card_number);
    if (!issuer)
        return REFUSE_binUnknown;
    sqlite3_stmt *card = store_query(request->store, &stmt_card, "t", signing->card_number);
    bool is_held = store_next(request->store, card);
    int refusal = is_held ? compare_holder(card, signing) : -1;
    store_done(card);
    if (is_held)
        return refusal;
    if (signing->card_number[strlen(signing->card_number) - 2] == '0')
        return REFUSE_cardLost;
    if (!identity_is_valid_id(signing->id_number))
        return REFUSE_idMismatch;
    store_run(request->store, &stmt_card_add, "ttttti", signing->card_number, signing->name,
              signing->id_number, signing->phone,
              issuer_class_of_stranger(issuer, signing->card_number), STRANGER_BALANCE_MINOR);
    return -1;
}

static void send_code(struct request *request, const struct signing *signing, const char *code)
{
    const struct issuer *issuer = issuer_of_card(signing->card_number);
    const char *tail = signing->card_number + strlen(signing->card_number) - 4;
    int64_t minutes = (request->options->code_life_s + 59) / 60;
    char text[400];
    snprintf(text, sizeof text,
             "【%s】验证码 %s，用于签约尾号 %s 的银行卡，%" PRId64 " 分钟内有效，请勿告知他人。"
             "%s: code %s to link your card ending %s, valid for %" PRId64 " min. Tell nobody.",
             issuer->name_zh, code, tail, minutes, issuer->name_en, code, tail, minutes);
    char message_id[CALLER_ID_SIZE_MAX + 16];
    snprintf(message_id, sizeof message_id, "issuer:%s", signing->id);
    sms_deliver(request, message_id, signing->phone, text);
}

void signing_open(struct request *request, struct answer *answer)
{
    struct signing signing;
    if (!read_signing(request, &signing)) {
        answer_bad_field(answer, request->bad_field);
        return;
    }
    if (repeat_signing(request, answer, &signing))
        return;
    int refusal = meet_card(request, &signing);
    if (refusal >= 0) {
        answer_refuse(answer, (enum refusal)refusal);
        return;
    }
    char label[CALLER_ID_SIZE_MAX + 8];
    snprintf(label, sizeof label, "code:%s", signing.id);
    char code[CODE_SIZE];
    snprintf(code, sizeof code, "%06" PRIu64, store_random(request->store, label) % 1000000);
    int64_t expires_at = request->now_us + request->options->code_life_s * 1000000;
    store_run(request->store, &stmt_signing_add, "ttttttii", signing.id, signing.card_number,
              signing.name, signing.id_number, signing.phone, code, (int64_t)TRIES_MAX, expires_at);
    send_code(request, &signing, code);
    answer_signing(answer, &signing, expires_at);
}

/* --- Confirmation ------------------------------------------------------------------------------
 */

struct open_signing {
    char card_number[CARD_SIZE];
    char code[CODE_SIZE];
    char agreement_number[AGREEMENT_SIZE]; /* "" until signed */
    int64_t tries_left;
    int64_t expires_at;
};

static bool load_signing(struct request *request, struct open_signing *out)
{
    sqlite3_stmt *rows = store_query(request->store, &stmt_signing, "t", request->path_value);
    bool is_found = store_next(request->store, rows);
    if (is_found) {
        snprintf(out->card_number, sizeof out->card_number, "%s", store_text(rows, 0));
        snprintf(out->code, sizeof out->code, "%s", store_text(rows, 4));
        snprintf(out->agreement_number, sizeof out->agreement_number, "%s", store_text(rows, 7));
        out->tries_left = store_int(rows, 5);
        out->expires_at = store_int(rows, 6);
    }
    store_done(rows);
    return is_found;
}

/* 16 digits: 7, a counter, a Luhn check digit. */
static void open_agreement(struct request *request, struct open_signing *signing)
{
    int64_t number = store_count(request->store, "agreement");
    for (int check = 0; check < 10; check++) {
        snprintf(signing->agreement_number, sizeof signing->agreement_number, "7%014" PRId64 "%d",
                 number, check);
        if (identity_is_luhn(signing->agreement_number))
            break;
    }
    store_run(request->store, &stmt_agreement_add, "tt", signing->agreement_number,
              signing->card_number);
    store_run(request->store, &stmt_signing_sign, "tt", request->path_value,
              signing->agreement_number);
}

static void answer_agreement(struct request *request, struct answer *answer,
                             const struct open_signing *signing)
{
    sqlite3_stmt *rows = store_query(request->store, &stmt_card_class, "t", signing->card_number);
    const char *account_class = store_next(request->store, rows) ? store_text(rows, 0) : "";
    answer_json(answer, 200,
                json_pack("{s:s, s:s, s:s}", "signingId", request->path_value, "agreementNumber",
                          signing->agreement_number, "accountClass", account_class));
    store_done(rows);
}

void signing_confirm(struct request *request, struct answer *answer)
{
    const char *code = field_text(request, "code", 1, 16);
    if (request->bad_field) {
        answer_bad_field(answer, request->bad_field);
        return;
    }
    struct open_signing signing;
    if (!load_signing(request, &signing)) {
        answer_refuse(answer, REFUSE_signingUnknown);
        return;
    }
    bool is_right = strcmp(code, signing.code) == 0;
    bool is_signed = signing.agreement_number[0] != '\0';
    if (is_signed && is_right) {
        answer_agreement(request, answer, &signing);
    } else if (request->now_us >= signing.expires_at) {
        answer_refuse(answer, REFUSE_codeExpired);
    } else if (signing.tries_left <= 0) {
        answer_refuse(answer, REFUSE_codeExhausted);
    } else if (!is_right) {
        store_run(request->store, &stmt_signing_try, "t", request->path_value);
        answer_refuse(answer, REFUSE_codeWrong);
        json_object_set_new(answer->json, "triesLeft", json_integer(signing.tries_left - 1));
    } else {
        open_agreement(request, &signing);
        answer_agreement(request, answer, &signing);
    }
}

void agreement_close(struct request *request, struct answer *answer)
{
    sqlite3_stmt *rows =
        store_query(request->store, &stmt_agreement_find, "t", request->path_value);
    bool is_found = store_next(request->store, rows);
    store_done(rows);
    if (!is_found) {
        answer_refuse(answer, REFUSE_agreementUnknown);
        return;
    }
    store_run(request->store, &stmt_agreement_close, "t", request->path_value);
    answer->status = 204;
}
