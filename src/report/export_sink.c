#include "report/export_sink.h"

#include "report/text.h"
#include "sys/vault.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LEFT   400
#define WIDTH  (PDF_A4_WIDTH - 2 * LEFT)
#define TOP    500
#define BOTTOM (PDF_A4_HEIGHT - 600)
#define LABELS 1300

/* Headings and the commonest names on Chinese paper; others stand as they are in JSON. */
static const struct {
    const char *name, *text[2];
} WORDS[] = {
    {"customer", {"You", "客户"}},
    {"verification", {"Verification", "身份核实"}},
    {"channels", {"Who confirmed you", "核实渠道"}},
    {"checks", {"Checks", "核验记录"}},
    {"attempts", {"Attempts", "尝试记录"}},
    {"idCardRead", {"ID card as read", "证件识别内容"}},
    {"idCardConfirmed", {"ID card as confirmed", "证件确认内容"}},
    {"pictures", {"Pictures", "照片"}},
    {"places", {"Places", "位置"}},
    {"consents", {"Consents", "授权记录"}},
    {"security", {"Security", "安全设置"}},
    {"devices", {"Devices", "设备"}},
    {"passkeys", {"Passkeys", "通行密钥"}},
    {"sessions", {"Sessions", "登录会话"}},
    {"securityEvents", {"Security events", "安全事件"}},
    {"messages", {"Messages", "消息"}},
    {"cards", {"Cards", "银行卡"}},
    {"accounts", {"Accounts", "账户"}},
    {"transactions", {"Transactions", "交易明细"}},
    {"payments", {"Payments you made", "您发起的支付"}},
    {"companies", {"Companies", "企业"}},
    {"name", {"Name", "姓名"}},
    {"phone", {"Phone", "手机号"}},
    {"idNumber", {"ID number", "身份证号"}},
    {"birthDate", {"Born", "出生日期"}},
    {"sex", {"Sex", "性别"}},
    {"address", {"Address", "住址"}},
    {"nation", {"Nation", "民族"}},
    {"issuer", {"Issuer", "签发机构"}},
    {"validFrom", {"Valid from", "有效期起"}},
    {"validUntil", {"Valid until", "有效期止"}},
    {"state", {"State", "状态"}},
    {"kind", {"Kind", "类型"}},
    {"at", {"At", "时间"}},
    {"result", {"Result", "结果"}},
    {"score", {"Score (parts per million)", "得分（百万分之一）"}},
    {"amount", {"Amount", "金额"}},
    {"balance", {"Balance", "余额"}},
    {"bookingDate", {"Booked", "记账日"}},
    {"otherName", {"Other party", "对方"}},
    {"text", {"Text", "内容"}},
    {"title", {"Title", "标题"}},
    {"purpose", {"Purpose", "用途"}},
    {"granted", {"Granted", "已同意"}},
    {"number", {"Number", "号码"}},
    {"class", {"Class", "类别"}},
    {"region", {"Region", "地区"}},
    {"createdAt", {"Made", "创建时间"}},
};

static const char *word_of(const struct sink *sink, const char *name)
{
    for (size_t i = 0; i < sizeof WORDS / sizeof WORDS[0]; i++) {
        if (strcmp(WORDS[i].name, name) == 0) {
            return WORDS[i].text[sink->order->lang];
        }
    }
    return name;
}

/* --- Paper -------------------------------------------------------------------------------------- */

static void page_end(struct sink *sink)
{
    char text[16];
    struct pdf_style style = {.size = 75, .ink = PDF_GREY, .align = PDF_CENTRE};
    snprintf(text, sizeof text, "%d", ++sink->page);
    pdf_text(&sink->pdf, LEFT, PDF_A4_HEIGHT - 400, WIDTH, style, text);
    pdf_page_end(&sink->pdf);
    sink->y = TOP;
}

static void need_room(struct sink *sink, int height)
{
    if (sink->y + height > BOTTOM) {
        page_end(sink);
    }
}

static void heading(struct sink *sink, const char *name)
{
    struct pdf_style style = {.size = sink->depth <= 1 ? 130 : 100, .ink = PDF_BRAND, .bold = true};
    need_room(sink, 500);
    sink->y += 120;
    sink->y += pdf_text(&sink->pdf, LEFT, sink->y, WIDTH, style, word_of(sink, name)) + 50;
    pdf_rule(&sink->pdf, LEFT, sink->y - 30, WIDTH, 5, PDF_RULE);
}

static void line(struct sink *sink, const char *name, const char *value)
{
    static const struct pdf_style label = {.size = 80, .ink = PDF_GREY};
    static const struct pdf_style plain = {.size = 85, .line_max = 12};
    int height = pdf_text_height(&sink->pdf, WIDTH - LABELS, plain, value);
    need_room(sink, height + 20);
    pdf_text(&sink->pdf, LEFT, sink->y + 4, LABELS - 60, label, name ? word_of(sink, name) : "");
    sink->y += pdf_text(&sink->pdf, LEFT + LABELS, sink->y, WIDTH - LABELS, plain, value) + 20;
}

