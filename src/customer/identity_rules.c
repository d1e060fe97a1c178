/* Checks of a name and an ID number. Pure. */
#include "customer/identity_rules.h"

#include "base/check.h"
#include "customer/customer_rules.h"

#include <stdio.h>
#include <string.h>

const char *identity_check_name(enum identity_check check)
{
    static const char *const names[] = {
        [CHECK_FORMAT] = "format",
        [CHECK_REGION] = "region",
        [CHECK_BIRTH_DATE] = "birthDate",
        [CHECK_CHECK_DIGIT] = "checkDigit",
        [CHECK_AGE] = "age",
        [CHECK_REGISTRY] = "registry",
    };
    CHECK(check >= CHECK_FORMAT && check <= CHECK_REGISTRY);
    return names[check];
}

const char *check_result_name(enum check_result result)
{
    return result == CHECK_PASSED ? "passed" : result == CHECK_FAILED ? "failed" : "unavailable";
}

static void add(struct identity_evidence *evidence, enum identity_check check,
                enum check_result result, const char *reason_en, const char *reason_zh)
{
    CHECK(evidence->count < IDENTITY_CHECK_COUNT);
    evidence->checks[evidence->count++] =
        (struct check_outcome){check, result, reason_en, reason_zh};
}

/* The check that a refusal of the number belongs to; those before it passed. */
static enum identity_check check_of_reason(enum identifier_reason reason)
{
    switch (reason) {
    case IDENTIFIER_VALID:
        return CHECK_AGE;
    case IDENTIFIER_UNKNOWN_REGION:
        return CHECK_REGION;
    case IDENTIFIER_NO_SUCH_DATE:
    case IDENTIFIER_BORN_TOO_EARLY:
    case IDENTIFIER_BORN_IN_FUTURE:
        return CHECK_BIRTH_DATE;
    case IDENTIFIER_WRONG_CHECK:
        return CHECK_CHECK_DIGIT;
    case IDENTIFIER_EMPTY:
    case IDENTIFIER_OLD_FORM:
    case IDENTIFIER_WRONG_LENGTH:
    case IDENTIFIER_WRONG_CHARACTER:
    case IDENTIFIER_UNKNOWN_AUTHORITY:
    case IDENTIFIER_UNKNOWN_COUNTRY:
    case IDENTIFIER_NOT_A_MOBILE:
    case IDENTIFIER_TRUNK_ZERO:
    case IDENTIFIER_REASON_COUNT:
        break;
    }
    return CHECK_FORMAT;
}

bool identity_decide(const struct regions *regions, const char *name, const char *id_number,
                     struct date today, int age_min, int age_full, struct identity_evidence *out)
{
    struct resident_id resident;
    memset(out, 0, sizeof(*out));
    out->name_refused = name_parse(name, out->name) != ERR_OK;
    enum identifier_reason reason =
        identifier_parse_resident_id(regions, id_number, today, &resident);
    out->number_refused = reason != IDENTIFIER_VALID;
    enum identity_check failed = check_of_reason(reason);
    if (out->name_refused) {
        add(out, CHECK_FORMAT, CHECK_FAILED,
            "The name must have 2 to 50 letters, all Chinese or all Latin, as on the ID card.",
            "姓名须为2至50个字符，全部为汉字或全部为拉丁字母，并与身份证一致。");
        return false;
    }
    for (int check = CHECK_FORMAT; check < (int)failed; check++) {
        add(out, (enum identity_check)check, CHECK_PASSED, "", "");
    }
    if (out->number_refused) {
        add(out, failed, CHECK_FAILED, identifier_text(reason, LANG_EN),
            identifier_text(reason, LANG_ZH));
        return false;
    }
    if (resident.kind == RESIDENT_ID_PERMANENT) {
        out->number_refused = true;
        add(out, CHECK_AGE, CHECK_FAILED,
            "This is the number of a foreign permanent residents' card, which is not served yet.",
            "这是外国人永久居留身份证号码，目前暂不支持办理。");
        return false;
    }
    snprintf(out->id_number, sizeof(out->id_number), "%s", resident.number);
    memcpy(out->region, resident.number, CUSTOMER_REGION_SIZE - 1);
    out->birth_date = resident.birth_date;
    out->sex = resident.sex;
    int age = identifier_age(resident.birth_date, today);
    out->is_minor = age < age_full;
    if (age < age_min) {
        out->number_refused = true;
        add(out, CHECK_AGE, CHECK_FAILED, "You are too young to open an account online.",
            "您的年龄未达到在线开户要求。");
        return false;
    }
    add(out, CHECK_AGE, CHECK_PASSED, "", "");
    return true;
}

void identity_add_registry(struct identity_evidence *evidence, enum registry_result result)
{
    switch (result) {
    case REGISTRY_MATCH:
        add(evidence, CHECK_REGISTRY, CHECK_PASSED, "", "");
        return;
    case REGISTRY_MISMATCH:
        evidence->name_refused = true;
        add(evidence, CHECK_REGISTRY, CHECK_FAILED, "Name and ID number do not belong together.",
            "姓名与身份证号码不一致。");
        return;
    case REGISTRY_NOT_FOUND:
        evidence->number_refused = true;
        add(evidence, CHECK_REGISTRY, CHECK_FAILED, "The registry does not know this ID number.",
            "登记机构没有该身份证号码的记录。");
        return;
    case REGISTRY_UNAVAILABLE:
        break;
    }
    add(evidence, CHECK_REGISTRY, CHECK_UNAVAILABLE, "The registry did not answer.",
        "身份登记系统没有响应。");
}

bool identity_is_proven(const struct identity_evidence *evidence)
{
    return evidence->count == IDENTITY_CHECK_COUNT &&
           evidence->checks[evidence->count - 1].result == CHECK_PASSED;
}
