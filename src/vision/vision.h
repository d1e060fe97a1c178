/*
 * Vision: pictures become facts. Decodes photographs in a confined process, finds and compares
 * faces, reads resident ID cards, and judges the frames of a liveness challenge. The interface of
 * the room; it has no rule of the bank, no table, and stores no picture.
 *
 * Scores leave the room as whole numbers: parts per million (similarities -1,000,000..1,000,000,
 * probabilities 0..1,000,000), angles in tenths of a degree, lengths in pixels of the decoded
 * picture. Every result names its models (vision_version). Any thread, unless stated.
 */
#ifndef VISION_VISION_H
#define VISION_VISION_H

#include "base/date.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* --- The room --------------------------------------------------------------------------------- */

struct vision;

struct vision_options {
    const char *models;   /* folder with the models and SHA256SUMS */
    const char *program;  /* this program, started again as the picture decoder */
    size_t decoder_count; /* number of decoder processes; 0: one per core */
};
/* Checks each model's hash, loads them once, starts the decoders. ERR_MODEL_MISSING (a file or the
 * runtime is missing), ERR_MODEL_CHANGED (a hash differs), ERR_NO_MEMORY, ERR_IO. */
enum err vision_open(const struct vision_options *options, struct vision **out);
void vision_close(struct vision *vision); /* NULL is fine */

#define VISION_VERSION_SIZE 64
/* Name and hash of the models and rules: "face-3/1f0c…", "card-1/…". */
const char *vision_face_version(const struct vision *vision);
const char *vision_live_version(const struct vision *vision);
const char *vision_card_version(const struct vision *vision);

/* --- Pictures --------------------------------------------------------------------------------- */

#define IMAGE_BYTES_MAX  (3 * 1024 * 1024) /* an uploaded file */
#define IMAGE_PIXELS_MAX 24000000          /* of the encoded picture; more is refused unread */
#define IMAGE_SIDE_MAX   1920              /* larger pictures are reduced while decoding */
#define IMAGE_SIDE_MIN   64

/* Upright (EXIF turned), 8-bit RGB, rows without padding. */
struct image {
    int width, height;
    uint8_t *rgb; /* width * height * 3 bytes */
};
/* Decodes a JPEG, PNG or WebP in a confined process (no files, no network, bounded memory and time); a
 * decoder that crashes or hangs loses only its picture. ERR_PICTURE_TOO_LARGE (bytes, pixels),
 * ERR_PICTURE_UNREADABLE (unknown format, damaged, too small, decoder ended), ERR_NO_MEMORY. */
enum err image_decode(struct vision *vision, const void *bytes, size_t size, struct image *out);
void image_release(struct image *image); /* wipes it; a zeroed one is fine */
/* A new picture of a part, at most `side_max` pixels long. ERR_NO_MEMORY. */
enum err image_crop(const struct image *image, int x, int y, int width, int height, int side_max,
                    struct image *out);
/* JPEG of the program's own pixels; *out is the caller's to free. quality 1..100. ERR_NO_MEMORY. */
enum err image_encode(const struct image *image, int quality, uint8_t **out, size_t *out_size);
/* The subcommand's body: runs in a decoder process (never returns). */
int image_decoder_main(int argc, char **argv);

/* --- Faces ------------------------------------------------------------------------------------ */

#define FACE_TEMPLATE_SIZE 2832 /* bytes: a header and the embeddings of all models */

