/* Pages for people: static files built into the program; their scripts call the open endpoints. */
#include "embed.h"
#include "sandbox.h"

#include <string.h>

EMBED(page_index, "sandbox/pages/index.html");
EMBED(page_sms, "sandbox/pages/sms.html");
EMBED(page_banks, "sandbox/pages/banks.html");
EMBED(page_people, "sandbox/pages/people.html");
EMBED(page_control, "sandbox/pages/control.html");
EMBED(page_style, "sandbox/pages/style.css");
EMBED(page_script, "sandbox/pages/pages.js");
EMBED(page_icon, "sandbox/pages/icon.svg");

static const struct {
    const char *path;
    const char *bytes;
    const char *end;
    const char *content_type;
} pages[] = {
    {"/", page_index, page_index_end, "text/html; charset=utf-8"},
    {"/sms/", page_sms, page_sms_end, "text/html; charset=utf-8"},
    {"/banks/", page_banks, page_banks_end, "text/html; charset=utf-8"},
    {"/people/", page_people, page_people_end, "text/html; charset=utf-8"},
    {"/control/", page_control, page_control_end, "text/html; charset=utf-8"},
    {"/pages/style.css", page_style, page_style_end, "text/css; charset=utf-8"},
    {"/favicon.ico", page_icon, page_icon_end, "image/svg+xml"},
    {"/pages/pages.js", page_script, page_script_end, "text/javascript; charset=utf-8"},
};

void pages_serve(struct request *request, struct answer *answer)
{
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
        if (strcmp(request->url, pages[i].path) == 0) {
            answer->status = 200;
            answer->static_bytes = pages[i].bytes;
            answer->size = (size_t)(pages[i].end - pages[i].bytes);
            answer->content_type = pages[i].content_type;
            return;
        }
    }
    answer_refuse(answer, REFUSE_pathUnknown);
}
