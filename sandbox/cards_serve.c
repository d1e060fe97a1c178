/* The pictures of /people/ over HTTP, and all of them into a folder (--draw). */
#include "cards.h"
#include "sandbox.h"

#include "base/check.h"
#include "base/str.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define SEED_MAX    1000000
#define PHOTO_SEEDS 3 /* --draw: photographs 1 … 3 of each side */
#define PATH_MAX_   1024

static const char *const face_names[] = {"portrait", "selfie", "left", "right",
                                         "up",       "blink",  "mouth"};

/* Parameters of a query. */
struct wish {
    bool is_front;
    bool is_photo;
    enum card_attack attack;
    int64_t seed;
};

/* JPEG of a card. False: no memory. */
static bool card_jpeg(const struct resident *resident, const struct wish *wish, uint8_t **out,
                      size_t *out_size)
{
    struct pixels flat = {0}, photo = {0};
    uint64_t seed = (uint64_t)wish->seed;
    uint64_t scene = seed * 131U + (uint64_t)resident->row * 2U + (wish->is_front ? 1U : 0U);
    bool is_drawn = card_draw(resident, wish->is_front, wish->attack, seed, &flat) &&
                    (!wish->is_photo || card_photograph(&flat, wish->attack, scene, &photo)) &&
                    jpeg_encode(wish->is_photo ? &photo : &flat, wish->is_photo ? JPEG_QUALITY : 95,
                                out, out_size);
    free(flat.rgb);
    free(photo.rgb);
    return is_drawn;
}

/* A number of the query within bounds; `otherwise` if it is absent. */
static int64_t query_number(struct request *request, const char *name, int64_t min, int64_t max,
                            int64_t otherwise)
{
    const char *text = request->query_value(request, name);
    int64_t value = otherwise;
    if (text && (!str_to_int(text, &value) || value < min || value > max))
        request->bad_field = name;
    return value;
}

static void answer_jpeg(struct answer *answer, uint8_t *bytes)
{
    answer->status = 200;
    answer->text = (char *)bytes;
    answer->content_type = "image/jpeg";
}

static void answer_card(struct request *request, const struct resident *owner, bool is_front,
                        struct answer *answer)
{
    struct resident forged = *owner;
    const struct resident *resident = &forged;
    struct wish wish = {.is_front = is_front};
    const char *photo = request->query_value(request, "photo");
    const char *attack = request->query_value(request, "attack");
    wish.attack = card_attack_parse(attack);
    wish.is_photo = photo || wish.attack != ATTACK_NONE;
    wish.seed = query_number(request, "photo", 0, SEED_MAX, wish.is_photo ? 1 : 0);
    forged.face = (int)query_number(request, "face", 1, documents_count(), owner->row);
    if (wish.attack == ATTACK_COUNT)
        request->bad_field = "attack";
    if (request->bad_field) {
        answer_bad_field(answer, request->bad_field);
        return;
    }
    uint8_t *bytes;
    if (!card_jpeg(resident, &wish, &bytes, &answer->size)) {
        answer_refuse(answer, REFUSE_unavailable);
        return;
    }
    answer_jpeg(answer, bytes);
}

/* Row and name are part of the seed, so frames with one number differ as real frames do. */
static uint64_t take_seed(int row, const char *name, int64_t take)
{
    uint64_t seed = (uint64_t)take * 1000U + (uint64_t)row;
    for (const char *at = name; *at; at++)
        seed = seed * 131U + (uint64_t)*at;
    return seed;
}

/* The picture itself, or with ?take=N another photograph. */
static void answer_face(struct request *request, int row, const char *name, const char *bytes,
                        struct answer *answer)
{
    int64_t take = query_number(request, "take", 1, SEED_MAX, 0);
    uint8_t *again;
    if (request->bad_field) {
        answer_bad_field(answer, request->bad_field);
    } else if (take == 0) {
        answer->status = 200;
        answer->static_bytes = bytes;
        answer->content_type = "image/jpeg";
    } else if (face_take(bytes, answer->size, strcmp(name, "up") == 0, (uint64_t)take,
                         take_seed(row, name, take), &again, &answer->size)) {
        answer_jpeg(answer, again);
    } else {
        answer_refuse(answer, REFUSE_unavailable);
    }
}

/* Splits "/people/7/card-front.jpg" into the row and the picture's name without ".jpg". */
static const struct resident *url_parse(const char *url, char out_name[16])
{
    int row = 0, end = 0;
    if (sscanf(url, "/people/%3d/%15[a-z-].jpg%n", &row, out_name, &end) != 2 || end == 0 ||
        url[end] != '\0' || url[8] < '1' || url[8] > '9')
        return NULL;
    return documents_at(row);
}

