#include "api/routes.h"

static const struct route_table tables[] = {{100, routes_open},
                                            {110, routes_customer},
                                            {120, routes_security},
                                            {130, routes_passkey},
                                            {200, routes_account},
                                            {210, routes_card},
                                            {220, routes_account_life},
                                            {300, routes_payment},
                                            {400, routes_staff},
                                            {410, routes_staff_user},
                                            {420, routes_staff_books},
                                            {430, routes_staff_operation},
                                            {440, routes_staff_change},
                                            {500, routes_privacy},
                                            {600, routes_kyc},
                                            {610, routes_staff_case},
                                            {700, routes_company},
                                            {710, routes_company_user},
                                            {720, routes_staff_company},
                                            {730, routes_order},
                                            {800, routes_staff_alert},
                                            {810, routes_staff_phone},
                                            {0, NULL}};

const struct room_parts API_PARTS = {.name = "api", .routes = tables};
