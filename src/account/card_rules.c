/* Who may bind which card, and what a refusal means in words: pure. */
#include "account/card.h"

#include "account/card_store.h"
#include "base/check.h"
#include "customer/customer.h"

#include <string.h>

const char *card_kind_name(enum card_kind kind)
{
    return kind == CARD_CREDIT ? "credit" : "debit";
}

const char *card_state_name(enum card_state state)
{
    CHECK(state == CARD_BOUND || state == CARD_UNBOUND);
    return state == CARD_BOUND ? "bound" : "unbound";
}

enum err card_decide_binding(const struct catalogue_edition *edition, enum card_kind kind,
                             const struct card_facts *facts)
{
    if (kind != CARD_DEBIT) {
        return ERR_CARD_KIND_REFUSED;
    }
    if (facts->bound_here) {
        return ERR_CARD_BOUND;
    }
    if (facts->bound_elsewhere) {
        return ERR_CARD_TAKEN;
    }
    /* A stranger with the phone and the pass code must not add a card of his own. */
    if (facts->has_account && !facts->known && !facts->face_checked) {
        return ERR_FACE_CHECK_REQUIRED;
    }
    int64_t max = account_figure(edition, PARAMETER_CARDS_MAX);
    return max != CATALOGUE_NO_LIMIT && facts->bound_count >= max ? ERR_CARD_COUNT : ERR_OK;
}

bool card_face_is_fresh(int64_t face_until, int64_t minutes, int64_t now_us)
{
    int64_t passed_at = face_until - SESSION_FACE_LIFE_US;
    return face_until > now_us && now_us - passed_at < minutes * INT64_C(60000000);
}

void card_mask_pan(const char *pan, char out[CARD_PAN_SIZE])
{
    size_t size = strlen(pan);
    CHECK(size >= 12 && size < CARD_PAN_SIZE);
    memcpy(out, pan, size + 1);
    memset(out + 6, '*', size - 10);
}

static const struct {
    const char *code;
    const char *text[2];
} refusals[] = {
    {"cardUnknown", {"The issuing bank does not know this card.", "发卡行无此卡号。"}},
    {"binUnknown", {"No bank that we know issued this card.", "暂不支持该发卡行。"}},
    {"cardLost", {"The card is reported lost.", "该卡已挂失。"}},
    {"nameMismatch", {"The card is in another name.", "持卡人姓名不符。"}},
    {"idMismatch", {"The card belongs to another ID number.", "持卡人证件号码不符。"}},
    {"phoneMismatch",
     {"This is not the phone number that you left with the issuing bank.", "预留手机号不符。"}},
};

const char *card_refusal_text(const char *code, enum lang lang)
{
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        if (strcmp(refusals[i].code, code) == 0) {
            return refusals[i].text[lang == LANG_ZH ? 1 : 0];
        }
    }
    return err_text(ERR_CARD_REFUSED, lang);
}

enum err card_decide_confirmation(const struct card_answer *answer, int32_t tries_left,
                                  int32_t *out_tries_left)
{
    *out_tries_left = tries_left;
    if (answer->kind == CARD_ANSWER_UNAVAILABLE) {
        return ERR_UNAVAILABLE;
    }
    if (answer->kind == CARD_ANSWER_OK) {
        if (strcmp(answer->account_class, "credit") == 0) {
            return ERR_CARD_KIND_REFUSED;
        }
        return strcmp(answer->account_class, "I") == 0 ? ERR_OK : ERR_CARD_CLASS_REFUSED;
    }
    if (strcmp(answer->code, "codeWrong") == 0) {
        *out_tries_left = answer->tries_left >= 0 ? answer->tries_left : tries_left - 1;
        return *out_tries_left > 0 ? ERR_CODE_WRONG : ERR_CODE_EXHAUSTED;
    }
    if (strcmp(answer->code, "codeExhausted") == 0) {
        *out_tries_left = 0;
        return ERR_CODE_EXHAUSTED;
    }
    if (strcmp(answer->code, "codeExpired") == 0 || strcmp(answer->code, "signingUnknown") == 0) {
        return ERR_CODE_EXPIRED;
    }
    return ERR_CARD_REFUSED;
}
