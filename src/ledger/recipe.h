/*
 * Chart of accounts and posting recipes. Domain code names a product event, the accounts of its
 * roles and the amounts of its slots; the recipe's legs build the journal. docs/LEDGER.md shows
 * each event's journal; a test holds the two together. A recipe is never changed: a new version
 * gets a new number in its row.
 */
#ifndef LEDGER_RECIPE_H
#define LEDGER_RECIPE_H

#include "ledger/ledger.h"

/* GL codes: first digit is the class (1 asset, 2 liability, 3 equity, 4 income, 5 expense). */
enum gl {
    GL_RESERVE = 1001,             /* reserve account at the central bank */
    GL_CLEARING_RECEIVABLE = 1011, /* debited cards, not yet settled to the reserve */
    GL_IN_TRANSIT = 1901,          /* between buckets of different databases */
    GL_DEPOSITS_DEMAND = 2001,     /* customers' demand accounts */
    GL_PAYMENT_ACCOUNTS = 2005,    /* customers' payment accounts: no deposits */
    GL_CLEARING_PAYABLE = 2011,    /* paid out to cards, not yet settled from the reserve */
    GL_INTEREST_PAYABLE = 2101,    /* accrued, not yet capitalised */
    GL_SUSPENSE = 2901,            /* money whose owner is not yet determined */
    GL_CAPITAL = 3001,             /* paid-in capital */
    GL_FEE_INCOME = 4001,
    GL_INTEREST_EXPENSE = 5001
};

struct gl_account {
    uint16_t code;
    enum ledger_class class;
    enum ledger_floor floor;
    const char *name_en;
    const char *name_zh;
};
extern const struct gl_account chart[];
extern const size_t chart_count;
const struct gl_account *chart_find(uint16_t code); /* NULL if there is none */
enum ledger_side chart_normal_side(enum ledger_class class);

enum recipe {
    RECIPE_TRANSFER = 1,   /* customer to customer: debit debtor, credit creditor */
    RECIPE_TOP_UP = 2,     /* card debited: debit clearing receivable, credit customer */
    RECIPE_WITHDRAWAL = 3, /* to the card: hold, then capture: debit customer, credit payable */
    RECIPE_SETTLE_IN = 4,  /* clearing settles: debit reserve, credit clearing receivable */
    RECIPE_SETTLE_OUT = 5, /* clearing settles: debit clearing payable, credit reserve */
    RECIPE_INTEREST_ACCRUAL = 6, /* debit interest expense, credit interest payable */
    RECIPE_INTEREST_CREDIT = 7,  /* debit interest payable, credit customer */
    RECIPE_CAPITAL_PAID_IN = 8,  /* debit reserve, credit capital */
    RECIPE_REVERSAL = 9,         /* mirror image of another journal */
    RECIPE_BULK = 10,            /* transfers through the bulk door and the ledger's own bench */
    RECIPE_TOP_UP_RETURN = 11,   /* money of a card debit that arrived after its payment ended */
    RECIPE_COUNT_MAX = 64
};
const char *recipe_name(enum recipe recipe); /* "transfer", "topUp", …; "unknown" */
const char *recipe_text(enum recipe recipe, enum lang lang);
uint8_t recipe_version(enum recipe recipe);

/* Who takes part in an event. The event gives the account of each role that its recipe names. */
enum role {
    ROLE_NONE,
    ROLE_CUSTOMER, /* payer, or the only customer */
    ROLE_PAYEE,
    ROLE_RESERVE, /* holds back a part of the payee's money */
    ROLE_BANK,    /* the bank's own account of a code: computed, never given */
    ROLE_COUNT
};
/* How much of what. The event gives the amount of each slot that its recipe names. */
enum slot {
    SLOT_NONE,
    SLOT_AMOUNT,
    SLOT_TOTAL, /* what the other slots sum up to */
    SLOT_FEE,
    SLOT_RESERVE,
    SLOT_PRINCIPAL,
    SLOT_INTEREST,
    SLOT_PENALTY,
    SLOT_SOLD,
    SLOT_BOUGHT,
    SLOT_COUNT
};
const char *role_name(enum role role); /* "customer", …; "-" for ROLE_NONE */
const char *slot_name(enum slot slot); /* "amount", …; "-" for SLOT_NONE */

/* A product event. A role or slot that the recipe does not name stays empty; a slot is empty if
 * its currency is. */
struct recipe_event {
    enum recipe recipe;
    struct account_id accounts[ROLE_COUNT];
    struct money amounts[SLOT_COUNT]; /* >= 0 */
    struct date booking_date;
    struct date value_date; /* zero: the booking date */
    int64_t ref_id;         /* domain row */
    int bucket;             /* of the bank's sub-accounts; -1: the customer's */
    struct client_id client_id;
    struct order_hash order;
};
/* Posts the event's journal. Errors of recipe_build (recipe_rules.h), then of ledger_post; an
 * account of another currency than its leg is ERR_CURRENCY_MISMATCH. */
enum err recipe_post(struct ledger_unit *unit, const struct recipe_event *event,
                     struct journal_result *out);
/* Places the hold of a two-step event (RECIPE_WITHDRAWAL). */
enum err recipe_hold(struct ledger_unit *unit, const struct recipe_event *event, int64_t expires_at,
                     struct journal_result *out);
/* How a two-step event ends. */
struct recipe_end {
    enum recipe recipe;
    struct hold_id hold;
    struct date booking_date;
    int64_t ref_id;
    struct client_id client_id;
    struct order_hash order;
};
/* Captures all that is left of the hold, or releases it. ERR_HOLD_ENDED, else as ledger_hold_end. */
enum err recipe_capture(struct ledger_unit *unit, const struct recipe_end *end,
                        struct journal_result *out);
enum err recipe_release(struct ledger_unit *unit, const struct recipe_end *end,
                        struct journal_result *out);
/* Captures a part, and keeps the rest held or gives it back. ERR_RECIPE_AMOUNT (not above zero),
 * ERR_UNKNOWN_CURRENCY, ERR_HOLD_ENDED, ERR_HOLD_AMOUNT (more than is left),
 * ERR_CURRENCY_MISMATCH. */
enum recipe_rest { REST_STAYS_HELD = 1, REST_RELEASED = 2 };
enum err recipe_capture_part(struct ledger_unit *unit, const struct recipe_end *end,
                             struct money part, enum recipe_rest rest, struct journal_result *out);
/* As release, by the deadline: ERR_HOLD_ENDED before it. */
enum err recipe_expire(struct ledger_unit *unit, const struct recipe_end *end,
                       struct journal_result *out);

#endif
