/* Payments approved by two people of a company, on both engines. EVIDENCE: REQ-KYC-05 */
#include "unit/company_fixture.h"

#include "company/order.h"
#include "ledger/recipe.h"
#include "payment/payment.h"

#define YUAN 100

struct order_work {
    struct company_user_order user_order;
    struct company_user_change change;
    struct company_user_word user_word;
    struct company_order order;
    struct order_word word;
    struct account_id account;
    int64_t minor, user_id;
    struct customer_id company, by;
    bool stepped_up;
    size_t count;
};

static enum err do_fund(struct uow *uow, void *context)
{
    const struct order_work *w = context;
    struct journal_result result;
    struct recipe_event event = {.recipe = RECIPE_TOP_UP,
                                 .accounts = {[ROLE_CUSTOMER] = w->account},
                                 .amounts = {[SLOT_AMOUNT] = {w->minor, CCY_CNY}},
                                 .booking_date = uow->business_date,
                                 .bucket = -1};
    return recipe_post(uow->ledger, &event, &result);
}
static enum err do_user(struct uow *uow, void *context)
{
    struct order_work *w = context;
    return company_user_set(companies, uow, &w->user_order, &w->change);
}
static enum err do_user_remove(struct uow *uow, void *context)
{
    struct order_work *w = context;
    return company_user_remove(companies, uow, &w->user_order, w->user_id, &w->change);
}
static enum err do_user_word(struct uow *uow, void *context)
{
    struct order_work *w = context;
    return company_user_decide(companies, uow, &w->user_word, &w->change);
}
static enum err do_suspend(struct uow *uow, void *context)
{
    struct order_work *w = context;
    return customer_set_state(room, uow, w->by,
                              w->stepped_up ? CUSTOMER_ACTIVE : CUSTOMER_SUSPENDED);
}
static enum err do_make(struct uow *uow, void *context)
{
    struct order_work *w = context;
    const char *field = NULL;
    return order_make(companies, uow, &w->order, w->stepped_up, &field);
}
static enum err do_word(struct uow *uow, void *context)
{
    struct order_work *w = context;
    return order_decide(companies, uow, &w->word, &w->order);
}
static enum err do_expire(struct uow *uow, void *context)
{
    return order_expire(uow, 50, &((struct order_work *)context)->count);
}

/* A company with an administrator who makes orders, two checkers, and a payee. */
struct team {
    struct member admin, first, second, payee;
    struct company company;
    struct account account, payee_account;
    int64_t first_id, second_id;
};

static struct account account_of(struct customer_id id)
{
    struct account accounts[2];
    struct db_conn *conn = NULL;
    size_t count = 0;
    assert_ok(engine_read_begin(bank.engine, &conn));
    assert_ok(account_list(conn, id, accounts, 2, &count));
    engine_read_end(bank.engine, conn);
    assert_int_equal(1, count);
    return accounts[0];
}

static enum err do_open_two(struct uow *uow, void *context)
{
    struct account account;
    return account_open(uow, catalogue, *(struct customer_id *)context, ACCOUNT_CLASS_II, &account);
}

static enum err propose_user(const struct team *t, const struct member *by,
                             const struct member *who, unsigned roles, int64_t limit_minor,
                             enum company_proof proof, struct company_user_change *out)
{
    struct order_work w = {.user_order = {.company = t->company.id,
                                          .by = by->id,
                                          .phone = who->phone.text,
                                          .roles = roles,
                                          .limit_minor = limit_minor,
                                          .proof = proof}};
    enum err err = engine_run(bank.engine, do_user, &w);
    *out = w.change;
    return err;
}

static enum err say_user(const struct team *t, const struct member *who, int64_t change,
                         enum order_decision decision, enum company_proof proof,
                         struct company_user_change *out)
{
    struct order_work w = {.user_word = {.company = t->company.id,
                                         .customer = who->id,
                                         .change = change,
                                         .decision = decision,
                                         .proof = proof}};
    enum err err = engine_run(bank.engine, do_user_word, &w);
    *out = w.change;
    return err;
}

