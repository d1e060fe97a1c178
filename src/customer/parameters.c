#include "customer/parameters.h"

static const struct parameter_row rows[] = {CUSTOMER_PARAMETERS(PARAMETER_ROW)};
const struct parameter_list CUSTOMER_PARAMETER_LIST = {"customer", rows, CUSTOMER_PARAMETER_COUNT};

int64_t customer_figure(const struct catalogue_edition *edition, enum customer_parameter parameter)
{
    return catalogue_setting(edition, &CUSTOMER_PARAMETER_LIST, (int)parameter)->value;
}
