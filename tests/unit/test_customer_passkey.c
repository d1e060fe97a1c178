/* Passkeys: vectors of all kinds, corrupted in every way, and the life cycle of one; both engines.
 * EVIDENCE: REQ-KYC-03 */
#include "customer/erase.h"
#include "customer/webauthn.h"
#include "unit/customer_fixture.h"

#include <sodium.h>

struct vector {
    const char *name;
    int algorithm;
    const char *attestation, *created, *data, *asserted, *signature;
};
#include "unit/webauthn_vectors.h"

#define VECTOR_COUNT (sizeof(VECTORS) / sizeof(VECTORS[0]))

static const struct passkey_party PARTY = {"https://bank.example", "bank.example"};

struct buffer {
    uint8_t bytes[2048];
    size_t size;
};
static struct buffer from_base64(const char *text)
{
    struct buffer out = {.size = strlen(text) * 3 / 4};
    assert_true(out.size <= sizeof(out.bytes));
    assert_true(vault_from_base64(text, out.bytes, out.size));
    return out;
}
static struct passkey_bytes view(const struct buffer *buffer)
{
    return (struct passkey_bytes){buffer->bytes, buffer->size};
}

/* --- Verification, pure ------------------------------------------------------------------------------ */

struct parts {
    struct buffer attestation, created, data, asserted, signature;
};
static struct parts parts_of(const struct vector *vector)
{
    return (struct parts){from_base64(vector->attestation), from_base64(vector->created),
                          from_base64(vector->data), from_base64(vector->asserted),
                          from_base64(vector->signature)};
}

static struct webauthn_wanted wanted_of(uint8_t challenge[PASSKEY_CHALLENGE_SIZE])
{
    memset(challenge, 0x5a, PASSKEY_CHALLENGE_SIZE);
    return (struct webauthn_wanted){challenge, PARTY};
}

static void test_customer_webauthn__takes_every_kind_of_key(void **state)
{
    (void)state;
    uint8_t challenge[PASSKEY_CHALLENGE_SIZE];
    struct webauthn_wanted wanted = wanted_of(challenge);
    for (size_t i = 0; i < VECTOR_COUNT; i++) {
        struct parts parts = parts_of(&VECTORS[i]);
        struct webauthn_key key;
        uint32_t count = 0;
        print_message("%s\n", VECTORS[i].name);
        assert_ok(webauthn_register(&wanted, view(&parts.attestation), view(&parts.created), &key));
        assert_int_equal(key.algorithm, VECTORS[i].algorithm);
        assert_int_equal(key.credential_id_size, 32);
        assert_int_equal(key.sign_count, 1);
        assert_ok(webauthn_assert(&wanted, &key, view(&parts.data), view(&parts.asserted),
                                  view(&parts.signature), &count));
        assert_int_equal(count, 2);
    }
}

static void test_customer_webauthn__refuses_another_bank_or_question(void **state)
{
    (void)state;
    uint8_t challenge[PASSKEY_CHALLENGE_SIZE], other[PASSKEY_CHALLENGE_SIZE] = {1};
    struct webauthn_wanted wanted = wanted_of(challenge);
    const struct webauthn_wanted WRONG[] = {
        {other, PARTY},
        {challenge, {"https://bank.example.org", "bank.example"}},
        {challenge, {"http://bank.example", "bank.example"}},
        {challenge, {"https://bank.example", "example"}},
    };
    struct parts parts = parts_of(&VECTORS[0]);
    struct webauthn_key key, none;
    uint32_t count = 0;
    assert_ok(webauthn_register(&wanted, view(&parts.attestation), view(&parts.created), &key));
    for (size_t i = 0; i < sizeof(WRONG) / sizeof(WRONG[0]); i++) {
        assert_err(ERR_PASSKEY_INVALID, webauthn_register(&WRONG[i], view(&parts.attestation),
                                                          view(&parts.created), &none));
        assert_err(ERR_PASSKEY_INVALID,
                   webauthn_assert(&WRONG[i], &key, view(&parts.data), view(&parts.asserted),
                                   view(&parts.signature), &count));
    }
    /* A signature for creating a key is not valid for using it. */
    assert_err(ERR_PASSKEY_INVALID,
               webauthn_register(&wanted, view(&parts.attestation), view(&parts.asserted), &none));
    assert_err(ERR_PASSKEY_INVALID,
               webauthn_assert(&wanted, &key, view(&parts.data), view(&parts.created),
                               view(&parts.signature), &count));
    /* Another's key. */
    struct parts others = parts_of(&VECTORS[1]);
    assert_err(ERR_PASSKEY_INVALID,
               webauthn_assert(&wanted, &key, view(&others.data), view(&others.asserted),
                               view(&others.signature), &count));
}

