#include "calc.h"

#include "base/str.h"
#include "calc_kinds.h"

#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#define LINE_SIZE_MAX 65536

struct calc_kind {
    const char *name;
    calc_answer *answer;
    const char *members[16]; /* beside "id"; a line with any other is wrong */
};

static const struct calc_kind calc_kinds[] = {
    {"daycount",
     calc_daycount,
     {"convention", "start", "end", "principal", "rate", "rounding", "periodStart", "periodEnd",
      "frequency", "maturity", "calendar"}},
    {"round", calc_round, {"amount", "currency", "rounding"}},
    {"split", calc_split, {"amount", "currency", "weights"}},
    {"calendar",
     calc_calendar,
     {"calendar", "date", "roll", "addBusinessDays", "addMonths", "endOfMonth"}},
    {"identifier", calc_identifier, {"kind", "value", "today"}},
    {"fx", calc_fx, {"amount", "from", "to", "rate", "spread", "rounding"}},
};

struct calc_options {
    const struct calc_kind *kind;
    const char *path;
    const char *share;
    enum lang lang;
};

static const char calc_doc[] =
    "Checks the bank's arithmetic: one JSON object a line in, from FILE or standard input, one "
    "answer a line out, in the same order.\v"
    "KIND is one of\n"
    "  daycount    days and year fraction between two dates, and interest\n"
    "  round       an amount to its currency's digits\n"
    "  split       an amount in proportion to weights, summing exactly\n"
    "  calendar    business day, roll, business days later\n"
    "  identifier  residentId, uscc, cardNumber, iban, bic, lei, phone\n"
    "  fx          conversion at a rate with a spread\n"
    "\n"
    "Examples (one line each):\n"
    "  echo '{\"convention\":\"ACT/365F\",\"start\":\"2026-01-31\",\"end\":\"2026-03-31\","
    "\"principal\":{\"amount\":\"10000.00\",\"currency\":\"CNY\"},\"rate\":\"3.65%\"}' "
    "| sycee calc daycount\n"
    "  echo '{\"amount\":\"12.345\",\"currency\":\"CNY\",\"rounding\":\"half-even\"}' "
    "| sycee calc round\n"
    "  echo '{\"calendar\":\"cn\",\"date\":\"2026-10-01\",\"roll\":\"modified-following\","
    "\"addBusinessDays\":3}' | sycee calc calendar\n"
    "  echo '{\"kind\":\"iban\",\"value\":\"DE89 3704 0044 0532 0130 00\"}' "
    "| sycee calc identifier\n"
    "  echo '{\"amount\":\"100.00\",\"from\":\"CNY\",\"to\":\"JPY\",\"rate\":\"20.123456\","
    "\"spread\":\"0.5%\",\"rounding\":\"half-up\"}' | sycee calc fx\n"
    "\n"
    "Conventions: ACT/360 (A004), ACT/365F (A005), ACT/ACT-ISDA (A008), ACT/ACT-ICMA (A006; needs "
    "periodStart, periodEnd, frequency), 30/360 (A001), 30U/360, 30E/360 (A011), 30E/360-ISDA "
    "(A007; maturity), ACT/365L (A009), NL/365 (A014), BUS/252 (needs calendar).\n"
    "Roundings: half-even (where none is given), half-up, half-down, down, up, floor, ceiling.\n"
    "Rolls: none, following, modified-following, preceding, modified-preceding.\n"
    "\n"
    "A wrong line is answered with {\"error\":{\"slug\":…,\"detail\":…}} and the rest are still "
    "done; a member \"id\" of a line is repeated in its answer; empty lines are skipped.\n"
    "Exit code: 0 all lines were answered, 64 wrong usage, 65 at least one line was wrong, "
    "66 FILE cannot be opened, 74 the output could not be written.";

static const struct argp_option calc_argp_options[] = {
    {"share", 's', "DIR", 0, "Where calendars, regions and BINs are (share, or $SYCEE_SHARE)", 0},
    {"lang", 'l', "en|zh", 0, "Language of the details of errors (en)", 0},
    {0},
};

