/* Figures of companies: the parameters that this room brings to the catalogue. */
#ifndef COMPANY_PARAMETERS_H
#define COMPANY_PARAMETERS_H

#include "catalogue/catalogue.h"

#define COMPANY_PARAMETERS(X)                                                                      \
    X(PAYMENT_APPROVAL_ABOVE, "payment.approvalAbove", AMOUNT, 0, CATALOGUE_AMOUNT_MAX)

enum company_parameter { COMPANY_PARAMETERS(PARAMETER_ENUM) COMPANY_PARAMETER_COUNT };
extern const struct parameter_list COMPANY_PARAMETER_LIST;

int64_t company_figure(const struct catalogue_edition *edition, enum company_parameter parameter);

#endif
