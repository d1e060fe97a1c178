/* Puts the invented residents and their cards into an empty state file. */
#include "embed.h"
#include "identity.h"
#include "issuer.h"
#include "sandbox.h"

#include "base/check.h"

#include <stdio.h>
#include <string.h>

#define COLUMN_MAX     12
#define LINE_SIZE_MAX  400
#define CARD_COLUMNS   3 /* number, class, balance */
#define PERSON_COLUMNS 4

EMBED(people_table, "sandbox/people.tsv");

STORE_STMT(stmt_any, "SELECT 1 FROM people LIMIT 1");
STORE_STMT(stmt_person_add, "INSERT INTO people (name, name_latin, id_number, phone)"
                            " VALUES (?1, ?2, ?3, ?4)");
STORE_STMT(stmt_card_add, "INSERT INTO cards (card_number, name, id_number, phone, class,"
                          " balance_minor, is_lost, is_resident, seq)"
                          " VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, 1, ?7)");

/* A malformed table is our own mistake: it is compiled in. */
static void seed_person(struct store *store, char *line, int64_t *seq)
{
    char *columns[COLUMN_MAX] = {0};
    int count = 0;
    for (char *rest = line, *column; count < COLUMN_MAX && (column = strsep(&rest, "\t"));)
        columns[count++] = column;
    CHECK(count >= PERSON_COLUMNS && (count - PERSON_COLUMNS) % CARD_COLUMNS == 0);
    CHECK(identity_is_valid_id(columns[2]));
    store_run(store, &stmt_person_add, "tttt", columns[0], columns[1], columns[2], columns[3]);
    for (int i = PERSON_COLUMNS; i < count; i += CARD_COLUMNS) {
        struct money balance;
        CHECK(identity_is_card(columns[i]) && issuer_of_card(columns[i]));
        CHECK(money_parse(columns[i + 2], CCY_CNY, &balance) == ERR_OK);
        store_run(store, &stmt_card_add, "tttttii", columns[i], columns[0], columns[2], columns[3],
                  columns[i + 1], balance.minor, ++*seq);
    }
}

void people_seed(struct store *store)
{
    sqlite3_stmt *rows = store_query(store, &stmt_any, "");
    bool is_seeded = store_next(store, rows);
    store_done(rows);
    int64_t seq = 0;
    for (const char *at = people_table; !is_seeded && *at;) {
        const char *newline = strchr(at, '\n');
        CHECK(newline && newline - at < LINE_SIZE_MAX);
        char line[LINE_SIZE_MAX];
        snprintf(line, sizeof line, "%.*s", (int)(newline - at), at);
        if (line[0] && line[0] != '#')
            seed_person(store, line, &seq);
        at = newline + 1;
    }
}
