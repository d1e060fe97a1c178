/* The sealed columns of this room, for their sealing anew (db/sealed.h). */
#ifndef CUSTOMER_SEALED_H
#define CUSTOMER_SEALED_H

#include "db/sealed.h"

const struct sealed_column *const *customer_sealed(size_t *out_count);

#endif
