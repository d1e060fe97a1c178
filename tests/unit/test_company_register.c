/* Registration of companies on both engines. EVIDENCE: REQ-KYC-05 */
#include "unit/company_fixture.h"

#include <stdlib.h>

static void test_company_register__only_who_may(void **state)
{
    char code[COMPANY_CODE_SIZE];
    struct company_work w;
    struct member stranger = new_member(true);
    struct member unverified = new_member(false);
    struct member m = new_member(true);
    (void)state;
    new_code(code);
    register_at(&m, COMPANY_LIMITED);
    const char *name = registered.name;
    assert_err(ERR_NOT_VERIFIED, register_company(&unverified, code, name, COMPANY_LIMITED, &w));
    assert_err(ERR_NOT_REPRESENTATIVE,
               register_company(&stranger, code, name, COMPANY_LIMITED, &w));
    assert_err(ERR_COMPANY_REFUSED, register_company(&m, code, "别的公司", COMPANY_LIMITED, &w));
    assert_int_equal(FAULT_NAME, w.registration.fault);
    assert_err(ERR_COMPANY_REFUSED, register_company(&m, code, name, COMPANY_SOLE_TRADER, &w));
    assert_int_equal(FAULT_KIND, w.registration.fault);
    assert_err(ERR_INVALID_FIELD,
               register_company(&m, "913100000000000000", name, COMPANY_LIMITED, &w));
    registered.is_registered = false;
    assert_err(ERR_COMPANY_REFUSED, register_company(&m, code, name, COMPANY_LIMITED, &w));
    assert_int_equal(FAULT_REVOKED, w.registration.fault);
    registered.is_registered = true;
    registered.result = BUSINESS_NO_ANSWER;
    assert_err(ERR_BUSINESS_UNAVAILABLE, register_company(&m, code, name, COMPANY_LIMITED, &w));
    registered.result = BUSINESS_FOUND;
    assert_ok(register_company(&m, code, name, COMPANY_LIMITED, &w));
    assert_int_equal(COMPANY_DRAFT, w.company.state);
    /* Another representative, by the registry's newest answer, finds the code taken. */
    snprintf(registered.representative.id_number, ID_NUMBER_SIZE, "%s", stranger.number);
    assert_err(ERR_COMPANY_TAKEN, register_company(&stranger, code, name, COMPANY_LIMITED, &w));
    /* The face check is ten minutes old. */
    clock_manual_advance(&bank.clock, 601 * SECOND);
    assert_err(ERR_FACE_CHECK_REQUIRED,
               register_company(&stranger, code, name, COMPANY_LIMITED, &w));
}

static void test_company_register__active_at_once(void **state)
{
    struct member m = new_member(true);
    struct account accounts[4];
    struct customer customer;
    struct db_conn *conn = NULL;
    size_t count = 0;
    (void)state;
    struct company company = active_company(&m, COMPANY_LIMITED);
    customer = load(company.id);
    assert_true(customer.is_company);
    assert_int_equal(CUSTOMER_ACTIVE, customer.state);
    assert_string_equal(company.name, customer.name);
    assert_string_equal("", customer.masked_phone);
    assert_ok(engine_read_begin(bank.engine, &conn));
    assert_ok(account_list(conn, company.id, accounts, 4, &count));
    engine_read_end(bank.engine, conn);
    assert_int_equal(1, count);
    assert_int_equal(PRODUCT_CORPORATE, accounts[0].product);
    assert_int_equal(ACCOUNT_CLASS_I, accounts[0].class);
}

static void test_company_register__steps_in_order(void **state)
{
    char code[COMPANY_CODE_SIZE];
    char text[64];
    struct company_work w;
    struct company company;
    struct member m = new_member(true);
    struct member other = new_member(true);
    (void)state;
    new_code(code);
    register_at(&m, COMPANY_LIMITED);
    can_read = false; /* the licence cannot be read: staff decide */
    assert_ok(register_company(&m, code, registered.name, COMPANY_LIMITED, &w));
    struct customer_id id = w.company.id;
    snprintf(text, sizeof text, "card %s", code);
    assert_err(ERR_COMPANY_INCOMPLETE, submit_company(&m, id, &w));
    assert_err(ERR_NOT_FOUND, give_licence(&other, id, text, &company));
    assert_err(ERR_PICTURE_UNREADABLE, give_licence(&m, id, "rubbish", &company));
    assert_ok(give_licence(&m, id, text, &company));
    assert_int_equal(STEP_IS_UNSURE, company.licence);
    assert_err(ERR_OWNERS_REFUSED, give_owners(&m, id, NULL, 0, &w));
    assert_int_equal(OWNER_MISSING, w.owner_fault);
    assert_err(ERR_NOT_FOUND, give_owners(&other, id, registered.owners, 1, &w));
    assert_ok(give_owners(&m, id, registered.owners, 1, &w));
    registered.is_registered = false; /* lost meanwhile */
    assert_err(ERR_COMPANY_REFUSED, submit_company(&m, id, &w));
    assert_int_equal(FAULT_REVOKED, w.fault);
    registered.is_registered = true;
    assert_ok(submit_company(&m, id, &w));
    assert_int_equal(COMPANY_REVIEW, w.company.state);
    assert_err(ERR_COMPANY_STATE, submit_company(&m, id, &w));
    assert_err(ERR_COMPANY_STATE, give_licence(&m, id, text, &company));
    struct company_case row;
    assert_ok(decide_company(id, 1, true, &row));
    assert_int_equal(COMPANY_CASE_APPROVED, row.state);
    assert_int_equal(COMPANY_ACTIVE, company_now(id).state);
    assert_err(ERR_CASE_DECIDED, decide_company(id, 2, true, &row));
}

