/* Output of an authenticator: the CBOR part, then the client's JSON, with one NUL between them. */
#include "customer/webauthn.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const uint8_t challenge[PASSKEY_CHALLENGE_SIZE];
    const struct webauthn_wanted wanted = {
        .challenge = challenge, .party = {.id = "bank.example", .origin = "https://bank.example"}};
    const uint8_t *nul = size > 0 ? memchr(bytes, 0xfe, size) : NULL;
    size_t first = nul ? (size_t)(nul - bytes) : size;
    struct passkey_bytes cbor = {.bytes = bytes, .size = first};
    struct passkey_bytes json = {.bytes = nul ? nul + 1 : bytes,
                                 .size = nul ? size - first - 1 : 0};
    struct webauthn_key key = {.algorithm = -7};
    uint32_t count;
    CHECK(webauthn_register(&wanted, cbor, json, &key) != ERR_INTERNAL);
    static const int algorithms[] = {-7, -8, -257};
    for (size_t i = 0; i < 3; i++) {
        key = (struct webauthn_key){.algorithm = algorithms[i],
                                    .public_key_size = first < 64 ? first : 64};
        memcpy(key.public_key, bytes, key.public_key_size);
        CHECK(webauthn_assert(&wanted, &key, cbor, json, cbor, &count) != ERR_OK);
    }
    return 0;
}
