/* Requests and answers of a running server: at once, from other threads, streamed, and its stop. */
#include "sys/http_client.h"
#include "sys/http_server.h"
#include "sys/http_value.h"
#include "sys/thread.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define CLIENT_THREADS   8
#define PEERS_PER_THREAD 8
#define ROUNDS           40
#define WORKERS          3

static struct http_server *server;
static struct transport *transport;
static struct queue later;
static struct thread workers[WORKERS];
static struct http_stream *open_stream;
static atomic_int stream_step, stream_closed, held;
static struct http_request *_Atomic held_request;

static void answer_echo(struct http_request *request)
{
    size_t count = 0;
    size_t cookie_count = 0;
    const char *name = http_query(request, "name", &count);
    const char *cookie = http_cookie(request, "session", &cookie_count);
    const char *header = http_header(request, "X-Test");
    char *text = malloc(1024);
    int size = snprintf(text, 1024, "%s|%s|%s|%zu|%s|%zu|%s|%zu|%s",
                        http_method_name(request->method), request->path, name == NULL ? "-" : name,
                        count, cookie == NULL ? "-" : cookie, cookie_count,
                        header == NULL ? "-" : header, request->body_size, http_remote(request));
    struct http_response response = {.status = 200,
                                     .content_type = "text/plain",
                                     .kind = HTTP_BODY_OWNED,
                                     .body = text,
                                     .size = (size_t)size,
                                     .etag = "\"v1\""};
    http_response_add(&response, "Set-Cookie", "a=b; Secure");
    http_response_add(&response, "Set-Cookie", "c=d; Secure");
    http_respond(request, &response);
}

static void answer_number(struct http_request *request)
{
    const char *number = http_query(request, "n", NULL);
    char *text = strdup(number == NULL ? "?" : number);
    struct http_response response = {
        .status = 200, .kind = HTTP_BODY_OWNED, .body = text, .size = strlen(text)};
    http_respond(request, &response);
}

static void run_worker(void *argument)
{
    void *items[16];
    size_t count = 0;
    (void)argument;
    while ((count = queue_take(&later, items, 16, -1)) > 0) {
        for (size_t i = 0; i < count; i++) {
            answer_number(items[i]);
        }
    }
}

static int64_t read_numbers(void *context, char *out, size_t size)
{
    int step = atomic_load(&stream_step);
    (void)context;
    if (step == 0) {
        return HTTP_STREAM_WAIT;
    }
    if (step > 3) {
        return HTTP_STREAM_END;
    }
    atomic_fetch_add(&stream_step, 1);
    return snprintf(out, size, "part %d\n", step);
}

static void close_stream(void *context)
{
    (void)context;
    atomic_fetch_add(&stream_closed, 1);
}

static void answer_stream(struct http_request *request)
{
    open_stream = http_stream_create(read_numbers, close_stream, NULL);
    struct http_response response = {.status = 200,
                                     .content_type = "text/event-stream",
                                     .kind = HTTP_BODY_STREAM,
                                     .stream = open_stream};
    http_respond(request, &response);
    atomic_fetch_add(&held, 1);
}

static void answer_file(struct http_request *request)
{
    FILE *file = tmpfile();
    fputs("0123456789", file);
    fflush(file);
    struct http_response response = {
        .status = 200, .kind = HTTP_BODY_FILE, .fd = dup(fileno(file)), .offset = 2, .size = 5};
    fclose(file);
    http_respond(request, &response);
}

static void answer(struct http_request *request)
{
    if (strcmp(request->path, "/later") == 0) {
        assert_int_equal(queue_put(&later, request, -1), ERR_OK);
    } else if (strcmp(request->path, "/now") == 0) {
        answer_number(request);
    } else if (strcmp(request->path, "/stream") == 0) {
        answer_stream(request);
    } else if (strcmp(request->path, "/etag") == 0) {
        struct http_response response = {.status =
                                             http_etag_matches(request, "W/\"a\"") ? 304 : 200};
        http_respond(request, &response);
    } else if (strcmp(request->path, "/file") == 0) {
        answer_file(request);
    } else if (strcmp(request->path, "/hold") == 0) {
        atomic_store(&held_request, request);
        atomic_fetch_add(&held, 1);
    } else {
        answer_echo(request);
    }
}

