#include "net.h"

#include "base/check.h"
#include "sys/thread.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#ifdef __SSE2__
#include <xmmintrin.h>
#endif

/* The runtime's C interface is a table of function pointers that is only ever appended to: a number
 * below means the same function in every version (API version 1). Only the functions in use are named. */
enum runtime_function {
    RUNTIME_CREATE_ENV = 3,
    RUNTIME_CREATE_SESSION_FROM_ARRAY = 8,
    RUNTIME_RUN = 9,
    RUNTIME_CREATE_SESSION_OPTIONS = 10,
    RUNTIME_SET_GRAPH_OPTIMIZATION = 23,
    RUNTIME_SET_INTRA_OP_THREADS = 24,
    RUNTIME_SET_INTER_OP_THREADS = 25,
    RUNTIME_INPUT_COUNT = 30,
    RUNTIME_OUTPUT_COUNT = 31,
    RUNTIME_INPUT_NAME = 36,
    RUNTIME_OUTPUT_NAME = 37,
    RUNTIME_CREATE_TENSOR = 49,
    RUNTIME_TENSOR_VALUES = 51,
    RUNTIME_ELEMENT_TYPE = 60,
    RUNTIME_DIMENSION_COUNT = 61,
    RUNTIME_DIMENSIONS = 62,
    RUNTIME_TENSOR_SHAPE = 65,
    RUNTIME_CPU_MEMORY = 69,
    RUNTIME_ALLOCATOR_FREE = 76,
    RUNTIME_ALLOCATOR = 78,
    RUNTIME_RELEASE_STATUS = 93,
    RUNTIME_RELEASE_SESSION = 95,
    RUNTIME_RELEASE_VALUE = 96,
    RUNTIME_RELEASE_SHAPE = 99,
    RUNTIME_RELEASE_SESSION_OPTIONS = 100,
};

#define RUNTIME_API_VERSION     1
#define RUNTIME_LOG_FATAL       4 /* its messages do not belong in the bank's log */
#define RUNTIME_OPTIMIZE_ALL    99
#define RUNTIME_ELEMENT_FLOAT   1
#define RUNTIME_ARENA_ALLOCATOR 1
#define RUNTIME_MEMORY_DEFAULT  0

typedef void *runtime_status; /* NULL: success */
typedef void (*runtime_any)(void);

struct runtime_base {
    const runtime_any *(*table)(uint32_t version);
    const char *(*version)(void);
};

static struct {
    struct mutex mutex;
    const runtime_any *table;
    void *env, *memory, *allocator;
} runtime = {.mutex = MUTEX_INITIALIZER};

struct net {
    void *session;
    size_t input_count, output_count;
    char *input_names[NET_INPUT_MAX];
    char *output_names[NET_OUTPUT_MAX];
};

/* Calls function `number` of the table with the given types. */
#define RUNTIME_AS(result, number, ...) ((result(*)(__VA_ARGS__))(runtime.table[number]))

/* True on success; frees the status otherwise. */
static bool is_well(runtime_status status)
{
    if (status == NULL) {
        return true;
    }
    RUNTIME_AS(void, RUNTIME_RELEASE_STATUS, void *)(status);
    return false;
}

static enum err load_locked(const char *path)
{
    /* Local symbols: the library contains its own copies of common ones. Never unloaded: its threads
     * and tables outlive any owner. */
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (library == NULL) {
        return ERR_MODEL_MISSING;
    }
    void *symbol = dlsym(library, "OrtGetApiBase");
    const struct runtime_base *(*base_of)(void) = NULL;
    memcpy(&base_of, &symbol, sizeof base_of);
    const struct runtime_base *base = base_of == NULL ? NULL : base_of();
    runtime.table = base == NULL ? NULL : base->table(RUNTIME_API_VERSION);
    if (runtime.table == NULL) {
        return ERR_MODEL_MISSING;
    }
    if (!is_well(RUNTIME_AS(runtime_status, RUNTIME_CREATE_ENV, int, const char *,
                            void **)(RUNTIME_LOG_FATAL, "sycee", &runtime.env)) ||
        !is_well(RUNTIME_AS(runtime_status, RUNTIME_CPU_MEMORY, int, int, void **)(
            RUNTIME_ARENA_ALLOCATOR, RUNTIME_MEMORY_DEFAULT, &runtime.memory)) ||
        !is_well(RUNTIME_AS(runtime_status, RUNTIME_ALLOCATOR, void **)(&runtime.allocator))) {
        runtime.table = NULL;
        return ERR_NO_MEMORY;
    }
    return ERR_OK;
}

