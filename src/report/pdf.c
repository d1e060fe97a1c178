#include "report/pdf.h"

#include "report/pdf_glyphs.h"
#include "report/pdf_text.h"

#include <cairo-pdf.h>

#define FONT     "Noto Sans CJK SC, Noto Sans, sans-serif"
#define FONT_MIN 50
#define TENTHS   10.0
#define TEXT_MAX ((size_t)64 << 10) /* bytes of one text on paper */

#ifdef __SANITIZE_ADDRESS__
/* fontconfig keeps pointers as offsets, which LeakSanitizer cannot follow: what its cache holds looks
 * lost at the end of the process. */
const char *__lsan_default_suppressions(void);
__attribute__((weak)) const char *__lsan_default_suppressions(void)
{
    return "leak:libfontconfig\nleak:libcairo\n";
}
#endif

/* Red, green, blue of 255. */
static const int inks[][3] = {
    [PDF_BLACK] = {26, 26, 26},   [PDF_GREY] = {96, 98, 102},    [PDF_BRAND] = {11, 77, 181},
    [PDF_GREEN] = {22, 110, 62},  [PDF_AMBER] = {158, 94, 0},    [PDF_RED] = {180, 30, 30},
    [PDF_RULE] = {205, 205, 208}, [PDF_SHADE] = {243, 246, 251},
};

static void set_ink(struct pdf *pdf, enum pdf_ink ink)
{
    cairo_set_source_rgb(pdf->cairo, inks[ink][0] / 255.0, inks[ink][1] / 255.0,
                         inks[ink][2] / 255.0);
}

static cairo_status_t write_bytes(void *closure, const unsigned char *bytes, unsigned int size)
{
    struct str *out = closure;
    str_append_bytes(out, bytes, size);
    return out->failed ? CAIRO_STATUS_WRITE_ERROR : CAIRO_STATUS_SUCCESS;
}

enum err pdf_open(struct str *out, int width, int height, enum lang lang, const char *title,
                  struct pdf *pdf)
{
    cairo_surface_t *surface =
        cairo_pdf_surface_create_for_stream(write_bytes, out, width / TENTHS, height / TENTHS);
    struct str fit; /* cairo refuses the whole paper for a title that is no proper text */
    str_init(&fit, TEXT_MAX);
    pdf_text_replace(NULL, title, &fit);
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_TITLE, fit.failed ? "" : fit.bytes);
    str_release(&fit);
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATOR, "Sycee");
    cairo_t *cairo = cairo_create(surface);
    if (cairo_status(cairo) != CAIRO_STATUS_SUCCESS) {
        cairo_destroy(cairo);
        cairo_surface_destroy(surface);
        return ERR_NO_MEMORY;
    }
    cairo_scale(cairo, 1 / TENTHS, 1 / TENTHS);
    PangoLayout *layout = pango_cairo_create_layout(cairo);
    pango_context_set_language(pango_layout_get_context(layout),
                               pango_language_from_string(lang == LANG_ZH ? "zh-cn" : "en"));
    PangoAttrList *attributes = pango_attr_list_new();
    pango_attr_list_insert(attributes, pango_attr_font_features_new("tnum=1, liga=0"));
    pango_attr_list_insert(attributes, pango_attr_insert_hyphens_new(FALSE));
    pango_layout_set_attributes(layout, attributes);
    pango_attr_list_unref(attributes);
    *pdf = (struct pdf){.surface = surface, .cairo = cairo, .layout = layout, .out = out};
    str_init(&pdf->text, TEXT_MAX);
    return ERR_OK;
}

enum err pdf_close(struct pdf *pdf)
{
    cairo_status_t drawing = cairo_status(pdf->cairo);
    g_object_unref(pdf->layout);
    cairo_destroy(pdf->cairo);
    cairo_surface_finish(pdf->surface);
    cairo_status_t writing = cairo_surface_status(pdf->surface);
    cairo_surface_destroy(pdf->surface);
    bool is_short = pdf->out->failed || pdf->text.failed || drawing == CAIRO_STATUS_NO_MEMORY ||
                    writing == CAIRO_STATUS_NO_MEMORY;
    bool is_whole = drawing == CAIRO_STATUS_SUCCESS && writing == CAIRO_STATUS_SUCCESS;
    pdf_glyphs_release(pdf);
    str_release(&pdf->text);
    *pdf = (struct pdf){0};
    return is_short ? ERR_NO_MEMORY : is_whole ? ERR_OK : ERR_INTERNAL;
}

void pdf_page_end(struct pdf *pdf)
{
    cairo_show_page(pdf->cairo);
}

/* --- text --------------------------------------------------------------------------------------
 */

