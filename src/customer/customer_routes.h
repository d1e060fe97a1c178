/* Tables of the room's endpoints. */
#ifndef CUSTOMER_CUSTOMER_ROUTES_H
#define CUSTOMER_CUSTOMER_ROUTES_H

#include "web/route.h"

extern const struct rate_row customer_rates[];
extern const struct problem_members customer_problems[];

extern const struct route open_routes[];
extern const struct route sign_in_routes[];
extern const struct route customer_routes[];
extern const struct route customer_more_routes[];
extern const struct route security_routes[];
extern const struct route passkey_routes[];

#endif
