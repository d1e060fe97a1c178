-- Turnover of each day, summed from transfers, so that a trial balance need not read them all.
CREATE TABLE report_gl_days (
    bucket        INTEGER NOT NULL CHECK (bucket BETWEEN 0 AND 1023), -- of the accounts posted to
    business_date INTEGER NOT NULL,  -- booking date, days since 1970-01-01
    gl_code       INTEGER NOT NULL,  -- code of the chart of accounts
    ccy_number    INTEGER NOT NULL,  -- currency, number of base/currencies.tsv
    debit_minor   BIGINT NOT NULL CHECK (debit_minor >= 0),  -- sum of debits, minor units
    credit_minor  BIGINT NOT NULL CHECK (credit_minor >= 0), -- sum of credits, minor units
    PRIMARY KEY (bucket, business_date, gl_code, ccy_number)
) WITHOUT ROWID;

-- How far report_gl_days has counted, one row. It moves in the transaction that adds the sums.
CREATE TABLE report_gl_progress (
    bucket     INTEGER NOT NULL CHECK (bucket = 0), -- one place for the whole bank
    through_id BIGINT NOT NULL CHECK (through_id >= 0), -- every transfer up to this id is counted
    PRIMARY KEY (bucket)
) WITHOUT ROWID;

INSERT INTO report_gl_progress (bucket, through_id) VALUES (0, 0);
