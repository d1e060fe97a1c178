/*
 * A small bank for tests of the rooms account and payment: a new database, the catalogue, a vault,
 * the engine on a stopped clock, and people by number. Include once per program.
 */
#ifndef TESTS_UNIT_BANK_FIXTURE_H
#define TESTS_UNIT_BANK_FIXTURE_H

#include "account/account.h"
#include "customer/customer.h"
#include "customer/parameters.h"
#include "db/directory.h"
#include "ledger/recipe.h"

#include "db_fixture.h"

#define BANK_NOW INT64_C(1795226400000000) /* 2026-11-21T02:00:00Z, 10:00 in the bank */

static const struct parameter_list *const BANK_PARAMETERS[] = {&CUSTOMER_PARAMETER_LIST,
                                                               &ACCOUNT_PARAMETER_LIST, NULL};

/* A figure in an edition made by the test. */
static inline void edition_set(struct catalogue_edition *edition, const struct parameter_list *list,
                               int index, int64_t value)
{
    const struct catalogue_setting *setting = catalogue_setting(edition, list, index);
    edition->settings[setting - edition->settings].value = value;
}

struct bank {
    struct db_fixture db;
    struct clock_manual clock;
    struct catalogue *catalogue;
    struct entropy_seeded entropy;
    struct vault *vault;
    char key_path[128];
    struct engine *engine;
};

static inline void bank_start(struct bank *b)
{
    struct engine_options options = {
        .database_url = b->db.url, .clock = &b->clock.clock, .workers = 4};
    assert_ok(engine_start(&options, &b->engine));
}

/* The n-th invented person; buckets 0..1023 are spread. */
static inline struct customer_id bank_person(int n)
{
    return (struct customer_id){((int64_t)(1 + n) << 40) + (n * 37) % BUCKET_COUNT};
}

#define BANK_PEOPLE 60
/* Their phone numbers and names: "+8619900000001" is "Ada Test1". */
static inline void bank_phone(int n, char out[PHONE_TEXT_SIZE])
{
    snprintf(out, PHONE_TEXT_SIZE, "+861990000%04d", n);
}

DB_STMT(bank_person_insert,
        "INSERT INTO customer_customers (bucket, id, state, language, name, phone_hash, "
        "phone_sealed, id_number_sealed, birth_date, sex, region, is_minor, identity_at, "
        "active_at, created_at, version) "
        "VALUES ($1, $2, 2, 0, $3, $4, $5, $6, 7000, 0, '110101', 0, 1, 1, 1, 1)");

static inline void bank_add_person(struct bank *b, int n)
{
    int64_t id = bank_person(n).value;
    char phone[PHONE_TEXT_SIZE], name[32];
    bank_phone(n, phone);
    snprintf(name, sizeof name, "Ada Test%d", n);
    uint8_t hash[VAULT_HASH_SIZE], sealed[PHONE_TEXT_SIZE + VAULT_OVERHEAD];
    uint8_t sealed_number[18 + VAULT_OVERHEAD];
    vault_lookup_hash(b->vault, "phone", phone, hash);
    vault_seal(b->vault, (struct vault_place){id_bucket(id), id, "customer.phone"}, phone,
               strlen(phone), sealed);
    vault_seal(b->vault, (struct vault_place){id_bucket(id), id, "customer.idNumber"},
               "11010119890302001X", 18, sealed_number);
    assert_ok(
        db_exec(b->db.conn, &bank_person_insert,
                DB_ARGS(db_int(id_bucket(id)), db_int(id), db_text(name),
                        db_blob(hash, sizeof hash), db_blob(sealed, strlen(phone) + VAULT_OVERHEAD),
                        db_blob(sealed_number, sizeof sealed_number)),
                NULL));
    struct directory_name directory = {DIRECTORY_PHONE, hash, sizeof hash};
    int64_t owner;
    assert_ok(directory_claim(b->db.conn, &directory, id, &owner));
}

static inline void bank_open(struct bank *b, enum db_engine engine, const char *name)
{
    memset(b, 0, sizeof *b);
    fixture_open(&b->db, engine, name);
    assert_ok(catalogue_open(b->db.conn, BANK_PARAMETERS, &b->catalogue));
    clock_manual_init(&b->clock, BANK_NOW);
    entropy_seeded_init(&b->entropy, 7);
    snprintf(b->key_path, sizeof b->key_path, "/tmp/sycee-test-key-%ld", (long)getpid());
    (void)unlink(b->key_path);
    assert_ok(vault_make(b->key_path, &b->entropy.entropy));
    assert_ok(vault_open(b->key_path, &b->entropy.entropy, &b->vault));
    assert_ok(db_begin(b->db.conn));
    for (int n = 1; n <= BANK_PEOPLE; n++) {
        bank_add_person(b, n);
    }
    assert_ok(db_commit(b->db.conn));
    db_disconnect(b->db.conn); /* the engine is the only writer from here on */
    b->db.conn = NULL;
    bank_start(b);
}

