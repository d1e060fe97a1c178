/* Passkeys (WebAuthn level 3): options for the browser, what it brings back, the list. */
#include "customer/customer_api.h"
#include "customer/customer_routes.h"
#include "customer/security_schemas.h"

#include <string.h>

#define PASSKEY_NAME_MAX 40 /* characters: what is kept */

/* --- The relying party -------------------------------------------------------------------------- */

/* "bank.example:8443" without its port. */
static const char *host_name(struct call *call, const char *host)
{
    const char *after = strchr(host, ']'); /* "[::1]:8080" */
    const char *port = strchr(after != NULL ? after : host, ':');
    size_t size = port != NULL ? (size_t)(port - host) : strlen(host);
    return arena_printf(call->arena, "%.*s", (int)size, host);
}

/* An address is no domain, and browsers take no other name (WebAuthn level 3, 5.1.2: rp.id). */
static bool is_address(const char *name)
{
    return name[0] == '[' || name[strspn(name, "0123456789.")] == '\0';
}

/* The origin that is set, or http://localhost, the origin of development: a Host header proves nothing
 * elsewhere. ERR_PASSKEY_ORIGIN; ERR_PASSKEY_ADDRESS where the bank was reached, or set up, by address. */
static enum err find_party(struct call *call, struct passkey_party *out)
{
    const char *origin = config_string(call_house(call)->config, "security", "origin");
    const char *host = http_header(call->request, "Host");
    if (origin != NULL && origin[0] != '\0') {
        const char *rest = strstr(origin, "://");
        out->origin = origin;
        out->id = host_name(call, rest != NULL ? rest + 3 : origin);
        return out->id == NULL ? ERR_NO_MEMORY : is_address(out->id) ? ERR_PASSKEY_ADDRESS : ERR_OK;
    }
    if (host == NULL || strlen(host) > 64) {
        return ERR_PASSKEY_ORIGIN;
    }
    out->id = host_name(call, host);
    out->origin =
        arena_printf(call->arena, "%s://%s", call->request->is_tls ? "https" : "http", host);
    if (out->id == NULL || out->origin == NULL) {
        return ERR_NO_MEMORY;
    }
    return is_address(out->id)                 ? ERR_PASSKEY_ADDRESS
           : strcmp(out->id, "localhost") == 0 ? ERR_OK
                                               : ERR_PASSKEY_ORIGIN;
}

/* --- Options ------------------------------------------------------------------------------------ */

static void out_base64(struct call *call, const char *name, const void *bytes, size_t size)
{
    char *text = arena_zero(call->arena, VAULT_BASE64_SIZE(size));
    if (text != NULL) {
        vault_base64(bytes, size, text);
    }
    out_text(call, name, text);
}

static bool list_descriptor(const struct passkey *passkey, void *context)
{
    struct call *call = context;
    out_open(call, NULL, '{');
    out_text(call, "type", "public-key");
    out_base64(call, "id", passkey->credential_id, passkey->credential_id_size);
    out_close(call, '}');
    return true;
}

static enum err render_descriptors(struct call *call, struct db_conn *conn, const char *name)
{
    out_open(call, name, '[');
    enum err err = passkey_each(conn, customer_of(call)->customer, list_descriptor, call);
    out_close(call, ']');
    return err;
}

static void render_parameters(struct call *call)
{
    static const int ALGORITHMS[] = {-7, -8, -257};
    out_open(call, "pubKeyCredParams", '[');
    for (size_t i = 0; i < sizeof ALGORITHMS / sizeof ALGORITHMS[0]; i++) {
        out_open(call, NULL, '{');
        out_text(call, "type", "public-key");
        out_int(call, "alg", ALGORITHMS[i]);
        out_close(call, '}');
    }
    out_close(call, ']');
}

