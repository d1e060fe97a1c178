/* A fuzz target is one program with this function: under libFuzzer (MODE=fuzz) the fuzzer calls it, in
 * every other mode replay.c with the stored corpus and mutated copies. */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include "base/check.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* A NUL-terminated copy of exact size, so that a read beyond it is detected; free it. */
static inline char *fuzz_text(const uint8_t *bytes, size_t size)
{
    char *text = malloc(size + 1);
    CHECK(text != NULL);
    memcpy(text, bytes, size);
    text[size] = '\0';
    return text;
}

#endif
