/* Writes the named objects of company_schemas.h. */
#ifndef COMPANY_COMPANY_RENDER_H
#define COMPANY_COMPANY_RENDER_H

#include "company/company.h"
#include "web/call.h"

/* The company as one of its users sees it, with committed balances. Errors of db. */
enum err render_company(struct call *call, const char *name, struct db_conn *conn,
                        const struct company *company, const struct company_user *user);
void render_company_roles(struct call *call, const char *name, unsigned roles);
void render_staff_company(struct call *call, const char *name, const struct company *company);
/* Everything of a company, for staff. Errors of db, ERR_VAULT_SEAL. */
enum err render_company_file(struct call *call, struct db_conn *conn,
                             const struct company *company);

#endif
