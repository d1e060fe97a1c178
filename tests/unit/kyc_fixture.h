/*
 * The kyc room over customer_fixture.h, with picture analysis by the picture's text and outside
 * parties with scripted answers. Include once per program.
 *
 * Pictures are texts: "card K nonce" is the reading cards[K]; "face N nonce" a face of the person N;
 * "none nonce" no face; any other text cannot be decoded. A suffix after "~" makes another picture of the
 * same photograph.
 */
#ifndef TESTS_UNIT_KYC_FIXTURE_H
#define TESTS_UNIT_KYC_FIXTURE_H

#ifndef FIXTURE_ROOMS
#define FIXTURE_ROOMS &CUSTOMER_PARTS, &KYC_PARTS
#endif

#include "base/hash.h"
#include "kyc/kyc.h"
#include "unit/customer_fixture.h"

#define FAKE_SIDE   16 /* pixels of a fake picture: its text is its first bytes */
#define FAKE_JPEG   10000
#define CARDS_MAX   16
#define ALIKE_PPM   900000 /* one person */
#define SIMILAR_PPM 500000 /* persons of one hundred: brothers */
#define CLOSE_PPM   650000 /* the last ten of a hundred: very like each other */
#define ACCEPT_PPM  600000
#define SAME_PPM    700000
#define REVIEW_PPM  400000

static struct kyc_room *kyc;
static struct places *places;
static struct card_reading cards[CARDS_MAX];
static enum live_result live_says;

static inline enum err fake_decode(struct kyc_eyes *eyes, const void *bytes, size_t size,
                                   struct image *out)
{
    (void)eyes;
    if (memcmp(bytes, "card", 4) != 0 && memcmp(bytes, "face", 4) != 0 &&
        memcmp(bytes, "none", 4) != 0) {
        return ERR_PICTURE_UNREADABLE;
    }
    assert_true(size < FAKE_SIDE * FAKE_SIDE * 3);
    *out = (struct image){FAKE_SIDE, FAKE_SIDE, calloc(1, FAKE_SIDE * FAKE_SIDE * 3)};
    memcpy(out->rgb, bytes, size);
    return ERR_OK;
}

static inline enum err fake_encode(struct kyc_eyes *eyes, const struct image *image,
                                   const int box[4], int side_max, uint8_t **out, size_t *out_size)
{
    (void)eyes;
    assert_true(side_max > 0 && box[0] >= 0 && box[1] >= 0 && box[2] > 0 && box[3] > 0);
    assert_true(box[0] + box[2] <= image->width && box[1] + box[3] <= image->height);
    *out = malloc(FAKE_JPEG);
    for (size_t i = 0; i < FAKE_JPEG; i++) {
        (*out)[i] = (uint8_t)(i * 7 + i / 256 + image->rgb[5]);
    }
    *out_size = FAKE_JPEG;
    return ERR_OK;
}

static inline void fake_template(int person, struct face_template *out)
{
    memset(out, 0, sizeof *out);
    memcpy(out->bytes, &person, sizeof person);
}

static inline enum err fake_card_read(struct kyc_eyes *eyes, const struct image *image,
                                      struct card_reading *out, struct image *out_card)
{
    (void)eyes;
    int k = atoi((const char *)image->rgb + 5);
    *out = cards[k];
    if (out_card != NULL) {
        *out_card = (struct image){FAKE_SIDE, FAKE_SIDE, calloc(1, FAKE_SIDE * FAKE_SIDE * 3)};
    }
    return ERR_OK;
}

static inline void fake_print(const char *text, struct face_print *out)
{
    memset(out, 0, sizeof *out);
    memcpy(out->bytes, text, strcspn(text, "~"));
}

static inline int fake_print_likeness(const struct face_print *a, const struct face_print *b)
{
    return memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0 ? 1000000 : 0;
}

static inline uint64_t fake_print_coarse(const struct face_print *print, bool is_mirror)
{
    struct hash hash = hash_of(print->bytes, sizeof print->bytes);
    uint64_t coarse = 0;
    memcpy(&coarse, hash.bytes + (is_mirror ? 8 : 0), sizeof coarse);
    return coarse;
}

