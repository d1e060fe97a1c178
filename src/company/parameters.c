#include "company/parameters.h"

static const struct parameter_row rows[] = {COMPANY_PARAMETERS(PARAMETER_ROW)};
const struct parameter_list COMPANY_PARAMETER_LIST = {"company", rows, COMPANY_PARAMETER_COUNT};

int64_t company_figure(const struct catalogue_edition *edition, enum company_parameter parameter)
{
    return catalogue_setting(edition, &COMPANY_PARAMETER_LIST, (int)parameter)->value;
}
