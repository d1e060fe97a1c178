/* Who must be named as beneficial owner. */
#include "base_fixture.h"
#include "company/company.h"

#include <stdlib.h>

#include <string.h>

#define A "32010219850309810X"
#define B "440103195601063736"
#define C "320102196203204047"

/* Letters stand for people, "A40 B35": person and share in per cent. */
static size_t people_of(const char *text, struct company_person *out)
{
    size_t count = 0;
    while (*text != '\0') {
        const char *numbers[] = {A, B, C};
        char who = *text++;
        char *end = NULL;
        long share = strtol(text, &end, 10);
        out[count] = (struct company_person){.share_ppm = share * 10000};
        snprintf(out[count].name, sizeof out[count].name, "%c", who);
        snprintf(out[count].id_number, ID_NUMBER_SIZE, "%s", numbers[who - 'A']);
        count++;
        text = *end == ' ' ? end + 1 : end;
    }
    return count;
}

static void test_company_rules__owners(void **state)
{
    static const struct {
        const char *what, *registry, *declared;
        enum owner_fault fault;
        size_t number;
        enum company_step_state result;
    } rows[] = {
        {"all named as they are", "A60 B40", "A60 B40", OWNER_FINE, 2, STEP_IS_PASSED},
        {"small ones may be left out", "A80 B20", "A80", OWNER_FINE, 1, STEP_IS_PASSED},
        {"a quarter must be named", "A75 B25", "A75", OWNER_MISSING, 1, 0},
        {"small entries of one person count together", "A60 B20 B20", "A60", OWNER_MISSING, 1, 0},
        {"named with all they have", "A60 B20 B20", "A60 B40", OWNER_FINE, 2, STEP_IS_PASSED},
        {"named with a part", "A60 B20 B20", "A60 B20", OWNER_FINE, 2, STEP_IS_UNSURE},
        {"another share", "A60 B40", "A50 B40", OWNER_FINE, 2, STEP_IS_UNSURE},
        {"somebody unknown to the registry", "A60 B40", "A50 B40 C10", OWNER_FINE, 3,
         STEP_IS_UNSURE},
        {"nobody reaches a quarter", "A20 B20 C20", "", OWNER_FINE, 0, STEP_IS_UNSURE},
        {"more than all", "A60 B40", "A60 B41", OWNER_SHARE, 1, 0},
        {"nothing is no share", "A60 B40", "A60 B0", OWNER_SHARE, 1, 0},
        {"the same twice", "A60 B40", "A30 A30 B40", OWNER_TWICE, 1, 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct business_record record = {.result = BUSINESS_FOUND};
        struct company_person owners[COMPANY_OWNERS_MAX];
        const bool fine[COMPANY_OWNERS_MAX] = {true, true, true};
        enum company_step_state result = 0;
        size_t number = 99;
        record.owner_count = people_of(rows[i].registry, record.owners);
        size_t count = people_of(rows[i].declared, owners);
        enum owner_fault fault =
            company_owners_decide(&record, owners, count, fine, &number, &result);
        if (fault != rows[i].fault || number != rows[i].number || result != rows[i].result) {
            print_error("%s: fault %d, number %zu, result %d\n", rows[i].what, fault, number,
                        result);
            fail();
        }
    }
}

static void test_company_rules__owners_are_people(void **state)
{
    struct business_record record = {.result = BUSINESS_FOUND};
    struct company_person owners[COMPANY_OWNERS_MAX];
    const bool second_is_bad[] = {true, false};
    enum company_step_state result = 0;
    size_t number = 0;
    (void)state;
    record.owner_count = people_of("A60 B40", record.owners);
    people_of("A60 B40", owners);
    assert_int_equal(OWNER_NUMBER,
                     company_owners_decide(&record, owners, 2, second_is_bad, &number, &result));
    assert_int_equal(1, number);
    owners[0].name[0] = '\0';
    assert_int_equal(OWNER_NAME,
                     company_owners_decide(&record, owners, 2, second_is_bad, &number, &result));
}

static void test_company_rules__names(void **state)
{
    enum company_kind kind;
    unsigned role = 0;
    (void)state;
    assert_int_equal(ERR_OK, company_kind_parse("soleTrader", &kind));
    assert_int_equal(COMPANY_SOLE_TRADER, kind);
    assert_int_equal(ERR_INVALID_FIELD, company_kind_parse("guild", &kind));
    for (int i = 0; i < COMPANY_ROLE_COUNT; i++) {
        assert_int_equal(ERR_OK, company_role_parse(company_role_name(i), &role));
        assert_int_equal(1U << i, role);
    }
    assert_int_equal(ERR_INVALID_FIELD, company_role_parse("owner", &role));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_company_rules__owners),
        cmocka_unit_test(test_company_rules__owners_are_people),
        cmocka_unit_test(test_company_rules__names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
