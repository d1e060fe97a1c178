/* Settings: order of precedence, types, and the line that is wrong. */
#include "sys/config.h"
#include "sys/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char path[] = "/tmp/sycee-config-XXXXXX";

static const struct config_option options[] = {
    {"server", "port", CONFIG_INT, "80", 0, 65535, "port", "端口"},
    {"server", "name", CONFIG_STRING, "bank", 0, 0, "name", "名称"},
    {"server", "fast", CONFIG_BOOL, "no", 0, 0, "fast", "快速"},
    {"log", "wait", CONFIG_MS, "5s", 10, 100000, "wait", "等待"},
    {"log", "size", CONFIG_INT, "1k", 0, 1073741824, "size", "大小"},
};
#define COUNT (sizeof options / sizeof options[0])

static enum err load(const char *text, const char *const *environment, struct config **out,
                     char fault[CONFIG_FAULT_SIZE])
{
    if (text != NULL) {
        assert_int_equal(file_replace(path, text, strlen(text), 0600), ERR_OK);
    }
    return config_load(options, COUNT, text == NULL ? NULL : path, environment, out, fault);
}

static void test_sys_config__later_sources_win(void **state)
{
    (void)state;
    static const char *const environment[] = {"SYCEE_SERVER_NAME=from environment",
                                              "SYCEE_TEST_DATABASE_URL=x", "PATH=/bin", NULL};
    struct config *config = NULL;
    char fault[CONFIG_FAULT_SIZE];
    assert_int_equal(load("; a comment\n[server]\nport = 8080\nname = from file\nfast = yes\n\n"
                          "[log]\nwait=250ms\n",
                          environment, &config, fault),
                     ERR_OK);
    assert_int_equal(config_int(config, "server", "port"), 8080);
    assert_string_equal(config_string(config, "server", "name"), "from environment");
    assert_true(config_bool(config, "server", "fast"));
    assert_int_equal(config_ms(config, "log", "wait"), 250);
    assert_int_equal(config_int(config, "log", "size"), 1024);
    assert_int_equal(config_override(config, "log.size=2m", fault), ERR_OK);
    assert_int_equal(config_int(config, "log", "size"), 2097152);
    assert_int_equal(config_override(config, "log.size=x", fault), ERR_INVALID_FIELD);
    assert_int_equal(config_override(config, "log.none=1", fault), ERR_INVALID_FIELD);
    assert_int_equal(config_override(config, "nonsense", fault), ERR_INVALID_FIELD);
    assert_int_equal(config_int(config, "log", "size"), 2097152);
    config_release(config);
}

static void test_sys_config__names_the_wrong_line(void **state)
{
    (void)state;
    static const struct {
        const char *text, *wanted;
    } rows[] = {
        {"[server]\nport = 1\nprot = 2\n", ":3: there is no option \"prot\" in section [server]"},
        {"[sever]\nport = 1\n", ":2: there is no option \"port\" in section [sever]"},
        {"port = 1\n", ":1: there is no option \"port\" in section []"},
        {"[server]\n\nport = 70000\n", ":3: server.port must lie between 0 and 65535"},
        {"[server]\nport = -1\n", ":2: server.port must lie between 0 and 65535"},
        {"[server]\nport = 80a\n", ":2: server.port must be a whole number"},
        {"[server]\nport =\n", ":2: server.port must be a whole number"},
        {"[server]\nfast = maybe\n", ":2: server.fast must be true or false"},
        {"[log]\nwait = 5\n", ":2: log.wait must be a duration"},
        {"[log]\nsize = 9999999999999g\n", ":2: log.size must be a whole number"},
        {"[server]\nport = 1\nport = 2\n", ":3: server.port is set twice"},
        {"[server]\nnonsense\n", ":2: neither a [section] nor key = value"},
        {"[server\nport = 1\n", ":1: "},
    };
    char fault[CONFIG_FAULT_SIZE];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct config *config = NULL;
        enum err err = load(rows[i].text, NULL, &config, fault);
        if (err != ERR_INVALID_FIELD || strstr(fault, rows[i].wanted) == NULL || config != NULL) {
            fail_msg("%s -> %s, %s", rows[i].text, err_slug(err), fault);
        }
    }
    char large[600] = "[server]\nname = ";
    memset(large + strlen(large), 'x', 500);
    struct config *config = NULL;
    assert_int_equal(load(large, NULL, &config, fault), ERR_INVALID_FIELD);
    assert_non_null(strstr(fault, ":2: the line is too long"));
    assert_int_equal(config_load(options, COUNT, "/no/such/file", NULL, &config, fault),
                     ERR_NOT_FOUND);
    static const char *const environment[] = {"SYCEE_SERVER_PORT=x", NULL};
    assert_int_equal(load(NULL, environment, &config, fault), ERR_INVALID_FIELD);
    assert_string_equal(fault, "SYCEE_SERVER_PORT: server.port must be a whole number");
    /* An unknown variable is refused like an unknown option; those of tests and tools are not ours. */
    static const char *const unknown[] = {"SYCEE_SERVER_PROT=8080", NULL};
    assert_int_equal(load(NULL, unknown, &config, fault), ERR_INVALID_FIELD);
    assert_string_equal(fault, "SYCEE_SERVER_PROT: no option has this name");
    static const char *const bare[] = {"SYCEE_SERVER_PORT", NULL};
    assert_int_equal(load(NULL, bare, &config, fault), ERR_INVALID_FIELD);
    static const char *const others[] = {"SYCEE_TEST_X=1", "SYCEE_MODELS=/m", "SYCEE_VAR=v", NULL};
    assert_int_equal(load(NULL, others, &config, fault), ERR_OK);
    config_release(config);
}

static void test_sys_config__own_table_is_sound(void **state)
{
    (void)state;
    static const enum lang langs[] = {LANG_EN, LANG_ZH};
    char fault[CONFIG_FAULT_SIZE];
    for (size_t i = 0; i < 2; i++) {
        struct config *config = NULL;
        FILE *file = fopen(path, "w");
        config_print_template(CONFIG_OPTIONS, CONFIG_OPTION_COUNT, langs[i], file);
        fclose(file);
        enum err err = config_load(CONFIG_OPTIONS, CONFIG_OPTION_COUNT, path, NULL, &config, fault);
        if (err != ERR_OK) {
            fail_msg("%s", fault);
        }
        assert_int_equal(config_int(config, "server", "port"), 8080);
        assert_int_equal(config_int(config, "server", "body_max"), 262144);
        config_release(config);
    }
}

static int make_file(void **state)
{
    (void)state;
    int fd = mkstemp(path);
    return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **state)
{
    (void)state;
    return unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sys_config__later_sources_win),
        cmocka_unit_test(test_sys_config__names_the_wrong_line),
        cmocka_unit_test(test_sys_config__own_table_is_sound),
    };
    return cmocka_run_group_tests(tests, make_file, remove_file);
}
