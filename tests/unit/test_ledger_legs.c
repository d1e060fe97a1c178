/*
 * Recipes of more than one leg, and holds captured in parts: the forms that the domains to come
 * need, posted on both engines with the same rows wanted of each, and every refusal of an event.
 */
#include "ledger_fixture.h"

#include "ledger/recipe_rules.h"

#include <inttypes.h>

#define ROLE(name)                                                                                 \
    {                                                                                              \
        ROLE_##name, GL_RESERVE                                                                    \
    }
#define BANK(gl)                                                                                   \
    {                                                                                              \
        ROLE_BANK, gl                                                                              \
    }

/* A merchant's payment: what is left of the price, the bank's fee, the part kept back. */
static const struct recipe_row merchant = {
    RECIPE_TRANSFER,
    1,
    "merchant",
    "Merchant payment",
    "商户收款",
    .legs = {{ROLE(CUSTOMER), ROLE(PAYEE), SLOT_AMOUNT, false},
             {ROLE(CUSTOMER), BANK(GL_FEE_INCOME), SLOT_FEE, true},
             {ROLE(CUSTOMER), ROLE(RESERVE), SLOT_RESERVE, true}},
    .total = SLOT_TOTAL};

/* An exchange: the customer's yuan into the bank's position, yen out of it. */
static const struct recipe_row exchange = {
    RECIPE_TRANSFER,
    1,
    "exchange",
    "Exchange",
    "兑换",
    .legs = {{ROLE(CUSTOMER), BANK(GL_IN_TRANSIT), SLOT_SOLD, false},
             {BANK(GL_IN_TRANSIT), ROLE(PAYEE), SLOT_BOUGHT, false}},
    .many_currencies = true};

/* A loan's instalment; the payee is the loan's account. */
static const struct recipe_row instalment = {
    RECIPE_TRANSFER,
    1,
    "instalment",
    "Instalment",
    "还款",
    .legs = {{ROLE(CUSTOMER), ROLE(PAYEE), SLOT_PRINCIPAL, true},
             {ROLE(CUSTOMER), BANK(GL_INTEREST_PAYABLE), SLOT_INTEREST, true},
             {ROLE(CUSTOMER), BANK(GL_FEE_INCOME), SLOT_PENALTY, true}},
    .total = SLOT_TOTAL};

/* Escrow: held from the buyer for the seller. Its ends go by the number of a two-step recipe. */
static const struct recipe_row escrow = {
    RECIPE_WITHDRAWAL, 1,          "escrow",
    "Escrow",          "担保交易", .legs = {{ROLE(CUSTOMER), ROLE(PAYEE), SLOT_AMOUNT, false}},
    .two_steps = true};

static struct ccy yen(void)
{
    struct ccy ccy;
    assert_ok(ccy_parse("JPY", &ccy));
    return ccy;
}

/* Accounts 3 to 5 in yuan, 6 in yen; 3 has 1000.00 and 6 has 5000. */
static enum err open_yen(struct ledger_unit *unit, void *context)
{
    (void)context;
    struct ledger_account_spec spec = {
        .id = books_account(6), .ccy = yen(), .gl_code = GL_DEPOSITS_DEMAND};
    return ledger_account_open(unit, &spec);
}

static void open_books(struct books *b, enum db_engine engine)
{
    struct books_opening opening = {3, 3};
    books_open(b, engine, "ledger_legs");
    assert_ok(books_run(b, books_open_some, &opening));
    assert_ok(books_run(b, open_yen, NULL));
    struct books_transfer rich = books_pay(books_reserve(), books_account(3), 100000);
    assert_ok(books_run(b, books_post, &rich));
    rich = books_pay(ledger_internal_account(GL_RESERVE, yen(), 0), books_account(6), 5000);
    assert_ok(books_run(b, books_post, &rich));
}

