/* Customers: owners of accounts, phone numbers in the directory, closures, recipients of
 * messages. */
#include "audit.h"

#include "base/decimal.h"
#include "base/money.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#define CLOSURE_MAX_US INT64_C(2592000000000) /* thirty days */

/* Rows of a query are findings: the first column is the row's id. */
void find_rows(struct audit *audit, enum check check, const char *sql, const char *en,
               const char *zh)
{
    struct cursor *cursor = reader_stream(audit->reader, sql, 0, 0);
    while (cursor_next(cursor)) {
        char text[2][FINDING_SIZE];
        int64_t id = cursor_int(cursor, 0);
        snprintf(text[0], sizeof text[0], "%" PRId64 ": %s", id, en);
        snprintf(text[1], sizeof text[1], "%" PRId64 "：%s", id, zh);
        find(&audit->findings, check, id, "%s", "%s",
             audit->findings.lang == LANG_ZH ? text[1] : text[0]);
    }
    cursor_close(cursor);
}

/* --- accounts --------------------------------------------------------------------------------- */

static const char owner_sql[] =
    "SELECT a.id FROM account_accounts a LEFT JOIN customer_customers c ON c.bucket = a.bucket"
    " AND c.id = a.customer_id WHERE c.id IS NULL OR (a.customer_id & 1023) <> a.bucket";
/* Each payment names the owner of the account at the time; accounts never change owner. */
static const char debtor_sql[] =
    "SELECT DISTINCT a.id FROM payment_payments p JOIN account_accounts a ON a.bucket ="
    " (p.debtor_account_id & 1023) AND a.id = p.debtor_account_id"
    " WHERE a.customer_id <> p.debtor_customer_id";
static const char creditor_sql[] =
    "SELECT DISTINCT a.id FROM payment_payments p JOIN account_accounts a ON a.bucket ="
    " (p.creditor_account_id & 1023) AND a.id = p.creditor_account_id"
    " WHERE a.customer_id <> p.creditor_customer_id";
static const char product_sql[] =
    "SELECT a.id FROM account_accounts a LEFT JOIN catalogue_products p ON p.bucket = 0 AND"
    " p.id = a.product WHERE p.id IS NULL OR p.class <> a.class";
/* A higher class comes from a change by two people, or from the opening. */
static const char closed_sql[] =
    "SELECT a.id FROM account_accounts a WHERE a.state = 3 AND (a.closed_at IS NULL OR NOT EXISTS"
    " (SELECT 1 FROM payment_closures c WHERE c.bucket = a.bucket AND c.account_id = a.id"
    " AND c.state = 2))";
static const char closing_sql[] =
    "SELECT a.id FROM account_accounts a WHERE a.state = 4 AND NOT EXISTS (SELECT 1 FROM"
    " payment_closures c WHERE c.bucket = a.bucket AND c.account_id = a.id AND c.state = 1)";
static const char done_sql[] =
    "SELECT c.id FROM payment_closures c LEFT JOIN account_accounts a ON a.bucket = c.bucket AND"
    " a.id = c.account_id WHERE a.id IS NULL OR (c.state = 2 AND a.state <> 3) OR"
    " (c.state = 1 AND a.state <> 4) OR c.customer_id <> a.customer_id";
static const char open_closures_sql[] = "SELECT id, begun_at FROM payment_closures WHERE state = 1";
static const char freeze_sql[] =
    "SELECT a.id FROM account_accounts a WHERE (a.state = 2) <> EXISTS (SELECT 1 FROM"
    " account_freezes f WHERE f.bucket = a.bucket AND f.account_id = a.id AND f.lifted_at = 0)"
    " AND a.state IN (1, 2)";

static void check_owners(struct audit *audit)
{
    find_rows(audit, CHECK_ACCOUNTS, owner_sql, "account: its owner is no customer of its bucket",
              "账户：户主不是本桶的客户");
    find_rows(audit, CHECK_ACCOUNTS, debtor_sql, "account: its payments were made by another owner",
              "账户：其支付由另一户主发起");
    find_rows(audit, CHECK_ACCOUNTS, creditor_sql,
              "account: its payments were received by another owner", "账户：其来账属于另一户主");
    find_rows(audit, CHECK_ACCOUNTS, product_sql, "account: its class is not that of its product",
              "账户：类别与其产品不符");
}

static void check_closures(struct audit *audit)
{
    find_rows(audit, CHECK_ACCOUNTS, closed_sql, "account: is closed and no closure ended so",
              "账户：已销户，但没有对应的销户记录");
    find_rows(audit, CHECK_ACCOUNTS, closing_sql, "account: is closing and no closure is open",
              "账户：销户中，但没有进行中的销户记录");
    find_rows(audit, CHECK_ACCOUNTS, done_sql, "closure: does not fit the state of its account",
              "销户记录：与账户状态不符");
    find_rows(audit, CHECK_ACCOUNTS, freeze_sql, "account: frozen or not, against its freezes",
              "账户：冻结状态与冻结记录不符");
    struct cursor *cursor = reader_stream(audit->reader, open_closures_sql, 0, 0);
    while (cursor_next(cursor)) {
        int64_t id = cursor_int(cursor, 0);
        if (cursor_int(cursor, 1) + CLOSURE_MAX_US < audit->bank_now_us) {
            find(&audit->findings, CHECK_ACCOUNTS, id,
                 "closure %" PRId64 ": has not ended for more than a month",
                 "销户记录 %" PRId64 "：逾一月未终结", id);
        }
    }
    cursor_close(cursor);
}

/* --- names ------------------------------------------------------------------------------------ */