/* A flipped bit anywhere: in signed data each one is detected; in an unsigned attestation at least
 * nothing crashes (checked by AddressSanitizer). Each part truncated anywhere is refused. */
static void test_customer_webauthn__sees_every_bit(void **state)
{
    (void)state;
    uint8_t challenge[PASSKEY_CHALLENGE_SIZE];
    struct webauthn_wanted wanted = wanted_of(challenge);
    for (size_t i = 0; i < 3; i++) {
        struct parts parts = parts_of(&VECTORS[i]);
        struct webauthn_key key, none;
        uint32_t count = 0;
        assert_ok(webauthn_register(&wanted, view(&parts.attestation), view(&parts.created), &key));
        struct buffer *SIGNED[] = {&parts.data, &parts.asserted, &parts.signature};
        for (size_t part = 0; part < 3; part++) {
            for (size_t at = 0; at < SIGNED[part]->size; at++) {
                SIGNED[part]->bytes[at] ^= (uint8_t)(1U << at % 8);
                assert_err(ERR_PASSKEY_INVALID,
                           webauthn_assert(&wanted, &key, view(&parts.data), view(&parts.asserted),
                                           view(&parts.signature), &count));
                SIGNED[part]->bytes[at] ^= (uint8_t)(1U << at % 8);
            }
        }
        for (size_t at = 0; at < parts.attestation.size; at++) {
            struct passkey_bytes cut = {parts.attestation.bytes, at};
            assert_err(ERR_PASSKEY_INVALID,
                       webauthn_register(&wanted, cut, view(&parts.created), &none));
            parts.attestation.bytes[at] ^= (uint8_t)(1U << at % 8);
            enum err err =
                webauthn_register(&wanted, view(&parts.attestation), view(&parts.created), &none);
            assert_true(err == ERR_PASSKEY_INVALID || (err == ERR_OK && i != 1));
            parts.attestation.bytes[at] ^= (uint8_t)(1U << at % 8);
        }
    }
}

static void test_customer_webauthn__needs_a_verified_person(void **state)
{
    (void)state;
    uint8_t challenge[PASSKEY_CHALLENGE_SIZE];
    struct webauthn_wanted wanted = wanted_of(challenge);
    struct parts parts = parts_of(&VECTORS[0]); /* unsigned: flags may be changed */
    struct webauthn_key key;
    struct buffer *object = &parts.attestation;
    size_t flags = object->size; /* after the hash of "bank.example" */
    uint8_t hash[32];
    crypto_hash_sha256(hash, (const uint8_t *)PARTY.id, strlen(PARTY.id));
    for (size_t at = 0; at + 32 < object->size; at++) {
        flags = memcmp(object->bytes + at, hash, 32) == 0 ? at + 32 : flags;
    }
    assert_true(flags < object->size && object->bytes[flags] == 0x45);
    static const uint8_t WRONG[] = {0x41, 0x44, 0x40, 0x05, 0x00};
    for (size_t i = 0; i < sizeof(WRONG); i++) {
        object->bytes[flags] = WRONG[i];
        assert_err(ERR_PASSKEY_INVALID,
                   webauthn_register(&wanted, view(object), view(&parts.created), &key));
    }
}

