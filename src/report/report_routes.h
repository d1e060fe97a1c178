/* Tables of the room's endpoints. */
#ifndef REPORT_REPORT_ROUTES_H
#define REPORT_REPORT_ROUTES_H

#include "web/route.h"

extern const struct route statement_routes[];
extern const struct route receipt_routes[];
extern const struct route export_routes[];

#endif