static void on_both(void (*run)(enum db_engine engine))
{
    const char *server = getenv("SYCEE_TEST_PG_URL");
    run(DB_SQLITE);
    if (server != NULL && server[0] != '\0') {
        run(DB_POSTGRESQL);
    }
}

#define YUAN(minor)                                                                                \
    {                                                                                              \
        minor, CCY_CNY                                                                             \
    }

/* Price 100.00, fee 0.38, 5.00 kept back. */
static struct recipe_event sale(void)
{
    return (struct recipe_event){.recipe = RECIPE_TRANSFER,
                                 .accounts = {[ROLE_CUSTOMER] = books_account(3),
                                              [ROLE_PAYEE] = books_account(4),
                                              [ROLE_RESERVE] = books_account(5)},
                                 .amounts = {[SLOT_TOTAL] = YUAN(10000),
                                             [SLOT_AMOUNT] = YUAN(9462),
                                             [SLOT_FEE] = YUAN(38),
                                             [SLOT_RESERVE] = YUAN(500)},
                                 .booking_date = {20000},
                                 .ref_id = 42,
                                 .bucket = -1};
}

/* --- what an event is refused for ------------------------------------------------------------- */

static struct recipe_event no_fee(void)
{
    struct recipe_event event = sale();
    event.amounts[SLOT_FEE] = (struct money){0};
    return event;
}
static struct recipe_event with_penalty(void)
{
    struct recipe_event event = sale();
    event.amounts[SLOT_PENALTY] = (struct money)YUAN(1);
    return event;
}
static struct recipe_event fee_below_zero(void)
{
    struct recipe_event event = sale();
    event.amounts[SLOT_FEE].minor = -38;
    event.amounts[SLOT_AMOUNT].minor = 9538;
    return event;
}
static struct recipe_event nothing_for_the_payee(void)
{
    struct recipe_event event = sale();
    event.amounts[SLOT_AMOUNT].minor = 0;
    event.amounts[SLOT_TOTAL].minor = 538;
    return event;
}
static struct recipe_event of_no_currency(void)
{
    struct recipe_event event = sale();
    event.amounts[SLOT_FEE].ccy = (struct ccy){"QQQ"};
    return event;
}
static struct recipe_event fee_in_yen(void)
{
    struct recipe_event event = sale();
    event.amounts[SLOT_FEE].ccy = yen();
    return event;
}
static struct recipe_event beyond_the_range(void)
{
    struct recipe_event event = sale();
    event.amounts[SLOT_AMOUNT].minor = INT64_MAX - 100;
    event.amounts[SLOT_FEE].minor = 101;
    return event;
}
static struct recipe_event a_fen_short(void)
{
    struct recipe_event event = sale();
    event.amounts[SLOT_FEE].minor = 37;
    return event;
}
static struct recipe_event a_fen_over(void)
{
    struct recipe_event event = sale();
    event.amounts[SLOT_AMOUNT].minor = 9463;
    return event;
}
static struct recipe_event no_payee(void)
{
    struct recipe_event event = sale();
    event.accounts[ROLE_PAYEE].value = 0;
    return event;
}
static struct recipe_event no_reserve(void)
{
    struct recipe_event event = sale();
    event.accounts[ROLE_RESERVE].value = 0;
    return event;
}
static struct recipe_event bank_given(void)
{
    struct recipe_event event = sale();
    event.accounts[ROLE_BANK] = books_reserve();
    return event;
}
static struct recipe_event missing_and_negative(void)
{
    struct recipe_event event = no_fee();
    event.amounts[SLOT_RESERVE].minor = -1;
    event.accounts[ROLE_PAYEE].value = 0;
    return event;
}
static struct recipe_event negative_and_short(void)
{
    struct recipe_event event = no_payee();
    event.amounts[SLOT_RESERVE].minor = -1;
    return event;
}

