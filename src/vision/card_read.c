/*
 * Reads a resident ID card: tries the likeliest outlines and orientations until the number (front) or the
 * title (back) can be read, then every field at its place of GA 490.
 */
#include "card_private.h"

#include "vision_private.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define QUADS_TRIED     5
#define WIDTH_MIN       800    /* of the card in the picture, pixels */
#define CONFIDENCE_MIN  700000 /* of a field's least certain character; the field is empty below */
#define FIELD_GLARE_MAX 0.02   /* white part of a field's box; the field is empty above */
#define NUMBER_SURE     850000 /* an invalid number is kept only with this confidence */
#define SIDE_CONFIDENCE 300000
#define SIDE_DIGITS     15
#define TITLE_RUNES     3
#define LINES_MAX       4
#define ADDRESS_LINES   3

#define DIGITS        "0123456789"
#define CHOICE_NUMBER DIGITS "X"
#define CHOICE_BIRTH  DIGITS "年月日"
#define CHOICE_TERM   DIGITS ".-长期"
#define CHOICE_SEX    "男女"
#define TITLE         "居民身份证"

/* Boxes of the fields, wide enough for a slightly displaced card. Labels stay outside. */
static const struct card_box name_box = {215, 50, 585, 92};
static const struct card_box sex_box = {215, 158, 120, 86};
static const struct card_box nation_box = {482, 158, 300, 86};
static const struct card_box birth_box = {215, 262, 585, 84};
static const struct card_box address_box = {215, 358, 552, 196};
static const struct card_box number_box = {400, 644, 850, 88};
static const struct card_box portrait_box = {790, 70, 430, 500};
static const struct card_box title_box = {390, 220, 830, 124};
static const struct card_box issuer_box = {476, 562, 784, 82};
static const struct card_box validity_box = {476, 658, 784, 82};

/* One reading in progress. */
struct reader {
    struct vision *vision;
    const struct image *image;
    struct image card; /* straightened, upright */
    struct card_quad quad;
    struct card_reading *out;
    struct card_text text; /* last line read */
    struct card_box line;  /* its place */
    enum err err;          /* first failure; later steps do nothing */
};

/* --- Lines ------------------------------------------------------------------------------------ */

/* The tallest line of a box is the field; false without a line. */
static bool try_line(struct reader *reader, struct card_box box, const char *allowed)
{
    struct card_box lines[LINES_MAX];
    size_t count = card_lines(&reader->card, box, lines, LINES_MAX), best = 0;
    reader->text = (struct card_text){0};
    if (reader->err != ERR_OK || count == 0) {
        return false;
    }
    for (size_t i = 1; i < count; i++) {
        best = lines[i].height > lines[best].height ? i : best;
    }
    reader->line = lines[best];
    reader->err =
        card_text_read(reader->vision->card, &reader->card, reader->line, allowed, &reader->text);
    return reader->err == ERR_OK;
}

/* As try_line; also false if a reflection may hide a part: half a field looks like a whole one. */
static bool read_line(struct reader *reader, struct card_box box, const char *allowed)
{
    reader->text = (struct card_text){0};
    return card_glare_part(&reader->card, box) <= FIELD_GLARE_MAX && try_line(reader, box, allowed);
}

/* A field without a strict form is read only from a picture of good quality. */
static bool read_free_line(struct reader *reader, struct card_box box)
{
    const uint32_t poor = CARD_FINDING_BLURRED | CARD_FINDING_CUT;
    return (reader->out->findings & poor) == 0 && read_line(reader, box, NULL);
}

/* As read_free_line; uncertain characters are left to the customer. */
static bool read_words(struct reader *reader, struct card_box box)
{
    if (!read_free_line(reader, box)) {
        return false;
    }
    card_text_mask(&reader->text, CONFIDENCE_MIN);
    return true;
}

/* Records the confidence of the last line; true if it is sufficient for a field. */
static bool is_sure(struct reader *reader)
{
    int ppm = reader->text.confidence_ppm;
    if (ppm < reader->out->confidence_ppm) {
        reader->out->confidence_ppm = ppm;
    }
    return ppm >= CONFIDENCE_MIN;
}

/* --- Which side, which way up ----------------------------------------------------------------- */

/* By the number, or, if a reflection hides it, by the birth date. */
static bool looks_like_front(struct reader *reader)
{
    struct date birth;
    if (try_line(reader, number_box, CHOICE_NUMBER) && reader->text.count >= SIDE_DIGITS &&
        reader->text.confidence_ppm >= SIDE_CONFIDENCE) {
        return true;
    }
    return try_line(reader, birth_box, CHOICE_BIRTH) &&
           reader->text.confidence_ppm >= SIDE_CONFIDENCE &&
           card_parse_birth(reader->text.text, &birth);
}