static inline enum err fake_analyse(struct kyc_eyes *eyes, const struct image *image,
                                    struct face *out, struct face_template *out_template,
                                    struct face_print *out_print)
{
    (void)eyes;
    *out = (struct face){.count = memcmp(image->rgb, "face", 4) == 0};
    if (out->count > 0 && out_template != NULL) {
        fake_template(atoi((const char *)image->rgb + 5), out_template);
    }
    if (out->count > 0 && out_print != NULL) {
        fake_print((const char *)image->rgb, out_print);
    }
    return ERR_OK;
}

static inline enum face_quality fake_quality(const struct face *face, bool on_card)
{
    (void)on_card;
    return face->count > 0 ? FACE_GOOD : FACE_NONE;
}

static inline int fake_similarity(const struct face_template *a, const struct face_template *b)
{
    int x = 0;
    int y = 0;
    memcpy(&x, a->bytes, sizeof x);
    memcpy(&y, b->bytes, sizeof y);
    if (x == y || x / 100 != y / 100) {
        return x == y ? ALIKE_PPM : 0;
    }
    return x % 100 >= 90 && y % 100 >= 90 ? CLOSE_PPM : SIMILAR_PPM;
}

static inline struct live_verdict fake_judge(const struct live_frame *selfie,
                                             const struct live_frame frames[LIVE_STEPS],
                                             const enum live_action actions[LIVE_STEPS])
{
    (void)selfie;
    (void)frames;
    (void)actions;
    return (struct live_verdict){.result = live_says, .step = -1, .score_ppm = 950000};
}

static inline void fake_draw(const uint8_t random[8], enum live_action out[LIVE_STEPS])
{
    (void)random;
    out[0] = LIVE_LEFT;
    out[1] = LIVE_BLINK;
    out[2] = LIVE_MOUTH;
}

static struct kyc_eyes eyes = {.decode = fake_decode,
                               .encode = fake_encode,
                               .card_read = fake_card_read,
                               .analyse = fake_analyse,
                               .quality = fake_quality,
                               .similarity = fake_similarity,
                               .print_likeness = fake_print_likeness,
                               .print_coarse = fake_print_coarse,
                               .print_ppm = 900000,
                               .judge = fake_judge,
                               .draw = fake_draw,
                               .card_version = "fake-card/1",
                               .face_version = "fake-face/1",
                               .live_version = "fake-live/1",
                               .accept_ppm = ACCEPT_PPM,
                               .review_ppm = REVIEW_PPM,
                               .same_ppm = SAME_PPM};

/* Parties with scripted answers. */
struct fake_parties {
    struct kyc_parties parties;
    enum portrait_result portrait;
    int portrait_person;
    enum operator_result operator;
    struct address_place address;
    char phone_region[CUSTOMER_REGION_SIZE];
};

static inline enum portrait_result fake_portrait(struct kyc_parties *self, const char *request_id,
                                                 const char *name, const char *id_number,
                                                 uint8_t **out, size_t *out_size)
{
    const struct fake_parties *fake = (const struct fake_parties *)self;
    assert_true(strlen(request_id) > 0 && strlen(name) > 0 && strlen(id_number) == 18);
    if (fake->portrait == PORTRAIT_HELD) {
        char *text = malloc(32);
        *out_size = (size_t)snprintf(text, 32, "face %d registry", fake->portrait_person);
        *out = (uint8_t *)text;
    }
    return fake->portrait;
}

static inline enum operator_result fake_operator(struct kyc_parties *self, const char *request_id,
                                                 const char *phone, const char *name,
                                                 const char *id_number)
{
    assert_true(strlen(request_id) > 0 && phone[0] == '+' && strlen(name) > 0);
    assert_true(strlen(id_number) == 18);
    return ((const struct fake_parties *)self)->operator;
}

static inline void fake_address(struct kyc_parties *self, const char *ip, struct address_place *out)
{
    assert_true(strlen(ip) > 0);
    *out = ((const struct fake_parties *)self)->address;
}

static inline void fake_phone_region(struct kyc_parties *self, const char *phone,
                                     char out[CUSTOMER_REGION_SIZE])
{
    assert_true(phone[0] == '+');
    memcpy(out, ((const struct fake_parties *)self)->phone_region, CUSTOMER_REGION_SIZE);
}

