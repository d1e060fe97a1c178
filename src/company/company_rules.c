/* Pure decisions: names, owners, what the registry contradicts. */
#include "base/name.h"
#include "base/text.h"
#include "company/company_private.h"

#include <string.h>

const struct company_rules COMPANY_RULES = {.case_due_us = DAY_US,
                                            .case_claim_us = 15 * 60 * INT64_C(1000000),
                                            .recheck_us = 30 * DAY_US,
                                            .order_life_us = 7 * DAY_US};

static const char *const KINDS[] = {NULL, "company", "soleTrader"};
static const char *const STATES[] = {NULL,        "draft",  "review", "active",
                                     "suspended", "closed", "refused"};
static const char *const STEP_STATES[] = {"todo", "passed", "unsure", "failed"};
static const char *const ROLES[] = {"viewer", "maker", "checker", "admin"};
static const char *const FAULTS[] = {"passed", "unknown",        "revoked", "name",
                                     "kind",   "representative", "owners"};
static const char *const REASONS[] = {"licence", "owners"};
static const char *const CASE_STATES[] = {NULL, "open", "second", "approved", "refused"};

const char *company_kind_name(enum company_kind kind)
{
    return KINDS[kind];
}

enum err company_kind_parse(const char *text, enum company_kind *out)
{
    for (int i = COMPANY_LIMITED; i <= COMPANY_SOLE_TRADER; i++) {
        if (strcmp(text, KINDS[i]) == 0) {
            *out = (enum company_kind)i;
            return ERR_OK;
        }
    }
    return ERR_INVALID_FIELD;
}

const char *company_state_name(enum company_state state)
{
    return STATES[state];
}

const char *company_step_state_name(enum company_step_state state)
{
    return STEP_STATES[state];
}

const char *company_role_name(int bit)
{
    return ROLES[bit];
}

enum err company_role_parse(const char *text, unsigned *out_role)
{
    for (int i = 0; i < COMPANY_ROLE_COUNT; i++) {
        if (strcmp(text, ROLES[i]) == 0) {
            *out_role = 1U << i;
            return ERR_OK;
        }
    }
    return ERR_INVALID_FIELD;
}

const char *company_fault_name(enum company_fault fault)
{
    return FAULTS[fault];
}

const char *company_reason_name(int bit)
{
    return REASONS[bit];
}

const char *company_case_state_name(enum company_case_state state)
{
    return CASE_STATES[state];
}

static bool is_same_number(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

static bool company_person_equal(const struct company_person *a, const struct company_person *b)
{
    return name_same(a->name, b->name) && is_same_number(a->id_number, b->id_number);
}

/* All that the registry has of a person. */
static int64_t share_at(const struct business_record *record, const char *id_number)
{
    int64_t sum = 0;
    for (size_t i = 0; i < record->owner_count; i++) {
        sum += is_same_number(record->owners[i].id_number, id_number) ? record->owners[i].share_ppm
                                                                      : 0;
    }
    return sum;
}

static bool is_named(const struct company_person *owners, size_t count, const char *id_number)
{
    for (size_t i = 0; i < count; i++) {
        if (is_same_number(owners[i].id_number, id_number)) {
            return true;
        }
    }
    return false;
}

/* The registry's entries of this name have this share in all. */
static bool agrees(const struct business_record *record, const struct company_person *owner)
{
    for (size_t i = 0; i < record->owner_count; i++) {
        if (company_person_equal(&record->owners[i], owner)) {
            return share_at(record, owner->id_number) == owner->share_ppm;
        }
    }
    return false;
}

enum owner_fault company_owners_decide(const struct business_record *record,
                                       const struct company_person *owners, size_t count,
                                       const bool *has_number, size_t *out_number,
                                       enum company_step_state *out_state)
{
    int64_t sum = 0;
    bool all_agree = true;
    bool has_large = false;
    for (size_t i = 0; i < count; i++) {
        *out_number = i;
        if (owners[i].name[0] == '\0') {
            return OWNER_NAME;
        }
        if (!has_number[i]) {
            return OWNER_NUMBER;
        }
        if (is_named(owners, i, owners[i].id_number)) {
            return OWNER_TWICE;
        }
        sum += owners[i].share_ppm;
        if (owners[i].share_ppm <= 0 || sum > COMPANY_SHARE_ALL) {
            return OWNER_SHARE;
        }
        all_agree &= agrees(record, &owners[i]);
    }
    *out_number = count;
    for (size_t i = 0; i < record->owner_count; i++) {
        const char *id_number = record->owners[i].id_number;
        bool is_large = share_at(record, id_number) >= COMPANY_SHARE_OWNER;
        has_large |= is_large;
        if (is_large && !is_named(owners, count, id_number)) {
            return OWNER_MISSING;
        }
    }
    *out_state = all_agree && has_large ? STEP_IS_PASSED : STEP_IS_UNSURE;
    return OWNER_FINE;
}

enum company_fault company_register_fault(const struct company_registration *registration,
                                          const struct company_person *me)
{
    const struct business_record *record = &registration->record;
    if (record->result != BUSINESS_FOUND) {
        return FAULT_UNKNOWN;
    }
    if (!record->is_registered) {
        return FAULT_REVOKED;
    }
    if (!text_same(record->name, registration->name)) {
        return FAULT_NAME;
    }
    if (record->kind != registration->kind) {
        return FAULT_KIND;
    }
    return company_person_equal(&record->representative, me) ? FAULT_NONE : FAULT_REPRESENTATIVE;
}

/* The same owners with the same shares, in any order. */
static bool same_owners(const struct business_record *a, const struct business_record *b)
{
    if (a->owner_count != b->owner_count) {
        return false;
    }
    for (size_t i = 0; i < a->owner_count; i++) {
        if (share_at(a, a->owners[i].id_number) != share_at(b, a->owners[i].id_number)) {
            return false;
        }
    }
    return true;
}

enum company_fault company_change_fault(const struct business_record *before,
                                        const struct business_record *now)
{
    if (now->result != BUSINESS_FOUND) {
        return FAULT_UNKNOWN;
    }
    if (!now->is_registered) {
        return FAULT_REVOKED;
    }
    if (!text_same(before->name, now->name)) {
        return FAULT_NAME;
    }
    if (before->kind != now->kind) {
        return FAULT_KIND;
    }
    if (!company_person_equal(&before->representative, &now->representative)) {
        return FAULT_REPRESENTATIVE;
    }
    return same_owners(before, now) ? FAULT_NONE : FAULT_OWNERS;
}
