/* The OpenAPI 3.1 document, written from the route table and the schemas that it names. */
#include "web/web_private.h"

#include "base/check.h"

#include <string.h>

#define SCHEMAS_MAX 260

struct document {
    struct str *out;
    const struct room_parts *const *rooms;
    struct router router;
    const struct schema *schemas[SCHEMAS_MAX];
    size_t schema_count;
    bool in_request; /* what is written belongs to a body that a client sends */
};

static void document_comma(struct str *out)
{
    char last = out->size > 0 ? out->bytes[out->size - 1] : '{';
    if (last != '{' && last != '[') {
        str_append_char(out, ',');
    }
}

static void document_key(struct str *out, const char *name)
{
    document_comma(out);
    str_append_json(out, name);
    str_append_char(out, ':');
}

static void document_text(struct str *out, const char *name, const char *value)
{
    document_key(out, name);
    str_append_json(out, value);
}

static void document_number(struct str *out, const char *name, long long value)
{
    document_key(out, name);
    str_append_int(out, value);
}

static void document_remember(struct document *doc, const struct schema *schema)
{
    for (size_t i = 0; i < doc->schema_count; i++) {
        if (doc->schemas[i] == schema) {
            return;
        }
    }
    CHECK(doc->schema_count < SCHEMAS_MAX);
    doc->schemas[doc->schema_count++] = schema;
}

static void document_reference(struct str *out, const char *name)
{
    document_key(out, "$ref");
    str_printf(out, "\"#/components/schemas/%s\"", name);
}

static void document_values(struct str *out, const char *const *list)
{
    document_key(out, "enum");
    str_append_char(out, '[');
    for (size_t i = 0; list[i] != NULL; i++) {
        document_comma(out);
        str_append_json(out, list[i]);
    }
    str_append_char(out, ']');
}

static void document_type(struct str *out, const char *name, bool nullable)
{
    document_key(out, "type");
    str_printf(out, nullable ? "[\"%s\",\"null\"]" : "\"%s\"", name);
}

static void list_items(struct document *doc, const struct field *field)
{
    struct str *out = doc->out;
    document_type(out, "array", field->nullable);
    if (field->max) {
        document_number(out, "maxItems", field->max);
    }
    if (field->min) {
        document_number(out, "minItems", field->min);
    }
    document_key(out, "items");
    str_append_char(out, '{');
    if (field->schema != NULL) {
        document_remember(doc, field->schema);
        document_reference(out, field->schema->name);
    } else {
        document_type(out, "string", false);
        if (field->values != NULL) {
            document_values(out, field->values);
        }
    }
    str_append_char(out, '}');
}

static void document_named(struct document *doc, const struct field *field, const char *name)
{
    struct str *out = doc->out;
    if (!field->nullable) {
        document_reference(out, name);
        return;
    }
    document_key(out, "oneOf");
    str_printf(out, "[{\"$ref\":\"#/components/schemas/%s\"},{\"type\":\"null\"}]", name);
}

/* What is typed may be longer than the written form, which minLength and pattern are of. */
static void text_type(struct str *out, const struct field *field)
{
    static const char *const forms[] = {
        [FORM_TEXT] = NULL, [FORM_NAME] = "name", [FORM_NUMBER] = "number", [FORM_PHONE] = "phone"};
    document_type(out, "string", field->nullable);
    if (field->min) {
        document_number(out, "minLength", field->min);
    }
    if (field->max || field->form != FORM_TEXT) {
        document_number(out, "maxLength", field->form == FORM_TEXT ? field->max : FIELD_TYPED_MAX);
    }
    if (field->pattern != NULL && field->pattern[0] != '\0') {
        document_text(out, "pattern", field->pattern);
    }
    if (forms[field->form] != NULL) {
        document_text(out, "x-form", forms[field->form]);
    }
}

