-- engine: postgresql
-- The same conditions as types: a server reads and plans each CHECK of a table again for every
-- statement, nine of them for every journal, while a type's condition is kept ready.
CREATE DOMAIN ledger_bucket AS INTEGER CHECK (VALUE BETWEEN 0 AND 1023);

CREATE DOMAIN ledger_floor AS SMALLINT CHECK (VALUE BETWEEN 0 AND 2);

CREATE DOMAIN ledger_flag AS SMALLINT CHECK (VALUE IN (0, 1));

CREATE DOMAIN ledger_sum AS BIGINT CHECK (VALUE >= 0);

CREATE DOMAIN ledger_amount AS BIGINT CHECK (VALUE > 0);

CREATE DOMAIN ledger_kind AS SMALLINT CHECK (VALUE BETWEEN 0 AND 4);

CREATE DOMAIN ledger_side AS SMALLINT CHECK (VALUE IN (1, 2));

-- engine: sqlite
-- Accounts of the ledger: static facts. Balances live in memory and in ledger_balance_chunks.
CREATE TABLE ledger_accounts (
    bucket INTEGER NOT NULL CHECK (bucket BETWEEN 0 AND 1023), -- of the account's owner
    id BIGINT NOT NULL,                                        -- account id; its low 10 bits are the bucket
    slot BIGINT NOT NULL,                                      -- place in memory and in the chunks, dense from 0
    gl_code INTEGER NOT NULL,                                  -- code of the chart of accounts
    ccy_number INTEGER NOT NULL,                               -- currency, number of base/currencies.tsv
    floor SMALLINT NOT NULL CHECK (floor BETWEEN 0 AND 2),     -- enum ledger_floor
    closed SMALLINT NOT NULL CHECK (closed IN (0, 1)),         -- takes no further posting
    opened_at BIGINT NOT NULL,                                 -- instant, microseconds UTC
    PRIMARY KEY (bucket, id)
) WITHOUT ROWID;

-- Transfers in commit order. Append-only. The id rises with every row and contains its millisecond and its bucket; a journal's legs have ids 1024
-- apart.
CREATE TABLE ledger_transfers (
    id BIGINT PRIMARY KEY,                            -- transfer id; the journal's id is id - leg * 1024
    debit_id BIGINT NOT NULL,                         -- account debited
    credit_id BIGINT NOT NULL,                        -- account credited
    amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
    recipe INTEGER NOT NULL,                          -- product event, enum recipe
    recipe_version INTEGER NOT NULL,                  -- version of its posting recipe
    kind SMALLINT NOT NULL CHECK (kind BETWEEN 0 AND 4), -- enum ledger_kind
    leg INTEGER NOT NULL,                             -- 0 for a journal's first transfer
    booking_date INTEGER NOT NULL,                    -- days since 1970-01-01
    value_days INTEGER NOT NULL,                      -- value date minus booking date
    ref_id BIGINT NOT NULL,                           -- domain row, 0 for none
    of_id BIGINT NOT NULL,                            -- hold ended or journal reversed, 0 for none
    debit_prev_id BIGINT NOT NULL,                    -- transfer before this one on the debit account
    credit_prev_id BIGINT NOT NULL,                   -- and on the credit account: history without an index
    debit_net_minor BIGINT NOT NULL,                  -- posted credits minus debits of the debit account after it
    credit_net_minor BIGINT NOT NULL,                 -- and of the credit account
    order_hash BLOB NOT NULL                          -- 16 bytes of the order, leg 0 only; empty for none
);

-- Balance checkpoints: 512 accounts each, by slot, every chunk as of its own transfer id.
CREATE TABLE ledger_balance_chunks (
    chunk BIGINT PRIMARY KEY,   -- slot / 512
    as_of_id BIGINT NOT NULL,   -- newest transfer contained
    checksum BLOB NOT NULL,     -- BLAKE2b-256 of chunk, as_of_id and states
    states BLOB NOT NULL        -- seven little-endian int64 an account
);

