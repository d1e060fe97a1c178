/* A command that is run again: what an earlier run answered is gone, headers too. */
#include "web/call.h"
#include "web/route.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_web_call__a_run_again_starts_anew(void **state)
{
    (void)state;
    static const struct route route = {.path = "/v1/x", .status = 201, .scope = &open_scope};
    struct arena arena;
    static struct call call;
    arena_init(&arena, 1 << 20);
    call.route = &route;
    call.arena = &arena;
    str_init(&call.out, 4096);
    http_response_add(&call.response, "RateLimit", "kept");
    for (int run = 1; run <= 3 * HTTP_EXTRA_MAX; run++) {
        call_start_run(&call);
        assert_int_equal(run, call.runs);
        assert_int_equal(1, call.response.extra_count);
        assert_null(call.response.etag);
        assert_int_equal(0, call.out.size);
        assert_int_equal(0, call.member_count);
        call_set_cookie(&call, "__Host-x", "token", 60);
        call_retry_at(&call, 5000000);
        call_file_name(&call, "a.pdf");
        call_etag(&call, run);
        str_append(&call.out, "{}");
        call.err = ERR_NOT_FOUND;
        call.is_logged = true;
    }
    assert_string_equal("RateLimit", call.response.extra[0].name);
    assert_int_equal(4, call.response.extra_count);
    str_release(&call.out);
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_web_call__a_run_again_starts_anew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
