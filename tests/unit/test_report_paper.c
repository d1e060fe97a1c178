/* PDF output for any text: every part of Unicode is drawn, and the drawing stays in its row. */
#include "base_fixture.h"

#include "report/pdf.h"
#include "report/pdf_text.h"
#include "report/statement.h"

#include <string.h>
#include <unistd.h>

#define ROWS_A_PAGE 24
#define ROW_PITCH   330 /* tenths of a point; the text is 90 high */
#define ROW_X       400
#define ROW_WIDTH   3000
#define RASTER_DPI  36
#define LETTERS     24 /* of a block */
#define CODE_MAX    0x110000
#define BLOCK_SIZE  0x100

static const struct pdf_style STYLE = {.size = 90, .ink = PDF_BLACK, .align = PDF_LEFT};
static int row_heights[CODE_MAX / BLOCK_SIZE];

static size_t put_utf8(unsigned c, char out[4])
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    size_t size = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (size_t i = size; i-- > 1; c >>= 6) {
        out[i] = (char)(0x80 | (c & 0x3f));
    }
    out[0] = (char)((0xf0 << (4 - size) & 0xff) | (int)c);
    return size;
}

/* Letters spread over the block, the last one among them, piled on one another if they combine. */
static void block_text(unsigned block, char *out)
{
    for (unsigned i = 0; i < LETTERS; i++) {
        unsigned c = block * BLOCK_SIZE +
                     (i == LETTERS - 1 ? BLOCK_SIZE - 1 : i * (BLOCK_SIZE / LETTERS) + 1);
        if (c >= 0xd800 && c < 0xe000) {
            continue; /* no UTF-8 has them */
        }
        out += put_utf8(c, out);
    }
    *out = '\0';
}

static enum err draw_blocks(struct str *out)
{
    struct pdf pdf;
    str_init(out, (size_t)64 << 20);
    enum err err = pdf_open(out, PDF_A4_WIDTH, PDF_A4_HEIGHT, LANG_ZH, "blocks", &pdf);
    for (unsigned block = 0; !err && block < CODE_MAX / BLOCK_SIZE; block++) {
        char text[LETTERS * 4 + 1];
        block_text(block, text);
        int y = (int)(block % ROWS_A_PAGE) * ROW_PITCH + 100;
        row_heights[block] = pdf_text(&pdf, ROW_X, y, ROW_WIDTH, STYLE, text);
        if (block % ROWS_A_PAGE == ROWS_A_PAGE - 1 || block == CODE_MAX / BLOCK_SIZE - 1) {
            pdf_page_end(&pdf);
        }
    }
    return err ? err : pdf_close(&pdf);
}

/* Reads one page of a binary PGM; false at the end. */
static bool read_page(FILE *raster, uint8_t *pixels, size_t max, int *width, int *height)
{
    if (fscanf(raster, "P5 %d %d 255", width, height) != 2 || fgetc(raster) == EOF) {
        return false;
    }
    size_t size = (size_t)*width * (size_t)*height;
    assert_true(size <= max);
    assert_int_equal(fread(pixels, 1, size, raster), size);
    return true;
}

/* No pixel is dark outside of the rows' boxes (a pixel of margin for the raster). */
static void check_page(const uint8_t *pixels, int width, int height, unsigned page)
{
    const double scale = RASTER_DPI / 720.0;
    for (int y = 0; y < height; y++) {
        unsigned row = (unsigned)((y / scale - 60) / ROW_PITCH);
        unsigned block = page * ROWS_A_PAGE + row;
        double top = (row * ROW_PITCH + 100) * scale;
        bool is_row = y / scale >= 60 && row < ROWS_A_PAGE && block < CODE_MAX / BLOCK_SIZE;
        double bottom = is_row ? top + row_heights[block] * scale : 0;
        for (int x = 0; x < width; x++) {
            bool is_inside = is_row && y >= top - 1 && y <= bottom + 1 && x >= ROW_X * scale - 2 &&
                             x <= (ROW_X + ROW_WIDTH) * scale + 2;
            if (!is_inside && pixels[y * width + x] < 200) {
                fail_msg("ink at %d,%d of page %u, beside block U+%X", x, y, page,
                         block * BLOCK_SIZE);
            }
        }
    }
}

static void test_report_paper__no_ink_leaves_its_row(void **state)
{
    (void)state;
    struct str out;
    assert_int_equal(draw_blocks(&out), ERR_OK);
    char path[] = "/tmp/paper.XXXXXX", command[128];
    int file = mkstemp(path);
    assert_true(file >= 0 && write(file, out.bytes, out.size) == (ssize_t)out.size);
    close(file);
    str_release(&out);
    snprintf(command, sizeof command, "pdftoppm -gray -r %d %s 2>/dev/null", RASTER_DPI, path);
    FILE *raster = popen(command, "r");
    static uint8_t pixels[1 << 20];
    unsigned pages = 0;
    int width, height;
    size_t dark = 0;
    while (read_page(raster, pixels, sizeof pixels, &width, &height)) {
        check_page(pixels, width, height, pages++);
        for (int i = 0; i < width * height; i++) {
            dark += pixels[i] < 220;
        }
    }
    assert_int_equal(pclose(raster), 0);
    unlink(path);
    assert_int_equal(pages, (CODE_MAX / BLOCK_SIZE + ROWS_A_PAGE - 1) / ROWS_A_PAGE);
    assert_true(dark > 10000); /* the rows are there */
}

