/* A payment order and a company of the console's list, as their member tables write them. */
#include "company/company_render.h"
#include "company/company_schemas.h"
#include "company/order_schemas.h"
#include "unit/base_fixture.h"
#include "web/web_private.h"

#include <string.h>

static struct arena arena;
static struct call call;

static void test_company_render__an_order_that_waits(void **state)
{
    (void)state;
    static const struct order_approval_view words[] = {
        {"周子墨", INT64_C(1700000000000000), ORDER_APPROVE, ""}};
    struct order_view view = {.order = {.id = 4096,
                                        .account = {8192},
                                        .creditor_name = "林若溪",
                                        .state = ORDER_AWAITING,
                                        .needed = 2,
                                        .created_at = INT64_C(1700000000000000),
                                        .expires_at = INT64_C(1700000060000000)},
                              .maker = "陈大文",
                              .phone = "+8619900000001",
                              .amount = {200, CCY_CNY},
                              .approvals = {words, 1}};
    str_clear(&call.out);
    OUT_OBJECT(&call, NULL, &schema_order, &view);
    assert_string_equal(
        call.out.bytes,
        "{\"orderId\":\"4096\",\"state\":\"awaitingApproval\",\"maker\":\"陈大文\","
        "\"debtorAccountId\":\"8192\",\"creditorPhone\":\"+8619900000001\",\"creditorName\":"
        "\"林若溪\",\"instructedAmount\":{\"amount\":\"2.00\",\"currency\":\"CNY\"},"
        "\"neededApprovals\":2,\"approvals\":[{\"by\":\"周子墨\",\"at\":\"2023-11-14T22:13:20Z\","
        "\"decision\":\"approve\"}],\"createdAt\":\"2023-11-14T22:13:20Z\",\"expiresAt\":"
        "\"2023-11-14T22:14:20Z\"}");
}

static void test_company_render__an_order_that_failed(void **state)
{
    (void)state;
    struct order_view view = {.order = {.id = 1,
                                        .account = {2},
                                        .creditor_name = "a",
                                        .text = "b",
                                        .state = ORDER_FAILED,
                                        .failure = ERR_INSUFFICIENT_FUNDS,
                                        .created_at = 1000000,
                                        .expires_at = 2000000},
                              .maker = "c",
                              .number = "8812000000000000",
                              .amount = {1, CCY_CNY}};
    str_clear(&call.out);
    OUT_OBJECT(&call, NULL, &schema_order, &view);
    assert_non_null(strstr(call.out.bytes, "\"creditorAccountNumber\":\"8812000000000000\""));
    assert_null(strstr(call.out.bytes, "creditorPhone"));
    assert_non_null(strstr(call.out.bytes, "\"remittanceInformationUnstructured\":\"b\""));
    assert_non_null(strstr(call.out.bytes, "\"approvals\":[]"));
    assert_non_null(strstr(call.out.bytes, "\"failure\":{\"en\":"));
    assert_null(strstr(call.out.bytes, "\"payment\":"));
}

static void test_company_render__a_company_of_the_list(void **state)
{
    (void)state;
    struct company company = {.id = {4096},
                              .code = "91310000MA1FL4B52X",
                              .name = "沙盒贸易有限公司",
                              .kind = COMPANY_LIMITED,
                              .state = COMPANY_ACTIVE,
                              .created_at = INT64_C(1700000000000000)};
    str_clear(&call.out);
    render_staff_company(&call, NULL, &company);
    assert_string_equal(call.out.bytes,
                        "{\"companyId\":\"4096\",\"uscc\":\"91310000MA1FL4B52X\",\"name\":"
                        "\"沙盒贸易有限公司\",\"kind\":\"company\",\"state\":\"active\","
                        "\"createdAt\":\"2023-11-14T22:13:20Z\"}");
}

static int open_all(void **state)
{
    (void)state;
    arena_init(&arena, 1 << 20);
    call.arena = &arena;
    str_init(&call.out, 1 << 16);
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    str_release(&call.out);
    arena_release(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_company_render__an_order_that_waits),
        cmocka_unit_test(test_company_render__an_order_that_failed),
        cmocka_unit_test(test_company_render__a_company_of_the_list),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
