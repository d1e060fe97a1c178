/*
 * Messages to customers: the number and the parameters are stored (customer room), the words are made
 * when a message is read. A room brings a row for each kind of message that it writes.
 */
#ifndef FRAME_MESSAGE_H
#define FRAME_MESSAGE_H

#include "base/err.h"

#define MESSAGE_ROWS_MAX 512 /* of all rooms */

struct message_row {
    int number;           /* stored: of one row in all rooms, and never used again; 1 or more */
    const char *name;     /* "transferIn" */
    const char *title[2]; /* by enum lang */
    const char *text[2]; /* the same; {amount}, {name}, {card}, {account}, {device} are filled in */
};

#endif
