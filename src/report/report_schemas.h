/* The named objects of papers. */
#ifndef REPORT_REPORT_SCHEMAS_H
#define REPORT_REPORT_SCHEMAS_H

#include "web/schema.h"

extern const struct schema schema_statement;

#endif
