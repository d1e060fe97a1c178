/*
 * Addresses of peers and clients: IPv4 and IPv6 in one form, networks, and what proxies state of their
 * clients (RFC 7239, X-Forwarded-For). Pure; for any thread.
 */
#ifndef SYS_HTTP_ADDRESS_H
#define SYS_HTTP_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HTTP_NETWORKS_MAX     32
#define HTTP_ADDRESS_TEXT_MAX 50

/* IPv6; IPv4 as ::ffff:a.b.c.d. All zero: unknown. */
struct http_address {
    uint8_t bytes[16];
};

struct http_networks {
    struct {
        struct http_address address;
        int bits; /* 0 to 128 */
    } rows[HTTP_NETWORKS_MAX];
    size_t count;
};

/* A numeric address, also as proxies write it: "192.0.2.1:80", "[2001:db8::1]:80". */
bool http_address_parse(const char *text, struct http_address *out);
/* `address` is a struct sockaddr_in or _in6; zero where it is neither. */
struct http_address http_address_of(const void *address);
void http_address_format(struct http_address address, char out[HTTP_ADDRESS_TEXT_MAX]);
/* IPv4 whole, IPv6 as its /64. */
void http_address_format_key(struct http_address address, char out[HTTP_ADDRESS_TEXT_MAX]);
uint64_t http_address_key(struct http_address address);

/* "10.0.0.0/8, ::1". False where a part is none, or there are too many. */
bool http_networks_parse(const char *list, struct http_networks *out);
bool http_networks_hold(const struct http_networks *networks, struct http_address address);

/* The client behind a trusted peer: from the end of the list, the first address that is not trusted;
 * what cannot be read ends the search, and the last proxy's address stands. `forwarded` (RFC 7239) goes
 * before `x_forwarded_for`; both may be NULL. */
struct http_address http_address_behind(const struct http_networks *trusted,
                                        struct http_address peer, const char *forwarded,
                                        const char *x_forwarded_for);
/* Did the last proxy take the request by TLS? */
bool http_proxy_has_tls(const char *forwarded, const char *x_forwarded_proto);

#endif
