/* Members with a place in a struct: what is written from it and read into it, row by row. */
#include "unit/base_fixture.h"
#include "web/member.h"

#include <jansson.h>
#include <string.h>

enum colour { RED = 1, BLUE = 2 };

struct inner {
    int64_t id;
    char name[8];
};

struct outer {
    int64_t id;
    int64_t at;
    char text[16];
    const char *pointer;
    int64_t count;
    int32_t small;
    bool is_open;
    enum colour colour;
    struct money amount;
    struct date day;
    char en[8];
    char zh[8];
    bool has_inner;
    struct inner inner;
    struct inner always;
    struct member_rows rows;
};

static const char *colour_name(int value)
{
    return value == RED ? "red" : "blue";
}

static void write_sum(struct call *call, const char *name, const void *from)
{
    const struct outer *outer = from;
    out_int(call, name, outer->count + outer->small);
}

static const struct field inner_fields[] = {FIELD_MUST("id", MEMBER_ID(struct inner, id)),
                                            FIELD_MAY("name", MEMBER_TEXT(struct inner, name)),
                                            FIELD_END};
static const struct schema inner_schema = {"Inner", inner_fields, ""};

static const struct field outer_fields[] = {
    FIELD_MUST("id", MEMBER_ID(struct outer, id)),
    FIELD_MAY("at", MEMBER_AT(struct outer, at)),
    FIELD_MUST("text", MEMBER_TEXT(struct outer, text), .nullable = true),
    FIELD_MAY("pointer", MEMBER_TEXT(struct outer, pointer)),
    FIELD_MUST("count", MEMBER_INT(struct outer, count)),
    FIELD_MUST("small", MEMBER_INT(struct outer, small)),
    FIELD_MUST("isOpen", MEMBER_FLAG(struct outer, is_open)),
    FIELD_MUST("colour", MEMBER_NAMED(struct outer, colour, colour_name)),
    FIELD_MAY("amount", MEMBER_AMOUNT(struct outer, amount)),
    FIELD_MUST("day", MEMBER_DAY(struct outer, day)),
    FIELD_MUST("name", MEMBER_TWO_TEXTS(struct outer, en, zh)),
    FIELD_MAY("inner",
              MEMBER_STRUCT_IF(struct outer, inner, struct inner, &inner_schema, has_inner)),
    FIELD_MUST("always", MEMBER_STRUCT(struct outer, always, struct inner, &inner_schema)),
    FIELD_MUST("rows", MEMBER_ROWS(struct outer, rows, &inner_schema)),
    FIELD_MUST("sum", MEMBER_BY(struct outer, FIELD_INT, write_sum)),
    FIELD_END};
static const struct schema outer_schema = {"Outer", outer_fields, ""};

static struct arena arena;
static struct call call;

static void assert_written(const struct outer *outer, const char *wanted)
{
    str_clear(&call.out);
    OUT_OBJECT(&call, NULL, &outer_schema, outer);
    assert_string_equal(wanted, call.out.bytes);
}

static void test_web_member__everything_is_written_in_order(void **state)
{
    (void)state;
    static const struct inner rows[] = {{8, "a"}, {9, ""}};
    struct outer outer = {.id = 1024,
                          .at = INT64_C(1700000000000000),
                          .text = "a \"b\"",
                          .pointer = "c",
                          .count = INT64_C(1) << 40,
                          .small = -7,
                          .is_open = true,
                          .colour = BLUE,
                          .amount = {1234, CCY_CNY},
                          .day = {20000},
                          .en = "yes",
                          .zh = "是",
                          .has_inner = true,
                          .inner = {5, "in"},
                          .always = {6, ""},
                          .rows = {rows, 2}};
    assert_written(&outer,
                   "{\"id\":\"1024\",\"at\":\"2023-11-14T22:13:20Z\",\"text\":\"a \\\"b\\\"\","
                   "\"pointer\":\"c\",\"count\":1099511627776,\"small\":-7,\"isOpen\":true,"
                   "\"colour\":\"blue\",\"amount\":{\"amount\":\"12.34\",\"currency\":\"CNY\"},"
                   "\"day\":\"2024-10-04\",\"name\":{\"en\":\"yes\",\"zh\":\"是\"},"
                   "\"inner\":{\"id\":\"5\",\"name\":\"in\"},\"always\":{\"id\":\"6\"},"
                   "\"rows\":[{\"id\":\"8\",\"name\":\"a\"},{\"id\":\"9\"}],"
                   "\"sum\":1099511627769}");
}

