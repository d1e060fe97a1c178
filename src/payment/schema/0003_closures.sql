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
