/* Messages to customers that this room writes; behind each, the parameters that its texts need. */
#ifndef COMPANY_MESSAGE_ROWS_H
#define COMPANY_MESSAGE_ROWS_H

#include "frame/message.h"

extern const struct message_row
    MESSAGE_COMPANY_ACTIVE; /* name: of the company, as in the next ones */
extern const struct message_row MESSAGE_COMPANY_REVIEW;       /* name */
extern const struct message_row MESSAGE_COMPANY_REFUSED;      /* name */
extern const struct message_row MESSAGE_COMPANY_SUSPENDED;    /* name */
extern const struct message_row MESSAGE_COMPANY_RESUMED;      /* name */
extern const struct message_row MESSAGE_COMPANY_USER_ADDED;   /* name */
extern const struct message_row MESSAGE_COMPANY_USER_REMOVED; /* name */
extern const struct message_row MESSAGE_COMPANY_CHANGE_WAITS; /* name */
extern const struct message_row MESSAGE_ORDER_WAITS;          /* amount, name */
extern const struct message_row MESSAGE_ORDER_EXECUTED;       /* amount, name */
extern const struct message_row MESSAGE_ORDER_REFUSED;        /* amount, name */
extern const struct message_row MESSAGE_ORDER_FAILED;         /* amount, name */

extern const struct message_row *const COMPANY_MESSAGES[]; /* all of them; ends with NULL */

#endif
