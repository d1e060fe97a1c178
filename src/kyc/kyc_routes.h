/* Tables of the room's endpoints. */
#ifndef KYC_KYC_ROUTES_H
#define KYC_KYC_ROUTES_H

#include "web/route.h"

extern const struct route sign_up_routes[];
extern const struct route identity_routes[];

#endif
