/* sycee check: is everything there that the bank needs to open? Changes nothing. */
#include "cli/cli.h"
#include "command/command.h"
#include "command/open_bank.h"
#include "command/terminal.h"

#include "db/facts.h"
#include "report/report.h"
#include "server/keys.h"
#include "server/reseal.h"
#include "server/rooms.h"
#include "server/settings_rules.h"
#include "sys/file.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

/* The first thing that is wrong gives the exit code; the rest are looked at all the same. */
struct outcome {
    int code;
    bool zh;
};

static void print_good(const struct outcome *outcome, const char *en, const char *zh,
                       const char *what)
{
    printf("ok   %-12s %s\n", outcome->zh ? zh : en, what);
}

static void print_bad(struct outcome *outcome, int code, const char *en, const char *zh,
                      const char *line)
{
    outcome->code = outcome->code ? outcome->code : code;
    printf("BAD  %-12s %s\n", outcome->zh ? zh : en, line);
}

/* --- database and books ----------------------------------------------------------------------- */

static bool check_newest(const struct ledger_line *line, void *context)
{
    *(struct date *)context = line->booking_date;
    return false;
}

static void check_books(struct outcome *outcome, struct db_conn *conn)
{
    struct report_trial_balance balance;
    struct date date = {0};
    char text[DATE_TEXT_SIZE];
    char what[128];
    enum err err = ledger_transfers_before(conn, 0, check_newest, &date);
    if (!err && date.days == 0) {
        print_good(outcome, "books", "账目", outcome->zh ? "尚无转账" : "no transfers yet");
        return;
    }
    date_format(date, text);
    if (!err) {
        err = report_trial_balance(NULL, conn, date, CCY_CNY, &balance);
    }
    if (err || !balance.balanced) {
        snprintf(what, sizeof what, "trial balance of %s: %s: run \"sycee audit\"", text,
                 err ? err_slug(err) : "does not balance");
        print_bad(outcome, EX_DATAERR, "books", "账目", what);
        return;
    }
    snprintf(what, sizeof what, outcome->zh ? "%s 试算平衡" : "trial balance of %s is balanced",
             text);
    print_good(outcome, "books", "账目", what);
}

static void check_settings(struct outcome *outcome, const struct config *config, const char *file)
{
    static struct settings_findings findings;
    settings_judge(config, &findings);
    for (size_t i = 0; i < findings.count; i++) {
        print_bad(outcome, EX_CONFIG, "settings", "配置", findings.rows[i].text);
    }
    if (findings.count == 0) {
        print_good(outcome, "settings", "配置", file ? file : (outcome->zh ? "已读取" : "read"));
    }
    if (!settings_is_production(config)) {
        printf("note %-12s %s\n", outcome->zh ? "开发模式" : "development",
               "outside.is_sandbox=true: not for real customers");
    }
}

/* A standby answers every read, so only a connection for writing finds it. */
static void check_writable(struct outcome *outcome, struct db *db)
{
    struct db_conn *conn = NULL;
    if (db_engine_of(db) != DB_POSTGRESQL) {
        return;
    }
    if (db_connect(db, DB_READ_WRITE, &conn) != ERR_OK) {
        print_bad(outcome, EX_UNAVAILABLE, "database", "数据库", db_open_message(db));
    }
    db_disconnect(conn);
}

static void check_mark(struct outcome *outcome, struct db_conn *conn)
{
    enum err err = db_mark_check(conn);
    if (err) {
        print_bad(outcome, EX_DATAERR, "database", "数据库",
                  err == ERR_DB_STALE ? db_message(conn) : err_slug(err));
    }
}

static void check_town(struct outcome *outcome, const struct config *config, struct db_conn *conn)
{
    int64_t is_town = 0;
    enum err err = db_fact_load(conn, FACT_TOWN, &is_town);
    if (!err && is_town != 0 && settings_is_production(config)) {
        print_bad(outcome, EX_CONFIG, "staff", "员工",
                  "staff are the invented town's (sycee staff town): not for real customers "
                  "(outside.is_sandbox=false)");
    }
}

static void note_old_seals(const struct outcome *outcome, struct db_conn *conn,
                           const struct vault *vault)
{
    struct reseal_count count;
    if (reseal_left(conn, vault, &count) != ERR_OK || count.left + count.passing == 0) {
        return;
    }
    printf(outcome->zh ? "note %-12s 旧密钥所封的值尚有 %lld 个，另有 %lld 个将自行消失\n"
                       : "note %-12s %lld values are sealed under older keys, %lld that pass by "
                         "themselves\n",
           outcome->zh ? "密钥" : "keys", (long long)count.left, (long long)count.passing);
}

