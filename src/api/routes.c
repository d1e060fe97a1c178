#include "api/routes.h"

static const struct route_table tables[] = {
    {400, routes_staff},         {410, routes_staff_user},
    {420, routes_staff_books},   {430, routes_staff_operation},
    {440, routes_staff_change},  {500, routes_privacy},
    {600, routes_kyc},           {610, routes_staff_case},
    {700, routes_company},       {710, routes_company_user},
    {720, routes_staff_company}, {730, routes_order},
    {810, routes_staff_phone},   {0, NULL}};

const struct room_parts API_PARTS = {.name = "api", .routes = tables};
