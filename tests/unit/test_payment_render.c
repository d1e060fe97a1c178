/* What render.c writes is what schemas.c says, member by member: each object once with everything
 * in it, and once with nothing that may be absent. */
#include "bank_fixture.h"
#include "payment/message_rows.h"

#include "account/account_api.h"
#include "customer/customer_api.h"
#include "payment/payment_api.h"
#include "web/web_private.h"

static struct bank bank;
static struct web web;
static struct arena arena;
static struct call call;

/* --- an answer against its schema ------------------------------------------------------------------- */

static void conform(const struct schema *schema, const json_t *object, bool full);

static bool is_listed(const char *const *values, const char *text)
{
    for (; *values != NULL; values++) {
        if (strcmp(*values, text) == 0) {
            return true;
        }
    }
    return false;
}

static void conform_text(const struct field *field, const json_t *value)
{
    const char *text = json_string_value(value);
    int64_t number;
    struct date date;
    assert_non_null(text);
    if (field->type == FIELD_ID) {
        assert_ok(id_parse(text, &number));
    } else if (field->type == FIELD_DATE) {
        assert_ok(date_parse(text, &date));
    } else if (field->type == FIELD_INSTANT) {
        assert_ok(instant_parse(text, &number));
    } else if (field->type == FIELD_ENUM && !is_listed(field->values, text)) {
        fail_msg("%s is not a value of %s", text, field->name);
    }
}

static void conform_list(const struct field *field, const json_t *list, bool full)
{
    size_t i;
    json_t *item;
    assert_true(json_is_array(list));
    json_array_foreach(list, i, item)
    {
        if (field->schema != NULL) {
            conform(field->schema, item, full);
        } else {
            assert_true(json_is_string(item));
        }
    }
}

static void conform_value(const struct field *field, const json_t *object, bool full)
{
    const json_t *value = json_object_get(object, field->name);
    struct money money;
    if (json_is_null(value)) {
        assert_true(field->nullable);
        return;
    }
    switch ((int)field->type) {
    case FIELD_MONEY:
        assert_ok(json_get_money(object, field->name, &money));
        break;
    case FIELD_INT:
        assert_true(json_is_integer(value));
        break;
    case FIELD_BOOL:
        assert_true(json_is_boolean(value));
        break;
    case FIELD_BILINGUAL:
        assert_non_null(json_string_value(json_object_get(value, "en")));
        assert_non_null(json_string_value(json_object_get(value, "zh")));
        assert_int_equal(json_object_size(value), 2);
        break;
    case FIELD_OBJECT:
        conform(field->schema, value, full);
        break;
    case FIELD_LIST:
        conform_list(field, value, full);
        break;
    default:
        conform_text(field, value);
        break;
    }
}

/* `full`: every member that the schema names is there, the optional ones too. */
static void conform(const struct schema *schema, const json_t *object, bool full)
{
    size_t known = 0;
    assert_true(json_is_object(object));
    for (const struct field *field = schema->fields; field->name != NULL; field++) {
        if (json_object_get(object, field->name) != NULL) {
            known++;
            conform_value(field, object, full);
        } else if (field->required || full) {
            fail_msg("%s has no %s", schema->name, field->name);
        }
    }
    if (known != json_object_size(object)) {
        fail_msg("%s has members that its schema does not name: %s", schema->name, call.out.bytes);
    }
}

static void conform_answer(const struct schema *schema, bool full)
{
    json_t *object;
    assert_false(call.out.failed);
    assert_ok(json_parse_object(call.out.bytes, call.out.size, 65536, &object));
    conform(schema, object, full);
    json_decref(object);
    str_clear(&call.out);
}

/* --- objects ---------------------------------------------------------------------------------------- */

static const struct card_issuer issuer = {"SAB", "Sandbox Agricultural Bank", "沙盒农业银行"};

static void test_payment_render__customer(void **state)
{
    (void)state;
    struct customer customer = {.id = {4096},
                                .state = CUSTOMER_ACTIVE,
                                .language = LANG_ZH,
                                .name = "林若溪",
                                .masked_phone = "+86199****0001",
                                .masked_id_number = "32**************0X",
                                .created_at = BANK_NOW};
    struct onboarding_facts facts = {
        .phone_at = 1, .identity_at = 2, .consents_at = 3, .passcode_at = 4, .card_at = 5};
    struct onboarding onboarding = onboarding_of(&facts);
    render_customer(&call, NULL, &customer, &onboarding);
    conform_answer(&schema_customer, false); /* steps that are not open have no instant */
    customer.name[0] = customer.masked_id_number[0] = '\0';
    onboarding = onboarding_of(&(struct onboarding_facts){.phone_at = 1});
    render_customer(&call, NULL, &customer, &onboarding);
    conform_answer(&schema_customer, false);
}