/* Proposed by one; if it is pending, the second checker of the team approves. */
static enum err set_user(const struct team *t, const struct member *by, const struct member *who,
                         unsigned roles, int64_t limit_minor, int64_t *out_id)
{
    struct company_user_change change;
    enum err err = propose_user(t, by, who, roles, limit_minor, COMPANY_PROOF_STRONG, &change);
    if (err == ERR_OK && change.state == USER_CHANGE_WAITING) {
        int64_t id = change.id;
        err = say_user(t, &t->second, id, ORDER_APPROVE, COMPANY_PROOF_PASSCODE, &change);
        if (err == ERR_FOUR_EYES || err == ERR_COMPANY_ROLE || err == ERR_NOT_FOUND) {
            err = say_user(t, &t->first, id, ORDER_APPROVE, COMPANY_PROOF_PASSCODE, &change);
        }
    }
    if (out_id != NULL) {
        *out_id = change.user_id;
    }
    return err;
}

static enum err remove_user_as(const struct team *t, const struct member *by, int64_t user_id,
                               enum company_proof proof, struct company_user_change *out)
{
    struct order_work w = {.user_order = {.company = t->company.id, .by = by->id, .proof = proof},
                           .user_id = user_id};
    enum err err = engine_run(bank.engine, do_user_remove, &w);
    *out = w.change;
    return err;
}

static enum err remove_user(const struct team *t, const struct member *by, int64_t user_id)
{
    struct company_user_change change;
    enum err err = remove_user_as(t, by, user_id, COMPANY_PROOF_STRONG, &change);
    return err == ERR_OK && change.state == USER_CHANGE_WAITING
               ? say_user(t, &t->second, change.id, ORDER_APPROVE, COMPANY_PROOF_PASSCODE, &change)
               : err;
}

static void set_suspended(const struct member *who, bool is_suspended)
{
    struct order_work w = {.by = who->id, .stepped_up = !is_suspended};
    assert_ok(engine_run(bank.engine, do_suspend, &w));
}

static void fund(const struct account *account, int64_t minor)
{
    struct order_work w = {.account = account->id, .minor = minor};
    assert_ok(engine_run(bank.engine, do_fund, &w));
}

static struct team new_team(enum company_kind kind, bool alone)
{
    struct team t = {.admin = new_member(true), .payee = new_member(true)};
    t.company = active_company(&t.admin, kind);
    t.account = account_of(t.company.id);
    assert_ok(engine_run(bank.engine, do_open_two, &t.payee.id));
    t.payee_account = account_of(t.payee.id);
    fund(&t.account, 200000 * YUAN);
    if (!alone) {
        t.first = new_member(true);
        t.second = new_member(true);
        assert_ok(set_user(&t, &t.admin, &t.first, COMPANY_CHECKER, -1, &t.first_id));
        assert_ok(set_user(&t, &t.admin, &t.second, COMPANY_CHECKER, -1, &t.second_id));
    }
    return t;
}

static int64_t balance_of(const struct account *account)
{
    struct db_conn *conn = NULL;
    struct ledger_account state;
    assert_ok(engine_read_begin(bank.engine, &conn));
    assert_ok(ledger_account_load(engine_ledger(bank.engine), conn, account->id, &state));
    engine_read_end(bank.engine, conn);
    return ledger_balance(&state);
}

static enum err make(const struct team *t, const struct member *maker, int64_t minor,
                     bool stepped_up, struct company_order *out)
{
    struct order_work w = {.stepped_up = stepped_up,
                           .order = {.company = t->company.id,
                                     .maker = maker->id,
                                     .account = t->account.id,
                                     .by = CREDITOR_BY_PHONE,
                                     .amount_minor = minor}};
    snprintf(w.order.creditor, sizeof w.order.creditor, "%s", t->payee.phone.text);
    snprintf(w.order.creditor_name, sizeof w.order.creditor_name, "林若溪");
    snprintf(w.order.text, sizeof w.order.text, "货款");
    enum err err = engine_run(bank.engine, do_make, &w);
    *out = w.order;
    return err;
}

static enum err say(const struct team *t, const struct member *who, int64_t order,
                    enum order_decision decision, struct company_order *out)
{
    struct order_work w = {.word = {.company = t->company.id,
                                    .customer = who->id,
                                    .order = order,
                                    .decision = decision,
                                    .reason = "",
                                    .stepped_up = true}};
    enum err err = engine_run(bank.engine, do_word, &w);
    *out = w.order;
    return err;
}

