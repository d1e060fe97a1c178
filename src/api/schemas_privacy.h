/* The named objects of privacy: leaving the bank, how long things are kept, the export. */
#ifndef API_SCHEMAS_PRIVACY_H
#define API_SCHEMAS_PRIVACY_H

#include "web/schema.h"

extern const struct schema schema_leaving;
extern const struct schema schema_retention_list;
extern const struct schema schema_export;

#endif
