/* sycee openapi: the document of the API without a bank. */
#include "cli/cli.h"
#include "command/terminal.h"
#include "server/room_list.h"
#include "web/web.h"

#include <argp.h>
#include <stdio.h>
#include <sysexits.h>

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
    if (key == ARGP_KEY_ARG) {
        argp_error(state, "unexpected argument \"%s\"", arg);
    }
    return key == ARGP_KEY_ARG ? 0 : ARGP_ERR_UNKNOWN;
}

int cli_openapi(int argc, char **argv)
{
    static const struct argp argp = {
        NULL,
        parse_option,
        NULL,
        "Prints the OpenAPI 3.1 document, as a bank serves it at /v1/openapi.json. Needs no "
        "database.\vExit code: 0 well, 64 wrong usage, 74 the output failed.",
        NULL,
        NULL,
        NULL};
    struct str document;
    argp_err_exit_status = EX_USAGE;
    argp_parse(&argp, argc, argv, 0, NULL, NULL);
    enum err err = web_document(ROOM_LIST, &document);
    if (err) {
        str_release(&document);
        return terminal_fail("openapi", err);
    }
    bool is_written = puts(document.bytes) >= 0 && fflush(stdout) == 0;
    str_release(&document);
    return is_written ? EX_OK : EX_IOERR;
}
