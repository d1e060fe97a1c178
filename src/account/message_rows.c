#include "account/message_rows.h"

#include <stddef.h>

const struct message_row MESSAGE_ACCOUNT_OPENED = {
    5,
    "accountOpened",
    {"Account opened", "开户成功"},
    {"Your account {account} is open.", "您的账户{account}已开立。"}};
const struct message_row MESSAGE_CARD_BOUND = {
    6,
    "cardBound",
    {"Card bound", "银行卡已绑定"},
    {"Your card {card} is bound.", "您的银行卡{card}已绑定。"}};
const struct message_row MESSAGE_CARD_UNBOUND = {
    7,
    "cardUnbound",
    {"Card unbound", "银行卡已解绑"},
    {"Your card {card} is no longer bound.", "您的银行卡{card}已解绑。"}};
const struct message_row MESSAGE_INTEREST_PAID = {
    14,
    "interestPaid",
    {"Interest paid", "利息到账"},
    {"Interest of ¥{amount} was added to your account.", "利息¥{amount}已记入您的账户。"}};
const struct message_row MESSAGE_ACCOUNT_SUSPENDED = {
    31,
    "accountSuspended",
    {"Account suspended", "账户已暂停付款"},
    {"Account {account} is suspended until your identity is verified: money still comes in, "
     "and "
     "goes out to your own bound card only.",
     "账户{account}在您完成身份核实前暂停付款：可以入账，仅可提现至本人绑定卡。"}};
const struct message_row MESSAGE_ACCOUNT_RESUMED = {
    32,
    "accountResumed",
    {"Account open again", "账户已恢复"},
    {"Account {account} is open again.", "账户{account}已恢复使用。"}};
const struct message_row MESSAGE_ACCOUNT_CLASS = {
    33,
    "accountClass",
    {"Account class changed", "账户类别已变更"},
    {"Account {account} is of class {name} now.", "账户{account}现为{name}类户。"}};
const struct message_row MESSAGE_VERIFY_BY = {
    34,
    "verifyBy",
    {"Please verify your identity", "请完成身份核实"},
    {"Account {account} needs your identity verified by {name}. After that "
     "day it pays out to your "
     "own bound card only.",
     "请于{name}前完成身份核实。逾期后账户{account}仅可提现至本人绑定卡。"}};
const struct message_row MESSAGE_DOCUMENT_EXPIRES = {
    35,
    "documentExpires",
    {"Your ID card expires", "身份证即将到期"},
    {"Your ID card is valid through {name}. Please photograph the new "
     "one when you have it.",
     "您的身份证有效期至{name}，换领新证后请重新拍摄上传。"}};

const struct message_row *const ACCOUNT_MESSAGES[] = {
    &MESSAGE_ACCOUNT_OPENED,    &MESSAGE_CARD_BOUND,
    &MESSAGE_CARD_UNBOUND,      &MESSAGE_INTEREST_PAID,
    &MESSAGE_ACCOUNT_SUSPENDED, &MESSAGE_ACCOUNT_RESUMED,
    &MESSAGE_ACCOUNT_CLASS,     &MESSAGE_VERIFY_BY,
    &MESSAGE_DOCUMENT_EXPIRES,  NULL};
