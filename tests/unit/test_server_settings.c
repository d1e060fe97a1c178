/* Invalid settings and combinations; the key file and its database. */
#include "db/facts.h"
#include "server/keys.h"
#include "server/settings_rules.h"
#include "sys/file.h"
#include "unit/db_fixture.h"

#include <sys/stat.h>

static enum db_engine engine;
static struct db_fixture fixture;
static char folder[64];

static int open_fresh(void **state)
{
    (void)state;
    fixture_open(&fixture, engine, "sycee_test_settings");
    strcpy(folder, "/tmp/sycee-settings-XXXXXX");
    assert_non_null(mkdtemp(folder));
    return 0;
}

static int close_it(void **state)
{
    (void)state;
    char command[96];
    fixture_close(&fixture);
    snprintf(command, sizeof(command), "rm -rf %s", folder);
    assert_int_equal(0, system(command));
    return 0;
}

/* Settings on top of the defaults, separated by blanks; what they must be found to be. */
static const struct settings_findings *judged(const char *settings)
{
    static struct settings_findings findings;
    struct config *config = NULL;
    char fault[CONFIG_FAULT_SIZE], text[512];
    assert_ok(config_load(CONFIG_OPTIONS, CONFIG_OPTION_COUNT, NULL, NULL, &config, fault));
    snprintf(text, sizeof(text), "%s", settings);
    char *rest = text;
    for (char *one; (one = strsep(&rest, " ")) != NULL;) {
        if (one[0] != '\0') {
            assert_ok(config_override(config, one, fault));
        }
    }
    settings_judge(config, &findings);
    config_release(config);
    return &findings;
}

#define PRODUCTION                                                                                 \
    "outside.is_sandbox=false outside.url=https://clearing.example "                               \
    "outside.secret=0123456789abcdef0123456789abcdef security.origin=https://bank.example "        \
    "tls.certificate=%s/cert.pem tls.key=%s/key.pem "

static void test_server_settings__meaning(void **state)
{
    (void)state;
    static const struct {
        const char *settings;
        const char *finding; /* the first begins with it; NULL: none */
    } rows[] = {
        {"", NULL},
        {"server.address=localhost", "server.address:"},
        {"server.address=::1", NULL},
        {"server.address=127.0.0.1:80", "server.address:"},
        {"log.level=loud", "log.level:"},
        {"tls.key=/nonexistent", "tls.certificate: is missing"},
        {"tls.certificate=/nonexistent", "tls.key: is missing"},
        {"tls.certificate=/nonexistent tls.key=/nonexistent",
         "tls.certificate: /nonexistent could not be read: No such file"},
        {"tls.certificate=/etc/hostname tls.key=/etc/hostname",
         "tls.certificate: /etc/hostname holds no"},
        {"database.url=bank.db", "database.url:"},
        {"database.url=mysql://x", "database.url:"},
        {"bank.node=1", "bank.node:"},
        {"bank.node=1 database.url=postgresql://h/d", NULL},
        {"bank.test_clock=/tmp/clock", NULL},
        {"outside.url=clearing.example", "outside.url:"},
        {"outside.url=ftp://clearing.example", "outside.url:"},
        {"outside.url=https://", "outside.url:"},
        {"outside.url=https://a@b", "outside.url:"},
        {"outside.key_id=", "outside.key_id:"},
        {"outside.secret=", "outside.secret:"},
        {"security.origin=bank.example", "security.origin:"},
        {"security.origin=https://bank.example/", "security.origin:"},
        {"security.origin=https://bank.example/app", "security.origin:"},
        {"security.origin=https://Bank.example", "security.origin:"},
        {"security.origin=https://bank.example.", "security.origin:"},
        {"security.origin=https://bank..example", "security.origin:"},
        {"security.origin=https://-bank.example", "security.origin:"},
        {"security.origin=https://bank.example:8443", NULL},
        {"security.origin=http://127.0.0.1:8080", NULL},
        {"security.origin=http://[::1]:8080", NULL},
        {"security.origin=https://bank.example", NULL},
        {"security.origin=http://localhost:8080", NULL},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct settings_findings *findings = judged(rows[i].settings);
        const char *found = findings->count > 0 ? findings->rows[0].text : "";
        const char *wanted = rows[i].finding != NULL ? rows[i].finding : "";
        if (strncmp(found, wanted, strlen(wanted)) != 0 ||
            (wanted[0] == '\0') != (found[0] == '\0')) {
            fail_msg("%s: \"%s\"", rows[i].settings, found);
        }
        assert_null(strchr(found, '\n'));
    }
}

/* A secret is never part of a line. */
static void test_server_settings__shows_no_secret(void **state)
{
    (void)state;
    static const char *const rows[] = {"database.url=mysql://u:GEHEIM@h/d",
                                       "outside.is_sandbox=false outside.secret=GEHEIM"};
    for (size_t i = 0; i < 2; i++) {
        const struct settings_findings *findings = judged(rows[i]);
        assert_true(findings->count > 0);
        for (size_t j = 0; j < findings->count; j++) {
            assert_null(strstr(findings->rows[j].text, "GEHEIM"));
        }
    }
}

