/* Messages to customers that this room writes; behind each, the parameters that its texts need. */
#ifndef PAYMENT_MESSAGE_ROWS_H
#define PAYMENT_MESSAGE_ROWS_H

#include "frame/message.h"

extern const struct message_row MESSAGE_TRANSFER_IN;        /* amount, name */
extern const struct message_row MESSAGE_TRANSFER_OUT;       /* amount, name */
extern const struct message_row MESSAGE_TOP_UP_DONE;        /* amount, card */
extern const struct message_row MESSAGE_TOP_UP_REFUSED;     /* amount, card */
extern const struct message_row MESSAGE_WITHDRAWAL_DONE;    /* amount, card */
extern const struct message_row MESSAGE_WITHDRAWAL_REFUSED; /* amount, card */
extern const struct message_row MESSAGE_ACCOUNT_CLOSED;     /* account */
extern const struct message_row MESSAGE_CLOSURE_FAILED;     /* account */

extern const struct message_row *const PAYMENT_MESSAGES[]; /* all of them; ends with NULL */

#endif
