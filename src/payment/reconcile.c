/* What the clearing house has done since an instant, held against our payments: after a restore, or whenever
 * doubt is left. */
#include "base/check.h"
#include "payment/payment_store.h"
#include "payment/quickpay.h"

#include <string.h>

struct one {
    const struct channel_listed *listed;
    struct payment payment;
    bool is_known;
    bool is_changed;
};

/* The same word that a query would have brought; what is known already changes nothing. */
static enum err reconcile_work(struct uow *uow, void *context)
{
    struct one *one = context;
    CHECK(one->listed != NULL);
    struct channel_answer answer = one->listed->answer;
    struct payment before;
    enum err err = payment_load(uow->conn, one->listed->instruction.id, &before);
    one->is_known = err == ERR_OK && before.kind != PAYMENT_TRANSFER;
    if (!one->is_known) {
        return err == ERR_NOT_FOUND ? ERR_OK : err;
    }
    if (before.kind != one->listed->instruction.kind ||
        before.amount.minor != one->listed->instruction.amount.minor ||
        !ccy_equal(before.amount.ccy, one->listed->instruction.amount.ccy)) {
        answer = (struct channel_answer){.event = PAYMENT_EVENT_UNKNOWN, .is_other = true};
    }
    err = payment_apply_outcome(uow, before.id, &answer, 0, &one->payment);
    one->is_changed = err == ERR_OK && one->payment.status != before.status;
    return err;
}

enum err payment_reconcile(struct engine *engine, struct channel *channel, int64_t since_us,
                           reconcile_visit *missing, void *context, struct reconcile_counts *out)
{
    CHECK(missing != NULL);
    struct channel_listed page[CHANNEL_LIST_MAX];
    int64_t cursor = 0;
    size_t count = 0;
    enum err err = ERR_OK;
    *out = (struct reconcile_counts){0};
    do {
        err = channel->list(channel, since_us, &cursor, page, &count);
        for (size_t i = 0; err == ERR_OK && i < count; i++) {
            struct one one = {.listed = &page[i]};
            err = engine_run(engine, reconcile_work, &one);
            if (err != ERR_OK) {
                return err;
            }
            out->seen++;
            out->changed += one.is_changed;
            if (!one.is_known) {
                out->missing++;
                missing(&page[i], context);
            }
        }
    } while (err == ERR_OK && count == CHANNEL_LIST_MAX);
    return err;
}
