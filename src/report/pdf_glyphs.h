/* Draws the glyphs of a layout. Inside of the room. */
#ifndef REPORT_PDF_GLYPHS_H
#define REPORT_PDF_GLYPHS_H

#include "report/pdf.h"

/* Draws pdf->layout with its upper left corner at x, y, in the colour that is set. */
void pdf_glyphs_show(struct pdf *pdf, int x, int y);
void pdf_glyphs_release(struct pdf *pdf);

#endif
