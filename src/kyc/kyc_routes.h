/* Tables of the room's endpoints. */
#ifndef KYC_KYC_ROUTES_H
#define KYC_KYC_ROUTES_H

#include "web/route.h"

extern const struct problem_members kyc_problems[];

extern const struct route sign_up_routes[];
extern const struct route identity_routes[];
extern const struct route verification_routes[];
extern const struct route face_routes[];
extern const struct route place_routes[];
extern const struct route case_routes[];

#endif
