/* The books as plain text: accounts, passes over the transfers, assertions. */
#include "report/books.h"

#include "base/check.h"
#include "report/gl_sums.h"

#include <stdlib.h>
#include <string.h>

#define BUFFER_MAX ((size_t)4 << 20)

/* --- accounts ----------------------------------------------------------------------------------
 */

static bool collect_row(const struct ledger_account_row *row, void *context)
{
    struct books *books = context;
    if (books->row_count == books->row_capacity) {
        size_t capacity = books->row_capacity ? books->row_capacity * 2 : 1024;
        struct ledger_account_row *rows = realloc(books->rows, capacity * sizeof *rows);
        if (rows == NULL) {
            books->err = ERR_NO_MEMORY;
            return false;
        }
        books->rows = rows;
        books->row_capacity = capacity;
    }
    books->rows[books->row_count++] = *row;
    return true;
}

static struct books_slot *slot_of(struct books *books, int64_t id)
{
    size_t mask = books->slot_count - 1;
    size_t place = (size_t)(((uint64_t)id * UINT64_C(0x9E3779B97F4A7C15)) >> 32) & mask;
    while (books->slots[place].id != 0 && books->slots[place].id != id) {
        place = (place + 1) & mask;
    }
    return &books->slots[place];
}

/* The common account of a GL code and currency; those stand first, and are few. */
static size_t internal_place(struct books *books, const struct ledger_account_row *row,
                             size_t internal_count)
{
    for (size_t i = 0; i < internal_count; i++) {
        if (books->accounts[i].gl_code == row->gl_code &&
            books->accounts[i].ccy_number == ccy_number(row->ccy)) {
            return i;
        }
    }
    return internal_count;
}

