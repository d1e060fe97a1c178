/* Cards and instructions for the pages. Strangers' data are masked, invented residents' are not. */
#include "issuer.h"
#include "sandbox.h"

#include <stdio.h>
#include <string.h>

STORE_STMT(stmt_cards, "SELECT card_number, name, id_number, phone, class, balance_minor, is_lost,"
                       " is_resident FROM cards ORDER BY is_resident, seq, rowid LIMIT 1000");
STORE_STMT(stmt_instructions, "SELECT i.instruction_id, i.kind, i.amount_minor, i.ccy, i.state,"
                              " i.reason, i.arrived_at, c.card_number FROM instructions i"
                              " LEFT JOIN agreements a ON a.agreement_number = i.agreement_number"
                              " LEFT JOIN cards c ON c.card_number = a.card_number"
                              " ORDER BY i.arrived_at DESC LIMIT ?1");

static json_t *card_json(sqlite3_stmt *rows)
{
    const char *number = store_text(rows, 0);
    const struct issuer *issuer = issuer_of_card(number);
    bool is_resident = store_int(rows, 7) != 0;
    char masked[CARD_SIZE];
    issuer_mask_pan(number, masked);
    json_t *json = json_pack("{s:s, s:o, s:s, s:s, s:o, s:b, s:b}", "cardNumber",
                             is_resident ? number : masked, "issuer",
                             issuer ? issuer_json(issuer) : json_null(), "cardKind",
                             issuer ? issuer->card_kind : "debit", "accountClass",
                             store_text(rows, 4), "balance", money_json(store_int(rows, 5)),
                             "isLost", (int)store_int(rows, 6), "isResident", (int)is_resident);
    if (is_resident) {
        json_object_set_new(json, "name", json_string(store_text(rows, 1)));
        json_object_set_new(json, "idNumber", json_string(store_text(rows, 2)));
        json_object_set_new(json, "reservedPhone", json_string(store_text(rows, 3)));
    }
    return json;
}

void banks_cards(struct request *request, struct answer *answer)
{
    json_t *items = json_array();
    sqlite3_stmt *rows = store_query(request->store, &stmt_cards, "");
    while (store_next(request->store, rows))
        json_array_append_new(items, card_json(rows));
    store_done(rows);
    answer_json(answer, 200, json_pack("{s:o}", "items", items));
}

/* Includes VOID rows: ids that a query called off. */
void banks_instructions(struct request *request, struct answer *answer)
{
    int64_t limit = field_limit(request);
    if (request->bad_field) {
        answer_bad_field(answer, request->bad_field);
        return;
    }
    clearing_settle_due(request);
    json_t *items = json_array();
    sqlite3_stmt *rows = store_query(request->store, &stmt_instructions, "i", limit);
    while (store_next(request->store, rows)) {
        char masked[CARD_SIZE];
        issuer_mask_pan(store_text(rows, 7), masked);
        struct money amount = {.minor = store_int(rows, 2)};
        char text[MONEY_TEXT_SIZE] = "";
        if (ccy_parse(store_text(rows, 3), &amount.ccy) == ERR_OK)
            money_format(amount, text);
        json_array_append_new(
            items, json_pack("{s:s, s:s, s:{s:s, s:s}, s:s, s:s, s:o, s:s}", "instructionId",
                             store_text(rows, 0), "kind", store_text(rows, 1), "amount", "amount",
                             text, "currency", store_text(rows, 3), "status", store_text(rows, 4),
                             "reasonCode", store_text(rows, 5), "arrivedAt",
                             instant_json(store_int(rows, 6)), "maskedPan", masked));
    }
    store_done(rows);
    answer_json(answer, 200, json_pack("{s:o}", "items", items));
}
