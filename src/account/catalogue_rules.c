/* Names, units and ranges of the figures: pure. */
#include "account/catalogue.h"

#include "base/check.h"

#include <stddef.h>
#include <string.h>

#define CLASS_COUNT 4
static const char *const class_names[CLASS_COUNT] = {"I", "II", "III", "payment"};

static const struct {
    const char *name;
    enum parameter_unit unit;
    int64_t least, most;
} parameters[PARAMETER_COUNT] = {
#define CATALOGUE_ROW(name, text, unit, least, most) {text, PARAMETER_UNIT_##unit, least, most},
    CATALOGUE_PARAMETERS(CATALOGUE_ROW)
#undef CATALOGUE_ROW
};

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

const char *parameter_unit_name(enum parameter_unit unit)
{
    static const char *const names[] = {"amount", "count", "switch", "ppb", "days", "minutes"};
    CHECK((size_t)unit < sizeof names / sizeof names[0]);
    return names[unit];
}

const char *parameter_name(enum parameter parameter)
{
    CHECK((unsigned)parameter < PARAMETER_COUNT);
    return parameters[parameter].name;
}

enum parameter_unit parameter_unit(enum parameter parameter)
{
    CHECK((unsigned)parameter < PARAMETER_COUNT);
    return parameters[parameter].unit;
}

enum err parameter_find(const char *name, enum parameter *out)
{
    for (int i = 0; i < PARAMETER_COUNT; i++) {
        if (strcmp(parameters[i].name, name) == 0) {
            *out = (enum parameter)i;
            return ERR_OK;
        }
    }
    return ERR_NOT_FOUND;
}

void parameter_range(enum parameter parameter, int64_t *out_least, int64_t *out_most)
{
    CHECK((unsigned)parameter < PARAMETER_COUNT);
    *out_least = parameters[parameter].least;
    *out_most = parameters[parameter].most;
}

enum err parameter_decide(enum parameter parameter, int64_t value)
{
    CHECK((unsigned)parameter < PARAMETER_COUNT);
    return value >= parameters[parameter].least && value <= parameters[parameter].most
               ? ERR_OK
               : ERR_PARAMETER_RANGE;
}
