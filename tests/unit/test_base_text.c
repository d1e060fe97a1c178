#include "base/arena.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/id.h"
#include "base/json.h"
#include "base/str.h"
#include "base_fixture.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void test_base_err__rows_are_whole(void **state)
{
    (void)state;
    for (int i = 0; i < (int)ERR_COUNT; i++) {
        enum err err = (enum err)i;
        UNIT_SAY("%s", err_slug(err));
        assert_int_equal(err_from_slug(err_slug(err)), err);
        assert_true(strlen(err_text(err, LANG_EN)) > 0 && strlen(err_text(err, LANG_ZH)) > 0);
        assert_true(str_is_utf8(err_text(err, LANG_ZH), strlen(err_text(err, LANG_ZH))));
        assert_true(err == ERR_OK ? err_http_status(err) == 200 : err_http_status(err) >= 400);
        assert_true(strlen(err_reason_code(err)) == 0 || strlen(err_reason_code(err)) == 4);
    }
    unit_row[0] = '\0';
    assert_int_equal(err_from_slug("no-such-slug"), ERR_COUNT);
    assert_string_equal(err_slug(ERR_CURRENCY_MISMATCH), "currency-mismatch");
    assert_true(err_is_retryable(ERR_UNAVAILABLE));
    assert_false(err_is_retryable(ERR_INVALID_AMOUNT));
}

static void file_make(char *path)
{
    int file = mkstemp(path);
    assert_true(file >= 0);
    close(file);
}

static void file_write(const char *path, const char *text)
{
    FILE *stream = fopen(path, "wb");
    assert_non_null(stream);
    fputs(text, stream);
    fclose(stream);
}

/* tools/errors joins the files of several rooms; a fault is named, and nothing is written that could
 * be compiled. */
static void test_base_err__registry_refuses_bad_rows(void **state)
{
    (void)state;
    static const struct {
        const char *what, *text;
        int wanted;
        const char *second; /* the text of a second room's file, NULL: there is one file */
    } rows[] = {
        {"a good row", "A\ta\t400\t0\tAM04\tx\ty\n", 0, NULL},
        {"a quote and a backslash", "A\ta\t400\t0\t\tx \"q\" \\n\ty\n", 0, NULL},
        {"six columns", "A\ta\t400\t0\t\tx\n", 1, NULL},
        {"eight columns", "A\ta\t400\t0\t\tx\ty\tz\n", 1, NULL},
        {"a name twice", "A\ta\t400\t0\t\tx\ty\nA\tb\t400\t0\t\tx\ty\n", 1, NULL},
        {"a slug twice", "A\ta\t400\t0\t\tx\ty\nB\ta\t400\t0\t\tx\ty\n", 1, NULL},
        {"no english", "A\ta\t400\t0\t\t\ty\n", 1, NULL},
        {"no chinese", "A\ta\t400\t0\t\tx\t\n", 1, NULL},
        {"no status", "A\ta\t4\t0\t\tx\ty\n", 1, NULL},
        {"no yes or no", "A\ta\t400\t2\t\tx\ty\n", 1, NULL},
        {"nothing", "# name\n", 1, NULL},
        {"two files", "A\ta\t400\t0\t\tx\ty\n", 0, "B\tb\t400\t0\t\tx\ty\n"},
        {"a name in two files", "A\ta\t400\t0\t\tx\ty\n", 1, "A\tb\t400\t0\t\tx\ty\n"},
        {"a slug in two files", "A\ta\t400\t0\t\tx\ty\n", 1, "B\ta\t400\t0\t\tx\ty\n"},
        {"a bad row in the second", "A\ta\t400\t0\t\tx\ty\n", 1, "B\tb\t400\t0\t\tx\t\n"},
    };
    char path[] = "/tmp/sycee-errors-XXXXXX", second[] = "/tmp/sycee-errors-XXXXXX";
    file_make(path);
    file_make(second);
    UNIT_ROWS(rows, row)
    {
        char command[128];
        UNIT_SAY("%s", row->what);
        file_write(path, row->text);
        if (row->second != NULL) {
            file_write(second, row->second);
        }
        snprintf(command, sizeof command, "tools/errors %s %s 2>/dev/null", path,
                 row->second != NULL ? second : "");
        FILE *output = popen(command, "r");
        assert_non_null(output);
        char lines[512] = "";
        size_t size = fread(lines, 1, sizeof lines - 1, output);
        assert_int_equal(WEXITSTATUS(pclose(output)), row->wanted);
        assert_true(row->wanted == 0 ? size > 0 : size == 0);
        if (strchr(row->text, '"') != NULL) {
            assert_non_null(strstr(lines, "\"x \\\"q\\\" \\\\n\""));
        }
        if (row->second != NULL && row->wanted == 0) {
            const char *first = strstr(lines, "ERR_ROW(A,");
            assert_non_null(first);
            assert_non_null(strstr(first, "ERR_ROW(B,"));
        }
    }
    remove(path);
    remove(second);
}