static enum err add_account(struct books *books, const struct ledger_account_row *row)
{
    bool internal = ledger_is_internal(row->id);
    struct books_account *out = &books->accounts[books->count++];
    *out = (struct books_account){.id = internal ? 0 : row->id.value,
                                  .gl_code = row->gl_code,
                                  .ccy_number = (uint16_t)ccy_number(row->ccy)};
    if (internal) {
        return ERR_OK;
    }
    struct account account;
    enum err err = account_load(books->conn, row->id, &account);
    if (err == ERR_OK) {
        memcpy(out->number, account.number, sizeof out->number);
    }
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

static enum err books_load_accounts(struct books *books)
{
    enum err err = ledger_accounts_each(books->conn, collect_row, books);
    err = err ? err : books->err;
    books->slot_count = 16;
    while (books->slot_count < 2 * books->row_count) {
        books->slot_count *= 2;
    }
    books->slots = calloc(books->slot_count, sizeof *books->slots);
    books->accounts = calloc(books->row_count + 1, sizeof *books->accounts);
    if (!err && (books->slots == NULL || books->accounts == NULL)) {
        err = ERR_NO_MEMORY;
    }
    /* Ids of the bank's own accounts are the smallest, and rows come in the order of ids. */
    size_t internal_count = 0;
    for (size_t i = 0; !err && i < books->row_count; i++) {
        const struct ledger_account_row *row = &books->rows[i];
        bool internal = ledger_is_internal(row->id);
        size_t place = internal ? internal_place(books, row, internal_count) : books->count;
        if (place == books->count) {
            err = add_account(books, row);
            internal_count += internal;
        }
        *slot_of(books, row->id.value) = (struct books_slot){row->id.value, (uint32_t)place};
    }
    return err;
}

/* NULL if it is not known. */
static struct books_account *books_find(struct books *books, struct account_id account)
{
    const struct books_slot *slot = slot_of(books, account.value);
    return slot->id != 0 ? &books->accounts[slot->place] : NULL;
}

static void books_release(struct books *books)
{
    free(books->accounts);
    free(books->slots);
    free(books->rows);
    str_release(&books->out);
}

/* The balances that the accounts carry. */
static enum err load_carried(struct books *books)
{
    enum err err = ERR_OK;
    for (size_t i = 0; !err && i < books->row_count; i++) {
        struct ledger_account state;
        err = ledger_account_load(books->ledger, books->conn, books->rows[i].id, &state);
        if (!err) {
            books_find(books, books->rows[i].id)->carried_minor +=
                state.debits_posted - state.credits_posted;
        }
    }
    return err;
}

/* --- passes ------------------------------------------------------------------------------------
 */

static bool find_sides(struct books *books, const struct ledger_line *line,
                       struct books_account **debit, struct books_account **credit)
{
    *debit = books_find(books, line->debit);
    *credit = books_find(books, line->credit);
    if (*debit == NULL || *credit == NULL) {
        books->err = ERR_LEDGER_ACCOUNT;
    }
    return books->err == ERR_OK;
}

static bool add_sides(struct books *books, int64_t *debit, int64_t *credit, int64_t amount_minor)
{
    if (__builtin_add_overflow(*debit, amount_minor, debit) ||
        __builtin_sub_overflow(*credit, amount_minor, credit)) {
        books->err = ERR_OVERFLOW;
    }
    return books->err == ERR_OK;
}

static bool add_opening(const struct ledger_line *line, void *context)
{
    struct books *books = context;
    struct books_account *debit;
    struct books_account *credit;
    if (!gl_sums_counts(line->kind) || date_compare(line->booking_date, books->order->from) >= 0) {
        return true;
    }
    return find_sides(books, line, &debit, &credit) &&
           add_sides(books, &debit->opening_minor, &credit->opening_minor, line->amount_minor) &&
           add_sides(books, &debit->net_minor, &credit->net_minor, line->amount_minor);
}

void books_flush(struct books *books, size_t at_least)
{
    struct str *out = &books->out;
    if (books->err || out->size < at_least) {
        return;
    }
    if (out->failed) {
        books->err = ERR_NO_MEMORY;
    } else if (!books->order->write(out->bytes, out->size, books->order->context)) {
        books->err = ERR_IO;
    }
    str_clear(out);
}

static bool write_transfer(const struct ledger_line *line, void *context)
{
    struct books *books = context;
    const struct report_books_order *order = books->order;
    struct books_account *debit;
    struct books_account *credit;
    books->done++;
    if (order->progress != NULL) {
        order->progress(books->done, order->context);
    }
    if (!gl_sums_counts(line->kind) ||
        (order->has_from && date_compare(line->booking_date, order->from) < 0) ||
        (order->has_to && date_compare(line->booking_date, order->to) > 0)) {
        return true;
    }
    if (!find_sides(books, line, &debit, &credit) ||
        !add_sides(books, &debit->net_minor, &credit->net_minor, line->amount_minor)) {
        return false;
    }
    debit->used = true;
    credit->used = true;
    if (!books->any || date_compare(line->booking_date, books->newest) > 0) {
        books->newest = line->booking_date;
    }
    books->any = true;
    books_write_line(books, line, debit, credit);
    books_flush(books, BOOKS_FLUSH_SIZE);
    return !books->err;
}

static enum err pass(struct books *books, ledger_visit *visit)
{
    enum err err = ledger_transfers_after(books->conn, 0, visit, books);
    return err ? err : books->err;
}

static enum err write_all(struct books *books)
{
    enum err err = books_load_accounts(books);
    if (!err && books->order->has_from) {
        err = pass(books, add_opening);
    }
    if (err) {
        return err;
    }
    books->newest = books->order->from;
    books->any = books->order->has_from;
    books_write_head(books);
    books_write_opening(books);
    books_flush(books, BOOKS_FLUSH_SIZE);
    err = pass(books, write_transfer);
    if (!err && books->ledger != NULL) {
        err = load_carried(books);
    }
    if (!err) {
        books_write_assertions(books);
        books_flush(books, 0);
        err = books->err;
    }
    return err;
}

enum err report_books(struct ledger *ledger, struct db_conn *conn,
                      const struct report_books_order *order)
{
    struct books books = {.order = order, .ledger = order->has_to ? NULL : ledger, .conn = conn};
    if (order->has_from && order->has_to && date_compare(order->from, order->to) > 0) {
        return ERR_REPORT_PERIOD;
    }
    str_init(&books.out, BUFFER_MAX);
    enum err err = write_all(&books);
    books_release(&books);
    return err;
}