static void test_payment_render__session_consent_message(void **state)
{
    (void)state;
    struct session session = {.id = {1024},
                              .device_name = "phone \"two\"",
                              .created_at = BANK_NOW,
                              .last_seen_at = BANK_NOW,
                              .step_up_until = BANK_NOW,
                              .device = {2048}};
    render_session(&call, NULL, &session, session.id);
    conform_answer(&schema_session, true);
    session.step_up_until = 0;
    session.device.value = 0;
    render_session(&call, NULL, &session, (struct session_id){0});
    conform_answer(&schema_session, false);
    struct consent consent = {"terms", "1", true, BANK_NOW};
    render_consent(&call, NULL, &consent);
    conform_answer(&schema_consent, true);
    struct message message = {.id = 7,
                              .row = &MESSAGE_TOP_UP_DONE,
                              .created_at = BANK_NOW,
                              .read_at = BANK_NOW,
                              .payment_id = 9};
    render_message(&call, NULL, &message);
    conform_answer(&schema_message, true);
    message.read_at = message.payment_id = 0;
    render_message(&call, NULL, &message);
    conform_answer(&schema_message, false);
}

static void test_payment_render__identity_checks(void **state)
{
    (void)state;
    struct identity_evidence evidence = {
        .count = 2,
        .checks = {{CHECK_FORMAT, CHECK_PASSED, "", ""}, {CHECK_REGION, CHECK_FAILED, "no", "否"}}};
    static const struct field fields[] = {
        FIELD_MUST("checks", FIELD_LIST, .schema = &schema_identity_check), FIELD_END};
    out_open(&call, NULL, '{');
    render_identity_checks(&call, "checks", &evidence);
    out_close(&call, '}');
    assert_non_null(strstr(call.out.bytes, "{\"check\":\"format\",\"result\":\"passed\"}"));
    assert_non_null(strstr(call.out.bytes, "\"reason\":{\"en\":\"no\",\"zh\":\"否\"}"));
    conform_answer(&(struct schema){"Checks", fields, ""}, false);
}

static void test_payment_render__card(void **state)
{
    (void)state;
    struct card card = {.id = {1024},
                        .issuer = issuer,
                        .masked_pan = "622848*********0158",
                        .account_class = ACCOUNT_CLASS_I,
                        .kind = CARD_DEBIT,
                        .state = CARD_BOUND,
                        .payment_max_minor = 5000000,
                        .day_max_minor = 20000000,
                        .bound_at = BANK_NOW};
    render_card(&call, NULL, &card);
    conform_answer(&schema_card, true);
}

static void test_payment_render__account_with_its_balances(void **state)
{
    (void)state;
    struct account account = bank_account(&bank, 1, ACCOUNT_CLASS_II, 12345);
    struct account_view view;
    struct db_conn *conn;
    assert_ok(engine_read_begin(bank.engine, &conn));
    assert_ok(render_account_load(&call, conn, &account, &view));
    engine_read_end(bank.engine, conn);
    render_account(&call, NULL, &view);
    assert_non_null(strstr(call.out.bytes, "{\"balanceType\":\"interimBooked\",\"balanceAmount\":"
                                           "{\"amount\":\"123.45\",\"currency\":\"CNY\"}}"));
    conform_answer(&schema_account, true);
}

static void test_payment_render__limit_and_hold(void **state)
{
    (void)state;
    struct limit_report limit = {LIMIT_BALANCE_MAX, 100, 60, 40, 1, "law", "法规"};
    render_limit(&call, NULL, &limit, CCY_CNY);
    conform_answer(&schema_limit, true);
    limit.max_minor = CATALOGUE_NO_LIMIT;
    render_limit(&call, NULL, &limit, CCY_CNY);
    assert_non_null(strstr(call.out.bytes, "\"max\":null"));
    conform_answer(&schema_limit, true);
    struct ledger_hold_row hold = {.id = 1024,
                                   .amount_minor = 100,
                                   .captured_minor = 30,
                                   .expires_at = BANK_NOW,
                                   .ref_id = 2048,
                                   .recipe = RECIPE_WITHDRAWAL};
    render_hold(&call, NULL, &hold, CCY_CNY);
    assert_non_null(strstr(call.out.bytes, "\"amount\":\"0.70\""));
    conform_answer(&schema_hold, true);
    hold.expires_at = hold.ref_id = 0;
    render_hold(&call, NULL, &hold, CCY_CNY);
    conform_answer(&schema_hold, false);
}

static struct payment some_payment(void)
{
    return (struct payment){.id = {4096},
                            .kind = PAYMENT_TOP_UP,
                            .status = PAYMENT_RJCT,
                            .debtor_name = "林若溪",
                            .creditor_name = "林若溪",
                            .debtor_masked = "622848*********0158",
                            .creditor_masked = "8812********5504",
                            .amount = {1234, CCY_CNY},
                            .text = "午饭",
                            .reason = "AM04",
                            .rule_version = 1,
                            .end_to_end = "SYCEE4096",
                            .journal = {8192},
                            .created_at = BANK_NOW,
                            .settled_at = BANK_NOW};
}

