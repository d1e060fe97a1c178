/*
 * The sandbox's SQLite file: one connection, one transaction at a time. A failure inside a
 * transaction sets `failed`; reads then find nothing, and store_end rolls back: a party
 * needs no check after each statement.
 */
#ifndef SANDBOX_STORE_H
#define SANDBOX_STORE_H

#include <pthread.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

struct store {
    sqlite3 *db;
    pthread_mutex_t lock;
    bool failed;
    int64_t seed;
};

/* Prepared at first use, under the store's lock. */
struct store_stmt {
    const char *sql;
    sqlite3_stmt *prepared;
};
#define STORE_STMT(var, text) static struct store_stmt var = {.sql = text, .prepared = NULL}

/* False with a line on standard error if the file cannot be opened, is in use by a newer
 * program, or was made with another seed. */
bool store_open(struct store *store, const char *path, int64_t seed);
void store_close(struct store *store);

void store_begin(struct store *store); /* takes the lock */
bool store_end(struct store *store);   /* commits, or rolls back after a failure; unlocks */

/* `types`: one letter an argument, i int64_t, t const char * (NULL gives NULL). */
void store_run(struct store *store, struct store_stmt *stmt, const char *types, ...);
sqlite3_stmt *store_query(struct store *store, struct store_stmt *stmt, const char *types, ...);
bool store_next(struct store *store, sqlite3_stmt *rows); /* false at the end and on failure */
void store_done(sqlite3_stmt *rows);
int64_t store_int(sqlite3_stmt *rows, int column);
const char *store_text(sqlite3_stmt *rows, int column); /* "" for NULL */

/* Next value of a named counter, from 1. */
int64_t store_count(struct store *store, const char *name);
/* A number derived from the seed and the text. */
uint64_t store_random(const struct store *store, const char *text);

#endif