static void test_company_register__two_people_where_owners_differ(void **state)
{
    char code[COMPANY_CODE_SIZE];
    char text[64];
    struct company_work w;
    struct company company;
    struct company_case row;
    struct member m = new_member(true);
    (void)state;
    new_code(code);
    register_at(&m, COMPANY_LIMITED);
    can_read = true;
    assert_ok(register_company(&m, code, registered.name, COMPANY_LIMITED, &w));
    struct customer_id id = w.company.id;
    struct company_person owner = registered.owners[0];
    owner.share_ppm -= 1;
    snprintf(text, sizeof text, "card %s", code);
    assert_ok(give_licence(&m, id, text, &company));
    assert_ok(give_owners(&m, id, &owner, 1, &w));
    assert_ok(submit_company(&m, id, &w));
    assert_ok(decide_company(id, 1, true, &row));
    assert_int_equal(COMPANY_CASE_SECOND, row.state);
    assert_int_equal(COMPANY_REVIEW, company_now(id).state);
    assert_err(ERR_FOUR_EYES, decide_company(id, 1, true, &row));
    clock_manual_advance(&bank.clock, 1000 * SECOND);
    assert_ok(decide_company(id, 2, false, &row));
    assert_int_equal(COMPANY_CASE_REFUSED, row.state);
    assert_int_equal(COMPANY_REFUSED, company_now(id).state);
}

static void test_company_register__licence_comes_back(void **state)
{
    struct member m = new_member(true);
    struct company company = active_company(&m, COMPANY_LIMITED);
    struct db_conn *conn = NULL;
    uint8_t *jpeg = NULL;
    size_t size = 0;
    (void)state;
    assert_ok(engine_read_begin(bank.engine, &conn));
    assert_ok(company_licence_load(companies, conn, company.id, &jpeg, &size));
    engine_read_end(bank.engine, conn);
    assert_int_equal(FAKE_JPEG, size);
    for (size_t i = 0; i < size; i++) {
        assert_int_equal(jpeg[i], (uint8_t)(i * 7 + i / 256 + (uint8_t)company.code[0]));
    }
    free(jpeg);
}

static void test_company_register__recheck_suspends(void **state)
{
    struct member m = new_member(true);
    struct company company = active_company(&m, COMPANY_LIMITED);
    size_t count = 0;
    (void)state;
    registered.is_registered = false;
    clock_manual_advance(&bank.clock, 29 * DAY_US);
    assert_ok(company_recheck(companies, bank.engine, 50, &count));
    assert_int_equal(COMPANY_ACTIVE, company_now(company.id).state);
    clock_manual_advance(&bank.clock, 2 * DAY_US);
    registered.result = BUSINESS_NO_ANSWER;
    assert_ok(company_recheck(companies, bank.engine, 50, &count));
    assert_int_equal(COMPANY_ACTIVE, company_now(company.id).state);
    registered.result = BUSINESS_FOUND;
    assert_ok(company_recheck(companies, bank.engine, 50, &count));
    assert_int_equal(COMPANY_SUSPENDED, company_now(company.id).state);
    assert_string_equal("revoked", company_now(company.id).suspended_for);
    registered.is_registered = true;
    clock_manual_advance(&bank.clock, 31 * DAY_US);
    assert_ok(company_recheck(companies, bank.engine, 50, &count));
    assert_int_equal(COMPANY_ACTIVE, company_now(company.id).state);
    registered.owners[0].share_ppm = 500000;
    clock_manual_advance(&bank.clock, 31 * DAY_US);
    assert_ok(company_recheck(companies, bank.engine, 50, &count));
    assert_string_equal("owners", company_now(company.id).suspended_for);
}

static int run_suite(enum db_engine engine)
{
    which = engine;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_company_register__only_who_may, kyc_fresh),
        cmocka_unit_test_setup(test_company_register__active_at_once, kyc_fresh),
        cmocka_unit_test_setup(test_company_register__steps_in_order, kyc_fresh),
        cmocka_unit_test_setup(test_company_register__two_people_where_owners_differ, kyc_fresh),
        cmocka_unit_test_setup(test_company_register__licence_comes_back, kyc_fresh),
        cmocka_unit_test_setup(test_company_register__recheck_suspends, kyc_fresh),
    };
    return cmocka_run_group_tests(tests, company_suite_open, company_suite_close);
}

int main(void)
{
    return room_fixture_run(run_suite);
}
