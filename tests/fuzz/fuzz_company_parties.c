/* Answers of outside parties to every call of the bank. First byte: bit 0 an answer without a
 * signature; second byte chooses the status; the rest is the body. */
#include "account/card.h"
#include "company/company.h"
#include "fuzz.h"
#include "kyc/kyc.h"
#include "payment/quickpay.h"

#include "../unit/partner_fixture.h"

struct fake {
    struct transport transport;
    const char *body;
    size_t size;
    int status;
    bool is_signed;
};

static void fake_send(struct transport *transport, const struct http_call *call,
                      struct http_answer *out)
{
    const struct fake *fake = (const struct fake *)transport;
    memset(out, 0, sizeof *out);
    out->outcome = HTTP_ANSWERED;
    http_answer_set(out, fake->status, "application/json", fake->body, fake->size);
    out->send_count = 1;
    if (fake->is_signed) {
        partner_fixture_sign("secret", call, out);
    }
}

static void ask_clearing_house(const struct partner *partner, const struct fake *fake)
{
    struct partner_channel channel;
    struct channel_instruction instruction = {.kind = PAYMENT_TOP_UP,
                                              .id = {4611686018427387904},
                                              .agreement = "A1",
                                              .amount = {1000, CCY_CNY}};
    struct channel_answer answer;
    quickpay_channel_init(&channel, partner);
    channel.channel.instruct(&channel.channel, &instruction, &answer);
    bool is_known = answer.event != PAYMENT_EVENT_UNKNOWN;
    CHECK(fake->is_signed || !is_known);
    channel.channel.query(&channel.channel, &instruction, &answer);
    is_known = answer.event != PAYMENT_EVENT_UNKNOWN;
    CHECK(fake->is_signed || !is_known);
    CHECK(strlen(answer.reason) < sizeof answer.reason);
}

static void ask_issuer(const struct partner *partner, const struct fake *fake)
{
    struct card_partner_channel channel;
    struct card_signing signing = {.binding_id = 4096,
                                   .pan = "6228480000000000018",
                                   .name = "a",
                                   .id_number = "11010519491231002X",
                                   .reserved_phone = "+8613800000000"};
    struct card_answer answer;
    card_channel_init(&channel, partner);
    channel.channel.sign(&channel.channel, &signing, &answer);
    CHECK(fake->is_signed || answer.kind != CARD_ANSWER_OK);
    channel.channel.confirm(&channel.channel, 4096, "123456", &answer);
    CHECK(fake->is_signed || answer.kind != CARD_ANSWER_OK);
    channel.channel.unsign(&channel.channel, "A1", &answer);
    CHECK(answer.kind >= CARD_ANSWER_OK && answer.kind <= CARD_ANSWER_UNAVAILABLE);
}

static void ask_registries(const struct partner *partner, const struct fake *fake)
{
    struct registry_partner people;
    struct business_partner companies;
    struct business_record record;
    registry_partner_init(&people, partner);
    enum registry_result result =
        people.registry.check(&people.registry, "1", "name", "11010519491231002X");
    CHECK(fake->is_signed || result == REGISTRY_UNAVAILABLE);
    business_partner_init(&companies, partner);
    companies.registry.check(&companies.registry, "1", "91350100M000100Y43", &record);
}

static void ask_kyc_parties(const struct partner *partner)
{
    struct kyc_partner kyc;
    struct address_place place;
    char region[CUSTOMER_REGION_SIZE];
    uint8_t *picture = NULL;
    size_t size = 0;
    kyc_partner_init(&kyc, partner);
    (void)kyc.parties.portrait(&kyc.parties, "1", "name", "11010519491231002X", &picture, &size);
    free(picture);
    (void)kyc.parties.operator_check(&kyc.parties, "1", "+8613800000000", "name",
                                     "11010519491231002X");
    kyc.parties.address(&kyc.parties, "192.0.2.1", &place);
    kyc.parties.phone_region(&kyc.parties, "+8613800000000", region);
    CHECK(memchr(region, '\0', sizeof region) != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const int statuses[] = {200, 201, 204, 302, 400, 401, 403, 404,
                                   408, 409, 410, 413, 422, 429, 500, 503};
    if (size < 2) {
        return 0;
    }
    char *body = fuzz_text(bytes + 2, size - 2);
    struct fake fake = {.transport = {.send = fake_send},
                        .body = body,
                        .size = size - 2,
                        .status = statuses[bytes[1] % (sizeof statuses / sizeof statuses[0])],
                        .is_signed = (bytes[0] & 1) == 0};
    struct clock_manual clock;
    struct partner partner;
    clock_manual_init(&clock, INT64_C(1795287600000000));
    CHECK(partner_init(&partner, "fuzz", "http://127.0.0.1:1", "sycee", "secret", &fake.transport,
                       &clock.clock) == ERR_OK);
    ask_clearing_house(&partner, &fake);
    ask_issuer(&partner, &fake);
    ask_registries(&partner, &fake);
    ask_kyc_parties(&partner);
    partner_release(&partner);
    free(body);
    return 0;
}
