/* Tables of the room's endpoints. */
#ifndef STAFF_STAFF_ROUTES_H
#define STAFF_STAFF_ROUTES_H

#include "web/route.h"

extern const struct rate_row staff_rates[];

extern const struct route staff_routes[];
extern const struct route staff_user_routes[];
extern const struct route audit_routes[];

#endif
