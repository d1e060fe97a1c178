/*
 * The flat card, drawn with cairo and pango. Lengths are pixels of 1500 x 946; in place of the
 * emblem
 * there is a plain disc with 样本.
 */
#include "cards.h"

#include "base/check.h"

#include <math.h>
#include <pango/pangocairo.h>
#include <stdlib.h>
#include <string.h>

#define SANS          "Noto Sans CJK SC"
#define MONO          "Noto Sans Mono CJK SC"
#define LABEL_X       92
#define VALUE_X       268
#define ROW_NAME      112
#define ROW_SEX       236
#define ROW_BIRTH     356
#define ROW_ADDRESS   470
#define ROW_NUMBER    806
#define ADDRESS_LINE  74
#define ADDRESS_RUNES 11
#define ADDRESS_LINES 3
#define NUMBER_X      520
#define NUMBER_PITCH  47.0
#define PORTRAIT_X    968
#define PORTRAIT_Y    116
#define PORTRAIT_W    410
#define PORTRAIT_H    506

struct colour {
    double r, g, b;
};
static const struct colour ink = {0.07, 0.07, 0.09};
static const struct colour specimen_ink = {0.80, 0.25, 0.25};

struct style {
    const char *family;
    double size; /* pixels */
    bool is_bold;
    double spacing; /* between letters, pixels */
    struct colour colour;
};

