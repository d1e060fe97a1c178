/*
 * The one registry of errors. Every failure that is not our own mistake is an `enum err`; its
 * name, HTTP status, retryability and its sentence in both languages come from the errors.tsv of the
 * lowest room that raises it. tools/errors joins these files at build time, in the order of LAYERS,
 * into err_list.h (the names, for this enum) and err_rows.h (all else, for err.c alone). The numbers
 * change with every error that is added: what is kept or sent outside is the slug.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdbool.h>

enum err {
    ERR_OK = 0,
#define ERR_NAME(name) ERR_##name,
#include "err_list.h"
#undef ERR_NAME
    ERR_COUNT
};

enum lang { LANG_EN, LANG_ZH };

/* "insufficient-funds": the stable name, last part of the problem type's URI. */
const char *err_slug(enum err err);
/* HTTP status of the answer, 200 for ERR_OK. */
int err_http_status(enum err err);
/* True if the same request may succeed later unchanged. */
bool err_is_retryable(enum err err);
/* ISO 20022 external status reason code ("AM04"), or "" if there is none. */
const char *err_reason_code(enum err err);
/* One sentence for the user: the error and the remedy. */
const char *err_text(enum err err, enum lang lang);
/* The value with this slug; ERR_COUNT if there is none. */
enum err err_from_slug(const char *slug);

#endif