static void test_company_order__one_makes_another_pays(void **state)
{
    struct team t = new_team(COMPANY_LIMITED, false);
    struct company_order order;
    struct company_order again;
    (void)state;
    assert_err(ERR_COMPANY_ROLE, make(&t, &t.first, 100 * YUAN, true, &order));
    assert_err(ERR_NOT_FOUND, make(&t, &t.payee, 100 * YUAN, true, &order));
    assert_ok(make(&t, &t.admin, 100 * YUAN, false, &order));
    assert_int_equal(ORDER_AWAITING, order.state);
    assert_int_equal(1, order.needed);
    assert_int_equal(200000 * YUAN, balance_of(&t.account));
    /* The maker is a checker too, and still cannot approve. */
    assert_err(ERR_FOUR_EYES, say(&t, &t.admin, order.id, ORDER_APPROVE, &again));
    assert_err(ERR_NOT_FOUND, say(&t, &t.payee, order.id, ORDER_APPROVE, &again));
    assert_ok(say(&t, &t.first, order.id, ORDER_APPROVE, &order));
    assert_int_equal(ORDER_EXECUTED, order.state);
    assert_true(order.payment.value != 0);
    assert_int_equal(199900 * YUAN, balance_of(&t.account));
    assert_int_equal(100 * YUAN, balance_of(&t.payee_account));
    assert_err(ERR_ORDER_DECIDED, say(&t, &t.second, order.id, ORDER_APPROVE, &again));
    assert_int_equal(199900 * YUAN, balance_of(&t.account));
}

static void test_company_order__large_ones_need_two(void **state)
{
    struct team t = new_team(COMPANY_LIMITED, false);
    struct company_order order;
    struct company_order again;
    (void)state;
    assert_ok(make(&t, &t.admin, 50000 * YUAN + 1, false, &order));
    assert_int_equal(2, order.needed);
    assert_ok(say(&t, &t.first, order.id, ORDER_APPROVE, &again));
    assert_int_equal(ORDER_AWAITING, again.state);
    assert_err(ERR_FOUR_EYES, say(&t, &t.first, order.id, ORDER_APPROVE, &again));
    /* An approval does not count once its giver has lost the role. */
    assert_ok(remove_user(&t, &t.admin, t.first_id));
    assert_ok(say(&t, &t.second, order.id, ORDER_APPROVE, &again));
    assert_int_equal(ORDER_AWAITING, again.state);
    assert_ok(say(&t, &t.admin, order.id, ORDER_WITHDRAW, &again));
    assert_int_equal(ORDER_WITHDRAWN, again.state);
    assert_int_equal(200000 * YUAN, balance_of(&t.account));
}

static int64_t counted(const struct account *account, enum limit_kind kind)
{
    struct limit_usage usage = {.day_minor = -1};
    struct db_conn *conn = NULL;
    assert_ok(engine_read_begin(bank.engine, &conn));
    assert_ok(limit_usage_load(conn, account->id.value, kind, date_of_instant(now(), 480), &usage));
    engine_read_end(bank.engine, conn);
    return usage.day_minor;
}

static void test_company_order__failure_leaves_nothing(void **state)
{
    struct team t = new_team(COMPANY_LIMITED, false);
    struct company_order order;
    struct company_order second;
    (void)state;
    /* The payee takes 10,000 a day. */
    assert_ok(make(&t, &t.admin, 9000 * YUAN, false, &order));
    assert_ok(make(&t, &t.admin, 9000 * YUAN, false, &second));
    assert_ok(say(&t, &t.first, order.id, ORDER_APPROVE, &order));
    assert_int_equal(ORDER_EXECUTED, order.state);
    assert_ok(say(&t, &t.first, second.id, ORDER_APPROVE, &second));
    assert_int_equal(ORDER_FAILED, second.state);
    assert_int_equal(ERR_LIMIT_EXCEEDED, second.failure);
    assert_int_equal(191000 * YUAN, balance_of(&t.account));
    assert_int_equal(9000 * YUAN, counted(&t.account, LIMIT_KIND_OUTFLOW));
    assert_int_equal(9000 * YUAN, counted(&t.payee_account, LIMIT_KIND_INFLOW));
}

