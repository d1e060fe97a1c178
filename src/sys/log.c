#include "sys/log.h"

#include "base/check.h"
#include "base/date.h"
#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOG_REPEAT_SLOTS 128 /* names whose repetition is watched */
#define LOG_TEXT_MAX     1024

struct repeat {
    const char *name;
    int64_t window_start_us;
    int64_t seen;
    int64_t suppressed;
};

static struct {
    struct clock *clock;
    int fd;
    int own_fd; /* the same pipe or terminal, opened without waiting; -1: none */
    bool is_socket;
    enum log_level level_min;
    pthread_mutex_t mutex; /* guards repeats */
    struct repeat repeats[LOG_REPEAT_SLOTS];
    pthread_mutex_t writing;         /* between poll and write of a descriptor that may wait */
    _Atomic int64_t dropped, untold; /* lines: since the start, and not yet told */
} log_state = {.fd = STDERR_FILENO,
               .own_fd = -1,
               .level_min = LOG_INFO,
               .mutex = PTHREAD_MUTEX_INITIALIZER,
               .writing = PTHREAD_MUTEX_INITIALIZER};

static _Thread_local char trace_id[LOG_TRACE_ID_SIZE];
static _Thread_local char span_id[LOG_SPAN_ID_SIZE];

struct log_field log_string(const char *key, const char *value)
{
    return (struct log_field){.key = key, .type = LOG_TYPE_STRING, .text = value};
}

struct log_field log_int(const char *key, int64_t value)
{
    return (struct log_field){.key = key, .type = LOG_TYPE_INT, .number = value};
}

struct log_field log_bool(const char *key, bool value)
{
    return (struct log_field){.key = key, .type = LOG_TYPE_BOOL, .number = value};
}

struct log_field log_err(enum err err)
{
    return log_string("error", err_slug(err));
}

/* Closes what log_init opened a second time. */
static void log_release(void)
{
    if (log_state.own_fd >= 0) {
        close(log_state.own_fd);
    }
    log_state.own_fd = -1;
}

/* A description of its own may be told not to wait; the one we were given is shared with whoever
 * started us. */
