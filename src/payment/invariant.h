/*
 * What holds of a payment whenever it is stored (README, "Invariants"). Looked at in builds with
 * SYCEE_FAULTS only.
 */
#ifndef PAYMENT_INVARIANT_H
#define PAYMENT_INVARIANT_H

#include "payment/payment.h"

/* The name of the invariant that is broken, NULL where all hold. Pure. */
const char *invariant_payment(const struct payment *payment);
/* Logs what is broken and aborts, in builds with SYCEE_FAULTS. */
void invariant_payment_check(const struct payment *payment);

#endif
