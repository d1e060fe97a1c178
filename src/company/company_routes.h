/* Tables of the room's endpoints. */
#ifndef COMPANY_COMPANY_ROUTES_H
#define COMPANY_COMPANY_ROUTES_H

#include "web/route.h"

extern const struct route company_routes[];
extern const struct route company_user_routes[];
extern const struct route company_case_routes[];
extern const struct route order_routes[];

#endif
