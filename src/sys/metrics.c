#include "sys/metrics.h"

#include "base/check.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum metric_kind { METRIC_COUNTER, METRIC_GAUGE, METRIC_HISTOGRAM };

/* A line of the cache for itself, so that two hot counters do not slow each other down. */
struct metric {
    _Alignas(64) _Atomic int64_t value; /* histogram: sum */
    const char *name;
    const char *help;
    const char *labels;
    enum metric_kind kind;
    bool is_seconds;
    size_t bound_count;
    int64_t bounds[METRICS_BUCKETS_MAX];
    _Atomic int64_t buckets[METRICS_BUCKETS_MAX + 1];
};

const int64_t METRICS_LATENCY_US[] = {100,    250,    500,     1000,    2500,
                                      5000,   10000,  25000,   50000,   100000,
                                      250000, 500000, 1000000, 2500000, 10000000};
const size_t METRICS_LATENCY_COUNT = sizeof METRICS_LATENCY_US / sizeof METRICS_LATENCY_US[0];

static pthread_mutex_t registry_mutex = PTHREAD_MUTEX_INITIALIZER;
static struct metric *registry[METRICS_MAX];
static size_t registry_count;

static bool ends_in(const char *text, const char *end)
{
    size_t size = strlen(text);
    size_t end_size = strlen(end);
    return size >= end_size && strcmp(text + size - end_size, end) == 0;
}

static struct metric *metric_find(const char *name, const char *labels, enum metric_kind kind)
{
    for (size_t i = 0; i < registry_count; i++) {
        if (strcmp(registry[i]->name, name) == 0) {
            CHECK(registry[i]->kind == kind);
            if (strcmp(registry[i]->labels, labels) == 0) {
                return registry[i];
            }
        }
    }
    return NULL;
}

static struct metric *metric_register(const char *name, const char *help, const char *labels,
                                      enum metric_kind kind, const int64_t *bounds, size_t count)
{
    CHECK(labels != NULL && count <= METRICS_BUCKETS_MAX);
    pthread_mutex_lock(&registry_mutex);
    struct metric *metric = metric_find(name, labels, kind);
    if (metric == NULL) {
        CHECK(registry_count < METRICS_MAX);
        metric = aligned_alloc(_Alignof(struct metric), sizeof *metric);
        CHECK(metric != NULL);
        memset(metric, 0, sizeof *metric);
        metric->name = name;
        metric->help = help;
        metric->labels = labels;
        metric->kind = kind;
        metric->is_seconds = kind == METRIC_HISTOGRAM && ends_in(name, "_seconds");
        metric->bound_count = count;
        for (size_t i = 0; i < count; i++) {
            CHECK(i == 0 || bounds[i - 1] < bounds[i]);
            metric->bounds[i] = bounds[i];
        }
        registry[registry_count++] = metric;
    }
    pthread_mutex_unlock(&registry_mutex);
    return metric;
}

struct metric *metrics_counter(const char *name, const char *help, const char *labels)
{
    return metric_register(name, help, labels, METRIC_COUNTER, NULL, 0);
}

struct metric *metrics_gauge(const char *name, const char *help, const char *labels)
{
    return metric_register(name, help, labels, METRIC_GAUGE, NULL, 0);
}

struct metric *metrics_histogram(const char *name, const char *help, const char *labels,
                                 const int64_t *bounds, size_t count)
{
    return metric_register(name, help, labels, METRIC_HISTOGRAM, bounds, count);
}

void metrics_add(struct metric *metric, int64_t amount)
{
    CHECK(metric->kind == METRIC_GAUGE || (metric->kind == METRIC_COUNTER && amount >= 0));
    atomic_fetch_add_explicit(&metric->value, amount, memory_order_relaxed);
}

void metrics_set(struct metric *gauge, int64_t value)
{
    CHECK(gauge->kind == METRIC_GAUGE);
    atomic_store_explicit(&gauge->value, value, memory_order_relaxed);
}

void metrics_observe(struct metric *histogram, int64_t value)
{
    CHECK(histogram->kind == METRIC_HISTOGRAM);
    size_t i = 0;
    while (i < histogram->bound_count && value > histogram->bounds[i]) {
        i++;
    }
    atomic_fetch_add_explicit(&histogram->buckets[i], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&histogram->value, value, memory_order_relaxed);
}

int64_t metrics_value(const struct metric *metric)
{
    if (metric->kind != METRIC_HISTOGRAM) {
        return atomic_load_explicit(&metric->value, memory_order_relaxed);
    }
    int64_t sum = 0;
    for (size_t i = 0; i <= metric->bound_count; i++) {
        sum += atomic_load_explicit(&metric->buckets[i], memory_order_relaxed);
    }
    return sum;
}

static void append_number(struct str *out, const struct metric *metric, int64_t value)
{
    if (metric->is_seconds) {
        int64_t rest = value % 1000000;
        str_printf(out, "%" PRId64 ".%06" PRId64, value / 1000000, rest < 0 ? -rest : rest);
    } else {
        str_append_int(out, value);
    }
}

static void write_histogram(struct str *out, const struct metric *metric)
{
    const char *comma = metric->labels[0] != 0 ? "," : "";
    int64_t sum = atomic_load_explicit(&metric->value, memory_order_relaxed);
    int64_t seen = 0;
    for (size_t i = 0; i <= metric->bound_count; i++) {
        seen += atomic_load_explicit(&metric->buckets[i], memory_order_relaxed);
        str_printf(out, "%s_bucket{%s%sle=\"", metric->name, metric->labels, comma);
        if (i < metric->bound_count) {
            append_number(out, metric, metric->bounds[i]);
        } else {
            str_append(out, "+Inf");
        }
        str_printf(out, "\"} %" PRId64 "\n", seen);
    }
    const char *open = metric->labels[0] != 0 ? "{" : "";
    const char *shut = metric->labels[0] != 0 ? "}" : "";
    str_printf(out, "%s_sum%s%s%s ", metric->name, open, metric->labels, shut);
    append_number(out, metric, sum);
    str_printf(out, "\n%s_count%s%s%s %" PRId64 "\n", metric->name, open, metric->labels, shut,
               seen);
}

static void write_one(struct str *out, const struct metric *metric)
{
    if (metric->kind == METRIC_HISTOGRAM) {
        write_histogram(out, metric);
    } else if (metric->labels[0] != 0) {
        str_printf(out, "%s{%s} %" PRId64 "\n", metric->name, metric->labels,
                   metrics_value(metric));
    } else {
        str_printf(out, "%s %" PRId64 "\n", metric->name, metrics_value(metric));
    }
}

void metrics_write(struct str *out)
{
    static const char *const kinds[] = {"counter", "gauge", "histogram"};
    pthread_mutex_lock(&registry_mutex);
    for (size_t i = 0; i < registry_count; i++) {
        bool is_first = true;
        for (size_t j = 0; j < i && is_first; j++) {
            is_first = strcmp(registry[j]->name, registry[i]->name) != 0;
        }
        if (!is_first) {
            continue;
        }
        str_printf(out, "# HELP %s %s\n# TYPE %s %s\n", registry[i]->name, registry[i]->help,
                   registry[i]->name, kinds[registry[i]->kind]);
        for (size_t j = i; j < registry_count; j++) {
            if (strcmp(registry[j]->name, registry[i]->name) == 0) {
                write_one(out, registry[j]);
            }
        }
    }
    pthread_mutex_unlock(&registry_mutex);
}
