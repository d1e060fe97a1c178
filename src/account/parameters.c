#include "account/parameters.h"

#include "base/check.h"

#include <string.h>

static const struct parameter_row rows[] = {ACCOUNT_PARAMETERS(PARAMETER_ROW)};
const struct parameter_list ACCOUNT_PARAMETER_LIST = {"account", rows, ACCOUNT_PARAMETER_COUNT};

#define CLASS_COUNT 4
static const char *const class_names[CLASS_COUNT] = {"I", "II", "III", "payment"};

const char *account_class_name(enum account_class class)
{
    CHECK(class >= ACCOUNT_CLASS_I && class <= ACCOUNT_CLASS_PAYMENT);
    return class_names[class - ACCOUNT_CLASS_I];
}

enum err account_class_parse(const char *text, enum account_class *out)
{
    for (int i = 0; i < CLASS_COUNT; i++) {
        if (strcmp(class_names[i], text) == 0) {
            *out = (enum account_class)(ACCOUNT_CLASS_I + i);
            return ERR_OK;
        }
    }
    return ERR_INVALID_FIELD;
}

const struct catalogue_setting *account_setting(const struct catalogue_edition *edition,
                                                enum account_parameter parameter)
{
    return catalogue_setting(edition, &ACCOUNT_PARAMETER_LIST, (int)parameter);
}

int64_t account_figure(const struct catalogue_edition *edition, enum account_parameter parameter)
{
    return account_setting(edition, parameter)->value;
}
