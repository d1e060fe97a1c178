/* Inside of the room: members written as JSON or as lines on paper. */
#ifndef REPORT_EXPORT_SINK_H
#define REPORT_EXPORT_SINK_H

#include "report/export_person.h"
#include "report/pdf.h"

struct sink {
    const struct export_order *order;
    struct str *out;
    bool is_paper;
    bool needs_comma;
    int depth;
    int y, page;
    struct pdf pdf;
};
enum err sink_begin(struct sink *sink, const struct export_order *order, struct str *out);
enum err sink_end(struct sink *sink);
void sink_open(struct sink *sink, const char *name, char bracket); /* name NULL: in a list */
void sink_close(struct sink *sink, char bracket);
void sink_text(struct sink *sink, const char *name, const char *value); /* "" is left out */
void sink_int(struct sink *sink, const char *name, int64_t value);
void sink_bool(struct sink *sink, const char *name, bool value);
void sink_id(struct sink *sink, const char *name, int64_t value);         /* 0 is left out */
void sink_instant(struct sink *sink, const char *name, int64_t value_us); /* 0 is left out */
void sink_date(struct sink *sink, const char *name, struct date value);   /* day 0 is left out */
void sink_money(struct sink *sink, const char *name, int64_t minor, struct ccy ccy);
/* JSON only: bytes in base64. */
void sink_bytes(struct sink *sink, const char *name, const uint8_t *bytes, size_t size);

#endif
