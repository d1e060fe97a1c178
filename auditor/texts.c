/* Texts that programs read again: JSON is whole, everything is UTF-8, news has somebody to go to. */
#include "audit.h"

#include "base/money.h"
#include "base/str.h"

#include <inttypes.h>
#include <jansson.h>
#include <string.h>

struct text_column {
    const char *what;
    const char *what_zh;
    const char *sql; /* id, text, 1 if JSON */
    bool is_blob;
};

static const struct text_column columns[] = {
    {"message", "消息", "SELECT id, params, 1 FROM customer_messages", false},
    {"news", "待发通知", "SELECT id, body, 1 FROM db_outbox", false},
    {"change", "变更", "SELECT id, before_json, 1 FROM staff_changes", false},
    {"change", "变更", "SELECT id, after_json, 1 FROM staff_changes", false},
    {"change", "变更", "SELECT id, reason, 0 FROM staff_changes", false},
    {"answer of customer", "答复，客户",
     "SELECT principal_id, response, CASE WHEN length(response) > 0 THEN 1 ELSE 0 END FROM"
     " db_idempotency",
     true},
    {"payment", "支付", "SELECT id, debtor_name, 0 FROM payment_payments", false},
    {"payment", "支付", "SELECT id, creditor_name, 0 FROM payment_payments", false},
    {"payment", "支付", "SELECT id, remittance, 0 FROM payment_payments", false},
    {"payment", "支付", "SELECT id, coalesce(end_to_end_id, ''), 0 FROM payment_payments", false},
    {"customer", "客户", "SELECT id, coalesce(name, ''), 0 FROM customer_customers", false},
    {"card", "银行卡", "SELECT id, issuer_name_zh, 0 FROM account_cards", false},
    {"company", "企业", "SELECT id, name, 0 FROM company_companies", false},
    {"order of a company", "企业指令", "SELECT id, remittance, 0 FROM company_orders", false},
    {"person", "员工", "SELECT id, name, 0 FROM staff_users", false},
    {"log entry", "日志条目", "SELECT sequence, detail, 0 FROM staff_audit", false},
};

static void check_column(struct audit *audit, const struct text_column *column, int64_t *count)
{
    struct cursor *cursor = reader_stream(audit->reader, column->sql, 0, 0);
    for (; cursor_next(cursor); ++*count) {
        size_t size = 0;
        const char *text =
            column->is_blob ? (const char *)cursor_blob(cursor, 1, &size) : cursor_text(cursor, 1);
        size = column->is_blob ? size : strlen(text);
        json_t *json = NULL;
        bool is_good = size == 0 || str_is_utf8(text, size);
        if (is_good && cursor_int(cursor, 2) != 0) {
            json = json_loadb(text, size, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, NULL);
            is_good = json != NULL;
        }
        if (!is_good) {
            int64_t id = cursor_int(cursor, 0);
            find(&audit->findings, CHECK_TEXTS, id, "%s %" PRId64 ": a text cannot be read",
                 "%s %" PRId64 "：文本无法读取",
                 audit->findings.lang == LANG_ZH ? column->what_zh : column->what, id);
        }
        json_decref(json);
    }
    cursor_close(cursor);
}

/* --- answers kept with an idempotency key ----------------------------------------------------- */

static const char answers_sql[] =
    "SELECT i.principal_id, i.response, CASE WHEN i.route IN ('makeTopUp', 'makeWithdrawal',"
    " 'makeTransfer') THEN 1 ELSE 0 END FROM db_idempotency i WHERE i.status IN (200, 201, 202)";

static bool is_number(const char *text, size_t size)
{
    size_t count = 0;
    while (count < size && text[count] >= '0' && text[count] <= '9') {
        count++;
    }
    return size > 0 && count == size;
}

/* An answer that names a payment: the payment is there, of the one who asked, and of that amount. */
static void check_answer(struct audit *audit, int64_t principal, const json_t *answer,
                         const char *text)
{
    const char *amount =
        json_string_value(json_object_get(json_object_get(answer, "instructedAmount"), "amount"));
    int64_t id = 0;
    if (text == NULL || !str_to_int(text, &id)) {
        return;
    }
    struct cursor *cursor = reader_look(
        audit->reader,
        "SELECT amount_minor, debtor_customer_id, creditor_customer_id, currency, kind FROM"
        " payment_payments WHERE bucket = $1 AND id = $2",
        bucket_of(id), id);
    bool fits = cursor_next(cursor);
    if (fits && amount != NULL) {
        struct ccy ccy;
        struct money money = {0};
        fits = ccy_parse(cursor_text(cursor, 3), &ccy) == ERR_OK &&
               money_parse(amount, ccy, &money) == ERR_OK && money.minor == cursor_int(cursor, 0);
    }
    cursor_close(cursor);
    if (!fits) {
        find(&audit->findings, CHECK_TEXTS, principal,
             "answer of customer %" PRId64 ": its payment %" PRId64 " is not there or of another"
             " amount",
             "客户 %" PRId64 " 的答复：支付 %" PRId64 " 不存在或金额不符", principal, id);
    }
}

static void check_answers(struct audit *audit)
{
    struct cursor *cursor = reader_stream(audit->reader, answers_sql, 0, 0);
    while (cursor_next(cursor)) {
        size_t size;
        const char *text = (const char *)cursor_blob(cursor, 1, &size);
        char plain[24] = "";
        bool is_id = cursor_int(cursor, 2) != 0 && size < sizeof plain && is_number(text, size);
        json_t *answer = json_loadb(text, size, 0, NULL);
        if (is_id) { /* the answer is made again from its payment */
            memcpy(plain, text, size);
        }
        check_answer(audit, cursor_int(cursor, 0), answer,
                     is_id ? plain : json_string_value(json_object_get(answer, "paymentId")));
        json_decref(answer);
    }
    cursor_close(cursor);
}

void texts_check(struct audit *audit)
{
    int64_t count = 0;
    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++) {
        check_column(audit, &columns[i], &count);
    }
    check_answers(audit);
    summarise(&audit->findings, CHECK_TEXTS, "%s texts", "%s 处文本", GROUPED(count));
}
