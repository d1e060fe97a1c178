#include "sys/http_address.h"

#include "sys/http_value.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define CHAIN_MAX 32 /* proxies that are looked at */

static const uint8_t v4_prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

static bool is_v4(struct http_address address)
{
    return memcmp(address.bytes, v4_prefix, sizeof v4_prefix) == 0;
}

static bool parse_plain(const char *text, struct http_address *out)
{
    struct in_addr v4;
    struct in6_addr v6;
    if (inet_pton(AF_INET, text, &v4) == 1) {
        memcpy(out->bytes, v4_prefix, sizeof v4_prefix);
        memcpy(out->bytes + sizeof v4_prefix, &v4, sizeof v4);
        return true;
    }
    if (inet_pton(AF_INET6, text, &v6) == 1) {
        memcpy(out->bytes, &v6, sizeof v6);
        return true;
    }
    return false;
}

/* Removes a port behind an address. */
bool http_address_parse(const char *text, struct http_address *out)
{
    char plain[HTTP_ADDRESS_TEXT_MAX];
    size_t size = strlen(text);
    if (text[0] == '[') {
        const char *end = strchr(text, ']');
        if (end == NULL || (end[1] != 0 && end[1] != ':')) {
            return false;
        }
        text++;
        size = (size_t)(end - text);
    } else if (strchr(text, ':') != NULL && strchr(text, ':') == strrchr(text, ':')) {
        size = strcspn(text, ":");
    }
    if (size == 0 || size >= sizeof plain) {
        return false;
    }
    memcpy(plain, text, size);
    plain[size] = 0;
    return parse_plain(plain, out);
}

struct http_address http_address_of(const void *address)
{
    struct http_address out = {{0}};
    const struct sockaddr *any = address;
    if (any != NULL && any->sa_family == AF_INET) {
        memcpy(out.bytes, v4_prefix, sizeof v4_prefix);
        memcpy(out.bytes + sizeof v4_prefix, &((const struct sockaddr_in *)address)->sin_addr, 4);
    } else if (any != NULL && any->sa_family == AF_INET6) {
        memcpy(out.bytes, &((const struct sockaddr_in6 *)address)->sin6_addr, sizeof out.bytes);
    }
    return out;
}

static void format_text(struct http_address address, char *out, size_t size)
{
    bool done = is_v4(address) ? inet_ntop(AF_INET, address.bytes + sizeof v4_prefix, out,
                                           (socklen_t)size) != NULL
                               : inet_ntop(AF_INET6, address.bytes, out, (socklen_t)size) != NULL;
    if (!done) {
        snprintf(out, size, "unknown");
    }
}

void http_address_format(struct http_address address, char out[HTTP_ADDRESS_TEXT_MAX])
{
    format_text(address, out, HTTP_ADDRESS_TEXT_MAX);
}

void http_address_format_key(struct http_address address, char out[HTTP_ADDRESS_TEXT_MAX])
{
    if (is_v4(address)) {
        format_text(address, out, HTTP_ADDRESS_TEXT_MAX);
        return;
    }
    memset(address.bytes + 8, 0, 8);
    format_text(address, out, HTTP_ADDRESS_TEXT_MAX - 4);
    strncat(out, "/64", 4);
}

uint64_t http_address_key(struct http_address address)
{
    uint64_t key = 0;
    memcpy(&key, address.bytes + (is_v4(address) ? 8 : 0), sizeof key);
    return key;
}

static bool parse_network(struct http_part part, struct http_address *out, int *out_bits)
{
    char text[HTTP_ADDRESS_TEXT_MAX + 4];
    char *end = NULL;
    if (part.size >= sizeof text) {
        return false;
    }
    memcpy(text, part.text, part.size);
    text[part.size] = 0;
    char *slash = strchr(text, '/');
    if (slash != NULL) {
        *slash = 0;
    }
    if (!parse_plain(text, out)) {
        return false;
    }
    int least = is_v4(*out) ? 96 : 0;
    long bits = slash == NULL ? 128 - least : strtol(slash + 1, &end, 10);
    bool is_number = slash == NULL || (slash[1] >= '0' && slash[1] <= '9' && *end == 0);
    *out_bits = least + (int)bits;
    return is_number && bits >= 0 && bits <= 128 - least;
}

bool http_networks_parse(const char *list, struct http_networks *out)
{
    struct http_part part;
    out->count = 0;
    for (const char *at = list; at != NULL && http_list_next(&at, &part);) {
        if (out->count == HTTP_NETWORKS_MAX ||
            !parse_network(part, &out->rows[out->count].address, &out->rows[out->count].bits)) {
            return false;
        }
        out->count++;
    }
    return true;
}

bool http_networks_hold(const struct http_networks *networks, struct http_address address)
{
    for (size_t i = 0; i < networks->count; i++) {
        int bits = networks->rows[i].bits;
        const uint8_t *wanted = networks->rows[i].address.bytes;
        size_t whole = (size_t)bits / 8;
        uint8_t mask = (uint8_t)(0xFF00 >> (bits % 8));
        if (memcmp(wanted, address.bytes, whole) == 0 &&
            (bits % 8 == 0 || ((wanted[whole] ^ address.bytes[whole]) & mask) == 0)) {
            return true;
        }
    }
    return false;
}

/* The last CHAIN_MAX elements; those before are of no interest. */
static size_t http_address_collect(const char *list, struct http_part out[CHAIN_MAX])
{
    size_t count = 0;
    struct http_part part;
    for (const char *at = list; at != NULL && http_list_next(&at, &part);) {
        if (count == CHAIN_MAX) {
            memmove(out, out + 1, (CHAIN_MAX - 1) * sizeof out[0]);
            count--;
        }
        out[count++] = part;
    }
    return count;
}

struct http_address http_address_behind(const struct http_networks *trusted,
                                        struct http_address peer, const char *forwarded,
                                        const char *x_forwarded_for)
{
    struct http_part parts[CHAIN_MAX];
    size_t left = http_address_collect(forwarded != NULL ? forwarded : x_forwarded_for, parts);
    while (left > 0 && http_networks_hold(trusted, peer)) {
        char text[HTTP_ADDRESS_TEXT_MAX + 8];
        struct http_part part = parts[--left];
        bool is_read = forwarded != NULL ? http_parameter(part, "for", text, sizeof text)
                                         : part.size < sizeof text;
        if (forwarded == NULL && is_read) {
            memcpy(text, part.text, part.size);
            text[part.size] = 0;
        }
        if (!is_read || !http_address_parse(text, &peer)) {
            break;
        }
    }
    return peer;
}

bool http_proxy_has_tls(const char *forwarded, const char *x_forwarded_proto)
{
    struct http_part parts[CHAIN_MAX];
    char proto[8] = "";
    size_t count = http_address_collect(forwarded != NULL ? forwarded : x_forwarded_proto, parts);
    if (count == 0) {
        return false;
    }
    if (forwarded != NULL) {
        return http_parameter(parts[count - 1], "proto", proto, sizeof proto) &&
               strcasecmp(proto, "https") == 0;
    }
    return http_part_is(parts[count - 1], "https");
}
