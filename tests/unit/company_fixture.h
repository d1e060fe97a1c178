/*
 * The company room over kyc_fixture.h: verified customers, a business registry and a reader of
 * licences with scripted answers. Include once per program.
 *
 * A licence's picture is the text "card <credit code>".
 */
#ifndef TESTS_UNIT_COMPANY_FIXTURE_H
#define TESTS_UNIT_COMPANY_FIXTURE_H

#define FIXTURE_ROOMS &CUSTOMER_PARTS, &KYC_PARTS, &ACCOUNT_PARTS, &PAYMENT_PARTS, &COMPANY_PARTS

#include "account/account.h"
#include "account/parameters.h"
#include "company/company.h"
#include "company/parameters.h"
#include "payment/payment.h"
#include "unit/kyc_fixture.h"

static struct company_room *companies;
static struct business_record registered; /* the registry's answer */
static bool can_read;                     /* the licence's reader */

static inline void fake_business(struct business_registry *self, const char *request_id,
                                 const char *code, struct business_record *out)
{
    (void)self;
    assert_true(strlen(request_id) > 2 && strlen(code) == 18);
    *out = registered;
}
static struct business_registry business = {fake_business, "fake-business/1"};

static inline bool fake_licence(void *context, const struct image *image,
                                char out[COMPANY_CODE_SIZE])
{
    (void)context;
    snprintf(out, COMPANY_CODE_SIZE, "%.18s", (const char *)image->rgb + 5);
    return can_read;
}

/* A verified person of the bank with a session whose face was just checked. */
struct member {
    struct customer_id id;
    struct session_opened session;
    struct customer_phone phone;
    char number[ID_NUMBER_SIZE];
};

static inline enum err do_verify(struct uow *uow, void *context)
{
    struct member *m = context;
    enum err err = customer_set_layer(uow, m->id, LAYER_PICTURES, LAYER_PASSED);
    err = err ? err : customer_set_layer(uow, m->id, LAYER_FACE, LAYER_PASSED);
    err = err ? err : customer_set_layer(uow, m->id, LAYER_PLACE, LAYER_PASSED);
    err = err ? err : customer_activate(room, uow, m->id);
    return err ? err : session_face_confirm(uow, m->session.session, uow->now_us + 600 * SECOND);
}

static inline struct member new_member(bool verified)
{
    static int count;
    struct member m = {.phone = new_phone()};
    m.session = sign_up(&m.phone);
    m.id = m.session.customer;
    number_for(++count % 800, m.number);
    for (size_t i = 0; i < consent_texts_count(consents); i++) {
        const struct consent_text *text = consent_texts_at(consents, i);
        if (text->required) {
            agree(m.id, text->purpose, true);
        }
    }
    assert_err(ERR_OK, prove_identity(m.id, "林若溪", m.number, NULL).refusal);
    assert_err(ERR_OK, set_passcode(m.session.token, "739146", NULL).refusal);
    if (verified) {
        assert_ok(engine_run(bank.engine, do_verify, &m));
        session_forget_customer(room, m.id);
    }
    return m;
}

