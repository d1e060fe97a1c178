/* Ids chosen by clients, and the customers' accounts against the ledger's. */
#include "audit.h"

#include "base/id.h"
#include "base/money.h"
#include "base/str.h"

#include <inttypes.h>
#include <string.h>

#define CLIENT_ID_SIZE 16
#define TOLD_VISITED   128
#define CLASS_PAYMENT  4

static const char embedded_ids[] =
    "SELECT c.client_id, c.transfer_id, t.leg, a.slug FROM ledger_client_ids c"
    " LEFT JOIN ledger_transfers t ON t.id = c.transfer_id"
    " LEFT JOIN ledger_client_answers a ON a.client_id = c.client_id"
    " WHERE c.transfer_id = 0 OR c.transfer_id >= $1";
static const char pg_ids[] =
    "SELECT c.client_id, c.transfer_id, t.leg, a.slug, c.bucket FROM ledger_client_ids c"
    " LEFT JOIN ledger_transfers t ON t.bucket = (c.transfer_id & 1023) AND t.id = c.transfer_id"
    " LEFT JOIN ledger_client_answers a ON a.bucket = c.bucket AND a.client_id = c.client_id"
    " WHERE c.transfer_id = 0 OR c.transfer_id >= $1";
static const char embedded_orphans[] =
    "SELECT count(*) FROM ledger_client_answers a WHERE NOT EXISTS (SELECT 1 FROM"
    " ledger_client_ids c WHERE c.client_id = a.client_id)";
static const char pg_orphans[] =
    "SELECT count(*) FROM ledger_client_answers a WHERE NOT EXISTS (SELECT 1 FROM"
    " ledger_client_ids c WHERE c.bucket = a.bucket AND c.client_id = a.client_id)";

static void check_client_id(struct audit *audit, struct cursor *cursor)
{
    struct findings *findings = &audit->findings;
    size_t size;
    const uint8_t *bytes = cursor_blob(cursor, 0, &size);
    char text[2 * CLIENT_ID_SIZE + 1] = "?";
    bool is_whole = size == CLIENT_ID_SIZE;
    if (is_whole) {
        str_to_hex(bytes, size, text);
    }
    if (!is_whole ||
        (audit->is_pg && cursor_int(cursor, 4) != bucket_of_hash(bytes + CLIENT_ID_SIZE - 2, 2))) {
        find(findings, CHECK_CLIENT_IDS, 0, "client id %s: has another size or bucket",
             "客户编号 %s：长度或所在桶不符", text);
    }
    int64_t transfer = cursor_int(cursor, 1);
    bool is_refused = !cursor_is_null(cursor, 3) && cursor_text(cursor, 3)[0] != '\0';
    if (transfer != 0 && (cursor_is_null(cursor, 2) || cursor_int(cursor, 2) != 0)) {
        find(findings, CHECK_CLIENT_IDS, transfer,
             "client id %s: became journal %" PRId64 ", which is not there",
             "客户编号 %s：对应分录 %" PRId64 " 不存在", text, transfer);
    }
    if ((transfer == 0) != is_refused) {
        find(findings, CHECK_CLIENT_IDS, transfer,
             "client id %s: was refused and has a journal, or neither",
             "客户编号 %s：既被拒绝又有分录，或两者皆无", text);
    }
}

