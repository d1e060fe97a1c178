/*
 * The decoder process itself. Before it reads a byte it gives up everything it does not need: new
 * files, sockets, processes, unbounded memory and time; any other system call kills it.
 */
#include "decoder.h"
#include "picture.h"

#include <fcntl.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sysexits.h>
#include <unistd.h>

#define DECODER_SOCKET        0
#define DECODER_MEMORY_MAX    (768UL * 1024 * 1024) /* 24 megapixels, twice, and the program */
#define DECODER_CPU_SECONDS   300                   /* of all its pictures */
#define DECODER_TRY_ALLOCATED (2UL * 1024 * 1024 * 1024)

static bool decoder_child_limit(int what, rlim_t value)
{
    struct rlimit limits = {.rlim_cur = value, .rlim_max = value};
    return setrlimit((__rlimit_resource_t)what, &limits) == 0;
}

static bool limit_all(void)
{
    /* A sanitizer maps terabytes that it never touches; memory is bounded in the real program only. */
    return decoder_child_limit(RLIMIT_CORE, 0) && decoder_child_limit(RLIMIT_FSIZE, 0) &&
           decoder_child_limit(RLIMIT_NPROC, 0) && decoder_child_limit(RLIMIT_NOFILE, 0) &&
           decoder_child_limit(RLIMIT_CPU, DECODER_CPU_SECONDS) &&
           (DECODER_IS_SANITIZED || decoder_child_limit(RLIMIT_AS, DECODER_MEMORY_MAX));
}

/* Memory, but neither executable nor from a file. */
static int allow_memory(scmp_filter_ctx filter)
{
    return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 2,
                            SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0),
                            SCMP_A3(SCMP_CMP_MASKED_EQ, MAP_ANONYMOUS, MAP_ANONYMOUS)) |
           seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
                            SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
}

static bool decoder_child_confine(void)
{
    static const int allowed[] = {
        SCMP_SYS(exit),
        SCMP_SYS(exit_group),
        SCMP_SYS(brk),
        SCMP_SYS(munmap),
        SCMP_SYS(mremap),
        SCMP_SYS(madvise),
        SCMP_SYS(rt_sigreturn),
        SCMP_SYS(futex),
        SCMP_SYS(clock_gettime),
        SCMP_SYS(restart_syscall),
#if DECODER_IS_SANITIZED
        SCMP_SYS(gettid),
        SCMP_SYS(getpid),
        SCMP_SYS(sigaltstack),
        SCMP_SYS(sched_yield),
        SCMP_SYS(rt_sigprocmask),
#endif
    };
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
    if (filter == NULL) {
        return false;
    }
    int failed = allow_memory(filter);
    for (size_t i = 0; i < sizeof allowed / sizeof allowed[0]; i++) {
        failed |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0);
    }
    failed |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(read), 1,
                               SCMP_A0(SCMP_CMP_EQ, DECODER_SOCKET));
    failed |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(write), 1,
                               SCMP_A0(SCMP_CMP_EQ, DECODER_SOCKET));
#if DECODER_IS_SANITIZED
    failed |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(write), 1,
                               SCMP_A0(SCMP_CMP_EQ, STDERR_FILENO)); /* its findings */
#endif
    failed |= prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    failed |= seccomp_load(filter);
    seccomp_release(filter);
    return failed == 0;
}

/* --- requests --------------------------------------------------------------------------------- */

static bool read_all(void *bytes, size_t size)
{
    char *at = bytes;
    while (size > 0) {
        ssize_t got = read(DECODER_SOCKET, at, size);
        if (got <= 0) {
            return false;
        }
        at += got;
        size -= (size_t)got;
    }
    return true;
}

static bool write_all(const void *bytes, size_t size)
{
    const char *at = bytes;
    while (size > 0) {
        ssize_t put = write(DECODER_SOCKET, at, size);
        if (put <= 0) {
            return false;
        }
        at += put;
        size -= (size_t)put;
    }
    return true;
}

static bool decoder_child_answer(enum err err, const struct image *image)
{
    struct decoder_answer answer = {.magic = DECODER_MAGIC, .err = err};
    if (err != ERR_OK || image == NULL) {
        return write_all(&answer, sizeof answer);
    }
    answer.width = image->width;
    answer.height = image->height;
    return write_all(&answer, sizeof answer) &&
           write_all(image->rgb, (size_t)image->width * (size_t)image->height * 3);
}

/* Actions of a compromised decoder. Returns only if none was stopped. */
static enum err decoder_child_attempt(uint32_t kind)
{
    if (kind == DECODER_TRY_OPEN) {
        (void)syscall(SYS_openat, AT_FDCWD, "/etc/passwd", O_RDONLY);
    } else if (kind == DECODER_TRY_SOCKET) {
        (void)syscall(SYS_socket, AF_INET, SOCK_STREAM, 0);
    } else if (kind == DECODER_TRY_PROCESS) {
        (void)syscall(SYS_clone, 0, NULL, NULL, NULL, NULL);
    } else if (kind == DECODER_TRY_MEMORY) {
        volatile char *memory = malloc(DECODER_TRY_ALLOCATED);
        if (memory == NULL) {
            return ERR_NO_MEMORY;
        }
        memory[DECODER_TRY_ALLOCATED - 1] = 1;
    } else {
        for (volatile unsigned i = 0;; i++) {
        }
    }
    return ERR_PICTURE_TOO_LARGE; /* "it worked": no test waits for this one */
}

static bool decoder_child_serve(uint8_t *bytes)
{
    struct decoder_request request;
    struct image image = {0};
    if (!read_all(&request, sizeof request) || request.magic != DECODER_MAGIC ||
        request.size > IMAGE_BYTES_MAX || !read_all(bytes, request.size)) {
        return false;
    }
    if (request.kind != DECODER_PICTURE) {
        return decoder_child_answer(decoder_child_attempt(request.kind), NULL);
    }
    enum err err = picture_decode(bytes, request.size, (int)request.side_max, &image);
    bool well = decoder_child_answer(err, &image);
    image_release(&image);
    return well;
}

int image_decoder_main(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    uint8_t *bytes = malloc(IMAGE_BYTES_MAX);
    if (bytes == NULL || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 || !limit_all() ||
        !decoder_child_confine()) {
        _exit(EX_OSERR);
    }
    while (decoder_child_serve(bytes)) {
    }
    _exit(0); /* no exit handlers: they may use forbidden calls */
}
