#include "sys/process.h"

#include "base/check.h"

#include <errno.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#define STOP_SIGNALS_MAX 3
#define KEPT_MAX         (128 * 1024)

extern char **environ;

static int stop_fd = -1;
static atomic_int stop_count;

/* Only what may be called in a signal handler. */
static void take_signal(int number)
{
    int kept = errno;
    if (atomic_fetch_add(&stop_count, 1) + 1 >= STOP_SIGNALS_MAX) {
        _exit(128 + number);
    }
    process_stop();
    errno = kept;
}

static void set_handler(int number, void (*handler)(int), int flags)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = handler;
    action.sa_flags = flags;
    sigemptyset(&action.sa_mask);
    CHECK(sigaction(number, &action, NULL) == 0);
}

enum err process_init(void)
{
    /* Large blocks go back to the system when they are freed: glibc would raise both bounds by itself
     * after the first large body, and keep what a flood of them took. */
    mallopt(M_MMAP_THRESHOLD, KEPT_MAX);
    mallopt(M_TRIM_THRESHOLD, KEPT_MAX);
    if (stop_fd < 0) {
        stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    }
    if (stop_fd < 0) {
        return ERR_UNAVAILABLE;
    }
    atomic_store(&stop_count, 0);
    set_handler(SIGINT, take_signal, SA_RESTART);
    set_handler(SIGTERM, take_signal, SA_RESTART);
    set_handler(SIGPIPE, SIG_IGN, 0);
    set_handler(SIGHUP, SIG_IGN, 0);
    return ERR_OK;
}

enum err process_want_files(int64_t wanted, int64_t *out_allowed)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        *out_allowed = 0;
        return ERR_UNAVAILABLE;
    }
    if (limit.rlim_cur < (rlim_t)wanted && limit.rlim_cur != RLIM_INFINITY) {
        struct rlimit raised = limit;
        bool is_enough = limit.rlim_max == RLIM_INFINITY || limit.rlim_max >= (rlim_t)wanted;
        raised.rlim_cur = is_enough ? (rlim_t)wanted : limit.rlim_max;
        limit = setrlimit(RLIMIT_NOFILE, &raised) == 0 ? raised : limit;
    }
    bool is_unlimited = limit.rlim_cur == RLIM_INFINITY;
    *out_allowed = is_unlimited ? INT64_MAX : (int64_t)limit.rlim_cur;
    return *out_allowed >= wanted ? ERR_OK : ERR_UNAVAILABLE;
}

void process_release(void)
{
    set_handler(SIGINT, SIG_DFL, 0);
    set_handler(SIGTERM, SIG_DFL, 0);
    set_handler(SIGHUP, SIG_DFL, 0);
    if (stop_fd >= 0) {
        close(stop_fd);
        stop_fd = -1;
    }
    atomic_store(&stop_count, 0);
}

void process_stop(void)
{
    uint64_t one = 1;
    while (write(stop_fd, &one, sizeof one) < 0 && errno == EINTR) {
    }
}

bool process_wait_stop(int64_t timeout_us)
{
    struct pollfd event = {.fd = stop_fd, .events = POLLIN};
    struct timespec timeout = {.tv_sec = timeout_us / 1000000,
                               .tv_nsec = (timeout_us % 1000000) * 1000};
    CHECK(stop_fd >= 0);
    /* A signal that interrupts the wait is most likely the stop itself: asked again without wait.
     */
    int count = ppoll(&event, 1, timeout_us < 0 ? NULL : &timeout, NULL);
    if (count < 0) {
        CHECK(errno == EINTR);
        return process_is_stopping() || (timeout_us < 0 && process_wait_stop(timeout_us));
    }
    return count > 0;
}

bool process_is_stopping(void)
{
    struct pollfd event = {.fd = stop_fd, .events = POLLIN};
    return stop_fd >= 0 && poll(&event, 1, 0) > 0;
}

void process_notify_ready(const char *status)
{
    sd_notifyf(0, "READY=1\nSTATUS=%s", status);
}

void process_notify_stopping(void)
{
    sd_notify(0, "STOPPING=1");
}

int process_inherited_socket(size_t index)
{
    int count = sd_listen_fds(0);
    if (count <= 0 || index >= (size_t)count) {
        return -1;
    }
    int fd = SD_LISTEN_FDS_START + (int)index;
    return sd_is_socket(fd, 0, 0, 1) > 0 ? fd : -1;
}

bool process_is_terminal(int fd)
{
    return isatty(fd) == 1;
}

int process_terminal_width(int fd)
{
    struct winsize size;
    if (ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) {
        return 80;
    }
    return size.ws_col;
}

int64_t process_id(void)
{
    return getpid();
}

int64_t process_memory_bytes(void)
{
    long long pages = 0;
    FILE *file = fopen("/proc/self/statm", "re");
    if (file == NULL) {
        return 0;
    }
    int got = fscanf(file, "%*s %lld", &pages);
    fclose(file);
    return got == 1 ? (int64_t)pages * sysconf(_SC_PAGESIZE) : 0;
}

const char *const *process_environment(void)
{
    return (const char *const *)environ;
}
