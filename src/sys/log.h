/*
 * Log lines: one JSON object a line on stderr, named after OpenTelemetry's log data model
 * (timestamp, severity, body, trace_id, span_id, attributes). One write() a line, so that lines of
 * threads never mix. Safe for any number of threads.
 *
 * Never log personal data (names, phones, card and ID numbers, tokens): ids, counts, slugs only.
 * `body` is the event's name in snake_case and never changes; what varies goes into the fields:
 *
 *     log_event(LOG_WARN, "channel_call_failed", log_string("channel", name), log_int("status",
 * n)); log_line(LOG_INFO, "server_stopped");
 *
 * Warnings and errors of one name are limited to LOG_BURST per LOG_BURST_WINDOW_US; the first line
 * after that says how many were left out (attribute "suppressed"). log_each has a larger bound, for
 * lines of which each one is looked up by its trace id.
 *
 * A line never waits for whoever reads standard error: where the other end takes no more, the line is
 * dropped and counted, and the next line that is written is preceded by "log_lines_dropped".
 */
#ifndef SYS_LOG_H
#define SYS_LOG_H

#include "base/err.h"
#include "sys/clock.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LOG_LINE_MAX        4096 /* bytes of a line with its newline; longer texts are cut */
#define LOG_BURST           20
#define LOG_BURST_WINDOW_US INT64_C(10000000)
#define LOG_EACH_BURST      1000 /* of log_each, in the same window */
#define LOG_TRACE_ID_SIZE   33   /* 32 hex digits and a NUL */
#define LOG_SPAN_ID_SIZE    17   /* 16 hex digits and a NUL */

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

enum log_type { LOG_TYPE_STRING, LOG_TYPE_INT, LOG_TYPE_BOOL };

struct log_field {
    const char *key; /* snake_case */
    enum log_type type;
    int64_t number;
    const char *text;
};

struct log_field log_string(const char *key, const char *value); /* NULL is written as null */
struct log_field log_int(const char *key, int64_t value);
struct log_field log_bool(const char *key, bool value);
/* The error's slug under "error". */
struct log_field log_err(enum err err);

#define log_event(level, name, ...)                                                                \
    log_write((level), (name), (const struct log_field[]){__VA_ARGS__},                            \
              sizeof((const struct log_field[]){__VA_ARGS__}) / sizeof(struct log_field))
#define log_line(level, name) log_write((level), (name), NULL, 0)
#define log_each(level, name, ...)                                                                 \
    log_write_each((level), (name), (const struct log_field[]){__VA_ARGS__},                       \
                   sizeof((const struct log_field[]){__VA_ARGS__}) / sizeof(struct log_field))

void log_write(enum log_level level, const char *name, const struct log_field *fields,
               size_t count);
void log_write_each(enum log_level level, const char *name, const struct log_field *fields,
                    size_t count);
/* Lines that could not be written since the start. */
int64_t log_dropped_count(void);

struct log_options {
    struct clock *clock; /* NULL: the system's */
    int fd;              /* 2 for stderr */
    enum log_level level_min;
};

/* May be called again; before the first call INFO and above go to stderr. Call it before threads
 * start. A pipe or terminal is opened a second time without waiting, so that the mode of the one
 * that other programs share stays as it is. */
void log_init(const struct log_options *options);
/* False lets a caller skip making costly fields. */
bool log_is_enabled(enum log_level level);
/* "debug", "info", "warn", "error". ERR_INVALID_FIELD. */
enum err log_level_parse(const char *text, enum log_level *out);

/* Trace of the work that this thread does now (W3C trace context, lower-case hex); written into
 * each line of this thread until cleared. A malformed id is ignored. */
void log_trace_set(const char *trace_id, const char *span_id);
void log_trace_clear(void);
const char *log_trace_id(void); /* "" if none is set */
/* Takes both ids from a `traceparent` header; false (and nothing set) where it is malformed. */
bool log_trace_from_parent(const char *traceparent);

#endif
