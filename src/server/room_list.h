/* The rooms of the bank: the only list of them. */
#ifndef SERVER_ROOM_LIST_H
#define SERVER_ROOM_LIST_H

#include "frame/room.h"

/* Bottom to top, NULL at the end: they open in this order and close in the opposite one. */
extern const struct room_parts *const ROOM_LIST[];

#endif
