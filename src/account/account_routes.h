/* Tables of the room's endpoints. */
#ifndef ACCOUNT_ACCOUNT_ROUTES_H
#define ACCOUNT_ACCOUNT_ROUTES_H

#include "web/route.h"

extern const struct problem_members account_problems[];

extern const struct route account_routes[];
extern const struct route card_routes[];

#endif
