/* Results of the client for a call, against a peer with a chosen fault. */
#include "sys/http_client.h"
#include "sys/thread.h"

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

enum behaviour {
    ANSWER,
    CLOSE_BEFORE_READING,
    CLOSE_AFTER_READING,
    ANSWER_HALF,
    ANSWER_NONSENSE,
    NEVER_ANSWER,
    ANSWER_ONCE_THEN_CLOSE, /* the kept-alive connection dies at its second request */
    REDIRECT,
    ANSWER_MUCH
};

static struct {
    struct thread thread;
    int listen_fd;
    uint16_t port;
    enum behaviour behaviour;
    atomic_bool ends;
    atomic_int requests; /* heads read */
    char last[4096];
} peer;
static struct transport *transport;

/* Reads a head and its Content-Length body; false where the client went away. */
static bool read_request(int fd)
{
    size_t got = 0;
    for (;;) {
        ssize_t part = recv(fd, peer.last + got, sizeof peer.last - 1 - got, 0);
        if (part <= 0) {
            return false;
        }
        got += (size_t)part;
        peer.last[got] = 0;
        char *end = strstr(peer.last, "\r\n\r\n");
        char *length = strstr(peer.last, "Content-Length: ");
        size_t body = length == NULL ? 0 : strtoul(length + 16, NULL, 10);
        if (end != NULL && got >= (size_t)(end + 4 - peer.last) + body) {
            atomic_fetch_add(&peer.requests, 1);
            return true;
        }
    }
}

static void say(int fd, const char *text)
{
    ssize_t done = send(fd, text, strlen(text), MSG_NOSIGNAL);
    (void)done;
}

static void wait_until_gone(int fd)
{
    struct pollfd event = {.fd = fd, .events = POLLIN};
    poll(&event, 1, 5000);
}

static void serve_one(int fd)
{
    static const char fine[] = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nX-A:  b \r\n\r\nfine";
    if (peer.behaviour == CLOSE_BEFORE_READING) {
        struct pollfd event = {.fd = fd, .events = POLLIN};
        poll(&event, 1, 5000); /* so that the request is surely on its way */
        return;
    }
    for (int round = 0; read_request(fd); round++) {
        switch (peer.behaviour) {
        case ANSWER:
            say(fd, fine);
            continue;
        case ANSWER_ONCE_THEN_CLOSE:
            if (round == 0) {
                say(fd, fine);
                continue;
            }
            return;
        case ANSWER_HALF:
            say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
            return;
        case ANSWER_NONSENSE:
            say(fd, "what?\r\n\r\n");
            return;
        case NEVER_ANSWER:
            wait_until_gone(fd);
            return;
        case REDIRECT:
            say(fd, "HTTP/1.1 302 Found\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n");
            continue;
        case ANSWER_MUCH:
            say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n");
            for (int i = 0; i < 200; i++) {
                say(fd, "0123456789");
            }
            continue;
        case CLOSE_AFTER_READING:
        case CLOSE_BEFORE_READING:
            return;
        }
    }
}

static void run_peer(void *argument)
{
    (void)argument;
    while (!atomic_load(&peer.ends)) {
        struct pollfd event = {.fd = peer.listen_fd, .events = POLLIN};
        if (poll(&event, 1, 20) > 0) {
            int fd = accept(peer.listen_fd, NULL, NULL);
            serve_one(fd);
            close(fd);
        }
    }
}

static void open_peer(enum behaviour behaviour)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    peer.listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(peer.listen_fd, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(peer.listen_fd, 8), 0);
    assert_int_equal(getsockname(peer.listen_fd, (struct sockaddr *)&address, &size), 0);
    peer.port = ntohs(address.sin_port);
    peer.behaviour = behaviour;
    atomic_store(&peer.ends, false);
    atomic_store(&peer.requests, 0);
    assert_int_equal(thread_start(&peer.thread, "peer", run_peer, NULL), ERR_OK);
    assert_int_equal(http_client_open(NULL, &transport), ERR_OK);
}

static void close_peer(void)
{
    http_client_close(transport); /* drops kept-alive connections, which lets the peer go on */
    atomic_store(&peer.ends, true);
    thread_join(&peer.thread);
    close(peer.listen_fd);
}

static struct http_answer post(int64_t timeout_ms, bool may_repeat)
{
    struct http_answer got;
    char url[64];
    snprintf(url, sizeof url, "http://127.0.0.1:%u/a", peer.port);
    struct http_call call = {.url = url,
                             .body = "body",
                             .body_size = 4,
                             .timeout_ms = timeout_ms,
                             .answer_max = 1000,
                             .may_repeat = may_repeat};
    http_call_add_header(&call, "Idempotency-Key", "k1");
    transport_send(transport, &call, &got);
    return got;
}

