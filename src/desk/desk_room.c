/* The parts that this room brings to the house. */
#include "desk/desk.h"
#include "desk/desk_routes.h"

static const struct route_table routes[] = {{401, desk_customer_routes},
                                            {420, desk_payment_routes},
                                            {421, desk_books_routes},
                                            {430, desk_operation_routes},
                                            {440, desk_change_routes},
                                            {810, desk_phone_routes},
                                            {0}};

const struct room_parts DESK_PARTS = {.name = "desk", .routes = routes};