static int open_all(void **state)
{
    (void)state;
    struct http_options options;
    http_options_init(&options);
    options.callback = answer;
    options.thread_count = 2;
    atomic_store(&held, 0);
    atomic_store(&stream_step, 0);
    atomic_store(&stream_closed, 0);
    if (queue_init(&later, 1024) != ERR_OK || http_client_open(NULL, &transport) != ERR_OK ||
        http_server_start(&options, &server) != ERR_OK) {
        return -1;
    }
    for (size_t i = 0; i < WORKERS; i++) {
        if (thread_start(&workers[i], "worker", run_worker, NULL) != ERR_OK) {
            return -1;
        }
    }
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    if (server != NULL) {
        http_server_stop(server, 1000);
        server = NULL;
    }
    queue_close(&later);
    for (size_t i = 0; i < WORKERS; i++) {
        thread_join(&workers[i]);
    }
    queue_release(&later);
    http_client_close(transport);
    return 0;
}

static void call(const char *method, const char *target, const char *body, const char *header,
                 const char *value, struct http_answer *out)
{
    char url[512];
    snprintf(url, sizeof url, "http://127.0.0.1:%u%s", http_server_port(server), target);
    struct http_call request = {
        .method = method, .url = url, .body = body, .body_size = body == NULL ? 0 : strlen(body)};
    if (header != NULL) {
        http_call_add_header(&request, header, value);
    }
    transport_send(transport, &request, out);
    assert_int_equal(out->outcome, HTTP_ANSWERED);
}

static void wait_for(atomic_int *counter, int value)
{
    for (int i = 0; i < 5000 && atomic_load(counter) < value; i++) {
        thread_sleep_us(1000);
    }
    assert_true(atomic_load(counter) >= value);
}