void client_ids_check(struct audit *audit)
{
    int64_t count = 0;
    struct cursor *cursor =
        reader_stream(audit->reader, audit->is_pg ? pg_ids : embedded_ids, audit->since_id, 0);
    for (; cursor_next(cursor); count++) {
        check_client_id(audit, cursor);
    }
    cursor_close(cursor);
    cursor = reader_stream(audit->reader,
                           "SELECT transfer_id, count(*) FROM ledger_client_ids"
                           " WHERE transfer_id <> 0 AND transfer_id >= $1"
                           " GROUP BY transfer_id HAVING count(*) > 1",
                           audit->since_id, 0);
    while (cursor_next(cursor)) {
        find(&audit->findings, CHECK_CLIENT_IDS, cursor_int(cursor, 0),
             "journal %" PRId64 ": %" PRId64 " client ids name it",
             "分录 %" PRId64 "：被 %" PRId64 " 个客户编号指向", cursor_int(cursor, 0),
             cursor_int(cursor, 1));
    }
    cursor_close(cursor);
    int64_t orphans =
        reader_number(audit->reader, audit->is_pg ? pg_orphans : embedded_orphans, 0, 0, 0);
    if (orphans != 0) {
        find(&audit->findings, CHECK_CLIENT_IDS, 0, "%s answers without a client id",
             "%s 条答复没有客户编号", GROUPED(orphans));
    }
    summarise(&audit->findings, CHECK_CLIENT_IDS, "%s ids of clients", "%s 个客户编号",
              GROUPED(count));
}

/* --- customers' accounts ---------------------------------------------------------------------- */

static void check_customer_account(struct audit *audit, struct cursor *cursor)
{
    struct findings *findings = &audit->findings;
    int64_t id = cursor_int(cursor, 0);
    struct book *book = book_of(audit, id);
    int code = cursor_int(cursor, 4) == CLASS_PAYMENT ? PAYMENT_ACCOUNTS : DEPOSITS;
    if (book == NULL || book->gl != code) {
        find(findings, CHECK_ACCOUNTS, id, "account %" PRId64 ": has no ledger account of code %d",
             "账户 %" PRId64 "：没有科目 %d 的账本账户", id, code);
        return;
    }
    book->told |= TOLD_VISITED;
    bool is_closed = cursor_int(cursor, 2) == 3;
    if (is_closed != (book->closed != 0)) {
        find(findings, CHECK_ACCOUNTS, id,
             "account %" PRId64 ": state %" PRId64 ", in the ledger it is %s",
             "账户 %" PRId64 "：状态 %" PRId64 "，账本中为%s", id, cursor_int(cursor, 2),
             findings->lang == LANG_ZH ? (book->closed ? "已销户" : "未销户")
                                       : (book->closed ? "closed" : "open"));
    }
    const char *currency = cursor_text(cursor, 3);
    if (cursor_int(cursor, 1) != bucket_of(id) || strcmp(currency, ccy_text(book->ccy)) != 0) {
        find(findings, CHECK_ACCOUNTS, id,
             "account %" PRId64 ": currency %s or bucket is not that of the ledger",
             "账户 %" PRId64 "：币种 %s 或桶与账本不符", id, currency);
    }
}

void accounts_check(struct audit *audit)
{
    int64_t count = 0;
    struct cursor *cursor = reader_stream(
        audit->reader, "SELECT id, bucket, state, currency, class FROM account_accounts", 0, 0);
    for (; cursor_next(cursor); count++) {
        check_customer_account(audit, cursor);
    }
    cursor_close(cursor);
    for (uint32_t i = 0; !audit->is_bare && i < audit->book_map.count; i++) {
        const struct book *book = &audit->books[i];
        if ((book->gl == DEPOSITS || book->gl == PAYMENT_ACCOUNTS) &&
            !(book->told & TOLD_VISITED)) {
            find(&audit->findings, CHECK_ACCOUNTS, book->id,
                 "ledger account %" PRId64 ": is no customer's account",
                 "账本账户 %" PRId64 "：不属于任何客户账户", book->id);
        }
    }
    summarise(&audit->findings, CHECK_ACCOUNTS,
              audit->is_bare ? "%s ledger accounts, %s of customers (a bare ledger)"
                             : "%s ledger accounts, %s of customers",
              audit->is_bare ? "%s 个账本账户，客户账户 %s 个（仅有账本）"
                             : "%s 个账本账户，客户账户 %s 个",
              GROUPED(audit->book_map.count), GROUPED(count));
}
