/*
 * The house opened from one configuration: what serve, eod and the other commands that need a whole
 * bank share.
 */
#ifndef SERVER_ROOMS_H
#define SERVER_ROOMS_H

#include "frame/room.h"

/* Opens everything: engine, catalogue, vault, calls to the outside, then the rooms of room_list.c. The
 * database's schema must be current, the key file its own; a new bank's key file is made. `has_vision`:
 * this process loads the models that see (some hundred megabytes) and starts their decoders. `out_fault`
 * gets a line if an error comes back; nothing is open then. */
enum err rooms_open(const struct config *config, bool has_vision, struct house *out,
                    struct fault *out_fault);
void rooms_close(struct house *house);
/* Looks whether the tables of the share folder can be loaded, without a database; out_share gets the
 * folder. */
enum err rooms_check_tables(const struct config *config, char out_share[HOUSE_SHARE_SIZE],
                            struct fault *out_fault);

#endif
