/* The residents' documents, from the two tables compiled into the program. */
#include "documents.h"

#include "embed.h"

#include "base/check.h"

#include <stdio.h>
#include <string.h>

#define LINE_SIZE_MAX    600
#define PERSON_COLUMNS   4
#define DOCUMENT_COLUMNS 6

EMBED(documents_people, "sandbox/people.tsv");
EMBED(documents_table, "sandbox/documents.tsv");

static struct resident residents[RESIDENT_COUNT_MAX];
static int resident_count;

/* The next line that is not a comment, in `out`; NULL at the end. */
static const char *next_line(const char *at, char out[LINE_SIZE_MAX])
{
    while (*at) {
        const char *newline = strchr(at, '\n');
        CHECK(newline && newline - at < LINE_SIZE_MAX);
        snprintf(out, LINE_SIZE_MAX, "%.*s", (int)(newline - at), at);
        at = newline + 1;
        if (out[0] && out[0] != '#')
            return at;
    }
    return NULL;
}

static void documents_split(char *line, char **columns, int count)
{
    for (int i = 0; i < count; i++) {
        columns[i] = strsep(&line, "\t");
        CHECK(columns[i]);
    }
}

static void documents_copy(char *out, size_t size, const char *text)
{
    CHECK(strlen(text) < size);
    snprintf(out, size, "%s", text);
}

void documents_init(void)
{
    const char *people = documents_people;
    const char *papers = documents_table;
    char person[LINE_SIZE_MAX];
    char paper[LINE_SIZE_MAX];
    resident_count = 0;
    while ((people = next_line(people, person))) {
        papers = next_line(papers, paper);
        CHECK(papers && resident_count < RESIDENT_COUNT_MAX);
        char *who[PERSON_COLUMNS];
        char *what[DOCUMENT_COLUMNS];
        documents_split(person, who, PERSON_COLUMNS);
        documents_split(paper, what, DOCUMENT_COLUMNS);
        CHECK(strcmp(who[0], what[0]) == 0);
        struct resident *resident = &residents[resident_count++];
        resident->row = resident->face = resident_count;
        documents_copy(resident->name, sizeof resident->name, who[0]);
        documents_copy(resident->name_latin, sizeof resident->name_latin, who[1]);
        documents_copy(resident->id_number, sizeof resident->id_number, who[2]);
        documents_copy(resident->phone, sizeof resident->phone, who[3]);
        documents_copy(resident->nation, sizeof resident->nation, what[1]);
        documents_copy(resident->address, sizeof resident->address, what[2]);
        documents_copy(resident->issuer, sizeof resident->issuer, what[3]);
        documents_copy(resident->valid_from, sizeof resident->valid_from, what[4]);
        documents_copy(resident->valid_until, sizeof resident->valid_until, what[5]);
    }
}

int documents_count(void)
{
    return resident_count;
}

const struct resident *documents_at(int row)
{
    return row >= 1 && row <= resident_count ? &residents[row - 1] : NULL;
}

const struct resident *documents_find(const char *id_number)
{
    for (int i = 0; i < resident_count; i++) {
        if (strcmp(residents[i].id_number, id_number) == 0)
            return &residents[i];
    }
    return NULL;
}

bool document_is_male(const struct resident *resident)
{
    return (resident->id_number[16] - '0') % 2 == 1;
}
