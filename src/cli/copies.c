#include "cli/copies.h"

#include "db/db.h"
#include "db/facts.h"
#include "sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PIECE_SIZE (1 << 20)

static void keep_first_damage(void *context, const char *line)
{
    struct fault *fault = context;
    if (fault->text[0] == '\0') {
        fault_write(fault, "damaged: %s", line);
    }
}

static enum err read_state(struct db *db, struct copy_state *out, struct fault *out_fault)
{
    struct db_conn *conn = NULL;
    enum err err = db_connect(db, DB_READ_ONLY, &conn);
    if (err) {
        fault_write(out_fault, "%s", db_open_message(db));
        return err;
    }
    err = db_schema_check(conn);
    if (err == ERR_DB_SCHEMA) { /* an older one follows by migrating */
        err = ERR_OK;
    }
    err = err ? err : db_fact_load(conn, FACT_MARK, &out->mark);
    if (err) {
        fault_write(out_fault, "%s: %s", db_shown(db), db_message(conn));
    }
    db_disconnect(conn);
    return err;
}

enum err copy_verify(const char *path, struct copy_state *out, struct fault *out_fault)
{
    char url[FILE_PATH_MAX + 8];
    struct db *db = NULL;
    struct fault damage = {0};
    snprintf(url, sizeof url, "sqlite:%s", path);
    enum err err = db_open(url, &db);
    if (err) {
        fault_write(out_fault, "%s: %s", path, err_slug(err));
        return err;
    }
    err = read_state(db, out, out_fault);
    err = err ? err : db_scrub(db, keep_first_damage, &damage);
    if (!err && damage.text[0] != '\0') {
        fault_write(out_fault, "%s: %s", path, damage.text);
        err = ERR_DB;
    }
    db_close(db);
    return err ? err : file_size(path, &out->bytes);
}

static enum err copies_pump(int in, int out)
{
    char *piece = malloc(PIECE_SIZE);
    if (piece == NULL) {
        return ERR_NO_MEMORY;
    }
    enum err err = ERR_OK;
    ssize_t got;
    while (!err && (got = read(in, piece, PIECE_SIZE)) != 0) {
        for (ssize_t done = 0; got > 0 && !err && done < got;) {
            ssize_t written = write(out, piece + done, (size_t)(got - done));
            err = written > 0 ? ERR_OK : ERR_IO;
            done += written;
        }
        err = got < 0 ? ERR_IO : err;
    }
    free(piece);
    return err ? err : fsync(out) == 0 ? ERR_OK : ERR_IO;
}

enum err copy_bytes(const char *from, const char *to, struct fault *out_fault)
{
    int in = open(from, O_RDONLY | O_CLOEXEC);
    if (in < 0) {
        fault_write(out_fault, "%s: could not be opened: %s", from, strerror(errno));
        return ERR_IO;
    }
    int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    enum err err = out >= 0 ? copies_pump(in, out) : errno == EEXIST ? ERR_EXISTS : ERR_IO;
    if (err) {
        fault_write(out_fault, "%s: could not be written: %s", to, strerror(errno));
    }
    close(in);
    if (out >= 0) {
        close(out);
        if (err) {
            (void)unlink(to);
        }
    }
    return err;
}
