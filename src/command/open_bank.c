#include "command/open_bank.h"

#include "command/command.h"

enum err open_bank(const struct config *config, struct open_bank *out, struct fault *out_fault)
{
    *out = (struct open_bank){0};
    enum err err = command_database(config_string(config, "database", "url"), &out->db, out_fault);
    if (err) {
        return err;
    }
    err = db_connect(out->db, DB_READ_ONLY, &out->conn);
    if (err) {
        fault_write(out_fault, "database: %s", db_open_message(out->db));
    } else {
        err = db_schema_check(out->conn);
        err = err ? err : db_begin(out->conn);
        if (err) {
            fault_write(out_fault, "database %s: %s", db_shown(out->db), db_message(out->conn));
        }
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
