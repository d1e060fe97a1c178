/* The staff room as its callers use it, on both engines. EVIDENCE: REQ-RSK-03 */
#include "staff/credential.h"
#include "staff/staff.h"
#include "staff/staff_rules.h"
#include "unit/room_fixture.h"

#include <inttypes.h>
#include <liboath/oath.h>
#include <stdlib.h>

#define SECOND INT64_C(1000000)

static enum db_engine which;
static struct room_fixture bank;
static struct staff_room room;
static const uint8_t SECRET[STAFF_TOTP_BYTES] = "12345678901234567890";
static int next_login = 1;
static unsigned run_number;

static int suite_open(void **state)
{
    (void)state;
    struct staff_rules rules = STAFF_RULES;
    rules.password_passes = ROOM_FIXTURE_PASSES;
    rules.password_memory = ROOM_FIXTURE_MEMORY;
    room_fixture_open(&bank, which, "sycee_test_staff");
    assert_ok(staff_room_init(&room, bank.vault, &rules));
    run_number = entropy_below(entropy_system(), 1000000000);
    return 0;
}

static int suite_close(void **state)
{
    (void)state;
    room_fixture_close(&bank);
    return 0;
}

static int64_t now(void)
{
    return clock_now_us(&bank.clock.clock);
}

struct step {
    struct staff_draft draft;
    struct staff_invitation invitation;
    struct staff_enrolment enrolment;
    struct staff_enrolling enrolling;
    struct staff_own own;
    struct staff_verdict verdict;
    struct staff_id by;
    bool is_alone;
    const char *browser, *login;
    struct staff staff;
    struct staff_id id;
    struct staff_proof proof;
    struct staff_session_opened opened;
    struct session_id session;
    const char *totp, *hash;
    uint32_t roles;
    enum staff_state state;
    char uri[STAFF_TOTP_URI_SIZE];
};

static enum err do_create(struct uow *uow, void *context)
{
    struct step *s = context;
    return staff_create(&room, uow, &s->draft, (struct staff_id){0}, &s->staff);
}
static enum err do_sign_in(struct uow *uow, void *context)
{
    struct step *s = context;
    return staff_sign_in(&room, uow, &s->proof, s->totp, s->browser, &s->opened);
}
static enum err do_change(struct uow *uow, void *context)
{
    struct step *s = context;
    return staff_change(uow, s->id, s->roles ? &s->roles : NULL, s->state, (struct staff_id){0},
                        &s->staff);
}
static enum err do_end(struct uow *uow, void *context)
{
    struct step *s = context;
    return staff_session_end(uow, s->id, s->session);
}
static enum err do_touch(struct uow *uow, void *context)
{
    return staff_session_touch(&room, uow, ((struct step *)context)->session);
}
static enum err do_bootstrap(struct uow *uow, void *context)
{
    return staff_bootstrap(&room, uow, &((struct step *)context)->invitation);
}
static enum err do_town(struct uow *uow, void *context)
{
    return staff_town(&room, uow, ((struct step *)context)->hash, SECRET);
}
static enum err do_audit(struct uow *uow, void *context)
{
    struct step *s = context;
    return audit_append(uow, s->id, "test.append", "thing:1", "because 林若溪");
}

static enum err do_invite(struct uow *uow, void *context)
{
    struct step *s = context;
    return staff_invite(&room, uow, s->id, s->by, s->is_alone, &s->invitation);
}
static enum err do_enrol_begin(struct uow *uow, void *context)
{
    struct step *s = context;
    return staff_enrol_begin(&room, uow, &s->enrolment, &s->enrolling);
}
static enum err do_enrol_complete(struct uow *uow, void *context)
{
    struct step *s = context;
    return staff_enrol_complete(&room, uow, &s->enrolment, &s->enrolling);
}
static enum err do_reset(struct uow *uow, void *context)
{
    struct step *s = context;
    return staff_reset(uow, s->id, s->by, &s->staff);
}
static enum err do_recover(struct uow *uow, void *context)
{
    struct step *s = context;
    return staff_recover(&room, uow, s->login, &s->invitation);
}
static enum err do_own_password(struct uow *uow, void *context)
{
    struct step *s = context;
    return staff_own_password(&room, uow, &s->own, &s->verdict);
}
static enum err do_own_totp(struct uow *uow, void *context)
{
    struct step *s = context;
    return staff_own_totp(&room, uow, &s->own, &s->verdict, s->uri);
}
static enum err do_own_totp_confirm(struct uow *uow, void *context)
{
    struct step *s = context;
    s->own.totp = s->totp;
    return staff_own_totp_confirm(&room, uow, &s->own, &s->verdict);
}

/* Credentials of all users in these tests: hashed once, as Argon2id is slow on purpose. */
static const char *password_hash(void)
{
    static char hash[STAFF_HASH_SIZE];
    if (hash[0] == '\0') {
        assert_ok(staff_password_hash(&room, "a lamp by the river", hash));
    }
    return hash;
}

static struct staff new_staff(uint32_t roles)
{
    char login[STAFF_LOGIN_SIZE];
    snprintf(login, sizeof(login), "t%u-%d", run_number, next_login++);
    struct step s = {.draft = {.login = login,
                               .name = "A Person",
                               .roles = roles,
                               .password_hash = password_hash(),
                               .totp_secret = SECRET}};
    assert_ok(staff_draft_check(&s.draft));
    assert_ok(engine_run(bank.engine, do_create, &s));
    assert_true(s.staff.is_enrolled);
    return s.staff;
}

