-- engine: postgresql
-- The same conditions as types: a server reads and plans each CHECK of a table again for every
-- statement, ten of them for every payment, while a type's condition is kept ready.
CREATE DOMAIN payment_kind AS SMALLINT CHECK (VALUE BETWEEN 1 AND 3);

CREATE DOMAIN payment_status AS SMALLINT CHECK (VALUE BETWEEN 1 AND 4);

CREATE DOMAIN payment_amount AS BIGINT CHECK (VALUE > 0);

CREATE DOMAIN payment_currency AS TEXT CHECK (length(VALUE) = 3);

CREATE DOMAIN payment_count AS INTEGER CHECK (VALUE >= 0);

CREATE DOMAIN payment_flag AS SMALLINT CHECK (VALUE IN (0, 1));

CREATE DOMAIN payment_source AS SMALLINT CHECK (VALUE BETWEEN 1 AND 3);

CREATE DOMAIN payment_version AS BIGINT CHECK (VALUE >= 1);

-- engine: both
-- Every payment that a customer ordered, in order of time, so that a busy bank appends.
CREATE TABLE payment_payments (
    bucket               INTEGER NOT NULL,  -- of the customer who ordered it
    id                   BIGINT NOT NULL,   -- made by the program; instruction id at the clearing house
    kind                 SMALLINT NOT NULL CHECK (kind BETWEEN 1 AND 3),   -- enum payment_kind
    status               SMALLINT NOT NULL CHECK (status BETWEEN 1 AND 4), -- enum payment_status
    debtor_customer_id   BIGINT NOT NULL,   -- who pays
    creditor_customer_id BIGINT NOT NULL,   -- who receives
    debtor_account_id    BIGINT NOT NULL,   -- account debited, 0: the card
    creditor_account_id  BIGINT NOT NULL,   -- account credited, 0: the card
    debtor_name          TEXT NOT NULL,     -- as it was when the payment was made
    creditor_name        TEXT NOT NULL,     -- as it was when the payment was made
    debtor_masked        TEXT NOT NULL,     -- masked account or card number
    creditor_masked      TEXT NOT NULL,     -- masked account or card number
    card_id              BIGINT NOT NULL,   -- bound card of a channel payment, 0: none
    amount_minor         BIGINT NOT NULL CHECK (amount_minor > 0), -- minor units
    currency             TEXT NOT NULL CHECK (length(currency) = 3), -- ISO 4217
    remittance           TEXT NOT NULL,     -- the payer's words, may be empty
    reason_code          TEXT NOT NULL,     -- ISO 20022 reason of a rejection, else empty
    rule_version         INTEGER NOT NULL,  -- edition of the catalogue that decided it
    end_to_end_id        TEXT,              -- the payer's own reference, null: made of the id
    journal_id           BIGINT NOT NULL,   -- journal that moved the money, 0: none
    hold_id              BIGINT NOT NULL,   -- hold of a withdrawal, 0: none
    created_at           BIGINT NOT NULL,   -- microseconds UTC
    settled_at           BIGINT NOT NULL,   -- microseconds UTC: settled or rejected, 0: open
    attempt_count        INTEGER NOT NULL CHECK (attempt_count >= 0), -- instructions sent
    query_count          INTEGER NOT NULL CHECK (query_count >= 0),   -- queries sent
    asked_at             BIGINT NOT NULL,   -- newest contact with the channel, microseconds UTC, 0: none
    answered             SMALLINT NOT NULL CHECK (answered IN (0, 1)), -- 1: the channel knows it
    counted_small        SMALLINT NOT NULL CHECK (counted_small IN (0, 1)), -- 1: used the small-payment limit
    next_query_at        BIGINT,            -- when to ask, microseconds UTC, null: never
    version              BIGINT NOT NULL CHECK (version >= 1), -- rises with each change: ETag
    order_source         SMALLINT NOT NULL CHECK (order_source BETWEEN 1 AND 3), -- enum payment_source
    order_source_id      BIGINT NOT NULL,   -- session, company order, or payment that this one repeats
    proof_factors        INTEGER NOT NULL CHECK (proof_factors >= 0), -- bits of enum factor, fresh when ordered
    order_salt           BLOB NOT NULL,     -- 16 random bytes of the order's digest, empty after an erasure
    PRIMARY KEY (bucket, id)
);

-- engine: postgresql
-- Lists of staff and reports over all buckets, by time (on SQLite the key is the id already).
CREATE INDEX payment_payments_time ON payment_payments (id);

-- engine: both
-- The job's question over all buckets: which payments to ask about. Only those that wait are in it.
CREATE INDEX payment_payments_due ON payment_payments (next_query_at) WHERE next_query_at IS NOT NULL;

