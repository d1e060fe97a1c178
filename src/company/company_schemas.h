/* The named objects of companies. */
#ifndef COMPANY_COMPANY_SCHEMAS_H
#define COMPANY_COMPANY_SCHEMAS_H

#include "web/schema.h"

extern const struct schema schema_company_check;
extern const struct schema schema_company;
extern const struct schema schema_company_list;
extern const struct schema schema_company_owner;
extern const struct schema schema_staff_company;
extern const struct schema schema_staff_company_file;

extern const char *const values_company_kind[];
bool schema_is_credit_code(const char *text);

#endif