static const char *code_now(void)
{
    static char code[7];
    assert_int_equal(oath_totp_generate((const char *)SECRET, sizeof(SECRET),
                                        (time_t)(now() / SECOND), 30, 0, 6, code),
                     OATH_OK);
    return code;
}

static struct staff_session_opened sign_in(const char *login, const char *password,
                                           const char *totp)
{
    struct step s = {.totp = totp};
    assert_ok(staff_sign_in_prove(&room, bank.engine, login, password, &s.proof));
    assert_ok(engine_run(bank.engine, do_sign_in, &s));
    return s.opened;
}

static struct audit_verification verify(void)
{
    struct db_conn *conn = NULL;
    struct audit_verification verification;
    assert_ok(engine_read_begin(bank.engine, &conn));
    assert_ok(audit_verify(conn, &verification));
    engine_read_end(bank.engine, conn);
    return verification;
}

static void test_staff_sign_in__needs_password_and_fresh_code(void **state)
{
    (void)state;
    struct staff staff = new_staff(1U << ROLE_TELLER);
    const char *good = "a lamp by the river";
    assert_err(ERR_SIGN_IN_FAILED,
               sign_in(staff.login, "another lamp", code_now()).verdict.refusal);
    assert_err(ERR_SIGN_IN_FAILED, sign_in(staff.login, good, "000000").verdict.refusal);
    assert_err(ERR_SIGN_IN_FAILED, sign_in("nobody-here", good, code_now()).verdict.refusal);
    struct staff_session_opened opened = sign_in(staff.login, good, code_now());
    assert_err(ERR_OK, opened.verdict.refusal);
    assert_int_equal(opened.staff.id.value, staff.id.value);
    assert_err(ERR_SIGN_IN_FAILED, sign_in(staff.login, good, code_now()).verdict.refusal);
    clock_manual_advance(&bank.clock, 30 * SECOND);
    assert_err(ERR_OK, sign_in(staff.login, good, code_now()).verdict.refusal);

    struct staff_principal principal;
    assert_ok(staff_session_check(&room, bank.engine, opened.token, now(), &principal));
    assert_true(staff_may(principal.permissions, PERMIT_CUSTOMERS));
    assert_false(staff_may(principal.permissions, PERMIT_LEDGER));
    opened.token[20] = opened.token[20] == 'A' ? 'B' : 'A';
    assert_err(ERR_NOT_SIGNED_IN,
               staff_session_check(&room, bank.engine, opened.token, now(), &principal));
}

static void test_staff_sign_in__locks_after_five(void **state)
{
    (void)state;
    struct staff staff = new_staff(1U << ROLE_TELLER);
    const char *good = "a lamp by the river";
    for (int i = 0; i < 5; i++) {
        assert_err(ERR_SIGN_IN_FAILED,
                   sign_in(staff.login, "wrong password", "000000").verdict.refusal);
    }
    struct staff_session_opened opened = sign_in(staff.login, good, code_now());
    assert_err(ERR_SIGN_IN_LOCKED, opened.verdict.refusal);
    assert_int_equal(opened.verdict.retry_at, now() + 900 * SECOND);
    /* Without the password the lock is not revealed. */
    assert_err(ERR_SIGN_IN_FAILED,
               sign_in(staff.login, "wrong password", code_now()).verdict.refusal);
    clock_manual_advance(&bank.clock, 900 * SECOND);
    assert_err(ERR_OK, sign_in(staff.login, good, code_now()).verdict.refusal);
}

static void test_staff_session__ends_idle_absolute_or_closed(void **state)
{
    (void)state;
    struct staff staff = new_staff(1U << ROLE_TELLER);
    struct staff_session_opened opened = sign_in(staff.login, "a lamp by the river", code_now());
    struct staff_principal who;
    struct step s = {.session = opened.session, .id = staff.id};
    assert_err(ERR_NOT_SIGNED_IN,
               staff_session_check(&room, bank.engine, opened.token, now() + 1800 * SECOND, &who));
    for (int i = 0; i < 23; i++) { /* 11.5 hours in steps below half an hour... */
        clock_manual_advance(&bank.clock, 1799 * SECOND);
        assert_ok(staff_session_check(&room, bank.engine, opened.token, now(), &who));
        assert_true(who.touch_due);
        assert_ok(engine_run(bank.engine, do_touch, &s));
    }
    clock_manual_advance(&bank.clock, 1799 * SECOND);
    assert_ok(staff_session_check(&room, bank.engine, opened.token, now(), &who));
    assert_ok(engine_run(bank.engine, do_touch, &s));
    clock_manual_advance(&bank.clock, 24 * SECOND); /* ...and 12 end it */
    assert_err(ERR_NOT_SIGNED_IN,
               staff_session_check(&room, bank.engine, opened.token, now(), &who));

    clock_manual_advance(&bank.clock, 60 * SECOND);
    opened = sign_in(staff.login, "a lamp by the river", code_now());
    s.session = opened.session;
    assert_ok(engine_run(bank.engine, do_end, &s));
    assert_err(ERR_NOT_SIGNED_IN,
               staff_session_check(&room, bank.engine, opened.token, now(), &who));
}

struct admins {
    struct staff_id ids[20];
    int count;
};
static bool take_admin(const struct staff *staff, void *context)
{
    struct admins *admins = context;
    if (staff->state == STAFF_ACTIVE && (staff->roles >> ROLE_ADMIN & 1U) != 0) {
        assert_true(admins->count < 20);
        admins->ids[admins->count++] = staff->id;
    }
    return true;
}

