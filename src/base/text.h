/*
 * Validation and folding of text: the characters that a text may contain, and the folding of names and
 * numbers before their own rules check them. The table is characters.tsv, shared with the apps. Pure;
 * any thread.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include "err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Kinds of characters, explained in characters.tsv. */
enum text_kind {
    TEXT_OTHER,
    TEXT_CONTROL,
    TEXT_NOTHING,
    TEXT_PRIVATE,
    TEXT_TURN,
    TEXT_BREAK,
    TEXT_UNSEEN,
    TEXT_SPACE,
    TEXT_DASH,
    TEXT_DOT,
    TEXT_RADICAL,
    TEXT_HAN,
    TEXT_LATIN,
    TEXT_MARK
};

/* --- input text ------------------------------------------------------------------------------- */

/* The first forbidden code point of a text: a control, a line end, a noncharacter, private use, a
 * change of direction; U+FFFD for bytes that are not UTF-8. UINT32_MAX: none. */
uint32_t text_refused(const char *text);
#define TEXT_ALL_TAKEN UINT32_MAX
/* The same for a typed name or number, which may contain line ends and changes of direction: they are
 * dropped. */
uint32_t text_refused_typed(const char *text);
/* Composed form (NFC) of UTF-8. ERR_OVERFLOW: longer than out_size. */
enum err text_compose(const char *text, char *out, size_t out_size);

/* --- names and numbers ------------------------------------------------------------------------ */

#define TEXT_POINTS_MAX 256
struct text_points {
    uint32_t at[TEXT_POINTS_MAX];
    size_t count;
};
/* Folds width, look-alikes and private use, drops invisible characters, turns every blank into U+0020,
 * then composes. False: not UTF-8, or more than TEXT_POINTS_MAX. */
bool text_fold(const char *text, struct text_points *out);

/* Equal letters and digits except for width, look-alikes, blanks and the case of ASCII letters. */
bool text_same(const char *a, const char *b);

/* --- code points ------------------------------------------------------------------------------ */

/* The next code point of valid UTF-8; moves *text on; 0 at the end. */
uint32_t text_next(const char **text);
/* Writes 1 to 4 bytes and no NUL; returns the number. */
size_t text_put(uint32_t point, char out[4]);
enum text_kind text_kind_of(uint32_t point);

#endif
