#include "company/message_rows.h"

#include <stddef.h>

const struct message_row MESSAGE_COMPANY_ACTIVE = {
    36,
    "companyActive",
    {"Company account opened", "企业账户已开立"},
    {"{name} is registered and its account is open.", "“{name}”已完成登记，企业账户已开立。"}};
const struct message_row MESSAGE_COMPANY_REVIEW = {
    37,
    "companyReview",
    {"A person is looking at it", "企业资料审核中"},
    {"A person at the bank looks at the registration of {name}; you "
     "will hear within a day.",
     "银行工作人员正在审核“{name}”的登记资料，一天内给出结果。"}};
const struct message_row MESSAGE_COMPANY_REFUSED = {
    38,
    "companyRefused",
    {"Company not accepted", "企业登记未通过"},
    {"The registration of {name} was not accepted. You may register "
     "it anew.",
     "“{name}”的登记未通过审核，您可以重新提交。"}};
const struct message_row MESSAGE_COMPANY_SUSPENDED = {
    39,
    "companySuspended",
    {"Company suspended", "企业账户已暂停"},
    {"The business registry's word on {name} has changed, so no payments go out for now. "
     "Please call us.",
     "“{name}”的工商登记信息发生变化，账户已暂停付款，请联系我们。"}};
const struct message_row MESSAGE_COMPANY_RESUMED = {
    40,
    "companyResumed",
    {"Company active again", "企业账户已恢复"},
    {"Payments of {name} go out again.", "“{name}”的账户已恢复付款。"}};
const struct message_row MESSAGE_COMPANY_USER_ADDED = {
    41,
    "companyUserAdded",
    {"You act for a company", "您已成为企业用户"},
    {"{name} gave you a role: see your companies.",
     "“{name}”已为您设置企业角色，请在“企业”中查看。"}};
const struct message_row MESSAGE_COMPANY_USER_REMOVED = {
    42,
    "companyUserRemoved",
    {"You no longer act for a company", "您已不再是企业用户"},
    {"Your role for {name} was taken away.", "您在“{name}”的企业角色已被取消。"}};
const struct message_row MESSAGE_COMPANY_CHANGE_WAITS = {
    43,
    "companyChangeWaits",
    {"A change of people waits", "有人员变更待确认"},
    {"Roles at {name} are to change: please approve or refuse it under your companies.",
     "“{name}”有人员角色变更待确认，请在“企业”中同意或拒绝。"}};
const struct message_row MESSAGE_ORDER_WAITS = {
    44,
    "orderWaits",
    {"A payment waits for you", "有付款待您复核"},
    {"{name} is to pay ¥{amount}: please approve or refuse the order.",
     "“{name}”有一笔¥{amount}的付款待复核，请同意或拒绝。"}};
const struct message_row MESSAGE_ORDER_EXECUTED = {
    45,
    "orderExecuted",
    {"Order paid", "付款指令已执行"},
    {"Your order of {name} over ¥{amount} was approved and paid.",
     "您为“{name}”提交的¥{amount}付款已复核并执行。"}};
const struct message_row MESSAGE_ORDER_REFUSED = {
    46,
    "orderRefused",
    {"Order refused", "付款指令被拒绝"},
    {"Your order of {name} over ¥{amount} was refused.",
     "您为“{name}”提交的¥{amount}付款已被拒绝。"}};
const struct message_row MESSAGE_ORDER_FAILED = {
    47,
    "orderFailed",
    {"Order failed", "付款指令未能执行"},
    {"Your order of {name} over ¥{amount} was approved but could not be "
     "paid; no money moved.",
     "您为“{name}”提交的¥{amount}付款已复核，但未能执行，没有发生扣款。"}};

const struct message_row *const COMPANY_MESSAGES[] = {&MESSAGE_COMPANY_ACTIVE,
                                                      &MESSAGE_COMPANY_REVIEW,
                                                      &MESSAGE_COMPANY_REFUSED,
                                                      &MESSAGE_COMPANY_SUSPENDED,
                                                      &MESSAGE_COMPANY_RESUMED,
                                                      &MESSAGE_COMPANY_USER_ADDED,
                                                      &MESSAGE_COMPANY_USER_REMOVED,
                                                      &MESSAGE_COMPANY_CHANGE_WAITS,
                                                      &MESSAGE_ORDER_WAITS,
                                                      &MESSAGE_ORDER_EXECUTED,
                                                      &MESSAGE_ORDER_REFUSED,
                                                      &MESSAGE_ORDER_FAILED,
                                                      NULL};
