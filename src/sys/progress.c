#include "sys/progress.h"

#include "sys/clock.h"
#include "sys/process.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define DRAW_EVERY_US 100000
#define BAR_MIN       8
#define BAR_MAX       40

/* "2:07" or "1:02:07". */
static void format_left(int64_t seconds, char *out, size_t size)
{
    if (seconds >= 3600) {
        snprintf(out, size, "%" PRId64 ":%02" PRId64 ":%02" PRId64, seconds / 3600,
                 seconds / 60 % 60, seconds % 60);
    } else {
        snprintf(out, size, "%" PRId64 ":%02" PRId64, seconds / 60, seconds % 60);
    }
}

static void format_bar(int64_t done, int64_t total, int columns, char out[BAR_MAX + 1])
{
    /* Multiplied first where that fits, for an exact bar of a small total. */
    int64_t filled =
        total < INT64_MAX / BAR_MAX ? done * columns / total : done / (total / columns);
    filled = filled > columns ? columns : filled;
    memset(out, '-', (size_t)columns);
    memset(out, '#', (size_t)filled);
    out[columns] = 0;
}

void progress_format(const struct progress *progress, int width, int64_t elapsed_us,
                     char out[PROGRESS_LINE_MAX])
{
    int64_t elapsed_ms = elapsed_us / 1000 > 0 ? elapsed_us / 1000 : 1;
    int64_t rate = progress->done < INT64_MAX / 1000 ? progress->done * 1000 / elapsed_ms : 0;
    if (progress->total <= 0) {
        snprintf(out, PROGRESS_LINE_MAX, "%s  %" PRId64 "  %" PRId64 "/s", progress->label,
                 progress->done, rate);
        return;
    }
    int64_t done = progress->done < progress->total ? progress->done : progress->total;
    int64_t percent =
        progress->total >= 100 ? done / (progress->total / 100) : done * 100 / progress->total;
    char left[48] = "";
    char numbers[160];
    char bar[BAR_MAX + 1];
    if (rate > 0 && done < progress->total) {
        char time[32];
        format_left((progress->total - done) / rate, time, sizeof time);
        snprintf(left, sizeof left, progress->lang == LANG_ZH ? "  剩余 %s" : "  %s left", time);
    }
    snprintf(numbers, sizeof numbers, "%3" PRId64 " %%  %" PRId64 "/%" PRId64 "  %" PRId64 "/s%s",
             percent > 100 ? 100 : percent, progress->done, progress->total, rate, left);
    int room = width - (int)strlen(progress->label) - (int)strlen(numbers) - 7;
    int columns = room < BAR_MIN ? BAR_MIN : room > BAR_MAX ? BAR_MAX : room;
    format_bar(done, progress->total, columns, bar);
    snprintf(out, PROGRESS_LINE_MAX, "%s  [%s]  %s", progress->label, bar, numbers);
}

static void progress_draw(struct progress *progress, int64_t now_us, const char *end)
{
    char line[PROGRESS_LINE_MAX];
    progress->drawn_us = now_us;
    progress_format(progress, process_terminal_width(progress->fd), now_us - progress->started_us,
                    line);
    dprintf(progress->fd, "\r%s\033[K%s", line, end);
}

void progress_start(struct progress *progress, const char *label, int64_t total, enum lang lang)
{
    *progress = (struct progress){.label = label,
                                  .total = total,
                                  .started_us = clock_monotonic_us(),
                                  .fd = STDERR_FILENO,
                                  .lang = lang,
                                  .visible = process_is_terminal(STDERR_FILENO)};
}

void progress_update(struct progress *progress, int64_t done)
{
    progress->done = done;
    if (!progress->visible) {
        return;
    }
    int64_t now_us = clock_monotonic_us();
    if (now_us - progress->drawn_us >= DRAW_EVERY_US) {
        progress_draw(progress, now_us, "");
    }
}

void progress_finish(struct progress *progress)
{
    if (progress->visible) {
        progress_draw(progress, clock_monotonic_us(), "\n");
    }
}
