/*
 * Rooms of the house. A room above frame brings one struct of parts; one list of the process names
 * the rooms, bottom to top (server/room_list.c). Whoever needs something of all rooms (what HTTP
 * answers, which jobs run) walks the list and names none of them.
 *
 * The house is what every room is opened with. It is written while the rooms open, by one thread;
 * afterwards any thread reads it. It is not moved: rooms keep pointers to its members.
 */
#ifndef FRAME_ROOM_H
#define FRAME_ROOM_H

#include "base/bins.h"
#include "base/money.h"
#include "base/regions.h"
#include "base/zone.h"
#include "catalogue/catalogue.h"
#include "db/sealed.h"
#include "engine/engine.h"
#include "frame/delivery.h"
#include "frame/eod.h"
#include "frame/export.h"
#include "frame/job.h"
#include "frame/lane.h"
#include "frame/message.h"
#include "frame/person.h"
#include "sys/clock_guard.h"
#include "sys/config.h"
#include "sys/fault.h"
#include "sys/file.h"
#include "sys/partner.h"
#include "sys/vault.h"

#include <stdatomic.h>

#define ROOMS_MAX        32
#define HOUSE_SHARE_SIZE 256

struct house {
    const struct config *config;
    const struct room_parts *const *rooms; /* bottom to top; NULL ends them */
    struct zone zone;
    struct clock_guard clock;
    struct engine *engine;
    struct vault *vault;
    struct transport *transport;
    struct partner outside; /* clearing house, registries, gateways: one address, one key */
    struct catalogue *catalogue;
    const struct parameter_list *parameter_lists[CATALOGUE_LISTS_MAX + 1]; /* of the catalogue */
    struct regions *regions; /* tables of the share folder that many rooms read */
    struct bins *bins;
    char share[HOUSE_SHARE_SIZE]; /* folder of tables and pages */
    atomic_bool is_closing;       /* a long job ends after the piece that it is at */
    bool has_vision;              /* this process loads the models that see: the one that serves */
    void *states[ROOMS_MAX]; /* of the rooms, in the order of the list; NULL: not open, or none */
};

/* Something that `sycee check` looks at without a database: the house has config and share only. The
 * fault's line names the file. */
struct room_check {
    const char *name;
    enum err (*run)(const struct house *house, struct fault *out_fault);
};

struct problem_members; /* of web, as the next two */
struct rate_row;
struct route_table;

/* What a room brings. Tables end with a row whose name is NULL, lists with NULL; each may be NULL. */
struct room_parts {
    const char *name;                       /* of its folder */
    const struct route_table *routes;       /* its tables; a row without rows ends them */
    const struct rate_row *rates;           /* budgets that its routes and scopes name */
    const struct problem_members *problems; /* members that its refusals add to a problem */
    const struct job_row *jobs;
    const struct lane_row *lanes;              /* of the outside parties that it calls */
    const struct reaction *reactions;          /* to topics of the outbox */
    const struct eod_step *steps;              /* end of day */
    const struct message_row *const *messages; /* to customers */
    const struct retention_row *retention;     /* what it keeps of people, and for how long */
    const struct obstacle_row *obstacles;      /* to leaving */
    const struct room_erasure *erasure;
    const struct export_section *exports; /* of a person */
    const struct export_table *export_tables;
    const struct parameter_list *parameters; /* figures that the catalogue holds for it */
    /* Columns that the vault seals, for their sealing anew. NULL: none. */
    const struct sealed_column *const *(*sealed)(size_t *out_count);
    /* Customers' money that nothing covers, as last seen by a job: > 0 each, at most `max`; readiness
     * asks for people then. Never waits for the database. NULL: the room looks for none. */
    size_t (*shortages)(const struct house *house, struct money *out, size_t max);
    /* Did two people agree to close the date before it has ended? */
    enum err (*is_early_agreed)(struct db_conn *conn, struct date date, bool *out);
    const struct room_check *checks;
    /* State of the room, which rooms above find by house_room. Rooms below it are open. On an error
     * nothing is left open; out_fault may have a line. NULL: the room has no state. */
    enum err (*open)(struct house *house, void **out_state, struct fault *out_fault);
    void (*close)(void *state); /* of an open room; NULL: nothing to release */
};

/* Opens the rooms of house->rooms, bottom to top. On an error those opened are closed, and the fault
 * names the room. CHECK: at most ROOMS_MAX rooms. Errors of the rooms. */
enum err house_open_rooms(struct house *house, struct fault *out_fault);
/* Closes them, top to bottom; no harm where none is open. */
void house_close_rooms(struct house *house);
size_t house_room_count(const struct room_parts *const *rooms); /* CHECK: at most ROOMS_MAX */
/* State of a room, NULL where it has none or is not open. CHECK: the list has the room. */
void *house_room(const struct house *house, const struct room_parts *parts);
/* Jobs of all rooms by place, then in the order of the rooms; returns their number. CHECK: names differ,
 * at most JOBS_MAX. */
size_t house_jobs(const struct room_parts *const *rooms, const struct job_row *out[JOBS_MAX]);
/* Reactions in the order of the rooms; returns their number. CHECK: topics differ, each has either a
 * lane and `react`, or `news`; at most REACTIONS_MAX. */
size_t house_reactions(const struct room_parts *const *rooms,
                       const struct reaction *out[REACTIONS_MAX]);
/* Steps in the order of the rooms. CHECK: names differ and are short enough, at most EOD_STEPS_MAX. */
size_t house_steps(const struct room_parts *const *rooms,
                   const struct eod_step *out[EOD_STEPS_MAX]);
/* Lanes, with a row without a name at the end. CHECK: names differ, at most LANES_MAX. */
size_t house_lanes(const struct room_parts *const *rooms, struct lane_row out[LANES_MAX + 1]);
/* Messages in the order of the rooms; returns their number. CHECK: numbers and names differ, each text is
 * there in both languages; at most MESSAGE_ROWS_MAX. */
size_t house_messages(const struct room_parts *const *rooms,
                      const struct message_row *out[MESSAGE_ROWS_MAX]);
/* By place; return their number. CHECK: names differ, at most RETENTION_ROWS_MAX and OBSTACLES_MAX. */
size_t house_retention(const struct room_parts *const *rooms,
                       const struct retention_row *out[RETENTION_ROWS_MAX]);
size_t house_obstacles(const struct room_parts *const *rooms,
                       const struct obstacle_row *out[OBSTACLES_MAX]);
/* Parameters of all rooms, for catalogue_open; ends with NULL. CHECK: at most CATALOGUE_LISTS_MAX. */
void house_parameters(const struct room_parts *const *rooms,
                      const struct parameter_list *out[CATALOGUE_LISTS_MAX + 1]);
/* Path of a file or folder of the share folder; a fault of the settings where it cannot be loaded. */
enum err house_share_path(const struct house *house, const char *name, char out[FILE_PATH_MAX]);
void house_share_fault(const char *path, enum err err, struct fault *out_fault);

#endif
