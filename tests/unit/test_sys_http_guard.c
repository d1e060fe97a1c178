/* The guard against smuggled and malformed requests, by raw sockets against a running server, and
 * the pure decoding rules by table. */
#include "sys/http_guard.h"
#include "sys/http_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define WAIT_MS 5000

static struct http_server *server;
static atomic_int delivered_count;

static void answer(struct http_request *request)
{
    atomic_fetch_add(&delivered_count, 1);
    http_respond_text(request, 200, "text/plain", "fine");
}

static int open_server(void **state)
{
    (void)state;
    struct http_options options;
    http_options_init(&options);
    options.callback = answer;
    options.thread_count = 2;
    options.body_max = 4096;
    options.header_bytes_max = 8192;
    options.head_timeout_ms = 400;
    return http_server_start(&options, &server) == ERR_OK ? 0 : -1;
}

static int close_server(void **state)
{
    (void)state;
    return http_server_stop(server, 1000) ? 0 : -1;
}

static int connect_server(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(http_server_port(server)),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

static void send_text(int fd, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t done = send(fd, bytes, size, MSG_NOSIGNAL);
        if (done < 0) {
            return; /* refused and closed while we were still talking */
        }
        bytes += done;
        size -= (size_t)done;
    }
}

/* Reads until the peer closes; true where it did so in time. */
static bool read_to_close(int fd, char *out, size_t size)
{
    size_t got = 0;
    for (;;) {
        struct pollfd event = {.fd = fd, .events = POLLIN};
        if (poll(&event, 1, WAIT_MS) <= 0) {
            return false;
        }
        ssize_t part = recv(fd, out + got, size - 1 - got, 0);
        if (part <= 0) {
            out[got] = 0;
            return true;
        }
        got += (size_t)part;
        out[got] = 0;
        if (got == size - 1) {
            return false;
        }
    }
}

struct wire_case {
    const char *what;
    const char *request;
    const char *status; /* of the only answer */
};

#define HOST     "Host: bank\r\n"
#define SMUGGLED "GET /smuggled HTTP/1.1\r\nHost: bank\r\n\r\n"

