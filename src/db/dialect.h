/*
 * Migrations are written once, in PostgreSQL's spelling; this turns them into what an engine reads.
 *   SQLite:     BIGINT, SMALLINT -> INTEGER; each CREATE TABLE becomes STRICT
 *   PostgreSQL: BLOB -> BYTEA; WITHOUT ROWID is dropped
 * Sections for the other engine are left out. Pure: text in, text out.
 */
#ifndef DB_DIALECT_H
#define DB_DIALECT_H

#include "base/str.h"
#include "db/db.h"

void dialect_translate(enum db_engine engine, const char *sql, struct str *out);

#endif
