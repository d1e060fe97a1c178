/*
 * The hash of an entry of the audit log: BLAKE2b-256 over the hash before it, then sequence, at and
 * staff id as 8 bytes big endian, then action, object and detail, each with its size as 4 bytes big
 * endian before it. Anybody can compute it: the chain needs no key. Pure.
 */
#ifndef STAFF_AUDIT_RULES_H
#define STAFF_AUDIT_RULES_H

#include "staff/staff.h"

void audit_hash(const uint8_t previous[32], const struct audit_entry *entry, uint8_t out[32]);
/* Copies a text, cut at a whole character where it does not fit. */
void audit_copy_text(const char *text, char *out, size_t capacity);

#endif
