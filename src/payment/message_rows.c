#include "payment/message_rows.h"

#include <stddef.h>

const struct message_row MESSAGE_TRANSFER_IN = {
    8,
    "transferIn",
    {"Money received", "收款到账"},
    {"{name} sent you ¥{amount}.", "{name}向您转账¥{amount}，已到账。"}};
const struct message_row MESSAGE_TRANSFER_OUT = {
    9,
    "transferOut",
    {"Transfer sent", "转账成功"},
    {"You sent ¥{amount} to {name}.", "您已向{name}转账¥{amount}。"}};
const struct message_row MESSAGE_TOP_UP_DONE = {
    10,
    "topUpDone",
    {"Top-up arrived", "充值到账"},
    {"¥{amount} from card {card} arrived.", "银行卡{card}充值¥{amount}已到账。"}};
const struct message_row MESSAGE_TOP_UP_REFUSED = {
    11,
    "topUpRefused",
    {"Top-up refused", "充值失败"},
    {"The top-up of ¥{amount} from card {card} was refused; no money "
     "moved.",
     "银行卡{card}充值¥{amount}未成功，没有发生扣款。"}};
const struct message_row MESSAGE_WITHDRAWAL_DONE = {
    12,
    "withdrawalDone",
    {"Withdrawal paid out", "提现成功"},
    {"¥{amount} was paid out to card {card}.", "¥{amount}已提现至银行卡{card}。"}};
const struct message_row MESSAGE_WITHDRAWAL_REFUSED = {
    13,
    "withdrawalRefused",
    {"Withdrawal refused", "提现失败"},
    {"The withdrawal of ¥{amount} to card {card} was refused; the "
     "money is back in your account.",
     "提现¥{amount}至银行卡{card}未成功，资金已退回您的账户。"}};
const struct message_row MESSAGE_ACCOUNT_CLOSED = {
    29,
    "accountClosed",
    {"Account closed", "账户已销户"},
    {"Your account {account} is closed.", "您的账户{account}已销户。"}};
const struct message_row MESSAGE_CLOSURE_FAILED = {
    30,
    "closureFailed",
    {"Account not closed", "销户未完成"},
    {"The money of account {account} could not be paid out, so the "
     "account stays open.",
     "账户{account}的资金未能转出，该账户继续保留。"}};

const struct message_row *const PAYMENT_MESSAGES[] = {
    &MESSAGE_TRANSFER_IN,    &MESSAGE_TRANSFER_OUT,    &MESSAGE_TOP_UP_DONE,
    &MESSAGE_TOP_UP_REFUSED, &MESSAGE_WITHDRAWAL_DONE, &MESSAGE_WITHDRAWAL_REFUSED,
    &MESSAGE_ACCOUNT_CLOSED, &MESSAGE_CLOSURE_FAILED,  NULL};
