/* Chart of accounts. docs/LEDGER.md prints it; a test holds the two together. */
#include "base/check.h"
#include "ledger/recipe.h"

const struct gl_account chart[] = {
    {GL_RESERVE, LEDGER_ASSET, LEDGER_FLOOR_NONE, "Reserve at the central bank",
     "存放中央银行备付金"},
    {GL_CLEARING_RECEIVABLE, LEDGER_ASSET, LEDGER_FLOOR_NONE, "Clearing receivable", "应收清算款"},
    {GL_IN_TRANSIT, LEDGER_ASSET, LEDGER_FLOOR_NONE, "In transit between units", "单元间在途资金"},
    {GL_DEPOSITS_DEMAND, LEDGER_LIABILITY, LEDGER_FLOOR_CREDIT, "Demand deposits", "活期存款"},
    {GL_PAYMENT_ACCOUNTS, LEDGER_LIABILITY, LEDGER_FLOOR_CREDIT, "Payment accounts",
     "支付账户客户备付金"},
    {GL_CLEARING_PAYABLE, LEDGER_LIABILITY, LEDGER_FLOOR_NONE, "Clearing payable", "应付清算款"},
    {GL_INTEREST_PAYABLE, LEDGER_LIABILITY, LEDGER_FLOOR_NONE, "Interest payable", "应付利息"},
    {GL_SUSPENSE, LEDGER_LIABILITY, LEDGER_FLOOR_NONE, "Suspense", "挂账款项"},
    {GL_CAPITAL, LEDGER_EQUITY, LEDGER_FLOOR_NONE, "Paid-in capital", "实收资本"},
    {GL_FEE_INCOME, LEDGER_INCOME, LEDGER_FLOOR_NONE, "Fee income", "手续费收入"},
    {GL_INTEREST_EXPENSE, LEDGER_EXPENSE, LEDGER_FLOOR_NONE, "Interest expense", "利息支出"},
};
const size_t chart_count = sizeof chart / sizeof chart[0];

const struct gl_account *chart_find(uint16_t code)
{
    for (size_t i = 0; i < chart_count; i++) {
        if (chart[i].code == code) {
            return &chart[i];
        }
    }
    return NULL;
}

enum ledger_side chart_normal_side(enum ledger_class class)
{
    CHECK(class >= LEDGER_ASSET && class <= LEDGER_EXPENSE);
    return class == LEDGER_ASSET || class == LEDGER_EXPENSE ? LEDGER_DEBIT : LEDGER_CREDIT;
}
