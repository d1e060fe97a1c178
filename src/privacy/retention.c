#include "privacy/retention.h"

#include "base/check.h"
#include "frame/room.h"

#include <stdlib.h>
#include <string.h>

#define ROWS_A_RUN 500

/* 0 if the row counts months or years. */
static int days_of(const struct retention_row *row)
{
    char *end = NULL;
    CHECK(row->kept_for[0] == 'P');
    long days = strtol(row->kept_for + 1, &end, 10);
    CHECK(days > 0);
    return *end == 'D' ? (int)days : 0;
}

int retention_days(const struct house *house, const char *kind)
{
    const struct retention_row *rows[RETENTION_ROWS_MAX];
    size_t count = house_retention(house->rooms, rows);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(rows[i]->kind, kind) == 0) {
            return days_of(rows[i]);
        }
    }
    CHECK(!"a kind of the table");
    return 0;
}

struct retention_sweep {
    const struct room_parts *const *rooms;
    int bucket;
    int64_t count; /* rows */
};

static enum err sweep_some(struct uow *uow, void *context)
{
    struct retention_sweep *sweep = context;
    const struct retention_row *rows[RETENTION_ROWS_MAX];
    size_t row_count = house_retention(sweep->rooms, rows);
    enum err err = ERR_OK;
    sweep->count = 0;
    for (size_t i = 0; !err && i < row_count; i++) {
        int64_t count = 0;
        if (rows[i]->sweep == NULL) {
            continue;
        }
        CHECK(days_of(rows[i]) > 0);
        int64_t before_us = uow->now_us - days_of(rows[i]) * DAY_US;
        err = rows[i]->sweep(uow, sweep->bucket, before_us, ROWS_A_RUN, &count);
        sweep->count += count;
    }
    return err;
}

enum err retention_run(const struct house *house, int bucket, struct retention_count *out)
{
    struct engine *engine = house->engine;
    struct retention_sweep sweep = {.rooms = house->rooms, .bucket = bucket};
    struct date today = engine_civil_date(engine, clock_now_us(engine_clock(engine)));
    size_t persons = 0;
    CHECK(bucket >= 0 && bucket < BUCKET_COUNT);
    enum err err = engine_run(engine, sweep_some, &sweep);
    out->swept += err ? 0 : sweep.count;
    err = err ? err : leaving_erase_due(house, bucket, today, &persons);
    out->persons += persons;
    return err;
}
