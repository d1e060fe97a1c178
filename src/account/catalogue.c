#include "account/catalogue.h"

#include "base/arena.h"
#include "base/check.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CATALOGUE_BYTES_MAX    (8 * 1024 * 1024)
#define CATALOGUE_EDITIONS_MAX 4096
#define CATALOGUE_PRODUCTS_MAX 64
#define SET_AHEAD_DAYS_MAX     3660

/* What was read at one time; never changed once it is shown. */
struct snapshot {
    struct arena arena; /* texts */
    int64_t row_count;
    int32_t version; /* highest of all rows */
    size_t edition_count, edition_capacity;
    size_t product_count;
    struct catalogue_edition *editions; /* oldest first */
    struct catalogue_product products[CATALOGUE_PRODUCTS_MAX];
};

struct catalogue {
    _Atomic(struct snapshot *) now;
    size_t retired_count;
    struct snapshot *retired[CATALOGUE_RETIRED_MAX]; /* oldest first; a reader may still look */
};

DB_STMT(account_parameters_load,
        "SELECT p.name, p.effective_date, p.value, p.version, p.source_en, p.source_zh, "
        "e.effective_date FROM account_parameters p JOIN account_editions e "
        "ON e.bucket = p.bucket AND e.number = p.version "
        "WHERE p.bucket = 0 ORDER BY p.effective_date, p.version, p.name");
DB_STMT(account_parameters_head, "SELECT COUNT(*), COALESCE(MAX(version), 0) "
                                 "FROM account_parameters WHERE bucket = 0");
DB_STMT(account_edition_insert, "INSERT INTO account_editions (bucket, number, effective_date, "
                                "created_at) VALUES (0, $1, $2, $3)");
DB_STMT(account_parameter_insert,
        "INSERT INTO account_parameters (bucket, name, effective_date, value, version, source_en, "
        "source_zh, staff_id, created_at) VALUES (0, $1, $2, $3, $4, $5, $6, $7, $8)");
DB_STMT(account_products_load, "SELECT id, class, name_en, name_zh FROM account_products "
                               "WHERE bucket = 0 ORDER BY id");

/* One more edition: a copy of the newest, to be changed row by row. NULL: no room, no memory. */
static struct catalogue_edition *edition_append(struct snapshot *snapshot, int32_t number)
{
    size_t count = snapshot->edition_count;
    if (count == snapshot->edition_capacity) {
        size_t capacity = count == 0 ? 8 : 2 * count;
        struct catalogue_edition *grown =
            capacity > CATALOGUE_EDITIONS_MAX
                ? NULL
                : realloc(snapshot->editions, capacity * sizeof *grown);
        if (grown == NULL) {
            return NULL;
        }
        snapshot->editions = grown;
        snapshot->edition_capacity = capacity;
    }
    struct catalogue_edition *edition = &snapshot->editions[count];
    if (count > 0) {
        *edition = edition[-1];
    } else {
        memset(edition, 0, sizeof *edition);
    }
    snapshot->edition_count++;
    edition->version = number;
    return edition;
}

/* Where the rows stand that are being read: each date and version begins an edition. */
struct place {
    bool begun;
    int32_t date, version;
};

static enum err parameter_add(struct snapshot *snapshot, struct place *place,
                              const struct db_rows *rows)
{
    enum parameter parameter;
    int32_t date = (int32_t)db_rows_int(rows, 1), version = (int32_t)db_rows_int(rows, 3);
    if (parameter_find(db_rows_text(rows, 0), &parameter) != ERR_OK ||
        db_rows_int(rows, 6) != date) {
        return ERR_DB_SCHEMA;
    }
    if (!place->begun || place->date != date || place->version != version) {
        if (edition_append(snapshot, version) == NULL) {
            return ERR_NO_MEMORY;
        }
        *place = (struct place){.begun = true, .date = date, .version = version};
    }
    struct catalogue_edition *edition = &snapshot->editions[snapshot->edition_count - 1];
    edition->effective_date = (struct date){.days = date};
    edition->values[parameter] = db_rows_int(rows, 2);
    edition->row_version[parameter] = version;
    edition->row_date[parameter] = edition->effective_date;
    edition->source_en[parameter] = arena_strdup(&snapshot->arena, db_rows_text(rows, 4));
    edition->source_zh[parameter] = arena_strdup(&snapshot->arena, db_rows_text(rows, 5));
    snapshot->row_count++;
    snapshot->version = version > snapshot->version ? version : snapshot->version;
    return edition->source_en[parameter] && edition->source_zh[parameter] ? ERR_OK : ERR_NO_MEMORY;
}

