/* The parts that this room brings to the house. */
#include "account/account.h"
#include "frame/room.h"

const struct room_parts ACCOUNT_PARTS = {.name = "account", .parameters = &ACCOUNT_PARAMETER_LIST};
