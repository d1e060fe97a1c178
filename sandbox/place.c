/*
 * Location of an internet address or phone number: invented, but fixed by its digits. Regions are
 * codes of GB/T 2260 that end in 00 (a city) or 0000 (a province).
 */
#include "documents.h"
#include "identity.h"
#include "sandbox.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REGION_SIZE    7
#define COUNTRY_SIZE   3
#define MOBILE_DIGITS  11
#define LOOPBACK_PLACE "310000"

STORE_STMT(stmt_find, "SELECT country, region, is_proxy FROM places WHERE ip = ?1");
STORE_STMT(stmt_put, "INSERT INTO places (ip, country, region, is_proxy) VALUES (?1, ?2, ?3, ?4)"
                     " ON CONFLICT (ip) DO UPDATE SET country = excluded.country,"
                     " region = excluded.region, is_proxy = excluded.is_proxy");

static const char *const provinces[] = {
    "110000", "120000", "130000", "140000", "150000", "210000", "220000", "230000",
    "310000", "320000", "330000", "340000", "350000", "360000", "370000", "410000",
    "420000", "430000", "440000", "450000", "460000", "500000", "510000", "520000",
    "530000", "540000", "610000", "620000", "630000", "640000", "650000",
};
#define PROVINCE_COUNT (sizeof provinces / sizeof *provinces)

struct place {
    char country[COUNTRY_SIZE];
    char region[REGION_SIZE]; /* "" unknown */
    bool is_proxy;
};

static struct place place_make(const char *country, const char *region, bool is_proxy)
{
    struct place place = {.is_proxy = is_proxy};
    snprintf(place.country, sizeof place.country, "%s", country);
    snprintf(place.region, sizeof place.region, "%s", region);
    return place;
}

/* The table of README.md, section 6, from top to bottom. */
static struct place place_of_ipv4(const uint8_t octets[4])
{
    unsigned net = (unsigned)octets[0] << 16 | (unsigned)octets[1] << 8 | octets[2];
    if (octets[0] == 127)
        return place_make("CN", LOOPBACK_PLACE, false);
    if (net == 0xC00002) /* 192.0.2.n */
        return place_make("CN", provinces[octets[3] % PROVINCE_COUNT], false);
    if (net == 0xC63364) /* 198.51.100.n */
        return place_make(octets[3] % 2 ? "US" : "SG", "", false);
    if (net == 0xCB0071) /* 203.0.113.n */
        return place_make("CN", provinces[octets[3] % PROVINCE_COUNT], true);
    return place_make("CN", provinces[(octets[0] + octets[1]) % PROVINCE_COUNT], false);
}

/* False if the text is not an address. */
static bool place_of_address(const char *ip, struct place *out)
{
    uint8_t octets[16];
    if (inet_pton(AF_INET, ip, octets) == 1) {
        *out = place_of_ipv4(octets);
        return true;
    }
    if (inet_pton(AF_INET6, ip, octets) != 1)
        return false;
    static const uint8_t loopback[16] = {[15] = 1};
    bool is_loopback = memcmp(octets, loopback, sizeof octets) == 0;
    *out = place_make("CN", is_loopback ? LOOPBACK_PLACE : "", false);
    return true;
}

static json_t *place_json(const char *ip, const struct place *place)
{
    return json_pack("{s:s, s:s, s:o, s:b}", "ip", ip, "countryCode", place->country, "regionCode",
                     place->region[0] ? json_string(place->region) : json_null(), "isProxy",
                     (int)place->is_proxy);
}

void place_address(struct request *request, struct answer *answer)
{
    struct place place;
    const char *ip = request->path_value;
    if (!place_of_address(ip, &place)) {
        answer_bad_field(answer, "ip");
        return;
    }
    sqlite3_stmt *rows = store_query(request->store, &stmt_find, "t", ip);
    if (store_next(request->store, rows))
        place = place_make(store_text(rows, 0), store_text(rows, 1), store_int(rows, 2) != 0);
    store_done(rows);
    answer_json(answer, 200, place_json(ip, &place));
}

void place_set(struct request *request, struct answer *answer)
{
    struct place unused;
    const char *ip = field_text(request, "ip", 2, 45);
    const char *country = field_text(request, "countryCode", 2, 2);
    json_t *region_json = json_object_get(request->json, "regionCode");
    json_t *proxy_json = json_object_get(request->json, "isProxy");
    const char *region = json_is_null(region_json) ? "" : field_text(request, "regionCode", 6, 6);
    if (!request->bad_field && !place_of_address(ip, &unused))
        request->bad_field = "ip";
    if (!request->bad_field && strspn(country, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != 2)
        request->bad_field = "countryCode";
    if (!request->bad_field && strspn(region, "0123456789") != strlen(region))
        request->bad_field = "regionCode";
    if (!request->bad_field && proxy_json && !json_is_boolean(proxy_json))
        request->bad_field = "isProxy";
    if (request->bad_field) {
        answer_bad_field(answer, request->bad_field);
        return;
    }
    struct place place = place_make(country, region, json_is_true(proxy_json));
    store_run(request->store, &stmt_put, "ttti", ip, place.country, place.region,
              (int64_t)place.is_proxy);
    answer_json(answer, 200, place_json(ip, &place));
}

/* "" if the number is not of the mainland. Residents: the city of their ID number. */
static void region_of_phone(const char *phone, char out[REGION_SIZE])
{
    out[0] = '\0';
    if (strncmp(phone, "+861", 4) != 0 || strlen(phone) != 3 + MOBILE_DIGITS)
        return;
    for (int row = 1; row <= documents_count(); row++) {
        const struct resident *resident = documents_at(row);
        if (strcmp(resident->phone, phone) != 0)
            continue;
        bool is_municipality =
            strstr("11 12 31 50", (char[]){resident->id_number[0], resident->id_number[1], '\0'});
        snprintf(out, REGION_SIZE, "%.*s%s", is_municipality ? 2 : 4, resident->id_number,
                 is_municipality ? "0000" : "00");
        return;
    }
    int sum = 0; /* by the seven digits of the number's range */
    for (int i = 0; i < 7; i++)
        sum = sum * 10 + (phone[3 + i] - '0');
    snprintf(out, REGION_SIZE, "%s", provinces[(size_t)sum % PROVINCE_COUNT]);
}

void place_phone(struct request *request, struct answer *answer)
{
    char phone[PHONE_SIZE];
    if (!identity_phone(request->path_value, phone)) {
        answer_bad_field(answer, "phone");
        return;
    }
    char region[REGION_SIZE];
    region_of_phone(phone, region);
    answer_json(answer, 200,
                json_pack("{s:s, s:o}", "phone", phone, "regionCode",
                          region[0] ? json_string(region) : json_null()));
}
