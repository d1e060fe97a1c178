/*
 * sycee bench payment: whole payments over HTTP. A bank is filled with people and served by this
 * same program as a child; this process is the load: so many keep-alive connections, each sending
 * its next payment when the last was answered.
 */
#include "bench/bench_people.h"
#include "bench/bench_private.h"
#include "bench/bench_tool.h"
#include "command/migrate.h"
#include "command/terminal.h"

#include "base/check.h"

#include <argp.h>
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#define START_MINOR     INT64_C(10000000)
#define ANSWER_MAX      16384
#define REQUEST_MAX     2048
#define CONNECTIONS_MAX 512
#define START_WAIT_MS   60000

struct options {
    const char *database;
    int64_t people, connections, seconds;
    bool json;
};

struct connection {
    int fd;
    int64_t started_us;
    size_t filled, sent, request_size;
    char request[REQUEST_MAX];
    char answer[ANSWER_MAX];
};

struct run {
    const struct options *options;
    char folder[64], url[512], key_file[128], database_set[600], key_set[200], port_set[64];
    int port;
    pid_t child;
    struct bench_person *people;
    struct connection *connections;
    struct latencies latencies;
    uint64_t random;
    int64_t payments, refused, failed, keys;
    char example[512]; /* first answer that was no success */
};

/* --- the bank --------------------------------------------------------------------------------- */

static enum err bench_payment_fill(struct run *run)
{
    struct config *config;
    char fault[CONFIG_FAULT_SIZE];
    int applied;
    enum err err = migrate_database(run->url, true, &applied, NULL);
    err = err ? err : config_load(CONFIG_OPTIONS, CONFIG_OPTION_COUNT, NULL, NULL, &config, fault);
    if (err) {
        return err;
    }
    err = config_override(config, run->database_set, fault);
    err = err ? err : config_override(config, run->key_set, fault);
    struct house house;
    err = err ? err : rooms_open(config, false, &house, NULL);
    if (!err) {
        err = bench_people_make(&house, START_MINOR, run->people, (size_t)run->options->people);
        rooms_close(&house);
    }
    config_release(config);
    return err;
}

static enum err start_child(struct run *run)
{
    run->child = fork();
    if (run->child < 0) {
        return ERR_UNAVAILABLE;
    }
    if (run->child == 0) {
        char log[128];
        snprintf(log, sizeof log, "%s/bank.log", run->folder);
        int fd = open(log, O_WRONLY | O_CREAT | O_TRUNC, 0600);
        dup2(fd, 1);
        dup2(fd, 2);
        execl("/proc/self/exe", "sycee", "serve", "--set", run->database_set, "--set", run->key_set,
              "--set", run->port_set, "--set", "server.rate_limits=false", "--set",
              "outside.url=http://127.0.0.1:1", "--set", "bank.automatic_end_of_day=false", "--set",
              "log.level=error", (char *)NULL);
        _exit(127);
    }
    return ERR_OK;
}

static int connect_to(int port, bool nonblocking)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int one = 1;
    if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) != 0) {
        close(fd);
        return -1;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (nonblocking) {
        fcntl(fd, F_SETFL, O_NONBLOCK);
    }
    return fd;
}

static enum err await_child(struct run *run)
{
    for (int waited = 0; waited < START_WAIT_MS; waited += 20) {
        int fd = connect_to(run->port, false);
        if (fd >= 0) {
            close(fd);
            return ERR_OK;
        }
        if (waitpid(run->child, NULL, WNOHANG) == run->child) {
            run->child = 0;
            return ERR_UNAVAILABLE;
        }
        struct timespec pause = {.tv_nsec = 20000000};
        nanosleep(&pause, NULL);
    }
    return ERR_UNAVAILABLE;
}

/* --- the load --------------------------------------------------------------------------------- */

static void send_next(struct run *run, struct connection *c)
{
    uint64_t count = (uint64_t)run->options->people;
    const struct bench_person *payer = &run->people[bench_random(&run->random) % count];
    const struct bench_person *payee = &run->people[bench_random(&run->random) % count];
    payee = payee == payer ? &run->people[(size_t)(payer - run->people + 1) % count] : payee;
    char body[400];
    int size = snprintf(body, sizeof body,
                        "{\"debtorAccountId\":\"%lld\",\"creditorPhone\":\"%s\","
                        "\"creditorName\":\"" BENCH_PERSON_NAME "\",\"instructedAmount\":"
                        "{\"amount\":\"0.%02d\",\"currency\":\"CNY\"},"
                        "\"remittanceInformationUnstructured\":\"bench\"}",
                        (long long)payer->account.value, payee->phone,
                        (int)(bench_random(&run->random) % 99) + 1);
    c->request_size = (size_t)snprintf(
        c->request, sizeof c->request,
        "POST /v1/transfers HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer %s\r\n"
        "Idempotency-Key: bench-%lld\r\nContent-Type: application/json\r\nContent-Length: %d\r\n"
        "\r\n%s",
        payer->token, (long long)run->keys++, size, body);
    c->sent = 0;
    c->filled = 0;
    c->started_us = clock_monotonic_us();
    ssize_t written = write(c->fd, c->request, c->request_size);
    CHECK(written == (ssize_t)c->request_size);
}

