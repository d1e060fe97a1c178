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
