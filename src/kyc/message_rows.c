#include "kyc/message_rows.h"

#include <stddef.h>

const struct message_row MESSAGE_REVIEW_OPENED = {
    25,
    "reviewOpened",
    {"A person is looking at it", "已转人工审核"},
    {"A person at the bank looks at your verification; you will hear "
     "within a day. Nothing more is needed now.",
     "银行工作人员将审核您的身份信息，一天内给出结果，目前无需其他操作。"}};
const struct message_row MESSAGE_REVIEW_LATE = {
    26,
    "reviewLate",
    {"Your review takes longer", "审核时间延长"},
    {"We promised an answer within a day and are late. Your verification "
     "is still being looked at; you may also choose a video call or a "
     "counter.",
     "我们未能在一天内给出审核结果，审核仍在进行。您也可以改选视频或柜台核实。"}};
const struct message_row MESSAGE_REVIEW_PASSED = {
    27,
    "reviewPassed",
    {"Review passed", "人工审核通过"},
    {"A person at the bank confirmed your verification. Please go on "
     "where you were.",
     "银行工作人员已确认您的身份信息，请继续后续步骤。"}};
const struct message_row MESSAGE_REVIEW_REFUSED = {
    28,
    "reviewRefused",
    {"Review not passed", "人工审核未通过"},
    {"A person at the bank could not confirm your verification. You "
     "may come to a counter with your ID card.",
     "银行工作人员未能确认您的身份信息。您可携带身份证到柜台办理。"}};

const struct message_row *const KYC_MESSAGES[] = {&MESSAGE_REVIEW_OPENED, &MESSAGE_REVIEW_LATE,
                                                  &MESSAGE_REVIEW_PASSED, &MESSAGE_REVIEW_REFUSED,
                                                  NULL};
