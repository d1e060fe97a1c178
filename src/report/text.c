#include "report/text.h"

#include "base/check.h"

#include <stdio.h>
#include <string.h>

static const char *const texts[TEXT_COUNT][2] = {
    [TEXT_BANK] = {"Sycee Bank", "元宝银行"},
    [TEXT_STATEMENT] = {"Account statement", "账户交易明细"},
    [TEXT_RECEIPT] = {"Payment receipt", "电子回单"},
    [TEXT_ACCOUNT] = {"Account", "账号"},
    [TEXT_HOLDER] = {"Holder", "户名"},
    [TEXT_PERIOD] = {"Period", "期间"},
    [TEXT_CURRENCY] = {"Currency", "币种"},
    [TEXT_MADE] = {"Made at", "生成时间"},
    [TEXT_OPENING] = {"Opening balance", "期初余额"},
    [TEXT_CLOSING] = {"Closing balance", "期末余额"},
    [TEXT_IN] = {"Money in", "收入"},
    [TEXT_OUT] = {"Money out", "支出"},
    [TEXT_TOTALS] = {"Totals", "合计"},
    [TEXT_NO_LINES] = {"No transactions in this period", "本期间无交易"},
    [TEXT_DATE] = {"Date", "记账日期"},
    [TEXT_VALUE_DATE] = {"Value date", "起息日"},
    [TEXT_KIND] = {"Kind", "摘要"},
    [TEXT_OTHER] = {"Other party", "对方户名"},
    [TEXT_OTHER_ACCOUNT] = {"Other account", "对方账号"},
    [TEXT_REMITTANCE] = {"Text", "附言"},
    [TEXT_BALANCE] = {"Balance", "余额"},
    [TEXT_TRANSACTION_ID] = {"Transaction no.", "交易流水号"},
    [TEXT_PAYMENT_ID] = {"Payment no.", "支付编号"},
    [TEXT_CHECK_CODE] = {"Check code", "校验码"},
    [TEXT_VERIFY_STATEMENT] =
        {"To verify: a statement of the same account and period, made anew in the app, bears the "
         "same check code. This paper was made by computer and needs no signature.",
         "核验方法：在手机银行重新生成同一账户、同一期间的明细，校验码应一致。本明细由系统生成，无"
         "需签章。"},
    [TEXT_PAYER] = {"Payer", "付款人"},
    [TEXT_PAYEE] = {"Payee", "收款人"},
    [TEXT_AMOUNT_WORDS] = {"Amount in capitals", "大写金额"},
    [TEXT_STATUS_RCVD] = {"Received, not yet sent", "已受理"},
    [TEXT_STATUS_PDNG] = {"In progress", "处理中"},
    [TEXT_STATUS_ACSC] = {"Settled", "交易成功"},
    [TEXT_STATUS_RJCT] = {"Rejected, no money moved", "交易失败，资金未变动"},
    [TEXT_REASON] = {"Reason", "原因"},
    [TEXT_ORDERED_AT] = {"Ordered at", "提交时间"},
    [TEXT_SETTLED_AT] = {"Settled at", "完成时间"},
    [TEXT_REJECTED_AT] = {"Rejected at", "失败时间"},
    [TEXT_END_TO_END] = {"End-to-end reference", "端到端标识"},
    [TEXT_JOURNAL_ID] = {"Journal no.", "凭证编号"},
    [TEXT_VERIFY_RECEIPT] =
        {"To verify: search for this payment number under Activity in the app, or tell it to the "
         "bank. "
         "This receipt was made by computer and needs no signature.",
         "核验方法：在手机银行“交易明细”中搜索支付编号，或向本行查询。本回单由系统生成，无需签"
         "章；同一笔交易可多次生成回单，请勿重复记账。"},
};

const char *text_of(enum text text, enum lang lang)
{
    return texts[text][lang == LANG_ZH ? 1 : 0];
}

void text_amount(struct money amount, char out[TEXT_AMOUNT_SIZE])
{
    char plain[MONEY_TEXT_SIZE];
    money_format(amount, plain);
    const char *digits = plain[0] == '-' ? plain + 1 : plain;
    size_t whole = strcspn(digits, ".");
    size_t size = 0;
    if (digits != plain) {
        out[size++] = '-';
    }
    for (size_t i = 0; digits[i] != '\0'; i++) {
        if (i > 0 && i < whole && (whole - i) % 3 == 0) {
            out[size++] = ',';
        }
        out[size++] = digits[i];
    }
    CHECK(size < TEXT_AMOUNT_SIZE);
    out[size] = '\0';
}

void text_instant(int64_t instant_us, const struct zone *zone, char out[TEXT_INSTANT_SIZE])
{
    char civil[INSTANT_TEXT_SIZE];
    int offset_minutes = zone_offset_s(zone, instant_us) / 60;
    int64_t second_us = instant_us - instant_us % INT64_C(1000000);
    int minutes = offset_minutes < 0 ? -offset_minutes : offset_minutes;
    instant_format(second_us + (int64_t)offset_minutes * INT64_C(60000000), civil);
    snprintf(out, TEXT_INSTANT_SIZE, "%.10s %.8s (UTC%c%02d:%02d)", civil, civil + 11,
             offset_minutes < 0 ? '-' : '+', minutes / 60 % 100, minutes % 60);
}

/* --- capitals ----------------------------------------------------------------------------------
 */

static const char *const capital_digits[] = {"零", "壹", "贰", "叁", "肆",
                                             "伍", "陆", "柒", "捌", "玖"};

static void put(char *out, const char *text)
{
    size_t size = strlen(out);
    size_t more = strlen(text);
    CHECK(size + more < TEXT_CAPITALS_SIZE);
    memcpy(out + size, text, more + 1);
}

/* Four digits with their places; one 零 for zeros between digits. `zero`: a zero is due before the
 * next digit. */
static void put_group(int64_t group, bool *zero, char *out)
{
    static const int64_t units[] = {1000, 100, 10, 1};
    static const char *const places[] = {"仟", "佰", "拾", ""};
    for (int i = 0; i < 4; i++) {
        int64_t digit = group / units[i] % 10;
        if (digit == 0) {
            *zero = out[0] != '\0';
            continue;
        }
        if (*zero) {
            put(out, capital_digits[0]);
            *zero = false;
        }
        put(out, capital_digits[digit]);
        put(out, places[i]);
    }
}

void text_capitals(int64_t minor, char out[TEXT_CAPITALS_SIZE])
{
    static const int64_t units[] = {INT64_C(1000000000000), INT64_C(100000000), 10000, 1};
    static const char *const names[] = {"万亿", "亿", "万", ""};
    int64_t whole = minor / 100;
    bool zero = false;
    CHECK(minor >= 0);
    out[0] = '\0';
    for (int i = 0; i < 4; i++) {
        int64_t group = i == 0 ? whole / units[0] : whole / units[i] % 10000;
        CHECK(group < 10000);
        put_group(group, &zero, out);
        put(out, group != 0 ? names[i] : "");
    }
    int64_t jiao = minor / 10 % 10;
    int64_t fen = minor % 10;
    if (out[0] != '\0') {
        put(out, "元");
    } else if (jiao == 0 && fen == 0) {
        put(out, "零元");
    }
    if (jiao != 0) {
        put(out, capital_digits[jiao]);
        put(out, "角");
    } else if (fen != 0 && whole != 0) {
        put(out, capital_digits[0]);
    }
    if (fen != 0) {
        put(out, capital_digits[fen]);
        put(out, "分");
    } else {
        put(out, "整");
    }
}