static void test_customer_webauthn__lets_no_container_be_huge(void **state)
{
    (void)state;
    uint8_t challenge[PASSKEY_CHALLENGE_SIZE];
    struct webauthn_wanted wanted = wanted_of(challenge);
    struct parts parts = parts_of(&VECTORS[0]);
    struct webauthn_key key;
    static const uint8_t HUGE[][9] = {
        {0xbb, 0x00, 0x00, 0x00, 0x7f, 0xff, 0xff, 0xff, 0xff}, /* a map of 2^39 */
        {0x9b, 0x00, 0x00, 0x00, 0x7f, 0xff, 0xff, 0xff, 0xff}, /* a list of as many */
        {0x9f, 0x9f, 0x9f, 0x9f, 0x9f, 0x9f, 0x9f, 0x9f, 0x9f}, /* lists without an end */
        {0x5b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, /* bytes that are not there */
        {0x5f, 0x5f, 0x5f, 0x5f, 0x5f, 0x5f, 0x5f, 0x5f, 0x5f},
    };
    for (size_t i = 0; i < sizeof(HUGE) / sizeof(HUGE[0]); i++) {
        assert_err(ERR_PASSKEY_INVALID,
                   webauthn_register(&wanted, (struct passkey_bytes){HUGE[i], 9},
                                     view(&parts.created), &key));
    }
    assert_err(ERR_PASSKEY_INVALID, webauthn_register(&wanted, (struct passkey_bytes){HUGE[0], 0},
                                                      view(&parts.created), &key));
}

/* --- The life of a passkey --------------------------------------------------------------------------- */

/* An authenticator of Ed25519. */
struct authenticator {
    uint8_t public_key[crypto_sign_PUBLICKEYBYTES], secret_key[crypto_sign_SECRETKEYBYTES];
    uint8_t id[32];
    uint32_t count;
};
static struct authenticator new_authenticator(void)
{
    struct authenticator made = {.count = 1};
    assert_int_equal(crypto_sign_keypair(made.public_key, made.secret_key), 0);
    randombytes_buf(made.id, sizeof(made.id));
    return made;
}

static void append(struct buffer *buffer, const void *bytes, size_t size)
{
    assert_true(buffer->size + size <= sizeof(buffer->bytes));
    memcpy(buffer->bytes + buffer->size, bytes, size);
    buffer->size += size;
}

static void append_data(struct buffer *buffer, const struct authenticator *with, uint8_t flags)
{
    uint8_t head[37];
    crypto_hash_sha256(head, (const uint8_t *)PARTY.id, strlen(PARTY.id));
    head[32] = flags;
    for (int i = 0; i < 4; i++) {
        head[33 + i] = (uint8_t)(with->count >> (24 - 8 * i));
    }
    append(buffer, head, sizeof(head));
}

static struct buffer client_data(const char *type, const uint8_t *challenge)
{
    struct buffer out = {.size = 0};
    char text[VAULT_BASE64_SIZE(PASSKEY_CHALLENGE_SIZE)];
    vault_base64(challenge, PASSKEY_CHALLENGE_SIZE, text);
    int size = snprintf((char *)out.bytes, sizeof(out.bytes),
                        "{\"type\":\"webauthn.%s\",\"challenge\":\"%s\",\"origin\":\"%s\"}", type,
                        text, PARTY.origin);
    out.size = (size_t)size;
    return out;
}

struct passkey_step {
    struct session_opened opened;
    struct authenticator with;
    enum passkey_purpose purpose;
    uint8_t challenge[PASSKEY_CHALLENGE_SIZE];
    struct passkey_creation creation;
    struct passkey_assertion assertion;
    struct passkey passkey;
    struct verdict verdict;
    int64_t until;
    struct buffer object, client, data, signature;
};
static enum err do_challenge(struct uow *uow, void *context)
{
    struct passkey_step *s = context;
    return passkey_challenge(room, uow, s->opened.session, s->purpose, s->challenge);
}
static enum err do_add(struct uow *uow, void *context)
{
    struct passkey_step *s = context;
    return passkey_add(room, uow, &s->creation, &s->verdict, &s->passkey);
}
static enum err do_assert(struct uow *uow, void *context)
{
    struct passkey_step *s = context;
    return passkey_assert(room, uow, &s->assertion, &s->verdict, &s->until);
}
static enum err do_remove(struct uow *uow, void *context)
{
    struct passkey_step *s = context;
    return passkey_remove(room, uow, s->opened.customer, s->passkey.id);
}

static enum err do_leave(struct uow *uow, void *context)
{
    uint8_t number_hash[VAULT_HASH_SIZE];
    bool has_number = false;
    struct passkey_step *s = context;
    return customer_close(room, uow, s->opened.customer, number_hash, &has_number);
}

static void ask(struct passkey_step *s, enum passkey_purpose purpose)
{
    s->purpose = purpose;
    assert_ok(engine_run(bank.engine, do_challenge, s));
}

/* Answers the session's challenge with a new key. */
static void create(struct passkey_step *s)
{
    static const uint8_t KEY[] = {0xa4, 0x01, 0x01, 0x03, 0x27, 0x20, 0x06, 0x21, 0x58, 0x20};
    static const char HEAD[] = "\xa3\x63\x66mt\x64none\x67\x61ttStmt\xa0\x68\x61uthData\x58";
    struct buffer data = {.size = 0};
    uint8_t sizes[18] = {[17] = 32};
    append_data(&data, &s->with, 0x45);
    append(&data, sizes, sizeof(sizes));
    append(&data, s->with.id, sizeof(s->with.id));
    append(&data, KEY, sizeof(KEY));
    append(&data, s->with.public_key, sizeof(s->with.public_key));
    s->object.size = 0;
    append(&s->object, HEAD, sizeof(HEAD) - 1);
    s->object.bytes[s->object.size++] = (uint8_t)data.size;
    append(&s->object, data.bytes, data.size);
    s->client = client_data("create", s->challenge);
    s->creation = (struct passkey_creation){.customer = s->opened.customer,
                                            .session = s->opened.session,
                                            .party = PARTY,
                                            .name = "Phone",
                                            .credential_id = {s->with.id, sizeof(s->with.id)},
                                            .attestation_object = view(&s->object),
                                            .client_data = view(&s->client)};
}

/* Answers the session's challenge with the key. */
static void use(struct passkey_step *s)
{
    struct buffer message = {.size = 0};
    uint8_t hash[32];
    s->client = client_data("get", s->challenge);
    crypto_hash_sha256(hash, s->client.bytes, s->client.size);
    s->data.size = 0;
    append_data(&s->data, &s->with, 0x05);
    append(&message, s->data.bytes, s->data.size);
    append(&message, hash, sizeof(hash));
    s->signature.size = crypto_sign_BYTES;
    crypto_sign_detached(s->signature.bytes, NULL, message.bytes, message.size, s->with.secret_key);
    s->assertion = (struct passkey_assertion){.customer = s->opened.customer,
                                              .session = s->opened.session,
                                              .party = PARTY,
                                              .credential_id = {s->with.id, sizeof(s->with.id)},
                                              .authenticator_data = view(&s->data),
                                              .client_data = view(&s->client),
                                              .signature = view(&s->signature)};
}

static struct passkey_step *with_passkey(void)
{
    static struct passkey_step s;
    struct customer_phone phone = new_phone();
    memset(&s, 0, sizeof(s));
    s.opened = sign_up(&phone);
    s.with = new_authenticator();
    ask(&s, PASSKEY_CREATE);
    create(&s);
    assert_ok(engine_run(bank.engine, do_add, &s));
    assert_err(ERR_OK, s.verdict.refusal);
    return &s;
}

static bool count_passkey(const struct passkey *passkey, void *context)
{
    assert_string_equal(passkey->name, "Phone");
    ++*(int *)context;
    return true;
}
static int count(struct customer_id customer)
{
    struct db_conn *conn = NULL;
    int passkeys = 0;
    assert_ok(engine_read_begin(bank.engine, &conn));
    assert_ok(passkey_each(conn, customer, count_passkey, &passkeys));
    engine_read_end(bank.engine, conn);
    return passkeys;
}

static void test_customer_passkey__proves_its_session(void **state)
{
    (void)state;
    struct passkey_step *s = with_passkey();
    assert_int_equal(count(s->opened.customer), 1);
    ask(s, PASSKEY_GET);
    s->with.count = 7;
    use(s);
    assert_ok(engine_run(bank.engine, do_assert, s));
    assert_err(ERR_OK, s->verdict.refusal);
    assert_int_equal(s->until, now() + 300 * SECOND);
    session_forget_customer(room, s->opened.customer);
    assert_int_equal(check(s->opened.token).passkey_until, s->until);
    /* The same answer again: the challenge is used up. */
    assert_ok(engine_run(bank.engine, do_assert, s));
    assert_err(ERR_PASSKEY_EXPIRED, s->verdict.refusal);
    assert_ok(engine_run(bank.engine, do_remove, s));
    assert_err(ERR_NOT_FOUND, engine_run(bank.engine, do_remove, s));
    ask(s, PASSKEY_GET);
    s->with.count = 8;
    use(s);
    assert_ok(engine_run(bank.engine, do_assert, s));
    assert_err(ERR_PASSKEY_INVALID, s->verdict.refusal);
}

/* WebAuthn level 3, 7.1 step 26: one credential id, one customer, in whichever buckets they live. */
static void test_customer_passkey__has_one_customer(void **state)
{
    (void)state;
    struct passkey_step *s = with_passkey();
    struct session_opened owner = s->opened;
    struct passkey owners = s->passkey;
    for (int i = 0; i < 4; i++) {
        struct customer_phone phone = new_phone();
        s->opened = sign_up(&phone);
        ask(s, PASSKEY_CREATE);
        create(s);
        assert_err(ERR_PASSKEY_EXISTS, engine_run(bank.engine, do_add, s));
        assert_int_equal(count(s->opened.customer), 0);
    }
    struct session_opened other = s->opened;
    s->opened = owner;
    s->passkey = owners;
    ask(s, PASSKEY_CREATE);
    create(s);
    assert_err(ERR_PASSKEY_EXISTS, engine_run(bank.engine, do_add, s));
    assert_ok(engine_run(bank.engine, do_remove, s));
    s->opened = other; /* removed, it may be registered anew */
    ask(s, PASSKEY_CREATE);
    create(s);
    assert_ok(engine_run(bank.engine, do_add, s));
    assert_err(ERR_OK, s->verdict.refusal);
    assert_int_equal(count(other.customer), 1);
    assert_int_equal(count(owner.customer), 0);
    assert_ok(engine_run(bank.engine, do_leave, s)); /* as it may once its customer left */
    s->opened = owner;
    ask(s, PASSKEY_CREATE);
    create(s);
    assert_ok(engine_run(bank.engine, do_add, s));
    assert_err(ERR_OK, s->verdict.refusal);
}

static void test_customer_passkey__questions_die(void **state)
{
    (void)state;
    struct passkey_step *s = with_passkey();
    assert_ok(engine_run(bank.engine, do_add, s)); /* used up by the first */
    assert_err(ERR_PASSKEY_EXPIRED, s->verdict.refusal);
    ask(s, PASSKEY_GET);
    use(s);
    clock_manual_advance(&bank.clock, 300 * SECOND);
    assert_ok(engine_run(bank.engine, do_assert, s));
    assert_err(ERR_PASSKEY_EXPIRED, s->verdict.refusal);
    /* A wrong answer uses up the challenge too. */
    ask(s, PASSKEY_GET);
    s->with.count++;
    use(s);
    s->signature.bytes[3] ^= 1;
    assert_ok(engine_run(bank.engine, do_assert, s));
    assert_err(ERR_PASSKEY_INVALID, s->verdict.refusal);
    s->signature.bytes[3] ^= 1;
    assert_ok(engine_run(bank.engine, do_assert, s));
    assert_err(ERR_PASSKEY_EXPIRED, s->verdict.refusal);
    /* A newer challenge voids the older one; another purpose's does not count. */
    ask(s, PASSKEY_GET);
    use(s);
    ask(s, PASSKEY_GET);
    assert_ok(engine_run(bank.engine, do_assert, s));
    assert_err(ERR_PASSKEY_INVALID, s->verdict.refusal);
    ask(s, PASSKEY_CREATE);
    use(s);
    assert_ok(engine_run(bank.engine, do_assert, s));
    assert_err(ERR_PASSKEY_EXPIRED, s->verdict.refusal);
}

static void test_customer_passkey__a_counter_must_rise(void **state)
{
    (void)state;
    static const struct {
        uint32_t count;
        enum err wanted;
    } ROWS[] = {
        {2, ERR_OK}, {2, ERR_PASSKEY_CLONED}, {1, ERR_PASSKEY_CLONED}, {0, ERR_PASSKEY_CLONED},
        {3, ERR_OK},
    };
    struct passkey_step *s = with_passkey();
    for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
        ask(s, PASSKEY_GET);
        s->with.count = ROWS[i].count;
        use(s);
        assert_ok(engine_run(bank.engine, do_assert, s));
        assert_err(ROWS[i].wanted, s->verdict.refusal);
    }
    /* A non-counting authenticator never increases. */
    s = with_passkey();
    struct authenticator fresh_one = new_authenticator();
    fresh_one.count = 0;
    s->with = fresh_one;
    ask(s, PASSKEY_CREATE);
    create(s);
    assert_ok(engine_run(bank.engine, do_add, s));
    for (int i = 0; i < 2; i++) {
        ask(s, PASSKEY_GET);
        use(s);
        assert_ok(engine_run(bank.engine, do_assert, s));
        assert_err(ERR_OK, s->verdict.refusal);
    }
}