static void test_ledger_legs__refuses_by_name(void **state)
{
    (void)state;
    static const struct {
        struct recipe_event (*event)(void);
        enum err want;
        int leg;
        const char *what;
    } rows[] = {
        {sale, ERR_OK, -1, ""},
        {no_fee, ERR_RECIPE_SLOT, -1, "fee"},
        {with_penalty, ERR_RECIPE_SLOT, -1, "penalty"},
        {fee_below_zero, ERR_RECIPE_AMOUNT, -1, "fee"},
        {nothing_for_the_payee, ERR_RECIPE_AMOUNT, 0, "amount"},
        {of_no_currency, ERR_UNKNOWN_CURRENCY, -1, "fee"},
        {fee_in_yen, ERR_CURRENCY_MISMATCH, -1, "fee"},
        {beyond_the_range, ERR_OVERFLOW, 1, "fee"},
        {a_fen_short, ERR_RECIPE_TOTAL, -1, "total"},
        {a_fen_over, ERR_RECIPE_TOTAL, -1, "total"},
        {no_payee, ERR_RECIPE_ROLE, 0, "payee"},
        {no_reserve, ERR_RECIPE_ROLE, 2, "reserve"},
        {bank_given, ERR_RECIPE_ROLE, -1, "bank"},
        {missing_and_negative, ERR_RECIPE_SLOT, -1, "fee"}, /* precedence */
        {negative_and_short, ERR_RECIPE_AMOUNT, -1, "reserve"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct recipe_event event = rows[i].event();
        struct recipe_journal journal = {.count = 99};
        struct recipe_problem problem;
        enum err err = recipe_build(&merchant, &event, &journal, &problem);
        if (err != rows[i].want) {
            fail_msg("row %zu: %s, wanted %s", i, err_slug(err), err_slug(rows[i].want));
        }
        assert_int_equal(err ? 99 : 3, journal.count);
        if (err) {
            assert_int_equal(rows[i].leg, problem.leg);
            assert_string_equal(rows[i].what, problem.what);
        }
    }
}

static void test_ledger_legs__bank_needs_a_bucket(void **state)
{
    (void)state;
    struct recipe_journal journal;
    struct recipe_problem problem;
    struct recipe_event event = {
        .recipe = RECIPE_SETTLE_IN, .amounts = {[SLOT_AMOUNT] = YUAN(5)}, .bucket = -1};
    const struct recipe_row *row = recipe_find(RECIPE_SETTLE_IN);
    assert_err(ERR_RECIPE_ROLE, recipe_build(row, &event, &journal, &problem));
    assert_string_equal("customer", problem.what);
    event.bucket = 9;
    assert_ok(recipe_build(row, &event, &journal, &problem));
    assert_int_equal(9, id_bucket(journal.transfers[0].debit.value));
    event.bucket = -1;
    event.accounts[ROLE_CUSTOMER] = books_account(3);
    assert_ok(recipe_build(row, &event, &journal, &problem));
    assert_int_equal(id_bucket(books_account(3).value),
                     id_bucket(journal.transfers[0].debit.value));
}

/* --- the forms, on both engines --------------------------------------------------------------- */

struct posting {
    const struct recipe_row *row;
    struct recipe_event event;
    struct ledger_line lines[LEDGER_LEGS_MAX];
    size_t count;
};
static enum err post_row(struct ledger_unit *unit, void *context)
{
    struct posting *posting = context;
    struct journal_result result;
    enum err err = recipe_post_row(unit, posting->row, &posting->event, &result);
    return err ? err : ledger_journal_read(unit, result.id, posting->lines, &posting->count);
}

/* "3>4:9462 3>4001:38": accounts of the books by number, the bank's by code, with their currency
 * where it is not the yuan. */
static void side_text(struct account_id account, char out[16])
{
    for (int number = 3; number <= 6; number++) {
        if (books_account(number).value == account.value) {
            snprintf(out, 16, "%d", number);
            return;
        }
    }
    int ccy = (int)(account.value >> 10) & CCY_NUMBER_MAX;
    snprintf(out, 16, "%d%s", (int)(account.value >> (CCY_NUMBER_BITS + 10)),
             ccy == ccy_number(CCY_CNY) ? "" : ccy_from_number(ccy).code);
}

static void assert_rows(const char *want, const struct posting *posting)
{
    char text[512] = "";
    size_t used = 0;
    for (size_t i = 0; i < posting->count; i++) {
        char debit[16];
        char credit[16];
        side_text(posting->lines[i].debit, debit);
        side_text(posting->lines[i].credit, credit);
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%s>%s:%" PRId64, i ? " " : "",
                                 debit, credit, posting->lines[i].amount_minor);
    }
    assert_string_equal(want, text);
}