static void test_payment_render__transaction(void **state)
{
    (void)state;
    struct activity_line line = {.line = {.journal = {1024},
                                          .amount_minor = 500,
                                          .balance_minor = 700,
                                          .side = LEDGER_DEBIT,
                                          .booking_date = {20000},
                                          .value_date = {20000},
                                          .created_at = BANK_NOW},
                                 .kind = ACTIVITY_TRANSFER,
                                 .has_payment = true,
                                 .payment = some_payment(),
                                 .other_name = "周子墨",
                                 .other_masked = "8812********7729"};
    render_transaction(&call, NULL, &line, CCY_CNY);
    assert_non_null(strstr(call.out.bytes, "\"direction\":\"out\""));
    conform_answer(&schema_transaction, true);
    line.has_payment = false;
    line.other_name = line.other_masked = "";
    line.line.side = LEDGER_CREDIT;
    render_transaction(&call, NULL, &line, CCY_CNY);
    assert_non_null(strstr(call.out.bytes, "\"direction\":\"in\""));
    conform_answer(&schema_transaction, false);
}

static void test_payment_render__payment(void **state)
{
    (void)state;
    struct payment_view view = {.payment = some_payment(),
                                .has_card = true,
                                .card = {.id = {1024}, .issuer = issuer, .masked_pan = "6228**58"}};
    render_payment(&call, NULL, &view);
    assert_non_null(strstr(call.out.bytes, "\"journalIds\":[\"8192\"]"));
    conform_answer(&schema_payment, true);
    view.has_card = false;
    view.payment.text[0] = view.payment.reason[0] = '\0';
    view.payment.journal.value = view.payment.settled_at = 0;
    render_payment(&call, NULL, &view);
    assert_non_null(strstr(call.out.bytes, "\"journalIds\":[]"));
    conform_answer(&schema_payment, false);
}

/* A limit that is the payer's own tells max and left; both are members of the problem. */
static void test_payment_render__limit_problem(void **state)
{
    (void)state;
    struct limit_report limit = {LIMIT_TOP_UP_DAY, 100, 60, 40, 1, "law", "法规"};
    call.member_count = 0;
    render_limit_problem(&call, &limit, CCY_CNY);
    assert_int_equal(call.member_count, 3);
    assert_string_equal(call.members[0].json, "\"topUpDay\"");
    assert_string_equal(call.members[2].name, "left");
    assert_string_equal(call.members[2].json, "{\"amount\":\"0.40\",\"currency\":\"CNY\"}");
}

static void test_payment_render__blame_keeps_the_error(void **state)
{
    (void)state;
    call.lang = LANG_EN;
    call.field_error_count = 0;
    assert_int_equal(call_blame(&call, ERR_INVALID_PHONE, "#/phone"), ERR_INVALID_PHONE);
    assert_int_equal(call.err, ERR_INVALID_PHONE);
    assert_string_equal(call.field_errors[0].pointer, "#/phone");
    assert_string_equal(call.field_errors[0].detail, err_text(ERR_INVALID_PHONE, LANG_EN));
}

static void test_payment_render__six_digits(void **state)
{
    (void)state;
    assert_true(schema_is_six_digits("012345"));
    assert_false(schema_is_six_digits("01234"));
    assert_false(schema_is_six_digits("0123456"));
    assert_false(schema_is_six_digits("01234x"));
    assert_false(schema_is_six_digits("１２３４５６"));
}

/* What a failed test left does not fail the next. */
static int start_anew(void **state)
{
    (void)state;
    str_clear(&call.out);
    call.member_count = call.field_error_count = 0;
    call.err = ERR_OK;
    return 0;
}

static int open_all(void **state)
{
    (void)state;
    bank_open(&bank, DB_SQLITE, "payment_render");
    static struct house house;
    house.engine = bank.engine;
    house.catalogue = bank.catalogue;
    web.options.house = &house;
    arena_init(&arena, 1 << 20);
    call.web = &web;
    call.arena = &arena;
    str_init(&call.out, 1 << 20);
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    str_release(&call.out);
    arena_release(&arena);
    bank_close(&bank);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_payment_render__customer, start_anew),
        cmocka_unit_test_setup(test_payment_render__session_consent_message, start_anew),
        cmocka_unit_test_setup(test_payment_render__identity_checks, start_anew),
        cmocka_unit_test_setup(test_payment_render__card, start_anew),
        cmocka_unit_test_setup(test_payment_render__account_with_its_balances, start_anew),
        cmocka_unit_test_setup(test_payment_render__limit_and_hold, start_anew),
        cmocka_unit_test_setup(test_payment_render__transaction, start_anew),
        cmocka_unit_test_setup(test_payment_render__payment, start_anew),
        cmocka_unit_test_setup(test_payment_render__limit_problem, start_anew),
        cmocka_unit_test_setup(test_payment_render__blame_keeps_the_error, start_anew),
        cmocka_unit_test_setup(test_payment_render__six_digits, start_anew),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
