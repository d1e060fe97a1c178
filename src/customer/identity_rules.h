/* Checks of a name and an ID number that need no outside party. Pure. */
#ifndef CUSTOMER_IDENTITY_RULES_H
#define CUSTOMER_IDENTITY_RULES_H

#include "customer/customer.h"

#define IDENTITY_RULES_VERSION "identity-rules/1"

/* Fills name, number, birth date, sex, region and the checks up to CHECK_AGE; the first failure
 * ends them. `today` is the bank's civil date. True if all passed and the registry is next. */
bool identity_decide(const struct regions *regions, const char *name, const char *id_number,
                     struct date today, int age_min, int age_full, struct identity_evidence *out);
/* Adds the registry's word as the last check. */
void identity_add_registry(struct identity_evidence *evidence, enum registry_result result);
/* All checks passed, the registry's too. */
bool identity_is_proven(const struct identity_evidence *evidence);

#endif
