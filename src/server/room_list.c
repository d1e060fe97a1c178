/*
 * The rooms of the bank, bottom to top, as in LAYERS. A room that is not here does not exist: its
 * routes, jobs and steps are unknown, its figures make the catalogue refuse to open.
 */
#include "server/room_list.h"

#include "account/account.h"
#include "company/company.h"
#include "customer/customer.h"
#include "desk/desk.h"
#include "kyc/kyc.h"
#include "payment/payment.h"
#include "privacy/leaving.h"
#include "report/report.h"
#include "server/jobs.h"
#include "staff/staff.h"

const struct room_parts *const ROOM_LIST[] = {
    &CUSTOMER_PARTS, &STAFF_PARTS,  &KYC_PARTS,  &ACCOUNT_PARTS, &PAYMENT_PARTS, &PRIVACY_PARTS,
    &COMPANY_PARTS,  &REPORT_PARTS, &DESK_PARTS, &SERVER_PARTS,  NULL,
};
