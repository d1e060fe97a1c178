/* Migration as other commands use it. */
#ifndef CLI_MIGRATE_H
#define CLI_MIGRATE_H

#include "base/err.h"

enum err migrate_database(const char *url, int *out_applied);

#endif
