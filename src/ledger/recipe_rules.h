/*
 * From an event to the transfers of its journal, pure: no database, no clock. A row lists the
 * legs of a product event; the event gives the parties and the amount of each slot.
 */
#ifndef LEDGER_RECIPE_RULES_H
#define LEDGER_RECIPE_RULES_H

#include "ledger/recipe.h"

/* One side of a leg: an account that the event gives, or (ROLE_BANK) the bank's own of a code. */
struct recipe_side {
    enum role role;
    enum gl gl; /* ROLE_BANK only */
};

struct recipe_leg {
    struct recipe_side debit;
    struct recipe_side credit;
    enum slot slot;
    bool may_be_zero; /* then the leg is left out */
};

struct recipe_row {
    enum recipe recipe;
    uint8_t version;
    const char *name;
    const char *text_en;
    const char *text_zh;
    struct recipe_leg legs[LEDGER_LEGS_MAX]; /* up to the first without a slot */
    enum slot total;      /* what the legs' slots sum up to; SLOT_NONE: nothing says */
    bool two_steps;       /* its one leg may be held, then captured or released */
    bool many_currencies; /* its slots may differ in currency */
};
extern const struct recipe_row recipe_rows[];
extern const size_t recipe_row_count;
const struct recipe_row *recipe_find(enum recipe recipe); /* NULL if there is none */

/* What was wrong with an event: the place of the leg (-1: none of them) and the role or slot. */
struct recipe_problem {
    int leg;
    const char *what;
};

/* The transfers of a journal, with the currency of each. */
struct recipe_journal {
    struct ledger_transfer transfers[LEDGER_LEGS_MAX];
    uint16_t ccy_numbers[LEDGER_LEGS_MAX];
    size_t count; /* >= 1 */
};

/* Errors in the order tested: ERR_RECIPE_SLOT, ERR_RECIPE_AMOUNT, ERR_UNKNOWN_CURRENCY,
 * ERR_CURRENCY_MISMATCH, ERR_OVERFLOW, ERR_RECIPE_TOTAL, ERR_RECIPE_ROLE. On each *out_problem says
 * what, and *out is not written. */
enum err recipe_build(const struct recipe_row *row, const struct recipe_event *event,
                      struct recipe_journal *out, struct recipe_problem *out_problem);

/* recipe_post and recipe_hold with the row in hand: a test's row is posted as the table's are. */
enum err recipe_post_row(struct ledger_unit *unit, const struct recipe_row *row,
                         const struct recipe_event *event, struct journal_result *out);
enum err recipe_hold_row(struct ledger_unit *unit, const struct recipe_row *row,
                         const struct recipe_event *event, int64_t expires_at,
                         struct journal_result *out);

#endif