static int64_t balance_of(struct books *b, int number)
{
    struct ledger_account account = books_state(b, books_account(number));
    return ledger_balance(&account);
}

static void post_forms(enum db_engine engine)
{
    struct books b;
    open_books(&b, engine);
    struct posting p = {.row = &merchant, .event = sale()};
    assert_ok(books_run(&b, post_row, &p));
    assert_rows("3>4:9462 3>4001:38 3>5:500", &p);
    assert_int_equal(90000, balance_of(&b, 3));
    assert_int_equal(9462, balance_of(&b, 4));
    assert_int_equal(500, balance_of(&b, 5));
    /* No fee, nothing kept back: two legs are left out. */
    p.event.amounts[SLOT_FEE].minor = p.event.amounts[SLOT_RESERVE].minor = 0;
    p.event.amounts[SLOT_TOTAL].minor = p.event.amounts[SLOT_AMOUNT].minor = 1;
    assert_ok(books_run(&b, post_row, &p));
    assert_rows("3>4:1", &p);
    /* Two currencies in one journal. */
    p = (struct posting){
        .row = &exchange,
        .event = {.recipe = RECIPE_TRANSFER,
                  .accounts = {[ROLE_CUSTOMER] = books_account(3), [ROLE_PAYEE] = books_account(6)},
                  .amounts = {[SLOT_SOLD] = YUAN(4870), [SLOT_BOUGHT] = {1000, yen()}},
                  .booking_date = {20000},
                  .bucket = -1}};
    assert_ok(books_run(&b, post_row, &p));
    assert_rows("3>1901:4870 1901JPY>6:1000", &p);
    assert_int_equal(6000, balance_of(&b, 6));
    /* Yen for an account in yuan, yuan for one in yen: the account decides, nothing moves. */
    p.event.amounts[SLOT_BOUGHT] = (struct money)YUAN(1000);
    assert_err(ERR_CURRENCY_MISMATCH, books_run(&b, post_row, &p));
    p.event.amounts[SLOT_BOUGHT] = (struct money){1000, yen()};
    p.event.accounts[ROLE_PAYEE] = books_account(4);
    assert_err(ERR_CURRENCY_MISMATCH, books_run(&b, post_row, &p));
    assert_int_equal(6000, balance_of(&b, 6));
    assert_int_equal(85129, balance_of(&b, 3));
    /* Both accounts are in yuan and the amount is in yen. */
    p = (struct posting){
        .row = recipe_find(RECIPE_TRANSFER),
        .event = {.recipe = RECIPE_TRANSFER,
                  .accounts = {[ROLE_CUSTOMER] = books_account(3), [ROLE_PAYEE] = books_account(4)},
                  .amounts = {[SLOT_AMOUNT] = {5, yen()}},
                  .booking_date = {20000},
                  .bucket = -1}};
    assert_err(ERR_CURRENCY_MISMATCH, books_run(&b, post_row, &p));
    books_close(&b);
}

static void test_ledger_legs__forms_post_the_same_rows(void **state)
{
    (void)state;
    on_both(post_forms);
}

