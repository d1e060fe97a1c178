#include "ledger/ledger_rules.h"

#include "base/check.h"
#include "base/hash.h"

#include <string.h>

enum err journal_check_form(const struct ledger_transfer *transfers, size_t count)
{
    if (count == 0 || count > LEDGER_LEGS_MAX) {
        return ERR_LEDGER_DRAFT;
    }
    for (size_t i = 0; i < count; i++) {
        if (transfers[i].amount_minor <= 0 ||
            transfers[i].debit.value == transfers[i].credit.value) {
            return ERR_LEDGER_DRAFT;
        }
    }
    return ERR_OK;
}

static enum err check_accounts(const struct ledger_account *accounts, const struct ledger_leg *legs,
                               size_t leg_count, enum ledger_kind kind)
{
    CHECK(leg_count >= 1 && leg_count <= LEDGER_LEGS_MAX);
    if (kind != LEDGER_RELEASE && kind != LEDGER_EXPIRE) {
        for (size_t i = 0; i < leg_count; i++) {
            if (accounts[legs[i].debit].closed || accounts[legs[i].credit].closed) {
                return ERR_ACCOUNT_CLOSED;
            }
        }
    }
    for (size_t i = 0; i < leg_count; i++) {
        uint16_t ccy_number = accounts[legs[i].debit].ccy_number;
        if (ccy_number != accounts[legs[i].credit].ccy_number ||
            (legs[i].ccy_number != 0 && legs[i].ccy_number != ccy_number)) {
            return ERR_CURRENCY_MISMATCH;
        }
    }
    return ERR_OK;
}

static bool add(int64_t *counter, int64_t amount)
{
    return !__builtin_add_overflow(*counter, amount, counter);
}

/* Applies one leg to the counters; false on overflow. Pending counters never go below zero: the hold's
 * row bounds the amount taken off. */
static bool apply_leg(struct ledger_account *debit, struct ledger_account *credit,
                      enum ledger_kind kind, int64_t amount)
{
    CHECK(amount > 0);
    CHECK(debit != credit);
    switch (kind) {
    case LEDGER_POST:
        return add(&debit->debits_posted, amount) && add(&credit->credits_posted, amount);
    case LEDGER_HOLD:
        return add(&debit->debits_pending, amount) && add(&credit->credits_pending, amount);
    case LEDGER_CAPTURE:
        debit->debits_pending -= amount;
        credit->credits_pending -= amount;
        return add(&debit->debits_posted, amount) && add(&credit->credits_posted, amount);
    case LEDGER_RELEASE:
    case LEDGER_EXPIRE:
        debit->debits_pending -= amount;
        credit->credits_pending -= amount;
        return true;
    }
    return false;
}

/* True if posted plus pending still fits on both sides, so that no balance can overflow. */
static bool sums_fit(const struct ledger_account *a)
{
    CHECK(a->debits_posted >= 0 && a->credits_posted >= 0);
    int64_t sum;
    return !__builtin_add_overflow(a->debits_posted, a->debits_pending, &sum) &&
           !__builtin_add_overflow(a->credits_posted, a->credits_pending, &sum);
}

static bool floor_holds(const struct ledger_account *a)
{
    CHECK(a->floor <= LEDGER_FLOOR_DEBIT);
    switch ((enum ledger_floor)a->floor) {
    case LEDGER_FLOOR_NONE:
        return true;
    case LEDGER_FLOOR_CREDIT:
        return a->debits_posted + a->debits_pending <= a->credits_posted;
    case LEDGER_FLOOR_DEBIT:
        return a->credits_posted + a->credits_pending <= a->debits_posted;
    }
    return false;
}

enum err journal_decide(struct ledger_account *accounts, size_t account_count,
                        const struct ledger_leg *legs, size_t leg_count, enum ledger_kind kind,
                        int64_t first_id, struct ledger_leg_result *out_results)
{
    CHECK(account_count >= 2 && account_count <= 2 * LEDGER_LEGS_MAX);
    CHECK(first_id > 0);
    enum err err = check_accounts(accounts, legs, leg_count, kind);
    if (err) {
        return err;
    }
    for (size_t i = 0; i < leg_count; i++) {
        struct ledger_account *debit = &accounts[legs[i].debit];
        struct ledger_account *credit = &accounts[legs[i].credit];
        int64_t id = first_id + (int64_t)i * ID_STEP;
        CHECK(legs[i].debit < account_count && legs[i].credit < account_count);
        if (!apply_leg(debit, credit, kind, legs[i].amount_minor) || !sums_fit(debit) ||
            !sums_fit(credit)) {
            return ERR_OVERFLOW;
        }
        out_results[i].debit_prev_id = debit->newest_id;
        out_results[i].credit_prev_id = credit->newest_id;
        out_results[i].debit_net_minor = debit->credits_posted - debit->debits_posted;
        out_results[i].credit_net_minor = credit->credits_posted - credit->debits_posted;
        CHECK(debit->newest_id < id && credit->newest_id < id); /* the store raised the ids */
        debit->newest_id = credit->newest_id = id;
        debit->posting_count++;
        credit->posting_count++;
    }
    /* Money given back is never refused: a release can only raise the available balance. */
    if (kind == LEDGER_RELEASE || kind == LEDGER_EXPIRE) {
        return ERR_OK;
    }
    for (size_t i = 0; i < account_count; i++) {
        if (!floor_holds(&accounts[i])) {
            return ERR_INSUFFICIENT_FUNDS;
        }
    }
    return ERR_OK;
}

