/* What holds of every payment that is stored: each broken on purpose, in a table and in a process. */
#include "payment/invariant.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static struct payment transfer(void)
{
    struct payment p = {.id = {7 * ID_STEP},
                        .kind = PAYMENT_TRANSFER,
                        .status = PAYMENT_ACSC,
                        .debtor_account = {3},
                        .creditor_account = {4},
                        .amount = {100, CCY_CNY},
                        .journal = {9},
                        .created_at = 5,
                        .settled_at = 5,
                        .version = 1};
    return p;
}
static struct payment top_up(void)
{
    struct payment p = transfer();
    p.kind = PAYMENT_TOP_UP;
    p.status = PAYMENT_PDNG;
    p.debtor_account.value = p.journal.value = p.settled_at = 0;
    p.card.value = 11;
    p.next_query_at = 6;
    return p;
}
static struct payment withdrawal(void)
{
    struct payment p = top_up();
    p.kind = PAYMENT_WITHDRAWAL;
    p.debtor_account.value = 3;
    p.creditor_account.value = 0;
    p.hold.value = 12;
    return p;
}
static struct payment rejected(void)
{
    struct payment p = withdrawal();
    p.status = PAYMENT_RJCT;
    p.settled_at = 8;
    p.next_query_at = 0;
    return p;
}

#define SPOIL(name, base, change)                                                                  \
    static struct payment name(void)                                                               \
    {                                                                                              \
        struct payment p = base();                                                                 \
        change;                                                                                    \
        return p;                                                                                  \
    }
SPOIL(without_id, transfer, p.id.value = 0)
SPOIL(without_version, transfer, p.version = 0)
SPOIL(of_nothing, transfer, p.amount.minor = 0)
SPOIL(of_no_currency, transfer, p.amount.ccy.code[0] = 'q')
SPOIL(to_itself, transfer, p.creditor_account = p.debtor_account)
SPOIL(transfer_with_card, transfer, p.card.value = 1)
SPOIL(top_up_with_hold, top_up, p.hold.value = 1)
SPOIL(withdrawal_without_hold, withdrawal, p.hold.value = 0)
SPOIL(withdrawal_without_card, withdrawal, p.card.value = 0)
SPOIL(transfer_on_its_way, transfer, p.status = PAYMENT_PDNG)
SPOIL(settled_without_journal, transfer, p.journal.value = 0)
SPOIL(rejected_with_journal, rejected, p.journal.value = 1)
SPOIL(ended_without_instant, rejected, p.settled_at = 0)
SPOIL(open_with_instant, top_up, p.settled_at = 1)
SPOIL(asked_about_after_its_end, rejected, p.next_query_at = 1)
SPOIL(never_asked_about, withdrawal, p.next_query_at = 0)

static const struct {
    struct payment (*payment)(void);
    const char *want;
} rows[] = {
    {transfer, NULL},
    {top_up, NULL},
    {withdrawal, NULL},
    {rejected, NULL},
    {without_id, "a payment has an id, an instant and a version"},
    {without_version, "a payment has an id, an instant and a version"},
    {of_nothing, "the amount is positive and of a currency"},
    {of_no_currency, "the amount is positive and of a currency"},
    {to_itself, "the parties fit the kind"},
    {transfer_with_card, "the parties fit the kind"},
    {top_up_with_hold, "the parties fit the kind"},
    {withdrawal_without_hold, "the parties fit the kind"},
    {withdrawal_without_card, "the parties fit the kind"},
    {transfer_on_its_way, "a transfer is made settled"},
    {settled_without_journal, "a payment has a journal where it is settled"},
    {rejected_with_journal, "a payment has a journal where it is settled"},
    {ended_without_instant, "a payment that has ended has the instant of its end"},
    {open_with_instant, "a payment that has ended has the instant of its end"},
    {asked_about_after_its_end, "a payment is asked about until it ends"},
    {never_asked_about, "a payment is asked about until it ends"},
};

static void test_payment_invariant__each_is_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct payment p = rows[i].payment();
        const char *broken = invariant_payment(&p);
        if ((broken == NULL) != (rows[i].want == NULL) ||
            (broken != NULL && strcmp(broken, rows[i].want) != 0)) {
            fail_msg("row %zu: %s, wanted %s", i, broken ? broken : "all hold",
                     rows[i].want ? rows[i].want : "all hold");
        }
    }
}

static void test_payment_invariant__a_broken_one_ends_the_process(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        pid_t child = fork();
        if (child == 0) {
            struct payment p = i ? settled_without_journal() : transfer();
            invariant_payment_check(&p);
            _exit(0);
        }
        int status = 0;
        assert_int_equal(child, waitpid(child, &status, 0));
#ifdef SYCEE_FAULTS
        assert_int_equal(i == 1, WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
#else
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
#endif
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_payment_invariant__each_is_named),
        cmocka_unit_test(test_payment_invariant__a_broken_one_ends_the_process),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
