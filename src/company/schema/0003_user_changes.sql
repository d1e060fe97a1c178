-- Roles and limits of a company's people: proposed by one, decided by another where there is one. Each change of
-- company_users has its row here.
CREATE TABLE company_user_changes (
    bucket       INTEGER NOT NULL,
    id           BIGINT NOT NULL,
    company_id   BIGINT NOT NULL,
    customer_id  BIGINT NOT NULL,   -- whose roles
    user_id      BIGINT NOT NULL,   -- of the membership, as in company_users
    roles_before SMALLINT NOT NULL CHECK (roles_before BETWEEN 0 AND 15), -- bits of enum company_role
    limit_before BIGINT,            -- of one payment, minor units; null: none
    roles_after  SMALLINT NOT NULL CHECK (roles_after BETWEEN 0 AND 15),  -- 0 takes all
    limit_after  BIGINT,            -- minor units; null: none
    maker_id     BIGINT NOT NULL,   -- customer who proposed it
    state        SMALLINT NOT NULL CHECK (state BETWEEN 1 AND 4), -- enum user_change_state
    checker_id   BIGINT NOT NULL CHECK (checker_id <> maker_id),  -- who decided it; 0 nobody, or one person was enough
    created_at   BIGINT NOT NULL,   -- microseconds UTC
    expires_at   BIGINT NOT NULL,   -- microseconds UTC: undecided until then, it is void
    decided_at   BIGINT NOT NULL,   -- microseconds UTC; 0 waiting
    PRIMARY KEY (bucket, id),
    FOREIGN KEY (bucket, company_id) REFERENCES company_companies (bucket, id)
) WITHOUT ROWID;
-- Those of a company that wait.
CREATE INDEX company_user_changes_company ON company_user_changes (bucket, company_id, state, id);
