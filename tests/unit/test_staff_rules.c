/* Pure decisions of the staff room, as rows. EVIDENCE: REQ-RSK-03 */
#include "staff/audit_rules.h"
#include "staff/staff_rules.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void test_staff_rules__gives_each_role_its_permissions(void **state)
{
    (void)state;
    /* Rows: roles in the order of enum staff_role; columns: enum staff_permission. */
    static const char *const wanted[STAFF_ROLE_COUNT] = {
        "111111000000001110", /* teller */
        "100010110000001111", /* accountant */
        "100011011000001110", /* operator */
        "110010110110101000", /* auditor */
        "100000010111001111", /* admin */
        "111000000000110000", /* reviewer */
    };
    for (int role = 0; role < STAFF_ROLE_COUNT; role++) {
        uint32_t permissions = staff_permissions_of(1U << role);
        for (int i = 0; i < STAFF_PERMISSION_COUNT; i++) {
            if (staff_may(permissions, (enum staff_permission)i) != (wanted[role][i] == '1')) {
                fail_msg("%s, %s", staff_role_name((enum staff_role)role),
                         staff_permission_name((enum staff_permission)i));
            }
        }
        enum staff_role back;
        assert_int_equal(staff_role_parse(staff_role_name((enum staff_role)role), &back), ERR_OK);
        assert_int_equal(back, role);
    }
    assert_int_equal(staff_permissions_of(0), 0);
    assert_int_equal(staff_permissions_of(3), staff_permissions_of(1) | staff_permissions_of(2));
    enum staff_role none;
    assert_int_equal(staff_role_parse("root", &none), ERR_INVALID_FIELD);
}

static void test_staff_rules__checks_logins(void **state)
{
    (void)state;
    static const char *const good[] = {"ab", "lin.ruoxi", "a-1_b"};
    static const char *const bad[] = {"",    "a",   "1ab",    "Lin",
                                      "a b", "a@b", "林若溪", "abcdefghijklmnopqrstuvwxyzabcdefg"};
    for (size_t i = 0; i < COUNT(good); i++) {
        assert_int_equal(staff_login_check(good[i]), ERR_OK);
    }
    for (size_t i = 0; i < COUNT(bad); i++) {
        assert_int_equal(staff_login_check(bad[i]), ERR_INVALID_FIELD);
    }
}

static void test_staff_rules__refuses_weak_passwords(void **state)
{
    (void)state;
    static const char *const weak[] = {"",
                                       "short",
                                       "elevenchars",
                                       "Password1234",
                                       "aaaaaaaaaaaaaaaa",
                                       "abababababababab",
                                       "lihua-heron-and-reed",
                                       "123456789012345",
                                       "98765432109876543210",
                                       "13579135791357913",
                                       "314159265358979323",
                                       "2026-11-30 2026-12-01",
                                       "138 0013 8000 138 0013 8001",
                                       "abcdefghijklmnopqrst",
                                       "zyxwvutsrqponmlkjihg",
                                       "qwertyuiopasdfghjkl",
                                       "1qaz2wsx3edc4rfv5tgb",
                                       "1q2w3e4r5t6y7u8i",
                                       "qwerty1234567890",
                                       "a1b2c3d4e5f6g7h8",
                                       "aaaabbbbccccddddeeee",
                                       "112233445566778899",
                                       "correct correct correct",
                                       "heron7heron7heron7heron7",
                                       "P@ssw0rd-P@ssw0rd-1",
                                       "Welcome2026!Welcome",
                                       "changeme-changeme",
                                       "sycee-bank-2026",
                                       "Sycee Bank Sycee Bank",
                                       "5yc33-B4nk-2026",
                                       "银行管理员密码密码密码密码",
                                       "AdministratorAdmin1",
                                       "zhangwei-zhangwei-1",
                                       "Zhang.Wei.Zhang.2026",
                                       "张伟张伟张伟张伟张伟张伟张伟",
                                       "\xff\xfe 0123456789ab"};
    for (size_t i = 0; i < COUNT(weak); i++) {
        if (staff_password_check(weak[i], "lihua", "Zhang Wei 张伟 zhangwei") == ERR_OK) {
            fail_msg("%s", weak[i]);
        }
    }
    static const char *const strong[] = {
        "a lamp by the river",       "河边有一盏灯亮到天明才熄灭",
        "a boat on the lake 7",      "correct horse battery staple",
        "the very first day of all", "kX9#mQ2$vL7p",
        "f3b1c89ae0d27456",          "winter rain on tin roofs"};
    for (size_t i = 0; i < COUNT(strong); i++) {
        if (staff_password_check(strong[i], "lihua", "Zhang Wei 张伟") != ERR_OK) {
            fail_msg("%s", strong[i]);
        }
        assert_int_equal(staff_password_check(strong[i], NULL, NULL), ERR_OK);
    }
}

