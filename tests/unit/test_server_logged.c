/* Every route that shows staff a customer's data leaves an entry in the audit log: by the rows of the
 * route table, so that none is forgotten. EVIDENCE: REQ-RSK-03 */
#include "server/room_list.h"
#include "staff/staff_api.h"
#include "web/web_private.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Members that speak of a customer, wherever they stand in an answer. */
static const char *const personal[] = {"maskedPhone",  "maskedIdNumber",   "debtorName",
                                       "creditorName", "counterpartyName", "phone",
                                       "idNumber",     "accountNumber",    "balanceAfter",
                                       "maskedNumber", "birthDate",        "counterpartyAccount"};
/* Answers that do so without such a member. */
static const char *const personal_schemas[] = {"Reveal", "Balances", "LimitList", "Case"};
/* Answers that only seem to: the books hold no names, and `balanceAfter` there is of a GL account as
 * often as of a customer's. */
static const char *const exempt[] = {"Journal"};

static bool is_in(const char *const *names, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(names[i], name) == 0) {
            return true;
        }
    }
    return false;
}
#define IS_IN(names, name) is_in(names, sizeof(names) / sizeof((names)[0]), name)

static bool is_personal(const struct schema *schema)
{
    if (schema == NULL || IS_IN(exempt, schema->name)) {
        return false;
    }
    if (IS_IN(personal_schemas, schema->name)) {
        return true;
    }
    for (const struct field *field = schema->fields; field->name != NULL; field++) {
        if (IS_IN(personal, field->name) || is_personal(field->schema)) {
            return true;
        }
    }
    return false;
}

static void test_server_logged__no_view_of_personal_data_is_forgotten(void **state)
{
    (void)state;
    int logged = 0;
    struct router router;
    router_init(&router, ROOM_LIST);
    for (size_t i = 0; i < router.count; i++) {
        const struct route *route = router.rows[i];
        bool is_logged = (route->flags & ROUTE_LOGGED) != 0;
        bool shows = is_personal(route->answer) || (route->flags & ROUTE_PICTURE) != 0;
        /* What changes something leaves an entry of its own. */
        if (route->scope == &staff_scope && route->method == HTTP_GET && shows && !is_logged) {
            fail_msg("%s shows personal data and is not logged", route->operation);
        }
        if (is_logged && (route->commit == NULL || route->scope != &staff_scope)) {
            fail_msg("%s has no transaction to be logged in", route->operation);
        }
        logged += is_logged;
    }
    assert_true(logged >= 12);
}

static void test_server_logged__every_rate_policy_exists(void **state)
{
    (void)state;
    int named = 0;
    struct router router;
    router_init(&router, ROOM_LIST);
    for (size_t i = 0; i < router.count; i++) {
        const struct route *route = router.rows[i];
        if (route->rate != NULL && rate_find(ROOM_LIST, route->rate) == NULL) {
            fail_msg("%s names the rate %s, which there is not", route->operation, route->rate);
        }
        named += route->rate != NULL;
    }
    assert_true(named > 0);
    assert_null(rate_find(ROOM_LIST, "payee-chek"));
    assert_null(rate_find(ROOM_LIST, ""));
}

static void test_server_logged__the_rule_tells_data_from_figures(void **state)
{
    (void)state;
    static const struct field name[] = {{.name = "debtorName", .type = FIELD_TEXT}, {.name = NULL}};
    static const struct schema inner = {"Inner", name, ""};
    static const struct field list[] = {{.name = "items", .type = FIELD_LIST, .schema = &inner},
                                        {.name = NULL}};
    static const struct schema outer = {"Outer", list, ""};
    static const struct field count[] = {{.name = "count", .type = FIELD_INT}, {.name = NULL}};
    static const struct schema figures = {"Figures", count, ""};
    assert_true(is_personal(&outer));
    assert_false(is_personal(&figures));
    assert_false(is_personal(NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_server_logged__no_view_of_personal_data_is_forgotten),
        cmocka_unit_test(test_server_logged__every_rate_policy_exists),
        cmocka_unit_test(test_server_logged__the_rule_tells_data_from_figures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
