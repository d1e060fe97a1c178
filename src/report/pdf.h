/*
 * Paper: text and lines on pages of a PDF (cairo, Pango), appended to a buffer as they are made.
 * Geometry is whole tenths of a point from the upper left corner. Text is UTF-8 of either language;
 * figures are of equal width. One thread at a time; errors gather and show in pdf_close.
 */
#ifndef REPORT_PDF_H
#define REPORT_PDF_H

#include "base/err.h"
#include "base/str.h"

#include <cairo.h>
#include <pango/pangocairo.h>
#include <stdbool.h>

#define PDF_A4_WIDTH  5953
#define PDF_A4_HEIGHT 8419
#define PDF_A5_WIDTH  4195
#define PDF_A5_HEIGHT 5953

enum pdf_align { PDF_LEFT, PDF_CENTRE, PDF_RIGHT };
enum pdf_ink { PDF_BLACK, PDF_GREY, PDF_BRAND, PDF_GREEN, PDF_AMBER, PDF_RED, PDF_RULE, PDF_SHADE };

#define PDF_FACES_MAX 32 /* fonts of one paper */
struct pdf_faces;

struct pdf {
    cairo_surface_t *surface;
    cairo_t *cairo;
    PangoLayout *layout;
    struct str *out;
    struct str text; /* the text at work, fit for paper */
    struct pdf_faces *faces;
};

struct pdf_style {
    int size; /* of the font, tenths of a point */
    enum pdf_ink ink;
    enum pdf_align align;
    bool bold;
    int line_max; /* lines after which text ends in an ellipsis; 0: 1 */
    bool shrink;  /* one line: the font shrinks until the text fits */
};

/* ERR_NO_MEMORY. `title` is the document's name in a viewer's list. After an error nothing is to be
 * closed. */
enum err pdf_open(struct str *out, int width, int height, enum lang lang, const char *title,
                  struct pdf *pdf);
/* Writes what is left, releases all. ERR_NO_MEMORY (also if `out` is full), ERR_INTERNAL (cairo
 * refused a drawing). */
enum err pdf_close(struct pdf *pdf);
void pdf_page_end(struct pdf *pdf);

/* Text in a column; gives its height. A character that no font has is a box of the text's size; no
 * ink leaves the column and that height. */
int pdf_text(struct pdf *pdf, int x, int y, int width, struct pdf_style style, const char *text);
/* Height that it would have. */
int pdf_text_height(struct pdf *pdf, int width, struct pdf_style style, const char *text);
void pdf_rule(struct pdf *pdf, int x, int y, int width, int thickness, enum pdf_ink ink);
void pdf_box(struct pdf *pdf, int x, int y, int width, int height, enum pdf_ink ink);
/* The bank's mark, as on the app's icon (apps/customer/public/icon.svg), `size` wide. */
void pdf_mark(struct pdf *pdf, int x, int y, int size);

#endif
