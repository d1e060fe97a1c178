/* Tables of the room's endpoints. */
#ifndef PAYMENT_PAYMENT_ROUTES_H
#define PAYMENT_PAYMENT_ROUTES_H

#include "web/route.h"

extern const struct route activity_routes[];
extern const struct route closure_routes[];
extern const struct route payment_routes[];
extern const struct route alert_routes[];

#endif
