/* What an operator and a watchman look for: failures of ours with their cause, and refusals that may be
 * an attack. Ids and keyed hashes only; the hash of an address lives as long as the process. */
#include "web/web_private.h"

#include "sys/log.h"

#include <stdio.h>
#include <string.h>

/* Refusals of a wrong proof that have a status of their own. */
static const enum err watched[] = {ERR_PASSCODE_WRONG, ERR_CODE_WRONG, ERR_CODE_EXHAUSTED,
                                   ERR_IDEMPOTENCY_KEY_REUSED};

static bool is_watched(const struct call *call)
{
    for (size_t i = 0; i < sizeof watched / sizeof watched[0]; i++) {
        if (call->err == watched[i]) {
            return true;
        }
    }
    return call->status == 401 || call->status == 403 || call->status == 429;
}

void refusal_log(const struct call *call)
{
    char address[17];
    const char *key = http_remote_key(call->request);
    bool is_ours = call->status >= 500;
    if (!is_ours && !is_watched(call)) {
        return;
    }
    snprintf(address, sizeof address, "%016llx",
             (unsigned long long)ratelimit_hash(call->web->ratelimit, "log", key, strlen(key)));
    log_trace_set(call->trace_id, "0000000000000001");
    bool is_shed = call->err == ERR_BUSY; /* refused for want of room: nothing has failed */
    log_each(is_ours && !is_shed ? LOG_ERROR : LOG_WARN,
             is_shed   ? "request_shed"
             : is_ours ? "request_failed"
                       : "request_refused",
             log_string("operation", call->route->operation), log_int("status", call->status),
             log_err(call->err), log_int("principal", call->principal_id),
             log_string("address_hash", address), log_string("cause", call->cause));
    log_trace_clear();
}
