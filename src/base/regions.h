/*
 * Administrative divisions of China by their GB/T 2260 code, read from share/regions.tsv at start.
 * Read-only thereafter, any thread; codes and names live as long as the table.
 */
#ifndef BASE_REGIONS_H
#define BASE_REGIONS_H

#include "err.h"

struct regions;
struct region {
    const char *code; /* six digits */
    const char *name_zh;
    const char *name_en; /* "" for provinces */
};

/* From share/regions.tsv. ERR_NOT_FOUND, ERR_IO, ERR_INVALID_FIELD, ERR_NO_MEMORY. */
enum err regions_load(const char *path, struct regions **out);
void regions_release(struct regions *regions);
/* By all six digits; NULL if the table has none. */
const struct region *regions_find(const struct regions *regions, const char *code);

#endif
