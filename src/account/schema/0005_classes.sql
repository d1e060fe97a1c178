-- Payment accounts (class 4), accounts on their way to closure (state 4), limits of payment accounts
-- (kinds 6 and 7, owned by the customer).
-- engine: sqlite
-- A CHECK cannot be changed in place: each table is written anew. Rows that refer to an account wait
-- for the end of the transaction.
PRAGMA defer_foreign_keys = ON;
-- Accounts while their table is written anew.
CREATE TABLE account_kept (
    bucket         INTEGER NOT NULL,  -- of the customer
    id             BIGINT NOT NULL,   -- ledger account id
    customer_id    BIGINT NOT NULL,   -- owner
    class          SMALLINT NOT NULL, -- enum account_class
    state          SMALLINT NOT NULL, -- enum account_state
    product        INTEGER NOT NULL,  -- account_products.id
    currency       TEXT NOT NULL,     -- ISO 4217
    account_number TEXT NOT NULL,     -- last digit: Luhn
    opened_at      BIGINT NOT NULL,   -- microseconds UTC
    closed_at      BIGINT,            -- microseconds UTC, null while open
    version        BIGINT NOT NULL,   -- ETag
    PRIMARY KEY (bucket, id)
) WITHOUT ROWID;
INSERT INTO account_kept (bucket, id, customer_id, class, state, product, currency, account_number, opened_at, closed_at, version)
    SELECT bucket, id, customer_id, class, state, product, currency, account_number, opened_at, closed_at, version FROM account_accounts;
DROP TABLE account_accounts;
CREATE TABLE account_accounts (
    bucket         INTEGER NOT NULL,  -- of the customer
    id             BIGINT NOT NULL,   -- ledger account id
    customer_id    BIGINT NOT NULL,   -- owner
    class          SMALLINT NOT NULL CHECK (class BETWEEN 1 AND 4), -- enum account_class: I, II, III, payment
    state          SMALLINT NOT NULL CHECK (state BETWEEN 1 AND 4), -- 1 active, 2 frozen, 3 closed, 4 closing
    product        INTEGER NOT NULL,  -- account_products.id
    currency       TEXT NOT NULL CHECK (length(currency) = 3), -- ISO 4217
    account_number TEXT NOT NULL CHECK (length(account_number) = 16), -- last digit: Luhn
    opened_at      BIGINT NOT NULL,   -- microseconds UTC
    closed_at      BIGINT,            -- microseconds UTC, null while open
    version        BIGINT NOT NULL CHECK (version >= 1), -- rises with each change: ETag
    PRIMARY KEY (bucket, id)
) WITHOUT ROWID;
INSERT INTO account_accounts (bucket, id, customer_id, class, state, product, currency, account_number, opened_at, closed_at, version)
    SELECT bucket, id, customer_id, class, state, product, currency, account_number, opened_at, closed_at, version FROM account_kept;
DROP TABLE account_kept;
-- Accounts of one customer.
CREATE INDEX account_accounts_customer ON account_accounts (bucket, customer_id, id);

-- The table of counters, written anew.
CREATE TABLE account_used (
    bucket     INTEGER NOT NULL,  -- of the owner
    owner_id   BIGINT NOT NULL,   -- account (kinds 1, 2, 8), card (4) or customer (3, 5 to 7)
    limit_kind SMALLINT NOT NULL CHECK (limit_kind BETWEEN 1 AND 8), -- enum limit_kind
    day_date   INTEGER NOT NULL,  -- days since 1970: the civil day that is counted
    day_minor  BIGINT NOT NULL CHECK (day_minor >= 0),   -- reserved on that day, minor units
    day_count  BIGINT NOT NULL CHECK (day_count >= 0),   -- payments of that day
    year       INTEGER NOT NULL,  -- calendar year that is counted; 0: all time (kinds 7 and 8)
    year_minor BIGINT NOT NULL CHECK (year_minor >= 0),  -- reserved in that year, minor units
    PRIMARY KEY (bucket, owner_id, limit_kind)
) WITHOUT ROWID;
INSERT INTO account_used (bucket, owner_id, limit_kind, day_date, day_minor, day_count, year, year_minor)
    SELECT bucket, owner_id, limit_kind, day_date, day_minor, day_count, year, year_minor FROM account_usages;
DROP TABLE account_usages;
ALTER TABLE account_used RENAME TO account_usages;
-- engine: postgresql
ALTER TABLE account_accounts
    DROP CONSTRAINT account_accounts_class_check,
    DROP CONSTRAINT account_accounts_state_check,
    ADD CONSTRAINT account_accounts_class_check CHECK (class BETWEEN 1 AND 4),
    ADD CONSTRAINT account_accounts_state_check CHECK (state BETWEEN 1 AND 4);
-- engine: both

-- The table of products, written anew.
CREATE TABLE account_offers (
    bucket  INTEGER NOT NULL CHECK (bucket = 0), -- reference data
    id      INTEGER NOT NULL,   -- number, never reused
    class   SMALLINT NOT NULL CHECK (class BETWEEN 1 AND 4), -- enum account_class
    name_en TEXT NOT NULL,      -- as customers read it
    name_zh TEXT NOT NULL,      -- as customers read it
    PRIMARY KEY (bucket, id)
) WITHOUT ROWID;
INSERT INTO account_offers (bucket, id, class, name_en, name_zh)
    SELECT bucket, id, class, name_en, name_zh FROM account_products;
DROP TABLE account_products;
ALTER TABLE account_offers RENAME TO account_products;
INSERT INTO account_products (bucket, id, class, name_en, name_zh) VALUES
    (0, 4, 4, 'Payment account', '支付账户');
