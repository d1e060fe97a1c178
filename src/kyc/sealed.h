/* The sealed columns of this room, for their sealing anew (db/sealed.h). */
#ifndef KYC_SEALED_H
#define KYC_SEALED_H

#include "db/sealed.h"

const struct sealed_column *const *kyc_sealed(size_t *out_count);

#endif
