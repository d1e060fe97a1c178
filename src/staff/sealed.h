/* The sealed columns of this room, for their sealing anew (db/sealed.h). */
#ifndef STAFF_SEALED_H
#define STAFF_SEALED_H

#include "db/sealed.h"

const struct sealed_column *const *staff_sealed(size_t *out_count);

#endif