/* The type of a field: members of a schema object that the caller has opened. */
static void field_type(struct document *doc, const struct field *field)
{
    struct str *out = doc->out;
    switch (field->type) {
    case FIELD_TEXT:
        text_type(out, field);
        break;
    case FIELD_INT:
        document_type(out, "integer", field->nullable);
        if (field->min) {
            document_number(out, "minimum", field->min);
        }
        if (field->max) {
            document_number(out, "maximum", field->max);
        }
        break;
    case FIELD_BOOL:
        document_type(out, "boolean", field->nullable);
        break;
    case FIELD_ID:
        document_type(out, "string", field->nullable);
        document_text(out, "pattern", "^[1-9][0-9]{0,18}$");
        break;
    case FIELD_DATE:
        document_type(out, "string", field->nullable);
        document_text(out, "format", "date");
        break;
    case FIELD_INSTANT:
        document_type(out, "string", field->nullable);
        document_text(out, "format", "date-time");
        break;
    case FIELD_DECIMAL:
        document_type(out, "string", field->nullable);
        document_text(out, "pattern", "^-?[0-9]+(\\.[0-9]+)?$");
        break;
    case FIELD_ENUM:
        document_type(out, "string", field->nullable);
        if (!field->nullable) {
            document_values(out, field->values);
        }
        break;
    case FIELD_MONEY:
        document_named(doc, field, doc->in_request ? "Amount" : "Money");
        break;
    case FIELD_BILINGUAL:
        document_named(doc, field, "Bilingual");
        break;
    case FIELD_OBJECT:
        document_remember(doc, field->schema);
        document_named(doc, field, field->schema->name);
        break;
    case FIELD_LIST:
        list_items(doc, field);
        break;
    case FIELD_INT_LIST:
        document_type(out, "array", field->nullable);
        document_key(out, "items");
        str_append(out, "{\"type\":\"integer\"}");
        break;
    case FIELD_ANY:
        document_type(out, "object", field->nullable);
        break;
    }
}

static void document_object(struct document *doc, const struct field *fields, const char *about,
                            bool closed)
{
    struct str *out = doc->out;
    document_text(out, "type", "object");
    if (about != NULL) {
        document_text(out, "description", about);
    }
    document_key(out, "properties");
    str_append_char(out, '{');
    size_t required = 0;
    for (const struct field *f = fields; f->name != NULL; f++) {
        document_key(out, f->name);
        str_append_char(out, '{');
        field_type(doc, f);
        /* Beside a $ref, OpenAPI 3.1 allows a description. */
        if (f->text != NULL) {
            document_text(out, "description", f->text);
        }
        str_append_char(out, '}');
        required += f->required ? 1 : 0;
    }
    str_append_char(out, '}');
    if (required > 0) {
        document_key(out, "required");
        str_append_char(out, '[');
        for (const struct field *f = fields; f->name != NULL; f++) {
            if (f->required) {
                document_comma(out);
                str_append_json(out, f->name);
            }
        }
        str_append_char(out, ']');
    }
    if (closed) {
        document_key(out, "additionalProperties");
        str_append(out, "false");
    }
}

/* --- parameters, bodies, answers -------------------------------------------------------------- */

static void document_parameter(struct document *doc, const char *place, const struct field *field)
{
    struct str *out = doc->out;
    document_comma(out);
    str_append_char(out, '{');
    document_text(out, "name", field->name);
    document_text(out, "in", place);
    document_key(out, "required");
    str_append(out, field->required ? "true" : "false");
    if (field->text != NULL) {
        document_text(out, "description", field->text);
    }
    document_key(out, "schema");
    str_append_char(out, '{');
    field_type(doc, field);
    str_append(out, "}}");
}

static void path_parameters(struct document *doc, const char *path)
{
    for (const char *c = strchr(path, '{'); c != NULL; c = strchr(c + 1, '{')) {
        char name[48] = "";
        size_t size = strcspn(c + 1, "}");
        CHECK(size < sizeof name);
        memcpy(name, c + 1, size);
        bool is_id = size > 2 && strcmp(name + size - 2, "Id") == 0;
        struct field field = {.name = name,
                              .type = is_id ? FIELD_ID : FIELD_TEXT,
                              .required = true,
                              .min = is_id ? 0 : 1,
                              .max = is_id ? 0 : 64};
        document_parameter(doc, "path", &field);
    }
}

