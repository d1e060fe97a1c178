/* Messages to customers that this room writes; behind each, the parameters that its texts need. */
#ifndef KYC_MESSAGE_ROWS_H
#define KYC_MESSAGE_ROWS_H

#include "frame/message.h"

extern const struct message_row MESSAGE_REVIEW_OPENED;
extern const struct message_row MESSAGE_REVIEW_LATE;
extern const struct message_row MESSAGE_REVIEW_PASSED;
extern const struct message_row MESSAGE_REVIEW_REFUSED;

extern const struct message_row *const KYC_MESSAGES[]; /* all of them; ends with NULL */

#endif
