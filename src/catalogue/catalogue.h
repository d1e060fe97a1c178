/*
 * The product catalogue: every figure used by a rule of the bank, as data with an effective date.
 * The figures in force on a date are an edition; its stored number is recorded with each decision made
 * under it, and shown to the customer. Each room provides its
 * parameters as a list. Opening figures and their sources: schema/0001_catalogue.sql.
 *
 * Any thread may look up at any time. The result (an edition, its texts, a product) stays valid for
 * a request or a round of a job, even if the catalogue is refreshed meanwhile.
 * Amounts are minor units of CNY, counts are plain; CATALOGUE_NO_LIMIT if a rule sets no limit.
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

/* A parameter of a room: the name of its rows, its unit, the range that staff may set. */
struct parameter_row {
    const char *name; /* "cards.countMax" */
    enum parameter_unit unit;
    int64_t least, most;
};
/* The parameters of a room, in the room's own order (an enum). */
struct parameter_list {
    const char *room;
    const struct parameter_row *rows;
    size_t count;
};
/* A row of an X macro: X(ENUMERATOR, "name", UNIT, least, most). */
#define PARAMETER_ENUM(id, text, unit, least, most) PARAMETER_##id,
#define PARAMETER_ROW(id, text, unit, least, most)  {text, PARAMETER_UNIT_##unit, least, most},

/* Pure: whether staff may set the value. ERR_PARAMETER_RANGE. */
enum err parameter_decide(const struct parameter_row *row, int64_t value);

/* A parameter in an edition. */
struct catalogue_setting {
    int64_t value;
    const char *source_en; /* law or contract that sets the figure */
    const char *source_zh;
    struct date effective_date; /* effective date of the figure */
    int32_t version;            /* edition that introduced it */
};

/* All parameters in force from a date on. A figure never begins in the past, so an edition keeps its
 * number once it has been in force. May be copied; its texts belong to the catalogue. */
struct catalogue_edition {
    struct date effective_date;
    /* Stored number, in the order of changes: recorded with decisions. */
    int32_t version;
    const struct parameter_list *const *lists;
    struct catalogue_setting settings[CATALOGUE_PARAMETERS_MAX]; /* list after list */
};
/* `index` is that of the list's rows; the list must be one of the catalogue's. */
const struct catalogue_setting *catalogue_setting(const struct catalogue_edition *edition,
                                                  const struct parameter_list *list, int index);

/* A product sold to customers. */
struct catalogue_product {
    int32_t id;
    int class; /* in the numbering of its room: enum account_class */
    const char *name_en;
    const char *name_zh;
};

struct catalogue;

/* Reads the catalogue. The lists end with NULL and outlive it. ERR_DB_SCHEMA if a parameter has no row. */
enum err catalogue_open(struct db_conn *conn, const struct parameter_list *const *lists,
                        struct catalogue **out);
/* The same, read from the tables now: includes the newest changes. */
enum err catalogue_open_again(const struct catalogue *catalogue, struct db_conn *conn,
                              struct catalogue **out);
void catalogue_close(struct catalogue *catalogue);
/* Reads changes by this or another process; *out_changed false: there were none. One caller at a time
 * (a job, or the route that changed a figure). After an error nothing has changed. */
#define CATALOGUE_RETIRED_MAX 64 /* refreshes for which readers' editions stay valid */
enum err catalogue_refresh(struct catalogue *catalogue, struct db_conn *conn, bool *out_changed);

/* A figure from a date on. Nothing is overwritten: a new row, with a version higher than all others. */
struct catalogue_change {
    const char *name;
    int64_t value;
    struct date effective_date; /* today (limit_day) or later */
    struct staff_id staff;      /* the approver */
    const char *source_en;      /* 1..CATALOGUE_SOURCE_MAX bytes each */
    const char *source_zh;
};
#define CATALOGUE_SOURCE_MAX 400
/* ERR_NOT_FOUND (no such parameter), ERR_PARAMETER_RANGE, ERR_INVALID_DATE (past, or beyond ten years),
 * ERR_INVALID_FIELD (a source text missing or too long). Visible to this process after
 * catalogue_refresh, to others within seconds. */
enum err catalogue_parameter_set(const struct catalogue *catalogue, struct uow *uow,
                                 const struct catalogue_change *change, int32_t *out_version);

/* Rows of parameters in no list: of a room that this program lacks. */
size_t catalogue_stray_count(const struct catalogue *catalogue);

/* Parameters by number, 0 to count - 1: list after list. */
size_t catalogue_parameter_count(const struct catalogue *catalogue);
const struct parameter_row *catalogue_parameter(const struct catalogue *catalogue, size_t number);
/* ERR_NOT_FOUND. */
enum err catalogue_parameter_find(const struct catalogue *catalogue, const char *name,
                                  size_t *out_number);

/* A figure in force on a date, and the next one, if known. */
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
/* The edition with that number, from a stored decision; NULL if this process has not read it yet. */
const struct catalogue_edition *catalogue_of_version(const struct catalogue *catalogue,
                                                     int32_t version);
/* NULL if there is none. */
const struct catalogue_product *catalogue_product(const struct catalogue *catalogue, int32_t id);
/* The first product of a class. */
const struct catalogue_product *catalogue_product_of(const struct catalogue *catalogue, int class);
/* "2018-01-10/2": effective date and version. */
void catalogue_version_format(const struct catalogue_edition *edition,
                              char out[CATALOGUE_VERSION_SIZE]);

#endif
