/* Migration as other commands use it. */
#ifndef COMMAND_MIGRATE_H
#define COMMAND_MIGRATE_H

#include "base/err.h"
#include "sys/fault.h"

#include <stdbool.h>

/* Brings the database at `url` to this program's schema; `may_create` makes a missing one. `out_fault`
 * gets a line if an error comes back. */
enum err migrate_database(const char *url, bool may_create, int *out_applied,
                          struct fault *out_fault);

#endif
