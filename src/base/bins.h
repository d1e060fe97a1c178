/*
 * Card issuers by the first digits of the card number (ISO/IEC 7812 issuer identification), read
 * from share/bins.tsv at start. Read-only thereafter, any thread; texts live as long as the table.
 */
#ifndef BASE_BINS_H
#define BASE_BINS_H

#include "err.h"

struct bins;
enum card_kind { CARD_DEBIT, CARD_CREDIT };
struct bin {
    const char *digits;
    int length_min;
    int length_max;
    enum card_kind kind;
    const char *issuer; /* code, such as "SAB" */
    const char *name_en;
    const char *name_zh;
};

/* From share/bins.tsv. ERR_NOT_FOUND, ERR_IO, ERR_INVALID_FIELD, ERR_NO_MEMORY. */
enum err bins_load(const char *path, struct bins **out);
void bins_release(struct bins *bins);
/* The longest BIN at the start of the number; NULL if there is none. */
const struct bin *bins_find(const struct bins *bins, const char *number);

#endif