static void check_key(struct outcome *outcome, const struct config *config, struct db_conn *conn)
{
    struct vault *vault;
    struct fault fault = {0};
    bool is_new = false;
    const char *path = config_string(config, "security", "key_file");
    enum err err = keys_open(conn, path, &vault, &is_new, &fault);
    if (err == ERR_VAULT_ABSENT && is_new && strncmp(path, "credential:", 11) != 0) {
        print_good(outcome, "key file", "密钥文件",
                   outcome->zh ? "尚无，首次启动时生成" : "none yet, the first start makes it");
    } else if (err) {
        print_bad(outcome, EX_CONFIG, "key file", "密钥文件", fault.text);
    } else {
        print_good(outcome, "key file", "密钥文件", path);
        note_old_seals(outcome, conn, vault);
        vault_close(vault);
    }
}

struct scrubbing {
    struct outcome *outcome;
    bool is_damaged;
};

static void report_damage(void *context, const char *line)
{
    struct scrubbing *scrubbing = context;
    scrubbing->is_damaged = true;
    print_bad(scrubbing->outcome, EX_DATAERR, "pages", "数据页", line);
}

/* Reads every page of an embedded database, a table at a time, so that no snapshot lasts long. */
static void check_pages(struct outcome *outcome, const struct db *db)
{
    struct scrubbing scrubbing = {.outcome = outcome};
    enum err err = db_scrub(db, report_damage, &scrubbing);
    if (err) {
        print_bad(outcome, EX_DATAERR, "pages", "数据页", err_slug(err));
    } else if (!scrubbing.is_damaged && db_engine_of(db) == DB_SQLITE) {
        print_good(outcome, "pages", "数据页",
                   outcome->zh ? "完整" : "every table and index is whole");
    }
}

static void check_database(struct outcome *outcome, const struct config *config)
{
    struct open_bank bank;
    struct fault fault = {0};
    enum err err = open_bank(config, &bank, &fault);
    if (err) {
        print_bad(outcome, fault.is_setting || err == ERR_DB_ABSENT ? EX_CONFIG : EX_UNAVAILABLE,
                  "database", "数据库", fault.text);
        return;
    }
    print_good(outcome, "database", "数据库", db_shown(bank.db));
    check_writable(outcome, bank.db);
    check_mark(outcome, bank.conn);
    check_key(outcome, config, bank.conn);
    check_town(outcome, config, bank.conn);
    check_books(outcome, bank.conn);
    db_rollback(bank.conn);
    check_pages(outcome, bank.db);
    close_bank(&bank);
}

/* --- files ------------------------------------------------------------------------------------ */

static void check_folders(struct outcome *outcome, const struct config *config)
{
    char share[HOUSE_SHARE_SIZE];
    struct fault fault = {0};
    if (rooms_check_tables(config, share, &fault)) {
        print_bad(outcome, EX_CONFIG, "tables", "数据表", fault.text);
    } else {
        print_good(outcome, "tables", "数据表", share);
    }
    static const char *const keys[] = {"customer_app", "console_app"};
    static const char *const names[][2] = {{"customer app", "客户应用"}, {"console", "管理后台"}};
    for (size_t i = 0; i < 2; i++) {
        char page[FILE_PATH_MAX];
        char line[FILE_PATH_MAX + 64];
        const char *folder = config_string(config, "server", keys[i]);
        if (file_join(folder, "index.html", page) != ERR_OK || !file_exists(page)) {
            snprintf(line, sizeof line, "%s: no built app there: make apps (server.%s)", folder,
                     keys[i]);
            print_bad(outcome, EX_CONFIG, names[i][0], names[i][1], line);
        } else {
            print_good(outcome, names[i][0], names[i][1], folder);
        }
    }
}

static int check_run(const struct config *config, const void *own)
{
    const struct settings *settings = own;
    struct outcome outcome = {.zh = terminal_lang() == LANG_ZH};
    check_settings(&outcome, config, settings->file);
    check_database(&outcome, config);
    check_folders(&outcome, config);
    return outcome.code;
}

int cli_check(int argc, char **argv)
{
    static const struct command command = {
        .text =
            "Checks the requirements for serving, one line each: settings, database, its schema "
            "and pages, books, key file, tables, apps. Changes nothing; the bank may be "
            "serving.\vExit code: 0 no fault, else that of the first fault: 65 books or pages, 69 "
            "database, 78 settings and files.",
        .run = check_run};
    struct settings settings = {.set_count = 0};
    return command_run(&command, &settings, argc, argv);
}
