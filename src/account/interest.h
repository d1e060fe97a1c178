/*
 * Daily interest on demand accounts: accrued each day on the booked balance at the close of the
 * day (actual days of a 360-day year, the norm of Chinese demand deposits), credited quarterly: on
 * the 21st of March, June, September and December what accrued through the 20th. Rate, year and
 * settlement day are parameters of the catalogue.
 *
 * Unit: millionths of a minor unit, rounded once, half up, when credited; the remainder (which may
 * be below zero by up to half a minor unit) stays. General ledger: each bucket's whole minor units
 * of accrued interest are booked on GL_INTEREST_PAYABLE.
 */
#ifndef ACCOUNT_INTEREST_H
#define ACCOUNT_INTEREST_H

#include "account/parameters.h"
#include "engine/engine.h"

/* Booked balance at the close of a business date: postings booked later do not count. Right for
 * accounts of every class, and at any time after the date has closed. */
enum err interest_balance_at_close(struct ledger *ledger, struct db_conn *conn,
                                   struct account_id account, struct date date, int64_t *out_minor);

/* End of day, on a job's thread, after `date` has closed (the business date has moved on): accrues
 * for the date, and for dates that were missed before it, in every account of the bucket. Works in
 * chunks of INTEREST_CHUNK accounts, a transaction each; what is done is skipped, so that a run
 * that died is run again, and a run too many changes nothing. *out_count: accounts accrued now.
 * ERR_INVALID_DATE if the date has not closed. */
#define INTEREST_CHUNK 256
enum err account_eod_accrue(struct engine *engine, const struct catalogue *catalogue,
                            struct date date, int bucket, size_t *out_count);
/* The same for the credit: does something only if `date` is the settlement day (the 20th), after
 * account_eod_accrue of that date; books it on the business date, which is the 21st by then. */
enum err account_eod_capitalise(struct engine *engine, const struct catalogue *catalogue,
                                struct date date, int bucket, size_t *out_count);

/* Accrued and not yet credited, in millionths of a minor unit; 0 if the account bears none. */
enum err interest_accrued(struct db_conn *conn, struct account_id account, int64_t *out_micro);
#define INTEREST_TEXT_SIZE 32
/* Exactly, in major units of a two-digit currency, at least six digits after the point: "0.012345".
 * Digits beyond the sixth are cut toward zero; what is exact stays in the database. */
void interest_format(int64_t accrued_micro, char out[INTEREST_TEXT_SIZE]);
/* Credits what has accrued now (before a close). *out_minor 0 if it rounds to nothing. */
enum err interest_pay(struct uow *uow, struct account_id account, int64_t *out_minor);

#endif
