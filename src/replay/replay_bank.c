/* The bank that a replay runs against, and the names that its script gives to things. */
#include "replay/replay_private.h"

#include "base/str.h"
#include "command/migrate.h"
#include "db/facts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static enum err replay_bank_start(struct replay_bank *bank)
{
    struct engine_options options = {
        .database_url = bank->url, .clock = &bank->clock.clock, .workers = 8, .readers = 1};
    return engine_start(&options, &bank->engine);
}

static bool note_account(const struct ledger_account_row *account, void *context)
{
    (void)account;
    *(bool *)context = true;
    return false;
}

/* ERR_EXISTS: somebody's bank is in the database. It has ledger accounts, or it was served and has
 * the check value of its keys. */
static enum err refuse_used(struct replay_bank *bank)
{
    struct db_conn *conn;
    struct db_key_check keys[KEY_CHECKS_MAX];
    size_t key_count = 0;
    bool has_accounts = false;
    enum err err = engine_read_begin(bank->engine, &conn);
    if (err) {
        return err;
    }
    err = ledger_accounts_each(conn, note_account, &has_accounts);
    err = err ? err : db_key_checks_load(conn, keys, &key_count);
    engine_read_end(bank->engine, conn);
    return err ? err : has_accounts || key_count > 0 ? ERR_EXISTS : ERR_OK;
}

enum err replay_bank_open(struct replay_bank *bank, const char *url)
{
    *bank = (struct replay_bank){0};
    struct replay_names *all[] = {&bank->accounts, &bank->journals, &bank->clients};
    for (size_t i = 0; i < 3; i++) {
        all[i]->rows = calloc(REPLAY_NAMES_MAX, sizeof *all[i]->rows);
        if (all[i]->rows == NULL) {
            return ERR_NO_MEMORY;
        }
    }
    clock_manual_init(&bank->clock, REPLAY_START_US);
    if (url != NULL) {
        snprintf(bank->url, sizeof bank->url, "%s", url);
    } else {
        const char *temporary = getenv("TMPDIR");
        snprintf(bank->folder, sizeof bank->folder, "%s/sycee-replay-XXXXXX",
                 temporary != NULL && temporary[0] != '\0' ? temporary : "/tmp");
        if (mkdtemp(bank->folder) == NULL) {
            bank->folder[0] = '\0';
            return ERR_IO;
        }
        snprintf(bank->url, sizeof bank->url, "sqlite:%s/bank.db", bank->folder);
    }
    int applied = 0;
    enum err err = migrate_database(bank->url, true, &applied, NULL);
    err = err ? err : replay_bank_start(bank);
    return err ? err : refuse_used(bank);
}

enum err replay_bank_restart(struct replay_bank *bank)
{
    engine_stop(bank->engine);
    bank->engine = NULL;
    return replay_bank_start(bank);
}

void replay_bank_close(struct replay_bank *bank)
{
    static const char *const files[] = {"bank.db", "bank.db-wal", "bank.db-shm", "bank.db.mark"};
    if (bank->engine != NULL) {
        engine_stop(bank->engine);
    }
    for (size_t i = 0; bank->folder[0] != '\0' && i < sizeof files / sizeof files[0]; i++) {
        char path[300];
        snprintf(path, sizeof path, "%s/%s", bank->folder, files[i]);
        (void)unlink(path);
    }
    if (bank->folder[0] != '\0') {
        (void)rmdir(bank->folder);
    }
    free(bank->accounts.rows);
    free(bank->journals.rows);
    free(bank->clients.rows);
}

/* --- names ------------------------------------------------------------------------------------ */

struct replay_name *replay_find(struct replay_names *names, const char *text)
{
    for (size_t i = 0; i < names->count; i++) {
        if (strcmp(names->rows[i].text, text) == 0) {
            return &names->rows[i];
        }
    }
    return NULL;
}

struct replay_name *replay_put(struct replay_names *names, const char *text)
{
    struct replay_name *known = replay_find(names, text);
    if (known != NULL) {
        return known;
    }
    if (names->count == REPLAY_NAMES_MAX || text[0] == '\0' || strlen(text) >= REPLAY_TEXT_MAX) {
        return NULL;
    }
    struct replay_name *row = &names->rows[names->count++];
    snprintf(row->text, sizeof row->text, "%s", text);
    return row;
}

