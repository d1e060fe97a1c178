/* A body, parsed and asked for a member of each type. */
#include "base/json.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const char *const names[] = {"a", "amount", "currency", "date", "id"};
    json_t *object = NULL;
    char *text = fuzz_text(bytes, size);
    if (json_parse_object(text, size, 65536, &object) == ERR_OK) {
        CHECK(json_is_object(object));
        for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
            const char *word;
            int64_t number;
            bool flag;
            json_t *member;
            struct date date;
            struct money money;
            (void)json_get_text(object, names[i], &word);
            (void)json_get_int(object, names[i], &number);
            (void)json_get_bool(object, names[i], &flag);
            (void)json_get_object(object, names[i], &member);
            (void)json_get_array(object, names[i], &member);
            (void)json_get_id(object, names[i], &number);
            (void)json_get_date(object, names[i], &date);
            if (json_get_money(object, names[i], &money) == ERR_OK) {
                json_decref(json_from_money(money));
            }
        }
        (void)json_unknown_member(object, names, sizeof names / sizeof names[0]);
        json_decref(object);
    }
    free(text);
    return 0;
}