enum err net_runtime_load(const char *path)
{
    mutex_lock(&runtime.mutex);
    enum err err = runtime.table != NULL ? ERR_OK : load_locked(path);
    mutex_unlock(&runtime.mutex);
    return err;
}

int64_t tensor_count(const struct tensor *tensor)
{
    int64_t count = 1;
    for (int i = 0; i < tensor->rank; i++) {
        count *= tensor->shape[i];
    }
    return count;
}

/* --- loading ---------------------------------------------------------------------------------- */

static enum err read_names(struct net *net, size_t count, int number, char **out)
{
    for (size_t i = 0; i < count; i++) {
        char *name = NULL;
        if (!is_well(RUNTIME_AS(runtime_status, number, const void *, size_t, void *,
                                char **)(net->session, i, runtime.allocator, &name))) {
            return ERR_MODEL_MISSING;
        }
        out[i] = strdup(name);
        (void)is_well(RUNTIME_AS(runtime_status, RUNTIME_ALLOCATOR_FREE, void *,
                                 void *)(runtime.allocator, name));
        if (out[i] == NULL) {
            return ERR_NO_MEMORY;
        }
    }
    return ERR_OK;
}

static enum err read_signature(struct net *net)
{
    if (!is_well(RUNTIME_AS(runtime_status, RUNTIME_INPUT_COUNT, const void *,
                            size_t *)(net->session, &net->input_count)) ||
        !is_well(RUNTIME_AS(runtime_status, RUNTIME_OUTPUT_COUNT, const void *,
                            size_t *)(net->session, &net->output_count)) ||
        net->input_count > NET_INPUT_MAX || net->output_count > NET_OUTPUT_MAX) {
        net->input_count = 0;
        net->output_count = 0;
        return ERR_MODEL_MISSING;
    }
    enum err err = read_names(net, net->input_count, RUNTIME_INPUT_NAME, net->input_names);
    if (err == ERR_OK) {
        err = read_names(net, net->output_count, RUNTIME_OUTPUT_NAME, net->output_names);
    }
    return err;
}

static bool create_session(const void *bytes, size_t size, void **out)
{
    void *options = NULL;
    if (!is_well(RUNTIME_AS(runtime_status, RUNTIME_CREATE_SESSION_OPTIONS, void **)(&options))) {
        return false;
    }
    bool well = is_well(RUNTIME_AS(runtime_status, RUNTIME_SET_INTRA_OP_THREADS, void *,
                                   int)(options, 1)) &&
                is_well(RUNTIME_AS(runtime_status, RUNTIME_SET_INTER_OP_THREADS, void *,
                                   int)(options, 1)) &&
                is_well(RUNTIME_AS(runtime_status, RUNTIME_SET_GRAPH_OPTIMIZATION, void *,
                                   int)(options, RUNTIME_OPTIMIZE_ALL)) &&
                is_well(RUNTIME_AS(runtime_status, RUNTIME_CREATE_SESSION_FROM_ARRAY, const void *,
                                   const void *, size_t, const void *,
                                   void **)(runtime.env, bytes, size, options, out));
    RUNTIME_AS(void, RUNTIME_RELEASE_SESSION_OPTIONS, void *)(options);
    return well;
}

enum err net_load(const void *bytes, size_t size, struct net **out)
{
    if (runtime.table == NULL) {
        return ERR_MODEL_MISSING;
    }
    struct net *net = calloc(1, sizeof *net);
    if (net == NULL) {
        return ERR_NO_MEMORY;
    }
    enum err err = create_session(bytes, size, &net->session) ? ERR_OK : ERR_MODEL_MISSING;
    if (err == ERR_OK) {
        err = read_signature(net);
    }
    if (err != ERR_OK) {
        net_release(net);
        return err;
    }
    *out = net;
    return ERR_OK;
}

void net_release(struct net *net)
{
    if (net == NULL) {
        return;
    }
    if (net->session != NULL) {
        RUNTIME_AS(void, RUNTIME_RELEASE_SESSION, void *)(net->session);
    }
    for (size_t i = 0; i < NET_INPUT_MAX; i++) {
        free(net->input_names[i]);
    }
    for (size_t i = 0; i < NET_OUTPUT_MAX; i++) {
        free(net->output_names[i]);
    }
    free(net);
}