static enum err parameters_load(struct db_conn *conn, struct snapshot *snapshot)
{
    struct db_rows rows;
    enum err err = db_query(conn, &account_parameters_load, DB_NO_ARGS, &rows);
    if (err != ERR_OK) {
        return err;
    }
    struct place place = {.begun = false};
    while (err == ERR_OK && db_rows_next(&rows)) {
        err = parameter_add(snapshot, &place, &rows);
    }
    enum err closed = db_rows_close(&rows);
    if (err != ERR_OK || closed != ERR_OK) {
        return err != ERR_OK ? err : closed;
    }
    for (int i = 0; i < PARAMETER_COUNT; i++) {
        if (snapshot->edition_count == 0 || snapshot->editions[0].source_en[i] == NULL) {
            return ERR_DB_SCHEMA;
        }
    }
    return ERR_OK;
}

static enum err products_load(struct db_conn *conn, struct snapshot *snapshot)
{
    struct db_rows rows;
    enum err err = db_query(conn, &account_products_load, DB_NO_ARGS, &rows);
    if (err != ERR_OK) {
        return err;
    }
    while (err == ERR_OK && db_rows_next(&rows)) {
        if (snapshot->product_count == CATALOGUE_PRODUCTS_MAX) {
            err = ERR_DB_SCHEMA;
            break;
        }
        struct catalogue_product *product = &snapshot->products[snapshot->product_count++];
        product->id = (int32_t)db_rows_int(&rows, 0);
        product->class = (enum account_class)db_rows_int(&rows, 1);
        product->name_en = arena_strdup(&snapshot->arena, db_rows_text(&rows, 2));
        product->name_zh = arena_strdup(&snapshot->arena, db_rows_text(&rows, 3));
        if (!product->name_en || !product->name_zh) {
            err = ERR_NO_MEMORY;
        }
    }
    enum err closed = db_rows_close(&rows);
    return err != ERR_OK ? err : closed;
}

static void snapshot_release(struct snapshot *snapshot)
{
    if (snapshot != NULL) {
        arena_release(&snapshot->arena);
        free(snapshot->editions);
        free(snapshot);
    }
}

static enum err snapshot_read(struct db_conn *conn, struct snapshot **out)
{
    struct snapshot *snapshot = calloc(1, sizeof *snapshot);
    if (snapshot == NULL) {
        return ERR_NO_MEMORY;
    }
    arena_init(&snapshot->arena, CATALOGUE_BYTES_MAX);
    enum err err = parameters_load(conn, snapshot);
    if (err == ERR_OK) {
        err = products_load(conn, snapshot);
    }
    if (err != ERR_OK) {
        snapshot_release(snapshot);
        return err;
    }
    *out = snapshot;
    return ERR_OK;
}

enum err catalogue_open(struct db_conn *conn, struct catalogue **out)
{
    struct catalogue *catalogue = calloc(1, sizeof *catalogue);
    struct snapshot *snapshot = NULL;
    enum err err = catalogue == NULL ? ERR_NO_MEMORY : snapshot_read(conn, &snapshot);
    if (err != ERR_OK) {
        free(catalogue);
        return err;
    }
    atomic_init(&catalogue->now, snapshot);
    *out = catalogue;
    return ERR_OK;
}

void catalogue_close(struct catalogue *catalogue)
{
    if (catalogue != NULL) {
        for (size_t i = 0; i < catalogue->retired_count; i++) {
            snapshot_release(catalogue->retired[i]);
        }
        snapshot_release(atomic_load(&catalogue->now));
        free(catalogue);
    }
}

static enum err head_load(struct db_conn *conn, int64_t *out_count, int64_t *out_version)
{
    struct db_rows rows;
    enum err err = db_query(conn, &account_parameters_head, DB_NO_ARGS, &rows);
    if (err != ERR_OK) {
        return err;
    }
    bool found = db_rows_next(&rows);
    int64_t count = found ? db_rows_int(&rows, 0) : 0, version = found ? db_rows_int(&rows, 1) : 0;
    err = db_rows_close(&rows);
    if (err == ERR_OK) {
        *out_count = count;
        *out_version = version;
    }
    return err;
}

enum err catalogue_refresh(struct catalogue *catalogue, struct db_conn *conn, bool *out_changed)
{
    struct snapshot *old = atomic_load(&catalogue->now), *new;
    int64_t count = 0, version = 0;
    enum err err = head_load(conn, &count, &version);
    if (err != ERR_OK) {
        return err;
    }
    if (count == old->row_count && version == old->version) {
        *out_changed = false;
        return ERR_OK;
    }
    err = snapshot_read(conn, &new);
    if (err != ERR_OK) {
        return err;
    }
    atomic_store(&catalogue->now, new);
    if (catalogue->retired_count == CATALOGUE_RETIRED_MAX) {
        snapshot_release(catalogue->retired[0]);
        catalogue->retired_count--;
        memmove(catalogue->retired, catalogue->retired + 1,
                catalogue->retired_count * sizeof catalogue->retired[0]);
    }
    catalogue->retired[catalogue->retired_count++] = old;
    *out_changed = true;
    return ERR_OK;
}

