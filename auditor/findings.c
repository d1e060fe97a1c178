#include "findings.h"

#include "base/str.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Stable names: tools and tests refer to a check by them. */
static const char *const names[CHECK_COUNT] = {
    "seals",    "transfers",  "balances",    "checkpoints", "books",    "floors",
    "holds",    "reversals",  "client-ids",  "accounts",    "payments", "limits",
    "interest", "settlement", "staff-audit", "customers",   "days",     "texts"};
static const char *const names_zh[CHECK_COUNT] = {
    "封印", "转账", "余额", "检查点", "借贷", "底线",     "冻结款", "冲正",   "客户编号",
    "账户", "支付", "限额", "利息",   "清算", "员工日志", "客户",   "营业日", "文本"};

void find(struct findings *findings, enum check check, int64_t id, const char *en, const char *zh,
          ...)
{
    int64_t place = findings->checks[check].count++;
    if (place >= FINDINGS_SHOWN) {
        return;
    }
    struct finding *finding = &findings->checks[check].first[place];
    va_list args;
    va_start(args, zh);
    if (findings->lang == LANG_ZH) {
        vsnprintf(finding->text, sizeof finding->text, zh, args);
    } else {
        vsnprintf(finding->text, sizeof finding->text, en, args);
    }
    va_end(args);
    finding->id = id;
}

void summarise(struct findings *findings, enum check check, const char *en, const char *zh, ...)
{
    char *summary = findings->checks[check].summary;
    va_list args;
    va_start(args, zh);
    if (findings->lang == LANG_ZH) {
        vsnprintf(summary, FINDING_SIZE, zh, args);
    } else {
        vsnprintf(summary, FINDING_SIZE, en, args);
    }
    va_end(args);
}

const char *grouped(int64_t value, char out[GROUPED_SIZE])
{
    char digits[GROUPED_SIZE];
    size_t count = (size_t)snprintf(digits, sizeof digits, "%" PRIu64,
                                    value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
    size_t used = 0;
    if (value < 0) {
        out[used++] = '-';
    }
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && (count - i) % 3 == 0) {
            out[used++] = ',';
        }
        out[used++] = digits[i];
    }
    out[used] = '\0';
    return out;
}

bool findings_any(const struct findings *findings)
{
    int64_t count = 0;
    for (int i = 0; i < CHECK_COUNT; i++) {
        count += findings->checks[i].count;
    }
    return count > 0;
}

void findings_print(const struct findings *findings)
{
    bool zh = findings->lang == LANG_ZH;
    for (int i = 0; i < CHECK_COUNT; i++) {
        int64_t count = findings->checks[i].count;
        printf("%-4s %-12s %s\n", count ? "BAD" : "ok", names[i], findings->checks[i].summary);
        for (int64_t k = 0; k < count && k < FINDINGS_SHOWN; k++) {
            printf("       %s\n", findings->checks[i].first[k].text);
        }
        if (count > FINDINGS_SHOWN) {
            printf(zh ? "       ……另有 %s 处\n" : "       … and %s more\n",
                   GROUPED(count - FINDINGS_SHOWN));
        }
    }
    printf("%s\n", findings_any(findings) ? (zh ? "账目有误。" : "The books are NOT in order.")
                                          : (zh ? "账目无误。" : "The books are in order."));
}

/* A text from the database may contain anything. */
static json_t *text_json(const char *text)
{
    return str_is_utf8(text, strlen(text)) ? json_string(text) : json_string("(not UTF-8)");
}

void findings_print_json(const struct findings *findings, const char *engine)
{
    json_t *checks = json_array();
    for (int i = 0; i < CHECK_COUNT; i++) {
        int64_t count = findings->checks[i].count;
        json_t *places = json_array();
        for (int64_t k = 0; k < count && k < FINDINGS_SHOWN; k++) {
            const struct finding *finding = &findings->checks[i].first[k];
            char id[GROUPED_SIZE];
            snprintf(id, sizeof id, "%" PRId64, finding->id);
            json_t *place = json_object();
            if (finding->id != 0) {
                json_object_set_new(place, "id", json_string(id));
            }
            json_object_set_new(place, "text", text_json(finding->text));
            json_array_append_new(places, place);
        }
        json_array_append_new(checks,
                              json_pack("{s:s, s:s, s:b, s:s, s:I, s:o}", "name", names[i], "title",
                                        findings->lang == LANG_ZH ? names_zh[i] : names[i], "ok",
                                        count == 0, "summary", findings->checks[i].summary,
                                        "findingCount", (json_int_t)count, "findings", places));
    }
    json_t *all = json_pack("{s:b, s:s, s:o}", "content", !findings_any(findings), "engine", engine,
                            "checks", checks);
    char *text = json_dumps(all, JSON_INDENT(2));
    puts(text ? text : "{}");
    free(text);
    json_decref(all);
}