static void set_font(struct pdf *pdf, int size, bool bold)
{
    PangoFontDescription *font = pango_font_description_from_string(FONT);
    pango_font_description_set_absolute_size(font, size * PANGO_SCALE);
    pango_font_description_set_weight(font, bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
    pango_layout_set_font_description(pdf->layout, font);
    pango_font_description_free(font);
}

static void lay_out(struct pdf *pdf, int width, struct pdf_style style, const char *text)
{
    static const PangoAlignment aligns[] = {PANGO_ALIGN_LEFT, PANGO_ALIGN_CENTER,
                                            PANGO_ALIGN_RIGHT};
    int size = style.size;
    set_font(pdf, size, style.bold);
    pango_layout_set_width(pdf->layout, -1);
    pdf_text_replace(pdf->layout, text, &pdf->text);
    pango_layout_set_text(pdf->layout, pdf->text.failed ? "" : pdf->text.bytes, -1);
    pango_layout_set_alignment(pdf->layout, aligns[style.align]);
    pango_layout_set_wrap(pdf->layout, PANGO_WRAP_WORD_CHAR);
    /* A negative height is a number of lines for each paragraph: text is one paragraph. */
    pango_layout_set_single_paragraph_mode(pdf->layout, TRUE);
    pango_layout_set_height(pdf->layout, style.line_max > 1 ? -style.line_max : -1);
    pango_layout_set_ellipsize(pdf->layout,
                               style.shrink ? PANGO_ELLIPSIZE_NONE : PANGO_ELLIPSIZE_END);
    pango_layout_set_width(pdf->layout, -1);
    int needed = 0;
    while (style.shrink && size > FONT_MIN) {
        pango_layout_get_size(pdf->layout, &needed, NULL);
        if (needed <= width * PANGO_SCALE) {
            break;
        }
        size -= 2;
        set_font(pdf, size, style.bold);
    }
    pango_layout_set_width(pdf->layout, width * PANGO_SCALE);
}

static int layout_height(struct pdf *pdf)
{
    int height = 0;
    pango_layout_get_size(pdf->layout, NULL, &height);
    return height / PANGO_SCALE;
}

int pdf_text_height(struct pdf *pdf, int width, struct pdf_style style, const char *text)
{
    lay_out(pdf, width, style, text);
    return layout_height(pdf);
}

int pdf_text(struct pdf *pdf, int x, int y, int width, struct pdf_style style, const char *text)
{
    lay_out(pdf, width, style, text);
    int height = layout_height(pdf);
    int bearing = style.size / 10; /* of a slanted first letter */
    cairo_save(pdf->cairo);
    cairo_rectangle(pdf->cairo, x - bearing, y, width + 2 * bearing, height);
    cairo_clip(pdf->cairo); /* piled accents would reach into other rows */
    set_ink(pdf, style.ink);
    pdf_glyphs_show(pdf, x, y);
    cairo_restore(pdf->cairo);
    return height;
}

/* --- shapes ------------------------------------------------------------------------------------
 */

void pdf_rule(struct pdf *pdf, int x, int y, int width, int thickness, enum pdf_ink ink)
{
    pdf_box(pdf, x, y, width, thickness, ink);
}

void pdf_box(struct pdf *pdf, int x, int y, int width, int height, enum pdf_ink ink)
{
    set_ink(pdf, ink);
    cairo_rectangle(pdf->cairo, x, y, width, height);
    cairo_fill(pdf->cairo);
}

void pdf_mark(struct pdf *pdf, int x, int y, int size)
{
    cairo_t *c = pdf->cairo;
    cairo_save(c);
    cairo_translate(c, x, y);
    cairo_scale(c, size / 64.0, size / 64.0);
    set_ink(pdf, PDF_BRAND);
    cairo_new_path(c); /* text leaves a current point */
    cairo_arc(c, 49, 15, 15, -1.5708, 0);
    cairo_arc(c, 49, 49, 15, 0, 1.5708);
    cairo_arc(c, 15, 49, 15, 1.5708, 3.1416);
    cairo_arc(c, 15, 15, 15, 3.1416, 4.7124);
    cairo_close_path(c);
    cairo_fill(c);
    cairo_set_source_rgb(c, 0.86, 0.91, 1);
    cairo_save(c);
    cairo_translate(c, 32, 27);
    cairo_scale(c, 11, 9);
    cairo_arc(c, 0, 0, 1, 0, 6.2832);
    cairo_restore(c);
    cairo_fill(c);
    cairo_set_source_rgb(c, 1, 1, 1);
    cairo_move_to(c, 7, 25);
    cairo_curve_to(c, 9.5, 23.5, 12, 23.7, 14, 25.5);
    cairo_curve_to(c, 18.6, 29.6, 25, 31.8, 32, 31.8);
    cairo_curve_to(c, 39, 31.8, 45.4, 29.6, 50, 25.5);
    cairo_curve_to(c, 52, 23.7, 54.5, 23.5, 57, 25);
    cairo_curve_to(c, 55.7, 36.5, 49, 45.5, 40.5, 48.5);
    cairo_curve_to(c, 35, 50.3, 29, 50.3, 23.5, 48.5);
    cairo_curve_to(c, 15, 45.5, 8.3, 36.5, 7, 25);
    cairo_close_path(c);
    cairo_fill(c);
    cairo_restore(c);
}
