/* `sycee calc identifier`: valid with its parts, or why not. */
#include "base/identifier.h"
#include "calc_kinds.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define PATH_SIZE     512
#define CHINA_OFFSET  480 /* minutes east of UTC */
#define US_PER_SECOND INT64_C(1000000)

typedef enum identifier_reason read_identifier(struct calc *calc, const char *value,
                                               struct date today, json_t **out_parts);

static json_t *region_json(const struct region *region)
{
    if (region == NULL) {
        return json_null();
    }
    return json_pack("{s:s, s:s, s:s}", "code", region->code, "zh", region->name_zh, "en",
                     region->name_en);
}

static enum identifier_reason read_resident_id(struct calc *calc, const char *value,
                                               struct date today, json_t **out_parts)
{
    struct resident_id id;
    char birth_date[DATE_TEXT_SIZE];
    enum identifier_reason reason = identifier_parse_resident_id(calc->regions, value, today, &id);
    if (reason == IDENTIFIER_VALID && id.kind == RESIDENT_ID_PERMANENT) {
        date_format(id.birth_date, birth_date);
        *out_parts = json_pack("{s:s, s:s, s:s, s:i, s:o, s:s}", "value", id.number, "card",
                               "permanentResident", "birthDate", birth_date, "age",
                               identifier_age(id.birth_date, today), "province",
                               region_json(id.province), "country", id.country);
    } else if (reason == IDENTIFIER_VALID) {
        date_format(id.birth_date, birth_date);
        *out_parts = json_pack("{s:s, s:s, s:s, s:i, s:o, s:o}", "value", id.number, "birthDate",
                               birth_date, "sex", id.sex == SEX_MALE ? "male" : "female", "age",
                               identifier_age(id.birth_date, today), "province",
                               region_json(id.province), "county", region_json(id.county));
    }
    return reason;
}

static enum identifier_reason read_uscc(struct calc *calc, const char *value, struct date today,
                                        json_t **out_parts)
{
    struct uscc uscc;
    (void)today;
    enum identifier_reason reason = identifier_parse_uscc(calc->regions, value, &uscc);
    if (reason == IDENTIFIER_VALID) {
        *out_parts =
            json_pack("{s:s, s:o}", "value", uscc.number, "province", region_json(uscc.province));
    }
    return reason;
}

static enum identifier_reason read_card_number(struct calc *calc, const char *value,
                                               struct date today, json_t **out_parts)
{
    struct card_number card;
    (void)today;
    enum identifier_reason reason = identifier_parse_card_number(calc->bins, value, &card);
    if (reason != IDENTIFIER_VALID) {
        return reason;
    }
    json_t *issuer = card.bin == NULL
                         ? json_null()
                         : json_pack("{s:s, s:s, s:s, s:s}", "code", card.bin->issuer, "kind",
                                     card.bin->kind == CARD_CREDIT ? "credit" : "debit", "en",
                                     card.bin->name_en, "zh", card.bin->name_zh);
    *out_parts = json_pack("{s:s, s:o}", "value", card.number, "issuer", issuer);
    return reason;
}

static enum identifier_reason read_iban(struct calc *calc, const char *value, struct date today,
                                        json_t **out_parts)
{
    struct iban iban;
    (void)calc;
    (void)today;
    enum identifier_reason reason = identifier_parse_iban(value, &iban);
    if (reason == IDENTIFIER_VALID) {
        *out_parts =
            json_pack("{s:s, s:s%}", "value", iban.number, "country", iban.number, (size_t)2);
    }
    return reason;
}

static enum identifier_reason read_bic(struct calc *calc, const char *value, struct date today,
                                       json_t **out_parts)
{
    struct bic bic;
    (void)calc;
    (void)today;
    enum identifier_reason reason = identifier_parse_bic(value, &bic);
    if (reason == IDENTIFIER_VALID) {
        *out_parts =
            json_pack("{s:s, s:s%}", "value", bic.code, "country", bic.code + 4, (size_t)2);
    }
    return reason;
}