static struct fake_parties parties;

static inline int kyc_fresh(void **state)
{
    parties = (struct fake_parties){.parties = {.portrait = fake_portrait,
                                                .operator_check = fake_operator,
                                                .address = fake_address,
                                                .phone_region = fake_phone_region,
                                                .portrait_version = "fake-registry/1",
                                                .operator_version = "fake-operator/1",
                                                .place_version = "fake-place/1"},
                                    .portrait = PORTRAIT_NOT_HELD,
                                    .operator= OPERATOR_MATCH,
                                    .address = {true, "CN", "310000", false},
                                    .phone_region = "310000"};
    live_says = LIVE_PASSED;
    return fresh(state);
}

static struct staff reviewers[2];

static inline bool find_reviewer(const struct staff *staff, void *context)
{
    (void)context;
    if (strcmp(staff->login, "reviewer") == 0) {
        reviewers[0] = *staff;
    } else if (strcmp(staff->login, "reviewer2") == 0) {
        reviewers[1] = *staff;
    }
    return true;
}

static inline enum err do_town(struct uow *uow, void *context)
{
    static const uint8_t secret[STAFF_TOTP_BYTES] = {1};
    return staff_town(context, uow, "$no password fits this", secret);
}

static inline void hire_reviewers(void)
{
    struct staff_rules rules = STAFF_RULES;
    struct staff_room staff_room;
    struct db_conn *conn = NULL;
    rules.password_passes = ROOM_FIXTURE_PASSES;
    rules.password_memory = ROOM_FIXTURE_MEMORY;
    assert_ok(staff_room_init(&staff_room, bank.vault, &rules));
    assert_ok(engine_run(bank.engine, do_town, &staff_room));
    assert_ok(engine_read_begin(bank.engine, &conn));
    assert_ok(staff_each(conn, find_reviewer, NULL));
    engine_read_end(bank.engine, conn);
    assert_true(reviewers[0].id.value != 0 && reviewers[1].id.value != 0);
}

static inline int kyc_suite_open(void **state)
{
    suite_open(state);
    kyc_fresh(state);
    hire_reviewers();
    assert_ok(places_load("share/places.tsv", &places));
    assert_ok(kyc_room_open(&(struct kyc_room_options){.customers = room,
                                                       .vault = bank.vault,
                                                       .regions = regions,
                                                       .places = places,
                                                       .eyes = &eyes,
                                                       .parties = &parties.parties},
                            &kyc));
    return 0;
}

static inline int kyc_suite_close(void **state)
{
    kyc_room_close(kyc);
    places_release(places);
    return suite_close(state);
}

/* --- Commands --------------------------------------------------------------------------------- */

/* A person with a phone, a card and a new number for each use. */
struct person {
    struct customer_id id;
    struct session_opened session;
    char number[ID_NUMBER_SIZE];
    int face; /* the result of picture analysis for the person */
    int card; /* cards[card] front, cards[card + 1] back */
};

static inline void agree(struct customer_id id, const char *purpose, bool granted)
{
    struct step s = {.customer = id, .text = purpose, .text2 = "1", .flag = granted};
    assert_ok(engine_run(bank.engine, do_consent, &s));
}

static inline void fill_cards(struct person *p)
{
    struct card_reading *front = &cards[p->card];
    struct card_reading *back = &cards[p->card + 1];
    int year = 0;
    int month = 0;
    int day = 0;
    memset(front, 0, sizeof *front);
    memset(back, 0, sizeof *back);
    assert_int_equal(sscanf(p->number + 6, "%4d%2d%2d", &year, &month, &day), 3);
    front->side = CARD_FRONT;
    front->confidence_ppm = 990000;
    snprintf(front->name, sizeof front->name, "林若溪");
    front->sex = (p->number[16] - '0') % 2;
    snprintf(front->nation, sizeof front->nation, "汉");
    assert_ok(date_from_parts(year, month, day, &front->birth_date));
    snprintf(front->address, sizeof front->address, "北京市东城区某街1号");
    snprintf(front->number, sizeof front->number, "%s", p->number);
    front->has_portrait = true;
    front->portrait = (struct face){.count = 1, .x = 4, .y = 4, .width = 8, .height = 8};
    fake_template(p->face, &front->portrait_template);
    back->side = CARD_BACK;
    snprintf(back->issuer, sizeof back->issuer, "北京市公安局东城分局");
    assert_ok(date_parse("2024-03-07", &back->valid_from));
    int age = identifier_age(front->birth_date, back->valid_from);
    back->is_long_term = age >= 46;
    if (!back->is_long_term) {
        back->valid_until = date_add_months(back->valid_from, age < 16 ? 60 : age < 26 ? 120 : 240);
    }
}

