/* Sealed fields, look-up hashes, the key file. */
#include "sys/vault.h"

#include "sys/file.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

struct fixture {
    char folder[64];
    char path[128];
    struct vault *vault;
};

static int setup(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    assert_non_null(fixture);
    strcpy(fixture->folder, "/tmp/sycee-vault-XXXXXX");
    assert_non_null(mkdtemp(fixture->folder));
    snprintf(fixture->path, sizeof(fixture->path), "%s/vault.key", fixture->folder);
    assert_int_equal(vault_open(fixture->path, entropy_system(), &fixture->vault),
                     ERR_VAULT_ABSENT); /* opening makes no key */
    assert_int_equal(vault_make(fixture->path, entropy_system()), ERR_OK);
    assert_int_equal(vault_open(fixture->path, entropy_system(), &fixture->vault), ERR_OK);
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;
    vault_close(fixture->vault);
    unlink(fixture->path);
    assert_int_equal(rmdir(fixture->folder), 0); /* nothing else was left behind */
    free(fixture);
    return 0;
}

static void test_sys_vault__opens_what_it_sealed(void **state)
{
    struct fixture *fixture = *state;
    struct vault_place place = {7, 42, "customer.phone"};
    uint8_t sealed[14 + VAULT_OVERHEAD], again[14 + VAULT_OVERHEAD];
    char text[20];
    vault_seal(fixture->vault, place, "+8619900000001", 14, sealed);
    vault_seal(fixture->vault, place, "+8619900000001", 14, again);
    assert_memory_not_equal(sealed, again, sizeof(sealed));
    assert_int_equal(
        vault_unseal_text(fixture->vault, place, sealed, sizeof(sealed), text, sizeof(text)),
        ERR_OK);
    assert_string_equal(text, "+8619900000001");
    for (size_t i = 0; i + 14 <= sizeof(sealed); i++) {
        assert_memory_not_equal(sealed + i, "+8619900000001", 14);
    }
}

static void test_sys_vault__refuses_another_place(void **state)
{
    struct fixture *fixture = *state;
    struct vault_place place = {7, 42, "customer.phone"};
    const struct vault_place others[] = {{8, 42, "customer.phone"},
                                         {7, 43, "customer.phone"},
                                         {7, 42, "customer.phon"},
                                         {7, 42, "customer.idNumber"}};
    uint8_t sealed[3 + VAULT_OVERHEAD];
    char text[8];
    vault_seal(fixture->vault, place, "abc", 3, sealed);
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        assert_int_equal(vault_unseal_text(fixture->vault, others[i], sealed, sizeof(sealed), text,
                                           sizeof(text)),
                         ERR_VAULT_SEAL);
    }
}

static void test_sys_vault__refuses_every_changed_byte(void **state)
{
    struct fixture *fixture = *state;
    struct vault_place place = {7, 42, "x"};
    uint8_t sealed[3 + VAULT_OVERHEAD];
    char text[8];
    vault_seal(fixture->vault, place, "abc", 3, sealed);
    for (size_t i = 0; i < sizeof(sealed); i++) {
        sealed[i] ^= 1;
        assert_int_equal(
            vault_unseal_text(fixture->vault, place, sealed, sizeof(sealed), text, sizeof(text)),
            ERR_VAULT_SEAL);
        sealed[i] ^= 1;
    }
    for (size_t size = 0; size < sizeof(sealed); size++) {
        assert_int_equal(vault_unseal_text(fixture->vault, place, sealed, size, text, sizeof(text)),
                         ERR_VAULT_SEAL);
    }
    assert_int_equal(vault_unseal_text(fixture->vault, place, sealed, sizeof(sealed), text, 3),
                     ERR_VAULT_SEAL);
}

static void test_sys_vault__hashes_by_kind_and_key(void **state)
{
    struct fixture *fixture = *state;
    uint8_t a[32], b[32];
    vault_lookup_hash(fixture->vault, "phone", "1", a);
    vault_lookup_hash(fixture->vault, "phone", "1", b);
    assert_true(vault_equal(a, b, 32));
    vault_lookup_hash(fixture->vault, "card", "1", b);
    assert_false(vault_equal(a, b, 32));
    vault_lookup_hash(fixture->vault, "phon", "e1", b);
    assert_false(vault_equal(a, b, 32));

    struct vault *other = NULL;
    char path[160];
    snprintf(path, sizeof(path), "%s/other.key", fixture->folder);
    assert_int_equal(vault_make(path, entropy_system()), ERR_OK);
    assert_int_equal(vault_open(path, entropy_system(), &other), ERR_OK);
    vault_lookup_hash(other, "phone", "1", b);
    assert_false(vault_equal(a, b, 32));
    vault_close(other);
    unlink(path);
}

