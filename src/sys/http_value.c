#include "sys/http_value.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define LANGUAGES 2 /* of enum lang */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

struct http_part http_part_trim(const char *text, size_t size)
{
    while (size > 0 && is_blank(text[0])) {
        text++;
        size--;
    }
    while (size > 0 && is_blank(text[size - 1])) {
        size--;
    }
    return (struct http_part){text, size};
}

bool http_part_is(struct http_part part, const char *text)
{
    return strlen(text) == part.size && strncasecmp(part.text, text, part.size) == 0;
}

/* Length up to `end` outside of quotes. */
static size_t part_size(const char *text, size_t size, char end)
{
    bool is_quoted = false;
    for (size_t i = 0; i < size; i++) {
        if (is_quoted && text[i] == '\\' && i + 1 < size) {
            i++;
        } else if (text[i] == '"') {
            is_quoted = !is_quoted;
        } else if (text[i] == end && !is_quoted) {
            return i;
        }
    }
    return size;
}

bool http_list_next(const char **at, struct http_part *out)
{
    while (**at != 0) {
        size_t size = part_size(*at, strlen(*at), ',');
        *out = http_part_trim(*at, size);
        *at += size + ((*at)[size] == ',' ? 1 : 0);
        if (out->size > 0) {
            return true;
        }
    }
    return false;
}

/* "0", "0.5", "0.123", "1", "1.000"; 0 for anything else. */
static int weight_of(struct http_part text)
{
    int weight = 0;
    int digit = 100;
    if (text.size == 0 || text.size > 5 || (text.text[0] != '0' && text.text[0] != '1') ||
        (text.size > 1 && text.text[1] != '.')) {
        return 0;
    }
    for (size_t i = 2; i < text.size; i++, digit /= 10) {
        if (text.text[i] < '0' || text.text[i] > '9') {
            return 0;
        }
        weight += (text.text[i] - '0') * digit;
    }
    if (text.text[0] == '1') {
        return weight == 0 ? HTTP_WEIGHT_MAX : 0;
    }
    return weight;
}

/* The next parameter; false if none is left. */
static bool next_parameter(struct http_part *rest, struct http_part *name, struct http_part *value)
{
    if (rest->size == 0) {
        return false;
    }
    size_t size = part_size(rest->text, rest->size, ';');
    struct http_part pair = http_part_trim(rest->text, size);
    size_t used = size < rest->size ? size + 1 : size;
    *rest = (struct http_part){rest->text + used, rest->size - used};
    size_t name_size = part_size(pair.text, pair.size, '=');
    *name = http_part_trim(pair.text, name_size);
    size_t behind = name_size < pair.size ? name_size + 1 : name_size;
    *value = http_part_trim(pair.text + behind, pair.size - behind);
    return true;
}

/* Cuts the parameters off an element: "text/html;q=0.5" gives "text/html", and the weight where one of
 * them is "q": 0 to HTTP_WEIGHT_MAX; 1000 if none is, 0 where it is malformed. */
static struct http_part http_weighted(struct http_part element, int *out_weight)
{
    size_t size = part_size(element.text, element.size, ';');
    struct http_part rest = {element.text + size, element.size - size};
    struct http_part name;
    struct http_part value;
    *out_weight = HTTP_WEIGHT_MAX;
    while (next_parameter(&rest, &name, &value)) {
        if (http_part_is(name, "q")) {
            *out_weight = weight_of(value);
        }
    }
    return http_part_trim(element.text, size);
}

bool http_parameter(struct http_part element, const char *name, char *out, size_t size)
{
    struct http_part found;
    struct http_part value;
    struct http_part rest = element;
    while (next_parameter(&rest, &found, &value)) {
        if (!http_part_is(found, name)) {
            continue;
        }
        bool is_quoted =
            value.size >= 2 && value.text[0] == '"' && value.text[value.size - 1] == '"';
        size_t end = value.size - (is_quoted ? 1 : 0);
        size_t used = 0;
        for (size_t i = is_quoted ? 1 : 0; i < end; i++) {
            i += is_quoted && value.text[i] == '\\' && i + 1 < end ? 1 : 0;
            if (used + 1 >= size) {
                return false;
            }
            out[used++] = value.text[i];
        }
        out[used] = 0;
        return true;
    }
    return false;
}

