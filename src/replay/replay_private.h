/*
 * `sycee ledger replay`: operations on the ledger as JSON lines, run through the engine against a
 * bank on a clock that stands. Inside of the command: the bank with its names, one operation, and
 * the check of the books. For one thread, but for the engine's own.
 */
#ifndef REPLAY_PRIVATE_H
#define REPLAY_PRIVATE_H

#include "engine/engine.h"
#include "ledger/recipe.h"
#include "sys/clock.h"
#include "sys/thread.h"

#include <jansson.h>

#define REPLAY_NAMES_MAX 65536
#define REPLAY_TEXT_MAX  64                        /* bytes of a name and its NUL */
#define REPLAY_START_US  INT64_C(1767571200000000) /* 2026-01-05T00:00:00Z */
#define REPLAY_RACE_MAX  64                        /* operations at once */

/* What a short name of a script stands for: an account, a journal or hold, or a client id. */
struct replay_name {
    char text[REPLAY_TEXT_MAX];
    int64_t id;
    struct ccy ccy;          /* accounts */
    struct client_id client; /* client ids */
};
struct replay_names {
    struct replay_name *rows;
    size_t count;
};

struct replay_bank {
    char folder[256]; /* "" if the database was given */
    char url[512];
    struct clock_manual clock;
    struct engine *engine;
    struct replay_names accounts, journals, clients;
};

/* `url` NULL makes a bank in a temporary file, deleted by replay_bank_close. */
enum err replay_bank_open(struct replay_bank *bank, const char *url);
enum err replay_bank_restart(struct replay_bank *bank);
void replay_bank_close(struct replay_bank *bank);

/* Each gives NULL where the table is full or the text is no name. */
struct replay_name *replay_find(struct replay_names *names, const char *text);
struct replay_name *replay_put(struct replay_names *names, const char *text);
/* An account by its name, made up at first use; "gl:1001" or "gl:1001:USD" is the bank's own of
 * that code in bucket 0, else in `ccy`. */
struct replay_name *replay_account(struct replay_bank *bank, const char *text, struct ccy ccy);
/* A client id by its text: a UUID, or a name that becomes a time-ordered id at its first use. */
enum err replay_client_id(struct replay_bank *bank, const char *text, struct client_id *out);
/* The name of an id, or the id itself. */
void replay_account_text(const struct replay_bank *bank, int64_t id, char out[REPLAY_TEXT_MAX]);
void replay_journal_text(const struct replay_bank *bank, int64_t id, char out[REPLAY_TEXT_MAX]);
json_t *replay_amount(int64_t minor, struct ccy ccy);

/* --- replay_ops.c: one operation ----------------------------------------------------------------
 */

/* Runs the operation and gives its result, or NULL with *out_problem where the line is wrong. */
json_t *replay_run(struct replay_bank *bank, const json_t *line, const char **out_problem);
/* A refusal as a result. */
json_t *replay_refusal(enum err err);

/* --- replay_post.c: operations that post, alone and raced ------------------------------------- */

enum replay_kind {
    REPLAY_OPEN,
    REPLAY_CLOSE,
    REPLAY_JOURNAL,
    REPLAY_HOLD,
    REPLAY_END,
    REPLAY_REVERSE
};
/* One change on its way through the engine. */
struct replay_change {
    struct engine_command command;
    enum replay_kind kind;
    struct ledger_account_spec spec;
    struct account_id account;
    struct ledger_transfer transfers[LEDGER_LEGS_MAX + 1];
    size_t count;
    int64_t expires_at;
    struct hold_end end;
    struct journal_id journal;
    struct client_id client_id;
    const char *as;
    struct semaphore *done;
    struct journal_result result;
    enum err err;
};
/* Is `op` one of the changes? */
bool replay_is_change(const char *op);
/* False with *out_problem where the line is wrong. */
bool replay_change_read(struct replay_bank *bank, const json_t *line, struct replay_change *out,
                        const char **out_problem);
/* Sends it to the engine; `done` is posted once when it is answered. */
void replay_change_submit(struct replay_bank *bank, struct replay_change *change,
                          struct semaphore *done);
/* Its result; the name of "as" stands for its journal from then on. */
json_t *replay_change_result(struct replay_bank *bank, const struct replay_change *change);

/* --- replay_check.c: the books against themselves ------------------------------------------------
 */

/* Counts and a list of what is wrong; ERR_OK if nothing is. `engine` is idle meanwhile. */
json_t *replay_check(struct engine *engine);
/* Sums of every code and currency, and whether debits equal credits. */
json_t *replay_trial_balance(struct engine *engine);

int replay_storm_command(int argc, char **argv);

#endif
