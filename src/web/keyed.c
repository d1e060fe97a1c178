/*
 * Answers under an Idempotency-Key: one request, one answer, one effect. The key belongs to the
 * principal; the answer is kept in the transaction of the command, sealed, for two days.
 */
#include "web/web_private.h"

#include "base/check.h"

#include <string.h>

#define KEY_MAX     255
#define PROBES_MAX  64
#define SEALED_PART (VAULT_PLAIN_MAX + VAULT_OVERHEAD)
#define FIELD_NAME  "idempotency.answer"

static struct idempotency_key key_of(const struct call *call)
{
    return (struct idempotency_key){.bucket = id_bucket(call->principal_id),
                                    .principal_id = call->principal_id,
                                    .text = call->idempotency_key};
}

/* Over several processes the second request waits in the database and gets the first's answer. */
static enum err take_key(struct call *call)
{
    struct web *web = call->web;
    uint8_t bytes[sizeof(int64_t) + KEY_MAX] = {0};
    int64_t id = call->principal_id;
    memcpy(bytes, &id, sizeof id);
    memcpy(bytes + sizeof id, call->idempotency_key, strlen(call->idempotency_key));
    uint64_t hash = ratelimit_hash(web->ratelimit, "idempotency", bytes, sizeof bytes) | 1;
    enum err err = ERR_BUSY;
    mutex_lock(&web->running_mutex);
    size_t place = RUNNING_KEYS_MAX;
    for (size_t i = 0; i < RUNNING_KEYS_MAX && err == ERR_BUSY; i++) {
        size_t at = (hash + i) % RUNNING_KEYS_MAX;
        if (web->running[at] == hash) {
            err = ERR_IDEMPOTENCY_KEY_IN_USE;
        } else if (web->running[at] == 0 && place == RUNNING_KEYS_MAX) {
            place = at;
        }
        if (i > PROBES_MAX && place != RUNNING_KEYS_MAX) {
            break;
        }
    }
    if (err == ERR_BUSY && place != RUNNING_KEYS_MAX) {
        web->running[place] = hash;
        call->running_key = hash;
        err = ERR_OK;
    }
    mutex_unlock(&web->running_mutex);
    return err;
}

void keyed_end(struct call *call)
{
    struct web *web = call->web;
    if (call->running_key == 0) {
        return;
    }
    mutex_lock(&web->running_mutex);
    for (size_t i = 0; i < RUNNING_KEYS_MAX; i++) {
        size_t place = (call->running_key + i) % RUNNING_KEYS_MAX;
        if (web->running[place] == call->running_key) {
            web->running[place] = 0;
            break;
        }
    }
    mutex_unlock(&web->running_mutex);
    call->running_key = 0;
}

enum err keyed_begin(struct call *call)
{
    if (!(call->route->flags & ROUTE_IDEMPOTENT)) {
        return ERR_OK;
    }
    const char *key = http_header(call->request, "Idempotency-Key");
    size_t size = key ? strlen(key) : 0;
    if (size == 0) {
        return ERR_IDEMPOTENCY_KEY_MISSING;
    }
    if (size > KEY_MAX || http_header_count(call->request, "Idempotency-Key") != 1) {
        return ERR_IDEMPOTENCY_KEY_INVALID;
    }
    for (size_t i = 0; i < size; i++) {
        if (key[i] <= ' ' || key[i] > '~') {
            return ERR_IDEMPOTENCY_KEY_INVALID;
        }
    }
    call->idempotency_key = key;
    fingerprint(call, call->fingerprint);
    return take_key(call);
}

/* --- the stored answer ------------------------------------------------------------------------ */

static struct vault_place place_of(const struct call *call)
{
    return (struct vault_place){
        .bucket = id_bucket(call->principal_id), .id = call->principal_id, .field = FIELD_NAME};
}

/* Sealed together with the fingerprint, so that one row's answer cannot stand in another's. In parts of
 * the largest size that the vault seals. NULL where memory is short. */