static void test_sys_vault__keeps_its_key(void **state)
{
    struct fixture *fixture = *state;
    uint8_t a[32], b[32];
    struct stat stat_now;
    vault_lookup_hash(fixture->vault, "phone", "1", a);
    vault_close(fixture->vault);
    assert_int_equal(stat(fixture->path, &stat_now), 0);
    assert_int_equal(stat_now.st_mode & 0777, 0600);
    assert_int_equal(vault_open(fixture->path, entropy_system(), &fixture->vault), ERR_OK);
    vault_lookup_hash(fixture->vault, "phone", "1", b);
    assert_true(vault_equal(a, b, 32));
}

static void test_sys_vault__refuses_a_bad_key_file(void **state)
{
    struct fixture *fixture = *state;
    struct vault *vault = NULL;
    char path[160];
    snprintf(path, sizeof(path), "%s/bad.key", fixture->folder);
    assert_int_equal(chmod(fixture->path, 0640), 0);
    assert_int_equal(vault_open(fixture->path, entropy_system(), &vault), ERR_VAULT_KEY);
    assert_int_equal(chmod(fixture->path, 0600), 0);

#define HEX64 "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
    static const char *const contents[] = {
        "",
        "sycee-vault-1 00",
        "sycee-vault-2 ",
        "sycee-vault-1 zz",
        "sycee-vault-2 " HEX64 "\n",                          /* hashes of which key? */
        "sycee-lookup-1 " HEX64 "\n",                         /* none that seals */
        "sycee-vault-1 " HEX64 "\nsycee-vault-1 " HEX64 "\n", /* twice */
        "sycee-vault-2 " HEX64 "\nsycee-vault-1 " HEX64 "\n", /* falling */
        "sycee-vault-0 " HEX64 "\n",
        "sycee-vault-256 " HEX64 "\n",
        "sycee-vault-01 " HEX64 "\n",
        "sycee-vault-1 " HEX64 "00\n",
        "sycee-vault-1 " HEX64 "\nmore\n"};
    for (size_t i = 0; i < sizeof(contents) / sizeof(contents[0]); i++) {
        assert_int_equal(file_replace(path, contents[i], strlen(contents[i]), 0600), ERR_OK);
        assert_int_equal(vault_open(path, entropy_system(), &vault), ERR_VAULT_KEY);
    }
    unlink(path);
    snprintf(path, sizeof(path), "%s/no-folder/vault.key", fixture->folder);
    assert_int_equal(vault_open(path, entropy_system(), &vault), ERR_VAULT_ABSENT);
    assert_int_equal(vault_make(path, entropy_system()), ERR_NOT_FOUND);
}

/* Rotation: values sealed with the old key stay readable until it is retired; look-up hashes stay. */
static void test_sys_vault__several_keys(void **state)
{
    struct fixture *fixture = *state;
    struct vault_place place = {7, 42, "x"};
    struct vault *both = NULL, *fresh = NULL;
    uint8_t old_sealed[3 + VAULT_OVERHEAD], new_sealed[3 + VAULT_OVERHEAD];
    uint8_t a[32], b[32], old_check[32], check[32];
    char text[8];
    vault_seal(fixture->vault, place, "abc", 3, old_sealed);
    vault_lookup_hash(fixture->vault, "phone", "1", a);
    assert_true(vault_key_check(fixture->vault, 1, old_check));
    assert_false(vault_key_check(fixture->vault, 2, check));
    assert_int_equal(vault_version(fixture->vault), 1);

    assert_int_equal(vault_add_key(fixture->vault, fixture->path), ERR_OK);
    assert_int_equal(vault_open(fixture->path, entropy_system(), &both), ERR_OK);
    assert_int_equal(vault_version(both), 2);
    vault_lookup_hash(both, "phone", "1", b);
    assert_true(vault_equal(a, b, 32));
    assert_true(vault_key_check(both, 1, check));
    assert_true(vault_equal(old_check, check, 32));
    assert_true(vault_key_check(both, 2, check));
    assert_false(vault_equal(old_check, check, 32));
    assert_int_equal(vault_unseal_text(both, place, old_sealed, sizeof(old_sealed), text, 8), 0);
    vault_seal(both, place, "abc", 3, new_sealed);
    assert_int_equal(new_sealed[0], 2);
    assert_int_equal(
        vault_unseal_text(fixture->vault, place, new_sealed, sizeof(new_sealed), text, 8),
        ERR_VAULT_SEAL);
    new_sealed[0] = 1; /* the number is part of what is sealed: the other key does not open it */
    assert_int_equal(vault_unseal_text(both, place, new_sealed, sizeof(new_sealed), text, 8),
                     ERR_VAULT_SEAL);
    new_sealed[0] = 2;

    assert_int_equal(vault_drop_old_keys(both, fixture->path), ERR_OK);
    assert_int_equal(vault_open(fixture->path, entropy_system(), &fresh), ERR_OK);
    assert_int_equal(vault_version(fresh), 2);
    vault_lookup_hash(fresh, "phone", "1", b);
    assert_true(vault_equal(a, b, 32));
    assert_int_equal(vault_unseal_text(fresh, place, new_sealed, sizeof(new_sealed), text, 8), 0);
    assert_int_equal(vault_unseal_text(fresh, place, old_sealed, sizeof(old_sealed), text, 8),
                     ERR_VAULT_SEAL);
    assert_false(vault_key_check(fresh, 1, check));
    assert_true(vault_key_check(fixture->vault, 0, old_check));
    assert_true(vault_key_check(fresh, 0, check));
    assert_true(vault_equal(old_check, check, 32));
    vault_close(both);
    vault_close(fresh);
}

