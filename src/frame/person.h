/*
 * What rooms keep of a person: for how long, what stands in the way of leaving, and how it goes. The
 * room that lets customers leave (privacy) walks these rows and names no room.
 */
#ifndef FRAME_PERSON_H
#define FRAME_PERSON_H

#include "engine/engine.h"

#define RETENTION_ROWS_MAX 64
#define OBSTACLES_MAX      16

struct house; /* frame/room.h */

/* A kind of data, for how long it is kept and why. Rows end with a NULL kind. */
struct retention_row {
    int place;             /* in the list that customers read */
    const char *kind;      /* "idPictures" */
    const char *kept_for;  /* ISO 8601: "P180D" */
    const char *name[2];   /* by enum lang */
    const char *ground[2]; /* the law, and from when it counts */
    /* commit: erases rows of the bucket from before `before_us`, `limit` at most; only where kept_for counts
     * days. NULL: a job of the room does it. */
    enum err (*sweep)(struct uow *uow, int bucket, int64_t before_us, int limit,
                      int64_t *out_count);
};

/* What keeps a customer from leaving. Rows end with a NULL name. */
struct obstacle_row {
    int place;           /* in answers */
    const char *name;    /* "accountFrozen" */
    const char *text[2]; /* by enum lang */
    /* In the leaving's transaction. NULL: found where money is moved. */
    enum err (*find)(const struct house *house, struct uow *uow, struct customer_id customer,
                     bool *out_found);
};

/* How the data of a person goes; upper rooms come first. Each may be NULL, and each may be repeated. */
struct room_erasure {
    /* commit: in the transaction in which the customer leaves, before the customer's own row is closed. */
    enum err (*leave)(const struct house *house, struct uow *uow, struct customer_id customer);
    /* commit: a consent is withdrawn; what was kept under it goes. */
    enum err (*withdraw)(const struct house *house, struct uow *uow, struct customer_id customer,
                         const char *purpose);
    /* What is in memory, once the transaction is durable. */
    void (*forget)(const struct house *house, struct customer_id customer);
    /* After the years of the law. What lies in other customers' buckets, in transactions of its own: not
     * inside a unit of work. */
    enum err (*erase_elsewhere)(const struct house *house, struct customer_id customer);
    /* commit: all of the room at once, in one transaction with the other rooms. */
    enum err (*erase)(const struct house *house, struct uow *uow, struct customer_id customer);
};

#endif
