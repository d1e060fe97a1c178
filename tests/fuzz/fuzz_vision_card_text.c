/* One line of the recogniser, parsed as each field of an ID card. */
#include "fuzz.h"
#include "vision/vision.h"

#include "vision/card_private.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char name[CARD_NAME_SIZE] = "", nation[25] = "", address[CARD_ADDRESS_SIZE] = "";
    char issuer[CARD_AUTHORITY_SIZE] = "", number[19] = "";
    struct date from, until;
    bool is_long_term;
    char *text = fuzz_text(bytes, size);
    (void)card_parse_name(text, name);
    (void)card_parse_nation(text, nation);
    (void)card_parse_birth(text, &from);
    (void)card_parse_address(text, address);
    (void)card_parse_issuer(text, issuer);
    (void)card_parse_validity(text, &from, &until, &is_long_term);
    if (card_parse_number(text, number)) {
        CHECK(strlen(number) == 18);
        if (card_number_holds(number)) {
            (void)card_number_birth(number);
            CHECK(card_number_sex(number) == 0 || card_number_sex(number) == 1);
        }
    }
    CHECK(strlen(name) < sizeof name && strlen(address) < sizeof address);
    free(text);
    return 0;
}
