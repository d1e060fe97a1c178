/*
 * A hash map from a pair of numbers to a small dense number; its user stores the data of the pair
 * under that number in an array. Numbers of removed pairs are reused.
 * Ends the process if memory runs out. One thread.
 */
#ifndef AUDITOR_MAP_H
#define AUDITOR_MAP_H

#include <stddef.h>
#include <stdint.h>

#define MAP_NONE UINT32_MAX

struct map_key {
    int64_t a, b;
};
struct map {
    struct map_key *keys; /* by number */
    uint32_t *index;      /* open addressing: number + 1, 0 empty */
    size_t index_size;
    uint32_t count;    /* numbers given out so far */
    uint32_t live;     /* pairs in the map */
    uint32_t capacity; /* of keys */
    uint32_t free_head;
    uint32_t free_count;
};

uint32_t map_find(const struct map *map, int64_t a, int64_t b); /* MAP_NONE if absent */
uint32_t map_put(struct map *map, int64_t a, int64_t b);        /* the number, new or not */
void map_remove(struct map *map, int64_t a, int64_t b);
void map_release(struct map *map);

/* Makes room for element `number` of an array of `size`-byte elements; new ones are zero. */
void *array_reserve(void *array, uint32_t *capacity, uint32_t number, size_t size);

#endif