static void pay_instalments(enum db_engine engine)
{
    struct books b;
    open_books(&b, engine);
    static const struct {
        int64_t principal, interest, penalty;
        const char *want; /* NULL: refused */
    } rows[] = {{8000, 350, 0, "3>4:8000 3>2101:350"},
                {8000, 320, 15, "3>4:8000 3>2101:320 3>4001:15"},
                {0, 0, 15, "3>4001:15"},
                {0, 290, 0, "3>2101:290"},
                {0, 0, 0, NULL}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t total = rows[i].principal + rows[i].interest + rows[i].penalty;
        struct posting p = {
            .row = &instalment,
            .event = {
                .recipe = RECIPE_TRANSFER,
                .accounts = {[ROLE_CUSTOMER] = books_account(3), [ROLE_PAYEE] = books_account(4)},
                .amounts = {[SLOT_TOTAL] = YUAN(total),
                            [SLOT_PRINCIPAL] = YUAN(rows[i].principal),
                            [SLOT_INTEREST] = YUAN(rows[i].interest),
                            [SLOT_PENALTY] = YUAN(rows[i].penalty)},
                .booking_date = {20000},
                .bucket = -1}};
        assert_err(rows[i].want ? ERR_OK : ERR_RECIPE_AMOUNT, books_run(&b, post_row, &p));
        if (rows[i].want) {
            assert_rows(rows[i].want, &p);
        }
    }
    assert_int_equal(100000 - 16000 - 350 - 320 - 30 - 290, balance_of(&b, 3));
    books_close(&b);
}

static void test_ledger_legs__instalment_leaves_out_what_is_zero(void **state)
{
    (void)state;
    on_both(pay_instalments);
}

/* A journal is whole or not at all, also where its last leg is the one that cannot be paid, and
 * sums past 63 bits are refused wherever they arise. */
static void refuse_whole(enum db_engine engine)
{
    struct books b;
    open_books(&b, engine);
    struct posting p = {.row = &merchant, .event = sale()};
    p.event.amounts[SLOT_AMOUNT].minor = 99500;
    p.event.amounts[SLOT_RESERVE].minor = 463;
    p.event.amounts[SLOT_TOTAL].minor = 100001;
    assert_err(ERR_INSUFFICIENT_FUNDS, books_run(&b, post_row, &p));
    assert_int_equal(100000, balance_of(&b, 3));
    assert_int_equal(0, balance_of(&b, 4));
    /* 2^63 - 1 into an account that has 9462 already. */
    p.event = sale();
    assert_ok(books_run(&b, post_row, &p));
    struct books_transfer vast = books_pay(books_reserve(), books_account(4), INT64_MAX);
    assert_err(ERR_OVERFLOW, books_run(&b, books_post, &vast));
    p.event.accounts[ROLE_CUSTOMER] = books_reserve();
    p.event.amounts[SLOT_AMOUNT].minor = INT64_MAX - 600;
    p.event.amounts[SLOT_TOTAL].minor = INT64_MAX - 600 + 538;
    assert_err(ERR_OVERFLOW, books_run(&b, post_row, &p));
    assert_int_equal(90000, balance_of(&b, 3));
    assert_int_equal(9462, balance_of(&b, 4));
    books_close(&b);
}

static void test_ledger_legs__journal_is_whole_or_not_at_all(void **state)
{
    (void)state;
    on_both(refuse_whole);
}

/* A client id stands for what was asked, its currencies included. */
static void repeat_forms(enum db_engine engine)
{
    struct books b;
    open_books(&b, engine);
    struct posting p = {.row = &merchant, .event = sale()};
    p.event.client_id = books_client(b.now_us, 1);
    assert_ok(books_run(&b, post_row, &p));
    assert_ok(books_run(&b, post_row, &p));
    assert_int_equal(90000, balance_of(&b, 3));
    for (int slot = SLOT_NONE; slot < SLOT_COUNT; slot++) {
        p.event.amounts[slot].ccy = p.event.amounts[slot].minor ? yen() : p.event.amounts[slot].ccy;
    }
    assert_err(ERR_ID_REUSED, books_run(&b, post_row, &p));
    books_close(&b);
}