static void test_server_settings__production(void **state)
{
    (void)state;
    static const struct {
        const char *settings;
        const char *finding;
    } rows[] = {
        {"", NULL},
        {"outside.url=http://clearing.example", "outside.url: must be https"},
        {"outside.secret=sandbox-secret", "outside.secret:"},
        {"outside.secret=0123456789abcdef0123456789abcde", "outside.secret:"},
        {"security.origin=", "security.origin:"},
        {"security.origin=http://bank.example", "security.origin:"},
        {"security.origin=http://192.0.2.7", "security.origin:"},
        {"security.origin=https://192.0.2.7", "security.origin:"},
        {"security.origin=https://192.0.2.7:8443", "security.origin:"},
        {"security.origin=https://[2001:db8::7]", "security.origin:"},
        {"security.origin=https://[2001:db8::7]:8443", "security.origin:"},
        {"security.origin=https://127.1", "security.origin:"},
        {"security.origin=https://2130706433", "security.origin:"},
        {"security.origin=https://0x7f000001", "security.origin:"},
        {"security.origin=https://localhost", "security.origin:"},
        {"security.origin=https://7.bank.example", NULL},
        {"security.origin=https://bank.example:8443", NULL},
        {"tls.certificate= tls.key=", "tls.certificate: is empty"},
        {"server.rate_limits=false", "server.rate_limits:"},
    };
    static const char certificate[] = "-----BEGIN CERTIFICATE-----\n";
    static const char key[] = "-----BEGIN PRIVATE KEY-----\n";
    char path[128], text[512];
    snprintf(path, sizeof(path), "%s/cert.pem", folder);
    assert_ok(file_replace(path, certificate, strlen(certificate), 0644));
    snprintf(path, sizeof(path), "%s/key.pem", folder);
    assert_ok(file_replace(path, key, strlen(key), 0600));
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        snprintf(text, sizeof(text), PRODUCTION "%s", folder, folder, rows[i].settings);
        const struct settings_findings *findings = judged(text);
        assert_int_equal(rows[i].finding != NULL ? 1 : 0, findings->count);
        if (rows[i].finding != NULL) {
            assert_memory_equal(rows[i].finding, findings->rows[0].text, strlen(rows[i].finding));
        }
    }
    /* A key that everybody may read is refused anywhere. */
    assert_int_equal(0, chmod(path, 0604));
    snprintf(text, sizeof(text), PRODUCTION, folder, folder);
    const struct settings_findings *findings = judged(text);
    assert_int_equal(1, findings->count);
    assert_non_null(strstr(findings->rows[0].text, "can be read by everybody"));
}

static void test_server_settings__a_key_belongs_to_one_bank(void **state)
{
    (void)state;
    char path[128], other[128];
    struct vault *vault = NULL;
    struct fault fault = {0};
    bool is_new = false;
    snprintf(path, sizeof(path), "%s/keys", folder);
    snprintf(other, sizeof(other), "%s/other", folder);
    /* Reading alone makes nothing, also for a new bank. */
    assert_err(ERR_VAULT_ABSENT, keys_open(fixture.conn, path, &vault, &is_new, &fault));
    assert_true(is_new);
    assert_false(file_exists(path));
    assert_ok(keys_open_or_make(fixture.conn, path, 1, &vault, &fault));
    vault_close(vault);
    assert_ok(keys_open(fixture.conn, path, &vault, &is_new, &fault));
    assert_false(is_new);
    /* Rotation adds a key, which is recorded at the next start. */
    assert_ok(vault_add_key(vault, path));
    vault_close(vault);
    assert_ok(keys_open_or_make(fixture.conn, path, 2, &vault, &fault));
    assert_int_equal(2, vault_version(vault));
    vault_close(vault);
    /* Another bank's file, and none: refused by every command, and none is made. */
    assert_ok(vault_make(other, entropy_system()));
    assert_err(ERR_VAULT_FOREIGN, keys_open_or_make(fixture.conn, other, 3, &vault, &fault));
    assert_non_null(strstr(fault.text, "belongs to another bank (security.key_file)"));
    assert_true(fault.is_setting);
    unlink(other);
    assert_err(ERR_VAULT_ABSENT, keys_open_or_make(fixture.conn, other, 3, &vault, &fault));
    assert_non_null(strstr(fault.text, "is missing (security.key_file)"));
    assert_false(file_exists(other));
    /* The copy of before the rotation lacks the newest key. */
    assert_int_equal(0, chmod(path, 0644));
    assert_err(ERR_VAULT_KEY, keys_open_or_make(fixture.conn, path, 3, &vault, &fault));
    assert_non_null(strstr(fault.text, "chmod 600"));
    snprintf(other, sizeof(other), "%s/none/keys", folder);
    assert_err(ERR_VAULT_ABSENT, keys_open_or_make(fixture.conn, other, 3, &vault, &fault));
}

static int run(enum db_engine on)
{
    engine = on;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_server_settings__meaning),
        cmocka_unit_test(test_server_settings__shows_no_secret),
        cmocka_unit_test_setup_teardown(test_server_settings__production, open_fresh, close_it),
        cmocka_unit_test_setup_teardown(test_server_settings__a_key_belongs_to_one_bank, open_fresh,
                                        close_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(void)
{
    return fixture_run(run);
}
