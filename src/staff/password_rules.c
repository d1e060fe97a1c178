/*
 * Which staff passwords are too easy to guess (NIST SP 800-63B 5.1.1.2: common, repetitive, sequential and
 * context-specific ones). What a guesser's rules make is taken out: well-known words, the owner's login and
 * name, the bank's name, sequences, repetitions. What is left must still be long and varied enough.
 */
#include "base/check.h"
#include "base/str.h"
#include "staff/staff_rules.h"

#include <ctype.h>
#include <string.h>

#define LEFT_MIN      8 /* characters that no rule explains */
#define DIFFERENT_MIN 5 /* different bytes among them */
#define RUN_MIN       3 /* shorter pieces of a sequence occur in ordinary words */
#define PERIOD_MAX    12
#define TAKEN         '\x01' /* stands for a byte that a rule explains */

/* Words that lists of leaked passwords are made of; as they are and with digits for letters. */
static const char *const WORDS[] = {
    "password", "passwort", "passwd",     "passcode", "passphrase",    "letmein",   "welcome",
    "changeme", "iloveyou", "loveyou",    "admin",    "administrator", "manager",   "operator",
    "auditor",  "teller",   "accountant", "reviewer", "console",       "staff",     "root",
    "master",   "secret",   "default",    "temp",     "login",         "user",      "guest",
    "test",     "monkey",   "dragon",     "football", "baseball",      "princess",  "sunshine",
    "superman", "batman",   "shadow",     "michael",  "hello",         "qwerty",    "azerty",
    "qwertz",   "spring",   "summer",     "autumn",   "winter",        "january",   "february",
    "march",    "april",    "june",       "july",     "august",        "september", "october",
    "november", "december", "monday",     "friday",   "china",         "beijing",   "shanghai",
    "woaini",   "mima",     "sycee",      "bank",     "yinhang",       "yuanbao",   "银行",
    "密码",     "元宝",     "管理员",     "我爱你",   "trustno",       "whatever",  "starwars",
    "pokemon",  "computer", "internet",   "service",  "money",         "company",   "office",
    "access",   "security", "please",
};

/* Walks over a keyboard, the digits and the alphabet; also backwards. */
static const char *const WALKS[] = {
    "01234567890123456789",
    "13579135791357913579",
    "24680246802468024680",
    "1122334455667788990011",
    "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz",
    "`1234567890-=",
    "qwertyuiop[]\\",
    "asdfghjkl;'",
    "zxcvbnm,./",
    "!@#$%^&*()_+",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p;/",
    "1q2w3e4r5t6y7u8i9o0p",
    "q1w2e3r4t5y6u7i8o9p0",
    "qazwsxedcrfvtgbyhnujmikolp",
    "a1b2c3d4e5f6g7h8i9j0",
    "a1s2d3f4g5h6j7k8l9",
    "123qwe456rty789uio",
    "123abc456def789ghi",
    "147258369",
    "159753",
    "314159265358979323846",
    "271828182845904523536",
};

/* Digits and signs that stand for letters in what is typed. */
static char letter_of(char typed)
{
    static const char signs[] = "0134578@$!|+";
    static const char letters[] = "oieastbasilt";
    const char *at = typed != '\0' ? strchr(signs, typed) : NULL;
    return at != NULL ? letters[at - signs] : typed;
}

static void take_out(char *text, size_t at, size_t size)
{
    memset(text + at, TAKEN, size);
}

/* Every occurrence of a word, whose letters may be replaced by signs. */
static void take_word(char *text, const char *original, const char *word)
{
    size_t size = strlen(word), length = strlen(original);
    for (size_t at = 0; size > 0 && at + size <= length; at++) {
        size_t same = 0;
        while (same < size && (original[at + same] == word[same] ||
                               letter_of(original[at + same]) == word[same])) {
            same++;
        }
        if (same == size) {
            take_out(text, at, size);
        }
    }
}

static char at_end(const char *walk, size_t index, bool is_backwards)
{
    size_t size = strlen(walk);
    return index >= size ? '\0' : is_backwards ? walk[size - 1 - index] : walk[index];
}

