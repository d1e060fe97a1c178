#include "customer/message_rows.h"

#include <stddef.h>

const struct message_row MESSAGE_WELCOME = {
    1,
    "welcome",
    {"Welcome", "欢迎"},
    {"Your phone number is confirmed. A few more steps and your account is "
     "open.",
     "您的手机号码已验证，再完成几步即可开户。"}};
const struct message_row MESSAGE_IDENTITY_VERIFIED = {
    2,
    "identityVerified",
    {"Identity confirmed", "身份核验通过"},
    {"Your name and ID number were confirmed by the registry.",
     "您的姓名和身份证号码已通过登记机构核验。"}};
const struct message_row MESSAGE_PASSCODE_CHANGED = {
    3,
    "passCodeChanged",
    {"Pass code changed", "交易密码已修改"},
    {"Your pass code was changed and your other devices were signed "
     "out. If this was not you, call us at once.",
     "您的交易密码已修改，其他设备已退出登录。如非本人操作，请立即联系我"
     "们。"}};
const struct message_row MESSAGE_SIGNED_IN = {
    4,
    "signedIn",
    {"New sign-in", "新设备登录"},
    {"You signed in on {device}. If this was not you, end that session and "
     "change your pass code.",
     "您的账号在“{device}”上登录。如非本人操作，请结束该会话并修改交易密码。"}};
const struct message_row MESSAGE_NEW_DEVICE = {
    15,
    "newDevice",
    {"Sign-in on a new device", "新设备首次登录"},
    {"You signed in on {device} for the first time. If this was not you, remove that device "
     "and change your pass code.",
     "您的账号首次在“{device}”上登录。如非本人操作，请移除该设备并修改交易密码。"}};
const struct message_row MESSAGE_DEVICE_REMOVED = {
    16,
    "deviceRemoved",
    {"Device removed", "设备已移除"},
    {"{device} was removed and signed out.", "设备“{device}”已移除并退出登录。"}};
const struct message_row MESSAGE_PASSKEY_ADDED = {
    17,
    "passkeyAdded",
    {"Passkey added", "通行密钥已添加"},
    {"The passkey {device} was added. If this was not you, remove it and "
     "call us.",
     "通行密钥“{device}”已添加。如非本人操作，请删除并联系我们。"}};
const struct message_row MESSAGE_PASSKEY_REMOVED = {
    18,
    "passkeyRemoved",
    {"Passkey removed", "通行密钥已删除"},
    {"The passkey {device} was removed. If this was not you, call us.",
     "通行密钥“{device}”已删除。如非本人操作，请联系我们。"}};
const struct message_row MESSAGE_PASSKEY_CLONED = {
    19,
    "passkeyCloned",
    {"Passkey refused", "通行密钥被拒绝"},
    {"The passkey {device} was refused: it seems to have been copied. "
     "Remove it and make a new one.",
     "通行密钥“{device}”疑似被复制，已拒绝使用，请删除后重新创建。"}};
const struct message_row MESSAGE_TOTP_ADDED = {
    20,
    "totpAdded",
    {"Time codes are on", "动态验证码已启用"},
    {"Time codes of your authenticator app are now asked for.", "已启用身份验证器的动态验证码。"}};
const struct message_row MESSAGE_TOTP_REMOVED = {
    21,
    "totpRemoved",
    {"Time codes are off", "动态验证码已停用"},
    {"Time codes are no longer asked for. If this was not you, call us.",
     "动态验证码已停用。如非本人操作，请联系我们。"}};
const struct message_row MESSAGE_PHONE_CHANGED = {
    22,
    "phoneChanged",
    {"Phone number changed", "手机号码已更换"},
    {"Your phone number was changed and your other devices were signed "
     "out. If this was not you, call us at once.",
     "您的手机号码已更换，其他设备已退出登录。如非本人操作，请立即联系"
     "我们。"}};
const struct message_row MESSAGE_PHONE_DETACHED = {
    23,
    "phoneDetached",
    {"Your phone number is somebody else's now", "手机号码已由他人使用"},
    {"The phone operator gave your number to another person, so it no "
     "longer signs you in. Set your new number under Security while "
     "you are signed in here.",
     "运营商已将您的手机号码分配给他人，该号码不再用于登录。请趁当前仍"
     "处于登录状态，在“安全”中设置新的手机号码。"}};
const struct message_row MESSAGE_SIGNED_OUT_EVERYWHERE = {
    24,
    "signedOutEverywhere",
    {"Signed out everywhere", "已全部退出登录"},
    {"Your devices were signed out.", "您的设备已全部退出登录。"}};

const struct message_row *const CUSTOMER_MESSAGES[] = {&MESSAGE_WELCOME,
                                                       &MESSAGE_IDENTITY_VERIFIED,
                                                       &MESSAGE_PASSCODE_CHANGED,
                                                       &MESSAGE_SIGNED_IN,
                                                       &MESSAGE_NEW_DEVICE,
                                                       &MESSAGE_DEVICE_REMOVED,
                                                       &MESSAGE_PASSKEY_ADDED,
                                                       &MESSAGE_PASSKEY_REMOVED,
                                                       &MESSAGE_PASSKEY_CLONED,
                                                       &MESSAGE_TOTP_ADDED,
                                                       &MESSAGE_TOTP_REMOVED,
                                                       &MESSAGE_PHONE_CHANGED,
                                                       &MESSAGE_PHONE_DETACHED,
                                                       &MESSAGE_SIGNED_OUT_EVERYWHERE,
                                                       NULL};