/* Every admin but one. */
static void disable_other_admins(struct staff_id keep)
{
    struct db_conn *conn = NULL;
    struct admins admins = {.count = 0};
    assert_ok(engine_read_begin(bank.engine, &conn));
    assert_ok(staff_each(conn, take_admin, &admins));
    engine_read_end(bank.engine, conn);
    for (int i = 0; i < admins.count; i++) {
        struct step s = {.id = admins.ids[i], .state = STAFF_DISABLED};
        if (s.id.value != keep.value) {
            assert_ok(engine_run(bank.engine, do_change, &s));
        }
    }
}

static void test_staff_change__ends_sessions_and_keeps_an_admin(void **state)
{
    (void)state;
    struct staff admin = new_staff(1U << ROLE_ADMIN), second = new_staff(1U << ROLE_ADMIN);
    struct staff_session_opened opened = sign_in(second.login, "a lamp by the river", code_now());
    struct staff_principal who;
    struct step s = {.id = second.id, .state = STAFF_DISABLED};
    assert_ok(staff_session_check(&room, bank.engine, opened.token, now(), &who));
    assert_ok(engine_run(bank.engine, do_change, &s));
    assert_int_equal(s.staff.state, STAFF_DISABLED);
    assert_err(ERR_NOT_SIGNED_IN,
               staff_session_check(&room, bank.engine, opened.token, now(), &who));
    clock_manual_advance(&bank.clock, 60 * SECOND);
    assert_err(ERR_SIGN_IN_FAILED,
               sign_in(second.login, "a lamp by the river", code_now()).verdict.refusal);
    if (room_fixture_url() == NULL) { /* a shared bank has other admins */
        disable_other_admins(admin.id);
        s = (struct step){.id = admin.id, .roles = 1U << ROLE_TELLER};
        assert_err(ERR_STAFF_LAST_ADMIN, engine_run(bank.engine, do_change, &s));
        s = (struct step){.id = admin.id, .state = STAFF_DISABLED};
        assert_err(ERR_STAFF_LAST_ADMIN, engine_run(bank.engine, do_change, &s));
    }
    s = (struct step){.id = {admin.id.value + ID_STEP * 1000000}, .state = STAFF_DISABLED};
    assert_err(ERR_NOT_FOUND, engine_run(bank.engine, do_change, &s));
}

static void test_staff_create__waits_for_the_second_admin(void **state)
{
    (void)state;
    struct db_conn *conn = NULL;
    bool needed = false;
    (void)new_staff(1U << ROLE_ADMIN), (void)new_staff(1U << ROLE_ADMIN);
    assert_ok(engine_read_begin(bank.engine, &conn));
    assert_ok(staff_needs_four_eyes(conn, &needed));
    engine_read_end(bank.engine, conn);
    assert_true(needed);
    char login[STAFF_LOGIN_SIZE];
    snprintf(login, sizeof(login), "w%u-%d", run_number, next_login++);
    struct step s = {.draft = {.login = login,
                               .name = "A Person",
                               .roles = 1U << ROLE_TELLER,
                               .password_hash = password_hash(),
                               .totp_secret = SECRET,
                               .is_disabled = true}};
    assert_ok(engine_run(bank.engine, do_create, &s));
    assert_int_equal(s.staff.state, STAFF_DISABLED);
    clock_manual_advance(&bank.clock, 60 * SECOND);
    assert_err(ERR_SIGN_IN_FAILED,
               sign_in(login, "a lamp by the river", code_now()).verdict.refusal);
}

static void test_staff_create__refuses_bad_fields(void **state)
{
    (void)state;
    struct staff staff = new_staff(1);
    struct staff_draft good = {.login = staff.login, .name = "X", .roles = 1};
    struct staff_draft bad[] = {good, good, good, good};
    bad[0].login = "Bad Login";
    bad[1].name = "";
    bad[2].roles = 0;
    bad[3].roles = 1U << STAFF_ROLE_COUNT;
    for (size_t i = 0; i < 4; i++) {
        assert_err(ERR_INVALID_FIELD, staff_draft_check(&bad[i]));
    }
    struct step s = {.draft = good};
    assert_ok(staff_draft_check(&s.draft));
    assert_err(ERR_LOGIN_TAKEN, engine_run(bank.engine, do_create, &s));
}

static const char *code_of_uri(const char *uri)
{
    static char code[7];
    char base32[33] = "";
    char *secret = NULL;
    size_t size = 0;
    const char *at = strstr(uri, "secret=");
    assert_non_null(at);
    snprintf(base32, sizeof(base32), "%.32s", at + 7);
    assert_int_equal(oath_base32_decode(base32, 32, &secret, &size), OATH_OK);
    assert_int_equal(size, STAFF_TOTP_BYTES);
    assert_int_equal(oath_totp_generate(secret, size, (time_t)(now() / SECOND), 30, 0, 6, code),
                     OATH_OK);
    free(secret);
    return code;
}

/* Link and code return a secret; a password and a time code of it become credentials. */
static void enrol(struct step *s, const char *link, const char *code, const char *password)
{
    s->enrolment = (struct staff_enrolment){.link = link, .code = code, .password = password};
    assert_ok(engine_run(bank.engine, do_enrol_begin, s));
    assert_err(ERR_OK, s->enrolling.verdict.refusal);
    assert_non_null(strstr(s->enrolling.totp_uri, "otpauth://totp/Sycee%20console:"));
    assert_non_null(strstr(s->enrolling.totp_uri, s->enrolling.staff.login));
    snprintf(s->uri, sizeof(s->uri), "%s", s->enrolling.totp_uri);
    s->enrolment.totp = code_of_uri(s->uri);
    assert_ok(staff_enrol_prepare(&room, &s->enrolment));
    assert_ok(engine_run(bank.engine, do_enrol_complete, s));
    assert_err(ERR_OK, s->enrolling.verdict.refusal);
}