enum err hold_decide(const struct ledger_hold_row *hold, enum ledger_kind kind,
                     int64_t amount_minor, bool last, int64_t now_us, struct hold_decision *out)
{
    CHECK(hold->id != 0 || hold->amount_minor > 0);
    CHECK(hold->captured_minor >= 0 && hold->captured_minor <= hold->amount_minor);
    CHECK(kind == LEDGER_CAPTURE || kind == LEDGER_RELEASE || kind == LEDGER_EXPIRE);
    bool past_deadline = hold->expires_at != 0 && now_us >= hold->expires_at;
    if (hold->state != HOLD_OPEN || (kind == LEDGER_CAPTURE && past_deadline) ||
        (kind == LEDGER_EXPIRE && !past_deadline)) {
        return ERR_HOLD_ENDED;
    }
    int64_t left = hold->amount_minor - hold->captured_minor;
    if (kind != LEDGER_CAPTURE) {
        *out = (struct hold_decision){
            .release_minor = left, .state = kind == LEDGER_RELEASE ? HOLD_RELEASED : HOLD_EXPIRED};
        return ERR_OK;
    }
    if (amount_minor < 0 || amount_minor > left) {
        return ERR_HOLD_AMOUNT;
    }
    int64_t take = amount_minor == 0 ? left : amount_minor;
    bool ends = last || take == left;
    *out = (struct hold_decision){.capture_minor = take,
                                  .release_minor = ends ? left - take : 0,
                                  .state = ends ? HOLD_CAPTURED : HOLD_OPEN};
    CHECK(out->capture_minor >= 0 && out->capture_minor + out->release_minor <= left);
    CHECK(ends == (out->capture_minor + out->release_minor == left));
    return ERR_OK;
}

static void put_le64(uint8_t *out, uint64_t value)
{
    for (int i = 0; i < 8; i++) {
        out[i] = (uint8_t)(value >> (8 * i));
    }
}

int64_t journal_body_hash(const struct journal_draft *draft, enum ledger_kind kind,
                          int64_t expires_at)
{
    CHECK(draft->count >= 1 && draft->count <= LEDGER_LEGS_MAX);
    CHECK(expires_at >= 0);
    uint8_t bytes[40 + LEDGER_LEGS_MAX * 32];
    size_t size = 0;
    put_le64(bytes, (uint64_t)draft->recipe << 8 | (uint64_t)kind);
    put_le64(bytes + 8, (uint64_t)draft->ref_id);
    put_le64(bytes + 16, (uint64_t)draft->of_id);
    put_le64(bytes + 24, (uint64_t)expires_at);
    put_le64(bytes + 32, draft->count);
    size = 40;
    for (size_t i = 0; i < draft->count && i < LEDGER_LEGS_MAX; i++, size += 24) {
        put_le64(bytes + size, (uint64_t)draft->transfers[i].debit.value);
        put_le64(bytes + size + 8, (uint64_t)draft->transfers[i].credit.value);
        put_le64(bytes + size + 16, (uint64_t)draft->transfers[i].amount_minor);
    }
    for (size_t i = 0; draft->ccy_numbers != NULL && i < draft->count && i < LEDGER_LEGS_MAX; i++) {
        if (draft->ccy_numbers[i] != 0) {
            put_le64(bytes + size, (uint64_t)draft->ccy_numbers[i]);
            size += 8;
        }
    }
    struct hash hash = hash_of(bytes, size);
    uint64_t value;
    memcpy(&value, hash.bytes, sizeof value);
    return (int64_t)(value >> 1);
}

bool client_id_is_none(const struct client_id *id)
{
    static const struct client_id none;
    return memcmp(id, &none, sizeof none) == 0;
}

int64_t client_id_us(const struct client_id *id)
{
    int64_t ms = 0;
    for (int i = 0; i < 6; i++) {
        ms = ms << 8 | id->bytes[i];
    }
    return ms * 1000;
}

void ledger_canonical(const struct ledger_line *line, int leg, uint8_t out[LEDGER_CANONICAL_SIZE])
{
    CHECK(line->id > 0);
    CHECK(leg >= 0 && leg < LEDGER_LEGS_MAX);
    put_le64(out, (uint64_t)line->id);
    put_le64(out + 8, (uint64_t)line->debit.value);
    put_le64(out + 16, (uint64_t)line->credit.value);
    put_le64(out + 24, (uint64_t)line->amount_minor);
    put_le64(out + 32, (uint64_t)line->recipe << 32 | (uint64_t)line->recipe_version << 16 |
                           (uint64_t)line->kind << 8 | (uint64_t)leg);
    put_le64(out + 40, (uint64_t)(uint32_t)line->booking_date.days << 32 |
                           (uint32_t)(line->value_date.days - line->booking_date.days));
    put_le64(out + 48, (uint64_t)line->ref_id);
    put_le64(out + 56, (uint64_t)line->of_id);
    memcpy(out + 64, line->order.bytes, ORDER_HASH_SIZE);
}
