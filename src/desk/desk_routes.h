/* Tables of the room's endpoints. */
#ifndef DESK_DESK_ROUTES_H
#define DESK_DESK_ROUTES_H

#include "web/route.h"

extern const struct route desk_customer_routes[];
extern const struct route desk_payment_routes[];
extern const struct route desk_books_routes[];
extern const struct route desk_operation_routes[];
extern const struct route desk_change_routes[];
extern const struct route desk_phone_routes[];

#endif
