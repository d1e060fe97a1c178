#include "web/list.h"

struct list_page list_page_of(struct call *call)
{
    int64_t skip = call_cursor(call);
    return (struct list_page){.call = call,
                              .skip = (size_t)(skip < LIST_SKIP_MAX ? skip : LIST_SKIP_MAX),
                              .limit = call_limit(call)};
}

size_t list_page_rows(const struct list_page *page)
{
    return page->skip + page->limit + 1;
}

bool list_page_shows(struct list_page *page)
{
    page->seen++;
    return page->seen > page->skip && page->seen <= page->skip + page->limit;
}

void list_page_end(struct list_page *page)
{
    size_t next = page->skip + page->limit;
    if (page->seen > next && next < LIST_SKIP_MAX) {
        call_next(page->call, (int64_t)next);
    }
}