/* Text whose line box is centred on y; returns its width. */
static double cards_draw_put(cairo_t *cr, double x, double y, const struct style *style,
                             const char *text)
{
    PangoLayout *layout = pango_cairo_create_layout(cr);
    PangoFontDescription *font = pango_font_description_from_string(style->family);
    pango_font_description_set_absolute_size(font, style->size * PANGO_SCALE);
    pango_font_description_set_weight(font,
                                      style->is_bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
    pango_layout_set_font_description(layout, font);
    PangoAttrList *attributes = pango_attr_list_new();
    pango_attr_list_insert(attributes,
                           pango_attr_letter_spacing_new((int)(style->spacing * PANGO_SCALE)));
    pango_layout_set_attributes(layout, attributes);
    pango_layout_set_text(layout, text, -1);
    int width, height;
    pango_layout_get_pixel_size(layout, &width, &height);
    cairo_set_source_rgb(cr, style->colour.r, style->colour.g, style->colour.b);
    cairo_move_to(cr, x, y - height / 2.0);
    pango_cairo_show_layout(cr, layout);
    pango_attr_list_unref(attributes);
    pango_font_description_free(font);
    g_object_unref(layout);
    return width;
}

static const struct style label_style = {SANS, 44, false, 6, {0.22, 0.42, 0.62}};
static const struct style value_style = {SANS, 52, false, 2, {0.07, 0.07, 0.09}};

static void put_label(cairo_t *cr, double x, double y, const char *text)
{
    cards_draw_put(cr, x, y, &label_style, text);
}

static double put_value(cairo_t *cr, double x, double y, const char *text)
{
    return cards_draw_put(cr, x, y, &value_style, text);
}

/* Pale colours and wavy lines of changing pitch, like security printing. */
static void draw_ground(cairo_t *cr, uint64_t *state)
{
    cairo_pattern_t *ground = cairo_pattern_create_linear(0, 0, CARD_WIDTH, CARD_HEIGHT);
    cairo_pattern_add_color_stop_rgb(ground, 0, 0.86, 0.91, 0.96);
    cairo_pattern_add_color_stop_rgb(ground, 0.5, 0.94, 0.90, 0.93);
    cairo_pattern_add_color_stop_rgb(ground, 1, 0.86, 0.94, 0.92);
    cairo_set_source(cr, ground);
    cairo_paint(cr);
    cairo_pattern_destroy(ground);
    cairo_set_line_width(cr, 1.2);
    double phase = chance_between(state, 0, 6);
    for (int line = 0; line < 46; line++) {
        double y0 = line * 22.0 - 20 + 7 * sin(line * 0.9);
        cairo_set_source_rgba(cr, line % 2 ? 0.35 : 0.75, 0.55, line % 2 ? 0.75 : 0.55, 0.16);
        for (int x = 0; x <= CARD_WIDTH; x += 10) {
            double y = y0 + 16 * sin(x * 0.011 + phase + line * 0.35) + 5 * sin(x * 0.037 + line);
            if (x == 0)
                cairo_move_to(cr, x, y);
            else
                cairo_line_to(cr, x, y);
        }
        cairo_stroke(cr);
    }
}

static void draw_specimen(cairo_t *cr, double x, double y)
{
    struct style style = {SANS, 20, false, 1, specimen_ink};
    cards_draw_put(cr, x, y, &style, "样本 SPECIMEN · 虚构人物 no real person · 沙盒 sandbox");
}

/* Head and shoulders without a face, for residents without a picture. */
static void draw_silhouette(cairo_t *cr)
{
    cairo_set_source_rgb(cr, 0.62, 0.66, 0.71);
    double x = PORTRAIT_X + PORTRAIT_W / 2.0;
    cairo_arc(cr, x, PORTRAIT_Y + 210, 95, 0, 2 * G_PI);
    cairo_fill(cr);
    cairo_save(cr);
    cairo_translate(cr, x, PORTRAIT_Y + PORTRAIT_H);
    cairo_scale(cr, 165, 180);
    cairo_arc(cr, 0, 0, 1, G_PI, 2 * G_PI);
    cairo_restore(cr);
    cairo_fill(cr);
}

static cairo_surface_t *surface_of(const struct pixels *pixels)
{
    cairo_surface_t *surface =
        cairo_image_surface_create(CAIRO_FORMAT_RGB24, pixels->width, pixels->height);
    uint8_t *rows = cairo_image_surface_get_data(surface);
    int stride = cairo_image_surface_get_stride(surface);
    for (int y = 0; rows && y < pixels->height; y++) {
        const uint8_t *from = pixels->rgb + (size_t)y * (size_t)pixels->width * 3;
        uint8_t *to = rows + (ptrdiff_t)y * stride;
        for (int x = 0; x < pixels->width; x++, from += 3, to += 4) {
            to[0] = from[2];
            to[1] = from[1];
            to[2] = from[0];
        }
    }
    cairo_surface_mark_dirty(surface);
    return surface;
}

static void draw_portrait(cairo_t *cr, const struct resident *resident)
{
    size_t size;
    const char *bytes = faces_find(resident->face, "portrait", &size);
    struct pixels portrait = {0};
    if (!bytes || !jpeg_decode(bytes, size, &portrait)) {
        draw_silhouette(cr);
        return;
    }
    cairo_surface_t *surface = surface_of(&portrait);
    double scale = fmax((double)PORTRAIT_W / portrait.width, (double)PORTRAIT_H / portrait.height);
    cairo_save(cr);
    cairo_rectangle(cr, PORTRAIT_X, PORTRAIT_Y, PORTRAIT_W, PORTRAIT_H);
    cairo_clip(cr);
    cairo_translate(cr, PORTRAIT_X + (PORTRAIT_W - scale * portrait.width) / 2,
                    PORTRAIT_Y + (PORTRAIT_H - scale * portrait.height) / 2);
    cairo_scale(cr, scale, scale);
    cairo_set_source_surface(cr, surface, 0, 0);
    cairo_paint(cr);
    cairo_restore(cr);
    cairo_surface_destroy(surface);
    free(portrait.rgb);
}

/* 11 characters a line, as in the standard. */
static void draw_address(cairo_t *cr, const char *address)
{
    const char *at = address;
    for (int line = 0; line < ADDRESS_LINES && *at; line++) {
        const char *end = at;
        for (int i = 0; i < ADDRESS_RUNES && *end; i++)
            end = g_utf8_next_char(end);
        char *text = g_strndup(at, (gsize)(end - at));
        put_value(cr, VALUE_X, ROW_ADDRESS + line * ADDRESS_LINE, text);
        g_free(text);
        at = end;
    }
    CHECK(!*at);
}

/* A scrap of paper with another digit: cooler, a little lighter, printed differently. */
static void draw_scrap(cairo_t *cr, double x, double y, double width, double size, char digit)
{
    cairo_set_source_rgb(cr, 0.975, 0.975, 0.965);
    cairo_rectangle(cr, x - 2, y - size * 0.56, width + 4, size * 1.12);
    cairo_fill(cr);
    struct style style = {SANS, size * 0.97, true, 0, {0.16, 0.16, 0.24}};
    cards_draw_put(cr, x + 2, y - 1, &style, (char[]){digit, '\0'});
}

static char other_digit(char digit, uint64_t *state)
{
    return (char)('0' + (digit - '0' + 1 + (int)(chance_next(state) % 8)) % 10);
}

static void draw_number(cairo_t *cr, const char *number, enum card_attack attack, uint64_t *state)
{
    struct style style = {MONO, 62, true, 0, ink};
    bool is_edited = attack == ATTACK_EDITED && chance_next(state) % 2 == 0;
    int edited = is_edited ? (int)(6 + chance_next(state) % 11) : -1;
    for (int i = 0; i < 18; i++) {
        char text[] = {number[i], '\0'};
        double x = NUMBER_X + i * NUMBER_PITCH;
        if (i == edited)
            draw_scrap(cr, x, ROW_NUMBER, 34, 62, other_digit(number[i], state));
        else
            cards_draw_put(cr, x, ROW_NUMBER, &style, text);
    }
    if (attack == ATTACK_EDITED && !is_edited) /* the last digit of the birth year */
        draw_scrap(cr, VALUE_X + 99, ROW_BIRTH, 30, 52, other_digit(number[9], state));
}

static void draw_birth(cairo_t *cr, const char *number)
{
    const int x[] = {VALUE_X, 420, 540, 604, 724};
    char text[5] = {number[6], number[7], number[8], number[9], '\0'};
    struct style year = value_style;
    year.spacing = 4;
    cards_draw_put(cr, x[0], ROW_BIRTH, &year, text);
    put_label(cr, x[1], ROW_BIRTH, "年");
    for (int i = 0; i < 2; i++) { /* no leading zero, right-aligned before 月 and 日 */
        const char *digits = number + 10 + 2 * i;
        bool has_tens = digits[0] != '0';
        char part[3] = {has_tens ? digits[0] : digits[1], has_tens ? digits[1] : '\0', '\0'};
        put_value(cr, x[1] + 62 + i * 122 + (has_tens ? 0 : 16), ROW_BIRTH, part);
        put_label(cr, x[1] + 126 + i * 122, ROW_BIRTH, i == 0 ? "月" : "日");
    }
}

static void draw_front(cairo_t *cr, const struct resident *resident, enum card_attack attack,
                       uint64_t *state)
{
    struct style name = value_style;
    name.size = 58;
    put_label(cr, LABEL_X, ROW_NAME, "姓名");
    cards_draw_put(cr, VALUE_X, ROW_NAME, &name, resident->name);
    put_label(cr, LABEL_X, ROW_SEX, "性别");
    put_value(cr, VALUE_X, ROW_SEX, document_is_male(resident) ? "男" : "女");
    put_label(cr, 450, ROW_SEX, "民族");
    put_value(cr, 590, ROW_SEX, resident->nation);
    put_label(cr, LABEL_X, ROW_BIRTH, "出生");
    draw_birth(cr, resident->id_number);
    put_label(cr, LABEL_X, ROW_ADDRESS, "住址");
    draw_address(cr, resident->address);
    put_label(cr, LABEL_X, ROW_NUMBER, "公民身份号码");
    draw_portrait(cr, resident);
    draw_number(cr, resident->id_number, attack, state);
    draw_specimen(cr, LABEL_X, 888);
    draw_specimen(cr, PORTRAIT_X - 60, 660);
}

static void draw_back(cairo_t *cr, const struct resident *resident)
{
    cairo_set_source_rgb(cr, 0.82, 0.22, 0.20);
    cairo_arc(cr, 236, 240, 128, 0, 2 * G_PI);
    cairo_fill(cr);
    struct style disc = {SANS, 80, true, 0, {0.98, 0.86, 0.45}};
    cards_draw_put(cr, 156, 236, &disc, "样本");
    struct style title = {SANS, 72, false, 22, ink};
    cards_draw_put(cr, 480, 180, &title, "中华人民共和国");
    struct style name = {SANS, 96, true, 46, ink};
    cards_draw_put(cr, 480, 330, &name, "居民身份证");
    put_label(cr, 330, 706, "签发机关");
    put_value(cr, 590, 706, resident->issuer);
    put_label(cr, 330, 822, "有效期限");
    char validity[40];
    g_snprintf(validity, sizeof validity, "%s-%s", resident->valid_from, resident->valid_until);
    put_value(cr, 590, 822, validity);
    draw_specimen(cr, 480, 430);
    draw_specimen(cr, LABEL_X, 896);
}

bool card_draw(const struct resident *resident, bool is_front, enum card_attack attack,
               uint64_t seed, struct pixels *out)
{
    uint64_t state = seed * 1000003U + (uint64_t)resident->row * 8U + (is_front ? 1U : 0U);
    cairo_surface_t *surface =
        cairo_image_surface_create(CAIRO_FORMAT_RGB24, CARD_WIDTH, CARD_HEIGHT);
    cairo_t *cr = cairo_create(surface);
    draw_ground(cr, &state);
    if (is_front)
        draw_front(cr, resident, attack, &state);
    else
        draw_back(cr, resident);
    bool is_drawn = cairo_status(cr) == CAIRO_STATUS_SUCCESS;
    cairo_destroy(cr);
    cairo_surface_flush(surface);
    *out = (struct pixels){CARD_WIDTH, CARD_HEIGHT, NULL};
    out->rgb = is_drawn ? malloc((size_t)CARD_WIDTH * CARD_HEIGHT * 3) : NULL;
    const uint8_t *rows = cairo_image_surface_get_data(surface);
    for (int y = 0; out->rgb && y < CARD_HEIGHT; y++) {
        const uint8_t *from = rows + (ptrdiff_t)y * cairo_image_surface_get_stride(surface);
        uint8_t *to = out->rgb + (size_t)y * CARD_WIDTH * 3;
        for (int x = 0; x < CARD_WIDTH; x++, from += 4, to += 3) {
            to[0] = from[2];
            to[1] = from[1];
            to[2] = from[0];
        }
    }
    cairo_surface_destroy(surface);
    return out->rgb != NULL;
}
