/* Inside of the room: calls between its files. */
#ifndef STAFF_STAFF_PRIVATE_H
#define STAFF_STAFF_PRIVATE_H

#include "staff/credential.h"
#include "staff/staff.h"

struct vault_place staff_totp_place(struct staff_id id);
/* "otpauth://totp/Sycee%20console:login?…": names the account, and is no customer's. */
void staff_totp_uri(const char *login, const uint8_t secret[STAFF_TOTP_BYTES],
                    char out[STAFF_TOTP_URI_SIZE]);
/* A token of 40 bytes, the id in big endian and 32 random ones, and its keyed hash. */
void staff_token_make(const struct staff_room *room, const char *kind, int64_t id,
                      char out[STAFF_TOKEN_SIZE], uint8_t out_hash[VAULT_HASH_SIZE]);
/* False: no such token can be. */
bool staff_token_read(const struct staff_room *room, const char *kind, const char *token,
                      int64_t *out_id, uint8_t out_hash[VAULT_HASH_SIZE]);
/* The present password and a code of one who is signed in; wrong ones count against the session. */
enum err staff_own_check(const struct staff_room *room, struct uow *uow,
                         const struct staff_own *own, struct staff_verdict *out);
/* A wrong code of one who is signed in counts against the session; the fifth ends it, and *out says so. */
enum err staff_own_failed(const struct staff_room *room, struct uow *uow,
                          const struct staff_own *own, struct staff_verdict *out);

#endif
