/* Shared by the unit tests of base: rows, the name of the failed row, seeded randomness. */
#ifndef TESTS_BASE_FIXTURE_H
#define TESTS_BASE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* The current row: empty after a complete table, so at teardown it names the failed row. */
static char unit_row[256];
#define UNIT_SAY(...) snprintf(unit_row, sizeof unit_row, __VA_ARGS__)
#define UNIT_ROWS(rows, row)                                                                       \
    for (__typeof__(&(rows)[0]) row = (rows);                                                      \
         row < (rows) + sizeof(rows) / sizeof(rows)[0] || (unit_row[0] = '\0'); row++)

static inline int unit_teardown(void **state)
{
    (void)state;
    if (unit_row[0] != '\0') {
        print_error("at row: %s\n", unit_row);
        unit_row[0] = '\0';
    }
    return 0;
}
#define UNIT_TEST(test) cmocka_unit_test_teardown(test, unit_teardown)

/* SplitMix64: small, seeded, the same everywhere. */
static inline uint64_t unit_random(uint64_t *seed)
{
    uint64_t z = (*seed += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* The tables of the tree; tests run from its root. */
static inline const char *unit_share(void)
{
    const char *share = getenv("SYCEE_SHARE");
    return share == NULL ? "share" : share;
}

#endif
