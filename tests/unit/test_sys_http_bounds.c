/* Shared finite things: connections, time, memory. Each attack is tried by raw sockets on loopback, while
 * an honest client goes on. */
#include "sys/http_address.h"
#include "sys/http_server.h"
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

#define WAIT_MS   8000
#define HOST      "Host: bank\r\n"
#define BIG       ((size_t)4 * 1024 * 1024)
#define ATTACKERS 200

static struct http_server *server;
static atomic_int delivered_count, turned_away;
static char last_remote[64], last_key[64];
static bool last_tls;
static char *big;

static void answer(struct http_request *request)
{
    atomic_fetch_add(&delivered_count, 1);
    snprintf(last_remote, sizeof last_remote, "%s", http_remote(request));
    snprintf(last_key, sizeof last_key, "%s", http_remote_key(request));
    last_tls = request->is_tls;
    if (strcmp(request->path, "/big") == 0) {
        struct http_response response = {
            .status = 200, .kind = HTTP_BODY_STATIC, .body = big, .size = BIG};
        http_respond(request, &response);
        return;
    }
    if (request->state != NULL) {
        assert_int_equal(request->body_size, 0);
        http_respond_text(request, 401, "text/plain", "who are you?");
        return;
    }
    http_respond_text(request, 200, "text/plain", "fine");
}

static bool admit(struct http_request *request)
{
    static int stranger;
    if (http_header(request, "Authorization") != NULL) {
        return true;
    }
    atomic_fetch_add(&turned_away, 1);
    request->state = &stranger;
    return false;
}

static int open_server(void **state)
{
    (void)state;
    struct http_options options;
    http_options_init(&options);
    options.callback = answer;
    options.admit = admit;
    options.thread_count = 2;
    options.connection_max = 60;
    options.connection_per_ip_max = 50;
    options.head_timeout_ms = 400;
    options.rate_grace_ms = 400;
    options.rate_min = 100000;
    options.body_max = 3 * 1024 * 1024;
    options.body_budget = 8 * 1024 * 1024;
    options.trusted_proxies = "127.0.0.2, 10.0.0.0/8, 2001:db8:ff::/48";
    big = malloc(BIG);
    memset(big, 'b', BIG);
    atomic_store(&delivered_count, 0);
    atomic_store(&turned_away, 0);
    return http_server_start(&options, &server) == ERR_OK ? 0 : -1;
}

static int close_server(void **state)
{
    (void)state;
    http_server_stop(server, 1000);
    free(big);
    return 0;
}

/* From an address of loopback: 127.0.0.n. */
static int connect_from(uint32_t n, int receive_size)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons(http_server_port(server)),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct sockaddr_in from = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7F000000 | n)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&from, sizeof from), 0);
    if (receive_size > 0) {
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_size, sizeof receive_size);
    }
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    return fd;
}

