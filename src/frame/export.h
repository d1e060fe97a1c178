/*
 * The export of a person: everything that the bank holds of a customer, for the customer. The room
 * that makes it (report) owns the format (JSON or paper) and gives a sink; a room writes the sections
 * of its own data.
 */
#ifndef FRAME_EXPORT_H
#define FRAME_EXPORT_H

#include "base/date.h"
#include "base/id.h"
#include "base/money.h"
#include "db/db.h"

struct house; /* frame/room.h */
struct sink;  /* of report */

/* Writes members. `name` NULL: in a list. "", 0 and day 0 are left out of the members that say so. */
struct sink_verbs {
    void (*open)(struct sink *sink, const char *name, char bracket);      /* '{' or '[' */
    void (*close)(struct sink *sink, char bracket);                       /* '}' or ']' */
    void (*text)(struct sink *sink, const char *name, const char *value); /* "" is left out */
    void (*integer)(struct sink *sink, const char *name, int64_t value);
    void (*boolean)(struct sink *sink, const char *name, bool value);
    void (*id)(struct sink *sink, const char *name, int64_t value);         /* 0 is left out */
    void (*instant)(struct sink *sink, const char *name, int64_t value_us); /* 0 is left out */
    void (*date)(struct sink *sink, const char *name, struct date value);   /* day 0 is left out */
    void (*money)(struct sink *sink, const char *name, int64_t minor, struct ccy ccy);
};

struct export_walk {
    const struct house *house;
    struct db_conn *conn; /* one reading transaction for the whole export */
    struct customer_id customer;
    bool is_paper; /* histories may be cut */
    struct sink *sink;
    const struct sink_verbs *verbs;
};

/* Sections follow each other in the order of the rooms. Rows end with a NULL name. */
struct export_section {
    const char *name; /* the member that it writes */
    enum err (*write)(const struct export_walk *walk);
};

/* Where the rows of a customer in a table are in the export, or why they are not. A test holds this
 * against the schema: a new table with a customer in it cannot be forgotten. Rows end with a NULL table. */
struct export_table {
    const char *table;
    const char *section; /* NULL: left out */
    const char *reason;  /* why left out; NULL: it is not */
};

#endif
