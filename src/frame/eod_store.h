/* Rows of the end of day; inside of the room. */
#ifndef FRAME_EOD_STORE_H
#define FRAME_EOD_STORE_H

#include "engine/engine.h"
#include "frame/eod.h"

struct eod_mark {
    struct date date;
    const char *step;
    const char *error; /* "" none */
    int bucket, total;
    int64_t begun_at, ended_at;
};

struct eod_outcome {
    struct date date;
    enum err err;
};

enum err eod_store_begin_date(struct uow *uow, struct date date);
/* Commands. Contexts: struct eod_mark, struct eod_outcome. */
enum err eod_store_step(struct uow *uow, void *mark);
enum err eod_store_bucket(struct uow *uow, void *mark);
enum err eod_store_outcome(struct uow *uow, void *outcome);
enum err eod_store_is_done(struct engine *engine, const struct eod_mark *mark, bool *out);

#endif