static void test_base_str__grows_to_its_maximum_and_fails(void **state)
{
    (void)state;
    struct str str;
    str_init(&str, 100);
    assert_string_equal(str.bytes, "");
    for (int i = 0; i < 100; i++) {
        str_append_char(&str, 'a');
    }
    assert_false(str.failed);
    assert_int_equal(str.size, 100);
    str_append(&str, "b");
    assert_true(str.failed);
    assert_int_equal(strlen(str.bytes), 100);
    str_clear(&str);
    str_printf(&str, "%d-%s", 5, "x");
    str_append_int(&str, INT64_MIN);
    str_append_int(&str, 0);
    assert_string_equal(str.bytes, "5-x-92233720368547758080");
    str_printf(&str, "%200d", 1);
    assert_true(str.failed);
    str_release(&str);
}

static void test_base_str__escapes(void **state)
{
    (void)state;
    struct str str;
    str_init(&str, 1000);
    str_append_json(&str, "a\"\\\n\t\x01中€😀\x7f\xff\xc0\xaf");
    assert_string_equal(str.bytes, "\"a\\\"\\\\\\n\\t\\u0001中€😀\\u007f���\"");
    str_clear(&str);
    str_append_csv(&str, "plain");
    str_append_char(&str, ',');
    str_append_csv(&str, "a,\"b\"\n");
    assert_string_equal(str.bytes, "plain,\"a,\"\"b\"\"\n\"");
    str_release(&str);
}

static void test_base_str__knows_utf8(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool wanted;
    } rows[] = {
        {"", true},
        {"abc", true},
        {"中文", true},
        {"😀", true},
        {"\xf4\x8f\xbf\xbf", true},
        {"\x80", false},
        {"\xc0\x80", false},
        {"\xc1\xbf", false},
        {"\xe0\x80\x80", false},
        {"\xed\xa0\x80", false},
        {"\xf0\x80\x80\x80", false},
        {"\xf4\x90\x80\x80", false},
        {"\xf5\x80\x80\x80", false},
        {"\xe4\xb8", false},
        {"\xe4\xb8z", false},
    };
    UNIT_ROWS(rows, row)
    {
        UNIT_SAY("row %ld", (long)(row - rows));
        assert_int_equal(str_is_utf8(row->text, strlen(row->text)), row->wanted);
    }
    assert_int_equal(str_length_utf8("a中😀"), 3);
}

static void test_base_str__reads_numbers_and_hex(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool wanted;
        int64_t value;
    } rows[] = {
        {"0", true, 0},
        {"-1", true, -1},
        {"9223372036854775807", true, INT64_MAX},
        {"-9223372036854775808", true, INT64_MIN},
        {"9223372036854775808", false, 0},
        {"-9223372036854775809", false, 0},
        {"", false, 0},
        {"-", false, 0},
        {"+1", false, 0},
        {"1 ", false, 0},
    };
    UNIT_ROWS(rows, row)
    {
        int64_t value = 0;
        UNIT_SAY("%s", row->text);
        assert_int_equal(str_to_int(row->text, &value), row->wanted);
        assert_int_equal(value, row->value);
    }
    static const uint8_t bytes[] = {0x00, 0xab, 0xff};
    char hex[7];
    uint8_t again[3];
    str_to_hex(bytes, 3, hex);
    assert_string_equal(hex, "00abff");
    assert_true(str_from_hex("00ABff", again, 3));
    assert_memory_equal(again, bytes, 3);
    assert_false(str_from_hex("00abf", again, 3));
    assert_false(str_from_hex("00abfg", again, 3));
    assert_false(str_from_hex("00abff00", again, 3));
}

