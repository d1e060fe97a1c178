/* The OpenAPI document is made of the tables, whole and readable. */
#include "report/export_schemas.h"
#include "server/room_list.h"
#include "unit/base_fixture.h"
#include "web/web.h"

#include <jansson.h>

static void test_server_document__names_what_the_export_holds(void **state)
{
    (void)state;
    struct str out = {0};
    assert_int_equal(ERR_OK, web_document(ROOM_LIST, &out));
    json_t *document = json_loadb(out.bytes, out.size, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(document);
    json_t *schemas = json_object_get(json_object_get(document, "components"), "schemas");
    json_t *export = json_object_get(json_object_get(schemas, "PersonExport"), "properties");
    for (const struct field *field = schema_export.fields; field->name != NULL; field++) {
        assert_non_null(json_object_get(export, field->name));
    }
    assert_non_null(json_object_get(schemas, "ExportedTransaction"));
    assert_non_null(json_object_get(json_object_get(document, "paths"), "/v1/me/export"));
    json_decref(document);
    str_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_server_document__names_what_the_export_holds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
