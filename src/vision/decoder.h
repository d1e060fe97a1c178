/*
 * The picture decoders: processes of this same program that confine themselves before they read a
 * byte, and one pool of them. For src/vision/ and its tests.
 *
 * One socket connects both sides. A request is a decoder_request and `size` bytes; the answer is a
 * decoder_answer and, if err is ERR_OK, the pixels. A decoder that crashes, hangs or answers nonsense
 * is killed and restarted; only its picture is lost.
 */
#ifndef VISION_DECODER_H
#define VISION_DECODER_H

#include "vision.h"

#include <sys/types.h>

#define DECODER_COMMAND       "vision-decoder" /* argv[1] of a decoder */
#define DECODER_COUNT_MAX     16
#define DECODER_TIME_LIMIT_US 5000000 /* per picture, wall time */
/* A decoder is replaced after each picture: a compromised one cannot affect another customer's picture.
 * The next one is started before the slot is released, so that a picture seldom waits for a start. */
#define DECODER_PICTURES_MAX 1

enum decoder_request_kind {
    DECODER_PICTURE = 1,
    /* Attempts that the confinement must kill or refuse; for tests. */
    DECODER_TRY_OPEN,
    DECODER_TRY_SOCKET,
    DECODER_TRY_PROCESS,
    DECODER_TRY_MEMORY, /* refused if it answers ERR_NO_MEMORY */
    DECODER_TRY_LOOP    /* never answers */
};
#define DECODER_MAGIC 0x53594345U
struct decoder_request {
    uint32_t magic, kind;
    uint32_t side_max, size;
};
struct decoder_answer {
    uint32_t magic, err;
    int32_t width, height;
};

#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
#define DECODER_IS_SANITIZED 1
#else
#define DECODER_IS_SANITIZED 0
#endif

struct decoder_pool;

/* Starts `count` (1..DECODER_COUNT_MAX) decoders. ERR_IO (cannot be started), ERR_NO_MEMORY. */
enum err decoder_pool_open(const char *program, size_t count, struct decoder_pool **out);
void decoder_pool_close(struct decoder_pool *pool); /* NULL is fine; no decoding may be in
                                                     * progress */

/* Waits for a free decoder. ERR_PICTURE_TOO_LARGE, ERR_PICTURE_UNREADABLE, ERR_NO_MEMORY. */
enum err decoder_pool_decode(struct decoder_pool *pool, const void *bytes, size_t size,
                             int side_max, struct image *out);

/* For tests. One attempt of the first decoder: its answer, or ERR_PICTURE_UNREADABLE and the signal
 * that killed it (0: none before the time limit). */
enum err decoder_pool_try(struct decoder_pool *pool, enum decoder_request_kind kind,
                          int64_t time_limit_us, int *out_signal);
pid_t decoder_pool_process(struct decoder_pool *pool, size_t i); /* -1: not running */

#endif
