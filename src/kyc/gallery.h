/*
 * The accepted faces of all customers in memory, to find one face under two identities. Rows are
 * read by their sequence, which rises with each acceptance, so later reads find new rows; a face
 * erased in the meantime is detected on a match. 3.3 KB a face: see README.md.
 */
#ifndef KYC_GALLERY_H
#define KYC_GALLERY_H

#include "kyc/kyc.h"
#include "sys/thread.h"

struct gallery_face {
    struct customer_id customer;
    int64_t sequence;
    struct face_template face;
};
struct gallery {
    struct mutex mutex;
    struct gallery_face *faces;
    size_t count, capacity;
    int64_t sequence; /* read up to here */
};
void gallery_init(struct gallery *gallery);
void gallery_release(struct gallery *gallery); /* wipes */

struct gallery_hits {
    struct same_face faces[SAME_FACES_MAX]; /* at or above the threshold of review */
    size_t count;
    int best_ppm; /* similarity to all others; INT_MIN: there are none */
};

/* read: brings the gallery up to date and compares with everybody but `self`. *out_sequence: last
 * sequence compared. *out_is_full: more faces than the rule allows, the comparison is incomplete.
 * ERR_NO_MEMORY. */
enum err gallery_search(struct kyc_room *room, struct db_conn *conn, struct customer_id self,
                        const struct face_template *face, struct gallery_hits *out,
                        int64_t *out_sequence, bool *out_is_full);
/* commit: takes the gallery's lock, compares with rows after `sequence`; *out_next is the sequence of
 * the face to be added. */
enum err gallery_close_up(const struct kyc_room *room, struct uow *uow, struct customer_id self,
                          const struct face_template *face, int64_t sequence,
                          struct gallery_hits *hits, int64_t *out_next);
/* Removes a customer's face; other processes detect it on a match. */
void gallery_forget(struct gallery *gallery, struct customer_id customer);

#endif
