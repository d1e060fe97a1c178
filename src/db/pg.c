#include "db/conn.h"
const struct db_ops db_pg_ops = {0};
