/* Validation of text: the golden rows, which the apps replay too, and every character of Unicode. */
#include "base/identifier.h"
#include "base/name.h"
#include "base/text.h"
#include "base_fixture.h"

#include <string.h>
#include <unicode/uchar.h>
#include <unicode/uscript.h>

#define GOLDEN    "tests/golden/text/door.tsv"
#define LINE_SIZE 1024

/* Writes the text with its \u{…} as UTF-8. */
static void unescape(const char *text, char *out)
{
    while (*text != '\0') {
        if (strncmp(text, "\\u{", 3) == 0) {
            char *end = NULL;
            out += text_put((uint32_t)strtoul(text + 3, &end, 16), out);
            text = end + 1;
        } else {
            *out++ = *text++;
        }
    }
    *out = '\0';
}

/* The written form by a rule; "" if refused. */
static void written_form(const char *rule, const char *typed, char out[LINE_SIZE])
{
    struct phone phone;
    out[0] = '\0';
    if (strcmp(rule, "name") == 0) {
        if (name_parse(typed, out) != ERR_OK) {
            out[0] = '\0';
        }
    } else if (strcmp(rule, "number") == 0) {
        assert_true(identifier_tidy(typed, out, LINE_SIZE));
    } else if (strcmp(rule, "mobile") == 0) {
        bool is_mobile =
            identifier_parse_phone(typed, &phone) == IDENTIFIER_VALID && phone.is_china_mobile;
        snprintf(out, LINE_SIZE, "%s", is_mobile ? phone.number : "");
    } else if (strcmp(rule, "text") == 0) {
        if (text_refused(typed) == TEXT_ALL_TAKEN) {
            assert_int_equal(text_compose(typed, out, LINE_SIZE), ERR_OK);
        }
    } else {
        fail_msg("no such rule: %s", rule);
    }
}

static void test_base_door__golden_rows(void **state)
{
    (void)state;
    char line[LINE_SIZE], typed[LINE_SIZE], wanted[LINE_SIZE], got[LINE_SIZE];
    int rows = 0;
    FILE *file = fopen(GOLDEN, "r");
    assert_non_null(file);
    while (fgets(line, sizeof line, file) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        if (line[0] == '#' || line[0] == '\0') {
            continue;
        }
        char *first = strchr(line, '\t');
        char *second = first == NULL ? NULL : strchr(first + 1, '\t');
        assert_non_null(second);
        *first = *second = '\0';
        unescape(first + 1, typed);
        unescape(second + 1, wanted);
        UNIT_SAY("%.20s %.200s", line, first + 1);
        written_form(line, typed, got);
        assert_string_equal(got, wanted);
        rows++;
    }
    unit_row[0] = '\0';
    fclose(file);
    assert_true(rows > 90);
}

/* A text with one code point between two others. */
static void between(const char *before, uint32_t point, const char *after, char out[LINE_SIZE])
{
    size_t used = (size_t)snprintf(out, LINE_SIZE, "%s", before);
    used += text_put(point, out + used);
    snprintf(out + used, LINE_SIZE - used, "%s", after);
}

static bool is_surrogate(uint32_t point)
{
    return point >= 0xD800 && point <= 0xDFFF;
}

/* Cross-check with ICU's properties: no character of a class is missing in the table. */
static void test_base_door__the_table_is_unicodes(void **state)
{
    (void)state;
    for (uint32_t point = 1; point <= 0x10FFFF; point++) {
        if (is_surrogate(point)) {
            continue;
        }
        UChar32 c = (UChar32)point;
        char text[LINE_SIZE];
        between("", point, "", text);
        bool is_taken = text_refused(text) == TEXT_ALL_TAKEN;
        enum text_kind kind = text_kind_of(point);
        int8_t type = u_charType(c);
        UNIT_SAY("U+%04X", point);
        if (u_hasBinaryProperty(c, UCHAR_NONCHARACTER_CODE_POINT) || type == U_CONTROL_CHAR) {
            assert_false(is_taken);
        }
        if (u_isUWhiteSpace(c)) {
            assert_true(kind == TEXT_SPACE || kind == TEXT_BREAK);
        }
        if (u_hasBinaryProperty(c, UCHAR_BIDI_CONTROL)) {
            assert_true(kind == TEXT_TURN || kind == TEXT_UNSEEN);
        } else if (u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT)) {
            assert_true(kind == TEXT_UNSEEN || !is_taken);
        }
        if (u_hasBinaryProperty(c, UCHAR_UNIFIED_IDEOGRAPH)) {
            assert_int_equal(kind, TEXT_HAN);
        }
        if (type == U_PRIVATE_USE_CHAR) {
            assert_true(!is_taken || (point >= 0xE78D && point <= 0xE864));
        }
    }
    unit_row[0] = '\0';
}

/* Every Han letter of GB 18030 and beyond, unified or compatibility, is a letter of a name and comes
 * out unified; every dash joins Latin parts and is no part of a number. */
