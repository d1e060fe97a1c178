-- A customer's account: the facts around the ledger account of the same id.
CREATE TABLE account_accounts (
    bucket         INTEGER NOT NULL,  -- of the customer
    id             BIGINT NOT NULL,   -- ledger account id
    customer_id    BIGINT NOT NULL,   -- owner
    class          SMALLINT NOT NULL CHECK (class BETWEEN 1 AND 3), -- enum account_class: I, II, III
    state          SMALLINT NOT NULL CHECK (state BETWEEN 1 AND 3), -- 1 active, 2 frozen, 3 closed
    product        INTEGER NOT NULL,  -- account_products.id
    currency       TEXT NOT NULL CHECK (length(currency) = 3), -- ISO 4217
    account_number TEXT NOT NULL CHECK (length(account_number) = 16), -- last digit: Luhn
    opened_at      BIGINT NOT NULL,   -- microseconds UTC
    closed_at      BIGINT,            -- microseconds UTC, null while open
    version        BIGINT NOT NULL CHECK (version >= 1), -- rises with each change: ETag
    PRIMARY KEY (bucket, id)
) WITHOUT ROWID;
-- Accounts of one customer.
CREATE INDEX account_accounts_customer ON account_accounts (bucket, customer_id, id);
-- Frozen accounts: what the review looks at between two days.
CREATE INDEX account_accounts_frozen ON account_accounts (bucket, id) WHERE state = 2;

-- Each freeze with its ground: evidence, never deleted.
CREATE TABLE account_freezes (
    bucket       INTEGER NOT NULL,  -- of the account
    id           BIGINT NOT NULL,   -- made by the program
    account_id   BIGINT NOT NULL,   -- the frozen account
    reason       TEXT NOT NULL,     -- reason code: court, police, risk, owner
    legal_ground TEXT NOT NULL,     -- law and number of the order, for staff and the customer
    staff_id     BIGINT NOT NULL,   -- who ordered it, 0: the customer or a rule
    frozen_at    BIGINT NOT NULL,   -- microseconds UTC
    ends_at      BIGINT NOT NULL,   -- microseconds UTC, 0: until lifted
    lifted_at    BIGINT NOT NULL,   -- microseconds UTC, 0: still on
    lifted_by    BIGINT NOT NULL,   -- staff id, 0: it ended by itself or is still on
    PRIMARY KEY (bucket, id),
    FOREIGN KEY (bucket, account_id) REFERENCES account_accounts (bucket, id)
) WITHOUT ROWID;
-- The freeze that is on for an account.
CREATE INDEX account_freezes_account ON account_freezes (bucket, account_id, lifted_at);
-- The job's question over all buckets: which freezes end now.
CREATE INDEX account_freezes_due ON account_freezes (ends_at) WHERE lifted_at = 0 AND ends_at > 0;

-- Debit cards of other banks, bound to their owner here.
CREATE TABLE account_cards (
    bucket             INTEGER NOT NULL,  -- of the customer
    id                 BIGINT NOT NULL,   -- made by the program
    customer_id        BIGINT NOT NULL,   -- owner
    issuer             TEXT NOT NULL,     -- code of the issuing bank: "SAB"
    issuer_name_en     TEXT NOT NULL,     -- as the clearing house gave it
    issuer_name_zh     TEXT NOT NULL,     -- as the clearing house gave it
    masked_pan         TEXT NOT NULL,     -- "622848*********0018"
    pan                BLOB NOT NULL,     -- card number, sealed at (bucket, id, "account.pan")
    pan_hash           BLOB NOT NULL,     -- keyed hash of the number, as in db_directory
    agreement_number   TEXT NOT NULL,     -- the issuer's token for debits and credits
    account_class      SMALLINT NOT NULL CHECK (account_class BETWEEN 1 AND 3), -- behind the card
    kind               SMALLINT NOT NULL CHECK (kind IN (0, 1)),  -- enum card_kind: 0 debit, 1 credit
    payment_max_minor  BIGINT NOT NULL CHECK (payment_max_minor > 0), -- of the agreement, minor units
    day_max_minor      BIGINT NOT NULL CHECK (day_max_minor > 0),     -- of the agreement, minor units
    state              SMALLINT NOT NULL CHECK (state IN (1, 2)), -- 1 bound, 2 unbound
    bound_at           BIGINT NOT NULL,   -- microseconds UTC
    unbound_at         BIGINT NOT NULL,   -- microseconds UTC, 0: bound
    PRIMARY KEY (bucket, id)
) WITHOUT ROWID;
-- Cards of one customer.
CREATE INDEX account_cards_customer ON account_cards (bucket, customer_id, id);