static void test_web_member__what_is_none_is_null_or_left_out(void **state)
{
    (void)state;
    struct outer outer = {.id = 1, .colour = RED, .inner = {7, "x"}, .always = {2, ""}};
    assert_written(&outer,
                   "{\"id\":\"1\",\"text\":null,\"count\":0,\"small\":0,\"isOpen\":false,"
                   "\"colour\":\"red\",\"day\":\"1970-01-01\","
                   "\"name\":{\"en\":\"\",\"zh\":\"\"},\"always\":{\"id\":\"2\"},\"rows\":[],"
                   "\"sum\":0}");
}

/* --- reading ------------------------------------------------------------------------------------- */

struct body {
    struct {
        int64_t value;
    } account;
    int64_t at;
    const char *text;
    int64_t count;
    int32_t small;
    bool is_open;
    struct money amount;
    struct date day;
};

static const struct field body_fields[] = {
    FIELD_MUST("accountId", MEMBER_ID(struct body, account.value)),
    FIELD_MAY("at", MEMBER_AT(struct body, at)),
    FIELD_MAY("text", MEMBER_TEXT(struct body, text), .max = 20),
    FIELD_MAY("count", MEMBER_INT(struct body, count)),
    FIELD_MAY("small", MEMBER_INT(struct body, small), .max = 100),
    FIELD_MAY("isOpen", MEMBER_FLAG(struct body, is_open)),
    FIELD_MAY("amount", MEMBER_AMOUNT(struct body, amount)),
    FIELD_MAY("day", MEMBER_DAY(struct body, day), .nullable = true),
    FIELD_END};
static const struct route body_route = {
    .path = "/v1/x", .status = 200, .scope = &open_scope, .body = body_fields};

static struct body read_text(const char *text)
{
    struct body body = {.count = 99, .day = {3}};
    call.route = &body_route;
    call.body = json_loads(text, 0, NULL);
    assert_non_null(call.body);
    CALL_READ_BODY(&call, &body);
    return body;
}

static void test_web_member__a_body_is_read_into_its_struct(void **state)
{
    (void)state;
    struct body body = read_text("{\"accountId\":\"4096\",\"at\":\"2023-11-14T22:13:20Z\","
                                 "\"text\":\"hello\",\"count\":1099511627776,\"small\":7,"
                                 "\"isOpen\":true,\"amount\":{\"amount\":\"0.50\",\"currency\":"
                                 "\"CNY\"},\"day\":\"2024-10-04\"}");
    assert_int_equal(4096, body.account.value);
    assert_int_equal(INT64_C(1700000000000000), body.at);
    assert_string_equal("hello", body.text);
    assert_int_equal(INT64_C(1) << 40, body.count);
    assert_int_equal(7, body.small);
    assert_true(body.is_open);
    assert_int_equal(50, body.amount.minor);
    assert_int_equal(20000, body.day.days);
    json_decref(call.body);
}

static void test_web_member__what_is_absent_is_left_as_it_was(void **state)
{
    (void)state;
    struct body body = read_text("{\"accountId\":\"1\",\"day\":null}");
    assert_int_equal(1, body.account.value);
    assert_null(body.text);
    assert_int_equal(99, body.count);
    assert_int_equal(0, body.amount.minor);
    assert_int_equal(3, body.day.days);
    json_decref(call.body);
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
        cmocka_unit_test(test_web_member__everything_is_written_in_order),
        cmocka_unit_test(test_web_member__what_is_none_is_null_or_left_out),
        cmocka_unit_test(test_web_member__a_body_is_read_into_its_struct),
        cmocka_unit_test(test_web_member__what_is_absent_is_left_as_it_was),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
