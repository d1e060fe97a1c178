/* Tables of the room's endpoints. */
#ifndef PRIVACY_PRIVACY_ROUTES_H
#define PRIVACY_PRIVACY_ROUTES_H

#include "web/route.h"

extern const struct problem_members privacy_problems[];

extern const struct route consent_routes[];
extern const struct route leaving_routes[];

#endif