/* To another company by its account's number: more than there is. */
static void test_company_order__by_number(void **state)
{
    struct team t = new_team(COMPANY_LIMITED, false);
    struct member m = new_member(true);
    struct company other = active_company(&m, COMPANY_LIMITED);
    struct account account = account_of(other.id);
    struct company_order order;
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct order_work w = {.order = {.company = t.company.id,
                                         .maker = t.admin.id,
                                         .account = t.account.id,
                                         .by = CREDITOR_BY_NUMBER,
                                         .amount_minor = (i == 0 ? 200001 : 200000) * YUAN}};
        snprintf(w.order.creditor, sizeof w.order.creditor, "%s", account.number);
        snprintf(w.order.creditor_name, sizeof w.order.creditor_name, "%s", other.name);
        assert_ok(engine_run(bank.engine, do_make, &w));
        assert_ok(say(&t, &t.first, w.order.id, ORDER_APPROVE, &order));
        assert_ok(say(&t, &t.second, w.order.id, ORDER_APPROVE, &order));
        assert_int_equal((i == 0 ? 200000 : 0) * YUAN, balance_of(&t.account));
        assert_int_equal(i == 0 ? ORDER_FAILED : ORDER_EXECUTED, order.state);
        assert_int_equal(i == 0 ? ERR_INSUFFICIENT_FUNDS : ERR_OK, order.failure);
    }
    assert_int_equal(0, balance_of(&t.account));
    assert_int_equal(200000 * YUAN, balance_of(&account));
    assert_int_equal(200000 * YUAN, counted(&t.account, LIMIT_KIND_OUTFLOW));
}

static void test_company_order__limits_states_expiry(void **state)
{
    struct team t = new_team(COMPANY_LIMITED, false);
    struct company_order order;
    struct company_order late;
    struct order_work w = {.count = 0};
    size_t count = 0;
    (void)state;
    assert_ok(set_user(&t, &t.admin, &t.first, COMPANY_MAKER, 10 * YUAN, NULL));
    assert_err(ERR_ORDER_LIMIT, make(&t, &t.first, 10 * YUAN + 1, false, &order));
    assert_ok(make(&t, &t.first, 10 * YUAN, false, &order));
    assert_err(ERR_COMPANY_ROLE, say(&t, &t.first, order.id, ORDER_REFUSE, &late));
    assert_ok(say(&t, &t.second, order.id, ORDER_REFUSE, &order));
    assert_int_equal(ORDER_REFUSED, order.state);
    /* Removed: the pending order is withdrawn. */
    assert_ok(make(&t, &t.first, 10 * YUAN, false, &order));
    assert_ok(remove_user(&t, &t.admin, t.first_id));
    assert_err(ERR_ORDER_DECIDED, say(&t, &t.second, order.id, ORDER_APPROVE, &late));
    /* Suspended by the registry meanwhile. */
    assert_ok(make(&t, &t.admin, 10 * YUAN, false, &order));
    registered.is_registered = false;
    clock_manual_advance(&bank.clock, 31 * DAY_US);
    assert_ok(make(&t, &t.admin, 10 * YUAN, false, &late));
    assert_ok(company_recheck(companies, bank.engine, 64, &count));
    assert_err(ERR_COMPANY_STATE, say(&t, &t.second, late.id, ORDER_APPROVE, &late));
    assert_err(ERR_COMPANY_STATE, make(&t, &t.admin, 10 * YUAN, false, &late));
    assert_err(ERR_ORDER_DECIDED, say(&t, &t.second, order.id, ORDER_APPROVE, &late));
    assert_ok(engine_run(bank.engine, do_expire, &w));
    assert_true(w.count > 0);
    assert_int_equal(200000 * YUAN, balance_of(&t.account));
}

static void test_company_order__administrators(void **state)
{
    struct team t = new_team(COMPANY_LIMITED, false);
    struct member unverified = new_member(false);
    (void)state;
    assert_err(ERR_COMPANY_ROLE, set_user(&t, &t.first, &t.payee, COMPANY_VIEWER, -1, NULL));
    assert_err(ERR_COMPANY_USER_UNKNOWN,
               set_user(&t, &t.admin, &unverified, COMPANY_VIEWER, -1, NULL));
    assert_err(ERR_COMPANY_LAST_ADMIN, set_user(&t, &t.admin, &t.admin, COMPANY_MAKER, -1, NULL));
    assert_ok(set_user(&t, &t.admin, &t.payee, COMPANY_ADMIN, -1, NULL));
    assert_ok(set_user(&t, &t.admin, &t.admin, COMPANY_MAKER, -1, NULL));
    assert_err(ERR_COMPANY_ROLE, remove_user(&t, &t.admin, t.first_id));
    assert_err(ERR_NOT_FOUND, remove_user(&t, &t.payee, 12345));
    assert_ok(remove_user(&t, &t.payee, t.first_id));
    assert_err(ERR_NOT_FOUND, remove_user(&t, &t.payee, t.first_id));
}

