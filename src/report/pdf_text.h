/* What of a text can be drawn. Inside of the room. */
#ifndef REPORT_PDF_TEXT_H
#define REPORT_PDF_TEXT_H

#include "base/str.h"

#include <pango/pangocairo.h>

/* Replaces `out` by the text with a box for each character that may not stand in a PDF (private
 * use, unassigned, noncharacters, broken UTF-8) or that no font of the layout has, a blank for
 * controls and line ends, and without marks of direction. Changes the layout's text. `layout`: NULL
 * if glyphs do not matter. */
void pdf_text_replace(PangoLayout *layout, const char *text, struct str *out);

#endif
