/*
 * The recogniser: PP-OCRv4, one line of print at a time, 48 pixels high. It returns a row of
 * probabilities over the alphabet for every 8 pixels; repetitions and blanks are removed (CTC).
 */
#include "card_private.h"

#include "base/text.h"

#include "vision_private.h"

#include <stdlib.h>
#include <string.h>

#define LINE_HEIGHT   48
#define LINE_WIDTH    64   /* at least */
#define LINE_MAX      1600 /* at most */
#define ALPHABET_MAX  8192
#define GLYPH_SIZE    5 /* one character in UTF-8 and the end */
#define BLANK         0
#define MARGIN_TENTHS 2 /* above, below, left and right, of the line's height */

struct card_nets {
    struct net *read;
    int class_count; /* blank, the alphabet's lines, space */
    char (*glyphs)[GLYPH_SIZE];
};

/* --- Alphabet --------------------------------------------------------------------------------- */

/* One character a line; class 1 is the first. */
static enum err alphabet_parse(const char *text, struct card_nets *nets)
{
    nets->glyphs = calloc(ALPHABET_MAX, sizeof *nets->glyphs);
    if (nets->glyphs == NULL) {
        return ERR_NO_MEMORY;
    }
    int count = 1;
    while (*text != '\0' && count < ALPHABET_MAX - 1) {
        size_t size = strcspn(text, "\r\n");
        if (size >= GLYPH_SIZE) {
            return ERR_MODEL_CHANGED;
        }
        memcpy(nets->glyphs[count++], text, size);
        text += size;
        text += *text == '\r';
        text += *text == '\n';
    }
    memcpy(nets->glyphs[count++], " ", 2);
    nets->class_count = count;
    return ERR_OK;
}

enum err card_nets_open(const struct vision *vision, struct card_nets **out)
{
    struct card_nets *nets = calloc(1, sizeof *nets);
    if (nets == NULL) {
        return ERR_NO_MEMORY;
    }
    char *alphabet = NULL;
    size_t size = 0;
    enum err err = model_read(&vision->models, MODEL_CARD_ALPHABET, &alphabet, &size);
    if (err == ERR_OK) {
        err = alphabet_parse(alphabet, nets);
    }
    free(alphabet);
    if (err == ERR_OK) {
        err = vision_net_load(vision, MODEL_CARD_READ, &nets->read);
    }
    if (err != ERR_OK) {
        card_nets_close(nets);
        return err;
    }
    *out = nets;
    return ERR_OK;
}

void card_nets_close(struct card_nets *nets)
{
    if (nets != NULL) {
        net_release(nets->read);
        free(nets->glyphs);
        free(nets);
    }
}

/* --- One line --------------------------------------------------------------------------------- */

/* The line in the net's layout: blue, green, red planes, -1..1. */
static enum err line_tensor(const struct image *card, struct card_box line, struct tensor *out)
{
    double margin = line.height * MARGIN_TENTHS / 10.0;
    double high = line.height + 2 * margin, wide = line.width + 2 * margin;
    int width = (int)(wide * LINE_HEIGHT / high + 0.5);
    width = width < LINE_WIDTH ? LINE_WIDTH : width > LINE_MAX ? LINE_MAX : width;
    /* a short line is read with its surroundings */
    double taken = width * high / LINE_HEIGHT;
    taken = width == LINE_MAX ? wide : taken;
    struct image strip = {0};
    enum err err = image_resample(card, line.x + line.width / 2.0 - taken / 2, line.y - margin,
                                  taken, high, width, LINE_HEIGHT, &strip);
    if (err != ERR_OK) {
        return err;
    }
    *out = (struct tensor){.rank = 4, .shape = {1, 3, LINE_HEIGHT, width}};
    size_t pixels = (size_t)width * LINE_HEIGHT;
    out->values = malloc(pixels * 3 * sizeof *out->values);
    for (size_t i = 0; out->values != NULL && i < pixels; i++) {
        for (size_t c = 0; c < 3; c++) {
            out->values[c * pixels + i] = (float)strip.rgb[i * 3 + 2 - c] / 127.5F - 1;
        }
    }
    image_release(&strip);
    return out->values == NULL ? ERR_NO_MEMORY : ERR_OK;
}