static inline struct person new_person(int face, int card)
{
    static int count;
    struct person p = {.face = face, .card = card};
    struct customer_phone phone = new_phone();
    p.session = sign_up(&phone);
    p.id = p.session.customer;
    number_for(++count % 800, p.number);
    agree(p.id, "identityCheck", true);
    agree(p.id, "biometrics", true);
    agree(p.id, "location", true);
    fill_cards(&p);
    return p;
}

struct kyc_step {
    struct kyc_id_picture *picture;
    struct kyc_confirmation *confirmation;
    struct face_frame *frame;
    struct face_completion *completion;
    struct kyc_place place;
    struct principal who;
    enum face_purpose purpose;
    struct face_check check;
    struct verdict verdict;
    struct customer_id customer;
    struct staff staff;
    int64_t id, at, count;
    struct kyc_decision decision;
    struct kyc_case row;
    struct session_id session;
    enum case_path path;
};

static inline enum err do_picture(struct uow *uow, void *context)
{
    struct kyc_step *s = context;
    return kyc_id_picture_commit(kyc, uow, s->picture, &s->verdict);
}
static inline enum err do_confirmation(struct uow *uow, void *context)
{
    struct kyc_step *s = context;
    return kyc_confirmation_commit(kyc, uow, s->confirmation, &s->verdict);
}
static inline enum err do_open(struct uow *uow, void *context)
{
    struct kyc_step *s = context;
    return face_check_open(kyc, uow, &s->who, s->purpose, &s->check, &s->verdict);
}
static inline enum err do_frame(struct uow *uow, void *context)
{
    struct kyc_step *s = context;
    return face_frame_commit(kyc, uow, s->frame, &s->verdict);
}
static inline enum err do_complete(struct uow *uow, void *context)
{
    struct kyc_step *s = context;
    return face_completion_commit(kyc, uow, s->completion, &s->check);
}
static inline enum err do_place(struct uow *uow, void *context)
{
    struct kyc_step *s = context;
    return kyc_place_commit(kyc, uow, &s->place, &s->verdict);
}
static inline enum err do_claim(struct uow *uow, void *context)
{
    struct kyc_step *s = context;
    struct staff_claim claim;
    return staff_claim_take(uow, KYC_QUEUE, s->id, s->staff.id, kyc_room_rules(kyc)->case_claim_us,
                            &claim);
}
static inline enum err do_decide(struct uow *uow, void *context)
{
    struct kyc_step *s = context;
    return kyc_case_decide(kyc, uow, &s->staff, s->id, &s->decision, &s->row, &s->session);
}
static inline enum err do_path(struct uow *uow, void *context)
{
    struct kyc_step *s = context;
    return kyc_path_choose(kyc, uow, s->customer, s->path, s->at);
}
static inline enum err do_kyc_sweep(struct uow *uow, void *context)
{
    return kyc_sweep(kyc, uow, 20, &((struct kyc_step *)context)->count);
}
static inline enum err do_late(struct uow *uow, void *context)
{
    return kyc_tell_late(kyc, uow, 20, &((struct kyc_step *)context)->count);
}
static inline enum err do_erase_biometrics(struct uow *uow, void *context)
{
    return kyc_erase_biometrics(kyc, uow, ((struct kyc_step *)context)->customer);
}
static inline enum err do_erase_customer(struct uow *uow, void *context)
{
    return kyc_erase_customer(uow, ((struct kyc_step *)context)->customer);
}

/* A customer on a device of their own. */
static inline struct principal owner_of(struct customer_id id)
{
    return (struct principal){.customer = id, .device = {1}};
}