static void test_staff_bootstrap__works_on_an_empty_bank_only(void **state)
{
    (void)state;
    struct step s = {0}, again = {0};
    char hash[STAFF_HASH_SIZE];
    bool is_shared = room_fixture_url() != NULL;
    enum err err = engine_run(bank.engine, do_bootstrap, &s);
    assert_true(err == ERR_OK || (is_shared && err == ERR_EXISTS));
    if (err == ERR_OK) { /* one admin alone must be able to make the others */
        struct db_conn *conn = NULL;
        bool needed = true;
        assert_ok(engine_read_begin(bank.engine, &conn));
        assert_ok(staff_needs_four_eyes(conn, &needed));
        engine_read_end(bank.engine, conn);
        assert_false(needed);
        /* A lost invitation is issued again until it has been used. */
        assert_ok(engine_run(bank.engine, do_bootstrap, &again));
        assert_string_not_equal(again.invitation.link, s.invitation.link);
        s.enrolment =
            (struct staff_enrolment){.link = s.invitation.link, .code = s.invitation.code};
        assert_ok(engine_run(bank.engine, do_enrol_begin, &s));
        assert_err(ERR_INVITATION_INVALID, s.enrolling.verdict.refusal);
        enrol(&s, again.invitation.link, again.invitation.code, "the very first day of all");
    }
    assert_err(ERR_EXISTS, engine_run(bank.engine, do_bootstrap, &again));
    assert_ok(staff_password_hash(&room, "development only 1", hash));
    s.hash = hash;
    assert_ok(engine_run(bank.engine, do_town, &s)); /* the admin stands already */
    assert_ok(engine_run(bank.engine, do_town, &s));
    if (!is_shared) {
        clock_manual_advance(&bank.clock, 60 * SECOND);
        assert_err(ERR_OK, sign_in("teller", "development only 1", code_now()).verdict.refusal);
        assert_err(ERR_SIGN_IN_FAILED,
                   sign_in("admin", "development only 1", code_now()).verdict.refusal);
    }
}

static struct staff new_invited(void)
{
    char login[STAFF_LOGIN_SIZE];
    snprintf(login, sizeof(login), "i%u-%d", run_number, next_login++);
    struct step s = {.draft = {.login = login, .name = "A Person", .roles = 1U << ROLE_TELLER}};
    assert_ok(engine_run(bank.engine, do_create, &s));
    assert_false(s.staff.is_enrolled);
    return s.staff;
}

static struct staff_invitation invite(struct staff_id id, int64_t by)
{
    struct step s = {.id = id, .by = {by}};
    assert_ok(engine_run(bank.engine, do_invite, &s));
    return s.invitation;
}

static enum err try_link(const char *link, const char *code)
{
    struct step s = {.enrolment = {.link = link, .code = code}};
    assert_ok(engine_run(bank.engine, do_enrol_begin, &s));
    return s.enrolling.verdict.refusal;
}

/* EVIDENCE: nobody but the user ever holds the user's credentials. */
static void test_staff_invite__halves_go_to_two_people(void **state)
{
    (void)state;
    struct staff staff = new_invited();
    struct staff_invitation first = invite(staff.id, 101), second = invite(staff.id, 102);
    assert_true(first.link[0] != '\0' && first.code[0] == '\0');
    assert_true(second.link[0] == '\0' && second.code[0] != '\0');
    struct staff_invitation anew = invite(staff.id, 101); /* a new link voids the code */
    assert_err(ERR_INVITATION_INVALID, try_link(first.link, second.code));
    assert_err(ERR_INVITATION_INVALID, try_link(anew.link, second.code));
    assert_err(ERR_INVITATION_INVALID, try_link(anew.link, "00000000")); /* no code given out yet */
    second = invite(staff.id, 102);
    struct step s = {.id = staff.id, .by = {103}};
    enrol(&s, anew.link, second.code, "a boat on the lake 7");
    assert_err(ERR_INVITATION_INVALID, try_link(anew.link, second.code)); /* once */
    assert_err(ERR_STAFF_ENROLLED, engine_run(bank.engine, do_invite, &s));
    clock_manual_advance(&bank.clock, 60 * SECOND);
    assert_err(ERR_OK,
               sign_in(staff.login, "a boat on the lake 7", code_of_uri(s.uri)).verdict.refusal);
}

static void test_staff_invite__is_void_after_wrong_codes_time_or_disabling(void **state)
{
    (void)state;
    struct staff staff = new_invited();
    struct staff_invitation link = invite(staff.id, 101), code = invite(staff.id, 102);
    char wrong[INVITATION_CODE_SIZE];
    snprintf(wrong, sizeof(wrong), "%s", code.code);
    wrong[0] = wrong[0] == '1' ? '2' : '1';
    for (int i = 0; i < INVITATION_TRIES_MAX; i++) {
        assert_err(ERR_INVITATION_INVALID, try_link(link.link, wrong));
    }
    assert_err(ERR_INVITATION_INVALID, try_link(link.link, code.code));
    link = invite(staff.id, 101), code = invite(staff.id, 102);
    assert_err(ERR_OK, try_link(link.link, code.code));
    struct step s = {.id = staff.id, .state = STAFF_DISABLED};
    assert_ok(engine_run(bank.engine, do_change, &s));
    assert_err(ERR_INVITATION_INVALID, try_link(link.link, code.code));
    s.state = STAFF_ACTIVE;
    assert_ok(engine_run(bank.engine, do_change, &s));
    clock_manual_advance(&bank.clock, INVITATION_LIFE_US);
    assert_err(ERR_INVITATION_INVALID, try_link(link.link, code.code));
}

