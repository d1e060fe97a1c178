#include "vision_private.h"

#include "card_private.h"

#include "base/hash.h"
#include "sys/file.h"
#include "sys/thread.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A version consists of a number for the rules in this code (raised by hand when results change) and
 * the hash of the models' hashes. */
#define FACE_RULES "face-1"
#define LIVE_RULES "live-1"
#define CARD_RULES "card-1"

#define NAMES_MAX 8

static const char *const face_models[NAMES_MAX] = {MODEL_FACE_DETECT, MODEL_FACE_LANDMARK,
                                                   MODEL_FACE_FEATURE, MODEL_FACE_SECOND, NULL};
static const char *const live_models[NAMES_MAX] = {MODEL_FACE_DETECT,   MODEL_FACE_LANDMARK,
                                                   MODEL_FACE_LIVENESS, MODEL_FACE_EYE,
                                                   MODEL_FACE_POSE,     NULL};
static const char *const card_models[NAMES_MAX] = {MODEL_FACE_DETECT, MODEL_CARD_READ,
                                                   MODEL_CARD_ALPHABET, NULL};

static void fill_version(const struct model_list *list, const char *rules, const char *const *names,
                         char out[VISION_VERSION_SIZE])
{
    struct hash_stream stream;
    hash_stream_init(&stream);
    for (size_t i = 0; names[i] != NULL; i++) {
        hash_stream_add(&stream, model_sum(list, names[i]), strlen(model_sum(list, names[i])));
    }
    struct hash hash = hash_stream_final(&stream);
    char hex[HASH_SIZE * 2 + 1];
    sodium_bin2hex(hex, sizeof hex, hash.bytes, sizeof hash.bytes);
    snprintf(out, VISION_VERSION_SIZE, "%s/%.16s", rules, hex);
}

enum err vision_net_load(const struct vision *vision, const char *name, struct net **out)
{
    char *bytes = NULL;
    size_t size = 0;
    enum err err = model_read(&vision->models, name, &bytes, &size);
    if (err == ERR_OK) {
        err = net_load(bytes, size, out);
    }
    free(bytes);
    return err;
}

static enum err load_runtime(const struct vision *vision)
{
    char *bytes = NULL, path[FILE_PATH_MAX];
    size_t size = 0;
    enum err err = model_read(&vision->models, MODEL_RUNTIME, &bytes, &size);
    free(bytes);
    if (err == ERR_OK) {
        err = file_join(vision->models.folder, MODEL_RUNTIME, path);
    }
    return err == ERR_OK ? net_runtime_load(path) : err;
}

static enum err load_nets(struct vision *vision)
{
    const struct {
        const char *name;
        struct net **net;
    } nets[] = {
        {MODEL_FACE_DETECT, &vision->detect},     {MODEL_FACE_LANDMARK, &vision->landmark},
        {MODEL_FACE_SECOND, &vision->second},     {MODEL_FACE_FEATURE, &vision->feature},
        {MODEL_FACE_LIVENESS, &vision->liveness}, {MODEL_FACE_EYE, &vision->eye},
        {MODEL_FACE_POSE, &vision->pose},
    };
    enum err err = load_runtime(vision);
    for (size_t i = 0; err == ERR_OK && i < sizeof nets / sizeof nets[0]; i++) {
        err = vision_net_load(vision, nets[i].name, nets[i].net);
    }
    return err;
}

static size_t decoder_count(const struct vision_options *options)
{
    size_t count =
        options->decoder_count > 0 ? options->decoder_count : (size_t)thread_processor_count();
    return count < DECODER_COUNT_MAX ? count : DECODER_COUNT_MAX;
}

enum err vision_open(const struct vision_options *options, struct vision **out)
{
    struct vision *vision = calloc(1, sizeof *vision);
    if (vision == NULL) {
        return ERR_NO_MEMORY;
    }
    enum err err = model_list_read(options->models, &vision->models);
    if (err == ERR_OK) {
        err = load_nets(vision);
    }
    if (err == ERR_OK) {
        err = card_nets_open(vision, &vision->card);
    }
    if (err == ERR_OK) {
        err = decoder_pool_open(options->program, decoder_count(options), &vision->decoders);
    }
    if (err != ERR_OK) {
        vision_close(vision);
        return err;
    }
    fill_version(&vision->models, FACE_RULES, face_models, vision->face_version);
    fill_version(&vision->models, LIVE_RULES, live_models, vision->live_version);
    fill_version(&vision->models, CARD_RULES, card_models, vision->card_version);
    *out = vision;
    return ERR_OK;
}

void vision_close(struct vision *vision)
{
    if (vision == NULL) {
        return;
    }
    decoder_pool_close(vision->decoders);
    card_nets_close(vision->card);
    net_release(vision->detect);
    net_release(vision->landmark);
    net_release(vision->feature);
    net_release(vision->second);
    net_release(vision->liveness);
    net_release(vision->eye);
    net_release(vision->pose);
    free(vision);
}

const char *vision_face_version(const struct vision *vision)
{
    return vision->face_version;
}

const char *vision_live_version(const struct vision *vision)
{
    return vision->live_version;
}

const char *vision_card_version(const struct vision *vision)
{
    return vision->card_version;
}

enum err image_decode(struct vision *vision, const void *bytes, size_t size, struct image *out)
{
    return decoder_pool_decode(vision->decoders, bytes, size, IMAGE_SIDE_MAX, out);
}
