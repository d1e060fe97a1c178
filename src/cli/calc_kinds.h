/*
 * What the calculations of `sycee calc` share: the tables they read, and how they say which field
 * of a line is wrong. Inside cli/ only.
 */
#ifndef CLI_CALC_KINDS_H
#define CLI_CALC_KINDS_H

#include "base/bins.h"
#include "base/calendar.h"
#include "base/json.h"
#include "base/regions.h"

#define CALC_CALENDARS_MAX 8
#define CALC_NAME_SIZE     32

struct calc_calendar {
    char name[CALC_NAME_SIZE];
    struct calendar *calendar;
};

/* Tables are loaded when a line first asks for them. */
struct calc {
    const char *share;
    enum lang lang;
    struct calc_calendar calendars[CALC_CALENDARS_MAX];
    int calendar_count;
    struct regions *regions;
    struct bins *bins;
    const char *field; /* of the line that was wrong; NULL where it is the line as a whole */
};

/* Reads the members of `in`, adds those of the answer to `out`. */
typedef enum err calc_answer(struct calc *calc, const json_t *in, json_t *out);
calc_answer calc_daycount;
calc_answer calc_round;
calc_answer calc_split;
calc_answer calc_calendar;
calc_answer calc_identifier;
calc_answer calc_fx;

/* Notes the field where there is an error, and passes the error on. */
enum err calc_at(struct calc *calc, const char *field, enum err err);
/* Adds a member; ERR_NO_MEMORY also where `value` is NULL. Takes the reference. */
enum err calc_put(json_t *out, const char *name, json_t *value);

#endif
