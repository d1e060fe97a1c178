/* The sealed columns of this room, for their sealing anew (db/sealed.h). */
#ifndef ACCOUNT_SEALED_H
#define ACCOUNT_SEALED_H

#include "db/sealed.h"

const struct sealed_column *const *account_sealed(size_t *out_count);

#endif
