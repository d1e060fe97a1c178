/* Tables of the rooms by their chapters, and the row of a request. */
#include "frame/room.h"
#include "unit/base_fixture.h"
#include "web/route.h"
#include "web/web_private.h"

#include <string.h>

#define ROW(method_, path_, operation_)                                                            \
    {                                                                                              \
        .method = (method_), .path = (path_), .operation = (operation_), .tag = "Things",          \
        .text = "A thing.", .scope = &open_scope, .status = 204                                    \
    }

static const struct route first[] = {ROW(HTTP_GET, "/v1/a", "a"), {.path = NULL}};
static const struct route second[] = {ROW(HTTP_GET, "/v1/b/current", "current"),
                                      ROW(HTTP_GET, "/v1/b/{bId}", "b"),
                                      ROW(HTTP_POST, "/v1/b/{bId}", "make"),
                                      {.path = NULL}};
static const struct route third[] = {ROW(HTTP_DELETE, "/v1/a", "remove"), {.path = NULL}};
static const struct route_table low[] = {{10, first}, {300, third}, {0}};
static const struct route_table high[] = {{20, second}, {0}};
static const struct rate_row rates[] = {{"own", {3, 1000}}, {0}};
static const struct problem_members low_problems[] = {
    {2, "\"two\":{\"type\":\"integer\"}"}, {9, "\"nine\":{\"type\":\"integer\"}"}, {0}};
static const struct problem_members high_problems[] = {{5, "\"five\":{\"type\":\"integer\"}"}, {0}};
static const struct room_parts low_room = {
    .name = "low", .routes = low, .problems = low_problems, .rates = rates};
static const struct room_parts high_room = {
    .name = "high", .routes = high, .problems = high_problems};
static const struct room_parts quiet_room = {.name = "quiet"};
static const struct room_parts *const rooms[] = {&low_room, &quiet_room, &high_room, NULL};
static const struct room_parts *const turned[] = {&high_room, &low_room, NULL};

static void test_web_router__orders_tables_by_chapter(void **state)
{
    (void)state;
    static const char *const wanted[] = {"a", "current", "b", "make", "remove"};
    struct router router;
    struct router same;
    router_init(&router, rooms);
    router_init(&same, turned);
    assert_int_equal(5, router.count);
    for (size_t i = 0; i < 5; i++) {
        assert_string_equal(wanted[i], router.rows[i]->operation);
        assert_ptr_equal(router.rows[i], same.rows[i]);
    }
    assert_null(router.rows[5]);
}

static void test_web_router__finds_the_row_of_a_request(void **state)
{
    (void)state;
    struct router router;
    struct arena arena;
    struct route_match match;
    arena_init(&arena, 1 << 16);
    router_init(&router, rooms);
    struct http_request request = {.method = HTTP_GET, .path = "/v1/b/current", .arena = &arena};
    route_match(&router, &request, &match);
    assert_string_equal("current", match.route->operation);
    request.path = "/v1/b/4096";
    route_match(&router, &request, &match);
    assert_string_equal("b", match.route->operation);
    assert_string_equal("4096", match.params[0]);
    assert_int_equal(1u << HTTP_GET | 1u << HTTP_POST, match.allowed);
    request.method = HTTP_DELETE;
    route_match(&router, &request, &match);
    assert_null(match.route);
    assert_int_equal(1u << HTTP_GET | 1u << HTTP_POST, match.allowed);
    request.path = "/v1/c";
    route_match(&router, &request, &match);
    assert_null(match.route);
    assert_int_equal(0, match.allowed);
    assert_string_equal("make", route_find(&router, HTTP_POST, "/v1/b/1")->operation);
    assert_null(route_find(&router, HTTP_POST, "/v1/a"));
    arena_release(&arena);
}

static void test_web_router__the_document_is_the_same_in_any_order_of_rooms(void **state)
{
    (void)state;
    struct str one;
    struct str other;
    assert_int_equal(ERR_OK, web_document(rooms, &one));
    assert_int_equal(ERR_OK, web_document(turned, &other));
    assert_string_equal(one.bytes, other.bytes);
    const char *two = strstr(one.bytes, "\"two\":");
    const char *five = strstr(one.bytes, "\"five\":");
    const char *nine = strstr(one.bytes, "\"nine\":");
    assert_true(two != NULL && two < five && five < nine);
    str_release(&one);
    str_release(&other);
}

static void test_web_router__finds_budgets_of_web_and_of_rooms(void **state)
{
    (void)state;
    assert_int_equal(3, rate_find(rooms, "own")->burst);
    assert_non_null(rate_find(rooms, "address"));
    assert_null(rate_find(rooms, "others"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_web_router__orders_tables_by_chapter),
        cmocka_unit_test(test_web_router__finds_the_row_of_a_request),
        cmocka_unit_test(test_web_router__the_document_is_the_same_in_any_order_of_rooms),
        cmocka_unit_test(test_web_router__finds_budgets_of_web_and_of_rooms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
