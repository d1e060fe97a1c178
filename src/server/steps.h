/* The end of day of a whole bank: the frame's machinery with the steps of all rooms. */
#ifndef SERVER_STEPS_H
#define SERVER_STEPS_H

#include "frame/eod.h"
#include "server/rooms.h"
#include "staff/change.h"

/* eod_release it before the rooms close. ERR_NO_MEMORY. */
enum err steps_open(struct house *house, struct eod **out);

#endif
