/*
 * Pages of lists whose store has no cursor.
 */
#ifndef WEB_LIST_H
#define WEB_LIST_H

#include "web/call.h"

/* A list whose store has no cursor: the cursor counts the rows that were shown before. Beyond
 * LIST_SKIP_MAX the list ends. */
#define LIST_SKIP_MAX 10000
struct list_page {
    struct call *call;
    size_t skip;  /* rows before this page */
    size_t limit; /* rows of this page */
    size_t seen;
};
struct list_page list_page_of(struct call *call);
/* How many rows to ask the store for: one more than are shown, so that an end is known. */
size_t list_page_rows(const struct list_page *page);
/* Counts a row; true where it belongs on this page. */
bool list_page_shows(struct list_page *page);
/* Link to the next page, where there are more rows. */
void list_page_end(struct list_page *page);

#endif