static void render_user(struct call *call, const struct customer *customer)
{
    uint8_t handle[PASSKEY_USER_HANDLE_SIZE];
    passkey_user_handle(customer_room_of(call_house(call)), customer->id, handle);
    out_open(call, "user", '{');
    out_base64(call, "id", handle, sizeof handle);
    out_text(call, "name", customer->masked_phone);
    out_text(call, "displayName", customer->has_identity ? customer->name : customer->masked_phone);
    out_close(call, '}');
}

static enum err commit_creation_options(struct call *call, struct uow *uow)
{
    struct customer_room *room = customer_room_of(call_house(call));
    uint8_t challenge[PASSKEY_CHALLENGE_SIZE];
    struct passkey_party party;
    struct customer customer;
    enum err err = step_up_check(call, uow->conn, ACTION_ADD_PASSKEY);
    err = err ? err : find_party(call, &party);
    err = err ? err : customer_load(room, uow->conn, customer_of(call)->customer, &customer);
    err = err ? err
              : passkey_challenge(room, uow, customer_of(call)->session, PASSKEY_CREATE, challenge);
    if (err) {
        return err;
    }
    out_open(call, NULL, '{');
    out_open(call, "publicKey", '{');
    out_open(call, "rp", '{');
    out_text(call, "id", party.id);
    out_text(call, "name", "Sycee Bank");
    out_close(call, '}');
    render_user(call, &customer);
    out_base64(call, "challenge", challenge, sizeof challenge);
    render_parameters(call);
    out_int(call, "timeout", PASSKEY_CHALLENGE_LIFE_US / 1000);
    err = render_descriptors(call, uow->conn, "excludeCredentials");
    out_open(call, "authenticatorSelection", '{');
    out_text(call, "residentKey", "preferred");
    out_text(call, "userVerification", "required");
    out_close(call, '}');
    out_text(call, "attestation", "none");
    out_close(call, '}');
    out_close(call, '}');
    return err;
}

static enum err commit_request_options(struct call *call, struct uow *uow)
{
    uint8_t challenge[PASSKEY_CHALLENGE_SIZE];
    struct passkey_party party;
    enum err err = find_party(call, &party);
    err = err ? err
              : passkey_challenge(customer_room_of(call_house(call)), uow,
                                  customer_of(call)->session, PASSKEY_GET, challenge);
    if (err) {
        return err;
    }
    out_open(call, NULL, '{');
    out_open(call, "publicKey", '{');
    out_base64(call, "challenge", challenge, sizeof challenge);
    out_int(call, "timeout", PASSKEY_CHALLENGE_LIFE_US / 1000);
    out_text(call, "rpId", party.id);
    err = render_descriptors(call, uow->conn, "allowCredentials");
    out_text(call, "userVerification", "required");
    out_close(call, '}');
    out_close(call, '}');
    return err;
}

/* --- What the browser brings back --------------------------------------------------------------- */

/* A member of base64url, already checked to be there; blames `pointer` where bits are left over. */
static enum err decode(struct call *call, json_t *object, const char *name, const char *pointer,
                       struct passkey_bytes *out)
{
    const char *text = json_string_value(json_object_get(object, name));
    if (text == NULL) {
        return ERR_OK;
    }
    size_t size = strlen(text) * 3 / 4;
    uint8_t *bytes = arena_zero(call->arena, size + 1);
    if (bytes == NULL) {
        return ERR_NO_MEMORY;
    }
    if (!vault_from_base64(text, bytes, size)) {
        call_field_error(call, pointer, "is not base64url without padding",
                         "不是无填充的 base64url");
        return ERR_INVALID_FIELD;
    }
    *out = (struct passkey_bytes){bytes, size};
    return ERR_OK;
}

/* "id" is the text of "rawId". */
static enum err decode_id(struct call *call, json_t *credential, struct passkey_bytes *out)
{
    const char *id = json_string_value(json_object_get(credential, "id"));
    const char *raw = json_string_value(json_object_get(credential, "rawId"));
    if (strcmp(id, raw) != 0) {
        call_field_error(call, "#/credential/rawId", "differs from id", "与 id 不一致");
        return ERR_INVALID_FIELD;
    }
    return decode(call, credential, "rawId", "#/credential/rawId", out);
}

