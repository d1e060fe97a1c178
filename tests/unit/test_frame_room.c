/* Rooms open bottom to top, close top to bottom, and find those below them. */
#include "frame/room.h"

#include "base_fixture.h"

#include <stdio.h>
#include <string.h>

static char story[64];
static enum err second_fails;
static const struct room_parts FIRST, SECOND, THIRD;

static void tell(const char *text)
{
    strncat(story, text, sizeof story - strlen(story) - 1);
}

static enum err open_first(struct house *house, void **out_state, struct fault *out_fault)
{
    (void)house, (void)out_fault;
    tell("+1");
    *out_state = "first";
    return ERR_OK;
}

static void close_first(void *state)
{
    assert_string_equal("first", state);
    tell("-1");
}

static enum err open_second(struct house *house, void **out_state, struct fault *out_fault)
{
    (void)out_fault;
    assert_string_equal("first", house_room(house, &FIRST)); /* below it, and open */
    assert_null(house_room(house, &THIRD));
    tell("+2");
    *out_state = second_fails ? NULL : "second";
    return second_fails;
}

static void close_second(void *state)
{
    assert_string_equal("second", state);
    tell("-2");
}

static const struct parameter_list figures = {"second", NULL, 0};
static const struct room_parts FIRST = {.name = "first", .open = open_first, .close = close_first};
static const struct room_parts SECOND = {
    .name = "second", .parameters = &figures, .open = open_second, .close = close_second};
static const struct room_parts THIRD = {.name = "third"};
static const struct room_parts *const list[] = {&FIRST, &SECOND, &THIRD, NULL};

static void test_frame_room__opens_and_closes_in_order(void **state)
{
    struct house house = {.rooms = list};
    (void)state;
    story[0] = '\0';
    second_fails = ERR_OK;
    assert_int_equal(ERR_OK, house_open_rooms(&house, NULL));
    assert_string_equal("second", house_room(&house, &SECOND));
    assert_null(house_room(&house, &THIRD));
    house_close_rooms(&house);
    house_close_rooms(&house); /* again: nothing is open */
    assert_string_equal("+1+2-2-1", story);
}

static void test_frame_room__failure_closes_what_is_open(void **state)
{
    struct house house = {.rooms = list};
    struct fault fault = {0};
    (void)state;
    story[0] = '\0';
    second_fails = ERR_NO_MEMORY;
    assert_int_equal(ERR_NO_MEMORY, house_open_rooms(&house, &fault));
    assert_string_equal("+1+2-1", story);
    assert_string_equal("second: could not be opened: no-memory", fault.text);
    assert_null(house_room(&house, &FIRST));
}

static void test_frame_room__parameters_of_all_rooms(void **state)
{
    const struct parameter_list *lists[CATALOGUE_LISTS_MAX + 1];
    (void)state;
    house_parameters(list, lists);
    assert_ptr_equal(&figures, lists[0]);
    assert_null(lists[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_frame_room__opens_and_closes_in_order),
        cmocka_unit_test(test_frame_room__failure_closes_what_is_open),
        cmocka_unit_test(test_frame_room__parameters_of_all_rooms),
    };
    return cmocka_run_group_tests_name("frame_room", tests, NULL, NULL);
}
