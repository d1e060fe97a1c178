#include "sys/clock_guard.h"

#include "base/check.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* --- the guard -------------------------------------------------------------------------------- */

static bool is_within(int64_t gap_us)
{
    return gap_us >= -CLOCK_BACK_MAX_US && gap_us <= CLOCK_FORWARD_MAX_US;
}

static void state_enter(struct clock_guard *guard, enum clock_state state)
{
    if (guard->state != state) {
        guard->jump_count += state == CLOCK_JUMPED;
        guard->state = state;
        guard->changed_at_us = guard->last_us;
    }
}

/* Moves the bank's time on to this moment; returns how far the wall clock is ahead of it. */
static int64_t advance_locked(struct clock_guard *guard)
{
    int64_t wall_us = clock_now_us(guard->wall);
    int64_t count_us = clock_now_us(guard->count);
    int64_t passed_us = count_us > guard->last_count_us ? count_us - guard->last_count_us : 0;
    int64_t own_us = guard->last_us + passed_us;
    int64_t gap_us = wall_us - own_us;
    if (!is_within(gap_us)) {
        guard->last_us = own_us;
        state_enter(guard, CLOCK_JUMPED);
    } else {
        int64_t slower_us = gap_us < -passed_us / 2 ? passed_us / 2 : -gap_us;
        guard->last_us = gap_us >= 0 ? wall_us : own_us - slower_us;
        state_enter(guard, guard->state == CLOCK_UNSURE ? CLOCK_UNSURE : CLOCK_STEADY);
    }
    guard->last_count_us = count_us > guard->last_count_us ? count_us : guard->last_count_us;
    return wall_us - guard->last_us;
}

static int64_t guard_now_us(struct clock *clock)
{
    struct clock_guard *guard = (struct clock_guard *)clock; /* its first member */
    mutex_lock(&guard->mutex);
    (void)advance_locked(guard);
    int64_t now_us = guard->last_us;
    mutex_unlock(&guard->mutex);
    return now_us;
}

void clock_guard_init(struct clock_guard *guard, struct clock *wall, struct clock *count,
                      const char *boot_id)
{
    *guard = (struct clock_guard){
        .clock = {guard_now_us}, .wall = wall, .count = count, .state = CLOCK_STEADY};
    snprintf(guard->boot_id, sizeof guard->boot_id, "%s", boot_id);
    mutex_init(&guard->mutex);
    guard->last_us = clock_now_us(wall);
    guard->last_count_us = clock_now_us(count);
    guard->changed_at_us = guard->last_us;
}

void clock_guard_resume(struct clock_guard *guard, const struct clock_memory *memory)
{
    int64_t wall_us = clock_now_us(guard->wall);
    mutex_lock(&guard->mutex);
    guard->last_count_us = clock_now_us(guard->count);
    if (memory->largest_us == 0) {
        guard->last_us = wall_us;
    } else if (strcmp(memory->boot_id, guard->boot_id) == 0) {
        int64_t own_us = guard->last_count_us + memory->offset_us;
        guard->last_us = own_us > memory->largest_us ? own_us : memory->largest_us;
    } else if (wall_us < memory->largest_us) {
        guard->last_us = memory->largest_us;
    } else {
        guard->last_us = wall_us;
        if (wall_us - memory->largest_us > CLOCK_OUTAGE_MAX_US) {
            state_enter(guard, CLOCK_UNSURE);
        }
    }
    guard->changed_at_us = guard->last_us;
    (void)advance_locked(guard);
    mutex_unlock(&guard->mutex);
}

struct clock_reading clock_guard_read(struct clock_guard *guard)
{
    mutex_lock(&guard->mutex);
    int64_t ahead_us = advance_locked(guard);
    struct clock_reading reading = {.now_us = guard->last_us,
                                    .count_us = guard->last_count_us,
                                    .ahead_us = ahead_us,
                                    .state = guard->state,
                                    .changed_at_us = guard->changed_at_us,
                                    .jump_count = guard->jump_count};
    mutex_unlock(&guard->mutex);
    return reading;
}

void clock_guard_follow(struct clock_guard *guard)
{
    mutex_lock(&guard->mutex);
    guard->last_us = clock_now_us(guard->wall);
    guard->last_count_us = clock_now_us(guard->count);
    state_enter(guard, CLOCK_STEADY);
    mutex_unlock(&guard->mutex);
}

/* --- the machine ------------------------------------------------------------------------------ */

static int64_t machine_count_us(struct clock *clock)
{
    (void)clock;
    struct timespec now;
    CHECK(clock_gettime(CLOCK_BOOTTIME, &now) == 0);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

struct clock *clock_count(void)
{
    static struct clock clock = {machine_count_us};
    return &clock;
}

enum err clock_boot_id(char out[CLOCK_BOOT_ID_SIZE])
{
    FILE *file = fopen("/proc/sys/kernel/random/boot_id", "re");
    bool is_read = file != NULL && fgets(out, CLOCK_BOOT_ID_SIZE, file) != NULL;
    if (file != NULL) {
        (void)fclose(file);
    }
    if (!is_read) {
        return ERR_IO;
    }
    out[strcspn(out, "\n")] = '\0';
    return ERR_OK;
}

/* --- shifted, for tests ------------------------------------------------------------------------ */

struct shifted {
    struct clock clock; /* first */
    struct clock *machine;
    int file;
    off_t place; /* of its shift in the file */
    _Atomic int64_t
        shift_us; /* as last read: a file that is being written may be empty for a moment */
};

static int64_t shifted_now_us(struct clock *clock)
{
    struct shifted *shifted = (struct shifted *)clock;
    int64_t shift_us;
    if (pread(shifted->file, &shift_us, sizeof shift_us, shifted->place) ==
        (ssize_t)sizeof shift_us) {
        atomic_store(&shifted->shift_us, shift_us);
    }
    return clock_now_us(shifted->machine) + atomic_load(&shifted->shift_us);
}

enum err clock_shifted(const char *path, struct clock **out_wall, struct clock **out_count)
{
    static struct shifted wall, count;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || lseek(fd, 0, SEEK_END) < (off_t)(2 * sizeof(int64_t))) {
        if (fd >= 0) {
            (void)close(fd);
        }
        return ERR_IO;
    }
    wall = (struct shifted){.clock = {shifted_now_us}, .machine = clock_system(), .file = fd};
    count = (struct shifted){
        .clock = {shifted_now_us}, .machine = clock_count(), .file = fd, .place = sizeof(int64_t)};
    *out_wall = &wall.clock;
    *out_count = &count.clock;
    return ERR_OK;
}