static void test_customer_passkey__is_one_customers(void **state)
{
    (void)state;
    struct passkey_step first = *with_passkey();
    struct passkey_step *s = with_passkey();
    s->with = first.with; /* another customer's authenticator */
    s->with.count = 9;
    ask(s, PASSKEY_GET);
    use(s);
    assert_ok(engine_run(bank.engine, do_assert, s));
    assert_err(ERR_PASSKEY_INVALID, s->verdict.refusal);
    int64_t own = s->passkey.id;
    s->passkey.id = first.passkey.id;
    assert_err(ERR_NOT_FOUND, engine_run(bank.engine, do_remove, s));
    s->passkey.id = own;
    uint8_t handle[PASSKEY_USER_HANDLE_SIZE], other[PASSKEY_USER_HANDLE_SIZE];
    passkey_user_handle(room, first.opened.customer, handle);
    passkey_user_handle(room, s->opened.customer, other);
    assert_memory_not_equal(handle, other, sizeof(handle));
    /* A handle that names another customer. */
    struct passkey_step *mine = with_passkey();
    ask(mine, PASSKEY_GET);
    mine->with.count = 2;
    use(mine);
    mine->assertion.user_handle = (struct passkey_bytes){handle, sizeof(handle)};
    assert_ok(engine_run(bank.engine, do_assert, mine));
    assert_err(ERR_PASSKEY_INVALID, mine->verdict.refusal);
}