static void test_base_door__every_han_letter_and_dash(void **state)
{
    (void)state;
    size_t letters = 0, dashes = 0;
    for (uint32_t point = 0x80; point <= 0x10FFFF; point++) {
        UErrorCode status = U_ZERO_ERROR;
        UChar32 c = (UChar32)point;
        char text[LINE_SIZE], name[NAME_SIZE], number[LINE_SIZE];
        UNIT_SAY("U+%04X", point);
        bool is_han = u_charType(c) == U_OTHER_LETTER &&
                      uscript_getScript(c, &status) == USCRIPT_HAN && U_SUCCESS(status);
        if (is_han && point != 0x3006) { /* the closing mark of Japanese letters */
            between("张", point, "", text);
            assert_int_equal(name_parse(text, name), ERR_OK);
            const char *at = name;
            assert_int_equal(text_next(&at), 0x5F20);
            uint32_t kept = text_next(&at);
            assert_true(u_hasBinaryProperty((UChar32)kept, UCHAR_UNIFIED_IDEOGRAPH));
            assert_int_equal(*at, '\0');
            letters++;
        }
        if (u_charType(c) == U_DASH_PUNCTUATION) {
            between("Mary", point, "Jane", text);
            assert_int_equal(name_parse(text, name), ERR_OK);
            assert_string_equal(name, "Mary-Jane");
            between("138", point, "00138000", text);
            assert_true(identifier_tidy(text, number, sizeof number));
            assert_string_equal(number, "13800138000");
            dashes++;
        }
    }
    unit_row[0] = '\0';
    assert_true(letters > 93000);
    assert_true(dashes > 20);
}

static void test_base_door__every_space_dot_and_unseen_mark(void **state)
{
    (void)state;
    size_t dots = 0;
    for (uint32_t point = 1; point <= 0x10FFFF; point++) {
        enum text_kind kind = is_surrogate(point) ? TEXT_OTHER : text_kind_of(point);
        char text[LINE_SIZE], name[NAME_SIZE], number[LINE_SIZE];
        bool is_blank = kind == TEXT_SPACE || kind == TEXT_BREAK;
        bool is_unseen = kind == TEXT_UNSEEN || kind == TEXT_TURN;
        if (!is_blank && !is_unseen && kind != TEXT_DOT) {
            continue;
        }
        UNIT_SAY("U+%04X", point);
        between("古丽米热", point, "艾比布力", text);
        assert_int_equal(name_parse(text, name), ERR_OK);
        assert_string_equal(name, is_unseen ? "古丽米热艾比布力" : "古丽米热·艾比布力");
        between("138", point, "00138000", text);
        assert_true(identifier_tidy(text, number, sizeof number));
        assert_string_equal(number, "13800138000");
        if (kind != TEXT_DOT) {
            between("张", point, "三", text);
            assert_int_equal(name_parse(text, name), ERR_OK);
            assert_string_equal(name, "张三");
        }
        dots += kind == TEXT_DOT;
    }
    unit_row[0] = '\0';
    assert_true(dots > 15);
}

static void test_base_door__ends_of_buffers(void **state)
{
    (void)state;
    char out[8], text[3 * NAME_LENGTH_MAX + 4] = "", name[NAME_SIZE];
    assert_int_equal(text_compose("1234567", out, sizeof out), ERR_OK);
    assert_int_equal(text_compose("12345678", out, sizeof out), ERR_OVERFLOW);
    assert_int_equal(text_refused("a\xff"), 0xFFFD);
    assert_int_equal(text_refused_typed("1\t2\n\u202E3"), TEXT_ALL_TAKEN);
    assert_int_equal(text_refused_typed("1\x1b"
                                        "2"),
                     0x1B);
    assert_int_equal(text_refused_typed("1\uE000"), 0xE000);
    for (int i = 0; i < NAME_LENGTH_MAX; i++) {
        strcat(text, "林");
    }
    assert_int_equal(name_parse(text, name), ERR_OK);
    assert_string_equal(name, text);
    strcat(text, "林");
    assert_int_equal(name_parse(text, name), ERR_INVALID_FIELD);
    assert_int_equal(name_parse("林\xe6", name), ERR_INVALID_FIELD);
    char widest[4 * NAME_LENGTH_MAX + 1] = "";
    for (int i = 0; i < NAME_LENGTH_MAX; i++) {
        strcat(widest, "\xF0\xB0\x80\x80");
    }
    assert_int_equal(name_parse(widest, name), ERR_OK);
    assert_int_equal(strlen(name), NAME_SIZE - 1);
    char hidden[3 * (TEXT_POINTS_MAX + 2) + 1] = "";
    for (int i = 0; i < TEXT_POINTS_MAX + 1; i++) {
        strcat(hidden, "1");
    }
    struct text_points points;
    assert_false(text_fold(hidden, &points));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT_TEST(test_base_door__golden_rows),
        UNIT_TEST(test_base_door__the_table_is_unicodes),
        UNIT_TEST(test_base_door__every_han_letter_and_dash),
        UNIT_TEST(test_base_door__every_space_dot_and_unseen_mark),
        UNIT_TEST(test_base_door__ends_of_buffers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
