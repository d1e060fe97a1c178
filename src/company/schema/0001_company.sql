-- Companies and sole traders. The id is that of the company's customer row, which is made when the company
-- becomes active; its bucket is that of the keyed hash of the credit code.
CREATE TABLE company_companies (
    bucket            INTEGER NOT NULL CHECK (bucket BETWEEN 0 AND 1023),
    id                BIGINT NOT NULL,
    uscc              TEXT NOT NULL CHECK (length(uscc) = 18), -- unified social credit code, GB 32100
    name              TEXT NOT NULL,    -- as at the business registry
    kind              SMALLINT NOT NULL CHECK (kind IN (1, 2)),         -- enum company_kind
    state             SMALLINT NOT NULL CHECK (state BETWEEN 1 AND 6),  -- enum company_state
    licence_number    TEXT NOT NULL,    -- as typed, may be empty
    representative_id BIGINT NOT NULL,  -- customer who registered it: the legal representative
    registered_date   INTEGER NOT NULL, -- at the business registry, days since 1970
    scope             TEXT NOT NULL,    -- of business, as at the registry
    record_sealed     BLOB NOT NULL,    -- people at the registry; place: bucket, id, "company.record"
    licence_state     SMALLINT NOT NULL CHECK (licence_state BETWEEN 0 AND 3), -- enum company_step_state
    owners_state      SMALLINT NOT NULL CHECK (owners_state BETWEEN 0 AND 3),  -- enum company_step_state
    created_at        BIGINT NOT NULL,  -- microseconds UTC
    submitted_at      BIGINT NOT NULL,  -- with the agreement, microseconds UTC; 0 not yet
    active_at         BIGINT NOT NULL,  -- first, microseconds UTC; 0 not yet
    checked_at        BIGINT NOT NULL,  -- newest answer of the registry, microseconds UTC
    suspended_for     TEXT NOT NULL,    -- why: "revoked", "representative", "owners", "name"; else empty
    version           BIGINT NOT NULL CHECK (version >= 1), -- rises with each change
    PRIMARY KEY (bucket, id)
) WITHOUT ROWID;

-- The console's list over all buckets, newest first.
CREATE INDEX company_companies_id ON company_companies (id);

-- The console's search by credit code.
CREATE INDEX company_companies_uscc ON company_companies (uscc);

-- engine: sqlite
-- The console's search by the beginning of a name.
CREATE INDEX company_companies_name ON company_companies (name COLLATE NOCASE);

-- engine: postgresql
CREATE INDEX company_companies_name ON company_companies (name text_pattern_ops);

-- engine: both
-- The job's question over all buckets: whom to ask the registry about again.
CREATE INDEX company_companies_due ON company_companies (checked_at) WHERE state IN (3, 4);

-- Beneficial owners as the company declared them.
CREATE TABLE company_owners (
    bucket        INTEGER NOT NULL,
    company_id    BIGINT NOT NULL,
    number        INTEGER NOT NULL CHECK (number >= 0), -- from 0, as declared
    person_sealed BLOB NOT NULL,    -- name and ID number; place: bucket, company_id, "company.owner"
    share_ppm     INTEGER NOT NULL CHECK (share_ppm BETWEEN 1 AND 1000000), -- parts per million
    PRIMARY KEY (bucket, company_id, number),
    FOREIGN KEY (bucket, company_id) REFERENCES company_companies (bucket, id)
) WITHOUT ROWID;

-- The picture of the licence in sealed pieces, because the vault seals 4 KB at most.
CREATE TABLE company_licences (
    bucket      INTEGER NOT NULL,
    company_id  BIGINT NOT NULL,
    number      INTEGER NOT NULL CHECK (number >= 0),     -- of the piece, from 0
    sealed      BLOB NOT NULL,      -- place: bucket, company_id, "company.licence"; begins with number and count
    PRIMARY KEY (bucket, company_id, number),
    FOREIGN KEY (bucket, company_id) REFERENCES company_companies (bucket, id)
);

-- People who act for a company. A removed one keeps the row.
CREATE TABLE company_users (
    bucket      INTEGER NOT NULL,
    company_id  BIGINT NOT NULL,
    customer_id BIGINT NOT NULL,   -- the person, a customer
    id          BIGINT NOT NULL,   -- of the membership: what the company's administrators name
    roles       SMALLINT NOT NULL CHECK (roles BETWEEN 0 AND 15), -- bits of enum company_role; 0 removed
    limit_minor BIGINT,            -- of one payment, minor units; null: none
    added_by    BIGINT NOT NULL,   -- customer who gave the roles
    added_at    BIGINT NOT NULL,   -- of the newest change, microseconds UTC
    PRIMARY KEY (bucket, company_id, customer_id),
    FOREIGN KEY (bucket, company_id) REFERENCES company_companies (bucket, id)
) WITHOUT ROWID;

-- For whom a person acts, over all buckets.
CREATE INDEX company_users_customer ON company_users (customer_id, company_id);