static void test_sys_vault__takes_a_credential_and_never_makes_one(void **state)
{
    struct fixture *fixture = *state;
    struct vault *vault = NULL;
    uint8_t a[32], b[32];
    unsetenv("CREDENTIALS_DIRECTORY");
    assert_int_equal(vault_open("credential:vault.key", entropy_system(), &vault), ERR_VAULT_KEY);
    setenv("CREDENTIALS_DIRECTORY", fixture->folder, 1);
    assert_int_equal(vault_open("credential:none", entropy_system(), &vault), ERR_VAULT_ABSENT);
    assert_int_equal(vault_make("credential:none", entropy_system()), ERR_VAULT_ABSENT);
    assert_int_equal(vault_open("credential:../x", entropy_system(), &vault), ERR_VAULT_KEY);
    assert_int_equal(vault_open("credential:vault.key", entropy_system(), &vault), ERR_OK);
    vault_lookup_hash(fixture->vault, "phone", "1", a);
    vault_lookup_hash(vault, "phone", "1", b);
    assert_true(vault_equal(a, b, 32));
    vault_close(vault);
    unsetenv("CREDENTIALS_DIRECTORY");
}

static void test_sys_vault__makes_codes_of_digits(void **state)
{
    struct fixture *fixture = *state;
    char first[7], code[7];
    bool differs = false;
    vault_make_code(fixture->vault, 6, first);
    for (int i = 0; i < 50; i++) {
        vault_make_code(fixture->vault, 6, code);
        assert_int_equal(strlen(code), 6);
        assert_int_equal(strspn(code, "0123456789"), 6);
        differs = differs || strcmp(code, first) != 0;
    }
    assert_true(differs);
}

static void test_sys_vault__spells_base64_one_way(void **state)
{
    (void)state;
    uint8_t bytes[40], back[40];
    char text[VAULT_BASE64_SIZE(40)];
    memset(bytes, 0xFB, sizeof(bytes));
    vault_base64(bytes, sizeof(bytes), text);
    assert_int_equal(strlen(text), 54);
    assert_null(strpbrk(text, "+/="));
    assert_true(vault_from_base64(text, back, sizeof(back)));
    assert_memory_equal(bytes, back, sizeof(back));
    char last = text[53];
    text[53] = (char)(last + 1); /* an unused bit set */
    assert_false(vault_from_base64(text, back, sizeof(back)));
    text[53] = '\0';
    assert_false(vault_from_base64(text, back, sizeof(back)));
    assert_false(vault_from_base64("", back, sizeof(back)));
    assert_false(vault_from_base64("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
                                   back, sizeof(back)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_sys_vault__opens_what_it_sealed, setup, teardown),
        cmocka_unit_test_setup_teardown(test_sys_vault__refuses_another_place, setup, teardown),
        cmocka_unit_test_setup_teardown(test_sys_vault__refuses_every_changed_byte, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_sys_vault__hashes_by_kind_and_key, setup, teardown),
        cmocka_unit_test_setup_teardown(test_sys_vault__keeps_its_key, setup, teardown),
        cmocka_unit_test_setup_teardown(test_sys_vault__refuses_a_bad_key_file, setup, teardown),
        cmocka_unit_test_setup_teardown(test_sys_vault__several_keys, setup, teardown),
        cmocka_unit_test_setup_teardown(test_sys_vault__takes_a_credential_and_never_makes_one,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_sys_vault__makes_codes_of_digits, setup, teardown),
        cmocka_unit_test(test_sys_vault__spells_base64_one_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
