/*
 * The named objects of four eyes, parameters and queues of work, as the OpenAPI document shows them;
 * change_api.c writes each of them.
 */
#ifndef DESK_CHANGE_SCHEMAS_H
#define DESK_CHANGE_SCHEMAS_H

#include "web/schema.h"

extern const struct schema schema_change;
extern const struct schema schema_change_after; /* of a request */
extern const struct schema schema_parameter_list;
extern const struct schema schema_work;
extern const struct schema schema_phone_proof;

/* Values that requests share with answers; NULL-terminated. */
extern const char *const values_change_kind[];
extern const char *const values_change_state[];

#endif
