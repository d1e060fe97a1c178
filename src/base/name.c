#include "name.h"

#include "text.h"

#define MIDDLE_DOT        0xB7U
#define BLANK_LETTERS_MIN 5 /* letters of a name in which a blank is a separator */
#define BLANK_PART_MIN    2 /* letters of each part next to such a blank */
#define MARKS_MAX         2 /* uncomposed marks on one Latin letter */

/* The text written so far. */
struct draft {
    uint32_t at[NAME_LENGTH_MAX];
    size_t count;
};

static bool draft_add(struct draft *draft, uint32_t point)
{
    if (draft->count == NAME_LENGTH_MAX) {
        return false;
    }
    draft->at[draft->count++] = point;
    return true;
}

static bool is_han(uint32_t point)
{
    return text_kind_of(point) == TEXT_HAN;
}

/* Number of letters from `at` on in one direction, up to a separator or an end. */
static size_t letter_run(const struct text_points *text, size_t at, int step)
{
    size_t count = 0;
    while (at < text->count && is_han(text->at[at])) {
        count++;
        at = step < 0 && at == 0 ? text->count : at + (size_t)step;
    }
    return count;
}

static size_t count_letters(const struct text_points *text)
{
    size_t count = 0;
    for (size_t i = 0; i < text->count; i++) {
        count += is_han(text->at[i]);
    }
    return count;
}

/* A separator of dots and blanks from `from` to `to`, letters on both sides. False: none. */
static bool add_han_joint(const struct text_points *text, size_t from, size_t to, size_t letters,
                          struct draft *draft)
{
    size_t dots = 0;
    for (size_t i = from; i < to; i++) {
        bool is_dot = text_kind_of(text->at[i]) == TEXT_DOT;
        if (!is_dot && text->at[i] != ' ') {
            return false;
        }
        dots += is_dot;
    }
    bool is_joint = letters >= BLANK_LETTERS_MIN &&
                    letter_run(text, from - 1, -1) >= BLANK_PART_MIN &&
                    letter_run(text, to, 1) >= BLANK_PART_MIN;
    return dots > 1 ? false : dots == 0 && !is_joint ? true : draft_add(draft, MIDDLE_DOT);
}

static bool han_name(const struct text_points *text, struct draft *draft)
{
    size_t letters = count_letters(text);
    for (size_t i = 0; i < text->count;) {
        size_t from = i;
        if (is_han(text->at[i])) {
            if (!draft_add(draft, text->at[i++])) {
                return false;
            }
            continue;
        }
        while (i < text->count && !is_han(text->at[i])) {
            i++;
        }
        if (from == 0 || i == text->count || !add_han_joint(text, from, i, letters, draft)) {
            return false;
        }
    }
    return true;
}

/* The written form of a separator in Latin names; 0: none. */
static uint32_t latin_joint(uint32_t point)
{
    if (point == ' ' || point == '\'' || point == '.') {
        return point;
    }
    return text_kind_of(point) == TEXT_DASH ? '-' : 0;
}

static bool latin_name(const struct text_points *text, struct draft *draft)
{
    uint32_t last_joint = ' '; /* before the next letter; 0: a letter is last */
    size_t marks = 0;
    for (size_t i = 0; i < text->count; i++) {
        uint32_t point = text->at[i];
        enum text_kind kind = text_kind_of(point);
        uint32_t joint = latin_joint(point);
        if (kind == TEXT_MARK ? last_joint != 0 || ++marks > MARKS_MAX
                              : kind != TEXT_LATIN && joint == 0) {
            return false;
        }
        if (joint == ' ' && last_joint == ' ') {
            continue;
        }
        /* "Mary-J. O'Neil": a separator may follow a point, but no other separator */
        if (joint != 0 && last_joint != 0 && (last_joint != '.' || joint == '.')) {
            return false;
        }
        if (!draft_add(draft, joint != 0 ? joint : point)) {
            return false;
        }
        marks = kind == TEXT_MARK ? marks : 0;
        last_joint = joint;
    }
    return last_joint == 0 || last_joint == '.';
}

static void trim_blanks(struct text_points *text)
{
    size_t first = 0;
    while (text->count > 0 && text->at[text->count - 1] == ' ') {
        text->count--;
    }
    while (first < text->count && text->at[first] == ' ') {
        first++;
    }
    for (size_t i = first; i < text->count; i++) {
        text->at[i - first] = text->at[i];
    }
    text->count -= first;
}

enum err name_parse(const char *text, char out[NAME_SIZE])
{
    struct text_points points;
    struct draft draft = {.count = 0};
    if (!text_fold(text, &points)) {
        return ERR_INVALID_FIELD;
    }
    trim_blanks(&points);
    if (points.count == 0) {
        return ERR_INVALID_FIELD;
    }
    bool is_good = is_han(points.at[0]) ? han_name(&points, &draft) : latin_name(&points, &draft);
    if (!is_good || draft.count < NAME_LENGTH_MIN) {
        return ERR_INVALID_FIELD;
    }
    size_t used = 0;
    for (size_t i = 0; i < draft.count; i++) {
        used += text_put(draft.at[i], out + used);
    }
    out[used] = '\0';
    return ERR_OK;
}

bool name_same(const char *a, const char *b)
{
    char first[NAME_SIZE], second[NAME_SIZE];
    bool are_names = name_parse(a, first) == ERR_OK && name_parse(b, second) == ERR_OK;
    return are_names ? text_same(first, second) : text_same(a, b);
}
