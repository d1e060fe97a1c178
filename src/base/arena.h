/*
 * Memory of a request: allocations live until arena_release or arena_reset. One thread at a
 * time. A request above the maximum gets NULL.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

struct arena_block;
struct arena {
    struct arena_block *newest;
    size_t used;
    size_t max;
};

void arena_init(struct arena *arena, size_t max);
void arena_release(struct arena *arena);
/* Drops all allocations, keeps the first block for the next request. */
void arena_reset(struct arena *arena);
void *arena_alloc(struct arena *arena, size_t size); /* 16-byte aligned, not zeroed */
void *arena_zero(struct arena *arena, size_t size);
char *arena_strdup(struct arena *arena, const char *text);
char *arena_printf(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