-- Ids chosen by clients, kept for ever.
CREATE TABLE ledger_client_ids (
    client_id BLOB NOT NULL,     -- 16 bytes, UUIDv7 order
    transfer_id BIGINT NOT NULL, -- journal it became; 0: refused, see ledger_client_answers
    PRIMARY KEY (client_id)
) WITHOUT ROWID;

-- Requests under a client id that its transfers do not describe fully: refusals (the same answer for ever), holds (their deadline) and ends of holds
-- ("all that is left" is not an amount).
CREATE TABLE ledger_client_answers (
    client_id BLOB NOT NULL,     -- 16 bytes
    body_hash BIGINT NOT NULL,   -- of the request
    slug TEXT NOT NULL,          -- of the error; '' if it was accepted
    PRIMARY KEY (client_id)
) WITHOUT ROWID;

-- engine: postgresql
CREATE TABLE ledger_accounts (
    bucket INTEGER NOT NULL CHECK (bucket BETWEEN 0 AND 1023),
    id BIGINT NOT NULL,
    gl_code INTEGER NOT NULL,
    ccy_number INTEGER NOT NULL,
    floor SMALLINT NOT NULL CHECK (floor BETWEEN 0 AND 2),
    closed SMALLINT NOT NULL CHECK (closed IN (0, 1)),
    opened_at BIGINT NOT NULL,
    debits_posted BIGINT NOT NULL CHECK (debits_posted >= 0),   -- counters of struct ledger_account
    credits_posted BIGINT NOT NULL CHECK (credits_posted >= 0),
    debits_pending BIGINT NOT NULL CHECK (debits_pending >= 0),
    credits_pending BIGINT NOT NULL CHECK (credits_pending >= 0),
    newest_id BIGINT NOT NULL,                                  -- newest transfer that touched it
    prior_id BIGINT NOT NULL,                                   -- newest_id before the last change
    posting_count BIGINT NOT NULL,
    PRIMARY KEY (bucket, id)
) WITH (fillfactor = 70);

-- Transfers, by bucket of their first account.
CREATE TABLE ledger_transfers (
    bucket INTEGER NOT NULL,
    id BIGINT NOT NULL,
    debit_id BIGINT NOT NULL,
    credit_id BIGINT NOT NULL,
    amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
    recipe INTEGER NOT NULL,
    recipe_version INTEGER NOT NULL,
    kind SMALLINT NOT NULL CHECK (kind BETWEEN 0 AND 4),
    leg INTEGER NOT NULL,
    booking_date INTEGER NOT NULL,
    value_days INTEGER NOT NULL,
    ref_id BIGINT NOT NULL,
    of_id BIGINT NOT NULL,
    order_hash BLOB NOT NULL,
    PRIMARY KEY (bucket, id)
);

-- Transfers without a seal. Sealing deletes their rows in the same transaction: a transfer committed late is sealed late, whatever its id.
CREATE TABLE ledger_unsealed (
    bucket INTEGER NOT NULL,     -- of the transfer
    id BIGINT NOT NULL           -- transfer
);

-- One line for each side of a transfer, in its account's bucket; numbered without gaps.
CREATE TABLE ledger_postings (
    bucket INTEGER NOT NULL,
    account_id BIGINT NOT NULL,
    seq BIGINT NOT NULL,         -- 1, 2, 3 … of the account
    transfer_id BIGINT NOT NULL,
    side SMALLINT NOT NULL CHECK (side IN (1, 2)), -- enum ledger_side
    net_minor BIGINT NOT NULL,   -- posted credits minus debits after it
    PRIMARY KEY (bucket, account_id, seq)
);

-- Ids chosen by clients, kept for ever.
CREATE TABLE ledger_client_ids (
    bucket INTEGER NOT NULL,     -- from the id's own last bytes: an id is unique in the whole bank
    client_id BLOB NOT NULL,
    transfer_id BIGINT NOT NULL,
    PRIMARY KEY (bucket, client_id)
);

