#include "catalogue/catalogue.h"

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

/* A snapshot of the tables; never changed once it is published. */
struct snapshot {
    struct arena arena; /* texts */
    int64_t row_count;
    size_t stray_count; /* rows of no parameter */
    int32_t version;    /* highest of all rows */
    size_t edition_count, edition_capacity;
    size_t product_count;
    struct catalogue_edition *editions; /* oldest first */
    struct catalogue_product products[CATALOGUE_PRODUCTS_MAX];
};

struct catalogue {
    const struct parameter_list *const *lists;
    size_t parameter_count;
    _Atomic(struct snapshot *) now;
    size_t retired_count;
    struct snapshot *retired[CATALOGUE_RETIRED_MAX]; /* oldest first; readers may still use them */
};

DB_STMT(catalogue_stmt_load,
        "SELECT p.name, p.effective_date, p.value, p.version, p.source_en, p.source_zh, "
        "e.effective_date FROM catalogue_parameters p JOIN catalogue_editions e "
        "ON e.bucket = p.bucket AND e.number = p.version "
        "WHERE p.bucket = 0 ORDER BY p.effective_date, p.version, p.name");
DB_STMT(catalogue_stmt_head, "SELECT COUNT(*), COALESCE(MAX(version), 0) "
                             "FROM catalogue_parameters WHERE bucket = 0");
DB_STMT(catalogue_stmt_edition, "INSERT INTO catalogue_editions (bucket, number, effective_date, "
                                "created_at) VALUES (0, $1, $2, $3)");
DB_STMT(
    catalogue_stmt_parameter,
    "INSERT INTO catalogue_parameters (bucket, name, effective_date, value, version, source_en, "
    "source_zh, staff_id, created_at) VALUES (0, $1, $2, $3, $4, $5, $6, $7, $8)");
DB_STMT(catalogue_stmt_products, "SELECT id, class, name_en, name_zh FROM catalogue_products "
                                 "WHERE bucket = 0 ORDER BY id");

/* Adds an edition: a copy of the newest, to be changed row by row. NULL: no room, no memory. */
static struct catalogue_edition *edition_append(const struct catalogue *catalogue,
                                                struct snapshot *snapshot, int32_t number)
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
    edition->lists = catalogue->lists;
    return edition;
}

/* Position of the rows being read: each date and version begins an edition. */
struct place {
    bool begun;
    int32_t date, version;
};

static enum err parameter_add(const struct catalogue *catalogue, struct snapshot *snapshot,
                              struct place *place, const struct db_rows *rows)
{
    size_t number;
    int32_t date = (int32_t)db_rows_int(rows, 1), version = (int32_t)db_rows_int(rows, 3);
    if (db_rows_int(rows, 6) != date) {
        return ERR_DB_SCHEMA;
    }
    if (!place->begun || place->date != date || place->version != version) {
        if (edition_append(catalogue, snapshot, version) == NULL) {
            return ERR_NO_MEMORY;
        }
        *place = (struct place){.begun = true, .date = date, .version = version};
    }
    struct catalogue_edition *edition = &snapshot->editions[snapshot->edition_count - 1];
    edition->effective_date = (struct date){.days = date};
    snapshot->row_count++;
    snapshot->version = version > snapshot->version ? version : snapshot->version;
    if (catalogue_parameter_find(catalogue, db_rows_text(rows, 0), &number) != ERR_OK) {
        snapshot->stray_count++;
        return ERR_OK;
    }
    struct catalogue_setting *setting = &edition->settings[number];
    *setting = (struct catalogue_setting){
        .value = db_rows_int(rows, 2),
        .source_en = arena_strdup(&snapshot->arena, db_rows_text(rows, 4)),
        .source_zh = arena_strdup(&snapshot->arena, db_rows_text(rows, 5)),
        .effective_date = edition->effective_date,
        .version = version};
    return setting->source_en && setting->source_zh ? ERR_OK : ERR_NO_MEMORY;
}

