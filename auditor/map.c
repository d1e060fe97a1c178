#include "map.h"

#include "base/check.h"

#include <stdlib.h>
#include <string.h>

#define INDEX_SIZE_MIN 1024

void *array_reserve(void *array, uint32_t *capacity, uint32_t number, size_t size)
{
    if (number < *capacity) {
        return array;
    }
    uint32_t wanted = *capacity ? *capacity : 64;
    while (wanted <= number) {
        CHECK(wanted < UINT32_MAX / 2);
        wanted *= 2;
    }
    char *larger = realloc(array, wanted * size);
    CHECK(larger != NULL);
    memset(larger + *capacity * size, 0, (wanted - *capacity) * size);
    *capacity = wanted;
    return larger;
}

static size_t map_home(const struct map *map, int64_t a, int64_t b)
{
    uint64_t mixed =
        ((uint64_t)a ^ ((uint64_t)b * UINT64_C(0xD6E8FEB86659FD93))) * UINT64_C(0x9E3779B97F4A7C15);
    return (size_t)(mixed >> 24) & (map->index_size - 1);
}

/* The place of the pair in the index, or the empty place for it. */
static size_t place_of(const struct map *map, int64_t a, int64_t b)
{
    size_t i = map_home(map, a, b);
    while (map->index[i] != 0) {
        const struct map_key *key = &map->keys[map->index[i] - 1];
        if (key->a == a && key->b == b) {
            break;
        }
        i = (i + 1) & (map->index_size - 1);
    }
    return i;
}

static void map_grow(struct map *map)
{
    uint32_t *before = map->index;
    size_t size = map->index_size;
    map->index_size = size ? size * 2 : INDEX_SIZE_MIN;
    map->index = calloc(map->index_size, sizeof *map->index);
    CHECK(map->index != NULL);
    for (size_t i = 0; i < size; i++) {
        if (before[i] != 0) {
            const struct map_key *key = &map->keys[before[i] - 1];
            map->index[place_of(map, key->a, key->b)] = before[i];
        }
    }
    free(before);
}

uint32_t map_find(const struct map *map, int64_t a, int64_t b)
{
    if (map->index_size == 0) {
        return MAP_NONE;
    }
    uint32_t entry = map->index[place_of(map, a, b)];
    return entry ? entry - 1 : MAP_NONE;
}

uint32_t map_put(struct map *map, int64_t a, int64_t b)
{
    if ((size_t)(map->live + 1) * 3 > map->index_size * 2) {
        map_grow(map);
    }
    size_t place = place_of(map, a, b);
    if (map->index[place] != 0) {
        return map->index[place] - 1;
    }
    uint32_t number = map->count;
    if (map->free_count > 0) {
        number = map->free_head;
        map->free_head = (uint32_t)map->keys[number].a;
        map->free_count--;
    } else {
        map->keys = array_reserve(map->keys, &map->capacity, number, sizeof *map->keys);
        map->count++;
    }
    map->keys[number] = (struct map_key){a, b};
    map->index[place] = number + 1;
    map->live++;
    return number;
}

/* Removes the pair and closes the gap, so that no search ends too early. */
void map_remove(struct map *map, int64_t a, int64_t b)
{
    size_t mask = map->index_size - 1;
    size_t hole = place_of(map, a, b);
    uint32_t number = map->index[hole] - 1;
    for (size_t i = (hole + 1) & mask; map->index[i] != 0; i = (i + 1) & mask) {
        const struct map_key *key = &map->keys[map->index[i] - 1];
        size_t start = map_home(map, key->a, key->b);
        if (((i - start) & mask) >= ((i - hole) & mask)) {
            map->index[hole] = map->index[i];
            hole = i;
        }
    }
    map->index[hole] = 0;
    map->keys[number] = (struct map_key){.a = map->free_head};
    map->free_head = number;
    map->free_count++;
    map->live--;
}

void map_release(struct map *map)
{
    free(map->keys);
    free(map->index);
    *map = (struct map){0};
}