/* --- running ---------------------------------------------------------------------------------- */

static void release_values(void **values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (values[i] != NULL) {
            RUNTIME_AS(void, RUNTIME_RELEASE_VALUE, void *)(values[i]);
        }
    }
}

static bool wrap_inputs(const struct net *net, const struct tensor *inputs, void **out)
{
    for (size_t i = 0; i < net->input_count; i++) {
        size_t size = (size_t)tensor_count(&inputs[i]) * sizeof(float);
        if (!is_well(RUNTIME_AS(runtime_status, RUNTIME_CREATE_TENSOR, const void *, void *, size_t,
                                const int64_t *, size_t, int,
                                void **)(runtime.memory, inputs[i].values, size, inputs[i].shape,
                                         (size_t)inputs[i].rank, RUNTIME_ELEMENT_FLOAT, &out[i]))) {
            return false;
        }
    }
    return true;
}

static enum err read_shape(void *value, struct tensor *out)
{
    void *shape = NULL;
    int element = 0;
    size_t rank = 0;
    if (!is_well(RUNTIME_AS(runtime_status, RUNTIME_TENSOR_SHAPE, const void *, void **)(value,
                                                                                         &shape))) {
        return ERR_INTERNAL;
    }
    bool well = is_well(RUNTIME_AS(runtime_status, RUNTIME_ELEMENT_TYPE, const void *,
                                   int *)(shape, &element)) &&
                is_well(RUNTIME_AS(runtime_status, RUNTIME_DIMENSION_COUNT, const void *,
                                   size_t *)(shape, &rank)) &&
                element == RUNTIME_ELEMENT_FLOAT && rank <= NET_RANK_MAX &&
                is_well(RUNTIME_AS(runtime_status, RUNTIME_DIMENSIONS, const void *, int64_t *,
                                   size_t)(shape, out->shape, rank));
    out->rank = (int)rank;
    RUNTIME_AS(void, RUNTIME_RELEASE_SHAPE, void *)(shape);
    return well ? ERR_OK : ERR_INTERNAL;
}

static enum err copy_output(void *value, struct tensor *out)
{
    float *values = NULL;
    enum err err = read_shape(value, out);
    if (err != ERR_OK || !is_well(RUNTIME_AS(runtime_status, RUNTIME_TENSOR_VALUES, void *,
                                             void **)(value, (void **)&values))) {
        return ERR_INTERNAL;
    }
    size_t size = (size_t)tensor_count(out) * sizeof(float);
    out->values = malloc(size == 0 ? 1 : size);
    if (out->values == NULL) {
        return ERR_NO_MEMORY;
    }
    memcpy(out->values, values, size);
    return ERR_OK;
}

enum err net_run(const struct net *net, const struct tensor *inputs, struct tensor *out)
{
    void *in_values[NET_INPUT_MAX] = {NULL};
    void *out_values[NET_OUTPUT_MAX] = {NULL};
    memset(out, 0, net->output_count * sizeof *out);
    enum err err = wrap_inputs(net, inputs, in_values) ? ERR_OK : ERR_INTERNAL;
    if (err == ERR_OK) {
#ifdef __SSE2__
        unsigned control = _mm_getcsr();
        _mm_setcsr(control | 0x8040); /* flush to zero, denormals are zero */
#endif
        bool well = is_well(RUNTIME_AS(runtime_status, RUNTIME_RUN, const void *, const void *,
                                       const char *const *, const void *const *, size_t,
                                       const char *const *, size_t, void **)(
            net->session, NULL, (const char *const *)net->input_names,
            (const void *const *)in_values, net->input_count,
            (const char *const *)net->output_names, net->output_count, out_values));
#ifdef __SSE2__
        _mm_setcsr(control);
#endif
        err = well ? ERR_OK : ERR_INTERNAL;
    }
    for (size_t i = 0; err == ERR_OK && i < net->output_count; i++) {
        err = copy_output(out_values[i], &out[i]);
    }
    release_values(in_values, net->input_count);
    release_values(out_values, net->output_count);
    if (err != ERR_OK) {
        net_outputs_release(net, out);
    }
    return err;
}

void net_outputs_release(const struct net *net, struct tensor *outputs)
{
    for (size_t i = 0; i < net->output_count; i++) {
        free(outputs[i].values);
        outputs[i].values = NULL;
    }
}