static size_t run_along(const char *from, const char *walk, bool is_backwards)
{
    size_t longest = 0;
    for (size_t begin = 0; walk[begin] != '\0'; begin++) {
        size_t run = 0;
        while (from[run] != '\0' && from[run] == at_end(walk, begin + run, is_backwards)) {
            run++;
        }
        longest = run > longest ? run : longest;
    }
    return longest;
}

static void take_walks(char *text, const char *original)
{
    for (size_t at = 0; original[at] != '\0'; at++) {
        size_t longest = 0;
        for (size_t i = 0; i < 2 * sizeof(WALKS) / sizeof(WALKS[0]); i++) {
            size_t run = run_along(original + at, WALKS[i / 2], i % 2 != 0);
            longest = run > longest ? run : longest;
        }
        if (longest >= RUN_MIN) {
            take_out(text, at, longest);
        }
    }
}

/* A piece that comes again at once counts once: aaa, ababab, abcabc, river-river-. */
static void take_repetitions(char *text, const char *original)
{
    size_t size = strlen(original);
    for (size_t period = 1; period <= PERIOD_MAX; period++) {
        size_t copies = period > 2 ? 2 : 3; /* aa and abab occur in ordinary words */
        size_t again = (copies - 1) * period;
        for (size_t at = 0; at + again + period <= size; at++) {
            if (memcmp(original + at, original + at + period, again) == 0) {
                take_out(text, at + period, again);
            }
        }
    }
}

/* Each part of a name between blanks; letters and single signs name nobody. */
static void take_name(char *text, const char *original, const char *name)
{
    char lower[STAFF_NAME_SIZE];
    size_t size = strlen(name);
    CHECK(size < sizeof(lower));
    for (size_t i = 0; i <= size; i++) {
        lower[i] = (char)tolower((unsigned char)name[i]);
    }
    char *rest = lower;
    for (char *part = strtok_r(lower, " .-_'", &rest); part != NULL;
         part = strtok_r(NULL, " .-_'", &rest)) {
        if (strlen(part) >= 3) {
            take_word(text, original, part);
        }
    }
}

/* Digits alone are a phone number, a date or a card. */
static bool is_number(const char *password)
{
    return password[strspn(password, "0123456789 .,:;/+-_()#*")] == '\0';
}

static bool is_varied(const char *text)
{
    char left[STAFF_PASSWORD_MAX * 4 + 1] = "";
    size_t size = 0;
    int different = 0;
    for (size_t i = 0; text[i] != '\0'; i++) {
        if (text[i] != TAKEN && text[i] != ' ') {
            different += memchr(left, text[i], size) == NULL ? 1 : 0;
            left[size++] = text[i];
        }
    }
    left[size] = '\0';
    return str_length_utf8(left) >= LEFT_MIN && different >= DIFFERENT_MIN;
}

enum err staff_password_check(const char *password, const char *login, const char *name)
{
    char original[STAFF_PASSWORD_MAX * 4 + 1], text[sizeof(original)];
    size_t size = strlen(password);
    if (!str_is_utf8(password, size) || str_length_utf8(password) < STAFF_PASSWORD_MIN ||
        str_length_utf8(password) > STAFF_PASSWORD_MAX || is_number(password)) {
        return ERR_PASSWORD_WEAK;
    }
    for (size_t i = 0; i <= size; i++) {
        original[i] = (char)tolower((unsigned char)password[i]);
    }
    memcpy(text, original, sizeof(original));
    for (size_t i = 0; i < sizeof(WORDS) / sizeof(WORDS[0]); i++) {
        take_word(text, original, WORDS[i]);
    }
    take_name(text, original, name != NULL ? name : "");
    take_walks(text, original);
    take_repetitions(text, original);
    bool has_login = login != NULL && strcasestr(password, login) != NULL;
    return !has_login && is_varied(text) ? ERR_OK : ERR_PASSWORD_WEAK;
}