static void test_base_arena__gives_aligned_memory_up_to_its_maximum(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 100000);
    for (int round = 0; round < 3; round++) {
        char *first = arena_strdup(&arena, "first");
        for (size_t size = 0; size < 300; size++) {
            unsigned char *memory = arena_alloc(&arena, size);
            assert_non_null(memory);
            assert_int_equal((uintptr_t)memory % 16, 0);
            memset(memory, 0xee, size);
        }
        unsigned char *zeros = arena_zero(&arena, 20000);
        for (int i = 0; i < 20000; i++) {
            assert_int_equal(zeros[i], 0);
        }
        assert_string_equal(first, "first");
        assert_string_equal(arena_printf(&arena, "%s-%d", "x", 7), "x-7");
        assert_null(arena_alloc(&arena, 100000));
        assert_null(arena_alloc(&arena, SIZE_MAX));
        arena_reset(&arena);
        assert_int_equal(arena.used, 0);
    }
    arena_release(&arena);
    assert_null(arena.newest);
}

/* BLAKE2b-256 of "" and "abc" (RFC 7693 parameters with a 32-byte digest). */
static void test_base_hash__is_blake2b_256(void **state)
{
    (void)state;
    static const struct {
        const char *text, *wanted;
    } rows[] = {
        {"", "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8"},
        {"abc", "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319"},
    };
    UNIT_ROWS(rows, row)
    {
        char hex[2 * HASH_SIZE + 1];
        struct hash hash = hash_of(row->text, strlen(row->text));
        str_to_hex(hash.bytes, HASH_SIZE, hex);
        assert_string_equal(hex, row->wanted);

        struct hash_stream stream;
        hash_stream_init(&stream);
        for (size_t i = 0; i < strlen(row->text); i++) {
            hash_stream_add(&stream, row->text + i, 1);
        }
        struct hash streamed = hash_stream_final(&stream);
        assert_true(hash_equal(&hash, &streamed));
    }
    struct hash_key key = {{1}};
    struct hash_key other = {{2}};
    struct hash a = hash_keyed(&key, "abc", 3);
    struct hash b = hash_keyed(&other, "abc", 3);
    struct hash plain = hash_of("abc", 3);
    assert_false(hash_equal(&a, &b));
    assert_false(hash_equal(&a, &plain));
}

static void test_base_hash__spreads_over_the_buckets(void **state)
{
    (void)state;
    int counts[BUCKET_COUNT] = {0};
    for (int i = 0; i < BUCKET_COUNT * 32; i++) {
        struct hash hash = hash_of(&i, sizeof i);
        counts[bucket_of_hash(hash.bytes, HASH_SIZE)]++;
    }
    for (int i = 0; i < BUCKET_COUNT; i++) {
        assert_in_range(counts[i], 8, 72);
    }
}

static void test_base_json__takes_one_strict_object(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum err wanted;
    } rows[] = {
        {"{}", ERR_OK},
        {" {\"a\":[{\"b\":\"[[[\\\"{\"}]}\n", ERR_OK},
        {"", ERR_INVALID_JSON},
        {"[]", ERR_INVALID_JSON},
        {"1", ERR_INVALID_JSON},
        {"{} {}", ERR_INVALID_JSON},
        {"{\"a\":1,\"a\":2}", ERR_INVALID_JSON},
        {"{\"a\":1,}", ERR_INVALID_JSON},
        {"{'a':1}", ERR_INVALID_JSON},
        {"{\"a\":NaN}", ERR_INVALID_JSON},
        {"{\"a\":\"\xff\"}", ERR_INVALID_JSON},
        {"{\"a\":\"\\u0000\"}", ERR_INVALID_JSON},
        {"{\"a\":99999999999999999999}", ERR_INVALID_JSON},
        {"{\"a\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}", ERR_OK},
        {"{\"a\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}",
         ERR_INVALID_JSON},
    };
    UNIT_ROWS(rows, row)
    {
        json_t *object = NULL;
        UNIT_SAY("%s", row->text);
        assert_int_equal(json_parse_object(row->text, strlen(row->text), 200, &object),
                         row->wanted);
        json_decref(object);
    }
    json_t *object = NULL;
    assert_int_equal(json_parse_object("{}   ", 5, 4, &object), ERR_INVALID_JSON);
}

