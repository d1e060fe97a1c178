/* The named objects of verification and review. */
#ifndef KYC_KYC_SCHEMAS_H
#define KYC_KYC_SCHEMAS_H

#include "web/schema.h"

extern const struct schema schema_verification;
extern const struct schema schema_id_picture;
extern const struct schema schema_confirmation;
extern const struct schema schema_face_check;
extern const struct schema schema_face_frame;
extern const struct schema schema_place;
extern const struct schema schema_slot_list;
extern const struct schema schema_case;
extern const struct schema schema_case_file;

extern const char *const values_case_path[];
extern const char *const values_case_filter[];
extern const char *const values_face_purpose[];
extern const char *const values_sex[];
extern const char *const values_decision[];
extern const char *const values_decision_reason[];

#endif
