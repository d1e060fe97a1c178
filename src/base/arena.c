#include "arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARENA_ALIGNMENT 16
#define ARENA_BLOCK_MIN 4096
#define ARENA_BLOCK_MAX 65536

/* Blocks form a chain from the newest to the first; only the newest serves allocations. */
struct arena_block {
    struct arena_block *older;
    size_t used;
    size_t capacity;
    alignas(ARENA_ALIGNMENT) unsigned char bytes[];
};

void arena_init(struct arena *arena, size_t max)
{
    *arena = (struct arena){.max = max};
}

/* Frees blocks from the newest on, down to `kept`. */
static void free_blocks(struct arena *arena, bool keep_first)
{
    while (arena->newest != NULL && !(keep_first && arena->newest->older == NULL)) {
        struct arena_block *older = arena->newest->older;
        free(arena->newest);
        arena->newest = older;
    }
}

void arena_release(struct arena *arena)
{
    free_blocks(arena, false);
    arena->used = 0;
}

void arena_reset(struct arena *arena)
{
    free_blocks(arena, true);
    if (arena->newest != NULL) {
        arena->newest->used = 0;
    }
    arena->used = 0;
}

static bool add_block(struct arena *arena, size_t size)
{
    size_t capacity = ARENA_BLOCK_MIN;
    if (arena->newest != NULL) {
        capacity = arena->newest->capacity * 2;
        capacity = capacity > ARENA_BLOCK_MAX ? ARENA_BLOCK_MAX : capacity;
    }
    capacity = capacity < size ? size : capacity;
    struct arena_block *block =
        aligned_alloc(ARENA_ALIGNMENT, sizeof *block + (capacity + ARENA_ALIGNMENT - 1) /
                                                           ARENA_ALIGNMENT * ARENA_ALIGNMENT);
    if (block == NULL) {
        return false;
    }
    block->older = arena->newest;
    block->used = 0;
    block->capacity = capacity;
    arena->newest = block;
    return true;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    /* an empty allocation still has a unique address */
    size_t rounded = size == 0 ? ARENA_ALIGNMENT : size;
    if (rounded > arena->max || rounded > SIZE_MAX / 2) {
        return NULL;
    }
    rounded = (rounded + ARENA_ALIGNMENT - 1) / ARENA_ALIGNMENT * ARENA_ALIGNMENT;
    if (rounded > arena->max - arena->used) {
        return NULL;
    }
    if (arena->newest == NULL || rounded > arena->newest->capacity - arena->newest->used) {
        if (!add_block(arena, rounded)) {
            return NULL;
        }
    }
    void *memory = arena->newest->bytes + arena->newest->used;
    arena->newest->used += rounded;
    arena->used += rounded;
    return memory;
}

void *arena_zero(struct arena *arena, size_t size)
{
    void *memory = arena_alloc(arena, size);
    if (memory != NULL) {
        memset(memory, 0, size);
    }
    return memory;
}

char *arena_strdup(struct arena *arena, const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = arena_alloc(arena, size);
    if (copy != NULL) {
        memcpy(copy, text, size);
    }
    return copy;
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int size = vsnprintf(NULL, 0, format, args);
    va_end(args);
    char *text = size < 0 ? NULL : arena_alloc(arena, (size_t)size + 1);
    if (text == NULL) {
        return NULL;
    }
    va_start(args, format);
    vsnprintf(text, (size_t)size + 1, format, args);
    va_end(args);
    return text;
}