static const struct calc_kind *find_kind(const char *name)
{
    for (size_t i = 0; i < sizeof calc_kinds / sizeof calc_kinds[0]; i++) {
        if (strcmp(calc_kinds[i].name, name) == 0) {
            return &calc_kinds[i];
        }
    }
    return NULL;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
    struct calc_options *options = state->input;
    switch (key) {
    case 's':
        options->share = arg;
        return 0;
    case 'l':
        if (strcmp(arg, "en") != 0 && strcmp(arg, "zh") != 0) {
            argp_error(state, "unknown language: %s", arg);
        }
        options->lang = strcmp(arg, "zh") == 0 ? LANG_ZH : LANG_EN;
        return 0;
    case ARGP_KEY_ARG:
        if (state->arg_num == 0) {
            options->kind = find_kind(arg);
            if (options->kind == NULL) {
                argp_error(state, "unknown kind of calculation: %s", arg);
            }
        } else if (state->arg_num == 1) {
            options->path = arg;
        } else {
            argp_error(state, "too many arguments");
        }
        return 0;
    case ARGP_KEY_END:
        if (options->kind == NULL) {
            argp_error(state, "a kind of calculation is missing");
        }
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* --- one line --------------------------------------------------------------------------------- */

static enum err check_members(struct calc *calc, const struct calc_kind *kind, const json_t *in)
{
    const char *names[sizeof kind->members / sizeof kind->members[0] + 1] = {"id"};
    size_t count = 1;
    for (size_t i = 0; kind->members[i] != NULL; i++) {
        names[count++] = kind->members[i];
    }
    const char *unknown = json_unknown_member(in, names, count);
    return unknown == NULL ? ERR_OK : calc_at(calc, unknown, ERR_INVALID_FIELD);
}

/* An answer begins with the id of its line, where the line has one. */
static json_t *new_answer(const json_t *in)
{
    json_t *out = json_object();
    json_t *id = in == NULL ? NULL : json_object_get(in, "id");
    if (out != NULL && id != NULL && json_object_set(out, "id", id) != 0) {
        json_decref(out);
        out = NULL;
    }
    return out;
}

/* Sentences of the error registry are written for an API's answer, so the field's name goes before them. */
static const char *error_text(enum err err, enum lang lang)
{
    if (err == ERR_INVALID_FIELD) {
        return lang == LANG_ZH ? "该字段缺失、多余或取值不正确。"
                               : "This member is missing, unknown or has a wrong value.";
    }
    if (err == ERR_NOT_FOUND) {
        return lang == LANG_ZH ? "找不到这个数据表，请看 --share。"
                               : "There is no such table; see --share.";
    }
    return err_text(err, lang);
}

static json_t *new_error(const struct calc *calc, const json_t *in, enum err err)
{
    json_t *out = new_answer(in);
    const char *text = error_text(err, calc->lang);
    json_t *detail =
        calc->field == NULL ? json_string(text) : json_sprintf("%s: %s", calc->field, text);
    json_t *error = json_pack("{s:s, s:o}", "slug", err_slug(err), "detail", detail);
    if (out == NULL || error == NULL || json_object_set_new(out, "error", error) != 0) {
        json_decref(out);
        return NULL;
    }
    return out;
}

/* Writes the answer to one line; whether the line was right. ERR_IO, ERR_NO_MEMORY. */
static enum err answer_line(struct calc *calc, const struct calc_kind *kind, const char *line,
                            size_t size, bool *out_right)
{
    json_t *in = NULL;
    json_t *out = NULL;
    calc->field = NULL;
    enum err err = json_parse_object(line, size, LINE_SIZE_MAX, &in);
    if (err == ERR_OK) {
        err = check_members(calc, kind, in);
    }
    if (err == ERR_OK) {
        out = new_answer(in);
        err = out == NULL ? ERR_NO_MEMORY : kind->answer(calc, in, out);
    }
    *out_right = err == ERR_OK;
    if (err != ERR_OK) {
        json_decref(out);
        out = new_error(calc, in, err);
    }
    if (out == NULL) {
        err = ERR_NO_MEMORY;
    } else {
        bool written = json_dumpf(out, stdout, JSON_COMPACT) == 0 && putchar('\n') != EOF &&
                       fflush(stdout) == 0;
        err = written ? ERR_OK : ERR_IO;
    }
    json_decref(out);
    json_decref(in);
    return err;
}

static bool is_blank(const char *line, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (strchr(" \t\r\n", line[i]) == NULL || line[i] == '\0') {
            return false;
        }
    }
    return true;
}

static int answer_lines(struct calc *calc, const struct calc_kind *kind, FILE *stream)
{
    char *line = NULL;
    size_t capacity = 0;
    ssize_t size;
    int exit_code = EX_OK;

    while ((size = getline(&line, &capacity, stream)) >= 0) {
        bool right = false;
        if (is_blank(line, (size_t)size)) {
            continue;
        }
        if (answer_line(calc, kind, line, (size_t)size, &right) != ERR_OK) {
            fprintf(stderr, "sycee calc: could not write an answer\n");
            exit_code = EX_IOERR;
            break;
        }
        exit_code = right ? exit_code : EX_DATAERR;
    }
    if (ferror(stream)) {
        fprintf(stderr, "sycee calc: could not read: %s\n", strerror(errno));
        exit_code = EX_IOERR;
    }
    free(line);
    return exit_code;
}

/* --- the command ------------------------------------------------------------------------------ */

static void release_tables(struct calc *calc)
{
    for (int i = 0; i < calc->calendar_count; i++) {
        calendar_release(calc->calendars[i].calendar);
    }
    regions_release(calc->regions);
    bins_release(calc->bins);
}

int cli_calc(int argc, char **argv)
{
    static char name[] = "sycee calc";
    const struct argp argp = {calc_argp_options, parse_option, "KIND [FILE]", calc_doc, 0, 0, 0};
    const char *share = getenv("SYCEE_SHARE");
    struct calc_options options = {.share = share == NULL ? "share" : share, .lang = LANG_EN};

    argv[0] = name; /* argp names the program by it */
    if (argp_parse(&argp, argc, argv, 0, NULL, &options) != 0) {
        return EX_USAGE;
    }
    bool is_file = options.path != NULL && strcmp(options.path, "-") != 0;
    FILE *stream = is_file ? fopen(options.path, "rb") : stdin;
    if (stream == NULL) {
        fprintf(stderr, "sycee calc: could not open %s: %s\n", options.path, strerror(errno));
        return EX_NOINPUT;
    }
    struct calc calc = {.share = options.share, .lang = options.lang};
    int exit_code = answer_lines(&calc, options.kind, stream);
    release_tables(&calc);
    if (is_file) {
        fclose(stream);
    }
    return exit_code;
}
