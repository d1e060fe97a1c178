/* Accounts, cards, limits and figures, compared with the rows that must agree with them. */
#include "audit.h"

#include "base/hash.h"

#include <inttypes.h>
#include <string.h>

/* --- accounts --------------------------------------------------------------------------------- */

/* Each version of an account is a row; the newest holds the account's state. */
static const char versions_sql[] =
    "SELECT a.id FROM account_accounts a LEFT JOIN account_changes c ON c.bucket = a.bucket AND"
    " c.account_id = a.id AND c.version = a.version WHERE c.account_id IS NULL OR"
    " c.class <> a.class OR c.product <> a.product OR c.state <> a.state OR (SELECT count(*) FROM"
    " account_changes n WHERE n.bucket = a.bucket AND n.account_id = a.id) <> a.version";
static const char changes_back_sql[] =
    "SELECT c.account_id FROM account_changes c LEFT JOIN account_accounts a ON a.bucket = c.bucket"
    " AND a.id = c.account_id WHERE a.id IS NULL";
static const char change_product_sql[] =
    "SELECT c.account_id FROM account_changes c LEFT JOIN catalogue_products p ON p.bucket = 0 AND"
    " p.id = c.product WHERE p.id IS NULL OR p.class <> c.class";
/* Two people change a class: the entry of the approver names the account or the one that it
 * replaced. */
static const char class_sql[] =
    "SELECT c.account_id FROM account_changes c JOIN account_changes b ON b.bucket = c.bucket AND"
    " b.account_id = c.account_id AND b.version = c.version - 1 WHERE b.class <> c.class AND NOT"
    " EXISTS (SELECT 1 FROM staff_audit s WHERE s.bucket = 0 AND s.action = 'account.class' AND"
    " s.at = c.at AND (s.object = 'account:' || c.account_id OR s.detail LIKE '%surplus=' ||"
    " c.account_id))";
static const char instants_sql[] =
    "SELECT a.id FROM account_accounts a JOIN account_changes f ON f.bucket = a.bucket AND"
    " f.account_id = a.id AND f.version = 1 JOIN account_changes c ON c.bucket = a.bucket AND"
    " c.account_id = a.id AND c.version = a.version JOIN ledger_accounts l ON l.bucket = a.bucket"
    " AND l.id = a.id WHERE f.at <> a.opened_at OR l.opened_at <> a.opened_at OR (a.state = 3) <>"
    " (a.closed_at IS NOT NULL) OR (a.state = 3 AND a.closed_at <> c.at)";
static const char internal_sql[] =
    "SELECT id FROM ledger_accounts WHERE id < 1099511627776 AND closed <> 0";

static void check_numbers(struct audit *audit)
{
    struct cursor *cursor = reader_stream(
        audit->reader,
        "SELECT a.id, a.account_number, d.name_hash FROM account_accounts a JOIN db_directory d ON"
        " d.kind = 6 AND d.owner_id = a.id",
        0, 0);
    while (cursor_next(cursor)) {
        size_t size;
        const char *number = cursor_text(cursor, 1);
        struct hash hash = hash_of(number, strlen(number));
        const uint8_t *kept = cursor_blob(cursor, 2, &size);
        if (size != HASH_SIZE || memcmp(kept, hash.bytes, HASH_SIZE) != 0) {
            find(&audit->findings, CHECK_ACCOUNTS, cursor_int(cursor, 0),
                 "account %" PRId64 ": its number is not the one that the directory has",
                 "账户 %" PRId64 "：账号与目录不符", cursor_int(cursor, 0));
        }
    }
    cursor_close(cursor);
}

/* --- cards ------------------------------------------------------------------------------------ */

/* Fields that a card and its binding attempt share. */
static const char binding_sql[] =
    "SELECT b.id FROM account_card_bindings b LEFT JOIN account_cards k ON k.bucket = b.bucket AND"
    " k.id = b.card_id WHERE (b.state = 3) <> (b.card_id <> 0) OR (b.card_id <> 0 AND (k.id IS NULL"
    " OR k.customer_id <> b.customer_id OR k.issuer <> b.issuer OR k.issuer_name_en <>"
    " b.issuer_name_en OR k.issuer_name_zh <> b.issuer_name_zh OR k.masked_pan <> b.masked_pan OR"
    " k.pan_hash <> b.pan_hash OR k.kind <> b.kind OR k.bound_at < b.created_at))";
static const char binding_owner_sql[] =
    "SELECT b.id FROM account_card_bindings b LEFT JOIN customer_customers c ON c.bucket = b.bucket"
    " AND c.id = b.customer_id WHERE c.id IS NULL OR b.expires_at <= b.created_at";
static const char card_directory_sql[] =
    "SELECT k.id FROM account_cards k WHERE k.state = 1 AND (k.pan_hash, k.id) NOT IN (SELECT"
    " d.name_hash, d.owner_id FROM db_directory d WHERE d.kind = 2)";
/* The digest of an order covers the masked number shown by its payment. */
static const char card_number_sql[] =
    "SELECT DISTINCT k.id FROM account_cards k JOIN payment_payments p ON p.bucket = k.bucket AND"
    " p.card_id = k.id WHERE k.masked_pan <> '' AND p.debtor_masked <> '' AND p.creditor_masked <>"
    " '' AND k.masked_pan <> CASE p.kind WHEN 2 THEN p.debtor_masked ELSE p.creditor_masked END";

/* --- limits and interest ---------------------------------------------------------------------- */