/* A parameter added later applies before its first edition with the same value. */
static enum err parameters_complete(const struct catalogue *catalogue, struct snapshot *snapshot)
{
    if (snapshot->edition_count == 0) {
        return ERR_DB_SCHEMA;
    }
    const struct catalogue_edition *newest = &snapshot->editions[snapshot->edition_count - 1];
    for (size_t i = 0; i < catalogue->parameter_count; i++) {
        if (newest->settings[i].source_en == NULL) {
            return ERR_DB_SCHEMA;
        }
        for (size_t k = snapshot->edition_count - 1; k > 0; k--) {
            struct catalogue_setting *older = &snapshot->editions[k - 1].settings[i];
            *older = older->source_en == NULL ? snapshot->editions[k].settings[i] : *older;
        }
    }
    return ERR_OK;
}

static enum err parameters_load(const struct catalogue *catalogue, struct db_conn *conn,
                                struct snapshot *snapshot)
{
    struct db_rows rows = db_read(conn, &catalogue_stmt_load, DB_NO_ARGS);
    struct place place = {.begun = false};
    while (db_rows_next(&rows)) {
        db_rows_fail(&rows, parameter_add(catalogue, snapshot, &place, &rows));
    }
    enum err err = db_rows_close(&rows);
    return err ? err : parameters_complete(catalogue, snapshot);
}

static enum err products_load(struct db_conn *conn, struct snapshot *snapshot)
{
    struct db_rows rows = db_read(conn, &catalogue_stmt_products, DB_NO_ARGS);
    while (db_rows_next(&rows)) {
        if (snapshot->product_count == CATALOGUE_PRODUCTS_MAX) {
            db_rows_fail(&rows, ERR_DB_SCHEMA);
            break;
        }
        struct catalogue_product *product = &snapshot->products[snapshot->product_count++];
        product->id = (int32_t)db_rows_int(&rows, 0);
        product->class = (int)db_rows_int(&rows, 1);
        product->name_en = arena_strdup(&snapshot->arena, db_rows_text(&rows, 2));
        product->name_zh = arena_strdup(&snapshot->arena, db_rows_text(&rows, 3));
        if (!product->name_en || !product->name_zh) {
            db_rows_fail(&rows, ERR_NO_MEMORY);
        }
    }
    return db_rows_close(&rows);
}

static void snapshot_release(struct snapshot *snapshot)
{
    if (snapshot != NULL) {
        arena_release(&snapshot->arena);
        free(snapshot->editions);
        free(snapshot);
    }
}