/* --- Both --------------------------------------------------------------------------------------- */

enum err sink_begin(struct sink *sink, const struct export_order *order, struct str *out)
{
    *sink = (struct sink){.order = order, .out = out, .is_paper = order->format == REPORT_PDF};
    sink->y = TOP;
    if (!sink->is_paper) {
        return ERR_OK;
    }
    const char *title =
        order->lang == LANG_ZH ? "本行持有的您的全部信息" : "Everything that the bank holds of you";
    enum err err = pdf_open(out, PDF_A4_WIDTH, PDF_A4_HEIGHT, order->lang, title, &sink->pdf);
    if (err == ERR_OK) {
        char made[TEXT_INSTANT_SIZE];
        struct pdf_style big = {.size = 170, .bold = true};
        text_instant(order->now_us, order->zone, made);
        pdf_mark(&sink->pdf, LEFT, TOP - 50, 300);
        pdf_text(&sink->pdf, LEFT + 400, TOP, WIDTH - 400, big, title);
        sink->y = TOP + 350;
        line(sink, "createdAt", made);
    }
    return err;
}

enum err sink_end(struct sink *sink)
{
    if (!sink->is_paper) {
        return sink->out->failed ? ERR_NO_MEMORY : ERR_OK;
    }
    page_end(sink);
    return pdf_close(&sink->pdf);
}

static void begin_member(struct sink *sink, const char *name)
{
    if (sink->needs_comma) {
        str_append_char(sink->out, ',');
    }
    if (name != NULL) {
        str_append_json(sink->out, name);
        str_append_char(sink->out, ':');
    }
    sink->needs_comma = true;
}

void sink_open(struct sink *sink, const char *name, char bracket)
{
    if (sink->is_paper) {
        if (name != NULL) {
            heading(sink, name);
        } else if (sink->depth > 0) {
            need_room(sink, 200);
            sink->y += 60; /* a space between the items of a list */
        }
    } else {
        begin_member(sink, name);
        str_append_char(sink->out, bracket);
        sink->needs_comma = false;
    }
    sink->depth++;
}

void sink_close(struct sink *sink, char bracket)
{
    sink->depth--;
    if (!sink->is_paper) {
        str_append_char(sink->out, bracket);
        sink->needs_comma = true;
    }
}

void sink_text(struct sink *sink, const char *name, const char *value)
{
    if (value[0] == '\0') {
        return;
    }
    if (sink->is_paper) {
        line(sink, name, value);
        return;
    }
    begin_member(sink, name);
    str_append_json(sink->out, value);
}

void sink_int(struct sink *sink, const char *name, int64_t value)
{
    if (sink->is_paper) {
        char text[24];
        snprintf(text, sizeof text, "%lld", (long long)value);
        line(sink, name, text);
        return;
    }
    begin_member(sink, name);
    str_append_int(sink->out, value);
}

void sink_bool(struct sink *sink, const char *name, bool value)
{
    static const char *const words[2][2] = {{"no", "否"}, {"yes", "是"}};
    if (sink->is_paper) {
        line(sink, name, words[value][sink->order->lang]);
        return;
    }
    begin_member(sink, name);
    str_append(sink->out, value ? "true" : "false");
}

void sink_id(struct sink *sink, const char *name, int64_t value)
{
    char text[ID_TEXT_SIZE];
    if (value != 0) {
        id_format(value, text);
        sink_text(sink, name, text);
    }
}

void sink_instant(struct sink *sink, const char *name, int64_t value_us)
{
    char text[TEXT_INSTANT_SIZE > INSTANT_TEXT_SIZE ? TEXT_INSTANT_SIZE : INSTANT_TEXT_SIZE];
    if (value_us == 0) {
        return;
    }
    if (sink->is_paper) {
        text_instant(value_us, sink->order->zone, text);
    } else {
        instant_format(value_us, text);
    }
    sink_text(sink, name, text);
}

void sink_date(struct sink *sink, const char *name, struct date value)
{
    char text[DATE_TEXT_SIZE];
    if (value.days != 0) {
        date_format(value, text);
        sink_text(sink, name, text);
    }
}

void sink_money(struct sink *sink, const char *name, int64_t minor, struct ccy ccy)
{
    char text[MONEY_TEXT_SIZE];
    money_format((struct money){minor, ccy}, text);
    if (sink->is_paper) {
        line(sink, name, text);
        return;
    }
    begin_member(sink, name);
    str_printf(sink->out, "{\"amount\":\"%s\",\"currency\":\"%s\"}", text, ccy.code);
}

void sink_bytes(struct sink *sink, const char *name, const uint8_t *bytes, size_t size)
{
    char *text = sink->is_paper ? NULL : malloc(VAULT_BASE64_SIZE(size));
    if (text != NULL) {
        vault_base64(bytes, size, text);
        sink_text(sink, name, text);
    } else if (!sink->is_paper) {
        sink->out->failed = true;
    }
    free(text);
}
