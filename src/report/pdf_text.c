/* Text made fit for paper: what may not stand in a PDF or has no glyph becomes a box of the text's
 * size, so that no text of a person spoils a page. */
#include "report/pdf_text.h"

#include <glib.h>

#define BOX                   "\xE2\x96\xA1" /* U+25A1 WHITE SQUARE */
#define BOX_WITHOUT           "?"            /* no installed font has the square */
#define ZERO_WIDTH_NON_JOINER 0x200C
#define ZERO_WIDTH_JOINER     0x200D

enum fate { FATE_DRAW, FATE_BLANK, FATE_LEAVE_OUT, FATE_BOX };

static enum fate fate_of(gunichar c)
{
    switch ((int)g_unichar_type(c)) {
    case G_UNICODE_LINE_SEPARATOR:
    case G_UNICODE_PARAGRAPH_SEPARATOR:
    case G_UNICODE_CONTROL:
        return FATE_BLANK;
    case G_UNICODE_FORMAT: /* direction marks, tags: they move what is drawn */
        return c == ZERO_WIDTH_JOINER || c == ZERO_WIDTH_NON_JOINER ? FATE_DRAW : FATE_LEAVE_OUT;
    case G_UNICODE_SURROGATE:
    case G_UNICODE_PRIVATE_USE:
    case G_UNICODE_UNASSIGNED: /* noncharacters too: no PDF may hold one */
        return FATE_BOX;
    default:
        return FATE_DRAW;
    }
}

static bool has_glyphs(PangoLayout *layout, const char *text)
{
    pango_layout_set_text(layout, text, -1);
    return pango_layout_get_unknown_glyphs_count(layout) == 0;
}

/* `layout`: NULL, or the layout whose font is asked for each character's glyph. */
static void replace_characters(PangoLayout *layout, const char *text, const char *box,
                               struct str *out)
{
    while (*text != '\0') {
        gunichar c = g_utf8_get_char_validated(text, -1);
        bool is_valid = c != (gunichar)-1 && c != (gunichar)-2;
        enum fate fate = is_valid ? fate_of(c) : FATE_BOX;
        char bytes[8] = {0};
        size_t size = is_valid ? (size_t)g_unichar_to_utf8(c, bytes) : 1;
        if (fate == FATE_DRAW && layout != NULL && !has_glyphs(layout, bytes)) {
            fate = FATE_BOX;
        }
        if (fate != FATE_LEAVE_OUT) {
            str_append(out, fate == FATE_BOX ? box : fate == FATE_BLANK ? " " : bytes);
        }
        text += size;
    }
}

void pdf_text_replace(PangoLayout *layout, const char *text, struct str *out)
{
    str_clear(out);
    replace_characters(NULL, text, BOX, out);
    if (layout != NULL && !out->failed && !has_glyphs(layout, out->bytes)) {
        const char *box = has_glyphs(layout, BOX) ? BOX : BOX_WITHOUT;
        str_clear(out);
        replace_characters(layout, text, box, out);
    }
}