static void test_report_paper__rows_of_letters_without_a_glyph_are_as_high_as_others(void **state)
{
    (void)state;
    static const char *const texts[] = {"\xF0\xB1\xB0\xAF\xF0\xB1\xB0\xAF" /* U+31C2F */,
                                        "\xEF\xBF\xBE" /* U+FFFE */,
                                        "\xF0\x9F\x99\x82\xF0\x9F\x98\x80" /* emoji */,
                                        "\xEE\xA1\xA3" /* private */,
                                        "\xff broken",
                                        "one\ntwo\xE2\x80\xA8three"};
    struct str out;
    struct pdf pdf;
    str_init(&out, (size_t)64 << 20);
    assert_int_equal(pdf_open(&out, 2000, 2000, LANG_EN, "\xEF\xBF\xBE", &pdf), ERR_OK);
    int plain = pdf_text_height(&pdf, 1000, STYLE, "\xE6\xB1\x89 text");
    UNIT_ROWS(texts, text)
    {
        UNIT_SAY("%zu", (size_t)(text - texts));
        assert_true(pdf_text_height(&pdf, 1000, STYLE, *text) <= plain);
        pdf_text(&pdf, 0, 0, 1000, STYLE, *text);
    }
    assert_int_equal(pdf_close(&pdf), ERR_OK);
    str_release(&out);
}

static void test_report_paper__what_becomes_of_each_kind_of_letter(void **state)
{
    (void)state;
    static const struct {
        const char *text, *wanted;
    } rows[] = {
        {"plain \xE6\xB1\x89", "plain \xE6\xB1\x89"},
        {"a\xE2\x80\xAE"
         "b",
         "ab"},                           /* right-to-left override */
        {"\xEF\xBF\xBE", "\xE2\x96\xA1"}, /* noncharacter */
        {"\xEF\xB7\x90", "\xE2\x96\xA1"}, /* noncharacter U+FDD0 */
        {"\xEE\x80\x80", "\xE2\x96\xA1"}, /* private use */
        {"a\tb\nc", "a b c"},
        {"\xC3", "\xE2\x96\xA1"},            /* broken UTF-8 */
        {"\xF0\xB1\xB0\xAF", "\xE2\x96\xA1"} /* U+31C2F: no font has it */
    };
    struct str out, replaced;
    struct pdf pdf;
    str_init(&out, (size_t)64 << 20);
    str_init(&replaced, 1 << 10);
    assert_int_equal(pdf_open(&out, 2000, 2000, LANG_EN, "t", &pdf), ERR_OK);
    pdf_text_height(&pdf, 1000, STYLE, "sets the font");
    UNIT_ROWS(rows, row)
    {
        UNIT_SAY("%zu", (size_t)(row - rows));
        pdf_text_replace(pdf.layout, row->text, &replaced);
        assert_string_equal(replaced.bytes, row->wanted);
    }
    assert_int_equal(pdf_close(&pdf), ERR_OK);
    str_release(&replaced);
    str_release(&out);
}

static void test_report_paper__csv_fields_stay_text_in_a_spreadsheet(void **state)
{
    (void)state;
    static const struct {
        const char *text, *wanted;
    } rows[] = {
        {"", ""},
        {"lunch", "lunch"},
        {"=1+1", "'=1+1"},
        {"\xEF\xBC\x9D"
         "1+1",
         "'\xEF\xBC\x9D"
         "1+1"}, /* full width */
        {" =1+1", "' =1+1"},
        {"\xC2\xA0@x", "'\xC2\xA0@x"},
        {"\n=1", "\"'\n=1\""},
        {"\tx", "'\tx"},
        {"\xE2\x80\x8B-2", "'\xE2\x80\x8B-2"}, /* behind a mark of no width */
        {"-12.50", "'-12.50"},
        {"120942089239266795", "'120942089239266795"},
        {"0012", "'0012"},
        {"1E5", "'1E5"},
        {"1/2", "'1/2"},
        {"a=b", "a=b"},
        {"5 cups", "5 cups"},
        {"e", "e"},
    };
    struct str out;
    str_init(&out, 1 << 10);
    UNIT_ROWS(rows, row)
    {
        UNIT_SAY("%s", row->text);
        str_clear(&out);
        str_append(&out, "");
        statement_csv_text(&out, row->text);
        assert_string_equal(out.bytes, row->wanted);
    }
    str_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT_TEST(test_report_paper__no_ink_leaves_its_row),
        UNIT_TEST(test_report_paper__rows_of_letters_without_a_glyph_are_as_high_as_others),
        UNIT_TEST(test_report_paper__csv_fields_stay_text_in_a_spreadsheet),
        UNIT_TEST(test_report_paper__what_becomes_of_each_kind_of_letter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
