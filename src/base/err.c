#include "err.h"

#include "check.h"

#include <stddef.h>
#include <string.h>

struct err_row {
    const char *slug;
    int http_status;
    bool is_retryable;
    const char *reason_code;
    const char *text[2];
};

static const struct err_row err_rows[ERR_COUNT] = {
    [ERR_OK] = {"ok", 200, false, "", {"Done.", "成功。"}},
#define ERR_ROW(name, slug, http, retryable, reason, en, zh)                                       \
    [ERR_##name] = {slug, http, (retryable) != 0, reason, {en, zh}},
#include "err_rows.h"
#undef ERR_ROW
};

static const struct err_row *err_row(enum err err)
{
    CHECK((unsigned)err < (unsigned)ERR_COUNT);
    return &err_rows[err];
}

const char *err_slug(enum err err)
{
    return err_row(err)->slug;
}

int err_http_status(enum err err)
{
    return err_row(err)->http_status;
}

bool err_is_retryable(enum err err)
{
    return err_row(err)->is_retryable;
}

const char *err_reason_code(enum err err)
{
    return err_row(err)->reason_code;
}

const char *err_text(enum err err, enum lang lang)
{
    return err_row(err)->text[lang == LANG_ZH ? 1 : 0];
}

enum err err_from_slug(const char *slug)
{
    for (int i = 0; i < (int)ERR_COUNT; i++) {
        if (strcmp(err_rows[i].slug, slug) == 0) {
            return (enum err)i;
        }
    }
    return ERR_COUNT;
}
