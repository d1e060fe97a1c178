#include "ledger/recipe_rules.h"

#include "base/check.h"

const char *role_name(enum role role)
{
    static const char *const names[ROLE_COUNT] = {"-", "customer", "payee", "reserve", "bank"};
    CHECK(role >= ROLE_NONE && role < ROLE_COUNT);
    return names[role];
}

const char *slot_name(enum slot slot)
{
    static const char *const names[SLOT_COUNT] = {"-",       "amount",    "total",    "fee",
                                                  "reserve", "principal", "interest", "penalty",
                                                  "sold",    "bought"};
    CHECK(slot >= SLOT_NONE && slot < SLOT_COUNT);
    CHECK(names[slot] != NULL);
    return names[slot];
}

static size_t leg_count(const struct recipe_row *row)
{
    size_t count = 0;
    while (count < LEDGER_LEGS_MAX && row->legs[count].slot != SLOT_NONE) {
        count++;
    }
    return count;
}

static bool is_given(const struct recipe_event *event, enum slot slot)
{
    return event->amounts[slot].ccy.code[0] != '\0' || event->amounts[slot].minor != 0;
}

/* The slots of the row are given, and no others; the legs' amounts are of a size they may have. */
static enum err check_slots(const struct recipe_row *row, size_t legs,
                            const struct recipe_event *event, struct recipe_problem *problem)
{
    bool named[SLOT_COUNT] = {false};
    named[row->total] = row->total != SLOT_NONE;
    for (size_t i = 0; i < legs; i++) {
        named[row->legs[i].slot] = true;
    }
    for (int slot = SLOT_NONE; slot < SLOT_COUNT; slot++) {
        if (named[slot] != is_given(event, (enum slot)slot)) {
            problem->what = slot_name((enum slot)slot);
            return ERR_RECIPE_SLOT;
        }
        if (event->amounts[slot].minor < 0) {
            problem->what = slot_name((enum slot)slot);
            return ERR_RECIPE_AMOUNT;
        }
    }
    bool any = false;
    for (size_t i = 0; i < legs; i++) {
        bool is_zero = event->amounts[row->legs[i].slot].minor == 0;
        any = any || !is_zero;
        if (is_zero && (!row->legs[i].may_be_zero || (i + 1 == legs && !any))) {
            *problem = (struct recipe_problem){(int)i, slot_name(row->legs[i].slot)};
            return ERR_RECIPE_AMOUNT;
        }
    }
    return ERR_OK;
}

static enum err check_currencies(const struct recipe_row *row, const struct recipe_event *event,
                                 struct recipe_problem *problem)
{
    const struct money *first = NULL;
    for (int slot = SLOT_NONE; slot < SLOT_COUNT; slot++) {
        const struct money *amount = &event->amounts[slot];
        if (!is_given(event, (enum slot)slot)) {
            continue;
        }
        problem->what = slot_name((enum slot)slot);
        if (ccy_number(amount->ccy) == 0) {
            return ERR_UNKNOWN_CURRENCY;
        }
        first = first ? first : amount;
        if (!row->many_currencies && !ccy_equal(first->ccy, amount->ccy)) {
            return ERR_CURRENCY_MISMATCH;
        }
    }
    CHECK(first != NULL);
    return ERR_OK;
}

/* Each slot of the legs counts once, whatever the number of legs that move it. */
static enum err check_total(const struct recipe_row *row, size_t legs,
                            const struct recipe_event *event, struct recipe_problem *problem)
{
    bool counted[SLOT_COUNT] = {false};
    if (row->total == SLOT_NONE) {
        return ERR_OK;
    }
    struct money sum = {0, event->amounts[row->total].ccy};
    counted[row->total] = true;
    for (size_t i = 0; i < legs; i++) {
        enum slot slot = row->legs[i].slot;
        enum err err = counted[slot] ? ERR_OK : money_add(sum, event->amounts[slot], &sum);
        if (err) {
            *problem = (struct recipe_problem){(int)i, slot_name(slot)};
            return err;
        }
        counted[slot] = true;
    }
    problem->what = slot_name(row->total);
    return sum.minor == event->amounts[row->total].minor ? ERR_OK : ERR_RECIPE_TOTAL;
}

/* The accounts of the roles that the legs name are given, and no others. The customer may be given even
 * if no leg names it: the bank's accounts are of its bucket. */
static enum err check_roles(const struct recipe_row *row, size_t legs,
                            const struct recipe_event *event, struct recipe_problem *problem)
{
    bool named[ROLE_COUNT] = {false};
    for (size_t i = 0; i < legs; i++) {
        const enum role sides[2] = {row->legs[i].debit.role, row->legs[i].credit.role};
        for (int side = 0; side < 2; side++) {
            CHECK(sides[side] > ROLE_NONE && sides[side] < ROLE_COUNT);
            named[sides[side]] = true;
            if (sides[side] != ROLE_BANK && event->accounts[sides[side]].value <= 0) {
                *problem = (struct recipe_problem){(int)i, role_name(sides[side])};
                return ERR_RECIPE_ROLE;
            }
        }
    }
    bool lacks_bucket = named[ROLE_BANK] && event->bucket < 0;
    named[ROLE_CUSTOMER] = named[ROLE_CUSTOMER] || event->accounts[ROLE_CUSTOMER].value > 0;
    named[ROLE_BANK] = false;
    for (int role = ROLE_NONE; role < ROLE_COUNT; role++) {
        bool is_given_role = event->accounts[role].value != 0;
        if (is_given_role != named[role] ||
            (role == ROLE_CUSTOMER && lacks_bucket && !named[role])) {
            problem->what = role_name((enum role)role);
            return ERR_RECIPE_ROLE;
        }
    }
    return ERR_OK;
}

static struct account_id side_account(struct recipe_side side, const struct recipe_event *event,
                                      struct ccy ccy)
{
    if (side.role != ROLE_BANK) {
        return event->accounts[side.role];
    }
    CHECK(chart_find((uint16_t)side.gl) != NULL);
    int bucket =
        event->bucket >= 0 ? event->bucket : id_bucket(event->accounts[ROLE_CUSTOMER].value);
    return ledger_internal_account((uint16_t)side.gl, ccy, bucket);
}

enum err recipe_build(const struct recipe_row *row, const struct recipe_event *event,
                      struct recipe_journal *out, struct recipe_problem *out_problem)
{
    size_t legs = leg_count(row);
    CHECK(legs > 0); /* a reversal's legs are those of its journal */
    CHECK(row->recipe == event->recipe && event->bucket >= -1 && event->bucket < BUCKET_COUNT);
    *out_problem = (struct recipe_problem){-1, ""};
    enum err err = check_slots(row, legs, event, out_problem);
    err = err ? err : check_currencies(row, event, out_problem);
    err = err ? err : check_total(row, legs, event, out_problem);
    err = err ? err : check_roles(row, legs, event, out_problem);
    if (err) {
        return err;
    }
    out->count = 0;
    for (size_t i = 0; i < legs; i++) {
        const struct recipe_leg *leg = &row->legs[i];
        const struct money *amount = &event->amounts[leg->slot];
        if (amount->minor > 0) {
            out->transfers[out->count] =
                (struct ledger_transfer){.debit = side_account(leg->debit, event, amount->ccy),
                                         .credit = side_account(leg->credit, event, amount->ccy),
                                         .amount_minor = amount->minor};
            out->ccy_numbers[out->count++] = (uint16_t)ccy_number(amount->ccy);
        }
    }
    CHECK(out->count > 0);
    return ERR_OK;
}
