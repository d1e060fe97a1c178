#include "decoder.h"

#include "base/check.h"
#include "image.h"
#include "sys/thread.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct decoder {
    pid_t process; /* -1: not running */
    int socket;
    int pictures;
    bool busy;
};

struct decoder_pool {
    char program[1024];
    struct mutex mutex;
    struct cond freed;
    size_t count;
    struct decoder decoders[DECODER_COUNT_MAX];
};

/* --- start and stop --------------------------------------------------------------------------- */

/* The bank's environment holds secrets; a decoder gets none of it. Sanitizer options are passed on,
 * with leak detection off: it needs calls that the decoder gives up. */
static void fill_environment(char *asan, size_t size, char **out)
{
    const char *kept = getenv("ASAN_OPTIONS");
    snprintf(asan, size, "ASAN_OPTIONS=%s%sdetect_leaks=0", kept == NULL ? "" : kept,
             kept == NULL ? "" : ":");
    static char language[] = "LC_ALL=C";
    out[0] = language;
    out[1] = asan;
    out[2] = NULL;
}

static int decoder_spawn(const char *program, int socket, pid_t *out)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    char asan[512], path[1024], command[] = DECODER_COMMAND, *environment[3];
    char *arguments[] = {path, command, NULL};
    snprintf(path, sizeof path, "%s", program);
    fill_environment(asan, sizeof asan, environment);
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawn_file_actions_init(&files);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_adddup2(&files, socket, 0);
    posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0);
    if (!DECODER_IS_SANITIZED) { /* the libraries write a warning there for every damaged picture */
        posix_spawn_file_actions_adddup2(&files, 1, 2);
    }
    posix_spawn_file_actions_addclosefrom_np(&files, 3);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setpgroup(&attributes, 0); /* Ctrl-C is handled by the bank */
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                              POSIX_SPAWN_SETPGROUP);
    int failed = posix_spawn(out, program, &files, &attributes, arguments, environment);
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attributes);
    return failed;
}

static enum err decoder_start(const char *program, struct decoder *decoder)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
        return ERR_IO;
    }
    int failed = decoder_spawn(program, ends[1], &decoder->process);
    (void)close(ends[1]);
    if (failed != 0) {
        (void)close(ends[0]);
        decoder->process = -1;
        decoder->socket = -1;
        return failed == ENOMEM || failed == EAGAIN ? ERR_NO_MEMORY : ERR_IO;
    }
    decoder->socket = ends[0];
    decoder->pictures = 0;
    return ERR_OK;
}

