/* The issuing banks: their BINs and card accounts. */
#ifndef SANDBOX_ISSUER_H
#define SANDBOX_ISSUER_H

#include "store.h"

#include <jansson.h>
#include <stddef.h>

#define CARD_SIZE              20
#define STRANGER_BALANCE_MINOR INT64_C(10000000)

struct issuer {
    const char *bin;
    const char *code;
    const char *name_en;
    const char *name_zh;
    const char *card_kind; /* "debit" or "credit" */
};

/* NULL if no issuer has this BIN. */
const struct issuer *issuer_of_card(const char *card_number);
json_t *issuer_json(const struct issuer *issuer);
/* "I", "II" or "credit", for a card that no table names. */
const char *issuer_class_of_stranger(const struct issuer *issuer, const char *card_number);
void issuer_mask_pan(const char *card_number, char out[CARD_SIZE]);

#endif
