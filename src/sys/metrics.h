/*
 * Counters, gauges and histograms in Prometheus text form. Register at start-up, keep the pointer,
 * count with one relaxed atomic addition. Names, help and labels are static strings and never hold
 * personal data or unbounded values. Metrics live as long as the process. Safe for any threads.
 */
#ifndef SYS_METRICS_H
#define SYS_METRICS_H

#include "base/str.h"

#include <stddef.h>
#include <stdint.h>

#define METRICS_MAX         1024
#define METRICS_BUCKETS_MAX 24

struct metric;

/* `labels` is "" or the inside of the braces: "method=\"GET\",status=\"2xx\"". The same name and
 * labels give the same metric again; the same name with another kind is a CHECK. */
struct metric *metrics_counter(const char *name, const char *help, const char *labels);
struct metric *metrics_gauge(const char *name, const char *help, const char *labels);
/* Upper bounds, rising, in the observed unit; +Inf is added. A histogram whose name ends in
 * "_seconds" observes microseconds and is written in seconds. */
struct metric *metrics_histogram(const char *name, const char *help, const char *labels,
                                 const int64_t *bounds, size_t count);
/* Bounds from 100 us to 10 s that suit an answer's duration. */
extern const int64_t METRICS_LATENCY_US[];
extern const size_t METRICS_LATENCY_COUNT;

void metrics_add(struct metric *metric, int64_t amount); /* counter: amount >= 0; gauge: any */
void metrics_set(struct metric *gauge, int64_t value);
void metrics_observe(struct metric *histogram, int64_t value);
/* Counter's or gauge's value; histogram: number of observations. */
int64_t metrics_value(const struct metric *metric);
/* Text exposition format 0.0.4; all metrics of a name together. */
void metrics_write(struct str *out);
#define METRICS_CONTENT_TYPE "text/plain; version=0.0.4; charset=utf-8"

#endif