static const char phone_sql[] =
    "SELECT c.id FROM customer_customers c LEFT JOIN db_directory d ON d.kind = 1 AND"
    " d.name_hash = c.phone_hash WHERE c.state <> 4 AND length(c.phone_hash) = 32 AND"
    " c.phone_sealed IS NOT NULL AND (d.owner_id IS NULL OR d.owner_id <> c.id) AND NOT EXISTS"
    " (SELECT 1 FROM company_companies o WHERE o.bucket = c.bucket AND o.id = c.id)";
static const char phone_back_sql[] =
    "SELECT d.owner_id FROM db_directory d LEFT JOIN customer_customers c ON c.bucket ="
    " (d.owner_id & 1023) AND c.id = d.owner_id WHERE d.kind = 1 AND (c.id IS NULL OR"
    " c.phone_hash <> d.name_hash)";
static const char card_sql[] =
    "SELECT k.id FROM account_cards k LEFT JOIN customer_customers c ON c.bucket = k.bucket AND"
    " c.id = k.customer_id WHERE c.id IS NULL OR (k.state = 1) <> (k.unbound_at = 0)";
static const char account_name_sql[] =
    "SELECT d.owner_id FROM db_directory d LEFT JOIN account_accounts a ON a.bucket ="
    " (d.owner_id & 1023) AND a.id = d.owner_id WHERE d.kind = 6 AND a.id IS NULL";
static const char account_names_sql[] =
    "SELECT a.id FROM account_accounts a LEFT JOIN (SELECT owner_id, count(*) AS name_count FROM"
    " db_directory WHERE kind = 6 GROUP BY owner_id) d ON d.owner_id = a.id WHERE a.state <> 3 AND"
    " coalesce(d.name_count, 0) <> 1";

static void check_names(struct audit *audit)
{
    find_rows(audit, CHECK_CUSTOMERS, phone_sql,
              "customer: the directory does not map the phone number to the customer",
              "客户：目录中的手机号未指向本人");
    find_rows(audit, CHECK_CUSTOMERS, phone_back_sql,
              "customer: the directory maps another number to the customer",
              "客户：目录中有不属于本人的手机号指向本人");
    find_rows(audit, CHECK_CUSTOMERS, account_name_sql,
              "account: the directory lists the number of a missing account",
              "账户：目录中的账号所指账户不存在");
    find_rows(audit, CHECK_CUSTOMERS, account_names_sql,
              "account: the directory has not one number of it", "账户：目录中应有且仅有一个账号");
    find_rows(audit, CHECK_CUSTOMERS, card_sql, "card: its owner or its state cannot be",
              "银行卡：持有人或状态不合法");
}

/* --- messages --------------------------------------------------------------------------------- */

static const char messages_sql[] =
    "SELECT m.id, m.customer_id, m.params, p.id, p.amount_minor, p.currency, p.debtor_customer_id,"
    " p.creditor_customer_id, m.payment_id, o.maker_id FROM customer_messages m LEFT JOIN"
    " payment_payments p ON p.bucket = (m.payment_id & 1023) AND p.id = m.payment_id LEFT JOIN"
    " company_orders o ON o.payment_id = m.payment_id WHERE m.payment_id IS NOT NULL AND"
    " m.payment_id <> 0";

/* A message about a payment: to a party, or to the person who ordered it for a company, and with
 * the payment's amount if it names one. */
static void check_message(struct audit *audit, struct cursor *cursor)
{
    int64_t id = cursor_int(cursor, 0), customer = cursor_int(cursor, 1);
    struct ccy ccy;
    json_t *params = json_loads(cursor_text(cursor, 2), 0, NULL);
    const char *amount = json_string_value(json_object_get(params, "amount"));
    bool fits = !cursor_is_null(cursor, 3) &&
                (customer == cursor_int(cursor, 6) || customer == cursor_int(cursor, 7) ||
                 (!cursor_is_null(cursor, 9) && customer == cursor_int(cursor, 9)));
    if (fits && amount != NULL && ccy_parse(cursor_text(cursor, 5), &ccy) == ERR_OK) {
        struct money money;
        fits = money_parse(amount, ccy, &money) == ERR_OK && money.minor == cursor_int(cursor, 4);
    }
    if (!fits) {
        find(&audit->findings, CHECK_CUSTOMERS, id,
             "message %" PRId64 ": payment %" PRId64
             " is not there, of others or of another amount",
             "消息 %" PRId64 "：支付 %" PRId64 " 不存在、属于他人或金额不符", id,
             cursor_int(cursor, 8));
    }
    json_decref(params);
}

/* The outbox row of an ended payment notifies both parties and is deleted afterwards. */
static const char untold_sql[] =
    "SELECT p.id FROM payment_payments p WHERE p.settled_at <> 0 AND p.debtor_name <> '' AND"
    " p.creditor_name <> '' AND p.id NOT IN (SELECT m.payment_id FROM customer_messages m WHERE"
    " m.payment_id IS NOT NULL) AND p.id NOT IN (SELECT o.ref_id FROM db_outbox o WHERE o.topic IN"
    " ('payment.booked', 'payment.rejected'))";

void people_check(struct audit *audit)
{
    check_owners(audit);
    check_closures(audit);
    check_names(audit);
    struct cursor *cursor = reader_stream(audit->reader, messages_sql, 0, 0);
    int64_t count = 0;
    for (; cursor_next(cursor); count++) {
        check_message(audit, cursor);
    }
    cursor_close(cursor);
    find_rows(audit, CHECK_CUSTOMERS, untold_sql, "payment: has ended and nobody was told",
              "支付：已终结而未通知任何人");
    summarise(&audit->findings, CHECK_CUSTOMERS, "%s messages about payments; names lead to owners",
              "%s 条支付消息；目录与户主一致", GROUPED(count));
}
