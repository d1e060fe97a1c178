/*
 * The invented residents and their documents: people.tsv and documents.tsv side by side, one
 * row each, and the pictures of sandbox/faces for the first rows. Read once, then constant; any
 * thread.
 */
#ifndef SANDBOX_DOCUMENTS_H
#define SANDBOX_DOCUMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RESIDENT_COUNT_MAX 64

struct resident {
    int row;  /* 1-based line of both tables */
    int face; /* row of the portrait on the card: the resident's own, except on a forged card */
    char name[64];
    char name_latin[64];
    char id_number[19];
    char phone[20];
    char nation[32];
    char address[200];
    char issuer[100];
    char valid_from[16];  /* "2015.03.07" */
    char valid_until[16]; /* the same, or "长期": without expiry */
};

/* Reads both tables; aborts if they do not match (they are compiled in). Once. */
void documents_init(void);
int documents_count(void);
const struct resident *documents_at(int row);                 /* NULL: no such row */
const struct resident *documents_find(const char *id_number); /* NULL: a stranger */
bool document_is_male(const struct resident *resident);

/* A picture of sandbox/faces/NN: "portrait", "selfie", "left", "right", "up", "blink", "mouth".
 * NULL if there is none. Borrowed. */
const char *faces_find(int row, const char *name, size_t *out_size);

#endif
