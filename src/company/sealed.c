#include "company/sealed.h"

SEALED_COLUMN_2(company_sealed_record, "company_companies", "record_sealed", "id",
                "company.record");
SEALED_COLUMN_3(company_sealed_owner, "company_owners", "person_sealed", "company_id", "number", 1,
                "company.owner");
SEALED_COLUMN_3(company_sealed_licence, "company_licences", "sealed", "company_id", "number", 1,
                "company.licence");
SEALED_COLUMN_3(company_sealed_note, "company_decisions", "note_sealed", "case_id", "id", 2,
                "company.note");
SEALED_COLUMN_2(company_sealed_creditor, "company_orders", "creditor_sealed", "id",
                "company.creditor");

const struct sealed_column *const *company_sealed(size_t *out_count)
{
    static const struct sealed_column *const list[] = {
        &company_sealed_record, &company_sealed_owner, &company_sealed_licence,
        &company_sealed_note, &company_sealed_creditor};
    *out_count = sizeof list / sizeof list[0];
    return list;
}
