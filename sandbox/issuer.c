#include "issuer.h"

#include <stdio.h>
#include <string.h>

#define BIN_DIGITS 6

static const struct issuer issuers[] = {
    {"622848", "SAB", "Sandbox Agricultural Bank", "沙盒农业银行", "debit"},
    {"622202", "SIB", "Sandbox Industrial Bank", "沙盒工业银行", "debit"},
    {"621700", "SCB", "Sandbox Construction Bank", "沙盒建设银行", "debit"},
    {"622588", "SMB", "Sandbox Merchants Bank", "沙盒商人银行", "debit"},
    {"625958", "SMB", "Sandbox Merchants Bank", "沙盒商人银行", "credit"},
};

const struct issuer *issuer_of_card(const char *card_number)
{
    for (size_t i = 0; i < sizeof issuers / sizeof *issuers; i++) {
        if (strncmp(card_number, issuers[i].bin, BIN_DIGITS) == 0)
            return &issuers[i];
    }
    return NULL;
}

json_t *issuer_json(const struct issuer *issuer)
{
    return json_pack("{s:s, s:{s:s, s:s}}", "code", issuer->code, "name", "en", issuer->name_en,
                     "zh", issuer->name_zh);
}

const char *issuer_class_of_stranger(const struct issuer *issuer, const char *card_number)
{
    if (strcmp(issuer->card_kind, "credit") == 0)
        return "credit";
    return card_number[strlen(card_number) - 2] == '2' ? "II" : "I";
}

void issuer_mask_pan(const char *card_number, char out[CARD_SIZE])
{
    snprintf(out, CARD_SIZE, "%s", card_number);
    size_t size = strlen(out);
    for (size_t i = BIN_DIGITS; i + 4 < size; i++)
        out[i] = '*';
}
