/*
 * The product catalogue: every figure that a rule of the bank uses, as data with an effective date.
 * The figures in force on a date are an edition; its stored number is recorded with each decision made
 * under it, and shown to the customer. Each room brings its
 * parameters as a list. Figures and sources with which a bank opens: schema/0001_catalogue.sql.
 *
 * Any thread may look up at any time. What it finds (an edition, its texts, a product) stays valid for
 * as long as a request or a job's round lasts, also when the catalogue is refreshed meanwhile.
 * Amounts are minor units of CNY, counts are plain; CATALOGUE_NO_LIMIT where a rule sets no limit.
 */
#ifndef CATALOGUE_CATALOGUE_H
#define CATALOGUE_CATALOGUE_H

#include "base/date.h"
#include "base/err.h"
#include "base/id.h"
#include "base/rate.h"
#include "db/db.h"
#include "engine/engine.h"

#define CATALOGUE_NO_LIMIT       INT64_C(-1)
#define CATALOGUE_AMOUNT_MAX     INT64_C(100000000000) /* a milliard yuan */
#define CATALOGUE_VERSION_SIZE   24                    /* "2026-01-01/3" and its NUL, with room */
#define CATALOGUE_PARAMETERS_MAX 256                   /* of all rooms together */
#define CATALOGUE_LISTS_MAX      32

enum parameter_unit {
    PARAMETER_UNIT_AMOUNT, /* minor units */
    PARAMETER_UNIT_COUNT,
    PARAMETER_UNIT_SWITCH, /* 0 off, 1 on */
    PARAMETER_UNIT_RATE,   /* parts per billion a year */
    PARAMETER_UNIT_DAYS,
    PARAMETER_UNIT_MINUTES
};
const char *parameter_unit_name(enum parameter_unit unit); /* "amount" */

/* A parameter of a room: the name of its rows, its unit, the least and greatest value that staff may set. */
struct parameter_row {
    const char *name; /* "cards.countMax" */
    enum parameter_unit unit;
    int64_t least, most;
};
/* The parameters that a room brings, in an order of its own (an enum of the room). */
struct parameter_list {
    const char *room;
    const struct parameter_row *rows;
    size_t count;
};
/* A row of an X macro: X(ENUMERATOR, "name", UNIT, least, most). */
#define PARAMETER_ENUM(id, text, unit, least, most) PARAMETER_##id,
#define PARAMETER_ROW(id, text, unit, least, most)  {text, PARAMETER_UNIT_##unit, least, most},

/* Pure: a value that staff may set. ERR_PARAMETER_RANGE. */
enum err parameter_decide(const struct parameter_row *row, int64_t value);

/* A parameter as an edition has it. */
struct catalogue_setting {
    int64_t value;
    const char *source_en; /* law or contract that sets the figure */
    const char *source_zh;
    struct date effective_date; /* from which the figure holds */
    int32_t version;            /* edition that brought it */
};

/* All parameters as they stand from a date on. A figure never begins in the past, so an edition keeps
 * its number once it has been in force. Copied freely; its texts are the catalogue's. */
struct catalogue_edition {
    struct date effective_date;
    /* Stored number, in the order in which changes were made: kept with decisions. */
    int32_t version;
    const struct parameter_list *const *lists;
    struct catalogue_setting settings[CATALOGUE_PARAMETERS_MAX]; /* list after list */
};
/* `index` is that of the list's rows; the list must be one of the catalogue's. */
const struct catalogue_setting *catalogue_setting(const struct catalogue_edition *edition,
                                                  const struct parameter_list *list, int index);

/* What a customer's account is called. */
struct catalogue_product {
    int32_t id;
    int class; /* as the room that sells it counts: enum account_class */
    const char *name_en;
    const char *name_zh;
};

struct catalogue;

/* Reads the catalogue. The lists end with NULL and outlive it. ERR_DB_SCHEMA where a parameter has no
 * row. */
enum err catalogue_open(struct db_conn *conn, const struct parameter_list *const *lists,
                        struct catalogue **out);
/* The same as it stands in the tables now: what was set a moment ago counts. */
enum err catalogue_open_again(const struct catalogue *catalogue, struct db_conn *conn,
                              struct catalogue **out);
void catalogue_close(struct catalogue *catalogue);
/* Reads again what this or another process changed; *out_changed false: nothing was. One caller at a
 * time (a job, or the route that changed a figure). After an error all stands as before. */
#define CATALOGUE_RETIRED_MAX                                                                      \
    64 /* editions' readers outlive as many refreshes that found a change */
enum err catalogue_refresh(struct catalogue *catalogue, struct db_conn *conn, bool *out_changed);

/* A figure from a date on. Nothing is overwritten: a new row, with a version higher than all. */
struct catalogue_change {
    const char *name;
    int64_t value;
    struct date effective_date; /* today (limit_day) or later */
    struct staff_id staff;      /* who approved it */
    const char *source_en;      /* 1..CATALOGUE_SOURCE_MAX bytes each */
    const char *source_zh;
};
#define CATALOGUE_SOURCE_MAX 400
/* ERR_NOT_FOUND (no such parameter), ERR_PARAMETER_RANGE, ERR_INVALID_DATE (past, or beyond ten
 * years), ERR_INVALID_FIELD (a source text missing or too long). Seen by this process after
 * catalogue_refresh, by others within seconds. */
enum err catalogue_parameter_set(const struct catalogue *catalogue, struct uow *uow,
                                 const struct catalogue_change *change, int32_t *out_version);

/* Rows of parameters that no list has: of a room that this program lacks. */
size_t catalogue_stray_count(const struct catalogue *catalogue);

/* Parameters by number, 0 to count - 1: list after list. */
size_t catalogue_parameter_count(const struct catalogue *catalogue);
const struct parameter_row *catalogue_parameter(const struct catalogue *catalogue, size_t number);
/* ERR_NOT_FOUND. */
enum err catalogue_parameter_find(const struct catalogue *catalogue, const char *name,
                                  size_t *out_number);

/* A figure as it stands on a date, and the next one that is known. */
struct catalogue_figure {
    const struct parameter_row *row;
    int64_t value;
    struct date effective_date;
    int32_t version; /* of its row */
    const char *source_en;
    const char *source_zh;
    bool has_next;
    int64_t next_value;
    struct date next_date;
};
void catalogue_figure(const struct catalogue *catalogue, size_t number, struct date date,
                      struct catalogue_figure *out);
/* The edition in force on a date; the oldest one for dates before it. */
const struct catalogue_edition *catalogue_on(const struct catalogue *catalogue, struct date date);
/* The edition with that number, as a stored decision has it; NULL where this process has not seen it yet. */
const struct catalogue_edition *catalogue_of_version(const struct catalogue *catalogue,
                                                     int32_t version);
/* NULL where there is none. */
const struct catalogue_product *catalogue_product(const struct catalogue *catalogue, int32_t id);
/* The first product of a class. */
const struct catalogue_product *catalogue_product_of(const struct catalogue *catalogue, int class);
/* "2018-01-10/2": effective date and version. */
void catalogue_version_format(const struct catalogue_edition *edition,
                              char out[CATALOGUE_VERSION_SIZE]);

#endif