/* No signature, no fault, no transaction: the pictures never change. */
void cards_serve(struct request *request, struct answer *answer)
{
    char name[16];
    const struct resident *resident = url_parse(request->url, name);
    if (!resident) {
        answer_refuse(answer, REFUSE_pathUnknown);
        return;
    }
    if (strcmp(name, "card-front") == 0 || strcmp(name, "card-back") == 0) {
        answer_card(request, resident, strcmp(name, "card-front") == 0, answer);
        return;
    }
    const char *bytes = faces_find(resident->row, name, &answer->size);
    if (!bytes) {
        answer_refuse(answer, REFUSE_pictureUnknown);
        return;
    }
    answer_face(request, resident->row, name, bytes, answer);
}

/* --- The list --------------------------------------------------------------------------------- */

void cards_people(struct request *request, struct answer *answer)
{
    (void)request;
    json_t *items = json_array();
    for (int row = 1; row <= documents_count(); row++) {
        const struct resident *one = documents_at(row);
        json_t *pictures = json_array();
        for (size_t i = 0; i < sizeof face_names / sizeof *face_names; i++) {
            size_t size;
            if (faces_find(row, face_names[i], &size))
                json_array_append_new(pictures, json_string(face_names[i]));
        }
        json_array_append_new(
            items, json_pack("{s:i, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:o}", "row",
                             row, "name", one->name, "nameLatin", one->name_latin, "idNumber",
                             one->id_number, "phone", one->phone, "sex",
                             document_is_male(one) ? "male" : "female", "nation", one->nation,
                             "address", one->address, "issuer", one->issuer, "validFrom",
                             one->valid_from, "validUntil", one->valid_until, "faces", pictures));
    }
    answer_json(answer, 200, json_pack("{s:o}", "items", items));
}

/* --- Into a folder ---------------------------------------------------------------------------- */

static bool write_file(const char *folder, const char *name, const void *bytes, size_t size)
{
    char path[PATH_MAX_];
    CHECK(snprintf(path, sizeof path, "%s/%s", folder, name) < (int)sizeof path);
    FILE *file = fopen(path, "wb");
    bool is_written = file && fwrite(bytes, 1, size, file) == size;
    if (file && fclose(file) != 0)
        is_written = false;
    if (!is_written)
        fprintf(stderr, "sandbox: could not write %s: %s\n", path, strerror(errno));
    return is_written;
}

static bool write_card(const char *folder, const struct resident *resident, const struct wish *wish)
{
    char kind[24] = "flat";
    if (wish->is_photo)
        snprintf(kind, sizeof kind, "photo-%d", (int)wish->seed);
    if (wish->attack != ATTACK_NONE)
        snprintf(kind, sizeof kind, "%s", card_attack_name(wish->attack));
    char name[64];
    snprintf(name, sizeof name, "%02d-%s-%s.jpg", resident->row, wish->is_front ? "front" : "back",
             kind);
    uint8_t *bytes = NULL;
    size_t size;
    bool is_written =
        card_jpeg(resident, wish, &bytes, &size) && write_file(folder, name, bytes, size);
    free(bytes);
    return is_written;
}

static bool write_resident(const char *folder, const struct resident *resident)
{
    bool is_written = true;
    for (int side = 0; side < 2; side++) {
        struct wish wish = {.is_front = side == 0};
        for (int seed = 0; seed <= PHOTO_SEEDS; seed++) {
            wish.is_photo = seed > 0;
            wish.seed = seed;
            is_written = is_written && write_card(folder, resident, &wish);
        }
        wish.seed = 1;
        for (int attack = ATTACK_NONE + 1; attack < ATTACK_COUNT; attack++) {
            wish.attack = (enum card_attack)attack;
            is_written = is_written && write_card(folder, resident, &wish);
        }
    }
    for (size_t i = 0; i < sizeof face_names / sizeof *face_names; i++) {
        size_t size;
        char name[64];
        const char *bytes = faces_find(resident->row, face_names[i], &size);
        snprintf(name, sizeof name, "%02d-%s.jpg", resident->row, face_names[i]);
        is_written = is_written && (!bytes || write_file(folder, name, bytes, size));
    }
    return is_written;
}

int cards_draw_all(const char *folder, int row_count)
{
    if (mkdir(folder, 0777) != 0 && errno != EEXIST) {
        fprintf(stderr, "sandbox: could not make %s: %s\n", folder, strerror(errno));
        return 1;
    }
    for (int row = 1; row <= documents_count() && row <= row_count; row++) {
        if (!write_resident(folder, documents_at(row)))
            return 1;
    }
    return 0;
}
