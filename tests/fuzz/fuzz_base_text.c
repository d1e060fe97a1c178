/* An untrusted text: validation, its folded and composed forms, a person's name, and every kind of
 * number. An accepted written form must be accepted again unchanged. */
#include "base/bins.h"
#include "base/identifier.h"
#include "base/name.h"
#include "base/regions.h"
#include "base/text.h"
#include "fuzz.h"

static struct regions *regions;
static struct bins *bins;

static void check_text(const char *text, size_t size)
{
    static struct text_points points;
    uint32_t refused = text_refused(text);
    CHECK(refused == TEXT_ALL_TAKEN || refused <= 0x10FFFF);
    if (text_refused_typed(text) != TEXT_ALL_TAKEN) {
        CHECK(refused != TEXT_ALL_TAKEN); /* a typed text may contain more, never less */
    }
    if (text_fold(text, &points)) {
        CHECK(points.count <= TEXT_POINTS_MAX);
        CHECK(text_same(text, text));
    }
    char *composed = malloc(size * 3 + 1);
    char *again = malloc(size * 3 + 1);
    CHECK(composed != NULL && again != NULL);
    if (refused == TEXT_ALL_TAKEN && text_compose(text, composed, size * 3 + 1) == ERR_OK) {
        CHECK(text_compose(composed, again, size * 3 + 1) == ERR_OK);
        CHECK(strcmp(composed, again) == 0);
    }
    free(composed);
    free(again);
}

static void check_name(const char *text)
{
    char name[NAME_SIZE];
    char again[NAME_SIZE];
    if (name_parse(text, name) == ERR_OK) {
        CHECK(text_refused(name) == TEXT_ALL_TAKEN);
        CHECK(name_parse(name, again) == ERR_OK && strcmp(name, again) == 0);
        CHECK(name_same(text, name));
    }
}

static void check_numbers(const char *text)
{
    struct date today;
    struct resident_id resident;
    struct resident_id resident_again;
    struct uscc uscc;
    struct card_number card;
    struct iban iban;
    struct bic bic;
    struct lei lei;
    struct phone phone;
    struct phone phone_again;
    CHECK(date_parse("2026-12-01", &today) == ERR_OK);
    if (identifier_parse_resident_id(regions, text, today, &resident) == IDENTIFIER_VALID) {
        CHECK(identifier_parse_resident_id(regions, resident.number, today, &resident_again) ==
              IDENTIFIER_VALID);
        CHECK(strcmp(resident.number, resident_again.number) == 0);
    }
    if (identifier_parse_uscc(regions, text, &uscc) == IDENTIFIER_VALID) {
        CHECK(strlen(uscc.number) == 18);
    }
    if (identifier_parse_card_number(bins, text, &card) == IDENTIFIER_VALID) {
        CHECK(strlen(card.number) >= 12 && strlen(card.number) <= 19);
    }
    if (identifier_parse_iban(text, &iban) == IDENTIFIER_VALID) {
        CHECK(strlen(iban.number) >= 15 && strlen(iban.number) <= 34);
        CHECK(identifier_parse_iban(iban.number, &iban) == IDENTIFIER_VALID);
    }
    if (identifier_parse_bic(text, &bic) == IDENTIFIER_VALID) {
        CHECK(strlen(bic.code) == 8 || strlen(bic.code) == 11);
    }
    if (identifier_parse_lei(text, &lei) == IDENTIFIER_VALID) {
        CHECK(strlen(lei.code) == 20);
    }
    if (identifier_parse_phone(text, &phone) == IDENTIFIER_VALID) {
        CHECK(phone.number[0] == '+' && strlen(phone.number) <= 16);
        CHECK(identifier_parse_phone(phone.number, &phone_again) == IDENTIFIER_VALID);
        CHECK(strcmp(phone.number, phone_again.number) == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (regions == NULL) {
        CHECK(regions_load("share/regions.tsv", &regions) == ERR_OK);
        CHECK(bins_load("share/bins.tsv", &bins) == ERR_OK);
    }
    char *text = fuzz_text(bytes, size);
    check_text(text, size);
    check_name(text);
    check_numbers(text);
    free(text);
    return 0;
}
