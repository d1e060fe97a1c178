/* Signed answers of an outside party for tests. Include once per program. */
#ifndef TESTS_UNIT_PARTNER_FIXTURE_H
#define TESTS_UNIT_PARTNER_FIXTURE_H

#include "sys/partner.h"

#include <stdio.h>
#include <string.h>

/* Signs an otherwise complete answer. Valid until the next one. */
static inline void partner_fixture_sign(const char *secret, const struct http_call *call,
                                        struct http_answer *answer)
{
    static char text[3 + PARTNER_SIGNATURE_SIZE] = "v1=";
    for (size_t i = 0; i < call->header_count; i++) {
        if (strcmp(call->headers[i].name, "Sandbox-Signature") == 0) {
            partner_sign_answer(secret, call->headers[i].value, answer->status, answer->body,
                                answer->size, text + 3);
            answer->headers[answer->header_count++] =
                (struct http_answer_header){"sandbox-answer-signature", text};
        }
    }
}

#endif
