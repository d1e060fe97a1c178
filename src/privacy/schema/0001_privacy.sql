-- Customers who leave the bank: one row for each request. Life cycle in leaving.h.
CREATE TABLE privacy_leavings (
    bucket      INTEGER NOT NULL CHECK (bucket BETWEEN 0 AND 1023), -- of the customer
    customer_id BIGINT NOT NULL,
    id          BIGINT NOT NULL,   -- made by the program, in order of time
    card_id     BIGINT NOT NULL,   -- bound card for the payout, 0: none was needed
    state       SMALLINT NOT NULL CHECK (state BETWEEN 1 AND 4), -- enum leaving_state
    begun_at    BIGINT NOT NULL,   -- microseconds UTC
    ended_at    BIGINT NOT NULL,   -- closed or failed, microseconds UTC; 0: not yet
    erase_date  INTEGER NOT NULL,  -- identifying data are erased after this day, days since 1970
    number_hash BLOB,              -- keyed hash of the ID number, until then; NULL: none
    PRIMARY KEY (bucket, customer_id, id)
) WITHOUT ROWID;

-- For the job: open leavings.
CREATE INDEX privacy_leavings_open ON privacy_leavings (id) WHERE state = 1;

-- For the job: ended retention periods.
CREATE INDEX privacy_leavings_due ON privacy_leavings (bucket, erase_date) WHERE state = 2;
