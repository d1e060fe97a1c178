/* Messages to customers that this room writes; behind each, the parameters that its texts need. */
#ifndef CUSTOMER_MESSAGE_ROWS_H
#define CUSTOMER_MESSAGE_ROWS_H

#include "frame/message.h"

extern const struct message_row MESSAGE_WELCOME;
extern const struct message_row MESSAGE_IDENTITY_VERIFIED;
extern const struct message_row MESSAGE_PASSCODE_CHANGED;
extern const struct message_row MESSAGE_SIGNED_IN;       /* device */
extern const struct message_row MESSAGE_NEW_DEVICE;      /* device */
extern const struct message_row MESSAGE_DEVICE_REMOVED;  /* device */
extern const struct message_row MESSAGE_PASSKEY_ADDED;   /* device: the passkey's name */
extern const struct message_row MESSAGE_PASSKEY_REMOVED; /* device: the passkey's name */
extern const struct message_row MESSAGE_PASSKEY_CLONED;  /* device: the passkey's name */
extern const struct message_row MESSAGE_TOTP_ADDED;
extern const struct message_row MESSAGE_TOTP_REMOVED;
extern const struct message_row MESSAGE_PHONE_CHANGED;
extern const struct message_row MESSAGE_PHONE_DETACHED;
extern const struct message_row MESSAGE_SIGNED_OUT_EVERYWHERE;

extern const struct message_row *const CUSTOMER_MESSAGES[]; /* all of them; ends with NULL */

#endif