static int open_without_waiting(int fd, const struct stat *facts)
{
    char path[32];
    if (!S_ISFIFO(facts->st_mode) && !S_ISCHR(facts->st_mode)) {
        return -1;
    }
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    return open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

void log_init(const struct log_options *options)
{
    struct stat facts;
    bool is_known = fstat(options->fd, &facts) == 0;
    log_release();
    pthread_mutex_lock(&log_state.mutex);
    log_state.own_fd = is_known ? open_without_waiting(options->fd, &facts) : -1;
    log_state.is_socket = is_known && S_ISSOCK(facts.st_mode);
    log_state.clock = options->clock;
    log_state.fd = options->fd;
    log_state.level_min = options->level_min;
    memset(log_state.repeats, 0, sizeof log_state.repeats);
    pthread_mutex_unlock(&log_state.mutex);
}

bool log_is_enabled(enum log_level level)
{
    return level >= log_state.level_min;
}

static const char *const level_names[] = {"debug", "info", "warn", "error"};

enum err log_level_parse(const char *text, enum log_level *out)
{
    for (size_t i = 0; i < sizeof level_names / sizeof level_names[0]; i++) {
        if (strcmp(text, level_names[i]) == 0) {
            *out = (enum log_level)i;
            return ERR_OK;
        }
    }
    return ERR_INVALID_FIELD;
}

static size_t repeat_slot(const char *name)
{
    uint32_t hash = 2166136261U;
    for (; *name != 0; name++) {
        hash = (hash ^ (uint8_t)*name) * 16777619U;
    }
    return hash % LOG_REPEAT_SLOTS;
}

/* False where the line is one too many; *out_suppressed counts lines that were left out before. Two
 * names that share a slot take it from each other, which only lets more lines through. */
static bool pass_repeat(const char *name, int64_t now_us, int64_t burst, int64_t *out_suppressed)
{
    pthread_mutex_lock(&log_state.mutex);
    struct repeat *repeat = &log_state.repeats[repeat_slot(name)];
    bool is_other = repeat->name == NULL || strcmp(repeat->name, name) != 0;
    bool is_over =
        now_us - repeat->window_start_us >= LOG_BURST_WINDOW_US || now_us < repeat->window_start_us;
    if (is_other || is_over) {
        *out_suppressed = is_other ? 0 : repeat->suppressed;
        *repeat = (struct repeat){.name = name, .window_start_us = now_us};
    }
    bool passes = ++repeat->seen <= burst;
    repeat->suppressed += passes ? 0 : 1;
    pthread_mutex_unlock(&log_state.mutex);
    return passes;
}

/* Cuts at LOG_TEXT_MAX on a code point's border; text that is not UTF-8 is not written at all. */
static void append_text(struct str *line, const char *text)
{
    char cut[LOG_TEXT_MAX + 1];
    size_t size = strnlen(text, LOG_TEXT_MAX + 1);
    if (size > LOG_TEXT_MAX) {
        size = LOG_TEXT_MAX;
        while (size > 0 && ((unsigned char)text[size] & 0xC0) == 0x80) {
            size--;
        }
    }
    if (!str_is_utf8(text, size)) {
        str_append(line, "\"(not utf-8)\"");
        return;
    }
    memcpy(cut, text, size);
    cut[size] = 0;
    str_append_json(line, cut);
}

static void append_field(struct str *line, const struct log_field *field)
{
    str_append_json(line, field->key);
    str_append_char(line, ':');
    switch (field->type) {
    case LOG_TYPE_STRING:
        if (field->text == NULL) {
            str_append(line, "null");
        } else {
            append_text(line, field->text);
        }
        break;
    case LOG_TYPE_INT:
        str_append_int(line, field->number);
        break;
    case LOG_TYPE_BOOL:
        str_append(line, field->number != 0 ? "true" : "false");
        break;
    }
}

static void append_head(struct str *line, enum log_level level, const char *name, int64_t now_us)
{
    static const char *const severities[] = {"DEBUG", "INFO", "WARN", "ERROR"};
    char instant[INSTANT_TEXT_SIZE];
    instant_format(now_us, instant);
    str_printf(line, "{\"timestamp\":\"%s\",\"severity\":\"%s\",\"body\":", instant,
               severities[level]);
    str_append_json(line, name);
    if (trace_id[0] != 0) {
        str_printf(line, ",\"trace_id\":\"%s\",\"span_id\":\"%s\"", trace_id, span_id);
    }
    str_append(line, ",\"attributes\":{");
}

/* One write, so that lines of threads never mix; false where it would have had to wait or failed. A
 * pipe takes a line of LOG_LINE_MAX = PIPE_BUF bytes whole or not at all. */
static bool write_now(const char *bytes, size_t size)
{
    ssize_t done;
    do {
        if (log_state.own_fd >= 0) {
            done = write(log_state.own_fd, bytes, size);
        } else if (log_state.is_socket) {
            done = send(log_state.fd, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL);
        } else {
            struct pollfd room = {.fd = log_state.fd, .events = POLLOUT};
            pthread_mutex_lock(&log_state.writing);
            done = poll(&room, 1, 0) > 0 ? write(log_state.fd, bytes, size) : 0;
            pthread_mutex_unlock(&log_state.writing);
        }
    } while (done < 0 && errno == EINTR);
    return done == (ssize_t)size;
}

static void write_line(const char *bytes, size_t size, int64_t now_us)
{
    char told[256];
    char instant[INSTANT_TEXT_SIZE];
    int64_t untold = atomic_exchange(&log_state.untold, 0);
    if (untold > 0) {
        instant_format(now_us, instant);
        int told_size = snprintf(told, sizeof told,
                                 "{\"timestamp\":\"%s\",\"severity\":\"WARN\",\"body\":"
                                 "\"log_lines_dropped\",\"attributes\":{\"count\":%" PRId64 "}}\n",
                                 instant, untold);
        if (!write_now(told, (size_t)told_size)) {
            atomic_fetch_add(&log_state.untold, untold);
        }
    }
    if (!write_now(bytes, size)) {
        atomic_fetch_add(&log_state.dropped, 1);
        atomic_fetch_add(&log_state.untold, 1);
    }
}

int64_t log_dropped_count(void)
{
    return atomic_load(&log_state.dropped);
}

static void write_limited(enum log_level level, const char *name, const struct log_field *fields,
                          size_t count, int64_t burst)
{
    int64_t suppressed = 0;
    if (!log_is_enabled(level)) {
        return;
    }
    int64_t now_us = clock_now_us(log_state.clock != NULL ? log_state.clock : clock_system());
    if (burst > 0 && !pass_repeat(name, now_us, burst, &suppressed)) {
        return;
    }
    struct str line;
    str_init(&line, LOG_LINE_MAX);
    append_head(&line, level, name, now_us);
    for (size_t i = 0; i < count; i++) {
        str_append(&line, i > 0 ? "," : "");
        append_field(&line, &fields[i]);
    }
    if (suppressed > 0) {
        str_printf(&line, "%s\"suppressed\":%" PRId64, count > 0 ? "," : "", suppressed);
    }
    str_append(&line, "}}\n");
    if (line.failed) {
        /* Too long for one line: the event still shows, without what it carried. */
        str_release(&line);
        str_init(&line, LOG_LINE_MAX);
        append_head(&line, level, name, now_us);
        str_append(&line, "\"cut\":true}}\n");
    }
    if (!line.failed) {
        write_line(line.bytes, line.size, now_us);
    }
    str_release(&line);
}

void log_write(enum log_level level, const char *name, const struct log_field *fields, size_t count)
{
    write_limited(level, name, fields, count, level >= LOG_WARN ? LOG_BURST : 0);
}

void log_write_each(enum log_level level, const char *name, const struct log_field *fields,
                    size_t count)
{
    write_limited(level, name, fields, count, LOG_EACH_BURST);
}

static bool is_hex(const char *text, size_t size)
{
    bool all_zero = true;
    for (size_t i = 0; i < size; i++) {
        if (strchr("0123456789abcdef", text[i]) == NULL || text[i] == 0) {
            return false;
        }
        all_zero = all_zero && text[i] == '0';
    }
    return !all_zero;
}

void log_trace_set(const char *new_trace_id, const char *new_span_id)
{
    bool is_good = strlen(new_trace_id) == LOG_TRACE_ID_SIZE - 1 &&
                   strlen(new_span_id) == LOG_SPAN_ID_SIZE - 1 &&
                   is_hex(new_trace_id, LOG_TRACE_ID_SIZE - 1) &&
                   is_hex(new_span_id, LOG_SPAN_ID_SIZE - 1);
    if (is_good) {
        memcpy(trace_id, new_trace_id, LOG_TRACE_ID_SIZE);
        memcpy(span_id, new_span_id, LOG_SPAN_ID_SIZE);
    }
}

void log_trace_clear(void)
{
    trace_id[0] = 0;
    span_id[0] = 0;
}

const char *log_trace_id(void)
{
    return trace_id;
}

bool log_trace_from_parent(const char *traceparent)
{
    /* version "00" - 32 hex - 16 hex - 2 hex flags */
    if (strlen(traceparent) != 55 || memcmp(traceparent, "00-", 3) != 0 || traceparent[35] != '-' ||
        traceparent[52] != '-' || !is_hex(traceparent + 3, 32) || !is_hex(traceparent + 36, 16)) {
        return false;
    }
    memcpy(trace_id, traceparent + 3, 32);
    trace_id[32] = 0;
    memcpy(span_id, traceparent + 36, 16);
    span_id[16] = 0;
    return true;
}