static void document_parameters(struct document *doc, const struct route *route)
{
    static const struct field key_field = {.name = "Idempotency-Key",
                                           .type = FIELD_TEXT,
                                           .required = true,
                                           .min = 1,
                                           .max = 255,
                                           .text = "a new value for each new request; a repetition "
                                                   "with the same value gets the first answer"};
    static const struct field limit = {.name = "limit",
                                       .type = FIELD_INT,
                                       .min = 1,
                                       .max = 100,
                                       .text = "how many items, 20 where absent"};
    static const struct field cursor = {
        .name = "cursor", .type = FIELD_ID, .text = "place of the next page, from the Link header"};
    static const struct field if_match = {
        .name = "If-Match",
        .type = FIELD_TEXT,
        .min = 1,
        .max = 64,
        .text = "ETag of the version that was read; 412 where it has changed"};
    document_key(doc->out, "parameters");
    str_append_char(doc->out, '[');
    path_parameters(doc, route->path);
    for (const struct field *f = route->query; f != NULL && f->name != NULL; f++) {
        document_parameter(doc, "query", f);
    }
    if (route->flags & ROUTE_LIST) {
        document_parameter(doc, "query", &limit);
        document_parameter(doc, "query", &cursor);
    }
    if (route->flags & ROUTE_IDEMPOTENT) {
        document_parameter(doc, "header", &key_field);
    }
    if (route->flags & ROUTE_IF_MATCH) {
        document_parameter(doc, "header", &if_match);
    }
    str_append_char(doc->out, ']');
}

static void answer_schema(struct document *doc, const struct route *route)
{
    struct str *out = doc->out;
    str_append_char(out, '{');
    if (route->flags & ROUTE_LIST) {
        document_text(out, "type", "object");
        document_key(out, "properties");
        str_append(out, "{\"items\":{\"type\":\"array\",\"items\":{");
        document_reference(out, route->answer->name);
        str_append(out, "}}}");
        document_key(out, "required");
        str_append(out, "[\"items\"]");
    } else {
        document_reference(out, route->answer->name);
    }
    str_append_char(out, '}');
}

static void document_success(struct document *doc, const struct route *route)
{
    struct str *out = doc->out;
    char status[8];
    snprintf(status, sizeof status, "%d", route->status);
    document_key(out, status);
    str_append_char(out, '{');
    document_text(out, "description", route->status == 204 ? "Done; nothing to say." : "Done.");
    if (route->flags & ROUTE_LIST) {
        document_key(out, "headers");
        str_append(out, "{\"Link\":{\"description\":\"rel=next: the next page\","
                        "\"schema\":{\"type\":\"string\"}}}");
    }
    if (route->answer != NULL) {
        document_remember(doc, route->answer);
        document_key(out, "content");
        str_append_char(out, '{');
        document_key(out, "application/json");
        str_append_char(out, '{');
        document_key(out, "schema");
        answer_schema(doc, route);
        str_append_char(out, '}');
        if (route->flags & ROUTE_RAW) {
            str_append(out, ",\"text/csv\":{\"schema\":{\"type\":\"string\"}},"
                            "\"application/pdf\":{\"schema\":{\"type\":\"string\","
                            "\"contentMediaType\":\"application/pdf\"}}");
        }
        str_append_char(out, '}');
    } else if (route->flags & ROUTE_PICTURE) {
        document_key(out, "content");
        str_append(out,
                   "{\"image/jpeg\":{\"schema\":{\"type\":\"string\",\"format\":\"binary\"}}}");
    } else if (route->flags & ROUTE_RAW) {
        document_key(out, "content");
        str_append(out, "{\"application/pdf\":{\"schema\":{\"type\":\"string\","
                        "\"contentMediaType\":\"application/pdf\"}}}");
    }
    str_append_char(out, '}');
}

