/* The texts that a customer agrees to, read from a folder once. */
#include "base/check.h"
#include "base/str.h"
#include "customer/customer.h"
#include "sys/file.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONSENT_FILES_MAX 200
#define CONSENT_TEXTS_MAX 32
#define CONSENT_FILE_MAX  (64 * 1024)

struct consent_texts {
    size_t count;
    struct consent_text items[CONSENT_TEXTS_MAX];
};

/* "identityCheck.1.zh.txt" in its parts. */
static bool parse_name(const char *name, struct consent_text *out, enum lang *out_lang)
{
    char lang[4] = "", rest[8] = "";
    if (sscanf(name, "%23[a-zA-Z].%11[0-9].%3[a-z].%7s", out->purpose, out->version, lang, rest) !=
            4 ||
        strcmp(rest, "txt") != 0) {
        return false;
    }
    *out_lang = strcmp(lang, "zh") == 0 ? LANG_ZH : LANG_EN;
    return strcmp(lang, "zh") == 0 || strcmp(lang, "en") == 0;
}

/* First line: title; second: "required: yes|no"; third empty; then the text. */
static enum err parse_text(char *bytes, enum lang lang, struct consent_text *item)
{
    char *title_end = strchr(bytes, '\n');
    char *head_end = title_end ? strchr(title_end + 1, '\n') : NULL;
    if (!head_end || head_end[1] != '\n' || !str_is_utf8(bytes, strlen(bytes))) {
        return ERR_INVALID_FIELD;
    }
    *title_end = '\0';
    *head_end = '\0';
    const char *head = title_end + 1;
    bool is_required = strcmp(head, "required: yes") == 0;
    bool other_says = item->title[!lang] != NULL;
    if ((!is_required && strcmp(head, "required: no") != 0) || *bytes == '\0' ||
        head_end[2] == '\0' || (other_says && item->required != is_required)) {
        return ERR_INVALID_FIELD;
    }
    item->required = is_required;
    free(item->title[lang]);
    free(item->text[lang]);
    item->title[lang] = strdup(bytes);
    item->text[lang] = strdup(head_end + 2);
    return item->title[lang] && item->text[lang] ? ERR_OK : ERR_NO_MEMORY;
}

static void clear_item(struct consent_text *item)
{
    for (int lang = 0; lang < 2; lang++) {
        free(item->title[lang]);
        free(item->text[lang]);
    }
    memset(item, 0, sizeof(*item));
}

/* The place of this purpose: NULL if a newer version is there already or the table is full. */
static struct consent_text *place_for(struct consent_texts *texts, const struct consent_text *key)
{
    for (size_t i = 0; i < texts->count; i++) {
        struct consent_text *item = &texts->items[i];
        if (strcmp(item->purpose, key->purpose) == 0) {
            int64_t mine = 0, theirs = 0;
            if (!str_to_int(key->version, &mine) || !str_to_int(item->version, &theirs) ||
                mine < theirs) {
                return NULL;
            }
            if (mine > theirs) {
                clear_item(item);
                *item = *key;
            }
            return item;
        }
    }
    if (texts->count == CONSENT_TEXTS_MAX) {
        return NULL;
    }
    texts->items[texts->count] = *key;
    return &texts->items[texts->count++];
}

static enum err load_file(const char *folder, const char *name, struct consent_texts *texts)
{
    struct consent_text key = {0};
    enum lang lang = LANG_EN;
    char path[FILE_PATH_MAX];
    char *bytes = NULL;
    size_t size = 0;
    if (!parse_name(name, &key, &lang)) {
        return ERR_INVALID_FIELD;
    }
    struct consent_text *item = place_for(texts, &key);
    if (!item) {
        return ERR_OK;
    }
    enum err err = file_join(folder, name, path);
    if (err == ERR_OK) {
        err = file_read(path, CONSENT_FILE_MAX, &bytes, &size);
    }
    if (err == ERR_OK) {
        err = parse_text(bytes, lang, item);
    }
    free(bytes);
    return err;
}

static int compare_items(const void *a, const void *b)
{
    const struct consent_text *x = a, *y = b;
    static const char *const order[] = {"terms", "privacy", "identityCheck"};
    if (x->required != y->required) {
        return x->required ? -1 : 1;
    }
    for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
        bool is_x = strcmp(x->purpose, order[i]) == 0, is_y = strcmp(y->purpose, order[i]) == 0;
        if (is_x != is_y) {
            return is_x ? -1 : 1;
        }
    }
    return strcmp(x->purpose, y->purpose);
}

enum err consent_texts_load(const char *folder, struct consent_texts **out)
{
    struct file_list list;
    struct consent_texts *texts = calloc(1, sizeof(*texts));
    if (!texts) {
        return ERR_NO_MEMORY;
    }
    enum err err = file_list(folder, CONSENT_FILES_MAX, &list);
    if (err != ERR_OK) {
        free(texts);
        return err;
    }
    for (size_t i = 0; i < list.count && err == ERR_OK; i++) {
        err = load_file(folder, list.names[i], texts);
    }
    file_list_release(&list);
    for (size_t i = 0; i < texts->count && err == ERR_OK; i++) {
        bool is_whole = texts->items[i].text[LANG_EN] && texts->items[i].text[LANG_ZH];
        err = is_whole ? ERR_OK : ERR_INVALID_FIELD;
    }
    if (err != ERR_OK) {
        consent_texts_release(texts);
        return err;
    }
    qsort(texts->items, texts->count, sizeof(texts->items[0]), compare_items);
    *out = texts;
    return ERR_OK;
}

void consent_texts_release(struct consent_texts *texts)
{
    if (texts) {
        for (size_t i = 0; i < texts->count; i++) {
            clear_item(&texts->items[i]);
        }
        free(texts);
    }
}

size_t consent_texts_count(const struct consent_texts *texts)
{
    return texts->count;
}

const struct consent_text *consent_texts_at(const struct consent_texts *texts, size_t index)
{
    CHECK(index < texts->count);
    return &texts->items[index];
}