static enum identifier_reason read_lei(struct calc *calc, const char *value, struct date today,
                                       json_t **out_parts)
{
    struct lei lei;
    (void)calc;
    (void)today;
    enum identifier_reason reason = identifier_parse_lei(value, &lei);
    if (reason == IDENTIFIER_VALID) {
        *out_parts = json_pack("{s:s}", "value", lei.code);
    }
    return reason;
}

static enum identifier_reason read_phone(struct calc *calc, const char *value, struct date today,
                                         json_t **out_parts)
{
    struct phone phone;
    (void)calc;
    (void)today;
    enum identifier_reason reason = identifier_parse_phone(value, &phone);
    if (reason == IDENTIFIER_VALID) {
        *out_parts = json_pack("{s:s, s:b}", "value", phone.number, "mainlandMobile",
                               phone.is_china_mobile ? 1 : 0);
    }
    return reason;
}

static read_identifier *reader_of(const char *kind)
{
    static const struct {
        const char *kind;
        read_identifier *read;
    } rows[] = {
        {"residentId", read_resident_id},
        {"uscc", read_uscc},
        {"cardNumber", read_card_number},
        {"iban", read_iban},
        {"bic", read_bic},
        {"lei", read_lei},
        {"phone", read_phone},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (strcmp(rows[i].kind, kind) == 0) {
            return rows[i].read;
        }
    }
    return NULL;
}

static enum err load_tables(struct calc *calc)
{
    char path[PATH_SIZE];
    enum err err = ERR_OK;
    if (calc->regions == NULL) {
        snprintf(path, sizeof path, "%s/regions.tsv", calc->share);
        err = regions_load(path, &calc->regions);
    }
    if (err == ERR_OK && calc->bins == NULL) {
        snprintf(path, sizeof path, "%s/bins.tsv", calc->share);
        err = bins_load(path, &calc->bins);
    }
    return calc_at(calc, "share", err);
}

static enum err get_today(struct calc *calc, const json_t *in, struct date *out)
{
    if (json_has(in, "today")) {
        return calc_at(calc, "today", json_get_date(in, "today", out));
    }
    *out = date_of_instant((int64_t)time(NULL) * US_PER_SECOND, CHINA_OFFSET);
    return ERR_OK;
}

static enum err put_reason(enum identifier_reason reason, json_t *out)
{
    enum err err = calc_put(out, "reason", json_string(identifier_slug(reason)));
    if (err != ERR_OK) {
        return err;
    }
    return calc_put(out, "text",
                    json_pack("{s:s, s:s}", "en", identifier_text(reason, LANG_EN), "zh",
                              identifier_text(reason, LANG_ZH)));
}

enum err calc_identifier(struct calc *calc, const json_t *in, json_t *out)
{
    const char *kind = NULL;
    const char *value = NULL;
    struct date today;
    json_t *parts = NULL;

    enum err err = json_get_text(in, "kind", &kind);
    read_identifier *read = err == ERR_OK ? reader_of(kind) : NULL;
    if (read == NULL) {
        return calc_at(calc, "kind", ERR_INVALID_FIELD);
    }
    err = calc_at(calc, "value", json_get_text(in, "value", &value));
    if (err == ERR_OK) {
        err = get_today(calc, in, &today);
    }
    if (err == ERR_OK) {
        err = load_tables(calc);
    }
    if (err != ERR_OK) {
        return err;
    }
    enum identifier_reason reason = read(calc, value, today, &parts);
    err = calc_put(out, "valid", json_boolean(reason == IDENTIFIER_VALID));
    if (err == ERR_OK && reason != IDENTIFIER_VALID) {
        return put_reason(reason, out);
    }
    if (err == ERR_OK && (parts == NULL || json_object_update(out, parts) != 0)) {
        err = ERR_NO_MEMORY;
    }
    json_decref(parts);
    return err;
}