static void document_operation(struct document *doc, const struct route *route)
{
    struct str *out = doc->out;
    char method[12];
    snprintf(method, sizeof method, "%s", http_method_name(route->method));
    for (char *c = method; *c; c++) {
        *c = (char)(*c | 0x20);
    }
    document_key(out, method);
    str_append_char(out, '{');
    document_text(out, "operationId", route->operation);
    document_text(out, "summary", route->text);
    document_key(out, "tags");
    str_append_char(out, '[');
    str_append_json(out, route->tag);
    str_append_char(out, ']');
    document_parameters(doc, route);
    if ((route->flags & ROUTE_PICTURE) && route->method != HTTP_GET) {
        document_key(out, "requestBody");
        str_append(out,
                   "{\"required\":true,\"description\":\"the picture, 3 MB at most\",\"content\":{"
                   "\"image/jpeg\":{\"schema\":{\"type\":\"string\",\"format\":\"binary\"}},"
                   "\"image/png\":{\"schema\":{\"type\":\"string\",\"format\":\"binary\"}},"
                   "\"image/webp\":{\"schema\":{\"type\":\"string\",\"format\":\"binary\"}}}}");
    }
    if (route->body != NULL) {
        document_key(out, "requestBody");
        str_append(out, "{\"required\":true,\"content\":{\"application/json\":{\"schema\":{");
        doc->in_request = true;
        document_object(doc, route->body, NULL, true);
        doc->in_request = false;
        str_append(out, "}}}}");
    }
    document_key(out, "responses");
    str_append_char(out, '{');
    document_success(doc, route);
    str_append(out, ",\"4XX\":{\"$ref\":\"#/components/responses/Problem\"},"
                    "\"5XX\":{\"$ref\":\"#/components/responses/Problem\"}}");
    document_key(out, "security");
    str_append(out, route->scope->security);
    if (route->scope->permission_name != NULL) {
        document_text(out, "x-permission", route->scope->permission_name(route->permission));
        if (route->flags & ROUTE_LOGGED) {
            document_key(out, "x-logged");
            str_append(out, "true");
        }
    }
    str_append_char(out, '}');
}

/* Rows of one path stand together under it. */
static void document_paths(struct document *doc)
{
    struct str *out = doc->out;
    const struct route *const *rows = doc->router.rows;
    document_key(out, "paths");
    str_append_char(out, '{');
    for (size_t i = 0; rows[i] != NULL; i++) {
        const struct route *route = rows[i];
        bool is_first = true;
        for (size_t k = 0; k < i && is_first; k++) {
            is_first = strcmp(rows[k]->path, route->path) != 0;
        }
        if (!is_first) {
            continue;
        }
        document_key(out, route->path);
        str_append_char(out, '{');
        for (size_t k = i; rows[k] != NULL; k++) {
            if (strcmp(rows[k]->path, route->path) == 0) {
                document_operation(doc, rows[k]);
            }
        }
        str_append_char(out, '}');
    }
    str_append_char(out, '}');
}

static void document_tags(const struct document *doc)
{
    struct str *out = doc->out;
    const struct route *const *rows = doc->router.rows;
    document_key(out, "tags");
    str_append_char(out, '[');
    for (size_t i = 0; rows[i] != NULL; i++) {
        bool is_first = true;
        for (size_t k = 0; k < i && is_first; k++) {
            is_first = strcmp(rows[k]->tag, rows[i]->tag) != 0;
        }
        if (is_first) {
            document_comma(out);
            str_append_char(out, '{');
            document_text(out, "name", rows[i]->tag);
            document_text(out, "description", rows[i]->scope->audience);
            str_append_char(out, '}');
        }
    }
    str_append_char(out, ']');
}

static const char common_components[] =
    "\"Money\":{\"type\":\"object\",\"description\":\"An amount with its currency.\","
    "\"properties\":{\"amount\":{\"type\":\"string\",\"pattern\":\"^-?[0-9]+(\\\\.[0-9]+)?$\"},"
    "\"currency\":{\"type\":\"string\",\"pattern\":\"^[A-Z]{3}$\"}},"
    "\"required\":[\"amount\",\"currency\"],\"additionalProperties\":false},"
    "\"Amount\":{\"type\":\"object\",\"description\":\"An amount above zero,"
    " with no more digits behind the point than its currency has.\","
    "\"properties\":{\"amount\":{\"type\":\"string\",\"pattern\":\"^[0-9]+(\\\\.[0-9]+)?$\","
    "\"examples\":[\"12.34\"]},\"currency\":{\"type\":\"string\","
    "\"pattern\":\"^[A-Z]{3}$\",\"examples\":[\"CNY\"]}},\"required\":[\"amount\","
    "\"currency\"],\"additionalProperties\":false},\"Bilingual\":{\"type\":\"object\","
    "\"properties\":{\"en\":{\"type\":\"string\"},\"zh\":{\"type\":\"string\"}},"
    "\"required\":[\"en\",\"zh\"],\"additionalProperties\":false},"
    "\"Problem\":{\"type\":\"object\",\"description\":\"RFC 9457 problem details.\","
    "\"properties\":{\"type\":{\"type\":\"string\"},\"title\":{\"type\":\"string\"},"
    "\"status\":{\"type\":\"integer\"},\"detail\":{\"type\":\"string\"},"
    "\"instance\":{\"type\":\"string\"},\"reasonCode\":{\"type\":\"string\"},"
    "\"errors\":{\"type\":\"array\",\"items\":{\"type\":\"object\","
    "\"properties\":{\"pointer\":{\"type\":\"string\"},\"detail\":{\"type\":\"string\"}},"
    "\"required\":[\"pointer\",\"detail\"]}},\"retryAfter\":{\"type\":\"integer\","
    "\"description\":\"seconds until another try is worth it\"},\"triesLeft\":{\"type\":"
    "\"integer\",\"description\":\"wrong codes that are still allowed\"}";