static const char usage_sql[] =
    "SELECT u.owner_id FROM account_usages u WHERE u.bucket <> (u.owner_id & 1023) OR"
    " (u.limit_kind IN (7, 8)) <> (u.year = 0) OR CASE WHEN u.limit_kind IN (1, 2, 8) THEN"
    " (SELECT count(*) FROM account_accounts a WHERE a.bucket = u.bucket AND a.id = u.owner_id)"
    " WHEN u.limit_kind = 4 THEN (SELECT count(*) FROM account_cards k WHERE k.bucket = u.bucket"
    " AND k.id = u.owner_id) ELSE (SELECT count(*) FROM customer_customers c WHERE c.bucket ="
    " u.bucket AND c.id = u.owner_id) END = 0 OR (u.limit_kind = 8 AND (u.day_minor <> 0 OR"
    " u.day_count <> 0))";

/* --- the catalogue ---------------------------------------------------------------------------- */

static const char edition_sql[] =
    "SELECT e.number FROM catalogue_editions e WHERE e.bucket <> 0 OR e.number > (SELECT count(*)"
    " FROM catalogue_editions) OR NOT EXISTS (SELECT 1 FROM catalogue_parameters p WHERE p.bucket ="
    " 0 AND p.version = e.number)";
static const char figure_sql[] =
    "SELECT p.version FROM catalogue_parameters p LEFT JOIN catalogue_editions e ON e.bucket = 0"
    " AND e.number = p.version WHERE e.number IS NULL OR e.effective_date <> p.effective_date OR"
    " (p.staff_id = 0) <> (p.created_at = 0) OR (e.created_at <> p.created_at) OR p.source_en = ''"
    " OR p.source_zh = ''";
/* Products and their classes, as delivered with the program. */
static const char product_sql[] =
    "SELECT p.id FROM catalogue_products p WHERE p.bucket <> 0 OR p.class <> CASE p.id WHEN 1 THEN "
    "1"
    " WHEN 2 THEN 2 WHEN 3 THEN 3 WHEN 4 THEN 4 WHEN 5 THEN 1 ELSE 0 END";

/* --- the ledger's rows beside its transfers
 * ----------------------------------------------------- */

static const char embedded_hold_sql[] =
    "SELECT h.id FROM ledger_holds h JOIN ledger_transfers t ON t.id = h.id WHERE t.recipe <>"
    " h.recipe OR t.ref_id <> h.ref_id";
static const char pg_hold_sql[] =
    "SELECT h.id FROM ledger_holds h JOIN ledger_transfers t ON t.bucket = h.bucket AND t.id = h.id"
    " WHERE t.recipe <> h.recipe OR t.ref_id <> h.ref_id";
static const char embedded_members_sql[] =
    "SELECT seq FROM ledger_seals WHERE length(members) <> 0 OR bucket <> 0";

void accounts_facts_check(struct audit *audit)
{
    static const struct {
        enum check check;
        const char *sql, *en, *zh;
    } rows[] = {
        {CHECK_ACCOUNTS, versions_sql, "account: is not what its newest change made it",
         "账户：与其最近一次变更不符"},
        {CHECK_ACCOUNTS, changes_back_sql, "account: has changes and is not there",
         "账户：有变更记录而账户不存在"},
        {CHECK_ACCOUNTS, change_product_sql, "account: a change's class is not that of its product",
         "账户：变更记录的类别与产品不符"},
        {CHECK_ACCOUNTS, class_sql, "account: its class changed and nobody approved it",
         "账户：类别变更未经批准"},
        {CHECK_ACCOUNTS, instants_sql, "account: was opened or closed at another instant",
         "账户：开户或销户时刻不符"},
        {CHECK_ACCOUNTS, internal_sql, "ledger account: is the bank's own and closed",
         "账本账户：为本行账户而已销户"},
        {CHECK_CUSTOMERS, binding_sql, "binding: is not the one of its card",
         "绑卡记录：与银行卡不符"},
        {CHECK_CUSTOMERS, binding_owner_sql, "binding: its owner or its instants cannot be",
         "绑卡记录：持有人或时刻不合法"},
        {CHECK_CUSTOMERS, card_directory_sql, "card: the directory does not lead to it",
         "银行卡：目录未指向该卡"},
        {CHECK_CUSTOMERS, card_number_sql, "card: its payments show another number",
         "银行卡：其支付显示另一卡号"},
        {CHECK_LIMITS, usage_sql, "owner: a limit of it is counted for nobody or in another bucket",
         "限额主体：不存在或桶不符"},
        {CHECK_STAFF, edition_sql, "edition: has no figure or a number that cannot be",
         "版本：没有参数或编号不合法"},
        {CHECK_STAFF, figure_sql, "edition: a figure of it has another date or no source",
         "版本：其参数日期不符或没有依据"},
        {CHECK_STAFF, product_sql, "product: has another class than the program gave it",
         "产品：类别与程序自带不符"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0] && !audit->is_bare; i++) {
        find_rows(audit, rows[i].check, rows[i].sql, rows[i].en, rows[i].zh);
    }
    check_numbers(audit);
    find_rows(audit, CHECK_HOLDS, audit->is_pg ? pg_hold_sql : embedded_hold_sql,
              "hold: its recipe or reference is not that of its transfer",
              "冻结：配方或引用与转账不符");
    if (!audit->is_pg) {
        find_rows(audit, CHECK_SEALS, embedded_members_sql, "seal: lists members or has a bucket",
                  "封印：不应有成员列表或桶");
    }
}
