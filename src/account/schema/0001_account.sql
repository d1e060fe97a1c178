-- engine: postgresql
-- The same conditions as types: a server reads and plans each CHECK of a table again for every
-- statement, while a type's condition is kept ready.
CREATE DOMAIN account_limit_kind AS SMALLINT CHECK (VALUE BETWEEN 1 AND 9);

CREATE DOMAIN account_used AS BIGINT CHECK (VALUE >= 0);

-- engine: both
-- A customer's account: the facts around the ledger account of the same id.
CREATE TABLE account_accounts (
    bucket         INTEGER NOT NULL,  -- of the customer
    id             BIGINT NOT NULL,   -- ledger account id
    customer_id    BIGINT NOT NULL,   -- owner
    class          SMALLINT NOT NULL CHECK (class BETWEEN 1 AND 4), -- enum account_class: I, II, III, payment
    state          SMALLINT NOT NULL CHECK (state BETWEEN 1 AND 4), -- 1 active, 2 frozen, 3 closed, 4 closing
    product        INTEGER NOT NULL,  -- catalogue_products.id
    currency       TEXT NOT NULL CHECK (length(currency) = 3), -- ISO 4217
    account_number TEXT NOT NULL CHECK (length(account_number) = 16), -- last digit: Luhn
    opened_at      BIGINT NOT NULL,   -- microseconds UTC
    closed_at      BIGINT,            -- microseconds UTC, null while open
    version        BIGINT NOT NULL CHECK (version >= 1), -- rises with each change: ETag
    PRIMARY KEY (bucket, id)
) WITHOUT ROWID;

-- Each version of an account, from its opening on: what the account is follows from the newest. Append only.
CREATE TABLE account_changes (
    bucket     INTEGER NOT NULL,  -- of the account
    account_id BIGINT NOT NULL,   -- account
    version    BIGINT NOT NULL CHECK (version >= 1), -- that the change made, 1: the opening
    at         BIGINT NOT NULL,   -- microseconds UTC
    class      SMALLINT NOT NULL CHECK (class BETWEEN 1 AND 4), -- from then on
    product    INTEGER NOT NULL,  -- from then on
    state      SMALLINT NOT NULL CHECK (state BETWEEN 1 AND 4), -- from then on
    PRIMARY KEY (bucket, account_id, version),
    FOREIGN KEY (bucket, account_id) REFERENCES account_accounts (bucket, id)
) WITHOUT ROWID;

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
    -- A further card is bound only by somebody whose face was checked when it was begun.
    face_checked SMALLINT NOT NULL DEFAULT 0 CHECK (face_checked IN (0, 1)),
    PRIMARY KEY (bucket, id)
) WITHOUT ROWID;

-- What is used of a limit: one row for an owner and kind, counted anew when the day or year changes.
CREATE TABLE account_usages (
    bucket     INTEGER NOT NULL,  -- of the owner
    owner_id   BIGINT NOT NULL,   -- account (kinds 1, 2, 8), card (4) or customer (3, 5 to 7)
    limit_kind SMALLINT NOT NULL CHECK (limit_kind BETWEEN 1 AND 9), -- enum limit_kind
    day_date   INTEGER NOT NULL,  -- days since 1970: the civil day that is counted
    day_minor  BIGINT NOT NULL CHECK (day_minor >= 0),   -- reserved on that day, minor units
    day_count  BIGINT NOT NULL CHECK (day_count >= 0),   -- payments of that day
    year       INTEGER NOT NULL,  -- calendar year that is counted; 0: all time (kinds 7 and 8)
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

-- Accounts of one customer.
CREATE INDEX account_accounts_customer ON account_accounts (bucket, customer_id, id);
-- Frozen accounts: what the review looks at between two days.
CREATE INDEX account_accounts_frozen ON account_accounts (bucket, id) WHERE state = 2;

-- Accounts that the review found wanting, from the day it first did: the grace counts from then.
CREATE TABLE account_reviews (
    bucket     INTEGER NOT NULL,  -- of the account
    account_id BIGINT NOT NULL,   -- an account whose owner or card is not verified
    found_at   BIGINT NOT NULL,   -- microseconds UTC: the owner was told
    PRIMARY KEY (bucket, account_id),
    FOREIGN KEY (bucket, account_id) REFERENCES account_accounts (bucket, id)
) WITHOUT ROWID;

-- Reminders of an ID card's last day: once for each card.
CREATE TABLE account_reminders (
    bucket         INTEGER NOT NULL,  -- of the customer
    customer_id    BIGINT NOT NULL,   -- who was told
    document_until INTEGER NOT NULL,  -- days since 1970: the last day that was told
    sent_at        BIGINT NOT NULL,   -- microseconds UTC
    PRIMARY KEY (bucket, customer_id, document_until)
) WITHOUT ROWID;

-- engine: postgresql
-- Rows that are updated with every payment: room for updates in place.
ALTER TABLE account_usages SET (fillfactor = 70);

ALTER TABLE account_interest SET (fillfactor = 80);

ALTER TABLE account_usages
    DROP CONSTRAINT account_usages_limit_kind_check,
    DROP CONSTRAINT account_usages_day_minor_check,
    DROP CONSTRAINT account_usages_day_count_check,
    DROP CONSTRAINT account_usages_year_minor_check,
    ALTER COLUMN limit_kind TYPE account_limit_kind,
    ALTER COLUMN day_minor TYPE account_used,
    ALTER COLUMN day_count TYPE account_used,
    ALTER COLUMN year_minor TYPE account_used;
