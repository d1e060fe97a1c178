/*
 * Why not pango_cairo_show_layout: cairo 1.16 embeds an OpenType font by copying its CFF program,
 * and certain pairs of glyphs (in Noto Sans CJK: U+CB8C with U+CB97) fail an assertion there, which
 * ends the process. Two letters in the text of a payment would stop the bank. A font with a
 * synthesis flag is embedded from its outlines instead; text can still be searched and copied. So
 * the glyphs are shown here, with font faces of our own that carry a flag without effect.
 */
#include "report/pdf_glyphs.h"

#include <cairo-ft.h>
#include <pango/pangofc-font.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* No synthesis that cairo has: BOLD is 1, OBLIQUE 2. */
#define SYNTHESIS_WITHOUT_EFFECT 0x4000u
#define CLUSTERS_MAX             512
#define UNITS                    1024.0 /* PANGO_SCALE of them are one of cairo's */

struct pdf_face {
    char file[512];
    int index;
    FT_Face ft;
    cairo_font_face_t *cairo;
};
struct pdf_faces {
    FT_Library library;
    size_t count;
    struct pdf_face faces[PDF_FACES_MAX];
};

static bool open_face(struct pdf_faces *faces, const char *file, int index, bool is_emboldened)
{
    struct pdf_face *face = &faces->faces[faces->count];
    int size = snprintf(face->file, sizeof face->file, "%s", file);
    if (size >= (int)sizeof face->file ||
        FT_New_Face(faces->library, file, index, &face->ft) != 0) {
        return false;
    }
    face->index = index;
    face->cairo = cairo_ft_font_face_create_for_ft_face(face->ft, FT_LOAD_NO_HINTING);
    cairo_ft_font_face_set_synthesize(face->cairo, SYNTHESIS_WITHOUT_EFFECT);
    if (is_emboldened) {
        cairo_ft_font_face_set_synthesize(face->cairo, CAIRO_FT_SYNTHESIZE_BOLD);
    }
    faces->count++;
    return true;
}

/* The face of our own for a font of the layout; NULL if its file cannot be opened. */
static cairo_font_face_t *face_of(struct pdf *pdf, PangoFont *font)
{
    FcPattern *pattern =
        PANGO_IS_FC_FONT(font) ? pango_fc_font_get_pattern(PANGO_FC_FONT(font)) : NULL;
    FcChar8 *file = NULL;
    FcBool is_emboldened = FcFalse;
    int index = 0;
    if (pattern == NULL || FcPatternGetString(pattern, FC_FILE, 0, &file) != FcResultMatch) {
        return NULL;
    }
    (void)FcPatternGetInteger(pattern, FC_INDEX, 0, &index);
    (void)FcPatternGetBool(pattern, FC_EMBOLDEN, 0, &is_emboldened);
    if (pdf->faces == NULL) {
        pdf->faces = calloc(1, sizeof *pdf->faces);
        if (pdf->faces == NULL || FT_Init_FreeType(&pdf->faces->library) != 0) {
            free(pdf->faces);
            pdf->faces = NULL;
            return NULL;
        }
    }
    for (size_t i = 0; i < pdf->faces->count; i++) {
        struct pdf_face *face = &pdf->faces->faces[i];
        if (face->index == index && strcmp(face->file, (const char *)file) == 0) {
            return face->cairo;
        }
    }
    if (pdf->faces->count == PDF_FACES_MAX ||
        !open_face(pdf->faces, (const char *)file, index, is_emboldened)) {
        return NULL;
    }
    return pdf->faces->faces[pdf->faces->count - 1].cairo;
}

static bool is_drawn(PangoGlyph glyph)
{
    return glyph != PANGO_GLYPH_EMPTY && (glyph & PANGO_GLYPH_UNKNOWN_FLAG) == 0;
}

