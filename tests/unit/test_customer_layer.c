/* Layers of the identity, and the parties that confirmed it; both engines. EVIDENCE: REQ-KYC-01 */
#include "unit/customer_fixture.h"

struct layer_step {
    struct customer_id customer;
    enum identity_layer layer;
    enum layer_state state;
    struct date until;
    enum channel_kind kind;
    const char *detail;
};
static enum err do_layer(struct uow *uow, void *context)
{
    struct layer_step *s = context;
    return customer_set_layer(uow, s->customer, s->layer, s->state);
}
static enum err do_document(struct uow *uow, void *context)
{
    struct layer_step *s = context;
    return customer_set_document(uow, s->customer, s->until);
}
static enum err do_channel(struct uow *uow, void *context)
{
    struct layer_step *s = context;
    return customer_add_channel(uow, s->customer, s->kind, s->detail);
}

static void set_layer(struct customer_id id, enum identity_layer layer, enum layer_state state)
{
    struct layer_step s = {.customer = id, .layer = layer, .state = state};
    assert_ok(engine_run(bank.engine, do_layer, &s));
}

static void test_customer_layer__all_of_them_make_one_verified(void **state)
{
    (void)state;
    char number[ID_NUMBER_SIZE];
    struct customer_phone phone = new_phone();
    struct customer_id id = sign_up(&phone).customer;
    int64_t version = load(id).version;
    set_layer(id, LAYER_PICTURES, LAYER_PASSED);
    set_layer(id, LAYER_FACE, LAYER_PASSED);
    set_layer(id, LAYER_PLACE, LAYER_PASSED);
    assert_int_equal(load(id).layers.verified_at, 0); /* name and number are not checked yet */
    assert_true(load(id).version > version);
    number_for(40, number);
    assert_err(ERR_OK, prove_identity(id, "陈思远", number, NULL).refusal);
    set_layer(id, LAYER_PLACE, LAYER_REVIEW);
    assert_int_equal(load(id).layers.verified_at, 0);
    set_layer(id, LAYER_PLACE, LAYER_PASSED);
    int64_t first = now();
    assert_int_equal(load(id).layers.verified_at, first);
    /* The instant stays while all stay passed, and goes with any of them. */
    clock_manual_advance(&bank.clock, SECOND);
    set_layer(id, LAYER_FACE, LAYER_PASSED);
    assert_int_equal(load(id).layers.verified_at, first);
    assert_int_equal(load(id).layers.at[LAYER_FACE], now());
    static const enum layer_state LESS[] = {LAYER_TODO, LAYER_REVIEW, LAYER_REFUSED};
    for (size_t i = 0; i < sizeof(LESS) / sizeof(LESS[0]); i++) {
        set_layer(id, LAYER_PICTURES, LESS[i]);
        assert_int_equal(load(id).layers.verified_at, 0);
        assert_int_equal(load(id).layers.state[LAYER_PICTURES], LESS[i]);
        assert_int_equal(load(id).layers.at[LAYER_PICTURES], LESS[i] == LAYER_TODO ? 0 : now());
        set_layer(id, LAYER_PICTURES, LAYER_PASSED);
        assert_int_equal(load(id).layers.verified_at, now());
    }
}

static void test_customer_layer__nobody_has_none(void **state)
{
    (void)state;
    struct customer_phone phone = new_phone();
    struct customer_id id = sign_up(&phone).customer;
    struct layer_step s = {.customer = {id.value + ID_STEP * 7},
                           .layer = LAYER_FACE,
                           .state = LAYER_PASSED,
                           .kind = CHANNEL_COUNTER,
                           .detail = ""};
    assert_err(ERR_NOT_FOUND, engine_run(bank.engine, do_layer, &s));
    assert_err(ERR_NOT_FOUND, engine_run(bank.engine, do_document, &s));
    assert_int_equal(load(id).layers.state[LAYER_FACE], LAYER_TODO);
}

static void test_customer_layer__a_document_ends_or_not(void **state)
{
    (void)state;
    struct customer_phone phone = new_phone();
    struct layer_step s = {.customer = sign_up(&phone).customer, .until = {22000}};
    assert_int_equal(load(s.customer).layers.document_until.days, 0);
    assert_ok(engine_run(bank.engine, do_document, &s));
    assert_int_equal(load(s.customer).layers.document_until.days, 22000);
    s.until.days = 0;
    assert_ok(engine_run(bank.engine, do_document, &s));
    assert_int_equal(load(s.customer).layers.document_until.days, 0);
}

static void test_customer_channel__each_party_counts_once(void **state)
{
    (void)state;
    static const struct {
        enum channel_kind kind;
        const char *detail;
        size_t count;
    } ROWS[] = {
        {CHANNEL_REGISTRY, "", 1},  {CHANNEL_REGISTRY, "", 1},  {CHANNEL_OPERATOR, "", 2},
        {CHANNEL_ISSUER, "SAB", 3}, {CHANNEL_ISSUER, "SAB", 3}, {CHANNEL_ISSUER, "NCB", 4},
        {CHANNEL_COUNTER, "", 5},
    };
    struct identity_channel channels[CHANNELS_MAX];
    struct customer_phone phone = new_phone();
    struct layer_step s = {.customer = sign_up(&phone).customer};
    int64_t first = now();
    for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
        struct db_conn *conn = NULL;
        size_t count = 0;
        s.kind = ROWS[i].kind;
        s.detail = ROWS[i].detail;
        assert_ok(engine_run(bank.engine, do_channel, &s));
        assert_ok(engine_read_begin(bank.engine, &conn));
        assert_ok(customer_channels(conn, s.customer, channels, &count));
        engine_read_end(bank.engine, conn);
        assert_int_equal(count, ROWS[i].count);
        clock_manual_advance(&bank.clock, SECOND);
    }
    assert_int_equal(channels[0].at, first); /* the first word counts */
    assert_string_equal(channels[2].detail, "SAB");
    assert_string_equal(channel_kind_name(channels[2].kind), "issuer");
    assert_string_equal(channel_kind_name(channels[4].kind), "counter");
}

static int run(enum db_engine engine)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_customer_layer__all_of_them_make_one_verified, fresh),
        cmocka_unit_test_setup(test_customer_layer__nobody_has_none, fresh),
        cmocka_unit_test_setup(test_customer_layer__a_document_ends_or_not, fresh),
        cmocka_unit_test_setup(test_customer_channel__each_party_counts_once, fresh),
    };
    which = engine;
    return cmocka_run_group_tests_name(engine == DB_SQLITE ? "sqlite" : "postgresql", tests,
                                       suite_open, suite_close);
}

int main(void)
{
    return room_fixture_run(run);
}