struct face {
    int count; /* number of faces in the picture; the rest describes the largest */
    int x, y;  /* box, pixels */
    int width, height;
    int score_ppm;       /* of the detector */
    int eye_distance_px; /* between the pupils */
    int yaw_tenths;      /* > 0: turned to the person's own left */
    int pitch_tenths;    /* > 0: looks up */
    int roll_tenths;     /* > 0: the person's left eye is lower in the picture */
    /* Aspect ratio of the wider eye (1,000,000: as high as wide), each eye's times the eye net's
     * probability that it is open: about 200,000..400,000 open, below 100,000 closed. */
    int eyes_open_ppm;
    int mouth_open_ppm; /* inner lips' height over the mouth's width */
    int sharpness;      /* variance of the Laplacian over the face, scaled to 112 pixels */
    int brightness;     /* mean of the face, 0..255 */
    int live_ppm;       /* passive: probability of a living face in front of the camera */
    int screen_ppm;     /* passive: signs of a screen or a print (moire, frame), 0 none */
};
/* Result of the quality gate; tested in this order. */
enum face_quality {
    FACE_GOOD,
    FACE_NONE,    /* no face found */
    FACE_SEVERAL, /* more than one (selfies only) */
    FACE_SMALL,   /* eyes less than 40 pixels apart; 20 on a card */
    FACE_TURNED,  /* more than 25 degrees */
    FACE_DARK,
    FACE_BRIGHT,
    FACE_BLURRED,
    FACE_COVERED /* eyes or mouth not visible */
};
const char *face_quality_name(enum face_quality quality); /* "good", "none", … */

struct face_template {
    uint8_t bytes[FACE_TEMPLATE_SIZE]; /* opaque; comparable only within one vision_face_version */
};
/* Finds, measures, embeds (picture and mirror image). `out_template` NULL: measures only. ERR_OK also
 * without a face: out->count is 0 and the template is not written. ERR_NO_MEMORY. */
enum err face_analyse(struct vision *vision, const struct image *image, struct face *out,
                      struct face_template *out_template);
/* For pictures whose subject is at a known position (LFW: the middle): takes the face nearest to (x, y)
 * and embeds it. Measures nothing: beyond count, box and score `out` is 0. ERR_NO_MEMORY. */
enum err face_embed_at(struct vision *vision, const struct image *image, int x, int y,
                       struct face *out, struct face_template *out_template);
/* Print of one photograph of a face, independent of the person: opaque, without brightness and tint. */
#define FACE_PRINT_SIDE 60
#define FACE_PRINT_SIZE (24 + FACE_PRINT_SIDE * FACE_PRINT_SIDE)
struct face_print {
    uint8_t bytes[FACE_PRINT_SIZE];
};
/* face_analyse that also returns the print; without a face it is all zeros, which matches nothing. */
enum err face_analyse_frame(struct vision *vision, const struct image *image, struct face *out,
                            struct face_template *out_template, struct face_print *out_print);
/* Similarity of two photographs, 0..1,000,000: near the top for copies of one photograph, recompressed,
 * resized, cropped, stretched, turned a little, mirrored or in other light. Pure. */
int face_print_likeness_ppm(const struct face_print *a, const struct face_print *b);
extern const int FACE_PRINT_SAME_PPM; /* from here on: one photograph (docs/FACE.md) */
/* 64 bits that differ in few places for copies of one photograph; of the picture or of its mirror
 * image. Pure. */
uint64_t face_print_coarse(const struct face_print *print, bool is_mirror);
/* Pure. `on_card` relaxes the size and accepts several faces as the largest. */
enum face_quality face_quality_of(const struct face *face, bool on_card);

/* Fused similarity of all models, scaled so that FACE_ACCEPT_PPM and FACE_REVIEW_PPM hold. Pure. */
int face_similarity_ppm(const struct face_template *a, const struct face_template *b);
/* The plain cosine of one model alone, for measurements: 0..FACE_MODEL_COUNT-1. -1,000,000 if a
 * template lacks it. Pure. */
#define FACE_MODEL_COUNT 2
int face_model_similarity_ppm(const struct face_template *a, const struct face_template *b,
                              int model);
const char *face_model_name(int model);

enum face_band { FACE_REFUSE = 1, FACE_UNSURE = 2, FACE_ACCEPT = 3 };
const char *face_band_name(enum face_band band); /* "refuse", "unsure", "accept" */
/* Thresholds of the fused score: FAR 1e-5 for accept, 1e-3 for unsure, measured in docs/FACE.md. */
extern const int FACE_ACCEPT_PPM, FACE_REVIEW_PPM;
/* One face against all others: each comparison may err, so the threshold is higher than for one pair. */
extern const int FACE_SAME_PPM;
enum face_band face_band_of(int similarity_ppm);

/* --- Liveness challenge ----------------------------------------------------------------------- */

