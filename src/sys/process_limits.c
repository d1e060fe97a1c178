/* What the system allows this process, for the line that explains a start that failed. */
#include "sys/process.h"

#include "base/str.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#define GROUP_PATH_MAX 512
#define MIB            (INT64_C(1) << 20)

struct limits_text {
    char *out;
    size_t size, length;
};

static void add_limit(struct limits_text *text, int64_t value, const char *what)
{
    int written = snprintf(text->out + text->length, text->size - text->length, "%s%" PRId64 " %s",
                           text->length > 0 ? ", " : "", value, what);
    size_t room = text->size - text->length - 1;
    text->length += (size_t)written < room ? (size_t)written : room;
}

static void add_resource(struct limits_text *text, __rlimit_resource_t resource, int64_t unit,
                         const char *what)
{
    struct rlimit limit;
    if (getrlimit(resource, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY) {
        add_limit(text, (int64_t)limit.rlim_cur / unit, what);
    }
}

/* The control group's folder: the line "0::/PATH" of /proc/self/cgroup. */
static bool find_group(char out[GROUP_PATH_MAX])
{
    char line[GROUP_PATH_MAX];
    bool is_found = false;
    FILE *file = fopen("/proc/self/cgroup", "re");
    while (file != NULL && !is_found && fgets(line, sizeof line, file) != NULL) {
        is_found = strncmp(line, "0::/", 4) == 0;
    }
    if (file != NULL) {
        (void)fclose(file);
    }
    if (is_found) {
        line[strcspn(line, "\n")] = '\0';
        snprintf(out, GROUP_PATH_MAX, "%.480s", line + 3);
    }
    return is_found;
}

/* A file of the group that holds a number; "max" and no file are no limit. */
static void add_group(struct limits_text *text, const char *group, const char *name, int64_t unit,
                      const char *what)
{
    char path[GROUP_PATH_MAX + 64];
    char value[32] = "";
    int64_t limit;
    snprintf(path, sizeof path, "/sys/fs/cgroup%s/%s", group, name);
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        return;
    }
    if (fgets(value, sizeof value, file) != NULL) {
        value[strcspn(value, "\n")] = '\0';
        if (str_to_int(value, &limit)) {
            add_limit(text, limit / unit, what);
        }
    }
    (void)fclose(file);
}

void process_limits_text(char *out, size_t size)
{
    struct limits_text text = {.out = out, .size = size};
    char group[GROUP_PATH_MAX];
    out[0] = '\0';
    add_resource(&text, RLIMIT_AS, MIB, "MiB of addresses (ulimit -v)");
    add_resource(&text, RLIMIT_DATA, MIB, "MiB of data (ulimit -d)");
    add_resource(&text, RLIMIT_NPROC, 1, "threads of this user (ulimit -u)");
    add_resource(&text, RLIMIT_NOFILE, 1, "open files (ulimit -n)");
    if (find_group(group)) {
        add_group(&text, group, "memory.max", MIB, "MiB of memory (MemoryMax=)");
        add_group(&text, group, "pids.max", 1, "threads of the service (TasksMax=)");
    }
    if (text.length == 0) {
        snprintf(out, size, "no limit is set");
    }
}