static void test_staff_enrol__asks_for_a_strong_password_and_a_code(void **state)
{
    (void)state;
    struct staff staff = new_invited();
    struct step s = {.id = staff.id, .is_alone = true};
    char with_login[100];
    assert_ok(engine_run(bank.engine, do_invite, &s));
    assert_err(ERR_OK, try_link(s.invitation.link, s.invitation.code));
    s.enrolment = (struct staff_enrolment){.link = s.invitation.link,
                                           .code = s.invitation.code,
                                           .password = "short",
                                           .totp = "000000"};
    assert_err(ERR_PASSWORD_WEAK, staff_enrol_prepare(&room, &s.enrolment));
    snprintf(with_login, sizeof(with_login), "%s and more", staff.login);
    s.enrolment.password = with_login;
    assert_ok(staff_enrol_prepare(&room, &s.enrolment));
    assert_err(ERR_PASSWORD_WEAK, engine_run(bank.engine, do_enrol_complete, &s));
    s.enrolment.password = "a boat on the lake 7";
    assert_ok(staff_enrol_prepare(&room, &s.enrolment));
    assert_ok(engine_run(bank.engine, do_enrol_complete, &s));
    assert_err(ERR_TOTP_WRONG, s.enrolling.verdict.refusal);
}

static void test_staff_reset__takes_credentials_sessions_and_browsers(void **state)
{
    (void)state;
    struct staff staff = new_staff(1U << ROLE_TELLER), decider = new_staff(1U << ROLE_ADMIN);
    struct staff_session_opened opened = sign_in(staff.login, "a lamp by the river", code_now());
    struct staff_principal who;
    struct step s = {.id = staff.id, .by = decider.id};
    assert_ok(engine_run(bank.engine, do_reset, &s));
    assert_false(s.staff.is_enrolled);
    assert_err(ERR_NOT_SIGNED_IN,
               staff_session_check(&room, bank.engine, opened.token, now(), &who));
    clock_manual_advance(&bank.clock, 60 * SECOND);
    assert_err(ERR_SIGN_IN_FAILED,
               sign_in(staff.login, "a lamp by the river", code_now()).verdict.refusal);
    (void)new_staff(1U << ROLE_ADMIN); /* two are left who can decide */
    s.login = staff.login;
    assert_err(ERR_FOUR_EYES, engine_run(bank.engine, do_recover, &s));
    if (room_fixture_url() == NULL) { /* a shared bank has other admins */
        disable_other_admins(decider.id);
        assert_ok(engine_run(bank.engine, do_recover, &s));
        enrol(&s, s.invitation.link, s.invitation.code, "a boat on the lake 7");
    }
}

static void prove(struct step *s, const char *password)
{
    assert_ok(staff_own_prove(&room, bank.engine, password, &s->own));
}

static void test_staff_own__changes_password_and_time_codes(void **state)
{
    (void)state;
    struct staff staff = new_staff(1U << ROLE_TELLER);
    const char *good = "a lamp by the river";
    struct staff_session_opened one = sign_in(staff.login, good, code_now());
    clock_manual_advance(&bank.clock, 60 * SECOND);
    struct staff_session_opened two = sign_in(staff.login, good, code_now());
    struct staff_principal who;
    struct step s = {.id = staff.id,
                     .own = {.staff = staff.id,
                             .session = two.session,
                             .login = staff.login,
                             .totp = code_now(),
                             .new_password = "a boat on the lake 7"}};
    prove(&s, good);
    assert_ok(engine_run(bank.engine, do_own_password, &s));
    assert_err(ERR_SIGN_IN_FAILED, s.verdict.refusal); /* the code was used by the sign-in */
    clock_manual_advance(&bank.clock, 60 * SECOND);
    s.own.totp = code_now();
    assert_ok(engine_run(bank.engine, do_own_password, &s));
    assert_err(ERR_OK, s.verdict.refusal);
    assert_err(ERR_NOT_SIGNED_IN, staff_session_check(&room, bank.engine, one.token, now(), &who));
    assert_ok(staff_session_check(&room, bank.engine, two.token, now(), &who));

    clock_manual_advance(&bank.clock, 60 * SECOND);
    s.own.new_password = NULL;
    s.own.totp = code_now();
    prove(&s, "a boat on the lake 7");
    assert_ok(engine_run(bank.engine, do_own_totp, &s));
    assert_err(ERR_OK, s.verdict.refusal);
    clock_manual_advance(&bank.clock, 60 * SECOND);
    s.totp = code_now(); /* of the old secret */
    assert_ok(engine_run(bank.engine, do_own_totp_confirm, &s));
    assert_err(ERR_TOTP_WRONG, s.verdict.refusal);
    s.totp = code_of_uri(s.uri);
    assert_ok(engine_run(bank.engine, do_own_totp_confirm, &s));
    assert_err(ERR_OK, s.verdict.refusal);
    clock_manual_advance(&bank.clock, 60 * SECOND);
    assert_err(ERR_SIGN_IN_FAILED,
               sign_in(staff.login, "a boat on the lake 7", code_now()).verdict.refusal);
    assert_err(ERR_OK,
               sign_in(staff.login, "a boat on the lake 7", code_of_uri(s.uri)).verdict.refusal);
}