static const char after_problem_members[] =
    "},\"required\":[\"type\",\"title\",\"status\",\"detail\"]}";

/* The members of rooms after those of all problems, by place. */
static void problem_members(const struct document *doc)
{
    const struct problem_members *next = NULL;
    for (int place = 0;; place = next->place) {
        next = NULL;
        for (const struct room_parts *const *room = doc->rooms; *room != NULL; room++) {
            const struct problem_members *row = (*room)->problems;
            for (; row != NULL && row->json != NULL; row++) {
                if (row->place > place && (next == NULL || row->place < next->place)) {
                    next = row;
                } else {
                    CHECK(next == NULL || row->place != next->place);
                }
            }
        }
        if (next == NULL) {
            return;
        }
        str_append_char(doc->out, ',');
        str_append(doc->out, next->json);
    }
}

/* Those of each scope, in the order of their first routes. */
static void security_schemes(const struct document *doc)
{
    const struct route *const *rows = doc->router.rows;
    for (size_t i = 0; rows[i] != NULL; i++) {
        bool is_first = rows[i]->scope->schemes != NULL;
        for (size_t k = 0; k < i && is_first; k++) {
            is_first = rows[k]->scope != rows[i]->scope;
        }
        if (is_first) {
            document_comma(doc->out);
            str_append(doc->out, rows[i]->scope->schemes);
        }
    }
}

enum err web_document(const struct room_parts *const *rooms, struct str *out)
{
    struct document doc = {.out = out, .rooms = rooms};
    router_init(&doc.router, rooms);
    str_init(out, 4u << 20);
    str_append(out,
               "{\"openapi\":\"3.1.0\",\"info\":{\"title\":\"Sycee\",\"version\":\"" SYCEE_VERSION
               "\",\"summary\":\"The API of an Internet bank.\",\"description\":"
               "\"Amounts are decimal texts, ids decimal texts, instants RFC 3339 in UTC. "
               "Errors are problem documents (RFC 9457).\",\"license\":{\"name\":\"Apache-2.0\","
               "\"identifier\":\"Apache-2.0\"}},\"servers\":[{\"url\":\"/\","
               "\"description\":\"this bank\"}]");
    document_tags(&doc);
    document_paths(&doc);
    str_append(out, ",\"components\":{\"securitySchemes\":{");
    security_schemes(&doc);
    str_append(out, "},\"responses\":{\"Problem\":{\"description\":"
                    "\"What went wrong and what to do.\",\"content\":{\"application/problem+json\":"
                    "{\"schema\":{\"$ref\":\"#/components/schemas/Problem\"}}}}},\"schemas\":{");
    str_append(out, common_components);
    problem_members(&doc);
    str_append(out, after_problem_members);
    /* Schemas may name further ones: the list grows while it is walked. */
    for (size_t i = 0; i < doc.schema_count; i++) {
        document_key(out, doc.schemas[i]->name);
        str_append_char(out, '{');
        document_object(&doc, doc.schemas[i]->fields, doc.schemas[i]->text, false);
        str_append_char(out, '}');
    }
    str_append(out, "}}}");
    return out->failed ? ERR_NO_MEMORY : ERR_OK;
}
