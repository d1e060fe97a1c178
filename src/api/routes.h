/* The tables of the endpoints that no room has taken over yet. */
#ifndef API_ROUTES_H
#define API_ROUTES_H

#include "frame/room.h"
#include "web/route.h"

extern const struct room_parts API_PARTS;

extern const struct route routes_staff[];
extern const struct route routes_staff_books[];
extern const struct route routes_staff_operation[];
extern const struct route routes_staff_change[];
extern const struct route routes_privacy[];
extern const struct route routes_staff_phone[];

#endif