static const struct wire_case refused[] = {
    {"two lengths that differ",
     "POST / HTTP/1.1\r\n" HOST "Content-Length: 4\r\nContent-Length: 0\r\n\r\nabcd" SMUGGLED,
     " 400 "},
    {"two lengths that agree",
     "POST / HTTP/1.1\r\n" HOST "Content-Length: 4\r\nContent-Length: 4\r\n\r\nabcd", " 400 "},
    {"a list of lengths", "POST / HTTP/1.1\r\n" HOST "Content-Length: 4, 4\r\n\r\nabcd", " 400 "},
    {"a signed length", "POST / HTTP/1.1\r\n" HOST "Content-Length: +4\r\n\r\nabcd", " 400 "},
    {"a negative length", "POST / HTTP/1.1\r\n" HOST "Content-Length: -1\r\n\r\nabcd", " 400 "},
    {"a hexadecimal length", "POST / HTTP/1.1\r\n" HOST "Content-Length: 0x4\r\n\r\nabcd", " 400 "},
    {"an empty length", "POST / HTTP/1.1\r\n" HOST "Content-Length:\r\n\r\nabcd", " 400 "},
    {"a length past 64 bits",
     "POST / HTTP/1.1\r\n" HOST "Content-Length: 99999999999999999999\r\n\r\n", " 400 "},
    {"length with chunks",
     "POST / HTTP/1.1\r\n" HOST
     "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" SMUGGLED,
     " 400 "},
    {"chunks with length",
     "POST / HTTP/1.1\r\n" HOST
     "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n" SMUGGLED,
     " 400 "},
    {"two encodings",
     "POST / HTTP/1.1\r\n" HOST
     "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
     " 400 "},
    {"a body in chunks",
     "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n4\nabcd\n0\n\n" SMUGGLED,
     " 411 "},
    {"an unknown encoding",
     "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", " 400 "},
    {"a list of encodings",
     "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", " 400 "},
    {"chunks in HTTP/1.0",
     "POST / HTTP/1.0\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" SMUGGLED, " 400 "},
    {"a folded encoding",
     "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding:\r\n gzip\r\nContent-Length: 4\r\n\r\n0\r\n\r\n",
     " 400 "},
    {"chunks on a folded line",
     "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n" SMUGGLED,
     " 400 "},
    {"a folded header", "GET / HTTP/1.1\r\n" HOST "A: b\r\n c\r\nD: e\r\n\r\n", " 400 "},
    {"a twice folded header", "GET / HTTP/1.1\r\n" HOST "A:\r\n\tb\r\n c\r\n\r\n", " 400 "},
    {"a bare LF", "GET / HTTP/1.1\r\n" HOST "A: b\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
     " 400 "},
    {"no host", "GET / HTTP/1.1\r\n\r\n", " 400 "},
    {"two hosts", "GET / HTTP/1.1\r\n" HOST "Host: other\r\n\r\n", " 400 "},
    {"a host with a path", "GET / HTTP/1.1\r\nHost: bank/x\r\n\r\n", " 400 "},
    {"a host with a user", "GET / HTTP/1.1\r\nHost: a@bank\r\n\r\n", " 400 "},
    {"space before the colon", "POST / HTTP/1.1\r\n" HOST "Content-Length : 4\r\n\r\nabcd",
     " 400 "},
    {"tab before the colon",
     "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding\t: chunked\r\n\r\n0\r\n\r\n", " 400 "},
    {"space before the first name", "GET / HTTP/1.1\r\n Host: bank\r\n\r\n", " 400 "},
    {"an empty name", "GET / HTTP/1.1\r\n" HOST ": x\r\n\r\n", " 400 "},
    {"an empty name before another", "GET / HTTP/1.1\r\n" HOST ": x\r\nContent-Length: 5\r\n\r\n",
     " 400 "},
    {"an empty name first", "GET / HTTP/1.1\r\n: x\r\n" HOST "\r\n", " 400 "},
    {"a name that is no token", "GET / HTTP/1.1\r\n" HOST "a(b: x\r\n\r\n", " 400 "},
    {"a bare CR in a value", "GET / HTTP/1.1\r\n" HOST "A: b\rContent-Length: 5\r\n\r\n", " 400 "},
    {"a line without colon", "GET / HTTP/1.1\r\n" HOST "nonsense\r\n\r\n", " 400 "},
    {"an escape that is none", "GET /a%zz HTTP/1.1\r\n" HOST "\r\n", " 400 "},
    {"a cut escape", "GET /a%2 HTTP/1.1\r\n" HOST "\r\n", " 400 "},
    {"an escaped NUL", "GET /a%00b HTTP/1.1\r\n" HOST "\r\n", " 400 "},
    {"an escaped line break", "GET /a%0d%0ab HTTP/1.1\r\n" HOST "\r\n", " 400 "},
    {"dots", "GET /a/../b HTTP/1.1\r\n" HOST "\r\n", " 400 "},
    {"escaped dots", "GET /a/%2e%2E/b HTTP/1.1\r\n" HOST "\r\n", " 400 "},
    {"dots at the end", "GET /a/.. HTTP/1.1\r\n" HOST "\r\n", " 400 "},
    {"an escaped slash", "GET /a%2fb HTTP/1.1\r\n" HOST "\r\n", " 400 "},
    {"an escaped backslash", "GET /a%5Cb HTTP/1.1\r\n" HOST "\r\n", " 400 "},
    {"bytes that are not UTF-8", "GET /a%ff HTTP/1.1\r\n" HOST "\r\n", " 400 "},
    {"a space in the target", "GET /a b HTTP/1.1\r\n" HOST "\r\n", " 400 "},
    {"a fragment", "GET /a#b HTTP/1.1\r\n" HOST "\r\n", " 400 "},
    {"an asterisk", "OPTIONS * HTTP/1.1\r\n" HOST "\r\n", " 400 "},
    {"a bad escape in the query", "GET /?a=%q HTTP/1.1\r\n" HOST "\r\n", " 400 "},
    {"an unknown method", "BREW / HTTP/1.1\r\n" HOST "\r\n", " 501 "},
    {"a method in small letters", "get / HTTP/1.1\r\n" HOST "\r\n", " 501 "},
    {"TRACE", "TRACE / HTTP/1.1\r\n" HOST "\r\n", " 501 "},
    {"a body above the limit", "POST / HTTP/1.1\r\n" HOST "Content-Length: 90000000\r\n\r\n",
     " 413 "},
    {"a body announced above the limit",
     "POST / HTTP/1.1\r\n" HOST "Expect: 100-continue\r\nContent-Length: 5000\r\n\r\n", " 413 "},
};