static inline void bank_close(struct bank *b)
{
    engine_stop(b->engine);
    catalogue_close(b->catalogue);
    vault_close(b->vault);
    entropy_seeded_release(&b->entropy);
    (void)unlink(b->key_path);
    fixture_close(&b->db);
}

struct bank_opening {
    struct bank *bank;
    struct customer_id customer;
    enum account_class class;
    int64_t amount_minor;
    struct account account;
};

/* Credits money without a source to an existing account. */
static inline enum err bank_credit_work(struct uow *uow, void *context)
{
    struct bank_opening *o = context;
    struct journal_result unused;
    struct recipe_event event = {.recipe = RECIPE_TOP_UP,
                                 .accounts = {[ROLE_CUSTOMER] = o->account.id},
                                 .amounts = {[SLOT_AMOUNT] = {o->amount_minor, CCY_CNY}},
                                 .booking_date = uow->business_date,
                                 .bucket = -1};
    return recipe_post(uow->ledger, &event, &unused);
}

static inline enum err bank_open_work(struct uow *uow, void *context)
{
    struct bank_opening *o = context;
    enum err err = account_open(uow, o->bank->catalogue, o->customer, o->class, &o->account);
    return err != ERR_OK || o->amount_minor == 0 ? err : bank_credit_work(uow, o);
}

/* An account of a person, credited with money without a source. */
static inline struct account bank_account(struct bank *b, int person, enum account_class class,
                                          int64_t amount_minor)
{
    struct bank_opening o = {
        .bank = b, .customer = bank_person(person), .class = class, .amount_minor = amount_minor};
    assert_ok(engine_run(b->engine, bank_open_work, &o));
    return o.account;
}

static inline struct ledger_account bank_state(struct bank *b, struct account_id id)
{
    struct db_conn *conn;
    struct ledger_account state;
    assert_ok(engine_read_begin(b->engine, &conn));
    assert_ok(ledger_account_load(engine_ledger(b->engine), conn, id, &state));
    engine_read_end(b->engine, conn);
    return state;
}

static inline int64_t bank_balance(struct bank *b, struct account_id id)
{
    struct ledger_account state = bank_state(b, id);
    return ledger_balance(&state);
}

static inline enum err bank_date_work(struct uow *uow, void *context)
{
    return engine_business_date_set(uow, *(const struct date *)context);
}

/* Dates only rise while an engine runs: for an earlier date it is stopped, and the row is written. */
static inline void bank_set_date(struct bank *b, struct date date)
{
    if (date_compare(date, engine_business_date(b->engine)) >= 0) {
        assert_ok(engine_run(b->engine, bank_date_work, &date));
        return;
    }
    char sql[128];
    engine_stop(b->engine);
    struct db_conn *conn = fixture_connect(&b->db, DB_READ_WRITE);
    snprintf(sql, sizeof sql,
             "UPDATE engine_business_date SET business_date = %d WHERE bucket = 0;",
             (int)date.days);
    assert_ok(db_script(conn, sql));
    db_disconnect(conn);
    bank_start(b);
}

static inline struct date bank_date(int year, int month, int day)
{
    struct date date;
    assert_ok(date_from_parts(year, month, day, &date));
    return date;
}

struct bank_usage {
    int64_t owner_id;
    enum limit_kind kind;
    int64_t amount_minor;
    struct date day;
    struct limit_usage usage;
};

static inline enum err bank_reserve_work(struct uow *uow, void *context)
{
    struct bank_usage *u = context;
    return limit_reserve(uow, u->owner_id, u->kind, u->amount_minor, &u->usage);
}

static inline enum err bank_release_work(struct uow *uow, void *context)
{
    struct bank_usage *u = context;
    return limit_release(uow, u->owner_id, u->kind, u->amount_minor, u->day);
}

static inline struct limit_usage bank_usage(struct bank *b, int64_t owner_id, enum limit_kind kind)
{
    struct db_conn *conn;
    struct limit_usage usage;
    assert_ok(engine_read_begin(b->engine, &conn));
    assert_ok(limit_usage_load(conn, owner_id, kind,
                               date_of_instant(clock_now_us(&b->clock.clock), 480), &usage));
    engine_read_end(b->engine, conn);
    return usage;
}

#endif