static void card_text_append(struct card_text *text, const char *glyph, int ppm)
{
    if (text->count == CARD_TEXT_RUNES) {
        text->confidence_ppm = 0; /* longer than any line of a card */
        return;
    }
    size_t size = strlen(text->text);
    memcpy(text->text + size, glyph, strlen(glyph) + 1);
    text->certainties[text->count] = ppm;
    if (text->count == 0 || ppm < text->confidence_ppm) {
        text->confidence_ppm = ppm;
    }
    text->count++;
}

/* The most probable class of one step among the allowed ones. */
static int best_class(const struct card_nets *nets, const float *row, const uint8_t *counts)
{
    int best = BLANK;
    for (int c = 1; c < nets->class_count; c++) {
        if ((counts == NULL || counts[c]) && row[c] > row[best]) {
            best = c;
        }
    }
    return best;
}

static void card_text_decode(const struct card_nets *nets, const struct tensor *scores,
                             const uint8_t *counts, struct card_text *out)
{
    int64_t steps = scores->shape[1];
    int last = BLANK;
    float peak = 0;
    *out = (struct card_text){0};
    for (int64_t t = 0; t <= steps; t++) {
        const float *row = scores->values + t * nets->class_count;
        int best = t < steps ? best_class(nets, row, counts) : BLANK;
        if (best == last && best != BLANK) {
            peak = row[best] > peak ? row[best] : peak;
            continue;
        }
        if (last != BLANK) {
            card_text_append(out, nets->glyphs[last], (int)(peak * 1000000));
        }
        last = best;
        peak = best == BLANK ? 0 : row[best];
    }
}

/* Classes contained in the text of allowed characters; NULL if memory runs out. */
static uint8_t *allowed_classes(const struct card_nets *nets, const char *allowed)
{
    uint8_t *counts = calloc((size_t)nets->class_count, 1);
    for (int c = 1; counts != NULL && c < nets->class_count; c++) {
        counts[c] = nets->glyphs[c][0] != '\0' && strstr(allowed, nets->glyphs[c]) != NULL;
    }
    return counts;
}

enum err card_text_read(const struct card_nets *nets, const struct image *card,
                        struct card_box line, const char *allowed, struct card_text *out)
{
    *out = (struct card_text){0};
    if (line.width < 2 || line.height < 2) {
        return ERR_OK;
    }
    uint8_t *counts = NULL;
    if (allowed != NULL && (counts = allowed_classes(nets, allowed)) == NULL) {
        return ERR_NO_MEMORY;
    }
    struct tensor input = {0}, scores[NET_OUTPUT_MAX] = {{0}};
    enum err err = line_tensor(card, line, &input);
    if (err == ERR_OK) {
        err = net_run(nets->read, &input, scores);
    }
    if (err == ERR_OK) {
        bool fits = scores[0].rank == 3 && scores[0].shape[2] == nets->class_count;
        if (fits) {
            card_text_decode(nets, &scores[0], counts, out);
        }
        err = fits ? ERR_OK : ERR_INTERNAL;
        net_outputs_release(nets->read, scores);
    }
    free(input.values);
    free(counts);
    return err;
}

void card_text_mask(struct card_text *text, int ppm_min)
{
    struct card_text masked = {.confidence_ppm = 0};
    const char *at = text->text;
    size_t used = 0;
    bool has_sure = false;
    for (int i = 0; i < text->count; i++) {
        uint32_t point = text_next(&at);
        bool is_sure = text->certainties[i] >= ppm_min;
        used += text_put(is_sure ? point : CARD_UNREAD, masked.text + used);
        masked.certainties[i] = text->certainties[i];
        if (is_sure && (!has_sure || text->certainties[i] < masked.confidence_ppm)) {
            masked.confidence_ppm = text->certainties[i];
            has_sure = true;
        }
    }
    masked.count = text->count;
    *text = masked;
}