static size_t count_answers(const char *text)
{
    size_t count = 0;
    for (const char *at = strstr(text, "HTTP/1."); at != NULL; at = strstr(at + 1, "HTTP/1.")) {
        count++;
    }
    return count;
}

static void test_sys_http_guard__refuses_and_closes(void **state)
{
    (void)state;
    char text[8192];
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        atomic_store(&delivered_count, 0);
        int fd = connect_server();
        send_text(fd, refused[i].request, strlen(refused[i].request));
        bool closed = read_to_close(fd, text, sizeof text);
        close(fd);
        if (!closed || strstr(text, refused[i].status) == NULL || count_answers(text) != 1 ||
            atomic_load(&delivered_count) != 0) {
            fail_msg("%s: closed %d, delivered %d, answer: %.200s", refused[i].what, closed,
                     atomic_load(&delivered_count), text);
        }
    }
}

/* NULs of its own, which a parser in C would take for the end. */
static void test_sys_http_guard__refuses_raw_nuls(void **state)
{
    (void)state;
#define RAW(text)                                                                                  \
    {                                                                                              \
        text, sizeof(text) - 1                                                                     \
    }
    static const struct {
        const char *bytes;
        size_t size;
    } rows[] = {
        RAW("GET /a\0b HTTP/1.1\r\n" HOST "\r\n"),
        RAW("GET /a\0 HTTP/1.1\r\n" HOST "\r\n"),
        RAW("GET\0 / HTTP/1.1\r\n" HOST "\r\n"),
        RAW("GET /?a=b\0c HTTP/1.1\r\n" HOST "\r\n"),
        RAW("GET / HTTP/1.1\r\n" HOST "A: b\0\r\n\r\n"),
        RAW("GET / HTTP/1.1\r\n" HOST "A: b\0c\r\n\r\n"),
        RAW("GET / HTTP/1.1\r\n" HOST "A\0: b\r\n\r\n"),
        RAW("GET / HTTP/1.1\r\n" HOST "A:\0\r\n\r\n"),
        RAW("GET / HTTP/1.1\r\nHost: bank\0.evil\r\n\r\n"),
        RAW("GET  / HTTP/1.1\r\n" HOST "\r\n"),
        RAW("GET / HTTP/1.1\n" HOST "\r\n"),
        RAW("GET / HTTP/1.1\r\n" HOST "\n"),
    };
    char text[8192];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        atomic_store(&delivered_count, 0);
        int fd = connect_server();
        send_text(fd, rows[i].bytes, rows[i].size);
        shutdown(fd, SHUT_WR);
        bool closed = read_to_close(fd, text, sizeof text);
        close(fd);
        if (!closed || atomic_load(&delivered_count) != 0 || strstr(text, " 200 ") != NULL) {
            fail_msg("row %zu: closed %d, delivered %d, answer: %.100s", i, closed,
                     atomic_load(&delivered_count), text);
        }
    }
}

/* A malformed length whose head comes in two pieces, while another connection of the same threads waits. */
static void test_sys_http_guard__refuses_a_bad_length_in_pieces(void **state)
{
    (void)state;
    char text[8192];
    static const char first[] = "POST / HTTP/1.1\r\n" HOST "Content-Len";
    static const char second[] = "gth: 4x\r\n\r\nabcd";
    static const char other[] = "GET / HTTP/1.1\r\n" HOST "Connection: close\r\n";
    int waiting = connect_server();
    int fd = connect_server();
    send_text(waiting, other, sizeof other - 1);
    send_text(fd, first, sizeof first - 1);
    usleep(50000); /* the pace of the client */
    send_text(fd, second, sizeof second - 1);
    assert_true(read_to_close(fd, text, sizeof text));
    assert_non_null(strstr(text, " 400 "));
    assert_int_equal(count_answers(text), 1);
    assert_non_null(strstr(text, "problems/bad-request"));
    send_text(waiting, "\r\n", 2);
    assert_true(read_to_close(waiting, text, sizeof text));
    assert_non_null(strstr(text, " 200 OK"));
    close(fd);
    close(waiting);
}

