/* sycee check: is everything there that the bank needs to open? Changes nothing. */
#include "cli/cli.h"
#include "cli/open_bank.h"
#include "cli/settings.h"

#include "base/bins.h"
#include "base/regions.h"
#include "customer/customer.h"
#include "report/report.h"
#include "server/rooms.h"
#include "sys/file.h"
#include "sys/vault.h"

#include <argp.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

struct options {
    struct settings settings;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct options *options = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &options->settings;
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "unexpected argument \"%s\"", arg);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* The first thing that is wrong gives the exit code; the rest are looked at all the same. */
struct outcome {
    int code;
    bool zh;
};

static void good(const struct outcome *outcome, const char *en, const char *zh, const char *what)
{
    printf("ok   %-12s %s\n", outcome->zh ? zh : en, what);
}

static void bad(struct outcome *outcome, int code, const char *en, const char *zh, const char *what,
                enum err err, const char *advice_en, const char *advice_zh)
{
    outcome->code = outcome->code ? outcome->code : code;
    printf("BAD  %-12s %s: %s %s\n", outcome->zh ? zh : en, what,
           err ? err_text(err, outcome->zh ? LANG_ZH : LANG_EN) : "",
           outcome->zh ? advice_zh : advice_en);
}

/* --- database and books ----------------------------------------------------------------------- */

static bool newest(const struct ledger_line *line, void *context)
{
    *(struct date *)context = line->booking_date;
    return false;
}

static bool count_one(const struct ledger_account_row *account, void *context)
{
    (void)account;
    *(bool *)context = true;
    return false;
}

static void check_books(struct outcome *outcome, struct db_conn *conn)
{
    struct report_trial_balance balance;
    struct date date = {0};
    char text[DATE_TEXT_SIZE];
    char what[64];
    enum err err = ledger_transfers_before(conn, 0, newest, &date);
    if (!err && date.days == 0) {
        good(outcome, "books", "账目", outcome->zh ? "尚无转账" : "no transfers yet");
        return;
    }
    date_format(date, text);
    if (!err) {
        err = report_trial_balance(NULL, conn, date, CCY_CNY, &balance);
    }
    if (err || !balance.balanced) {
        bad(outcome, EX_DATAERR, "books", "账目", text, err,
            "The trial balance does not balance: run \"sycee audit\".",
            "试算不平，请运行 sycee audit。");
        return;
    }
    snprintf(what, sizeof what, outcome->zh ? "%s 试算平衡" : "trial balance of %s is balanced",
             text);
    good(outcome, "books", "账目", what);
}

/* True in *out_in_use where the bank has accounts already. */
static void check_database(struct outcome *outcome, const struct config *config, bool *out_in_use)
{
    struct open_bank bank;
    const char *url = config_string(config, "database", "url");
    bool is_postgresql = strncmp(url, "sqlite:", 7) != 0;
    const char *shown = is_postgresql ? "postgresql" : url;
    *out_in_use = false;
    if (!is_postgresql && !file_exists(url + 7)) {
        bad(outcome, EX_UNAVAILABLE, "database", "数据库", shown, ERR_OK,
            "There is no such file: run \"sycee migrate\".", "文件不存在，请运行 sycee migrate。");
        return;
    }
    enum err err = open_bank(url, &bank);
    if (err) {
        bad(outcome, err == ERR_DB_URL ? EX_CONFIG : EX_UNAVAILABLE, "database", "数据库", shown,
            err,
            err == ERR_DB_SCHEMA ? "Run \"sycee migrate\" of this program."
                                 : "Look at database.url and at the server.",
            err == ERR_DB_SCHEMA ? "请运行本程序的 sycee migrate。"
                                 : "请检查 database.url 与数据库服务。");
        return;
    }
    good(outcome, "database", "数据库", shown);
    (void)ledger_accounts_each(bank.conn, count_one, out_in_use);
    check_books(outcome, bank.conn);
    close_bank(&bank);
}

/* --- files ------------------------------------------------------------------------------------ */