static void test_ledger_legs__repetition_moves_nothing(void **state)
{
    (void)state;
    on_both(repeat_forms);
}

/* --- holds captured in parts -------------------------------------------------------------------- */

enum step_kind { HOLD, PART_KEEP, PART_LAST, ALL, RELEASE, EXPIRE, DEADLINE, REFUND };
struct step {
    enum step_kind kind;
    int64_t minor;
    enum err want;
};
struct holding {
    struct step step;
    struct ccy ccy;
    struct hold_id hold;
    struct client_id client;
    int64_t expires_at;
    struct posting posted;
};

static enum err take_step(struct ledger_unit *unit, void *context)
{
    struct holding *h = context;
    struct journal_result result = {0};
    struct money money = {h->step.minor, h->ccy};
    struct recipe_end end = {.recipe = RECIPE_WITHDRAWAL,
                             .hold = h->hold,
                             .booking_date = {20000},
                             .ref_id = 42,
                             .client_id = h->client};
    struct recipe_event event = {
        .recipe = h->step.kind == REFUND ? RECIPE_TRANSFER : RECIPE_WITHDRAWAL,
        .accounts = {[ROLE_CUSTOMER] = books_account(h->step.kind == REFUND ? 4 : 3),
                     [ROLE_PAYEE] = books_account(h->step.kind == REFUND ? 3 : 4)},
        .amounts = {[SLOT_AMOUNT] = money},
        .booking_date = {20000},
        .ref_id = 42,
        .bucket = -1};
    enum err err = ERR_OK;
    switch (h->step.kind) {
    case HOLD:
        err = recipe_hold_row(unit, &escrow, &event, h->expires_at, &result);
        h->hold.value = result.id.value;
        break;
    case PART_KEEP:
        err = recipe_capture_part(unit, &end, money, REST_STAYS_HELD, &result);
        break;
    case PART_LAST:
        err = recipe_capture_part(unit, &end, money, REST_RELEASED, &result);
        break;
    case ALL:
        err = recipe_capture(unit, &end, &result);
        break;
    case RELEASE:
        err = recipe_release(unit, &end, &result);
        break;
    case EXPIRE:
        err = recipe_expire(unit, &end, &result);
        break;
    case REFUND: /* a part of what was captured goes back to the buyer */
        err = recipe_post(unit, &event, &result);
        break;
    case DEADLINE:
        break;
    }
    return err ? err
           : result.id.value == 0
               ? ERR_OK
               : ledger_journal_read(unit, result.id, h->posted.lines, &h->posted.count);
}

