/* Stored texts: JSON is well formed, everything is UTF-8, every outbox row has a recipient. */
#include "audit.h"

#include "base/str.h"

#include <inttypes.h>
#include <jansson.h>
#include <string.h>

struct text_column {
    const char *what;
    const char *what_zh;
    const char *sql; /* id, text, 1 if JSON */
};

static const struct text_column columns[] = {
    {"message", "消息", "SELECT id, params, 1 FROM customer_messages"},
    {"news", "待发通知", "SELECT id, body, 1 FROM db_outbox"},
    {"change", "变更", "SELECT id, before_json, 1 FROM staff_changes"},
    {"change", "变更", "SELECT id, after_json, 1 FROM staff_changes"},
    {"change", "变更", "SELECT id, reason, 0 FROM staff_changes"},
    {"payment", "支付", "SELECT id, debtor_name, 0 FROM payment_payments"},
    {"payment", "支付", "SELECT id, creditor_name, 0 FROM payment_payments"},
    {"payment", "支付", "SELECT id, remittance, 0 FROM payment_payments"},
    {"payment", "支付", "SELECT id, coalesce(end_to_end_id, ''), 0 FROM payment_payments"},
    {"customer", "客户", "SELECT id, coalesce(name, ''), 0 FROM customer_customers"},
    {"card", "银行卡", "SELECT id, issuer_name_zh, 0 FROM account_cards"},
    {"company", "企业", "SELECT id, name, 0 FROM company_companies"},
    {"order of a company", "企业指令", "SELECT id, remittance, 0 FROM company_orders"},
    {"person", "员工", "SELECT id, name, 0 FROM staff_users"},
    {"log entry", "日志条目", "SELECT sequence, detail, 0 FROM staff_audit"},
};

static void check_column(struct audit *audit, const struct text_column *column, int64_t *count)
{
    struct cursor *cursor = reader_stream(audit->reader, column->sql, 0, 0);
    for (; cursor_next(cursor); ++*count) {
        const char *text = cursor_text(cursor, 1);
        size_t size = strlen(text);
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

/* An answer is sealed, or rebuilt from its object: then the object exists and belongs to the
 * requester. */
static const char answers_sql[] =
    "SELECT i.principal_id FROM db_idempotency i LEFT JOIN payment_payments p ON p.bucket ="
    " (i.result_id & 1023) AND p.id = i.result_id WHERE i.result_id <> 0 AND"
    " (length(i.response) <> 0 OR (i.route IN ('makeTopUp', 'makeWithdrawal', 'makeTransfer') AND"
    " (p.id IS NULL OR (p.debtor_customer_id <> i.principal_id AND p.creditor_customer_id <>"
    " i.principal_id))))";

void texts_check(struct audit *audit)
{
    int64_t count = 0;
    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++) {
        check_column(audit, &columns[i], &count);
    }
    find_rows(audit, CHECK_TEXTS, answers_sql,
              "customer: a stored answer refers to another customer's payment, or to none",
              "客户：随键保存的答复指向他人的支付或不存在的支付");
    summarise(&audit->findings, CHECK_TEXTS, "%s texts", "%s 处文本", GROUPED(count));
}
