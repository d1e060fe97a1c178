#include "server/health_rules.h"

#include "base/check.h"

#include <stdio.h>
#include <string.h>

#define REASONS_MAX 8

struct reasons {
    const char *names[REASONS_MAX];
    size_t count;
};

static void add_reason(struct reasons *reasons, bool holds, const char *name)
{
    if (holds) {
        CHECK(reasons->count < REASONS_MAX);
        reasons->names[reasons->count++] = name;
    }
}

static void write_status(const char *status, const struct reasons *reasons,
                         char out[READINESS_TEXT_MAX])
{
    size_t size = (size_t)snprintf(out, READINESS_TEXT_MAX, "{\"status\":\"%s\"", status);
    for (size_t i = 0; i < reasons->count; i++) {
        size += (size_t)snprintf(out + size, READINESS_TEXT_MAX - size, "%s\"%.40s\"",
                                 i == 0 ? ",\"reasons\":[" : ",", reasons->names[i]);
    }
    size += (size_t)snprintf(out + size, READINESS_TEXT_MAX - size, "%s",
                             reasons->count > 0 ? "]}" : "}");
    CHECK(size < READINESS_TEXT_MAX);
}

bool health_decide(const struct health_facts *facts, char out[READINESS_TEXT_MAX])
{
    struct reasons reasons = {.count = 0};
    bool fails_checkpoints = facts->checkpoint_failing_us >= HEALTH_CHECKPOINT_LATE_US;
    bool is_stale = facts->commit_age_us > HEALTH_STALE_US;
    add_reason(&reasons, is_stale,
               facts->commit_error ? err_slug(facts->commit_error) : "no-commit");
    add_reason(&reasons, facts->view.is_end_of_day_late, "end-of-day-late");
    add_reason(&reasons, fails_checkpoints, "checkpoint-failing");
    bool is_ready = reasons.count == 0;
    add_reason(&reasons, facts->checkpoint_failing_us > 0 && !fails_checkpoints,
               "checkpoint-failing");
    /* Who agrees to follow the clock must reach the console. */
    add_reason(&reasons, facts->view.is_clock_in_doubt, "clock-in-doubt");
    add_reason(&reasons, facts->view.shortage_count > 0, "reserve-short");
    add_reason(&reasons,
               facts->disk_free_bytes >= 0 && facts->disk_free_bytes < HEALTH_DISK_SHORT_BYTES,
               "disk-short");
    write_status(!is_ready ? "unavailable" : reasons.count > 0 ? "attention" : "ok", &reasons, out);
    return is_ready;
}