static void test_sys_http_guard__lets_good_requests_pass(void **state)
{
    (void)state;
    static const char *const good[] = {
        "GET / HTTP/1.1\r\nHost: bank:8080\r\nConnection: close\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: [::1]:80\r\nConnection: close\r\n\r\n",
        "GET / HTTP/1.0\r\n\r\n",
        "GET / HTTP/1.1\r\n" HOST "A:b\r\nC:\r\nD: \t e\r\nConnection: close\r\n\r\n",
        "GET http://bank/a?b=c HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n",
        "POST / HTTP/1.1\r\n" HOST "Connection: close\r\nContent-Length: 4\r\n\r\nabcd",
        "GET /%E9%93%B6%E8%A1%8C HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n",
        "GET /a...b/.c HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n",
    };
    char text[8192];
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        int fd = connect_server();
        send_text(fd, good[i], strlen(good[i]));
        bool closed = read_to_close(fd, text, sizeof text);
        close(fd);
        if (!closed || strstr(text, " 200 OK") == NULL) {
            fail_msg("%s -> %.200s", good[i], text);
        }
    }
}

/* Two requests in one packet get two answers in order, and a third after a refusal gets none. */
static void test_sys_http_guard__answers_pipelined_requests(void **state)
{
    (void)state;
    static const char pair[] = "GET /a HTTP/1.1\r\n" HOST "\r\n"
                               "POST /b HTTP/1.1\r\n" HOST "Content-Length: 2\r\n\r\nhi"
                               "GET /c HTTP/1.1\r\n\r\n" SMUGGLED;
    char text[8192];
    atomic_store(&delivered_count, 0);
    int fd = connect_server();
    send_text(fd, pair, sizeof pair - 1);
    assert_true(read_to_close(fd, text, sizeof text));
    close(fd);
    assert_int_equal(atomic_load(&delivered_count), 2);
    assert_int_equal(count_answers(text), 3);
    assert_non_null(strstr(text, " 400 "));
}

static void send_large(const char *head, size_t size, const char *tail, const char *status)
{
    char text[8192];
    char *filler = malloc(size);
    assert_non_null(filler);
    memset(filler, 'a', size);
    int fd = connect_server();
    send_text(fd, head, strlen(head));
    send_text(fd, filler, size);
    send_text(fd, tail, strlen(tail));
    shutdown(fd, SHUT_WR);
    bool closed = read_to_close(fd, text, sizeof text);
    close(fd);
    free(filler);
    if (!closed || strstr(text, status) == NULL) {
        fail_msg("wanted %s, got %.200s", status, text);
    }
}

static void test_sys_http_guard__bounds_every_part(void **state)
{
    (void)state;
    atomic_store(&delivered_count, 0);
    send_large("GET /", HTTP_TARGET_MAX + 1, " HTTP/1.1\r\n" HOST "\r\n", " 414 ");
    send_large("GET / HTTP/1.1\r\n" HOST "A: ", 9000, "\r\n\r\n", " 431 ");
    send_large("GET / HTTP/1.1\r\n" HOST "A: ", 100000, "\r\n\r\n", " 431 ");
    send_large("POST / HTTP/1.1\r\n" HOST "Content-Length: 5000\r\n\r\n", 5000, "", " 413 ");
    assert_int_equal(atomic_load(&delivered_count), 0);
    send_large("POST / HTTP/1.1\r\n" HOST "Connection: close\r\nContent-Length: 4096\r\n\r\n", 4096,
               "", " 200 ");
    assert_int_equal(atomic_load(&delivered_count), 1);
}

static void test_sys_http_guard__refuses_too_many_headers(void **state)
{
    (void)state;
    char text[8192] = "GET / HTTP/1.1\r\n" HOST;
    for (int i = 0; i < HTTP_HEADERS_MAX; i++) {
        strcat(text, "A: b\r\n");
    }
    strcat(text, "\r\n");
    int fd = connect_server();
    send_text(fd, text, strlen(text));
    assert_true(read_to_close(fd, text, sizeof text));
    close(fd);
    assert_non_null(strstr(text, " 431 "));
}

/* A trickling client is disconnected although some bytes arrive all the time. */
static void test_sys_http_guard__cuts_off_a_slow_client(void **state)
{
    (void)state;
    static const char head[] = "GET / HTTP/1.1\r\n" HOST "A: ";
    int fd = connect_server();
    bool is_cut = false;
    send_text(fd, head, sizeof head - 1);
    for (int i = 0; i < 100 && !is_cut; i++) {
        struct pollfd event = {.fd = fd, .events = POLLIN};
        send_text(fd, "b", 1);
        is_cut = poll(&event, 1, 50) > 0; /* the pace of the client */
    }
    close(fd);
    assert_true(is_cut);
}

/* --- pure rules ------------------------------------------------------------------------------- */

