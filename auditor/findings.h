/*
 * Findings of the auditor: one line for each check, with the first faulty places.
 * Texts exist in both languages. One thread.
 */
#ifndef AUDITOR_FINDINGS_H
#define AUDITOR_FINDINGS_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

#define FINDINGS_SHOWN 10
#define FINDING_SIZE   256

enum check {
    CHECK_SEALS,       /* the chain of hashes over the transfers */
    CHECK_TRANSFERS,   /* form of each transfer: accounts, currency, order of ids, legs */
    CHECK_BALANCES,    /* running nets, links, counters, posting lines */
    CHECK_CHECKPOINTS, /* balance chunks of the embedded engine */
    CHECK_BOOKS,       /* debits equal credits, per currency and booking date; kept sums */
    CHECK_FLOORS,      /* customers' money never below zero; closed accounts empty */
    CHECK_HOLDS,
    CHECK_REVERSALS,
    CHECK_CLIENT_IDS,
    CHECK_ACCOUNTS, /* chart, ledger accounts and customers' accounts */
    CHECK_PAYMENTS,
    CHECK_LIMITS,
    CHECK_INTEREST,
    CHECK_SETTLEMENT, /* clearing accounts, reserve against customers' money */
    CHECK_STAFF,      /* the staff's audit log, and the rows that depend on it */
    CHECK_CUSTOMERS,  /* names, closures, messages */
    CHECK_DAYS,       /* business days: closed in order, all steps ended, interest credited */
    CHECK_TEXTS,      /* JSON and UTF-8 */
    CHECK_COUNT
};

struct finding {
    int64_t id; /* of the row, 0 for none */
    char text[FINDING_SIZE];
};
struct findings {
    enum lang lang;
    struct {
        char summary[FINDING_SIZE];
        int64_t count;
        struct finding first[FINDINGS_SHOWN];
    } checks[CHECK_COUNT];
};

/* Records a finding. Both formats take the same arguments. */
void find(struct findings *findings, enum check check, int64_t id, const char *en, const char *zh,
          ...) __attribute__((format(printf, 4, 6), format(printf, 5, 6)));
/* The numbers that a check examined, for its line. */
void summarise(struct findings *findings, enum check check, const char *en, const char *zh, ...)
    __attribute__((format(printf, 3, 5), format(printf, 4, 5)));

#define GROUPED_SIZE 28
/* 1234567 as "1,234,567". */
const char *grouped(int64_t value, char out[GROUPED_SIZE]);
#define GROUPED(value) grouped((value), (char[GROUPED_SIZE]){0})

bool findings_any(const struct findings *findings);
void findings_print(const struct findings *findings);
void findings_print_json(const struct findings *findings, const char *engine);

#endif