static void put(int fd, const char *text)
{
    (void)send(fd, text, strlen(text), MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* What comes until the end, or until `wanted` is in it. */
static bool reads(int fd, const char *wanted)
{
    char text[8192];
    size_t got = 0;
    text[0] = 0;
    while (strstr(text, wanted) == NULL) {
        struct pollfd event = {.fd = fd, .events = POLLIN};
        ssize_t part =
            poll(&event, 1, WAIT_MS) > 0 ? recv(fd, text + got, sizeof text - 1 - got, 0) : 0;
        if (part <= 0) {
            return false;
        }
        got += (size_t)part;
        text[got] = 0;
    }
    return true;
}

static bool is_served(uint32_t n)
{
    int fd = connect_from(n, 0);
    put(fd, "GET /healthz HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n");
    bool is = reads(fd, " 200 OK");
    close(fd);
    return is;
}

static bool is_closed(int fd, int wait_ms)
{
    struct pollfd event = {.fd = fd, .events = POLLIN | POLLRDHUP};
    char byte;
    return poll(&event, 1, wait_ms) > 0 && recv(fd, &byte, 1, MSG_DONTWAIT) <= 0;
}

/* 200 sockets that trickle their heads: an honest client of the same address, and one of another, are
 * served all the time. */
static void test_sys_http_bounds__trickling_heads_starve_nobody(void **state)
{
    int fds[ATTACKERS];
    (void)state;
    for (int i = 0; i < ATTACKERS; i++) {
        fds[i] = connect_from(9, 0);
        put(fds[i], "GET / HTTP/1.1\r\n" HOST "A: ");
        if (i % 20 == 0) {
            assert_true(is_served(9));
            assert_true(is_served(10));
        }
    }
    assert_true(http_server_connection_count(server) <= 60 + 2);
    for (int i = 0; i < 100 && http_server_evicted_count(server) < ATTACKERS - 50; i++) {
        thread_sleep_us(10000); /* the last of them are still being accepted */
    }
    assert_true(http_server_evicted_count(server) >= ATTACKERS - 50);
    int open = 0;
    for (int round = 0; round < 20; round++) {
        open = 0;
        for (int i = 0; i < ATTACKERS; i++) {
            put(fds[i], "b");
            open += is_closed(fds[i], 0) ? 0 : 1;
        }
        thread_sleep_us(50000); /* the pace of the attack */
    }
    assert_int_equal(open, 0); /* each head had its time */
    for (int i = 0; i < ATTACKERS; i++) {
        close(fds[i]);
    }
}

/* Many addresses together fill the bank: the address with most connections is closed first. */
static void test_sys_http_bounds__who_holds_most_makes_room(void **state)
{
    int few = connect_from(20, 0);
    int many[55];
    (void)state;
    for (int i = 0; i < 55; i++) {
        many[i] = connect_from(i < 40 ? 21 : 22, 0);
    }
    for (uint32_t i = 0; i < 10; i++) {
        assert_true(is_served(30 + i));
    }
    put(few, "GET / HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n");
    assert_true(reads(few, " 200 OK"));
    close(few);
    for (int i = 0; i < 55; i++) {
        close(many[i]);
    }
}

static void test_sys_http_bounds__a_second_head_has_its_time_too(void **state)
{
    (void)state;
    int fd = connect_from(9, 0);
    put(fd, "GET / HTTP/1.1\r\n" HOST "\r\n");
    assert_true(reads(fd, "fine"));
    thread_sleep_us(300000); /* idle: no harm */
    put(fd, "GET / HT");
    bool is_cut = false;
    for (int i = 0; i < 60 && !is_cut; i++) {
        put(fd, "T");
        is_cut = is_closed(fd, 50);
    }
    assert_true(is_cut);
    close(fd);
}

static void test_sys_http_bounds__a_body_must_keep_its_rate(void **state)
{
    (void)state;
    int fd = connect_from(9, 0);
    put(fd, "POST / HTTP/1.1\r\n" HOST "Authorization: x\r\nContent-Length: 20000\r\n\r\n");
    bool is_cut = false;
    for (int i = 0; i < 60 && !is_cut; i++) {
        put(fd, "x");
        is_cut = is_closed(fd, 50);
    }
    assert_true(is_cut);
    assert_int_equal(atomic_load(&delivered_count), 0);
    close(fd);
}

/* A reader that takes nothing is disconnected; one that reads its answer in time gets all of it. */
static void test_sys_http_bounds__a_reader_must_keep_its_rate(void **state)
{
    (void)state;
    int slow = connect_from(9, 4096);
    int good = connect_from(10, 0);
    static char text[65536];
    put(slow, "GET /big HTTP/1.1\r\n" HOST "\r\n");
    put(good, "GET /big HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n");
    size_t got = 0;
    for (ssize_t part; (part = recv(good, text, sizeof text, 0)) > 0;) {
        got += (size_t)part;
    }
    assert_true(got > BIG);
    for (int i = 0; i < 100 && http_server_evicted_count(server) == 0; i++) {
        thread_sleep_us(50000);
    }
    assert_int_equal(http_server_evicted_count(server), 1);
    close(slow);
    close(good);
}

/* Large bodies: strangers cannot send one, all together stay within the budget, and it is released. */
static void test_sys_http_bounds__large_bodies_have_a_budget(void **state)
{
    int fds[20];
    char head[200];
    int refused = 0;
    (void)state;
    snprintf(head, sizeof head, "POST / HTTP/1.1\r\n" HOST "Content-Length: %d\r\n\r\n", 900000);
    int stranger = connect_from(9, 0);
    put(stranger, head);
    char *body = calloc(1, 900000);
    for (int sent = 0; sent < 900000;) {
        ssize_t part = send(stranger, body + sent, 900000 - (size_t)sent, MSG_NOSIGNAL);
        assert_true(part > 0);
        sent += (int)part;
    }
    assert_true(reads(stranger, " 401 "));
    assert_int_equal(atomic_load(&turned_away), 1);
    assert_int_equal(http_server_body_bytes(server), 0);
    int impatient = connect_from(9, 0);
    put(impatient, "POST / HTTP/1.1\r\n" HOST "Content-Length: 3000000\r\n\r\n");
    assert_true(reads(impatient, " 401 "));
    snprintf(head, sizeof head,
             "POST / HTTP/1.1\r\n" HOST
             "Authorization: x\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n",
             900000);
    for (int i = 0; i < 20; i++) {
        fds[i] = connect_from((uint32_t)(9 + i / 10), 0);
        put(fds[i], head);
        refused += reads(fds[i], "HTTP/1.1 100") ? 0 : 1;
    }
    /* A quarter of 8 MiB is two bodies for each of two addresses. */
    assert_int_equal(refused, 16);
    assert_int_equal(http_server_body_bytes(server), 4 * 900000);
    for (int i = 0; i < 20; i++) {
        close(fds[i]);
    }
    for (int i = 0; i < 100 && http_server_body_bytes(server) > 0; i++) {
        thread_sleep_us(20000);
    }
    assert_int_equal(http_server_body_bytes(server), 0);
    free(body);
    close(stranger);
    close(impatient);
}

/* --- clients behind proxies ------------------------------------------------------------------- */

static void ask(uint32_t from, const char *headers)
{
    char text[1024];
    int fd = connect_from(from, 0);
    snprintf(text, sizeof text, "GET / HTTP/1.1\r\n" HOST "Connection: close\r\n%s\r\n", headers);
    put(fd, text);
    assert_true(reads(fd, " 200 OK"));
    close(fd);
}

static void test_sys_http_bounds__trusts_only_its_proxies(void **state)
{
    (void)state;
    ask(9, "Forwarded: for=192.0.2.1;proto=https\r\n");
    assert_string_equal(last_remote, "127.0.0.9");
    assert_false(last_tls);
    ask(2, "Forwarded: for=192.0.2.1;proto=https\r\n");
    assert_string_equal(last_remote, "192.0.2.1");
    assert_true(last_tls);
    ask(2, "X-Forwarded-For: 203.0.113.7, 192.0.2.1\r\nX-Forwarded-For: 10.1.2.3\r\n");
    assert_string_equal(last_remote, "192.0.2.1");
    assert_false(last_tls);
    ask(2, "X-Forwarded-For: 2001:db8:1:2:3::4\r\nX-Forwarded-Proto: https\r\n");
    assert_string_equal(last_remote, "2001:db8:1:2:3::4");
    assert_string_equal(last_key, "2001:db8:1:2::/64");
    assert_true(last_tls);
    ask(2, "");
    assert_string_equal(last_remote, "127.0.0.2");
}

static void test_sys_http_bounds__walks_from_the_end(void **state)
{
    static const struct {
        const char *peer, *forwarded, *x_forwarded_for, *client;
    } rows[] = {
        {"10.0.0.1", "for=1.2.3.4", NULL, "1.2.3.4"},
        {"10.0.0.1", "for=\"1.2.3.4:80\", for=10.9.9.9", NULL, "1.2.3.4"},
        {"10.0.0.1", "for=\"[2001:db8::7]:4711\"", NULL, "2001:db8::7"},
        {"10.0.0.1", "for=unknown", NULL, "10.0.0.1"},
        {"10.0.0.1", "for=6.6.6.6, for=_hidden", NULL, "10.0.0.1"},
        {"10.0.0.1", "proto=https", NULL, "10.0.0.1"},
        {"10.0.0.1", "for=1.2.3.4", "6.6.6.6", "1.2.3.4"},
        {"10.0.0.1", NULL, "6.6.6.6, 1.2.3.4", "1.2.3.4"},
        {"10.0.0.1", NULL, "1.2.3.4, 10.0.0.2,10.0.0.3", "1.2.3.4"},
        {"10.0.0.1", NULL, "10.0.0.5", "10.0.0.5"},
        {"10.0.0.1", NULL, "banana", "10.0.0.1"},
        {"10.0.0.1", NULL, "1.2.3.4:5678", "1.2.3.4"},
        {"10.0.0.1", NULL, "", "10.0.0.1"},
        {"11.0.0.1", "for=1.2.3.4", NULL, "11.0.0.1"},
        {"2001:db8:ff::1", NULL, "2001:db8:fe::1", "2001:db8:fe::1"},
        {"::ffff:10.0.0.1", NULL, "1.2.3.4", "1.2.3.4"},
    };
    struct http_networks trusted;
    (void)state;
    assert_true(http_networks_parse("10.0.0.0/8, 2001:db8:ff::/48", &trusted));
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct http_address peer;
        char text[HTTP_ADDRESS_TEXT_MAX];
        assert_true(http_address_parse(rows[i].peer, &peer));
        http_address_format(
            http_address_behind(&trusted, peer, rows[i].forwarded, rows[i].x_forwarded_for), text);
        if (strcmp(text, rows[i].client) != 0) {
            fail_msg("row %zu: %s, wanted %s", i, text, rows[i].client);
        }
    }
}

static void test_sys_http_bounds__reads_networks(void **state)
{
    static const char *const bad[] = {"10.0.0.0/33", "10.0.0/8",     "::/129",
                                      "a",           "10.0.0.1/",    "10.0.0.1/-1",
                                      "10.0.0.1/8x", "bank.example", "10.0.0.1:80"};
    struct http_networks networks;
    struct http_address address;
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (http_networks_are_valid(bad[i])) {
            fail_msg("\"%s\" was taken", bad[i]);
        }
    }
    assert_true(http_networks_are_valid(NULL));
    assert_true(http_networks_are_valid(""));
    assert_true(http_networks_parse("192.168.0.0/20, ::1", &networks));
    assert_true(http_address_parse("192.168.15.255", &address));
    assert_true(http_networks_hold(&networks, address));
    assert_true(http_address_parse("192.168.16.0", &address));
    assert_false(http_networks_hold(&networks, address));
    assert_true(http_address_parse("::1", &address));
    assert_true(http_networks_hold(&networks, address));
    assert_true(http_networks_parse("0.0.0.0/0", &networks));
    assert_true(http_address_parse("8.8.8.8", &address));
    assert_true(http_networks_hold(&networks, address));
    assert_true(http_address_parse("2001:db8::1", &address));
    assert_false(http_networks_hold(&networks, address));
}

int main(void)
{
#define SERVED(test) cmocka_unit_test_setup_teardown(test, open_server, close_server)
    const struct CMUnitTest tests[] = {
        SERVED(test_sys_http_bounds__trickling_heads_starve_nobody),
        SERVED(test_sys_http_bounds__who_holds_most_makes_room),
        SERVED(test_sys_http_bounds__a_second_head_has_its_time_too),
        SERVED(test_sys_http_bounds__a_body_must_keep_its_rate),
        SERVED(test_sys_http_bounds__a_reader_must_keep_its_rate),
        SERVED(test_sys_http_bounds__large_bodies_have_a_budget),
        SERVED(test_sys_http_bounds__trusts_only_its_proxies),
        cmocka_unit_test(test_sys_http_bounds__walks_from_the_end),
        cmocka_unit_test(test_sys_http_bounds__reads_networks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
