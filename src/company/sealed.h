/* The sealed columns of this room, for their sealing anew (db/sealed.h). */
#ifndef COMPANY_SEALED_H
#define COMPANY_SEALED_H

#include "db/sealed.h"

const struct sealed_column *const *company_sealed(size_t *out_count);

#endif