static uint8_t *seal_answer(struct call *call, size_t *out_size)
{
    const struct vault *vault = call->web->options.house->vault;
    size_t size = IDEMPOTENCY_HASH_SIZE + call->out.size;
    size_t parts = (size + VAULT_PLAIN_MAX - 1) / VAULT_PLAIN_MAX;
    uint8_t *plain = arena_alloc(call->arena, size);
    uint8_t *sealed = arena_alloc(call->arena, size + parts * VAULT_OVERHEAD);
    if (plain == NULL || sealed == NULL) {
        return NULL;
    }
    memcpy(plain, call->fingerprint, IDEMPOTENCY_HASH_SIZE);
    if (call->out.size > 0) {
        memcpy(plain + IDEMPOTENCY_HASH_SIZE, call->out.bytes, call->out.size);
    }
    uint8_t *at = sealed;
    for (size_t done = 0; done < size; done += VAULT_PLAIN_MAX) {
        size_t part = size - done < VAULT_PLAIN_MAX ? size - done : VAULT_PLAIN_MAX;
        vault_seal(vault, place_of(call), plain + done, part, at);
        at += part + VAULT_OVERHEAD;
    }
    *out_size = (size_t)(at - sealed);
    return sealed;
}

/* Appends the answer to call->out. */
static enum err unseal_answer(struct call *call, const struct idempotency_answer *stored)
{
    const uint8_t *sealed = stored->response;
    size_t left = stored->response_size;
    size_t size = 0;
    uint8_t *plain = arena_alloc(call->arena, left + 1);
    if (plain == NULL) {
        return ERR_NO_MEMORY;
    }
    while (left > 0) {
        size_t part = left < SEALED_PART ? left : SEALED_PART;
        size_t got = 0;
        enum err err = vault_unseal(call->web->options.house->vault, place_of(call), sealed, part,
                                    plain + size, stored->response_size - size, &got);
        if (err) {
            return err;
        }
        sealed += part;
        left -= part;
        size += got;
    }
    if (size < IDEMPOTENCY_HASH_SIZE ||
        memcmp(plain, stored->fingerprint, IDEMPOTENCY_HASH_SIZE) != 0) {
        return ERR_VAULT_SEAL;
    }
    str_append_bytes(&call->out, (const char *)plain + IDEMPOTENCY_HASH_SIZE,
                     size - IDEMPOTENCY_HASH_SIZE);
    return ERR_OK;
}

enum err keyed_find(const struct call *call, struct uow *uow)
{
    struct idempotency_answer stored;
    struct idempotency_key key = key_of(call);
    return idempotency_load(uow->conn, &key, call->arena, &stored);
}

enum err keyed_replay(struct call *call, struct uow *uow)
{
    struct idempotency_answer stored;
    struct idempotency_key key = key_of(call);
    enum err err = idempotency_load(uow->conn, &key, call->arena, &stored);
    if (err) {
        return err;
    }
    if (memcmp(stored.fingerprint, call->fingerprint, sizeof call->fingerprint) != 0) {
        return ERR_IDEMPOTENCY_KEY_REUSED;
    }
    call->replayed = true;
    call->status = stored.status;
    if (stored.result_id != 0) {
        call->result_id = stored.result_id;
        return ERR_OK;
    }
    if (stored.status >= 300) {
        call->content_type = "application/problem+json";
    }
    return unseal_answer(call, &stored);
}

enum err keyed_store(struct call *call, struct uow *uow)
{
    struct idempotency_key key = key_of(call);
    struct idempotency_answer answer = {.route = call->route->operation,
                                        .status = call->status,
                                        .response = "",
                                        .created_at = uow->now_us};
    memcpy(answer.fingerprint, call->fingerprint, sizeof answer.fingerprint);
    if ((call->route->flags & ROUTE_RENDER_LATER) && call->status < 300) {
        CHECK(call->result_id > 0);
        answer.result_id = call->result_id;
    } else {
        answer.response = seal_answer(call, &answer.response_size);
    }
    return answer.response == NULL ? ERR_NO_MEMORY : idempotency_store(uow->conn, &key, &answer);
}
