/*
 * Nets: runs neural networks in ONNX form through ONNX Runtime, whose shared library is loaded from
 * the models' folder and checked by hash like a model. For src/vision/ only; the room's interface
 * is vision.h. docs/decisions/0004-face-inference.md explains the choice of the runtime.
 *
 * One runtime per process, loaded once and never unloaded. Any thread; a net may run in several
 * threads at once. Each run uses the calling thread alone, with denormal numbers flushed to zero
 * (some weights are denormal and would take eight times as long).
 */
#ifndef VISION_NET_H
#define VISION_NET_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

#define NET_RANK_MAX   6
#define NET_INPUT_MAX  4
#define NET_OUTPUT_MAX 8

struct net;

/* Floats, row-major, as `shape` says (shape[0..rank-1]). */
struct tensor {
    int rank;
    int64_t shape[NET_RANK_MAX];
    float *values;
};
int64_t tensor_count(const struct tensor *tensor); /* product of the shape */

/* Loads the runtime's library at `path`. A second call returns ERR_OK and loads nothing.
 * ERR_MODEL_MISSING (no file, no such interface), ERR_NO_MEMORY. */
enum err net_runtime_load(const char *path);

/* Loads an ONNX file from memory (which may be freed afterwards). ERR_MODEL_MISSING (no runtime, not a
 * supported net, more than NET_INPUT_MAX inputs or NET_OUTPUT_MAX outputs). */
enum err net_load(const void *bytes, size_t size, struct net **out);
void net_release(struct net *net); /* NULL is fine */

/* `inputs`: all inputs of the net in its order; read only. `out`: all outputs in the net's order; their
 * values belong to the caller (net_outputs_release). ERR_INTERNAL (mismatching shapes, a failing net:
 * our own mistake or a wrong model), ERR_NO_MEMORY. */
enum err net_run(const struct net *net, const struct tensor *inputs, struct tensor *out);
void net_outputs_release(const struct net *net, struct tensor *outputs);

#endif