static const struct field creation_body[] = {
    FIELD_MUST("credential", FIELD_OBJECT, .schema = &schema_new_credential),
    FIELD_MUST("name", FIELD_TEXT, .min = 1, .max = PASSKEY_NAME_MAX,
               .text = "how the list of passkeys shall call it"),
    FIELD_END};

static enum err prepare_creation(struct call *call)
{
    struct passkey_creation *creation = arena_zero(call->arena, sizeof *creation);
    if (creation == NULL) {
        return ERR_NO_MEMORY;
    }
    call->state = creation;
    creation->customer = customer_of(call)->customer;
    creation->session = customer_of(call)->session;
    creation->name = call_text(call, "name");
    json_t *credential = json_object_get(call->body, "credential");
    json_t *response = json_object_get(credential, "response");
    enum err err = decode_id(call, credential, &creation->credential_id);
    err = err ? err
              : decode(call, response, "attestationObject",
                       "#/credential/response/attestationObject", &creation->attestation_object);
    err = err ? err
              : decode(call, response, "clientDataJSON", "#/credential/response/clientDataJSON",
                       &creation->client_data);
    return err ? err : find_party(call, &creation->party);
}

static bool list_passkey(const struct passkey *passkey, void *context)
{
    struct call *call = context;
    out_open(call, NULL, '{');
    out_id(call, "passkeyId", passkey->id);
    out_text(call, "name", passkey->name);
    out_instant(call, "createdAt", passkey->created_at);
    if (passkey->last_used_at != 0) {
        out_instant(call, "lastUsedAt", passkey->last_used_at);
    }
    out_close(call, '}');
    return true;
}

static enum err commit_creation(struct call *call, struct uow *uow)
{
    struct verdict verdict;
    struct passkey passkey;
    enum err err = step_up_check(call, uow->conn, ACTION_ADD_PASSKEY);
    err =
        err ? err
            : passkey_add(customer_room_of(call_house(call)), uow, call->state, &verdict, &passkey);
    if (err || customer_refused(call, &verdict)) {
        return err;
    }
    (void)list_passkey(&passkey, call);
    return ERR_OK;
}

static const struct field assertion_body[] = {
    FIELD_MUST("credential", FIELD_OBJECT, .schema = &schema_asserted_credential), FIELD_END};

static enum err prepare_assertion(struct call *call)
{
    struct passkey_assertion *assertion = arena_zero(call->arena, sizeof *assertion);
    if (assertion == NULL) {
        return ERR_NO_MEMORY;
    }
    call->state = assertion;
    assertion->customer = customer_of(call)->customer;
    assertion->session = customer_of(call)->session;
    json_t *credential = json_object_get(call->body, "credential");
    json_t *response = json_object_get(credential, "response");
    enum err err = decode_id(call, credential, &assertion->credential_id);
    err = err ? err
              : decode(call, response, "authenticatorData",
                       "#/credential/response/authenticatorData", &assertion->authenticator_data);
    err = err ? err
              : decode(call, response, "clientDataJSON", "#/credential/response/clientDataJSON",
                       &assertion->client_data);
    err = err ? err
              : decode(call, response, "signature", "#/credential/response/signature",
                       &assertion->signature);
    err = err ? err
              : decode(call, response, "userHandle", "#/credential/response/userHandle",
                       &assertion->user_handle);
    return err ? err : find_party(call, &assertion->party);
}

static enum err commit_assertion(struct call *call, struct uow *uow)
{
    struct verdict verdict;
    int64_t until = 0;
    enum err err =
        passkey_assert(customer_room_of(call_house(call)), uow, call->state, &verdict, &until);
    if (err || customer_refused(call, &verdict)) {
        return err;
    }
    out_open(call, NULL, '{');
    out_instant(call, "passkeyUntil", until);
    out_close(call, '}');
    return ERR_OK;
}

