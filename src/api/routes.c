#include "api/routes.h"

static const struct route_table tables[] = {{401, routes_staff},
                                            {420, routes_staff_books},
                                            {430, routes_staff_operation},
                                            {440, routes_staff_change},
                                            {500, routes_privacy},
                                            {810, routes_staff_phone},
                                            {0, NULL}};

const struct room_parts API_PARTS = {.name = "api", .routes = tables};
