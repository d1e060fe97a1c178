/* The verification's HTTP, as the rooms above use it, and what its files share. */
#ifndef KYC_KYC_API_H
#define KYC_KYC_API_H

#include "kyc/kyc.h"
#include "kyc/kyc_render.h"
#include "kyc/kyc_schemas.h"
#include "web/call.h"

/* Retry-After of a refusal for want of tries; `err` again. */
enum err kyc_add_retry(struct call *call, enum err err, int64_t retry_at);
/* A repeat under its key is to find its first answer, also where a limit is reached or the check is over by
 * now: what prepare refused is kept for commit, which looks for that answer first. */
struct kyc_later {
    enum err refusal;
    int64_t retry_at;
};
enum err kyc_refuse_later(struct kyc_later *later, enum err err, int64_t retry_at);

#endif
