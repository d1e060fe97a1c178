/* The cache of recently seen sessions: valid results, and entries that must be dropped. */
#include "base/id.h"
#include "customer/session_cache.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define LIFE  INT64_C(5000000)
#define TOUCH INT64_C(60000000)
#define NOW   INT64_C(1795000000000000)

static struct session_cache *cache;

static int setup(void **state)
{
    (void)state;
    return session_cache_open(1024, LIFE, TOUCH, &cache) == ERR_OK ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    session_cache_close(cache);
    return 0;
}

static int64_t session_id(int k)
{
    return ((int64_t)(k + 1) << 22) | 5; /* all of bucket 5 */
}

static bool find(int64_t id, int64_t now_us, bool *out_touch, uint64_t *out_ticket)
{
    struct session_facts facts;
    bool is_found = session_cache_find(cache, id, now_us, &facts, out_touch, out_ticket);
    assert_true(!is_found || facts.session_id == id);
    return is_found;
}

static void store(int64_t id, int64_t customer_id, int64_t last_seen_at, int64_t now_us,
                  uint64_t ticket)
{
    struct session_facts facts = {
        .session_id = id, .customer_id = customer_id, .last_seen_at = last_seen_at};
    session_cache_store(cache, &facts, now_us, ticket);
}

static void test_customer_session_cache__remembers_for_its_life(void **state)
{
    (void)state;
    bool touch;
    uint64_t ticket;
    assert_false(find(session_id(1), NOW, &touch, &ticket));
    store(session_id(1), 9, NOW, NOW, ticket);
    assert_true(find(session_id(1), NOW, &touch, &ticket));
    assert_true(find(session_id(1), NOW + LIFE - 1, &touch, &ticket));
    assert_false(find(session_id(1), NOW + LIFE, &touch, &ticket));
    assert_false(find(session_id(1), NOW - 1, &touch, &ticket)); /* the clock stepped back */
    assert_false(find(session_id(2), NOW, &touch, &ticket));
}

static void test_customer_session_cache__drops_what_was_read_before_a_forget(void **state)
{
    (void)state;
    bool touch;
    uint64_t ticket, fresh;
    assert_false(find(session_id(1), NOW, &touch, &ticket));
    session_cache_forget(cache, session_id(1)); /* revoked between reading and storing */
    store(session_id(1), 9, NOW, NOW, ticket);
    assert_false(find(session_id(1), NOW, &touch, &fresh));
    store(session_id(1), 9, NOW, NOW, fresh);
    assert_true(find(session_id(1), NOW, &touch, &ticket));
}

static void test_customer_session_cache__forgets_one_or_a_customers_all(void **state)
{
    (void)state;
    bool touch;
    uint64_t ticket;
    int64_t customer = session_id(100), other = session_id(101);
    (void)find(session_id(1), NOW, &touch, &ticket);
    store(session_id(1), customer, NOW, NOW, ticket);
    store(session_id(2), customer, NOW, NOW, ticket);
    store(session_id(3), other, NOW, NOW, ticket);
    session_cache_forget(cache, session_id(1));
    assert_false(find(session_id(1), NOW, &touch, &ticket));
    assert_true(find(session_id(2), NOW, &touch, &ticket));
    session_cache_forget_customer(cache, customer);
    assert_false(find(session_id(2), NOW, &touch, &ticket));
    assert_true(find(session_id(3), NOW, &touch, &ticket));
}

static void test_customer_session_cache__asks_for_one_touch_a_minute(void **state)
{
    (void)state;
    bool touch;
    uint64_t ticket;
    struct session_cache *lasting = NULL;
    struct session_facts facts = {.session_id = session_id(1), .last_seen_at = NOW};
    assert_int_equal(session_cache_open(64, 10 * TOUCH, TOUCH, &lasting), ERR_OK);
    (void)session_cache_find(lasting, session_id(1), NOW, &facts, &touch, &ticket);
    session_cache_store(lasting, &facts, NOW, ticket);
    static const struct {
        int64_t after;
        bool wanted;
    } rows[] = {{0, false},         {TOUCH - 1, false},     {TOUCH, true},
                {TOUCH + 1, false}, {2 * TOUCH - 1, false}, {2 * TOUCH, true},
                {2 * TOUCH, false}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_true(session_cache_find(lasting, session_id(1), NOW + rows[i].after, &facts, &touch,
                                       &ticket));
        assert_int_equal(touch, rows[i].wanted);
    }
    session_cache_close(lasting);
}

static void test_customer_session_cache__stays_within_its_size(void **state)
{
    (void)state;
    bool touch;
    uint64_t ticket;
    int found = 0;
    (void)find(session_id(0), NOW, &touch, &ticket);
    for (int k = 0; k < 5000; k++) {
        store(session_id(k), 9, NOW, NOW + k, ticket);
    }
    for (int k = 0; k < 5000; k++) {
        found += find(session_id(k), NOW + 5000, &touch, &ticket) ? 1 : 0;
    }
    assert_true(found > 0 && found <= 16); /* one shard of 64 */
    assert_true(find(session_id(4999), NOW + 5000, &touch, &ticket));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_customer_session_cache__remembers_for_its_life, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(
            test_customer_session_cache__drops_what_was_read_before_a_forget, setup, teardown),
        cmocka_unit_test_setup_teardown(test_customer_session_cache__forgets_one_or_a_customers_all,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_customer_session_cache__asks_for_one_touch_a_minute,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_customer_session_cache__stays_within_its_size, setup,
                                        teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
