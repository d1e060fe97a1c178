/* Names in Latin letters, so that staff find 曾国强 by "zengguoqiang", "zeng guo" or "zgq". */
#include "base/check.h"
#include "base/text.h"
#include "customer/customer_private.h"

#include <string.h>
#include <unicode/ustring.h>
#include <unicode/utrans.h>

#define UNITS_MAX 512
/* A blank divides two syllables of pinyin; tones and ü are kept. */
#define RULE_WORDS    "Any-Latin; NFC; Lower"
#define RULE_SURNAMES "Han-Latin/Names; Any-Latin; NFC; Lower"
#define RULE_ASCII    "Latin-ASCII; Lower"

static const char *const rules[LATIN_RULE_COUNT] = {RULE_WORDS, RULE_SURNAMES, RULE_ASCII};

DB_STMT(latin_stmt_store,
        "INSERT INTO customer_spellings (bucket, customer_id, spelling, initials)"
        " VALUES ($1, $2, $3, $4) ON CONFLICT (bucket, customer_id, spelling) DO NOTHING");

/* In place, by one of the rules. -1: ICU cannot. */
static int32_t transliterate(struct customer_room *room, enum latin_rule rule,
                             UChar text[UNITS_MAX], int32_t size)
{
    UErrorCode status = U_ZERO_ERROR;
    int32_t limit = size;
    if (size < 0) {
        return -1;
    }
    mutex_lock(&room->latin_mutex);
    if (room->latin[rule] == NULL) {
        UChar name[64];
        CHECK(strlen(rules[rule]) < sizeof name / sizeof name[0]);
        u_uastrcpy(name, rules[rule]);
        room->latin[rule] = utrans_openU(name, -1, UTRANS_FORWARD, NULL, 0, NULL, &status);
    }
    if (U_SUCCESS(status)) {
        utrans_transUChars(room->latin[rule], text, &size, UNITS_MAX, 0, &limit, &status);
    }
    mutex_unlock(&room->latin_mutex);
    return U_SUCCESS(status) ? size : -1;
}

static bool is_umlaut(UChar unit)
{
    return unit == 0xFC || (unit >= 0x1D5 && unit <= 0x1DC);
}

/* Replaces ü; longer than UNITS_MAX is cut. Returns the size. */
static int32_t replace_umlauts(const UChar *text, int32_t size, const char *umlaut,
                               UChar out[UNITS_MAX])
{
    int32_t used = 0;
    for (int32_t i = 0; i < size && used < UNITS_MAX; i++) {
        if (!is_umlaut(text[i])) {
            out[used++] = text[i];
            continue;
        }
        for (const char *c = umlaut; *c != '\0' && used < UNITS_MAX; c++) {
            out[used++] = (UChar)*c;
        }
    }
    return used;
}

/* An apostrophe is part of a word: "o'neil" is one. */
static bool is_inside(UChar unit)
{
    return (unit >= 'a' && unit <= 'z') || unit == '\'';
}

static void take_letters(const UChar *text, int32_t size, struct latin_spelling *out)
{
    size_t used = 0, initials = 0;
    bool is_first = true;
    for (int32_t i = 0; i < size; i++) {
        if (text[i] >= 'a' && text[i] <= 'z' && used < LATIN_NAME_SIZE - 1) {
            out->letters[used++] = (char)text[i];
            if (is_first && initials < LATIN_INITIALS_SIZE - 1) {
                out->initials[initials++] = (char)text[i];
            }
        }
        is_first = !is_inside(text[i]);
    }
    out->letters[used] = out->initials[initials] = '\0';
}

static bool is_known(const struct latin_spelling *spellings, size_t count,
                     const struct latin_spelling *one)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(spellings[i].letters, one->letters) == 0) {
            return true;
        }
    }
    return false;
}

/* "吕布" -> "lubu" "lb", "lvbu" "lb", "lyubu" "lb". A name that ICU cannot spell has none. */
static size_t latin_spell(struct customer_room *room, const char *name,
                          struct latin_spelling out[LATIN_SPELLINGS_MAX])
{
    static const enum latin_rule readings[] = {LATIN_WORDS, LATIN_SURNAMES};
    static const char *const umlauts[] = {"u", "v", "yu"};
    size_t count = 0;
    for (size_t r = 0; r < 2; r++) {
        UChar text[UNITS_MAX], plain[UNITS_MAX];
        UErrorCode status = U_ZERO_ERROR;
        int32_t size = 0;
        u_strFromUTF8(text, UNITS_MAX, &size, name, -1, &status);
        size = transliterate(room, readings[r], text, U_SUCCESS(status) ? size : -1);
        for (size_t u = 0; u < 3 && size >= 0; u++) {
            CHECK(count < LATIN_SPELLINGS_MAX);
            int32_t units = replace_umlauts(text, size, umlauts[u], plain);
            units = transliterate(room, LATIN_ASCII, plain, units);
            take_letters(plain, units, &out[count]);
            count += out[count].letters[0] != '\0' && !is_known(out, count, &out[count]);
        }
    }
    return count;
}

enum err latin_store(struct customer_room *room, struct uow *uow, struct customer_id id,
                     const char *name)
{
    struct latin_spelling spellings[LATIN_SPELLINGS_MAX];
    size_t count = latin_spell(room, name, spellings);
    enum err err = ERR_OK;
    for (size_t i = 0; i < count && err == ERR_OK; i++) {
        err = db_defer(uow->conn, &latin_stmt_store,
                       DB_ARGS(db_int(id_bucket(id.value)), db_int(id.value),
                               db_text(spellings[i].letters), db_text(spellings[i].initials)),
                       -1);
    }
    return err;
}

void latin_fold_query(const char *text, char out[LATIN_NAME_SIZE])
{
    struct text_points points;
    size_t used = 0;
    bool is_latin = text_fold(text, &points);
    for (size_t i = 0; is_latin && i < points.count && used < LATIN_NAME_SIZE - 1; i++) {
        uint32_t c = points.at[i];
        enum text_kind kind = text_kind_of(c);
        c = c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c == 0xDC || is_umlaut((UChar)c) ? 'v' : c;
        if (c >= 'a' && c <= 'z') {
            out[used++] = (char)c;
        } else {
            is_latin = kind == TEXT_SPACE || kind == TEXT_DASH || c == '\'';
        }
    }
    out[is_latin ? used : 0] = '\0';
}

void latin_close(struct customer_room *room)
{
    for (int rule = 0; rule < LATIN_RULE_COUNT; rule++) {
        if (room->latin[rule] != NULL) {
            utrans_close(room->latin[rule]);
            room->latin[rule] = NULL;
        }
    }
}