static struct replay_name *internal_account(struct replay_bank *bank, const char *text,
                                            struct ccy ccy)
{
    char code[8] = "";
    char own_ccy[8] = "";
    int64_t gl = 0;
    int end = 0;
    int parts = sscanf(text, "gl:%4[0-9]%n:%3[A-Z]%n", code, &end, own_ccy, &end);
    if (parts < 1 || text[end] != '\0' || !str_to_int(code, &gl) ||
        (parts == 2 && ccy_parse(own_ccy, &ccy) != ERR_OK)) {
        return NULL;
    }
    char full[REPLAY_TEXT_MAX];
    snprintf(full, sizeof full, parts == 2 || !ccy_equal(ccy, CCY_CNY) ? "gl:%s:%s" : "gl:%s", code,
             ccy.code);
    struct replay_name *row = replay_put(&bank->accounts, full);
    if (row != NULL) {
        row->ccy = ccy;
        row->id = ledger_internal_account((uint16_t)gl, ccy, 0).value;
    }
    return row;
}

struct replay_name *replay_account(struct replay_bank *bank, const char *text, struct ccy ccy)
{
    if (strncmp(text, "gl:", 3) == 0) {
        return internal_account(bank, text, ccy);
    }
    struct replay_name *row = replay_put(&bank->accounts, text);
    if (row != NULL && row->id == 0) {
        /* Spread over the buckets, as customers' accounts are. */
        int64_t number = (int64_t)bank->accounts.count;
        row->id = (INT64_C(1) << 41) + number * ID_STEP + number * 37 % BUCKET_COUNT;
        row->ccy = ccy;
    }
    return row;
}

/* "01890a5d-ac96-774b-bcce-b302099a8057" */
static bool parse_uuid(const char *text, struct client_id *out)
{
    char hex[33];
    size_t digits = 0;
    if (strlen(text) != 36) {
        return false;
    }
    for (size_t i = 0; i < 36; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash != (text[i] == '-')) {
            return false;
        }
        if (!dash) {
            hex[digits++] = text[i];
        }
    }
    hex[digits] = '\0';
    return str_from_hex(hex, out->bytes, sizeof out->bytes);
}

enum err replay_client_id(struct replay_bank *bank, const char *text, struct client_id *out)
{
    if (parse_uuid(text, out)) {
        return client_id_is_none(out) ? ERR_INVALID_ID : ERR_OK; /* all zero means: no id */
    }
    struct replay_name *row = replay_put(&bank->clients, text);
    if (row == NULL) {
        return ERR_INVALID_ID;
    }
    if (client_id_is_none(&row->client)) {
        /* UUIDv7: milliseconds, then the number of the name. */
        uint64_t ms = (uint64_t)clock_now_us(&bank->clock.clock) / 1000;
        for (int i = 0; i < 6; i++) {
            row->client.bytes[i] = (uint8_t)(ms >> (40 - 8 * i));
        }
        row->client.bytes[6] = 0x70;
        row->client.bytes[8] = 0x80;
        row->client.bytes[14] = (uint8_t)(bank->clients.count >> 8);
        row->client.bytes[15] = (uint8_t)bank->clients.count;
    }
    *out = row->client;
    return ERR_OK;
}

static void text_of(const struct replay_names *names, int64_t id, char out[REPLAY_TEXT_MAX])
{
    for (size_t i = 0; i < names->count; i++) {
        if (names->rows[i].id == id) {
            memcpy(out, names->rows[i].text, REPLAY_TEXT_MAX);
            return;
        }
    }
    snprintf(out, REPLAY_TEXT_MAX, "%lld", (long long)id);
}

void replay_account_text(const struct replay_bank *bank, int64_t id, char out[REPLAY_TEXT_MAX])
{
    text_of(&bank->accounts, id, out);
}

void replay_journal_text(const struct replay_bank *bank, int64_t id, char out[REPLAY_TEXT_MAX])
{
    text_of(&bank->journals, id, out);
}

json_t *replay_amount(int64_t minor, struct ccy ccy)
{
    char text[MONEY_TEXT_SIZE];
    money_format((struct money){minor, ccy}, text);
    return json_string(text);
}
