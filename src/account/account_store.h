/*
 * Inside of the room: rows of accounts, and calls between accounts and cards.
 */
#ifndef ACCOUNT_ACCOUNT_STORE_H
#define ACCOUNT_ACCOUNT_STORE_H

#include "account/account.h"

/* The number of a seed: prefix, eleven digits, check digit. */
void account_number_make(uint64_t seed, char out[ACCOUNT_NUMBER_SIZE]);

/* Makes other transactions that add an account or a card for this person wait for this one, so that
 * what they count stays true. */
enum err account_person_lock(struct uow *uow, struct customer_id customer);
/* Appends the account's version as it is now to account_changes: after each insert and update of
 * its row. Deferred. */
enum err account_note_change(struct uow *uow, struct account_id account);
/* The interest row of an account just opened, closed through the day before. */
enum err interest_open(struct uow *uow, struct account_id account);
/* Does any account of the customer hold money, holds or interest? */
enum err account_has_money(struct uow *uow, struct customer_id customer, bool *out);

#endif
