#include "db/dialect.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

/* Position of the reader in the statement that it copies. */
struct dialect {
    enum db_engine engine;
    struct str *out;
    const char *at;
    bool creates_table; /* the statement began with CREATE TABLE */
    bool without_rowid; /* and said WITHOUT ROWID */
    bool skips;         /* in a section of the other engine */
    int words;          /* words of this statement so far */
    bool created;       /* its first word is CREATE */
};

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

static size_t word_size(const char *at)
{
    size_t size = 0;
    while (is_word(at[size])) {
        size++;
    }
    return size;
}

static bool word_is(const char *at, size_t size, const char *word)
{
    return strlen(word) == size && strncasecmp(at, word, size) == 0;
}

/* The size of "WITHOUT ROWID" at `at`, 0 if it is not there. */
static size_t without_rowid_size(const char *at)
{
    size_t first = word_size(at);
    if (!word_is(at, first, "WITHOUT")) {
        return 0;
    }
    size_t gap = strspn(at + first, " \t\n");
    size_t second = word_size(at + first + gap);
    return word_is(at + first + gap, second, "ROWID") ? first + gap + second : 0;
}

static void copy(struct dialect *d, size_t size)
{
    if (!d->skips) {
        str_append_bytes(d->out, d->at, size);
    }
    d->at += size;
}

static void append_text(struct dialect *d, const char *text)
{
    if (!d->skips) {
        str_append(d->out, text);
    }
}

/* A comment is dropped but for its line break; "-- engine: x" opens a section. */
static void comment(struct dialect *d)
{
    static const char mark[] = "-- engine: ";
    size_t size = strcspn(d->at, "\n");
    if (strncmp(d->at, mark, sizeof(mark) - 1) == 0) {
        const char *name = d->at + sizeof(mark) - 1;
        size_t name_size = word_size(name);
        const char *own = d->engine == DB_SQLITE ? "sqlite" : "postgresql";
        d->skips = !word_is(name, name_size, "both") && !word_is(name, name_size, own);
    }
    d->at += size;
}

static void quoted(struct dialect *d)
{
    char quote = *d->at;
    size_t size = 1;
    while (d->at[size] != '\0' && d->at[size] != quote) {
        size++;
    }
    copy(d, d->at[size] == quote ? size + 1 : size);
}

/* An id carries its bucket, so on SQLite the id alone can be the key: as the row's own number it makes
 * rows of all buckets append to one end, where the pair would scatter each over a page of its own.
 * Tables that are the target of a foreign key are WITHOUT ROWID and keep the pair. */
static bool is_key_by_id(const struct dialect *d)
{
    static const char key[] = "PRIMARY KEY (bucket, id)";
    if (d->engine != DB_SQLITE || strncmp(d->at, key, sizeof key - 1) != 0) {
        return false;
    }
    const char *end = strchr(d->at, ';');
    const char *pair = strstr(d->at, "WITHOUT ROWID");
    return pair == NULL || (end != NULL && pair > end);
}

static void append_word(struct dialect *d)
{
    if (d->creates_table && is_key_by_id(d)) {
        append_text(d, "PRIMARY KEY (id)");
        d->at += strlen("PRIMARY KEY (bucket, id)");
        return;
    }
    size_t rowid = without_rowid_size(d->at);
    if (rowid > 0) {
        d->without_rowid = true;
        d->at += rowid;
        return;
    }
    size_t size = word_size(d->at);
    const char *other = NULL;
    if (d->engine == DB_SQLITE &&
        (word_is(d->at, size, "BIGINT") || word_is(d->at, size, "SMALLINT"))) {
        other = "INTEGER";
    } else if (d->engine == DB_POSTGRESQL && word_is(d->at, size, "BLOB")) {
        other = "BYTEA";
    }
    d->words++;
    if (d->words == 1) {
        d->created = word_is(d->at, size, "CREATE");
    } else if (d->words == 2) {
        d->creates_table = d->created && word_is(d->at, size, "TABLE");
    }
    if (other == NULL) {
        copy(d, size);
    } else {
        append_text(d, other);
        d->at += size;
    }
}

static void statement_end(struct dialect *d)
{
    if (d->engine == DB_SQLITE && d->creates_table) {
        append_text(d, d->without_rowid ? " WITHOUT ROWID, STRICT" : " STRICT");
    }
    copy(d, 1);
    d->creates_table = false;
    d->without_rowid = false;
    d->created = false;
    d->words = 0;
}

void dialect_translate(enum db_engine engine, const char *sql, struct str *out)
{
    struct dialect d = {.engine = engine, .out = out, .at = sql};
    while (*d.at != '\0') {
        if (d.at[0] == '-' && d.at[1] == '-') {
            comment(&d);
        } else if (*d.at == '\'' || *d.at == '"') {
            quoted(&d);
        } else if (is_word(*d.at)) {
            append_word(&d);
        } else if (*d.at == ';') {
            statement_end(&d);
        } else {
            copy(&d, 1);
        }
    }
}
