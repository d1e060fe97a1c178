/* Figures of opening and of devices: the parameters that this room brings to the catalogue. */
#ifndef CUSTOMER_PARAMETERS_H
#define CUSTOMER_PARAMETERS_H

#include "catalogue/catalogue.h"

#define CUSTOMER_PARAMETERS(X)                                                                     \
    X(IDENTITY_LAYERS, "policy.identityLayers", SWITCH, 0, 1)                                      \
    X(DEVICE_PERSONS_MAX, "device.personsMax", COUNT, 1, 100)                                      \
    X(PHONE_PERSONS_MAX, "phone.personsMax", COUNT, 1, 100)

enum customer_parameter { CUSTOMER_PARAMETERS(PARAMETER_ENUM) CUSTOMER_PARAMETER_COUNT };
extern const struct parameter_list CUSTOMER_PARAMETER_LIST;

int64_t customer_figure(const struct catalogue_edition *edition, enum customer_parameter parameter);

#endif