static void test_sys_http_guard__decodes_escapes(void **state)
{
    (void)state;
    static const struct {
        const char *in;
        bool plus;
        const char *out; /* NULL: refused */
    } rows[] = {
        {"", false, ""},         {"abc", false, "abc"},   {"a%20b", false, "a b"},
        {"a+b", false, "a+b"},   {"a+b", true, "a b"},    {"%2B", true, "+"},
        {"%41%6a", false, "Aj"}, {"%", false, NULL},      {"%4", false, NULL},
        {"%4g", false, NULL},    {"%00", false, NULL},    {"%0A", false, NULL},
        {"%7f", false, NULL},    {"%c3%28", false, NULL}, {"%E9%93%B6", false, "\xE9\x93\xB6"},
        {"%c0%af", false, NULL}, {"%25zz", false, "%zz"}, {"%ed%a0%80", false, NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[64];
        strcpy(text, rows[i].in);
        bool fine = http_percent_decode(text, rows[i].plus);
        if (fine != (rows[i].out != NULL) || (fine && strcmp(text, rows[i].out) != 0)) {
            fail_msg("\"%s\" -> %d \"%s\"", rows[i].in, fine, text);
        }
    }
}

static void test_sys_http_guard__cuts_targets(void **state)
{
    (void)state;
    static const struct {
        const char *in, *path, *query; /* path NULL: refused */
    } rows[] = {
        {"/", "/", ""},           {"/a/b?c=d&e", "/a/b", "c=d&e"},
        {"/a?b?c", "/a", "b?c"},  {"/a?b=%2F..", "/a", "b=%2F.."},
        {"http://bank", "/", ""}, {"HTTPS://bank/a?b", "/a", "b"},
        {"/a%2e", "/a.", ""},     {"", NULL, NULL},
        {"a", NULL, NULL},        {"*", NULL, NULL},
        {"bank:443", NULL, NULL}, {"/.", NULL, NULL},
        {"/./a", NULL, NULL},     {"/..", NULL, NULL},
        {"/%2e%2e", NULL, NULL},  {"/a\\b", NULL, NULL},
        {"/a#b", NULL, NULL},     {"http://bank?a=b", NULL, NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[64];
        const char *path = NULL;
        const char *query = NULL;
        strcpy(text, rows[i].in);
        enum err err = http_guard_target(text, &path, &query);
        if ((err == ERR_OK) != (rows[i].path != NULL)) {
            fail_msg("\"%s\" -> %s", rows[i].in, err_slug(err));
        }
        if (err == ERR_OK) {
            assert_string_equal(path, rows[i].path);
            assert_string_equal(query, rows[i].query);
        }
    }
}

static void test_sys_http_guard__cuts_queries(void **state)
{
    (void)state;
    struct http_param params[4];
    size_t count = 0;
    char text[] = "a=1&b=x+y%26z&&c&a==2";
    assert_int_equal(http_guard_query(text, params, 4, &count), ERR_OK);
    assert_int_equal(count, 4);
    assert_string_equal(params[0].value, "1");
    assert_string_equal(params[1].value, "x y&z");
    assert_string_equal(params[2].name, "c");
    assert_string_equal(params[2].value, "");
    assert_string_equal(params[3].name, "a");
    assert_string_equal(params[3].value, "=2");
    char many[] = "a&b&c&d&e";
    assert_int_equal(http_guard_query(many, params, 4, &count), ERR_BAD_REQUEST);
    char bad[] = "a=%0";
    assert_int_equal(http_guard_query(bad, params, 4, &count), ERR_BAD_REQUEST);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sys_http_guard__refuses_and_closes),
        cmocka_unit_test(test_sys_http_guard__refuses_raw_nuls),
        cmocka_unit_test(test_sys_http_guard__refuses_a_bad_length_in_pieces),
        cmocka_unit_test(test_sys_http_guard__lets_good_requests_pass),
        cmocka_unit_test(test_sys_http_guard__answers_pipelined_requests),
        cmocka_unit_test(test_sys_http_guard__bounds_every_part),
        cmocka_unit_test(test_sys_http_guard__refuses_too_many_headers),
        cmocka_unit_test(test_sys_http_guard__cuts_off_a_slow_client),
        cmocka_unit_test(test_sys_http_guard__decodes_escapes),
        cmocka_unit_test(test_sys_http_guard__cuts_targets),
        cmocka_unit_test(test_sys_http_guard__cuts_queries),
    };
    return cmocka_run_group_tests(tests, open_server, close_server);
}