static enum err snapshot_read(const struct catalogue *catalogue, struct db_conn *conn,
                              struct snapshot **out)
{
    struct snapshot *snapshot = calloc(1, sizeof *snapshot);
    if (snapshot == NULL) {
        return ERR_NO_MEMORY;
    }
    arena_init(&snapshot->arena, CATALOGUE_BYTES_MAX);
    enum err err = parameters_load(catalogue, conn, snapshot);
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

static size_t count_parameters(const struct parameter_list *const *lists)
{
    size_t count = 0;
    for (size_t i = 0; lists[i] != NULL; i++) {
        CHECK(i < CATALOGUE_LISTS_MAX);
        count += lists[i]->count;
    }
    CHECK(count <= CATALOGUE_PARAMETERS_MAX);
    return count;
}

enum err catalogue_open(struct db_conn *conn, const struct parameter_list *const *lists,
                        struct catalogue **out)
{
    struct catalogue *catalogue = calloc(1, sizeof *catalogue);
    if (catalogue == NULL) {
        return ERR_NO_MEMORY;
    }
    catalogue->lists = lists;
    catalogue->parameter_count = count_parameters(lists);
    struct snapshot *snapshot = NULL;
    enum err err = snapshot_read(catalogue, conn, &snapshot);
    if (err != ERR_OK) {
        free(catalogue);
        return err;
    }
    atomic_init(&catalogue->now, snapshot);
    *out = catalogue;
    return ERR_OK;
}

enum err catalogue_open_again(const struct catalogue *catalogue, struct db_conn *conn,
                              struct catalogue **out)
{
    return catalogue_open(conn, catalogue->lists, out);
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
    struct db_rows rows = db_read(conn, &catalogue_stmt_head, DB_NO_ARGS);
    bool found = db_rows_next(&rows);
    int64_t count = found ? db_rows_int(&rows, 0) : 0, version = found ? db_rows_int(&rows, 1) : 0;
    enum err err = db_rows_close(&rows);
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
    err = snapshot_read(catalogue, conn, &new);
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

enum err catalogue_parameter_set(const struct catalogue *catalogue, struct uow *uow,
                                 const struct catalogue_change *change, int32_t *out_version)
{
    size_t number;
    struct date today = engine_civil_date(uow->engine, uow->now_us);
    enum err err = catalogue_parameter_find(catalogue, change->name, &number);
    err = err ? err : parameter_decide(catalogue_parameter(catalogue, number), change->value);
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
    /* Of two simultaneous changes one finds its number taken and is run again. */
    err = db_defer(
        uow->conn, &catalogue_stmt_edition,
        DB_ARGS(db_int(version + 1), db_int(change->effective_date.days), db_int(uow->now_us)), 1);
    if (err != ERR_OK) {
        return err;
    }
    err = db_defer(uow->conn, &catalogue_stmt_parameter,
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

const struct catalogue_setting *catalogue_setting(const struct catalogue_edition *edition,
                                                  const struct parameter_list *list, int index)
{
    size_t before = 0, i = 0;
    while (edition->lists[i] != NULL && edition->lists[i] != list) {
        before += edition->lists[i++]->count;
    }
    CHECK(edition->lists[i] == list);
    CHECK(index >= 0 && (size_t)index < list->count);
    return &edition->settings[before + (size_t)index];
}

size_t catalogue_stray_count(const struct catalogue *catalogue)
{
    return atomic_load(&catalogue->now)->stray_count;
}

size_t catalogue_parameter_count(const struct catalogue *catalogue)
{
    return catalogue->parameter_count;
}

const struct parameter_row *catalogue_parameter(const struct catalogue *catalogue, size_t number)
{
    CHECK(number < catalogue->parameter_count);
    size_t i = 0;
    while (number >= catalogue->lists[i]->count) {
        number -= catalogue->lists[i++]->count;
    }
    return &catalogue->lists[i]->rows[number];
}

enum err catalogue_parameter_find(const struct catalogue *catalogue, const char *name,
                                  size_t *out_number)
{
    for (size_t i = 0; i < catalogue->parameter_count; i++) {
        if (strcmp(catalogue_parameter(catalogue, i)->name, name) == 0) {
            *out_number = i;
            return ERR_OK;
        }
    }
    return ERR_NOT_FOUND;
}

const char *parameter_unit_name(enum parameter_unit unit)
{
    static const char *const names[] = {"amount", "count", "switch", "ppb", "days", "minutes"};
    CHECK((size_t)unit < sizeof names / sizeof names[0]);
    return names[unit];
}

enum err parameter_decide(const struct parameter_row *row, int64_t value)
{
    return value >= row->least && value <= row->most ? ERR_OK : ERR_PARAMETER_RANGE;
}

void catalogue_figure(const struct catalogue *catalogue, size_t number, struct date date,
                      struct catalogue_figure *out)
{
    const struct catalogue_setting *setting = &catalogue_on(catalogue, date)->settings[number];
    const struct snapshot *now = atomic_load(&catalogue->now);
    *out = (struct catalogue_figure){.row = catalogue_parameter(catalogue, number),
                                     .value = setting->value,
                                     .effective_date = setting->effective_date,
                                     .version = setting->version,
                                     .source_en = setting->source_en,
                                     .source_zh = setting->source_zh};
    for (size_t i = 0; i < now->edition_count && !out->has_next; i++) {
        const struct catalogue_edition *later = &now->editions[i];
        out->has_next = later->effective_date.days > date.days &&
                        later->settings[number].effective_date.days == later->effective_date.days;
        out->next_value = later->settings[number].value;
        out->next_date = later->effective_date;
    }
    for (size_t i = 0; i < now->edition_count && out->has_next; i++) {
        if (now->editions[i].effective_date.days == out->next_date.days) {
            out->next_value =
                now->editions[i].settings[number].value; /* the last change of that day */
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

const struct catalogue_product *catalogue_product_of(const struct catalogue *catalogue, int class)
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
