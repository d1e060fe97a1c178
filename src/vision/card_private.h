/*
 * Cards, private to the room: find the card, straighten it, read its lines, parse them strictly, measure
 * anomalies. Interface: card_read in vision.h. Pure but for memory, unless stated; any thread.
 */
#ifndef VISION_CARD_PRIVATE_H
#define VISION_CARD_PRIVATE_H

#include "image.h"

#include <stdint.h>

/* --- The straightened card: 85.6 x 54 mm at 1280 x 807 pixels ---------------------------------- */

#define CARD_FLAT_WIDTH  1280
#define CARD_FLAT_HEIGHT 807
#define CARD_QUAD_MAX    8 /* candidate outlines of a card, best first */

struct card_point {
    double x, y;
};
/* Corners in the picture, clockwise as seen, the upper left of the (unturned) picture first. */
struct card_quad {
    struct card_point corners[4];
    double score;  /* 0..1, share of its outline that is an edge */
    bool is_whole; /* the picture itself is the card */
    bool is_cut;   /* a side is outside of the picture and was guessed */
};
/* Quadrilaterals with a card's proportions. ERR_NO_MEMORY. */
enum err card_find(const struct image *image, struct card_quad out[CARD_QUAD_MAX],
                   size_t *out_count);
/* First `turns` quarter turns clockwise; beyond the picture's edges: grey. ERR_NO_MEMORY. */
enum err card_straighten(const struct image *image, const struct card_quad *quad, int turns,
                         struct image *out);
/* The map from `from[i]` to `to[i]`. False if three corners are collinear. */
bool card_homography(const struct card_point from[4], const struct card_point to[4], double out[9]);

/* --- Lines of print ---------------------------------------------------------------------------- */

struct card_box {
    int x, y, width, height; /* pixels of the straightened card */
};
/* The lines of dark print in a box, top to bottom, each trimmed to its ink. */
size_t card_lines(const struct image *card, struct card_box box, struct card_box *out, size_t max);

/* --- Recogniser -------------------------------------------------------------------------------- */

struct vision;
struct card_nets;

#define CARD_TEXT_RUNES 48
#define CARD_TEXT_SIZE  (CARD_TEXT_RUNES * 4 + 1)
struct card_text {
    char text[CARD_TEXT_SIZE];        /* UTF-8 */
    int count;                        /* characters */
    int confidence_ppm;               /* of the least certain character; 0: no character */
    int certainties[CARD_TEXT_RUNES]; /* of each character, ppm */
};
/* Loads recogniser and alphabet. As vision_net_load. */
enum err card_nets_open(const struct vision *vision, struct card_nets **out);
void card_nets_close(struct card_nets *nets); /* NULL is fine */
/* Reads one line. `allowed` (NULL: all): no other character is considered, but each keeps its
 * probability among all. ERR_NO_MEMORY, ERR_INTERNAL. */
enum err card_text_read(const struct card_nets *nets, const struct image *card,
                        struct card_box line, const char *allowed, struct card_text *out);

/* Characters below `ppm_min` become CARD_UNREAD; confidence_ppm is that of the others. */
void card_text_mask(struct card_text *text, int ppm_min);

/* --- Strict parsing: false leaves *out as it was --------------------------------------------- */

bool card_parse_name(const char *text, char out[CARD_NAME_SIZE]); /* Chinese, with · */
bool card_parse_nation(const char *text, char out[25]);           /* one of the 56 */
bool card_parse_birth(const char *text, struct date *out);        /* "1985年3月9日" */
bool card_parse_address(const char *text, char out[CARD_ADDRESS_SIZE]);
bool card_parse_issuer(const char *text, char out[CARD_AUTHORITY_SIZE]); /* …公安局… */
/* "2015.03.07-2035.03.07" (5, 10 or 20 years) or "2015.03.07-长期". */
bool card_parse_validity(const char *text, struct date *out_from, struct date *out_until,
                         bool *out_is_long_term);
/* 17 digits and a digit or X. */
bool card_parse_number(const char *text, char out[19]);
bool card_number_holds(const char *number); /* GB 11643: check character and a real birth date */
struct date card_number_birth(const char *number); /* of a valid number */
int card_number_sex(const char *number);           /* 0 female, 1 male */

/* --- Findings --------------------------------------------------------------------------------- */

/* Thresholds and their test data: README.md, "Cards". */
bool card_is_screen(const struct image *image, const struct card_quad *quad);
bool card_is_copy(const struct image *card);
bool card_has_glare(const struct image *card, const struct card_box *boxes, size_t count);
bool card_is_blurred(const struct image *card, struct card_box line);
/* The ground or print of a character differs from its line. */
bool card_is_edited(const struct image *card, struct card_box line);

/* The part of a box that is glare. */
double card_glare_part(const struct image *card, struct card_box box);

#endif