-- Requests under a client id that its transfers do not describe fully.
CREATE TABLE ledger_client_answers (
    bucket INTEGER NOT NULL,
    client_id BLOB NOT NULL,
    body_hash BIGINT NOT NULL,
    slug TEXT NOT NULL,
    PRIMARY KEY (bucket, client_id)
);

-- engine: both
-- Holds: one row each, from open to its single end.
CREATE TABLE ledger_holds (
    bucket INTEGER NOT NULL,          -- of the debit account
    id BIGINT NOT NULL,               -- of the transfer that placed it
    debit_id BIGINT NOT NULL,
    credit_id BIGINT NOT NULL,
    amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
    captured_minor BIGINT NOT NULL CHECK (captured_minor BETWEEN 0 AND amount_minor),
    state SMALLINT NOT NULL CHECK (state BETWEEN 1 AND 4), -- enum hold_state
    expires_at BIGINT NOT NULL,       -- instant, 0: never
    ref_id BIGINT NOT NULL,
    recipe INTEGER NOT NULL,
    PRIMARY KEY (bucket, id)
);

-- Open holds of an account.
CREATE INDEX ledger_holds_account ON ledger_holds (bucket, debit_id, state);

-- Holds past their deadline.
CREATE INDEX ledger_holds_deadline ON ledger_holds (state, expires_at);

-- A journal is reversed once.
CREATE TABLE ledger_reversals (
    bucket INTEGER NOT NULL,       -- of the journal reversed
    journal_id BIGINT NOT NULL,
    reversal_id BIGINT NOT NULL,
    PRIMARY KEY (bucket, journal_id)
);

-- Seals: a chain of hashes over the transfers (embedded: one chain, a link for each commit;
-- PostgreSQL: one chain a bucket, a link for each run of the sealing job that finds transfers).
CREATE TABLE ledger_seals (
    bucket INTEGER NOT NULL,
    seq BIGINT NOT NULL,
    sealed_at BIGINT NOT NULL,     -- instant
    first_id BIGINT NOT NULL,      -- lowest transfer covered
    last_id BIGINT NOT NULL,       -- highest transfer covered
    transfer_count BIGINT NOT NULL, -- transfers covered
    hash BLOB NOT NULL,            -- BLAKE2b-256(previous hash, transfers)
    members BLOB NOT NULL,         -- PostgreSQL: ids covered, little-endian, in the order of the hash; else empty
    PRIMARY KEY (bucket, seq)
);

-- engine: postgresql
ALTER TABLE ledger_accounts
    DROP CONSTRAINT ledger_accounts_bucket_check,
    DROP CONSTRAINT ledger_accounts_floor_check,
    DROP CONSTRAINT ledger_accounts_closed_check,
    DROP CONSTRAINT ledger_accounts_debits_posted_check,
    DROP CONSTRAINT ledger_accounts_credits_posted_check,
    DROP CONSTRAINT ledger_accounts_debits_pending_check,
    DROP CONSTRAINT ledger_accounts_credits_pending_check,
    ALTER COLUMN bucket TYPE ledger_bucket,
    ALTER COLUMN floor TYPE ledger_floor,
    ALTER COLUMN closed TYPE ledger_flag,
    ALTER COLUMN debits_posted TYPE ledger_sum,
    ALTER COLUMN credits_posted TYPE ledger_sum,
    ALTER COLUMN debits_pending TYPE ledger_sum,
    ALTER COLUMN credits_pending TYPE ledger_sum;

ALTER TABLE ledger_transfers
    DROP CONSTRAINT ledger_transfers_amount_minor_check,
    DROP CONSTRAINT ledger_transfers_kind_check,
    ALTER COLUMN amount_minor TYPE ledger_amount,
    ALTER COLUMN kind TYPE ledger_kind;

ALTER TABLE ledger_postings
    DROP CONSTRAINT ledger_postings_side_check,
    ALTER COLUMN side TYPE ledger_side;
