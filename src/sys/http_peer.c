/* Connections: who holds one, for how long, and who makes room for others. */
#include "base/check.h"
#include "sys/http_internal.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#define BUDGET_PARTS 4 /* one address may hold this part of the budget for bodies */

struct http_peer *http_peer_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *facts =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return facts == NULL ? NULL : facts->socket_context;
}

void http_peer_phase(struct http_peer *peer, enum http_phase phase, int64_t until_us)
{
    if (peer == NULL) {
        return;
    }
    atomic_store(&peer->until_us, until_us);
    atomic_store(&peer->since_us, clock_monotonic_us());
    atomic_store(&peer->phase, (int)phase);
    atomic_fetch_add(&peer->turn, 1);
}

/* The mutex is held. The descriptor is open while the peer is in the list, so it cannot be somebody
 * else's. What was not sent yet is given up: a reader that is too slow must not hold its memory. */
static void doom_peer(struct http_server *server, struct http_peer *peer)
{
    struct linger none = {.l_onoff = 1, .l_linger = 0};
    if (peer->is_doomed) {
        return;
    }
    peer->is_doomed = true;
    if (atomic_load(&peer->phase) == HTTP_PHASE_SENDING) {
        setsockopt(peer->fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
    }
    shutdown(peer->fd, SHUT_RDWR);
    atomic_fetch_add(&server->evicted_count, 1);
}

static uint16_t *count_of(struct http_server *server, const struct http_peer *peer)
{
    return &server->peer_counts[(peer->key ^ peer->key >> 24 ^ peer->key >> 47) % HTTP_PEER_COUNTS];
}

/* Of those that only wait: of the address with the most connections, the one that waits longest. With
 * `same` only that address' own. NULL where all are at work. */
static struct http_peer *least_active(struct http_server *server, const struct http_peer *same,
                                      const struct http_peer *newcomer)
{
    struct http_peer *found = NULL;
    for (struct http_peer *peer = server->peers; peer != NULL; peer = peer->next) {
        if (peer == newcomer || peer->is_doomed || peer->is_trusted ||
            (same != NULL && peer->key != same->key) ||
            atomic_load(&peer->phase) != HTTP_PHASE_WAITING) {
            continue;
        }
        if (found == NULL || *count_of(server, peer) > *count_of(server, found) ||
            (*count_of(server, peer) == *count_of(server, found) &&
             atomic_load(&peer->since_us) < atomic_load(&found->since_us))) {
            found = peer;
        }
    }
    return found;
}

/* Where all are at work, the newcomer goes. */
static void make_room(struct http_server *server, struct http_peer *newcomer)
{
    unsigned of_one = server->options.connection_per_ip_max;
    struct http_peer *victim = NULL;
    if (of_one > 0 && !newcomer->is_trusted && *count_of(server, newcomer) > of_one) {
        victim = least_active(server, newcomer, newcomer);
    } else if (server->peer_count > server->options.connection_max) {
        victim = least_active(server, NULL, newcomer);
    } else {
        return;
    }
    doom_peer(server, victim != NULL ? victim : newcomer);
}

static void peer_open(struct http_server *server, struct MHD_Connection *connection, void **context)
{
    struct http_peer *peer = calloc(1, sizeof *peer);
    *context = peer;
    if (peer == NULL) {
        return;
    }
    peer->fd = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
    peer->address = http_address_of(
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS)->client_addr);
    peer->key = http_address_key(peer->address);
    peer->is_trusted = http_networks_hold(&server->trusted, peer->address);
    atomic_init(&peer->phase, HTTP_PHASE_WAITING);
    atomic_init(&peer->since_us, clock_monotonic_us());
    atomic_init(&peer->is_first, true);
    mutex_lock(&server->peer_mutex);
    peer->next = server->peers;
    if (server->peers != NULL) {
        server->peers->prev = peer;
    }
    server->peers = peer;
    server->peer_count++;
    *count_of(server, peer) += 1;
    make_room(server, peer);
    mutex_unlock(&server->peer_mutex);
}

static void peer_close(struct http_server *server, struct http_peer *peer)
{
    if (peer == NULL) {
        return;
    }
    mutex_lock(&server->peer_mutex);
    if (peer->prev != NULL) {
        peer->prev->next = peer->next;
    } else {
        server->peers = peer->next;
    }
    if (peer->next != NULL) {
        peer->next->prev = peer->prev;
    }
    server->peer_count--;
    *count_of(server, peer) -= 1;
    mutex_unlock(&server->peer_mutex);
    free(peer);
}

