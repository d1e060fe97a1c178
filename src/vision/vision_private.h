/* Shared by the files of the room: the open room. */
#ifndef VISION_PRIVATE_H
#define VISION_PRIVATE_H

#include "decoder.h"
#include "models.h"
#include "net.h"
#include "vision.h"

struct card_nets; /* of the card reading, see card_*.c */

struct vision {
    struct model_list models;
    struct decoder_pool *decoders;
    struct net *detect, *landmark, *feature, *second, *liveness, *eye, *pose;
    struct card_nets *card;
    char face_version[VISION_VERSION_SIZE];
    char live_version[VISION_VERSION_SIZE];
    char card_version[VISION_VERSION_SIZE];
};

/* A net of the models' folder with the right hash. As model_read and net_load. */
enum err vision_net_load(const struct vision *vision, const char *name, struct net **out);

#endif