bool http_media_type_is(const char *content_type, const char *type)
{
    char charset[16];
    if (content_type == NULL) {
        return false;
    }
    struct http_part whole = {content_type, strlen(content_type)};
    size_t size = part_size(whole.text, whole.size, ';');
    if (!http_part_is(http_part_trim(content_type, size), type)) {
        return false;
    }
    struct http_part rest = {content_type + size, whole.size - size};
    bool has_charset = http_parameter(rest, "charset", charset, sizeof charset);
    return !has_charset || strcasecmp(charset, "utf-8") == 0 || strcasecmp(charset, "utf8") == 0;
}

bool http_accepts_coding(const char *accept_encoding, const char *coding)
{
    struct http_part element;
    bool by_star = false;
    for (const char *at = accept_encoding; at != NULL && http_list_next(&at, &element);) {
        int weight;
        struct http_part name = http_weighted(element, &weight);
        if (http_part_is(name, coding)) {
            return weight > 0;
        }
        by_star = by_star || (http_part_is(name, "*") && weight > 0);
    }
    return by_star;
}

static bool is_language(struct http_part range, const char *language)
{
    return range.size >= 2 && strncasecmp(range.text, language, 2) == 0 &&
           (range.size == 2 || range.text[2] == '-');
}

enum lang http_language(const char *accept_language)
{
    static const char *const names[] = {[LANG_EN] = "en", [LANG_ZH] = "zh"};
    int best[] = {[LANG_EN] = -1, [LANG_ZH] = -1}; /* largest weight; -1: not named */
    int place[] = {[LANG_EN] = 0, [LANG_ZH] = 0};
    int star = -1;
    int count = 0;
    struct http_part element;
    for (const char *at = accept_language; at != NULL && http_list_next(&at, &element); count++) {
        int weight;
        struct http_part range = http_weighted(element, &weight);
        star = http_part_is(range, "*") ? weight : star;
        for (int lang = 0; lang < LANGUAGES; lang++) {
            if (is_language(range, names[lang]) && weight > best[lang]) {
                best[lang] = weight;
                place[lang] = count;
            }
        }
    }
    for (int lang = 0; lang < LANGUAGES; lang++) {
        if (best[lang] < 0) {
            best[lang] = star;
            place[lang] = count + (lang == LANG_EN ? 1 : 0);
        }
    }
    if (best[LANG_EN] == best[LANG_ZH]) {
        return best[LANG_EN] > 0 && place[LANG_EN] < place[LANG_ZH] ? LANG_EN : LANG_ZH;
    }
    if (best[LANG_ZH] == 0 && best[LANG_EN] < 0) {
        return LANG_EN; /* only Chinese is refused */
    }
    return best[LANG_EN] > 0 && best[LANG_EN] > best[LANG_ZH] ? LANG_EN : LANG_ZH;
}

const char *http_bearer(const char *authorization)
{
    static const char token[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/";
    if (authorization == NULL || strncasecmp(authorization, "Bearer ", 7) != 0) {
        return NULL;
    }
    const char *at = authorization + 7 + strspn(authorization + 7, " ");
    size_t size = strspn(at, token);
    return size > 0 && at[size + strspn(at + size, "=")] == 0 ? at : NULL;
}

bool http_tags_match(const char *tags, const char *tag, bool strongly)
{
    struct http_part element;
    bool is_weak = strncmp(tag, "W/", 2) == 0;
    const char *bare = is_weak ? tag + 2 : tag;
    for (const char *at = tags; at != NULL && http_list_next(&at, &element);) {
        bool is_weak_too = element.size >= 2 && memcmp(element.text, "W/", 2) == 0;
        if (element.size == 1 && element.text[0] == '*') {
            return true;
        }
        if (is_weak_too) {
            element.text += 2;
            element.size -= 2;
        }
        if (strongly && (is_weak || is_weak_too)) {
            continue;
        }
        if (element.size == strlen(bare) && memcmp(element.text, bare, element.size) == 0) {
            return true;
        }
    }
    return false;
}

/* The authority without the scheme's own port, which may be left out. */
static struct http_part authority_of(const char *text, bool is_tls)
{
    struct http_part part = {text, strlen(text)};
    const char *port = is_tls ? ":443" : ":80";
    size_t size = strlen(port);
    if (part.size > size && memcmp(text + part.size - size, port, size) == 0) {
        part.size -= size;
    }
    return part;
}

bool http_origin_is(const char *origin, bool is_tls, const char *host)
{
    const char *scheme = is_tls ? "https://" : "http://";
    if (strncasecmp(origin, scheme, strlen(scheme)) != 0) {
        return false;
    }
    struct http_part a = authority_of(origin + strlen(scheme), is_tls);
    struct http_part b = authority_of(host, is_tls);
    return a.size == b.size && strncasecmp(a.text, b.text, a.size) == 0;
}