/* EVIDENCE: guesses end a stolen session; the owner is not locked out. */
static void test_staff_own__wrong_proofs_end_the_session_alone(void **state)
{
    (void)state;
    struct staff staff = new_staff(1U << ROLE_TELLER);
    struct staff_session_opened opened = sign_in(staff.login, "a lamp by the river", code_now());
    struct staff_principal who;
    struct step s = {.own = {.staff = staff.id,
                             .session = opened.session,
                             .login = staff.login,
                             .totp = "000000",
                             .new_password = "a boat on the lake 7"}};
    prove(&s, "not the password");
    for (int i = 0; i < 5; i++) {
        assert_ok(staff_session_check(&room, bank.engine, opened.token, now(), &who));
        assert_ok(engine_run(bank.engine, do_own_password, &s));
    }
    assert_err(ERR_NOT_SIGNED_IN, s.verdict.refusal);
    assert_err(ERR_NOT_SIGNED_IN,
               staff_session_check(&room, bank.engine, opened.token, now(), &who));
    clock_manual_advance(&bank.clock, 60 * SECOND);
    assert_err(ERR_OK, sign_in(staff.login, "a lamp by the river", code_now()).verdict.refusal);
}

static bool take_entry(const struct audit_entry *entry, void *context)
{
    *(struct audit_entry *)context = *entry;
    return false;
}

/* A new secret waits; wrong first codes of it end the session as other wrong proofs do. */
static void test_staff_own__wrong_first_codes_end_the_session(void **state)
{
    (void)state;
    struct staff staff = new_staff(1U << ROLE_TELLER);
    struct staff_session_opened opened = sign_in(staff.login, "a lamp by the river", code_now());
    struct staff_principal who;
    clock_manual_advance(&bank.clock, 60 * SECOND);
    struct step s = {.own = {.staff = staff.id, .session = opened.session, .login = staff.login}};
    s.own.totp = code_now();
    prove(&s, "a lamp by the river");
    assert_ok(engine_run(bank.engine, do_own_totp, &s));
    assert_err(ERR_OK, s.verdict.refusal);
    s.totp = "12345"; /* fits no secret */
    for (int i = 0; i < 5; i++) {
        assert_ok(staff_session_check(&room, bank.engine, opened.token, now(), &who));
        assert_ok(engine_run(bank.engine, do_own_totp_confirm, &s));
        assert_err(i < 4 ? ERR_TOTP_WRONG : ERR_NOT_SIGNED_IN, s.verdict.refusal);
    }
    assert_err(ERR_NOT_SIGNED_IN,
               staff_session_check(&room, bank.engine, opened.token, now(), &who));
    assert_err(ERR_NOT_SIGNED_IN, engine_run(bank.engine, do_own_totp_confirm, &s));
    clock_manual_advance(&bank.clock, 60 * SECOND);
    assert_err(ERR_OK, sign_in(staff.login, "a lamp by the river", code_now()).verdict.refusal);
}

/* Two admins who disable each other, or a single one: the machine restores one. */
static void test_staff_recover__enables_a_disabled_admin(void **state)
{
    (void)state;
    struct staff first = new_staff(1U << ROLE_ADMIN), second = new_staff(1U << ROLE_ADMIN);
    struct staff teller = new_staff(1U << ROLE_TELLER);
    if (room_fixture_url() != NULL) { /* a shared bank has other admins */
        return;
    }
    disable_other_admins(first.id);
    struct step off = {.id = teller.id, .state = STAFF_DISABLED};
    assert_ok(engine_run(bank.engine, do_change, &off));
    struct step s = {.login = second.login};
    assert_ok(engine_run(bank.engine, do_recover, &s));
    enrol(&s, s.invitation.link, s.invitation.code, "a boat on the lake 7");
    clock_manual_advance(&bank.clock, 60 * SECOND);
    assert_err(ERR_OK,
               sign_in(second.login, "a boat on the lake 7", code_of_uri(s.uri)).verdict.refusal);
    struct db_conn *conn = NULL;
    struct audit_entry entry = {0};
    int64_t next = 0;
    char object[AUDIT_OBJECT_SIZE];
    snprintf(object, sizeof(object), "staff:%" PRId64, second.id.value);
    assert_ok(engine_read_begin(bank.engine, &conn));
    struct audit_filter filter = {.text = "roles=16->16 state=disabled->active", .limit = 1};
    assert_ok(audit_each(conn, &filter, take_entry, &entry, &next));
    engine_read_end(bank.engine, conn);
    assert_string_equal(entry.object, object);
    assert_string_equal(entry.action, "staff.change");
    assert_int_equal(entry.staff.value, 0);
    /* Two admins again: they decide. A disabled teller stays disabled, also by the machine. */
    s.login = teller.login;
    assert_ok(engine_run(bank.engine, do_change,
                         &(struct step){.id = first.id, .roles = 1U << ROLE_ADMIN}));
    (void)new_staff(1U << ROLE_ADMIN);
    assert_err(ERR_FOUR_EYES, engine_run(bank.engine, do_recover, &s));
    disable_other_admins(first.id);
    assert_ok(engine_run(bank.engine, do_recover, &s));
    assert_err(ERR_INVITATION_INVALID, try_link(s.invitation.link, s.invitation.code));
    assert_true(verify().intact);
}

