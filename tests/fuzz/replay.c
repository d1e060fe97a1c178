/*
 * Feeds a fuzz target without a fuzzer: every file of a folder as it is, then copies of each that
 * differ by a few changed, dropped, doubled or inserted bytes, drawn from a seed that never
 * changes. Prints "N inputs". usage: fuzz_… FOLDER [CHANGED-COPIES]
 */
#include "fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <sys/stat.h>

#define INPUT_MAX   ((size_t)1 << 20)
#define CHANGES_MAX 6

static uint64_t draw(uint64_t *seed)
{
    uint64_t z = (*seed += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static size_t read_input(const char *path, uint8_t *out)
{
    FILE *file = fopen(path, "rb");
    CHECK(file != NULL);
    size_t size = fread(out, 1, INPUT_MAX, file);
    fclose(file);
    return size;
}

/* One change in place; gives the new size. */
static size_t change(uint8_t *bytes, size_t size, uint64_t *seed)
{
    static const uint8_t odd[] = {0, 0x7f, 0x80, 0xff, '"', '{', '%', '\n', '0', '-', 0xc0, 0xed};
    size_t at = size > 0 ? draw(seed) % size : 0;
    switch (draw(seed) % 5) {
    case 0: /* another byte */
        if (size > 0) {
            bytes[at] = (uint8_t)draw(seed);
        }
        return size;
    case 1: /* an awkward byte put in */
        if (size + 1 >= INPUT_MAX) {
            return size;
        }
        memmove(bytes + at + 1, bytes + at, size - at);
        bytes[at] = odd[draw(seed) % sizeof odd];
        return size + 1;
    case 2: { /* a piece left out */
        size_t length = size > at ? 1 + draw(seed) % (size - at) : 0;
        length = length > 16 ? 16 : length;
        memmove(bytes + at, bytes + at + length, size - at - length);
        return size - length;
    }
    case 3: { /* a piece twice */
        size_t length = size > at ? 1 + draw(seed) % (size - at) : 0;
        length = length > 64 ? 64 : length;
        if (size + length >= INPUT_MAX) {
            return size;
        }
        memmove(bytes + at + length, bytes + at, size - at);
        return size + length;
    }
    default: /* the end cut off */
        return at;
    }
}

static size_t feed(const char *path, size_t copies, uint64_t *seed)
{
    static uint8_t original[INPUT_MAX], changed[INPUT_MAX];
    size_t size = read_input(path, original);
    for (size_t i = 0; i <= copies; i++) {
        size_t length = size;
        memcpy(changed, original, size);
        for (size_t n = i == 0 ? 0 : 1 + draw(seed) % CHANGES_MAX; n > 0; n--) {
            length = change(changed, length, seed);
        }
        uint8_t *exact = malloc(length > 0 ? length : 1);
        CHECK(exact != NULL);
        memcpy(exact, changed, length);
        LLVMFuzzerTestOneInput(exact, length);
        free(exact);
    }
    return copies + 1;
}

int main(int argc, char **argv)
{
    struct dirent **entries = NULL;
    int count = argc > 1 ? scandir(argv[1], &entries, NULL, alphasort) : -1;
    if (count < 0) {
        fprintf(stderr, "usage: %s FOLDER [CHANGED-COPIES]\n", argv[0]);
        return 64;
    }
    size_t inputs = 0;
    uint64_t seed = 20261130;
    for (int i = 0; i < count; i++) {
        char path[4096];
        struct stat what;
        snprintf(path, sizeof path, "%s/%s", argv[1], entries[i]->d_name);
        if (stat(path, &what) == 0 && S_ISREG(what.st_mode)) {
            inputs += feed(path, argc > 2 ? strtoul(argv[2], NULL, 10) : 200, &seed);
        }
        free(entries[i]);
    }
    free(entries);
    printf("%zu inputs\n", inputs);
    return inputs > 0 ? 0 : 1;
}