/* An unused credit code. */
static inline void new_code(char out[COMPANY_CODE_SIZE])
{
    static const char alphabet[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    static uint32_t next;
    if (next == 0) {
        next = entropy_below(entropy_system(), 80000000);
    }
    snprintf(out, COMPANY_CODE_SIZE, "91310000M%08u0", next++);
    for (const char *c = alphabet; *c != '\0'; c++) {
        struct uscc parsed;
        out[17] = *c;
        if (identifier_parse_uscc(regions, out, &parsed) == IDENTIFIER_VALID) {
            return;
        }
    }
    fail();
}

/* Sets the registry's answer: a company of this person alone. */
static inline void register_at(const struct member *m, enum company_kind kind)
{
    registered = (struct business_record){.result = BUSINESS_FOUND,
                                          .kind = kind,
                                          .is_registered = true,
                                          .registered = {18000},
                                          .owner_count = 1};
    snprintf(registered.name, sizeof registered.name, "若溪文化有限公司");
    snprintf(registered.scope, sizeof registered.scope, "图书零售");
    snprintf(registered.representative.name, CUSTOMER_NAME_SIZE, "林若溪");
    snprintf(registered.representative.id_number, ID_NUMBER_SIZE, "%s", m->number);
    registered.owners[0] = registered.representative;
    registered.owners[0].share_ppm = COMPANY_SHARE_ALL;
}

static inline int company_suite_open(void **state)
{
    kyc_suite_open(state);
    assert_ok(company_room_open(&(struct company_room_options){.customers = room,
                                                               .catalogue = catalogue,
                                                               .vault = bank.vault,
                                                               .regions = regions,
                                                               .eyes = &eyes,
                                                               .registry = &business,
                                                               .read_licence = fake_licence},
                                &companies));
    return 0;
}

static inline int company_suite_close(void **state)
{
    company_room_close(companies);
    return kyc_suite_close(state);
}

/* --- Commands ------------------------------------------------------------------------------------ */

struct company_work {
    struct company_registration registration;
    struct company_licence licence;
    struct company_submission submission;
    struct customer_id customer, id;
    const struct company_person *owners;
    size_t owner_count, number;
    enum owner_fault owner_fault;
    enum company_fault fault;
    struct staff staff;
    bool is_approval;
    struct company_case row;
    struct company company;
};

static inline enum err do_register(struct uow *uow, void *context)
{
    struct company_work *w = context;
    return company_register(companies, uow, &w->registration, &w->company);
}
static inline enum err do_licence(struct uow *uow, void *context)
{
    struct company_work *w = context;
    return company_licence_store(companies, uow, &w->licence, &w->company);
}
static inline enum err do_owners(struct uow *uow, void *context)
{
    struct company_work *w = context;
    return company_owners_store(companies, uow, w->customer, w->id, w->owners, w->owner_count,
                                &w->owner_fault, &w->number, &w->company);
}
static inline enum err do_submit(struct uow *uow, void *context)
{
    struct company_work *w = context;
    return company_submit(companies, uow, &w->submission, &w->fault, &w->company);
}
static inline enum err do_company_claim(struct uow *uow, void *context)
{
    struct company_work *w = context;
    struct staff_claim claim;
    enum err err = company_case_load(uow->conn, w->id, &w->row);
    return err ? err
               : staff_claim_take(uow, COMPANY_QUEUE, w->row.id, w->staff.id,
                                  company_room_rules(companies)->case_claim_us, &claim);
}
static inline enum err do_company_decide(struct uow *uow, void *context)
{
    struct company_work *w = context;
    return company_case_decide(companies, uow, &w->staff, w->id, w->is_approval,
                               "looked at the licence", &w->row);
}

static inline enum err register_company(const struct member *m, const char *code, const char *name,
                                        enum company_kind kind, struct company_work *out)
{
    struct principal who = check(m->session.token);
    *out = (struct company_work){.registration = {.kind = kind}};
    snprintf(out->registration.code, COMPANY_CODE_SIZE, "%s", code);
    snprintf(out->registration.name, CUSTOMER_NAME_SIZE, "%s", name);
    enum err err =
        company_register_prepare(companies, bank.engine, &who, now(), &out->registration);
    return err ? err : engine_run(bank.engine, do_register, out);
}

static inline enum err give_licence(const struct member *m, struct customer_id id, const char *text,
                                    struct company *out)
{
    struct company_work w = {.customer = m->id};
    enum err err =
        company_licence_prepare(companies, bank.engine, m->id, id, text, strlen(text), &w.licence);
    err = err ? err : engine_run(bank.engine, do_licence, &w);
    free(w.licence.jpeg);
    *out = w.company;
    return err;
}

static inline enum err give_owners(const struct member *m, struct customer_id id,
                                   const struct company_person *owners, size_t count,
                                   struct company_work *out)
{
    *out =
        (struct company_work){.customer = m->id, .id = id, .owners = owners, .owner_count = count};
    return engine_run(bank.engine, do_owners, out);
}

static inline enum err submit_company(const struct member *m, struct customer_id id,
                                      struct company_work *out)
{
    *out = (struct company_work){.customer = m->id, .id = id};
    enum err err = company_submit_prepare(companies, bank.engine, m->id, id, &out->submission);
    return err ? err : engine_run(bank.engine, do_submit, out);
}

static inline enum err decide_company(struct customer_id id, int staff, bool is_approval,
                                      struct company_case *out)
{
    struct company_work w = {.id = id, .staff = reviewer(staff), .is_approval = is_approval};
    enum err err = engine_run(bank.engine, do_company_claim, &w);
    err = err ? err : engine_run(bank.engine, do_company_decide, &w);
    *out = w.row;
    return err;
}

static inline struct company company_now(struct customer_id id)
{
    struct db_conn *conn = NULL;
    struct company company;
    assert_ok(engine_read_begin(bank.engine, &conn));
    assert_ok(company_load(conn, id, &company));
    engine_read_end(bank.engine, conn);
    return company;
}

/* Active, with an account; its representative has every role. */
static inline struct company active_company(const struct member *m, enum company_kind kind)
{
    char code[COMPANY_CODE_SIZE];
    char text[64];
    struct company_work w;
    struct company company;
    new_code(code);
    register_at(m, kind);
    can_read = true;
    assert_ok(register_company(m, code, registered.name, kind, &w));
    struct customer_id id = w.company.id;
    snprintf(text, sizeof text, "card %s", code);
    assert_ok(give_licence(m, id, text, &company));
    assert_ok(give_owners(m, id, registered.owners, registered.owner_count, &w));
    assert_ok(submit_company(m, id, &w));
    assert_int_equal(w.company.state, COMPANY_ACTIVE);
    return w.company;
}

#endif