static struct staff_session_opened sign_in_from(const char *login, const char *password,
                                                const char *totp, const char *browser)
{
    struct step s = {.totp = totp, .browser = browser};
    assert_ok(staff_sign_in_prove(&room, bank.engine, login, password, &s.proof));
    assert_ok(engine_run(bank.engine, do_sign_in, &s));
    return s.opened;
}

/* EVIDENCE: an attacker who knows a login cannot lock its owner out: strangers are counted separately. */
static void test_staff_sign_in__strangers_lock_out_strangers_only(void **state)
{
    (void)state;
    struct staff staff = new_staff(1U << ROLE_TELLER), other = new_staff(1U << ROLE_TELLER);
    const char *good = "a lamp by the river";
    struct staff_session_opened known = sign_in_from(staff.login, good, code_now(), NULL);
    assert_err(ERR_OK, known.verdict.refusal);
    assert_true(known.browser[0] != '\0');
    for (int i = 0; i < 6; i++) {
        (void)sign_in_from(staff.login, "wrong password", "000000", NULL);
    }
    clock_manual_advance(&bank.clock, 60 * SECOND);
    assert_err(ERR_SIGN_IN_LOCKED,
               sign_in_from(staff.login, good, code_now(), NULL).verdict.refusal);
    struct staff_session_opened again = sign_in_from(staff.login, good, code_now(), known.browser);
    assert_err(ERR_OK, again.verdict.refusal);
    assert_string_equal(again.browser, ""); /* the browser keeps what it has */
    /* Another user's cookie does not make a browser known. */
    clock_manual_advance(&bank.clock, 60 * SECOND);
    struct staff_session_opened others = sign_in_from(other.login, good, code_now(), NULL);
    assert_err(ERR_SIGN_IN_LOCKED,
               sign_in_from(staff.login, good, code_now(), others.browser).verdict.refusal);
    /* A known browser is locked by its own failures, and strangers stay as they are. */
    for (int i = 0; i < 5; i++) {
        (void)sign_in_from(staff.login, "wrong password", "000000", known.browser);
    }
    assert_err(ERR_SIGN_IN_LOCKED,
               sign_in_from(staff.login, good, code_now(), known.browser).verdict.refusal);
    clock_manual_advance(&bank.clock, 900 * SECOND);
    assert_err(ERR_OK, sign_in_from(staff.login, good, code_now(), known.browser).verdict.refusal);
    clock_manual_advance(&bank.clock, room.rules.browser_life_us);
    assert_true(sign_in_from(staff.login, good, code_now(), known.browser).browser[0] != '\0');
}

static void test_staff_sign_in__tells_a_clock_that_stepped_back(void **state)
{
    (void)state;
    struct staff staff = new_staff(1U << ROLE_TELLER);
    const char *good = "a lamp by the river";
    assert_err(ERR_OK, sign_in(staff.login, good, code_now()).verdict.refusal);
    const char *right = code_now();
    clock_manual_advance(&bank.clock, -3600 * SECOND);
    struct staff_session_opened opened = sign_in(staff.login, good, right);
    bool is_clamped =
        opened.verdict.refusal == ERR_SIGN_IN_FAILED; /* the engine's clock only rises */
    assert_true(is_clamped || opened.verdict.refusal == ERR_TOTP_CLOCK);
    assert_err(ERR_SIGN_IN_FAILED, sign_in(staff.login, "wrong", right).verdict.refusal);
    clock_manual_advance(&bank.clock, 3660 * SECOND);
    assert_err(ERR_OK, sign_in(staff.login, good, code_now()).verdict.refusal);
}

static void test_staff_audit__tells_each_tampering(void **state)
{
    (void)state;
    struct step s = {.id = new_staff(1).id};
    for (int i = 0; i < 5; i++) {
        assert_ok(engine_run(bank.engine, do_audit, &s));
    }
    struct audit_verification before = verify();
    assert_true(before.intact);
    assert_true(before.entries >= 6);

    struct db_conn *conn = NULL;
    struct audit_entry entry = {0};
    int64_t next = 0;
    struct audit_filter filter = {.text = "林若溪", .limit = 10};
    assert_ok(engine_read_begin(bank.engine, &conn));
    assert_ok(audit_each(conn, &filter, take_entry, &entry, &next));
    assert_int_equal(entry.sequence, before.entries);
    assert_memory_equal(entry.hash, before.head, 32);
    filter = (struct audit_filter){.text = "100%", .limit = 10};
    entry.sequence = 0;
    assert_ok(audit_each(conn, &filter, take_entry, &entry, &next));
    assert_int_equal(entry.sequence, 0);
    char longest[1001];
    memset(longest, '%', 1000);
    longest[1000] = '\0';
    filter.text = longest;
    assert_ok(audit_each(conn, &filter, take_entry, &entry, &next));
    filter.text = "\xe6\x9e";
    assert_err(ERR_INVALID_FIELD, audit_each(conn, &filter, take_entry, &entry, &next));
    engine_read_end(bank.engine, conn);

    /* Each tampering and its way back: text, sequence, text. */
    static const char *const acts[][4] = {
        {"UPDATE staff_audit SET detail = 'x' WHERE sequence = ", "",
         "UPDATE staff_audit SET detail = 'because 林若溪' WHERE sequence = ", ""},
        {"UPDATE staff_audit SET staff_id = staff_id + 1 WHERE sequence = ", "",
         "UPDATE staff_audit SET staff_id = staff_id - 1 WHERE sequence = ", ""},
        {"UPDATE staff_audit SET at = at - 1 WHERE sequence = ", "",
         "UPDATE staff_audit SET at = at + 1 WHERE sequence = ", ""},
        {"UPDATE staff_audit SET sequence = 1000000 WHERE sequence = ", "",
         "UPDATE staff_audit SET sequence = ", " WHERE sequence = 1000000"},
    };
    struct db_conn *writer = bank.database.conn;
    for (int64_t sequence = before.entries - 3; sequence <= before.entries; sequence++) {
        for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++) {
            char sql[256];
            snprintf(sql, sizeof(sql), "%s%" PRId64 "%s", acts[i][0], sequence, acts[i][1]);
            assert_ok(db_script(writer, sql));
            struct audit_verification broken = verify();
            assert_false(broken.intact);
            assert_int_equal(broken.broken_at, sequence);
            snprintf(sql, sizeof(sql), "%s%" PRId64 "%s", acts[i][2], sequence, acts[i][3]);
            assert_ok(db_script(writer, sql));
            assert_true(verify().intact);
        }
    }
    /* The newest entry cut off; only as long as this transaction lasts. */
    char sql[256];
    struct audit_verification cut;
    snprintf(sql, sizeof(sql), "DELETE FROM staff_audit WHERE sequence = %" PRId64, before.entries);
    assert_ok(db_begin(writer));
    assert_ok(db_script(writer, sql));
    assert_ok(audit_verify(writer, &cut));
    db_rollback(writer);
    assert_false(cut.intact);
    assert_int_equal(cut.broken_at, before.entries);
    assert_true(verify().intact);
}

