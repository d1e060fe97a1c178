/*
 * Pages of the console that cross rooms: the dashboard, a customer's file and search, payments, the
 * books, changes by two people, operation. The room has routes alone.
 */
#ifndef DESK_DESK_H
#define DESK_DESK_H

#include "frame/room.h"

extern const struct room_parts DESK_PARTS;

#endif