static void check_key(struct outcome *outcome, const struct config *config, bool in_use)
{
    struct vault *vault;
    const char *path = config_string(config, "security", "key_file");
    bool is_credential = strncmp(path, "credential:", 11) == 0;
    if (!is_credential && !file_exists(path)) { /* vault_open would make one */
        if (in_use) {
            bad(outcome, EX_CONFIG, "key file", "密钥文件", path, ERR_OK,
                "It is missing: restore it from its copy, without it no sealed field can be read.",
                "文件缺失：请从备份恢复，否则加密字段无法读取。");
        } else {
            good(outcome, "key file", "密钥文件",
                 outcome->zh ? "尚无，首次启动时生成" : "none yet, the first start makes it");
        }
        return;
    }
    enum err err = vault_open(path, entropy_system(), &vault);
    if (err) {
        bad(outcome, EX_CONFIG, "key file", "密钥文件", path, err,
            "It must be readable by the bank's user only: chmod 600.",
            "只能由银行的运行用户读取：chmod 600。");
        return;
    }
    vault_close(vault);
    good(outcome, "key file", "密钥文件", path);
}

static enum err load_tables(const char *share)
{
    char path[FILE_PATH_MAX];
    struct regions *regions = NULL;
    struct bins *bins = NULL;
    struct consent_texts *texts = NULL;
    enum err err = file_join(share, "regions.tsv", path);
    err = err ? err : regions_load(path, &regions);
    err = err ? err : file_join(share, "bins.tsv", path);
    err = err ? err : bins_load(path, &bins);
    err = err ? err : file_join(share, "consents", path);
    err = err ? err : consent_texts_load(path, &texts);
    if (regions != NULL) {
        regions_release(regions);
    }
    if (bins != NULL) {
        bins_release(bins);
    }
    if (texts != NULL) {
        consent_texts_release(texts);
    }
    return err;
}

static void check_folders(struct outcome *outcome, const struct config *config)
{
    char share[FILE_PATH_MAX];
    rooms_share_folder(config, share, sizeof share);
    enum err err = load_tables(share);
    if (err) {
        bad(outcome, EX_CONFIG, "tables", "数据表", share, err,
            "Point server.share at the folder \"share\" of this program.",
            "请将 server.share 指向本程序的 share 目录。");
    } else {
        good(outcome, "tables", "数据表", share);
    }
    static const char *const keys[] = {"customer_app", "console_app"};
    static const char *const names[][2] = {{"customer app", "客户应用"}, {"console", "管理后台"}};
    for (size_t i = 0; i < 2; i++) {
        char page[FILE_PATH_MAX];
        const char *folder = config_string(config, "server", keys[i]);
        if (file_join(folder, "index.html", page) != ERR_OK || !file_exists(page)) {
            bad(outcome, EX_CONFIG, names[i][0], names[i][1], folder, ERR_OK,
                "There is no built app: run \"make apps\".", "应用尚未构建，请运行 make apps。");
        } else {
            good(outcome, names[i][0], names[i][1], folder);
        }
    }
}

int cli_check(int argc, char **argv)
{
    static const struct argp_child children[] = {{&settings_argp, 0, "Settings:", 0}, {0}};
    static const struct argp argp = {
        NULL,
        parse,
        NULL,
        "Looks whether all is there that the bank needs to open: settings, database and its "
        "schema, books, key file, tables, apps. A line each; what is wrong says what to do. "
        "Changes nothing.\vExit code: 0 all well, else that of the first fault: 65 books, 69 "
        "database, 78 settings and files.",
        children,
        NULL,
        NULL};
    struct options options = {0};
    struct config *config;
    argp_err_exit_status = EX_USAGE;
    argp_parse(&argp, argc, argv, 0, NULL, &options);
    int code = settings_load(&options.settings, &config);
    if (code != 0) {
        return code;
    }
    struct outcome outcome = {.zh = cli_lang() == LANG_ZH};
    bool in_use;
    good(&outcome, "settings", "配置",
         options.settings.file ? options.settings.file : (outcome.zh ? "已读取" : "read"));
    check_database(&outcome, config, &in_use);
    check_key(&outcome, config, in_use);
    check_folders(&outcome, config);
    config_release(config);
    return outcome.code;
}
