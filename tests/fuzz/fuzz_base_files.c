/* Files of the share directory: a table (TSV), and a calendar (iCal) in a folder of its own. */
#include "base/calendar.h"
#include "base/tsv.h"
#include "fuzz.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64], table[128], year[128], names[128];

static void remove_files(void)
{
    unlink(table);
    unlink(year);
    unlink(names);
    rmdir(folder);
}

static void make_folder(void)
{
    snprintf(folder, sizeof folder, "/tmp/fuzz-files.XXXXXX");
    CHECK(mkdtemp(folder) != NULL);
    snprintf(table, sizeof table, "%s/table.tsv", folder);
    snprintf(year, sizeof year, "%s/2026.ics", folder);
    snprintf(names, sizeof names, "%s/names.tsv", folder);
    atexit(remove_files);
}

static void write_file(const char *path, const uint8_t *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");
    CHECK(file != NULL && fwrite(bytes, 1, size, file) == size);
    fclose(file);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (folder[0] == '\0') {
        make_folder();
    }
    struct tsv tsv = {0};
    struct calendar *calendar = NULL;
    write_file(table, bytes, size);
    for (size_t columns = 1; columns <= 3; columns++) {
        if (tsv_load(table, columns, &tsv) == ERR_OK) {
            for (size_t i = 0; i < tsv.row_count; i++) {
                CHECK(tsv.rows[i].columns[columns - 1] != NULL);
            }
            tsv_release(&tsv);
        }
    }
    write_file(year, bytes, size);
    write_file(names, (const uint8_t *)"", 0);
    if (calendar_load(folder, &calendar) == ERR_OK) {
        struct date date;
        CHECK(date_from_parts(2026, 1, 1, &date) == ERR_OK);
        (void)calendar_is_business_day(calendar, date);
        calendar_release(calendar);
    }
    return 0;
}
