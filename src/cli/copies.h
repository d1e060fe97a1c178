/* Copies of a bank's database: what `backup` and `restore` share. */
#ifndef CLI_COPIES_H
#define CLI_COPIES_H

#include "base/err.h"
#include "sys/fault.h"

#include <stdint.h>

struct copy_state {
    int64_t mark;  /* of the database, see db/facts.h */
    int64_t bytes; /* of the file */
};

/* Reads a copy as a bank would: every page, its schema, its mark. `out_fault` gets a line. ERR_DB_STALE
 * never: a copy lies without a mark's file. */
enum err copy_verify(const char *path, struct copy_state *out, struct fault *out_fault);
/* Copies a file byte by byte into a new one (0600, durable). ERR_EXISTS, ERR_IO. */
enum err copy_bytes(const char *from, const char *to, struct fault *out_fault);

#endif
