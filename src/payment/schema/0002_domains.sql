-- engine: postgresql
-- The same conditions as types: a server reads and plans each CHECK of a table again for every
-- statement, ten of them for every payment, while a type's condition is kept ready.
CREATE DOMAIN payment_kind AS SMALLINT CHECK (VALUE BETWEEN 1 AND 3);
CREATE DOMAIN payment_status AS SMALLINT CHECK (VALUE BETWEEN 1 AND 4);
CREATE DOMAIN payment_amount AS BIGINT CHECK (VALUE > 0);
CREATE DOMAIN payment_currency AS TEXT CHECK (length(VALUE) = 3);
CREATE DOMAIN payment_count AS INTEGER CHECK (VALUE >= 0);
CREATE DOMAIN payment_flag AS SMALLINT CHECK (VALUE IN (0, 1));
CREATE DOMAIN payment_version AS BIGINT CHECK (VALUE >= 1);
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
    ALTER COLUMN kind TYPE payment_kind,
    ALTER COLUMN status TYPE payment_status,
    ALTER COLUMN amount_minor TYPE payment_amount,
    ALTER COLUMN currency TYPE payment_currency,
    ALTER COLUMN attempt_count TYPE payment_count,
    ALTER COLUMN query_count TYPE payment_count,
    ALTER COLUMN answered TYPE payment_flag,
    ALTER COLUMN counted_small TYPE payment_flag,
    ALTER COLUMN version TYPE payment_version;
