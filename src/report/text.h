/* Words and figures of the papers, in both languages. Any thread. */
#ifndef REPORT_TEXT_H
#define REPORT_TEXT_H

#include "base/date.h"
#include "base/err.h"
#include "base/money.h"
#include "base/zone.h"

#include <stdint.h>

enum text {
    TEXT_BANK,
    TEXT_STATEMENT,
    TEXT_RECEIPT,
    TEXT_ACCOUNT,
    TEXT_HOLDER,
    TEXT_PERIOD,
    TEXT_CURRENCY,
    TEXT_MADE,
    TEXT_OPENING,
    TEXT_CLOSING,
    TEXT_IN,
    TEXT_OUT,
    TEXT_TOTALS,
    TEXT_NO_LINES,
    TEXT_DATE,
    TEXT_VALUE_DATE,
    TEXT_KIND,
    TEXT_OTHER,
    TEXT_OTHER_ACCOUNT,
    TEXT_REMITTANCE,
    TEXT_BALANCE,
    TEXT_TRANSACTION_ID,
    TEXT_PAYMENT_ID,
    TEXT_CHECK_CODE,
    TEXT_VERIFY_STATEMENT,
    TEXT_PAYER,
    TEXT_PAYEE,
    TEXT_AMOUNT_WORDS,
    TEXT_STATUS_RCVD,
    TEXT_STATUS_PDNG,
    TEXT_STATUS_ACSC,
    TEXT_STATUS_RJCT,
    TEXT_REASON,
    TEXT_ORDERED_AT,
    TEXT_SETTLED_AT,
    TEXT_REJECTED_AT,
    TEXT_END_TO_END,
    TEXT_JOURNAL_ID,
    TEXT_VERIFY_RECEIPT,
    TEXT_COUNT
};
const char *text_of(enum text text, enum lang lang);

#define TEXT_AMOUNT_SIZE 40
/* "1,234,567.89" */
void text_amount(struct money amount, char out[TEXT_AMOUNT_SIZE]);
#define TEXT_INSTANT_SIZE 40
/* "2026-11-21 16:00:05 (UTC+08:00)": civil time at the offset. */
void text_instant(int64_t instant_us, const struct zone *zone, char out[TEXT_INSTANT_SIZE]);
#define TEXT_CAPITALS_SIZE 160
/* "壹仟贰佰叁拾元肆角伍分": amounts of CNY as Chinese bills write them (PBOC rules for filling in
 * bills and settlement vouchers, 1997, annex 1 of the payment and settlement measures). Amount >= 0.
 */
void text_capitals(int64_t minor, char out[TEXT_CAPITALS_SIZE]);

#endif