static void test_customer_passkey__only_so_many_each_once(void **state)
{
    (void)state;
    struct passkey_step *s = with_passkey();
    ask(s, PASSKEY_CREATE);
    create(s);
    assert_err(ERR_PASSKEY_EXISTS, engine_run(bank.engine, do_add, s));
    s->creation.credential_id.size = 31; /* "rawId" is another than the key's own */
    assert_ok(engine_run(bank.engine, do_add, s));
    assert_err(ERR_PASSKEY_INVALID, s->verdict.refusal);
    for (int i = 1; i < PASSKEYS_MAX; i++) {
        s->with = new_authenticator();
        ask(s, PASSKEY_CREATE);
        create(s);
        assert_ok(engine_run(bank.engine, do_add, s));
        assert_err(ERR_OK, s->verdict.refusal);
    }
    s->with = new_authenticator();
    ask(s, PASSKEY_CREATE);
    create(s);
    assert_err(ERR_PASSKEY_COUNT, engine_run(bank.engine, do_add, s));
    assert_int_equal(count(s->opened.customer), PASSKEYS_MAX);
}

static int run(enum db_engine engine)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_customer_webauthn__takes_every_kind_of_key, fresh),
        cmocka_unit_test_setup(test_customer_webauthn__refuses_another_bank_or_question, fresh),
        cmocka_unit_test_setup(test_customer_webauthn__sees_every_bit, fresh),
        cmocka_unit_test_setup(test_customer_webauthn__needs_a_verified_person, fresh),
        cmocka_unit_test_setup(test_customer_webauthn__lets_no_container_be_huge, fresh),
        cmocka_unit_test_setup(test_customer_passkey__proves_its_session, fresh),
        cmocka_unit_test_setup(test_customer_passkey__has_one_customer, fresh),
        cmocka_unit_test_setup(test_customer_passkey__questions_die, fresh),
        cmocka_unit_test_setup(test_customer_passkey__a_counter_must_rise, fresh),
        cmocka_unit_test_setup(test_customer_passkey__is_one_customers, fresh),
        cmocka_unit_test_setup(test_customer_passkey__only_so_many_each_once, fresh),
    };
    which = engine;
    return cmocka_run_group_tests_name(engine == DB_SQLITE ? "sqlite" : "postgresql", tests,
                                       suite_open, suite_close);
}

int main(void)
{
    return room_fixture_run(run);
}