/* The refusal of an upload, ERR_OK if it was stored. */
static inline enum err give_card_as(const struct principal *who, enum card_side side,
                                    const void *bytes, size_t size, struct verdict *out)
{
    struct kyc_id_picture *picture = malloc(sizeof *picture);
    struct kyc_step s = {.picture = picture};
    int64_t retry_at = 0;
    enum err err =
        kyc_id_picture_prepare(kyc, bank.engine, who, side, bytes, size, picture, &retry_at);
    if (err == ERR_OK) {
        assert_ok(engine_run(bank.engine, do_picture, &s));
        err = s.verdict.refusal;
        kyc_id_picture_release(picture);
    } else {
        s.verdict.retry_at = retry_at;
    }
    free(picture);
    if (out != NULL) {
        *out = s.verdict;
    }
    return err;
}

static inline enum err give_card_bytes(struct customer_id id, enum card_side side,
                                       const void *bytes, size_t size, struct verdict *out)
{
    struct principal who = owner_of(id);
    return give_card_as(&who, side, bytes, size, out);
}

static inline enum err give_card(struct customer_id id, enum card_side side, const char *text,
                                 struct verdict *out)
{
    return give_card_bytes(id, side, text, strlen(text), out);
}

static inline const char *card_text(const struct person *p, enum card_side side, int nonce)
{
    static char text[80];
    snprintf(text, sizeof text, "card %d %" PRId64 "-%d", p->card + (side == CARD_BACK),
             p->id.value, nonce);
    return text;
}

static inline void give_cards(const struct person *p)
{
    assert_err(ERR_OK, give_card(p->id, CARD_FRONT, card_text(p, CARD_FRONT, 0), NULL));
    clock_manual_advance(&bank.clock, SECOND); /* ids of two workers rise with time only */
    assert_err(ERR_OK, give_card(p->id, CARD_BACK, card_text(p, CARD_BACK, 0), NULL));
}

static inline struct kyc_fields fields_of(const struct person *p)
{
    const struct card_reading *front = &cards[p->card];
    const struct card_reading *back = &cards[p->card + 1];
    struct kyc_fields fields = {.sex = front->sex,
                                .birth_date = front->birth_date,
                                .valid_from = back->valid_from,
                                .valid_until = back->valid_until,
                                .is_long_term = back->is_long_term};
    snprintf(fields.name, sizeof fields.name, "%s", front->name);
    snprintf(fields.address, sizeof fields.address, "%s", front->address);
    snprintf(fields.number, sizeof fields.number, "%s", front->number);
    snprintf(fields.issuer, sizeof fields.issuer, "%s", back->issuer);
    return fields;
}

static inline enum err confirm_as(const struct principal *who, const struct kyc_fields *fields,
                                  uint32_t *out_refused)
{
    struct kyc_confirmation *c = malloc(sizeof *c);
    struct kyc_step s = {.confirmation = c};
    int64_t retry_at = 0;
    enum err err = kyc_confirmation_prepare(kyc, bank.engine, who, fields, c, &retry_at);
    if (err == ERR_OK) {
        assert_ok(engine_run(bank.engine, do_confirmation, &s));
        err = s.verdict.refusal;
        if (out_refused != NULL) {
            *out_refused = c->refused;
        }
        kyc_confirmation_release(c);
    }
    free(c);
    return err;
}

static inline enum err confirm(const struct person *p, const struct kyc_fields *fields,
                               uint32_t *out_refused)
{
    struct principal who = owner_of(p->id);
    return confirm_as(&who, fields, out_refused);
}

static inline struct person identified(int face, int card)
{
    struct person p = new_person(face, card);
    struct kyc_fields fields = fields_of(&p);
    give_cards(&p);
    assert_err(ERR_OK, confirm(&p, &fields, NULL));
    return p;
}

static inline enum err open_face(const struct person *p, enum face_purpose purpose,
                                 struct face_check *out)
{
    struct kyc_step s = {.who = check(p->session.token), .purpose = purpose};
    int64_t retry_at = 0;
    enum err err = face_check_prepare(kyc, bank.engine, &s.who, purpose, &retry_at);
    if (err == ERR_OK) {
        assert_ok(engine_run(bank.engine, do_open, &s));
        err = s.verdict.refusal;
        *out = s.check;
    }
    return err;
}