static void test_sys_http_client__tells_not_sent_from_unknown(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        enum behaviour behaviour;
        enum http_outcome outcome;
        enum http_fault fault;
    } rows[] = {
        {"answers", ANSWER, HTTP_ANSWERED, HTTP_FAULT_NONE},
        {"closes before reading", CLOSE_BEFORE_READING, HTTP_UNKNOWN, HTTP_FAULT_BROKEN},
        {"closes after reading", CLOSE_AFTER_READING, HTTP_UNKNOWN, HTTP_FAULT_BROKEN},
        {"half an answer", ANSWER_HALF, HTTP_UNKNOWN, HTTP_FAULT_BROKEN},
        {"no HTTP", ANSWER_NONSENSE, HTTP_UNKNOWN, HTTP_FAULT_BROKEN},
        {"too slow", NEVER_ANSWER, HTTP_UNKNOWN, HTTP_FAULT_TIMEOUT},
        {"too much", ANSWER_MUCH, HTTP_UNKNOWN, HTTP_FAULT_TOO_LARGE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        open_peer(rows[i].behaviour);
        struct http_answer got = post(rows[i].behaviour == NEVER_ANSWER ? 200 : 5000, false);
        if (got.outcome != rows[i].outcome || got.fault != rows[i].fault) {
            fail_msg("%s: outcome %d, fault %s", rows[i].what, got.outcome,
                     http_fault_name(got.fault));
        }
        http_answer_release(&got);
        close_peer();
    }
}

static void test_sys_http_client__sends_and_reads_a_whole_exchange(void **state)
{
    (void)state;
    open_peer(ANSWER);
    struct http_answer got = post(5000, false);
    assert_int_equal(got.status, 200);
    assert_string_equal(got.body, "fine");
    assert_string_equal(http_answer_header(&got, "x-a"), "b");
    assert_null(http_answer_header(&got, "x-b"));
    assert_non_null(strstr(peer.last, "POST /a HTTP/1.1\r\n"));
    assert_non_null(strstr(peer.last, "Idempotency-Key: k1\r\n"));
    assert_non_null(strstr(peer.last, "\r\n\r\nbody"));
    assert_null(strstr(peer.last, "Expect"));
    http_answer_release(&got);
    close_peer();
}

/* libcurl alone would send the second call twice: once on the dying connection, once anew. */
static void test_sys_http_client__sends_a_payment_once(void **state)
{
    (void)state;
    open_peer(ANSWER_ONCE_THEN_CLOSE);
    struct http_answer got = post(5000, false);
    assert_int_equal(got.outcome, HTTP_ANSWERED);
    http_answer_release(&got);
    got = post(5000, false);
    assert_int_equal(got.outcome, HTTP_UNKNOWN);
    assert_int_equal(atomic_load(&peer.requests), 2);
    http_answer_release(&got);
    close_peer();
}

static void test_sys_http_client__may_repeat_what_is_idempotent(void **state)
{
    (void)state;
    open_peer(ANSWER_ONCE_THEN_CLOSE);
    struct http_answer got = post(5000, true);
    http_answer_release(&got);
    got = post(5000, true);
    assert_int_equal(got.outcome, HTTP_ANSWERED);
    assert_int_equal(atomic_load(&peer.requests), 3);
    http_answer_release(&got);
    close_peer();
}

static void test_sys_http_client__follows_no_redirect(void **state)
{
    (void)state;
    open_peer(REDIRECT);
    struct http_answer got = post(5000, false);
    assert_int_equal(got.status, 302);
    assert_int_equal(atomic_load(&peer.requests), 1);
    http_answer_release(&got);
    close_peer();
}

static void test_sys_http_client__refuses_before_sending(void **state)
{
    (void)state;
    open_peer(ANSWER);
    uint16_t dead_port = peer.port;
    char dead[64];
    char tls[64];
    close_peer(); /* nobody listens there any more */
    snprintf(dead, sizeof dead, "http://127.0.0.1:%u/", dead_port);
    open_peer(CLOSE_BEFORE_READING);
    snprintf(tls, sizeof tls, "https://127.0.0.1:%u/", peer.port);
    const struct {
        const char *url;
        const char *header;
        enum http_fault fault;
    } rows[] = {
        {dead, "x", HTTP_FAULT_CONNECT},
        {tls, "x", HTTP_FAULT_TLS},
        {"http://no-such-host.invalid/", "x", HTTP_FAULT_RESOLVE},
        {"ftp://127.0.0.1/", "x", HTTP_FAULT_ADDRESS},
        {"file:///etc/hostname", "x", HTTP_FAULT_ADDRESS},
        {"http://", "x", HTTP_FAULT_ADDRESS},
        {dead, "x\r\nInjected: y", HTTP_FAULT_ADDRESS},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct http_answer got;
        struct http_call call = {.url = rows[i].url, .timeout_ms = 3000};
        http_call_add_header(&call, "X-Test", rows[i].header);
        transport_send(transport, &call, &got);
        if (got.outcome != HTTP_NOT_SENT || got.fault != rows[i].fault) {
            fail_msg("%s: outcome %d, fault %s", rows[i].url, got.outcome,
                     http_fault_name(got.fault));
        }
        http_answer_release(&got);
    }
    close_peer();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sys_http_client__tells_not_sent_from_unknown),
        cmocka_unit_test(test_sys_http_client__sends_and_reads_a_whole_exchange),
        cmocka_unit_test(test_sys_http_client__sends_a_payment_once),
        cmocka_unit_test(test_sys_http_client__may_repeat_what_is_idempotent),
        cmocka_unit_test(test_sys_http_client__follows_no_redirect),
        cmocka_unit_test(test_sys_http_client__refuses_before_sending),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