/* By the title, or by the validity. */
static bool looks_like_back(struct reader *reader)
{
    struct date from, until;
    bool is_long_term;
    int found = 0;
    if (try_line(reader, title_box, TITLE)) {
        for (const char *at = TITLE; *at; at += 3) {
            char rune[4] = {at[0], at[1], at[2], '\0'};
            found += strstr(reader->text.text, rune) != NULL;
        }
    }
    if (found >= TITLE_RUNES && reader->text.confidence_ppm >= SIDE_CONFIDENCE) {
        return true;
    }
    return try_line(reader, validity_box, CHOICE_TERM) &&
           reader->text.confidence_ppm >= SIDE_CONFIDENCE &&
           card_parse_validity(reader->text.text, &from, &until, &is_long_term);
}

static bool is_upright_format(const struct card_quad *quad)
{
    const struct card_point *c = quad->corners;
    return hypot(c[1].x - c[0].x, c[1].y - c[0].y) < hypot(c[2].x - c[1].x, c[2].y - c[1].y);
}

/* Sets the straightened card and the side of the first outline with readable text. */
static void find_side(struct reader *reader)
{
    struct card_quad quads[CARD_QUAD_MAX];
    size_t count = 0;
    reader->err = card_find(reader->image, quads, &count);
    for (size_t i = 0; i < count && i < QUADS_TRIED && reader->err == ERR_OK; i++) {
        for (int turn = 0; turn < 2 && reader->err == ERR_OK; turn++) {
            int turns = 2 * turn + (is_upright_format(&quads[i]) ? 1 : 0);
            image_release(&reader->card);
            reader->err = card_straighten(reader->image, &quads[i], turns, &reader->card);
            if (reader->err != ERR_OK) {
                return;
            }
            reader->quad = quads[i];
            /* the back first: its validity is a row of digits too */
            if (looks_like_back(reader)) {
                reader->out->side = CARD_BACK;
                return;
            }
            if (looks_like_front(reader)) {
                reader->out->side = CARD_FRONT;
                return;
            }
        }
    }
}

/* --- Front ------------------------------------------------------------------------------------ */

/* Blur, a reflection or a guessed edge would resemble a patch. */
static void look_for_edits(struct reader *reader)
{
    const uint32_t poor = CARD_FINDING_BLURRED | CARD_FINDING_GLARE | CARD_FINDING_CUT;
    if ((reader->out->findings & poor) == 0 && card_is_edited(&reader->card, reader->line)) {
        reader->out->findings |= CARD_FINDING_EDITED;
    }
}

static void read_number(struct reader *reader)
{
    struct card_reading *out = reader->out;
    char number[19];
    if (!read_line(reader, number_box, CHOICE_NUMBER)) {
        out->confidence_ppm = 0;
        return;
    }
    bool is_whole = card_parse_number(reader->text.text, number);
    if (card_is_blurred(&reader->card, reader->line)) {
        out->findings |= CARD_FINDING_BLURRED;
    }
    look_for_edits(reader);
    if (!is_sure(reader) || !is_whole) {
        return;
    }
    bool holds = card_number_holds(number);
    if (!holds) {
        out->findings |= CARD_FINDING_NUMBER;
    }
    if (holds || reader->text.confidence_ppm >= NUMBER_SURE) {
        memcpy(out->number, number, sizeof number);
    }
}

static void read_birth(struct reader *reader)
{
    if (!read_line(reader, birth_box, CHOICE_BIRTH)) {
        reader->out->confidence_ppm = 0;
        return;
    }
    if (is_sure(reader)) {
        card_parse_birth(reader->text.text, &reader->out->birth_date);
    }
    look_for_edits(reader);
}

static void read_address(struct reader *reader)
{
    struct card_box lines[LINES_MAX];
    size_t count = card_lines(&reader->card, address_box, lines, LINES_MAX), length = 0;
    char address[ADDRESS_LINES * CARD_TEXT_SIZE] = "";
    const uint32_t poor = CARD_FINDING_BLURRED | CARD_FINDING_CUT;
    bool is_good = (reader->out->findings & poor) == 0 && count >= 1 && count <= ADDRESS_LINES &&
                   card_glare_part(&reader->card, address_box) <= FIELD_GLARE_MAX;
    for (size_t i = 0; i < count && is_good && reader->err == ERR_OK; i++) {
        reader->err =
            card_text_read(reader->vision->card, &reader->card, lines[i], NULL, &reader->text);
        card_text_mask(&reader->text, CONFIDENCE_MIN);
        is_good = reader->err == ERR_OK && is_sure(reader);
        length +=
            (size_t)snprintf(address + length, sizeof address - length, "%s", reader->text.text);
    }
    if (!is_good || !card_parse_address(address, reader->out->address)) {
        reader->out->confidence_ppm = is_good ? reader->out->confidence_ppm : 0;
        reader->out->address[0] = '\0';
    }
}