static void test_sys_http_server__hands_over_a_request(void **state)
{
    (void)state;
    static const struct {
        const char *method, *target, *body, *header, *value, *wanted;
    } rows[] = {
        {"GET", "/a%20b", NULL, NULL, NULL, "GET|/a b|-|0|-|0|-|0|127.0.0.1"},
        {"GET", "/x?name=li%20na&b=", NULL, "X-Test", "yes", "GET|/x|li na|1|-|0|yes|0|127.0.0.1"},
        {"GET", "/x?name=1&name=2", NULL, NULL, NULL, "GET|/x|1|2|-|0|-|0|127.0.0.1"},
        {"POST", "/x", "hello", NULL, NULL, "POST|/x|-|0|-|0|-|5|127.0.0.1"},
        {"PUT", "/x", "hello", NULL, NULL, "PUT|/x|-|0|-|0|-|5|127.0.0.1"},
        {"DELETE", "/x", NULL, NULL, NULL, "DELETE|/x|-|0|-|0|-|0|127.0.0.1"},
        {"GET", "/x", NULL, "Cookie", "a=b; session=\"s1\" ;c", "GET|/x|-|0|s1|1|-|0|127.0.0.1"},
        {"GET", "/x", NULL, "Cookie", "session=1; xsession=2; session=3",
         "GET|/x|-|0|1|2|-|0|127.0.0.1"},
        {"GET", "/x", NULL, "Cookie", "session", "GET|/x|-|0||1|-|0|127.0.0.1"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct http_answer got;
        call(rows[i].method, rows[i].target, rows[i].body, rows[i].header, rows[i].value, &got);
        assert_int_equal(got.status, 200);
        assert_string_equal(got.body, rows[i].wanted);
        assert_string_equal(http_answer_header(&got, "ETag"), "\"v1\"");
        http_answer_release(&got);
    }
}

static void test_sys_http_server__answers_head_without_body(void **state)
{
    (void)state;
    struct http_answer got;
    call("HEAD", "/x", NULL, NULL, NULL, &got);
    assert_int_equal(got.status, 200);
    assert_int_equal(got.size, 0);
    assert_string_equal(http_answer_header(&got, "content-length"), "29");
    http_answer_release(&got);
}

static void test_sys_http_server__matches_etags(void **state)
{
    (void)state;
    static const struct {
        const char *value;
        int wanted;
    } rows[] = {{"\"a\"", 304}, {"W/\"a\"", 304},       {"\"b\", \"a\"", 304},
                {"*", 304},     {"\"b\",W/\"a\"", 304}, {"\"ab\"", 200},
                {"a", 200},     {"\"b\"", 200}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct http_answer got;
        call("GET", "/etag", NULL, "If-None-Match", rows[i].value, &got);
        assert_int_equal(got.status, rows[i].wanted);
        http_answer_release(&got);
    }
}

static void test_sys_http_server__sends_part_of_a_file(void **state)
{
    (void)state;
    struct http_answer got;
    call("GET", "/file", NULL, NULL, NULL, &got);
    assert_string_equal(got.body, "23456");
    http_answer_release(&got);
}

static void test_sys_http_server__takes_a_large_body(void **state)
{
    (void)state;
    struct http_answer got;
    char *body = malloc(200001);
    memset(body, 'x', 200000);
    body[200000] = 0;
    call("POST", "/x", body, NULL, NULL, &got);
    assert_string_equal(got.body, "POST|/x|-|0|-|0|-|200000|127.0.0.1");
    http_answer_release(&got);
    call("POST", "/x", body, "Transfer-Encoding", "chunked", &got);
    assert_int_equal(got.status, 411);
    http_answer_release(&got);
    free(body);
    assert_int_equal(http_server_body_bytes(server), 0);
}

/* --- answers from other threads under load ------------------------------------------------------
 */

struct load {
    struct thread thread;
    unsigned seed;
    atomic_int *failures;
};

static int connect_server(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(http_server_port(server)),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

/* One answer with Content-Length; its body, or false. */
static bool read_answer(int fd, char *out_body, size_t size)
{
    char text[2048];
    size_t got = 0;
    for (;;) {
        ssize_t part = recv(fd, text + got, sizeof text - 1 - got, 0);
        if (part <= 0) {
            return false;
        }
        got += (size_t)part;
        text[got] = 0;
        char *body = strstr(text, "\r\n\r\n");
        char *length = strstr(text, "Content-Length: ");
        if (body != NULL && length != NULL &&
            got - (size_t)(body + 4 - text) >= strtoul(length + 16, NULL, 10)) {
            snprintf(out_body, size, "%s", body + 4);
            return true;
        }
    }
}

static void run_load(void *argument)
{
    struct load *load = argument;
    int fds[PEERS_PER_THREAD];
    for (int i = 0; i < PEERS_PER_THREAD; i++) {
        fds[i] = connect_server();
    }
    for (unsigned round = 0; round < ROUNDS; round++) {
        for (unsigned i = 0; i < PEERS_PER_THREAD; i++) {
            char text[128];
            int size = snprintf(text, sizeof text, "GET /%s?n=%u HTTP/1.1\r\nHost: b\r\n\r\n",
                                (round + i) % 5 == 0 ? "now" : "later",
                                load->seed * 100000 + round * 100 + i);
            send(fds[i], text, (size_t)size, MSG_NOSIGNAL);
        }
        for (unsigned i = 0; i < PEERS_PER_THREAD; i++) {
            char body[128] = "";
            bool fine = read_answer(fds[i], body, sizeof body);
            if (!fine || strtoul(body, NULL, 10) != load->seed * 100000 + round * 100 + i) {
                atomic_fetch_add(load->failures, 1);
            }
        }
    }
    for (int i = 0; i < PEERS_PER_THREAD; i++) {
        close(fds[i]);
    }
}

static void test_sys_http_server__answers_64_peers_from_other_threads(void **state)
{
    (void)state;
    atomic_int failures = 0;
    struct load loads[CLIENT_THREADS];
    for (unsigned i = 0; i < CLIENT_THREADS; i++) {
        loads[i] = (struct load){.seed = i + 1, .failures = &failures};
        assert_int_equal(thread_start(&loads[i].thread, "load", run_load, &loads[i]), ERR_OK);
    }
    for (unsigned i = 0; i < CLIENT_THREADS; i++) {
        thread_join(&loads[i].thread);
    }
    assert_int_equal(atomic_load(&failures), 0);
}

/* Peers that disconnect before their answer must not affect others. */
static void test_sys_http_server__survives_peers_that_hang_up(void **state)
{
    (void)state;
    struct http_answer got;
    for (int i = 0; i < 100; i++) {
        static const char text[] = "GET /later?n=1 HTTP/1.1\r\nHost: b\r\n\r\n";
        struct linger linger = {.l_onoff = 1};
        int fd = connect_server();
        send(fd, text, sizeof text - 1, MSG_NOSIGNAL);
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
        close(fd);
    }
    call("GET", "/later?n=7", NULL, NULL, NULL, &got);
    assert_string_equal(got.body, "7");
    http_answer_release(&got);
    for (int i = 0; i < 5000 && http_server_running_count(server) > 0; i++) {
        thread_sleep_us(1000);
    }
    assert_int_equal(http_server_running_count(server), 0);
}

/* --- streams and the stop -----------------------------------------------------------------------
 */

static void run_stream_call(void *argument)
{
    call("GET", "/stream", NULL, NULL, NULL, argument);
}

static void test_sys_http_server__streams_when_woken(void **state)
{
    (void)state;
    struct http_answer got;
    struct thread thread;
    assert_int_equal(thread_start(&thread, "caller", run_stream_call, &got), ERR_OK);
    wait_for(&held, 1);
    http_stream_wake(open_stream); /* nothing to read yet: it must wait again */
    assert_false(http_stream_is_closed(open_stream));
    atomic_store(&stream_step, 1);
    http_stream_wake(open_stream);
    thread_join(&thread);
    assert_string_equal(got.body, "part 1\npart 2\npart 3\n");
    http_answer_release(&got);
    wait_for(&stream_closed, 1);
    assert_true(http_stream_is_closed(open_stream));
    http_stream_wake(open_stream); /* late, and harmless */
    http_stream_release(open_stream);
}

static void test_sys_http_server__stop_ends_waiting_streams(void **state)
{
    (void)state;
    struct http_answer got;
    struct thread thread;
    assert_int_equal(thread_start(&thread, "caller", run_stream_call, &got), ERR_OK);
    wait_for(&held, 1);
    assert_true(http_server_stop(server, 3000));
    server = NULL;
    thread_join(&thread);
    assert_int_equal(got.status, 200);
    http_answer_release(&got);
    assert_int_equal(atomic_load(&stream_closed), 1);
    http_stream_release(open_stream);
}

static void run_hold_call(void *argument)
{
    call("GET", "/hold?n=5", NULL, NULL, NULL, argument);
}

static void run_late_answer(void *argument)
{
    (void)argument;
    thread_sleep_us(100000); /* the stop is waiting by then */
    answer_number(atomic_load(&held_request));
}

static void test_sys_http_server__stop_waits_for_running_requests(void **state)
{
    (void)state;
    struct http_answer got;
    struct thread caller;
    struct thread owner;
    assert_int_equal(thread_start(&caller, "caller", run_hold_call, &got), ERR_OK);
    wait_for(&held, 1);
    assert_int_equal(thread_start(&owner, "owner", run_late_answer, NULL), ERR_OK);
    assert_true(http_server_stop(server, 5000));
    server = NULL;
    thread_join(&owner);
    thread_join(&caller);
    assert_string_equal(got.body, "5");
    assert_string_equal(http_answer_header(&got, "connection"), "close");
    http_answer_release(&got);
}

static void test_sys_http_server__stop_gives_up_in_time(void **state)
{
    (void)state;
    struct http_answer got;
    struct thread caller;
    assert_int_equal(thread_start(&caller, "caller", run_hold_call, &got), ERR_OK);
    wait_for(&held, 1);
    assert_false(http_server_stop(server, 50));
    server = NULL;
    thread_join(&caller);
    assert_int_equal(got.status, 503);
    http_answer_release(&got);
    /* The owner is late, the server is gone, and nothing breaks. */
    struct http_request *request = atomic_load(&held_request);
    assert_string_equal(request->path, "/hold");
    assert_string_equal(http_query(request, "n", NULL), "5");
    answer_number(request);
}

/* The owner of a stream is late, after the stop: its context is closed all the same. */
static void test_sys_http_server__closes_a_stream_that_came_too_late(void **state)
{
    (void)state;
    struct http_answer got;
    struct thread caller;
    assert_int_equal(thread_start(&caller, "caller", run_hold_call, &got), ERR_OK);
    wait_for(&held, 1);
    assert_false(http_server_stop(server, 20));
    server = NULL;
    thread_join(&caller);
    http_answer_release(&got);
    answer_stream(atomic_load(&held_request));
    assert_int_equal(atomic_load(&stream_closed), 1);
    assert_true(http_stream_is_closed(open_stream));
    http_stream_release(open_stream);
}

static atomic_int answered_sum;

static void sum_answered(const struct http_request *request, int status, int64_t duration_us)
{
    assert_true(duration_us >= 0 && request->started_us > 0);
    atomic_fetch_add(&answered_sum, status);
}

static size_t limit_body(const struct http_request *request)
{
    return strcmp(request->path, "/large") == 0 ? 100 : 10;
}

/* A second server on an inherited socket, with limits by path and a witness of every answer. */
static void test_sys_http_server__takes_the_language_asked_for(void **state)
{
    static const struct {
        const char *header;
        enum lang lang;
    } rows[] = {
        {NULL, LANG_ZH},
        {"", LANG_ZH},
        {"fr", LANG_ZH},
        {"en", LANG_EN},
        {"en-GB,en;q=0.9,zh;q=0.8", LANG_EN},
        {"zh-CN,zh;q=0.9,en;q=0.8", LANG_ZH},
        {"fr, en", LANG_EN},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(http_language(rows[i].header), rows[i].lang);
    }
}

static void test_sys_http_server__obeys_its_options(void **state)
{
    (void)state;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct http_options options;
    struct http_server *first = server;
    struct http_answer got;
    http_options_init(&options);
    options.callback = answer;
    options.answered = sum_answered;
    options.body_limit = limit_body;
    options.connection_per_ip_max = 2;
    options.thread_count = 1;
    options.socket = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    assert_int_equal(bind(options.socket, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(options.socket, 8), 0);
    assert_int_equal(http_server_start(&options, &server), ERR_OK);
    call("POST", "/large", "12345678901", NULL, NULL, &got);
    assert_int_equal(got.status, 200);
    http_answer_release(&got);
    call("POST", "/small", "12345678901", NULL, NULL, &got);
    assert_int_equal(got.status, 413);
    assert_non_null(strstr(got.body, "\"type\":\"/problems/body-too-large\""));
    assert_non_null(strstr(got.body, "\"detail\":\"请求内容过大。\""));
    http_answer_release(&got);
    call("GET", "/later?n=1", NULL, NULL, NULL, &got);
    http_answer_release(&got);
    /* The client keeps one connection, which waits; the second of two more is one too many, and the
     * one that has waited longest makes room. */
    while (http_server_running_count(server) > 0) {
        thread_sleep_us(1000);
    }
    int fds[2] = {connect_server(), connect_server()};
    static const char text[] = "GET /now?n=1 HTTP/1.1\r\nHost: b\r\n\r\n";
    char body[64];
    for (int i = 0; i < 2; i++) {
        send(fds[i], text, sizeof text - 1, MSG_NOSIGNAL);
        assert_true(read_answer(fds[i], body, sizeof body));
    }
    assert_int_equal(http_server_evicted_count(server), 1);
    close(fds[0]);
    close(fds[1]);
    assert_true(http_server_stop(server, 1000));
    server = first;
    assert_int_equal(atomic_load(&answered_sum), 200 + 413 + 200 + 200 + 200);
}

static void test_sys_http_server__refuses_a_bad_start(void **state)
{
    (void)state;
    struct http_options options;
    struct http_server *other = NULL;
    http_options_init(&options);
    options.callback = answer;
    options.address = "nowhere";
    assert_int_equal(http_server_start(&options, &other), ERR_INVALID_FIELD);
    options.address = NULL;
    options.port = http_server_port(server);
    assert_int_equal(http_server_start(&options, &other), ERR_UNAVAILABLE);
    options.port = 0;
    options.tls_certificate_pem = "none";
    options.tls_key_pem = "none";
    assert_int_equal(http_server_start(&options, &other), ERR_INVALID_FIELD);
}

int main(void)
{
#define SERVED(test) cmocka_unit_test_setup_teardown(test, open_all, close_all)
    const struct CMUnitTest tests[] = {
        SERVED(test_sys_http_server__hands_over_a_request),
        SERVED(test_sys_http_server__answers_head_without_body),
        SERVED(test_sys_http_server__matches_etags),
        SERVED(test_sys_http_server__sends_part_of_a_file),
        SERVED(test_sys_http_server__takes_a_large_body),
        SERVED(test_sys_http_server__answers_64_peers_from_other_threads),
        SERVED(test_sys_http_server__survives_peers_that_hang_up),
        SERVED(test_sys_http_server__streams_when_woken),
        SERVED(test_sys_http_server__stop_ends_waiting_streams),
        SERVED(test_sys_http_server__stop_waits_for_running_requests),
        SERVED(test_sys_http_server__stop_gives_up_in_time),
        SERVED(test_sys_http_server__closes_a_stream_that_came_too_late),
        cmocka_unit_test(test_sys_http_server__takes_the_language_asked_for),
        SERVED(test_sys_http_server__obeys_its_options),
        SERVED(test_sys_http_server__refuses_a_bad_start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
