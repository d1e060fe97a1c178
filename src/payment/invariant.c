#include "payment/invariant.h"

#include "base/check.h"
#include "sys/log.h"

static bool is_open(const struct payment *p)
{
    return p->status == PAYMENT_RCVD || p->status == PAYMENT_PDNG;
}

/* Which sides are accounts and whether a card and a hold belong to it. */
static bool has_its_parties(const struct payment *p)
{
    bool has_debtor = p->debtor_account.value != 0;
    bool has_creditor = p->creditor_account.value != 0;
    switch (p->kind) {
    case PAYMENT_TRANSFER:
        return has_debtor && has_creditor && p->card.value == 0 && p->hold.value == 0 &&
               p->debtor_account.value != p->creditor_account.value;
    case PAYMENT_TOP_UP:
        return !has_debtor && has_creditor && p->card.value != 0 && p->hold.value == 0;
    case PAYMENT_WITHDRAWAL:
        return has_debtor && !has_creditor && p->card.value != 0 && p->hold.value != 0;
    }
    return false;
}

const char *invariant_payment(const struct payment *p)
{
    if (p->id.value <= 0 || p->created_at <= 0 || p->version < 1) {
        return "a payment has an id, an instant and a version";
    }
    if (p->amount.minor <= 0 || ccy_number(p->amount.ccy) == 0) {
        return "the amount is positive and of a currency";
    }
    if (!has_its_parties(p)) {
        return "the parties fit the kind";
    }
    if (p->kind == PAYMENT_TRANSFER && p->status != PAYMENT_ACSC) {
        return "a transfer is made settled";
    }
    if ((p->status == PAYMENT_ACSC) != (p->journal.value != 0)) {
        return "a payment has a journal where it is settled";
    }
    if (is_open(p) != (p->settled_at == 0)) {
        return "a payment that has ended has the instant of its end";
    }
    if (is_open(p) != (p->next_query_at != 0)) {
        return "a payment is asked about until it ends";
    }
    return NULL;
}

void invariant_payment_check(const struct payment *p)
{
#ifdef SYCEE_FAULTS
    const char *broken = invariant_payment(p);
    if (broken != NULL) {
        log_event(LOG_ERROR, "payment_invariant_broken", log_string("invariant", broken),
                  log_int("payment", p->id.value));
    }
    CHECK(broken == NULL);
#else
    (void)p;
#endif
}
