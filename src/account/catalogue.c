#include "account/catalogue.h"

#include "base/arena.h"
#include "base/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CATALOGUE_BYTES_MAX    (1024 * 1024)
#define CATALOGUE_EDITIONS_MAX 64
#define CATALOGUE_PRODUCTS_MAX 64

struct catalogue {
    struct arena arena; /* texts */
    size_t edition_count;
    size_t product_count;
    struct catalogue_edition editions[CATALOGUE_EDITIONS_MAX]; /* oldest first */
    struct catalogue_product products[CATALOGUE_PRODUCTS_MAX];
};

static const char *const parameter_names[PARAMETER_COUNT] = {
#define CATALOGUE_NAME(name, text) text,
    CATALOGUE_PARAMETERS(CATALOGUE_NAME)
#undef CATALOGUE_NAME
};

DB_STMT(account_parameters_load,
        "SELECT name, effective_date, value, version, source_en, source_zh FROM account_parameters "
        "WHERE bucket = 0 ORDER BY effective_date, name");
DB_STMT(account_products_load, "SELECT id, class, name_en, name_zh FROM account_products "
                               "WHERE bucket = 0 ORDER BY id");

const char *account_class_name(enum account_class class)
{
    static const char *const names[] = {"I", "II", "III"};
    CHECK(class >= ACCOUNT_CLASS_I && class <= ACCOUNT_CLASS_III);
    return names[class - ACCOUNT_CLASS_I];
}

static int parameter_find(const char *name)
{
    for (int i = 0; i < PARAMETER_COUNT; i++) {
        if (strcmp(parameter_names[i], name) == 0) {
            return i;
        }
    }
    return -1;
}

/* The edition that begins on the date: a copy of the one before it, to be changed row by row. */
static struct catalogue_edition *edition_at(struct catalogue *catalogue, struct date date)
{
    if (catalogue->edition_count > 0) {
        struct catalogue_edition *newest = &catalogue->editions[catalogue->edition_count - 1];
        if (newest->effective_date.days == date.days) {
            return newest;
        }
        if (catalogue->edition_count == CATALOGUE_EDITIONS_MAX) {
            return NULL;
        }
        newest[1] = *newest;
    }
    struct catalogue_edition *edition = &catalogue->editions[catalogue->edition_count++];
    edition->effective_date = date;
    return edition;
}

static enum err parameter_add(struct catalogue *catalogue, const struct db_rows *rows)
{
    int parameter = parameter_find(db_rows_text(rows, 0));
    struct date date = {.days = (int32_t)db_rows_int(rows, 1)};
    struct catalogue_edition *edition = edition_at(catalogue, date);
    if (parameter < 0 || edition == NULL) {
        return ERR_DB_SCHEMA;
    }
    edition->values[parameter] = db_rows_int(rows, 2);
    int32_t version = (int32_t)db_rows_int(rows, 3);
    if (version > edition->version) {
        edition->version = version;
    }
    edition->source_en[parameter] = arena_strdup(&catalogue->arena, db_rows_text(rows, 4));
    edition->source_zh[parameter] = arena_strdup(&catalogue->arena, db_rows_text(rows, 5));
    return edition->source_en[parameter] && edition->source_zh[parameter] ? ERR_OK : ERR_NO_MEMORY;
}

static enum err parameters_load(struct db_conn *conn, struct catalogue *catalogue)
{
    struct db_rows rows;
    enum err err = db_query(conn, &account_parameters_load, DB_NO_ARGS, &rows);
    if (err != ERR_OK) {
        return err;
    }
    while (err == ERR_OK && db_rows_next(&rows)) {
        err = parameter_add(catalogue, &rows);
    }
    enum err closed = db_rows_close(&rows);
    if (err != ERR_OK || closed != ERR_OK) {
        return err != ERR_OK ? err : closed;
    }
    for (int i = 0; i < PARAMETER_COUNT; i++) {
        if (catalogue->edition_count == 0 || catalogue->editions[0].source_en[i] == NULL) {
            return ERR_DB_SCHEMA;
        }
    }
    return ERR_OK;
}

static enum err products_load(struct db_conn *conn, struct catalogue *catalogue)
{
    struct db_rows rows;
    enum err err = db_query(conn, &account_products_load, DB_NO_ARGS, &rows);
    if (err != ERR_OK) {
        return err;
    }
    while (err == ERR_OK && db_rows_next(&rows)) {
        if (catalogue->product_count == CATALOGUE_PRODUCTS_MAX) {
            err = ERR_DB_SCHEMA;
            break;
        }
        struct catalogue_product *product = &catalogue->products[catalogue->product_count++];
        product->id = (int32_t)db_rows_int(&rows, 0);
        product->class = (enum account_class)db_rows_int(&rows, 1);
        product->name_en = arena_strdup(&catalogue->arena, db_rows_text(&rows, 2));
        product->name_zh = arena_strdup(&catalogue->arena, db_rows_text(&rows, 3));
        if (!product->name_en || !product->name_zh) {
            err = ERR_NO_MEMORY;
        }
    }
    enum err closed = db_rows_close(&rows);
    return err != ERR_OK ? err : closed;
}

enum err catalogue_open(struct db_conn *conn, struct catalogue **out)
{
    struct catalogue *catalogue = calloc(1, sizeof *catalogue);
    if (catalogue == NULL) {
        return ERR_NO_MEMORY;
    }
    arena_init(&catalogue->arena, CATALOGUE_BYTES_MAX);
    enum err err = parameters_load(conn, catalogue);
    if (err == ERR_OK) {
        err = products_load(conn, catalogue);
    }
    if (err != ERR_OK) {
        catalogue_close(catalogue);
        return err;
    }
    *out = catalogue;
    return ERR_OK;
}

void catalogue_close(struct catalogue *catalogue)
{
    if (catalogue != NULL) {
        arena_release(&catalogue->arena);
        free(catalogue);
    }
}

const struct catalogue_edition *catalogue_on(const struct catalogue *catalogue, struct date date)
{
    size_t i = catalogue->edition_count - 1;
    while (i > 0 && catalogue->editions[i].effective_date.days > date.days) {
        i--;
    }
    return &catalogue->editions[i];
}

const struct catalogue_edition *catalogue_of_version(const struct catalogue *catalogue,
                                                     int32_t version)
{
    size_t i = catalogue->edition_count - 1;
    while (i > 0 && catalogue->editions[i].version > version) {
        i--;
    }
    return &catalogue->editions[i];
}

const struct catalogue_product *catalogue_product(const struct catalogue *catalogue, int32_t id)
{
    for (size_t i = 0; i < catalogue->product_count; i++) {
        if (catalogue->products[i].id == id) {
            return &catalogue->products[i];
        }
    }
    return NULL;
}

const struct catalogue_product *catalogue_product_of(const struct catalogue *catalogue,
                                                     enum account_class class)
{
    for (size_t i = 0; i < catalogue->product_count; i++) {
        if (catalogue->products[i].class == class) {
            return &catalogue->products[i];
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
