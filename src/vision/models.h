/*
 * The files of the models' folder: read whole, checked against the folder's SHA256SUMS. A file missing
 * in the list is treated as absent. For src/vision/ only.
 */
#ifndef VISION_MODELS_H
#define VISION_MODELS_H

#include "base/err.h"

#include <stddef.h>

#define MODEL_FILE_MAX  (64 * 1024 * 1024)
#define MODEL_COUNT_MAX 32
#define MODEL_SUM_SIZE  65 /* 64 hex digits and the end */
#define MODEL_NAME_SIZE 64

/* The names in share/models/SHA256SUMS. */
#if defined __aarch64__
#define MODEL_RUNTIME "libonnxruntime-arm64.so"
#else
#define MODEL_RUNTIME "libonnxruntime-x64.so"
#endif
#define MODEL_FACE_DETECT   "fr_detect.onnx"
#define MODEL_FACE_LANDMARK "fr_landmark.onnx"
#define MODEL_FACE_FEATURE  "fr_feature.onnx"
#define MODEL_FACE_SECOND   "mobilefacenet_192.onnx"
#define MODEL_FACE_LIVENESS "fr_liveness.onnx"
#define MODEL_FACE_EYE      "fr_eye.onnx"
#define MODEL_FACE_POSE     "fr_pose.onnx"
#define MODEL_CARD_FIND     "ch_PP-OCRv4_det_infer.onnx"
#define MODEL_CARD_READ     "ch_PP-OCRv4_rec_infer.onnx"
#define MODEL_CARD_TURN     "ch_ppocr_mobile_v2.0_cls_infer.onnx"
#define MODEL_CARD_ALPHABET "ppocr_keys_v1.txt"

struct model_list {
    char folder[512];
    size_t count;
    char names[MODEL_COUNT_MAX][MODEL_NAME_SIZE];
    char sums[MODEL_COUNT_MAX][MODEL_SUM_SIZE];
};

/* Reads folder/SHA256SUMS. ERR_MODEL_MISSING (no such file), ERR_MODEL_CHANGED (malformed). */
enum err model_list_read(const char *folder, struct model_list *out);
/* One file with the right hash. The caller frees *out_bytes, which end in a NUL that the size does not
 * count. ERR_MODEL_MISSING, ERR_MODEL_CHANGED, ERR_NO_MEMORY, ERR_IO. */
enum err model_read(const struct model_list *list, const char *name, char **out_bytes,
                    size_t *out_size);
/* The hash of a listed file in hex; "" if the list does not contain it. */
const char *model_sum(const struct model_list *list, const char *name);

#endif
