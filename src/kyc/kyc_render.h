/* Writes the named objects of kyc_schemas.h. */
#ifndef KYC_KYC_RENDER_H
#define KYC_KYC_RENDER_H

#include "kyc/kyc.h"
#include "web/call.h"

/* Members of a card's fields that were read. */
void render_card_fields(struct call *call, const char *name, const struct kyc_fields *fields);
enum err render_verification(struct call *call, struct db_conn *conn, struct customer_id customer);
void render_face_check(struct call *call, const char *name, const struct face_check *check);
void render_place(struct call *call, const struct kyc_place *place);
/* Names of set bits as a list. */
typedef const char *render_bit_name(int bit);
void render_bits(struct call *call, const char *name, uint32_t bits, render_bit_name *name_of);
const char *render_finding_name(int bit);
const char *render_field_name(int bit);
/* The case with its customer's name and its claim. Errors of db. */
enum err render_case(struct call *call, const char *name, struct db_conn *conn,
                     const struct kyc_case *row);
/* Everything of a case. */
enum err render_case_file(struct call *call, struct db_conn *conn, const struct kyc_case *row);

#endif
