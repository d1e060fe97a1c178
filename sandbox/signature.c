/* HMAC-SHA256 over timestamp, method, path with query and body; of an answer over the signature of its
 * request, status and body. */
#include "sandbox.h"

#include "base/str.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

static void signature_absorb(crypto_auth_hmacsha256_state *state, const char *bytes, size_t size)
{
    crypto_auth_hmacsha256_update(state, (const unsigned char *)bytes, size);
}

int signature_check(const struct request *request)
{
    if (!request->key_id || !request->timestamp || !request->signature)
        return REFUSE_signatureMissing;
    if (strcmp(request->key_id, request->options->key_id) != 0)
        return REFUSE_keyUnknown;
    int64_t at_s = 0;
    int64_t now_s = request->now_us / 1000000;
    if (!str_to_int(request->timestamp, &at_s) || at_s < now_s - SIGNATURE_SKEW_MAX_S ||
        at_s > now_s + SIGNATURE_SKEW_MAX_S)
        return REFUSE_timestampSkewed;
    uint8_t given[crypto_auth_hmacsha256_BYTES];
    if (strncmp(request->signature, "v1=", 3) != 0 ||
        !str_from_hex(request->signature + 3, given, sizeof given))
        return REFUSE_signatureWrong;

    const char *secret = request->options->secret;
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, (const unsigned char *)secret, strlen(secret));
    const char *parts[] = {request->timestamp, ".", request->method, ".", request->raw_uri, "."};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        signature_absorb(&state, parts[i], strlen(parts[i]));
    signature_absorb(&state, request->body, request->body_size);
    uint8_t wanted[crypto_auth_hmacsha256_BYTES];
    crypto_auth_hmacsha256_final(&state, wanted);
    return sodium_memcmp(given, wanted, sizeof wanted) == 0 ? -1 : (int)REFUSE_signatureWrong;
}

bool signature_of_answer(const struct request *request, int status, const char *body, size_t size,
                         char out[ANSWER_SIGNATURE_SIZE])
{
    if (!request->signature)
        return false;
    char status_text[16];
    snprintf(status_text, sizeof status_text, ".%d.", status);
    const char *secret = request->options->secret;
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, (const unsigned char *)secret, strlen(secret));
    const char *parts[] = {"answer.", request->signature, status_text};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        signature_absorb(&state, parts[i], strlen(parts[i]));
    signature_absorb(&state, body, size);
    uint8_t mac[crypto_auth_hmacsha256_BYTES];
    crypto_auth_hmacsha256_final(&state, mac);
    memcpy(out, "v1=", 3);
    str_to_hex(mac, sizeof mac, out + 3);
    return true;
}