static void read_portrait(struct reader *reader)
{
    struct card_reading *out = reader->out;
    struct image portrait = {0};
    reader->err = image_crop(&reader->card, portrait_box.x, portrait_box.y, portrait_box.width,
                             portrait_box.height, portrait_box.height, &portrait);
    if (reader->err != ERR_OK) {
        return;
    }
    reader->err = face_analyse_frame(reader->vision, &portrait, &out->portrait,
                                     &out->portrait_template, &out->portrait_print);
    out->has_portrait = reader->err == ERR_OK && out->portrait.count > 0;
    out->portrait.x += portrait_box.x;
    out->portrait.y += portrait_box.y;
    image_release(&portrait);
}

static void read_front(struct reader *reader)
{
    struct card_reading *out = reader->out;
    read_number(reader);
    if (read_words(reader, name_box) && is_sure(reader)) {
        card_parse_name(reader->text.text, out->name);
    }
    if (read_line(reader, sex_box, CHOICE_SEX) && is_sure(reader)) {
        bool is_male = strcmp(reader->text.text, "男") == 0;
        bool is_female = strcmp(reader->text.text, "女") == 0;
        out->sex = is_male ? 1 : is_female ? 0 : -1;
    }
    if (read_free_line(reader, nation_box) && is_sure(reader)) {
        card_parse_nation(reader->text.text, out->nation);
    }
    read_birth(reader);
    if (reader->err == ERR_OK) {
        read_address(reader);
    }
    if (reader->err == ERR_OK) {
        read_portrait(reader);
    }
    if (out->number[0] != '\0' && card_number_holds(out->number)) {
        bool other_birth = out->birth_date.days != 0 &&
                           date_compare(out->birth_date, card_number_birth(out->number)) != 0;
        bool other_sex = out->sex >= 0 && out->sex != card_number_sex(out->number);
        out->findings |= other_birth || other_sex ? CARD_FINDING_MISMATCH : 0;
    }
}

/* --- Back ------------------------------------------------------------------------------------- */

static void read_back(struct reader *reader)
{
    struct card_reading *out = reader->out;
    bool is_read = read_line(reader, validity_box, CHOICE_TERM);
    if (is_sure(reader)) {
        card_parse_validity(reader->text.text, &out->valid_from, &out->valid_until,
                            &out->is_long_term);
    }
    if (is_read && card_is_blurred(&reader->card, reader->line)) {
        out->findings |= CARD_FINDING_BLURRED;
    }
    if (read_words(reader, issuer_box) && is_sure(reader)) {
        card_parse_issuer(reader->text.text, out->issuer);
    }
}

/* --- The whole card --------------------------------------------------------------------------- */

static bool is_small(const struct card_quad *quad)
{
    const struct card_point *c = quad->corners;
    double a = hypot(c[1].x - c[0].x, c[1].y - c[0].y) + hypot(c[2].x - c[3].x, c[2].y - c[3].y);
    double b = hypot(c[2].x - c[1].x, c[2].y - c[1].y) + hypot(c[3].x - c[0].x, c[3].y - c[0].y);
    return (a > b ? a : b) / 2 < WIDTH_MIN;
}

static void card_read_measure(struct reader *reader)
{
    const struct card_box front[] = {name_box,  sex_box,     nation_box,
                                     birth_box, address_box, number_box};
    const struct card_box back[] = {issuer_box, validity_box};
    struct card_reading *out = reader->out;
    bool is_front = out->side == CARD_FRONT;
    out->findings |= reader->quad.is_cut ? CARD_FINDING_CUT : 0;
    out->findings |= is_small(&reader->quad) ? CARD_FINDING_SMALL : 0;
    out->findings |= card_is_screen(reader->image, &reader->quad) ? CARD_FINDING_SCREEN : 0;
    out->findings |= card_is_copy(&reader->card) ? CARD_FINDING_COPY : 0;
    bool has_glare = is_front ? card_has_glare(&reader->card, front, sizeof front / sizeof *front)
                              : card_has_glare(&reader->card, back, sizeof back / sizeof *back);
    out->findings |= has_glare ? CARD_FINDING_GLARE : 0;
}

enum err card_read(struct vision *vision, const struct image *image, struct card_reading *out,
                   struct image *out_card)
{
    struct reader reader = {.vision = vision, .image = image, .out = out};
    *out = (struct card_reading){.sex = -1, .confidence_ppm = 1000000};
    find_side(&reader);
    if (reader.err == ERR_OK && out->side != CARD_NONE) {
        card_read_measure(&reader);
    }
    if (reader.err == ERR_OK && out->side == CARD_FRONT) {
        read_front(&reader);
    } else if (reader.err == ERR_OK && out->side == CARD_BACK) {
        read_back(&reader);
    }
    if (out->side == CARD_NONE) {
        out->confidence_ppm = 0;
    }
    if (reader.err == ERR_OK && out->side != CARD_NONE && out_card != NULL) {
        *out_card = reader.card;
    } else {
        image_release(&reader.card);
        if (out_card != NULL) {
            *out_card = (struct image){0};
        }
    }
    return reader.err;
}
