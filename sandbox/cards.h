/*
 * Draws the resident ID cards of the invented residents (layout after GA 490: 85.6 x 54 mm), flat
 * or
 * as if photographed, genuine or tampered with. Every card bears 样本 SPECIMEN and no real
 * emblem. The same row, side, seed and attack give the same picture. Any thread.
 */
#ifndef SANDBOX_CARDS_H
#define SANDBOX_CARDS_H

#include "documents.h"

#define CARD_WIDTH   1500 /* pixels of the flat drawing */
#define CARD_HEIGHT  946
#define PHOTO_WIDTH  1600
#define PHOTO_HEIGHT 1200
#define JPEG_QUALITY 80

/* 8-bit RGB, rows without padding. */
struct pixels {
    int width, height;
    uint8_t *rgb; /* owned: free */
};

enum card_attack {
    ATTACK_NONE,
    ATTACK_SCREEN, /* the card on a display: pixel grid, bezel */
    ATTACK_COPY,   /* a grey photocopy */
    ATTACK_EDITED, /* one digit of number or birth date pasted over */
    ATTACK_BLUR,   /* out of focus */
    ATTACK_CUT,    /* a side of the card is outside of the picture */
    ATTACK_GLARE,  /* a lamp's reflection on the text */
    ATTACK_COUNT
};
/* ATTACK_COUNT for an unknown name; NULL is ATTACK_NONE. */
enum card_attack card_attack_parse(const char *text);
const char *card_attack_name(enum card_attack attack); /* "screen", … */

/* Flat, square corners white as paper. False: no memory. `is_front` false draws the back; of the
 * attacks only ATTACK_EDITED (front) is drawn here, `seed` picks the digit. */
bool card_draw(const struct resident *resident, bool is_front, enum card_attack attack,
               uint64_t seed, struct pixels *out);
/* The flat card on a table: perspective, light, noise, focus. */
bool card_photograph(const struct pixels *card, enum card_attack attack, uint64_t seed,
                     struct pixels *out);

bool jpeg_decode(const char *bytes, size_t size, struct pixels *out);
/* *out: free. False: no memory. */
bool jpeg_encode(const struct pixels *pixels, int quality, uint8_t **out, size_t *out_size);
/* Another photograph of the same face (cards_take.c). *out: free. False: no memory. */
bool face_take(const char *bytes, size_t size, bool is_up, uint64_t number, uint64_t seed,
               uint8_t **out, size_t *out_size);
/* The registry's portrait: 102 x 126, grey. */
bool portrait_reduce(const struct pixels *portrait, struct pixels *out);

/* Pseudo-random numbers derived from a seed. */
uint64_t chance_next(uint64_t *state);
double chance_unit(uint64_t *state); /* 0 … 1 */
double chance_between(uint64_t *state, double low, double high);

/* Writes every picture of the first `row_count` residents into a folder (created if missing);
 * exit status. */
int cards_draw_all(const char *folder, int row_count);

#endif
