/* Values of headers, by the rows of RFC 9110, 6750, 7239 and 6454. */
#include "sys/http_value.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static void test_sys_http_value__language_by_weight(void **state)
{
    static const struct {
        const char *header;
        enum lang wanted;
    } rows[] = {
        {NULL, LANG_ZH},
        {"", LANG_ZH},
        {"zh;q=0,en", LANG_EN},
        {"en;q=0.3, zh;q=0.8", LANG_ZH},
        {"zh;q=0.3,en;q=0.8", LANG_EN},
        {"fr", LANG_ZH},
        {"fr, en;q=0.1", LANG_EN},
        {"en-GB", LANG_EN},
        {"EN", LANG_EN},
        {"zh-Hant-TW, en", LANG_ZH},
        {"en, zh", LANG_EN},
        {"zh, en", LANG_ZH},
        {"*", LANG_ZH},
        {"zh;q=0", LANG_EN},
        {"zh;q=0, *", LANG_EN},
        {"en;q=0, *;q=0.5", LANG_ZH},
        {"en;q=0", LANG_ZH},
        {"en;q=0, zh;q=0", LANG_ZH},
        {" en ; q=1.000 ,\tzh;q=0.999", LANG_EN},
        {"french", LANG_ZH},
        {"english", LANG_ZH},
        {"en;q=banana, zh;q=0.1", LANG_ZH},
        {",,en", LANG_EN},
        {"*;q=0.5, en;q=0.4", LANG_ZH},
        {"en;q=2", LANG_ZH},
        {"en;q=0.0001, zh;q=0.001", LANG_ZH},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (http_language(rows[i].header) != rows[i].wanted) {
            fail_msg("Accept-Language \"%s\"", rows[i].header);
        }
    }
}

static void test_sys_http_value__codings(void **state)
{
    static const struct {
        const char *header;
        bool wanted;
    } rows[] = {{NULL, false},          {"", false},
                {"gzip", true},         {"gzip;q=0", false},
                {"br, GZIP", true},     {"*", true},
                {"*;q=0", false},       {"x-gzip", false},
                {"gzip;q=0.001", true}, {"identity, *;q=0.1", true},
                {"*, gzip;q=0", false}, {"notgzip", false}};
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (http_accepts_coding(rows[i].header, "gzip") != rows[i].wanted) {
            fail_msg("Accept-Encoding \"%s\"", rows[i].header);
        }
    }
}

static void test_sys_http_value__media_types(void **state)
{
    static const struct {
        const char *header;
        bool wanted;
    } rows[] = {{NULL, false},
                {"application/json", true},
                {"Application/JSON ; charset=UTF-8", true},
                {"application/json;charset=\"utf-8\"", true},
                {"application/json;charset=gb18030", false},
                {"application/json; q=x; charset=utf8", true},
                {"application/jsonp", false},
                {"application/json2;", false},
                {"text/json", false},
                {"application/json, text/html", false}};
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (http_media_type_is(rows[i].header, "application/json") != rows[i].wanted) {
            fail_msg("Content-Type \"%s\"", rows[i].header);
        }
    }
}

static void test_sys_http_value__bearer(void **state)
{
    (void)state;
    assert_string_equal(http_bearer("Bearer abc-._~+/=="), "abc-._~+/==");
    assert_string_equal(http_bearer("bearer   abc"), "abc");
    assert_null(http_bearer(NULL));
    assert_null(http_bearer("Bearer"));
    assert_null(http_bearer("Bearer "));
    assert_null(http_bearer("Basic abc"));
    assert_null(http_bearer("Bearer a b"));
    assert_null(http_bearer("Bearer a=b"));
    assert_null(http_bearer("Bearer =="));
    assert_null(http_bearer("Bearer a,Bearer b"));
}

static void test_sys_http_value__tags(void **state)
{
    (void)state;
    assert_true(http_tags_match("\"8\"", "\"8\"", true));
    assert_true(http_tags_match("\"7\" , \"8\"", "\"8\"", true));
    assert_true(http_tags_match("*", "\"8\"", true));
    assert_false(http_tags_match("W/\"8\"", "\"8\"", true));
    assert_true(http_tags_match("W/\"8\"", "\"8\"", false));
    assert_true(http_tags_match("\"8\"", "W/\"8\"", false));
    assert_true(http_tags_match("\"a,b\", \"8\"", "\"a,b\"", true));
    assert_false(http_tags_match("\"a,b\"", "\"b\"", true));
    assert_false(http_tags_match("8", "\"8\"", true));
    assert_false(http_tags_match(NULL, "\"8\"", true));
    assert_false(http_tags_match("", "\"8\"", true));
}

static void test_sys_http_value__parameters(void **state)
{
    char out[24];
    (void)state;
#define PART(text) ((struct http_part){text, sizeof(text) - 1})
    assert_true(http_parameter(PART("for=192.0.2.1;proto=https"), "proto", out, sizeof out));
    assert_string_equal(out, "https");
    assert_true(http_parameter(PART("by=x; FOR=\"[2001:db8::1]:4711\""), "for", out, sizeof out));
    assert_string_equal(out, "[2001:db8::1]:4711");
    assert_true(http_parameter(PART("for=\"a\\\"b;c\""), "for", out, sizeof out));
    assert_string_equal(out, "a\"b;c");
    assert_false(http_parameter(PART("for=1234567890123456789012345"), "for", out, sizeof out));
    assert_false(http_parameter(PART("fore=1"), "for", out, sizeof out));
    assert_false(http_parameter(PART(""), "for", out, sizeof out));
}

static void test_sys_http_value__origins(void **state)
{
    (void)state;
    assert_true(http_origin_is("https://bank.example", true, "bank.example"));
    assert_true(http_origin_is("https://Bank.Example", true, "bank.example:443"));
    assert_true(http_origin_is("http://127.0.0.1:8080", false, "127.0.0.1:8080"));
    assert_false(http_origin_is("http://bank.example", true, "bank.example"));
    assert_false(http_origin_is("https://bank.example.evil", true, "bank.example"));
    assert_false(http_origin_is("https://bank.example:8443", true, "bank.example"));
    assert_false(http_origin_is("null", true, "bank.example"));
    assert_false(http_origin_is("", true, ""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sys_http_value__language_by_weight),
        cmocka_unit_test(test_sys_http_value__codings),
        cmocka_unit_test(test_sys_http_value__media_types),
        cmocka_unit_test(test_sys_http_value__bearer),
        cmocka_unit_test(test_sys_http_value__tags),
        cmocka_unit_test(test_sys_http_value__parameters),
        cmocka_unit_test(test_sys_http_value__origins),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
