#include "cli/open_bank.h"

enum err open_bank(const char *url, struct open_bank *out)
{
    *out = (struct open_bank){0};
    enum err err = db_open(url, &out->db);
    if (err) {
        return err;
    }
    err = db_connect(out->db, DB_READ_ONLY, &out->conn);
    if (!err) {
        err = db_schema_check(out->conn);
    }
    if (!err) {
        err = db_begin(out->conn);
    }
    if (err) {
        close_bank(out);
    }
    return err;
}

void close_bank(struct open_bank *bank)
{
    if (bank->conn != NULL) {
        db_rollback(bank->conn);
        db_disconnect(bank->conn);
    }
    db_close(bank->db);
    *bank = (struct open_bank){0};
}
