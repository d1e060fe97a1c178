/*
 * People for the payment bench: invented customers with an account, money and a session, made
 * through the rooms' own services (their pass codes with the cheapest hash, their registry one that
 * knows everybody).
 */
#ifndef BENCH_BENCH_PEOPLE_H
#define BENCH_BENCH_PEOPLE_H

#include "account/account.h"
#include "customer/customer.h"
#include "server/rooms.h"

struct bench_person {
    char phone[PHONE_TEXT_SIZE];
    char token[TOKEN_SIZE];
    struct account_id account;
};
#define BENCH_PERSON_NAME "Bench Payer"

/* Makes `count` people, each with `start_minor`. */
enum err bench_people_make(struct house *house, int64_t start_minor, struct bench_person *out,
                           size_t count);

#endif