-- Every answer of the business registry: evidence, never changed.
CREATE TABLE company_checks (
    bucket        INTEGER NOT NULL,
    company_id    BIGINT NOT NULL,
    id            BIGINT NOT NULL,
    result        TEXT NOT NULL,     -- "passed", or what differs: "revoked", "representative", …
    version       TEXT NOT NULL,     -- of the registry
    evidence_hash BLOB NOT NULL,     -- keyed hash of the answer
    at            BIGINT NOT NULL,   -- microseconds UTC
    PRIMARY KEY (bucket, company_id, id),
    FOREIGN KEY (bucket, company_id) REFERENCES company_companies (bucket, id)
) WITHOUT ROWID;

-- Registrations that a person at the bank decides; one open case a company.
CREATE TABLE company_cases (
    bucket       INTEGER NOT NULL,
    id           BIGINT NOT NULL,
    company_id   BIGINT NOT NULL,
    state        SMALLINT NOT NULL CHECK (state BETWEEN 1 AND 4),   -- enum company_case_state
    reasons      INTEGER NOT NULL CHECK (reasons > 0), -- bits of enum company_reason
    opened_at    BIGINT NOT NULL,   -- microseconds UTC
    due_at       BIGINT NOT NULL,   -- promised answer, microseconds UTC
    first_staff  BIGINT NOT NULL,   -- who approved first, 0 nobody
    decided_at   BIGINT NOT NULL,   -- microseconds UTC, 0 open
    PRIMARY KEY (bucket, id),
    FOREIGN KEY (bucket, company_id) REFERENCES company_companies (bucket, id)
) WITHOUT ROWID;

-- The newest case of a company.
CREATE INDEX company_cases_company ON company_cases (bucket, company_id, id);

-- What staff decided. Append only.
CREATE TABLE company_decisions (
    bucket      INTEGER NOT NULL,
    case_id     BIGINT NOT NULL,
    id          BIGINT NOT NULL,
    login       TEXT NOT NULL,     -- of the person at the bank
    is_approval SMALLINT NOT NULL CHECK (is_approval IN (0, 1)),
    note_sealed BLOB NOT NULL,     -- place: bucket, id, "company.note"
    at          BIGINT NOT NULL,   -- microseconds UTC
    PRIMARY KEY (bucket, case_id, id),
    FOREIGN KEY (bucket, case_id) REFERENCES company_cases (bucket, id)
) WITHOUT ROWID;

-- Payments that people of a company order and others approve.
CREATE TABLE company_orders (
    bucket          INTEGER NOT NULL,
    id              BIGINT NOT NULL,
    company_id      BIGINT NOT NULL,
    account_id      BIGINT NOT NULL,  -- the company's, debited
    maker_id        BIGINT NOT NULL,  -- customer who ordered it
    creditor_by     SMALLINT NOT NULL CHECK (creditor_by IN (1, 2)), -- 1 phone, 2 account number
    creditor_sealed BLOB NOT NULL,    -- that; place: bucket, id, "company.creditor"
    creditor_name   TEXT NOT NULL,    -- as ordered, compared with the payee's again when paid
    amount_minor    BIGINT NOT NULL CHECK (amount_minor > 0), -- minor units of CNY
    remittance      TEXT NOT NULL,    -- may be empty
    state           SMALLINT NOT NULL CHECK (state BETWEEN 1 AND 6),  -- enum order_state
    needed          SMALLINT NOT NULL CHECK (needed BETWEEN 0 AND 2), -- approvals by others than the maker
    payment_id      BIGINT NOT NULL,  -- that paid it, 0 none
    failure         TEXT NOT NULL,    -- slug of the error of a failed one, else empty
    created_at      BIGINT NOT NULL,  -- microseconds UTC
    expires_at      BIGINT NOT NULL,  -- microseconds UTC
    decided_at      BIGINT NOT NULL,  -- microseconds UTC, 0 awaiting
    PRIMARY KEY (bucket, id),
    FOREIGN KEY (bucket, company_id) REFERENCES company_companies (bucket, id)
) WITHOUT ROWID;

-- A company's orders, newest first.
CREATE INDEX company_orders_company ON company_orders (bucket, company_id, id);

-- The job's question over all buckets: which have expired.
CREATE INDEX company_orders_due ON company_orders (expires_at) WHERE state = 1;

-- Who said what of an order: one word a person. Append only.
CREATE TABLE company_approvals (
    bucket      INTEGER NOT NULL,
    order_id    BIGINT NOT NULL,
    customer_id BIGINT NOT NULL,   -- who
    decision    SMALLINT NOT NULL CHECK (decision IN (1, 2, 3)), -- enum order_decision
    reason      TEXT NOT NULL,     -- in their words, may be empty
    at          BIGINT NOT NULL,   -- microseconds UTC
    PRIMARY KEY (bucket, order_id, customer_id),
    FOREIGN KEY (bucket, order_id) REFERENCES company_orders (bucket, id)
) WITHOUT ROWID;

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
