#include "account/tier.h"

#include "account/tier_store.h"

/* The tier of a person now. */
static enum err tier_load(struct db_conn *conn, const struct catalogue_edition *edition,
                          struct customer_id customer, enum payment_tier *out)
{
    struct identity_channel channels[CHANNELS_MAX];
    size_t count = 0;
    enum err err = customer_channels(conn, customer, channels, &count);
    if (err == ERR_OK) {
        *out = tier_of(edition, count);
    }
    return err;
}

enum err tier_reserve(struct uow *uow, const struct catalogue_edition *edition,
                      struct customer_id customer, enum auth_strength strength,
                      int64_t amount_minor, struct limit_report *out)
{
    enum payment_tier tier;
    struct limit_usage year, total;
    enum err err = tier_load(uow->conn, edition, customer, &tier);
    err = err ? err : limit_reserve(uow, customer.value, LIMIT_KIND_TIER, amount_minor, &year);
    err =
        err ? err : limit_reserve(uow, customer.value, LIMIT_KIND_TIER_TOTAL, amount_minor, &total);
    if (err != ERR_OK) {
        return err;
    }
    struct tier_usage after = {.total_minor = total.year_minor,
                               .year_minor = year.year_minor,
                               .day_minor = year.day_minor};
    return tier_decide(edition, tier, strength, &after, amount_minor, out);
}

enum err tier_release(struct uow *uow, struct customer_id customer, int64_t amount_minor,
                      struct date day)
{
    enum err err = limit_release(uow, customer.value, LIMIT_KIND_TIER, amount_minor, day);
    return err != ERR_OK
               ? err
               : limit_release(uow, customer.value, LIMIT_KIND_TIER_TOTAL, amount_minor, day);
}

enum err tier_limits(struct db_conn *conn, const struct catalogue_edition *edition,
                     struct customer_id customer, enum auth_strength strength, struct date day,
                     struct limit_report out[TIER_LIMITS_MAX], size_t *out_count)
{
    enum payment_tier tier;
    struct limit_usage year, total;
    enum err err = tier_load(conn, edition, customer, &tier);
    err = err ? err : limit_usage_load(conn, customer.value, LIMIT_KIND_TIER, day, &year);
    err = err ? err : limit_usage_load(conn, customer.value, LIMIT_KIND_TIER_TOTAL, day, &total);
    if (err == ERR_OK) {
        struct tier_usage used = {.total_minor = total.year_minor,
                                  .year_minor = year.year_minor,
                                  .day_minor = year.day_minor};
        *out_count = tier_describe(edition, tier, strength, &used, out);
    }
    return err;
}