static bool is_source(const char *text)
{
    return text != NULL && text[0] != '\0' && strlen(text) <= CATALOGUE_SOURCE_MAX;
}

enum err catalogue_parameter_set(struct uow *uow, const struct catalogue_change *change,
                                 int32_t *out_version)
{
    enum parameter parameter;
    struct date today = engine_civil_date(uow->engine, uow->now_us);
    enum err err = parameter_find(change->name, &parameter);
    err = err ? err : parameter_decide(parameter, change->value);
    if (err != ERR_OK) {
        return err;
    }
    if (change->effective_date.days < today.days ||
        change->effective_date.days > today.days + SET_AHEAD_DAYS_MAX) {
        return ERR_INVALID_DATE;
    }
    if (!is_source(change->source_en) || !is_source(change->source_zh)) {
        return ERR_INVALID_FIELD;
    }
    int64_t count = 0, version = 0;
    err = head_load(uow->conn, &count, &version);
    if (err != ERR_OK) {
        return err;
    }
    /* Of two changes at once one finds its number taken and is run again. */
    err = db_defer(
        uow->conn, &account_edition_insert,
        DB_ARGS(db_int(version + 1), db_int(change->effective_date.days), db_int(uow->now_us)), 1);
    if (err != ERR_OK) {
        return err;
    }
    err = db_defer(uow->conn, &account_parameter_insert,
                   DB_ARGS(db_text(change->name), db_int(change->effective_date.days),
                           db_int(change->value), db_int(version + 1), db_text(change->source_en),
                           db_text(change->source_zh), db_int(change->staff.value),
                           db_int(uow->now_us)),
                   1);
    if (err == ERR_OK) {
        *out_version = (int32_t)(version + 1);
    }
    return err;
}

/* --- looking up ------------------------------------------------------------------------------- */

const struct catalogue_edition *catalogue_on(const struct catalogue *catalogue, struct date date)
{
    const struct snapshot *now = atomic_load(&catalogue->now);
    size_t i = now->edition_count - 1;
    while (i > 0 && now->editions[i].effective_date.days > date.days) {
        i--;
    }
    return &now->editions[i];
}

const struct catalogue_edition *catalogue_of_version(const struct catalogue *catalogue,
                                                     int32_t version)
{
    const struct snapshot *now = atomic_load(&catalogue->now);
    for (size_t i = now->edition_count; i > 0; i--) {
        if (now->editions[i - 1].version == version) {
            return &now->editions[i - 1];
        }
    }
    return NULL;
}

void catalogue_figure(const struct catalogue *catalogue, enum parameter parameter, struct date date,
                      struct catalogue_figure *out)
{
    const struct catalogue_edition *edition = catalogue_on(catalogue, date);
    const struct snapshot *now = atomic_load(&catalogue->now);
    *out = (struct catalogue_figure){.name = parameter_name(parameter),
                                     .unit = parameter_unit(parameter),
                                     .value = edition->values[parameter],
                                     .effective_date = edition->row_date[parameter],
                                     .version = edition->row_version[parameter],
                                     .source_en = edition->source_en[parameter],
                                     .source_zh = edition->source_zh[parameter]};
    for (size_t i = 0; i < now->edition_count && !out->has_next; i++) {
        const struct catalogue_edition *later = &now->editions[i];
        out->has_next = later->effective_date.days > date.days &&
                        later->row_date[parameter].days == later->effective_date.days;
        out->next_value = later->values[parameter];
        out->next_date = later->effective_date;
    }
    for (size_t i = 0; i < now->edition_count && out->has_next; i++) {
        if (now->editions[i].effective_date.days == out->next_date.days) {
            out->next_value = now->editions[i].values[parameter]; /* the last word on that day */
        }
    }
}

const struct catalogue_product *catalogue_product(const struct catalogue *catalogue, int32_t id)
{
    const struct snapshot *now = atomic_load(&catalogue->now);
    for (size_t i = 0; i < now->product_count; i++) {
        if (now->products[i].id == id) {
            return &now->products[i];
        }
    }
    return NULL;
}

const struct catalogue_product *catalogue_product_of(const struct catalogue *catalogue,
                                                     enum account_class class)
{
    const struct snapshot *now = atomic_load(&catalogue->now);
    for (size_t i = 0; i < now->product_count; i++) {
        if (now->products[i].class == class) {
            return &now->products[i];
        }
    }
    return NULL;
}

void catalogue_version_format(const struct catalogue_edition *edition,
                              char out[CATALOGUE_VERSION_SIZE])
{
    char date[DATE_TEXT_SIZE];
    date_format(edition->effective_date, date);
    snprintf(out, CATALOGUE_VERSION_SIZE, "%s/%d", date, (int)edition->version);
}
