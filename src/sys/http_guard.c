#include "sys/http_guard.h"

#include "base/str.h"

#include <string.h>

#define LENGTH_DIGITS_MAX 18

static bool is_token(const char *text)
{
    static const char allowed[] = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"
                                  "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    return text[0] != 0 && text[strspn(text, allowed)] == 0;
}

static bool is_control(char c)
{
    return (unsigned char)c < 0x20 || c == 0x7F;
}

static bool is_clean_value(const char *text)
{
    for (; *text != 0; text++) {
        if (is_control(*text) && *text != '\t') {
            return false;
        }
    }
    return true;
}

static bool is_host(const char *text)
{
    return text[strcspn(text, " \t/\\@?#,\"<>")] == 0;
}

bool http_guard_length(const char *text, uint64_t *out)
{
    size_t size = strspn(text, "0123456789");
    if (size == 0 || size > LENGTH_DIGITS_MAX || text[size] != 0) {
        return false;
    }
    uint64_t value = 0;
    for (; *text != 0; text++) {
        value = value * 10 + (uint64_t)(*text - '0');
    }
    *out = value;
    return true;
}

enum err http_guard_headers(const struct http_param *headers, size_t count, bool is_http_1_0)
{
    int length_count = 0;
    int encoding_count = 0;
    int host_count = 0;
    for (size_t i = 0; i < count; i++) {
        const char *name = headers[i].name;
        const char *value = headers[i].value;
        uint64_t length = 0;
        if (!is_token(name) || !is_clean_value(value)) {
            return ERR_BAD_REQUEST;
        }
        if (strcasecmp(name, "content-length") == 0) {
            length_count++;
            if (!http_guard_length(value, &length)) {
                return ERR_BAD_REQUEST;
            }
        } else if (strcasecmp(name, "transfer-encoding") == 0) {
            encoding_count++;
            if (strcasecmp(value, "chunked") != 0) {
                return ERR_BAD_REQUEST;
            }
        } else if (strcasecmp(name, "host") == 0) {
            host_count++;
            if (!is_host(value)) {
                return ERR_BAD_REQUEST;
            }
        }
    }
    /* Two parsers that read one of these differently are how requests are smuggled. */
    bool is_smuggled = length_count > 1 || encoding_count > 1 ||
                       (length_count > 0 && encoding_count > 0) ||
                       (encoding_count > 0 && is_http_1_0);
    bool is_host_wrong = host_count > 1 || (host_count == 0 && !is_http_1_0);
    if (is_smuggled || is_host_wrong) {
        return ERR_BAD_REQUEST;
    }
    return encoding_count > 0 ? ERR_LENGTH_REQUIRED : ERR_OK;
}

static const char *const method_names[HTTP_METHOD_COUNT] = {"GET",   "HEAD",   "POST",   "PUT",
                                                            "PATCH", "DELETE", "OPTIONS"};

enum http_method http_guard_method(const char *name)
{
    int method = 0;
    while (method < HTTP_METHOD_COUNT && strcmp(name, method_names[method]) != 0) {
        method++;
    }
    return (enum http_method)method;
}

const char *http_method_name(enum http_method method)
{
    return method < HTTP_METHOD_COUNT ? method_names[method] : "UNKNOWN";
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool http_percent_decode(char *text, bool plus_is_space)
{
    const char *in = text;
    char *out = text;
    while (*in != 0) {
        char c = *in++;
        if (c == '%') {
            int high = hex_digit(in[0]);
            int low = high < 0 ? -1 : hex_digit(in[1]);
            if (low < 0) {
                return false;
            }
            c = (char)(high * 16 + low);
            in += 2;
        } else if (c == '+' && plus_is_space) {
            c = ' ';
        }
        if (is_control(c)) {
            return false;
        }
        *out++ = c;
    }
    *out = 0;
    return str_is_utf8(text, (size_t)(out - text));
}

/* A slash that hides in an escape would move the borders of the segments. */
static bool hides_slash(const char *path)
{
    for (const char *at = strchr(path, '%'); at != NULL; at = strchr(at + 1, '%')) {
        if (strncasecmp(at, "%2f", 3) == 0 || strncasecmp(at, "%5c", 3) == 0) {
            return true;
        }
    }
    return strchr(path, '\\') != NULL;
}

static bool has_dot_segment(const char *path)
{
    for (const char *at = path; at != NULL; at = strchr(at + 1, '/')) {
        size_t size = strcspn(at + 1, "/");
        if ((size == 1 && at[1] == '.') || (size == 2 && at[1] == '.' && at[2] == '.')) {
            return true;
        }
    }
    return false;
}

/* Absolute form: the authority is skipped, Host decides. NULL where it is neither form. */
static char *origin_of(char *target)
{
    static char root[] = "/";
    size_t scheme = strncasecmp(target, "http://", 7) == 0    ? 7
                    : strncasecmp(target, "https://", 8) == 0 ? 8
                                                              : 0;
    if (scheme > 0) {
        target += scheme + strcspn(target + scheme, "/?#");
        return target[0] == 0 ? root : target;
    }
    return target;
}

enum err http_guard_target(char *target, const char **out_path, const char **out_query)
{
    char *path = origin_of(target);
    if (path[0] != '/' || path[strcspn(path, "# ")] != 0) {
        return ERR_BAD_REQUEST;
    }
    char *mark = strchr(path, '?');
    if (mark != NULL) {
        *mark = 0;
    }
    if (hides_slash(path) || !http_percent_decode(path, false) || has_dot_segment(path)) {
        return ERR_BAD_REQUEST;
    }
    *out_path = path;
    *out_query = mark != NULL ? mark + 1 : "";
    return ERR_OK;
}

enum err http_guard_query(char *query, struct http_param *out_params, size_t max, size_t *out_count)
{
    size_t count = 0;
    char *rest = query;
    while (rest != NULL && *rest != 0) {
        char *part = strsep(&rest, "&");
        if (part[0] == 0) {
            continue;
        }
        char *name = strsep(&part, "=");
        if (count == max || !http_percent_decode(name, true) ||
            (part != NULL && !http_percent_decode(part, true))) {
            return ERR_BAD_REQUEST;
        }
        out_params[count].name = name;
        out_params[count].value = part != NULL ? part : "";
        count++;
    }
    *out_count = count;
    return ERR_OK;
}
