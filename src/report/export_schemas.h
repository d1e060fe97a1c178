/* The named objects of the export of a person. */
#ifndef REPORT_EXPORT_SCHEMAS_H
#define REPORT_EXPORT_SCHEMAS_H

#include "web/schema.h"

extern const struct schema schema_export;

#endif