void http_peer_notice(void *pointer, struct MHD_Connection *connection, void **context,
                      enum MHD_ConnectionNotificationCode code)
{
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        peer_open(pointer, connection, context);
    } else {
        peer_close(pointer, *context);
        *context = NULL;
    }
}

/* --- too slow --------------------------------------------------------------------------------- */

static struct tcp_info counts_of(const struct http_peer *peer)
{
    struct tcp_info facts;
    socklen_t size = sizeof facts;
    memset(&facts, 0, sizeof facts);
    if (getsockopt(peer->fd, IPPROTO_TCP, TCP_INFO, &facts, &size) != 0) {
        memset(&facts, 0, sizeof facts);
    }
    return facts;
}

/* Begins a new measurement where the phase is a new one. */
static bool is_new_turn(struct http_peer *peer, uint64_t bytes)
{
    int64_t turn = atomic_load(&peer->turn);
    if (turn == peer->seen_turn && peer->mark_us != 0) {
        return false;
    }
    peer->seen_turn = turn;
    peer->mark_us = clock_monotonic_us();
    peer->mark_bytes = bytes;
    return true;
}

/* A head that has begun must end: a first one from the connection's start; a further one from the pass
 * that saw its first bytes. */
static bool is_late_head(const struct http_server *server, struct http_peer *peer)
{
    int64_t bound_us = server->options.head_timeout_ms * 1000;
    if (atomic_load(&peer->is_first)) {
        return clock_monotonic_us() - atomic_load(&peer->since_us) > bound_us;
    }
    struct tcp_info facts = counts_of(peer);
    if (is_new_turn(peer, facts.tcpi_bytes_received) ||
        facts.tcpi_bytes_received == peer->mark_bytes) {
        peer->mark_us = clock_monotonic_us(); /* idle: the library's own time-out ends it */
        return false;
    }
    return clock_monotonic_us() - peer->mark_us > bound_us;
}

/* Bytes wait in the system, and the other end took fewer than the least rate in a whole window. */
static bool is_slow_reader(const struct http_server *server, struct http_peer *peer)
{
    int waiting = 0;
    struct tcp_info facts = counts_of(peer);
    if (is_new_turn(peer, facts.tcpi_bytes_acked)) {
        return false;
    }
    int64_t passed_us = clock_monotonic_us() - peer->mark_us;
    if (passed_us < server->options.rate_grace_ms * 1000) {
        return false;
    }
    int64_t wanted = server->options.rate_min * passed_us / 1000000;
    int64_t taken = (int64_t)(facts.tcpi_bytes_acked - peer->mark_bytes);
    bool has_waiting = ioctl(peer->fd, TIOCOUTQ, &waiting) == 0 && waiting > 0;
    peer->mark_us = clock_monotonic_us();
    peer->mark_bytes = facts.tcpi_bytes_acked;
    return has_waiting && taken < wanted;
}

static bool is_too_slow(const struct http_server *server, struct http_peer *peer)
{
    switch ((enum http_phase)atomic_load(&peer->phase)) {
    case HTTP_PHASE_WAITING:
        return is_late_head(server, peer);
    case HTTP_PHASE_BODY:
        return clock_monotonic_us() > atomic_load(&peer->until_us);
    case HTTP_PHASE_OWNED:
        return false;
    case HTTP_PHASE_SENDING:
        return is_slow_reader(server, peer) ||
               (atomic_load(&peer->until_us) != 0 &&
                clock_monotonic_us() > atomic_load(&peer->until_us));
    }
    return false;
}

void http_peer_reap(struct http_server *server)
{
    mutex_lock(&server->peer_mutex);
    for (struct http_peer *peer = server->peers; peer != NULL; peer = peer->next) {
        if (!peer->is_doomed && is_too_slow(server, peer)) {
            doom_peer(server, peer);
        }
    }
    mutex_unlock(&server->peer_mutex);
}

/* --- memory for bodies ------------------------------------------------------------------------ */

bool http_peer_reserve(struct http_internal *internal, size_t size)
{
    struct http_server *server = internal->server;
    size_t budget = server->options.body_budget;
    uint64_t key = http_address_key(internal->client);
    size_t all = size;
    size_t of_one = size;
    mutex_lock(&server->pool_mutex);
    for (const struct http_internal *other = server->all; other != NULL; other = other->next_all) {
        all += other->reserved;
        of_one +=
            other->reserved > 0 && http_address_key(other->client) == key ? other->reserved : 0;
    }
    bool fits = all <= budget && of_one <= budget / BUDGET_PARTS;
    if (fits) {
        internal->reserved = size;
        atomic_fetch_add(&server->body_bytes, (int64_t)size);
    }
    mutex_unlock(&server->pool_mutex);
    return fits;
}
