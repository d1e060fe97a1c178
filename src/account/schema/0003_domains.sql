-- engine: postgresql
-- The same conditions as types: a server reads and plans each CHECK of a table again for every
-- statement, while a type's condition is kept ready.
CREATE DOMAIN account_limit_kind AS SMALLINT CHECK (VALUE BETWEEN 1 AND 8);
CREATE DOMAIN account_used AS BIGINT CHECK (VALUE >= 0);
ALTER TABLE account_usages
    DROP CONSTRAINT account_usages_limit_kind_check,
    DROP CONSTRAINT account_usages_day_minor_check,
    DROP CONSTRAINT account_usages_day_count_check,
    DROP CONSTRAINT account_usages_year_minor_check,
    ALTER COLUMN limit_kind TYPE account_limit_kind,
    ALTER COLUMN day_minor TYPE account_used,
    ALTER COLUMN day_count TYPE account_used,
    ALTER COLUMN year_minor TYPE account_used;