-- Bindings on their way: signed with the issuer, not yet confirmed.
CREATE TABLE account_card_bindings (
    bucket         INTEGER NOT NULL,  -- of the customer
    id             BIGINT NOT NULL,   -- made by the program; the signing id at the clearing house
    customer_id    BIGINT NOT NULL,   -- who binds
    state          SMALLINT NOT NULL CHECK (state BETWEEN 1 AND 4), -- asked, signed, done, ended
    issuer         TEXT NOT NULL,     -- code, "" until signed
    issuer_name_en TEXT NOT NULL,     -- "" until signed
    issuer_name_zh TEXT NOT NULL,     -- "" until signed
    masked_pan     TEXT NOT NULL,     -- first six and last four digits
    pan            BLOB NOT NULL,     -- card number, sealed at (bucket, id, "account.binding")
    pan_hash       BLOB NOT NULL,     -- keyed hash of the number
    kind           SMALLINT NOT NULL CHECK (kind IN (0, 1)), -- enum card_kind
    created_at     BIGINT NOT NULL,   -- microseconds UTC
    expires_at     BIGINT NOT NULL,   -- microseconds UTC: end of the issuer's code
    tries_left     INTEGER NOT NULL CHECK (tries_left >= 0), -- wrong codes still allowed
    card_id        BIGINT NOT NULL,   -- the card that came of it, 0: none
    PRIMARY KEY (bucket, id)
) WITHOUT ROWID;

-- What is used of a limit: one row for an owner and kind, counted anew when the day or year changes.
CREATE TABLE account_usages (
    bucket     INTEGER NOT NULL,  -- of the owner
    owner_id   BIGINT NOT NULL,   -- account, card (kind 4) or customer (kind 5)
    limit_kind SMALLINT NOT NULL CHECK (limit_kind BETWEEN 1 AND 8), -- enum limit_kind
    day_date   INTEGER NOT NULL,  -- days since 1970: the civil day that is counted
    day_minor  BIGINT NOT NULL CHECK (day_minor >= 0),   -- reserved on that day, minor units
    day_count  BIGINT NOT NULL CHECK (day_count >= 0),   -- payments of that day
    year       INTEGER NOT NULL,  -- calendar year that is counted
    year_minor BIGINT NOT NULL CHECK (year_minor >= 0),  -- reserved in that year, minor units
    PRIMARY KEY (bucket, owner_id, limit_kind)
) WITHOUT ROWID;

-- Interest that has accrued and is not yet credited.
CREATE TABLE account_interest (
    bucket            INTEGER NOT NULL,  -- of the account
    account_id        BIGINT NOT NULL,   -- account
    accrued_micro     BIGINT NOT NULL,   -- millionths of a minor unit; below 0 after rounding up
    last_accrued_date INTEGER NOT NULL,  -- days since 1970: closed through this date
    last_credited_date INTEGER NOT NULL, -- settlement date through which interest was credited
    PRIMARY KEY (bucket, account_id),
    FOREIGN KEY (bucket, account_id) REFERENCES account_accounts (bucket, id)
) WITHOUT ROWID;

-- The general ledger's side of accrued interest, one row a bucket.
CREATE TABLE account_interest_totals (
    bucket        INTEGER NOT NULL PRIMARY KEY, -- bucket
    accrued_micro BIGINT NOT NULL,  -- sum over the bucket's accounts, millionths of a minor unit
    posted_minor  BIGINT NOT NULL CHECK (posted_minor >= 0) -- of it in GL_INTEREST_PAYABLE
) WITHOUT ROWID;

-- Products of the bank, all in bucket 0.
CREATE TABLE account_products (
    bucket  INTEGER NOT NULL CHECK (bucket = 0), -- reference data
    id      INTEGER NOT NULL,   -- number, never reused
    class   SMALLINT NOT NULL CHECK (class BETWEEN 1 AND 3), -- enum account_class
    name_en TEXT NOT NULL,      -- as customers read it
    name_zh TEXT NOT NULL,      -- as customers read it
    PRIMARY KEY (bucket, id)
) WITHOUT ROWID;

-- Editions of the catalogue: one for each change, in the order in which they were made. A decision keeps
-- the number, which is never given to another.
CREATE TABLE account_editions (
    bucket         INTEGER NOT NULL CHECK (bucket = 0), -- reference data
    number         INTEGER NOT NULL CHECK (number > 0), -- in the order of changes
    effective_date INTEGER NOT NULL,  -- days since 1970: its figures hold from then on
    created_at     BIGINT NOT NULL,   -- microseconds UTC, 0: came with the program
    PRIMARY KEY (bucket, number)
) WITHOUT ROWID;

-- Figures of the rules with the date from which each holds, all in bucket 0.
CREATE TABLE account_parameters (
    bucket         INTEGER NOT NULL CHECK (bucket = 0), -- reference data
    name           TEXT NOT NULL,     -- as in account/catalogue.h
    effective_date INTEGER NOT NULL,  -- days since 1970
    value          BIGINT NOT NULL,   -- minor units, count, rate in ppb or switch; -1: no limit
    version        INTEGER NOT NULL CHECK (version > 0), -- edition that brought it
    source_en      TEXT NOT NULL,     -- law or contract behind it
    source_zh      TEXT NOT NULL,     -- the same in Chinese
    PRIMARY KEY (bucket, name, effective_date)
) WITHOUT ROWID;

-- engine: postgresql
-- Rows that are updated with every payment: room for updates in place.
ALTER TABLE account_usages SET (fillfactor = 70);
ALTER TABLE account_interest SET (fillfactor = 80);
