#include "account/sealed.h"

SEALED_COLUMN_2(account_sealed_pan, "account_cards", "pan", "id", "account.pan");
SEALED_COLUMN_2(account_sealed_binding, "account_card_bindings", "pan", "id", "account.binding");

const struct sealed_column *const *account_sealed(size_t *out_count)
{
    static const struct sealed_column *const list[] = {&account_sealed_pan,
                                                       &account_sealed_binding};
    *out_count = sizeof list / sizeof list[0];
    return list;
}