/* True once head and body of an answer are there. */
static bool is_whole(const struct connection *c)
{
    const char *end = memmem(c->answer, c->filled, "\r\n\r\n", 4);
    if (end == NULL) {
        return false;
    }
    const char *length = strcasestr(c->answer, "\r\nContent-Length:");
    size_t size = length ? (size_t)strtoul(length + 17, NULL, 10) : 0;
    return c->filled >= (size_t)(end - c->answer) + 4 + size;
}

static void bench_payment_count(struct run *run, struct connection *c)
{
    int64_t took = clock_monotonic_us() - c->started_us;
    int status = (int)strtol(c->answer + 9, NULL, 10);
    latencies_add(&run->latencies, took);
    if (status == 201) {
        run->payments++;
        return;
    }
    run->refused += status == 422 ? 1 : 0;
    run->failed += status == 422 ? 0 : 1;
    if (run->example[0] == '\0') {
        snprintf(run->example, sizeof run->example, "%.500s", c->answer);
    }
}

/* Reads what there is; true if the answer is complete. */
static bool bench_payment_receive(struct run *run, struct connection *c)
{
    ssize_t got = read(c->fd, c->answer + c->filled, sizeof c->answer - 1 - c->filled);
    if (got <= 0) {
        run->failed++;
        close(c->fd);
        c->fd = -1;
        return false;
    }
    c->filled += (size_t)got;
    c->answer[c->filled] = '\0';
    return is_whole(c);
}

static enum err open_connections(struct run *run, int epoll)
{
    for (int64_t i = 0; i < run->options->connections; i++) {
        struct connection *c = &run->connections[i];
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
        c->fd = connect_to(run->port, true);
        if (c->fd < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, c->fd, &event) != 0) {
            return ERR_UNAVAILABLE;
        }
    }
    return ERR_OK;
}

static enum err bench_payment_drive(struct run *run, int64_t *out_elapsed_us)
{
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    enum err err = open_connections(run, epoll);
    int64_t in_flight = run->options->connections;
    int64_t started = clock_monotonic_us();
    int64_t end = started + run->options->seconds * 1000000;
    for (int64_t i = 0; !err && i < in_flight; i++) {
        send_next(run, &run->connections[i]);
    }
    while (!err && in_flight > 0) {
        struct epoll_event events[CONNECTIONS_MAX];
        int ready = epoll_wait(epoll, events, CONNECTIONS_MAX, 10000);
        err = ready == 0 ? ERR_UNAVAILABLE : ERR_OK;
        for (int i = 0; i < ready; i++) {
            struct connection *c = events[i].data.ptr;
            if (!bench_payment_receive(run, c)) {
                in_flight -= c->fd < 0 ? 1 : 0;
                continue;
            }
            bench_payment_count(run, c);
            if (clock_monotonic_us() < end) {
                send_next(run, c);
            } else {
                in_flight--;
            }
        }
    }
    *out_elapsed_us = clock_monotonic_us() - started;
    for (int64_t i = 0; i < run->options->connections; i++) {
        if (run->connections[i].fd > 0) {
            close(run->connections[i].fd);
        }
    }
    close(epoll);
    return err;
}

/* --- the command ------------------------------------------------------------------------------ */

static void bench_payment_print(struct run *run, int64_t elapsed_us)
{
    double rate = (double)run->payments * 1e6 / (double)elapsed_us;
    double p50 = (double)latencies_percentile(&run->latencies, 50) / 1000;
    double p99 = (double)latencies_percentile(&run->latencies, 99) / 1000;
    if (run->options->json) {
        printf("{\"payments_per_s\":%.0f,\"p50_ms\":%.2f,\"p99_ms\":%.2f,\"payments\":%lld,"
               "\"refused\":%lld,\"failed\":%lld,\"people\":%lld,\"connections\":%lld,"
               "\"seconds\":%.3f}\n",
               rate, p50, p99, (long long)run->payments, (long long)run->refused,
               (long long)run->failed, (long long)run->options->people,
               (long long)run->options->connections, (double)elapsed_us / 1e6);
    } else {
        printf(
            "%.0f payments/s over HTTP, durable; answered after %.1f ms (median), %.1f ms (99 of "
            "100)\n%lld paid, %lld refused, %lld failed\n",
            rate, p50, p99, (long long)run->payments, (long long)run->refused,
            (long long)run->failed);
    }
    if (run->example[0] != '\0') {
        fprintf(stderr, "first answer that was no payment:\n%s\n", run->example);
    }
}