/* EVIDENCE: nobody grants roles in a company alone if another user could decide. */
static void test_company_order__rights_are_given_by_two(void **state)
{
    struct team t = new_team(COMPANY_LIMITED, false);
    struct company_user_change change, done;
    struct company_order order;
    (void)state;
    assert_err(ERR_STEP_UP_REQUIRED, propose_user(&t, &t.admin, &t.payee, COMPANY_MAKER, YUAN,
                                                  COMPANY_PROOF_NONE, &change));
    assert_ok(
        propose_user(&t, &t.admin, &t.payee, COMPANY_MAKER, YUAN, COMPANY_PROOF_STRONG, &change));
    assert_int_equal(USER_CHANGE_WAITING, change.state);
    assert_err(ERR_NOT_FOUND, make(&t, &t.payee, YUAN, false, &order)); /* no role yet */
    assert_err(ERR_FOUR_EYES,
               say_user(&t, &t.admin, change.id, ORDER_APPROVE, COMPANY_PROOF_STRONG, &done));
    assert_err(ERR_NOT_FOUND,
               say_user(&t, &t.payee, change.id, ORDER_APPROVE, COMPANY_PROOF_STRONG, &done));
    assert_err(ERR_STEP_UP_REQUIRED,
               say_user(&t, &t.first, change.id, ORDER_APPROVE, COMPANY_PROOF_NONE, &done));
    assert_ok(say_user(&t, &t.first, change.id, ORDER_APPROVE, COMPANY_PROOF_PASSCODE, &done));
    assert_int_equal(USER_CHANGE_APPLIED, done.state);
    assert_err(ERR_CHANGE_DECIDED,
               say_user(&t, &t.second, change.id, ORDER_REFUSE, COMPANY_PROOF_PASSCODE, &done));
    assert_ok(make(&t, &t.payee, YUAN, false, &order));
    /* A higher limit waits, a lower one does not. */
    assert_ok(propose_user(&t, &t.admin, &t.payee, COMPANY_MAKER, 2 * YUAN, COMPANY_PROOF_PASSCODE,
                           &change));
    assert_int_equal(USER_CHANGE_WAITING, change.state);
    assert_ok(propose_user(&t, &t.admin, &t.payee, COMPANY_MAKER, YUAN / 2, COMPANY_PROOF_PASSCODE,
                           &done));
    assert_int_equal(USER_CHANGE_APPLIED, done.state);
    assert_err(ERR_CHANGE_STALE,
               say_user(&t, &t.first, change.id, ORDER_APPROVE, COMPANY_PROOF_PASSCODE, &done));
    assert_ok(say_user(&t, &t.admin, change.id, ORDER_WITHDRAW, COMPANY_PROOF_NONE, &done));
    assert_int_equal(USER_CHANGE_WITHDRAWN, done.state);
    /* Nobody approves a higher limit of their own if another user could. */
    assert_ok(propose_user(&t, &t.admin, &t.first, COMPANY_ADMIN | COMPANY_CHECKER, -1,
                           COMPANY_PROOF_PASSCODE, &change));
    assert_err(ERR_FOUR_EYES,
               say_user(&t, &t.first, change.id, ORDER_APPROVE, COMPANY_PROOF_PASSCODE, &done));
    assert_ok(say_user(&t, &t.second, change.id, ORDER_APPROVE, COMPANY_PROOF_PASSCODE, &done));
    /* Another administrator alone cannot remove the others; the legal representative can. */
    assert_ok(remove_user_as(&t, &t.first, t.second_id, COMPANY_PROOF_STRONG, &change));
    assert_int_equal(USER_CHANGE_WAITING, change.state);
    assert_ok(remove_user_as(&t, &t.admin, t.first_id, COMPANY_PROOF_STRONG, &change));
    assert_int_equal(USER_CHANGE_APPLIED, change.state);
}