static inline enum err give_frame_bytes(struct customer_id id, int64_t check_id, int number,
                                        const void *bytes, size_t size)
{
    struct face_frame *frame = malloc(sizeof *frame);
    struct kyc_step s = {.frame = frame};
    enum err err = face_frame_prepare(kyc, bank.engine, id, check_id, number, bytes, size, frame);
    if (err == ERR_OK) {
        err = engine_run(bank.engine, do_frame, &s);
        err = err != ERR_OK ? err : s.verdict.refusal;
        face_frame_release(frame);
    }
    free(frame);
    return err;
}

static inline enum err give_frame(struct customer_id id, int64_t check_id, int number,
                                  const char *text)
{
    return give_frame_bytes(id, check_id, number, text, strlen(text));
}

static inline enum err complete_face(struct customer_id id, int64_t check_id,
                                     struct face_check *out)
{
    struct face_completion *completion = malloc(sizeof *completion);
    struct kyc_step s = {.completion = completion};
    enum err err = face_completion_prepare(kyc, bank.engine, id, check_id, completion);
    if (err == ERR_OK) {
        err = engine_run(bank.engine, do_complete, &s);
        *out = s.check;
        face_completion_wipe(completion);
    }
    free(completion);
    return err;
}

static inline void give_frames(const struct person *p, int face, int64_t check_id)
{
    for (int i = 0; i <= LIVE_STEPS; i++) {
        char text[80];
        snprintf(text, sizeof text, "face %d %" PRId64 "-%d", face, check_id, i);
        assert_err(ERR_OK, give_frame(p->id, check_id, i, text));
    }
}

/* A whole face check of a person with the face `face`. */
static inline struct face_check show_face(const struct person *p, enum face_purpose purpose,
                                          int face)
{
    struct face_check check_of;
    assert_err(ERR_OK, open_face(p, purpose, &check_of));
    give_frames(p, face, check_of.id);
    assert_err(ERR_OK, complete_face(p->id, check_of.id, &check_of));
    session_forget_customer(room, p->id);
    return check_of;
}

static inline struct kyc_place say_place(struct customer_id id, const char *latitude,
                                         const char *longitude, int accuracy_m)
{
    struct kyc_step s = {.place = {.customer = id, .accuracy_m = accuracy_m, .ip = "127.0.0.1"}};
    int64_t retry_at = 0;
    assert_ok(place_degrees_parse(latitude, 90, &s.place.latitude_e6));
    assert_ok(place_degrees_parse(longitude, 180, &s.place.longitude_e6));
    assert_ok(kyc_place_prepare(kyc, bank.engine, &s.place, &retry_at));
    assert_ok(engine_run(bank.engine, do_place, &s));
    assert_err(ERR_OK, s.verdict.refusal);
    return s.place;
}

static inline struct kyc_verification standing(struct customer_id id)
{
    struct db_conn *conn = NULL;
    struct kyc_verification v;
    assert_ok(engine_read_begin(bank.engine, &conn));
    assert_ok(kyc_verification_load(kyc, conn, id, now(), &v));
    engine_read_end(bank.engine, conn);
    return v;
}

static inline struct kyc_case case_by_id(int64_t id)
{
    struct db_conn *conn = NULL;
    struct kyc_case row;
    assert_ok(engine_read_begin(bank.engine, &conn));
    assert_ok(kyc_case_load(conn, id, &row));
    engine_read_end(bank.engine, conn);
    return row;
}

/* Staff by number: two reviewers of the invented town. */
static inline struct staff reviewer(int number)
{
    return reviewers[number - 1];
}

static inline enum err decide_case(int64_t id, int staff, bool is_approval, struct kyc_case *out)
{
    struct kyc_step s = {.id = id,
                         .staff = reviewer(staff),
                         .decision = {is_approval, DECISION_SAME_PERSON, "seen and compared"}};
    enum err err = engine_run(bank.engine, do_claim, &s);
    err = err != ERR_OK ? err : engine_run(bank.engine, do_decide, &s);
    if (err == ERR_OK && out != NULL) {
        *out = s.row;
    }
    session_forget(room, s.session);
    return err;
}

#endif
