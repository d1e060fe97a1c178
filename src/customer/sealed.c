#include "customer/sealed.h"

SEALED_COLUMN_2(customer_sealed_phone, "customer_customers", "phone_sealed", "id",
                "customer.phone");
SEALED_COLUMN_2(customer_sealed_number, "customer_customers", "id_number_sealed", "id",
                "customer.idNumber");
SEALED_COLUMN_2(customer_sealed_proof, "customer_phone_proofs", "phone_sealed", "customer_id",
                "customer.phoneProof");
SEALED_COLUMN_2(customer_sealed_totp, "customer_totps", "secret_sealed", "customer_id",
                "customer.totp");
SEALED_COLUMN_3(customer_sealed_evidence, "customer_evidence", "content", "customer_id", "id", 2,
                "customer.evidence");

const struct sealed_column *const *customer_sealed(size_t *out_count)
{
    static const struct sealed_column *const list[] = {
        &customer_sealed_phone, &customer_sealed_number, &customer_sealed_totp,
        &customer_sealed_proof, &customer_sealed_evidence};
    *out_count = sizeof list / sizeof list[0];
    return list;
}
