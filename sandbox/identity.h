/*
 * Validity of numbers: resident ID (GB 11643: 17 digits and an ISO 7064 MOD 11-2
 * check character), card number (ISO/IEC 7812 with Luhn), mobile phone.
 */
#ifndef SANDBOX_IDENTITY_H
#define SANDBOX_IDENTITY_H

#include <stdbool.h>
#include <stddef.h>

#define PHONE_SIZE 20

bool identity_has_id_shape(const char *number); /* 17 digits and a digit or X */
bool identity_is_valid_id(const char *number);  /* shape, check character and a real birth date */
bool identity_is_luhn(const char *digits);
bool identity_is_card(const char *number); /* 16 to 19 digits, Luhn */
/* "+8613…" from that or "13…". False if it is not a phone number. */
bool identity_phone(const char *text, char out[PHONE_SIZE]);

#endif
