/* Messages to customers that this room writes; behind each, the parameters that its texts need. */
#ifndef ACCOUNT_MESSAGE_ROWS_H
#define ACCOUNT_MESSAGE_ROWS_H

#include "frame/message.h"

extern const struct message_row MESSAGE_ACCOUNT_OPENED;    /* account */
extern const struct message_row MESSAGE_CARD_BOUND;        /* card */
extern const struct message_row MESSAGE_CARD_UNBOUND;      /* card */
extern const struct message_row MESSAGE_INTEREST_PAID;     /* amount */
extern const struct message_row MESSAGE_ACCOUNT_SUSPENDED; /* account */
extern const struct message_row MESSAGE_ACCOUNT_RESUMED;   /* account */
extern const struct message_row MESSAGE_ACCOUNT_CLASS;     /* account, name: the class */
extern const struct message_row MESSAGE_VERIFY_BY; /* account, name: the last day, "2027-01-31" */
extern const struct message_row
    MESSAGE_DOCUMENT_EXPIRES; /* name: the ID card's last day, "2027-01-31" */

extern const struct message_row *const ACCOUNT_MESSAGES[]; /* all of them; ends with NULL */

#endif
