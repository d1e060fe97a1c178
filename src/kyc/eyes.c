/* The interface to src/vision that the bank uses. */
#include "kyc/kyc.h"

#define KEPT_QUALITY 85 /* of stored JPEGs */

static struct vision *vision_of(struct kyc_eyes *eyes)
{
    return ((struct kyc_eyes_vision *)eyes)->vision;
}

static enum err decode(struct kyc_eyes *eyes, const void *bytes, size_t size, struct image *out)
{
    struct vision *vision = vision_of(eyes);
    return vision == NULL ? ERR_MODEL_MISSING : image_decode(vision, bytes, size, out);
}

static enum err encode(struct kyc_eyes *eyes, const struct image *image, const int box[4],
                       int side_max, uint8_t **out, size_t *out_size)
{
    struct image part = {0};
    (void)eyes;
    enum err err = image_crop(image, box[0], box[1], box[2], box[3], side_max, &part);
    err = err != ERR_OK ? err : image_encode(&part, KEPT_QUALITY, out, out_size);
    image_release(&part);
    return err;
}

static enum err read_card(struct kyc_eyes *eyes, const struct image *image,
                          struct card_reading *out, struct image *out_card)
{
    return card_read(vision_of(eyes), image, out, out_card);
}

static enum err analyse(struct kyc_eyes *eyes, const struct image *image, struct face *out,
                        struct face_template *out_template, struct face_print *out_print)
{
    return face_analyse_frame(vision_of(eyes), image, out, out_template, out_print);
}

void kyc_eyes_vision_init(struct kyc_eyes_vision *out, struct vision *vision)
{
    *out = (struct kyc_eyes_vision){
        .eyes = {.decode = decode,
                 .encode = encode,
                 .card_read = read_card,
                 .analyse = analyse,
                 .quality = face_quality_of,
                 .similarity = face_similarity_ppm,
                 .print_likeness = face_print_likeness_ppm,
                 .print_coarse = face_print_coarse,
                 .judge = live_judge,
                 .draw = live_draw,
                 .card_version = vision != NULL ? vision_card_version(vision) : "none",
                 .face_version = vision != NULL ? vision_face_version(vision) : "none",
                 .live_version = vision != NULL ? vision_live_version(vision) : "none",
                 .accept_ppm = FACE_ACCEPT_PPM,
                 .review_ppm = FACE_REVIEW_PPM,
                 .print_ppm = FACE_PRINT_SAME_PPM,
                 .same_ppm = FACE_SAME_PPM},
        .vision = vision};
}