/* EVIDENCE: a user suspended by the bank acts for no company, even with earlier approvals. */
static void test_company_order__suspended_people_act_for_nobody(void **state)
{
    struct team t = new_team(COMPANY_LIMITED, false);
    struct company_order order, large, ignored;
    struct company_user_change change;
    (void)state;
    assert_ok(make(&t, &t.admin, YUAN, false, &order));
    assert_ok(make(&t, &t.admin, 60000 * YUAN, false, &large));
    assert_int_equal(2, large.needed);
    assert_ok(say(&t, &t.first, large.id, ORDER_APPROVE, &ignored));
    set_suspended(&t.first, true);
    assert_err(ERR_CUSTOMER_STATE, say(&t, &t.first, order.id, ORDER_APPROVE, &ignored));
    assert_ok(say(&t, &t.second, large.id, ORDER_APPROVE, &large));
    assert_int_equal(ORDER_AWAITING, large.state); /* the suspended user's approval does not
                                                    * count */
    set_suspended(&t.admin, true);
    assert_err(ERR_CUSTOMER_STATE, make(&t, &t.admin, YUAN, false, &ignored));
    assert_err(ERR_CUSTOMER_STATE, propose_user(&t, &t.admin, &t.payee, COMPANY_VIEWER, -1,
                                                COMPANY_PROOF_STRONG, &change));
    assert_err(ERR_CUSTOMER_STATE, say(&t, &t.second, order.id, ORDER_APPROVE, &ignored));
    assert_int_equal(200000 * YUAN, balance_of(&t.account));
    set_suspended(&t.admin, false);
    assert_ok(say(&t, &t.second, order.id, ORDER_APPROVE, &order));
    assert_int_equal(ORDER_EXECUTED, order.state);
    set_suspended(&t.first, false);
}

static void test_company_order__sole_trader_alone(void **state)
{
    struct team t = new_team(COMPANY_SOLE_TRADER, true);
    struct company_order order;
    (void)state;
    assert_err(ERR_STEP_UP_REQUIRED, make(&t, &t.admin, 100 * YUAN, false, &order));
    assert_ok(make(&t, &t.admin, 100 * YUAN, true, &order));
    assert_int_equal(ORDER_EXECUTED, order.state);
    assert_int_equal(199900 * YUAN, balance_of(&t.account));
}

/* --- Two at once ---------------------------------------------------------------------------------- */

struct racer {
    const struct team *team;
    const struct member *who;
    int64_t order;
    enum err err;
};

static void race(void *argument)
{
    struct racer *r = argument;
    struct company_order order;
    r->err = say(r->team, r->who, r->order, ORDER_APPROVE, &order);
}

static void test_company_order__two_checkers_at_once_pay_once(void **state)
{
    struct team t = new_team(COMPANY_LIMITED, false);
    (void)state;
    for (int i = 1; i <= 10; i++) {
        struct company_order order;
        struct thread threads[2];
        assert_ok(make(&t, &t.admin, YUAN, false, &order));
        struct racer racers[] = {{&t, &t.first, order.id, ERR_OK},
                                 {&t, &t.second, order.id, ERR_OK}};
        for (int k = 0; k < 2; k++) {
            assert_ok(thread_start(&threads[k], "checker", race, &racers[k]));
        }
        for (int k = 0; k < 2; k++) {
            thread_join(&threads[k]);
        }
        bool first_paid = racers[0].err == ERR_OK;
        assert_err(first_paid ? ERR_ORDER_DECIDED : ERR_OK, racers[1].err);
        assert_err(first_paid ? ERR_OK : ERR_ORDER_DECIDED, racers[0].err);
        assert_int_equal((200000 - i) * YUAN, balance_of(&t.account));
    }
}

static int run_suite(enum db_engine engine)
{
    which = engine;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_company_order__one_makes_another_pays, kyc_fresh),
        cmocka_unit_test_setup(test_company_order__large_ones_need_two, kyc_fresh),
        cmocka_unit_test_setup(test_company_order__failure_leaves_nothing, kyc_fresh),
        cmocka_unit_test_setup(test_company_order__by_number, kyc_fresh),
        cmocka_unit_test_setup(test_company_order__limits_states_expiry, kyc_fresh),
        cmocka_unit_test_setup(test_company_order__administrators, kyc_fresh),
        cmocka_unit_test_setup(test_company_order__rights_are_given_by_two, kyc_fresh),
        cmocka_unit_test_setup(test_company_order__suspended_people_act_for_nobody, kyc_fresh),
        cmocka_unit_test_setup(test_company_order__sole_trader_alone, kyc_fresh),
        cmocka_unit_test_setup(test_company_order__two_checkers_at_once_pay_once, kyc_fresh),
    };
    return cmocka_run_group_tests(tests, company_suite_open, company_suite_close);
}

int main(void)
{
    return room_fixture_run(run_suite);
}
