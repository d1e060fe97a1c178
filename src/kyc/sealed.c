#include "kyc/sealed.h"

SEALED_COLUMN_3(kyc_sealed_chunk, "kyc_chunks", "sealed", "picture_id", "number", 1, "kyc.picture");
SEALED_COLUMN_3(kyc_sealed_reading, "kyc_readings", "fields", "customer_id", "side", 1,
                "kyc.reading");
SEALED_COLUMN_2(kyc_sealed_confirmation, "kyc_confirmations", "fields", "customer_id",
                "kyc.confirmation");
SEALED_COLUMN_3(kyc_sealed_template, "kyc_templates", "sealed", "customer_id", "kind", 1, NULL,
                "kyc.template.card", "kyc.template.registry", "kyc.template.pending",
                "kyc.template.accepted");
SEALED_COLUMN_3(kyc_sealed_frame, "kyc_frames", "sealed", "check_id", "number", 1, "kyc.frame.0",
                "kyc.frame.1", "kyc.frame.2", "kyc.frame.3");
SEALED_COLUMN_2(kyc_sealed_print, "kyc_prints", "sealed", "id", "kyc.print");
SEALED_COLUMN_3(kyc_sealed_place, "kyc_places", "sealed", "customer_id", "id", 2, "kyc.place");
SEALED_COLUMN_3(kyc_sealed_note, "kyc_decisions", "note_sealed", "case_id", "id", 2, "kyc.note");

const struct sealed_column *const *kyc_sealed(size_t *out_count)
{
    static const struct sealed_column *const list[] = {
        &kyc_sealed_chunk, &kyc_sealed_reading, &kyc_sealed_confirmation, &kyc_sealed_template,
        &kyc_sealed_frame, &kyc_sealed_print,   &kyc_sealed_place,        &kyc_sealed_note};
    *out_count = sizeof list / sizeof list[0];
    return list;
}