static void bench_payment_clean(struct run *run)
{
    static const char *const names[] = {"bank.db",      "bank.db-wal", "bank.db-shm",
                                        "bank.db.mark", "keys",        "bank.log"};
    if (run->child > 0) {
        kill(run->child, SIGTERM);
        waitpid(run->child, NULL, 0);
    }
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char path[128];
        snprintf(path, sizeof path, "%s/%s", run->folder, names[i]);
        unlink(path);
    }
    rmdir(run->folder);
    free(run->people);
    free(run->connections);
    latencies_release(&run->latencies);
}

static int bench_payment_measure(const struct options *options)
{
    struct run run = {.options = options, .random = 42};
    int64_t elapsed = 1;
    snprintf(run.folder, sizeof run.folder, "var/bench-%d", (int)getpid());
    mkdir("var", 0755);
    mkdir(run.folder, 0700);
    if (options->database != NULL) {
        snprintf(run.url, sizeof run.url, "%s", options->database);
    } else {
        snprintf(run.url, sizeof run.url, "sqlite:%s/bank.db", run.folder);
    }
    run.port = 20000 + (int)getpid() % 20000;
    snprintf(run.database_set, sizeof run.database_set, "database.url=%s", run.url);
    snprintf(run.key_set, sizeof run.key_set, "security.key_file=%s/keys", run.folder);
    snprintf(run.port_set, sizeof run.port_set, "server.port=%d", run.port);
    run.people = calloc((size_t)options->people, sizeof *run.people);
    run.connections = calloc((size_t)options->connections, sizeof *run.connections);
    CHECK(run.people != NULL && run.connections != NULL);
    enum err err = bench_payment_fill(&run);
    err = err ? err : start_child(&run);
    err = err ? err : await_child(&run);
    err = err ? err : bench_payment_drive(&run, &elapsed);
    if (!err) {
        bench_payment_print(&run, elapsed);
    }
    int code = err ? terminal_fail("bench payment", err) : run.failed ? EX_SOFTWARE : 0;
    bench_payment_clean(&run);
    return code;
}

static const struct argp_option option_rows[] = {
    {"people", 'p', "N", 0, "payers and payees (default 2000)", 0},
    {"connections", 'c', "N", 0, "keep-alive connections (default 64)", 0},
    {"seconds", 's', "N", 0, "length of the run (default 5)", 0},
    {"database", 'd', "URL", 0, "an empty database (default: a new SQLite file)", 0},
    {"json", 'j', NULL, 0, "print one JSON object", 0},
    {0}};

static int64_t bench_payment_number(const char *text, int64_t min, int64_t max,
                                    struct argp_state *state)
{
    char *end;
    long long value = strtoll(text, &end, 10);
    if (*end != '\0' || value < min || value > max) {
        argp_error(state, "\"%s\" is not a number from %lld to %lld", text, (long long)min,
                   (long long)max);
    }
    return value;
}

static error_t bench_payment_parse(int key, char *arg, struct argp_state *state)
{
    struct options *options = state->input;
    switch (key) {
    case 'p':
        options->people = bench_payment_number(arg, 2, 1000000, state);
        return 0;
    case 'c':
        options->connections = bench_payment_number(arg, 1, CONNECTIONS_MAX, state);
        return 0;
    case 's':
        options->seconds = bench_payment_number(arg, 1, 3600, state);
        return 0;
    case 'd':
        options->database = arg;
        return 0;
    case 'j':
        options->json = true;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int bench_payment_command(int argc, char **argv)
{
    static const struct argp argp = {
        option_rows,
        bench_payment_parse,
        NULL,
        "Serves a bank of invented people and pays from one to another over HTTP as fast as it "
        "answers: session, fields, limits of both sides, journal, outbox, idempotency, durable. "
        "The "
        "load runs on the same machine.",
        NULL,
        NULL,
        NULL};
    struct options options = {.people = 2000, .connections = 64, .seconds = 5};
    argp_err_exit_status = EX_USAGE;
    argp_parse(&argp, argc, argv, 0, NULL, &options);
    signal(SIGPIPE, SIG_IGN);
    return bench_payment_measure(&options);
}