/* The requested actions, from the person's own view. */
enum live_action { LIVE_LEFT = 1, LIVE_RIGHT, LIVE_UP, LIVE_BLINK, LIVE_MOUTH, LIVE_ACTION_COUNT };
const char *live_action_name(
    enum live_action action); /* "turnLeft", "turnRight", "lookUp", "blink", "openMouth" */
enum err live_action_parse(const char *text, enum live_action *out); /* ERR_INVALID_FIELD */
#define LIVE_STEPS 3 /* actions of one challenge, no action twice */
/* Draws a sequence from random bytes. Pure. */
void live_draw(const uint8_t random[8], enum live_action out[LIVE_STEPS]);

enum live_result {
    LIVE_PASSED = 1,
    LIVE_UNSURE,       /* moved as requested, but the passive signals are weak: staff decide */
    LIVE_WRONG_ACTION, /* a frame does not show the requested action: frame `step` */
    LIVE_OTHER_PERSON, /* a frame shows another face than the selfie */
    LIVE_STILL,        /* frames repeat each other: a photograph, a replay */
    LIVE_SPOOF         /* a screen, a print */
};
const char *live_result_name(enum live_result result); /* "passed", … */
struct live_frame {
    struct face face;
    struct face_template template;
    uint8_t digest[32]; /* of the frame's pixels: the same picture twice is a replay */
};
struct live_verdict {
    enum live_result result;
    int step;      /* 0-based frame that failed, -1 */
    int score_ppm; /* passive liveness over all frames */
};
/* One neutral frame (the selfie) and one frame for each action, in the requested order. Pure. */
struct live_verdict live_judge(const struct live_frame *selfie,
                               const struct live_frame frames[LIVE_STEPS],
                               const enum live_action actions[LIVE_STEPS]);

/* --- Resident ID cards (GA 490) --------------------------------------------------------------- */

enum card_side { CARD_NONE = 0, CARD_FRONT = 1 /* portrait */, CARD_BACK = 2 /* emblem */ };
enum card_finding {                          /* bits of card_reading.findings */
                    CARD_FINDING_SCREEN = 1, /* photographed from a screen */
                    CARD_FINDING_COPY = 2,   /* colourless: a photocopy */
                    CARD_FINDING_GLARE = 4,  /* a field is over-exposed */
                    CARD_FINDING_BLURRED = 8,
                    CARD_FINDING_SMALL = 16, /* card less than 800 pixels wide */
                    CARD_FINDING_CUT = 32,   /* an edge is outside of the picture */
                    CARD_FINDING_EDITED =
                        64, /* print or background round a field differs from the others */
                    CARD_FINDING_NUMBER = 128,  /* the number's check character is wrong */
                    CARD_FINDING_MISMATCH = 256 /* birth date or sex contradict the number */
};
#define CARD_UNREAD         0x25A1U /* "□" in a name or place: one unread character */
#define CARD_NAME_SIZE      121
#define CARD_ADDRESS_SIZE   301
#define CARD_AUTHORITY_SIZE 121
struct card_reading {
    enum card_side side; /* CARD_NONE: no card found; the other fields are unset */
    uint32_t findings;
    int confidence_ppm; /* lowest of the fields' confidences */
    /* front */
    char name[CARD_NAME_SIZE];
    int sex;                /* 0 female, 1 male, -1 unread */
    char nation[25];        /* "汉" */
    struct date birth_date; /* of the printed field; {0} unread */
    char address[CARD_ADDRESS_SIZE];
    char number[19]; /* "" unread */
    bool has_portrait;
    struct face portrait; /* of the printed portrait */
    struct face_template portrait_template;
    struct face_print portrait_print;
    /* back */
    char issuer[CARD_AUTHORITY_SIZE]; /* "南京市公安局玄武分局" */
    struct date valid_from;           /* {0} unread */
    struct date valid_until;          /* {0}: long-term with is_long_term, else unread */
    bool is_long_term;
};
/* Straightens the card, determines its side, reads every field, finds the portrait. Never guesses: a
 * field that was not read is empty. `out_card` (may be NULL) receives the straightened card.
 * ERR_NO_MEMORY. */
enum err card_read(struct vision *vision, const struct image *image, struct card_reading *out,
                   struct image *out_card);

#endif
