/*
 * Reads a bank's database, SQLite or PostgreSQL, in one read-only snapshot.
 * One SQL text serves both. A failure to read ends the process: 66 without a readable
 * database, 69 if the server does not answer. One thread.
 */
#ifndef AUDITOR_READER_H
#define AUDITOR_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct reader;
struct cursor;

/* "sqlite:PATH" or "postgresql://…" / "host=…". Begins the snapshot. `as_json`: format of a
 * failure. */
struct reader *reader_open(const char *url, bool as_json);
void reader_close(struct reader *reader);
bool reader_is_postgresql(const struct reader *reader);

/* Many rows, fetched on demand; $1 and $2 in the text are a and b. */
struct cursor *reader_stream(struct reader *reader, const char *sql, int64_t a, int64_t b);
/* Few rows, found by a key; the text must be a literal (its statement is cached by its address). */
struct cursor *reader_look(struct reader *reader, const char *sql, int64_t a, int64_t b);
/* The first column of the first row; `fallback` if there is no row or it is NULL. */
int64_t reader_number(struct reader *reader, const char *sql, int64_t a, int64_t b,
                      int64_t fallback);

bool cursor_next(struct cursor *cursor);
int64_t cursor_int(const struct cursor *cursor, int column);
bool cursor_is_null(const struct cursor *cursor, int column);
/* Valid until the next call on this cursor; "" and an empty blob for NULL. */
const char *cursor_text(struct cursor *cursor, int column);
const uint8_t *cursor_blob(struct cursor *cursor, int column, size_t *out_size);
void cursor_close(struct cursor *cursor);

#endif