-- The life of channel payments, step by step.
CREATE TABLE payment_events (
    bucket     INTEGER NOT NULL,  -- of the payment
    payment_id BIGINT NOT NULL,   -- payment
    id         BIGINT NOT NULL,   -- made by the program, in order of time
    at         BIGINT NOT NULL,   -- microseconds UTC
    event      TEXT NOT NULL,     -- what was heard or done
    detail     TEXT NOT NULL,     -- reason code or reference, no personal data
    hash       BLOB NOT NULL,     -- 16 bytes: of the event before it (of the order for the first) and this row
    PRIMARY KEY (bucket, payment_id, id)
) WITHOUT ROWID;

-- What staff must look at.
CREATE TABLE payment_alerts (
    bucket     INTEGER NOT NULL,  -- of the payment
    id         BIGINT NOT NULL,   -- made by the program
    payment_id BIGINT NOT NULL,   -- payment
    kind       TEXT NOT NULL,     -- PAYMENT_ALERT_… of payment.h
    raised_at  BIGINT NOT NULL,   -- microseconds UTC
    journal_id BIGINT NOT NULL,   -- journal that keeps the money in suspense, 0: none
    closed_at  BIGINT NOT NULL,   -- microseconds UTC: somebody has dealt with it, 0: open
    closed_by  BIGINT NOT NULL,   -- member of staff who closed it, 0: nobody
    note       TEXT NOT NULL,     -- what was done about it, no personal data; empty while open
    PRIMARY KEY (bucket, id),
    UNIQUE (bucket, payment_id, kind)
) WITHOUT ROWID;

-- The queue of work over all buckets: only alerts that are open are in it.
CREATE INDEX payment_alerts_open ON payment_alerts (id) WHERE closed_at = 0;

-- Settlement of a bucket's clearing accounts at the close of a business date: once.
CREATE TABLE payment_settlements (
    bucket         INTEGER NOT NULL,  -- bucket
    business_date  INTEGER NOT NULL,  -- days since 1970
    in_minor       BIGINT NOT NULL CHECK (in_minor >= 0),  -- into the reserve, minor units
    out_minor      BIGINT NOT NULL CHECK (out_minor >= 0), -- out of the reserve, minor units
    settled_at     BIGINT NOT NULL,   -- microseconds UTC
    PRIMARY KEY (bucket, business_date)
) WITHOUT ROWID;

-- Closures of accounts whose last money is on its way, or that have ended.
CREATE TABLE payment_closures (
    bucket        INTEGER NOT NULL,  -- of the account
    id            BIGINT NOT NULL,   -- made by the program, in order of time
    account_id    BIGINT NOT NULL,   -- the account that is closed
    customer_id   BIGINT NOT NULL,   -- its owner, who asked
    state         SMALLINT NOT NULL CHECK (state BETWEEN 1 AND 3), -- enum closure_state: open, done, failed
    payment_id    BIGINT NOT NULL,   -- newest payment that takes the money out, 0: there was none
    payout_count  INTEGER NOT NULL CHECK (payout_count >= 0), -- payments so far
    reason_code   TEXT NOT NULL,     -- why it failed (ISO 20022 reason), else empty
    begun_at      BIGINT NOT NULL,   -- microseconds UTC
    ended_at      BIGINT NOT NULL,   -- microseconds UTC, 0: open
    PRIMARY KEY (bucket, id)
) WITHOUT ROWID;

-- The closure of an account that is open: one at most.
CREATE UNIQUE INDEX payment_closures_open ON payment_closures (bucket, account_id) WHERE state = 1;

-- engine: postgresql
ALTER TABLE payment_payments
    DROP CONSTRAINT payment_payments_kind_check,
    DROP CONSTRAINT payment_payments_status_check,
    DROP CONSTRAINT payment_payments_amount_minor_check,
    DROP CONSTRAINT payment_payments_currency_check,
    DROP CONSTRAINT payment_payments_attempt_count_check,
    DROP CONSTRAINT payment_payments_query_count_check,
    DROP CONSTRAINT payment_payments_answered_check,
    DROP CONSTRAINT payment_payments_counted_small_check,
    DROP CONSTRAINT payment_payments_version_check,
    DROP CONSTRAINT payment_payments_order_source_check,
    DROP CONSTRAINT payment_payments_proof_factors_check,
    ALTER COLUMN kind TYPE payment_kind,
    ALTER COLUMN status TYPE payment_status,
    ALTER COLUMN amount_minor TYPE payment_amount,
    ALTER COLUMN currency TYPE payment_currency,
    ALTER COLUMN attempt_count TYPE payment_count,
    ALTER COLUMN query_count TYPE payment_count,
    ALTER COLUMN answered TYPE payment_flag,
    ALTER COLUMN counted_small TYPE payment_flag,
    ALTER COLUMN version TYPE payment_version,
    ALTER COLUMN order_source TYPE payment_source,
    ALTER COLUMN proof_factors TYPE payment_count;
