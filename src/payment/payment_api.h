/* The payments' HTTP, as the rooms above use it. */
#ifndef PAYMENT_PAYMENT_API_H
#define PAYMENT_PAYMENT_API_H

#include "payment/payment.h"
#include "payment/payment_render.h"
#include "payment/payment_schemas.h"
#include "web/call.h"

/* The customer's own payment: by its id, and that of the path. ERR_NOT_FOUND. */
enum err payment_of_path(struct call *call, struct payment *out);

#endif