/* A page examines a bounded number of entries and returns the place to continue. */
static void test_staff_audit__searches_a_window_a_page(void **state)
{
    (void)state;
    struct step s = {.id = new_staff(1).id};
    assert_ok(engine_run(bank.engine, do_audit, &s));
    int64_t newest = verify().entries, next = 0;
    struct db_conn *writer = bank.database.conn;
    struct audit_entry entry = {0};
    struct audit_filter filter = {.text = "林若溪", .limit = 10};
    char sql[512];
    snprintf(sql, sizeof(sql),
             "INSERT INTO staff_audit (bucket, sequence, at, staff_id, action, object, detail,"
             " prev_hash, hash) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
             " WHERE i < %d) SELECT 0, a.sequence + n.i, a.at, 0, 'x', '', '', a.hash, a.hash"
             " FROM n, staff_audit a WHERE a.sequence = %" PRId64,
             AUDIT_WINDOW + 5, newest);
    assert_ok(db_begin(writer)); /* only as long as this transaction lasts */
    assert_ok(db_script(writer, sql));
    assert_ok(audit_each(writer, &filter, take_entry, &entry, &next));
    assert_int_equal(entry.sequence, 0);
    assert_int_equal(next, newest + 6);
    filter.before = next;
    assert_ok(audit_each(writer, &filter, take_entry, &entry, &next));
    assert_int_equal(entry.sequence, newest);
    filter = (struct audit_filter){.limit = 1}; /* a list without a search has no window */
    assert_ok(audit_each(writer, &filter, take_entry, &entry, &next));
    assert_int_equal(entry.sequence, newest + AUDIT_WINDOW + 5);
    assert_int_equal(next, 0);
    filter.to_us = 1; /* before the first day there is nothing */
    entry.sequence = 0;
    assert_ok(audit_each(writer, &filter, take_entry, &entry, &next));
    assert_int_equal(entry.sequence, 0);
    db_rollback(writer);
}

static int run(enum db_engine engine)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_staff_bootstrap__works_on_an_empty_bank_only),
        cmocka_unit_test(test_staff_sign_in__needs_password_and_fresh_code),
        cmocka_unit_test(test_staff_sign_in__locks_after_five),
        cmocka_unit_test(test_staff_sign_in__strangers_lock_out_strangers_only),
        cmocka_unit_test(test_staff_sign_in__tells_a_clock_that_stepped_back),
        cmocka_unit_test(test_staff_invite__halves_go_to_two_people),
        cmocka_unit_test(test_staff_invite__is_void_after_wrong_codes_time_or_disabling),
        cmocka_unit_test(test_staff_enrol__asks_for_a_strong_password_and_a_code),
        cmocka_unit_test(test_staff_reset__takes_credentials_sessions_and_browsers),
        cmocka_unit_test(test_staff_own__changes_password_and_time_codes),
        cmocka_unit_test(test_staff_own__wrong_proofs_end_the_session_alone),
        cmocka_unit_test(test_staff_own__wrong_first_codes_end_the_session),
        cmocka_unit_test(test_staff_recover__enables_a_disabled_admin),
        cmocka_unit_test(test_staff_session__ends_idle_absolute_or_closed),
        cmocka_unit_test(test_staff_create__refuses_bad_fields),
        cmocka_unit_test(test_staff_create__waits_for_the_second_admin),
        cmocka_unit_test(test_staff_change__ends_sessions_and_keeps_an_admin),
        cmocka_unit_test(test_staff_audit__tells_each_tampering),
        cmocka_unit_test(test_staff_audit__searches_a_window_a_page),
    };
    which = engine;
    return cmocka_run_group_tests_name(engine == DB_SQLITE ? "sqlite" : "postgresql", tests,
                                       suite_open, suite_close);
}

int main(void)
{
    return room_fixture_run(run);
}
