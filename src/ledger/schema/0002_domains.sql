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