static void test_base_json__gets_typed_members(void **state)
{
    (void)state;
    static const char text[] =
        "{\"t\":\"x\",\"i\":-5,\"b\":true,\"n\":null,\"r\":1.0,\"d\":\"2026-02-28\",\"id\":\"77\","
        "\"m\":{\"amount\":\"1.20\",\"currency\":\"CNY\"},"
        "\"m2\":{\"amount\":1.2,\"currency\":\"CNY\"},"
        "\"m3\":{\"amount\":\"1.20\",\"currency\":\"CNY\",\"x\":1},"
        "\"m4\":{\"amount\":\"1.205\",\"currency\":\"CNY\"},"
        "\"m5\":{\"amount\":\"1.20\",\"currency\":\"ABC\"}}";
    json_t *object = NULL;
    const char *value = NULL;
    int64_t number = 0;
    bool flag = false;
    struct date date;
    struct money money;
    assert_int_equal(json_parse_object(text, strlen(text), 1000, &object), ERR_OK);
    assert_int_equal(json_get_text(object, "t", &value), ERR_OK);
    assert_string_equal(value, "x");
    assert_int_equal(json_get_text(object, "i", &value), ERR_INVALID_FIELD);
    assert_int_equal(json_get_text(object, "zz", &value), ERR_INVALID_FIELD);
    assert_int_equal(json_get_int(object, "i", &number), ERR_OK);
    assert_int_equal(number, -5);
    assert_int_equal(json_get_int(object, "r", &number), ERR_INVALID_FIELD);
    assert_int_equal(json_get_bool(object, "b", &flag), ERR_OK);
    assert_true(flag);
    assert_int_equal(json_get_bool(object, "i", &flag), ERR_INVALID_FIELD);
    assert_true(json_has(object, "t"));
    assert_false(json_has(object, "n"));
    assert_int_equal(json_get_date(object, "d", &date), ERR_OK);
    assert_int_equal(json_get_date(object, "t", &date), ERR_INVALID_DATE);
    assert_int_equal(json_get_id(object, "id", &number), ERR_OK);
    assert_int_equal(number, 77);
    assert_int_equal(json_get_id(object, "t", &number), ERR_INVALID_ID);
    assert_int_equal(json_get_money(object, "m", &money), ERR_OK);
    assert_int_equal(money.minor, 120);
    assert_int_equal(json_get_money(object, "m2", &money), ERR_INVALID_FIELD);
    assert_int_equal(json_get_money(object, "m3", &money), ERR_INVALID_FIELD);
    assert_int_equal(json_get_money(object, "m4", &money), ERR_INVALID_AMOUNT);
    assert_int_equal(json_get_money(object, "m5", &money), ERR_UNKNOWN_CURRENCY);
    json_t *again = json_from_money(money);
    assert_true(json_equal(again, json_object_get(object, "m")));
    json_decref(again);
    json_decref(object);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT_TEST(test_base_err__rows_are_whole),
        UNIT_TEST(test_base_err__registry_refuses_bad_rows),
        UNIT_TEST(test_base_str__grows_to_its_maximum_and_fails),
        UNIT_TEST(test_base_str__escapes),
        UNIT_TEST(test_base_str__knows_utf8),
        UNIT_TEST(test_base_str__reads_numbers_and_hex),
        UNIT_TEST(test_base_arena__gives_aligned_memory_up_to_its_maximum),
        UNIT_TEST(test_base_hash__is_blake2b_256),
        UNIT_TEST(test_base_hash__spreads_over_the_buckets),
        UNIT_TEST(test_base_json__takes_one_strict_object),
        UNIT_TEST(test_base_json__gets_typed_members),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