/* Which bytes of the run's text each group of glyphs shows: false if they do not add up. */
static bool clusters_of(PangoGlyphItem *run, const char *text, int glyph_count,
                        cairo_text_cluster_t *out, int *out_count)
{
    PangoGlyphItemIter iter;
    int bytes = 0, glyphs = 0, count = 0;
    for (bool more = pango_glyph_item_iter_init_start(&iter, run, text); more;
         more = pango_glyph_item_iter_next_cluster(&iter)) {
        if (count == CLUSTERS_MAX) {
            return false;
        }
        cairo_text_cluster_t *cluster = &out[count++];
        *cluster = (cairo_text_cluster_t){.num_bytes = iter.end_index - iter.start_index};
        int first = iter.start_glyph < iter.end_glyph ? iter.start_glyph : iter.end_glyph + 1;
        int end = iter.start_glyph < iter.end_glyph ? iter.end_glyph : iter.start_glyph + 1;
        for (int i = first; i < end; i++) {
            cluster->num_glyphs += is_drawn(run->glyphs->glyphs[i].glyph);
        }
        bytes += cluster->num_bytes;
        glyphs += cluster->num_glyphs;
    }
    *out_count = count;
    return bytes == run->item->length && glyphs == glyph_count;
}

/* x, y: where the run's baseline begins, in Pango's units. */
static void show_run(struct pdf *pdf, PangoGlyphItem *run, int x, int y)
{
    cairo_t *cairo = pdf->cairo;
    cairo_font_face_t *face = face_of(pdf, run->item->analysis.font);
    cairo_scaled_font_t *measured =
        face ? pango_cairo_font_get_scaled_font(PANGO_CAIRO_FONT(run->item->analysis.font)) : NULL;
    PangoGlyphString *string = run->glyphs;
    cairo_glyph_t *glyphs = measured ? cairo_glyph_allocate(string->num_glyphs) : NULL;
    if (glyphs == NULL) {
        return; /* the place stays empty */
    }
    int count = 0;
    for (int i = 0; i < string->num_glyphs; i++) {
        const PangoGlyphInfo *info = &string->glyphs[i];
        if (is_drawn(info->glyph)) {
            glyphs[count++] = (cairo_glyph_t){.index = info->glyph,
                                              .x = (x + info->geometry.x_offset) / UNITS,
                                              .y = (y + info->geometry.y_offset) / UNITS};
        }
        x += info->geometry.width;
    }
    cairo_matrix_t matrix;
    cairo_scaled_font_get_font_matrix(measured, &matrix);
    cairo_set_font_face(cairo, face);
    cairo_set_font_matrix(cairo, &matrix);
    cairo_text_cluster_t clusters[CLUSTERS_MAX];
    int cluster_count = 0;
    const char *text = pango_layout_get_text(pdf->layout);
    if (clusters_of(run, text, count, clusters, &cluster_count)) {
        bool is_backward = run->item->analysis.level % 2 != 0;
        cairo_show_text_glyphs(cairo, text + run->item->offset, run->item->length, glyphs, count,
                               clusters, cluster_count,
                               is_backward ? CAIRO_TEXT_CLUSTER_FLAG_BACKWARD : 0);
    } else {
        cairo_show_glyphs(cairo, glyphs, count);
    }
    cairo_glyph_free(glyphs);
}

void pdf_glyphs_show(struct pdf *pdf, int x, int y)
{
    PangoLayoutIter *iter = pango_layout_get_iter(pdf->layout);
    do {
        PangoGlyphItem *run = pango_layout_iter_get_run_readonly(iter);
        if (run != NULL) { /* NULL ends a line */
            PangoRectangle logical;
            pango_layout_iter_get_run_extents(iter, NULL, &logical);
            show_run(pdf, run, x * PANGO_SCALE + logical.x,
                     y * PANGO_SCALE + pango_layout_iter_get_baseline(iter));
        }
    } while (pango_layout_iter_next_run(iter));
    pango_layout_iter_free(iter);
}

void pdf_glyphs_release(struct pdf *pdf)
{
    if (pdf->faces == NULL) {
        return;
    }
    for (size_t i = 0; i < pdf->faces->count; i++) {
        cairo_font_face_destroy(pdf->faces->faces[i].cairo);
        (void)FT_Done_Face(pdf->faces->faces[i].ft);
    }
    (void)FT_Done_FreeType(pdf->faces->library);
    free(pdf->faces);
    pdf->faces = NULL;
}