/* What a life of a hold leaves: balances of buyer and seller, what is still held, its state. */
struct life {
    const char *what;
    struct step steps[6];
    int64_t buyer, seller, held;
    enum hold_state state;
};
static const struct life lives[] = {
    {"a part, the rest stays held",
     {{HOLD, 100, ERR_OK}, {PART_KEEP, 30, ERR_OK}},
     99970,
     30,
     70,
     HOLD_OPEN},
    {"a part, the rest is given back",
     {{HOLD, 100, ERR_OK}, {PART_LAST, 30, ERR_OK}, {PART_KEEP, 1, ERR_HOLD_ENDED}},
     99970,
     30,
     0,
     HOLD_CAPTURED},
    {"captured twice, then the rest is released",
     {{HOLD, 100, ERR_OK},
      {PART_KEEP, 30, ERR_OK},
      {PART_KEEP, 50, ERR_OK},
      {RELEASE, 0, ERR_OK},
      {RELEASE, 0, ERR_HOLD_ENDED}},
     99920,
     80,
     0,
     HOLD_RELEASED},
    {"more than is left, then what is left",
     {{HOLD, 100, ERR_OK},
      {PART_KEEP, 60, ERR_OK},
      {PART_KEEP, 41, ERR_HOLD_AMOUNT},
      {PART_LAST, 41, ERR_HOLD_AMOUNT},
      {PART_KEEP, 40, ERR_OK},
      {PART_KEEP, 1, ERR_HOLD_ENDED}},
     99900,
     100,
     0,
     HOLD_CAPTURED},
    {"more than was ever held",
     {{HOLD, 100, ERR_OK}, {PART_LAST, 101, ERR_HOLD_AMOUNT}},
     100000,
     0,
     100,
     HOLD_OPEN},
    {"a part of nothing is not all of it",
     {{HOLD, 100, ERR_OK}, {PART_KEEP, 0, ERR_RECIPE_AMOUNT}, {PART_LAST, -1, ERR_RECIPE_AMOUNT}},
     100000,
     0,
     100,
     HOLD_OPEN},
    {"a part, then all of the rest",
     {{HOLD, 100, ERR_OK}, {PART_KEEP, 30, ERR_OK}, {ALL, 0, ERR_OK}, {ALL, 0, ERR_HOLD_ENDED}},
     99900,
     100,
     0,
     HOLD_CAPTURED},
    {"expired after a part",
     {{HOLD, 100, ERR_OK},
      {PART_KEEP, 30, ERR_OK},
      {EXPIRE, 0, ERR_HOLD_ENDED},
      {DEADLINE, 0, ERR_OK},
      {PART_KEEP, 1, ERR_HOLD_ENDED},
      {EXPIRE, 0, ERR_OK}},
     99970,
     30,
     0,
     HOLD_EXPIRED},
    {"released after a part and the deadline",
     {{HOLD, 100, ERR_OK},
      {PART_KEEP, 30, ERR_OK},
      {DEADLINE, 0, ERR_OK},
      {RELEASE, 0, ERR_OK},
      {EXPIRE, 0, ERR_HOLD_ENDED}},
     99970,
     30,
     0,
     HOLD_RELEASED},
    {"a captured part is paid back in part",
     {{HOLD, 100, ERR_OK},
      {PART_LAST, 80, ERR_OK},
      {REFUND, 25, ERR_OK},
      {REFUND, 56, ERR_INSUFFICIENT_FUNDS}},
     99945,
     55,
     0,
     HOLD_CAPTURED},
};
#define LIFE_COUNT (sizeof lives / sizeof lives[0])

static enum err load_hold(struct ledger_unit *unit, void *context)
{
    struct ledger_hold_row *row = context;
    return ledger_hold_load(unit, (struct hold_id){row->id}, row);
}

/* The newest transfer of each step as a row: the same text is wanted of both engines. */
static void append_posted(char *text, size_t size, const struct posting *posting)
{
    static const char *const kinds[] = {"post", "hold", "capture", "release", "expire"};
    size_t used = strlen(text);
    for (size_t i = 0; i < posting->count; i++) {
        const struct ledger_line *line = &posting->lines[i];
        used += (size_t)snprintf(text + used, size - used, "%s:%" PRId64 " ", kinds[line->kind],
                                 line->amount_minor);
    }
}

static void play_life(enum db_engine engine, const struct life *life, char *out_rows, size_t size)
{
    struct books b;
    struct holding h = {.ccy = CCY_CNY};
    open_books(&b, engine);
    h.expires_at = b.now_us + 60000000;
    for (size_t i = 0; i < 6 && (i == 0 || life->steps[i].kind != HOLD); i++) {
        h.step = life->steps[i];
        h.posted.count = 0;
        b.now_us += h.step.kind == DEADLINE ? 60000000 : 1000;
        enum err err = books_run(&b, take_step, &h);
        if (err != h.step.want) {
            fail_msg("%s, step %zu: %s, wanted %s", life->what, i, err_slug(err),
                     err_slug(h.step.want));
        }
        append_posted(out_rows, size, &h.posted);
        assert_ok(books_restart(&b)); /* memory and file agree */
    }
    struct ledger_hold_row row = {.id = h.hold.value};
    assert_ok(books_run(&b, load_hold, &row));
    struct ledger_account buyer = books_state(&b, books_account(3));
    assert_int_equal(life->buyer, ledger_balance(&buyer));
    assert_int_equal(life->held, buyer.debits_pending);
    assert_int_equal(life->held, books_state(&b, books_account(4)).credits_pending);
    assert_int_equal(life->seller, balance_of(&b, 4));
    assert_int_equal(life->state, row.state);
    assert_int_equal(life->held, row.state == HOLD_OPEN ? 100 - row.captured_minor : 0);
    books_close(&b);
}