static void test_staff_rules__takes_each_time_code_once(void **state)
{
    (void)state;
    /* RFC 6238, appendix B: the last six digits of its SHA-1 vectors. */
    static const struct {
        int64_t at_s;
        const char *code;
    } rows[] = {{59, "287082"},         {1111111109, "081804"}, {1111111111, "050471"},
                {1234567890, "005924"}, {2000000000, "279037"}, {20000000000, "353130"}};
    const uint8_t secret[STAFF_TOTP_BYTES] = "12345678901234567890";
    for (size_t i = 0; i < COUNT(rows); i++) {
        int64_t now = rows[i].at_s * 1000000, step = rows[i].at_s / 30;
        assert_int_equal(staff_totp_step(secret, rows[i].code, now, -1), step);
        assert_int_equal(staff_totp_step(secret, rows[i].code, now, step - 1), step);
        assert_int_equal(staff_totp_step(secret, rows[i].code, now, step), -1);
        assert_int_equal(staff_totp_step(secret, rows[i].code, now + 30000000, -1), step);
        assert_int_equal(staff_totp_step(secret, rows[i].code, now - 30000000, -1), step);
        assert_int_equal(staff_totp_step(secret, rows[i].code, now + 60000000, -1), -1);
    }
    assert_int_equal(staff_totp_step(secret, "", 59000000, -1), -1);
    assert_int_equal(staff_totp_step(secret, "2870820", 59000000, -1), -1);
    assert_int_equal(staff_totp_step(secret, "287083", 59000000, -1), -1);
    char base32[TOTP_BASE32_SIZE];
    staff_totp_base32(secret, base32);
    assert_string_equal(base32, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
}

static void test_staff_rules__locks_after_five(void **state)
{
    (void)state;
    struct staff_failures failures = {0, 0};
    for (int i = 0; i < 4; i++) {
        assert_int_equal(staff_failures_decide(&failures, false, &STAFF_RULES, 1000),
                         ERR_SIGN_IN_FAILED);
    }
    assert_int_equal(staff_failures_decide(&failures, false, &STAFF_RULES, 1000),
                     ERR_SIGN_IN_LOCKED);
    assert_int_equal(
        staff_failures_decide(&failures, true, &STAFF_RULES, failures.locked_until - 1),
        ERR_SIGN_IN_LOCKED);
    assert_int_equal(staff_failures_decide(&failures, true, &STAFF_RULES, failures.locked_until),
                     ERR_OK);
}

static void test_staff_audit__every_field_changes_the_hash(void **state)
{
    (void)state;
    uint8_t zeros[32] = {0}, first[32], other[32];
    struct audit_entry entry = {
        .sequence = 1, .at = 2, .staff = {3}, .action = "ab", .object = "c", .detail = "d"};
    audit_hash(zeros, &entry, first);
    for (int i = 0; i < 8; i++) {
        struct audit_entry changed = entry;
        uint8_t previous[32] = {0};
        switch (i) {
        case 0:
            changed.sequence = 9;
            break;
        case 1:
            changed.at = 9;
            break;
        case 2:
            changed.staff.value = 9;
            break;
        case 3:
            strcpy(changed.action, "ax");
            break;
        case 4:
            strcpy(changed.object, "x");
            break;
        case 5:
            strcpy(changed.detail, "x");
            break;
        case 6:
            previous[31] = 1;
            break;
        default: /* the same letters, cut elsewhere */
            strcpy(changed.action, "a");
            strcpy(changed.object, "bc");
        }
        audit_hash(previous, &changed, other);
        assert_memory_not_equal(first, other, 32);
    }
    audit_hash(zeros, &entry, other);
    assert_memory_equal(first, other, 32);
}

static void test_staff_audit__cuts_at_a_whole_character(void **state)
{
    (void)state;
    char out[6];
    audit_copy_text("林若溪", out, sizeof(out));
    assert_string_equal(out, "林");
    audit_copy_text("abcde", out, sizeof(out));
    assert_string_equal(out, "abcde");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_staff_rules__gives_each_role_its_permissions),
        cmocka_unit_test(test_staff_rules__checks_logins),
        cmocka_unit_test(test_staff_rules__refuses_weak_passwords),
        cmocka_unit_test(test_staff_rules__takes_each_time_code_once),
        cmocka_unit_test(test_staff_rules__locks_after_five),
        cmocka_unit_test(test_staff_audit__every_field_changes_the_hash),
        cmocka_unit_test(test_staff_audit__cuts_at_a_whole_character),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
