/*
 * Everything that the bank holds of a customer, for the customer: JSON, or paper. One walk writes
 * both, so both have the same content.
 *
 * JSON: one object with a member for each section; complete, whatever the length of the history.
 * Paper: the same, but pictures by their hash alone, and EXPORT_PAPER_LINES_MAX lines of an account.
 */
#ifndef REPORT_EXPORT_PERSON_H
#define REPORT_EXPORT_PERSON_H

#include "kyc/kyc.h"
#include "report/report.h"

#define EXPORT_SIZE_MAX        ((size_t)128 << 20) /* str_init the output with at least this */
#define EXPORT_PAPER_LINES_MAX 2000

struct export_order {
    const struct house *house; /* whose rooms bring sections */
    struct customer_room *customers;
    const struct kyc_room *kyc;
    struct customer_id customer;
    enum report_format format; /* REPORT_JSON, REPORT_PDF */
    enum lang lang;
    int64_t now_us;
    const struct zone *zone;
};
/* Appends to `out`. Reads with one connection of the engine. ERR_NOT_FOUND, ERR_VAULT_SEAL,
 * ERR_NO_MEMORY (also if `out` is full). */
enum err export_person(struct engine *engine, const struct export_order *order, struct str *out);

#endif
