#include "server/settings_rules.h"

#include "sys/file.h"
#include "sys/http_server.h"
#include "sys/log.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define SECRET_LENGTH_MIN 32 /* characters; 128 bits in hex */
#define PEM_MAX           (256 * 1024)

static void add_finding(struct settings_findings *out, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void add_finding(struct settings_findings *out, const char *format, ...)
{
    char text[FAULT_SIZE];
    va_list args;
    if (out->count == SETTINGS_FINDINGS_MAX) {
        return;
    }
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    fault_write_setting(&out->rows[out->count++], "%s", text);
}

bool settings_is_production(const struct config *config)
{
    return !config_bool(config, "outside", "is_sandbox");
}

/* --- addresses --------------------------------------------------------------------------------- */

static bool is_numeric_address(const char *text)
{
    uint8_t bytes[16];
    return inet_pton(AF_INET, text, bytes) == 1 || inet_pton(AF_INET6, text, bytes) == 1;
}

struct web_address {
    bool is_https;
    const char *host; /* with its port */
    size_t host_size;
    const char *rest; /* from the first "/" after the host */
};

static bool parse_web_address(const char *text, struct web_address *out)
{
    out->is_https = strncmp(text, "https://", 8) == 0;
    if (!out->is_https && strncmp(text, "http://", 7) != 0) {
        return false;
    }
    out->host = text + (out->is_https ? 8 : 7);
    out->host_size = strcspn(out->host, "/?#");
    out->rest = out->host + out->host_size;
    size_t good = strspn(out->host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                    "0123456789-.:[]");
    return out->host_size > 0 && good >= out->host_size;
}

/* The host of an origin without its port, in `size` bytes with a NUL. False: too long for a name. */
static bool host_of(const struct web_address *address, char *out, size_t size)
{
    size_t length =
        address->host[0] == '[' ? strcspn(address->host, "]") + 1 : strcspn(address->host, ":/?#");
    if (length > address->host_size || length >= size) {
        return false;
    }
    memcpy(out, address->host, length);
    out[length] = '\0';
    return true;
}

/* What browsers take for an address: brackets, or a last label of digits (URL standard, "ends in a
 * number"): 192.0.2.7, 127.1, 0x7f000001. */
static bool is_address_host(const char *host)
{
    const char *dot = strrchr(host, '.');
    const char *last = dot != NULL ? dot + 1 : host;
    bool is_hex = last[0] == '0' && (last[1] == 'x' || last[1] == 'X') &&
                  last[2 + strspn(last + 2, "0123456789abcdefABCDEF")] == '\0';
    bool is_number = last[0] != '\0' && last[strspn(last, "0123456789")] == '\0';
    return host[0] == '[' || is_hex || is_number;
}

/* Lower case labels of letters, digits and inner hyphens; no dot at the end. */
static bool is_domain(const char *host)
{
    for (const char *label = host;; label++) {
        size_t size = strcspn(label, ".");
        if (size == 0 || size > 63 || label[0] == '-' || label[size - 1] == '-' ||
            strspn(label, "abcdefghijklmnopqrstuvwxyz0123456789-") < size) {
            return false;
        }
        label += size;
        if (*label == '\0') {
            return true;
        }
    }
}

static void judge_outside(const struct config *config, struct settings_findings *out)
{
    const char *url = config_string(config, "outside", "url");
    struct web_address address;
    if (!parse_web_address(url, &address)) {
        add_finding(out, "outside.url: \"%.200s\" is not http://HOST or https://HOST", url);
    }
    if (config_string(config, "outside", "key_id")[0] == '\0') {
        add_finding(out, "outside.key_id: is empty; the outside parties know the bank by it");
    }
    if (config_string(config, "outside", "secret")[0] == '\0') {
        add_finding(out, "outside.secret: is empty; calls to the outside are signed with it");
    }
}

/* An origin as browsers write it: scheme, host, port, nothing behind. */
static void judge_origin(const struct config *config, struct settings_findings *out)
{
    const char *origin = config_string(config, "security", "origin");
    struct web_address address;
    char host[256];
    if (origin[0] == '\0') {
        return;
    }
    if (!parse_web_address(origin, &address) || address.rest[0] != '\0' ||
        !host_of(&address, host, sizeof host) || !(is_address_host(host) || is_domain(host))) {
        add_finding(out,
                    "security.origin: \"%.200s\" is not an origin such as https://bank.example "
                    "(lower case, no path, no \"/\" at the end)",
                    origin);
    }
}

static void judge_proxies(const struct config *config, struct settings_findings *out)
{
    const char *list = config_string(config, "server", "trusted_proxies");
    if (!http_networks_are_valid(list)) {
        add_finding(
            out,
            "server.trusted_proxies: \"%.200s\" is not a list of addresses and networks such as "
            "10.0.0.0/8, ::1",
            list);
    }
}

/* --- TLS --------------------------------------------------------------------------------------- */

static void judge_pem(const struct config *config, const char *key, const char *marker,
                      bool is_secret, struct settings_findings *out)
{
    const char *path = config_string(config, "tls", key);
    char *text = NULL;
    size_t size = 0;
    struct stat now;
    errno = 0;
    enum err err = file_read(path, PEM_MAX, &text, &size);
    if (err) {
        add_finding(out, "tls.%s: %.250s could not be read: %s", key, path,
                    errno != 0 ? strerror(errno) : err_slug(err));
        return;
    }
    if (strstr(text, marker) == NULL) {
        add_finding(out, "tls.%s: %.250s holds no \"%s\" in PEM form", key, path, marker);
    }
    memset(text, 0, size);
    free(text);
    if (is_secret && stat(path, &now) == 0 && (now.st_mode & 0007U) != 0) {
        add_finding(out, "tls.%s: %.250s can be read by everybody: chmod 600", key, path);
    }
}

static void judge_tls(const struct config *config, struct settings_findings *out)
{
    bool has_certificate = config_string(config, "tls", "certificate")[0] != '\0';
    bool has_key = config_string(config, "tls", "key")[0] != '\0';
    if (has_certificate != has_key) {
        add_finding(out, "tls.%s: is missing, while tls.%s is set: TLS needs both",
                    has_key ? "certificate" : "key", has_key ? "key" : "certificate");
    }
    if (has_certificate) {
        judge_pem(config, "certificate", "BEGIN CERTIFICATE", false, out);
    }
    if (has_key) {
        judge_pem(config, "key", "PRIVATE KEY", true, out);
    }
}

/* --- database and processes -------------------------------------------------------------------- */

static void judge_database(const struct config *config, struct settings_findings *out)
{
    const char *url = config_string(config, "database", "url");
    bool is_sqlite = strncmp(url, "sqlite:", 7) == 0;
    bool is_postgresql = strncmp(url, "postgresql://", 13) == 0 ||
                         strncmp(url, "postgres://", 11) == 0 || strncmp(url, "host=", 5) == 0;
    if (!is_sqlite && !is_postgresql) { /* not shown: it may hold a password */
        add_finding(out, "database.url: must be sqlite:PATH or postgresql://...");
    }
    if (is_sqlite && config_int(config, "bank", "node") != 0) {
        add_finding(out, "bank.node: several processes can serve a PostgreSQL database only");
    }
    if (config_string(config, "bank", "test_clock")[0] != '\0' &&
        !config_bool(config, "outside", "is_sandbox")) {
        add_finding(out,
                    "bank.test_clock: only a bank beside a sandbox has a clock that is shifted");
    }
}

/* --- production -------------------------------------------------------------------------------- */

static bool has_trusted_proxy(const struct config *config)
{
    return config_has(config, "server", "trusted_proxies") &&
           config_string(config, "server", "trusted_proxies")[0] != '\0';
}

/* Passkeys are bound to a domain, and browsers send them over https alone (WebAuthn level 3, 5.1.2: rp.id is
 * a domain string). */
static void judge_production_origin(const char *origin, struct settings_findings *out)
{
    struct web_address address;
    char host[256];
    if (strncmp(origin, "https://", 8) != 0) {
        add_finding(out, "security.origin: must be the https origin that customers' browsers show "
                         "(outside.is_sandbox=false)");
    } else if (parse_web_address(origin, &address) && host_of(&address, host, sizeof host) &&
               (is_address_host(host) || strcmp(host, "localhost") == 0)) {
        add_finding(
            out,
            "security.origin: \"%.200s\" names a machine by its address; customers' "
            "passkeys need a domain such as https://bank.example (outside.is_sandbox=false)",
            origin);
    }
}

static void judge_production(const struct config *config, struct settings_findings *out)
{
    const char *secret = config_string(config, "outside", "secret");
    const char *origin = config_string(config, "security", "origin");
    struct web_address address;
    if (strcmp(secret, "sandbox-secret") == 0 || strlen(secret) < SECRET_LENGTH_MIN) {
        add_finding(out,
                    "outside.secret: is the sandbox's or shorter than %d characters "
                    "(outside.is_sandbox=false)",
                    SECRET_LENGTH_MIN);
    }
    if (parse_web_address(config_string(config, "outside", "url"), &address) && !address.is_https) {
        add_finding(out, "outside.url: must be https (outside.is_sandbox=false)");
    }
    judge_production_origin(origin, out);
    if (config_string(config, "tls", "certificate")[0] == '\0' && !has_trusted_proxy(config)) {
        add_finding(out, "tls.certificate: is empty and server.trusted_proxies too: requests would "
                         "come in clear (outside.is_sandbox=false)");
    }
    if (!config_bool(config, "server", "rate_limits")) {
        add_finding(out, "server.rate_limits: must be true (outside.is_sandbox=false)");
    }
}

void settings_judge(const struct config *config, struct settings_findings *out)
{
    enum log_level level;
    const char *address = config_string(config, "server", "address");
    out->count = 0;
    if (!is_numeric_address(address)) {
        add_finding(out, "server.address: \"%.100s\" is not a numeric address", address);
    }
    if (log_level_parse(config_string(config, "log", "level"), &level) != ERR_OK) {
        add_finding(out, "log.level: \"%.40s\" is none of debug, info, warn, error",
                    config_string(config, "log", "level"));
    }
    judge_tls(config, out);
    judge_database(config, out);
    judge_outside(config, out);
    judge_origin(config, out);
    judge_proxies(config, out);
    if (settings_is_production(config)) {
        judge_production(config, out);
    }
}
