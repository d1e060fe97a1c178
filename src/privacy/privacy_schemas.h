/* The named objects of leaving the bank and of how long things are kept. */
#ifndef PRIVACY_PRIVACY_SCHEMAS_H
#define PRIVACY_PRIVACY_SCHEMAS_H

#include "web/schema.h"

extern const struct schema schema_leaving;
extern const struct schema schema_retention_list;

#endif