static enum err finish_assertion(struct call *call)
{
    session_forget(customer_room_of(call_house(call)), customer_of(call)->session);
    return ERR_OK;
}

/* --- The list ----------------------------------------------------------------------------------- */

static enum err list_passkeys(struct call *call)
{
    struct engine *engine = call_engine(call);
    struct db_conn *conn;
    enum err err = engine_read_begin(engine, &conn);
    if (err) {
        return err;
    }
    out_open(call, NULL, '{');
    out_open(call, "items", '[');
    err = passkey_each(conn, customer_of(call)->customer, list_passkey, call);
    out_close(call, ']');
    out_close(call, '}');
    engine_read_end(engine, conn);
    return err;
}

static enum err commit_passkey_end(struct call *call, struct uow *uow)
{
    int64_t id;
    enum err err = call_path_id(call, 0, &id);
    /* Judged while the passkey is there. What is not theirs is not found, whatever they proved; the refusal
     * undoes the removal. */
    enum err refusal = step_up_check(call, uow->conn, ACTION_REMOVE_PASSKEY);
    err = err ? err
              : passkey_remove(customer_room_of(call_house(call)), uow, customer_of(call)->customer,
                               id);
    if (err) {
        call->member_count = 0;
    }
    return err ? err : refusal;
}

const struct route passkey_routes[] = {
    {.method = HTTP_POST,
     .path = "/v1/passkeys/options",
     .operation = "beginPasskey",
     .tag = "Security",
     .text = "What the browser needs to make a passkey; asks for the pass code first.",
     .scope = &customer_scope,
     .flags = ROUTE_NO_STEP,
     .status = 200,
     .answer = &schema_passkey_creation_options,
     .commit = commit_creation_options,
     .rate = "proof"},
    {.method = HTTP_POST,
     .path = "/v1/passkeys",
     .operation = "addPasskey",
     .tag = "Security",
     .text = "Keeps a passkey that the browser made; asks for the pass code first.",
     .scope = &customer_scope,
     .flags = ROUTE_NO_STEP,
     .body = creation_body,
     .status = 201,
     .answer = &schema_passkey,
     .prepare = prepare_creation,
     .commit = commit_creation,
     .rate = "proof"},
    {.method = HTTP_GET,
     .path = "/v1/passkeys",
     .operation = "listPasskeys",
     .tag = "Security",
     .text = "The customer's passkeys, newest first.",
     .scope = &customer_scope,
     .flags = ROUTE_SLOW | ROUTE_NO_STEP,
     .status = 200,
     .answer = &schema_passkey_list,
     .finish = list_passkeys},
    {.method = HTTP_DELETE,
     .path = "/v1/passkeys/{passkeyId}",
     .operation = "removePasskey",
     .tag = "Security",
     .text = "Removes a passkey.",
     .scope = &customer_scope,
     .flags = ROUTE_NO_STEP,
     .status = 204,
     .commit = commit_passkey_end},
    {.method = HTTP_POST,
     .path = "/v1/passkeys/assertion-options",
     .operation = "beginPasskeyAssertion",
     .tag = "Security",
     .text = "What the browser needs to use a passkey.",
     .scope = &customer_scope,
     .flags = ROUTE_LIMITED | ROUTE_NO_STEP,
     .status = 200,
     .answer = &schema_passkey_request_options,
     .commit = commit_request_options,
     .rate = "proof"},
    {.method = HTTP_POST,
     .path = "/v1/passkeys/assertions",
     .operation = "assertPasskey",
     .tag = "Security",
     .text = "Proves the session by a passkey.",
     .scope = &customer_scope,
     .flags = ROUTE_LIMITED | ROUTE_NO_STEP,
     .body = assertion_body,
     .status = 200,
     .answer = &schema_passkey_until,
     .prepare = prepare_assertion,
     .commit = commit_assertion,
     .finish = finish_assertion,
     .rate = "proof"},
    {.path = NULL}};