static void test_ledger_legs__lives_of_a_hold_in_parts(void **state)
{
    (void)state;
    const char *server = getenv("SYCEE_TEST_PG_URL");
    static const char *const golden[LIFE_COUNT] = {
        "hold:100 capture:30 ",
        "hold:100 capture:30 ",
        "hold:100 capture:30 capture:50 release:20 ",
        "hold:100 capture:60 capture:40 ",
        "hold:100 ",
        "hold:100 ",
        "hold:100 capture:30 capture:70 ",
        "hold:100 capture:30 expire:70 ",
        "hold:100 capture:30 release:70 ",
        "hold:100 capture:80 post:25 ",
    };
    for (size_t i = 0; i < LIFE_COUNT; i++) {
        char rows[256] = "";
        play_life(DB_SQLITE, &lives[i], rows, sizeof rows);
        assert_string_equal(golden[i], rows);
        if (server != NULL && server[0] != '\0') {
            rows[0] = '\0';
            play_life(DB_POSTGRESQL, &lives[i], rows, sizeof rows);
            assert_string_equal(golden[i], rows);
        }
    }
}

/* The hold is in yuan: a part in yen is no part of it. A repeated part under its id moves once. */
static void mistake_parts(enum db_engine engine)
{
    struct books b;
    struct holding h = {.step = {HOLD, 100, ERR_OK}, .ccy = CCY_CNY};
    open_books(&b, engine);
    assert_ok(books_run(&b, take_step, &h));
    h.step.kind = PART_KEEP;
    h.step.minor = 30;
    h.ccy = yen();
    assert_err(ERR_CURRENCY_MISMATCH, books_run(&b, take_step, &h));
    h.ccy = (struct ccy){"QQQ"};
    assert_err(ERR_UNKNOWN_CURRENCY, books_run(&b, take_step, &h));
    h.ccy = CCY_CNY;
    h.client = books_client(b.now_us, 7);
    for (int i = 0; i < 3; i++) {
        assert_ok(books_run(&b, take_step, &h));
        assert_int_equal(30, balance_of(&b, 4));
    }
    h.step.minor = 31;
    assert_err(ERR_ID_REUSED, books_run(&b, take_step, &h));
    h.step.kind = PART_LAST;
    h.step.minor = 30;
    assert_err(ERR_ID_REUSED,
               books_run(&b, take_step, &h)); /* the rest is part of what was asked */
    assert_int_equal(70, books_state(&b, books_account(3)).debits_pending);
    books_close(&b);
}

static void test_ledger_legs__part_of_another_currency_or_asked_twice(void **state)
{
    (void)state;
    on_both(mistake_parts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ledger_legs__refuses_by_name),
        cmocka_unit_test(test_ledger_legs__bank_needs_a_bucket),
        cmocka_unit_test(test_ledger_legs__forms_post_the_same_rows),
        cmocka_unit_test(test_ledger_legs__instalment_leaves_out_what_is_zero),
        cmocka_unit_test(test_ledger_legs__journal_is_whole_or_not_at_all),
        cmocka_unit_test(test_ledger_legs__repetition_moves_nothing),
        cmocka_unit_test(test_ledger_legs__lives_of_a_hold_in_parts),
        cmocka_unit_test(test_ledger_legs__part_of_another_currency_or_asked_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