/* Kills it; returns the signal that had already killed it, or 0. */
static int decoder_stop(struct decoder *decoder)
{
    int status = 0;
    char byte;
    if (decoder->process < 0) {
        return 0;
    }
    bool was_dead = recv(decoder->socket, &byte, 1, MSG_DONTWAIT | MSG_PEEK) == 0 ||
                    (errno != EAGAIN && errno != EINTR);
    (void)close(decoder->socket);
    (void)kill(decoder->process, SIGKILL); /* no effect on a process that is already dying */
    while (waitpid(decoder->process, &status, 0) < 0 && errno == EINTR) {
    }
    decoder->process = -1;
    return was_dead && WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

enum err decoder_pool_open(const char *program, size_t count, struct decoder_pool **out)
{
    CHECK(count >= 1 && count <= DECODER_COUNT_MAX);
    struct decoder_pool *pool = calloc(1, sizeof *pool);
    if (pool == NULL) {
        return ERR_NO_MEMORY;
    }
    snprintf(pool->program, sizeof pool->program, "%s", program);
    mutex_init(&pool->mutex);
    cond_init(&pool->freed);
    for (size_t i = 0; i < DECODER_COUNT_MAX; i++) {
        pool->decoders[i].process = -1;
    }
    for (pool->count = 0; pool->count < count; pool->count++) {
        enum err err = decoder_start(pool->program, &pool->decoders[pool->count]);
        if (err != ERR_OK) {
            decoder_pool_close(pool);
            return err;
        }
    }
    *out = pool;
    return ERR_OK;
}

void decoder_pool_close(struct decoder_pool *pool)
{
    if (pool == NULL) {
        return;
    }
    for (size_t i = 0; i < pool->count; i++) {
        (void)decoder_stop(&pool->decoders[i]);
    }
    cond_release(&pool->freed);
    mutex_release(&pool->mutex);
    free(pool);
}

/* --- one picture ------------------------------------------------------------------------------ */

static int64_t monotonic_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static bool wait_for(int socket, short events, int64_t deadline_us)
{
    int64_t left = deadline_us - monotonic_us();
    struct pollfd waiting = {.fd = socket, .events = events};
    return left > 0 && poll(&waiting, 1, (int)(left / 1000 + 1)) > 0;
}

static bool send_all(int socket, const void *bytes, size_t size, int64_t deadline_us)
{
    const char *at = bytes;
    while (size > 0) {
        ssize_t sent = send(socket, at, size, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent > 0) {
            at += sent;
            size -= (size_t)sent;
        } else if (!(sent < 0 && (errno == EAGAIN || errno == EINTR) &&
                     wait_for(socket, POLLOUT, deadline_us))) {
            return false;
        }
    }
    return true;
}

static bool receive_all(int socket, void *bytes, size_t size, int64_t deadline_us)
{
    char *at = bytes;
    while (size > 0) {
        ssize_t got = recv(socket, at, size, MSG_DONTWAIT);
        if (got > 0) {
            at += got;
            size -= (size_t)got;
        } else if (!(got < 0 && (errno == EAGAIN || errno == EINTR) &&
                     wait_for(socket, POLLIN, deadline_us))) {
            return false;
        }
    }
    return true;
}

/* A decoder's answers are checked too: a picture may have compromised it. */
static bool is_plausible(const struct decoder_answer *answer, uint32_t side_max)
{
    return answer->magic == DECODER_MAGIC && answer->width >= IMAGE_SIDE_MIN &&
           answer->height >= IMAGE_SIDE_MIN && answer->width <= (int32_t)side_max &&
           answer->height <= (int32_t)side_max;
}

/* False: the decoder must be replaced. */
static bool decoder_ask(struct decoder *decoder, const struct decoder_request *request,
                        const void *bytes, int64_t time_limit_us, struct image *out,
                        enum err *out_err)
{
    int64_t deadline = monotonic_us() + time_limit_us;
    struct decoder_answer answer;
    *out_err = ERR_PICTURE_UNREADABLE;
    if (!send_all(decoder->socket, request, sizeof *request, deadline) ||
        !send_all(decoder->socket, bytes, request->size, deadline) ||
        !receive_all(decoder->socket, &answer, sizeof answer, deadline)) {
        return false;
    }
    if (answer.magic == DECODER_MAGIC &&
        (answer.err == ERR_PICTURE_TOO_LARGE || answer.err == ERR_PICTURE_UNREADABLE ||
         answer.err == ERR_NO_MEMORY)) {
        *out_err = (enum err)answer.err;
        return true;
    }
    if (answer.err != ERR_OK || !is_plausible(&answer, request->side_max)) {
        return false;
    }
    if (image_init(out, answer.width, answer.height) != ERR_OK) {
        *out_err = ERR_NO_MEMORY;
        return false; /* its answer is not read */
    }
    if (!receive_all(decoder->socket, out->rgb, (size_t)out->width * (size_t)out->height * 3,
                     deadline)) {
        image_release(out);
        return false;
    }
    *out_err = ERR_OK;
    return true;
}

static struct decoder *decoder_take(struct decoder_pool *pool, size_t first, size_t count)
{
    mutex_lock(&pool->mutex);
    for (;;) {
        for (size_t i = first; i < first + count; i++) {
            if (!pool->decoders[i].busy) {
                pool->decoders[i].busy = true;
                mutex_unlock(&pool->mutex);
                return &pool->decoders[i];
            }
        }
        (void)cond_wait(&pool->freed, &pool->mutex, -1);
    }
}

static void give_back(struct decoder_pool *pool, struct decoder *decoder)
{
    mutex_lock(&pool->mutex);
    decoder->busy = false;
    mutex_unlock(&pool->mutex);
    cond_signal(&pool->freed);
}

/* A decoder that died while idle is only restarted. */
static bool is_alive(const struct decoder *decoder)
{
    char byte;
    return decoder->process >= 0 &&
           !(recv(decoder->socket, &byte, 1, MSG_DONTWAIT | MSG_PEEK) >= 0 || errno != EAGAIN);
}

static enum err decoder_run(struct decoder_pool *pool, struct decoder *decoder,
                            const struct decoder_request *request, const void *bytes,
                            int64_t time_limit_us, struct image *out, int *out_signal)
{
    enum err err = ERR_OK;
    *out_signal = 0;
    if (!is_alive(decoder)) {
        (void)decoder_stop(decoder);
        err = decoder_start(pool->program, decoder);
        if (err != ERR_OK) {
            return err == ERR_IO ? ERR_PICTURE_UNREADABLE : err;
        }
    }
    bool usable = decoder_ask(decoder, request, bytes, time_limit_us, out, &err);
    if (!usable || ++decoder->pictures >= DECODER_PICTURES_MAX) {
        *out_signal = decoder_stop(decoder);
        (void)decoder_start(pool->program, decoder); /* else at the next picture */
    }
    return err;
}

enum err decoder_pool_decode(struct decoder_pool *pool, const void *bytes, size_t size,
                             int side_max, struct image *out)
{
    if (size > IMAGE_BYTES_MAX) {
        return ERR_PICTURE_TOO_LARGE;
    }
    int ignored;
    struct decoder_request request = {.magic = DECODER_MAGIC,
                                      .kind = DECODER_PICTURE,
                                      .side_max = (uint32_t)side_max,
                                      .size = (uint32_t)size};
    struct decoder *decoder = decoder_take(pool, 0, pool->count);
    enum err err =
        decoder_run(pool, decoder, &request, bytes, DECODER_TIME_LIMIT_US, out, &ignored);
    give_back(pool, decoder);
    return err;
}

/* --- tests ------------------------------------------------------------------------------------ */

enum err decoder_pool_try(struct decoder_pool *pool, enum decoder_request_kind kind,
                          int64_t time_limit_us, int *out_signal)
{
    struct decoder_request request = {
        .magic = DECODER_MAGIC, .kind = kind, .side_max = IMAGE_SIDE_MAX};
    struct image image = {0};
    struct decoder *decoder = decoder_take(pool, 0, 1);
    enum err err = decoder_run(pool, decoder, &request, NULL, time_limit_us, &image, out_signal);
    give_back(pool, decoder);
    image_release(&image);
    return err;
}

pid_t decoder_pool_process(struct decoder_pool *pool, size_t i)
{
    CHECK(i < pool->count);
    mutex_lock(&pool->mutex);
    pid_t process = pool->decoders[i].process;
    mutex_unlock(&pool->mutex);
    return process;
}
