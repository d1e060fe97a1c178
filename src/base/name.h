/*
 * Names of persons in their written form. Chinese names are Han letters with U+00B7 between
 * parts (GB 18030-2022; 民委发〔2016〕33号, item 1); Latin names are letters with blanks, hyphens,
 * apostrophes and points between parts. Pure; any thread.
 */
#ifndef BASE_NAME_H
#define BASE_NAME_H

#include "err.h"

#include <stdbool.h>

#define NAME_LENGTH_MIN 2  /* characters */
#define NAME_LENGTH_MAX 50 /* characters */
#define NAME_SIZE       (4 * NAME_LENGTH_MAX + 1)

/*
 * Folds like text_fold, drops outer blanks, then for Chinese names: any dot between two letters
 * becomes U+00B7; a blank between two letters becomes U+00B7 if the name has at least five letters
 * and both neighbours are parts of at least two, else the blank is alignment ("张 三") and is dropped.
 * For Latin names: runs of blanks become one, dashes "-", apostrophes "'". ERR_INVALID_FIELD: too short
 * or long, both scripts, another character, or a separator at an end or next to another.
 */
enum err name_parse(const char *text, char out[NAME_SIZE]);

/* Equal written forms, or equal texts if one of them is not a person's name. */
bool name_same(const char *a, const char *b);

#endif
